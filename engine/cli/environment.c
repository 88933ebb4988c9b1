/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings from the environment. Always true: -D and the script's SET win over a variable; a
 * variable that names no setting is somebody else's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const char PREFIX[] = "SLUICE_";
static const char OWN[] = "sluice.";

/* 'parallelism.default' -> SLUICE_PARALLELISM_DEFAULT; settings of sluice's own do not say its name
 * twice. */
static char *variable_of(struct sl_arena *arena, const char *setting)
{
    bool is_own = strncmp(setting, OWN, strlen(OWN)) == 0;
    char *name = sl_arena_printf(arena, "%s%s", PREFIX, setting + (is_own ? strlen(OWN) : 0));
    for (char *at = name; at != NULL && *at != '\0'; at++) {
        bool is_lower = *at >= 'a' && *at <= 'z';
        *at = *at == '.' || *at == '-' ? '_' : is_lower ? (char)(*at - 'a' + 'A') : *at;
    }
    return name;
}

static bool is_set(const struct cli_arguments *args, const char *setting)
{
    const struct sl_options settings = {args->settings, args->setting_count};
    return sl_option_is_set(&settings, setting);
}

static enum sl_status read_variable(struct cli_arguments *args, const char *setting,
                                    const char *variable, struct sl_error *err)
{
    static const struct sl_option_def *const tables[] = {sl_engine_options, NULL};
    const struct sl_option option = {.name = setting, .value = getenv(variable)};
    const struct sl_options one = {&option, 1};
    if (option.value == NULL || is_set(args, setting)) {
        return SL_OK;
    }
    if (args->setting_count == CLI_SETTINGS_MAX) {
        return sl_fail(err, SL_LIMIT, "%s is one setting too many, the most are %d", variable,
                       CLI_SETTINGS_MAX);
    }
    SL_TRY(sl_options_check(&one, tables, variable, err));
    args->settings[args->setting_count++] = option;
    return SL_OK;
}

enum cli_exit cli_environment_read(struct cli_arguments *args)
{
    struct sl_error err = {0};
    struct sl_arena arena;
    enum sl_status status = SL_OK;
    sl_arena_init(&arena, NULL, 4096);
    for (const struct sl_option_def *def = sl_engine_options; status == SL_OK && def->name != NULL;
         def++) {
        char *variable = variable_of(&arena, def->name);
        if (variable != NULL) {
            status = read_variable(args, def->name, variable, &err);
        }
    }
    sl_arena_deinit(&arena);
    if (status != SL_OK) {
        fprintf(stderr, "sluice: %s\n", err.text);
    }
    return status == SL_OK ? CLI_OK : CLI_USAGE;
}
