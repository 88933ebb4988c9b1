/* SPDX-License-Identifier: Apache-2.0
 *
 * One line on what a query did, to standard error: nothing that was dropped goes unsaid. */
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"

void cli_summary_print(const struct sl_query_stats *stats)
{
    fprintf(stderr, "rows in %" PRId64 ", out %" PRId64 ", late %" PRId64 ", rejected %" PRId64,
            stats->rows_in, stats->rows_out, stats->rows_late, stats->rows_rejected);
    const char *separator = " (";
    for (uint32_t i = 0; i < SL_ROW_ERROR_COUNT; i++) {
        if (stats->rejected_by_reason[i] > 0) {
            fprintf(stderr, "%s%s %" PRId64, separator, sl_row_error_text((enum sl_row_error)i),
                    stats->rejected_by_reason[i]);
            separator = ", ";
        }
    }
    fprintf(stderr, "%s\n", separator[0] == ',' ? ")" : "");
}
