/* SPDX-License-Identifier: Apache-2.0
 *
 * The words that a bare name may not be. Far fewer than Flink reserves: a word is only listed where
 * it would be ambiguous. The table is in ASCII order. */
#include "lex.h"

#include <stdlib.h>
#include <string.h>

enum { WORD_BYTES_MAX = 20 };

enum {
    SPECIAL = SQL_WORD_SPECIAL,
    NO_ALIAS = SPECIAL | SQL_WORD_NOT_ALIAS,
    NEVER = NO_ALIAS | SQL_WORD_NOT_NAME,
};

static const struct word {
    char text[WORD_BYTES_MAX + 4];
    uint32_t flags;
} words[] = {
    {"ALL", NO_ALIAS},
    {"AND", NEVER},
    {"ANY", SPECIAL},
    {"ARRAY", SPECIAL},
    {"AS", NEVER},
    {"ASC", NO_ALIAS},
    {"ASYMMETRIC", NO_ALIAS},
    {"BEGIN", SPECIAL},
    {"BETWEEN", NEVER},
    {"CASE", NEVER},
    {"CAST", NEVER},
    {"COMMENT", NO_ALIAS},
    {"CONSTRAINT", SPECIAL},
    {"CREATE", NEVER},
    {"CROSS", NEVER},
    {"CURRENT", SPECIAL},
    {"CURRENT_DATE", SPECIAL},
    {"CURRENT_TIME", SPECIAL},
    {"CURRENT_TIMESTAMP", SPECIAL},
    {"DATE", SPECIAL},
    {"DESC", NO_ALIAS},
    {"DESCRIBE", SPECIAL},
    {"DESCRIPTOR", SPECIAL},
    {"DISTINCT", NEVER},
    {"DROP", NEVER},
    {"ELSE", NEVER},
    {"END", NO_ALIAS},
    {"ESCAPE", NO_ALIAS},
    {"EXCEPT", NEVER},
    {"EXECUTE", SPECIAL},
    {"EXISTS", NEVER},
    {"EXPLAIN", SPECIAL},

    {"FALSE", NEVER},
    {"FETCH", NO_ALIAS},
    {"FILTER", NO_ALIAS},
    {"FOLLOWING", NO_ALIAS},
    {"FOR", NO_ALIAS},
    {"FROM", NEVER},
    {"FULL", NO_ALIAS},
    {"GROUP", NO_ALIAS},
    {"HAVING", NEVER},
    {"IN", NEVER},
    {"INNER", NEVER},
    {"INSERT", NEVER},
    {"INTERSECT", NEVER},
    {"INTERVAL", SPECIAL},
    {"INTO", NEVER},
    {"IS", NEVER},
    {"JOIN", NEVER},
    {"LATERAL", NEVER},
    {"LEFT", NO_ALIAS},
    {"LIKE", NEVER},
    {"LIMIT", NO_ALIAS},
    {"LOCALTIME", SPECIAL},
    {"LOCALTIMESTAMP", SPECIAL},
    {"MAP", SPECIAL},
    {"MATCH_RECOGNIZE", NO_ALIAS},
    {"METADATA", SPECIAL},
    {"MULTISET", NO_ALIAS},
    {"NATURAL", NEVER},
    {"NEXT", SPECIAL},
    {"NOT", NEVER},
    {"NULL", NEVER},
    {"NULLS", NO_ALIAS},
    {"OFFSET", NO_ALIAS},
    {"ON", NEVER},
    {"OR", NEVER},
    {"ORDER", NO_ALIAS},
    {"OUTER", NO_ALIAS},
    {"OVER", NO_ALIAS},
    {"PARTITION", NO_ALIAS},
    {"PERIOD", SPECIAL},
    {"PIVOT", NO_ALIAS},
    {"PRECEDING", NO_ALIAS},
    {"PRIMARY", SPECIAL},
    {"QUALIFY", NO_ALIAS},
    {"RANGE", NO_ALIAS},
    {"RESET", SPECIAL},
    {"RIGHT", NO_ALIAS},
    {"ROW", SPECIAL},
    {"ROWS", NO_ALIAS},
    {"SELECT", NEVER},
    {"SET", NO_ALIAS},
    {"SHOW", SPECIAL},
    {"SIMILAR", NEVER},
    {"SOME", SPECIAL},
    {"SYMMETRIC", NO_ALIAS},
    {"TABLE", NO_ALIAS},
    {"TABLESAMPLE", NO_ALIAS},
    {"THEN", NEVER},
    {"TIME", SPECIAL},
    {"TIMESTAMP", SPECIAL},
    {"TO", NO_ALIAS},
    {"TRUE", NEVER},
    {"TRY_CAST", SPECIAL},
    {"UNBOUNDED", SPECIAL},
    {"UNION", NEVER},
    {"UNIQUE", SPECIAL},
    {"UNKNOWN", SPECIAL},
    {"UNNEST", NEVER},
    {"UNPIVOT", NO_ALIAS},
    {"USING", NEVER},
    {"VALUES", NO_ALIAS},
    {"WATERMARK", SPECIAL},
    {"WHEN", NEVER},
    {"WHERE", NEVER},
    {"WINDOW", NO_ALIAS},
    {"WITH", NEVER},
    {"WITHIN", NO_ALIAS},
};

static int compare_words(const void *a, const void *b)
{
    return strcmp(((const struct word *)a)->text, ((const struct word *)b)->text);
}

uint32_t sql_word_flags(const char *text, size_t length)
{
    struct word key = {.flags = 0};
    if (length > WORD_BYTES_MAX) {
        return 0;
    }
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        key.text[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    const struct word *word =
        bsearch(&key, words, SL_COUNT_OF(words), sizeof(words[0]), compare_words);
    return word != NULL ? word->flags : 0;
}
