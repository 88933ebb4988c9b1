/* SPDX-License-Identifier: Apache-2.0
 *
 * Types of expressions as the dialect says (Flink's LogicalTypeMerging for DECIMAL), and trees as
 * SQL with the parentheses that precedence wants. */
#include "support_tree.h"

static int rank_of(enum sl_type_id id)
{
    static const enum sl_type_id chain[] = {SL_TYPE_TINYINT, SL_TYPE_SMALLINT, SL_TYPE_INT,
                                            SL_TYPE_BIGINT,  SL_TYPE_DECIMAL,  SL_TYPE_FLOAT,
                                            SL_TYPE_DOUBLE};
    for (int rank = 0; rank < 7; rank++) {
        if (chain[rank] == id) {
            return rank;
        }
    }
    return -1;
}

enum sl_type_id tree_operand_type(const struct sl_type *a, const struct sl_type *b)
{
    const enum sl_type_id id = rank_of(a->id) >= rank_of(b->id) ? a->id : b->id;
    const bool has_decimal = a->id == SL_TYPE_DECIMAL || b->id == SL_TYPE_DECIMAL;
    return id == SL_TYPE_FLOAT && has_decimal ? SL_TYPE_DOUBLE : id;
}

/* The digits of a DECIMAL, or of the DECIMAL that holds an integer type. */
static void digits_of_type(const struct sl_type *type, int *precision, int *scale)
{
    static const int precisions[] = {3, 5, 10, 19};
    const int rank = rank_of(type->id);
    *precision = type->id == SL_TYPE_DECIMAL || rank < 0 ? type->precision : precisions[rank];
    *scale = type->id == SL_TYPE_DECIMAL ? type->scale : 0;
}

static struct sl_type decimal_type(enum tree_kind kind, const struct sl_type *a,
                                   const struct sl_type *b)
{
    int p1;
    int s1;
    int p2;
    int s2;
    digits_of_type(a, &p1, &s1);
    digits_of_type(b, &p2, &s2);
    int scale = SL_MAX(s1, s2);
    int precision = SL_MAX(p1 - s1, p2 - s2) + scale + 1;
    if (kind == TREE_TIMES) {
        scale = s1 + s2;
        precision = p1 + p2;
    } else if (kind == TREE_DIVIDE) {
        scale = SL_MAX(6, s1 + p2 + 1);
        precision = p1 - s1 + s2 + scale;
    } else if (kind == TREE_MODULO) {
        precision = SL_MAX(SL_MIN(p1 - s1, p2 - s2) + scale, 1);
    }
    if (precision > 38) {
        const int whole = precision - scale;
        scale = SL_MAX(38 - whole, SL_MIN(scale, 6));
        precision = 38;
    }
    return sl_type_decimal((uint32_t)precision, (uint32_t)scale);
}

struct sl_type tree_common_type(const struct sl_type *a, const struct sl_type *b)
{
    struct sl_type type = a->id == SL_TYPE_NULL ? *b : *a;
    if (a->id == SL_TYPE_NULL || b->id == SL_TYPE_NULL || sl_type_equal(a, b, false)) {
        return type;
    }
    if (rank_of(a->id) >= 0) {
        const enum sl_type_id id = tree_operand_type(a, b);
        if (id != SL_TYPE_DECIMAL) {
            return sl_type_of(id);
        }
        int p1;
        int s1;
        int p2;
        int s2;
        digits_of_type(a, &p1, &s1);
        digits_of_type(b, &p2, &s2);
        const int whole = SL_MAX(p1 - s1, p2 - s2);
        const int scale = SL_MIN(SL_MAX(s1, s2), 38 - whole);
        return sl_type_decimal((uint32_t)(whole + scale), (uint32_t)scale);
    }
    if (sl_type_is_string(a->id) || sl_type_is_binary(a->id)) {
        const bool is_fixed = a->id == b->id && a->length == b->length;
        type = sl_type_of(is_fixed                   ? a->id
                          : sl_type_is_string(a->id) ? SL_TYPE_VARCHAR
                                                     : SL_TYPE_VARBINARY);
        type.length = SL_MAX(a->length, b->length);
        return type;
    }
    if (a->id == SL_TYPE_DATE && b->id == SL_TYPE_TIMESTAMP) {
        return *b;
    }
    if (a->id == b->id) {
        type.precision = SL_MAX(a->precision, b->precision);
    }
    return type;
}

