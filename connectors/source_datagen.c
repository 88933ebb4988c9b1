/* SPDX-License-Identifier: Apache-2.0
 *
 * The connector 'datagen': rows out of nothing, at a steady rate. A bounded table has the one split
 * "0"; an endless one has a split a worker, which share the rate. Always true: a split's position
 * is its number of rows so far, and row n is the same in every run of one seed (but for the time).
 */
#include "builtin.h"
#include "datagen_field.h"
#include "part.h"

#include "sluice/arena.h"
#include "sluice/predicate.h"

#include <string.h>

enum { WAKE_TOKEN = 1, WAKE_US_MIN = 1000 };

static const int64_t US_A_SECOND = 1000000;

static const struct sl_option_def OPTIONS[] = {
    {.name = "rows-per-second",
     .type = SL_OPTION_INT64,
     .default_text = "10000",
     .help = "rows made in a second, over all workers"},
    {.name = "number-of-rows",
     .type = SL_OPTION_INT64,
     .help = "rows in all; absent = without end, unless a field is a sequence"},
    {.name = "fields.*",
     .type = SL_OPTION_STRING,
     .help = "fields.NAME.kind (random, sequence), .min, .max, .max-past, .length, .var-len, "
             ".null-rate, .start, .end"},
    {0},
};

struct split {
    struct split *next;
    struct sl_split split;
    uint64_t seed;
    int64_t rows;       /* made so far */
    int64_t rows_first; /* when it began to be read here */
    int64_t begin_us;
    bool has_ended;
};

struct source {
    struct sl_env *env;
    int64_t rate; /* of one split, rows a second, times split_share */
    int64_t split_share;
    int64_t row_count; /* of a split; INT64_MAX = endless */
    bool is_bounded;
    bool is_armed;
    struct conn_datagen_field *fields; /* by output column */
    struct sl_batch batch;
    struct sl_run run;
    uint16_t *selection;
    struct sl_arena strings; /* as long as the batch */
    struct split *splits;
    struct split *last;
    struct split *turn; /* whose turn it is */
};

static enum sl_status fail_memory(struct sl_error *err)
{
    return sl_fail(err, SL_MEMORY, "no memory for connector 'datagen'");
}

/* ---- definition ---- */

static bool is_sequence_option(const struct sl_option *option)
{
    size_t length = strlen(option->name);
    return length > 5 && strncmp(option->name, "fields.", 7) == 0 &&
           strcmp(option->name + length - 5, ".kind") == 0 &&
           strcmp(option->value, "sequence") == 0;
}

static bool is_bounded(const struct sl_options *options)
{
    bool has_end = sl_option_is_set(options, "number-of-rows");
    for (uint32_t i = 0; i < options->count; i++) {
        has_end |= is_sequence_option(&options->items[i]);
    }
    return has_end;
}

/* 'fields.NAME.x' must name a column. */
static enum sl_status check_field_names(const struct sl_options *options,
                                        const struct sl_schema *physical, struct sl_error *err)
{
    static const char *const KEYS[] = {"kind",    "min",       "max",   "max-past", "length",
                                       "var-len", "null-rate", "start", "end"};
    for (uint32_t i = 0; i < options->count; i++) {
        const char *name = options->items[i].name;
        const char *dot = strrchr(name, '.');
        bool is_known = strncmp(name, "fields.", 7) != 0;
        for (uint32_t c = 0; !is_known && c < physical->column_count; c++) {
            const char *column = physical->columns[c].name;
            is_known = (size_t)(dot - name) == strlen(column) + 7 &&
                       strncmp(name + 7, column, strlen(column)) == 0;
        }
        bool has_key = is_known && strncmp(name, "fields.", 7) != 0;
        for (uint32_t k = 0; !has_key && k < SL_COUNT_OF(KEYS); k++) {
            has_key = strcmp(dot + 1, KEYS[k]) == 0;
        }
        if (!is_known || !has_key) {
            return sl_fail(err, SL_OPTION, "option '%s': no such %s", name,
                           is_known ? "property of a field" : "column");
        }
    }
    return SL_OK;
}

