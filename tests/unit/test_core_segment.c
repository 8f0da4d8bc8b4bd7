/* links: core io base */
/* Rules of SPEC 6.1 as given messages and expected segments. */
#include "unit/segment_support.h"

static messages m;
static verdicts v;

/* A message of a transponder of class A, with an id of its own. */
static size_t put(double minutes, double lat_deg, double lon_deg, double speed, double course) {
    const size_t i = m.count++;
    m.time_us[i] = (int64_t)llround(minutes * 60e6);
    m.lat_deg[i] = lat_deg;
    m.lon_deg[i] = lon_deg;
    m.speed[i] = speed;
    m.course[i] = course;
    m.heading[i] = NAN;
    m.transponder[i] = SEINE_TRANSPONDER_A;
    m.id[i] = i + 1;
    return i;
}

static void run(seine_segment_config config) { segment_all(config, &m, &v); }

static void run_default(void) { run(seine_segment_config_default()); }

static bool is_same(size_t a, size_t b) { return v.start_us[a] == v.start_us[b] && v.number[a] == v.number[b]; }

static void one_ship_under_way_is_one_segment(void **state) {
    (void)state;
    m.count = 0;
    for (int i = 0; i < 20; i++) put(i * 6, i / 60.0, 0, 10, 0); /* 10 knots north, a mile every 6 minutes */
    run_default();
    for (size_t i = 0; i < m.count; i++) assert_true(is_same(0, i) && v.class_code[i] == SEINE_SEGMENT_OPEN);
    assert_int_equal(v.ended, 0);
}

static void two_ships_of_one_id_are_two_segments(void **state) {
    (void)state;
    m.count = 0;
    for (int i = 0; i < 20; i++) put(i * 6, i / 60.0 + (i % 2 ? 10 : 0), 0, 10, 0);
    run_default();
    for (size_t i = 2; i < m.count; i++) assert_true(is_same(i, i % 2));
    assert_false(is_same(0, 1));
}

static void the_way_over_180_degrees_is_no_jump(void **state) {
    (void)state;
    m.count = 0;
    put(0, 0, 179.99, 10, 90);
    put(6, 0, -179.993, 10, 90);
    run_default();
    assert_true(is_same(0, 1));
}

static void a_silence_of_24_hours_is_none_and_a_longer_one_ends_the_segment(void **state) {
    (void)state;
    m.count = 0;
    put(0, 0, 0, 0, 0);
    put(24 * 60, 0, 0, 0, 0);
    put(48 * 60 + 0.001, 0, 0, 0, 0);
    run_default();
    assert_true(is_same(0, 1));
    assert_false(is_same(0, 2));
    assert_int_equal(v.class_code[0], SEINE_SEGMENT_CLOSED);
    assert_int_equal(v.class_code[2], SEINE_SEGMENT_OPEN);
}

static void kinds_go_by_what_is_known(void **state) {
    (void)state;
    m.count = 0;
    put(0, NAN, NAN, NAN, NAN);
    put(1, NAN, 1, 1, 1);
    put(2, 1, 1, NAN, 1);
    put(3, 1, 1, 0.36, NAN);
    put(4, 1, 1, 0.35, NAN);
    put(5, INFINITY, 1, 1, 1);
    run_default();
    const int32_t classes[] = {SEINE_SEGMENT_INFO, SEINE_SEGMENT_BAD,  SEINE_SEGMENT_BAD,
                               SEINE_SEGMENT_BAD,  SEINE_SEGMENT_OPEN, SEINE_SEGMENT_BAD};
    const int32_t noises[] = {
        SEINE_NOISE_INFORMATION, SEINE_NOISE_NO_POSITION, SEINE_NOISE_NO_SPEED, SEINE_NOISE_NO_COURSE, -1,
        SEINE_NOISE_NO_POSITION};
    assert_memory_equal(v.class_code, classes, sizeof classes);
    assert_memory_equal(v.noise, noises, sizeof noises);
}

