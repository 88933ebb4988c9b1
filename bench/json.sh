#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Decoding of JSON lines to columns beside its yardstick: six fields of IoT and web lines and five of Nexmark's bids, through the real line
# scanner and decoder, and through simdjson's iterate_many (probe `json`), alternated RUNS times on one core, in CPU time. Prints medians and
# ratios, and refuses to compare when the sums of what was decoded differ. usage: json.sh BUILD-DIR [KIND...] (iot, web, bid)
#
# simdjson is built with -O3 -march=native -DNDEBUG, so that the leaves which its header compiles are those of its best kernel; the other half
# comes from Debian's library, which picks its best kernel at run time (both are printed; its own "builtin" is only how Debian built it).
# The yardstick is found in SLUICE_REFERENCE (default ../shared/reference); without it absolute figures alone are printed.
set -eu
build=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")/.."
reference=${SLUICE_REFERENCE:-../shared/reference}/limits
runs=${RUNS:-5}
lines=${LINES_COUNT:-500000}
core=${CORE:-1}
work=$build/reference/json
mkdir -p "$work/data"
[ $# -gt 0 ] || set -- iot web bid

median() {
    sort -n | awk '{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# The probe reduced to simdjson's iterate_many over one corpus, five rounds a run.
build_yardstick() {
    [ -x "$work/simdjson" ] && return
    sed 's/CLOCK_MONOTONIC/CLOCK_PROCESS_CPUTIME_ID/' "$reference/common.h" >"$work/common.h"
    sed -e '/include <cjson/d; /include <jansson/d; /yyjson.h/d; /scan_B1/d; /static uint64_t p_s1(/d' \
        -e '/static uint64_t p_cjson/,/^template<class OBJ>/{/^template<class OBJ>/!d}' \
        -e '/run("hand/d; /memchr line split/d; /simdjson od line/d; /if(!only)/,/jansson 2.14/d' \
        -e 's/simdjson::builtin_implementation()->name().c_str(),isa_name()/STRINGIFY(SIMDJSON_BUILTIN_IMPLEMENTATION),""/' \
        -e 's/for(int i=0;i<3;i++)/for(int i=only;i<=only;i++)/; s/p_sj_many,7/p_sj_many,5/' \
        -e 's/^#include "common.h"/&\n#define STRINGIFY_(x) #x\n#define STRINGIFY(x) STRINGIFY_(x)/' "$reference/json.cpp" >"$work/json.cpp"
    (cd "$work" && g++ -std=c++17 -O3 -march=native -DNDEBUG -w json.cpp -o simdjson -lsimdjson)
}

generate() {
    [ -s "$work/data/nex.jsonl" ] && return
    cp "$reference/common.h" "$reference/gen.c" "$work/data"
    (cd "$work/data" && gcc -O3 -march=native -w gen.c -o gen -lmsgpackc -lm && ./gen . "$lines" && rm -f ./*.mp ./*.log)
}

if ! { [ -d "$reference" ] && generate; }; then
    echo "json: no yardstick (SLUICE_REFERENCE and msgpack-c are needed): absolute figures of lines of its own"
    taskset -c "$core" "$build/bench/bench_connectors_json" iot
    exit
fi
build_yardstick || echo "json: no yardstick (libsimdjson-dev is needed): absolute figures only"
for kind; do
    case $kind in
    iot) corpus=iot number=0 ;;
    web) corpus=web number=1 ;;
    bid) corpus=nex number=2 ;;
    esac
    : >"$work/ours"
    : >"$work/theirs"
    run=0
    while [ "$run" -lt "$runs" ]; do
        run=$((run + 1))
        taskset -c "$core" "$build/bench/bench_connectors_json" "$kind" "$work/data/$corpus.jsonl" 5 >>"$work/ours"
        [ ! -x "$work/simdjson" ] || taskset -c "$core" "$work/simdjson" "$work/data" "$number" >>"$work/theirs"
    done
    ours=$(sed -n 's/.* \([0-9.]*\) ns\/row.*/\1/p' "$work/ours" | median)
    # The probe's figures are for a million lines, whatever their count.
    theirs=$(sed -n 's/.* \([0-9.]*\) ns\/line.*rows \([0-9]*\).*/\1 \2/p' "$work/theirs" | awk '{ print $1 * 1e6 / $2 }' | median)
    sums=$(sed -n 's/.*chk \([0-9]*\) \([0-9]*\) \([0-9]*\)\..*/\1 \2 \3/p' "$work/ours" "$work/theirs" | sort -u | wc -l)
    [ "$sums" = 1 ] || echo "json: $kind: THE SUMS DIFFER" >&2
    awk -v kind="$kind" -v a="$ours" -v b="$theirs" -v k="$(sed -n 's/^simdjson active=\([a-z]*\) builtin=\([a-z]*\).*/\1, \2/p' "$work/theirs" | head -1)" \
        'BEGIN { printf "%s: sluice %.1f ns a line, %.2f M lines/s", kind, a, 1e3 / a
                 if (b > 0) printf ", simdjson (%s) %.1f ns, %.2f M lines/s, ratio %.2f", k, b, 1e3 / b, b / a
                 print "" }'
done
