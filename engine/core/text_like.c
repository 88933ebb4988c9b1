/* SPDX-License-Identifier: Apache-2.0
 *
 * SQL LIKE. The pattern is cut at its % into segments of literal bytes and _, so a match walks the
 * text once from the left for each segment; nothing ever backtracks. */
#include "sluice/text.h"

#include <string.h>

/* Stands for _ among a segment's bytes: never part of well-formed UTF-8. */
enum { ANY_CHARACTER = 0xFF };

struct like_segment {
    uint32_t offset; /* into bytes */
    uint32_t length;
    uint32_t character_count;
    bool is_literal; /* without _ */
};

struct sl_like {
    struct sl_account *account;
    size_t size_bytes;
    uint32_t segment_count;
    bool open_start; /* % before the first segment */
    bool open_end;   /* % behind the last one */
    struct like_segment *segments;
    uint8_t *bytes;
};

static struct like_segment *add_segment(struct sl_like *like, uint32_t offset)
{
    struct like_segment *segment = &like->segments[like->segment_count++];
    *segment = (struct like_segment){.offset = offset, .is_literal = true};
    return segment;
}

static enum sl_status compile(struct sl_like *like, const char *pattern, size_t length, char escape,
                              struct sl_error *err)
{
    struct like_segment *segment = NULL;
    uint32_t used = 0;
    like->open_start = length > 0 && pattern[0] == '%' && escape != '%';
    for (size_t i = 0; i < length; i++) {
        uint8_t byte = (uint8_t)pattern[i];
        bool is_escaped = escape != 0 && pattern[i] == escape;
        if (is_escaped) {
            char next = i + 1 < length ? pattern[++i] : '\0';
            if (next == '\0' || (next != '%' && next != '_' && next != escape)) {
                return sl_fail(err, SL_SEMANTIC,
                               "bad LIKE pattern: the escape character '%c' must stand before "
                               "'%%', '_' or itself",
                               escape);
            }
            byte = (uint8_t)next;
        }
        like->open_end = !is_escaped && byte == '%';
        if (like->open_end) {
            segment = NULL;
            continue;
        }
        if (segment == NULL) {
            segment = add_segment(like, used);
        }
        bool is_any = !is_escaped && byte == '_';
        like->bytes[used++] = is_any ? ANY_CHARACTER : byte;
        segment->length++;
        segment->character_count += (byte & 0xC0U) != 0x80U;
        segment->is_literal &= !is_any;
    }
    return SL_OK;
}

enum sl_status sl_like_create(const char *pattern, size_t length, char escape,
                              struct sl_account *account, struct sl_like **like,
                              struct sl_error *err)
{
    *like = NULL;
    if (length > UINT32_MAX / 64) {
        return sl_fail(err, SL_LIMIT, "LIKE pattern of %zu bytes is too long", length);
    }
    if (sl_utf8_check(pattern, length) != length) {
        return sl_fail(err, SL_FORMAT, "LIKE pattern is not valid UTF-8");
    }
    size_t segments_bytes = (length / 2 + 1) * sizeof(struct like_segment);
    size_t size_bytes = sizeof(struct sl_like) + segments_bytes + length;
    struct sl_like *result = (struct sl_like *)sl_memory_alloc(account, size_bytes);
    if (result == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for a LIKE pattern of %zu bytes", length);
    }
    result->account = account;
    result->size_bytes = size_bytes;
    result->segments = (struct like_segment *)(result + 1);
    result->bytes = (uint8_t *)result->segments + segments_bytes;
    enum sl_status status = compile(result, pattern, length, escape, err);
    if (status != SL_OK) {
        sl_like_destroy(result);
        return status;
    }
    *like = result;
    return SL_OK;
}

void sl_like_destroy(struct sl_like *like)
{
    if (like != NULL) {
        sl_memory_free(like->account, like, like->size_bytes);
    }
}

static bool is_continuation(char byte)
{
    return ((uint8_t)byte & 0xC0U) == 0x80U;
}

/* Matches the segment exactly at at; NULL or where it ends. */
static const char *match_here(const uint8_t *bytes, uint32_t byte_count, const char *at,
                              const char *end)
{
    for (uint32_t i = 0; i < byte_count; i++) {
        if (at == end) {
            return NULL;
        }
        if (bytes[i] == ANY_CHARACTER) {
            at++;
            while (at < end && is_continuation(*at)) {
                at++;
            }
        } else if ((uint8_t)*at++ != bytes[i]) {
            return NULL;
        }
    }
    return at;
}

/* The leftmost match at or behind at; NULL or where it ends. */
static const char *find_segment(const struct sl_like *like, const struct like_segment *segment,
                                const char *at, const char *end)
{
    const uint8_t *bytes = like->bytes + segment->offset;
    if (segment->is_literal) {
        const char *found = (const char *)memmem(at, (size_t)(end - at), bytes, segment->length);
        return found == NULL ? NULL : found + segment->length;
    }
    for (; at < end; at++) {
        const char *match_end =
            is_continuation(*at) ? NULL : match_here(bytes, segment->length, at, end);
        if (match_end != NULL) {
            return match_end;
        }
    }
    return NULL;
}

/* Whether the last segment matches the end of the text without reaching before at: steps back by
 * as many characters as it has. */
static bool match_at_end(const struct sl_like *like, const struct like_segment *segment,
                         const char *at, const char *end)
{
    const char *start = end;
    for (uint32_t i = 0; i < segment->character_count; i++) {
        if (start == at) {
            return false;
        }
        start--;
        while (start > at && is_continuation(*start)) {
            start--;
        }
    }
    return match_here(like->bytes + segment->offset, segment->length, start, end) == end;
}

bool sl_like_match(const struct sl_like *like, const char *data, size_t length)
{
    if (like->segment_count == 0) {
        return length == 0 || like->open_end;
    }
    if (length == 0) {
        return false;
    }
    const char *at = data;
    const char *end = data + length;
    uint32_t first = 0;
    if (!like->open_start) {
        const struct like_segment *segment = &like->segments[0];
        at = match_here(like->bytes + segment->offset, segment->length, at, end);
        if (at == NULL || (like->segment_count == 1 && !like->open_end)) {
            return at == end;
        }
        first = 1;
    }
    uint32_t last = like->segment_count - (like->open_end ? 0 : 1);
    for (uint32_t i = first; i < last; i++) {
        at = find_segment(like, &like->segments[i], at, end);
        if (at == NULL) {
            return false;
        }
    }
    return like->open_end || match_at_end(like, &like->segments[last], at, end);
}
