/* SPDX-License-Identifier: Apache-2.0
 *
 * A checkpoint as files: <directory>/chk-<number>/ with one part a worker, the stored plan, and
 * MANIFEST, which is written last and by whose rename the checkpoint comes into being. What has no
 * MANIFEST does not exist.
 *
 * A part is a header {u32 magic, u32 version} and records {u64 uid of the plan node, u32 kind, u32
 * number, u32 name length, u64 data length, name, data}, little-endian. Sizes and CRC32C of all
 * files stand in MANIFEST. */
#ifndef ENGINE_SNAPSHOT_H
#define ENGINE_SNAPSHOT_H

#include "sluice/io.h"
#include "sluice/log.h"
#include "sluice/text.h"

enum eng_record_kind {
    ENG_RECORD_STATE,     /* number: index of the state table; data: sl_state_snapshot */
    ENG_RECORD_WATERMARK, /* data: i64 */
    ENG_RECORD_POSITION   /* number: split id; name: the split's; data: its position */
};

struct eng_record {
    uint64_t uid;
    uint32_t kind;
    uint32_t number;
    const char *name; /* with a NUL behind it */
    const char *data;
    uint64_t length;
};

void eng_part_begin(struct sl_text *part);
void eng_part_add(struct sl_text *part, const struct eng_record *record);

struct eng_part {
    const char *data;
    size_t length;
};

/* Walks a part's records: start with *offset 0; false at the end. The part was checked by
 * eng_snapshot_load. */
bool eng_part_next(const struct eng_part *part, size_t *offset, struct eng_record *record);

struct eng_snapshot {
    int64_t number;
    uint64_t sql_digest;
    const char *plan;
    size_t plan_bytes;
    struct eng_part *parts;
    uint32_t part_count;
};

/* Writes chk-<number> whole and durable: files, directory, MANIFEST by rename, directory again. */
enum sl_status eng_snapshot_write(struct sl_io *io, const char *directory,
                                  const struct eng_snapshot *snapshot, struct sl_error *err);
/* Reads and checks a checkpoint: `what` is "latest" (the greatest number in directory that has a
 * MANIFEST) or the path of a chk-N. Everything lives in arena. SL_NOT_FOUND, SL_CORRUPT, SL_FORMAT
 * with the file's name. */
enum sl_status eng_snapshot_load(struct sl_io *io, const char *directory, const char *what,
                                 struct sl_arena *arena, struct eng_snapshot *snapshot,
                                 struct sl_error *err);
/* The greatest N of all chk-N in directory, whole or not; 0 when there is none. */
enum sl_status eng_snapshot_last_number(struct sl_io *io, const char *directory, int64_t *number,
                                        struct sl_error *err);
/* Gives back the room of a checkpoint that could not be written, as far as that can be done; one
 * that has its MANIFEST stays, since a resume may rely on it. */
void eng_snapshot_discard(struct sl_io *io, const char *directory, int64_t number);
/* Removes all but the newest `keep` checkpoints up to number. Failures are logged: old files do no
 * harm. */
void eng_snapshot_prune(struct sl_io *io, const char *directory, int64_t number, int64_t keep,
                        struct sl_log *log);

#endif
