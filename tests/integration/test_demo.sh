#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: test_demo.sh SLUICE. `sluice demo` shows windows and alerts, and tells what came late and
# what was broken. Takes the demo's 15 s. Exit 77 = skipped.
set -u
sluice=${1:?usage: test_demo.sh SLUICE [SOURCE-DIR]}
"$sluice" options | grep -q "'connector' = 'kafka'" || {
    echo "skipped: built without Kafka"
    [ "${CI:-}" = true ] && exit 1
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
"$sluice" demo >"$work/out" 2>"$work/err"
code=$?
failed=0

# check NAME LEAST NUMBER
check() {
    if [ "${3:-0}" -ge "$2" ]; then
        echo "ok $1 ($3)"
    else
        echo "not ok $1: ${3:-none}, expected at least $2"
        failed=$((failed + 1))
    fi
}

# The number behind a word of the summary.
summary() {
    sed -n "s/.*rows in .*[ ,(]$1 \([0-9][0-9]*\).*/\1/p" "$work/err" | tail -n 1
}

check "windows" 20 "$(grep -c '^averages> +I\[' "$work/out")"
check "alerts" 1 "$(grep -c '^alert> +I\[' "$work/out")"
check "rows in" 1000 "$(sed -n 's/.*rows in \([0-9]*\),.*/\1/p' "$work/err" | tail -n 1)"
check "late" 1 "$(summary late)"
check "rejected" 1 "$(summary rejected)"
check "invalid syntax" 1 "$(summary 'invalid syntax')"
if [ $code -ne 0 ] || [ $failed -gt 0 ]; then
    echo "exit code $code; the end of what it wrote:"
    tail -n 20 "$work/err"
    echo "$failed failed"
    exit 1
fi
echo "ok exit code 0"
