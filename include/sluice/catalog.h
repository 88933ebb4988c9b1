/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 7. What names mean: connectors, formats, operators, functions (the builtin lists, set once
 * by engine/wire) and the tables and views of a session. */
#ifndef SLUICE_CATALOG_H
#define SLUICE_CATALOG_H

#include "sluice/codec.h"
#include "sluice/function.h"
#include "sluice/offload.h"
#include "sluice/sink.h"
#include "sluice/source.h"

SL_EXTERN_C_BEGIN

struct sl_metadata_def {
    const char *key; /* "offset" */
    struct sl_type type;
    bool writable;
};

struct sl_connector_def {
    const char *name;
    const struct sl_option_def *options;    /* the connector's own, without the format's */
    const struct sl_source_def *source;     /* NULL = cannot be read */
    const struct sl_sink_def *sink;         /* NULL = cannot be written */
    const struct sl_metadata_def *metadata; /* ends with key NULL; NULL = none */
    bool takes_format; /* 'format' (or value.format) is required, and its options are checked too */
    bool takes_updates; /* the sink accepts -U +U -D */
    /* Whether the source ends by itself under these options. */
    bool (*is_bounded)(const struct sl_options *options);
    const char *source_guarantee; /* "exactly once" (can be re-read) or "at most once" */
    const char *sink_guarantee;   /* "at least once", "none", ... */
    /* More than option types can say. May be NULL. */
    enum sl_status (*check)(const struct sl_options *options, const struct sl_schema *physical,
                            bool as_sink, struct sl_error *err);
};

/* Lists end with NULL. */
struct sl_builtins {
    const struct sl_connector_def *const *connectors;
    const struct sl_codec_def *const *codecs;
    const struct sl_operator_def *const *operators;
    const struct sl_function_def *const *const *functions; /* list of lists: one a family */
    const struct sl_aggregate_def *const *aggregates;
    const struct sl_offload_def *const *offloads;
    const char *const *missing_connectors; /* known, but left out of this build: "kafka" ... */
};

enum sl_catalog_column_kind { SL_COLUMN_PHYSICAL, SL_COLUMN_COMPUTED, SL_COLUMN_METADATA };

struct sl_catalog_column {
    const char *name;
    enum sl_catalog_column_kind kind;
    struct sl_type type;      /* COMPUTED: unknown until bound (SL_TYPE_NULL) */
    const char *expression;   /* COMPUTED: SQL text */
    const char *metadata_key; /* METADATA */
    bool is_virtual;          /* METADATA ... VIRTUAL: not written */
    const char *comment;      /* or NULL */
    uint32_t line;            /* where the expression (or the column) stands in the SQL text */
    uint32_t column;
};

struct sl_catalog_table {
    const char *name;
    bool is_temporary;
    const char *comment;
    const struct sl_catalog_column *columns;
    uint32_t column_count;
    const char *rowtime;   /* column of WATERMARK FOR, NULL = none */
    const char *watermark; /* its expression's SQL text */
    uint32_t watermark_line;
    uint32_t watermark_column;
    const uint32_t *primary_key; /* column indices */
    uint32_t primary_key_count;
    const char *const *partition_keys;
    uint32_t partition_key_count;
    struct sl_options options;
    const struct sl_connector_def *connector;
    const char
        *view_query; /* not NULL: a view, with its query as SQL text, and columns by name only */
    uint32_t line;
    uint32_t column;
};

struct sl_catalog {
    const struct sl_builtins *builtins;
    struct sl_arena arena;                  /* of tables */
    const struct sl_catalog_table **tables; /* in order of creation */
    uint32_t table_count;
    uint32_t table_capacity;
};

void sl_catalog_init(struct sl_catalog *catalog, const struct sl_builtins *builtins,
                     struct sl_account *account);
void sl_catalog_deinit(struct sl_catalog *catalog);
/* table is copied by pointer: allocate it and what it points to in catalog->arena. Names are unique
 * over tables and views. */
enum sl_status sl_catalog_add(struct sl_catalog *catalog, const struct sl_catalog_table *table,
                              bool replace, struct sl_error *err);
bool sl_catalog_remove(struct sl_catalog *catalog, const char *name);
const struct sl_catalog_table *sl_catalog_find(const struct sl_catalog *catalog, const char *name);

const struct sl_connector_def *sl_catalog_connector(const struct sl_catalog *catalog,
                                                    const char *name);
const struct sl_codec_def *sl_catalog_codec(const struct sl_catalog *catalog, const char *name);
const struct sl_operator_def *sl_catalog_operator(const struct sl_catalog *catalog,
                                                  const char *kind);
const struct sl_aggregate_def *sl_catalog_aggregate(const struct sl_catalog *catalog,
                                                    const char *name);
/* Overload resolution by name and argument types (function.h): *def and the types that the
 * arguments must be cast to. SL_NOT_FOUND: no such name (text has "did you mean"); SL_SEMANTIC: no
 * overload takes these types. */
enum sl_status sl_catalog_resolve(const struct sl_catalog *catalog, const char *name,
                                  const struct sl_type *arguments, uint32_t argument_count,
                                  const struct sl_function_def **def, struct sl_type *coerced,
                                  struct sl_error *err);
/* The overload of exactly these argument type ids, or NULL: how a plan's step finds its kernel
 * again. */
const struct sl_function_def *sl_catalog_function(const struct sl_catalog *catalog,
                                                  const char *name, const struct sl_type *arguments,
                                                  uint32_t argument_count);
/* The least type that a and b both convert to implicitly; false when there is none. */
bool sl_type_common(const struct sl_type *a, const struct sl_type *b, struct sl_type *result);
/* Whether a value of from is taken as to without a CAST. */
bool sl_type_coerces(const struct sl_type *from, const struct sl_type *to);

SL_EXTERN_C_END

#endif
