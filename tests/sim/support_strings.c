/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of strings, a character at a time: LIKE and regular expressions by plain backtracking.
 * The regular expressions are those without alternatives, whose groups are not repeated. */
#include <string.h>

#include "support_tree.h"

enum { GROUPS_MAX = 4 };

size_t utf8_next(const char *data, size_t length)
{
    size_t size = 1;
    while (size < length && ((unsigned char)data[size] & 0xc0) == 0x80) {
        size++;
    }
    return size;
}

size_t utf8_length(const char *data, size_t length)
{
    size_t count = 0;
    for (size_t at = 0; at < length; at += utf8_next(data + at, length - at)) {
        count++;
    }
    return count;
}

static bool like(const char *pattern, size_t pattern_length, const char *data, size_t length,
                 char escape)
{
    if (pattern_length == 0) {
        return length == 0;
    }
    if (escape != '\0' && *pattern == escape) {
        pattern++;
        pattern_length--;
    } else if (*pattern == '%') {
        for (size_t at = 0; at < length; at += utf8_next(data + at, length - at)) {
            if (like(pattern + 1, pattern_length - 1, data + at, length - at, escape)) {
                return true;
            }
        }
        return like(pattern + 1, pattern_length - 1, "", 0, escape);
    } else if (*pattern == '_') {
        const size_t size = length == 0 ? 0 : utf8_next(data, length);
        return length > 0 &&
               like(pattern + 1, pattern_length - 1, data + size, length - size, escape);
    }
    return length > 0 && *pattern == *data &&
           like(pattern + 1, pattern_length - 1, data + 1, length - 1, escape);
}

struct match {
    const char *start; /* of the whole text */
    const char *end;
    const char *group_start[GROUPS_MAX];
    const char *group_end[GROUPS_MAX];
    const char *found_end;
};

/* Bytes of the atom at pattern: a character, ., \d, \w or a class. */
static size_t atom_size(const char *pattern)
{
    if (*pattern == '\\') {
        return 2;
    }
    if (*pattern == '[') {
        return (size_t)(strchr(pattern, ']') - pattern) + 1;
    }
    return utf8_next(pattern, strlen(pattern));
}

static bool is_in_class(const char *class, char byte)
{
    const bool is_negated = class[1] == '^';
    bool is_found = false;
    for (const char *at = class + 1 + is_negated; *at != ']'; at++) {
        const bool is_range = at[1] == '-' && at[2] != ']';
        is_found |= byte >= *at && byte <= (is_range ? at[2] : *at);
        at += is_range ? 2 : 0;
    }
    return is_found != is_negated;
}

/* Bytes of text that the atom takes, 0 when it does not match. */
static size_t match_atom(const char *pattern, const char *text, const char *end)
{
    if (text == end) {
        return 0;
    }
    const size_t size = utf8_next(text, (size_t)(end - text));
    const char byte = *text;
    const bool is_digit = byte >= '0' && byte <= '9';
    bool is_match;
    if (*pattern == '.') {
        is_match = true;
    } else if (*pattern == '\\') {
        is_match = pattern[1] == 'd' ? is_digit
                                     : is_digit || byte == '_' || (byte >= 'a' && byte <= 'z') ||
                                           (byte >= 'A' && byte <= 'Z');
    } else if (*pattern == '[') {
        is_match = is_in_class(pattern, byte);
    } else {
        is_match = size == atom_size(pattern) && memcmp(pattern, text, size) == 0;
    }
    return is_match ? size : 0;
}

static bool match_here(struct match *match, const char *pattern, uint32_t group, uint32_t open,
                       const char *text);

/* max: how often at most. */
static bool match_repeated(struct match *match, const char *atom, const char *rest, uint32_t group,
                           uint32_t open, const char *text)
{
    const char quantifier = *rest;
    const size_t min = quantifier == '+';
    const size_t max = quantifier == '?' ? 1 : SIZE_MAX;
    const bool is_lazy = rest[1] == '?';
    const char *ends[512];
    size_t count = 0;
    ends[0] = text;
    while (count < max && count + 1 < SL_COUNT_OF(ends)) {
        const size_t size = match_atom(atom, ends[count], match->end);
        if (size == 0) {
            break;
        }
        ends[count + 1] = ends[count] + size;
        count++;
    }
    for (size_t tried = 0; tried + min <= count; tried++) {
        const size_t taken = is_lazy ? min + tried : count - tried;
        if (match_here(match, rest + 1 + is_lazy, group, open, ends[taken])) {
            return true;
        }
    }
    return false;
}

