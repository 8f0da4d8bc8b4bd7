/* links: core io base */
#include "unit/core_support.h"

/* One form of time after the other: text in, text out; NULL = refused. */
static void assert_time(const char *text, const char *expected) {
    int64_t time_us = 0;
    const bool is_time = seine_time_parse(seine_str_of(text), &time_us);
    if (is_time != (expected != NULL)) fail_msg("\"%s\" should%s be a time", text, expected != NULL ? "" : " not");
    if (expected == NULL) return;
    char formatted[40];
    assert_int_equal(seine_time_format(time_us, formatted), strlen(expected));
    assert_string_equal(formatted, expected);
}

static void every_form_of_the_archives_is_read(void **state) {
    (void)state;
    assert_time("2025-01-01 00:00:00", "2025-01-01T00:00:00Z");
    assert_time("2025-01-01T23:59:59", "2025-01-01T23:59:59Z");
    assert_time("2025-01-01T12:00:00.5", "2025-01-01T12:00:00.500000Z");
    assert_time("2025-01-01T12:00:00.123456789Z", "2025-01-01T12:00:00.123456Z"); /* cut, not rounded */
    assert_time("2025-01-01T12:00:00.9999999Z", "2025-01-01T12:00:00.999999Z");
    assert_time("2025-01-01 12:00:00 UTC", "2025-01-01T12:00:00Z");
    assert_time(" \t2025-01-01 12:00:00 ", "2025-01-01T12:00:00Z");
    assert_time("2024-02-29", "2024-02-29T00:00:00Z");
}

static void zones_are_taken_off(void **state) {
    (void)state;
    assert_time("2025-01-01T00:30:00+01:00", "2024-12-31T23:30:00Z");
    assert_time("2025-01-01 00:30:00-0530", "2025-01-01T06:00:00Z");
    assert_time("2025-01-01 00:30:00+00", "2025-01-01T00:30:00Z");
    assert_time("2025-01-01T00:30:00.25+01:00", "2024-12-31T23:30:00.250000Z");
}

static void impossible_times_are_refused(void **state) {
    (void)state;
    const char *const bad[] = {
        "",
        "2025",
        "2025-01",
        "2025-1-1 00:00:00",
        "2025-13-01",
        "2025-00-01",
        "2025-01-00",
        "2025-01-32",
        "2023-02-29",
        "1900-02-29",
        "2025-04-31",
        "0000-01-01",
        "2025-01-01T24:00:00",
        "2025-01-01T00:60:00",
        "2025-01-01T00:00:60",
        "2025-01-01T00:00",
        "2025-01-01T00:00:00.",
        "2025-01-01T00:00:00,5",
        "2025-01-01x00:00:00",
        "2025/01/01 00:00:00",
        "2025-01-01T00:00:00+1",
        "2025-01-01T00:00:00+24:00",
        "2025-01-01T00:00:00+01:60",
        "2025-01-01T00:00:00 CET",
        "2025-01-01T00:00:00Zx",
        "20250101T000000Z",
        "+025-01-01",
        "2025-01-01Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_time(bad[i], NULL);
}

static void the_first_and_the_last_moment(void **state) {
    (void)state;
    assert_time("0001-01-01T00:00:00", "0001-01-01T00:00:00Z");
    assert_time("9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999Z");
    assert_time("1969-12-31T23:59:59.999999", "1969-12-31T23:59:59.999999Z");
    char text[40];
    seine_time_format(INT64_MIN, text); /* far outside, yet no overflow */
    seine_time_format(INT64_MAX, text);
}

static void days_before_1970_round_down(void **state) {
    (void)state;
    assert_int_equal(seine_time_day(0), 0);
    assert_int_equal(seine_time_day(-1), -1);
    assert_int_equal(seine_time_day(-SEINE_DAY_US), -1);
    assert_int_equal(seine_time_day(-SEINE_DAY_US - 1), -2);
    assert_int_equal(seine_time_day(SEINE_DAY_US), 1);
    assert_true(seine_time_day_start_us(-1) == -SEINE_DAY_US);
}

static void every_day_of_eight_thousand_years_follows_the_one_before(void **state) {
    (void)state;
    static const int LENGTHS[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int32_t expected = seine_days_from_civil(-2000, 1, 1);
    for (int year = -2000; year < 6000; year++) {
        const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 1; month <= 12; month++) {
            for (int day = 1; day <= LENGTHS[month - 1] + (month == 2 && leap); day++, expected++) {
                int y = 0, m = 0, d = 0;
                seine_civil_from_days(expected, &y, &m, &d);
                if (seine_days_from_civil(year, month, day) != expected || y != year || m != month || d != day) {
                    fail_msg("day %d is not %d-%d-%d", (int)expected, year, month, day);
                }
            }
        }
    }
    assert_int_equal(seine_days_from_civil(1970, 1, 1), 0);
    assert_int_equal(seine_days_from_civil(2000, 3, 1), 11017);
}

static void months_count_from_1970(void **state) {
    (void)state;
    assert_int_equal(seine_month_of_day(0), 0);
    assert_int_equal(seine_month_of_day(31), 1);
    assert_int_equal(seine_month_of_day(-1), -1);
    assert_int_equal(seine_month_of_day(seine_days_from_civil(2025, 1, 1)), 660);
}

static void dates_alone(void **state) {
    (void)state;
    int32_t day = 0;
    assert_true(seine_date_parse(SEINE_STR("2025-01-01"), &day));
    assert_int_equal(day, 20089);
    char text[16];
    assert_int_equal(seine_date_format(day, text), 10);
    assert_string_equal(text, "2025-01-01");
    assert_false(seine_date_parse(SEINE_STR("2025-01-01 "), &day));
    assert_false(seine_date_parse(SEINE_STR("2025-02-30"), &day));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_the_archives_is_read),
        cmocka_unit_test(zones_are_taken_off),
        cmocka_unit_test(impossible_times_are_refused),
        cmocka_unit_test(the_first_and_the_last_moment),
        cmocka_unit_test(days_before_1970_round_down),
        cmocka_unit_test(every_day_of_eight_thousand_years_follows_the_one_before),
        cmocka_unit_test(months_count_from_1970),
        cmocka_unit_test(dates_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
