/* links: core base */
/* Scores by rules as given messages and expected scores. */
#include "seine/fishing_score.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define MINUTE_US INT64_C(60000000)
#define UNKNOWN ((double)NAN)
#define MOST 400

/* A message of a fishing vessel at a good distance from everything. */
static seine_fishing_score_message message(double speed_kn, seine_fishing_gear gear) {
    return (seine_fishing_score_message){.lat_deg = 50,
                                         .lon_deg = -5,
                                         .speed_kn = speed_kn,
                                         .course_deg = 90,
                                         .port_m = UNKNOWN,
                                         .shore_m = UNKNOWN,
                                         .gear = gear};
}

static double score_of(seine_fishing_score_message m) {
    const seine_fishing_score_config config = seine_fishing_score_config_default();
    seine_fishing_score_memory memory = {.has_last = false};
    return seine_fishing_score(&config, &memory, &m);
}

static void both_ends_of_a_band_are_fishing(void **state) {
    static const struct {
        seine_fishing_gear gear;
        double least_kn, most_kn;
    } given[] = {
        {SEINE_GEAR_OTHER, 1, 6}, {SEINE_GEAR_TRAWL, 2.5, 5}, {SEINE_GEAR_LONGLINE, 3, 6}, {SEINE_GEAR_JIG, 0.3, 2}};
    (void)state;
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        assert_true(score_of(message(given[i].least_kn - 0.1, given[i].gear)) == 0);
        assert_true(score_of(message(given[i].least_kn, given[i].gear)) == 1);
        assert_true(score_of(message(given[i].most_kn, given[i].gear)) == 1);
        assert_true(score_of(message(given[i].most_kn + 0.1, given[i].gear)) == 0);
    }
}

static void an_unknown_speed_or_place_is_an_unknown_score(void **state) {
    const double speeds[] = {UNKNOWN, -1, 102.3, INFINITY};
    (void)state;
    for (size_t i = 0; i < 4; i++) assert_true(isnan(score_of(message(speeds[i], SEINE_GEAR_OTHER))));
    seine_fishing_score_message m = message(3, SEINE_GEAR_OTHER);
    m.lat_deg = UNKNOWN;
    assert_true(isnan(score_of(m)));
}

static void near_port_or_shore_and_other_vessels_do_not_fish(void **state) {
    (void)state;
    seine_fishing_score_message m = message(3, SEINE_GEAR_OTHER);
    m.port_m = 999;
    assert_true(score_of(m) == 0);
    m.port_m = 1000;
    assert_true(score_of(m) == 1);
    m.shore_m = 0; /* by default no distance from shore is too small */
    assert_true(score_of(m) == 1);
    seine_fishing_score_config config = seine_fishing_score_config_default();
    seine_fishing_score_memory memory = {.has_last = false};
    config.min_shore_m = 500;
    m.shore_m = 499;
    assert_true(seine_fishing_score(&config, &memory, &m) == 0);
    assert_true(score_of(message(3, SEINE_GEAR_NONE)) == 0);
}

/* ---- turning --------------------------------------------------------------------------------------------------- */

typedef struct track {
    seine_fishing_score_message m[MOST];
    double score[MOST];
    size_t count;
} track;

/* An hour and a half at 4 knots that turns by @p turn_deg every 20 minutes, of which nobody says that it fishes. */
static void sail(track *t, double turn_deg, double every_minutes) {
    t->count = 0;
    for (double minute = 0; minute < 90; minute += every_minutes) {
        seine_fishing_score_message *m = &t->m[t->count++];
        *m = message(4, SEINE_GEAR_UNTOLD);
        m->time_us = (int64_t)(minute * (double)MINUTE_US);
        m->course_deg = fmod(350 + turn_deg * floor(minute / 20), 360);
    }
}

static void score(track *t, seine_fishing_score_memory *memory, size_t from, size_t to) {
    const seine_fishing_score_config config = seine_fishing_score_config_default();
    for (size_t i = from; i < to; i++) t->score[i] = seine_fishing_score(&config, memory, &t->m[i]);
}

static double last_score(track *t) {
    seine_fishing_score_memory memory = {.has_last = false};
    score(t, &memory, 0, t->count);
    return t->score[t->count - 1];
}

static void a_vessel_that_nobody_says_fishes_must_turn(void **state) {
    static track t;
    (void)state;
    for (double every = 0.25; every <= 5; every *= 2) { /* whatever the rate of messages */
        sail(&t, 0, every);
        assert_true(last_score(&t) == 0);
        sail(&t, 15, every); /* across north: 350, 5, 20 … */
        assert_true(last_score(&t) == 0);
        sail(&t, 100, every);
        assert_true(last_score(&t) == 1);
        sail(&t, 0, every);
        t.m[t.count - 1].gear = SEINE_GEAR_TRAWL; /* trawls are towed straight, too */
        assert_true(last_score(&t) == 1);
    }
}

static void noise_of_course_is_no_turning(void **state) {
    static track t;
    (void)state;
    sail(&t, 0, 0.25);
    for (size_t i = 0; i < t.count; i++) t.m[i].course_deg += i % 2 ? 6 : -6;
    assert_true(last_score(&t) == 0);
}

static void courses_of_a_vessel_that_hardly_moves_do_not_count(void **state) {
    static track t;
    (void)state;
    sail(&t, 0, 1);
    for (size_t i = 0; i < 60; i++) {
        t.m[i].speed_kn = 0.3;
        t.m[i].course_deg = fmod(77 * (double)i, 360);
    }
    assert_true(last_score(&t) == 0);
    for (size_t i = 0; i < 60; i++) t.m[i].speed_kn = 0.5;
    assert_true(last_score(&t) == 1);
}

