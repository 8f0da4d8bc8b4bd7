/* links: core io base */
/* Which ship of an id a message is of: chains of segments (docs/decisions/019-ships.md), as given and expected. */
#include "core/ship.h"
#include "unit/segment_support.h"

#define NONE SEINE_INTEGER_NULL

static messages m;
static verdicts v;

/* Adds a message of a ship that lies still. */
static size_t put(double hours, double lat_deg, double lon_deg) {
    const size_t i = m.count++;
    m.time_us[i] = (int64_t)llround(hours * 3600e6);
    m.lat_deg[i] = lat_deg;
    m.lon_deg[i] = lon_deg;
    m.speed[i] = m.course[i] = 0;
    m.heading[i] = NAN;
    m.transponder[i] = SEINE_TRANSPONDER_A;
    m.id[i] = i + 1;
    return i;
}

static void begin(void) { m.count = 0; }

static void run(void) { segment_all(seine_segment_config_default(), &m, &v); }

static void a_ship_goes_on_after_days_of_silence(void **state) {
    (void)state;
    begin();
    put(0, 0, 0), put(1, 0, 0), put(50, 10, 0), put(100, 20, 0), put(5000, -40, 150);
    run();
    assert_int_equal(v.ended, 3); /* segments */
    for (size_t i = 0; i < m.count; i++) assert_int_equal(v.ship[i], 1);
}

static void another_ship_has_to_be_seen_more_than_ten_times(void **state) {
    (void)state;
    for (size_t times = 10; times <= 11; times++) {
        begin();
        for (size_t i = 0; i < 20; i++) {
            put((double)i, 0, 0);
            if (i < times) put((double)i + 0.5, 30, 0);
        }
        run();
        for (size_t i = 0; i < m.count; i++) assert_int_equal(v.ship[i], m.lat_deg[i] == 0 ? 1 : times > 10 ? 2 : NONE);
    }
}

static void a_jump_is_of_no_ship(void **state) {
    (void)state;
    begin();
    for (size_t i = 0; i < 9; i++) put((double)i, 0, 0);
    const size_t jump = put(9, 30, 30);
    put(10, 0, 0);
    run();
    for (size_t i = 0; i < m.count; i++) assert_int_equal(v.ship[i], i == jump ? NONE : 1);
}

/* What it lacks says nothing of where the ship is. */
static void a_message_without_speed_or_course_is_of_the_ship_that_is_near(void **state) {
    (void)state;
    begin();
    for (size_t i = 0; i < 22; i++) put((double)i / 2, i % 2 ? 60 : 0, 0);
    const size_t near = put(11, 60.1, 0), jump = put(11.1, 30, 30), far = put(12, 1.5, 0);
    m.speed[near] = m.speed[jump] = m.speed[far] = NAN;
    const size_t turning = put(12, 0, 0), nowhere = put(12.5, NAN, 0);
    m.speed[turning] = 5, m.course[turning] = NAN;
    run();
    assert_int_equal(v.noise[near], SEINE_NOISE_NO_SPEED);
    assert_int_equal(v.ship[near], 2);
    assert_int_equal(v.ship[jump], NONE);
    assert_int_equal(v.ship[far], NONE); /* 90 miles within two hours */
    assert_int_equal(v.noise[turning], SEINE_NOISE_NO_COURSE);
    assert_int_equal(v.ship[turning], 1);
    assert_int_equal(v.ship[nowhere], NONE);
}

static void an_id_that_never_tells_its_speed_is_one_ship(void **state) {
    (void)state;
    begin();
    for (size_t i = 0; i < 40; i++) m.speed[put((double)i * 10, (double)i, i == 20 ? 90 : 0)] = NAN;
    const size_t first = put(500, -50, -50), beside = put(501, -50, -50), without = put(502, 50, 50);
    m.speed[without] = NAN;
    run();
    for (size_t i = 0; i < first; i++) assert_int_equal(v.ship[i], 1);
    assert_int_equal(v.ship[first], 1); /* and goes on, when it does tell */
    assert_int_equal(v.ship[beside], 1);
    assert_int_equal(v.ship[without], NONE); /* a segment goes on elsewhere */
}

static void a_place_that_comes_again_is_of_the_ship_that_stayed(void **state) {
    (void)state;
    begin();
    for (size_t i = 0; i < 60; i++) m.speed[put((double)i, 0, 0)] = 0.1; /* so for longer than a segment lasts */
    run();
    for (size_t i = 0; i < m.count; i++) {
        assert_int_equal(v.noise[i], i == 0 ? -1 : SEINE_NOISE_REPEATED_PLACE);
        assert_int_equal(v.ship[i], 1);
    }
    begin();
    for (size_t i = 0; i < 6; i++) m.speed[put((double)i, (double)i / 6, 0)] = 10;
    const size_t late = put(5.5, 0.5, 0);
    m.speed[late] = 10;
    run();
    assert_int_equal(v.noise[late], SEINE_NOISE_REPEATED_PLACE);
    assert_int_equal(v.ship[late], NONE); /* the ship is elsewhere */
}

