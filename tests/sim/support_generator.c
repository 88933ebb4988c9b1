/* SPDX-License-Identifier: Apache-2.0
 *
 * Random trees of a family of types. What is made is always well typed; edges are as likely as
 * everything else. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support_generate.h"

uint64_t generator_below(struct generator *generator, uint64_t bound)
{
    return sl_random_below(&generator->random, bound);
}

bool generator_chance(struct generator *generator, uint32_t percent)
{
    return generator_below(generator, 100) < percent;
}

struct tree *generator_node(struct generator *generator, enum tree_kind kind, uint32_t child_count)
{
    struct tree *tree = SL_ARENA_NEW(generator->arena, struct tree);
    tree->kind = kind;
    tree->child_count = child_count;
    tree->children = SL_ARENA_ARRAY(generator->arena, struct tree *, child_count + 1);
    tree->is_infix = generator_chance(generator, 50);
    return tree;
}

static struct tree *typed(struct tree *tree)
{
    tree->type = tree_type_of(tree);
    return tree;
}

struct tree *generator_cast(struct generator *generator, struct tree *operand, struct sl_type type,
                            bool is_try)
{
    struct tree *tree = generator_node(generator, TREE_CAST, 1);
    tree->children[0] = operand;
    tree->type = type;
    tree->is_try = is_try;
    return tree;
}

static enum tree_family family_of(enum sl_type_id id)
{
    switch (id) {
    case SL_TYPE_BOOLEAN:
        return FAMILY_BOOLEAN;
    case SL_TYPE_CHAR:
    case SL_TYPE_VARCHAR:
        return FAMILY_STRING;
    case SL_TYPE_BINARY:
    case SL_TYPE_VARBINARY:
        return FAMILY_BYTES;
    case SL_TYPE_DATE:
        return FAMILY_DATE;
    case SL_TYPE_TIME:
        return FAMILY_TIME;
    case SL_TYPE_TIMESTAMP:
        return FAMILY_TIMESTAMP;
    case SL_TYPE_TIMESTAMP_LTZ:
        return FAMILY_LTZ;
    case SL_TYPE_INTERVAL_YEAR_MONTH:
        return FAMILY_MONTHS;
    case SL_TYPE_INTERVAL_DAY_TIME:
        return FAMILY_DURATION;
    default:
        return FAMILY_NUMBER;
    }
}

/* A column of the family, NULL when there is none. */
static struct tree *column(struct generator *generator, enum tree_family family)
{
    const struct tree_columns *columns = generator->columns;
    const uint32_t start = (uint32_t)generator_below(generator, columns->count);
    for (uint32_t step = 0; step < columns->count; step++) {
        const uint32_t idx = (start + step) % columns->count;
        if (family_of(columns->types[idx].id) == family) {
            struct tree *tree = generator_node(generator, TREE_COLUMN, 0);
            tree->column = idx;
            tree->text = columns->names[idx];
            tree->type = columns->types[idx];
            return tree;
        }
    }
    return NULL;
}

static struct tree *leaf(struct generator *generator, enum tree_family family)
{
    struct tree *tree = generator_chance(generator, 65) ? column(generator, family) : NULL;
    return tree != NULL ? tree : generate_literal(generator, family);
}

