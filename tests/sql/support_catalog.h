/* SPDX-License-Identifier: Apache-2.0
 *
 * Builtins for planner tests: the real scalar functions, and connectors, formats and aggregates
 * that can be planned with but not run. */
#ifndef TESTS_SQL_SUPPORT_CATALOG_H
#define TESTS_SQL_SUPPORT_CATALOG_H

#include "sluice/engine.h"

/* "events" can be read and written append-only (format json, metadata partition, offset, timestamp
 * and key), "updates" can also be written with updates, "void" cannot be read. */
extern const struct sl_builtins support_builtins;

/* A planner with its own catalog and arena. */
struct support_planner {
    struct sl_catalog catalog;
    struct sl_arena arena;
    struct sl_script script;
    struct sl_error err;
};
void support_planner_init(struct support_planner *planner);
void support_planner_deinit(struct support_planner *planner);
enum sl_status support_compile(struct support_planner *planner, const char *sql);
/* Tables that most tests read: sensors (watermarked), clicks, and sinks. */
extern const char support_tables[];

#endif
