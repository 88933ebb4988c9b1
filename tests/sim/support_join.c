/* SPDX-License-Identifier: Apache-2.0
 *
 * A retracting join of two inputs, as small as the contract lets it be. Always true: a row is added
 * to its own side's state before it meets the other side's, so no pair is missed or made twice. */
#include "support_sim.h"

#include <stdlib.h>
#include <string.h>

#include "sluice/row.h"

enum { KEPT_COUNT = 4 };

static const uint32_t kept[KEPT_COUNT] = {SIM_ID, SIM_KEY, SIM_VALUE, SIM_TEXT};
static const uint32_t key_column = SIM_KEY;

#define SIM_JOIN_SIDE                                                \
    {"id", {.id = SL_TYPE_BIGINT}}, {"key", {.id = SL_TYPE_BIGINT}}, \
        {"value", {.id = SL_TYPE_BIGINT, .nullable = true}},         \
    {                                                                \
        "text",                                                      \
        {                                                            \
            .id = SL_TYPE_VARCHAR, .length = SL_LENGTH_MAX           \
        }                                                            \
    }

static const struct sl_column columns[2 * KEPT_COUNT] = {SIM_JOIN_SIDE, SIM_JOIN_SIDE};
static const struct sl_schema kept_schema = {KEPT_COUNT, columns};
const struct sl_schema sim_join_schema = {2 * KEPT_COUNT, columns};

struct join {
    struct sl_env *env;
    struct sim *sim;
    struct sim_dice dice;
    struct sl_batch_builder out;
    struct sl_batch_builder partner; /* one row of the other side */
    struct sl_row_keys keys;
    struct sl_text row_bytes;
    bool is_started;
    uint32_t idx;    /* selected row of the input that is being joined */
    bool is_added;   /* to its own side */
    uint64_t cursor; /* of the other side's chain */
};

static enum sl_status join_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct join *self = calloc(1, sizeof(*self));
    *state = self;
    self->env = env;
    self->sim = sim_of(env);
    sim_dice_init(&self->dice, env);
    sl_row_keys_init(&self->keys, env->account);
    sl_text_init(&self->row_bytes, env->account, 0);
    SL_TRY(sl_batch_builder_init(&self->partner, &kept_schema, 1, env->account, err));
    return sl_batch_builder_init(&self->out, &sim_join_schema, env->batch_rows, env->account, err);
}

static void join_close(void *state)
{
    struct join *self = state;
    if (self == NULL) {
        return;
    }
    sl_batch_builder_deinit(&self->out);
    sl_batch_builder_deinit(&self->partner);
    sl_row_keys_deinit(&self->keys);
    sl_text_deinit(&self->row_bytes);
    free(self);
}

struct key {
    const char *bytes;
    size_t length;
    uint64_t hash;
};

static struct key key_at(const struct join *self, uint32_t idx)
{
    uint32_t start = self->keys.offsets[idx];
    return (struct key){self->keys.bytes.data + start, self->keys.offsets[idx + 1] - start,
                        self->keys.hashes[idx]};
}

static enum sl_status add_row(struct join *self, uint32_t port, const struct sl_batch *in,
                              uint32_t row, struct sl_error *err)
{
    struct key key = key_at(self, self->idx);
    int64_t weight = sl_kind_is_retract(sl_batch_kind(in, row)) ? -1 : 1;
    sl_text_reset(&self->row_bytes);
    sl_row_encode(&self->row_bytes, in, kept, KEPT_COUNT, row);
    return sl_state_list_add(self->env->states[port], 0, key.bytes, key.length, key.hash,
                             self->row_bytes.data, self->row_bytes.length, weight, err);
}

static enum sl_status copy_side(struct join *self, uint32_t first, const struct sl_batch *from,
                                const uint32_t *from_columns, uint32_t row, struct sl_error *err)
{
    struct sl_batch_builder *out = &self->out;
    for (uint32_t c = 0; c < KEPT_COUNT; c++) {
        uint32_t from_column = from_columns == NULL ? c : from_columns[c];
        sl_batch_builder_validity(out, first + c);
        SL_TRY(sl_vector_copy_value(&out->batch.columns[first + c], out->batch.row_count,
                                    &from->columns[from_column], row, &out->strings, err));
    }
    return SL_OK;
}

static enum sl_status add_pair(struct join *self, uint32_t port, const struct sl_batch *in,
                               uint32_t row, struct sl_error *err)
{
    struct sl_batch_builder *out = &self->out;
    uint32_t own = port == 0 ? 0 : KEPT_COUNT;
    SL_TRY(copy_side(self, own, in, kept, row, err));
    SL_TRY(copy_side(self, KEPT_COUNT - own, &self->partner.batch, NULL, 0, err));
    uint32_t made = out->batch.row_count++;
    out->batch.selected_count = out->batch.row_count;
    if (sl_batch_kind(in, row) != SL_INSERT) {
        sl_batch_builder_set_kind(out, made, sl_batch_kind(in, row));
    }
    return SL_OK;
}

