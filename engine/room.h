/* SPDX-License-Identifier: Apache-2.0
 *
 * The door of engine/: what the builtin lists need beside the public interface. */
#ifndef ENGINE_ROOM_H
#define ENGINE_ROOM_H

#include "sluice/engine.h"

/* The sink of a bare SELECT; for the list of connectors. */
extern const struct sl_connector_def eng_result_connector;

#endif
