/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON pull reader. It keeps one bit for each open container and the one thing it may see next;
 * nothing is allocated and no byte behind data + length is read. */
#include "sluice/json.h"

#include "json_span.h"

enum { DEPTH_MAX = 1024 };

/* What may come next. */
enum state {
    STATE_VALUE,        /* a value */
    STATE_OBJECT_FIRST, /* a key or } */
    STATE_OBJECT_NEXT,  /* , or } */
    STATE_ARRAY_FIRST,  /* a value or ] */
    STATE_ARRAY_NEXT,   /* , or ] */
    STATE_DONE,         /* nothing but white space */
    STATE_ERROR
};

void sl_json_reader_init(struct sl_json_reader *reader, const char *data, size_t length,
                         uint32_t depth_limit)
{
    *reader = (struct sl_json_reader){
        .data = data,
        .length = length,
        .depth_limit = SL_MIN(depth_limit, (uint32_t)DEPTH_MAX),
        .state = STATE_VALUE,
    };
}

static enum sl_json_kind fail(struct sl_json_reader *reader, size_t offset, const char *error)
{
    reader->state = STATE_ERROR;
    reader->offset = offset;
    reader->error = error;
    return SL_JSON_ERROR;
}

/* The next byte that is not white space, or '\0' at the end (a NUL byte is an error anyway). */
static char peek(struct sl_json_reader *reader)
{
    size_t i = reader->offset;
    for (; i < reader->length; i++) {
        char c = reader->data[i];
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
            break;
        }
    }
    reader->offset = i;
    return i < reader->length ? reader->data[i] : '\0';
}

static void end_value(struct sl_json_reader *reader)
{
    if (reader->depth == 0) {
        reader->state = STATE_DONE;
        return;
    }
    uint32_t idx = reader->depth - 1;
    bool in_object = (reader->is_object[idx / 64] >> (idx % 64) & 1U) != 0;
    reader->state = in_object ? STATE_OBJECT_NEXT : STATE_ARRAY_NEXT;
}

static enum sl_json_kind open_container(struct sl_json_reader *reader, struct sl_json_token *token,
                                        bool is_object)
{
    if (reader->depth >= reader->depth_limit) {
        return fail(reader, reader->offset, "nesting is too deep");
    }
    uint64_t bit = (uint64_t)1 << (reader->depth % 64);
    uint64_t *word = &reader->is_object[reader->depth / 64];
    *word = is_object ? *word | bit : *word & ~bit;
    reader->depth++;
    reader->state = is_object ? STATE_OBJECT_FIRST : STATE_ARRAY_FIRST;
    token->data = reader->data + reader->offset++;
    token->length = 1;
    return is_object ? SL_JSON_OBJECT : SL_JSON_ARRAY;
}

