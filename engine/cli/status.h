/* SPDX-License-Identifier: Apache-2.0
 *
 * What the status line says: two samples of a query, a second apart, as one line. */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include "sluice/engine.h"

struct cli_sample {
    int64_t time_ns; /* monotonic */
    struct sl_query_stats stats;
    bool has_lag; /* a source tells how far behind it is */
    int64_t lag_rows;
    const char *largest; /* label of the operator that holds most memory; NULL = none known. Lives
                            as long as the query */
    int64_t largest_bytes;
};

struct cli_sample cli_status_sample(struct sl_query *query);
/* One line without its end, cut to columns characters. */
void cli_status_format(struct sl_text *out, const struct cli_sample *now,
                       const struct cli_sample *before, uint32_t columns);

#endif
