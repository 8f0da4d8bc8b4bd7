/* links: core base */
/* Texts that look like SQL (SPEC 5.4). */
#include "core/injection.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

/* Names of what is found, with blanks between. */
static const char *found_in(seine_str text, char names[256]) {
    const uint32_t found = seine_injection_find(text);
    size_t size = 0;
    names[0] = '\0';
    for (unsigned i = 0; i < SEINE_INJECTION_COUNT; i++)
        if ((found >> i & 1) != 0)
            size += (size_t)snprintf(names + size, 256 - size, "%s%s", size > 0 ? " " : "", seine_injection_name(i));
    assert_true(found >> SEINE_INJECTION_COUNT == 0);
    return names;
}

static void expect(const char *text, const char *expected) {
    char names[256];
    if (strcmp(found_in(seine_str_of(text), names), expected) != 0)
        fail_msg("<%s>: expected <%s>, found <%s>", text, expected, names);
}

/* oracles/telematics/sql_injection_vectors.json */
static void vectors_of_the_oracle(void **state) {
    (void)state;
    expect("DROP TABLE users;", "; DROP");
    expect("JTMKF4DV0A5016322", "");
    expect("drop", "DROP");
    expect("dropped", "");
    expect("x'y'z", "'...'");
    expect("x'y", "");
    expect("a;b", ";");
    expect("union  all", "UNION [ALL]");
    expect("selection", "");
    expect("update_", "");
    expect("UPDATE-", "UPDATE");
    expect("O''Brien", "'...'");
    expect("''", "'...'");
    expect("insert   into t", "INSERT [INTO]");
    expect("EXECUTED", "");
    expect("EXECUTE", "EXECUTE");
    expect("None", "");
    expect("1 OR 1=1", "");
}

static void every_word_is_known_and_only_as_a_whole(void **state) {
    (void)state;
    static const char *const words[] = {"ALTER",  "CREATE", "DELETE", "DROP",   "EXEC", "EXECUTE",
                                        "INSERT", "MERGE",  "SELECT", "UPDATE", "UNION"};
    assert_int_equal(sizeof words / sizeof *words, SEINE_INJECTION_COUNT - SEINE_INJECTION_WORDS);
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        char text[32];
        const uint32_t bit = 1U << (SEINE_INJECTION_WORDS + i);
        assert_memory_equal(seine_injection_name(SEINE_INJECTION_WORDS + i), words[i], strlen(words[i]));
        assert_int_equal(seine_injection_find(seine_str_of(words[i])), bit);
        static const char *const whole[] = {"(%s)", "/*%s", "-%s,", "\n%s\t", "é %s ü", "1=%s"};
        for (size_t k = 0; k < sizeof whole / sizeof *whole; k++) {
            (void)snprintf(text, sizeof text, whole[k], words[i]);
            assert_int_equal(seine_injection_find(seine_str_of(text)), bit);
        }
        static const char *const parts[] = {"_%s", "%s_", "1%s", "%s2", "x%s", "%sx", "é%s", "%sß", "%s字"};
        for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
            (void)snprintf(text, sizeof text, parts[k], words[i]);
            assert_int_equal(seine_injection_find(seine_str_of(text)), 0);
        }
    }
}

static void signs_and_broken_bytes_end_words(void **state) {
    (void)state;
    expect("\xc2\xa0"
           "drop"
           "\xe2\x80\x93",
           "DROP"); /* no-break space, dash */
    expect("\xef\xbc\x9b"
           "drop",
           "DROP");                         /* the wide semicolon is none, but no letter either */
    expect("drop\xf0\x9f\x98\x80", "DROP"); /* an emoji */
    expect("drop\xff"
           "select\xc3",
           "DROP SELECT");              /* no UTF-8 */
    expect("drop\xed\xa0\x80", "DROP"); /* half of a pair */
    expect("drop\xe2\x82", "DROP");     /* cut off */
    expect("", "");
}

static void several_are_told_in_their_order(void **state) {
    (void)state;
    char names[256];
    expect("union select ';' exec", "'...' ; EXEC SELECT UNION [ALL]");
    expect("' OR '1'='1", "'...'");
    assert_string_equal(found_in((seine_str){"a\0;", 3}, names), ";");
    assert_string_equal(found_in((seine_str){"drop\0x", 6}, names), "DROP");
    assert_string_equal(found_in((seine_str){NULL, 0}, names), "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_the_oracle),
        cmocka_unit_test(every_word_is_known_and_only_as_a_whole),
        cmocka_unit_test(signs_and_broken_bytes_end_words),
        cmocka_unit_test(several_are_told_in_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
