/* SPDX-License-Identifier: Apache-2.0
 *
 * Overload resolution: a name and argument types to one function.
 * Always true: the overload that is chosen is found again by sl_catalog_function from its coerced
 * types, which is what a stored plan relies on. */
#include <string.h>
#include <strings.h>

#include "sluice/catalog.h"
#include "sluice/decimal.h"

enum { CANDIDATES_MAX = 512, DATE_TIMESTAMP_PRECISION = 3, TYPES_TEXT_BYTES = 320 };

/* Goes over the overloads of one name, in table order. */
struct walk {
    const char *name; /* NULL = every function */
    const struct sl_function_def *const *const *list;
    const struct sl_function_def *const *item;
};

static struct walk walk_of(const struct sl_catalog *catalog, const char *name)
{
    struct walk walk = {name, catalog->builtins->functions, NULL};
    if (walk.list != NULL) {
        walk.item = *walk.list;
    }
    return walk;
}

static const struct sl_function_def *walk_next(struct walk *walk)
{
    while (walk->item != NULL) {
        const struct sl_function_def *def = *walk->item;
        if (def == NULL) {
            walk->list++;
            walk->item = *walk->list;
            continue;
        }
        walk->item++;
        if (walk->name == NULL || strcasecmp(def->name, walk->name) == 0) {
            return def;
        }
    }
    return NULL;
}

/* An argument as a parameter that is known by its id only takes it. */
static bool coerce_to_id(const struct sl_type *argument, enum sl_type_id id, struct sl_type *result)
{
    struct sl_type type = sl_type_of(id);
    if (argument->id == id) {
        *result = *argument;
        return true;
    }
    /* FLOAT would drop digits of most decimals: DOUBLE is their floating type. */
    bool loses_digits = argument->id == SL_TYPE_DECIMAL && id == SL_TYPE_FLOAT;
    if (loses_digits || !sl_type_coerces(argument, &type)) {
        return false;
    }
    if (id == SL_TYPE_DECIMAL && argument->id != SL_TYPE_NULL) {
        type = sl_decimal_type_for(argument);
    } else if (argument->id == SL_TYPE_CHAR || argument->id == SL_TYPE_BINARY) {
        type.length = argument->length;
    } else if (sl_type_is_timestamp(id)) {
        type = sl_type_timestamp(id, DATE_TIMESTAMP_PRECISION);
    }
    type.nullable = argument->nullable;
    *result = type;
    return true;
}

/* Arguments of "any" parameters become one common type. */
static bool unify_any(const struct sl_function_def *def, const struct sl_type *arguments,
                      struct sl_type *coerced)
{
    struct sl_type common = sl_type_of(SL_TYPE_NULL);
    for (uint32_t i = 0; i < def->parameter_count; i++) {
        if (def->parameters[i] == SL_TYPE_COUNT &&
            !sl_type_common(&common, &arguments[i], &common)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < def->parameter_count; i++) {
        if (def->parameters[i] == SL_TYPE_COUNT) {
            coerced[i] = common;
            coerced[i].nullable = arguments[i].nullable;
        }
    }
    return true;
}

/* Timestamps of one kind in a call get one precision, the greatest, where that changes no ticks.
 * Ticks of two units stay: a finer one does not have room for every instant of a coarser one, and
 * comparisons take them as they are. */
static void unify_timestamps(const struct sl_function_def *def, struct sl_type *coerced)
{
    for (uint32_t i = 0; i < def->parameter_count; i++) {
        for (uint32_t j = 0; j < def->parameter_count; j++) {
            if (sl_type_is_timestamp(coerced[i].id) && coerced[i].id == coerced[j].id &&
                coerced[i].precision < coerced[j].precision &&
                sl_timestamp_ticks_per_second(coerced[i].precision) ==
                    sl_timestamp_ticks_per_second(coerced[j].precision)) {
                coerced[i].precision = coerced[j].precision;
            }
        }
    }
}

static bool accepts(const struct sl_function_def *def, const struct sl_type *arguments,
                    struct sl_type *coerced)
{
    for (uint32_t i = 0; i < def->parameter_count; i++) {
        if (def->parameters[i] != SL_TYPE_COUNT &&
            !coerce_to_id(&arguments[i], def->parameters[i], &coerced[i])) {
            return false;
        }
    }
    if (!unify_any(def, arguments, coerced)) {
        return false;
    }
    unify_timestamps(def, coerced);
    return true;
}

static bool all_equal(const struct sl_type *a, const struct sl_type *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!sl_type_equal(&a[i], &b[i], false)) {
            return false;
        }
    }
    return true;
}

/* Appends to text[0..*length) as far as there is room. */
static void append(char *text, size_t *length, const char *part)
{
    size_t part_bytes = SL_MIN(strlen(part), TYPES_TEXT_BYTES - 1 - *length);
    memcpy(text + *length, part, part_bytes);
    *length += part_bytes;
    text[*length] = '\0';
}

static void format_arguments(const struct sl_type *arguments, uint32_t count,
                             char text[TYPES_TEXT_BYTES])
{
    char type_text[SL_TYPE_TEXT_BYTES];
    size_t length = 0;
    append(text, &length, "(");
    for (uint32_t i = 0; i < count; i++) {
        struct sl_type type = arguments[i];
        type.nullable = true;
        append(text, &length, i > 0 ? ", " : "");
        append(text, &length, sl_type_format(&type, type_text, sizeof type_text));
    }
    append(text, &length, ")");
}

