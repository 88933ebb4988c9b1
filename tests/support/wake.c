/* SPDX-License-Identifier: Apache-2.0
 *
 * sl_wake_* for tests without an engine: they only take note. */
#include "support/wake.h"

struct armed_wake armed_wake = {.fd = -1};

enum sl_status sl_wake_at(struct sl_env *env, enum sl_wake_kind kind, int64_t time, int64_t token,
                          struct sl_error *err)
{
    (void)env;
    (void)kind;
    (void)err;
    armed_wake.time = time;
    armed_wake.time_token = token;
    return SL_OK;
}

enum sl_status sl_wake_fd(struct sl_env *env, int fd, int64_t token, struct sl_error *err)
{
    (void)env;
    (void)err;
    armed_wake.fd = fd;
    armed_wake.fd_token = token;
    return SL_OK;
}

void sl_wake_fd_remove(struct sl_env *env, int fd)
{
    (void)env;
    armed_wake.fd = armed_wake.fd == fd ? -1 : armed_wake.fd;
}
