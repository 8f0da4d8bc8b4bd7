/* links: core io base */
/* Rules of SPEC 4.2 to 4.4 and 4.7 as given messages and expected events. */
#include "unit/fishing_support.h"

#define METRE (1 / 111195.10117748393) /* a degree of the equator by rule G2 */

static messages m;
static answer a;

/* A message on the equator, both scores the same; the way from the one before is left to the step. */
static size_t put(int64_t seconds, double metres_east, double score) {
    const size_t i = m.count++;
    m.time_us[i] = seconds * SECOND;
    m.lat_deg[i] = 0;
    m.lon_deg[i] = metres_east * METRE;
    m.speed[i] = 3;
    m.nnet[i] = m.night[i] = score;
    m.metres[i] = m.hours[i] = m.implied[i] = NAN;
    m.ref[i] = 100 + i;
    return i;
}

/* Events of the first chain. */
static size_t events_of(seine_event events[16]) {
    size_t count = 0;
    find_events(seine_fishing_config_default(), &m, &a);
    for (size_t i = 0; i < a.count; i++)
        if (a.events[i].kind == SEINE_FISHING_NNET) events[count++] = a.events[i];
    return count;
}

static size_t event_count(void) {
    seine_event events[16];
    return events_of(events);
}

static void a_message_without_a_score_parts_runs_and_not_events(void **state) {
    (void)state;
    m.count = 0;
    put(0, 0, 1);
    put(300, 10, 1);
    put(600, 20, NAN);
    put(900, 30, 1);
    seine_event events[16];
    assert_int_equal(events_of(events), 1);
    assert_true(events[0].measure[SEINE_FISHING_MESSAGES] == 3); /* the one without a score is none of it */
    assert_true(a.start_us[0][2] == SEINE_INTEGER_NULL && a.start_us[0][3] == 0);
    assert_true(events[0].start_ref == 100 && events[0].end_ref == 103);
}

static void runs_3600_seconds_apart_are_one_event_and_3601_are_two(void **state) {
    (void)state;
    for (int64_t extra = 0; extra < 2; extra++) {
        m.count = 0;
        put(0, 0, 1);
        put(60, 0, 1);
        put(120, 0, 0);
        put(60 + 3600 + extra, 0, 1);
        assert_int_equal(event_count(), 1 + extra);
    }
    m.time_us[3] -= 1; /* 3600.999999 s are 3600 whole ones */
    assert_int_equal(event_count(), 1);
}

static void runs_begin_2000_metres_apart_or_are_two_events_even_when_they_touch(void **state) {
    (void)state;
    for (int far = 0; far < 2; far++) {
        m.count = 0;
        put(0, 0, 1);
        put(60, 1000, NAN);
        put(120, far ? 2000.001 : 1999.999, 1);
        assert_int_equal(event_count(), 1 + far);
    }
}

static void a_silence_of_two_hours_stays_one_event(void **state) {
    (void)state;
    for (int64_t extra = 0; extra < 2; extra++) {
        m.count = 0;
        put(0, 0, 1);
        put(7200 + extra, 0, 1);
        assert_int_equal(event_count(), 1 + extra);
    }
}

static void with_other_messages_in_between_an_hour_ends_it(void **state) {
    (void)state;
    m.count = 0;
    put(0, 0, 1);
    put(1800, 0, 0);
    put(3601, 0, 1);
    assert_int_equal(event_count(), 2);
    m.nnet[1] = NAN; /* the run lasts to the message without a score */
    assert_int_equal(event_count(), 1);
    m.time_us[2] = (1800 + 3601) * SECOND;
    assert_int_equal(event_count(), 2);
}

static void a_step_of_more_than_10_kilometres_begins_a_run(void **state) {
    (void)state;
    m.count = 0;
    put(0, 0, 1);
    put(60, 100, 1);
    m.metres[1] = 10000;
    assert_int_equal(event_count(), 1);
    m.metres[1] = 10000.5;
    put(120, 2050, 1); /* no run of its own, so its distance does not matter */
    assert_int_equal(event_count(), 1);
    m.lon_deg[1] = 2001 * METRE;
    assert_int_equal(event_count(), 2);
}