static enum sl_json_kind close_container(struct sl_json_reader *reader, struct sl_json_token *token,
                                         enum sl_json_kind kind)
{
    token->data = reader->data + reader->offset++;
    token->length = 1;
    reader->depth--;
    end_value(reader);
    return kind;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Length of the escape that begins with the backslash at data, 0 when it is none. */
static size_t escape_length(const char *data, size_t length)
{
    if (length < 2) {
        return 0;
    }
    if (data[1] != 'u') {
        return data[1] != '\0' && strchr("\"\\/bfnrt", data[1]) != NULL ? 2 : 0;
    }
    if (length < 6) {
        return 0;
    }
    for (int i = 2; i < 6; i++) {
        if (!is_hex(data[i])) {
            return 0;
        }
    }
    return 6;
}

/* Reads the string whose opening quote is at offset; kind is returned when it is well-formed. */
static enum sl_json_kind read_string(struct sl_json_reader *reader, struct sl_json_token *token,
                                     enum sl_json_kind kind)
{
    size_t start = reader->offset + 1;
    size_t i = start;
    while (true) {
        i += sl_json_plain_span(reader->data + i, reader->length - i);
        if (i == reader->length) {
            return fail(reader, i, "unterminated string");
        }
        if (reader->data[i] == '"') {
            break;
        }
        if (reader->data[i] != '\\') {
            return fail(reader, i, "control character in a string");
        }
        size_t size = escape_length(reader->data + i, reader->length - i);
        if (size == 0) {
            return fail(reader, i, "bad escape in a string");
        }
        token->escaped = true;
        i += size;
    }
    token->data = reader->data + start;
    token->length = i - start;
    size_t valid = sl_utf8_check(token->data, token->length);
    if (valid != token->length) {
        return fail(reader, start + valid, "invalid UTF-8");
    }
    reader->offset = i + 1;
    return kind;
}

static size_t skip_digits(const struct sl_json_reader *reader, size_t i)
{
    while (i < reader->length && reader->data[i] >= '0' && reader->data[i] <= '9') {
        i++;
    }
    return i;
}

static bool has_one_of(const struct sl_json_reader *reader, size_t i, char a, char b)
{
    return i < reader->length && (reader->data[i] == a || reader->data[i] == b);
}

static enum sl_json_kind read_number(struct sl_json_reader *reader, struct sl_json_token *token)
{
    size_t start = reader->offset;
    size_t i = start + (reader->data[start] == '-');
    size_t digits_end = skip_digits(reader, i);
    bool good = digits_end > i && (reader->data[i] != '0' || digits_end == i + 1);
    i = digits_end;
    if (good && has_one_of(reader, i, '.', '.')) {
        digits_end = skip_digits(reader, i + 1);
        good = digits_end > i + 1;
        i = digits_end;
    }
    if (good && has_one_of(reader, i, 'e', 'E')) {
        i += 1 + (size_t)has_one_of(reader, i + 1, '+', '-');
        digits_end = skip_digits(reader, i);
        good = digits_end > i;
        i = digits_end;
    }
    if (!good) {
        return fail(reader, start, "bad number");
    }
    token->data = reader->data + start;
    token->length = i - start;
    reader->offset = i;
    end_value(reader);
    return SL_JSON_NUMBER;
}

static enum sl_json_kind read_word(struct sl_json_reader *reader, struct sl_json_token *token,
                                   const char *word, enum sl_json_kind kind)
{
    size_t length = strlen(word);
    const char *at = reader->data + reader->offset;
    if (reader->length - reader->offset < length || memcmp(at, word, length) != 0) {
        return fail(reader, reader->offset, "expected a value");
    }
    token->data = at;
    token->length = length;
    reader->offset += length;
    end_value(reader);
    return kind;
}

static enum sl_json_kind read_value(struct sl_json_reader *reader, struct sl_json_token *token,
                                    char first)
{
    switch (first) {
    case '"':
        if (read_string(reader, token, SL_JSON_STRING) == SL_JSON_ERROR) {
            return SL_JSON_ERROR;
        }
        end_value(reader);
        return SL_JSON_STRING;
    case '{':
        return open_container(reader, token, true);
    case '[':
        return open_container(reader, token, false);
    case 't':
        return read_word(reader, token, "true", SL_JSON_TRUE);
    case 'f':
        return read_word(reader, token, "false", SL_JSON_FALSE);
    case 'n':
        return read_word(reader, token, "null", SL_JSON_NULL);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return read_number(reader, token);
    default:
        return fail(reader, reader->offset, "expected a value");
    }
}

static enum sl_json_kind read_key(struct sl_json_reader *reader, struct sl_json_token *token,
                                  char first)
{
    if (first != '"') {
        return fail(reader, reader->offset, "expected a key in double quotes");
    }
    if (read_string(reader, token, SL_JSON_KEY) == SL_JSON_ERROR) {
        return SL_JSON_ERROR;
    }
    if (peek(reader) != ':') {
        return fail(reader, reader->offset, "expected ':' behind a key");
    }
    reader->offset++;
    reader->state = STATE_VALUE;
    return SL_JSON_KEY;
}

static enum sl_json_kind next_in_object(struct sl_json_reader *reader, struct sl_json_token *token,
                                        char first)
{
    if (first == '}') {
        return close_container(reader, token, SL_JSON_OBJECT_END);
    }
    if (reader->state == STATE_OBJECT_NEXT) {
        if (first != ',') {
            return fail(reader, reader->offset, "expected ',' or '}'");
        }
        reader->offset++;
        first = peek(reader);
    }
    return read_key(reader, token, first);
}

static enum sl_json_kind next_in_array(struct sl_json_reader *reader, struct sl_json_token *token,
                                       char first)
{
    if (first == ']') {
        return close_container(reader, token, SL_JSON_ARRAY_END);
    }
    if (reader->state == STATE_ARRAY_NEXT) {
        if (first != ',') {
            return fail(reader, reader->offset, "expected ',' or ']'");
        }
        reader->offset++;
        first = peek(reader);
    }
    return read_value(reader, token, first);
}

static enum sl_json_kind next(struct sl_json_reader *reader, struct sl_json_token *token)
{
    if (reader->state == STATE_ERROR) {
        return SL_JSON_ERROR;
    }
    char first = peek(reader);
    bool at_end = reader->offset == reader->length;
    if (reader->state == STATE_DONE) {
        return at_end ? SL_JSON_END : fail(reader, reader->offset, "text behind the value");
    }
    if (at_end) {
        return fail(reader, reader->offset, "unexpected end of input");
    }
    switch (reader->state) {
    case STATE_OBJECT_FIRST:
    case STATE_OBJECT_NEXT:
        return next_in_object(reader, token, first);
    case STATE_ARRAY_FIRST:
    case STATE_ARRAY_NEXT:
        return next_in_array(reader, token, first);
    default:
        return read_value(reader, token, first);
    }
}

enum sl_json_kind sl_json_next(struct sl_json_reader *reader, struct sl_json_token *token)
{
    *token = (struct sl_json_token){.data = reader->data};
    token->kind = next(reader, token);
    return token->kind;
}

bool sl_json_skip(struct sl_json_reader *reader, const struct sl_json_token *token)
{
    struct sl_json_token inner = *token;
    if (token->kind == SL_JSON_KEY) {
        sl_json_next(reader, &inner);
    }
    if (inner.kind != SL_JSON_OBJECT && inner.kind != SL_JSON_ARRAY) {
        return inner.kind != SL_JSON_ERROR;
    }
    uint32_t outer_depth = reader->depth - 1;
    while (reader->depth > outer_depth) {
        if (sl_json_next(reader, &inner) == SL_JSON_ERROR) {
            return false;
        }
    }
    return true;
}

/* The four hexadecimal digits at data as a number; above 0xFFFF when they are not. */
static uint32_t read_hex4(const char *data)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char c = data[i];
        if (!is_hex(c)) {
            return UINT32_MAX;
        }
        uint32_t digit = c <= '9' ? (uint32_t)(c - '0') : (uint32_t)((c | 0x20) - 'a' + 10);
        value = value << 4 | digit;
    }
    return value;
}

