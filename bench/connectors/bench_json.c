/* SPDX-License-Identifier: Apache-2.0
 *
 * Cost of decoding lines of JSON into columns, all of each line checked: newlines are found, rows
 * are decoded, and every wanted value is read once. Prints the median of some rounds in CPU time,
 * and sums by which another program can be compared.
 * usage: bench_connectors_json [KIND [FILE [ROUNDS [LEVEL]]]]; without FILE lines of 'iot' are
 * made; LEVEL 2 to 4 = leaves for x86-64-v2, v3 or v4 instead of the machine's best. */
#include "connectors/cpu_level.h"
#include "connectors/line_scan.h"
#include "connectors/room.h"

#include "sluice/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { LINES = 100000, BATCH_ROWS = 2048, ROUNDS_MAX = 101, DEVICES = 1000, READABLE_BYTES = 64 };
enum { HUGE_PAGE_BYTES = 2 << 20, COLUMNS_MAX = 8 };

static struct sl_type_field BID[] = {{.name = "auction", .type = {.id = SL_TYPE_BIGINT}},
                                     {.name = "bidder", .type = {.id = SL_TYPE_BIGINT}},
                                     {.name = "price", .type = {.id = SL_TYPE_BIGINT}},
                                     {.name = "channel", .type = {.id = SL_TYPE_VARCHAR}},
                                     {.name = "dateTime", .type = {.id = SL_TYPE_TIMESTAMP}}};

/* What is read of which lines. */
static const struct kind {
    const char *name;
    const char *timestamps; /* json.timestamp-format.standard */
    uint32_t column_count;
    struct {
        const char *name;
        enum sl_type_id type;
    } columns[COLUMNS_MAX];
} KINDS[] = {
    {"iot",
     "SQL",
     6,
     {{"device", SL_TYPE_VARCHAR},
      {"ts", SL_TYPE_BIGINT},
      {"temp", SL_TYPE_DOUBLE},
      {"hum", SL_TYPE_DOUBLE},
      {"batt", SL_TYPE_DOUBLE},
      {"seq", SL_TYPE_BIGINT}}},
    {"iot3",
     "SQL",
     3,
     {{"device", SL_TYPE_VARCHAR}, {"ts", SL_TYPE_BIGINT}, {"temp", SL_TYPE_DOUBLE}}},
    {"iot0", "SQL", 0, {{"", SL_TYPE_BIGINT}}},
    {"web",
     "ISO-8601",
     6,
     {{"ts", SL_TYPE_TIMESTAMP_LTZ},
      {"remote_addr", SL_TYPE_VARCHAR},
      {"path", SL_TYPE_VARCHAR},
      {"status", SL_TYPE_BIGINT},
      {"bytes", SL_TYPE_BIGINT},
      {"request_time", SL_TYPE_DOUBLE}}},
    {"bid", "SQL", 1, {{"bid", SL_TYPE_ROW}}},
};

struct bench {
    const struct kind *kind;
    char *data;
    size_t length;
    struct sl_arena arena;
    struct sl_arena strings;
    struct sl_column columns[COLUMNS_MAX];
    struct sl_schema schema;
    struct sl_vector vectors[COLUMNS_MAX];
    struct sl_span spans[BATCH_ROWS];
    int64_t starts[BATCH_ROWS];
    uint16_t row_spans[BATCH_ROWS];
    struct sl_reject rejects[64];
    void *codec;

    uint64_t rows;
    uint64_t integers; /* sum, modulo 2^64 */
    uint64_t strings_sum;
    double reals;
};

/* ---- input ---- */

static char *make_room(size_t length)
{
    size_t size_bytes =
        (length + READABLE_BYTES + HUGE_PAGE_BYTES) & ~(size_t)(HUGE_PAGE_BYTES - 1);
    char *data = aligned_alloc(HUGE_PAGE_BYTES, size_bytes);
    if (data == NULL) {
        exit(1);
    }
    madvise(data, size_bytes, MADV_HUGEPAGE);
    return data;
}

