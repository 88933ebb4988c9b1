#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The headline job beside its yardstick: RUNS alternated runs of bench_engine_headline and of the hand-fused probe `e2e` (warm mmap, mode
# B2i) over the same two million lines, each pinned to one core, and the ratio of the medians. usage: headline.sh BUILD-DIR
# WORKERS=N: each time also N workers, one a core from core 0 on, and their ratio to the one; STRATEGY: their table.optimizer.agg-phase-strategy
# (AUTO). RUN_WITH: what each program is run with; "chrt -f 1" (root) keeps a busy machine's other programs away.
#
# The yardstick is found in SLUICE_REFERENCE (default ../shared/reference); without it absolute figures alone are printed.
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
reference=${SLUICE_REFERENCE:-../shared/reference}/limits
runs=${RUNS:-5}
lines=${LINES_COUNT:-2000000}
core=${CORE:-1}
run_with=${RUN_WITH:-}
workers=${WORKERS:-1}
strategy=${STRATEGY:-AUTO}
work=$build/reference
mkdir -p "$work/data"

median() {
    sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# Lines of the same shape when the yardstick's generator is not there.
generate() {
    awk -v n="$lines" 'BEGIN {
        srand(1); ts = 1714566896789
        for (i = 0; i < n; i++) {
            ts += int(rand() * 3)
            printf "{\"device\":\"sensor-%05d\",\"ts\":%d,\"temp\":%.2f,\"hum\":%.1f,\"batt\":%.2f,\"seq\":%d,\"ok\":true,\"site\":\"plant-%02d\"}\n",
                exp(rand() * log(10000)), ts, 15 + rand() * 20, rand() * 100, 3 + rand(), i, rand() * 40
        }
    }' >"$work/data/iot.jsonl"
}

build_yardstick() {
    [ -x "$work/e2e" ] && return
    cp "$reference"/common.h "$reference"/e2e.c "$reference"/handscan.c "$reference"/gen.c "$work"
    (cd "$work" &&
        gcc -O3 -march=native -w -mpclmul -DEXT_FLUSH -c handscan.c &&
        gcc -O3 -march=native -w -DEXT_FLUSH e2e.c handscan.o -o e2e -lrdkafka -lpthread &&
        gcc -O3 -march=native -w gen.c -o gen -lmsgpackc -lm && ./gen data "$lines" &&
        cd data && rm -f ./*.mp ./web.jsonl ./nex.jsonl ./*.log)
}

has_yardstick=no
if [ -d "$reference" ] && build_yardstick; then
    has_yardstick=yes
else
    echo "headline: no yardstick (SLUICE_REFERENCE, librdkafka and msgpack-c are needed to build it): absolute figures only"
    [ -s "$work/data/iot.jsonl" ] || generate
fi

: >"$work/ours"
: >"$work/theirs"
: >"$work/several"
run=0
while [ "$run" -lt "$runs" ]; do
    run=$((run + 1))
    # shellcheck disable=SC2086 # a command and its arguments
    $run_with taskset -c "$core" "$build/bench/bench_engine_headline" "$work/data/iot.jsonl" 1 | tee -a "$work/log" |
        awk '{ print $1 }' >>"$work/ours"
    if [ "$has_yardstick" = yes ]; then
        (cd "$work" && $run_with taskset -c "$core" stdbuf -oL ./e2e | head -1) | sed 's/.*med \([0-9.]*\) .*/\1/' >>"$work/theirs"
    fi
    if [ "$workers" -gt 1 ]; then
        sleep 1 # real-time programs have 95 % of a second each second
        # shellcheck disable=SC2086
        $run_with "$build/bench/bench_engine_headline" "$work/data/iot.jsonl" 1 "$workers" "SET 'sluice.worker.cores' = '0-$((workers - 1))';
            SET 'table.optimizer.agg-phase-strategy' = '$strategy';" | tee -a "$work/log" | awk '{ print $1, $(NF - 1) }' >>"$work/several"
        echo "run $run: $workers workers $(awk '{ line = $0 } END { print line }' "$work/several") (M events/s, processor ns an event)"
    fi
    echo "run $run: sluice $(tail -1 "$work/ours") M events/s$([ "$has_yardstick" = yes ] && echo ", yardstick $(tail -1 "$work/theirs")")"
done
ours=$(median <"$work/ours")
echo "headline: sluice $ours M events/s (median of $runs)"
if [ "$has_yardstick" = yes ]; then
    theirs=$(median <"$work/theirs")
    echo "headline: yardstick e2e B2i $theirs M events/s, ratio $(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.2f", a / b }')"
fi
if [ "$workers" -gt 1 ]; then
    several=$(cut -d ' ' -f 1 "$work/several" | median)
    echo "headline: $workers workers $several M events/s ($strategy), $(awk -v a="$several" -v b="$ours" 'BEGIN { printf "%.2f", a / b }') times one"
fi
