/* SPDX-License-Identifier: Apache-2.0
 *
 * Stands in for the driver's wake-ups: notes them, fires none. */
#include "support_wake.h"

struct support_wake support_wake;

enum sl_status sl_wake_at(struct sl_env *env, enum sl_wake_kind kind, int64_t time, int64_t token,
                          struct sl_error *err)
{
    (void)env;
    (void)err;
    support_wake = (struct support_wake){kind, time, token, support_wake.count + 1};
    return SL_OK;
}
