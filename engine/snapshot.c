/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes of checkpoint parts, and the directory that holds checkpoints. Always true: a reader
 * believes nothing that MANIFEST's sizes and checksums do not vouch for. */
#include "snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "sluice/hash.h"

enum {
    PART_MAGIC = 0x54524c53 /* "SLRT" */,
    PART_VERSION = 1,
    MANIFEST_VERSION = 1,
    PATH_BYTES = 4096,
    RECORD_BYTES = 28,
    NAME_BYTES = 32
};

static const char manifest_name[] = "MANIFEST";

static void put(struct sl_text *out, const void *value, size_t size_bytes)
{
    sl_text_append(out, value, size_bytes);
}

void eng_part_begin(struct sl_text *part)
{
    const uint32_t header[2] = {PART_MAGIC, PART_VERSION};
    sl_text_reset(part);
    put(part, header, sizeof header);
}

void eng_part_add(struct sl_text *part, const struct eng_record *record)
{
    uint32_t name_bytes = (uint32_t)strlen(record->name) + 1;
    put(part, &record->uid, sizeof record->uid);
    put(part, &record->kind, sizeof record->kind);
    put(part, &record->number, sizeof record->number);
    put(part, &name_bytes, sizeof name_bytes);
    put(part, &record->length, sizeof record->length);
    put(part, record->name, name_bytes);
    if (record->length > 0) {
        put(part, record->data, record->length);
    }
}

/* Reads the record at *offset and moves behind it; false when it does not fit or at the end. */
bool eng_part_next(const struct eng_part *part, size_t *offset, struct eng_record *record)
{
    size_t at = *offset == 0 ? 2 * sizeof(uint32_t) : *offset;
    if (at > part->length || part->length - at < RECORD_BYTES) {
        return false;
    }
    const char *bytes = part->data + at;
    uint32_t name_bytes = 0;
    memcpy(&record->uid, bytes, 8);
    memcpy(&record->kind, bytes + 8, 4);
    memcpy(&record->number, bytes + 12, 4);
    memcpy(&name_bytes, bytes + 16, 4);
    memcpy(&record->length, bytes + 20, 8);
    size_t rest = part->length - at - RECORD_BYTES;
    if (name_bytes == 0 || name_bytes > rest || record->length > rest - name_bytes ||
        bytes[RECORD_BYTES + name_bytes - 1] != '\0') {
        return false;
    }
    record->name = bytes + RECORD_BYTES;
    record->data = record->name + name_bytes;
    *offset = at + RECORD_BYTES + name_bytes + record->length;
    return true;
}

static enum sl_status check_part(const char *path, const struct eng_part *part,
                                 struct sl_error *err)
{
    uint32_t header[2] = {0, 0};
    if (part->length >= sizeof header) {
        memcpy(header, part->data, sizeof header);
    }
    if (header[0] != PART_MAGIC) {
        return sl_fail(err, SL_CORRUPT, "%s: this is not a part of a checkpoint", path);
    }
    if (header[1] != PART_VERSION) {
        return sl_fail(err, SL_FORMAT, "%s: version %u, expected %d", path, header[1],
                       PART_VERSION);
    }
    struct eng_record record;
    size_t offset = 0;
    while (eng_part_next(part, &offset, &record)) {
    }
    if (offset != part->length && !(offset == 0 && part->length == sizeof header)) {
        return sl_fail(err, SL_CORRUPT, "%s: malformed at byte %zu", path, offset);
    }
    return SL_OK;
}

static enum sl_status write_file(struct sl_io *io, const char *path, const char *data,
                                 size_t length, struct sl_error *err)
{
    struct sl_file *file = NULL;
    SL_TRY(io->open(io, path, SL_IO_CREATE, &file, err));
    enum sl_status status = io->write(file, data, length, err);
    if (status == SL_OK) {
        status = io->sync(file, err);
    }
    io->close(file);
    return status;
}

static void add_file(json_t *files, const char *name, const char *data, size_t length)
{
    char crc[16];
    snprintf(crc, sizeof crc, "%08x", sl_crc32c(0, data, length));
    json_array_append_new(files, json_pack("{s:s, s:I, s:s}", "name", name, "bytes",
                                           (json_int_t)length, "crc32c", crc));
}

