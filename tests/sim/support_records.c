/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows as numbers, compared as multisets. Always true: a text counts as the id that it was made of,
 * and only if every byte of it is right. */
#include "support_sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t sim_text(int64_t id, char text[SIM_TEXT_BYTES])
{
    const char *rest = id % 3 == 0 ? "" : "-and-more-than-a-view-holds-inline";
    return (size_t)snprintf(text, SIM_TEXT_BYTES, "r%lld%s", (long long)id, rest);
}

static int64_t id_of_text(struct sim *sim, const struct sl_view *view)
{
    char copy[SIM_TEXT_BYTES] = "";
    char expected[SIM_TEXT_BYTES];
    memcpy(copy, sl_view_data(view), SL_MIN(view->length, SIM_TEXT_BYTES - 1));
    int64_t id = copy[0] == 'r' ? strtoll(copy + 1, NULL, 10) : -1;
    size_t length = sim_text(id, expected);
    if (length != view->length || memcmp(copy, expected, length) != 0) {
        sim_complain(sim, "a text came out damaged: '%s' of %u bytes", copy, view->length);
    }
    return id;
}

void sim_records_add(struct sim_records *records, const struct sim_record *record)
{
    if (records->count == records->capacity) {
        records->capacity = records->capacity == 0 ? 256 : records->capacity * 2;
        records->items = realloc(records->items, records->capacity * sizeof(*records->items));
        SL_ASSERT(records->items != NULL);
    }
    records->items[records->count++] = *record;
}

void sim_records_free(struct sim_records *records)
{
    free(records->items);
    *records = (struct sim_records){0};
}

struct sim_record sim_record_of(const struct sim_row *row)
{
    struct sim_record record = {
        .fields = {row->id, row->key, row->value, row->time, row->mark, row->id},
        .weight = sl_kind_is_retract(row->kind) ? -1 : 1};
    if (row->value_is_null) {
        record.fields[SIM_VALUE] = 0;
        record.null_mask = 1u << SIM_VALUE;
    }
    return record;
}

struct sim_records sim_records_of_input(struct sim *sim, uint32_t input, int32_t weight,
                                        bool (*wanted)(const struct sim_row *row),
                                        void (*extend)(struct sim_record *record))
{
    struct sim_records records = {0};
    for (uint32_t s = 0; s < sim->inputs[input].split_count; s++) {
        const struct sim_split *split = &sim->inputs[input].splits[s];
        for (uint32_t i = 0; i < split->count; i++) {
            struct sim_record record = sim_record_of(&split->rows[i]);
            record.weight *= weight;
            if (extend != NULL) {
                extend(&record);
            }
            if (wanted == NULL || wanted(&split->rows[i])) {
                sim_records_add(&records, &record);
            }
        }
    }
    return records;
}

struct sim_record sim_record_read(struct sim *sim, const struct sl_batch *batch, uint32_t row)
{
    struct sim_record record = {.weight = sl_kind_is_retract(sl_batch_kind(batch, row)) ? -1 : 1};
    for (uint32_t c = 0; c < batch->schema->column_count; c++) {
        const struct sl_vector *vector = &batch->columns[c];
        uint32_t at = sl_vector_index(vector, row);
        if (!sl_vector_is_valid(vector, row)) {
            record.null_mask |= 1u << c;
        } else if (vector->physical == SL_VIEW) {
            record.fields[c] = id_of_text(sim, (const struct sl_view *)vector->data + at);
        } else {
            memcpy(&record.fields[c], (const int64_t *)vector->data + at, sizeof(int64_t));
        }
    }
    return record;
}

static int compare(const void *left, const void *right)
{
    const struct sim_record *a = left;
    const struct sim_record *b = right;
    for (uint32_t c = 0; c < SIM_FIELDS_MAX; c++) {
        if (a->fields[c] != b->fields[c]) {
            return a->fields[c] < b->fields[c] ? -1 : 1;
        }
    }
    return a->null_mask == b->null_mask ? 0 : a->null_mask < b->null_mask ? -1 : 1;
}

void sim_records_materialise(struct sim_records *records)
{
    if (records->count == 0) {
        return;
    }
    qsort(records->items, records->count, sizeof(*records->items), compare);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < records->count;) {
        struct sim_record sum = records->items[i++];
        while (i < records->count && compare(&sum, &records->items[i]) == 0) {
            sum.weight += records->items[i++].weight;
        }
        if (sum.weight != 0) {
            records->items[kept++] = sum;
        }
    }
    records->count = kept;
}

static void describe(const struct sim_records *records, uint32_t idx, char *text, size_t size)
{
    if (idx >= records->count) {
        snprintf(text, size, "nothing more");
        return;
    }
    const struct sim_record *record = &records->items[idx];
    size_t length = (size_t)snprintf(text, size, "%d times (", record->weight);
    for (uint32_t c = 0; c < SIM_FIELDS_MAX && length < size; c++) {
        bool is_null = (record->null_mask >> c) & 1;
        length += (size_t)(is_null ? snprintf(text + length, size - length, " NULL")
                                   : snprintf(text + length, size - length, " %lld",
                                              (long long)record->fields[c]));
    }
}

void sim_expect(struct sim *sim, struct sim_records *taken, struct sim_records *expected)
{
    sim_records_materialise(taken);
    sim_records_materialise(expected);
    for (uint32_t i = 0; i < SL_MAX(taken->count, expected->count); i++) {
        if (i < taken->count && i < expected->count &&
            compare(&taken->items[i], &expected->items[i]) == 0 &&
            taken->items[i].weight == expected->items[i].weight) {
            continue;
        }
        char got[300];
        char wanted[300];
        describe(taken, i, got, sizeof got);
        describe(expected, i, wanted, sizeof wanted);
        sim_complain(sim, "%u rows came out, %u were expected; row %u is %s), expected %s)",
                     taken->count, expected->count, i, got, wanted);
        return;
    }
}
