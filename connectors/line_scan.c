/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines, found 64 bytes at a time: SSE2, or plain C elsewhere. */
#include "line_scan.h"

#ifdef __SSE2__
#include <emmintrin.h>

static uint64_t newline_mask_16(const char *at)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    return (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')));
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

static struct sl_span make_line(const char *begin, const char *newline)
{
    size_t length = (size_t)(newline - begin);
    length -= length > 0 && newline[-1] == '\r';
    return (struct sl_span){.data = begin, .length = (uint32_t)SL_MIN(length, (size_t)UINT32_MAX)};
}

uint32_t conn_scan_lines(const char *data, size_t length, struct sl_span *spans, int64_t *starts,
                         uint32_t span_capacity, size_t *used)
{
    uint32_t count = 0;
    const char *begin = data;
    for (size_t block = 0; block < length && count < span_capacity; block += 64) {
        uint64_t mask = newline_mask(data + block);
        if (length - block < 64) {
            mask &= (UINT64_C(1) << (length - block)) - 1;
        }
        while (mask != 0 && count < span_capacity) {
            const char *newline = data + block + __builtin_ctzll(mask);
            spans[count] = make_line(begin, newline);
            starts[count++] = begin - data;
            begin = newline + 1;
            mask &= mask - 1;
        }
    }
    *used = (size_t)(begin - data);
    return count;
}
