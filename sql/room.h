/* SPDX-License-Identifier: Apache-2.0
 *
 * The door of sql/: the planner that the engine compiles scripts with. */
#ifndef SQL_ROOM_H
#define SQL_ROOM_H

#include "sluice/engine.h"

extern const struct sl_planner_def sql_planner;

#endif
