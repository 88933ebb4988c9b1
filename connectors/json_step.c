/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps of a shape that are not worth a version for each CPU level: unusual values, and timestamps.
 * Always true: what is not read here exactly as conn_json_decode_value would is given to it. */
#include "json_shape.h"

enum { DATE_BYTES = 11, FORM_BYTES = 23 }; /* "2026-11-21 " and "2026-11-21 22:00:00.000" */

const char *conn_json_step_value(struct json_decoder *decoder, struct json_step *step, uint32_t row,
                                 const char *at)
{
    at = json_skip_space(at, decoder->end);
    return at < decoder->end
               ? conn_json_decode_value(decoder, step->field, step->vector, row, at, step->depth)
               : NULL;
}

const char *conn_json_step_skip(struct json_decoder *decoder, const struct json_step *step,
                                const char *at)
{
    at = json_skip_space(at, decoder->end);
    return at < decoder->end ? json_skip_value(at, decoder->end, step->depth, &decoder->error)
                             : NULL;
}

/* ---- timestamps ---- */

/* Milliseconds since midnight of "22:00:00.000"; -1 = it is of another form. Each byte of the words
 * is compared with the largest that may stand there, all at once. */
static inline int64_t time_of_day(const char *at)
{
    uint64_t clock;
    uint32_t fraction;
    memcpy(&clock, at, sizeof clock);
    memcpy(&fraction, at + 8, sizeof fraction);
    clock ^= UINT64_C(0x30303A30303A3030);                          /* 00:00:00 */
    fraction ^= UINT32_C(0x3030302E);                               /* .000 */
    uint64_t over = clock | (clock + UINT64_C(0x767A7F767A7F767D)); /* 29:59:59 */
    uint32_t fraction_over = fraction | (fraction + UINT32_C(0x7676767F));
    uint64_t pairs = clock * 10 + (clock >> 8);
    uint32_t hours = pairs & 0xFF;
    if (((over & UINT64_C(0x8080808080808080)) | (fraction_over & UINT32_C(0x80808080))) != 0 ||
        hours > 23) {
        return -1;
    }
    uint32_t seconds = hours * 3600 + (pairs >> 24 & 0xFF) * 60 + (pairs >> 48 & 0xFF);
    return (int64_t)seconds * 1000 + (fraction >> 8 & 0xFF) * 100 + (fraction >> 16 & 0xFF) * 10 +
           (fraction >> 24);
}

/* Remembers the date of the timestamp text between at and behind, whose value is known. */
static void learn_date(struct json_step *step, uint32_t row, const char *at, const char *behind)
{
    struct json_date *date = &step->date;
    ptrdiff_t tail_length = behind - at - 1 - FORM_BYTES;
    date->tail_length = 0;
    if (*at != '"' || tail_length < 1 || tail_length > 2 || behind[-1] != '"' ||
        (tail_length == 2 && behind[-2] != 'Z') || !sl_vector_is_valid(step->vector, row)) {
        return;
    }
    int64_t time_ms = time_of_day(at + 1 + DATE_BYTES);
    int64_t value = ((const int64_t *)step->data)[row];
    if (time_ms < 0 || __builtin_sub_overflow(value, time_ms * step->ticks_per_ms, &date->base)) {
        return;
    }
    memcpy(date->text, at + 1, DATE_BYTES);
    date->tail_mask = tail_length == 1 ? 0xFF : 0xFFFF;
    date->tail = tail_length == 1 ? '"' : 'Z' | '"' << 8;
    date->tail_length = (uint32_t)tail_length;
}

const char *conn_json_step_timestamp(struct json_decoder *decoder, struct json_step *step,
                                     uint32_t row, const char *at)
{
    const struct json_date *date = &step->date;
    const uint32_t date_mask = (1u << DATE_BYTES) - 1;
    uint16_t tail;
    memcpy(&tail, at + 1 + FORM_BYTES, sizeof tail);
    if (*at == '"' && date->tail_length != 0 && ((tail ^ date->tail) & date->tail_mask) == 0 &&
        (json_equal_mask(at + 1, date->text) & date_mask) == date_mask) {
        int64_t time_ms = time_of_day(at + 1 + DATE_BYTES);
        int64_t *value = &((int64_t *)step->data)[row];
        if (time_ms >= 0 &&
            !__builtin_add_overflow(date->base, time_ms * step->ticks_per_ms, value)) {
            return at + 1 + FORM_BYTES + date->tail_length;
        }
    }
    const char *behind = conn_json_step_value(decoder, step, row, at);
    if (behind != NULL && behind <= decoder->end) {
        learn_date(step, row, at, behind);
    }
    return behind;
}
