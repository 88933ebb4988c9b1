/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of strings, LIKE and regular expressions. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support_operator.h"
static void test_strings(void **state)
{
    static const struct support_case cases[] = {
        {"s t CONCAT/2", "hello worldo,  pad  pad,Größe äöü Жö,x,NULL,a,b,,c,"},
        {"s 'a' t '/' CONCAT/4", "hello worldao/,  pad  apad/,Größe äöü Жaö/,ax/,NULL,a,b,,ca,/"},
        {"s UPPER/1", "HELLO WORLD,  PAD  ,GRÖßE ÄÖÜ Ж,,NULL,A,B,,C"},
        {"s UPPER/1 LOWER/1", "hello world,  pad  ,größe äöü ж,,NULL,a,b,,c"},
        {"s CHAR_LENGTH/1", "11,7,11,0,NULL,6"},
        {"s i SUBSTRING/2", "hello world, pad  ,ü Ж,,NULL,a,b,,c"},
        {"s i 3 SUBSTRING/3", "hel, pa,ü Ж,,NULL,a,b"},
        {"s i -1 SUBSTRING/3", "NULL,NULL,NULL,NULL,NULL,NULL"},
        {"s 7 SUBSTR/2", "world, ,äöü Ж,,NULL,"},
        {"s 100 SUBSTRING/2", ",,,,NULL,"},
        {"s -100 SUBSTRING/2", ",,,,NULL,"},
        {"s TRIM/1", "hello world,pad,Größe äöü Ж,,NULL,a,b,,c"},
        {"s LTRIM/1 CHAR_LENGTH/1", "11,5,11,0,NULL,6"},
        {"s RTRIM/1 CHAR_LENGTH/1", "11,5,11,0,NULL,6"},
        {"s BTRIM/1 CHAR_LENGTH/1", "11,3,11,0,NULL,6"},
        {"t s POSITION/2", "5,3,3,0,NULL,2"},
        {"'' s POSITION/2", "1,1,1,1,NULL,1"},
        {"s t 'XY' REPLACE/3", "hellXY wXYrld,  XY  ,GrXYße äXYü Ж,,NULL,aXYbXYXYc"},
        {"s 'o' '' REPLACE/3", "hell wrld,  pad  ,Größe äöü Ж,,NULL,a,b,,c"},
        {"s '' 'x' REPLACE/3", "hello world,  pad  ,Größe äöü Ж,,NULL,a,b,,c"},
        {"s ',' i SPLIT_INDEX/3", "NULL,NULL,NULL,NULL,NULL,b"},
        {"s ',' 2 SPLIT_INDEX/3", "NULL,NULL,NULL,NULL,NULL,"},
        {"s ',' 4 SPLIT_INDEX/3", "NULL,NULL,NULL,NULL,NULL,NULL"},
        {"s ' ' 0 SPLIT_INDEX/3", "hello,,Größe,NULL,NULL,a,b,,c"},
        {"s '' 0 SPLIT_INDEX/3", "hello world,  pad  ,Größe äöü Ж,NULL,NULL,a,b,,c"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_check_cases(&support, "s STRING, i INT, t STRING",
                        "hello world|1|o\n"
                        "  pad  |2|pad\n"
                        "Größe äöü Ж|-3|ö\n"
                        "|0|x\n"
                        "NULL|1|a\n"
                        "a,b,,c|1|,\n",
                        cases, SL_COUNT_OF(cases));
    support_close(&support);
}

static void test_patterns(void **state)
{
    static const struct support_case cases[] = {
        {"s 'h%' LIKE/2", "true,false,false,NULL,false,false"},
        {"s p LIKE/2", "true,false,false,NULL,NULL,true"},
        {"s '%!%' '!' LIKE/3", "false,false,false,NULL,true,false"},
        {"s 'a!_b' '!' LIKE/3", "false,true,false,NULL,false,false"},
        {"s p '!' LIKE/3", "true,false,false,NULL,NULL,true"},
        {"s 'x' 'ab' LIKE/3", "?ESCAPE expects one ASCII character"},
        {"s 'l+' REGEXP/2", "true,false,false,NULL,false,true"},
        {"s '' REGEXP/2", "false,false,false,NULL,false,false"},
        {"s p REGEXP/2", "false,false,!argument out of range,NULL,NULL,false"},
        {"s '(\\d+)-(\\d+)' REGEXP_EXTRACT/2", "NULL,NULL,2020-01,NULL,NULL,NULL"},
        {"s '(\\d+)-(\\d+)' 2 REGEXP_EXTRACT/3", "NULL,NULL,01,NULL,NULL,NULL"},
        {"s '(\\d+)-(\\d+)' 3 REGEXP_EXTRACT/3", "NULL,NULL,NULL,NULL,NULL,NULL"},
        {"s '(\\d+)-(\\d+)' -1 REGEXP_EXTRACT/3", "NULL,NULL,NULL,NULL,NULL,NULL"},
        {"s '(x)|(l)' 1 REGEXP_EXTRACT/3", "NULL,NULL,x,NULL,NULL,NULL"},
        {"s 'b' REGEXP/2 s 'h' REGEXP/2 OR", "true,true,false,NULL,false,false"},
        {"s NULL CAST:STRING LIKE/2", "NULL,NULL,NULL,NULL,NULL,NULL"},
    };
    struct support support;
    (void)state;
    support_open(&support);
    support_check_cases(&support, "s STRING, p STRING",
                        "hello|h%\n"
                        "a_b|a_c\n"
                        "2020-01-02 ERROR x|(\n"
                        "NULL|x\n"
                        "50%|NULL\n"
                        "key=value|%=v____\n",
                        cases, SL_COUNT_OF(cases));
    support_close(&support);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