static struct sl_type arithmetic_type(const struct tree *tree)
{
    const struct sl_type *a = &tree->children[0]->type;
    const struct sl_type *b = &tree->children[1]->type;
    if (a->id == SL_TYPE_NULL || b->id == SL_TYPE_NULL) {
        const struct sl_type *known = a->id == SL_TYPE_NULL ? b : a;
        return known->id == SL_TYPE_DECIMAL ? decimal_type(tree->kind, known, known) : *known;
    }
    if (rank_of(a->id) < 0 ||
        rank_of(b->id) < 0) { /* with an interval: the time, if there is one */
        const bool is_interval =
            b->id == SL_TYPE_INTERVAL_DAY_TIME || b->id == SL_TYPE_INTERVAL_YEAR_MONTH;
        const bool is_first = rank_of(a->id) < 0 && (is_interval || rank_of(b->id) >= 0);
        return is_first ? *a : *b;
    }
    const enum sl_type_id id = tree_operand_type(a, b);
    return id == SL_TYPE_DECIMAL ? decimal_type(tree->kind, a, b) : sl_type_of(id);
}

static struct sl_type common_of(const struct tree *tree, uint32_t first, uint32_t step)
{
    struct sl_type type = tree->children[first]->type;
    for (uint32_t idx = first + step; idx < tree->child_count; idx += step) {
        type = tree_common_type(&type, &tree->children[idx]->type);
    }
    return type;
}

static struct sl_type case_type(const struct tree *tree, uint32_t first)
{
    struct sl_type type = sl_type_of(SL_TYPE_NULL);
    for (uint32_t idx = first; idx < tree->child_count; idx++) {
        if ((idx - first) % 2 == 1 || idx + 1 == tree->child_count) {
            type = tree_common_type(&type, &tree->children[idx]->type);
        }
    }
    return type;
}

struct sl_type tree_type_of(const struct tree *tree)
{
    const struct sl_type *first = tree->child_count > 0 ? &tree->children[0]->type : NULL;
    switch (tree->kind) {
    case TREE_PLUS:
    case TREE_MINUS:
    case TREE_TIMES:
    case TREE_DIVIDE:
    case TREE_MODULO:
        return arithmetic_type(tree);
    case TREE_NEGATE:
    case TREE_ABS:
    case TREE_NULLIF:
        return *first;
    case TREE_FLOOR:
    case TREE_CEIL:
        return first->id == SL_TYPE_DECIMAL ? sl_type_decimal(first->precision, 0) : *first;
    case TREE_CASE:
        return case_type(tree, 0);
    case TREE_SIMPLE_CASE:
        return case_type(tree, 1);
    case TREE_COALESCE:
    case TREE_GREATEST:
    case TREE_LEAST:
        return common_of(tree, 0, 1);
    case TREE_IF:
        return common_of(tree, 1, 1);
    case TREE_LITERAL:
    case TREE_COLUMN:
    case TREE_CAST:
        return tree->type;
    case TREE_CHAR_LENGTH:
    case TREE_POSITION:
        return sl_type_of(SL_TYPE_INT);
    case TREE_EXTRACT:
        return sl_type_of(SL_TYPE_BIGINT);
    case TREE_TO_TIMESTAMP:
        return sl_type_timestamp(SL_TYPE_TIMESTAMP, 3);
    case TREE_TO_TIMESTAMP_LTZ:
        return sl_type_timestamp(SL_TYPE_TIMESTAMP_LTZ, 3);
    case TREE_CONCAT:
    case TREE_UPPER:
    case TREE_LOWER:
    case TREE_SUBSTRING:
    case TREE_TRIM:
    case TREE_LTRIM:
    case TREE_RTRIM:
    case TREE_REPLACE:
    case TREE_SPLIT_INDEX:
    case TREE_REGEXP_EXTRACT:
    case TREE_DATE_FORMAT:
        return sl_type_string();
    default:
        return sl_type_of(SL_TYPE_BOOLEAN);
    }
}

