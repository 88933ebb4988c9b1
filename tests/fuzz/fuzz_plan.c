/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a script behind a few tables: planning ends in plans that can be written, read and
 * explained, or in one error. */
#include <string.h>

#include "connectors/room.h"
#include "operators/room.h"
#include "sql/room.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char TABLES[] =
    "CREATE TABLE t (a INT, b BIGINT NOT NULL, c DOUBLE, d STRING, e DECIMAL(10, 2), f BOOLEAN,"
    " g DATE, at TIMESTAMP(3), ts AS TO_TIMESTAMP_LTZ(b, 3),"
    " WATERMARK FOR at AS at - INTERVAL '5' SECOND) WITH ('connector' = 'datagen');"
    "CREATE TABLE p (a INT, d STRING) WITH ('connector' = 'print');"
    "CREATE VIEW v AS SELECT a, c * 2 AS c, d, at FROM t WHERE c > 1;";

static void check_plan(const struct sl_plan *plan)
{
    struct sl_arena arena;
    struct sl_text text;
    struct sl_plan *copy;
    struct sl_error err;
    sl_arena_init(&arena, NULL, 0);
    sl_text_init(&text, NULL, 0);
    SL_ASSERT(sl_plan_write(plan, &text, &err) == SL_OK);
    SL_ASSERT(sl_plan_read(text.data, text.length, &arena, &copy, &err) == SL_OK);
    sl_text_reset(&text);
    SL_ASSERT(sl_plan_explain(copy, &text, &err) == SL_OK);
    sl_text_deinit(&text);
    sl_arena_deinit(&arena);
}

static enum sl_status compile(struct sl_catalog *catalog, struct sl_arena *arena, const char *sql,
                              size_t length, struct sl_script *script)
{
    struct sl_error err = {0};
    enum sl_status status =
        sql_planner.compile(catalog, sql, length, NULL, NULL, arena, script, &err);
    SL_ASSERT(status == SL_OK || (err.status == status && err.text[0] != '\0'));
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct sl_offload_def *const offloads[] = {NULL};
    static const char *const missing[] = {NULL};
    const struct sl_builtins builtins = {.connectors = conn_connectors,
                                         .codecs = conn_codecs,
                                         .operators = op_operators,
                                         .functions = op_function_lists,
                                         .aggregates = op_aggregates,
                                         .offloads = offloads,
                                         .missing_connectors = missing};
    struct sl_account account = {.name = "fuzz", .limit_bytes = 256 * 1024 * 1024};
    struct sl_catalog catalog;
    struct sl_arena arena;
    struct sl_script script = {0};
    sl_catalog_init(&catalog, &builtins, &account);
    sl_arena_init(&arena, &account, 0);
    SL_ASSERT(compile(&catalog, &arena, TABLES, strlen(TABLES), &script) == SL_OK);
    if (compile(&catalog, &arena, (const char *)data, size, &script) == SL_OK) {
        for (uint32_t i = 0; i < script.job_count; i++) {
            if (script.jobs[i].plan != NULL) {
                check_plan(script.jobs[i].plan);
            }
        }
    }
    sl_arena_deinit(&arena);
    sl_catalog_deinit(&catalog);
    return 0;
}
