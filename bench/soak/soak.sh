#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Mixed load for SECONDS (3600), and whether memory stays flat under it: the proportional set size (Pss) of every sluice process, taken
# every 5 s, is written to BUILD-DIR/soak/pss.csv and drawn as BUILD-DIR/soak/soak.svg. usage: soak.sh BUILD-DIR [SECONDS]
#
# Six processes around one real broker (tests/integration/broker.sh), together about a fifth of a core:
#   feed     datagen -> Kafka: 1,000 JSON readings/s under keys that come and go, one in 50 cut short; 200 log lines/s
#   tumble   Kafka -> 10 s windows by key -> Kafka, a checkpoint every 3 s
#   hop      datagen -> hopping windows -> part files (old ones are deleted), an updating GROUP BY beside it; one row in 20 divides by zero
#   files    a watched directory where a file of JSON lines, some broken, appears every 5 s and goes after two minutes
#   regex    Kafka -> regular expressions -> Kafka, --metrics-listen (scraped every 5 s), a dead-letter file
#   resumed  as tumble with other windows on two workers, stopped and resumed from its checkpoint every 5 min
#
# Fails when a process ends or brings nothing out, or when memory is not flat: by least squares over what follows a first sixth (at most
# 10 min), private memory (Pss without the pages of libraries, whose share moves with the neighbours) may grow by 5 % or 1 MB, whichever is
# more, in the time measured. A leak of a third of a byte a reading is seen; what malloc and librdkafka keep of their largest burst is not.
# For `resumed` the same is asked of the last sample of each incarnation.
set -eu
build=$(cd "$1" && pwd)
seconds=${2:-3600}
cd "$(dirname "$0")/../.."
# shellcheck source=tests/integration/broker.sh
. tests/integration/broker.sh
broker_install "$PWD"
work=$build/soak
names="feed tumble hop files regex resumed"
resume_after_seconds=${RESUME_AFTER_SECONDS:-300}
rm -rf "$work"
mkdir -p "$work/in" "$work/parts"
# A rebuild must not change the program under the load.
cp "$build/sluice" "$work/sluice"

