/* SPDX-License-Identifier: Apache-2.0
 *
 * Options against their tables.
 * Always true: what passed sl_options_check parses as its type later on, and no message shows a
 * secret. */
#include "sluice/option.h"

#include <string.h>
#include <strings.h>

enum { CANDIDATES_MAX = 256 };

static const char MASK[] = "******";

static bool is_prefix_def(const struct sl_option_def *def)
{
    size_t length = strlen(def->name);
    return length > 0 && def->name[length - 1] == '*';
}

static const struct sl_option_def *find_in_table(const struct sl_option_def *table,
                                                 const char *name, bool by_prefix)
{
    for (const struct sl_option_def *def = table; def != NULL && def->name != NULL; def++) {
        bool is_prefix = is_prefix_def(def);
        if (!is_prefix && !by_prefix && strcmp(def->name, name) == 0) {
            return def;
        }
        size_t prefix_bytes = strlen(def->name) - (is_prefix ? 1 : 0);
        if (is_prefix && by_prefix && strncmp(def->name, name, prefix_bytes) == 0 &&
            name[prefix_bytes] != '\0') {
            return def;
        }
    }
    return NULL;
}

/* Exact names win over prefixes, in whichever table they stand. */
static const struct sl_option_def *find_def(const struct sl_option_def *const *tables,
                                            const char *name)
{
    for (int by_prefix = 0; by_prefix < 2; by_prefix++) {
        for (uint32_t i = 0; tables != NULL && tables[i] != NULL; i++) {
            const struct sl_option_def *def = find_in_table(tables[i], name, by_prefix != 0);
            if (def != NULL) {
                return def;
            }
        }
    }
    return NULL;
}

