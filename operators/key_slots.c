/* SPDX-License-Identifier: Apache-2.0
 *
 * Slots of keys. A key lies in one of the eight slots whose numbers differ from its place in the
 * last three bits alone; when others fill them, the newest takes the first. Rows whose key cannot
 * be kept are sent to slots behind the last, which stay empty. Always true: a slot without value is
 * empty, whatever its words. */
#include "key_slots.h"

#include "aggregate_value.h"

enum {
    PROBES = 8, /* place ^ 0, ^ 1, ...: the first two lie in one cache line */
    FIRST_BITS = 9,
    LENGTH_MAX = SL_VIEW_WORDS_BYTES,
    CROWDED_SHIFT = 4,           /* a 16th as many keys as slots were in conflict */
    NEAR_BYTES_MAX = 1024 * 1024 /* of slots that the processor keeps near without being told */
};

struct narrow {
    uint64_t word;
    void *value;
};

struct wide {
    uint64_t words[2];
    void *value;
    uint64_t length;
};

/* The first of the slots that stay empty. */
static uint32_t nowhere(uint32_t bits)
{
    return 1u << bits;
}

static size_t slots_bytes(const struct op_key_slots *slots, uint32_t bits)
{
    return (size_t)(nowhere(bits) + PROBES) *
           (slots->is_wide ? sizeof(struct wide) : sizeof(struct narrow));
}

/* Not floats: two of their bit patterns may be one key. */
bool op_key_slots_take(const struct sl_type *type, bool *is_wide)
{
    enum sl_physical physical = sl_type_physical(type);
    *is_wide = physical >= SL_W16;
    return physical <= SL_VIEW && type->id != SL_TYPE_FLOAT && type->id != SL_TYPE_DOUBLE;
}

bool op_key_slots_reserve(struct op_key_slots *slots, struct sl_account *account)
{
    slots->key_count = 0;
    slots->conflict_count = 0;
    slots->is_settled = false;
    if (slots->slots != NULL) {
        memset(slots->slots, 0, slots_bytes(slots, slots->bits));
        return true;
    }
    slots->bits = FIRST_BITS;
    slots->slots = sl_memory_alloc(account, slots_bytes(slots, slots->bits));
    return slots->slots != NULL;
}

void op_key_slots_release(struct op_key_slots *slots, struct sl_account *account)
{
    sl_memory_free(account, slots->slots, slots_bytes(slots, slots->bits));
    slots->slots = NULL;
}

bool op_key_slots_is_crowded(const struct op_key_slots *slots)
{
    return slots->conflict_count >= 1u << slots->bits >> CROWDED_SHIFT;
}

/* Fibonacci hashing: numbers that follow each other spread evenly. */
static inline uint32_t place_of_word(uint64_t word, uint32_t bits)
{
    return (uint32_t)(word * UINT64_C(0x9E3779B97F4A7C15) >> (64 - bits));
}

/* Multiply and fold, as wyhash mixes; the upper bits are the best. */
static inline uint32_t place_of_words(uint64_t word, uint64_t upper, uint64_t length, uint32_t bits)
{
    sl_uint128 product = (sl_uint128)(word ^ UINT64_C(0xa0761d6478bd642f)) *
                         (upper ^ length ^ UINT64_C(0xe7037ed1a0b428db));
    return (uint32_t)(((uint64_t)product ^ (uint64_t)(product >> 64)) >> (64 - bits));
}

/* Which of the slots takes a key that none of them holds: the first empty one, else the first. */
#define PUT_LEAF(name, slot_type, is_same)                                       \
    static void name(struct op_key_slots *slots, uint32_t place, slot_type made) \
    {                                                                            \
        slot_type *at = slots->slots;                                            \
        uint32_t probe = 0;                                                      \
        while (probe < PROBES && at[place ^ probe].value != NULL &&              \
               !is_same(&at[place ^ probe], &made)) {                            \
            probe++;                                                             \
        }                                                                        \
        slots->conflict_count += probe > 0;                                      \
        at += place ^ (probe == PROBES ? 0 : probe);                             \
        slots->key_count += at->value == NULL;                                   \
        *at = made;                                                              \
    }

