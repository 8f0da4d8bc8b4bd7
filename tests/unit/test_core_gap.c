/* links: core io base */
/* Rules of SPEC 2.3 and 2.7 as given tracks and expected gaps. */
#include "unit/core_support.h"

#include "base/hash.h"
#include "seine/gap.h"

#include <math.h>

#define MOST 64

/* Feeds all fixes at once and returns the events found. */
static size_t detect(seine_gap_config config, seine_track track, seine_event events[MOST]) {
    seine_state state = new_state(&seine_gap_step, &config);
    seine_step_out out = {events, MOST, 0, NULL};
    assert_int_equal(feed_to(&seine_gap_step, &config, &state, &track, track.count, &out), SEINE_OK);
    assert_int_equal(track.pos, track.count);
    free(state.data);
    return out.pos;
}

static size_t detect_times(int64_t threshold_us, const int64_t *time_us, size_t count, seine_event events[MOST]) {
    seine_gap_config config = seine_gap_config_default();
    config.min_gap_us = threshold_us;
    return detect(config, (seine_track){.time_us = time_us, .count = count}, events);
}

/* What is open when nothing more comes up to the watermark. */
static size_t open_at(seine_gap_config config, seine_track track, int64_t watermark_us, seine_event *event) {
    seine_event events[MOST];
    seine_step_out out = {events, MOST, 0, NULL};
    seine_state state = new_state(&seine_gap_step, &config);
    assert_int_equal(feed_to(&seine_gap_step, &config, &state, &track, track.count, &out), SEINE_OK);
    seine_step_out open = {event, 1, 0, NULL};
    assert_int_equal(seine_gap_step.advance(&config, &state, watermark_us, &open), SEINE_OK);
    free(state.data);
    return open.pos;
}

static void assert_counts(const seine_event *event, int all, int terrestrial, int satellite, int dynamic) {
    assert_true(event->measure[SEINE_GAP_BEFORE] == all);
    assert_true(event->measure[SEINE_GAP_BEFORE_TER] == terrestrial);
    assert_true(event->measure[SEINE_GAP_BEFORE_SAT] == satellite);
    assert_true(event->measure[SEINE_GAP_BEFORE_DYN] == dynamic);
}

static void a_silence_as_long_as_the_threshold_is_no_gap(void **state) {
    (void)state;
    const int64_t time_us[] = {0, 24 * HOUR, 48 * HOUR + 1000};
    seine_event events[MOST];
    assert_int_equal(detect_times(24 * HOUR, time_us, 2, events), 0);
    assert_int_equal(detect_times(24 * HOUR, time_us, 3, events), 1); /* one millisecond longer */
    assert_true(events[0].start_us == 24 * HOUR && events[0].end_us == 48 * HOUR + 1000);
    assert_true(events[0].is_closed);
}

static void one_fix_or_none_has_no_gap(void **state) {
    (void)state;
    const int64_t time_us[] = {5 * HOUR};
    seine_event events[MOST];
    assert_int_equal(detect_times(1, time_us, 0, events), 0);
    assert_int_equal(detect_times(1, time_us, 1, events), 0);
}

static void threshold_zero_makes_every_step_in_time_a_gap(void **state) {
    (void)state;
    const int64_t time_us[] = {0, 0, 1, 1, 2};
    seine_event events[MOST];
    assert_int_equal(detect_times(0, time_us, 5, events), 2);
}

static void of_equal_times_the_last_is_off_and_the_first_is_on(void **state) {
    (void)state;
    const int64_t time_us[] = {0, 0, 9 * HOUR, 9 * HOUR};
    const uint64_t ref[] = {70, 71, 72, 73};
    seine_event events[MOST];
    const seine_track track = {.time_us = time_us, .row_ref = ref, .count = 4};
    assert_int_equal(detect(seine_gap_config_default(), track, events), 1);
    assert_int_equal(events[0].start_ref, 71);
    assert_int_equal(events[0].end_ref, 72);
}

static void rows_without_references_are_named_by_their_index(void **state) {
    (void)state;
    const int64_t time_us[] = {0, 1 * HOUR, 9 * HOUR};
    seine_event events[MOST];
    assert_int_equal(detect_times(6 * HOUR, time_us, 3, events), 1);
    assert_int_equal(events[0].start_ref, 1);
    assert_int_equal(events[0].end_ref, 2);
}

