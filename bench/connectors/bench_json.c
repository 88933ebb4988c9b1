/* SPDX-License-Identifier: Apache-2.0
 *
 * Cost of decoding IoT lines of about 122 bytes: 3 of 8 fields wanted, all checked. Prints the
 * median of some rounds; usage: bench_connectors_json [ROUNDS]. */
#include "connectors/room.h"

#include "sluice/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINES = 100000, BATCH_ROWS = 2048, ROUNDS_MAX = 101, DEVICES = 1000 };

struct lines {
    char *data;
    size_t length;
    struct sl_span spans[LINES];
};

static void make_lines(struct lines *lines)
{
    struct sl_random random;
    sl_random_init(&random, 7);
    lines->data = malloc((size_t)LINES * 160 + 64);
    for (uint32_t i = 0; i < LINES; i++) {
        char *line = lines->data + lines->length;
        int length = snprintf(
            line, 160,
            "{\"device\":\"sensor-%05u\",\"ts\":%lld,\"temp\":%.2f,\"hum\":%.1f,\"batt\":%.2f,"
            "\"seq\":%u,\"ok\":%s,\"site\":\"plant-%02u\"}\n",
            (unsigned)sl_random_below(&random, DEVICES), 1714566896790LL + i * 3,
            15 + sl_random_unit(&random) * 15, 30 + sl_random_unit(&random) * 40,
            3 + sl_random_unit(&random), i, sl_random_below(&random, 50) != 0 ? "true" : "false",
            (unsigned)sl_random_below(&random, 20));
        lines->spans[i] = (struct sl_span){.data = line, .length = (uint32_t)length - 1};
        lines->length += (size_t)length;
    }
}

static const struct sl_codec_def *find_codec(const char *name)
{
    const struct sl_codec_def *const *codec = conn_codecs;
    while (strcmp((*codec)->name, name) != 0) {
        codec++;
    }
    return *codec;
}

static uint64_t decode_all(const struct sl_codec_def *codec, void *state, const struct lines *lines,
                           struct sl_decode *decode)
{
    uint64_t rows = 0;
    for (uint32_t first = 0; first < LINES; first += BATCH_ROWS) {
        struct sl_error err;
        decode->spans = lines->spans + first;
        decode->span_count = SL_MIN(BATCH_ROWS, LINES - first);
        decode->done = 0;
        decode->row_count = 0;
        decode->reject_count = 0;
        if (codec->decode(state, decode, &err) != SL_OK) {
            exit(1);
        }
        rows += decode->row_count;
    }
    return rows;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

int main(int argc, char **argv)
{
    static struct lines lines;
    static struct sl_reject rejects[64];
    static uint16_t row_spans[BATCH_ROWS];
    uint32_t rounds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 21;
    rounds = SL_MAX(SL_MIN(rounds, (uint32_t)ROUNDS_MAX), 1u);
    make_lines(&lines);
    struct sl_column columns[] = {{"device", sl_type_string()},
                                  {"ts", sl_type_of(SL_TYPE_BIGINT)},
                                  {"temp", sl_type_of(SL_TYPE_DOUBLE)}};
    struct sl_schema schema = {.column_count = 3, .columns = columns};
    uint32_t wanted[] = {0, 1, 2};
    struct sl_options options = {0};
    struct sl_codec_env env = {.physical = &schema,
                               .columns = wanted,
                               .column_count = 3,
                               .options = &options,
                               .option_prefix = ""};
    struct sl_arena arena;
    struct sl_error err;
    struct sl_vector vectors[3];
    sl_arena_init(&arena, NULL, 0);
    for (int i = 0; i < 3; i++) {
        if (sl_vector_init(&vectors[i], &columns[i].type, BATCH_ROWS, &arena, &err) != SL_OK ||
            sl_vector_ensure_validity(&vectors[i], &arena, &err) != SL_OK) {
            return 1;
        }
    }
    struct sl_decode decode = {.columns = vectors,
                               .row_capacity = BATCH_ROWS,
                               .row_spans = row_spans,
                               .strings = &arena,
                               .rejects = rejects,
                               .reject_capacity = 64};
    const struct sl_codec_def *codec = find_codec("json");
    void *state = NULL;
    if (codec->open(&env, &state, &err) != SL_OK) {
        return 1;
    }
    double nanoseconds[ROUNDS_MAX];
    const struct sl_clock *clock = sl_clock_system();
    for (uint32_t round = 0; round < rounds; round++) {
        int64_t begin = clock->monotonic_ns(clock);
        uint64_t rows = decode_all(codec, state, &lines, &decode);
        nanoseconds[round] = (double)(clock->monotonic_ns(clock) - begin) / LINES;
        if (rows != LINES) {
            printf("only %llu of %d rows were decoded\n", (unsigned long long)rows, LINES);
            return 1;
        }
    }
    qsort(nanoseconds, rounds, sizeof nanoseconds[0], compare);
    double median = nanoseconds[rounds / 2];
    printf("json decode: %.1f ns/row, %.2f M rows/s, %.2f GB/s (best %.1f ns/row)\n", median,
           1e3 / median, (double)lines.length / LINES / median, nanoseconds[0]);
    codec->close(state);
    sl_arena_deinit(&arena);
    free(lines.data);
    return 0;
}