/* Decodes \uXXXX or a pair of them at data; *used is 0 for anything else. */
static uint32_t read_unicode_escape(const char *data, size_t length, size_t *used)
{
    uint32_t high = length >= 6 ? read_hex4(data + 2) : UINT32_MAX;
    *used = high <= 0xFFFF ? 6 : 0;
    if (high < 0xD800 || high > 0xDBFF) {
        return high;
    }
    bool has_low = length >= 12 && data[6] == '\\' && data[7] == 'u';
    uint32_t low = has_low ? read_hex4(data + 8) : 0;
    *used = low >= 0xDC00 && low <= 0xDFFF ? 12 : 0;
    return *used == 0 ? 0 : 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

/* Decodes the escape at data into out; returns the bytes written, 0 when it is bad. */
static size_t unescape_one(const char *data, size_t length, char out[4], size_t *used)
{
    static const char LETTERS[] = "\"\\/bfnrt";
    static const char VALUES[] = "\"\\/\b\f\n\r\t";
    if (length >= 2 && data[1] == 'u') {
        uint32_t code_point = read_unicode_escape(data, length, used);
        return *used == 0 ? 0 : sl_utf8_encode(code_point, out);
    }
    const char *letter = length >= 2 && data[1] != '\0' ? strchr(LETTERS, data[1]) : NULL;
    if (letter == NULL) {
        return 0;
    }
    *used = 2;
    out[0] = VALUES[letter - LETTERS];
    return 1;
}

size_t sl_json_unescape(const char *data, size_t length, char *out)
{
    size_t written = 0;
    size_t i = 0;
    while (i < length) {
        const char *escape = (const char *)memchr(data + i, '\\', length - i);
        size_t run = escape == NULL ? length - i : (size_t)(escape - data) - i;
        memmove(out + written, data + i, run);
        written += run;
        i += run;
        if (i < length) {
            char decoded[4];
            size_t used = 0;
            size_t size = unescape_one(data + i, length - i, decoded, &used);
            if (size == 0) {
                return SIZE_MAX;
            }
            memcpy(out + written, decoded, size);
            written += size;
            i += used;
        }
    }
    return written;
}
