# SPDX-License-Identifier: Apache-2.0
#
# Draws pss.csv of soak.sh as SVG: Pss in MB over minutes, one line a process, at most some 250 points each.
BEGIN {
    FS = ","
    width = 900
    height = 420
    left = 50
    top = 30
    plot_width = 740
    plot_height = 340
    split("#4477aa #ee6677 #228833 #ccbb44 #66ccee #aa3377", colours, " ")
}

NR > 1 {
    if (!($2 in seen)) {
        seen[$2] = 1
        names[++name_count] = $2
    }
    n = ++samples[$2]
    at[$2, n] = $1
    mb[$2, n] = $4 / 1024
    pid[$2, n] = $3
    last = $1
    most = $4 / 1024 > most ? $4 / 1024 : most
}

function x(seconds) {
    return left + seconds / last * plot_width
}

function y(value) {
    return top + plot_height - value / ceiling * plot_height
}

END {
    ceiling = (int(most / 10) + 1) * 10
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n", width, height
    printf "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n", width, height
    printf "<text x=\"%d\" y=\"18\">Pss (MB) of each process over minutes of mixed load</text>\n", left
    for (v = 0; v <= ceiling; v += ceiling > 60 ? 20 : 10) {
        printf "<path d=\"M%d %.1fh%d\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%d</text>\n", left, y(v), plot_width,
            left - 6, y(v) + 4, v
    }
    for (m = 0; m * 60 <= last; m += last > 1200 ? 10 : 1) {
        printf "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>\n", x(m * 60), top + plot_height + 18, m
    }
    for (k = 1; k <= name_count; k++) {
        name = names[k]
        step = int(samples[name] / 250) + 1
        path = ""
        for (i = 1; i <= samples[name]; i++) {
            begins = i == 1 || pid[name, i] != pid[name, i - 1]
            if (begins || i % step == 0) {
                path = path sprintf("%s%.1f %.1f", begins ? "M" : "L", x(at[name, i]), y(mb[name, i]))
            }
        }
        printf "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"/>\n", path, colours[k]
        printf "<path d=\"M%d %dh20\" stroke=\"%s\" stroke-width=\"3\"/><text x=\"%d\" y=\"%d\">%s</text>\n", left + plot_width + 15,
            top + 20 * k, colours[k], left + plot_width + 40, top + 20 * k + 4, name
    }
    print "</svg>"
}
