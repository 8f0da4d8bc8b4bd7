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
        cmocka_unit_test(a_jump_after_which_nobody_goes_on_where_it_came_from_is_the_ship),
        cmocka_unit_test(a_long_segment_that_turns_out_to_be_beside_is_another_ship),
        cmocka_unit_test(two_ships_keep_their_numbers_over_silences),
        cmocka_unit_test(a_silent_ship_does_not_take_a_jump_of_another),
        cmocka_unit_test(so_many_ships_are_known_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
