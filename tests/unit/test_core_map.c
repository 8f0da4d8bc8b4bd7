/* links: core base */
/* The map's square grid, clipping, and tracks with fewer points. */
#include "core/mercator.h"
#include "core/simplify.h"

#include <math.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static uint64_t next_random(uint64_t *seed) {
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

static double random_between(uint64_t *seed, double low, double high) {
    return low + (high - low) * (double)next_random(seed) / (double)(UINT64_C(1) << 31);
}

static void places_project_and_come_back(void **state) {
    (void)state;
    double x, y, lon, lat;
    seine_mercator_project(0, 0, &x, &y);
    assert_true(x == 0.5 && fabs(y - 0.5) < 1e-15);
    seine_mercator_project(-180, SEINE_MERCATOR_LAT_DEG, &x, &y);
    assert_true(x == 0 && fabs(y) < 1e-12);
    seine_mercator_project(0, 90, &x, &y);
    assert_true(fabs(y) < 1e-12); /* the pole counts as the edge */
    uint64_t seed = 1;
    for (int i = 0; i < 10000; i++) {
        const double a = random_between(&seed, -180, 180), b = random_between(&seed, -85, 85);
        seine_mercator_project(a, b, &x, &y);
        seine_mercator_unproject(x, y, &lon, &lat);
        assert_true(fabs(lon - a) < 1e-9 && fabs(lat - b) < 1e-9);
    }
}

static void cells_nest_in_tiles_as_one_range(void **state) {
    (void)state;
    uint64_t seed = 2;
    assert_int_equal(seine_mercator_cell(179.999, -85, 1), 3);
    assert_int_equal(seine_mercator_cell(180, 0, 4), seine_mercator_cell(179.99, -0.01, 4)); /* the last column */
    assert_int_equal(seine_mercator_cell(NAN, 0, 4), -1);
    assert_int_equal(seine_mercator_cell(0, 90.1, 4), -1);
    assert_int_equal(seine_mercator_cell(0, 0, 25), -1);
    for (int i = 0; i < 10000; i++) {
        const double lon = random_between(&seed, -180, 180), lat = random_between(&seed, -90, 90);
        const int64_t fine = seine_mercator_cell(lon, lat, 20);
        for (int level = 0; level < 20; level++)
            assert_int_equal(fine >> (2 * (20 - level)), seine_mercator_cell(lon, lat, level));
        uint32_t x, y;
        seine_mercator_cell_place(fine, &x, &y);
        assert_int_equal(seine_mercator_cell_of(x, y), fine);
    }
}

static void segments_are_clipped_to_the_square(void **state) {
    (void)state;
    seine_segment s = {-10, 5, 20, 5};
    assert_true(seine_mercator_clip(&s, 0, 10));
    assert_true(s.x0 == 0 && s.x1 == 10 && s.y0 == 5 && s.y1 == 5);
    s = (seine_segment){-10, 0, 0, -10};
    assert_false(seine_mercator_clip(&s, 0, 10));
    s = (seine_segment){3, 3, 3, 3};
    assert_true(seine_mercator_clip(&s, 0, 10));
    s = (seine_segment){11, 3, 11, 3};
    assert_false(seine_mercator_clip(&s, 0, 10));
    uint64_t seed = 3;
    for (int i = 0; i < 10000; i++) {
        s = (seine_segment){random_between(&seed, -20, 30), random_between(&seed, -20, 30),
                            random_between(&seed, -20, 30), random_between(&seed, -20, 30)};
        const seine_segment whole = s;
        bool is_in = false; /* any of many places of the segment */
        for (int k = 0; k <= 200; k++) {
            const double x = whole.x0 + (whole.x1 - whole.x0) * k / 200, y = whole.y0 + (whole.y1 - whole.y0) * k / 200;
            is_in = is_in || (x >= 0 && x <= 10 && y >= 0 && y <= 10);
        }
        const bool found = seine_mercator_clip(&s, 0, 10);
        if (is_in) assert_true(found);
        if (found)
            assert_true(fmin(fmin(s.x0, s.x1), fmin(s.y0, s.y1)) > -1e-9 &&
                        fmax(fmax(s.x0, s.x1), fmax(s.y0, s.y1)) < 10 + 1e-9);
    }
}

