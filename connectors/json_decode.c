/* SPDX-License-Identifier: Apache-2.0
 *
 * Objects. The fast way is taken when keys come in the order of the last object, spaced alike: then
 * a key costs one comparison of 16 bytes (32 for a long one). Always true: whatever is skipped is
 * checked as strictly as what is wanted. */
#include "json_decode.h"
#include "json_fast.h"

#include "sluice/arena.h"
#include "sluice/hash.h"
#include "sluice/json.h"

#include <stdio.h>

enum { KEY_BYTES_MAX = 512, OBJECT_END = -2 };

/* ---- preparing ---- */

static bool make_field(struct sl_arena *arena, const char *name, const struct sl_type *type,
                       struct json_field *field);

static bool make_children(struct sl_arena *arena, struct json_field *field)
{
    const struct sl_type *type = &field->type;
    field->elements = SL_ARENA_ARRAY(arena, struct json_field, type->field_count);
    for (uint32_t i = 0; field->elements != NULL && i < type->field_count; i++) {
        if (!make_field(arena, field->name, &type->fields[i].type, &field->elements[i])) {
            return false;
        }
    }
    return field->elements != NULL;
}

static void add_bucket(struct json_object *object, uint32_t idx)
{
    const struct json_field *field = &object->fields[idx];
    uint64_t hash = sl_hash_bytes(field->name, field->name_length);
    uint32_t bucket = (uint32_t)hash & object->bucket_mask;
    while (object->buckets[bucket] >= 0) {
        bucket = (bucket + 1) & object->bucket_mask;
    }
    object->buckets[bucket] = (int32_t)idx;
}

static struct json_object *make_object(struct sl_arena *arena, uint32_t field_count)
{
    struct json_object *object = SL_ARENA_NEW(arena, struct json_object);
    uint32_t buckets = 4;
    while (buckets < field_count * 2) {
        buckets *= 2;
    }
    if (object == NULL) {
        return NULL;
    }
    object->field_count = field_count;
    object->bucket_mask = buckets - 1;
    object->fields = SL_ARENA_ARRAY(arena, struct json_field, field_count);
    object->buckets = SL_ARENA_ARRAY(arena, int32_t, buckets);
    if (object->fields == NULL || object->buckets == NULL) {
        return NULL;
    }
    memset(object->buckets, 0xFF, sizeof(int32_t) * buckets);
    for (uint32_t i = 0; i <= JSON_SLOTS; i++) {
        object->slots[i].field = -1;
    }
    return object;
}

static bool make_row(struct sl_arena *arena, struct json_field *field)
{
    const struct sl_type *type = &field->type;
    field->object = make_object(arena, type->field_count);
    for (uint32_t i = 0; field->object != NULL && i < type->field_count; i++) {
        const struct sl_type_field *from = &type->fields[i];
        if (!make_field(arena, from->name, &from->type, &field->object->fields[i])) {
            return false;
        }
        add_bucket(field->object, i);
    }
    return field->object != NULL;
}

static bool make_field(struct sl_arena *arena, const char *name, const struct sl_type *type,
                       struct json_field *field)
{
    field->name = name;
    field->name_length = strlen(name);
    field->type = *type;
    field->fast = sl_type_is_string(type->id)  ? JSON_FAST_STRING
                  : type->id == SL_TYPE_BIGINT ? JSON_FAST_INT64
                  : type->id == SL_TYPE_DOUBLE ? JSON_FAST_DOUBLE
                                               : JSON_FAST_NONE;
    if (type->id == SL_TYPE_ROW) {
        return make_row(arena, field);
    }
    return type->field_count == 0 || make_children(arena, field);
}

struct json_object *conn_json_object_make(struct sl_arena *arena, const struct sl_column *columns,
                                          const uint32_t *indices, uint32_t count)
{
    struct json_object *object = make_object(arena, count);
    for (uint32_t i = 0; object != NULL && i < count; i++) {
        const struct sl_column *column = &columns[indices[i]];
        if (!make_field(arena, column->name, &column->type, &object->fields[i])) {
            return NULL;
        }
        add_bucket(object, i);
    }
    return object;
}

/* ---- keys ---- */

static int32_t find_field(const struct json_object *object, const char *name, size_t length)
{
    uint32_t bucket = (uint32_t)sl_hash_bytes(name, length) & object->bucket_mask;
    while (object->buckets[bucket] >= 0) {
        const struct json_field *field = &object->fields[object->buckets[bucket]];
        if (field->name_length == length && memcmp(field->name, name, length) == 0) {
            return object->buckets[bucket];
        }
        bucket = (bucket + 1) & object->bucket_mask;
    }
    return -1;
}