static void ids_of_one_time_are_numbered(void **state) {
    (void)state;
    m.count = 0;
    put(0, NAN, NAN, NAN, NAN);
    put(0, NAN, 1, 1, 1);
    put(0, 1, 1, 1, 1);
    put(1, NAN, NAN, NAN, NAN);
    run_default();
    for (size_t i = 0; i < 3; i++) assert_int_equal(v.number[i], i + 1);
    assert_int_equal(v.number[3], 1);
    char text[64];
    (void)seine_segment_id_tail(INT64_C(1609474735000001), 2, text);
    assert_string_equal(text, "-2021-01-01T04:18:55.000001Z-2");
}

static void what_comes_twice_is_passed_over(void **state) {
    (void)state;
    m.count = 0;
    put(0, 1, 1, 5, 90);
    m.id[put(1, 2, 2, 5, 90)] = m.id[0];
    put(2, 1, 1, 5, 90);    /* under way, and yet where it was */
    put(3, 1, 1, 0.04, 90); /* its speed rounds to nothing */
    put(4, 1, 1, 0.04, 90);
    m.id[put(5, 1.0001, 1, 0, 90)] = 0; /* no id is none that was seen */
    m.id[put(6, 1.0002, 1, 0, 90)] = 0;
    run_default();
    const int32_t noises[] = {-1, SEINE_NOISE_REPEATED_ID, SEINE_NOISE_REPEATED_PLACE, -1, -1, -1, -1};
    assert_memory_equal(v.noise, noises, sizeof noises);
    assert_true(v.class_code[1] == -1 && v.start_us[1] == SEINE_INTEGER_NULL && v.number[1] == SEINE_INTEGER_NULL);
}

static void what_was_seen_is_forgotten_after_so_many(void **state) {
    (void)state;
    seine_segment_config config = seine_segment_config_default();
    config.remembered = 2;
    m.count = 0;
    for (int i = 0; i < 4; i++) put(i, 1, 1 + i * 0.0001, 5, 90);
    m.id[put(4, 1, 1.0003, 5, 91)] = m.id[2];
    m.id[put(5, 1, 1.0003, 5, 92)] = m.id[0];
    run(config);
    assert_int_equal(v.noise[4], SEINE_NOISE_REPEATED_ID);
    assert_int_equal(v.noise[5], -1);
}

/* The jump is near enough to be joined, until the next message fits the ones before it better. */
static void a_jump_is_left_out_when_the_next_message_fits_without_it(void **state) {
    (void)state;
    m.count = 0;
    for (int i = 0; i < 4; i++) put(i * 6, i / 60.0, 0, 10, 0);
    const size_t jump = put(24, 4 / 60.0, 3 / 60.0, 10, 0), next = put(30, 5 / 60.0, 0, 10, 0);
    run_default();
    assert_int_equal(v.class_code[jump], SEINE_SEGMENT_DISCARDED);
    assert_true(v.start_us[jump] == m.time_us[jump] && v.number[jump] == 1);
    assert_true(is_same(0, next));
    assert_int_equal(v.left_out, 1);
}

/* Ids that a time had before, and those of others left out with it, are counted. */
static void a_message_left_out_gets_the_next_number_of_its_time(void **state) {
    (void)state;
    m.count = 0;
    for (int i = 0; i < 4; i++) put(i * 6, i / 60.0, 0, 10, 0);
    put(24, NAN, 1, 1, 1);
    const size_t one = put(24, 4 / 60.0, 3 / 60.0, 10, 0), two = put(24, 4 / 60.0, 3.01 / 60, 10, 0);
    put(30, 5 / 60.0, 0, 10, 0);
    run_default();
    assert_int_equal(v.left_out, 2);
    assert_int_equal(v.number[one], 2);
    assert_int_equal(v.number[two], 3);
}

/* A candidate of more than a day ago is none, though the segment goes on. */
static void a_candidate_is_no_older_than_a_segment_may_be(void **state) {
    (void)state;
    m.count = 0;
    put(0, 0, 0, 0, 0);
    put(23 * 60, 250 / 60.0, 0, 0, 0);
    put(24.5 * 60, 0, 0.0001, 0, 0);
    run_default();
    assert_true(is_same(0, 1));
    assert_false(is_same(0, 2));
}

