/* SPDX-License-Identifier: Apache-2.0
 *
 * An open-addressed cache of state pointers. A key lies in one of a few slots behind its place;
 * when live keys fill them, the newest takes the first. Always true: a slot whose number is not a
 * known namespace's is as good as empty. */
#include "key_cache.h"

#include "aggregate_value.h"

enum {
    BLOCK_ROWS = 256,
    PROBES = 4,
    SLOT_BITS_FIRST = 9,
    SLOT_BITS_MAX = 20,
    LENGTH_BITS = 8,
    LENGTH_MAX = 16,
    CONFLICTS_SHIFT = 5 /* it grows when a 32nd as many keys as slots were in conflict */
};

#define NO_TAG UINT64_MAX /* of a row that cannot be cached */

struct key {
    uint64_t words[2];
    uint64_t tag;
};

/* Some rows on their way to their values. */
struct block {
    struct key keys[BLOCK_ROWS];
    uint32_t places[BLOCK_ROWS];
    uint16_t missed[BLOCK_ROWS]; /* positions of rows that are not known */
    uint32_t missed_count;
};

static size_t slots_bytes(uint32_t slot_bits)
{
    return (((size_t)1 << slot_bits) + PROBES - 1) * sizeof(struct op_key_slot);
}

/* Not floats: two of their bit patterns may be one key. */
static bool is_cacheable(const struct sl_type *type)
{
    return sl_type_physical(type) <= SL_VIEW && type->id != SL_TYPE_FLOAT &&
           type->id != SL_TYPE_DOUBLE;
}

enum sl_status op_key_cache_open(struct op_key_cache *cache, const struct sl_env *env,
                                 const struct sl_schema *schema, const uint32_t *columns,
                                 uint32_t column_count, struct sl_error *err)
{
    *cache = (struct op_key_cache){.account = env->account,
                                   .table = env->states[0],
                                   .columns = columns,
                                   .column_count = column_count,
                                   .value_bytes = sl_state_value_bytes(&env->node->states[0]),
                                   .slot_bits = SLOT_BITS_FIRST};
    sl_row_keys_init(&cache->row_keys, env->account);
    if (column_count != 1 || !is_cacheable(&schema->columns[columns[0]].type)) {
        return SL_OK;
    }
    cache->slots = sl_memory_alloc(env->account, slots_bytes(cache->slot_bits));
    return cache->slots != NULL ? SL_OK : sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
}

void op_key_cache_close(struct op_key_cache *cache)
{
    sl_row_keys_deinit(&cache->row_keys);
    sl_memory_free(cache->account, cache->slots, slots_bytes(cache->slot_bits));
    cache->slots = NULL;
}

void op_key_cache_forget(struct op_key_cache *cache, int64_t last)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < cache->space_count; i++) {
        if (cache->spaces[i].name_space > last) {
            cache->spaces[kept++] = cache->spaces[i];
        }
    }
    cache->conflict_count = kept == cache->space_count ? cache->conflict_count : 0;
    cache->space_count = kept;
}

static uint64_t space_number(struct op_key_cache *cache, int64_t name_space)
{
    for (uint32_t i = 0; i < cache->space_count; i++) {
        if (cache->spaces[i].name_space == name_space) {
            return cache->spaces[i].number;
        }
    }
    if (cache->space_count == OP_KEY_SPACES) {
        cache->space_count--;
        memmove(cache->spaces, cache->spaces + 1, cache->space_count * sizeof *cache->spaces);
    }
    cache->spaces[cache->space_count++] = (struct op_key_space){name_space, ++cache->space_number};
    return cache->space_number;
}

/* Multiply and fold, as wyhash mixes; the upper bits are the best. */
static inline uint32_t place_of(const uint64_t *words, uint64_t tag, uint32_t slot_bits)
{
    sl_uint128 product = (sl_uint128)(words[0] ^ UINT64_C(0xa0761d6478bd642f)) *
                         (words[1] ^ tag ^ UINT64_C(0xe7037ed1a0b428db));
    return (uint32_t)(((uint64_t)product ^ (uint64_t)(product >> 64)) >> (64 - slot_bits));
}