#define POINTS 2000

/* Metres between a place and where the kept line is at that time, in a local plane. */
static double off_kept(const double *lon, const double *lat, const int64_t *time, const uint8_t *keep, size_t i) {
    size_t a = i, b = i;
    while (!keep[a]) a--;
    while (!keep[b]) b++;
    const double share = time[b] > time[a] ? (double)(time[i] - time[a]) / (double)(time[b] - time[a]) : 0;
    const double east = remainder(lon[b] - lon[a], 360) * share, x = remainder(lon[i] - lon[a], 360) - east;
    const double y = lat[i] - (lat[a] + (lat[b] - lat[a]) * share);
    return hypot(x * cos(lat[i] * 0.017453292519943295), y) * 111194.9;
}

static void a_simplified_track_stays_within_its_tolerance(void **state) {
    (void)state;
    static double lon[POINTS], lat[POINTS];
    static int64_t time[POINTS];
    static uint8_t keep[POINTS];
    static uint32_t stack[2 * POINTS];
    static double cosine[POINTS];
    uint64_t seed = 4;
    lon[0] = 179.9; /* and over 180 degrees */
    for (size_t i = 1; i < POINTS; i++) {
        lon[i] = remainder(lon[i - 1] + random_between(&seed, -0.002, 0.004), 360);
        lat[i] = lat[i - 1] + random_between(&seed, -0.002, 0.002);
        time[i] = time[i - 1] + (int64_t)(next_random(&seed) % 100) * 1000000;
    }
    size_t former = POINTS;
    for (double tolerance = 10; tolerance < 100000; tolerance *= 10) {
        const size_t kept = seine_simplify(lon, lat, time, POINTS, tolerance, keep, stack, cosine);
        size_t counted = 0;
        for (size_t i = 0; i < POINTS; i++) {
            counted += keep[i];
            if (time[i] != time[i > 0 ? i - 1 : 0])
                assert_true(off_kept(lon, lat, time, keep, i) <= tolerance * 1.0001);
        }
        assert_int_equal(counted, kept);
        assert_true(keep[0] && keep[POINTS - 1] && kept <= former);
        former = kept;
    }
    assert_true(former < POINTS / 20);
    assert_int_equal(seine_simplify(lon, lat, time, POINTS, 0, keep, stack, cosine), POINTS);
    assert_int_equal(seine_simplify(lon, lat, time, 0, 5, keep, stack, cosine), 0);
    assert_int_equal(seine_simplify(lon, lat, time, 1, 5, keep, stack, cosine), 1);
}

/* What stays between two points that do, straight from the definition. */
static void keep_between(const double *lon, const double *lat, const int64_t *time, double tolerance, size_t a,
                         size_t b, uint8_t *keep) {
    size_t worst = b;
    double most = tolerance;
    for (size_t i = a + 1; i < b; i++) {
        const double share = time[b] > time[a] ? (double)(time[i] - time[a]) / (double)(time[b] - time[a]) : 0;
        const double x = lon[i] - lon[a] - (lon[b] - lon[a]) * share, y = lat[i] - lat[a] - (lat[b] - lat[a]) * share;
        const double off = hypot(x * cos(lat[i] * 0.017453292519943295), y) * 111194.9;
        if (off > most) {
            worst = i;
            most = off;
        }
    }
    if (worst == b) return;
    keep[worst] = 1;
    keep_between(lon, lat, time, tolerance, a, worst, keep);
    keep_between(lon, lat, time, tolerance, worst, b, keep);
}