/* NULL when there is no memory; freed by the caller with free of jansson's. */
static char *format_manifest(const struct eng_snapshot *snapshot)
{
    char digest[24];
    char name[NAME_BYTES];
    snprintf(digest, sizeof digest, "%016" PRIx64, snapshot->sql_digest);
    json_t *files = json_array();
    add_file(files, "plan", snapshot->plan, snapshot->plan_bytes);
    for (uint32_t i = 0; i < snapshot->part_count; i++) {
        snprintf(name, sizeof name, "part-%u", i);
        add_file(files, name, snapshot->parts[i].data, snapshot->parts[i].length);
    }
    json_t *manifest =
        json_pack("{s:i, s:I, s:s, s:o}", "version", MANIFEST_VERSION, "checkpoint",
                  (json_int_t)snapshot->number, "sql_digest", digest, "files", files);
    char *text = manifest == NULL ? NULL : json_dumps(manifest, JSON_INDENT(2));
    json_decref(manifest);
    return text;
}

static void free_manifest(char *text)
{
    json_free_t release = NULL;
    json_get_alloc_funcs(NULL, &release);
    release(text);
}

static enum sl_status write_manifest(struct sl_io *io, const char *chk,
                                     const struct eng_snapshot *snapshot, struct sl_error *err)
{
    char *text = format_manifest(snapshot);
    if (text == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for the manifest of %s", chk);
    }
    char draft[PATH_BYTES];
    char path[PATH_BYTES];
    snprintf(draft, sizeof draft, "%s/%s.tmp", chk, manifest_name);
    snprintf(path, sizeof path, "%s/%s", chk, manifest_name);
    enum sl_status status = write_file(io, draft, text, strlen(text), err);
    free_manifest(text);
    SL_TRY(status);
    SL_TRY(io->sync_directory(
        io, chk, err)); /* the parts' names must be there before MANIFEST vouches for them */
    SL_TRY(io->rename(io, draft, path, err));
    return io->sync_directory(io, chk, err);
}

static enum sl_status check_path(const char *directory, struct sl_error *err)
{
    if (strlen(directory) + 2 * NAME_BYTES > PATH_BYTES) {
        return sl_fail(err, SL_OPTION, "execution.checkpointing.dir: the path is too long");
    }
    return SL_OK;
}

enum sl_status eng_snapshot_write(struct sl_io *io, const char *directory,
                                  const struct eng_snapshot *snapshot, struct sl_error *err)
{
    char chk[PATH_BYTES - NAME_BYTES];
    char path[PATH_BYTES];
    SL_TRY(check_path(directory, err));
    snprintf(chk, sizeof chk, "%s/chk-%" PRId64, directory, snapshot->number);
    SL_TRY(io->make_directory(io, chk, err));
    snprintf(path, sizeof path, "%s/plan", chk);
    SL_TRY(write_file(io, path, snapshot->plan, snapshot->plan_bytes, err));
    for (uint32_t i = 0; i < snapshot->part_count; i++) {
        snprintf(path, sizeof path, "%s/part-%u", chk, i);
        SL_TRY(write_file(io, path, snapshot->parts[i].data, snapshot->parts[i].length, err));
    }
    SL_TRY(write_manifest(io, chk, snapshot, err));
    return io->sync_directory(io, directory, err);
}

/* The number of a name chk-N, or 0. */
static int64_t checkpoint_number(const char *name)
{
    int64_t number = 0;
    if (strncmp(name, "chk-", 4) != 0 || !sl_parse_int64(name + 4, strlen(name + 4), &number) ||
        number <= 0) {
        return 0;
    }
    return number;
}

static bool is_whole(struct sl_io *io, const char *directory, const char *name)
{
    char path[PATH_BYTES];
    struct sl_io_info info;
    snprintf(path, sizeof path, "%s/%s/%s", directory, name, manifest_name);
    return io->stat(io, path, &info, NULL) == SL_OK;
}

enum sl_status eng_snapshot_last_number(struct sl_io *io, const char *directory, int64_t *number,
                                        struct sl_error *err)
{
    struct sl_arena arena;
    const char **names = NULL;
    uint32_t count = 0;
    *number = 0;
    sl_arena_init(&arena, NULL, 0);
    enum sl_status status = io->list(io, directory, &arena, &names, &count, err);
    for (uint32_t i = 0; status == SL_OK && i < count; i++) {
        *number = SL_MAX(*number, checkpoint_number(names[i]));
    }
    sl_arena_deinit(&arena);
    return status;
}