struct sl_type generator_type(struct generator *generator, enum tree_family family)
{
    static const enum sl_type_id numbers[] = {SL_TYPE_TINYINT, SL_TYPE_SMALLINT, SL_TYPE_INT,
                                              SL_TYPE_BIGINT,  SL_TYPE_FLOAT,    SL_TYPE_DOUBLE,
                                              SL_TYPE_DECIMAL, SL_TYPE_DECIMAL};
    static const enum sl_type_id ids[] = {[FAMILY_BOOLEAN] = SL_TYPE_BOOLEAN,
                                          [FAMILY_STRING] = SL_TYPE_VARCHAR,
                                          [FAMILY_BYTES] = SL_TYPE_VARBINARY,
                                          [FAMILY_DATE] = SL_TYPE_DATE,
                                          [FAMILY_TIME] = SL_TYPE_TIME,
                                          [FAMILY_TIMESTAMP] = SL_TYPE_TIMESTAMP,
                                          [FAMILY_LTZ] = SL_TYPE_TIMESTAMP_LTZ,
                                          [FAMILY_MONTHS] = SL_TYPE_INTERVAL_YEAR_MONTH,
                                          [FAMILY_DURATION] = SL_TYPE_INTERVAL_DAY_TIME};
    struct sl_type type =
        sl_type_of(family == FAMILY_NUMBER ? numbers[generator_below(generator, 8)] : ids[family]);
    if (type.id == SL_TYPE_DECIMAL) {
        const uint32_t most = generator_chance(generator, 50) ? 18 : 38;
        const uint32_t precision = 1 + (uint32_t)generator_below(generator, most);
        return sl_type_decimal(precision, (uint32_t)generator_below(generator, precision + 1));
    }
    if (sl_type_is_timestamp(type.id)) {
        type.precision = (uint8_t)generator_below(generator, 10);
    } else if (type.id == SL_TYPE_TIME) {
        type.precision = (uint8_t)generator_below(generator, 4);
    } else if (type.id == SL_TYPE_VARCHAR || type.id == SL_TYPE_VARBINARY) {
        const bool is_fixed = generator_chance(generator, 30);
        type.length = is_fixed || generator_chance(generator, 40)
                          ? 1 + (uint32_t)generator_below(generator, 20)
                          : SL_LENGTH_MAX;
        type.id = !is_fixed ? type.id : type.id == SL_TYPE_VARCHAR ? SL_TYPE_CHAR : SL_TYPE_BINARY;
    }
    return type;
}

/* A node over count children of one family. */
static struct tree *of_family(struct generator *generator, enum tree_kind kind,
                              enum tree_family family, uint32_t count, int depth)
{
    struct tree *tree = generator_node(generator, kind, count);
    for (uint32_t idx = 0; idx < count; idx++) {
        tree->children[idx] = generate(generator, family, depth - 1);
    }
    return tree;
}

static struct tree *null(struct generator *generator)
{
    struct tree *tree = generator_node(generator, TREE_LITERAL, 0);
    tree->value = value_null();
    tree->text = "NULL";
    tree->type = sl_type_of(SL_TYPE_NULL);
    return tree;
}

static struct tree *any_case(struct generator *generator, enum tree_family family, int depth)
{
    const bool is_simple = generator_chance(generator, 30);
    const uint32_t branch_count = 1 + (uint32_t)generator_below(generator, 3);
    const enum tree_family subject = (enum tree_family)generator_below(generator, FAMILY_DATE);
    struct tree *tree = generator_node(generator, is_simple ? TREE_SIMPLE_CASE : TREE_CASE,
                                       2 * branch_count + 1 + is_simple);
    uint32_t idx = 0;
    if (is_simple) {
        tree->children[idx++] = generate(generator, subject, depth - 1);
    }
    for (uint32_t branch = 0; branch < branch_count; branch++) {
        tree->children[idx++] =
            generate(generator, is_simple ? subject : FAMILY_BOOLEAN, depth - 1);
        const bool is_null = branch > 0 && generator_chance(generator, 10);
        tree->children[idx++] = is_null ? null(generator) : generate(generator, family, depth - 1);
    }
    tree->children[idx] =
        generator_chance(generator, 30) ? null(generator) : generate(generator, family, depth - 1);
    return typed(tree);
}

/* CASE and what is said with it, for every family. */
static struct tree *conditional(struct generator *generator, enum tree_family family, int depth)
{
    struct tree *tree;
    switch (generator_below(generator, 5)) {
    case 0:
        tree = of_family(generator, TREE_COALESCE, family,
                         1 + (uint32_t)generator_below(generator, 3), depth);
        return typed(tree);
    case 1:
        return typed(of_family(generator, TREE_NULLIF, family, 2, depth));
    case 2:
        tree = of_family(generator, TREE_IF, family, 3, depth);
        tree->children[0] = generate(generator, FAMILY_BOOLEAN, depth - 1);
        if (generator_chance(generator, 10)) {
            tree->children[1 + generator_below(generator, 2)] = null(generator);
        }
        return typed(tree);
    case 3:
        tree = of_family(generator, generator_chance(generator, 50) ? TREE_GREATEST : TREE_LEAST,
                         family, 1 + (uint32_t)generator_below(generator, 3), depth);
        return typed(tree);
    default:
        return any_case(generator, family, depth);
    }
}

