#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Group-by beside its yardstick: COUNT, SUM, MIN and MAX by a BIGINT key and by a string key of 14 bytes, through the real operators, and
# through the probe `grp` (hand-written loops), alternated RUNS times on one core, in CPU time. Prints medians and ratios.
# usage: group_by.sh BUILD-DIR [GROUPS...]
#
# The yardstick is found in SLUICE_REFERENCE (default ../shared/reference); without it absolute figures alone are printed. Beside int64 stands
# the median of its prefetching loop over inline slots, beside str14 that of its loop over views; its best loop is named too.
set -eu
build=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")/.."
reference=${SLUICE_REFERENCE:-../shared/reference}/limits
runs=${RUNS:-3}
core=${CORE:-1}
work=$build/reference
mkdir -p "$work"
[ $# -gt 0 ] || set -- 10 1000 100000

median() {
    sort -n | awk '{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# One program for each number of groups, with three rounds a loop.
build_yardstick() {
    [ -d "$reference" ] || return 1
    sed 's/CLOCK_MONOTONIC/CLOCK_PROCESS_CPUTIME_ID/' "$reference/common.h" >"$work/common.h"
    sed "s/size_t Gs\[\]={[0-9,]*};for(int g=0;g<4;g++)/size_t Gs[]={$1};for(int g=0;g<1;g++)/; s/int R=[^;]*;/int R=3;/" \
        "$reference/grp.c" >"$work/grp$1.c"
    gcc -O3 -march=native -w "$work/grp$1.c" -o "$work/grp$1" -lm
}

# figure FILE PATTERN: the median of the medians (M rows/s) of lines that match.
figure() {
    grep -e "$2" "$1" | sed 's/.* med *\([0-9.]*\) .*/\1/' | median
}

# best_figure FILE KEY: the figure of the loop over that key that is the fastest.
best_figure() {
    grep -e "$2" "$1" | grep -v skewed | sed "s/.*\\($2.*[^ ]\\)  *med .*/\\1/" | sort -u | while read -r loop; do
        figure "$1" "$loop "
    done | sort -n | tail -1
}

for groups; do
    : >"$work/ours"
    : >"$work/theirs"
    run=0
    build_yardstick "$groups" || echo "group_by: no yardstick (SLUICE_REFERENCE): absolute figures only"
    while [ "$run" -lt "$runs" ]; do
        run=$((run + 1))
        taskset -c "$core" "$build/bench/bench_operators_group_by" "$groups" 3 >>"$work/ours"
        [ ! -x "$work/grp$groups" ] || taskset -c "$core" "$work/grp$groups" >>"$work/theirs"
    done
    for key in int64 str14; do
        case $key in
        int64) loop='int64 prefetch inline40' ;;
        *) loop='str14 via' ;;
        esac
        theirs=$(figure "$work/theirs" "$loop")
        best=$(best_figure "$work/theirs" "$key")
        for operator in global_window_aggregate group_aggregate; do
            ours=$(figure "$work/ours" "$key *$operator")
            echo "$groups groups, $key, $operator: $ours M rows/s$(awk -v a="$ours" -v b="$theirs" -v c="$best" \
                'BEGIN { if (b > 0) printf ", yardstick %s (best loop %s), ratio %.2f (%.2f)", b, c, a / b, a / c }')"
        done
    done
done