int32_t conn_json_find_key(const struct json_object *object, const struct json_string *key)
{
    char plain[KEY_BYTES_MAX];
    if (!key->escaped) {
        return find_field(object, key->data, key->length);
    }
    if (key->length > sizeof plain) {
        return -1;
    }
    return find_field(object, plain, sl_json_unescape(key->data, key->length, plain));
}

static void learn(struct json_slot *slot, const char *begin, size_t length, int32_t field)
{
    uint64_t mask = (UINT64_C(1) << length) - 1;
    memcpy(slot->text, begin, length);
    slot->masks[0] = (uint16_t)mask;
    slot->masks[1] = (uint16_t)(mask >> 16);
    slot->length = (uint32_t)length;
    slot->field = field;
}

/* '{' or ',' or '}', whichever may stand there: the byte behind it and *is_end. */
static const char *read_punctuation(struct json_decoder *decoder, const char *at, bool is_first,
                                    bool *is_end)
{
    const char *end = decoder->end;
    *is_end = false;
    at = json_skip_space(at, end);
    if (is_first) {
        at = json_skip_space(at + 1, end);
        *is_end = at < end && *at == '}';
        return *is_end ? at + 1 : at;
    }
    if (at < end && (*at == ',' || *at == '}')) {
        *is_end = *at == '}';
        return at + 1;
    }
    return json_fail(&decoder->error, SL_ROW_SYNTAX, "expected ',' or '}'", at);
}

/* Reads up to the beginning of the next value, and remembers the way there. */
static const char *next_key(struct json_decoder *decoder, struct json_object *object,
                            struct json_slot *slot, const char *at, int32_t *field)
{
    const char *begin = at;
    const char *end = decoder->end;
    bool is_end;
    struct json_string key;
    at = read_punctuation(decoder, at, slot == object->slots, &is_end);
    if (at == NULL || is_end) {
        *field = OBJECT_END;
        return at;
    }
    at = json_skip_space(at, end);
    if (at >= end || *at != '"') {
        return json_fail(&decoder->error, SL_ROW_SYNTAX, "expected a key", at);
    }
    at = json_scan_string(at + 1, end, &key, &decoder->error);
    if (at == NULL) {
        return NULL;
    }
    at = json_skip_space(at, end);
    if (at >= end || *at != ':') {
        return json_fail(&decoder->error, SL_ROW_SYNTAX, "expected ':'", at);
    }
    at = json_skip_space(at + 1, end);
    *field = conn_json_find_key(object, &key);
    if (at - begin <= JSON_SLOT_BYTES && slot != &object->slots[JSON_SLOTS]) {
        learn(slot, begin, (size_t)(at - begin), *field);
    }
    return at;
}

/* ---- objects ---- */

static bool is_as_before(const struct json_slot *slot, const char *at)
{
    if (slot->length == 0 || (json_equal_mask(at, slot->text) & slot->masks[0]) != slot->masks[0]) {
        return false;
    }
    return slot->masks[1] == 0 ||
           (json_equal_mask(at + 16, slot->text + 16) & slot->masks[1]) == slot->masks[1];
}

static const char *fail_field(struct json_decoder *decoder, const struct json_field *field,
                              enum sl_row_error reason, const char *at)
{
    decoder->culprit = field;
    return json_fail(&decoder->error, reason, "", at);
}

static inline bool is_number(const char *at)
{
    return (unsigned char)(*at - '0') <= 9 || *at == '-';
}

/* Stores a usual value of a usual column, or returns NULL. */
static inline const char *store_fast(enum json_fast fast, struct sl_vector *vector, uint32_t row,
                                     const char *at, const char *end)
{
    if (fast == JSON_FAST_STRING && *at == '"') {
        uint32_t length;
        struct sl_view *view = &((struct sl_view *)vector->data)[row];
        const char *behind = json_fast_string(at, end, &length);
        if (SL_UNLIKELY(behind == NULL)) {
            return NULL;
        }
        if (SL_LIKELY(length <= SL_VIEW_INLINE_BYTES)) {
            json_store_short(view, at + 1, length);
        } else {
            view->length = length;
            memcpy(view->prefix, at + 1, 4);
            view->tail.data = at + 1;
        }
        return behind;
    }
    if (fast == JSON_FAST_INT64 && is_number(at)) {
        return json_fast_int64(at, &((int64_t *)vector->data)[row]);
    }
    if (fast == JSON_FAST_DOUBLE && is_number(at)) {
        return json_fast_double(at, &((double *)vector->data)[row]);
    }
    return NULL;
}

/* Steps over white space to where a value must begin; NULL when the text ends there. */
static const char *find_value(struct json_decoder *decoder, const char *at)
{
    at = json_skip_space(at, decoder->end);
    return at < decoder->end ? at
                             : json_fail(&decoder->error, SL_ROW_SYNTAX,
                                         "the text ends within an object", decoder->end);
}