static void counts_take_the_hours_before_off_by_receiver(void **state) {
    (void)state;
    /* OFF is at 20 h; 8 h is exactly 12 h before it and counts, one microsecond earlier does not. */
    const int64_t time_us[] = {8 * HOUR - 1, 8 * HOUR, 10 * HOUR, 11 * HOUR, 15 * HOUR, 20 * HOUR, 40 * HOUR};
    const uint8_t receiver[] = {1, 2, 1, 3, 77, 1, 2};
    seine_event events[MOST];
    const seine_track track = {.time_us = time_us, .receiver = receiver, .count = 7};
    assert_int_equal(detect(seine_gap_config_default(), track, events), 1);
    assert_counts(&events[0], 5, 2, 1, 1); /* the unknown receiver counts in the total only */
}

static void other_fixes_at_the_time_of_off_do_not_count(void **state) {
    (void)state;
    const int64_t time_us[] = {1 * HOUR, 2 * HOUR, 2 * HOUR, 2 * HOUR, 20 * HOUR};
    const uint8_t receiver[] = {2, 1, 1, 3, 1};
    seine_event events[MOST];
    const seine_track track = {.time_us = time_us, .receiver = receiver, .count = 5};
    assert_int_equal(detect(seine_gap_config_default(), track, events), 1);
    assert_counts(&events[0], 2, 0, 1, 1);
}

static void equal_times_count_for_a_later_off(void **state) {
    (void)state;
    const int64_t time_us[] = {2 * HOUR, 2 * HOUR, 3 * HOUR, 20 * HOUR};
    seine_event events[MOST];
    assert_int_equal(detect_times(6 * HOUR, time_us, 4, events), 1);
    assert_counts(&events[0], 3, 0, 0, 0);
}

static void history_of_zero_hours_counts_off_alone(void **state) {
    (void)state;
    const int64_t time_us[] = {0, 1, 2, 2, 20 * HOUR};
    seine_gap_config config = seine_gap_config_default();
    config.history_us = 0;
    seine_event events[MOST];
    assert_int_equal(detect(config, (seine_track){.time_us = time_us, .count = 5}, events), 1);
    assert_counts(&events[0], 1, 0, 0, 0);
}

static void distance_is_unknown_unless_both_ends_are_complete(void **state) {
    (void)state;
    const int64_t time_us[] = {0, 10 * HOUR, 20 * HOUR, 30 * HOUR};
    const double lat[] = {0, 0, NAN, 1};
    const double lon[] = {179.9, -179.9, 5, 5};
    seine_event events[MOST];
    const seine_track track = {.time_us = time_us, .lat_deg = lat, .lon_deg = lon, .count = 4};
    assert_int_equal(detect(seine_gap_config_default(), track, events), 3);
    assert_near(events[0].measure[SEINE_GAP_DISTANCE], 22263.898158653446, 1e-7);
    assert_near(events[0].measure[SEINE_GAP_DURATION], 10, 1e-12);
    assert_near(events[0].measure[SEINE_GAP_SPEED], 22263.898158653446 / 10 / 1852, 1e-10);
    for (int i = 1; i < 3; i++) {
        assert_true(isnan(events[i].measure[SEINE_GAP_DISTANCE]));
        assert_true(isnan(events[i].measure[SEINE_GAP_SPEED]));
        assert_near(events[i].measure[SEINE_GAP_DURATION], 10, 1e-12);
    }
}

static void speed_is_unknown_without_distance_or_hours(void **state) {
    (void)state;
    assert_true(isnan(seine_gap_speed_knots(NAN, 1)));
    assert_true(isnan(seine_gap_speed_knots(1, 0)));
    assert_true(isnan(seine_gap_speed_knots(1, NAN)));
    assert_true(seine_gap_speed_knots(1852, 1) == 1);
}

static void shore_rule_drops_gaps_with_an_end_ashore(void **state) {
    (void)state;
    const int64_t time_us[] = {0, 10 * HOUR, 20 * HOUR, 30 * HOUR, 40 * HOUR};
    const double shore_m[] = {5, NAN, 0, 7, -1};
    seine_gap_config config = seine_gap_config_default();
    seine_event events[MOST];
    const seine_track track = {.time_us = time_us, .shore_m = shore_m, .count = 5};
    assert_int_equal(detect(config, track, events), 4);
    config.shore_rule = true;
    assert_int_equal(detect(config, track, events), 1);
    assert_true(events[0].start_us == 0);
}