static enum sl_status check(const struct sl_options *options, const struct sl_schema *physical,
                            bool as_sink, struct sl_error *err)
{
    (void)as_sink;
    SL_TRY(check_field_names(options, physical, err));
    if (sl_option_int64(options, OPTIONS, "rows-per-second") < 1) {
        return sl_fail(err, SL_OPTION, "'rows-per-second' must be at least 1");
    }
    if (sl_option_int64(options, OPTIONS, "number-of-rows") < 0) {
        return sl_fail(err, SL_OPTION, "'number-of-rows' must not be negative");
    }
    for (uint32_t i = 0; i < physical->column_count; i++) {
        struct conn_datagen_field field;
        SL_TRY(conn_datagen_field_make(options, &physical->columns[i], &field, err));
    }
    return SL_OK;
}

/* ---- open, close ---- */

/* Prepares all physical columns, because each of them may bound the table, and keeps the wanted. */
static enum sl_status make_fields(struct source *source, struct sl_error *err)
{
    struct sl_env *env = source->env;
    const struct sl_options *options = conn_table_options(env);
    const struct sl_param *physical = sl_plan_param(env->node, "physical");
    const struct sl_param *columns = sl_plan_param(env->node, "columns");
    uint32_t wanted = env->node->schema.column_count;
    if (physical == NULL || columns == NULL || columns->count != wanted) {
        return sl_fail(err, SL_INTERNAL, "%s: its columns are not those of its table", env->label);
    }
    source->fields = SL_ARENA_ARRAY(env->arena, struct conn_datagen_field, wanted);
    if (source->fields == NULL) {
        return fail_memory(err);
    }
    for (uint32_t i = 0; i < physical->schema.column_count; i++) {
        struct conn_datagen_field field;
        SL_TRY(conn_datagen_field_make(options, &physical->schema.columns[i], &field, err));
        field.seed = env->seed * UINT64_C(0x9E3779B97F4A7C15) + i * UINT64_C(0xD1B54A32D192ED03);
        source->row_count = SL_MIN(source->row_count, conn_datagen_field_rows(&field));
        for (uint32_t at = 0; at < wanted; at++) {
            if (columns->columns[at] == i) {
                source->fields[at] = field;
            }
        }
    }
    return SL_OK;
}

static enum sl_status make_batch(struct source *source, struct sl_error *err)
{
    struct sl_env *env = source->env;
    const struct sl_schema *schema = &env->node->schema;
    source->batch.schema = schema;
    source->batch.columns = SL_ARENA_ARRAY(env->arena, struct sl_vector, schema->column_count);
    source->selection =
        SL_ARENA_ARRAY(env->arena, uint16_t, SL_MAX(env->batch_rows, SL_BATCH_ROWS_MAX));
    if (source->batch.columns == NULL || source->selection == NULL) {
        return fail_memory(err);
    }
    for (uint32_t i = 0; i < schema->column_count; i++) {
        struct sl_vector *column = &source->batch.columns[i];
        SL_TRY(sl_vector_init(column, &schema->columns[i].type, env->batch_rows, env->arena, err));
        SL_TRY(sl_vector_ensure_validity(column, env->arena, err));
    }
    source->batch.runs = &source->run;
    source->batch.run_count = 1;
    return SL_OK;
}

static enum sl_status source_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct source *source = SL_ARENA_NEW(env->arena, struct source);
    *state = source;
    if (source == NULL) {
        return fail_memory(err);
    }
    const struct sl_options *options = conn_table_options(env);
    source->env = env;
    sl_arena_init(&source->strings, env->account, 0);
    source->is_bounded = is_bounded(options);
    source->rate = SL_MAX(sl_option_int64(options, OPTIONS, "rows-per-second"), 1);
    source->split_share = source->is_bounded ? 1 : (int64_t)SL_MAX(env->worker_count, 1u);
    source->row_count = sl_option_is_set(options, "number-of-rows")
                            ? sl_option_int64(options, OPTIONS, "number-of-rows")
                            : INT64_MAX;
    SL_TRY(make_fields(source, err));
    return make_batch(source, err);
}