static inline bool is_same(const struct op_key_slot *slot, const struct key *key)
{
    /* One branch in place of three. */
    return ((slot->words[0] ^ key->words[0]) | (slot->words[1] ^ key->words[1]) |
            (slot->tag ^ key->tag)) == 0;
}

static bool is_live(const struct op_key_cache *cache, const struct op_key_slot *slot)
{
    for (uint32_t i = 0; i < cache->space_count; i++) {
        if (cache->spaces[i].number == slot->tag >> LENGTH_BITS) {
            return true;
        }
    }
    return false;
}

/* Where the key stands, or is to stand. */
static struct op_key_slot *slot_for(struct op_key_cache *cache, const struct key *key)
{
    struct op_key_slot *first = &cache->slots[place_of(key->words, key->tag, cache->slot_bits)];
    struct op_key_slot *unused = NULL;
    for (uint32_t i = 0; i < PROBES; i++) {
        if (is_same(&first[i], key)) {
            return &first[i];
        }
        if (unused == NULL && !is_live(cache, &first[i])) {
            unused = &first[i];
        }
    }
    cache->conflict_count += unused != first;
    return unused == NULL ? first : unused;
}

static void put(struct op_key_cache *cache, const struct key *key, void *value)
{
    *slot_for(cache, key) = (struct op_key_slot){{key->words[0], key->words[1]}, key->tag, value};
}

/* Doubles the slots when keys get into each other's way. Without memory it stays as it is. */
static void grow(struct op_key_cache *cache)
{
    uint32_t old_bits = cache->slot_bits;
    struct op_key_slot *old = cache->slots;
    if (cache->conflict_count < 1u << old_bits >> CONFLICTS_SHIFT || old_bits == SLOT_BITS_MAX) {
        return;
    }
    cache->conflict_count = 0;
    struct op_key_slot *slots = sl_memory_alloc(cache->account, slots_bytes(old_bits + 1));
    if (slots == NULL) {
        return;
    }
    cache->slots = slots;
    cache->slot_bits = old_bits + 1;
    for (uint32_t i = 0; i < (1u << old_bits) + PROBES - 1; i++) {
        if (is_live(cache, &old[i])) {
            struct key key = {{old[i].words[0], old[i].words[1]}, old[i].tag};
            put(cache, &key, old[i].value);
        }
    }
    cache->conflict_count = 0;
    sl_memory_free(cache->account, old, slots_bytes(old_bits));
}

/* Where keys of a block go: copied out of the cache, so that no store makes them be read again. */
struct target {
    const struct op_key_slot *slots;
    uint32_t slot_bits;
    uint64_t tag; /* of the namespace */
};

static inline void place(struct block *block, uint32_t i, struct key key, struct target target)
{
    uint32_t at = place_of(key.words, key.tag, target.slot_bits);
    block->keys[i] = key;
    block->places[i] = at;
    __builtin_prefetch(&target.slots[at]);
}

#define FIXED_LEAF(name, ctype)                                                          \
    static void name(struct block *block, struct op_values values, const uint16_t *rows, \
                     uint32_t count, struct target target)                               \
    {                                                                                    \
        const ctype *data = values.data;                                                 \
        for (uint32_t i = 0; i < count; i++) {                                           \
            ctype value = data[rows[i] & values.mask];                                   \
            uint64_t tag = op_values_valid(&values, rows[i]) ? target.tag : NO_TAG;      \
            place(block, i, (struct key){{(uint64_t)value, UPPER(value)}, tag}, target); \
        }                                                                                \
    }

#define UPPER(value) ((uint64_t)((sl_uint128)(value) >> 64))

FIXED_LEAF(place_w1, uint8_t)
FIXED_LEAF(place_w2, uint16_t)
FIXED_LEAF(place_w4, uint32_t)
FIXED_LEAF(place_w8, uint64_t)
FIXED_LEAF(place_w16, sl_uint128)

static void place_views(struct block *block, struct op_values values, const uint16_t *rows,
                        uint32_t count, struct target target)
{
    const struct sl_view *data = values.data;
    for (uint32_t i = 0; i < count; i++) {
        const struct sl_view *view = &data[rows[i] & values.mask];
        struct key key = {.tag = target.tag | view->length};
        if (!op_values_valid(&values, rows[i]) || view->length > LENGTH_MAX) {
            key.tag = NO_TAG;
        } else if (view->length <= SL_VIEW_INLINE_BYTES) {
            const char *bytes = (const char *)view + offsetof(struct sl_view, prefix);
            memcpy(key.words, bytes, SL_VIEW_INLINE_BYTES);
        } else {
            const char *end = view->tail.data + view->length;
            memcpy(&key.words[0], view->tail.data, sizeof key.words[0]);
            memcpy(&key.words[1], end - sizeof key.words[1], sizeof key.words[1]);
        }
        place(block, i, key, target);
    }
}

