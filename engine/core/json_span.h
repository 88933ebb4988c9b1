/* SPDX-License-Identifier: Apache-2.0
 *
 * The one hot loop of JSON strings, for reader and writer: how far bytes stand for themselves.
 * Private to engine/core. */
#ifndef SLUICE_CORE_JSON_SPAN_H
#define SLUICE_CORE_JSON_SPAN_H

#include "sluice/base.h"

#include <string.h>

/* Bytes of a word in which the lowest flagged one is below limit (<= 128); flags above it may be
 * wrong, through the borrow. */
static inline uint64_t sl_json_bytes_below(uint64_t word, uint8_t limit)
{
    return (word - 0x0101010101010101U * limit) & ~word & 0x8080808080808080U;
}

/* Index of the first quote, backslash or control character, or length. */
static inline size_t sl_json_plain_span(const char *data, size_t length)
{
    size_t i = 0;
    for (; length - i >= 8; i += 8) {
        uint64_t word;
        memcpy(&word, data + i, sizeof(word));
        if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) {
            word = __builtin_bswap64(word);
        }
        uint64_t found = sl_json_bytes_below(word, 0x20) |
                         sl_json_bytes_below(word ^ 0x0101010101010101U * '"', 1) |
                         sl_json_bytes_below(word ^ 0x0101010101010101U * '\\', 1);
        if (found != 0) {
            return i + (size_t)__builtin_ctzll(found) / 8;
        }
    }
    for (; i < length; i++) {
        if ((uint8_t)data[i] < 0x20 || data[i] == '"' || data[i] == '\\') {
            break;
        }
    }
    return i;
}

#endif
