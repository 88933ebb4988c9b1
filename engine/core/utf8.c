/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-8 (RFC 3629): checked, counted and encoded. ASCII is passed over 32 bytes at a time; nothing
 * is read behind data + length. */
#include "sluice/text.h"

#include <string.h>

enum { ASCII_STRIDE_BYTES = 32 };

/* Index of the first stride that is not all ASCII (or does not fit) at or behind start. */
static size_t ascii_strides_end(const char *data, size_t start, size_t length)
{
    size_t i = start;
    for (; length - i >= ASCII_STRIDE_BYTES; i += ASCII_STRIDE_BYTES) {
        uint64_t words[ASCII_STRIDE_BYTES / 8];
        memcpy(words, data + i, sizeof(words));
        uint64_t all = words[0] | words[1] | words[2] | words[3];
        if ((all & 0x8080808080808080U) != 0) {
            break;
        }
    }
    return i;
}

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xC0U) == 0x80U;
}

/* Bytes of the well-formed sequence that begins with the non-ASCII byte at data, 0 when it is
 * ill-formed. The range of the second byte excludes overlong forms, surrogates and what lies above
 * U+10FFFF. */
static size_t sequence_length(const uint8_t *data, size_t length)
{
    uint8_t lead = data[0];
    if (length < 2 || lead < 0xC2 || lead > 0xF4) {
        return 0;
    }
    if (lead < 0xE0) {
        return is_continuation(data[1]) ? 2 : 0;
    }
    uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (length < 3 || data[1] < low || data[1] > high || !is_continuation(data[2])) {
        return 0;
    }
    if (lead < 0xF0) {
        return 3;
    }
    return length >= 4 && is_continuation(data[3]) ? 4 : 0;
}

size_t sl_utf8_check(const char *data, size_t length)
{
    size_t i = ascii_strides_end(data, 0, length);
    while (i < length) {
        if ((uint8_t)data[i] < 0x80) {
            i++;
            continue;
        }
        size_t size = sequence_length((const uint8_t *)data + i, length - i);
        if (size == 0) {
            return i;
        }
        i = ascii_strides_end(data, i + size, length);
    }
    return length;
}

size_t sl_utf8_count(const char *data, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        count += !is_continuation((uint8_t)data[i]);
    }
    return count;
}

size_t sl_utf8_encode(uint32_t code_point, char out[4])
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xC0U | code_point >> 6);
        out[1] = (char)(0x80U | (code_point & 0x3FU));
        return 2;
    }
    if (code_point < 0x10000) {
        if (code_point >= 0xD800 && code_point <= 0xDFFF) {
            return 0;
        }
        out[0] = (char)(0xE0U | code_point >> 12);
        out[1] = (char)(0x80U | (code_point >> 6 & 0x3FU));
        out[2] = (char)(0x80U | (code_point & 0x3FU));
        return 3;
    }
    if (code_point > 0x10FFFF) {
        return 0;
    }
    out[0] = (char)(0xF0U | code_point >> 18);
    out[1] = (char)(0x80U | (code_point >> 12 & 0x3FU));
    out[2] = (char)(0x80U | (code_point >> 6 & 0x3FU));
    out[3] = (char)(0x80U | (code_point & 0x3FU));
    return 4;
}