static void make_lines(struct bench *bench)
{
    struct sl_random random;
    sl_random_init(&random, 7);
    bench->data = make_room((size_t)LINES * 160);
    for (uint32_t i = 0; i < LINES; i++) {
        bench->length += (size_t)snprintf(
            bench->data + bench->length, 160,
            "{\"device\":\"sensor-%05u\",\"ts\":%lld,\"temp\":%.2f,\"hum\":%.1f,\"batt\":%.2f,"
            "\"seq\":%u,\"ok\":%s,\"site\":\"plant-%02u\"}\n",
            (unsigned)sl_random_below(&random, DEVICES), 1714566896790LL + i * 3,
            15 + sl_random_unit(&random) * 15, 30 + sl_random_unit(&random) * 40,
            3 + sl_random_unit(&random), i, sl_random_below(&random, 50) != 0 ? "true" : "false",
            (unsigned)sl_random_below(&random, 20));
    }
}

static void load_lines(struct bench *bench, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        exit(1);
    }
    size_t length = (size_t)ftell(file);
    rewind(file);
    bench->data = make_room(length);
    bench->length = fread(bench->data, 1, length, file);
    fclose(file);
}

/* ---- columns and codec ---- */

static const struct sl_codec_def *find_codec(const char *name)
{
    const struct sl_codec_def *const *codec = conn_codecs;
    while (strcmp((*codec)->name, name) != 0) {
        codec++;
    }
    return *codec;
}

static struct sl_type make_type(enum sl_type_id id)
{
    struct sl_type type = id == SL_TYPE_VARCHAR ? sl_type_string() : sl_type_of(id);
    if (id == SL_TYPE_TIMESTAMP || id == SL_TYPE_TIMESTAMP_LTZ) {
        type.precision = 3;
    }
    if (id == SL_TYPE_ROW) {
        for (uint32_t i = 0; i < SL_COUNT_OF(BID); i++) {
            BID[i].type = make_type(BID[i].type.id);
        }
        type.fields = BID;
        type.field_count = SL_COUNT_OF(BID);
    }
    return type;
}

static void ensure(enum sl_status status, const struct sl_error *err)
{
    if (status != SL_OK) {
        fprintf(stderr, "%s\n", err->text);
        exit(1);
    }
}

static void make_ready(struct sl_vector *vector, struct sl_arena *arena)
{
    struct sl_error err;
    ensure(sl_vector_ensure_validity(vector, arena, &err), &err);
    for (uint32_t i = 0; vector->physical == SL_STRUCT && i < vector->child_count; i++) {
        make_ready(&vector->children[i], arena);
    }
}

static void open_codec(struct bench *bench)
{
    static const uint32_t WANTED[COLUMNS_MAX] = {0, 1, 2, 3, 4, 5, 6, 7};
    const struct kind *kind = bench->kind;
    struct sl_options options = {0};
    struct sl_error err;
    for (uint32_t i = 0; i < kind->column_count; i++) {
        bench->columns[i] =
            (struct sl_column){kind->columns[i].name, make_type(kind->columns[i].type)};
        ensure(sl_vector_init(&bench->vectors[i], &bench->columns[i].type, BATCH_ROWS,
                              &bench->arena, &err),
               &err);
        make_ready(&bench->vectors[i], &bench->arena);
    }
    struct sl_option option = {.name = "json.timestamp-format.standard", .value = kind->timestamps};
    options.items = &option;
    options.count = 1;
    bench->schema =
        (struct sl_schema){.column_count = kind->column_count, .columns = bench->columns};
    struct sl_codec_env env = {.physical = &bench->schema,
                               .columns = WANTED,
                               .column_count = kind->column_count,
                               .options = &options,
                               .option_prefix = ""};
    ensure(find_codec("json")->open(&env, &bench->codec, &err), &err);
}

/* ---- a round ---- */

