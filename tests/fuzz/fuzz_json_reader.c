/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes through the JSON reader: it must end, stay inside its input, agree with sl_json_skip,
 * and what its strings hold must survive being written and read again. */
#include "sluice/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_string(const struct sl_json_token *token)
{
    char *plain = malloc(token->length + 1);
    char *again = malloc(token->length * 6 + 3);
    size_t length = plain == NULL ? SIZE_MAX : sl_json_unescape(token->data, token->length, plain);
    if (length != SIZE_MAX && again != NULL) {
        struct sl_text text;
        struct sl_json_reader reader;
        struct sl_json_token read;
        SL_ASSERT(length <= token->length && sl_utf8_check(plain, length) == length);
        sl_text_init(&text, NULL, 0);
        sl_json_append_string(&text, plain, length);
        sl_json_reader_init(&reader, text.data, text.length, 1);
        SL_ASSERT(sl_json_next(&reader, &read) == SL_JSON_STRING);
        SL_ASSERT(sl_json_unescape(read.data, read.length, again) == length);
        SL_ASSERT(length == 0 || memcmp(plain, again, length) == 0);
        SL_ASSERT(sl_json_next(&reader, &read) == SL_JSON_END);
        sl_text_deinit(&text);
    }
    free(again);
    free(plain);
}

static bool read_all(const char *data, size_t size)
{
    struct sl_json_reader reader;
    struct sl_json_token token;
    size_t steps = 0;
    sl_json_reader_init(&reader, data, size, 64);
    while (sl_json_next(&reader, &token) != SL_JSON_ERROR && token.kind != SL_JSON_END) {
        SL_ASSERT(++steps <= size && reader.offset <= size && reader.depth <= 64);
        SL_ASSERT(token.data >= data && token.data + token.length <= data + size);
        if (token.kind == SL_JSON_STRING || token.kind == SL_JSON_KEY) {
            check_string(&token);
        } else if (token.kind == SL_JSON_NUMBER) {
            double value;
            SL_ASSERT(sl_parse_double(token.data, token.length, &value));
        }
    }
    SL_ASSERT(token.kind == SL_JSON_END || (reader.error != NULL && reader.offset <= size));
    return token.kind == SL_JSON_END;
}

static bool skip_all(const char *data, size_t size)
{
    struct sl_json_reader reader;
    struct sl_json_token token;
    sl_json_reader_init(&reader, data, size, 64);
    return sl_json_next(&reader, &token) != SL_JSON_ERROR && sl_json_skip(&reader, &token) &&
           sl_json_next(&reader, &token) == SL_JSON_END;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    SL_ASSERT(read_all(text, size) == skip_all(text, size));
    /* The writer takes any bytes and makes a string of them. */
    struct sl_text written;
    sl_text_init(&written, NULL, 0);
    sl_json_append_string(&written, text, size);
    SL_ASSERT(read_all(written.data, written.length));
    sl_text_deinit(&written);
    return 0;
}