static bool match_here(struct match *match, const char *pattern, uint32_t group, uint32_t open,
                       const char *text)
{
    switch (*pattern) {
    case '\0':
        match->found_end = text;
        return true;
    case '^':
        return text == match->start && match_here(match, pattern + 1, group, open, text);
    case '$':
        return text == match->end && match_here(match, pattern + 1, group, open, text);
    case '(': /* not nested */
        match->group_start[group + 1] = text;
        return match_here(match, pattern + 1, group + 1, group + 1, text);
    case ')':
        match->group_end[open] = text;
        return match_here(match, pattern + 1, group, 0, text);
    default:
        break;
    }
    const char *rest = pattern + atom_size(pattern);
    if (*rest == '*' || *rest == '+' || *rest == '?') {
        return match_repeated(match, pattern, rest, group, open, text);
    }
    const size_t size = match_atom(pattern, text, match->end);
    return size > 0 && match_here(match, rest, group, open, text + size);
}

static bool find(struct match *match, const char *pattern, const struct value *text)
{
    match->start = text->data;
    match->end = text->data + text->length;
    for (const char *at = text->data;; at += utf8_next(at, (size_t)(match->end - at))) {
        if (match_here(match, pattern, 0, 0, at)) {
            match->group_start[0] = at;
            match->group_end[0] = match->found_end;
            return true;
        }
        if (at == match->end) {
            return false;
        }
    }
}

static struct value extract(struct interpreter *interpreter, const struct tree *tree,
                            const struct value *values)
{
    struct match match = {.start = NULL};
    const sl_int128 group = tree->child_count == 3 ? values[2].integer : 0;
    sl_int128 group_count = 0;
    for (const char *at = values[1].data; *at != '\0'; at++) {
        group_count += *at == '(';
    }
    if (group < 0 || group > group_count || !find(&match, values[1].data, &values[0])) {
        return value_null();
    }
    return value_string(interpreter, match.group_start[group],
                        (size_t)(match.group_end[group] - match.group_start[group]));
}

/* Of the letters that tests use. */
static struct value change_case(struct interpreter *interpreter, struct value value, bool is_upper)
{
    static const char *const letters[][2] = {{"é", "É"}, {"ж", "Ж"}, {"у", "У"}, {"к", "К"},
                                             {"σ", "Σ"}, {"ł", "Ł"}, {"ó", "Ó"}, {"ź", "Ź"}};
    value = value_string(interpreter, value.data, value.length);
    char *data = (char *)(uintptr_t)value.data;
    for (size_t at = 0; at < value.length; at++) {
        const char first = is_upper ? 'a' : 'A';
        if (data[at] >= first && data[at] < first + 26) {
            data[at] = (char)(data[at] ^ 0x20);
        }
        for (size_t idx = 0; idx < SL_COUNT_OF(letters); idx++) {
            const char *from = letters[idx][!is_upper];
            if (value.length - at >= strlen(from) && memcmp(data + at, from, strlen(from)) == 0) {
                memcpy(data + at, letters[idx][is_upper], strlen(from));
                break;
            }
        }
    }
    return value;
}

/* Position 0 is 1, a negative one counts from the end; beyond the start there is nothing. */
static struct value substring(struct interpreter *interpreter, const struct tree *tree,
                              const struct value *values)
{
    const sl_int128 length = (sl_int128)utf8_length(values[0].data, values[0].length);
    const sl_int128 position = values[1].integer;
    const sl_int128 count = tree->child_count == 3 ? values[2].integer : length;
    const sl_int128 first = position > 0 ? position - 1 : position < 0 ? length + position : 0;
    if (count < 0) {
        return value_null();
    }
    if (first < 0) {
        return value_string(interpreter, "", 0);
    }
    size_t start = 0;
    size_t end = 0;
    sl_int128 character = 0;
    for (size_t at = 0; at < values[0].length; character++) {
        at += utf8_next(values[0].data + at, values[0].length - at);
        start = character < first ? at : start;
        end = character < first + count ? at : end;
    }
    end = end < start ? start : end;
    return value_string(interpreter, values[0].data + start, end - start);
}