static void messages_without_a_position_or_at_a_pole_are_passed_over(void **state) {
    (void)state;
    m.count = 0;
    for (int i = 0; i < 4; i++) put(i * 60, i, 1);
    m.lat_deg[0] = 90;
    m.lat_deg[1] = -90;
    m.lon_deg[2] = NAN;
    seine_event events[16];
    assert_int_equal(events_of(events), 1);
    assert_true(events[0].measure[SEINE_FISHING_MESSAGES] == 1 && events[0].start_ref == 103);
}

static void both_chains_run_side_by_side(void **state) {
    (void)state;
    m.count = 0;
    for (int i = 0; i < 10; i++) {
        const size_t row = put(i * 60, i, i < 5);
        m.night[row] = i >= 5;
    }
    find_events(seine_fishing_config_default(), &m, &a);
    assert_int_equal(a.count, 2);
    for (size_t i = 0; i < 2; i++) assert_true(a.events[i].start_us == (a.events[i].kind ? 300 : 0) * SECOND);
    assert_true(a.start_us[SEINE_FISHING_NIGHT][9] == 300 * SECOND);
}

static void statistics_leave_out_the_way_to_the_start(void **state) {
    (void)state;
    m.count = 0;
    put(0, 0, 0);
    put(60, 5000, 1);
    put(120, 5100, 1);
    put(240, 5300, 1);
    m.speed[2] = NAN;
    m.speed[3] = 6;
    m.metres[2] = 100;
    m.metres[3] = 200;
    seine_event events[16];
    assert_int_equal(events_of(events), 1);
    const double *got = events[0].measure;
    assert_near(got[SEINE_FISHING_DISTANCE], 300, 1e-9);
    assert_near(got[SEINE_FISHING_METRES], 150, 1e-9);
    assert_near(got[SEINE_FISHING_SPEED], 4.5, 1e-12);
    assert_near(got[SEINE_FISHING_HOURS], (60 + 120) / 2.0 / 3600, 1e-12);
    assert_near(got[SEINE_FISHING_IMPLIED], 6000 * 0.00053995, 1e-9);
    assert_near(got[SEINE_FISHING_LON_MEAN], 5400.0 / 3 * METRE * 3 / 3 + 3333.333333 * METRE, 1e-6);
}

static void a_box_is_right_across_180_degrees_and_across_0(void **state) {
    (void)state;
    const double places[][4] = {{179.5, -179.75, 179.5, -179.75}, {-1, 2, -1, 2}, {5, 6, 5, 6}, {-7, -6, -7, -6}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        m.count = 0;
        put(0, 0, 1);
        put(60, 0, 1);
        m.lon_deg[0] = places[i][0];
        m.lon_deg[1] = places[i][1];
        m.metres[1] = 1;
        seine_event events[16];
        assert_int_equal(events_of(events), 1);
        assert_true(events[0].measure[SEINE_FISHING_LON_MIN] == places[i][2]);
        assert_true(events[0].measure[SEINE_FISHING_LON_MAX] == places[i][3]);
    }
}

static seine_fishing_check judged(double duration_s, double count, double speed, double metres, uint32_t chain,
                                  seine_fishing_rule rule) {
    const seine_fishing_config config = seine_fishing_config_default();
    seine_event event = {.end_us = (int64_t)(duration_s * 1e6), .kind = chain};
    event.measure[SEINE_FISHING_MESSAGES] = count;
    event.measure[SEINE_FISHING_SPEED] = speed;
    event.measure[SEINE_FISHING_DISTANCE] = metres;
    return seine_fishing_judge(&config, &event, rule);
}

