#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: test_kafka.sh SLUICE SOURCE-DIR. Kafka to Kafka over a real broker, with kcat as a foreign
# client. A windowed query is killed 20 times in mid-stream and resumes on one, two or three workers:
# every (window, device) comes out at least once, and always with the value that awk finds in the
# topic itself. Exit 77 = skipped.
set -eu
sluice=${1:?usage: test_kafka.sh SLUICE SOURCE-DIR}
source_dir=${2:?usage: test_kafka.sh SLUICE SOURCE-DIR}
# shellcheck source=tests/integration/case.sh
. "$source_dir/tests/integration/case.sh"
# shellcheck source=tests/integration/broker.sh
. "$source_dir/tests/integration/broker.sh"

broker_install "$source_dir" || skip "a Kafka broker cannot be had here"
work=$(mktemp -d)
log=$work/log
query_pid=
feeder_pid=
clean_up() {
    touch "$work/stop"
    [ -z "$query_pid" ] || kill -KILL "$query_pid" 2>/dev/null || true
    [ -z "$feeder_pid" ] || kill -TERM "$feeder_pid" 2>/dev/null || true
    broker_kill "$work/broker" || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

consume() {
    kcat -b "127.0.0.1:$port" -C -t "$1" -o beginning -e -q
}

# table NAME TOPIC 'COLUMNS' 'OPTIONS': a CREATE TABLE over the broker.
table() {
    echo "CREATE TABLE $1 ($3) WITH ('connector' = 'kafka', 'topic' = '$2',
        'properties.bootstrap.servers' = '127.0.0.1:$port', $4);"
}

# rows OPTIONS [BOUND]: how many rows a bounded read of topic plain gives; fails when the program
# does.
rows() {
    {
        table plain plain 'line STRING' \
            "'format' = 'raw', ${2:-"'scan.bounded.mode' = 'latest-offset'"}, $1"
        echo "SELECT line FROM plain;"
    } >"$work/rows.sql"
    "$sluice" run "$work/rows.sql" --output json >"$work/rows" 2>>"$work/log" || return 1
    wc -l <"$work/rows" | tr -d ' '
}

# ---- a broker and a topic that are not there ----

port=$(broker_free_port)
status=0
rows "'connect-timeout' = '4 s'" || status=$?
expect "exit without a broker" 1 "$status"
grep -q "waiting for a broker of '127.0.0.1:$port' (.*refused" "$work/log" || fail "no word of waiting"
grep -q "no broker of '127.0.0.1:$port' answered within 4000 ms" "$work/log" || fail "no reason"
step "no broker"

broker_start "$work/broker" "$port"
status=0
"$sluice" run "$work/rows.sql" >"$work/rows" 2>"$work/missing" || status=$?
expect "exit without a topic" 4 "$status"
grep -q "topic 'plain' does not exist on '127.0.0.1:$port'" "$work/missing" || {
    cat "$work/missing"
    fail "the missing topic is not named"
}
step "no topic"

# ---- where to start and to end ----

broker_topic "$port" plain 2
seq 1 10 | kcat -b "127.0.0.1:$port" -P -t plain -p 0
sleep 0.2
middle=$(date +%s%3N)
sleep 0.2
seq 11 15 | kcat -b "127.0.0.1:$port" -P -t plain -p 0
expect "all rows" 15 "$(rows "'scan.startup.mode' = 'earliest-offset'")"
expect "rows without a group" 15 "$(rows "'properties.auto.offset.reset' = 'earliest'")"
expect "rows from the latest" 0 "$(rows "'scan.startup.mode' = 'latest-offset'")"
expect "rows since" 5 \
    "$(rows "'scan.startup.mode' = 'timestamp', 'scan.startup.timestamp-millis' = '$middle'")"
expect "rows until" 10 "$(rows "'scan.startup.mode' = 'earliest-offset'" \
    "'scan.bounded.mode' = 'timestamp', 'scan.bounded.timestamp-millis' = '$middle'")"