/* A wanted value; at may be a little behind the end, as everything here: what comes of that is
 * thrown away, because the next thing to be looked at is the end. */
static inline const char *read_field(struct json_decoder *decoder, struct json_field *field,
                                     struct sl_vector *vector, uint32_t row, const char *at,
                                     uint32_t depth)
{
    const char *behind = store_fast(field->fast, vector, row, at, decoder->end);
    if (SL_LIKELY(behind != NULL)) {
        return behind;
    }
    at = find_value(decoder, at);
    return at == NULL ? NULL : conn_json_decode_value(decoder, field, vector, row, at, depth);
}

/* A value that nobody wants. */
static inline const char *skip(struct json_decoder *decoder, const char *at, uint32_t depth)
{
    const char *behind = json_fast_skip(at, decoder->end);
    if (SL_LIKELY(behind != NULL)) {
        return behind;
    }
    at = find_value(decoder, at);
    return at == NULL ? NULL : json_skip_value(at, decoder->end, depth, &decoder->error);
}

/* Gives the fields that did not come their NULL. */
static bool fill_missing(struct json_decoder *decoder, struct json_object *object,
                         struct sl_vector *vectors, uint32_t row, const char *at)
{
    for (uint32_t i = 0; i < object->field_count; i++) {
        struct json_field *field = &object->fields[i];
        if (field->seen == object->turn) {
            continue;
        }
        if (decoder->fails_on_missing) {
            fail_field(decoder, field, SL_ROW_MISSING_FIELD, at);
            return false;
        }
        if (!conn_json_store_null(decoder, field, &vectors[i], row, at)) {
            return false;
        }
    }
    return true;
}

const char *conn_json_decode_object(struct json_decoder *decoder, struct json_object *object,
                                    struct sl_vector *vectors, uint32_t row, const char *at,
                                    uint32_t depth)
{
    const char *end = decoder->end;
    uint64_t turn = ++object->turn;
    uint32_t found = 0;
    struct json_slot *slot = object->slots;
    if (depth >= JSON_DEPTH_MAX) {
        return json_fail(&decoder->error, SL_ROW_DEPTH, "nested deeper than 64", at);
    }
    for (;;) {
        int32_t idx;
        if (SL_LIKELY(end - at > slot->length && is_as_before(slot, at))) {
            at += slot->length;
            idx = slot->field;
        } else {
            at = next_key(decoder, object, slot, at, &idx);
            if (at == NULL || idx == OBJECT_END) {
                break;
            }
        }
        if (idx < 0) {
            at = skip(decoder, at, depth + 1);
        } else {
            struct json_field *field = &object->fields[idx];
            if (SL_UNLIKELY(field->seen == turn)) {
                return fail_field(decoder, field, SL_ROW_DUPLICATE_KEY, at);
            }
            field->seen = turn;
            found++;
            at = read_field(decoder, field, &vectors[idx], row, at, depth + 1);
        }
        if (SL_UNLIKELY(at == NULL)) {
            return NULL;
        }
        if (SL_UNLIKELY(at >= end)) {
            return json_fail(&decoder->error, SL_ROW_SYNTAX, "the text ends within an object", end);
        }
        slot += slot != &object->slots[JSON_SLOTS];
    }
    if (at != NULL && found < object->field_count &&
        !fill_missing(decoder, object, vectors, row, at)) {
        return NULL;
    }
    return at;
}

void conn_json_describe(const struct json_decoder *decoder, const char *begin, char *text,
                        size_t size_bytes)
{
    const struct json_error *error = &decoder->error;
    const char *name = decoder->culprit == NULL ? "" : decoder->culprit->name;
    size_t offset = (size_t)(SL_MIN(error->at, decoder->end) - begin);
    char type[SL_TYPE_TEXT_BYTES] = "";
    if (decoder->culprit != NULL) {
        sl_type_format(&decoder->culprit->type, type, sizeof type);
    }
    switch (error->reason) {
    case SL_ROW_TYPE:
        snprintf(text, size_bytes, "column '%.40s': expected %.40s, found %s at byte %zu", name,
                 type, error->text, offset);
        return;
    case SL_ROW_RANGE:
        snprintf(text, size_bytes, "column '%.40s': out of the range of %.30s at byte %zu", name,
                 type, offset);
        return;
    case SL_ROW_MISSING_FIELD:
        snprintf(text, size_bytes, "column '%.60s' is missing", name);
        return;
    case SL_ROW_NOT_NULL:
        snprintf(text, size_bytes, "column '%.60s' is null", name);
        return;
    case SL_ROW_DUPLICATE_KEY:
        snprintf(text, size_bytes, "column '%.40s' comes again at byte %zu", name, offset);
        return;
    default:
        snprintf(text, size_bytes, "%s at byte %zu", error->text, offset);
    }
}