/* 60 knots for three hours are too far to be missed by so much, unless the ship stayed, or is on its way still. */
static void a_ship_may_have_stayed_or_lag_behind(void **state) {
    (void)state;
    const double miles_north[] = {0, 20, -20};
    for (size_t i = 0; i < 3; i++) {
        m.count = 0;
        put(0, 0, 0, 60, 0);
        m.heading[put(180, miles_north[i] / 60, 0, 60, 0)] = 1;
        run_default();
        assert_true(is_same(0, 1) == (miles_north[i] >= 0));
    }
}

static void a_message_between_two_segments_ends_both(void **state) {
    (void)state;
    m.count = 0;
    for (int i = 0; i < 20; i++) put(i * 2, 0, i % 2 ? 1.2 : 0, 0, 0);
    const size_t between = put(24 * 60, 0, 0.6, 0, 0);
    run_default();
    assert_int_equal(v.class_code[0], SEINE_SEGMENT_CLOSED);
    assert_int_equal(v.class_code[1], SEINE_SEGMENT_CLOSED);
    assert_false(is_same(between, 0) || is_same(between, 1));
    assert_int_equal(v.class_code[between], SEINE_SEGMENT_AMBIGUOUS);
    assert_string_equal(seine_segment_class_text(SEINE_SEGMENT_AMBIGUOUS), "Segment"); /* as the original has it */
    assert_int_equal(v.ended, 2);
}

/* A long segment and a short one match, a third one, long and first, does not: whose weight it is decides. */
static void a_weight_is_that_of_the_matching_segment(void **state) {
    (void)state;
    seine_segment_config config = seine_segment_config_default();
    m.count = 0;
    for (int i = 0; i < 30; i++) put(i * 2, 40, 0, 0, 0);
    for (int i = 0; i < 30; i++) put(60 + i * 2, 0, 0, 0, 0);
    put(122, 0, 1, 0, 0);
    const size_t last = put(300, 0, 0.45, 0, 0);
    for (int first = 0; first < 2; first++) {
        config.first_weights = first == 1;
        run(config);
        assert_true(is_same(30, last) == !config.first_weights);
    }
}

static void a_low_resolution_message_within_an_hour_is_noise(void **state) {
    (void)state;
    m.count = 0;
    put(0, 0, 0, 0, 0);
    m.transponder[put(59, 0, 0.001, 0, 0)] = 11;
    m.transponder[put(60, 0, 0.002, 0, 0)] = 11;
    run_default();
    assert_true(v.class_code[1] == SEINE_SEGMENT_BAD && v.noise[1] == SEINE_NOISE_LOW_RESOLUTION);
    assert_true(is_same(0, 2));
}

static void the_stalest_of_too_many_ends(void **state) {
    (void)state;
    seine_segment_config config = seine_segment_config_default();
    config.max_open = 3;
    m.count = 0;
    put(0, 0, 0, 0, 0);
    put(1, 0, 20, 0, 0);
    put(2, 0, 40, 0, 0);
    put(3, 0, 0.0001, 0, 0); /* the first goes on, so the second is the stalest */
    put(4, 0, 60, 0, 0);
    run(config);
    assert_int_equal(v.class_code[1], SEINE_SEGMENT_CLOSED);
    assert_int_equal(v.ended, 1);
}

static void a_hundred_open_segments_are_the_most(void **state) {
    (void)state;
    m.count = 0;
    for (int i = 0; i < 300; i++) put(i / 100.0, i % 80 - 40, i, 0, 0);
    run_default();
    assert_int_equal(v.ended, 200);
}