static void limits_are_strict(void **state) {
    (void)state;
    assert_false(judged(1200, 9, 3, 900, 0, SEINE_FISHING_TOO_SHORT).is_kept);
    assert_true(judged(1201, 9, 3, 900, 0, SEINE_FISHING_TOO_SHORT).is_kept);
    assert_false(judged(9999, 5, 3, 900, 0, SEINE_FISHING_TOO_FEW).is_kept);
    assert_true(judged(9999, 6, 3, 900, 0, SEINE_FISHING_TOO_FEW).is_kept);
    assert_false(judged(9999, 9, 10, 900, 0, SEINE_FISHING_TOO_FAST).is_kept);
    assert_true(judged(9999, 9, 9.99, 900, 0, SEINE_FISHING_TOO_FAST).is_kept);
    assert_false(judged(9999, 9, NAN, 900, 0, SEINE_FISHING_TOO_FAST).is_kept);
    assert_false(judged(9999, 9, 3, 500, 0, SEINE_FISHING_TOO_NEAR).is_kept);
    assert_true(judged(9999, 9, 3, 500.1, 0, SEINE_FISHING_TOO_NEAR).is_kept);
    assert_false(judged(9999, 9, 3, 50, 1, SEINE_FISHING_TOO_NEAR).is_kept);
    assert_true(judged(9999, 9, 3, 50.1, 1, SEINE_FISHING_TOO_NEAR).is_kept);
    assert_false(judged(9999, 9, 3, NAN, 1, SEINE_FISHING_TOO_NEAR).is_kept);
    assert_string_equal(judged(1, 1, 1, 1, 0, SEINE_FISHING_TOO_FAST).rule, "avg_speed_knots");
}

/* An event ends with the message that no later run can bridge to, or by the watermark. */
static void an_event_ends_as_soon_as_it_can_be_known(void **state) {
    (void)state;
    const seine_fishing_config config = seine_fishing_config_default();
    seine_column_in inputs[SEINE_FISHING_INPUTS];
    m.count = 0;
    put(0, 0, 1);
    put(60, 0, 1);
    put(3660, 0, 0);
    put(3661, 0, 0);
    seine_track track = track_of_messages(&m, inputs);
    seine_state st = new_state(&seine_fishing_step, &config);
    a.count = 0;
    feed_messages(&config, &st, &track, 2, &a);
    const int64_t watermarks[] = {7260 * SECOND, 7260 * SECOND + 1};
    for (int i = 0; i < 2; i++) {
        a.count = 0;
        tell_open(&config, &st, watermarks[i], &a); /* the run may go on for two hours */
        assert_true(a.count == 2 && a.events[0].is_closed == (i == 1));
    }
    a.count = 0;
    feed_messages(&config, &st, &track, 3, &a);
    assert_int_equal(a.count, 0);
    tell_open(&config, &st, 3661 * SECOND, &a);
    assert_true(a.events[0].is_closed); /* now an hour is enough */
    a.count = 0;
    feed_messages(&config, &st, &track, 4, &a);
    assert_int_equal(a.count, 2);
    assert_true(a.events[0].is_closed && a.events[0].end_us == 60 * SECOND);
    free(st.data);
}

static void ids_hash_vessel_start_and_end(void **state) {
    (void)state;
    char id[33];
    seine_fishing_id("vessel-100000", 13, INT64_C(1577861443000000), INT64_C(1577879383000000), id);
    assert_string_equal(id, "b41936d57fe887bbc45782856434f755");
}

static void settings_outside_their_ranges_are_named(void **state) {
    (void)state;
    seine_error error = {0};
    seine_fishing_config config = seine_fishing_config_default();
    assert_int_equal(seine_fishing_config_check(&config, &error), SEINE_OK);
    config.max_break_m = NAN;
    assert_int_equal(seine_fishing_config_check(&config, &error), SEINE_E_USAGE);
    assert_string_equal(error.text, "max_break_m is outside its range");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_without_a_score_parts_runs_and_not_events),
        cmocka_unit_test(runs_3600_seconds_apart_are_one_event_and_3601_are_two),
        cmocka_unit_test(runs_begin_2000_metres_apart_or_are_two_events_even_when_they_touch),
        cmocka_unit_test(a_silence_of_two_hours_stays_one_event),
        cmocka_unit_test(with_other_messages_in_between_an_hour_ends_it),
        cmocka_unit_test(a_step_of_more_than_10_kilometres_begins_a_run),
        cmocka_unit_test(messages_without_a_position_or_at_a_pole_are_passed_over),
        cmocka_unit_test(both_chains_run_side_by_side),
        cmocka_unit_test(statistics_leave_out_the_way_to_the_start),
        cmocka_unit_test(a_box_is_right_across_180_degrees_and_across_0),
        cmocka_unit_test(limits_are_strict),
        cmocka_unit_test(an_event_ends_as_soon_as_it_can_be_known),
        cmocka_unit_test(ids_hash_vessel_start_and_end),
        cmocka_unit_test(settings_outside_their_ranges_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
