#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: layers.sh SOURCE-DIR. Who may include whom: a room sees include/sluice and the headers of
# its own folder; engine/wire and engine/cli also each room's door (<room>/room.h); a header of the
# hall sees only its own tier and lower ones, without cycles.
set -u
cd "${1:?usage: layers.sh SOURCE-DIR}" || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# file:line:what, for every quoted include and every <sluice/...> one
list_includes() {
    find include sql operators connectors fpga engine tests bench -name '*.[ch]' \
        -exec grep -Hn '^[[:space:]]*#[[:space:]]*include' {} +
}

room_violations() {
    awk -F: '
    function complain(text) { print file ":" line ": " text }
    {
        file = $1; line = $2; what = $3
        sub(/^[^<"]*/, "", what)
        name = what; sub(/^[<"]/, "", name); sub(/[>"].*$/, "", name)
        folder = file; sub(/\/[^\/]*$/, "", folder)
        if (name ~ /\.\.\//) {
            complain("includes by ../: " name); next
        }
        if (name ~ /^librdkafka\// && file !~ /kafka[^\/]*$/ && file !~ /^tests\//) {
            complain("librdkafka is seen only by files that carry its name"); next
        }
        if (name == "microhttpd.h" && file !~ /microhttpd[^\/]*$/ && file !~ /^tests\//) {
            complain("libmicrohttpd is seen only by files that carry its name"); next
        }
        if (what ~ /^</) {
            if (name ~ /^sluice\//) { complain("headers of the hall are included by quotes") }
            next
        }
        if (file ~ /^(tests|bench)\//) { next }
        if (name ~ /^sluice\//) {
            if (system("test -f include/" name) != 0) { complain("no such header: " name) }
            next
        }
        if (file ~ /^include\//) { complain("the hall includes only the hall: " name); next }
        if (folder ~ /^engine\/(wire|cli)$/ && name ~ /^[a-z\/]+\/room\.h$/) { next }
        if (name ~ /\//) { complain("reaches into another room: " name); next }
        if (system("test -f " folder "/" name) != 0) {
            complain("not a header of its own folder: " name)
        }
    }' "$work/includes"
}

# Each header of the hall states its tier in its first comment: "Tier 3. What it is for".
tier_violations() {
    for header in include/sluice/*.h; do
        tier=$(sed -n 's/^ \* Tier \([0-9]\)\. .*/\1/p' "$header" | head -n 1)
        [ -n "$tier" ] || echo "$header: its first comment states no tier"
        echo "$header:${tier:-0}" >>"$work/tiers"
    done
    awk -F: '
    FNR == NR { tier_of[$1] = $2; next }
    $1 !~ /^include\/sluice\// { next }
    {
        if ($3 !~ /"sluice\//) { next }
        to = $3; sub(/^.*"sluice/, "include/sluice", to); sub(/".*$/, "", to)
        if (tier_of[to] + 0 > tier_of[$1] + 0) {
            print $1 ":" $2 ": tier " tier_of[$1] " includes " to " of tier " tier_of[to]
        }
    }' "$work/tiers" "$work/includes"
}

cycle_violations() {
    sed -n 's/^include\/sluice\/\([^:]*\):.*"sluice\/\([^"]*\)".*/\1 \2/p' "$work/includes" |
        tsort 2>&1 >/dev/null | sed 's/^tsort: -/headers include each other in a circle/'
}

list_includes >"$work/includes"
[ -s "$work/includes" ] || {
    echo "layers: found no includes in $PWD"
    exit 1
}
{
    room_violations
    tier_violations
    cycle_violations
} >"$work/violations"
cat "$work/violations"
[ ! -s "$work/violations" ]