static void read_column(struct bench *bench, const struct sl_vector *vector, uint32_t rows)
{
    for (uint32_t i = 0; vector->physical == SL_STRUCT && i < vector->child_count; i++) {
        read_column(bench, &vector->children[i], rows);
    }
    if (vector->physical == SL_VIEW) {
        const struct sl_view *views = vector->data;
        for (uint32_t row = 0; row < rows; row++) {
            const unsigned char *first = (const unsigned char *)views[row].prefix;
            bench->strings_sum += views[row].length + (views[row].length > 0 ? *first : 0u);
        }
    } else if (vector->type.id == SL_TYPE_DOUBLE) {
        const double *values = vector->data;
        double even = 0;
        double odd = 0;
        for (uint32_t row = 0; row + 1 < rows; row += 2) {
            even += values[row];
            odd += values[row + 1];
        }
        bench->reals += even + odd + (rows % 2 != 0 ? values[rows - 1] : 0);
    } else if (vector->physical == SL_W8) {
        const int64_t *values = vector->data;
        for (uint32_t row = 0; row < rows; row++) {
            bench->integers += (uint64_t)values[row];
        }
    }
}

static void decode_batch(struct bench *bench, const struct sl_codec_def *codec, uint32_t count)
{
    struct sl_error err;
    struct sl_decode decode = {.spans = bench->spans,
                               .span_count = count,
                               .columns = bench->vectors,
                               .row_capacity = BATCH_ROWS,
                               .row_spans = bench->row_spans,
                               .strings = &bench->strings,
                               .rejects = bench->rejects,
                               .reject_capacity = SL_COUNT_OF(bench->rejects)};
    ensure(codec->decode(bench->codec, &decode, &err), &err);
    if (decode.done != count || decode.reject_count > 0) {
        fprintf(stderr, "a line was rejected: %s\n", bench->rejects[0].detail);
        exit(1);
    }
    bench->rows += decode.row_count;
    for (uint32_t i = 0; i < bench->kind->column_count; i++) {
        read_column(bench, &bench->vectors[i], decode.row_count);
    }
    sl_arena_reset(&bench->strings);
}

static void decode_all(struct bench *bench)
{
    const struct sl_codec_def *codec = find_codec("json");
    size_t done = 0;
    size_t used = 1;
    bench->rows = 0;
    bench->integers = 0;
    bench->strings_sum = 0;
    bench->reals = 0;
    while (used > 0) {
        uint32_t count = conn_scan_lines(bench->data + done, bench->length - done, bench->spans,
                                         bench->starts, BATCH_ROWS, &used);
        decode_batch(bench, codec, count);
        done += used;
    }
}

static double processor_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < SL_COUNT_OF(KINDS); i++) {
        if (strcmp(KINDS[i].name, name) == 0) {
            return &KINDS[i];
        }
    }
    fprintf(stderr, "no such kind: %s\n", name);
    exit(1);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    double nanoseconds[ROUNDS_MAX];
    uint32_t rounds = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 9;
    rounds = SL_MAX(SL_MIN(rounds, (uint32_t)ROUNDS_MAX), 1u);
    if (argc > 4 && !conn_cpu_level_force((enum conn_cpu_level)(strtoul(argv[4], NULL, 10) - 2))) {
        fprintf(stderr, "this machine has no level %s\n", argv[4]);
        return 1;
    }
    bench.kind = find_kind(argc > 1 ? argv[1] : "iot");
    if (argc > 2) {
        load_lines(&bench, argv[2]);
    } else {
        make_lines(&bench);
    }
    sl_arena_init(&bench.arena, NULL, 0);
    sl_arena_init(&bench.strings, NULL, 0);
    open_codec(&bench);
    for (uint32_t round = 0; round < rounds; round++) {
        double begin = processor_ns();
        decode_all(&bench);
        nanoseconds[round] = (processor_ns() - begin) / (double)bench.rows;
    }
    qsort(nanoseconds, rounds, sizeof nanoseconds[0], compare);
    double median = nanoseconds[rounds / 2];
    printf("%-4s sluice json med %6.2f M rows/s, %5.2f GB/s, %.1f ns/row (best %.1f) | rows %llu "
           "chk %llu %llu %.3f\n",
           bench.kind->name, 1e3 / median, (double)bench.length / (double)bench.rows / median,
           median, nanoseconds[0], (unsigned long long)bench.rows,
           (unsigned long long)bench.integers, (unsigned long long)bench.strings_sum, bench.reals);
    find_codec("json")->close(bench.codec);
    sl_arena_deinit(&bench.strings);
    sl_arena_deinit(&bench.arena);
    free(bench.data);
    return 0;
}
