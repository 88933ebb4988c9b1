# SPDX-License-Identifier: Apache-2.0
#
# Prints C sources as file:line:code, without comments and with empty strings and characters, so
# that a search finds code only.
FNR == 1 { in_comment = 0 }
{
    code = ""
    rest = $0
    while (rest != "") {
        if (in_comment) {
            at = index(rest, "*/")
            if (at == 0) { break }
            in_comment = 0
            rest = substr(rest, at + 2)
            continue
        }
        if (!match(rest, /["'\/]/)) {
            code = code rest
            break
        }
        code = code substr(rest, 1, RSTART - 1)
        rest = substr(rest, RSTART)
        first = substr(rest, 1, 1)
        if (first == "/") {
            if (substr(rest, 2, 1) == "/") { break }
            if (substr(rest, 2, 1) == "*") {
                in_comment = 1
                code = code " "
                rest = substr(rest, 3)
            } else {
                code = code "/"
                rest = substr(rest, 2)
            }
            continue
        }
        # A literal ends at the first quote of its kind that is not behind a backslash.
        for (i = 2; i <= length(rest); i++) {
            c = substr(rest, i, 1)
            if (c == "\\") { i++ } else if (c == first) { break }
        }
        code = code first first
        rest = substr(rest, i + 1)
    }
    print FILENAME ":" FNR ":" code
}
