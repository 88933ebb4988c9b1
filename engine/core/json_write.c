/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON text out. Whatever bytes come in, what is written is valid UTF-8 and one valid JSON
 * value. */
#include "sluice/json.h"

#include "json_span.h"

#include <math.h>

static void append_escape(struct sl_text *text, uint8_t byte)
{
    static const char HEX[] = "0123456789abcdef";
    char out[6] = {'\\', '\0', '0', '0', HEX[byte >> 4], HEX[byte & 15U]};
    switch (byte) {
    case '"':
        out[1] = '"';
        break;
    case '\\':
        out[1] = '\\';
        break;
    case '\b':
        out[1] = 'b';
        break;
    case '\f':
        out[1] = 'f';
        break;
    case '\n':
        out[1] = 'n';
        break;
    case '\r':
        out[1] = 'r';
        break;
    case '\t':
        out[1] = 't';
        break;
    default:
        out[1] = 'u';
        break;
    }
    sl_text_append(text, out, out[1] == 'u' ? 6 : 2);
}

static void append_escaped(struct sl_text *text, const char *data, size_t length)
{
    size_t i = 0;
    while (i < length) {
        size_t run = sl_json_plain_span(data + i, length - i);
        sl_text_append(text, data + i, run);
        i += run;
        if (i < length) {
            append_escape(text, (uint8_t)data[i++]);
        }
    }
}

void sl_json_append_string(struct sl_text *text, const char *data, size_t length)
{
    static const char REPLACEMENT[] = "\xEF\xBF\xBD";
    sl_text_append_char(text, '"');
    size_t i = 0;
    while (i < length) {
        size_t valid = sl_utf8_check(data + i, length - i);
        append_escaped(text, data + i, valid);
        i += valid;
        if (i < length) {
            sl_text_append(text, REPLACEMENT, sizeof(REPLACEMENT) - 1);
            i++;
        }
    }
    sl_text_append_char(text, '"');
}

void sl_json_append_double(struct sl_text *text, double value)
{
    if (isfinite(value)) {
        sl_text_append_double(text, value);
    } else {
        sl_text_append(text, "null", 4);
    }
}