/* Nobody else is there: a place that was frozen, or wrong, does not make two ships. */
static void a_jump_after_which_nobody_goes_on_where_it_came_from_is_the_ship(void **state) {
    (void)state;
    begin();
    for (size_t i = 0; i < 15; i++) put((double)i, 0, 0);
    for (size_t i = 0; i < 3; i++) put(15 + (double)i, 30, 30);
    run();
    for (size_t i = 0; i < m.count; i++) assert_int_equal(v.ship[i], 1);
    put(17.5, 0, 0); /* it does go on there */
    run();
    for (size_t i = 0; i < m.count; i++) assert_int_equal(v.ship[i], m.lat_deg[i] == 0 ? 1 : NONE);
}

static void a_long_segment_that_turns_out_to_be_beside_is_another_ship(void **state) {
    (void)state;
    begin();
    for (size_t i = 0; i < 15; i++) put((double)i, 0, 0);
    for (size_t i = 0; i < 12; i++) put(15 + (double)i / 2, 30, 30);
    run();
    for (size_t i = 0; i < m.count; i++) assert_int_equal(v.ship[i], 1);
    put(22, 0, 0);
    run();
    for (size_t i = 0; i < m.count; i++) assert_int_equal(v.ship[i], m.lat_deg[i] == 0 ? 1 : 2);
}

/* Each comes back near where it was, in any order, and neither takes the other's number. */
static void two_ships_keep_their_numbers_over_silences(void **state) {
    (void)state;
    begin();
    for (size_t day = 0; day < 12; day += 2)
        for (size_t i = 0; i < 12; i++) {
            const double hours = (double)day * 24 + (double)i / 2;
            const bool turned = day % 4 == 2;
            put(hours, turned ? 60 : 0, 0);
            put(hours + 0.25, turned ? 0 : 60, 0);
        }
    run();
    for (size_t i = 0; i < m.count; i++) assert_int_equal(v.ship[i], m.lat_deg[i] == 0 ? 1 : 2);
}

/* The ship of another continent is silent, and what is between the two is beside the one that goes on. */
static void a_silent_ship_does_not_take_a_jump_of_another(void **state) {
    (void)state;
    begin();
    for (size_t i = 0; i < 24; i++) put((double)i / 4, i % 2 ? 60 : 0, 0);
    for (size_t i = 0; i < 20; i++) put(200 + (double)i / 4, 0, 0);
    const size_t jump = put(205, 58, 0);
    put(205.1, 0, 0);
    const size_t back = put(300, 60, 0);
    run();
    assert_int_equal(v.ship[jump], NONE);
    assert_int_equal(v.ship[back], 2);
}

static void so_many_ships_are_known_and_no_more(void **state) {
    (void)state;
    begin();
    for (size_t ship = 0; ship <= SEINE_SHIPS_MOST; ship++)
        for (size_t i = 0; i < 12; i++) {
            put((double)ship + (double)i / 13, -80, 0);
            put((double)ship + (double)i / 13 + 0.01, -60 + 4 * (double)ship, 0);
        }
    run();
    int64_t most = 0;
    for (size_t i = 0; i < m.count; i++) most = v.ship[i] > most ? v.ship[i] : most;
    assert_int_equal(most, SEINE_SHIPS_MOST + 2);
    for (size_t i = 0; i < m.count; i += 2) assert_int_equal(v.ship[i], 1); /* it is seen all the time */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ship_goes_on_after_days_of_silence),
        cmocka_unit_test(another_ship_has_to_be_seen_more_than_ten_times),
        cmocka_unit_test(a_jump_is_of_no_ship),
        cmocka_unit_test(a_message_without_speed_or_course_is_of_the_ship_that_is_near),
        cmocka_unit_test(an_id_that_never_tells_its_speed_is_one_ship),
        cmocka_unit_test(a_place_that_comes_again_is_of_the_ship_that_stayed),
        cmocka_unit_test(a_jump_after_which_nobody_goes_on_where_it_came_from_is_the_ship),
        cmocka_unit_test(a_long_segment_that_turns_out_to_be_beside_is_another_ship),
        cmocka_unit_test(two_ships_keep_their_numbers_over_silences),
        cmocka_unit_test(a_silent_ship_does_not_take_a_jump_of_another),
        cmocka_unit_test(so_many_ships_are_known_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
