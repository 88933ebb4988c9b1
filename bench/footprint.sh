#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What sluice costs before it does anything: the size of the stripped executable, memory (Pss) after IDLE_SECONDS (60) on a Kafka topic
# where nothing comes, one worker, the topic's 64 partitions in librdkafka's mock cluster in another process; and the time from exec to the
# first byte of SELECT ... WHERE in a pipe, median of RUNS (11). usage: footprint.sh BUILD-DIR. Fails when a figure misses its target.
set -eu
build=$(cd "$1" && pwd)
runs=${RUNS:-11}
idle_seconds=${IDLE_SECONDS:-60}
work=$(mktemp -d)
mock_pid=
query_pid=
clean_up() {
    [ -z "$query_pid" ] || kill "$query_pid" 2>/dev/null || true
    [ -z "$mock_pid" ] || kill "$mock_pid" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
sluice=$build/sluice
failed=

# judge WHAT FIGURE UNIT TARGET
judge() {
    verdict=$(awk -v found="$2" -v target="$4" 'BEGIN { print found + 0 < target + 0 ? "ok" : "MISSED" }')
    [ "$verdict" = ok ] || failed=1
    echo "$1: $2 $3 (under $4 $3 wanted: $verdict)"
}

strip -o "$work/stripped" "$sluice"
judge "stripped executable" "$(wc -c <"$work/stripped" | awk '{ printf "%.2f", $1 / 1048576 }')" MB 10

# ---- first byte ----
awk 'BEGIN { for (i = 0; i < 200000; i++) printf "{\"device\":\"d%d\",\"temp\":%d}\n", i % 100, i % 50 }' >"$work/in.jsonl"
first_byte() {
    found=$("$build/bench/bench_engine_first_byte" "$runs" "$sluice" run "$2")
    judge "first byte, $1 ${found#*ms }" "${found%% *}" ms 50
}
cat >"$work/file.sql" <<END
CREATE TABLE readings (device STRING, temp DOUBLE) WITH ('connector' = 'filesystem', 'path' = '$work/in.jsonl', 'format' = 'json');
SELECT device, temp FROM readings WHERE temp > 20;
END
cat >"$work/generated.sql" <<'END'
CREATE TABLE readings (device STRING, temp DOUBLE) WITH ('connector' = 'datagen', 'rows-per-second' = '1000000');
SELECT device, temp FROM readings WHERE temp > 0;
END
first_byte "file" "$work/file.sql"
first_byte "datagen" "$work/generated.sql"

# ---- idle on a topic ----
if [ -x "$build/bench/bench_connectors_kafka_mock" ]; then
    echo '{"device":"a","temp":1}' >"$work/line"
    mkfifo "$work/mock.in"
    "$build/bench/bench_connectors_kafka_mock" "$work/line" 1 <"$work/mock.in" >"$work/mock.out" 2>"$work/mock.log" &
    mock_pid=$!
    exec 9>"$work/mock.in"
    while [ ! -s "$work/mock.out" ]; do
        kill -0 "$mock_pid" || {
            cat "$work/mock.log"
            exit 1
        }
        sleep 0.1
    done
    cat >"$work/kafka.sql" <<END
CREATE TABLE readings (device STRING, temp DOUBLE) WITH ('connector' = 'kafka', 'topic' = 'readings',
    'properties.bootstrap.servers' = '$(cat "$work/mock.out")', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');
SELECT device, temp FROM readings;
END
    "$sluice" run --output json "$work/kafka.sql" >"$work/rows" 2>"$work/log" 9>&- </dev/null &
    query_pid=$!
    sleep "$idle_seconds"
    [ -s "$work/rows" ] || {
        cat "$work/log"
        echo "footprint: the query does not read"
        exit 1
    }
    awk '$1 == "Pss:" || $1 == "Rss:" || $1 == "Anonymous:" { printf "%s %.1f MB  ", $1, $2 / 1024 } END { print "" }' "/proc/$query_pid/smaps_rollup"
    judge "Pss after $idle_seconds s idle on Kafka" "$(awk '$1 == "Pss:" { printf "%.1f", $2 / 1024 }' "/proc/$query_pid/smaps_rollup")" MB 25
    ticks=$(awk '{ sub(/.*\) /, ""); split($0, v, " "); print v[12] + v[13] }' "/proc/$query_pid/stat")
    echo "processor time of those $idle_seconds s: $(awk -v t="$ticks" -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.2f", t / hz }') s"
else
    echo "built without librdkafka: no idle memory on Kafka"
fi
[ -z "$failed" ]
