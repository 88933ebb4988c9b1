/* SPDX-License-Identifier: Apache-2.0
 *
 * One line on what a query did, to standard error: nothing that was dropped goes unsaid. */
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"

void cli_summary_print(struct sl_log *log, const struct sl_query_stats *stats)
{
    struct sl_text text;
    sl_text_init(&text, NULL, 0);
    sl_text_printf(&text,
                   "rows in %" PRId64 ", out %" PRId64 ", late %" PRId64 ", rejected %" PRId64,
                   stats->rows_in, stats->rows_out, stats->rows_late, stats->rows_rejected);
    const char *separator = " (";
    for (uint32_t i = 0; i < SL_ROW_ERROR_COUNT; i++) {
        if (stats->rejected_by_reason[i] > 0) {
            sl_text_printf(&text, "%s%s %" PRId64, separator,
                           sl_row_error_text((enum sl_row_error)i), stats->rejected_by_reason[i]);
            separator = ", ";
        }
    }
    sl_text_append_string(&text, separator[0] == ',' ? ")" : "");
    if (!text.failed && log->json) {
        bool is_clean = stats->rows_late == 0 && stats->rows_rejected == 0;
        sl_log_line(log, is_clean ? SL_LOG_INFO : SL_LOG_WARN, "summary", "%.*s", (int)text.length,
                    text.data);
    } else if (!text.failed) {
        fprintf(stderr, "%.*s\n", (int)text.length, text.data);
    }
    sl_text_deinit(&text);
}