static enum sl_status find_latest(struct sl_io *io, const char *directory, struct sl_arena *arena,
                                  const char **path, struct sl_error *err)
{
    const char **names = NULL;
    uint32_t count = 0;
    int64_t latest = 0;
    SL_TRY(io->list(io, directory, arena, &names, &count, err));
    for (uint32_t i = 0; i < count; i++) {
        int64_t number = checkpoint_number(names[i]);
        if (number > latest && is_whole(io, directory, names[i])) {
            latest = number;
        }
    }
    if (latest == 0) {
        return sl_fail(err, SL_NOT_FOUND, "there is no checkpoint in '%s' to resume from",
                       directory);
    }
    *path = sl_arena_printf(arena, "%s/chk-%" PRId64, directory, latest);
    return *path == NULL ? sl_fail(err, SL_MEMORY, "no memory to resume") : SL_OK;
}

/* Reads a file that MANIFEST names and holds it against what MANIFEST says of it. */
static enum sl_status load_file(struct sl_io *io, const char *chk, const json_t *entry,
                                struct sl_arena *arena, struct eng_part *file, struct sl_error *err)
{
    const char *name = json_string_value(json_object_get(entry, "name"));
    const char *crc = json_string_value(json_object_get(entry, "crc32c"));
    json_int_t bytes = json_integer_value(json_object_get(entry, "bytes"));
    if (name == NULL || crc == NULL || strchr(name, '/') != NULL) {
        return sl_fail(err, SL_CORRUPT, "%s/%s: a file entry is malformed", chk, manifest_name);
    }
    char path[PATH_BYTES];
    char actual_crc[16];
    char *data = NULL;
    snprintf(path, sizeof path, "%s/%s", chk, name);
    SL_TRY(sl_io_read_all(io, path, 0, arena, &data, &file->length, err));
    snprintf(actual_crc, sizeof actual_crc, "%08x", sl_crc32c(0, data, file->length));
    if ((json_int_t)file->length != bytes || strcmp(actual_crc, crc) != 0) {
        return sl_fail(err, SL_CORRUPT, "%s is damaged: its size or checksum is not what %s says",
                       path, manifest_name);
    }
    file->data = data;
    return strcmp(name, "plan") == 0 ? SL_OK : check_part(path, file, err);
}

static enum sl_status load_files(struct sl_io *io, const char *chk, const json_t *manifest,
                                 struct sl_arena *arena, struct eng_snapshot *snapshot,
                                 struct sl_error *err)
{
    const json_t *files = json_object_get(manifest, "files");
    const char *digest = json_string_value(json_object_get(manifest, "sql_digest"));
    size_t count = json_array_size(files);
    if (json_integer_value(json_object_get(manifest, "version")) != MANIFEST_VERSION) {
        return sl_fail(err, SL_FORMAT, "%s/%s: unknown version, expected %d", chk, manifest_name,
                       MANIFEST_VERSION);
    }
    if (digest == NULL || sscanf(digest, "%" SCNx64, &snapshot->sql_digest) != 1 || count < 1) {
        return sl_fail(err, SL_CORRUPT, "%s/%s is malformed", chk, manifest_name);
    }
    snapshot->number = json_integer_value(json_object_get(manifest, "checkpoint"));
    snapshot->parts = SL_ARENA_ARRAY(arena, struct eng_part, count);
    if (snapshot->parts == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory to resume");
    }
    struct eng_part plan = {0};
    SL_TRY(load_file(io, chk, json_array_get(files, 0), arena, &plan, err));
    snapshot->plan = plan.data;
    snapshot->plan_bytes = plan.length;
    for (size_t i = 1; i < count; i++) {
        SL_TRY(load_file(io, chk, json_array_get(files, i), arena,
                         &snapshot->parts[snapshot->part_count++], err));
    }
    return SL_OK;
}