static inline bool is_same_word(const struct narrow *a, const struct narrow *b)
{
    return a->word == b->word;
}

static inline bool is_same_words(const struct wide *a, const struct wide *b)
{
    /* One branch in place of three. */
    return ((a->words[0] ^ b->words[0]) | (a->words[1] ^ b->words[1]) | (a->length ^ b->length)) ==
           0;
}

PUT_LEAF(put_narrow, struct narrow, is_same_word)
PUT_LEAF(put_wide, struct wide, is_same_words)

void op_key_slots_put(struct op_key_slots *slots, const struct op_key_block *block, uint32_t idx,
                      void *value)
{
    uint32_t place = block->places[idx];
    if (place >= nowhere(slots->bits)) {
        return;
    }
    if (slots->is_wide) {
        struct wide made = {
            {block->words[0][idx], block->words[1][idx]}, value, block->lengths[idx]};
        put_wide(slots, place, made);
    } else {
        put_narrow(slots, place, (struct narrow){block->words[0][idx], value});
    }
}

void op_key_slots_grow(struct op_key_slots *slots, struct sl_account *account)
{
    struct op_key_slots old = *slots;
    slots->bits++;
    slots->slots = sl_memory_alloc(account, slots_bytes(slots, slots->bits));
    slots->key_count = 0;
    for (uint32_t i = 0; slots->slots != NULL && i < nowhere(old.bits); i++) {
        const struct narrow *narrow = (const struct narrow *)old.slots + i;
        const struct wide *wide = (const struct wide *)old.slots + i;
        if (!old.is_wide && narrow->value != NULL) {
            put_narrow(slots, place_of_word(narrow->word, slots->bits), *narrow);
        } else if (old.is_wide && wide->value != NULL) {
            put_wide(slots,
                     place_of_words(wide->words[0], wide->words[1], wide->length, slots->bits),
                     *wide);
        }
    }
    if (slots->slots == NULL) {
        *slots = old;
    } else {
        op_key_slots_release(&old, account);
    }
    slots->conflict_count = 0;
}

/* Which of the first two slots it is is not to be foreseen, and their last words tell almost
 * always: no branch asks when they are near. When they are far, a guess lets the value come at
 * once. */
#define LOOK_UP_LEAF(name, slot_type, is_same, last_word)                                  \
    static inline void *name(const slot_type *slots, uint32_t place, const slot_type *key, \
                             bool is_near)                                                 \
    {                                                                                      \
        bool is_second = is_near && slots[place].last_word != key->last_word;              \
        const slot_type *slot = &slots[place ^ is_second];                                 \
        for (uint32_t probe = !is_near; !is_same(slot, key); probe++) {                    \
            if (probe == PROBES || slot->value == NULL) {                                  \
                return NULL;                                                               \
            }                                                                              \
            slot = &slots[place ^ probe];                                                  \
        }                                                                                  \
        return slot->value;                                                                \
    }

LOOK_UP_LEAF(look_up_narrow, struct narrow, is_same_word, word)
LOOK_UP_LEAF(look_up_wide, struct wide, is_same_words, words[1])

/* Where keys of a block go: copied, so that no store makes them be read again. */
struct target {
    const void *slots;
    uint32_t bits;
};

/* Keys of fewer than eight bytes. */
#define LOAD_LEAF(name, ctype)                                                              \
    static void name(uint64_t *words, const struct op_values *values, const uint16_t *rows, \
                     uint32_t count)                                                        \
    {                                                                                       \
        const ctype *data = values->data;                                                   \
        uint32_t mask = values->mask;                                                       \
        for (uint32_t i = 0; i < count; i++) {                                              \
            words[i] = data[rows[i] & mask];                                                \
        }                                                                                   \
    }

LOAD_LEAF(load_w1, uint8_t)
LOAD_LEAF(load_w2, uint16_t)
LOAD_LEAF(load_w4, uint32_t)