/* Joins the present row with the rest of the other side's chain; *is_full when the output is. */
static enum sl_status join_row(struct join *self, uint32_t port, const struct sl_batch *in,
                               bool *is_full, struct sl_error *err)
{
    uint32_t row = sl_batch_row(in, self->idx);
    struct key key = key_at(self, self->idx);
    if (!self->is_added) {
        SL_TRY(add_row(self, port, in, row, err));
        self->is_added = true;
        self->cursor = 0;
    }
    for (;;) {
        const char *bytes;
        size_t length;
        size_t used;
        int64_t weight;
        *is_full = self->out.batch.row_count == self->env->batch_rows;
        if (*is_full || !sl_state_list_next(self->env->states[1 - port], 0, key.bytes, key.length,
                                            key.hash, &self->cursor, &bytes, &length, &weight)) {
            return SL_OK;
        }
        if (weight != 1) {
            sim_complain(self->sim, "a row stands %lld times in state", (long long)weight);
        }
        sl_batch_builder_reset(&self->partner);
        SL_TRY(sl_row_decode(&self->partner, bytes, length, &used, err));
        SL_TRY(add_pair(self, port, in, row, err));
    }
}

static enum sl_status join_process(void *state, uint32_t port, const struct sl_batch *in,
                                   struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    struct join *self = state;
    bool blocks;
    SL_TRY(sim_dice_blocks(&self->dice, &blocks, err));
    *flow = SL_BLOCKED;
    if (blocks) {
        return SL_OK;
    }
    if (!self->is_started) {
        SL_TRY(sl_row_keys_encode(&self->keys, in, &key_column, 1, err));
        self->is_started = true;
        self->idx = 0;
        self->is_added = false;
    }
    bool is_full = false;
    sl_batch_builder_reset(&self->out);
    while (self->idx < in->selected_count && !is_full) {
        SL_TRY(join_row(self, port, in, &is_full, err));
        if (!is_full) {
            self->idx++;
            self->is_added = false;
        }
    }
    outs->batches[SL_OUT_MAIN] = self->out.batch.row_count > 0 ? &self->out.batch : NULL;
    *flow = is_full ? SL_MORE : SL_DONE;
    self->is_started = is_full;
    return SL_OK;
}

const struct sl_operator_def sim_join_operator = {.kind = "sim_join",
                                                  .port_count = 2,
                                                  .open = join_open,
                                                  .process = join_process,
                                                  .close = join_close};

int sim_add_join(struct sim_plan *plan, int left, int right)
{
    static const struct sl_state_def states[] = {
        {.name = "left", .kind = SL_STATE_LIST, .scope = SL_STATE_KEYED, .version = 1},
        {.name = "right", .kind = SL_STATE_LIST, .scope = SL_STATE_KEYED, .version = 1}};
    int node = sim_add(plan, "sim_join", left, right);
    plan->nodes[node].schema = sim_join_schema;
    plan->nodes[node].changelog = SL_RETRACT;
    plan->nodes[node].states = states;
    plan->nodes[node].state_count = SL_COUNT_OF(states);
    return node;
}

/* What is left of an input once its changelog is applied. */
static struct sim_records materialised_input(struct sim *sim, uint32_t input)
{
    struct sim_records rows = sim_records_of_input(sim, input, 1, NULL, NULL);
    sim_records_materialise(&rows);
    return rows;
}

static void put_side(struct sim_record *pair, uint32_t first, const struct sim_record *row)
{
    for (uint32_t c = 0; c < KEPT_COUNT; c++) {
        pair->fields[first + c] = row->fields[kept[c]];
        pair->null_mask |= ((row->null_mask >> kept[c]) & 1) << (first + c);
    }
}

struct sim_records sim_join_reference(struct sim *sim)
{
    struct sim_records left = materialised_input(sim, 0);
    struct sim_records right = materialised_input(sim, 1);
    struct sim_records pairs = {0};
    for (uint32_t i = 0; i < left.count; i++) {
        for (uint32_t j = 0; j < right.count; j++) {
            if (left.items[i].fields[SIM_KEY] != right.items[j].fields[SIM_KEY]) {
                continue;
            }
            struct sim_record pair = {.weight = 1};
            put_side(&pair, 0, &left.items[i]);
            put_side(&pair, 4, &right.items[j]);
            sim_records_add(&pairs, &pair);
        }
    }
    sim_records_free(&left);
    sim_records_free(&right);
    return pairs;
}
