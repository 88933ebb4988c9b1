/* SPDX-License-Identifier: Apache-2.0
 *
 * The rare paths of the JSON leaves: long or escaped strings, text that is not ASCII, numbers with
 * exponents or many digits, and nested values that nobody wants. */
#include "json_scan.h"

#include "sluice/text.h"

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* ---- strings ---- */

static int32_t hex_digit(char byte)
{
    if (is_digit(byte)) {
        return byte - '0';
    }
    char lower = (char)(byte | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The four hexadecimal digits of a \u escape, or -1. */
static int32_t hex_value(const char *at, const char *end)
{
    int32_t value = 0;
    if (end - at < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        int32_t digit = hex_digit(at[i]);
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* The escape whose backslash is at `at`: the byte behind it (and behind the second half of a
 * surrogate pair). */
static const char *check_escape(const char *at, const char *end, struct json_error *error)
{
    static const char SINGLE[] = "\"\\/bfnrt";
    if (end - at < 2) {
        return json_fail(error, SL_ROW_SYNTAX, "unfinished escape", at);
    }
    if (at[1] != 'u') {
        return at[1] != '\0' && strchr(SINGLE, at[1]) != NULL
                   ? at + 2
                   : json_fail(error, SL_ROW_SYNTAX, "unknown escape", at);
    }
    int32_t unit = hex_value(at + 2, end);
    if (unit < 0) {
        return json_fail(error, SL_ROW_SYNTAX, "\\u without four hexadecimal digits", at);
    }
    if (unit < 0xD800 || unit > 0xDFFF) {
        return at + 6;
    }
    int32_t low = end - at >= 8 && at[6] == '\\' && at[7] == 'u' ? hex_value(at + 8, end) : -1;
    return unit < 0xDC00 && low >= 0xDC00 && low <= 0xDFFF
               ? at + 12
               : json_fail(error, SL_ROW_SYNTAX, "lone surrogate", at);
}

static bool check_escapes(const char *at, const char *end, struct json_error *error)
{
    while ((at = memchr(at, '\\', (size_t)(end - at))) != NULL) {
        at = check_escape(at, end, error);
        if (at == NULL) {
            return false;
        }
    }
    return true;
}

/* Everything from begin on is part of the string; scanning begins at `at`. */
const char *conn_json_scan_string_slowly(const char *begin, const char *at, const char *end,
                                         struct json_string *string, struct json_error *error)
{
    bool escaped = false;
    bool has_high = false;
    while (at < end) {
        uint32_t high;
        uint32_t stop = json_stop_mask(at, &high);
        uint32_t length = stop == 0 ? 16 : json_first_bit(stop);
        has_high |= (high & ((UINT32_C(1) << length) - 1)) != 0;
        at += length;
        if (stop == 0) {
            continue;
        }
        if (*at == '"') {
            break;
        }
        if (*at != '\\') {
            return at < end ? json_fail(error, SL_ROW_SYNTAX, "control character in a string", at)
                            : json_fail(error, SL_ROW_SYNTAX, "the string does not end", begin);
        }
        escaped = true;
        at += 2;
    }
    if (at >= end) {
        return json_fail(error, SL_ROW_SYNTAX, "the string does not end", begin);
    }
    size_t length = (size_t)(at - begin);
    size_t good = has_high || escaped ? sl_utf8_check(begin, length) : length;
    if (good < length) {
        return json_fail(error, SL_ROW_UTF8, "bytes that are not UTF-8", begin + good);
    }
    if (escaped && !check_escapes(begin, at, error)) {
        return NULL;
    }
    *string = (struct json_string){.data = begin, .length = length, .escaped = escaped};
    return at + 1;
}

/* ---- numbers ---- */

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && is_digit(*at)) {
        at++;
    }
    return at;
}

/* at least one digit, or NULL */
static const char *scan_digits(const char *at, const char *end, struct json_error *error)
{
    const char *behind = skip_digits(at, end);
    return behind > at ? behind : json_fail(error, SL_ROW_SYNTAX, "expected a digit", at);
}

const char *conn_json_scan_number_slowly(const char *at, const char *end,
                                         struct json_number *number, struct json_error *error)
{
    *number = (struct json_number){.data = at, .negative = *at == '-', .is_integer = true};
    at += number->negative;
    const char *behind = scan_digits(at, end, error);
    if (behind == NULL) {
        return NULL;
    }
    if (*at == '0' && behind - at > 1) {
        return json_fail(error, SL_ROW_SYNTAX, "a number begins with 0", at);
    }
    if (behind < end && *behind == '.') {
        number->is_integer = false;
        behind = scan_digits(behind + 1, end, error);
    }
    if (behind != NULL && behind < end && (*behind | 0x20) == 'e') {
        number->is_integer = false;
        behind++;
        behind += behind < end && (*behind == '+' || *behind == '-');
        behind = scan_digits(behind, end, error);
    }
    if (behind != NULL) {
        number->length = (size_t)(behind - number->data);
    }
    return behind;
}

/* ---- containers ---- */

enum expectation { EXPECT_VALUE, EXPECT_KEY, EXPECT_SEPARATOR };

struct walk {
    const char *end;
    uint32_t depth;     /* open containers of this value */
    uint32_t depth_max; /* how many may be */
    uint64_t is_object; /* bit by depth - 1 */
    enum expectation expects;
    struct json_error *error;
};

static bool in_object(const struct walk *walk)
{
    return (walk->is_object >> (walk->depth - 1)) & 1;
}

static const char *open_container(struct walk *walk, const char *at)
{
    if (walk->depth == walk->depth_max) {
        return json_fail(walk->error, SL_ROW_DEPTH, "nested deeper than 64", at);
    }
    bool is_object = *at == '{';
    uint64_t bit = UINT64_C(1) << walk->depth;
    walk->is_object = is_object ? walk->is_object | bit : walk->is_object & ~bit;
    walk->depth++;
    at = json_skip_space(at + 1, walk->end);
    if (at < walk->end && *at == (is_object ? '}' : ']')) {
        walk->depth--;
        walk->expects = EXPECT_SEPARATOR;
        return at + 1;
    }
    walk->expects = is_object ? EXPECT_KEY : EXPECT_VALUE;
    return at;
}

static const char *walk_value(struct walk *walk, const char *at)
{
    if (*at == '{' || *at == '[') {
        return open_container(walk, at);
    }
    walk->expects = EXPECT_SEPARATOR;
    return json_skip_scalar(at, walk->end, walk->error);
}

static const char *walk_key(struct walk *walk, const char *at)
{
    struct json_string key;
    if (*at != '"') {
        return json_fail(walk->error, SL_ROW_SYNTAX, "expected a key", at);
    }
    at = json_scan_string(at + 1, walk->end, &key, walk->error);
    if (at == NULL) {
        return NULL;
    }
    at = json_skip_space(at, walk->end);
    if (at >= walk->end || *at != ':') {
        return json_fail(walk->error, SL_ROW_SYNTAX, "expected ':'", at);
    }
    walk->expects = EXPECT_VALUE;
    return at + 1;
}

static const char *walk_separator(struct walk *walk, const char *at)
{
    bool is_object = in_object(walk);
    if (*at == ',') {
        walk->expects = is_object ? EXPECT_KEY : EXPECT_VALUE;
        return at + 1;
    }
    if (*at == (is_object ? '}' : ']')) {
        walk->depth--;
        return at + 1;
    }
    return json_fail(walk->error, SL_ROW_SYNTAX,
                     is_object ? "expected ',' or '}'" : "expected ',' or ']'", at);
}

const char *conn_json_skip_container(const char *at, const char *end, uint32_t depth,
                                     struct json_error *error)
{
    struct walk walk = {.end = end, .depth_max = JSON_DEPTH_MAX - depth, .error = error};
    at = open_container(&walk, at);
    while (at != NULL && walk.depth > 0) {
        at = json_skip_space(at, end);
        if (at >= end) {
            return json_fail(error, SL_ROW_SYNTAX, "the text ends within a value", end);
        }
        at = walk.expects == EXPECT_VALUE ? walk_value(&walk, at)
             : walk.expects == EXPECT_KEY ? walk_key(&walk, at)
                                          : walk_separator(&walk, at);
    }
    return at;
}
