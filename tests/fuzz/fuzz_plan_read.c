/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as the body of a stored plan whose header vouches for them: it is refused, or is a plan
 * that can be explained, written again as it is, and whose expressions open or are refused. */
#include "sluice/catalog.h"

#include <string.h>

#include "operators/room.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADER_BYTES = 16 };

static const struct sl_builtins builtins = {
    .operators = op_operators, .functions = NULL, .aggregates = NULL};

/* Magic and version as the writer of plans puts them, length and CRC32C of this body. */
static void make_file(struct sl_text *file, const uint8_t *data, size_t size)
{
    static const struct sl_plan empty = {.version = SL_PLAN_VERSION, .name = ""};
    const uint32_t length = (uint32_t)size;
    const uint32_t crc = sl_crc32c(0, data, size);
    SL_ASSERT(sl_plan_write(&empty, file, NULL) == SL_OK);
    file->length = HEADER_BYTES;
    memcpy(file->data + 8, &length, sizeof length);
    memcpy(file->data + 12, &crc, sizeof crc);
    sl_text_append(file, (const char *)data, size);
}

static void open_node(const struct sl_plan *plan, const struct sl_plan_node *node,
                      const struct sl_schema *input)
{
    struct sl_builtins all = builtins;
    struct sl_catalog catalog;
    struct sl_account account = {.name = "fuzz", .limit_bytes = 256 << 20};
    struct sl_arena arena;
    struct sl_error err = {0};
    void *state = NULL;
    all.functions = op_function_lists;
    sl_catalog_init(&catalog, &all, NULL);
    sl_arena_init(&arena, &account, 0);
    struct sl_env env = {.plan = plan,
                         .node = node,
                         .catalog = &catalog,
                         .inputs = &input,
                         .input_count = 1,
                         .worker_count = 1,
                         .batch_rows = 16,
                         .account = &account,
                         .arena = &arena,
                         .label = "fuzz",
                         .restored_watermark = INT64_MIN};
    const struct sl_operator_def *def = sl_catalog_operator(&catalog, node->kind);
    const enum sl_status status = def->open(&env, &state, &err);
    SL_ASSERT(status == SL_OK || err.text[0] != '\0');
    def->close(state);
    sl_arena_deinit(&arena);
    sl_catalog_deinit(&catalog);
    SL_ASSERT(sl_account_used(&account) == 0);
}

static void open_nodes(const struct sl_plan *plan)
{
    for (uint32_t idx = 0; idx < plan->node_count; idx++) {
        const struct sl_plan_node *node = &plan->nodes[idx];
        if ((strcmp(node->kind, "filter") == 0 || strcmp(node->kind, "project") == 0) &&
            node->input_count == 1) {
            open_node(plan, node, &plan->nodes[node->inputs[0]].schema);
        }
    }
}

static void check_plan(const struct sl_plan *plan)
{
    struct sl_arena arena;
    struct sl_text text;
    struct sl_text again;
    struct sl_plan *copy = NULL;
    struct sl_error err = {0};
    sl_arena_init(&arena, NULL, 0);
    sl_text_init(&text, NULL, 0);
    sl_text_init(&again, NULL, 0);
    SL_ASSERT(sl_plan_explain(plan, &text, &err) == SL_OK);
    sl_text_reset(&text);
    SL_ASSERT(sl_plan_write(plan, &text, &err) == SL_OK);
    SL_ASSERT(sl_plan_read(text.data, text.length, &arena, &copy, &err) == SL_OK);
    SL_ASSERT(sl_plan_write(copy, &again, &err) == SL_OK);
    SL_ASSERT(text.length == again.length && memcmp(text.data, again.data, text.length) == 0);
    sl_text_deinit(&again);
    sl_text_deinit(&text);
    sl_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sl_account account = {.name = "fuzz", .limit_bytes = 256 << 20};
    struct sl_arena arena;
    struct sl_text file;
    struct sl_plan *plan = NULL;
    struct sl_error err = {0};
    sl_arena_init(&arena, &account, 0);
    sl_text_init(&file, NULL, 0);
    make_file(&file, data, size);
    const enum sl_status status = sl_plan_read(file.data, file.length, &arena, &plan, &err);
    if (status == SL_OK) {
        check_plan(plan);
        open_nodes(plan);
    } else {
        SL_ASSERT(err.status == status && err.text[0] != '\0');
    }
    sl_text_deinit(&file);
    sl_arena_deinit(&arena);
    SL_ASSERT(sl_account_used(&account) == 0);
    return 0;
}