step "modes"

# Transactions leave marks behind the last message: no row, and no reason not to end.
broker_tool org.apache.kafka.tools.ProducerPerformance --topic plain --num-records 500 \
    --throughput -1 --record-size 20 --producer-props "bootstrap.servers=127.0.0.1:$port" \
    --transactional-id marks --transaction-duration-ms 20 >/dev/null
expect "rows of transactions" 515 "$(rows "'scan.startup.mode' = 'earliest-offset'")"
step "transactions"

# ---- a partition that is added while the query runs ----

{
    table plain plain 'line STRING' "'format' = 'raw', 'scan.startup.mode' = 'latest-offset',
        'scan.topic-partition-discovery.interval' = '300 ms'"
    echo "SELECT line FROM plain;"
} >"$work/grown.sql"
"$sluice" run "$work/grown.sql" --output json -D parallelism.default=2 >"$work/grown" \
    2>>"$work/log" &
query_pid=$!
broker_tool org.apache.kafka.tools.TopicCommand --bootstrap-server "127.0.0.1:$port" \
    --alter --topic plain --partitions 3 >/dev/null
echo new | kcat -b "127.0.0.1:$port" -P -t plain -p 2
until_true 20 grep -q '"new"' "$work/grown" || fail "a new partition was not read"
kill -INT "$query_pid"
wait "$query_pid" || fail "the query did not stop well"
query_pid=
step "new partition"

# ---- killed in mid-stream ----

broker_topic "$port" readings 4
broker_topic "$port" sums 3
{
    echo "SET 'execution.checkpointing.dir' = '$work/checkpoints';"
    echo "SET 'execution.checkpointing.interval' = '200 ms';"
    table readings readings "device STRING, ts BIGINT, temp INT,
        event_time AS TO_TIMESTAMP_LTZ(ts, 3),
        WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND" \
        "'properties.group.id' = 'sums', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json'"
    table sums sums 'window_start TIMESTAMP(3), device STRING, n BIGINT, total BIGINT, highest INT' \
        "'format' = 'json'"
    echo "INSERT INTO sums SELECT window_start, device, COUNT(*), SUM(temp), MAX(temp)
        FROM TABLE(TUMBLE(TABLE readings, DESCRIPTOR(event_time), INTERVAL '10' SECOND))
        WHERE temp > 20 GROUP BY window_start, window_end, device;"
} >"$work/sums.sql"

# A second of event time every 50 ms, out of order by up to 4 s.
feed() {
    chunk=0
    while [ ! -f "$work/stop" ]; do
        awk -v chunk=$chunk 'BEGIN {
            srand(chunk)
            for (i = 0; i < 100; i++) {
                ts = 1767225610000 + chunk * 1000 + i * 10 - int(rand() * 3000)
                device = "d" int(rand() * 20)
                printf "%s|{\"device\":\"%s\",\"ts\":%.0f,\"temp\":%d}\n", device, device, ts,
                    int(rand() * 60)
            }
        }'
        chunk=$((chunk + 1))
        sleep 0.05
    done
}
feed | kcat -b "127.0.0.1:$port" -P -E -t readings -K '|' -X enable.idempotence=true \
    2>>"$work/kcat.log" &
feeder_pid=$!

# run_sums WORKERS [OPTION...]: starts the query in the background.
run_sums() {
    workers=$1
    shift
    "$sluice" run "$work/sums.sql" -D parallelism.default="$workers" "$@" >>"$work/log" 2>&1 &
    query_pid=$!
}

last_checkpoint() {
    find "$work/checkpoints" -name 'chk-*' 2>/dev/null | sed 's/.*chk-//' | sort -n | tail -n 1
}

has_checkpoint_above() {
    at=$(last_checkpoint)
    [ "${at:-0}" -gt "$1" ]
}

