/* SPDX-License-Identifier: Apache-2.0
 *
 * `sluice demo` in a build without librdkafka. */
#include <stdio.h>

#include "cli.h"

enum cli_exit cli_demo(const struct cli_arguments *args)
{
    (void)args;
    fputs("sluice: this build has no Kafka (librdkafka was not found when it was built), and the "
          "demo needs it\n",
          stderr);
    return CLI_RUNTIME;
}
