/* SPDX-License-Identifier: Apache-2.0
 *
 * A ring between two threads gives out what was put in, in order, with few batches for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sched.h>
#include <stdio.h>

#include "engine/ring.h"

enum { MESSAGE_COUNT = 20000, BATCH_ROWS = 4 };

static const struct sl_column columns[] = {{"id", {.id = SL_TYPE_BIGINT}},
                                           {"text", {.id = SL_TYPE_VARCHAR}}};
static const struct sl_schema schema = {2, columns};

static void fill(struct sl_batch_builder *builder, int64_t number)
{
    assert_int_equal(builder->batch.row_count, 0);
    ((int64_t *)builder->batch.columns[0].data)[0] = number;
    char *text =
        sl_arena_printf(&builder->strings, "the long text of number %lld", (long long)number);
    ((struct sl_view *)builder->batch.columns[1].data)[0] = sl_view_of(text, strlen(text));
    builder->batch.row_count = 1;
    builder->batch.selected_count = 1;
}

/* Every third message is a signal. */
static void *produce(void *user)
{
    struct eng_ring *ring = user;
    for (int64_t number = 0; number < MESSAGE_COUNT; number++) {
        struct eng_message message = {.signal = {.kind = SL_SIGNAL_WATERMARK, .value = number}};
        if (number % 3 != 0) {
            assert_int_equal(eng_ring_take(ring, &message.batch, NULL), SL_OK);
            fill(message.batch, number);
        }
        while (!eng_ring_push(ring, message)) {
            sched_yield();
        }
    }
    return NULL;
}

static void check(const struct eng_message *message, int64_t number)
{
    if (number % 3 == 0) {
        assert_null(message->batch);
        assert_int_equal(message->signal.value, number);
        return;
    }
    const struct sl_batch *batch = &message->batch->batch;
    const struct sl_view *view = batch->columns[1].data;
    char expected[64];
    snprintf(expected, sizeof(expected), "the long text of number %lld", (long long)number);
    assert_int_equal(((int64_t *)batch->columns[0].data)[0], number);
    assert_int_equal(view->length, strlen(expected));
    assert_memory_equal(sl_view_data(view), expected, view->length);
}

static void consume(struct eng_ring *ring)
{
    struct sl_batch_builder *held = NULL;
    for (int64_t number = 0; number < MESSAGE_COUNT;) {
        struct eng_message message;
        if (held != NULL) {
            eng_ring_give_back(ring, held);
            held = NULL;
        }
        if (!eng_ring_pop(ring, &message)) {
            sched_yield();
            continue;
        }
        check(&message, number++);
        held = message.batch;
    }
}

static void what_goes_in_comes_out(void **unused)
{
    (void)unused;
    for (uint32_t slots = 1; slots <= 16; slots *= 4) {
        struct sl_account account = {.name = "ring"};
        struct eng_worker workers[2] = {{.is_sleeping = 0}, {.is_sleeping = 0}};
        struct eng_ring ring = {
            .account = &account, .producer = &workers[0], .consumer = &workers[1]};
        assert_int_equal(eng_ring_init(&ring, &schema, slots, BATCH_ROWS, NULL), SL_OK);
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, produce, &ring), 0);
        consume(&ring);
        pthread_join(thread, NULL);
        assert_false(eng_ring_can_pop(&ring));
        assert_true(ring.builder_count <= slots + 2);
        eng_ring_deinit(&ring);
        assert_int_equal(sl_account_used(&account), 0);
    }
}

static void a_full_ring_says_so(void **unused)
{
    (void)unused;
    struct eng_worker worker = {.is_sleeping = 0};
    struct eng_ring ring = {.producer = &worker, .consumer = &worker};
    struct eng_message message = {.signal = {.kind = SL_SIGNAL_IDLE}};
    assert_int_equal(eng_ring_init(&ring, &schema, 2, BATCH_ROWS, NULL), SL_OK);
    assert_false(eng_ring_pop(&ring, &message));
    assert_true(eng_ring_push(&ring, message));
    assert_true(eng_ring_push(&ring, message));
    assert_false(eng_ring_push(&ring, message));
    assert_false(eng_ring_can_push(&ring));
    assert_true(eng_ring_pop(&ring, &message));
    assert_true(eng_ring_push(&ring, message));
    eng_ring_deinit(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_in_comes_out),
        cmocka_unit_test(a_full_ring_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
