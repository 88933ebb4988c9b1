/* SPDX-License-Identifier: Apache-2.0
 *
 * The table path of CRC32C, named so that a test can hold it against the instruction's. */
#ifndef SLUICE_CORE_CRC32C_H
#define SLUICE_CORE_CRC32C_H

#include "sluice/base.h"

/* As sl_crc32c, on any machine. */
uint32_t sl_crc32c_portable(uint32_t crc, const void *data, size_t length);

#endif
