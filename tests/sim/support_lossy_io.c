/* SPDX-License-Identifier: Apache-2.0
 *
 * The model behind support_lossy_io.h: nodes (files and directories) with what a reader sees and
 * what would survive. Always true: directories list their changes since the last sync, and a crash
 * plays back a random part of them, in order. */
#include "support_lossy_io.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 64, ENTRIES_MAX = 64, CHANGES_MAX = 512 };

struct bytes {
    char *data;
    size_t length;
};

struct entry {
    char name[NAME_BYTES];
    struct lossy_node *node;
};

struct entries {
    struct entry items[ENTRIES_MAX];
    uint32_t count;
};

/* added and removed are one change when a name is moved within its directory. */
struct change {
    char removed[NAME_BYTES]; /* "" = none */
    char added[NAME_BYTES];
    struct lossy_node *node;
};

struct lossy_node {
    struct lossy_node *next;
    bool is_directory;
    bool is_locked;
    struct bytes seen;
    struct bytes safe;
    struct entries *entries; /* of a directory: as seen */
    struct entries *safe_entries;
    struct change *changes; /* since the last sync */
    uint32_t change_count;
};

struct sl_file {
    struct lossy_io *lossy;
    struct lossy_node *node;
    size_t cursor;
    char *mapping;
    bool is_lock;
};

static void *must(void *memory)
{
    SL_ASSERT(memory != NULL);
    return memory;
}

static struct lossy_node *new_node(struct lossy_io *lossy, bool is_directory)
{
    struct lossy_node *node = must(calloc(1, sizeof(*node)));
    node->is_directory = is_directory;
    if (is_directory) {
        node->entries = must(calloc(1, sizeof(*node->entries)));
        node->safe_entries = must(calloc(1, sizeof(*node->safe_entries)));
        node->changes = must(calloc(CHANGES_MAX, sizeof(*node->changes)));
    }
    node->next = lossy->nodes;
    lossy->nodes = node;
    return node;
}

static void set_bytes(struct bytes *to, const char *data, size_t length)
{
    char *copy = must(calloc(1, length + 64));
    if (length > 0) {
        memcpy(copy, data, length);
    }
    free(to->data);
    *to = (struct bytes){copy, length};
}

static struct entry *find_entry(struct entries *entries, const char *name)
{
    for (uint32_t i = 0; i < entries->count; i++) {
        if (strcmp(entries->items[i].name, name) == 0) {
            return &entries->items[i];
        }
    }
    return NULL;
}

static void apply(struct entries *entries, const struct change *change)
{
    struct entry *entry = find_entry(entries, change->removed);
    if (entry != NULL) {
        *entry = entries->items[--entries->count];
    }
    if (change->added[0] == '\0') {
        return;
    }
    entry = find_entry(entries, change->added);
    if (entry == NULL) {
        SL_ASSERT(entries->count < ENTRIES_MAX);
        entry = &entries->items[entries->count++];
        memcpy(entry->name, change->added, NAME_BYTES);
    }
    entry->node = change->node;
}

static void change_directory(struct lossy_node *directory, const char *removed, const char *added,
                             struct lossy_node *node)
{
    SL_ASSERT(directory->change_count < CHANGES_MAX);
    struct change *change = &directory->changes[directory->change_count++];
    *change = (struct change){.node = node};
    memcpy(change->removed, removed, strlen(removed) + 1); /* walk has checked the length */
    memcpy(change->added, added, strlen(added) + 1);
    apply(directory->entries, change);
}

/* The directory that holds path's last name; NULL when there is none. */
static struct lossy_node *walk(struct lossy_io *lossy, const char *path, char last[NAME_BYTES])
{
    struct lossy_node *at = lossy->root;
    for (;;) {
        path += strspn(path, "/");
        size_t length = strcspn(path, "/");
        SL_ASSERT(length < NAME_BYTES);
        memcpy(last, path, length);
        last[length] = '\0';
        path += length;
        if (path[strspn(path, "/")] == '\0') {
            return at;
        }
        struct entry *entry = find_entry(at->entries, last);
        if (entry == NULL || !entry->node->is_directory) {
            return NULL;
        }
        at = entry->node;
    }
}

static struct lossy_node *find(struct lossy_io *lossy, const char *path)
{
    char last[NAME_BYTES];
    struct lossy_node *directory = walk(lossy, path, last);
    if (directory == NULL || last[0] == '\0') {
        return directory;
    }
    struct entry *entry = find_entry(directory->entries, last);
    return entry == NULL ? NULL : entry->node;
}

