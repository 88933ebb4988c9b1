#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: sizes.sh SOURCE-DIR. A file has at most 800 lines, a function at most 70, counted from its
# opening to its closing brace. It relies on the layout of .clang-format: only a function's braces
# stand first on a line, or its opening one behind the parameters.
set -u
cd "${1:?usage: sizes.sh SOURCE-DIR}" || exit 2
violations=$(find include sql operators connectors fpga engine tests bench -name '*.[ch]' -exec awk '
    FNR == 1 { start = 0 }
    FNR == 801 { print FILENAME ": more than 800 lines" }
    /^[A-Za-z_].*\(/ { signature = $0 }
    start == 0 && (/^\{/ || /^[A-Za-z_ ].*\)[ ]*\{$/ && /^[^ ]/) { start = FNR }
    start > 0 && /^\}/ {
        if (FNR - start + 1 > 70) {
            print FILENAME ":" start ": function of " FNR - start + 1 " lines: " signature
        }
        start = 0
    }
' {} +)
[ -z "$violations" ] || {
    echo "$violations"
    exit 1
}
