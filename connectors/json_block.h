/* SPDX-License-Identifier: Apache-2.0
 *
 * What the JSON scanner does to 16 bytes at once: SSE2, or plain C elsewhere. Every function
 * may read 16 bytes from `at`, so the caller needs that many readable bytes (codec.h promises
 * 64 behind a span). Bit i of a mask stands for byte i. */
#ifndef CONNECTORS_JSON_BLOCK_H
#define CONNECTORS_JSON_BLOCK_H

#include "sluice/vector.h"

#ifdef __SSE2__
#include <emmintrin.h>

static inline __m128i json_load(const char *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

/* Where the 16 bytes at `at` equal those of text. */
static inline uint32_t json_equal_mask(const char *at, const char *text)
{
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(json_load(at), json_load(text)));
}

/* Of 16 bytes: quotes, backslashes and control characters; *high = bytes that are not ASCII. */
static inline uint32_t json_stop_mask(const char *at, uint32_t *high)
{
    __m128i bytes = json_load(at);
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    *high = (uint32_t)_mm_movemask_epi8(bytes);
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, backslash)));
}

/* Of 16 bytes: everything but plain ASCII that may stand in a string. */
static inline uint32_t json_odd_mask(const char *at)
{
    __m128i bytes = json_load(at);
    __m128i outside = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)); /* signed: 0x80 and up, too */
    __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(outside, _mm_or_si128(quote, backslash)));
}

/* Of 16 bytes: decimal digits. */
static inline uint32_t json_digit_mask(const char *at)
{
    __m128i digits = _mm_sub_epi8(json_load(at), _mm_set1_epi8('0'));
    return (uint32_t)_mm_movemask_epi8(
        _mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits));
}

/* Of 16 bytes: those that are low to low + high, byte by byte. */
static inline uint32_t json_range_mask(const char *at, const char *low, const char *high)
{
    __m128i above = _mm_sub_epi8(json_load(at), json_load(low));
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(above, json_load(high)), above));
}

/* An inline view of at most SL_VIEW_INLINE_BYTES bytes. */
static inline void json_store_short(struct sl_view *view, const char *data, uint32_t length)
{
    static const char KEEP[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    __m128i kept = _mm_and_si128(json_load(data), json_load(KEEP + 16 - length));
    __m128i value = _mm_or_si128(_mm_slli_si128(kept, 4), _mm_cvtsi32_si128((int)length));
    _mm_storeu_si128((__m128i *)(void *)view, value);
}

/* A view of length bytes at data, without a branch on whether it is inline. */
static inline void json_store_view(struct sl_view *view, const char *data, uint32_t length)
{
    static const char KEEP[32] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    __m128i kept = _mm_and_si128(json_load(data), json_load(KEEP + 16 - SL_MIN(length, 16u)));
    __m128i value = _mm_or_si128(_mm_slli_si128(kept, 4), _mm_cvtsi32_si128((int)length));
    uint64_t halves[2] = {(uint64_t)_mm_cvtsi128_si64(value),
                          (uint64_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(value, value))};
    halves[1] = length <= SL_VIEW_INLINE_BYTES ? halves[1] : (uint64_t)(uintptr_t)data;
    memcpy(view, halves, sizeof halves);
}

#else

static inline uint32_t json_equal_mask(const char *at, const char *text)
{
    uint32_t mask = 0;
    for (uint32_t i = 0; i < 16; i++) {
        mask |= (uint32_t)(at[i] == text[i]) << i;
    }
    return mask;
}

static inline uint32_t json_stop_mask(const char *at, uint32_t *high)
{
    uint32_t mask = 0;
    *high = 0;
    for (uint32_t i = 0; i < 16; i++) {
        unsigned char byte = (unsigned char)at[i];
        mask |= (uint32_t)(byte < 0x20 || byte == '"' || byte == '\\') << i;
        *high |= (uint32_t)(byte >> 7) << i;
    }
    return mask;
}

static inline uint32_t json_odd_mask(const char *at)
{
    uint32_t high;
    uint32_t stop = json_stop_mask(at, &high);
    return stop | high;
}

static inline uint32_t json_digit_mask(const char *at)
{
    uint32_t mask = 0;
    for (uint32_t i = 0; i < 16; i++) {
        mask |= (uint32_t)((unsigned char)(at[i] - '0') <= 9) << i;
    }
    return mask;
}

static inline uint32_t json_range_mask(const char *at, const char *low, const char *high)
{
    uint32_t mask = 0;
    for (uint32_t i = 0; i < 16; i++) {
        mask |= (uint32_t)((uint8_t)(at[i] - low[i]) <= (uint8_t)high[i]) << i;
    }
    return mask;
}

static inline void json_store_short(struct sl_view *view, const char *data, uint32_t length)
{
    *view = sl_view_of(data, length);
}

static inline void json_store_view(struct sl_view *view, const char *data, uint32_t length)
{
    *view = sl_view_of(data, length);
}

#endif

/* Index of the lowest set bit; mask is not 0. */
static inline uint32_t json_first_bit(uint32_t mask)
{
    return (uint32_t)__builtin_ctz(mask);
}

/* Value of the count digits at `at`, 1 <= count <= 8, little-endian machines. Three multiplications
 * join pairs, fours and eights ("SIMD within a register"). */
static inline uint64_t json_digits_value(const char *at, uint32_t count)
{
    uint64_t digits;
    memcpy(&digits, at, sizeof digits);
    digits = (digits - UINT64_C(0x3030303030303030)) << (64 - count * 8);
    digits = digits * 10 + (digits >> 8);
    uint64_t even = (digits & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064);
    uint64_t odd = ((digits >> 16) & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001);
    return (even + odd) >> 32;
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "digits are joined from the low end");

#endif
