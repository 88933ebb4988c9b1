/* SPDX-License-Identifier: Apache-2.0
 *
 * What reading by shape does to 16 or 32 bytes at once, in the best way of the CPU level that the
 * including file is compiled for. Every function may read 32 bytes from `at`, or those it names. */
#ifndef CONNECTORS_JSON_WIDE_H
#define CONNECTORS_JSON_WIDE_H

#include "json_shape.h"

#if defined(__AVX512VL__) && defined(__AVX512BW__)
#include <immintrin.h>

static inline __m256i json_wide_load(const char *at)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

static inline bool json_wide_fits(const struct json_step *step, const char *at)
{
    return _mm256_mask_cmpneq_epi8_mask(step->text_mask, json_wide_load(at),
                                        json_wide_load(step->text)) == 0;
}

static inline bool json_wide_guess(const struct json_guess *guess, const char *at)
{
    __m256i above = _mm256_sub_epi8(json_wide_load(at), json_wide_load(guess->low));
    return _mm256_cmpgt_epu8_mask(above, json_wide_load(guess->high)) == 0;
}

static inline bool json_wide_guess_body(const struct json_guess *guess, const char *at)
{
    __m256i bytes = json_wide_load(at);
    return (_mm256_mask_cmpeq_epi8_mask(guess->body, bytes, _mm256_set1_epi8('"')) |
            _mm256_mask_cmpeq_epi8_mask(guess->body, bytes, _mm256_set1_epi8('\\'))) == 0;
}

/* Of 32 bytes: everything but plain ASCII that may stand in a string. */
static inline uint32_t json_wide_odd_mask(const char *at)
{
    __m256i bytes = json_wide_load(at);
    return _mm256_cmplt_epi8_mask(bytes, _mm256_set1_epi8(0x20)) | /* signed: 0x80 and up, too */
           _mm256_cmpeq_epi8_mask(bytes, _mm256_set1_epi8('"')) |
           _mm256_cmpeq_epi8_mask(bytes, _mm256_set1_epi8('\\'));
}

/* The same of 64 bytes. */
static inline uint64_t json_wide_odd_mask_64(const char *at)
{
    __m512i bytes = _mm512_loadu_si512(at);
    return _mm512_cmplt_epi8_mask(bytes, _mm512_set1_epi8(0x20)) |
           _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"')) |
           _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\\'));
}

#elif defined(__AVX2__)
#include <immintrin.h>

static inline __m256i json_wide_load(const char *at)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

static inline bool json_wide_fits(const struct json_step *step, const char *at)
{
    __m256i equal = _mm256_cmpeq_epi8(json_wide_load(at), json_wide_load(step->text));
    return (~(uint32_t)_mm256_movemask_epi8(equal) & step->text_mask) == 0;
}

static inline bool json_wide_guess(const struct json_guess *guess, const char *at)
{
    __m256i above = _mm256_sub_epi8(json_wide_load(at), json_wide_load(guess->low));
    __m256i fits = _mm256_cmpeq_epi8(_mm256_min_epu8(above, json_wide_load(guess->high)), above);
    return (uint32_t)_mm256_movemask_epi8(fits) == UINT32_MAX;
}

static inline bool json_wide_guess_body(const struct json_guess *guess, const char *at)
{
    __m256i bytes = json_wide_load(at);
    __m256i odd = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"')),
                                  _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\')));
    return ((uint32_t)_mm256_movemask_epi8(odd) & guess->body) == 0;
}

static inline uint32_t json_wide_odd_mask(const char *at)
{
    __m256i bytes = json_wide_load(at);
    __m256i outside = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), bytes);
    __m256i quote = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'));
    __m256i backslash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
    __m256i odd = _mm256_or_si256(outside, _mm256_or_si256(quote, backslash));
    return (uint32_t)_mm256_movemask_epi8(odd);
}

/* The same of 64 bytes. */
static inline uint64_t json_wide_odd_mask_64(const char *at)
{
    return json_wide_odd_mask(at) | (uint64_t)json_wide_odd_mask(at + 32) << 32;
}

