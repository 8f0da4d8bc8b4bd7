/* links: core io base */
/* Ranges and windows of SPEC 2.4 by example, and what they mean for the gap step fed with ticks. */
#include "unit/core_support.h"

#include "core/gap_windows.h"
#include "seine/gap.h"

#include <math.h>

#define DAY SEINE_DAY_US
#define JAN_1 INT64_C(1704067200000000) /* 2024-01-01 */

static int64_t ticks_at(int64_t time_us) { return seine_ticks_of_us(time_us); }

/* Windows of one day after 12 hours of history, threshold 6 h, a range of days from 1 January on. */
static seine_gap_windows daily(int first_day, int end_day) {
    return (seine_gap_windows){.offset_us = 12 * HOUR,
                               .period_us = DAY,
                               .min_gap_us = 6 * HOUR,
                               .has_range = true,
                               .range_start_us = JAN_1 + (first_day - 1) * DAY,
                               .range_end_us = JAN_1 + (end_day - 1) * DAY};
}

static void ticks_hold_every_float_of_our_time(void **state) {
    (void)state;
    const double step = ldexp(1, -22); /* between neighbouring floats */
    const double times[] = {0, 1704067200, 1704067200 + step, 1704067200 - step, 1e9 + 0.1, -3600.5, 7999999999.5};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        assert_true((double)seine_ticks_of_seconds(times[i]) / (double)SEINE_TICKS_PER_SECOND == times[i]);
    }
    assert_int_equal(seine_us_of_ticks(seine_ticks_of_seconds(1704067200 + step)), JAN_1);
    assert_int_equal(seine_us_of_ticks(seine_ticks_of_seconds(-step)), -1);
    assert_int_equal(seine_us_of_ticks(seine_ticks_of_us(-3600 * SECOND)), -3600 * SECOND);
}

static void messages_leave_with_their_window(void **state) {
    (void)state;
    const seine_gap_windows one_day = daily(1, 2);
    const int64_t ticks[] = {ticks_at(JAN_1 - 5 * DAY), ticks_at(JAN_1 + DAY - 1), ticks_at(JAN_1 + DAY)};
    assert_int_equal(seine_gap_windows_kept(&one_day, ticks, 3), 2);
    seine_gap_windows without = one_day;
    without.has_range = false;
    assert_int_equal(seine_gap_windows_kept(&without, ticks, 3), 3);
}

static void windows_longer_than_the_range_keep_what_follows_it(void **state) {
    (void)state;
    seine_gap_windows month = daily(1, 2);
    month.period_us = 30 * DAY; /* borders at 1970-01-02 + 30 days each: one on 2024-01-19 */
    const int64_t border_us = (1 + 658 * 30) * DAY;
    const int64_t ticks[] = {ticks_at(JAN_1 + 5 * DAY), ticks_at(border_us - 1), ticks_at(border_us)};
    assert_true(border_us > JAN_1 + 5 * DAY && border_us < JAN_1 + 30 * DAY);
    assert_int_equal(seine_gap_windows_kept(&month, ticks, 3), 2);
}

static void gap_into_the_range_is_reported_unless_it_must_be_stored(void **state) {
    (void)state;
    const seine_gap_windows w = daily(2, 3);
    const int64_t start = JAN_1 + DAY, noon = ticks_at(start + 12 * HOUR);
    assert_true(seine_gap_windows_reports(&w, ticks_at(start - 6 * HOUR), noon));
    assert_false(seine_gap_windows_reports(&w, ticks_at(start - 6 * HOUR - 1), noon));
    assert_false(seine_gap_windows_reports(&w, ticks_at(start - 20 * HOUR), ticks_at(start - 1)));
    assert_true(seine_gap_windows_reports(&w, ticks_at(start), noon));
    /* Inside one window the message before the range always counts. */
    seine_gap_windows wide = w;
    wide.period_us = 180 * DAY;
    assert_true(seine_gap_windows_reports(&wide, ticks_at(start - 23 * HOUR), noon));
}

static void open_gap_ends_with_the_range_or_its_own_day(void **state) {
    (void)state;
    seine_gap_windows w = daily(2, 4);
    const int64_t off = ticks_at(JAN_1 + DAY + HOUR);
    assert_int_equal(seine_gap_windows_watermark(&w, off), ticks_at(JAN_1 + 3 * DAY));
    w.has_range = false;
    assert_int_equal(seine_gap_windows_watermark(&w, off), ticks_at(JAN_1 + 2 * DAY));
    assert_true(seine_gap_windows_reports_open(&w, off));
    w = daily(3, 4);
    assert_true(seine_gap_windows_reports_open(&w, ticks_at(JAN_1 + 2 * DAY - 6 * HOUR)));
    assert_false(seine_gap_windows_reports_open(&w, ticks_at(JAN_1 + 2 * DAY - 6 * HOUR - 1)));
}