/* Counts a call; fails once the machine is dead. Takes the lock when it succeeds. */
static enum sl_status enter(struct lossy_io *lossy, const char *what, struct sl_error *err)
{
    pthread_mutex_lock(&lossy->lock);
    lossy->call_count++;
    if (lossy->calls_left > 0 && --lossy->calls_left == 0) {
        lossy->is_dead = true;
    }
    if (lossy->is_dead) {
        pthread_mutex_unlock(&lossy->lock);
        return sl_fail(err, SL_IO, "cannot %s: the power is gone", what);
    }
    return SL_OK;
}

static enum sl_status leave(struct lossy_io *lossy, enum sl_status status, const char *path,
                            struct sl_error *err)
{
    pthread_mutex_unlock(&lossy->lock);
    return status == SL_OK ? SL_OK : sl_fail(err, status, "%s: %s", path, sl_status_text(status));
}

static struct lossy_io *lossy_of(struct sl_io *io)
{
    return io->state;
}

static struct sl_file *new_file(struct lossy_io *lossy, struct lossy_node *node)
{
    struct sl_file *file = must(calloc(1, sizeof(*file)));
    *file = (struct sl_file){.lossy = lossy, .node = node};
    return file;
}

/* Finds a file, or makes it when it may. */
static enum sl_status find_file(struct lossy_io *lossy, const char *path, bool may_make,
                                struct lossy_node **node)
{
    char last[NAME_BYTES];
    struct lossy_node *directory = walk(lossy, path, last);
    *node = find(lossy, path);
    if (directory == NULL || (*node == NULL && !may_make)) {
        return SL_NOT_FOUND;
    }
    if (*node == NULL) {
        *node = new_node(lossy, false);
        change_directory(directory, "", last, *node);
    }
    return (*node)->is_directory ? SL_IO : SL_OK;
}

static enum sl_status lossy_open(struct sl_io *io, const char *path, enum sl_io_mode mode,
                                 struct sl_file **file, struct sl_error *err)
{
    struct lossy_io *lossy = lossy_of(io);
    struct lossy_node *node = NULL;
    *file = NULL;
    SL_TRY(enter(lossy, "open a file", err));
    enum sl_status status = find_file(lossy, path, mode != SL_IO_READ, &node);
    if (status == SL_OK) {
        if (mode == SL_IO_CREATE) {
            set_bytes(&node->seen, NULL, 0);
        }
        *file = new_file(lossy, node);
    }
    return leave(lossy, status, path, err);
}

static enum sl_status lossy_read(struct sl_file *file, void *data, size_t size_bytes, size_t *got,
                                 struct sl_error *err)
{
    SL_TRY(enter(file->lossy, "read", err));
    const struct bytes *seen = &file->node->seen;
    *got = SL_MIN(size_bytes, seen->length - SL_MIN(file->cursor, seen->length));
    if (*got > 0) {
        memcpy(data, seen->data + file->cursor, *got);
    }
    file->cursor += *got;
    return leave(file->lossy, SL_OK, "", err);
}

static enum sl_status lossy_write(struct sl_file *file, const void *data, size_t size_bytes,
                                  struct sl_error *err)
{
    SL_TRY(enter(file->lossy, "write", err));
    struct lossy_io *lossy = file->lossy;
    struct bytes *seen = &file->node->seen;
    bool is_full = sl_random_below(&lossy->random, 1000) < lossy->full_permille;
    if (is_full) {
        size_bytes = (size_t)sl_random_below(&lossy->random, size_bytes + 1);
        lossy->refused_writes++;
    }
    seen->data = must(realloc(seen->data, seen->length + size_bytes + 64));
    memcpy(seen->data + seen->length, data, size_bytes);
    seen->length += size_bytes;
    return leave(lossy, is_full ? SL_IO : SL_OK, "no space left", err);
}

static enum sl_status lossy_sync(struct sl_file *file, struct sl_error *err)
{
    SL_TRY(enter(file->lossy, "sync", err));
    set_bytes(&file->node->safe, file->node->seen.data, file->node->seen.length);
    return leave(file->lossy, SL_OK, "", err);
}