#else

static inline bool json_wide_fits(const struct json_step *step, const char *at)
{
    if ((~json_equal_mask(at, step->text) & step->text_mask & UINT16_MAX) != 0) {
        return false;
    }
    uint32_t rest = step->text_mask >> 16;
    return rest == 0 || (~json_equal_mask(at + 16, step->text + 16) & rest) == 0;
}

static inline bool json_wide_guess(const struct json_guess *guess, const char *at)
{
    return (json_range_mask(at, guess->low, guess->high) &
            json_range_mask(at + 16, guess->low + 16, guess->high + 16)) == UINT16_MAX;
}

static inline bool json_wide_guess_body(const struct json_guess *guess, const char *at)
{
    uint32_t high;
    uint32_t odd = json_stop_mask(at, &high) | json_stop_mask(at + 16, &high) << 16;
    return (odd & guess->body) == 0;
}

static inline uint32_t json_wide_odd_mask(const char *at)
{
    uint32_t low = json_odd_mask(at);
    return low != 0 ? low : json_odd_mask(at + 16) << 16;
}

/* The same of 64 bytes. */
static inline uint64_t json_wide_odd_mask_64(const char *at)
{
    uint64_t low = json_wide_odd_mask(at);
    return low != 0 ? low : (uint64_t)json_wide_odd_mask(at + 32) << 32;
}

#endif

/* A number as it stands in the text, without its sign. */
struct json_parts {
    uint64_t mantissa; /* all digits */
    uint32_t whole;    /* digits before the point */
    uint32_t length;   /* in bytes; at most 15 */
};

#ifdef __SSE4_1__
#include <smmintrin.h>

/* The number whose digits are brought to the right end of 16 bytes by join. Digits are joined, then
 * pairs, fours and eights of them. */
static inline uint64_t json_wide_join(const char *at, const char *join)
{
    const __m128i tens = _mm_set1_epi16(0x010A);
    const __m128i hundreds = _mm_set1_epi32(0x00010064);
    const __m128i myriads = _mm_set1_epi32(0x00012710);
    __m128i digits = _mm_sub_epi8(json_load(at), _mm_set1_epi8('0'));
    __m128i joined = _mm_shuffle_epi8(digits, json_load(join));
    joined = _mm_madd_epi16(_mm_maddubs_epi16(joined, tens), hundreds);
    joined = _mm_madd_epi16(_mm_packus_epi32(joined, joined), myriads);
    uint64_t eights = (uint64_t)_mm_cvtsi128_si64(joined);
    return (uint64_t)(uint32_t)eights * 100000000 + (eights >> 32);
}

#else

static inline uint64_t json_wide_join(const char *at, const char *join)
{
    uint64_t number = 0;
    for (uint32_t i = 0; i < 16; i++) {
        number = join[i] < 0 ? number : number * 10 + (uint64_t)(at[(uint8_t)join[i]] - '0');
    }
    return number;
}

#endif

static inline uint64_t json_wide_mantissa(const struct json_shape *shape, const char *at,
                                          const struct json_parts *parts)
{
    return json_wide_join(at, shape->joins[parts->whole * 16 + parts->length]);
}

/* Digits, and a point and digits if has_point; true = at most 15 bytes, and that is all of it. */
static inline bool json_wide_number(const char *at, bool may_have_point, struct json_parts *parts)
{
    uint32_t digits = json_digit_mask(at);
    uint32_t whole = json_first_bit(~digits);
    uint32_t length = whole;
    bool is_odd = whole == 0;
    if (may_have_point && at[whole] == '.') {
        uint32_t fraction = json_first_bit(~(digits >> whole >> 1));
        length += 1 + fraction;
        is_odd |= fraction == 0;
    }
    parts->whole = whole;
    parts->length = length;
    char next = at[SL_MIN(length, 16u)];
    is_odd |= (length > 15) | ((*at == '0') & (whole > 1)) | ((next | 0x20) == 'e');
    return !(is_odd | (!may_have_point & (next == '.')));
}

#endif
