/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 3. Typed option tables. WITH (...), SET and -D are checked against them before anything is
 * opened, and the manual is printed from them. */
#ifndef SLUICE_OPTION_H
#define SLUICE_OPTION_H

#include "sluice/text.h"
#include "sluice/arena.h"

SL_EXTERN_C_BEGIN

enum sl_option_type {
    SL_OPTION_STRING,
    SL_OPTION_INT64,
    SL_OPTION_DOUBLE,
    SL_OPTION_BOOL,
    SL_OPTION_DURATION, /* milliseconds inside */
    SL_OPTION_BYTES,    /* bytes inside */
    SL_OPTION_ENUM      /* one of the words in choices, separated by | */
};

struct sl_option_def {
    const char *name; /* "scan.startup.mode"; a name ending in '*' accepts every key with that
                         prefix ("properties.*", "fields.*") */
    enum sl_option_type type;
    const char *default_text; /* NULL = none */
    bool required;
    bool secret; /* masked wherever it is shown */
    const char *choices;
    const char *help; /* one line */
};

/* A table ends with an entry whose name is NULL. */

struct sl_option {
    const char *name;
    const char *value;
    uint32_t line; /* where it stands in the SQL text; 0 = not from SQL */
    uint32_t column;
};

struct sl_options {
    const struct sl_option *items;
    uint32_t count;
};

/* Every option of options must be known to one of the def tables (NULL-terminated list of tables)
 * and parse as its type, and every required one be there; the error names key, position, owner
 * ("connector 'kafka'") and the nearest known key. */
enum sl_status sl_options_check(const struct sl_options *options,
                                const struct sl_option_def *const *tables, const char *owner,
                                struct sl_error *err);
/* Raw text of an option, else the default in table (may be NULL), else NULL. */
const char *sl_option_text(const struct sl_options *options, const struct sl_option_def *table,
                           const char *name);
/* The typed value after a successful check; absent without default: 0 / false. */
int64_t sl_option_int64(const struct sl_options *options, const struct sl_option_def *table,
                        const char *name);
double sl_option_double(const struct sl_options *options, const struct sl_option_def *table,
                        const char *name);
bool sl_option_bool(const struct sl_options *options, const struct sl_option_def *table,
                    const char *name);
bool sl_option_is_set(const struct sl_options *options, const char *name);
/* The same text, or "******" when the key is a secret: by its def, or because it contains password,
 * secret, token, sasl.jaas or ssl.key. */
const char *sl_option_masked(const struct sl_option_def *const *tables,
                             const struct sl_option *option);

SL_EXTERN_C_END

#endif
