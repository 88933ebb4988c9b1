/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines, found 64 bytes at a time: the one body of line_scan_v2.c, v3 and v4, which define
 * SCAN_LINES as the name of what they export. */
#include "line_scan.h"

#if defined(__AVX512BW__)
#include <immintrin.h>

static uint64_t newline_mask(const char *at)
{
    return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(at), _mm512_set1_epi8('\n'));
}

#elif defined(__AVX2__)
#include <immintrin.h>

static uint64_t newline_mask_32(const char *at)
{
    __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)at);
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\n')));
}

static uint64_t newline_mask(const char *at)
{
    return newline_mask_32(at) | newline_mask_32(at + 32) << 32;
}

#elif defined(__SSE2__)
#include <emmintrin.h>

static uint64_t newline_mask_16(const char *at)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')));
}

static uint64_t newline_mask(const char *at)
{
    return newline_mask_16(at) | newline_mask_16(at + 16) << 16 | newline_mask_16(at + 32) << 32 |
           newline_mask_16(at + 48) << 48;
}

#else

static uint64_t newline_mask(const char *at)
{
    uint64_t mask = 0;
    for (uint32_t i = 0; i < 64; i++) {
        mask |= (uint64_t)(at[i] == '\n') << i;
    }
    return mask;
}

#endif

/* Offsets of the first newlines. A block with one or none, the usual, costs no branch on which. The
 * lines are read here first, so what comes soon is fetched already. */
static uint32_t find_newlines(const char *data, size_t length, int64_t *offsets, uint32_t capacity)
{
    uint32_t count = 0;
    for (size_t block = 0; block < length && count < capacity; block += 64) {
        __builtin_prefetch(data + block + 2048);
        uint64_t mask = newline_mask(data + block);
        if (length - block < 64) {
            mask &= (UINT64_C(1) << (length - block)) - 1;
        }
        while (SL_UNLIKELY((mask & (mask - 1)) != 0 && count + 1 < capacity)) {
            offsets[count++] = (int64_t)block + __builtin_ctzll(mask);
            mask &= mask - 1;
        }
        offsets[count] = (int64_t)block + __builtin_ctzll(mask | UINT64_C(1) << 63);
        count += mask != 0;
    }
    return count;
}

uint32_t SCAN_LINES(const char *data, size_t length, struct sl_span *spans, int64_t *starts,
                    uint32_t span_capacity, size_t *used)
{
    uint32_t count = find_newlines(data, length, starts, span_capacity);
    int64_t begin = 0;
    for (uint32_t i = 0; i < count; i++) {
        int64_t newline = starts[i];
        size_t bytes = (size_t)(newline - begin);
        bytes -= bytes > 0 && data[newline - 1] == '\r';
        spans[i] = (struct sl_span){.data = data + begin,
                                    .length = (uint32_t)SL_MIN(bytes, (size_t)UINT32_MAX)};
        starts[i] = begin;
        begin = newline + 1;
    }
    *used = (size_t)begin;
    return count;
}
