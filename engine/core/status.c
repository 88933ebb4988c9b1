/* SPDX-License-Identifier: Apache-2.0
 *
 * How a call fails: the texts of the statuses and the one place that writes a struct sl_error.
 * Always true: arguments may point into the error that is being written. */
#include "sluice/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const STATUS_TEXTS[] = {
#define X(name, text) text,
    SL_STATUS_LIST(X)
#undef X
};

/* Cuts a UTF-8 character that truncation left unfinished at the end of text. */
static void trim_partial_character(char *text, size_t length)
{
    size_t start = length;
    while (start > 0 && length - start < 3 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) {
        start--;
    }
    if (start > 0 && (unsigned char)text[start - 1] >= 0xC0) {
        unsigned char lead = (unsigned char)text[start - 1];
        size_t needed = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        if (length - (start - 1) < needed) {
            text[start - 1] = '\0';
        }
    }
}

static void write_error(struct sl_error *err, enum sl_status status, uint32_t line, uint32_t column,
                        const char *format, va_list args)
{
    char text[SL_ERROR_TEXT_BYTES]; /* not err->text: "%s" of the old text wraps an error */
    int length = vsnprintf(text, sizeof(text), format, args);
    if (length < 0) {
        text[0] = '\0';
    } else if ((size_t)length >= sizeof(text)) {
        trim_partial_character(text, sizeof(text) - 1);
    }
    err->status = status;
    err->line = line;
    err->column = column;
    err->length = 0;
    memcpy(err->text, text, strlen(text) + 1);
}

enum sl_status sl_fail(struct sl_error *err, enum sl_status status, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        write_error(err, status, 0, 0, format, args);
        va_end(args);
    }
    return status;
}

enum sl_status sl_fail_at(struct sl_error *err, enum sl_status status, uint32_t line,
                          uint32_t column, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, format);
        write_error(err, status, line, column, format, args);
        va_end(args);
    }
    return status;
}

const char *sl_status_text(enum sl_status status)
{
    size_t idx = (size_t)status;
    return idx < SL_COUNT_OF(STATUS_TEXTS) ? STATUS_TEXTS[idx] : "unknown status";
}