static void place_keys(struct block *block, const struct sl_vector *column, const uint16_t *rows,
                       uint32_t count, struct target target)
{
    struct op_values values = op_values_of(column);
    switch (column->physical) {
    case SL_W1:
        place_w1(block, values, rows, count, target);
        break;
    case SL_W2:
        place_w2(block, values, rows, count, target);
        break;
    case SL_W4:
        place_w4(block, values, rows, count, target);
        break;
    case SL_W8:
        place_w8(block, values, rows, count, target);
        break;
    case SL_W16:
        place_w16(block, values, rows, count, target);
        break;
    default:
        place_views(block, values, rows, count, target);
        break;
    }
}

/* Values of the keys that are known, and which are not. */
static void probe(struct block *block, const struct op_key_cache *cache, uint32_t count,
                  void **values)
{
    const struct op_key_slot *slots = cache->slots;
    size_t value_bytes = cache->value_bytes;
    uint32_t missed = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct key *key = &block->keys[i];
        const struct op_key_slot *slot = &slots[block->places[i]];
        uint32_t probes = 0;
        while (!is_same(slot, key) && ++probes < PROBES) {
            slot++;
        }
        if (probes == PROBES) {
            block->missed[missed++] = (uint16_t)i;
            continue;
        }
        values[i] = slot->value;
        __builtin_prefetch(slot->value, 1);
        __builtin_prefetch((const char *)slot->value + value_bytes, 1);
    }
    block->missed_count = missed;
}

/* Asks the table for the rows that were missed. */
static enum sl_status find_missed(struct op_key_cache *cache, const struct sl_batch *batch,
                                  int64_t name_space, const struct block *block,
                                  const uint16_t *rows, void **values, struct sl_error *err)
{
    uint16_t selection[BLOCK_ROWS];
    void *found[BLOCK_ROWS];
    struct sl_batch missed = *batch;
    missed.selection = selection;
    missed.selected_count = block->missed_count;
    for (uint32_t i = 0; i < block->missed_count; i++) {
        selection[i] = rows[block->missed[i]];
    }
    SL_TRY(sl_row_keys_encode(&cache->row_keys, &missed, cache->columns, cache->column_count, err));
    SL_TRY(sl_state_find_or_add(cache->table, name_space, &cache->row_keys, NULL,
                                block->missed_count, found, NULL, NULL, err));
    for (uint32_t i = 0; i < block->missed_count; i++) {
        const struct key *key = &block->keys[block->missed[i]];
        values[block->missed[i]] = found[i];
        if (cache->slots != NULL && key->tag != NO_TAG) {
            put(cache, key, found[i]);
        }
    }
    return SL_OK;
}

enum sl_status op_key_cache_find(struct op_key_cache *cache, const struct sl_batch *batch,
                                 int64_t name_space, const uint16_t *rows, uint32_t count,
                                 void **values, struct sl_error *err)
{
    struct block block;
    uint64_t tag = space_number(cache, name_space) << LENGTH_BITS;
    for (uint32_t first = 0; first < count; first += BLOCK_ROWS) {
        uint32_t row_count = SL_MIN(count - first, (uint32_t)BLOCK_ROWS);
        if (cache->slots != NULL) {
            grow(cache);
            struct target target = {cache->slots, cache->slot_bits, tag};
            place_keys(&block, &batch->columns[cache->columns[0]], rows + first, row_count, target);
            probe(&block, cache, row_count, values + first);
        } else {
            block.missed_count = row_count;
            for (uint32_t i = 0; i < row_count; i++) {
                block.missed[i] = (uint16_t)i;
            }
        }
        if (block.missed_count > 0) {
            SL_TRY(
                find_missed(cache, batch, name_space, &block, rows + first, values + first, err));
        }
    }
    return SL_OK;
}
