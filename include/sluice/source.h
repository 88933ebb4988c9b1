/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 6. Where rows come from. A source is divided into splits (Kafka partitions, files); each
 * split is read by one worker, and a checkpoint keeps each split's position. Sources never block:
 * they answer BLOCKED and arm a wake-up. */
#ifndef SLUICE_SOURCE_H
#define SLUICE_SOURCE_H

#include "sluice/operator.h"

SL_EXTERN_C_BEGIN

/* name is stable over restarts ("topic/3", "/data/a.jsonl"); id is given by the engine, unique in
 * the query. */
struct sl_split {
    const char *name;
    uint32_t id;
};

struct sl_source_def {
    enum sl_status (*open)(struct sl_env *env, void **state, struct sl_error *err);
    /* Names of all splits there are now, in arena. Called on one worker's instance before the first
     * poll, and again when it wakes with new ones: then has_new_splits was true. */
    enum sl_status (*discover)(void *state, struct sl_arena *arena, const char ***names,
                               uint32_t *count, struct sl_error *err);
    /* Reads split from position: what position() once wrote, or NULL = where the options say (or
     * the split's start when it was found later: is_new). */
    enum sl_status (*assign)(void *state, const struct sl_split *split, const char *position,
                             bool is_new, struct sl_error *err);
    void (*revoke)(void *state, uint32_t split_id);
    /* MORE: outs are set (MAIN with runs, REJECTED, or both), call again. BLOCKED: nothing now,
     * wake-up armed. DONE: every assigned split has ended and none can come (bounded). Rows that
     * pushed-down predicates drop are deselected, not removed; a batch may have no selected row. */
    enum sl_status (*poll)(void *state, struct sl_outs *outs, enum sl_flow *flow,
                           struct sl_error *err);
    /* Appends the position behind the last row that poll has handed out for the split: printable
     * ASCII without line breaks. */
    enum sl_status (*position)(void *state, uint32_t split_id, struct sl_text *out,
                               struct sl_error *err);
    /* From the checkpoint alone, after it is decided: positions[i] of splits[i] are safe. For
     * information of others (a consumer group). May be NULL. */
    enum sl_status (*commit)(void *state, const struct sl_split *splits,
                             const char *const *positions, uint32_t count, struct sl_error *err);
    /* Whether discover would find splits that it has not named yet. May be NULL = never. */
    bool (*has_new_splits)(void *state);
    /* WAKE only. May be NULL. */
    enum sl_status (*wake)(void *state, int64_t token, struct sl_error *err);
    void (*close)(void *state);
};

SL_EXTERN_C_END

#endif