static void a_gap_is_open_when_the_watermark_is_further_than_the_threshold(void **state) {
    (void)state;
    const int64_t time_us[] = {11 * HOUR, 12 * HOUR};
    const double lat[] = {1, 2};
    const uint8_t receiver[] = {1, 2};
    const seine_track track = {.time_us = time_us, .lat_deg = lat, .receiver = receiver, .count = 2};
    seine_gap_config config = seine_gap_config_default();
    config.min_gap_us = 12 * HOUR;
    seine_event event;
    assert_int_equal(open_at(config, track, 24 * HOUR, &event), 0);
    assert_int_equal(open_at(config, track, -5 * HOUR, &event), 0);
    assert_int_equal(open_at(config, track, 24 * HOUR + 1, &event), 1);
    assert_false(event.is_closed);
    assert_true(event.start_us == 12 * HOUR && event.start_ref == 1 && event.start_lat_deg == 2);
    assert_counts(&event, 2, 1, 1, 0);
    assert_true(isnan(event.measure[SEINE_GAP_DISTANCE]) && isnan(event.measure[SEINE_GAP_DURATION]));
    assert_int_equal(open_at(config, (seine_track){.time_us = time_us}, 99 * HOUR, &event), 0); /* no fix at all */
}

static void an_open_gap_obeys_the_shore_rule(void **state) {
    (void)state;
    const int64_t time_us[] = {0};
    const double shore_m[] = {0};
    const seine_track track = {.time_us = time_us, .shore_m = shore_m, .count = 1};
    seine_gap_config config = seine_gap_config_default();
    seine_event event;
    assert_int_equal(open_at(config, track, 24 * HOUR, &event), 1);
    config.shore_rule = true;
    assert_int_equal(open_at(config, track, 24 * HOUR, &event), 0);
}

static void an_earlier_fix_is_refused_and_can_be_dropped(void **state) {
    (void)state;
    const int64_t time_us[] = {10 * HOUR, 9 * HOUR, 11 * HOUR, 20 * HOUR};
    const seine_gap_config config = seine_gap_config_default();
    seine_state s = new_state(&seine_gap_step, &config);
    seine_event events[MOST];
    seine_step_out out = {events, MOST, 0, NULL};
    seine_track track = {.time_us = time_us, .count = 4};
    assert_int_equal(feed_to(&seine_gap_step, &config, &s, &track, 4, &out), SEINE_E_ORDER);
    assert_int_equal(track.pos, 1);
    assert_int_equal(feed_to(&seine_gap_step, &config, &s, &track, 4, &out), SEINE_E_ORDER); /* again, as first fix */
    assert_int_equal(track.pos, 1);
    track.pos++;
    assert_int_equal(feed_to(&seine_gap_step, &config, &s, &track, 4, &out), SEINE_OK);
    assert_int_equal(out.pos, 1);
    assert_true(events[0].start_us == 11 * HOUR);
    assert_counts(&events[0], 2, 0, 0, 0);
    free(s.data);
}

static void a_full_output_is_drained_and_continued(void **state) {
    (void)state;
    const int64_t time_us[] = {0, 10 * HOUR, 20 * HOUR, 30 * HOUR};
    const seine_gap_config config = seine_gap_config_default();
    seine_state s = new_state(&seine_gap_step, &config);
    seine_event event;
    seine_track track = {.time_us = time_us, .count = 4};
    for (int i = 0; i < 3; i++) {
        seine_step_out out = {&event, 1, 0, NULL};
        const seine_status status = feed_to(&seine_gap_step, &config, &s, &track, 4, &out);
        assert_int_equal(status, i < 2 ? SEINE_E_FULL : SEINE_OK);
        assert_int_equal(out.pos, 1);
        assert_true(event.start_us == i * 10 * HOUR);
    }
    free(s.data);
}

static void asking_for_space_takes_nothing(void **state) {
    (void)state;
    const int64_t time_us[] = {0, 10 * HOUR};
    const seine_gap_config config = seine_gap_config_default();
    seine_state s = {0};
    assert_int_equal(seine_gap_step.init(&config, &s), SEINE_E_SPACE);
    assert_int_equal(s.size, 0);
    grow_state(&s);
    assert_int_equal(seine_gap_step.init(&config, &s), SEINE_OK);
    seine_event event;
    seine_step_out out = {&event, 1, 0, NULL};
    seine_track track = {.time_us = time_us, .count = 2};
    assert_int_equal(seine_gap_step.feed(&config, &s, &track, &out), SEINE_E_SPACE);
    assert_int_equal(track.pos, 0);
    assert_int_equal(out.pos, 0);
    grow_state(&s);
    assert_int_equal(seine_gap_step.feed(&config, &s, &track, &out), SEINE_OK);
    assert_int_equal(out.pos, 1);
    free(s.data);
}