/* The narrow keys of rows: where they are, or copied to the room given. */
static const uint64_t *words_of(const struct op_values *values, enum sl_physical physical,
                                const uint16_t *rows, uint32_t count, uint64_t *room)
{
    switch (physical) {
    case SL_W1:
        load_w1(room, values, rows, count);
        return room;
    case SL_W2:
        load_w2(room, values, rows, count);
        return room;
    case SL_W4:
        load_w4(room, values, rows, count);
        return room;
    default:
        return op_values_gather(values, sizeof *room, rows, count, room);
    }
}

/* find_* do at once, for slots that are near, what place_* and probe_* do in two passes, so that
 * slots that are far come while others are placed. */
static void place_narrow(struct op_key_block *block, const uint64_t *words, uint32_t count,
                         struct target target)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t word = words[i];
        uint32_t place = place_of_word(word, target.bits);
        block->words[0][i] = word;
        block->places[i] = place;
        __builtin_prefetch((const struct narrow *)target.slots + place);
    }
}

static uint32_t find_narrow(uint16_t *missed, const uint64_t *words, uint32_t count,
                            struct target target, void **found)
{
    uint32_t missed_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct narrow key = {words[i], NULL};
        void *value =
            look_up_narrow(target.slots, place_of_word(key.word, target.bits), &key, true);
        found[i] = value;
        if (SL_UNLIKELY(value == NULL)) {
            missed[missed_count++] = (uint16_t)i;
        }
        __builtin_prefetch(value, 1);
    }
    return missed_count;
}

static inline struct wide key_of_w16(const struct op_values *values, uint32_t row)
{
    struct wide key = {.length = LENGTH_MAX};
    memcpy(key.words, (const char *)values->data + (size_t)(row & values->mask) * sizeof key.words,
           sizeof key.words);
    return key;
}

/* The views of NULLs may be anything. */
static inline struct wide key_of_view(const struct op_values *values, uint32_t row)
{
    const struct sl_view *view = (const struct sl_view *)values->data + (row & values->mask);
    struct wide key = {.length = LENGTH_MAX + 1};
    if (op_values_valid(values, row) && sl_view_words(view, key.words)) {
        key.length = view->length;
    }
    return key;
}

static inline uint32_t place_of_key(const struct wide *key, uint32_t bits)
{
    return key->length <= LENGTH_MAX
               ? place_of_words(key->words[0], key->words[1], key->length, bits)
               : nowhere(bits);
}

#define WIDE_LEAF(suffix, key_of)                                                                  \
    static void place_##suffix(struct op_key_block *block, struct op_values values,                \
                               const uint16_t *rows, uint32_t count, struct target target)         \
    {                                                                                              \
        for (uint32_t i = 0; i < count; i++) {                                                     \
            struct wide key = key_of(&values, rows[i]);                                            \
            uint32_t place = place_of_key(&key, target.bits);                                      \
            block->words[0][i] = key.words[0];                                                     \
            block->words[1][i] = key.words[1];                                                     \
            block->lengths[i] = (uint32_t)key.length;                                              \
            block->places[i] = place;                                                              \
            __builtin_prefetch((const struct wide *)target.slots + place);                         \
        }                                                                                          \
    }                                                                                              \
    static uint32_t find_##suffix(uint16_t *missed, struct op_values values, const uint16_t *rows, \
                                  uint32_t count, struct target target, void **found)              \
    {                                                                                              \
        uint32_t missed_count = 0;                                                                 \
        for (uint32_t i = 0; i < count; i++) {                                                     \
            struct wide key = key_of(&values, rows[i]);                                            \
            void *value = look_up_wide(target.slots, place_of_key(&key, target.bits), &key, true); \
            found[i] = value;                                                                      \
            if (SL_UNLIKELY(value == NULL)) {                                                      \
                missed[missed_count++] = (uint16_t)i;                                              \
            }                                                                                      \
            __builtin_prefetch(value, 1);                                                          \
        }                                                                                          \
        return missed_count;                                                                       \
    }

WIDE_LEAF(w16, key_of_w16)
WIDE_LEAF(views, key_of_view)

typedef void place_leaf(struct op_key_block *block, struct op_values values, const uint16_t *rows,
                        uint32_t count, struct target target);
