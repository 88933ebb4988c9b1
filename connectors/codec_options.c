/* SPDX-License-Identifier: Apache-2.0
 *
 * What the codecs share: reading options under a prefix, and reporting bad rows. */
#include "codec_options.h"

#include "sluice/option.h"

#include <stdarg.h>
#include <stdio.h>

enum { OPTION_NAME_BYTES = 128 };

const char *conn_codec_text(const struct sl_codec_env *env, const struct sl_option_def *table,
                            const char *name)
{
    char prefixed[OPTION_NAME_BYTES];
    snprintf(prefixed, sizeof prefixed, "%s%s", env->option_prefix, name);
    const char *text = sl_option_text(env->options, NULL, prefixed);
    for (; text == NULL && table->name != NULL; table++) {
        if (strcmp(table->name, name) == 0) {
            return table->default_text;
        }
    }
    return text;
}

bool conn_codec_bool(const struct sl_codec_env *env, const struct sl_option_def *table,
                     const char *name)
{
    bool value = false;
    const char *text = conn_codec_text(env, table, name);
    return text != NULL && sl_parse_bool(text, strlen(text), &value) && value;
}

void conn_add_reject(struct sl_decode *decode, enum sl_row_error reason, const char *format, ...)
{
    struct sl_reject *reject = &decode->rejects[decode->reject_count++];
    reject->span_idx = decode->done;
    reject->reason = reason;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reject->detail, sizeof reject->detail, format, arguments);
    va_end(arguments);
}
