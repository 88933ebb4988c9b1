/* SPDX-License-Identifier: Apache-2.0
 *
 * The growing byte buffer. Its capacity always leaves one byte behind the text, and once an append
 * was refused all later ones are, so that a cut text never has a hole in it. */
#include "sluice/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CAPACITY_MIN = 64, PRINTF_STACK_BYTES = 256 };

void sl_text_init(struct sl_text *text, struct sl_account *account, size_t limit_bytes)
{
    *text = (struct sl_text){.account = account, .limit_bytes = limit_bytes};
}

void sl_text_deinit(struct sl_text *text)
{
    if (text->data != NULL) {
        sl_memory_free(text->account, text->data, text->capacity);
    }
    text->data = NULL;
    text->length = 0;
    text->capacity = 0;
    text->failed = false;
}

void sl_text_reset(struct sl_text *text)
{
    text->length = 0;
    text->failed = false;
}

static bool grow(struct sl_text *text, size_t needed_bytes)
{
    size_t capacity = SL_MAX(needed_bytes, (size_t)CAPACITY_MIN);
    if (capacity < text->capacity + text->capacity / 2) {
        capacity = text->capacity + text->capacity / 2;
    }
    if (text->limit_bytes != 0 && capacity > text->limit_bytes + 1) {
        capacity = SL_MAX(needed_bytes, text->limit_bytes + 1);
    }
    char *data = text->data == NULL ? (char *)sl_memory_alloc(text->account, capacity)
                                    : (char *)sl_memory_resize(text->account, text->data,
                                                               text->capacity, capacity);
    if (data == NULL) {
        return false;
    }
    text->data = data;
    text->capacity = capacity;
    return true;
}

char *sl_text_reserve(struct sl_text *text, size_t extra_bytes)
{
    if (text->failed) {
        return NULL;
    }
    size_t end;
    bool refused = __builtin_add_overflow(text->length, extra_bytes, &end) || end == SIZE_MAX ||
                   (text->limit_bytes != 0 && end > text->limit_bytes);
    if (refused || (end + 1 > text->capacity && !grow(text, end + 1))) {
        text->failed = true;
        return NULL;
    }
    return text->data + text->length;
}

void sl_text_append(struct sl_text *text, const char *data, size_t length)
{
    char *out = sl_text_reserve(text, length);
    if (out != NULL && length > 0) {
        memcpy(out, data, length);
        text->length += length;
    }
}

void sl_text_append_string(struct sl_text *text, const char *string)
{
    sl_text_append(text, string, strlen(string));
}

void sl_text_append_char(struct sl_text *text, char character)
{
    char *out = sl_text_reserve(text, 1);
    if (out != NULL) {
        *out = character;
        text->length++;
    }
}

void sl_text_printf(struct sl_text *text, const char *format, ...)
{
    char small[PRINTF_STACK_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(small, sizeof(small), format, arguments);
    va_end(arguments);
    if (length < 0) {
        text->failed = true;
        return;
    }
    if ((size_t)length < sizeof(small)) {
        sl_text_append(text, small, (size_t)length);
        return;
    }
    char *out = sl_text_reserve(text, (size_t)length);
    if (out == NULL) {
        return;
    }
    va_start(arguments, format);
    vsnprintf(out, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}
