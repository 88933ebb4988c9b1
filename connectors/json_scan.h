/* SPDX-License-Identifier: Apache-2.0
 *
 * The leaves of JSON decoding: one pass over a line, every byte checked against RFC 8259. Each
 * takes the byte to begin at and returns the byte behind what it read, or NULL with *error set.
 *
 * Readable bytes: at least 64 behind `end`, whose content does not matter. A scalar may be read
 * past end when the bytes there look like its rest; so the caller compares what it gets with end.
 */
#ifndef CONNECTORS_JSON_SCAN_H
#define CONNECTORS_JSON_SCAN_H

#include "json_block.h"

#include "sluice/kernel.h"

enum { JSON_DEPTH_MAX = 64 };

struct json_error {
    enum sl_row_error reason;
    const char *text; /* static: "expected ':'" */
    const char *at;
};

struct json_string {
    const char *data; /* between the quotes */
    size_t length;
    bool escaped; /* holds (correct) escapes */
};

struct json_number {
    const char *data; /* its text */
    size_t length;
    uint64_t mantissa; /* all digits, when is_exact */
    uint32_t fraction_digits;
    bool negative;
    bool is_exact;   /* at most 18 digits and no exponent */
    bool is_integer; /* neither fraction nor exponent */
};

static inline const char *json_fail(struct json_error *error, enum sl_row_error reason,
                                    const char *text, const char *at)
{
    error->reason = reason;
    error->text = text;
    error->at = at;
    return NULL;
}

const char *conn_json_scan_string_slowly(const char *begin, const char *at, const char *end,
                                         struct json_string *string, struct json_error *error);
const char *conn_json_scan_number_slowly(const char *at, const char *end,
                                         struct json_number *number, struct json_error *error);
/* Skips an object or array whose first byte is at `at`; depth = containers that are open around it.
 */
const char *conn_json_skip_container(const char *at, const char *end, uint32_t depth,
                                     struct json_error *error);

static inline bool json_is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static inline const char *json_skip_space(const char *at, const char *end)
{
    while (at < end && json_is_space(*at)) {
        at++;
    }
    return at;
}

/* A string whose opening quote is at[-1]; at <= end. */
static inline const char *json_scan_string(const char *at, const char *end,
                                           struct json_string *string, struct json_error *error)
{
    uint32_t high;
    uint32_t stop = json_stop_mask(at, &high) | high;
    if (SL_LIKELY(stop != 0)) {
        uint32_t length = json_first_bit(stop);
        if (SL_LIKELY(at[length] == '"')) {
            string->data = at;
            string->length = length;
            string->escaped = false;
            return at + length + 1;
        }
    }
    return conn_json_scan_string_slowly(at, at, end, string, error);
}

/* A number; *at is '-' or a digit. */
static inline const char *json_scan_number(const char *at, const char *end,
                                           struct json_number *number, struct json_error *error)
{
    const char *begin = at;
    bool negative = *at == '-';
    at += negative;
    uint32_t whole_digits = json_first_bit(~json_digit_mask(at));
    uint32_t fraction_digits = 0;
    const char *behind = at + whole_digits;
    if (*behind == '.') {
        fraction_digits = json_first_bit(~json_digit_mask(behind + 1));
        behind += 1 + fraction_digits;
        if (fraction_digits == 0 || fraction_digits > 8) {
            return conn_json_scan_number_slowly(begin, end, number, error);
        }
    }
    if (SL_UNLIKELY(whole_digits == 0 || whole_digits + fraction_digits > 18 || whole_digits > 15 ||
                    (*at == '0' && whole_digits > 1) || (*behind | 0x20) == 'e')) {
        return conn_json_scan_number_slowly(begin, end, number, error);
    }
    uint64_t mantissa =
        whole_digits <= 8 ? json_digits_value(at, whole_digits) : json_digits_value(at, 8);
    static const uint64_t POWERS[] = {1,      10,      100,      1000,     10000,
                                      100000, 1000000, 10000000, 100000000};
    if (whole_digits > 8) {
        mantissa =
            mantissa * POWERS[whole_digits - 8] + json_digits_value(at + 8, whole_digits - 8);
    }
    if (fraction_digits > 0) {
        mantissa = mantissa * POWERS[fraction_digits] +
                   json_digits_value(at + whole_digits + 1, fraction_digits);
    }
    number->data = begin;
    number->length = (size_t)(behind - begin);
    number->mantissa = mantissa;
    number->fraction_digits = fraction_digits;
    number->negative = negative;
    number->is_exact = true;
    number->is_integer = fraction_digits == 0;
    return behind;
}

/* The same without its value. */
static inline const char *json_skip_number(const char *at, const char *end,
                                           struct json_error *error)
{
    struct json_number number;
    const char *begin = at;
    at += *at == '-';
    uint32_t whole_digits = json_first_bit(~json_digit_mask(at));
    const char *behind = at + whole_digits;
    bool is_odd = whole_digits == 0 || whole_digits > 15 || (*at == '0' && whole_digits > 1);
    if (*behind == '.') {
        uint32_t fraction_digits = json_first_bit(~json_digit_mask(behind + 1));
        behind += 1 + fraction_digits;
        is_odd |= fraction_digits == 0 || fraction_digits > 15;
    }
    if (SL_UNLIKELY(is_odd || (*behind | 0x20) == 'e')) {
        return conn_json_scan_number_slowly(begin, end, &number, error);
    }
    return behind;
}

/* true, false or null; at < end. */
static inline const char *json_scan_literal(const char *at, struct json_error *error)
{
    if (memcmp(at, "true", 4) == 0 || memcmp(at, "null", 4) == 0) {
        return at + 4;
    }
    if (memcmp(at, "false", 5) == 0) {
        return at + 5;
    }
    return json_fail(error, SL_ROW_SYNTAX, "expected a value", at);
}

/* Any value but an object or an array; at < end. */
static inline const char *json_skip_scalar(const char *at, const char *end,
                                           struct json_error *error)
{
    if (*at == '"') {
        struct json_string string;
        return json_scan_string(at + 1, end, &string, error);
    }
    if (*at == '-' || (unsigned char)(*at - '0') <= 9) {
        return json_skip_number(at, end, error);
    }
    return json_scan_literal(at, error);
}

/* Any value; at < end. */
static inline const char *json_skip_value(const char *at, const char *end, uint32_t depth,
                                          struct json_error *error)
{
    return *at == '{' || *at == '[' ? conn_json_skip_container(at, end, depth, error)
                                    : json_skip_scalar(at, end, error);
}

#endif
