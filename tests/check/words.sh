#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: words.sh SOURCE-DIR. No notes of unfinished work in any file, and every source says its
# licence in its first line (scripts: behind the line that names the interpreter).
set -u
cd "${1:?usage: words.sh SOURCE-DIR}" || exit 2
unfinished='TO''DO|FIX''ME|XX''X|HA''CK'
violations=$({
    find . \( -path ./.git -o -path './build*' \) -prune -o -type f -print0 |
        xargs -0 grep -nIwE "$unfinished" | sed 's/$/    <- unfinished/'
    find . \( -path ./.git -o -path './build*' \) -prune -o -type f \( -name '*.[ch]' -o -name '*.sh' \
        -o -name '*.awk' -o -name '*.cmake' -o -name CMakeLists.txt -o -path ./dev \
        -o -path ./.ci/run \) -print |
        while read -r file; do
            head -n 2 "$file" | sed '2,$d;/^#!/N' | tail -n 1 |
                grep -q '^\(/\*\|#\) SPDX-License-Identifier: Apache-2\.0$' ||
                echo "$file: its first line is not the licence's identifier"
        done
})
[ -z "$violations" ] || {
    echo "$violations"
    exit 1
}
