/* SPDX-License-Identifier: Apache-2.0
 *
 * What kernels need around them: the reasons why a row has no value, and the bitmap of a result
 * that has a NULL after all. */
#include "sluice/kernel.h"

const char *sl_row_error_text(enum sl_row_error error)
{
    static const char *const texts[] = {
#define X(name, text) text,
        SL_ROW_ERROR_LIST(X)
#undef X
    };
    return (unsigned)error < SL_ROW_ERROR_COUNT ? texts[error] : "unknown error";
}

uint64_t *sl_kernel_validity(struct sl_kernel_call *call)
{
    if (call->result->validity == NULL) {
        memset(call->validity_storage, 0xff,
               sl_bitmap_words(call->row_count) * sizeof *call->validity_storage);
        call->result->validity = call->validity_storage;
    }
    return call->result->validity;
}