enum sl_status eng_snapshot_load(struct sl_io *io, const char *directory, const char *what,
                                 struct sl_arena *arena, struct eng_snapshot *snapshot,
                                 struct sl_error *err)
{
    const char *chk = what;
    char path[PATH_BYTES];
    char *text = NULL;
    size_t length = 0;
    *snapshot = (struct eng_snapshot){0};
    SL_TRY(check_path(directory, err));
    SL_TRY(check_path(what, err));
    if (strcmp(what, "latest") == 0) {
        SL_TRY(find_latest(io, directory, arena, &chk, err));
    }
    snprintf(path, sizeof path, "%s/%s", chk, manifest_name);
    SL_TRY(sl_io_read_all(io, path, 1 << 20, arena, &text, &length, err));
    json_error_t problem;
    json_t *manifest = json_loadb(text, length, 0, &problem);
    if (manifest == NULL) {
        return sl_fail(err, SL_CORRUPT, "%s: line %d: %s", path, problem.line, problem.text);
    }
    enum sl_status status = load_files(io, chk, manifest, arena, snapshot, err);
    json_decref(manifest);
    return status;
}

static enum sl_status remove_checkpoint(struct sl_io *io, const char *directory, const char *name,
                                        struct sl_arena *arena, struct sl_error *err)
{
    const char *chk = sl_arena_printf(arena, "%s/%s", directory, name);
    const char *manifest = sl_arena_printf(arena, "%s/%s/%s", directory, name, manifest_name);
    const char **files = NULL;
    uint32_t count = 0;
    if (chk == NULL || manifest == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory to remove checkpoint %s", name);
    }
    if (is_whole(io, directory,
                 name)) { /* first, so that what is half removed does not look whole */
        SL_TRY(io->remove(io, manifest, err));
    }
    SL_TRY(io->list(io, chk, arena, &files, &count, err));
    for (uint32_t i = 0; i < count; i++) {
        const char *path = sl_arena_printf(arena, "%s/%s", chk, files[i]);
        if (path != NULL) {
            SL_TRY(io->remove(io, path, err));
        }
    }
    return io->remove(io, chk, err);
}

void eng_snapshot_discard(struct sl_io *io, const char *directory, int64_t number)
{
    struct sl_arena arena;
    struct sl_error ignored = {.status = SL_OK};
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "chk-%" PRId64, number);
    sl_arena_init(&arena, NULL, 0);
    if (!is_whole(io, directory, name)) {
        (void)remove_checkpoint(io, directory, name, &arena, &ignored);
    }
    sl_arena_deinit(&arena);
}

static int compare_numbers(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* The least number to keep: that of the keep-th newest whole checkpoint up to number, 0 when there
 * are not so many. Looks into no directory when all may stay. */
static int64_t oldest_to_keep(struct sl_io *io, const char *directory, const char *const *names,
                              uint32_t count, int64_t number, int64_t keep, struct sl_arena *arena)
{
    int64_t *numbers = SL_ARENA_ARRAY(arena, int64_t, count);
    uint32_t found = 0;
    if (numbers == NULL || (int64_t)count <= keep) {
        return 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        int64_t candidate = checkpoint_number(names[i]);
        if (candidate > 0 && candidate <= number && is_whole(io, directory, names[i])) {
            numbers[found++] = candidate;
        }
    }
    if ((int64_t)found < keep) {
        return 0;
    }
    qsort(numbers, found, sizeof *numbers, compare_numbers);
    return numbers[(int64_t)found - keep];
}

void eng_snapshot_prune(struct sl_io *io, const char *directory, int64_t number, int64_t keep,
                        struct sl_log *log)
{
    struct sl_arena arena;
    struct sl_error err = {0};
    const char **names = NULL;
    uint32_t count = 0;
    int64_t oldest = 0;
    sl_arena_init(&arena, NULL, 0);
    enum sl_status status = io->list(io, directory, &arena, &names, &count, &err);
    if (status == SL_OK) {
        oldest = oldest_to_keep(io, directory, names, count, number, keep, &arena);
    }
    for (uint32_t i = 0; status == SL_OK && i < count; i++) {
        int64_t candidate = checkpoint_number(names[i]);
        if (candidate > 0 && candidate < oldest) {
            status = remove_checkpoint(io, directory, names[i], &arena, &err);
        }
    }
    if (status != SL_OK) {
        sl_log_warn(log, "checkpoint", "old checkpoints stay: %s", err.text);
    }
    sl_arena_deinit(&arena);
}