static void source_close(void *state)
{
    struct source *source = state;
    if (source != NULL) {
        sl_arena_deinit(&source->strings);
    }
}

/* ---- splits ---- */

static enum sl_status source_discover(void *state, struct sl_arena *arena, const char ***names,
                                      uint32_t *count, struct sl_error *err)
{
    struct source *source = state;
    *count = (uint32_t)source->split_share;
    *names = SL_ARENA_ARRAY(arena, const char *, *count);
    for (uint32_t i = 0; *names != NULL && i < *count; i++) {
        (*names)[i] = sl_arena_printf(arena, "%u", i);
        if ((*names)[i] == NULL) {
            return fail_memory(err);
        }
    }
    return *names == NULL ? fail_memory(err) : SL_OK;
}

static enum sl_status source_assign(void *state, const struct sl_split *split, const char *position,
                                    bool is_new, struct sl_error *err)
{
    struct source *source = state;
    struct split *made = SL_ARENA_NEW(source->env->arena, struct split);
    int64_t number = 0;
    (void)is_new;
    if (made == NULL) {
        return fail_memory(err);
    }
    made->split = *split;
    made->begin_us = sl_clock_steady_us(source->env->clock);
    sl_parse_int64(split->name, strlen(split->name), &number);
    made->seed = (uint64_t)number * UINT64_C(0xA24BAED4963EE407);
    if (position != NULL &&
        (!sl_parse_int64(position, strlen(position), &made->rows) || made->rows < 0)) {
        return sl_fail(err, SL_CORRUPT, "'%s' is not a position of connector 'datagen'", position);
    }
    made->rows_first = made->rows;
    if (source->last == NULL) {
        source->splits = made;
    } else {
        source->last->next = made;
    }
    source->last = made;
    return SL_OK;
}

static struct split *find_split(const struct source *source, uint32_t split_id)
{
    struct split *split = source->splits;
    while (split != NULL && split->split.id != split_id) {
        split = split->next;
    }
    return split;
}

static void source_revoke(void *state, uint32_t split_id)
{
    struct split *split = find_split(state, split_id);
    if (split != NULL) {
        split->has_ended = true;
    }
}

static enum sl_status source_position(void *state, uint32_t split_id, struct sl_text *out,
                                      struct sl_error *err)
{
    const struct split *split = find_split(state, split_id);
    if (split == NULL) {
        return sl_fail(err, SL_INTERNAL, "connector 'datagen' has no split number %u", split_id);
    }
    sl_text_append_int64(out, split->rows);
    return SL_OK;
}

/* ---- rows ---- */

/* Rows that are due by now, at most a batch. */
static int64_t rows_due(const struct source *source, const struct split *split, int64_t now_us)
{
    sl_int128 elapsed_us = SL_MAX(now_us - split->begin_us, 0);
    sl_int128 due = elapsed_us * source->rate / (US_A_SECOND * source->split_share) + 1 -
                    (split->rows - split->rows_first);
    sl_int128 left = (sl_int128)source->row_count - split->rows;
    due = SL_MIN(SL_MIN(due, left), (sl_int128)source->env->batch_rows);
    return (int64_t)SL_MAX(due, (sl_int128)0);
}

