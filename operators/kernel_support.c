/* SPDX-License-Identifier: Apache-2.0
 *
 * Strings that kernels make, and the result types that several families share. */
#include "kernel_cast.h"

enum { STRING_BYTES_MAX = 16 << 20 }; /* as long as a row may be */

char *op_string_room(struct sl_kernel_call *call, uint32_t row, size_t length)
{
    char *room = NULL;
    if (length <= STRING_BYTES_MAX) {
        room = sl_arena_alloc_raw(call->scratch, length);
    }
    if (room == NULL) {
        op_set_error(call, row, SL_ROW_SIZE);
        op_store_borrowed(call, row, "", 0);
    }
    return room;
}

void op_store_copy(struct sl_kernel_call *call, uint32_t row, const char *data, size_t length)
{
    if (length > SL_VIEW_INLINE_BYTES) {
        char *room = op_string_room(call, row, length);
        if (room == NULL) {
            return;
        }
        memcpy(room, data, length);
        data = room;
    }
    op_store_borrowed(call, row, data, length);
}

static bool any_nullable(const struct sl_type *arguments, uint32_t argument_count)
{
    for (uint32_t idx = 0; idx < argument_count; ++idx) {
        if (arguments[idx].nullable) {
            return true;
        }
    }
    return false;
}

enum sl_status op_type_first(const struct sl_type *arguments, const char *const *literals,
                             uint32_t argument_count, struct sl_type *result, struct sl_error *err)
{
    (void)literals;
    (void)err;
    *result = arguments[0];
    result->nullable = any_nullable(arguments, argument_count);
    return SL_OK;
}

static enum sl_status result_of(struct sl_type type, const struct sl_type *arguments,
                                uint32_t argument_count, struct sl_type *result)
{
    *result = type;
    result->nullable = any_nullable(arguments, argument_count);
    return SL_OK;
}

enum sl_status op_type_boolean(const struct sl_type *arguments, const char *const *literals,
                               uint32_t argument_count, struct sl_type *result,
                               struct sl_error *err)
{
    (void)literals;
    (void)err;
    return result_of(sl_type_of(SL_TYPE_BOOLEAN), arguments, argument_count, result);
}

enum sl_status op_type_boolean_not_null(const struct sl_type *arguments,
                                        const char *const *literals, uint32_t argument_count,
                                        struct sl_type *result, struct sl_error *err)
{
    (void)arguments;
    (void)literals;
    (void)argument_count;
    (void)err;
    *result = sl_type_not_null(sl_type_of(SL_TYPE_BOOLEAN));
    return SL_OK;
}

enum sl_status op_type_int(const struct sl_type *arguments, const char *const *literals,
                           uint32_t argument_count, struct sl_type *result, struct sl_error *err)
{
    (void)literals;
    (void)err;
    return result_of(sl_type_of(SL_TYPE_INT), arguments, argument_count, result);
}

enum sl_status op_type_bigint(const struct sl_type *arguments, const char *const *literals,
                              uint32_t argument_count, struct sl_type *result, struct sl_error *err)
{
    (void)literals;
    (void)err;
    return result_of(sl_type_of(SL_TYPE_BIGINT), arguments, argument_count, result);
}

enum sl_status op_type_string(const struct sl_type *arguments, const char *const *literals,
                              uint32_t argument_count, struct sl_type *result, struct sl_error *err)
{
    (void)literals;
    (void)err;
    return result_of(sl_type_string(), arguments, argument_count, result);
}

enum sl_status op_type_string_nullable(const struct sl_type *arguments, const char *const *literals,
                                       uint32_t argument_count, struct sl_type *result,
                                       struct sl_error *err)
{
    (void)arguments;
    (void)literals;
    (void)argument_count;
    (void)err;
    *result = sl_type_string();
    return SL_OK;
}

enum sl_status op_type_timestamp3_nullable(const struct sl_type *arguments,
                                           const char *const *literals, uint32_t argument_count,
                                           struct sl_type *result, struct sl_error *err)
{
    (void)arguments;
    (void)literals;
    (void)argument_count;
    (void)err;
    *result = sl_type_timestamp(SL_TYPE_TIMESTAMP, 3);
    return SL_OK;
}

enum sl_status op_type_timestamp_ltz3(const struct sl_type *arguments, const char *const *literals,
                                      uint32_t argument_count, struct sl_type *result,
                                      struct sl_error *err)
{
    (void)literals;
    (void)err;
    return result_of(sl_type_timestamp(SL_TYPE_TIMESTAMP_LTZ, 3), arguments, argument_count,
                     result);
}

enum sl_status op_type_of_cast(const struct sl_type *arguments, const char *const *literals,
                               uint32_t argument_count, struct sl_type *result,
                               struct sl_error *err)
{
    (void)arguments;
    (void)literals;
    (void)argument_count;
    (void)result;
    return sl_fail(err, SL_SEMANTIC, "a cast is written CAST(x AS type)");
}