/* The gate asks both neighbours: a jump goes, the start and the end of a long way do not. */
static void the_gate_drops_what_is_too_fast_from_both_neighbours(void **state) {
    (void)state;
    seine_segment_config config = seine_segment_config_default();
    config.gate_knots = 30;
    m.count = 0;
    put(0, 0, 0, 10, 0);
    put(6, 1 / 60.0, 0, 10, 0);
    const size_t jump = put(12, 10, 0, 10, 0);
    put(18, 3 / 60.0, 0, 10, 0);
    const size_t away = put(24, 20, 0, 10, 0);
    put(30, 20 + 1 / 60.0, 0, 10, 0);
    put(36, 20 + 2 / 60.0, 0, 10, 0);
    run(config);
    assert_int_equal(v.class_code[jump], SEINE_SEGMENT_DISCARDED);
    assert_int_equal(v.class_code[away], SEINE_SEGMENT_OPEN);
    assert_int_equal(v.left_out, 1);
    assert_int_equal(v.ended, 0);
}

static void order_is_asked_for_and_nothing_is_taken_twice(void **state) {
    (void)state;
    const seine_segment_config config = seine_segment_config_default();
    seine_column_in inputs[SEINE_SEGMENT_INPUTS];
    seine_event events[16];
    m.count = 0;
    put(1, 0, 0, 0, 0);
    put(0, 0, 0, 0, 0);
    seine_track track = track_of_messages(&m, inputs);
    seine_state st = new_state(&seine_segment_step, &config);
    seine_step_out out = {events, 16, 0, NULL};
    assert_int_equal(feed_to(&seine_segment_step, &config, &st, &track, 2, &out), SEINE_E_ORDER);
    assert_int_equal(track.pos, 1);
    out.capacity = 0;
    track.pos = 0;
    assert_int_equal(feed_to(&seine_segment_step, &config, &st, &track, 1, &out), SEINE_E_FULL);
    assert_int_equal(track.pos, 0);
    free(st.data);
}

static void settings_outside_their_ranges_are_named(void **state) {
    (void)state;
    seine_error error = {0};
    seine_segment_config config = seine_segment_config_default();
    assert_int_equal(seine_segment_config_check(&config, &error), SEINE_OK);
    config.lookback = SEINE_SEGMENT_LOOKBACK_MOST + 1;
    assert_int_equal(seine_segment_config_check(&config, &error), SEINE_E_USAGE);
    assert_string_equal(error.text, "lookback is outside its range");
    config = seine_segment_config_default();
    config.max_hours = NAN;
    assert_int_equal(seine_segment_config_check(&config, &error), SEINE_E_USAGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_ship_under_way_is_one_segment),
        cmocka_unit_test(two_ships_of_one_id_are_two_segments),
        cmocka_unit_test(the_way_over_180_degrees_is_no_jump),
        cmocka_unit_test(a_silence_of_24_hours_is_none_and_a_longer_one_ends_the_segment),
        cmocka_unit_test(kinds_go_by_what_is_known),
        cmocka_unit_test(ids_of_one_time_are_numbered),
        cmocka_unit_test(what_comes_twice_is_passed_over),
        cmocka_unit_test(what_was_seen_is_forgotten_after_so_many),
        cmocka_unit_test(a_jump_is_left_out_when_the_next_message_fits_without_it),
        cmocka_unit_test(a_message_left_out_gets_the_next_number_of_its_time),
        cmocka_unit_test(a_candidate_is_no_older_than_a_segment_may_be),
        cmocka_unit_test(a_ship_may_have_stayed_or_lag_behind),
        cmocka_unit_test(a_message_between_two_segments_ends_both),
        cmocka_unit_test(a_weight_is_that_of_the_matching_segment),
        cmocka_unit_test(a_low_resolution_message_within_an_hour_is_noise),
        cmocka_unit_test(the_stalest_of_too_many_ends),
        cmocka_unit_test(a_hundred_open_segments_are_the_most),
        cmocka_unit_test(the_gate_drops_what_is_too_fast_from_both_neighbours),
        cmocka_unit_test(order_is_asked_for_and_nothing_is_taken_twice),
        cmocka_unit_test(settings_outside_their_ranges_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