clean_up() {
    for name in $names; do
        [ ! -f "$work/$name.pid" ] || kill "$(cat "$work/$name.pid")" 2>/dev/null || true
    done
    broker_kill "$work/broker" || true
    wait
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

port=$(broker_free_port)
broker_start "$work/broker" "$port"
for topic in readings log results extracts; do
    broker_tool org.apache.kafka.tools.TopicCommand --bootstrap-server "127.0.0.1:$port" --create --topic $topic --partitions 4 \
        --replication-factor 1 --config segment.bytes=8388608 --config retention.bytes=16777216 >/dev/null
done

# table NAME TOPIC 'COLUMNS' 'OPTIONS': a CREATE TABLE over the broker.
table() {
    echo "CREATE TABLE $1 ($3) WITH ('connector' = 'kafka', 'topic' = '$2', 'properties.bootstrap.servers' = '127.0.0.1:$port', $4);"
}

# checkpoints NAME INTERVAL
checkpoints() {
    echo "SET 'execution.checkpointing.dir' = '$work/$1.chk'; SET 'execution.checkpointing.interval' = '$2';"
    echo "SET 'sluice.dead-letter.path' = '$work/$1.dead.jsonl';"
}

readings="device STRING, ts TIMESTAMP(3), temp DOUBLE, hum DOUBLE, n BIGINT, WATERMARK FOR ts AS ts - INTERVAL '2' SECOND"
from_readings="'scan.startup.mode' = 'earliest-offset', 'format' = 'json'"

{
    table readings readings 'line STRING' "'properties.linger.ms' = '100', 'format' = 'raw'"
    table log log 'line STRING' "'properties.linger.ms' = '100', 'format' = 'raw'"
    cat <<'END'
CREATE TABLE source (n BIGINT, pick INT, temp DOUBLE, hum DOUBLE, ts TIMESTAMP(3)) WITH ('connector' = 'datagen',
    'rows-per-second' = '1000', 'fields.n.kind' = 'sequence', 'fields.n.start' = '0', 'fields.n.end' = '1000000000000',
    'fields.pick.min' = '0', 'fields.pick.max' = '9', 'fields.temp.min' = '-10', 'fields.temp.max' = '40', 'fields.hum.min' = '0',
    'fields.hum.max' = '100', 'fields.ts.max-past' = '3 s');
EXECUTE STATEMENT SET BEGIN
INSERT INTO readings SELECT CONCAT('{"device":"device-', CAST(n / 50 AS STRING), CONCAT('-', CAST(pick AS STRING)),
    CASE WHEN n % 50 = 0 THEN '","ts":' ELSE CONCAT('","ts":"', CAST(ts AS STRING), '","temp":', CAST(temp AS STRING)) ||
        CONCAT(',"hum":', CAST(hum AS STRING), ',"n":', CAST(n AS STRING)) || '}' END) FROM source;
INSERT INTO log SELECT CONCAT('host-', CAST(n / 1000 AS STRING), ' service[', CAST(pick AS STRING)) ||
    CASE WHEN pick < 3 THEN ']: request failed after ' ELSE ']: request done after ' END ||
    CAST(n % 977 AS STRING) || ' ms' FROM source WHERE n % 5 = 0;
END;
END
} >"$work/feed.sql"

{
    checkpoints tumble '3 s'
    table readings readings "$readings" "$from_readings"
    table results results 'window_start TIMESTAMP(3), device STRING, n BIGINT, s DOUBLE, a DOUBLE, lo DOUBLE, hi DOUBLE' "'format' = 'json'"
    cat <<'END'
INSERT INTO results SELECT window_start, device, COUNT(*), SUM(hum), AVG(temp), MIN(temp), MAX(temp)
FROM TABLE(TUMBLE(TABLE readings, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end, device;
END
} >"$work/tumble.sql"

{
    checkpoints hop '3 s'
    cat <<END
CREATE TABLE source (k INT, d BIGINT, v DOUBLE, t STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH (
    'connector' = 'datagen', 'rows-per-second' = '500', 'fields.k.min' = '0', 'fields.k.max' = '999', 'fields.d.min' = '0',
    'fields.d.max' = '19', 'fields.t.length' = '20', 'fields.ts.max-past' = '1 s');
CREATE TABLE parts (window_start TIMESTAMP(3), k INT, n BIGINT, quotient BIGINT, hi DOUBLE) WITH ('connector' = 'filesystem',
    'path' = '$work/parts', 'format' = 'json');
CREATE TABLE groups (k INT, n BIGINT, s DOUBLE, longest STRING) WITH ('connector' = 'print');
EXECUTE STATEMENT SET BEGIN
INSERT INTO parts SELECT window_start, k, COUNT(*), SUM(100 / d), MAX(v)
FROM TABLE(HOP(TABLE source, DESCRIPTOR(ts), INTERVAL '2' SECOND, INTERVAL '10' SECOND)) GROUP BY window_start, window_end, k;
INSERT INTO groups SELECT k, COUNT(*), SUM(v), MAX(t) FROM source GROUP BY k;
END;
END
} >"$work/hop.sql"

{
    checkpoints files '5 s'
    cat <<END
CREATE TABLE lines (device STRING, ts TIMESTAMP(3), temp DOUBLE, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND) WITH (
    'connector' = 'filesystem', 'path' = '$work/in', 'format' = 'json', 'source.monitor-interval' = '2 s');
CREATE TABLE groups (device STRING, n BIGINT, a DOUBLE) WITH ('connector' = 'print');
INSERT INTO groups SELECT device, COUNT(*), AVG(temp)
FROM TABLE(TUMBLE(TABLE lines, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end, device;
END
} >"$work/files.sql"

{
    checkpoints regex '3 s'
    table log log 'line STRING' "'scan.startup.mode' = 'earliest-offset', 'format' = 'raw'"
    table extracts extracts 'host STRING, service INT, ms INT, per_ms BIGINT' "'format' = 'json'"
    cat <<'END'
INSERT INTO extracts SELECT UPPER(REGEXP_EXTRACT(line, '^(host-[0-9]+)', 1)), CAST(REGEXP_EXTRACT(line, '\[(\d+)\]', 1) AS INT),
    CAST(REGEXP_EXTRACT(line, 'after (\d+) ms$', 1) AS INT), 1000 / (CAST(REGEXP_EXTRACT(line, 'after (\d+) ms$', 1) AS BIGINT) % 100)
FROM log WHERE REGEXP(line, 'request (failed|refused) after');
END
} >"$work/regex.sql"

{
    checkpoints resumed '5 s'
    table readings readings "$readings" "$from_readings"
    cat <<'END'
CREATE TABLE results (window_start TIMESTAMP(3), device STRING, n BIGINT, hi DOUBLE) WITH ('connector' = 'print');
INSERT INTO results SELECT window_start, device, COUNT(*), MAX(temp)
FROM TABLE(HOP(TABLE readings, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '20' SECOND)) GROUP BY window_start, window_end, device;
END
} >"$work/resumed.sql"

# start NAME ARG...: what it prints is only counted.
start() {
    name=$1
    shift
    "$work/sluice" run --no-status "$@" "$work/$name.sql" 2>>"$work/$name.log" >>"$work/$name.out" </dev/null &
    echo $! >"$work/$name.pid"
}

# process_cpu_seconds PID
process_cpu_seconds() {
    awk -v ticks="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); split($0, v, " "); printf "%.1f", (v[12] + v[13]) / ticks }' "/proc/$1/stat"
}

# sample NAME: one line of pss.csv; a process that is gone ends the run.
sample() {
    sampled_pid=$(cat "$work/$1.pid")
    kill -0 "$sampled_pid" 2>/dev/null || {
        echo "soak: $1 has ended after $elapsed s; the end of its log:"
        tail -n 20 "$work/$1.log"
        exit 1
    }
    awk -v t="$elapsed" -v name="$1" -v pid="$sampled_pid" -v cpu="$(process_cpu_seconds "$sampled_pid")" '
        $1 == "Rss:" { rss = $2 } $1 == "Pss:" { pss = $2 } $1 == "Anonymous:" { anonymous = $2 }
        END { printf "%d,%s,%d,%d,%d,%d,%s\n", t, name, pid, pss, rss, anonymous, cpu }' "/proc/$sampled_pid/smaps_rollup" >>"$work/pss.csv"
}

# A new input file, put in place whole; the oldest inputs and outputs go.
turn_files() {
    awk -v n="$round" -v now="$(date +%s)" 'BEGIN {
        for (i = 0; i < 250; i++) {
            stamp = strftime("%Y-%m-%d %H:%M:%S", now, 1) sprintf(".%03d", i * 4)
            if (i % 25 == 7) { printf "{\"device\":\"broken %d\n", i; continue }
            printf "{\"device\":\"d-%d-%d\",\"ts\":\"%s\",\"temp\":%s}\n", n / 10, i % 40, stamp, i % 50 == 3 ? "\"warm\"" : i / 10
        }
    }' >"$work/in/.next"
    mv "$work/in/.next" "$work/in/in-$round.jsonl"
    find "$work/in" "$work/parts" -type f -mmin +2 ! -name '.*' -delete
}

# Standard outputs are counted and cut, dead letters cut, so that an hour does not fill a disk.
turn_outputs() {
    for name in $names; do
        if [ -s "$work/$name.out" ]; then
            wc -c <"$work/$name.out" >>"$work/$name.out.bytes"
            : >"$work/$name.out"
        fi
        [ ! -s "$work/$name.dead.jsonl" ] || [ "$(wc -c <"$work/$name.dead.jsonl")" -lt 4000000 ] || : >"$work/$name.dead.jsonl"
    done
}

resume() {
    resumed_pid=$(cat "$work/resumed.pid")
    kill -INT "$resumed_pid"
    wait "$resumed_pid" || {
        echo "soak: resumed did not stop well after $elapsed s"
        tail -n 20 "$work/resumed.log"
        exit 1
    }
    start resumed --resume latest -D parallelism.default=2
}

begin=$(date +%s)
echo "seconds,name,pid,pss_kb,rss_kb,anonymous_kb,cpu_seconds" >"$work/pss.csv"
round=0
elapsed=0
turn_files
start feed
start tumble
start hop
start files
start resumed -D parallelism.default=2
start regex --log-level info --metrics-listen 127.0.0.1:0
next_resume_seconds=$resume_after_seconds
while [ "$elapsed" -lt "$seconds" ]; do
    round=$((round + 1))
    sleep 5
    elapsed=$(($(date +%s) - begin))
    for name in $names; do
        sample "$name"
    done
    turn_files
    [ $((round % 12)) -ne 0 ] || turn_outputs
    address=$(sed -n 's|.*\(http://127.0.0.1:[0-9]*/metrics\).*|\1|p' "$work/regex.log" | head -n 1)
    curl -s --max-time 4 "$address" >"$work/metrics" || {
        echo "soak: no metrics at '$address' after $elapsed s"
        exit 1
    }
    if [ "$elapsed" -ge "$next_resume_seconds" ] && [ $((seconds - elapsed)) -gt 30 ]; then
        next_resume_seconds=$((next_resume_seconds + resume_after_seconds))
        resume
    fi
done
turn_outputs

for name in $names; do
    kill -INT "$(cat "$work/$name.pid")"
    wait "$(cat "$work/$name.pid")" || echo "soak: $name ended badly: $(tail -n 1 "$work/$name.log")" | tee -a "$work/failed"
    rm -f "$work/$name.pid"
    [ "$name" != feed ] || continue # it has nothing late or rejected, so it says nothing; the others read what it writes
    echo "$name: $(grep 'rows in' "$work/$name.log" | tail -n 1)"
    grep 'rows in' "$work/$name.log" | tail -n 1 | grep -q 'in [1-9][0-9]*, out [1-9]' ||
        echo "soak: $name brought nothing out" | tee -a "$work/failed"
done
awk -f bench/soak/verdict.awk "$work/pss.csv" || echo "soak: memory is not flat" | tee -a "$work/failed"
awk -f bench/soak/plot.awk "$work/pss.csv" >"$work/soak.svg"
[ ! -s "$work/failed" ]
