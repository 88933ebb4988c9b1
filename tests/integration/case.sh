# SPDX-License-Identifier: Apache-2.0
#
# What the tests of this folder say and how they wait; sourced by them. A test may set log to a file whose end is shown when it fails.
log=
begin=$(date +%s)

fail() {
    echo "$*"
    [ -z "$log" ] || tail -n 40 "$log" 2>/dev/null || true
    exit 1
}

# skip WHY: exit 77, unless CI promises that nothing is skipped.
skip() {
    echo "skipped: $*"
    [ "${CI:-}" != true ] || exit 1
    exit 77
}

# expect WHAT WANTED FOUND
expect() {
    [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
}

# has WHAT FILE PATTERN: a line of the file matches the extended pattern.
has() {
    grep -qE "$3" "$2" || {
        cut -c 1-300 "$2"
        fail "$1: no line matches '$3'"
    }
}

# code COMMAND...: its exit code; its output goes to the files out and err.
code() {
    found=0
    "$@" >out 2>err </dev/null || found=$?
    echo "$found"
}

# until_true SECONDS COMMAND...
until_true() {
    tries=$(($1 * 20))
    shift
    until "$@"; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.05
    done
}

# step TEXT: says how long the test has run.
step() {
    echo "$(($(date +%s) - begin)) s: $*"
}