static enum sl_status lossy_map(struct sl_file *file, const char **data, uint64_t *size_bytes,
                                struct sl_error *err)
{
    SL_TRY(enter(file->lossy, "map", err));
    const struct bytes *seen = &file->node->seen;
    struct bytes copy = {0};
    if (file->mapping == NULL && seen->length > 0) {
        set_bytes(&copy, seen->data, seen->length);
        file->mapping = copy.data;
    }
    *data = file->mapping;
    *size_bytes = seen->length;
    return leave(file->lossy, SL_OK, "", err);
}

static void lossy_close(struct sl_file *file)
{
    if (file == NULL) {
        return;
    }
    pthread_mutex_lock(&file->lossy->lock);
    if (file->is_lock) {
        file->node->is_locked = false;
    }
    pthread_mutex_unlock(&file->lossy->lock);
    free(file->mapping);
    free(file);
}

static enum sl_status lossy_stat(struct sl_io *io, const char *path, struct sl_io_info *info,
                                 struct sl_error *err)
{
    struct lossy_io *lossy = lossy_of(io);
    SL_TRY(enter(lossy, "look at a file", err));
    struct lossy_node *node = find(lossy, path);
    if (node != NULL) {
        *info = (struct sl_io_info){.size_bytes = node->seen.length,
                                    .is_directory = node->is_directory,
                                    .is_regular = !node->is_directory};
    }
    return leave(lossy, node == NULL ? SL_NOT_FOUND : SL_OK, path, err);
}

static enum sl_status lossy_rename(struct sl_io *io, const char *from, const char *to,
                                   struct sl_error *err)
{
    struct lossy_io *lossy = lossy_of(io);
    char old_name[NAME_BYTES];
    char new_name[NAME_BYTES];
    SL_TRY(enter(lossy, "rename", err));
    struct lossy_node *directory = walk(lossy, from, old_name);
    struct lossy_node *node = find(lossy, from);
    SL_ASSERT(directory == walk(lossy, to, new_name)); /* moves between directories: not modelled */
    if (node != NULL) {
        change_directory(directory, old_name, new_name, node);
    }
    return leave(lossy, node == NULL ? SL_NOT_FOUND : SL_OK, from, err);
}

static enum sl_status lossy_remove(struct sl_io *io, const char *path, struct sl_error *err)
{
    struct lossy_io *lossy = lossy_of(io);
    char name[NAME_BYTES];
    SL_TRY(enter(lossy, "remove", err));
    struct lossy_node *directory = walk(lossy, path, name);
    struct lossy_node *node = find(lossy, path);
    enum sl_status status = node == NULL ? SL_NOT_FOUND : SL_OK;
    if (node != NULL && node->is_directory && node->entries->count > 0) {
        status = SL_IO;
    } else if (node != NULL) {
        change_directory(directory, name, "", NULL);
    }
    return leave(lossy, status, path, err);
}

static enum sl_status lossy_make_directory(struct sl_io *io, const char *path, struct sl_error *err)
{
    struct lossy_io *lossy = lossy_of(io);
    char prefix[1024];
    char name[NAME_BYTES];
    size_t length = strlen(path);
    SL_ASSERT(length < sizeof prefix);
    SL_TRY(enter(lossy, "make a directory", err));
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0') {
            continue;
        }
        memcpy(prefix, path, i);
        prefix[i] = '\0';
        if (find(lossy, prefix) == NULL) {
            struct lossy_node *parent = walk(lossy, prefix, name);
            change_directory(parent, "", name, new_node(lossy, true));
        }
    }
    return leave(lossy, SL_OK, path, err);
}

