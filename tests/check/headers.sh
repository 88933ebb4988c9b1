#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: headers.sh SOURCE-DIR. Each header of the hall compiles alone, as C and as C++.
set -u
cd "${1:?usage: headers.sh SOURCE-DIR}" || exit 2
strict='-Wall -Wextra -Wpedantic -Werror -fsyntax-only -D_GNU_SOURCE -Iinclude'
failed=0
for header in include/sluice/*.h; do
    unit="#include \"sluice/${header##*/}\""
    # shellcheck disable=SC2086 # a list of options
    echo "$unit" | "${CC:-cc}" -std=gnu17 $strict -x c - || failed=1
    # shellcheck disable=SC2086
    echo "$unit" | "${CXX:-c++}" -std=gnu++17 $strict -x c++ - || failed=1
done
exit $failed
