/* links: core io base */
#include "unit/core_support.h"

#include "base/number.h"

#include <math.h>

static void assert_text(double value, const char *expected) {
    char text[32];
    const size_t size = seine_number_text(value, text);
    assert_string_equal(text, expected);
    assert_int_equal(size, strlen(expected));
}

static double parsed(const char *text) {
    double value = NAN;
    if (!seine_number_parse(seine_str_of(text), &value)) fail_msg("\"%s\" should be a number", text);
    return value;
}

static bool refused(const char *text) {
    double value = 0;
    return !seine_number_parse(seine_str_of(text), &value);
}

static void number_text_is_the_shortest_that_reads_back(void **state) {
    (void)state;
    assert_text(0.1, "0.1");
    assert_text(0.1 + 0.2, "0.30000000000000004");
    assert_text(1.0 / 3, "0.3333333333333333");
    assert_text(-33.856784, "-33.856784");
    assert_text(1704067200.123456, "1704067200.123456");
    assert_text(5e-324, "5e-324");
    assert_text(1.7976931348623157e308, "1.7976931348623157e+308");
    assert_text(0x1p-44, "5.684341886080802e-14"); /* the nearest 16 digits do not read back, their neighbour does */
    assert_text(0x1p-1022, "2.2250738585072014e-308");
}

static void whole_numbers_end_in_point_zero_below_ten_to_the_sixteen(void **state) {
    (void)state;
    assert_text(0, "0.0");
    assert_text(-0.0, "-0.0");
    assert_text(1704067200, "1704067200.0");
    assert_text(1e15, "1000000000000000.0");
    assert_text(9999999999999998, "9999999999999998.0");
    assert_text(1e16, "1e+16");
    assert_text(1e22, "1e+22");
    assert_text(123456789012345680.0, "1.2345678901234568e+17");
}

static void small_numbers_take_the_exponent_form_below_a_ten_thousandth(void **state) {
    (void)state;
    assert_text(0.0001, "0.0001");
    assert_text(0.00012345, "0.00012345");
    assert_text(0.00001, "1e-05");
    assert_text(-1e-7, "-1e-07");
    assert_text(1.5e-10, "1.5e-10");
}

static void what_is_no_number_is_named(void **state) {
    (void)state;
    assert_text(NAN, "nan");
    assert_text(INFINITY, "inf");
    assert_text(-INFINITY, "-inf");
}

/* The quick way for few decimals gives what printing with so many decimals gives, without its zeros. */
static void number_text_of_few_decimals_is_the_decimal(void **state) {
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 200000; i++) {
        const int decimals = 1 + (int)(next_random(&seed) % 7);
        const long long whole = (long long)(next_random(&seed) % 100000000000) + 1;
        double power = 1;
        for (int k = 0; k < decimals; k++) power *= 10;
        const double value = (double)whole / power;
        if (value < 1e-4) continue;
        char expected[64];
        size_t size = (size_t)snprintf(expected, sizeof expected, "%.*f", decimals, value);
        while (expected[size - 1] == '0' && expected[size - 2] != '.') expected[--size] = '\0';
        assert_text(value, expected);
    }
}

static void random_doubles_survive_text_and_back(void **state) {
    (void)state;
    uint64_t seed = 42;
    for (int i = 0; i < 200000; i++) {
        const uint64_t bits = next_random(&seed) >> (i % 3 == 0 ? next_random(&seed) % 64 : 0);
        double value = 0;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) continue;
        char text[32];
        seine_number_text(value, text);
        const double back = parsed(text);
        assert_memory_equal(&back, &value, sizeof value);
    }
}

static void decimal_text_gives_the_nearest_double(void **state) {
    (void)state;
    assert_true(parsed("28.5") == 28.5);
    assert_true(parsed("-122.41948") == -122.41948);
    assert_true(parsed("1e22") == 1e22);
    assert_true(parsed("9007199254740993") == 9007199254740992.0); /* half way: to even */
    assert_true(parsed("9007199254740993.00000000000000000000001") == 9007199254740994.0);
    assert_true(parsed("1.7976931348623157e308") == 1.7976931348623157e308);
    assert_true(parsed("4.9e-324") == 5e-324);
    assert_true(parsed("1e-400") == 0);
    assert_true(parsed("0.000000000000000000000000000000000000000000000000012e50") == 1.2);
    assert_true(signbit(parsed("-0")) != 0);
}

static void digits_beyond_any_double_still_decide_a_tie(void **state) {
    (void)state;
    char text[1200];
    const int n = snprintf(text, sizeof text, "9007199254740993.");
    memset(text + n, '0', 1000);
    text[n + 1000] = '\0';
    assert_true(parsed(text) == 9007199254740992.0);
    text[n + 999] = '1';
    assert_true(parsed(text) == 9007199254740994.0);
}

static void signs_points_exponents_and_blanks(void **state) {
    (void)state;
    assert_true(parsed("+5") == 5);
    assert_true(parsed("5.") == 5);
    assert_true(parsed(".5") == 0.5);
    assert_true(parsed("1E+3") == 1000);
    assert_true(parsed(" \t7 ") == 7);
}

static void anything_else_is_refused(void **state) {
    (void)state;
    const char *const bad[] = {"",    " ",   ".",   "-",     "+-1", "1e",  "e5",   "0x10",  "inf",     "nan",
                               "1 2", "1_0", "1,5", "1.2.3", "--1", "1e+", "1e5x", "1e999", "Infinity"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (!refused(bad[i])) fail_msg("\"%s\" should be refused", bad[i]);
    }
}

static void integers_fill_their_range_and_no_more(void **state) {
    (void)state;
    int64_t value = 0;
    assert_true(seine_integer_parse(SEINE_STR("9223372036854775807"), &value) && value == INT64_MAX);
    assert_true(seine_integer_parse(SEINE_STR("-9223372036854775808"), &value) && value == INT64_MIN);
    assert_true(seine_integer_parse(SEINE_STR("+12"), &value) && value == 12);
    assert_true(seine_integer_parse(SEINE_STR("007"), &value) && value == 7);
    const char *const bad[] = {"",   "-",   "9223372036854775808", "-9223372036854775809", "1.0", " 1",
                               "1 ", "0x1", "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (seine_integer_parse(seine_str_of(bad[i]), &value)) fail_msg("\"%s\" should be refused", bad[i]);
    }
}

static void counts_are_told_in_their_number(void **state) {
    (void)state;
    assert_string_equal(seine_count(0, "file").text, "0 files");
    assert_string_equal(seine_count(1, "file").text, "1 file");
    assert_string_equal(seine_count(2, "batch").text, "2 batches");
    assert_string_equal(seine_count(1, "batch").text, "1 batch");
    assert_string_equal(seine_count(3, "fix").text, "3 fixes");
    assert_string_equal(seine_count(INT64_MIN, "row").text, "-9223372036854775808 rows");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_told_in_their_number),
        cmocka_unit_test(number_text_is_the_shortest_that_reads_back),
        cmocka_unit_test(number_text_of_few_decimals_is_the_decimal),
        cmocka_unit_test(whole_numbers_end_in_point_zero_below_ten_to_the_sixteen),
        cmocka_unit_test(small_numbers_take_the_exponent_form_below_a_ten_thousandth),
        cmocka_unit_test(what_is_no_number_is_named),
        cmocka_unit_test(random_doubles_survive_text_and_back),
        cmocka_unit_test(decimal_text_gives_the_nearest_double),
        cmocka_unit_test(digits_beyond_any_double_still_decide_a_tie),
        cmocka_unit_test(signs_points_exponents_and_blanks),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(integers_fill_their_range_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
