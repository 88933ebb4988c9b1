/* SPDX-License-Identifier: Apache-2.0
 *
 * How a plan's parts become bytes; shared by the writer, the reader and the digest. All numbers are
 * little-endian, strings are a u32 length (UINT32_MAX = absent) and their bytes. */
#ifndef CORE_PLAN_CODEC_H
#define CORE_PLAN_CODEC_H

#include "sluice/plan.h"

enum {
    PLAN_MAGIC = 0x4e4c5053, /* "SPLN" */
    PLAN_HEADER_BYTES = 16,  /* magic, version, body length, CRC32C of the body */
    PLAN_TYPE_DEPTH_MAX = 64
};

/* With for_digest, what does not change a node's meaning is left out: texts for people, SQL
 * positions, client options. */
void plan_write_node(struct sl_text *out, const struct sl_plan_node *node, bool for_digest);

#endif
