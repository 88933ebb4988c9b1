/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 2. Logical SQL types and the physical kinds that carry them. A type is a small value; nested
 * types point to children that live as long as the catalog or plan that they came from. */
#ifndef SLUICE_TYPE_H
#define SLUICE_TYPE_H

#include "sluice/arena.h"

SL_EXTERN_C_BEGIN

enum sl_type_id {
    SL_TYPE_NULL, /* the type of a bare NULL literal; coerces to anything */
    SL_TYPE_BOOLEAN,
    SL_TYPE_TINYINT,
    SL_TYPE_SMALLINT,
    SL_TYPE_INT,
    SL_TYPE_BIGINT,
    SL_TYPE_FLOAT,
    SL_TYPE_DOUBLE,
    SL_TYPE_DECIMAL,
    SL_TYPE_CHAR,
    SL_TYPE_VARCHAR,
    SL_TYPE_BINARY,
    SL_TYPE_VARBINARY,
    SL_TYPE_DATE,
    SL_TYPE_TIME,
    SL_TYPE_TIMESTAMP,
    SL_TYPE_TIMESTAMP_LTZ,
    SL_TYPE_INTERVAL_YEAR_MONTH,
    SL_TYPE_INTERVAL_DAY_TIME,
    SL_TYPE_ARRAY,
    SL_TYPE_MAP,
    SL_TYPE_MULTISET,
    SL_TYPE_ROW,
    SL_TYPE_COUNT
};

/* How a value lies in memory.
 *   W1  BOOLEAN (0 or 1), TINYINT          W2  SMALLINT
 *   W4  INT, FLOAT, DATE (days since the epoch), TIME (ms of the day), INTERVAL_YEAR_MONTH (months)
 *   W8  BIGINT, DOUBLE, DECIMAL(p<=18) (unscaled), INTERVAL_DAY_TIME (ms),
 *       TIMESTAMP and TIMESTAMP_LTZ: since the epoch in ms (p<=3), us (p<=6) or ns (p<=9), UTC
 *   W16 DECIMAL(p<=38) (unscaled, two's complement, little-endian sl_int128)
 *   VIEW strings and bytes   LIST ARRAY, MAP, MULTISET   STRUCT ROW */
enum sl_physical { SL_W1, SL_W2, SL_W4, SL_W8, SL_W16, SL_VIEW, SL_LIST, SL_STRUCT };

enum { SL_LENGTH_MAX = 2147483647, SL_DECIMAL_PRECISION_MAX = 38, SL_TYPE_TEXT_BYTES = 256 };

struct sl_type_field;

struct sl_type {
    enum sl_type_id id;
    bool nullable;
    uint8_t precision;    /* DECIMAL, TIME, TIMESTAMP, TIMESTAMP_LTZ */
    uint8_t scale;        /* DECIMAL */
    uint32_t length;      /* CHAR, VARCHAR, BINARY, VARBINARY: characters or bytes; SL_LENGTH_MAX =
                             STRING, BYTES */
    uint32_t field_count; /* ARRAY and MULTISET 1, MAP 2, ROW n */
    const struct sl_type_field *fields; /* borrowed from the arena that the type was built in */
};

struct sl_type_field {
    const char *name; /* ROW only, else "" */
    struct sl_type type;
};

/* A nullable type without parameters; DECIMAL, TIMESTAMP and the like get SQL's defaults ((10,0),
 * 6, STRING). */
struct sl_type sl_type_of(enum sl_type_id id);
struct sl_type sl_type_decimal(uint32_t precision, uint32_t scale);
struct sl_type sl_type_timestamp(enum sl_type_id id, uint32_t precision);
struct sl_type sl_type_string(void);
struct sl_type sl_type_not_null(struct sl_type type);

enum sl_physical sl_type_physical(const struct sl_type *type);
/* Bytes a value takes in a flat vector: 1, 2, 4, 8, 16; VIEW 16; LIST 8; STRUCT 0. */
uint32_t sl_physical_width(enum sl_physical physical);
/* Same id and parameters; nullability is compared only when with_nullability. */
bool sl_type_equal(const struct sl_type *a, const struct sl_type *b, bool with_nullability);
/* The id's own name, one word: "BIGINT", "INTERVAL_DAY_TIME". Function signatures are made of
 * these. */
const char *sl_type_id_name(enum sl_type_id id);
/* SQL spelling, e.g. "DECIMAL(10, 2)", "TIMESTAMP_LTZ(3) NOT NULL", "ROW<`a` INT>". Returns text.
 */
const char *sl_type_format(const struct sl_type *type, char *text, size_t size_bytes);
/* Deep copy of a type (its children and names) into arena; SL_TYPE_NULL when the arena refuses. */
struct sl_type sl_type_copy(struct sl_arena *arena, const struct sl_type *type);
/* Time units of one timestamp tick: 1000 for ms, 1000000 us, 1000000000 ns (ticks a second, from
 * precision). */
int64_t sl_timestamp_ticks_per_second(uint32_t precision);

bool sl_type_is_integer(enum sl_type_id id);
bool sl_type_is_numeric(enum sl_type_id id); /* integers, DECIMAL, FLOAT, DOUBLE */
bool sl_type_is_string(enum sl_type_id id);  /* CHAR, VARCHAR */
bool sl_type_is_binary(enum sl_type_id id);
bool sl_type_is_timestamp(enum sl_type_id id); /* TIMESTAMP, TIMESTAMP_LTZ */

SL_EXTERN_C_END

#endif
