/* SPDX-License-Identifier: Apache-2.0
 *
 * From the bytes of one JSON object to one row of columns. A row type is prepared once as a tree of
 * objects and fields; each object remembers the order in which keys came last time. */
#ifndef CONNECTORS_JSON_DECODE_H
#define CONNECTORS_JSON_DECODE_H

#include "convert.h"
#include "json_scan.h"

#include "sluice/codec.h"

enum { JSON_SLOTS = 64, JSON_SLOT_BYTES = 32 };

struct json_object;

/* Columns whose usual values are stored without further ado (json_fast.h). */
enum json_fast { JSON_FAST_NONE, JSON_FAST_STRING, JSON_FAST_INT64, JSON_FAST_DOUBLE };

/* One wanted value: a column, a field of a ROW, the elements of an ARRAY, keys or values of a MAP.
 */
struct json_field {
    const char *name;
    size_t name_length;
    struct sl_type type;
    enum json_fast fast;
    struct json_object *object;  /* ROW */
    struct json_field *elements; /* ARRAY: one; MAP: key and value */
    uint64_t seen;               /* the object's turn in which it came last */
    struct sl_vector *vector;    /* of the decode call at hand; set for json_shape.h */
};

/* What stood between two values of the last object: `,"temp":`, white space included. As it begins
 * with '{' or holds a ',', it can stand only where it is right to read it. */
struct json_slot {
    char text[JSON_SLOT_BYTES];
    uint16_t masks[2];  /* the bits of its length, of either half */
    uint32_t length;    /* 0 = nothing was learned */
    int32_t field;      /* -1 = nobody wants it */
    uint32_t unused[5]; /* to a cache line */
};

struct json_object {
    struct json_field *fields;
    uint32_t field_count;
    uint32_t bucket_mask;
    int32_t *buckets; /* open addressing over hashes of names: a field, or -1 */
    uint64_t turn;    /* counts the objects that were read */
    struct json_slot slots[JSON_SLOTS + 1]; /* the last one never learns */
};

struct json_decoder {
    struct conn_conversion conversion;
    bool ignores_errors;
    bool fails_on_missing;
    struct sl_arena *strings;         /* of the decode call at hand */
    const char *end;                  /* of the span at hand */
    struct json_error error;          /* of the row at hand, when NULL was returned */
    const struct json_field *culprit; /* the field that it concerns, or NULL */
    enum sl_status status;            /* not OK: a limit; err says which */
    struct sl_error *err;
};

/* Prepares the fields of a row in arena. */
struct json_object *conn_json_object_make(struct sl_arena *arena, const struct sl_column *columns,
                                          const uint32_t *indices, uint32_t count);

/* Reads the object whose '{' is at `at` into row of vectors (one a field, all valid there before).
 * depth = open containers around it. Returns the byte behind its '}', at most end; NULL: error. */
const char *conn_json_decode_object(struct json_decoder *decoder, struct json_object *object,
                                    struct sl_vector *vectors, uint32_t row, const char *at,
                                    uint32_t depth);

/* The field of that name, or -1. */
int32_t conn_json_find_key(const struct json_object *object, const struct json_string *key);

/* Reads one value for field (json_value.c); at < end. */
const char *conn_json_decode_value(struct json_decoder *decoder, struct json_field *field,
                                   struct sl_vector *vector, uint32_t row, const char *at,
                                   uint32_t depth);
/* Sets the value NULL, or refuses: null in a NOT NULL column. */
bool conn_json_store_null(struct json_decoder *decoder, const struct json_field *field,
                          struct sl_vector *vector, uint32_t row, const char *at);
/* Makes the row valid again on every level. */
void conn_json_restore(struct sl_vector *vector, uint32_t row);

/* Text of the error for people: "column 'temp': expected DOUBLE, found a string at byte 17". */
void conn_json_describe(const struct json_decoder *decoder, const char *begin, char *text,
                        size_t size_bytes);

#endif