static void stored_gap_is_closed_by_the_first_message_after_it(void **state) {
    (void)state;
    seine_gap_windows w = daily(2, 3);
    const int64_t off = ticks_at(JAN_1 + 23 * HOUR);
    const int64_t ticks[] = {off - 5, off, off, off + 1, ticks_at(JAN_1 + 30 * HOUR)};
    assert_int_equal(seine_gap_windows_closing(&w, ticks, 5, off), 3);
    assert_int_equal(seine_gap_windows_closing(&w, ticks, 3, off), 3); /* none */
    w.has_range = false;
    assert_int_equal(seine_gap_windows_closing(&w, ticks, 5, off), 5); /* only in runs over a range */
    w.grouping = SEINE_GROUP_YEARS;
    assert_int_equal(seine_gap_windows_closing(&w, ticks, 5, off), 3); /* except in the 2024 profile */
}

static void history_of_a_silent_window_begins_with_it(void **state) {
    (void)state;
    seine_gap_windows w = daily(1, 10);
    const int64_t ticks[] = {ticks_at(JAN_1 + 11 * HOUR), ticks_at(JAN_1 + 22 * HOUR), ticks_at(JAN_1 + 60 * HOUR)};
    /* The second day's window has no message of its own, and knows the first day from noon on. */
    assert_int_equal(seine_gap_windows_history_start(&w, ticks, 3, 1, &ticks[2]), JAN_1 + 12 * HOUR);
    assert_int_equal(seine_gap_windows_history_start(&w, ticks, 2, 1, NULL), JAN_1 + 12 * HOUR);
    const int64_t next_day = ticks_at(JAN_1 + 40 * HOUR);
    assert_int_equal(seine_gap_windows_history_start(&w, ticks, 3, 1, &next_day), INT64_MIN);
    w.period_us = 30 * DAY;
    assert_int_equal(seine_gap_windows_history_start(&w, ticks, 3, 1, &ticks[2]), INT64_MIN);
}

static void counts_leave_out_other_messages_of_the_same_time(void **state) {
    (void)state;
    const int64_t off = ticks_at(JAN_1);
    const int64_t ticks[] = {off - ticks_at(12 * HOUR) - 1, off - ticks_at(12 * HOUR), off - 1, off, off};
    const uint8_t receiver[] = {SEINE_RECEIVER_TERRESTRIAL, SEINE_RECEIVER_SATELLITE, SEINE_RECEIVER_OTHER,
                                SEINE_RECEIVER_TERRESTRIAL, SEINE_RECEIVER_DYNAMIC};
    size_t counts[4];
    seine_gap_sums sums[6];
    seine_gap_windows_sums(receiver, 5, sums);
    seine_gap_windows_count(ticks, sums, 4, 12 * HOUR, INT64_MIN, counts);
    const size_t expected[4] = {3, 0, 1, 1};
    assert_memory_equal(counts, expected, sizeof counts);
    seine_gap_windows_count(ticks, sums, 4, 12 * HOUR, JAN_1 - 1, counts);
    assert_int_equal(counts[0], 2);
}

static void groups_of_2024_are_years_or_days(void **state) {
    (void)state;
    seine_gap_windows w = daily(2, 3);
    const int64_t new_year = ticks_at(JAN_1);
    const int64_t ticks[] = {new_year - 7, new_year - 7, new_year, new_year};
    w.grouping = SEINE_GROUP_YEARS;
    assert_int_equal(seine_gap_windows_off(&w, ticks, 1, &ticks[2]), 0); /* a boundary: the first of equal times */
    const int64_t spring = ticks_at(JAN_1 + 90 * DAY);
    assert_int_equal(seine_gap_windows_off(&w, ticks, 3, &spring), 3); /* inside a year: the last */
    assert_int_equal(seine_gap_windows_off(&w, ticks, 3, NULL), 2);
    w.grouping = SEINE_GROUP_DAYS;
    assert_int_equal(seine_gap_windows_off(&w, ticks, 3, &spring), 2);
    /* The range filters the inside of groups only. */
    assert_false(seine_gap_windows_reports(&w, new_year, ticks_at(JAN_1 + 9 * HOUR)));
    assert_true(seine_gap_windows_reports(&w, ticks_at(JAN_1 + DAY), ticks_at(JAN_1 + DAY + 9 * HOUR)));
    assert_true(seine_gap_windows_reports(&w, ticks[1], ticks[2]));
    assert_int_equal(seine_gap_windows_kept(&w, ticks, 4), 4);
}