run_sums 1
until_true 30 has_checkpoint_above 0 || fail "no checkpoint was made"
kills=0
while [ $kills -lt 20 ]; do
    before=$(last_checkpoint)
    sleep "0.$((kills * 37 % 10))"
    kill -0 "$query_pid" 2>/dev/null || fail "the query ended by itself"
    if [ $kills -eq 10 ]; then # the broker goes, too
        broker_kill "$work/broker"
        sleep 1
        broker_start "$work/broker" "$port"
        until_true 60 has_checkpoint_above "$((before + 2))" || fail "no way back to the broker"
        step "the broker was killed"
    fi
    kill -KILL "$query_pid"
    wait "$query_pid" 2>/dev/null || true
    kills=$((kills + 1))
    before=$(last_checkpoint)
    run_sums $((kills % 3 + 1)) --resume latest
    until_true 30 has_checkpoint_above "$before" || fail "resumed, but no checkpoint was made"
done
step "killed $kills times"

touch "$work/stop"
wait "$feeder_pid" || fail "kcat could not produce: $(cat "$work/kcat.log")"
feeder_pid=
consume readings >"$work/readings"
awk -F '[:,"}]+' '{
    ts = $5; temp = $7; device = $3
    if (temp > 20) {
        key = (ts - ts % 10000 - 1767225600000) / 1000 "|" device
        n[key]++
        total[key] += temp
        highest[key] = temp + 0 > highest[key] ? temp + 0 : highest[key]
    }
}
END {
    for (key in n) {
        split(key, part, "|")
        printf "{\"window_start\":\"2026-01-01 %02d:%02d:%02d.000\",", part[1] / 3600,
            part[1] % 3600 / 60, part[1] % 60
        printf "\"device\":\"%s\",\"n\":%d,\"total\":%d,\"highest\":%d}\n", part[2], n[key],
            total[key], highest[key]
    }
}' "$work/readings" | sort >"$work/expected"

# Closes every window; the filter drops the rows themselves.
for partition in 0 1 2 3; do
    echo '{"device":"end","ts":1767310000000,"temp":0}' |
        kcat -b "127.0.0.1:$port" -P -t readings -p $partition
done
is_complete() {
    consume sums | sort -u >"$work/got"
    [ "$(wc -l <"$work/got")" -ge "$(wc -l <"$work/expected")" ]
}
until_true 30 is_complete || fail "windows are missing: $(wc -l <"$work/got") of $(wc -l <"$work/expected")"
cmp -s "$work/expected" "$work/got" || {
    diff "$work/expected" "$work/got" | head -n 20
    fail "a window has another value than the reference"
}
step "$(wc -l <"$work/expected") windows of $(wc -l <"$work/readings") readings, $(consume sums | wc -l) written"

# ---- a stop, and what the group was told ----

kill -INT "$query_pid"
status=0
wait "$query_pid" || status=$?
query_pid=
expect "exit when stopped" 0 "$status"
step "stopped"
{
    table readings readings 'device STRING' "'properties.group.id' = 'sums', 'format' = 'json',
        'scan.bounded.mode' = 'latest-offset'"
    echo "SELECT device FROM readings;"
} >"$work/rest.sql"
expect "rows behind the group's offsets" "" "$("$sluice" run "$work/rest.sql" --output json 2>>"$work/log")"
step "group"

# ---- a broker that comes late ----

broker_kill "$work/broker"
"$sluice" run "$work/rows.sql" 2>"$work/stopped" &
query_pid=$!
until_true 10 grep -q 'waiting for a broker' "$work/stopped" || fail "nobody says that there is no broker"
kill -INT "$query_pid"
status=0
wait "$query_pid" || status=$?
expect "exit when stopped while it waits" 0 "$status"
"$sluice" run "$work/rows.sql" --output json >"$work/rows" 2>>"$work/log" &
query_pid=$!
sleep 1
broker_start "$work/broker" "$port"
wait "$query_pid" || fail "the query did not wait for the broker"
query_pid=
expect "rows of a late broker" 516 "$(wc -l <"$work/rows" | tr -d ' ')"
broker_stop "$work/broker"
step "ok"
