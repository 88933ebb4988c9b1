/* SPDX-License-Identifier: Apache-2.0
 *
 * The manual of options, printed from the tables that they are checked against. */
#include <stdio.h>

#include "cli.h"
#include "engine/wire/room.h"

static void print_table(const char *title, const struct sl_option_def *options)
{
    static const char *const types[] = {"text",     "integer", "number", "true|false",
                                        "duration", "size",    ""};
    printf("%s\n", title);
    for (; options != NULL && options->name != NULL; options++) {
        const char *type =
            options->type == SL_OPTION_ENUM ? options->choices : types[options->type];
        printf("  %-42s %s", options->name, type);
        if (options->default_text != NULL) {
            printf(" [%s]", options->default_text);
        }
        printf("%s\n      %s\n", options->required ? " required" : "", options->help);
    }
    putchar('\n');
}

enum cli_exit cli_options(const struct cli_arguments *args)
{
    (void)args;
    char title[128];
    const struct sl_builtins *builtins = wire_builtins();
    print_table("SET 'key' = 'value', -D key=value", sl_engine_options);
    for (size_t i = 0; builtins->connectors[i] != NULL; i++) {
        snprintf(title, sizeof title, "'connector' = '%s'", builtins->connectors[i]->name);
        print_table(title, builtins->connectors[i]->options);
    }
    for (size_t i = 0; builtins->codecs[i] != NULL; i++) {
        snprintf(title, sizeof title, "'format' = '%s'", builtins->codecs[i]->name);
        print_table(title, builtins->codecs[i]->options);
    }
    return CLI_OK;
}