/* Families whose values can be cast to a family. */
static struct tree *any_cast(struct generator *generator, enum tree_family family, int depth)
{
    static const char *const sources[] = {
        [FAMILY_BOOLEAN] = "ns",       [FAMILY_NUMBER] = "nnnbs", [FAMILY_STRING] = "bnnnsydtTLMD",
        [FAMILY_BYTES] = "sy",         [FAMILY_DATE] = "sTL",     [FAMILY_TIME] = "sTLt",
        [FAMILY_TIMESTAMP] = "sTTLdt", [FAMILY_LTZ] = "sTLLdt",   [FAMILY_MONTHS] = "M",
        [FAMILY_DURATION] = "D",
    };
    static const char letters[] = "bnsydtTLMD";
    const char *from = sources[family];
    const char letter = from[generator_below(generator, strlen(from))];
    const enum tree_family source = (enum tree_family)(strchr(letters, letter) - letters);
    struct tree *operand = generate(generator, source, depth - 1);
    if (source == FAMILY_STRING && generator_chance(generator, 70)) {
        /* A text that may well be one. */
        operand = generate_text_of(generator, family);
    }
    return generator_cast(generator, operand, generator_type(generator, family),
                          generator_chance(generator, 25));
}

static struct tree *comparison(struct generator *generator, int depth)
{
    const enum tree_family family = (enum tree_family)generator_below(generator, FAMILY_COUNT);
    const enum tree_kind kind = (enum tree_kind)(TREE_EQ + generator_below(generator, 6));
    struct tree *tree;
    switch (generator_below(generator, 6)) {
    case 0:
        tree = of_family(generator, TREE_BETWEEN, family, 3, depth);
        tree->is_symmetric = generator_chance(generator, 30);
        break;
    case 1:
        tree = of_family(generator, TREE_IN, family, 2 + (uint32_t)generator_below(generator, 4),
                         depth);
        break;
    case 2:
        tree = of_family(generator, TREE_IS_DISTINCT, family, 2, depth);
        break;
    default:
        tree = of_family(generator, kind, family, 2, depth);
        break;
    }
    if (family == FAMILY_TIMESTAMP && tree->kind != TREE_IN && generator_chance(generator, 20)) {
        tree->children[1] = generate(generator, FAMILY_DATE, depth - 1);
    }
    tree->is_negated = generator_chance(generator, 40);
    return typed(tree);
}

static struct tree *pattern_test(struct generator *generator, int depth)
{
    const bool is_like = generator_chance(generator, 65);
    struct tree *tree =
        of_family(generator, is_like ? TREE_LIKE : TREE_REGEXP, FAMILY_STRING, 2, depth);
    tree->is_negated = generator_chance(generator, 30);
    if (!is_like) {
        tree->children[1] = generate_regex(generator);
    } else if (generator_chance(generator, 70)) {
        const bool has_escape = generator_chance(generator, 30);
        struct tree *value = tree->children[0];
        tree = generator_node(generator, TREE_LIKE, has_escape ? 3 : 2);
        tree->children[0] = value;
        tree->is_negated = generator_chance(generator, 30);
        tree->children[1] = generate_pattern(generator, has_escape);
        if (has_escape) {
            tree->children[2] = generate_text(generator, "!");
        }
    }
    return typed(tree);
}

