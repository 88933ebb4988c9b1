/* SPDX-License-Identifier: Apache-2.0
 *
 * The frozen numbers: if one of these fails, every state that was ever written is lost. */
#include "engine/core/crc32c.h"
#include "sluice/clock.h"
#include "sluice/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void hashes_are_frozen(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t hash;
    } cases[] = {
        {"", 0x2D06800538D394C2},
        {"a", 0xE6C632B61E964E1F},
        {"abc", 0x78AF5F94892F3950},
        {"dev-4711", 0x2F3C6DAD639B73E0},
        {"0123456789abcdef", 0x64439946D8FA212D},
        {"0123456789abcdefg", 0xD2E63ED5466F5C32},
        {"The quick brown fox jumps over the lazy dog", 0xCE7D19A5418FB365},
        {"0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefg"
         "hijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789",
         0x19E686D0E4A4E37E},
        {"0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefg"
         "hijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwx"
         "yz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcde"
         "fghijklmnopqrstuvwxyz0123456789",
         0x09BB9DC5099E9A76},
    };
    for (size_t i = 0; i < SL_COUNT_OF(cases); i++) {
        assert_int_equal(sl_hash_bytes(cases[i].text, strlen(cases[i].text)), cases[i].hash);
    }
    assert_int_equal(sl_hash_bytes(NULL, 0), cases[0].hash);
}

static void crc32c_has_the_published_values(void **state)
{
    (void)state;
    unsigned char bytes[32];
    assert_int_equal(sl_crc32c(0, "123456789", 9), 0xE3069283);
    assert_int_equal(sl_crc32c(0, NULL, 0), 0);
    memset(bytes, 0, sizeof(bytes)); /* RFC 3720, B.4 */
    assert_int_equal(sl_crc32c(0, bytes, sizeof(bytes)), 0x8A9136AA);
    memset(bytes, 0xFF, sizeof(bytes));
    assert_int_equal(sl_crc32c(0, bytes, sizeof(bytes)), 0x62A8AB43);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (unsigned char)i;
    }
    assert_int_equal(sl_crc32c(0, bytes, sizeof(bytes)), 0x46DD794E);
}

static void every_path_agrees(void **state)
{
    (void)state;
    unsigned char bytes[300];
    struct sl_random random;
    sl_random_init(&random, 7);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (unsigned char)sl_random_next(&random);
    }
    for (size_t length = 0; length < 270; length++) {
        const unsigned char *at = bytes + length % 9;
        uint32_t whole = sl_crc32c(0, at, length);
        assert_int_equal(whole, sl_crc32c_portable(0, at, length));
        size_t cut = length / 3;
        assert_int_equal(whole, sl_crc32c(sl_crc32c(0, at, cut), at + cut, length - cut));
    }
}

static void key_groups_are_dealt_in_ranges(void **state)
{
    (void)state;
    assert_int_equal(sl_key_group(0), 0);
    assert_int_equal(sl_key_group(UINT64_MAX), SL_KEY_GROUP_COUNT - 1);
    for (uint32_t workers = 1; workers <= SL_KEY_GROUP_COUNT; workers++) {
        uint32_t last = 0;
        for (uint32_t group = 0; group < SL_KEY_GROUP_COUNT; group++) {
            uint32_t worker = sl_key_group_worker(group, workers);
            assert_true(worker == last || worker == last + 1);
            last = worker;
        }
        assert_int_equal(last, workers - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_frozen),
        cmocka_unit_test(crc32c_has_the_published_values),
        cmocka_unit_test(every_path_agrees),
        cmocka_unit_test(key_groups_are_dealt_in_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