/* How tightly a tree holds together as text. */
enum level {
    LEVEL_OR = 1,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_IS,
    LEVEL_COMPARE,
    LEVEL_RANGE,
    LEVEL_ADD,
    LEVEL_MULTIPLY,
    LEVEL_PRIMARY
};

static enum level level_of(const struct tree *tree)
{
    switch (tree->kind) {
    case TREE_OR:
        return LEVEL_OR;
    case TREE_AND:
        return LEVEL_AND;
    case TREE_NOT:
        return LEVEL_NOT;
    case TREE_IS_NULL:
    case TREE_IS_TRUE:
    case TREE_IS_FALSE:
    case TREE_IS_UNKNOWN:
    case TREE_IS_DISTINCT:
        return LEVEL_IS;
    case TREE_EQ:
    case TREE_NE:
    case TREE_LT:
    case TREE_LE:
    case TREE_GT:
    case TREE_GE:
        return LEVEL_COMPARE;
    case TREE_BETWEEN:
    case TREE_IN:
    case TREE_LIKE:
        return LEVEL_RANGE;
    case TREE_PLUS:
    case TREE_MINUS:
        return LEVEL_ADD;
    case TREE_TIMES:
    case TREE_DIVIDE:
        return LEVEL_MULTIPLY;
    case TREE_MODULO:
    case TREE_CONCAT:
        return tree->is_infix ? LEVEL_MULTIPLY : LEVEL_PRIMARY;
    default:
        return LEVEL_PRIMARY;
    }
}

static void print_at(const struct tree *tree, enum level level, struct sl_text *out)
{
    const bool is_bare = level_of(tree) >= level;
    sl_text_append_string(out, is_bare ? "" : "(");
    tree_print(tree, out);
    sl_text_append_string(out, is_bare ? "" : ")");
}

static void print_list(const struct tree *tree, uint32_t first, struct sl_text *out)
{
    for (uint32_t idx = first; idx < tree->child_count; idx++) {
        sl_text_append_string(out, idx == first ? "" : ", ");
        tree_print(tree->children[idx], out);
    }
}

static void print_infix(const struct tree *tree, const char *word, struct sl_text *out)
{
    const enum level level = level_of(tree);
    for (uint32_t idx = 0; idx < tree->child_count; idx++) {
        sl_text_printf(out, "%s", idx == 0 ? "" : word);
        print_at(tree->children[idx], idx == 0 ? level : level + 1, out);
    }
}

static void print_call(const struct tree *tree, const char *name, struct sl_text *out)
{
    sl_text_printf(out, "%s(", name);
    print_list(tree, 0, out);
    sl_text_append_char(out, ')');
}

static void print_is(const struct tree *tree, const char *word, struct sl_text *out)
{
    print_at(tree->children[0], LEVEL_IS, out);
    sl_text_printf(out, " IS %s%s", tree->is_negated ? "NOT " : "", word);
    if (tree->kind == TREE_IS_DISTINCT) {
        print_at(tree->children[1], LEVEL_COMPARE, out);
    }
}

