/* SPDX-License-Identifier: Apache-2.0
 *
 * Guessing where a value ends. Always true: whatever a guess lets pass is a correct value that is
 * followed by what the line's shape says. */
#include "json_shape.h"

enum { PERIOD_ROWS = 1024, PAUSE_PERIODS = 16, DIGITS_MAX = 15, INT32_DIGITS_MAX = 9 };

static void allow(struct json_guess *guess, size_t idx, char low, char high)
{
    guess->low[idx] = low;
    guess->high[idx] = (char)(high - low);
}

static void allow_text(struct json_guess *guess, size_t idx, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        allow(guess, idx + i, text[i], text[i]);
    }
}

/* The string from at, its opening quote, to behind. */
static bool guess_string(struct json_guess *guess, size_t idx, const char *at, const char *behind)
{
    size_t length = (size_t)(behind - at);
    if (length < 2 || *at != '"' || behind[-1] != '"') {
        return false;
    }
    allow(guess, idx, '"', '"');
    for (size_t i = 1; i < length - 1; i++) {
        bool is_plain = at[i] >= ' ' && at[i] != '\\';
        if (!is_plain) {
            return false;
        }
        allow(guess, idx + i, ' ', 0x7F);
        guess->body |= UINT32_C(1) << (idx + i);
    }
    allow(guess, idx + length - 1, '"', '"');
    guess->value_length = (uint32_t)length - 2;
    return true;
}

/* Digits in the same places, with a point and a sign in the same places. */
static bool guess_number(struct json_guess *guess, size_t idx, const char *at, const char *behind)
{
    size_t length = (size_t)(behind - at);
    size_t first = length > 0 && at[0] == '-';
    size_t point = length;
    size_t digits = 0;
    for (size_t i = first; i < length; i++) {
        bool is_point = at[i] == '.' && point == length;
        point = is_point ? i : point;
        if (!is_point && (at[i] < '0' || at[i] > '9')) {
            return false;
        }
        digits += !is_point;
        allow(guess, idx + i, is_point ? '.' : '0', is_point ? '.' : '9');
    }
    if (digits == 0 || digits > DIGITS_MAX || length > sizeof guess->join) {
        return false;
    }
    if (first == 1) {
        allow(guess, idx, '-', '-');
    }
    if (point - first > 1) {
        allow(guess, idx + first, '1', '9');
    }
    guess->sign = first == 1 ? -1 : 0;
    guess->divisor = first == 1 ? -1 : 1;
    memset(guess->join, -1, sizeof guess->join);
    char *join = guess->join + sizeof guess->join;
    for (size_t i = length; i > first; i--) {
        if (i - 1 != point) {
            *--join = (char)(i - 1);
            guess->divisor *= i - 1 > point ? 10 : 1;
        }
    }
    return true;
}

static bool is_literal(const char *at, size_t length)
{
    return (length == 4 && (memcmp(at, "true", 4) == 0 || memcmp(at, "null", 4) == 0)) ||
           (length == 5 && memcmp(at, "false", 5) == 0);
}

static bool guess_value(struct json_step *step, const char *at, const char *behind)
{
    struct json_guess *guess = &step->guess;
    size_t idx = step->text_length;
    size_t length = (size_t)(behind - at);
    switch (step->op) {
    case JSON_STEP_STRING:
    case JSON_STEP_SKIP_STRING:
        return guess_string(guess, idx, at, behind);
    case JSON_STEP_INT64:
        return memchr(at, '.', length) == NULL && guess_number(guess, idx, at, behind);
    case JSON_STEP_INT32:
        return length <= INT32_DIGITS_MAX && memchr(at, '.', length) == NULL &&
               guess_number(guess, idx, at, behind);
    case JSON_STEP_DOUBLE:
    case JSON_STEP_SKIP_NUMBER:
        return guess_number(guess, idx, at, behind);
    case JSON_STEP_SKIP:
        allow_text(guess, idx, at, length);
        return is_literal(at, length);
    case JSON_STEP_BOOLEAN:
        allow_text(guess, idx, at, length);
        guess->sign = *at == 't';
        return is_literal(at, length) && *at != 'n';
    default:
        return false;
    }
}

void conn_json_guess_learn(struct json_step *step, const char *begin, const char *behind)
{
    struct json_guess *guess = &step->guess;
    size_t length = (size_t)(behind - begin);
    guess->length = 0;
    if (length >= JSON_STEP_BYTES) {
        return;
    }
    memset(guess->low, 0, sizeof guess->low);
    memset(guess->high, -1, sizeof guess->high);
    guess->body = 0;
    allow_text(guess, 0, begin, step->text_length);
    if (guess_value(step, begin + step->text_length, behind)) {
        allow(guess, length, step->terminator, step->terminator);
        guess->length = (uint32_t)length;
    }
}

void conn_json_guess_review(struct json_shape *shape)
{
    if (shape->period_rows < PERIOD_ROWS) {
        return;
    }
    for (uint32_t i = 0; i < shape->step_count; i++) {
        struct json_step *step = &shape->steps[i];
        if (step->pause > 0) {
            step->pause--;
            step->guesses = step->pause == 0;
        } else if (step->guesses && step->misses > shape->period_rows / 3) {
            step->pause = PAUSE_PERIODS;
            step->guesses = false;
            step->guess.length = 0;
        }
        step->misses = 0;
    }
    shape->period_rows = 0;
}