/* Far apart in latitude, so that a degree to the east is not the same for both. */
static void two_vessels_with_one_id_keep_what_the_definition_says(void **state) {
    (void)state;
    static double lon[POINTS], lat[POINTS], cosine[POINTS];
    static int64_t time[POINTS];
    static uint8_t keep[POINTS], wanted[POINTS];
    static uint32_t stack[2 * POINTS];
    uint64_t seed = 9;
    for (size_t i = 0; i < POINTS; i++) {
        const bool is_north = next_random(&seed) % 8 < 3;
        lon[i] = (is_north ? 10 : 12) + random_between(&seed, 0, 2);
        lat[i] = (is_north ? 60 : 5) + random_between(&seed, 0, 2);
        time[i] = (int64_t)i * 10000000;
    }
    for (double tolerance = 1000; tolerance < 10000000; tolerance *= 7) {
        memset(wanted, 0, sizeof wanted);
        wanted[0] = wanted[POINTS - 1] = 1;
        keep_between(lon, lat, time, tolerance, 0, POINTS - 1, wanted);
        seine_simplify(lon, lat, time, POINTS, tolerance, keep, stack, cosine);
        assert_memory_equal(keep, wanted, POINTS);
    }
}

static void a_stop_on_a_straight_line_stays(void **state) {
    (void)state;
    const double lon[] = {0, 1, 1, 2}, lat[] = {0, 0, 0, 0};
    const int64_t moving[] = {0, 10, 20, 30}, even[] = {0, 15, 15, 30};
    uint8_t keep[4];
    uint32_t stack[8];
    double cosine[4];
    assert_int_equal(seine_simplify(lon, lat, moving, 4, 100, keep, stack, cosine), 4);
    assert_int_equal(seine_simplify(lon, lat, even, 4, 100, keep, stack, cosine), 2);
}

/* One degree of latitude off a line along the equator: the distance without rounding. */
static void a_point_exactly_at_the_tolerance_goes(void **state) {
    (void)state;
    const double lon[] = {0, 0, 0}, lat[] = {0, 1, 0}, degree_m = 111194.9;
    const int64_t time[] = {0, 10, 20};
    uint8_t keep[3];
    uint32_t stack[6];
    double cosine[3];
    assert_int_equal(seine_simplify(lon, lat, time, 3, degree_m, keep, stack, cosine), 2);
    assert_int_equal(keep[1], 0);
    assert_int_equal(seine_simplify(lon, lat, time, 3, degree_m * 0.999, keep, stack, cosine), 3);
    assert_int_equal(keep[1], 1);
    memset(keep, 9, sizeof keep);
    assert_int_equal(seine_simplify(lon, lat, time, 2, degree_m * 10, keep, stack, cosine), 2);
    assert_true(keep[0] == 1 && keep[1] == 1 && keep[2] == 9);
}

static void a_track_without_time_keeps_what_is_away_from_its_start(void **state) {
    (void)state;
    const double away[] = {0, 1, 0}, with_start[] = {0, 0, 5}, lat[] = {0, 0, 0};
    const int64_t time[] = {7, 7, 7};
    uint8_t keep[3];
    uint32_t stack[6];
    double cosine[3];
    assert_int_equal(seine_simplify(away, lat, time, 3, 100, keep, stack, cosine), 3);
    assert_int_equal(seine_simplify(with_start, lat, time, 3, 100, keep, stack, cosine), 2);
}

static void a_line_takes_the_shorter_way_round_in_both_directions(void **state) {
    (void)state;
    const double east[] = {179, -180, -179}, west[] = {-179, 180, 179}, lat[] = {0, 0, 0};
    const int64_t time[] = {0, 10, 20};
    uint8_t keep[3];
    uint32_t stack[6];
    double cosine[3];
    assert_int_equal(seine_simplify(east, lat, time, 3, 1, keep, stack, cosine), 2);
    assert_int_equal(seine_simplify(west, lat, time, 3, 1, keep, stack, cosine), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_point_exactly_at_the_tolerance_goes),
        cmocka_unit_test(a_track_without_time_keeps_what_is_away_from_its_start),
        cmocka_unit_test(a_line_takes_the_shorter_way_round_in_both_directions),
        cmocka_unit_test(places_project_and_come_back),
        cmocka_unit_test(cells_nest_in_tiles_as_one_range),
        cmocka_unit_test(segments_are_clipped_to_the_square),
        cmocka_unit_test(a_simplified_track_stays_within_its_tolerance),
        cmocka_unit_test(a_stop_on_a_straight_line_stays),
        cmocka_unit_test(two_vessels_with_one_id_keep_what_the_definition_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