typedef uint32_t find_leaf(uint16_t *missed, struct op_values values, const uint16_t *rows,
                           uint32_t count, struct target target, void **found);

/* Of wide keys of one physical type. */
struct leaves {
    place_leaf *place;
    find_leaf *find;
};

static const struct leaves WIDE_LEAVES[] = {
    [SL_W16] = {place_w16, find_w16},
    [SL_VIEW] = {place_views, find_views},
};

static void send_nulls_nowhere(struct op_key_block *block, const struct op_values *values,
                               const uint16_t *rows, uint32_t count, uint32_t bits)
{
    for (uint32_t i = 0; values->validity != NULL && i < count; i++) {
        if (!op_values_valid(values, rows[i])) {
            block->places[i] = nowhere(bits);
        }
    }
}

static uint32_t probe_narrow(const struct narrow *slots, struct op_key_block *block, uint32_t count,
                             void **found)
{
    uint32_t missed_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct narrow key = {block->words[0][i], NULL};
        void *value = look_up_narrow(slots, block->places[i], &key, false);
        found[i] = value;
        block->missed[missed_count] = (uint16_t)i;
        missed_count += value == NULL;
        __builtin_prefetch(value, 1);
    }
    return missed_count;
}

static uint32_t probe_wide(const struct wide *slots, struct op_key_block *block, uint32_t count,
                           void **found)
{
    uint32_t missed_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct wide key = {{block->words[0][i], block->words[1][i]}, NULL, block->lengths[i]};
        void *value = look_up_wide(slots, block->places[i], &key, false);
        found[i] = value;
        block->missed[missed_count] = (uint16_t)i;
        missed_count += value == NULL;
        __builtin_prefetch(value, 1);
    }
    return missed_count;
}

/* Rows whose keys are sought, all at once if the slots are near. */
struct sought {
    struct op_values values;
    enum sl_physical physical;
    const uint16_t *rows;
    uint32_t count;
    bool is_near;
};

static void find_narrow_keys(const struct op_key_slots *slots, const struct sought *in,
                             struct op_key_block *block, void **found)
{
    struct target target = {slots->slots, slots->bits};
    const uint64_t *words =
        words_of(&in->values, in->physical, in->rows, in->count, block->words[0]);
    if (in->is_near) {
        block->missed_count = find_narrow(block->missed, words, in->count, target, found);
        if (block->missed_count == 0) {
            return;
        }
    }
    place_narrow(block, words, in->count, target);
    send_nulls_nowhere(block, &in->values, in->rows, in->count, slots->bits);
    if (!in->is_near) {
        block->missed_count = probe_narrow(slots->slots, block, in->count, found);
    }
}

static void find_wide_keys(const struct op_key_slots *slots, const struct sought *in,
                           struct op_key_block *block, void **found)
{
    struct target target = {slots->slots, slots->bits};
    const struct leaves *leaves = &WIDE_LEAVES[in->physical];
    if (in->is_near) {
        block->missed_count =
            leaves->find(block->missed, in->values, in->rows, in->count, target, found);
        if (block->missed_count == 0) {
            return;
        }
    }
    leaves->place(block, in->values, in->rows, in->count, target);
    send_nulls_nowhere(block, &in->values, in->rows, in->count, slots->bits);
    if (!in->is_near) {
        block->missed_count = probe_wide(slots->slots, block, in->count, found);
    }
}

void op_key_slots_find(struct op_key_slots *slots, const struct sl_vector *column,
                       const uint16_t *rows, uint32_t count, struct op_key_block *block,
                       void **found)
{
    struct sought in = {op_values_of_rows(column, rows, count), column->physical, rows, count,
                        false};
    in.is_near = slots->is_settled && in.values.validity == NULL &&
                 slots_bytes(slots, slots->bits) <= NEAR_BYTES_MAX;
    if (slots->is_wide) {
        find_wide_keys(slots, &in, block, found);
    } else {
        find_narrow_keys(slots, &in, block, found);
    }
    slots->is_settled = block->missed_count == 0;
}