static enum sl_status lossy_sync_directory(struct sl_io *io, const char *path, struct sl_error *err)
{
    struct lossy_io *lossy = lossy_of(io);
    SL_TRY(enter(lossy, "sync a directory", err));
    struct lossy_node *node = find(lossy, path);
    if (node != NULL) {
        *node->safe_entries = *node->entries;
        node->change_count = 0;
    }
    return leave(lossy, node == NULL ? SL_NOT_FOUND : SL_OK, path, err);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum sl_status lossy_list(struct sl_io *io, const char *path, struct sl_arena *arena,
                                 const char ***names, uint32_t *count, struct sl_error *err)
{
    struct lossy_io *lossy = lossy_of(io);
    SL_TRY(enter(lossy, "list a directory", err));
    struct lossy_node *node = find(lossy, path);
    *count = node == NULL ? 0 : node->entries->count;
    *names = SL_ARENA_ARRAY(arena, const char *, *count);
    for (uint32_t i = 0; i < *count; i++) {
        (*names)[i] = sl_arena_string(arena, node->entries->items[i].name);
    }
    if (*count > 0) {
        qsort(*names, *count, sizeof(**names), compare_names);
    }
    return leave(lossy, node == NULL ? SL_NOT_FOUND : SL_OK, path, err);
}

static enum sl_status lossy_lock(struct sl_io *io, const char *path, struct sl_file **file,
                                 struct sl_error *err)
{
    struct lossy_io *lossy = lossy_of(io);
    struct lossy_node *node = NULL;
    *file = NULL;
    SL_TRY(enter(lossy, "lock", err));
    enum sl_status status = find_file(lossy, path, true, &node);
    status = status == SL_OK && node->is_locked ? SL_CLOSED : status;
    if (status == SL_OK) {
        node->is_locked = true;
        *file = new_file(lossy, node);
        (*file)->is_lock = true;
    }
    return leave(lossy, status, path, err);
}

void lossy_io_init(struct lossy_io *lossy, uint64_t seed)
{
    memset(lossy, 0, sizeof(*lossy));
    pthread_mutex_init(&lossy->lock, NULL);
    sl_random_init(&lossy->random, seed);
    lossy->calls_left = -1;
    lossy->root = new_node(lossy, true);
    lossy->io = (struct sl_io){.open = lossy_open,
                               .read = lossy_read,
                               .write = lossy_write,
                               .sync = lossy_sync,
                               .map = lossy_map,
                               .close = lossy_close,
                               .stat = lossy_stat,
                               .rename = lossy_rename,
                               .remove = lossy_remove,
                               .make_directory = lossy_make_directory,
                               .sync_directory = lossy_sync_directory,
                               .list = lossy_list,
                               .lock = lossy_lock,
                               .state = lossy};
}

void lossy_io_deinit(struct lossy_io *lossy)
{
    while (lossy->nodes != NULL) {
        struct lossy_node *node = lossy->nodes;
        lossy->nodes = node->next;
        free(node->seen.data);
        free(node->safe.data);
        free(node->entries);
        free(node->safe_entries);
        free(node->changes);
        free(node);
    }
    pthread_mutex_destroy(&lossy->lock);
}

void lossy_io_kill_after(struct lossy_io *lossy, int64_t calls)
{
    lossy->calls_left = calls;
}

/* All, nothing or a torn part of what was written behind the last sync; never synced content that
 * was cut by a new SL_IO_CREATE may be gone too. */
static void crash_file(struct lossy_io *lossy, struct lossy_node *node)
{
    size_t kept = SL_MIN(node->seen.length, node->safe.length);
    size_t torn = node->seen.length > kept ? node->seen.length - kept : 0;
    switch (sl_random_below(&lossy->random, 3)) {
    case 0: /* as it was at its last sync */
        set_bytes(&node->seen, node->safe.data, node->safe.length);
        break;
    case 1: /* the length was written, not all of the bytes */
        if (torn > 0) {
            torn = (size_t)sl_random_below(&lossy->random, torn);
            memset(node->seen.data + node->seen.length - torn, 0, torn);
        }
        break;
    default:
        node->seen.length -= torn > 0 ? (size_t)sl_random_below(&lossy->random, torn) : 0;
        break;
    }
    set_bytes(&node->safe, node->seen.data, node->seen.length);
}

static void crash_directory(struct lossy_io *lossy, struct lossy_node *node)
{
    bool in_order = sl_random_below(&lossy->random, 2) == 0;
    uint32_t kept = (uint32_t)sl_random_below(&lossy->random, node->change_count + 1);
    for (uint32_t i = 0; i < node->change_count; i++) {
        if (in_order ? i < kept : sl_random_below(&lossy->random, 2) == 0) {
            apply(node->safe_entries, &node->changes[i]);
        }
    }
    *node->entries = *node->safe_entries;
    node->change_count = 0;
}

void lossy_io_crash(struct lossy_io *lossy)
{
    for (struct lossy_node *node = lossy->nodes; node != NULL; node = node->next) {
        SL_ASSERT(!node->is_locked);
        if (node->is_directory) {
            crash_directory(lossy, node);
        } else {
            crash_file(lossy, node);
        }
    }
    lossy->is_dead = false;
    lossy->calls_left = -1;
}
