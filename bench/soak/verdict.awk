# SPDX-License-Identifier: Apache-2.0
#
# Reads pss.csv of soak.sh, prints how each process's memory went, and ends with 1 when one is not flat: by least squares over what follows
# the first sixth (at most 10 min), its private memory may grow by 5 % or 1 MB, whichever is more. The rest of Pss is pages of libraries, whose
# share moves as other programs come and go. Of a name with several processes the last sample of each counts.
BEGIN {
    FS = ","
}

NR > 1 {
    name = $2
    if (!(name in samples)) {
        names[++name_count] = name
    }
    i = ++samples[name]
    at[name, i] = $1
    pss[name, i] = $4 / 1024
    own[name, i] = $6 / 1024
    pid[name, i] = $3
    cpu[name, $3] = $7
    last_seconds = $1
}

function fit(name, count,   i, n, x, y, xx, xy) {
    for (i = 1; i <= count; i++) {
        if (px[i] >= warm) {
            n++
            x += px[i]
            y += py[i]
            xx += px[i] * px[i]
            xy += px[i] * py[i]
        }
    }
    slope = n > 2 ? (n * xy - x * y) / (n * xx - x * x) : 0
    mean = n > 0 ? y / n : 0
    points = n
}

END {
    warm = last_seconds / 6 < 600 ? last_seconds / 6 : 600
    span = last_seconds - warm
    bad = 0
    printf "%-8s %27s %38s\n", "", "Pss", "private"
    printf "%-8s %8s %8s %9s %8s %8s %10s %9s %7s\n", "name", "start MB", "end MB", "most MB", "start MB", "end MB", "slope MB/h", "growth MB", "cpu s"
    for (k = 1; k <= name_count; k++) {
        name = names[k]
        processes = 0
        most = cpu_sum = 0
        for (i = 1; i <= samples[name]; i++) {
            if (pid[name, i] != pid[name, i + 1]) {
                processes++
                px[processes] = at[name, i]
                py[processes] = own[name, i]
                cpu_sum += cpu[name, pid[name, i]]
            }
        }
        several = processes > 1
        count = several ? processes : samples[name]
        first = 0
        for (i = 1; i <= samples[name]; i++) {
            if (!several) {
                px[i] = at[name, i]
                py[i] = own[name, i]
            }
            first = first == 0 && at[name, i] >= warm ? i : first
            most = pss[name, i] > most ? pss[name, i] : most
        }
        fit(name, count)
        growth = slope * span
        limit = 0.05 * mean > 1 ? 0.05 * mean : 1
        verdict = growth > limit ? "NOT FLAT" : ""
        bad += growth > limit
        printf "%-8s %8.2f %8.2f %9.2f %8.2f %8.2f %10.2f %9.2f %7.1f %s%s\n", name, pss[name, first], pss[name, samples[name]], most,
            own[name, first], own[name, samples[name]], slope * 3600, growth, cpu_sum, several ? "(" processes " processes) " : "", verdict
    }
    printf "start and slope after the first %d s of %d s; most over the whole run\n", warm, last_seconds
    exit bad > 0
}