/* The truth table of the open-gap test: threshold, time of the last message, day of the run. */
/* Inside of a group, silences of days outside of the range are not reported; over the end of a group all are. */
static void groups_outside_of_the_range_are_not_reported(void **state) {
    (void)state;
    const seine_gap_windows w = {.grouping = SEINE_GROUP_DAYS,
                                 .min_gap_us = 6 * HOUR,
                                 .has_range = true,
                                 .range_start_us = JAN_1 + DAY,
                                 .range_end_us = JAN_1 + 3 * DAY};
    for (int day = 0; day < 5; day++) {
        const int64_t start = JAN_1 + day * DAY;
        assert_int_equal(seine_gap_windows_reports(&w, ticks_at(start), ticks_at(start + DAY - 1)),
                         day == 1 || day == 2);
        assert_true(seine_gap_windows_reports(&w, ticks_at(start), ticks_at(start + DAY)));
    }
}

static void open_gap_vectors(void **state) {
    (void)state;
    seine_json *json = read_data_json("oracles/pipe-gaps/eval_open_gap_vectors.json");
    const seine_json_value root = seine_json_root(json);
    assert_true(seine_json_count(root) > 20);
    for (size_t i = 0; i < seine_json_count(root); i++) {
        const seine_json_value vector = seine_json_at(root, i);
        const int64_t ticks = seine_ticks_of_seconds(seine_json_number(seine_json_get(vector, "timestamp"), NAN));
        const double threshold_h = seine_json_number(seine_json_get(vector, "threshold_h"), NAN);
        seine_gap_windows w = {.period_us = 180 * DAY, .min_gap_us = (int64_t)(threshold_h * (double)HOUR)};
        int32_t day = 0;
        w.has_range = seine_date_parse(seine_json_text(seine_json_get(vector, "today")), &day);
        w.range_start_us = seine_time_day_start_us(day);
        w.range_end_us = w.range_start_us + DAY;
        const int64_t silence = seine_gap_windows_watermark(&w, ticks) - ticks;
        assert_int_equal(silence > seine_ticks_of_us(w.min_gap_us),
                         seine_json_bool(seine_json_get(vector, "open"), false));
    }
    seine_json_free(json);
}

/* The step does not care what a unit of time is, so a quarter of a microsecond above the threshold is a gap. */
static void step_fed_with_ticks_sees_the_smallest_silence(void **state) {
    (void)state;
    const seine_gap_config config = {.min_gap_us = ticks_at(6 * HOUR), .history_us = ticks_at(12 * HOUR)};
    const double start = 1704067200.25, step = ldexp(1, -22);
    const int64_t ticks[] = {seine_ticks_of_seconds(start), seine_ticks_of_seconds(start + 21600),
                             seine_ticks_of_seconds(start + 43200 + step)};
    seine_state gap = {0};
    seine_event events[4];
    seine_step_out out = {.events = events, .capacity = 4};
    seine_track track = {.time_us = ticks, .count = 3};
    seine_status status = seine_gap_step.init(&config, &gap);
    if (status == SEINE_E_SPACE) {
        grow_state(&gap);
        status = seine_gap_step.init(&config, &gap);
    }
    while (status == SEINE_OK && track.pos < track.count) {
        status = seine_gap_step.feed(&config, &gap, &track, &out);
        if (status == SEINE_E_SPACE) {
            grow_state(&gap);
            status = SEINE_OK;
        }
    }
    assert_int_equal(status, SEINE_OK);
    assert_int_equal(out.pos, 1);
    assert_int_equal(events[0].start_ref, 1);
    assert_int_equal((int)events[0].measure[SEINE_GAP_BEFORE], 2);
    free(gap.data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_hold_every_float_of_our_time),
        cmocka_unit_test(messages_leave_with_their_window),
        cmocka_unit_test(windows_longer_than_the_range_keep_what_follows_it),
        cmocka_unit_test(gap_into_the_range_is_reported_unless_it_must_be_stored),
        cmocka_unit_test(open_gap_ends_with_the_range_or_its_own_day),
        cmocka_unit_test(stored_gap_is_closed_by_the_first_message_after_it),
        cmocka_unit_test(history_of_a_silent_window_begins_with_it),
        cmocka_unit_test(counts_leave_out_other_messages_of_the_same_time),
        cmocka_unit_test(groups_of_2024_are_years_or_days),
        cmocka_unit_test(groups_outside_of_the_range_are_not_reported),
        cmocka_unit_test(open_gap_vectors),
        cmocka_unit_test(step_fed_with_ticks_sees_the_smallest_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
