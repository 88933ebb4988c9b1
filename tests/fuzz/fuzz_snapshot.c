/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as what a resume reads: a table's snapshot behind a right header, a part or a MANIFEST
 * of a checkpoint. It is refused, or is one that snapshots again to the same entries. */
#include <stdio.h>
#include <string.h>

#include "engine/snapshot.h"
#include "sluice/hash.h"
#include "sluice/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADER_BYTES = 12, ENTRIES = 16 };

static const struct sl_state_def defs[] = {
    {.name = "hash",
     .kind = SL_STATE_HASH,
     .scope = SL_STATE_KEYED,
     .field_count = 4,
     .fields = {{"a", SL_W8}, {"b", SL_VIEW}, {"c", SL_W1}, {"d", SL_W16}},
     .version = 1},
    {.name = "list", .kind = SL_STATE_LIST, .scope = SL_STATE_KEYED, .version = 1},
    {.name = "ordered",
     .kind = SL_STATE_ORDERED,
     .scope = SL_STATE_KEYED,
     .field_count = 1,
     .fields = {{"a", SL_W4}},
     .version = 1},
    {.name = "union",
     .kind = SL_STATE_HASH,
     .scope = SL_STATE_UNION,
     .field_count = 2,
     .fields = {{"watermark", SL_W8}, {"text", SL_VIEW}},
     .version = 1},
};

/* Walks everything there is; entries per namespace add up to what the table says. */
static void walk(struct sl_state_table *table)
{
    uint64_t count = 0;
    int64_t name_space = INT64_MIN;
    while (sl_state_next_namespace(table, name_space, &name_space)) {
        struct sl_state_entry entries[ENTRIES];
        uint64_t cursor = 0;
        uint32_t got = 0;
        while ((got = sl_state_scan(table, name_space, &cursor, entries, ENTRIES)) > 0) {
            for (uint32_t idx = 0; idx < got; idx++) {
                SL_ASSERT(entries[idx].hash ==
                          sl_hash_bytes(entries[idx].key, entries[idx].key_bytes));
            }
            count += got;
        }
        if (name_space == INT64_MAX) {
            break;
        }
        name_space++;
    }
    SL_ASSERT(count == sl_state_stats(table).entry_count);
}

static void restore_again(const struct sl_state_def *def, const struct sl_text *snapshot)
{
    struct sl_state_table *table = NULL;
    struct sl_text again;
    struct sl_error err = {0};
    sl_text_init(&again, NULL, 0);
    SL_ASSERT(sl_state_table_create(def, NULL, &table, &err) == SL_OK);
    SL_ASSERT(sl_state_restore(table, 0, SL_KEY_GROUP_COUNT - 1, snapshot->data, snapshot->length,
                               &err) == SL_OK);
    SL_ASSERT(sl_state_snapshot(table, 0, SL_KEY_GROUP_COUNT - 1, &again, &err) == SL_OK);
    SL_ASSERT(again.length == snapshot->length);
    sl_text_deinit(&again);
    sl_state_table_destroy(table);
}

static void fuzz_state(const struct sl_state_def *def, const char *data, size_t size)
{
    struct sl_account account = {.name = "fuzz", .limit_bytes = 128 << 20};
    struct sl_state_table *table = NULL;
    struct sl_text snapshot;
    struct sl_error err = {0};
    sl_text_init(&snapshot, NULL, 0);
    SL_ASSERT(sl_state_table_create(def, &account, &table, &err) == SL_OK);
    SL_ASSERT(sl_state_snapshot(table, 0, SL_KEY_GROUP_COUNT - 1, &snapshot, &err) == SL_OK);
    snapshot.length = HEADER_BYTES; /* magic and digest; the count is the input's */
    sl_text_append(&snapshot, data, size);
    const enum sl_status status =
        sl_state_restore(table, 0, SL_KEY_GROUP_COUNT / 2, snapshot.data, snapshot.length, &err);
    SL_ASSERT(status == SL_OK || err.text[0] != '\0');
    walk(table);
    sl_text_reset(&snapshot);
    SL_ASSERT(sl_state_snapshot(table, 0, SL_KEY_GROUP_COUNT - 1, &snapshot, &err) == SL_OK);
    restore_again(def, &snapshot);
    sl_text_deinit(&snapshot);
    sl_state_table_destroy(table);
    SL_ASSERT(sl_account_used(&account) == 0);
}

/* A directory with one checkpoint in memory; only what reading needs. */
struct memory_file {
    const char *name;
    const char *data;
    size_t length;
    size_t offset;
};