static enum sl_status make_rows(struct source *source, struct split *split, uint32_t row_count,
                                struct sl_error *err)
{
    struct sl_batch *batch = &source->batch;
    const struct sl_clock *clock = source->env->clock;
    struct conn_datagen_row of = {.now_ms = clock->wall_us(clock) / 1000,
                                  .strings = &source->strings};
    sl_arena_reset(&source->strings);
    for (uint32_t i = 0; i < batch->schema->column_count; i++) {
        struct sl_vector *column = &batch->columns[i];
        struct conn_datagen_field field = source->fields[i];
        field.seed += split->seed;
        memset(column->validity, 0xFF, sl_bitmap_words(row_count) * sizeof(uint64_t));
        for (uint32_t row = 0; row < row_count; row++) {
            of.number = (uint64_t)split->rows + row;
            if (!conn_datagen_field_store(&field, column, row, &of)) {
                return fail_memory(err);
            }
        }
    }
    source->run = (struct sl_run){.split = split->split.id, .position = split->rows};
    split->rows += row_count;
    batch->row_count = row_count;
    batch->selection = NULL;
    batch->selected_count = row_count;
    const struct sl_param *predicates = sl_plan_param(source->env->node, "predicates");
    if (predicates != NULL && predicates->count > 0) {
        sl_predicate_apply(predicates->exprs, predicates->count, batch, source->selection);
    }
    return SL_OK;
}

/* The next split that has rows due or has just ended; NULL: none, and *has_more tells whether any
 * will. */
static struct split *choose(struct source *source, int64_t now_us, bool *has_more)
{
    *has_more = false;
    struct split *first = source->turn == NULL ? source->splits : source->turn;
    struct split *split = first;
    while (split != NULL) {
        struct split *next = split->next == NULL ? source->splits : split->next;
        if (!split->has_ended) {
            *has_more = true;
            if (split->rows >= source->row_count || rows_due(source, split, now_us) > 0) {
                source->turn = next;
                return split;
            }
        }
        split = next == first ? NULL : next;
    }
    return NULL;
}

static enum sl_status wait(struct source *source, int64_t now_us, enum sl_flow *flow,
                           struct sl_error *err)
{
    *flow = SL_BLOCKED;
    if (source->is_armed) {
        return SL_OK;
    }
    source->is_armed = true;
    int64_t pause_us = SL_MAX(US_A_SECOND * source->split_share / source->rate, WAKE_US_MIN);
    return sl_wake_at(source->env, SL_WAKE_CLOCK, now_us + SL_MIN(pause_us, US_A_SECOND),
                      WAKE_TOKEN, err);
}

static enum sl_status source_poll(void *state, struct sl_outs *outs, enum sl_flow *flow,
                                  struct sl_error *err)
{
    struct source *source = state;
    int64_t now_us = sl_clock_steady_us(source->env->clock);
    bool has_more;
    struct split *split = choose(source, now_us, &has_more);
    *flow = SL_MORE;
    if (split == NULL) {
        if (!has_more && source->is_bounded) {
            *flow = SL_DONE;
            return SL_OK;
        }
        return has_more ? wait(source, now_us, flow, err) : (*flow = SL_BLOCKED, SL_OK);
    }
    int64_t due = rows_due(source, split, now_us);
    if (due > 0) {
        SL_TRY(make_rows(source, split, (uint32_t)due, err));
        outs->batches[SL_OUT_MAIN] = &source->batch;
    }
    if (split->rows >= source->row_count) {
        split->has_ended = true;
        outs->signal = (struct sl_signal){SL_SIGNAL_SPLIT_ENDED, split->split.id};
    }
    return SL_OK;
}

static enum sl_status source_wake(void *state, int64_t token, struct sl_error *err)
{
    struct source *source = state;
    (void)token;
    (void)err;
    source->is_armed = false;
    return SL_OK;
}

static const struct sl_source_def SOURCE = {
    .open = source_open,
    .discover = source_discover,
    .assign = source_assign,
    .revoke = source_revoke,
    .poll = source_poll,
    .position = source_position,
    .wake = source_wake,
    .close = source_close,
};

const struct sl_connector_def conn_datagen_connector = {
    .name = "datagen",
    .options = OPTIONS,
    .source = &SOURCE,
    .is_bounded = is_bounded,
    .source_guarantee = "exactly once",
    .check = check,
};
