/* SPDX-License-Identifier: Apache-2.0
 *
 * Log lines, and the last words of a broken invariant: the only writer to standard error.
 * Always true: a line is made on the stack, so that "out of memory" can still be said, and control
 * characters never reach the reader. */
#include "sluice/log.h"
#include "sluice/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MESSAGE_BYTES = 2048, LINE_BYTES = 4096 };

static const char *const LEVEL_NAMES[] = {"error", "warn", "info", "debug"};

/* A line under construction; what does not fit is cut. One byte is kept for the newline. */
struct line {
    char data[LINE_BYTES];
    size_t length;
};

static void append(struct line *line, const char *data, size_t length)
{
    if (length <= LINE_BYTES - 1 - line->length) {
        memcpy(line->data + line->length, data, length);
        line->length += length;
    }
}

static void append_string(struct line *line, const char *string)
{
    append(line, string, strlen(string));
}

/* Size of the UTF-8 character at data, 0 when it is malformed. Overlong forms and surrogates pass:
 * they cannot break the line, only its looks. */
static size_t character_size(const unsigned char *data, size_t length)
{
    if (data[0] < 0x80) {
        return 1;
    }
    size_t size = data[0] >= 0xF0 ? 4 : data[0] >= 0xE0 ? 3 : 2;
    if (data[0] < 0xC2 || data[0] > 0xF4 || size > length) {
        return 0;
    }
    for (size_t i = 1; i < size; i++) {
        if ((data[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return size;
}

static void append_control(struct line *line, unsigned char character)
{
    char escape[8];
    int length = character == '\n'   ? snprintf(escape, sizeof(escape), "\\n")
                 : character == '\t' ? snprintf(escape, sizeof(escape), "\\t")
                                     : snprintf(escape, sizeof(escape), "\\u%04x", character);
    append(line, escape, (size_t)length);
}

/* Appends text with control characters escaped; as_json also escapes quotes and backslashes. Stops
 * before the last 8 bytes of the line, which its end needs. */
static void append_escaped(struct line *line, const char *text, bool as_json)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length && line->length + 16 < LINE_BYTES;) {
        const unsigned char *at = (const unsigned char *)text + i;
        size_t size = character_size(at, length - i);
        if (size == 0) {
            append_string(line, "\xEF\xBF\xBD");
        } else if (*at < 0x20 || *at == 0x7F) {
            append_control(line, *at);
        } else if (as_json && (*at == '"' || *at == '\\')) {
            append(line, "\\", 1);
            append(line, text + i, 1);
        } else {
            append(line, text + i, size);
        }
        i += size == 0 ? 1 : size;
    }
}

static void append_time(struct line *line, const struct sl_clock *clock)
{
    int64_t now_us = clock->wall_us(clock);
    time_t seconds = (time_t)(now_us / 1000000 - (now_us % 1000000 < 0));
    int millis = (int)((now_us - (int64_t)seconds * 1000000) / 1000);
    struct tm civil;
    char date[32];
    char text[48];
    if (gmtime_r(&seconds, &civil) != NULL &&
        strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &civil) > 0) {
        snprintf(text, sizeof(text), "%s.%03dZ", date, millis);
        append_string(line, text);
    }
}

static void format_text(struct line *line, const struct sl_clock *clock, enum sl_log_level level,
                        const char *room, const char *message)
{
    append_time(line, clock);
    append_string(line, " ");
    append_string(line, LEVEL_NAMES[level]);
    append_string(line, strlen(LEVEL_NAMES[level]) == 4 ? "  " : " ");
    append_escaped(line, room, false);
    append_string(line, ": ");
    append_escaped(line, message, false);
}

static void format_json(struct line *line, const struct sl_clock *clock, enum sl_log_level level,
                        const char *room, const char *message)
{
    append_string(line, "{\"time\":\"");
    append_time(line, clock);
    append_string(line, "\",\"level\":\"");
    append_string(line, LEVEL_NAMES[level]);
    append_string(line, "\",\"room\":\"");
    append_escaped(line, room, true);
    append_string(line, "\",\"message\":\"");
    append_escaped(line, message, true);
    append_string(line, "\"}");
}

void sl_log_line(struct sl_log *log, enum sl_log_level level, const char *room, const char *format,
                 ...)
{
    if (log == NULL || level > log->level) {
        return;
    }
    char message[MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    if (length < 0) {
        message[0] = '\0';
    }
    struct line line;
    line.length = 0;
    const struct sl_clock *clock = log->clock == NULL ? sl_clock_system() : log->clock;
    if (log->json) {
        format_json(&line, clock, level, room, message);
    } else {
        format_text(&line, clock, level, room, message);
    }
    if (log->write != NULL) {
        log->write(log->user, level, line.data, line.length);
        return;
    }
    line.data[line.length] = '\n'; /* one call, one whole line */
    fwrite(line.data, 1, line.length + 1, stderr);
}

void sl_assert_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "sluice: broken invariant: %s (%s:%d)\n", condition, file, line);
    abort();
}
