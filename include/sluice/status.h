/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 0. How a call fails. Three kinds are never mixed: a bad row is data (the rejected output), a
 * failed call is an enum sl_status with its text in the caller's struct sl_error, a broken
 * invariant is SL_ASSERT. */
#ifndef SLUICE_STATUS_H
#define SLUICE_STATUS_H

#include "sluice/base.h"

SL_EXTERN_C_BEGIN

#define SL_STATUS_LIST(X)               \
    X(OK, "ok")                         \
    X(MEMORY, "out of memory")          \
    X(LIMIT, "limit reached")           \
    X(IO, "input/output error")         \
    X(NETWORK, "network error")         \
    X(TIMEOUT, "timed out")             \
    X(SYNTAX, "syntax error")           \
    X(SEMANTIC, "semantic error")       \
    X(UNSUPPORTED, "not supported yet") \
    X(OPTION, "bad option")             \
    X(NOT_FOUND, "not found")           \
    X(FORMAT, "bad format")             \
    X(CORRUPT, "corrupt data")          \
    X(CANCELLED, "cancelled")           \
    X(CLOSED, "closed by the peer")     \
    X(INTERNAL, "internal error")

enum sl_status {
#define X(name, text) SL_##name,
    SL_STATUS_LIST(X)
#undef X
};

enum { SL_ERROR_TEXT_BYTES = 1024 };

/* Owned by the caller, last argument of everything that can fail, written once by the function that
 * notices. line and column are 1-based positions in the SQL text, 0 when there is none. */
struct sl_error {
    enum sl_status status;
    uint32_t line;
    uint32_t column;
    uint32_t length; /* bytes of SQL that the caret line underlines; 0 or 1 means a single caret */
    char text[SL_ERROR_TEXT_BYTES];
};

/* Writes status and text into err (which may be NULL) and returns status. Text is truncated, never
 * overrun. */
enum sl_status sl_fail(struct sl_error *err, enum sl_status status, const char *format, ...)
    SL_PRINTF(3, 4);
/* The same with a position in the SQL text. */
enum sl_status sl_fail_at(struct sl_error *err, enum sl_status status, uint32_t line,
                          uint32_t column, const char *format, ...) SL_PRINTF(5, 6);
/* The fixed text of a status ("ok", "limit reached", ...). Never NULL. */
const char *sl_status_text(enum sl_status status);
/* Prints the broken invariant to standard error and aborts: recovery starts from the last
 * checkpoint. */
SL_NORETURN void sl_assert_failed(const char *condition, const char *file, int line);

#define SL_TRY(call)                               \
    do {                                           \
        enum sl_status sl_try_status = (call);     \
        if (SL_UNLIKELY(sl_try_status != SL_OK)) { \
            return sl_try_status;                  \
        }                                          \
    } while (0)

#define SL_ASSERT(condition)                                  \
    do {                                                      \
        if (SL_UNLIKELY(!(condition))) {                      \
            sl_assert_failed(#condition, __FILE__, __LINE__); \
        }                                                     \
    } while (0)

SL_EXTERN_C_END

#endif
