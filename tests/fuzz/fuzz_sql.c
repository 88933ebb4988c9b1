/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes through the SQL parser: it ends in a tree or in one error inside the text, and what was
 * parsed, written and parsed again is written the same. */
#include "sql/parse.h"
#include "sql/unparse.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_script(struct sl_text *text, const struct sql_script *script)
{
    for (uint32_t i = 0; i < script->count; i++) {
        sql_unparse_statement(text, &script->statements[i]);
        sl_text_append_string(text, ";\n");
    }
}

/* Parentheses that canonical text adds may nest it too deep; nothing else may fail. */
static void check_again(const struct sl_text *text)
{
    struct sl_arena arena;
    struct sl_text again;
    struct sl_error err = {0};
    struct sql_script script = {0};
    sl_arena_init(&arena, NULL, 0);
    sl_text_init(&again, NULL, 0);
    enum sl_status status = sql_parse_script(text->data, text->length, &arena, &script, &err);
    SL_ASSERT(status == SL_OK || status == SL_LIMIT);
    if (status == SL_OK) {
        write_script(&again, &script);
        SL_ASSERT(again.length == text->length);
        SL_ASSERT(text->length == 0 || memcmp(again.data, text->data, text->length) == 0);
    }
    sl_text_deinit(&again);
    sl_arena_deinit(&arena);
}

/* A shell reads on after an error and must come to the end. */
static void check_reader(const char *data, size_t size)
{
    struct sql_reader reader;
    struct sl_arena arena;
    struct sql_statement *statement = NULL;
    enum sl_status status = SL_OK;
    size_t steps = 0;
    sql_reader_init(&reader, data, size);
    sl_arena_init(&arena, NULL, 0);
    do {
        status = sql_parse_next(&reader, &arena, &statement, NULL);
        SL_ASSERT(++steps <= size + 2);
    } while (reader.checked && (status != SL_OK || statement != NULL));
    sl_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sl_arena arena;
    struct sl_text text;
    struct sl_error err = {0};
    struct sql_script script = {0};
    sl_arena_init(&arena, NULL, 0);
    sl_text_init(&text, NULL, 0);
    enum sl_status status = sql_parse_script((const char *)data, size, &arena, &script, &err);
    if (status == SL_OK) {
        write_script(&text, &script);
        SL_ASSERT(!text.failed);
        check_again(&text);
    } else {
        SL_ASSERT(err.text[0] != '\0' && err.line >= 1 && err.column >= 1);
    }
    check_reader((const char *)data, size);
    sl_text_deinit(&text);
    sl_arena_deinit(&arena);
    return 0;
}
