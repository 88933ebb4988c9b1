/* SPDX-License-Identifier: Apache-2.0
 *
 * The secrets of a run, so that no error, log line or source line shows them. Always true: what
 * counts as a secret is decided by sl_option_masked alone. */
#ifndef CLI_SECRET_H
#define CLI_SECRET_H

#include "sluice/option.h"
#include "sluice/text.h"

enum { CLI_SECRETS_MAX = 128 };

struct cli_secrets {
    const char *values[CLI_SECRETS_MAX];
    uint32_t count; /* secrets past the maximum are not searched for in messages */
};

/* Notes the value, kept in arena, when the option is a secret. */
void cli_secrets_add(struct cli_secrets *secrets, struct sl_arena *arena, const char *name,
                     const char *value);
/* Notes the values of secret options in a script, which need not be correct SQL. Returns the script
 * with each byte of such a value as '*', so that lines and columns stay; NULL without memory. */
char *cli_secrets_scan(struct cli_secrets *secrets, struct sl_arena *arena, const char *text,
                       size_t length);
/* The same in place for every place where a secret stands in text, e.g. a line of a script. */
void cli_secrets_star(const struct cli_secrets *secrets, char *text, size_t length);
/* Appends message with every secret in it as "******". Values of less than four bytes count only
 * in quotes. */
void cli_secrets_mask(const struct cli_secrets *secrets, const char *message, size_t length,
                      struct sl_text *out);

#endif
