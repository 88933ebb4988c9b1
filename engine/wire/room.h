/* SPDX-License-Identifier: Apache-2.0
 *
 * What this build can do: every builtin list of every room, for struct sl_engine_config. */
#ifndef WIRE_ROOM_H
#define WIRE_ROOM_H

#include "sluice/engine.h"

/* Static; never freed. */
const struct sl_builtins *wire_builtins(void);

#endif