static struct tree *boolean(struct generator *generator, int depth)
{
    struct tree *tree;
    switch (generator_below(generator, 9)) {
    case 0:
        return typed(of_family(generator, TREE_NOT, FAMILY_BOOLEAN, 1, depth));
    case 1:
    case 2:
        return typed(of_family(generator, TREE_AND, FAMILY_BOOLEAN, 2, depth));
    case 3:
    case 4:
        return typed(of_family(generator, TREE_OR, FAMILY_BOOLEAN, 2, depth));
    case 5:
        tree = of_family(generator, TREE_IS_NULL,
                         (enum tree_family)generator_below(generator, FAMILY_COUNT), 1, depth);
        tree->is_negated = generator_chance(generator, 50);
        return typed(tree);
    case 6:
        tree = of_family(generator, (enum tree_kind)(TREE_IS_TRUE + generator_below(generator, 3)),
                         FAMILY_BOOLEAN, 1, depth);
        tree->is_negated = generator_chance(generator, 50);
        return typed(tree);
    case 7:
        return pattern_test(generator, depth);
    default:
        return comparison(generator, depth);
    }
}

/* At most INT wide. */
static struct tree *small_integer(struct generator *generator, int depth)
{
    struct tree *tree;
    switch (generator_below(generator, 5)) {
    case 0:
        return typed(of_family(generator, TREE_CHAR_LENGTH, FAMILY_STRING, 1, depth));
    case 1:
        tree = generate(generator, FAMILY_NUMBER, depth - 1);
        return generator_cast(generator, tree, sl_type_of(SL_TYPE_TINYINT), true);
    default:
        return generate_small_integer(generator);
    }
}

static struct tree *extraction(struct generator *generator, int depth)
{
    static const enum tree_family families[] = {FAMILY_DATE, FAMILY_TIMESTAMP, FAMILY_LTZ,
                                                FAMILY_TIME};
    const enum tree_family family = families[generator_below(generator, 4)];
    struct tree *tree = of_family(generator, TREE_EXTRACT, family, 1, depth);
    const uint64_t first = family == FAMILY_TIME ? TREE_HOUR : TREE_YEAR;
    tree->field = (enum tree_field)(first + generator_below(generator, TREE_FIELD_COUNT - first));
    return typed(tree);
}

static struct tree *number(struct generator *generator, int depth)
{
    struct tree *tree;
    switch (generator_below(generator, 8)) {
    case 0:
        return typed(of_family(generator,
                               (enum tree_kind)(TREE_NEGATE + generator_below(generator, 4)),
                               FAMILY_NUMBER, 1, depth));
    case 1:
        return extraction(generator, depth);
    case 2:
        return generator_chance(generator, 50)
                   ? typed(of_family(generator, TREE_CHAR_LENGTH, FAMILY_STRING, 1, depth))
                   : typed(of_family(generator, TREE_POSITION, FAMILY_STRING, 2, depth));
    default:
        tree = of_family(generator, (enum tree_kind)(TREE_PLUS + generator_below(generator, 5)),
                         FAMILY_NUMBER, 2, depth);
        return typed(tree);
    }
}

static struct tree *string(struct generator *generator, int depth)
{
    static const enum tree_kind unary[] = {TREE_UPPER, TREE_LOWER, TREE_TRIM, TREE_LTRIM,
                                           TREE_RTRIM};
    struct tree *tree;
    switch (generator_below(generator, 8)) {
    case 0:
        tree = generator_node(generator, TREE_CONCAT, 0);
        tree = of_family(generator, TREE_CONCAT, FAMILY_STRING,
                         2 + (uint32_t)generator_below(generator, 3), depth);
        return typed(tree);
    case 1:
        tree = of_family(generator, TREE_SUBSTRING, FAMILY_STRING,
                         2 + (uint32_t)generator_below(generator, 2), depth);
        for (uint32_t idx = 1; idx < tree->child_count; idx++) {
            tree->children[idx] = small_integer(generator, depth - 1);
        }
        tree->is_symmetric = generator_chance(generator, 30);
        return typed(tree);
    case 2:
        return typed(of_family(generator, TREE_REPLACE, FAMILY_STRING, 3, depth));
    case 3:
        tree = of_family(generator, TREE_SPLIT_INDEX, FAMILY_STRING, 3, depth);
        tree->children[1] = generate_text(generator, generator_chance(generator, 50) ? "," : "é");
        tree->children[2] = small_integer(generator, depth - 1);
        return typed(tree);
    case 4:
        tree = of_family(generator, TREE_REGEXP_EXTRACT, FAMILY_STRING,
                         2 + (uint32_t)generator_below(generator, 2), depth);
        tree->children[1] = generate_regex(generator);
        if (tree->child_count == 3) {
            tree->children[2] = small_integer(generator, depth - 1);
        }
        return typed(tree);
    case 5:
        tree = of_family(generator, TREE_DATE_FORMAT,
                         generator_chance(generator, 40)   ? FAMILY_TIMESTAMP
                         : generator_chance(generator, 60) ? FAMILY_LTZ
                                                           : FAMILY_STRING,
                         2, depth);
        if (sl_type_is_string(tree->children[0]->type.id)) {
            tree->children[0] = generate_text_of(generator, FAMILY_TIMESTAMP);
        }
        tree->children[1] = generate_format(generator);
        return typed(tree);
    default:
        return typed(
            of_family(generator, unary[generator_below(generator, 5)], FAMILY_STRING, 1, depth));
    }
}