static void before_twelve_minutes_of_courses_turning_is_unknown(void **state) {
    static track t;
    seine_fishing_score_memory memory = {.has_last = false};
    (void)state;
    sail(&t, 100, 1);
    score(&t, &memory, 0, t.count);
    for (size_t i = 0; i < t.count; i++) assert_int_equal(isnan(t.score[i]) != 0, i <= 12);
    for (size_t i = 0; i < t.count; i++) t.m[i].speed_kn = 9; /* out of the band nobody asks for turning */
    memory = (seine_fishing_score_memory){.has_last = false};
    score(&t, &memory, 0, t.count);
    assert_true(t.score[0] == 0);
}

static void a_course_that_is_not_told_is_the_way_from_the_message_before(void **state) {
    static track t;
    (void)state;
    for (int is_turning = 0; is_turning < 2; is_turning++) {
        sail(&t, 100, 1);
        for (size_t i = 0; i < t.count; i++) {
            t.m[i].course_deg = i % 2 ? UNKNOWN : 360; /* 360: not available */
            t.m[i].lat_deg = 50 + 0.001 * (is_turning ? (double)(i % 20) : (double)i);
            t.m[i].lon_deg = is_turning && i / 20 % 2 ? -5 + 0.003 * (double)(i % 20) : -5;
        }
        assert_true(last_score(&t) == is_turning);
    }
}

static void any_split_gives_the_same_scores(void **state) {
    static track whole, parts;
    seine_fishing_score_memory memory = {.has_last = false};
    (void)state;
    sail(&whole, 37, 0.5);
    for (size_t i = 0; i < whole.count; i++) {
        whole.m[i].speed_kn = i % 7 == 0 ? UNKNOWN : 3 + (double)(i % 50) / 10;
        if (i % 11 == 0) whole.m[i].course_deg = UNKNOWN;
    }
    score(&whole, &memory, 0, whole.count);
    for (size_t cut = 0; cut <= whole.count; cut++) {
        seine_fishing_score_memory first = {.has_last = false}, second;
        parts = whole;
        memset(parts.score, 0, sizeof parts.score);
        score(&parts, &first, 0, cut);
        second = first; /* as a state that was kept between two calls */
        score(&parts, &second, cut, parts.count);
        assert_memory_equal(parts.score, whole.score, sizeof whole.score);
    }
}

static void classes_and_types_tell_gears(void **state) {
    (void)state;
    assert_int_equal(seine_fishing_gear_of_class("trawlers"), SEINE_GEAR_TRAWL);
    assert_int_equal(seine_fishing_gear_of_class("set_longlines"), SEINE_GEAR_LONGLINE);
    assert_int_equal(seine_fishing_gear_of_class("squid_jigger"), SEINE_GEAR_JIG);
    assert_int_equal(seine_fishing_gear_of_class("tuna_purse_seines"), SEINE_GEAR_OTHER);
    assert_int_equal(seine_fishing_gear_of_class("cargo"), SEINE_GEAR_NONE);
    assert_int_equal(seine_fishing_gear_of_class("inconclusive"), SEINE_GEAR_UNTOLD);
    for (size_t i = 0; seine_fishing_class(i) != NULL; i++)
        assert_int_not_equal(seine_fishing_gear_of_class(seine_fishing_class(i)), SEINE_GEAR_UNTOLD);
    assert_int_equal(seine_fishing_gear_of_type(30), SEINE_GEAR_OTHER);
    assert_int_equal(seine_fishing_gear_of_type(1001), SEINE_GEAR_OTHER);
    assert_int_equal(seine_fishing_gear_of_type(70), SEINE_GEAR_NONE);
    assert_int_equal(seine_fishing_gear_of_type(0), SEINE_GEAR_UNTOLD);
    assert_int_equal(seine_fishing_gear_of_type(90), SEINE_GEAR_UNTOLD);
    assert_int_equal(seine_fishing_gear_of_type(UNKNOWN), SEINE_GEAR_UNTOLD);
}

static void settings_outside_their_range_are_refused(void **state) {
    seine_error error;
    (void)state;
    seine_fishing_score_config config = seine_fishing_score_config_default();
    assert_int_equal(seine_fishing_score_config_check(&config, &error), SEINE_OK);
    config.band[SEINE_GEAR_JIG].least_kn = 3;
    assert_int_equal(seine_fishing_score_config_check(&config, &error), SEINE_E_USAGE);
    config = seine_fishing_score_config_default();
    config.turn_half_life_s = 0;
    assert_int_equal(seine_fishing_score_config_check(&config, &error), SEINE_E_USAGE);
    config = seine_fishing_score_config_default();
    config.min_turn_deg = 181;
    assert_int_equal(seine_fishing_score_config_check(&config, &error), SEINE_E_USAGE);
    config = seine_fishing_score_config_default();
    config.min_port_m = UNKNOWN;
    assert_int_equal(seine_fishing_score_config_check(&config, &error), SEINE_E_USAGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_of_a_band_are_fishing),
        cmocka_unit_test(an_unknown_speed_or_place_is_an_unknown_score),
        cmocka_unit_test(near_port_or_shore_and_other_vessels_do_not_fish),
        cmocka_unit_test(a_vessel_that_nobody_says_fishes_must_turn),
        cmocka_unit_test(noise_of_course_is_no_turning),
        cmocka_unit_test(courses_of_a_vessel_that_hardly_moves_do_not_count),
        cmocka_unit_test(before_twelve_minutes_of_courses_turning_is_unknown),
        cmocka_unit_test(a_course_that_is_not_told_is_the_way_from_the_message_before),
        cmocka_unit_test(any_split_gives_the_same_scores),
        cmocka_unit_test(classes_and_types_tell_gears),
        cmocka_unit_test(settings_outside_their_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
