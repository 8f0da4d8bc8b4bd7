/* links: core base */
/* Which way goes on with a fix. */
#include "core/gate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define MINUTE_US INT64_C(60000000)
#define MOST 200

typedef struct fixes {
    double lon[MOST], lat[MOST];
    int64_t time_us[MOST];
    uint32_t way[MOST];
    size_t count;
} fixes;

static void add(fixes *f, double lon, double lat, double minutes) {
    f->lon[f->count] = lon;
    f->lat[f->count] = lat;
    f->time_us[f->count++] = (int64_t)(minutes * (double)MINUTE_US);
}

static size_t ways_of(fixes *f, double knots) {
    return seine_gate_ways(f->lon, f->lat, f->time_us, f->count, knots, f->way);
}

static void nothing_and_one_fix(void **state) {
    fixes f = {.count = 0};
    (void)state;
    assert_int_equal(ways_of(&f, 60), 0);
    add(&f, 1, 2, 0);
    assert_int_equal(ways_of(&f, 60), 1);
    assert_int_equal(f.way[0], 0);
}

/* A mile a minute is 60 knots; the sphere's mile of this rule is a minute of arc but for a part in a thousand. */
static void a_way_is_as_fast_as_the_gate_and_no_faster(void **state) {
    fixes f = {.count = 0};
    (void)state;
    for (int i = 0; i < 100; i++) add(&f, 0, i * 0.9 / 60, i);
    assert_int_equal(ways_of(&f, 60), 1);
    for (int i = 0; i < 100; i++) f.lat[i] = i * 1.1 / 60;
    assert_int_equal(ways_of(&f, 60), 100);
}

static void what_is_near_is_never_too_fast(void **state) {
    fixes f = {.count = 0};
    (void)state;
    for (int i = 0; i < 20; i++) add(&f, 0, (i % 2) * 0.008, i / 60.0); /* 890 m there and back in seconds */
    assert_int_equal(ways_of(&f, 60), 1);
    add(&f, 0, 0.0, 1);
    add(&f, 0, 0.01, 1); /* 1.1 km at the same time */
    assert_int_equal(ways_of(&f, 60), 2);
}

static void two_ships_of_one_id_and_a_jump(void **state) {
    fixes f = {.count = 0};
    (void)state;
    for (int i = 0; i < 60; i++) add(&f, i % 2 == 0 ? 179.99 : 5, i / 120.0, i);
    add(&f, 90, 80, 60);
    add(&f, -179.99, 0.5, 61); /* across 180 degrees */
    assert_int_equal(ways_of(&f, 60), 3);
    for (int i = 0; i < 60; i++) assert_int_equal(f.way[i], i % 2);
    assert_int_equal(f.way[60], 2);
    assert_int_equal(f.way[61], 0);
}

static void of_two_ways_the_nearer_goes_on(void **state) {
    fixes f = {.count = 0};
    (void)state;
    add(&f, 0, 0, 0);
    add(&f, 3, 0, 1);
    add(&f, 2, 0, 600); /* both could be there by then */
    assert_int_equal(ways_of(&f, 60), 2);
    assert_int_equal(f.way[2], 1);
}

/* As many are open as may be; the one that was silent for longest gives way. */
static void the_number_of_open_ways_is_bounded(void **state) {
    fixes f = {.count = 0};
    (void)state;
    for (int i = 0; i <= SEINE_GATE_WAYS; i++) add(&f, i * 10.0, 0, i * 0.1);
    add(&f, 10, 0, 3); /* the second one, which is open */
    add(&f, 0, 0, 3);  /* the first one, which is not */
    assert_int_equal(ways_of(&f, 60), SEINE_GATE_WAYS + 2);
    assert_int_equal(f.way[SEINE_GATE_WAYS + 1], 1);
    assert_int_equal(f.way[SEINE_GATE_WAYS + 2], SEINE_GATE_WAYS + 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_and_one_fix),
        cmocka_unit_test(a_way_is_as_fast_as_the_gate_and_no_faster),
        cmocka_unit_test(what_is_near_is_never_too_fast),
        cmocka_unit_test(two_ships_of_one_id_and_a_jump),
        cmocka_unit_test(of_two_ways_the_nearer_goes_on),
        cmocka_unit_test(the_number_of_open_ways_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