/* A parameter's name is its type's without parameters: "DECIMAL", not "DECIMAL(10, 0)". */
static void append_parameter(char *text, size_t *length, enum sl_type_id id)
{
    char type_text[SL_TYPE_TEXT_BYTES];
    if (id == SL_TYPE_COUNT) {
        append(text, length, "any");
        return;
    }
    if (id == SL_TYPE_ARRAY || id == SL_TYPE_MAP || id == SL_TYPE_MULTISET || id == SL_TYPE_ROW) {
        static const char *const NAMES[] = {"ARRAY", "MAP", "MULTISET", "ROW"};
        append(text, length, NAMES[id - SL_TYPE_ARRAY]);
        return;
    }
    struct sl_type type = sl_type_of(id);
    sl_type_format(&type, type_text, sizeof type_text);
    char *parameters = strchr(type_text, '(');
    if (parameters != NULL) {
        *parameters = '\0';
    }
    append(text, length, type_text);
}

static void format_overloads(const struct sl_catalog *catalog, const char *name,
                             char text[TYPES_TEXT_BYTES])
{
    struct walk walk = walk_of(catalog, name);
    size_t length = 0;
    text[0] = '\0';
    for (const struct sl_function_def *def = walk_next(&walk); def != NULL;
         def = walk_next(&walk)) {
        append(text, &length, length > 0 ? " or (" : "(");
        for (uint32_t i = 0; i < def->parameter_count; i++) {
            append(text, &length, i > 0 ? ", " : "");
            append_parameter(text, &length, def->parameters[i]);
        }
        append(text, &length, ")");
    }
}

static enum sl_status fail_overload(const struct sl_catalog *catalog, const char *name,
                                    const struct sl_type *arguments, uint32_t argument_count,
                                    struct sl_error *err)
{
    char found[TYPES_TEXT_BYTES];
    char expected[TYPES_TEXT_BYTES];
    format_arguments(arguments, argument_count, found);
    format_overloads(catalog, name, expected);
    return sl_fail(err, SL_SEMANTIC, "%s does not take %s; expected %s", name, found, expected);
}

static enum sl_status fail_unknown(const struct sl_catalog *catalog, const char *name,
                                   struct sl_error *err)
{
    const char *names[CANDIDATES_MAX];
    char upper[64];
    size_t count = 0;
    struct walk walk = walk_of(catalog, NULL);
    const struct sl_function_def *def = walk_next(&walk);
    for (; def != NULL && count < CANDIDATES_MAX; def = walk_next(&walk)) {
        names[count++] = def->name;
    }
    const struct sl_aggregate_def *const *aggregates = catalog->builtins->aggregates;
    for (; aggregates != NULL && *aggregates != NULL && count < CANDIDATES_MAX; aggregates++) {
        names[count++] = (*aggregates)->name;
    }
    size_t length = SL_MIN(strlen(name), sizeof upper - 1);
    for (size_t i = 0; i < length; i++) {
        upper[i] = name[i];
        if (name[i] >= 'a' && name[i] <= 'z') {
            upper[i] = (char)(name[i] - 'a' + 'A');
        }
    }
    upper[length] = '\0';
    const char *nearest = sl_nearest_name(upper, names, count);
    if (nearest == NULL) {
        return sl_fail(err, SL_NOT_FOUND, "unknown function '%s'", name);
    }
    return sl_fail(err, SL_NOT_FOUND, "unknown function '%s'; did you mean '%s'?", name, nearest);
}

enum sl_status sl_catalog_resolve(const struct sl_catalog *catalog, const char *name,
                                  const struct sl_type *arguments, uint32_t argument_count,
                                  const struct sl_function_def **def, struct sl_type *coerced,
                                  struct sl_error *err)
{
    struct walk walk = walk_of(catalog, name);
    struct sl_type types[SL_COUNT_OF((*def)->parameters)];
    bool is_known = false;
    *def = NULL;
    for (const struct sl_function_def *overload = walk_next(&walk); overload != NULL;
         overload = walk_next(&walk)) {
        is_known = true;
        SL_ASSERT(overload->parameter_count <= SL_COUNT_OF(types));
        if (overload->parameter_count != argument_count || !accepts(overload, arguments, types)) {
            continue;
        }
        bool is_exact = all_equal(types, arguments, argument_count);
        if (is_exact || *def == NULL) {
            *def = overload;
            for (uint32_t i = 0; i < argument_count; i++) {
                coerced[i] = types[i];
            }
        }
        if (is_exact) {
            return SL_OK;
        }
    }
    if (*def != NULL) {
        return SL_OK;
    }
    return is_known ? fail_overload(catalog, name, arguments, argument_count, err)
                    : fail_unknown(catalog, name, err);
}

static bool takes_exactly(const struct sl_function_def *def, const struct sl_type *arguments)
{
    const struct sl_type *any = NULL;
    for (uint32_t i = 0; i < def->parameter_count; i++) {
        if (def->parameters[i] != SL_TYPE_COUNT) {
            if (def->parameters[i] != arguments[i].id) {
                return false;
            }
            continue;
        }
        if (any != NULL && any->id != arguments[i].id) {
            return false;
        }
        any = &arguments[i];
    }
    return true;
}

const struct sl_function_def *sl_catalog_function(const struct sl_catalog *catalog,
                                                  const char *name, const struct sl_type *arguments,
                                                  uint32_t argument_count)
{
    struct walk walk = walk_of(catalog, name);
    const struct sl_function_def *def = walk_next(&walk);
    while (def != NULL &&
           (def->parameter_count != argument_count || !takes_exactly(def, arguments))) {
        def = walk_next(&walk);
    }
    return def;
}