/* time + interval, interval + time, time - interval. */
static struct tree *moved(struct generator *generator, enum tree_family family, int depth)
{
    const bool is_months = family != FAMILY_TIME && generator_chance(generator, 40);
    const bool is_minus = generator_chance(generator, 40);
    const bool is_swapped = !is_minus && generator_chance(generator, 30);
    struct tree *tree = of_family(generator, is_minus ? TREE_MINUS : TREE_PLUS, family, 2, depth);
    tree->children[!is_swapped] =
        generate(generator, is_months ? FAMILY_MONTHS : FAMILY_DURATION, depth - 1);
    return typed(tree);
}

static struct tree *interval(struct generator *generator, enum tree_family family, int depth)
{
    struct tree *tree;
    switch (generator_below(generator, 4)) {
    case 0:
        return typed(of_family(generator, TREE_NEGATE, family, 1, depth));
    case 1:
        tree = of_family(generator, TREE_TIMES, family, 2, depth);
        tree->children[generator_below(generator, 2)] = small_integer(generator, depth - 1);
        return typed(tree);
    default:
        return typed(of_family(generator, generator_chance(generator, 50) ? TREE_PLUS : TREE_MINUS,
                               family, 2, depth));
    }
}

static struct tree *point_in_time(struct generator *generator, enum tree_family family, int depth)
{
    struct tree *tree;
    if (family == FAMILY_TIMESTAMP && generator_chance(generator, 40)) {
        const bool has_format = generator_chance(generator, 50);
        tree = generator_node(generator, TREE_TO_TIMESTAMP, has_format ? 2 : 1);
        tree->children[0] = generate_text_of(generator, FAMILY_TIMESTAMP);
        if (has_format) {
            tree->children[1] = generate_format(generator);
        }
        return typed(tree);
    }
    if (family == FAMILY_LTZ && generator_chance(generator, 40)) {
        const bool has_precision = generator_chance(generator, 60);
        tree = of_family(generator, TREE_TO_TIMESTAMP_LTZ, FAMILY_NUMBER, has_precision ? 2 : 1,
                         depth);
        if (has_precision) {
            tree->children[1] =
                generator_chance(generator, 10)
                    ? generate_small_integer(generator)
                    : generate_integer(generator, generator_chance(generator, 50) ? 0 : 3);
        }
        return typed(tree);
    }
    return moved(generator, family, depth);
}

struct tree *generate(struct generator *generator, enum tree_family family, int depth)
{
    if (depth <= 0 || generator_chance(generator, 12)) {
        return leaf(generator, family);
    }
    const uint64_t choice = generator_below(generator, 10);
    if (choice < 2) {
        return conditional(generator, family, depth);
    }
    if (choice < 4 && family != FAMILY_MONTHS && family != FAMILY_DURATION) {
        return any_cast(generator, family, depth);
    }
    switch (family) {
    case FAMILY_BOOLEAN:
        return boolean(generator, depth);
    case FAMILY_NUMBER:
        return number(generator, depth);
    case FAMILY_STRING:
        return string(generator, depth);
    case FAMILY_BYTES:
        return any_cast(generator, family, depth);
    case FAMILY_MONTHS:
    case FAMILY_DURATION:
        return interval(generator, family, depth);
    default:
        return point_in_time(generator, family, depth);
    }
}