static bool contains_word(const char *name, const char *word)
{
    size_t word_bytes = strlen(word);
    for (; *name != '\0'; name++) {
        if (strncasecmp(name, word, word_bytes) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_secret(const struct sl_option_def *def, const char *name)
{
    static const char *const WORDS[] = {"password", "secret", "token", "sasl.jaas", "ssl.key"};
    for (uint32_t i = 0; i < SL_COUNT_OF(WORDS); i++) {
        if (contains_word(name, WORDS[i])) {
            return true;
        }
    }
    return def != NULL && def->secret;
}

const char *sl_option_masked(const struct sl_option_def *const *tables,
                             const struct sl_option *option)
{
    return is_secret(find_def(tables, option->name), option->name) ? MASK : option->value;
}

static bool is_choice(const char *choices, const char *value)
{
    size_t length = strlen(value);
    while (choices != NULL && *choices != '\0') {
        size_t word_bytes = strcspn(choices, "|");
        if (word_bytes == length && memcmp(choices, value, length) == 0) {
            return true;
        }
        choices += word_bytes + (choices[word_bytes] == '|' ? 1 : 0);
    }
    return false;
}

/* A value read as any of the types; the members that its type does not use stay zero. */
struct typed_value {
    int64_t integer;
    double number;
    bool boolean;
};

static bool parse_value(const struct sl_option_def *def, const char *value,
                        struct typed_value *typed)
{
    size_t length = strlen(value);
    memset(typed, 0, sizeof *typed);
    switch (def->type) {
    case SL_OPTION_INT64:
        return sl_parse_int64(value, length, &typed->integer);
    case SL_OPTION_DOUBLE:
        return sl_parse_double(value, length, &typed->number);
    case SL_OPTION_BOOL:
        return sl_parse_bool(value, length, &typed->boolean);
    case SL_OPTION_DURATION:
        return sl_parse_duration_ms(value, length, &typed->integer);
    case SL_OPTION_BYTES:
        return sl_parse_bytes(value, length, &typed->integer);
    case SL_OPTION_ENUM:
        return is_choice(def->choices, value);
    default:
        return true;
    }
}

static const char *expected_text(const struct sl_option_def *def)
{
    switch (def->type) {
    case SL_OPTION_INT64:
        return "an integer";
    case SL_OPTION_DOUBLE:
        return "a number";
    case SL_OPTION_BOOL:
        return "true or false";
    case SL_OPTION_DURATION:
        return "a duration such as '5 s'";
    case SL_OPTION_BYTES:
        return "a size such as '128 mb'";
    case SL_OPTION_ENUM:
        return def->choices != NULL ? def->choices : "nothing";
    default:
        return "text";
    }
}

static enum sl_status fail_unknown(const struct sl_option_def *const *tables,
                                   const struct sl_option *option, const char *owner,
                                   struct sl_error *err)
{
    const char *names[CANDIDATES_MAX];
    size_t count = 0;
    for (uint32_t i = 0; tables != NULL && tables[i] != NULL; i++) {
        for (const struct sl_option_def *def = tables[i]; def->name != NULL; def++) {
            if (!is_prefix_def(def) && count < CANDIDATES_MAX) {
                names[count++] = def->name;
            }
        }
    }
    const char *nearest = sl_nearest_name(option->name, names, count);
    if (nearest == NULL) {
        return sl_fail_at(err, SL_OPTION, option->line, option->column, "unknown option '%s' of %s",
                          option->name, owner);
    }
    return sl_fail_at(err, SL_OPTION, option->line, option->column,
                      "unknown option '%s' of %s; did you mean '%s'?", option->name, owner,
                      nearest);
}

static enum sl_status check_option(const struct sl_option_def *const *tables,
                                   const struct sl_option *option, const char *owner,
                                   struct sl_error *err)
{
    struct typed_value typed;
    const struct sl_option_def *def = find_def(tables, option->name);
    if (def == NULL) {
        return fail_unknown(tables, option, owner, err);
    }
    if (parse_value(def, option->value, &typed)) {
        return SL_OK;
    }
    return sl_fail_at(err, SL_OPTION, option->line, option->column,
                      "option '%s' of %s: expected %s, found '%s'", option->name, owner,
                      expected_text(def), is_secret(def, option->name) ? MASK : option->value);
}

static enum sl_status check_required(const struct sl_options *options,
                                     const struct sl_option_def *table, const char *owner,
                                     struct sl_error *err)
{
    for (const struct sl_option_def *def = table; def->name != NULL; def++) {
        if (def->required && !sl_option_is_set(options, def->name)) {
            const char *help = def->help != NULL ? def->help : "";
            return sl_fail(err, SL_OPTION, "missing option '%s' of %s%s%s", def->name, owner,
                           *help != '\0' ? ": " : "", help);
        }
    }
    return SL_OK;
}

enum sl_status sl_options_check(const struct sl_options *options,
                                const struct sl_option_def *const *tables, const char *owner,
                                struct sl_error *err)
{
    for (uint32_t i = 0; i < options->count; i++) {
        SL_TRY(check_option(tables, &options->items[i], owner, err));
    }
    for (uint32_t i = 0; tables != NULL && tables[i] != NULL; i++) {
        SL_TRY(check_required(options, tables[i], owner, err));
    }
    return SL_OK;
}

static const struct sl_option *find_option(const struct sl_options *options, const char *name)
{
    for (uint32_t i = 0; options != NULL && i < options->count; i++) {
        if (strcmp(options->items[i].name, name) == 0) {
            return &options->items[i];
        }
    }
    return NULL;
}

bool sl_option_is_set(const struct sl_options *options, const char *name)
{
    return find_option(options, name) != NULL;
}

static const struct sl_option_def *def_in(const struct sl_option_def *table, const char *name)
{
    const struct sl_option_def *const tables[] = {table, NULL};
    return find_def(tables, name);
}

const char *sl_option_text(const struct sl_options *options, const struct sl_option_def *table,
                           const char *name)
{
    const struct sl_option *option = find_option(options, name);
    if (option != NULL) {
        return option->value;
    }
    const struct sl_option_def *def = def_in(table, name);
    return def != NULL ? def->default_text : NULL;
}

/* An option of no table is taken as what it is asked for. */
static struct typed_value typed_value_of(const struct sl_options *options,
                                         const struct sl_option_def *table, const char *name,
                                         enum sl_option_type otherwise)
{
    const struct sl_option_def untabled = {.name = name, .type = otherwise};
    const struct sl_option_def *def = def_in(table, name);
    const char *text = sl_option_text(options, table, name);
    struct typed_value typed = {0, 0, false};
    if (text == NULL || !parse_value(def != NULL ? def : &untabled, text, &typed)) {
        memset(&typed, 0, sizeof typed);
    }
    return typed;
}

int64_t sl_option_int64(const struct sl_options *options, const struct sl_option_def *table,
                        const char *name)
{
    return typed_value_of(options, table, name, SL_OPTION_INT64).integer;
}

double sl_option_double(const struct sl_options *options, const struct sl_option_def *table,
                        const char *name)
{
    return typed_value_of(options, table, name, SL_OPTION_DOUBLE).number;
}

bool sl_option_bool(const struct sl_options *options, const struct sl_option_def *table,
                    const char *name)
{
    return typed_value_of(options, table, name, SL_OPTION_BOOL).boolean;
}