static void print_range(const struct tree *tree, struct sl_text *out)
{
    print_at(tree->children[0], LEVEL_ADD, out);
    sl_text_append_string(out, tree->is_negated ? " NOT " : " ");
    if (tree->kind == TREE_IN) {
        sl_text_append_string(out, "IN (");
        print_list(tree, 1, out);
        sl_text_append_char(out, ')');
        return;
    }
    const bool is_like = tree->kind == TREE_LIKE;
    sl_text_append_string(out, is_like              ? "LIKE "
                               : tree->is_symmetric ? "BETWEEN SYMMETRIC "
                                                    : "BETWEEN ");
    print_at(tree->children[1], LEVEL_ADD, out);
    if (tree->child_count == 3) {
        sl_text_append_string(out, is_like ? " ESCAPE " : " AND ");
        print_at(tree->children[2], LEVEL_ADD, out);
    }
}

static void print_case(const struct tree *tree, struct sl_text *out)
{
    uint32_t idx = 0;
    sl_text_append_string(out, "CASE");
    if (tree->kind == TREE_SIMPLE_CASE) {
        sl_text_append_char(out, ' ');
        tree_print(tree->children[idx++], out);
    }
    for (; idx + 1 < tree->child_count; idx += 2) {
        sl_text_append_string(out, " WHEN ");
        tree_print(tree->children[idx], out);
        sl_text_append_string(out, " THEN ");
        tree_print(tree->children[idx + 1], out);
    }
    const struct tree *otherwise = tree->children[idx];
    if (!tree->is_infix || otherwise->type.id != SL_TYPE_NULL) {
        sl_text_append_string(out, " ELSE ");
        tree_print(otherwise, out);
    }
    sl_text_append_string(out, " END");
}

static void print_cast(const struct tree *tree, struct sl_text *out)
{
    char type[SL_TYPE_TEXT_BYTES];
    sl_text_append_string(out, tree->is_try ? "TRY_CAST(" : "CAST(");
    tree_print(tree->children[0], out);
    sl_text_printf(out, " AS %s)", sl_type_format(&tree->type, type, sizeof type));
}

static void print_extract(const struct tree *tree, struct sl_text *out)
{
    static const char *const functions[] = {"YEAR",       "QUARTER",   "MONTH",
                                            "DAYOFMONTH", "DAYOFYEAR", "DAYOFWEEK",
                                            "HOUR",       "MINUTE",    "SECOND"};
    static const char *const units[] = {"YEAR", "QUARTER", "MONTH",  "DAY",   "DOY",
                                        "DOW",  "HOUR",    "MINUTE", "SECOND"};
    if (!tree->is_infix) {
        print_call(tree, functions[tree->field], out);
        return;
    }
    sl_text_printf(out, "EXTRACT(%s FROM ", units[tree->field]);
    tree_print(tree->children[0], out);
    sl_text_append_char(out, ')');
}

static void print_string_call(const struct tree *tree, struct sl_text *out)
{
    static const char *const trims[] = {"TRIM", "LTRIM", "RTRIM"};
    static const char *const sides[] = {"BOTH", "LEADING", "TRAILING"};
    if (tree->kind == TREE_POSITION) {
        sl_text_append_string(out, "POSITION(");
        print_at(tree->children[0], LEVEL_ADD, out);
        sl_text_append_string(out, " IN ");
        print_at(tree->children[1], LEVEL_ADD, out);
        sl_text_append_char(out, ')');
    } else if (tree->kind == TREE_SUBSTRING && tree->is_infix) {
        sl_text_append_string(out, "SUBSTRING(");
        tree_print(tree->children[0], out);
        sl_text_append_string(out, " FROM ");
        tree_print(tree->children[1], out);
        if (tree->child_count == 3) {
            sl_text_append_string(out, " FOR ");
            tree_print(tree->children[2], out);
        }
        sl_text_append_char(out, ')');
    } else if (tree->kind == TREE_SUBSTRING) {
        print_call(tree, tree->is_symmetric ? "SUBSTR" : "SUBSTRING", out);
    } else if (tree->is_infix) {
        sl_text_printf(out, "TRIM(%s FROM ", sides[tree->kind - TREE_TRIM]);
        tree_print(tree->children[0], out);
        sl_text_append_char(out, ')');
    } else {
        print_call(tree, trims[tree->kind - TREE_TRIM], out);
    }
}

