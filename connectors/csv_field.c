/* SPDX-License-Identifier: Apache-2.0
 *
 * One CSV field (RFC 4180, section 2). Beyond it: an escape character, and quotes inside a field
 * that does not begin with one are characters like others. */
#include "csv_field.h"

#include <string.h>

static const char *end_field(struct conn_csv_field *field, const char *begin, const char *behind)
{
    field->data = begin;
    field->length = (size_t)(behind - begin);
    return behind;
}

static const char *next_quoted(const struct conn_csv_style *style, const char *at, const char *end,
                               struct conn_csv_field *field, const char **error)
{
    const char *begin = at;
    field->is_quoted = true;
    for (; at < end; at++) {
        bool is_escape = style->escape != '\0' && *at == style->escape;
        bool is_doubled = *at == style->quote && end - at > 1 && at[1] == style->quote;
        if ((is_escape || is_doubled) && end - at > 1) {
            field->has_escapes = true;
            at++;
        } else if (*at == style->quote) {
            break;
        }
    }
    if (at >= end) {
        *error = "a quote without end";
        return NULL;
    }
    end_field(field, begin, at);
    at++;
    if (at == end) {
        return NULL;
    }
    if (*at != style->delimiter) {
        *error = "text behind a closing quote";
        return NULL;
    }
    return at + 1;
}

static const char *next_escaped(const struct conn_csv_style *style, const char *at, const char *end,
                                struct conn_csv_field *field)
{
    const char *begin = at;
    for (; at < end && *at != style->delimiter; at++) {
        if (*at == style->escape && end - at > 1) {
            field->has_escapes = true;
            at++;
        }
    }
    end_field(field, begin, at);
    return at < end ? at + 1 : NULL;
}

const char *conn_csv_next(const struct conn_csv_style *style, const char *at, const char *end,
                          struct conn_csv_field *field, const char **error)
{
    *field = (struct conn_csv_field){.data = at};
    if (style->quote != '\0' && at < end && *at == style->quote) {
        return next_quoted(style, at + 1, end, field, error);
    }
    if (style->escape != '\0') {
        return next_escaped(style, at, end, field);
    }
    const char *stop = at < end ? memchr(at, style->delimiter, (size_t)(end - at)) : NULL;
    end_field(field, at, stop == NULL ? end : stop);
    return stop == NULL ? NULL : stop + 1;
}

bool conn_csv_unescape(const struct conn_csv_style *style, struct sl_arena *arena,
                       struct conn_csv_field *field)
{
    if (!field->has_escapes) {
        return true;
    }
    char *plain = sl_arena_alloc_raw(arena, field->length);
    if (plain == NULL) {
        return false;
    }
    size_t length = 0;
    for (size_t i = 0; i < field->length; i++) {
        char character = field->data[i];
        bool is_escape = style->escape != '\0' && character == style->escape;
        bool is_quote = field->is_quoted && character == style->quote;
        i += (is_escape || is_quote) && i + 1 < field->length;
        plain[length++] = field->data[i];
    }
    field->data = plain;
    field->length = length;
    return true;
}

static bool is_special(const struct conn_csv_style *style, char character)
{
    return character == style->delimiter || character == '\n' || character == '\r' ||
           (style->quote != '\0' && character == style->quote) ||
           (style->escape != '\0' && character == style->escape);
}

/* Puts mark in front of every character that needs one; there is room for extra more bytes. */
static void insert_marks(const struct conn_csv_style *style, struct sl_text *out, size_t begin,
                         size_t extra)
{
    size_t from = out->length;
    size_t to = out->length + extra;
    while (from > begin) {
        char character = out->data[--from];
        out->data[--to] = character;
        bool is_quote = style->quote != '\0' && character == style->quote;
        bool is_escape = style->escape != '\0' && character == style->escape;
        if (is_quote || is_escape || (style->quote == '\0' && is_special(style, character))) {
            out->data[--to] = style->escape != '\0' ? style->escape : style->quote;
        }
    }
    out->length += extra;
}

static size_t count_marks(const struct conn_csv_style *style, const struct sl_text *out,
                          size_t begin)
{
    size_t count = 0;
    for (size_t i = begin; i < out->length; i++) {
        char character = out->data[i];
        bool is_quote = style->quote != '\0' && character == style->quote;
        bool is_escape = style->escape != '\0' && character == style->escape;
        count += is_quote || is_escape || (style->quote == '\0' && is_special(style, character));
    }
    return count;
}

void conn_csv_protect(const struct conn_csv_style *style, struct sl_text *out, size_t begin)
{
    bool needs_it = false;
    for (size_t i = begin; i < out->length; i++) {
        needs_it |= is_special(style, out->data[i]);
    }
    if (!needs_it || (style->quote == '\0' && style->escape == '\0')) {
        return;
    }
    size_t marks = count_marks(style, out, begin);
    if (sl_text_reserve(out, marks + 2) == NULL) {
        return;
    }
    insert_marks(style, out, begin, marks);
    if (style->quote != '\0') {
        memmove(out->data + begin + 1, out->data + begin, out->length - begin);
        out->data[begin] = style->quote;
        out->data[out->length + 1] = style->quote;
        out->length += 2;
    }
}
