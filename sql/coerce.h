/* SPDX-License-Identifier: Apache-2.0
 *
 * Conversions between types: which are written for the user, and which he must write himself. */
#ifndef SQL_COERCE_H
#define SQL_COERCE_H

#include "logical.h"

/* bound as type, keeping its nullability; bound itself when it is of that type already. Constants
 * are converted at once. The caller knows that the conversion is allowed. */
enum sl_status sql_convert(struct sql_context *context, struct sql_bound *bound,
                           const struct sl_type *type, struct sql_bound **result);
/* CAST or TRY_CAST as written; refuses pairs that mean nothing. */
enum sl_status sql_cast(struct sql_context *context, struct sql_span span, struct sql_bound *bound,
                        const struct sl_type *type, bool is_try, struct sql_bound **result);
/* Converts every stride-th item from first on to the least common type; what names them in the
 * error: "the branches of CASE". */
enum sl_status sql_convert_to_common(struct sql_context *context, struct sql_bound **items,
                                     uint32_t count, const char *what, struct sl_type *type);
/* Whether INSERT takes a value of from for a column of type to without a CAST. */
bool sql_type_assignable(const struct sl_type *from, const struct sl_type *to);
/* Fails unless bound is BOOLEAN (or NULL, which becomes a BOOLEAN): what names it: "WHERE". */
enum sl_status sql_require_boolean(struct sql_context *context, const char *what,
                                   struct sql_bound **bound);

/* rewrite_fold.c: *result is the converted constant, or NULL when it is left to run time. */
enum sl_status sql_fold_cast(struct sql_context *context, const struct sql_bound *constant,
                             const struct sl_type *type, struct sql_bound **result);
/* -constant, or NULL. */
enum sl_status sql_fold_negate(struct sql_context *context, const struct sql_bound *constant,
                               struct sql_bound **result);

#endif