static const char *const infix[] = {
    [TREE_PLUS] = " + ",   [TREE_MINUS] = " - ",  [TREE_TIMES] = " * ", [TREE_DIVIDE] = " / ",
    [TREE_MODULO] = " % ", [TREE_EQ] = " = ",     [TREE_NE] = " <> ",   [TREE_LT] = " < ",
    [TREE_LE] = " <= ",    [TREE_GT] = " > ",     [TREE_GE] = " >= ",   [TREE_AND] = " AND ",
    [TREE_OR] = " OR ",    [TREE_CONCAT] = " || "};
static const char *const calls[] = {
    [TREE_ABS] = "ABS",
    [TREE_FLOOR] = "FLOOR",
    [TREE_CEIL] = "CEIL",
    [TREE_COALESCE] = "COALESCE",
    [TREE_NULLIF] = "NULLIF",
    [TREE_IF] = "IF",
    [TREE_GREATEST] = "GREATEST",
    [TREE_LEAST] = "LEAST",
    [TREE_UPPER] = "UPPER",
    [TREE_LOWER] = "LOWER",
    [TREE_CHAR_LENGTH] = "CHAR_LENGTH",
    [TREE_REPLACE] = "REPLACE",
    [TREE_SPLIT_INDEX] = "SPLIT_INDEX",
    [TREE_REGEXP] = "REGEXP",
    [TREE_REGEXP_EXTRACT] = "REGEXP_EXTRACT",
    [TREE_TO_TIMESTAMP] = "TO_TIMESTAMP",
    [TREE_TO_TIMESTAMP_LTZ] = "TO_TIMESTAMP_LTZ",
    [TREE_DATE_FORMAT] = "DATE_FORMAT",
};
static const char *const tests[] = {[TREE_IS_NULL] = "NULL",
                                    [TREE_IS_TRUE] = "TRUE",
                                    [TREE_IS_FALSE] = "FALSE",
                                    [TREE_IS_UNKNOWN] = "UNKNOWN",
                                    [TREE_IS_DISTINCT] = "DISTINCT FROM "};

void tree_print(const struct tree *tree, struct sl_text *out)
{
    switch (tree->kind) {
    case TREE_LITERAL:
    case TREE_COLUMN:
        sl_text_append_string(out, tree->text);
        return;
    case TREE_NEGATE:
        sl_text_append_string(out, "-(");
        tree_print(tree->children[0], out);
        sl_text_append_char(out, ')');
        return;
    case TREE_NOT:
        sl_text_append_string(out, "NOT ");
        print_at(tree->children[0], LEVEL_NOT, out);
        return;
    case TREE_IS_NULL:
    case TREE_IS_TRUE:
    case TREE_IS_FALSE:
    case TREE_IS_UNKNOWN:
    case TREE_IS_DISTINCT:
        print_is(tree, tests[tree->kind], out);
        return;
    case TREE_BETWEEN:
    case TREE_IN:
    case TREE_LIKE:
        print_range(tree, out);
        return;
    case TREE_CASE:
    case TREE_SIMPLE_CASE:
        print_case(tree, out);
        return;
    case TREE_CAST:
        print_cast(tree, out);
        return;
    case TREE_EXTRACT:
        print_extract(tree, out);
        return;
    case TREE_SUBSTRING:
    case TREE_TRIM:
    case TREE_LTRIM:
    case TREE_RTRIM:
    case TREE_POSITION:
        print_string_call(tree, out);
        return;
    case TREE_MODULO:
    case TREE_CONCAT:
        if (!tree->is_infix) {
            print_call(tree, tree->kind == TREE_MODULO ? "MOD" : "CONCAT", out);
            return;
        }
        break;
    default:
        break;
    }
    if ((size_t)tree->kind < SL_COUNT_OF(infix) && infix[tree->kind] != NULL) {
        print_infix(tree, infix[tree->kind], out);
    } else {
        print_call(tree, calls[tree->kind], out);
    }
}