static struct memory_file *find_file(struct sl_io *io, const char *path)
{
    struct memory_file *file = io->state;
    const char *slash = strrchr(path, '/');
    for (; file->name != NULL; file++) {
        if (strcmp(file->name, slash == NULL ? path : slash + 1) == 0) {
            return file;
        }
    }
    return NULL;
}

static enum sl_status memory_open(struct sl_io *io, const char *path, enum sl_io_mode mode,
                                  struct sl_file **file, struct sl_error *err)
{
    struct memory_file *found = find_file(io, path);
    SL_ASSERT(mode == SL_IO_READ);
    if (found == NULL) {
        return sl_fail(err, SL_NOT_FOUND, "%s: no such file", path);
    }
    found->offset = 0;
    *file = (struct sl_file *)(void *)found;
    return SL_OK;
}

static enum sl_status memory_read(struct sl_file *file, void *data, size_t size_bytes, size_t *got,
                                  struct sl_error *err)
{
    struct memory_file *memory = (struct memory_file *)(void *)file;
    (void)err;
    *got = SL_MIN(size_bytes, memory->length - memory->offset);
    if (*got > 0) {
        memcpy(data, memory->data + memory->offset, *got);
    }
    memory->offset += *got;
    return SL_OK;
}

static void memory_close(struct sl_file *file)
{
    (void)file;
}

static enum sl_status memory_stat(struct sl_io *io, const char *path, struct sl_io_info *info,
                                  struct sl_error *err)
{
    const struct memory_file *file = find_file(io, path);
    if (file == NULL) {
        return sl_fail(err, SL_NOT_FOUND, "%s: no such file", path);
    }
    *info = (struct sl_io_info){.size_bytes = file->length, .is_regular = true};
    return SL_OK;
}

static void load(struct memory_file *files)
{
    struct sl_io io = {.open = memory_open,
                       .read = memory_read,
                       .close = memory_close,
                       .stat = memory_stat,
                       .state = files};
    struct sl_account account = {.name = "fuzz", .limit_bytes = 256 << 20};
    struct sl_arena arena;
    struct eng_snapshot snapshot;
    struct sl_error err = {0};
    sl_arena_init(&arena, &account, 0);
    const enum sl_status status = eng_snapshot_load(&io, "d", "d/chk-1", &arena, &snapshot, &err);
    SL_ASSERT(status == SL_OK || err.text[0] != '\0');
    for (uint32_t part = 0; status == SL_OK && part < snapshot.part_count; part++) {
        struct eng_record record;
        size_t offset = 0;
        uint64_t bytes = 0;
        while (eng_part_next(&snapshot.parts[part], &offset, &record)) {
            bytes += strlen(record.name) + 1;
            bytes += record.length;
        }
        SL_ASSERT(bytes <= snapshot.parts[part].length);
    }
    sl_arena_deinit(&arena);
    SL_ASSERT(sl_account_used(&account) == 0);
}

/* A right header and MANIFEST around any records. */
static void fuzz_part(const char *data, size_t size)
{
    struct sl_text part;
    char manifest[256];
    sl_text_init(&part, NULL, 0);
    eng_part_begin(&part);
    sl_text_append(&part, data, size);
    const int length =
        snprintf(manifest, sizeof manifest,
                 "{\"version\":1,\"checkpoint\":1,\"sql_digest\":\"1\",\"files\":["
                 "{\"name\":\"plan\",\"bytes\":0,\"crc32c\":\"%08x\"},"
                 "{\"name\":\"part-0\",\"bytes\":%zu,\"crc32c\":\"%08x\"}]}",
                 sl_crc32c(0, "", 0), part.length, sl_crc32c(0, part.data, part.length));
    struct memory_file files[] = {{.name = "MANIFEST", .data = manifest, .length = (size_t)length},
                                  {.name = "plan", .data = "", .length = 0},
                                  {.name = "part-0", .data = part.data, .length = part.length},
                                  {.name = NULL}};
    load(files);
    sl_text_deinit(&part);
}

static void fuzz_manifest(const char *data, size_t size)
{
    struct sl_text part;
    sl_text_init(&part, NULL, 0);
    eng_part_begin(&part);
    struct memory_file files[] = {{.name = "MANIFEST", .data = data, .length = size},
                                  {.name = "plan", .data = "", .length = 0},
                                  {.name = "part-0", .data = part.data, .length = part.length},
                                  {.name = NULL}};
    load(files);
    sl_text_deinit(&part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *rest = (const char *)data + 1;
    if (size == 0) {
        return 0;
    }
    switch (data[0] % 6) {
    case 4:
        fuzz_part(rest, size - 1);
        break;
    case 5:
        fuzz_manifest(rest, size - 1);
        break;
    default:
        fuzz_state(&defs[data[0] % 6], rest, size - 1);
        break;
    }
    return 0;
}