static void times_at_the_ends_of_the_range_do_not_overflow(void **state) {
    (void)state;
    const int64_t time_us[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX - 1, INT64_MAX};
    seine_event events[MOST];
    assert_int_equal(detect_times(INT64_MAX, time_us, 4, events), 1);
    assert_true(events[0].start_us == INT64_MIN + 1);
    assert_counts(&events[0], 2, 0, 0, 0);
}

/* @return what loading bytes of a state gives. */
static seine_status load_state(const seine_gap_config *config, const uint8_t *bytes, size_t size) {
    const uint64_t refs[1] = {7};
    seine_state state = {0};
    seine_status status = seine_gap_step.load(config, &state, bytes, size, refs, 1, NULL);
    while (status == SEINE_E_SPACE) {
        grow_state(&state);
        status = seine_gap_step.load(config, &state, bytes, size, refs, 1, NULL);
    }
    free(state.data);
    return status;
}

/* Whoever shortens a state and puts the checksum right is not trusted either. */
static void a_state_cut_short_is_refused_although_its_checksum_holds(void **state) {
    (void)state;
    enum { FIXES = 5, PREFIX = 4, CHECKSUM = 4 };
    const int64_t time_us[FIXES] = {0, HOUR, HOUR + 1, 3 * HOUR, 5 * HOUR};
    /* Doubles whose last bytes are 0: bytes that lack must not be taken for them. */
    const double zero[FIXES] = {0}, shore_m[FIXES] = {0};
    const uint8_t receiver[FIXES] = {1, 1, 0, 2, 0};
    const seine_gap_config config = seine_gap_config_default();
    seine_event events[MOST];
    seine_track track = {
        .time_us = time_us, .lat_deg = zero, .lon_deg = zero, .shore_m = shore_m, .receiver = receiver, .count = FIXES};
    seine_state kept = new_state(&seine_gap_step, &config);
    seine_step_out out = {events, MOST, 0, NULL};
    assert_int_equal(feed_to(&seine_gap_step, &config, &kept, &track, FIXES, &out), SEINE_OK);
    size_t size = 0;
    uint8_t *bytes = saved(&seine_gap_step, &config, &kept, &size);
    assert_int_equal(load_state(&config, bytes, size), SEINE_OK);
    for (size_t body = PREFIX; body < size; body++) {
        if (body == size - CHECKSUM) continue;  /* the state itself */
        uint8_t *cut = malloc(body + CHECKSUM); /* its own block, so that reading past the end is caught */
        assert_non_null(cut);
        memcpy(cut, bytes, body);
        const uint32_t checksum = seine_checksum32(cut, body);
        for (size_t i = 0; i < CHECKSUM; i++) cut[body + i] = (uint8_t)(checksum >> (8 * i));
        assert_int_equal(load_state(&config, cut, body + CHECKSUM), SEINE_E_FORMAT);
        free(cut);
    }
    free(bytes);
    free(kept.data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_state_cut_short_is_refused_although_its_checksum_holds),
        cmocka_unit_test(a_silence_as_long_as_the_threshold_is_no_gap),
        cmocka_unit_test(one_fix_or_none_has_no_gap),
        cmocka_unit_test(threshold_zero_makes_every_step_in_time_a_gap),
        cmocka_unit_test(of_equal_times_the_last_is_off_and_the_first_is_on),
        cmocka_unit_test(rows_without_references_are_named_by_their_index),
        cmocka_unit_test(counts_take_the_hours_before_off_by_receiver),
        cmocka_unit_test(other_fixes_at_the_time_of_off_do_not_count),
        cmocka_unit_test(equal_times_count_for_a_later_off),
        cmocka_unit_test(history_of_zero_hours_counts_off_alone),
        cmocka_unit_test(distance_is_unknown_unless_both_ends_are_complete),
        cmocka_unit_test(speed_is_unknown_without_distance_or_hours),
        cmocka_unit_test(shore_rule_drops_gaps_with_an_end_ashore),
        cmocka_unit_test(a_gap_is_open_when_the_watermark_is_further_than_the_threshold),
        cmocka_unit_test(an_open_gap_obeys_the_shore_rule),
        cmocka_unit_test(an_earlier_fix_is_refused_and_can_be_dropped),
        cmocka_unit_test(a_full_output_is_drained_and_continued),
        cmocka_unit_test(asking_for_space_takes_nothing),
        cmocka_unit_test(times_at_the_ends_of_the_range_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
