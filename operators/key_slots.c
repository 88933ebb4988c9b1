/* SPDX-License-Identifier: Apache-2.0
 *
 * Slots of keys. A key lies in one of a few slots behind its place; when others fill them, the
 * newest takes the first. Rows whose key cannot be kept are sent to slots behind the last, which
 * stay empty. Always true: a slot without value is empty, whatever its words. */
#include "key_slots.h"

#include "aggregate_value.h"

enum {
    PROBES = 4,
    FIRST_BITS = 9,
    LENGTH_MAX = 16,
    CROWDED_SHIFT = 5 /* a 32nd as many keys as slots were in conflict */
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
    return (1u << bits) + PROBES - 1;
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
#define PUT_LEAF(name, slot_type, is_same)                                        \
    static void name(struct op_key_slots *slots, uint32_t place, slot_type made)  \
    {                                                                             \
        slot_type *first = (slot_type *)slots->slots + place;                     \
        slot_type *at = first;                                                    \
        while (at < first + PROBES && at->value != NULL && !is_same(at, &made)) { \
            at++;                                                                 \
        }                                                                         \
        slots->conflict_count += at != first;                                     \
        at = at == first + PROBES ? first : at;                                   \
        slots->key_count += at->value == NULL;                                    \
        *at = made;                                                               \
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

/* Where keys of a block go: copied, so that no store makes them be read again. */
struct target {
    const void *slots;
    uint32_t bits;
};

#define NARROW_LEAF(name, ctype)                                                                \
    static void name(struct op_key_block *block, struct op_values values, const uint16_t *rows, \
                     uint32_t count, struct target target)                                      \
    {                                                                                           \
        const ctype *data = values.data;                                                        \
        for (uint32_t i = 0; i < count; i++) {                                                  \
            uint64_t word = data[rows[i] & values.mask];                                        \
            uint32_t place = place_of_word(word, target.bits);                                  \
            block->words[0][i] = word;                                                          \
            block->places[i] = place;                                                           \
            __builtin_prefetch((const struct narrow *)target.slots + place);                    \
        }                                                                                       \
    }

NARROW_LEAF(place_w1, uint8_t)
NARROW_LEAF(place_w2, uint16_t)
NARROW_LEAF(place_w4, uint32_t)
NARROW_LEAF(place_w8, uint64_t)

static inline void place_wide(struct op_key_block *block, uint32_t i, const uint64_t *words,
                              uint32_t length, struct target target)
{
    uint32_t place = place_of_words(words[0], words[1], length, target.bits);
    block->words[0][i] = words[0];
    block->words[1][i] = words[1];
    block->lengths[i] = length;
    block->places[i] = length <= LENGTH_MAX ? place : nowhere(target.bits);
    __builtin_prefetch((const struct wide *)target.slots + place);
}

static void place_w16(struct op_key_block *block, struct op_values values, const uint16_t *rows,
                      uint32_t count, struct target target)
{
    const char *data = values.data;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t words[2];
        memcpy(words, data + (size_t)(rows[i] & values.mask) * sizeof words, sizeof words);
        place_wide(block, i, words, LENGTH_MAX, target);
    }
}

/* The views of NULLs may be anything. */
static void place_views(struct op_key_block *block, struct op_values values, const uint16_t *rows,
                        uint32_t count, struct target target)
{
    const struct sl_view *data = values.data;
    for (uint32_t i = 0; i < count; i++) {
        const struct sl_view *view = &data[rows[i] & values.mask];
        uint64_t words[2] = {0, 0};
        uint32_t length = op_values_valid(&values, rows[i]) ? view->length : LENGTH_MAX + 1;
        if (length <= SL_VIEW_INLINE_BYTES) {
            memcpy(words, (const char *)view + offsetof(struct sl_view, prefix),
                   SL_VIEW_INLINE_BYTES);
        } else if (length <= LENGTH_MAX) {
            const char *end = view->tail.data + length;
            memcpy(&words[0], view->tail.data, sizeof words[0]);
            memcpy(&words[1], end - sizeof words[1], sizeof words[1]);
        }
        place_wide(block, i, words, length, target);
    }
}

static void send_nulls_nowhere(struct op_key_block *block, const struct op_values *values,
                               const uint16_t *rows, uint32_t count, uint32_t bits)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!op_values_valid(values, rows[i])) {
            block->places[i] = nowhere(bits);
        }
    }
}

void op_key_slots_place(const struct op_key_slots *slots, const struct sl_vector *column,
                        const uint16_t *rows, uint32_t count, struct op_key_block *block)
{
    struct op_values values = op_values_of_rows(column, rows, count);
    struct target target = {slots->slots, slots->bits};
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
    if (values.validity != NULL) {
        send_nulls_nowhere(block, &values, rows, count, slots->bits);
    }
}

static void probe_narrow(const struct narrow *slots, struct op_key_block *block, uint32_t count,
                         void **values)
{
    uint32_t missed = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t word = block->words[0][i];
        const struct narrow *slot = slots + block->places[i];
        const struct narrow *last = slot + PROBES - 1;
        while (slot->word != word && slot < last) {
            slot++;
        }
        void *value = slot->word == word ? slot->value : NULL;
        values[i] = value;
        block->missed[missed] = (uint16_t)i;
        missed += value == NULL;
        __builtin_prefetch(value, 1);
    }
    block->missed_count = missed;
}

static void probe_wide(const struct wide *slots, struct op_key_block *block, uint32_t count,
                       void **values)
{
    uint32_t missed = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct wide key = {{block->words[0][i], block->words[1][i]}, NULL, block->lengths[i]};
        const struct wide *slot = slots + block->places[i];
        const struct wide *last = slot + PROBES - 1;
        while (!is_same_words(slot, &key) && slot < last) {
            slot++;
        }
        void *value = is_same_words(slot, &key) ? slot->value : NULL;
        values[i] = value;
        block->missed[missed] = (uint16_t)i;
        missed += value == NULL;
        __builtin_prefetch(value, 1);
    }
    block->missed_count = missed;
}

void op_key_slots_probe(const struct op_key_slots *slots, struct op_key_block *block,
                        uint32_t count, void **values)
{
    if (slots->is_wide) {
        probe_wide(slots->slots, block, count, values);
    } else {
        probe_narrow(slots->slots, block, count, values);
    }
}
