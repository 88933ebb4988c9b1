#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The headline job from Kafka beside its yardstick: RUNS alternated runs of bench_engine_headline and of the hand-fused probe `e2e kafka`,
# both from librdkafka's mock cluster in another process, with the same two million lines in 64 partitions and the same prefetch settings.
# What counts is processor time per event with librdkafka's threads in it, the last of 7 rounds of each run: how fast the mock serves is
# no matter then. usage: kafka.sh BUILD-DIR. The consumer runs on core CORE, the mock on core MOCK_CORE (the yardstick: 0 and 1, fixed).
#
# The yardstick is built by headline.sh from SLUICE_REFERENCE; without it absolute figures alone are printed.
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
runs=${RUNS:-5}
rounds=${ROUNDS:-7}
lines=${LINES_COUNT:-2000000}
work=$build/reference
mock_pid=
trap '[ -z "$mock_pid" ] || kill "$mock_pid" 2>/dev/null || true; rm -f "$work/mock.in"' EXIT
trap 'exit 1' HUP INT TERM

[ -s "$work/data/iot.jsonl" ] || RUNS=1 bench/headline.sh "$build" >/dev/null

median() {
    sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# The mock serves until its input ends, which file descriptor 9 holds open.
start_mock() {
    rm -f "$work/mock.in" "$work/mock.out"
    : >"$work/mock.out"
    mkfifo "$work/mock.in"
    taskset -c "${MOCK_CORE:-1}" "$build/bench/bench_connectors_kafka_mock" "$work/data/iot.jsonl" "$lines" \
        <"$work/mock.in" >"$work/mock.out" 2>"$work/mock.log" &
    mock_pid=$!
    exec 9>"$work/mock.in"
    while [ ! -s "$work/mock.out" ]; do
        kill -0 "$mock_pid" || {
            cat "$work/mock.log"
            exit 1
        }
        sleep 0.2
    done
}

stop_mock() {
    exec 9>&-
    wait "$mock_pid" || true
    mock_pid=
}

: >"$work/kafka.log"
: >"$work/kafka.ours"
: >"$work/kafka.theirs"
run=0
while [ "$run" -lt "$runs" ]; do
    run=$((run + 1))
    start_mock
    taskset -c "${CORE:-0}" "$build/bench/bench_engine_headline" "kafka:$(cat "$work/mock.out")" "$rounds" 9>&- 2>>"$work/mock.log" |
        tee -a "$work/kafka.log" | tail -n 1 | sed 's/.* cpu \([0-9.]*\) .*/\1/' >>"$work/kafka.ours"
    stop_mock
    [ "$(wc -l <"$work/kafka.ours")" -eq "$run" ] || {
        cat "$work/mock.log"
        exit 1
    }
    if [ -x "$work/e2e" ]; then
        (cd "$work" && PIN=1 ./e2e kafka 2>/dev/null) | sed 's/.* cpu \([0-9.]*\) ns.*/\1/' >>"$work/kafka.theirs"
    fi
    echo "run $run: sluice $(tail -n 1 "$work/kafka.ours") ns of processor time per event, yardstick $(tail -n 1 "$work/kafka.theirs")"
done
ours=$(median <"$work/kafka.ours")
echo "kafka: sluice $ours ns per event (median of $runs), $(sed 's/.* late \([0-9]*\) .*/\1/' "$work/kafka.log" | sort -n | tail -n 1) late rows"
if [ -s "$work/kafka.theirs" ]; then
    theirs=$(median <"$work/kafka.theirs")
    echo "kafka: yardstick e2e kafka $theirs ns per event, ratio $(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.2f", a / b }') (at most 1.3 wanted)"
fi