static struct value trim(struct interpreter *interpreter, struct value value, bool left, bool right)
{
    while (left && value.length > 0 && value.data[0] == ' ') {
        value.data++;
        value.length--;
    }
    while (right && value.length > 0 && value.data[value.length - 1] == ' ') {
        value.length--;
    }
    return value_string(interpreter, value.data, value.length);
}

/* Where needle begins at or behind from; SIZE_MAX when it does not. */
static size_t find_bytes(const struct value *value, size_t from, const struct value *needle)
{
    for (size_t at = from; at + needle->length <= value->length; at++) {
        if (memcmp(value->data + at, needle->data, needle->length) == 0) {
            return at;
        }
    }
    return SIZE_MAX;
}

static struct value replace(struct interpreter *interpreter, const struct value *values)
{
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    size_t at = 0;
    while (values[1].length > 0 && find_bytes(&values[0], at, &values[1]) != SIZE_MAX) {
        const size_t found = find_bytes(&values[0], at, &values[1]);
        sl_text_append(&text, values[0].data + at, found - at);
        sl_text_append(&text, values[2].data, values[2].length);
        at = found + values[1].length;
    }
    sl_text_append(&text, values[0].data + at, values[0].length - at);
    const struct value result = value_string(interpreter, text.data, text.length);
    sl_text_deinit(&text);
    return result;
}

static struct value split_index(struct interpreter *interpreter, const struct value *values)
{
    sl_int128 left = values[2].integer;
    size_t start = 0;
    if (values[0].length == 0 || left < 0) {
        return value_null();
    }
    for (;; left--) {
        const size_t found = find_bytes(&values[0], start, &values[1]);
        const size_t end = found == SIZE_MAX ? values[0].length : found;
        if (left == 0) {
            return value_string(interpreter, values[0].data + start, end - start);
        }
        if (found == SIZE_MAX) {
            return value_null();
        }
        start = found + values[1].length;
    }
}

static struct value concat(struct interpreter *interpreter, const struct tree *tree,
                           const struct value *values)
{
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    for (uint32_t idx = 0; idx < tree->child_count; idx++) {
        sl_text_append(&text, values[idx].data, values[idx].length);
    }
    const struct value result = value_string(interpreter, text.data, text.length);
    sl_text_deinit(&text);
    return result;
}

struct value string_function(struct interpreter *interpreter, const struct tree *tree,
                             const struct value *values)
{
    struct match match;
    size_t found;
    switch (tree->kind) {
    case TREE_LIKE:
        return value_integer(like(values[1].data, values[1].length, values[0].data,
                                  values[0].length,
                                  tree->child_count == 3 ? values[2].data[0] : 0));
    case TREE_CONCAT:
        return concat(interpreter, tree, values);
    case TREE_UPPER:
    case TREE_LOWER:
        return change_case(interpreter, values[0], tree->kind == TREE_UPPER);
    case TREE_CHAR_LENGTH:
        return value_integer((sl_int128)utf8_length(values[0].data, values[0].length));
    case TREE_SUBSTRING:
        return substring(interpreter, tree, values);
    case TREE_TRIM:
    case TREE_LTRIM:
    case TREE_RTRIM:
        return trim(interpreter, values[0], tree->kind != TREE_RTRIM, tree->kind != TREE_LTRIM);
    case TREE_REPLACE:
        return replace(interpreter, values);
    case TREE_POSITION:
        found = find_bytes(&values[1], 0, &values[0]);
        return value_integer(found == SIZE_MAX ? 0
                                               : (sl_int128)utf8_length(values[1].data, found) + 1);
    case TREE_SPLIT_INDEX:
        return split_index(interpreter, values);
    case TREE_REGEXP:
        return value_integer(values[1].length > 0 && find(&match, values[1].data, &values[0]));
    default:
        return extract(interpreter, tree, values);
    }
}
