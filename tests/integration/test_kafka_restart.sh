#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: test_kafka_restart.sh SLUICE SOURCE-DIR. The broker is restarted three times, orderly and
# as by a power cut, while kcat writes numbers and sluice copies them from topic to topic on two
# workers with checkpoints; a partition is added on the way. Every number that kcat was told is
# stored must come out, and sluice must live through it all as one process. Exit 77 = skipped.
set -eu
sluice=${1:?usage: test_kafka_restart.sh SLUICE SOURCE-DIR}
source_dir=${2:?usage: test_kafka_restart.sh SLUICE SOURCE-DIR}
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
: >"$work/log"

is_alive() {
    kill -0 "$query_pid" 2>/dev/null
}

last_checkpoint() {
    find "$work/checkpoints" -name 'chk-*' 2>/dev/null | sed 's/.*chk-//' | sort -n | tail -n 1
}

has_checkpoint_above() {
    is_alive || fail "the query ended by itself"
    at=$(last_checkpoint)
    [ "${at:-0}" -gt "$1" ]
}

# consume TOPIC [KCAT-OPTION...]: what the topic holds, with transaction marks and all waits over.
consume() {
    topic=$1
    shift
    kcat -b "127.0.0.1:$port" -C -t "$topic" -o beginning -e -q "$@"
}

# ---- the producer, the copy ----

port=$(broker_free_port)
broker_start "$work/broker" "$port"
broker_topic "$port" numbers 3
broker_topic "$port" copies 2
cat >"$work/copy.sql" <<END
SET 'execution.checkpointing.dir' = '$work/checkpoints';
SET 'execution.checkpointing.interval' = '300 ms';
CREATE TABLE numbers (line STRING) WITH ('connector' = 'kafka', 'topic' = 'numbers',
    'properties.bootstrap.servers' = '127.0.0.1:$port', 'properties.group.id' = 'copy',
    'scan.startup.mode' = 'earliest-offset', 'format' = 'raw',
    'scan.topic-partition-discovery.interval' = '500 ms');
CREATE TABLE copies (line STRING) WITH ('connector' = 'kafka', 'topic' = 'copies',
    'properties.bootstrap.servers' = '127.0.0.1:$port', 'format' = 'raw');
INSERT INTO copies SELECT line FROM numbers;
END
"$sluice" run "$work/copy.sql" -D parallelism.default=2 >>"$work/log" 2>&1 &
query_pid=$!

# About 4,000 numbers a second; the last one that was handed to kcat stays in the file `last`.
feed() {
    next=1
    while [ ! -f "$work/stop" ]; do
        seq "$next" $((next + 199))
        next=$((next + 200))
        echo $((next - 1)) >"$work/last"
        sleep 0.05
    done
}
# kcat ends with 0 only if every number was acknowledged; small batches go to all partitions.
feed | kcat -b "127.0.0.1:$port" -P -E -t numbers -X enable.idempotence=true \
    -X message.timeout.ms=180000 -X topic.metadata.refresh.interval.ms=1000 \
    -X reconnect.backoff.max.ms=1000 -X batch.num.messages=100 2>>"$work/kcat.log" &
feeder_pid=$!
until_true 30 has_checkpoint_above 1 || fail "no checkpoint was made"
step "numbers flow"

# ---- three restarts, and a partition more ----

restart() {
    before=$(last_checkpoint)
    "$1" "$work/broker"
    sleep 2
    is_alive || fail "the query ended when the broker did"
    broker_start "$work/broker" "$port"
    until_true 60 has_checkpoint_above "$((before + 3))" || fail "no way back to the broker"
    step "restarted ($1) at number $(cat "$work/last")"
}

restart broker_kill
broker_tool org.apache.kafka.tools.TopicCommand --bootstrap-server "127.0.0.1:$port" \
    --alter --topic numbers --partitions 4 >/dev/null
has_new_partition() {
    [ -n "$(consume numbers -p 3 -c 1 2>/dev/null)" ]
}
until_true 30 has_new_partition || fail "kcat did not use the new partition"
step "a partition was added"
restart broker_stop
restart broker_kill

# ---- the count ----

touch "$work/stop"
wait "$feeder_pid" || fail "kcat was not told that all is stored: $(cat "$work/kcat.log")"
feeder_pid=
last=$(cat "$work/last")
seq 1 "$last" >"$work/expected"
is_complete() {
    is_alive || fail "the query ended by itself"
    consume copies >"$work/copies"
    sort -nu "$work/copies" >"$work/got"
    [ "$(wc -l <"$work/got")" -ge "$last" ]
}
until_true 40 is_complete || {
    comm -23 "$work/expected" "$work/got" | head -n 5
    fail "numbers are missing: $(wc -l <"$work/got") of $last"
}
cmp -s "$work/expected" "$work/got" || fail "there are numbers that nobody wrote"
consume numbers -p 3 | sort -n >"$work/new"
[ -s "$work/new" ] || fail "the new partition is empty"
kill -INT "$query_pid"
status=0
wait "$query_pid" || status=$?
query_pid=
[ "$status" -eq 0 ] || fail "the query ended with $status"
broker_stop "$work/broker"
step "ok: $last numbers, $(wc -l <"$work/new") of the new partition, $(($(wc -l <"$work/copies") - last)) came twice"
