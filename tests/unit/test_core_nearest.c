/* links: core io base */
/* The tree against a comparison with every place, where it could go wrong: poles, 180 degrees, antipodes, ties. */
#include "core/nearest.h"
#include "core_support.h"
#include "seine/geodesy.h"

#include <math.h>

#define MOST 4000

typedef struct places {
    seine_nearest_node nodes[MOST];
    size_t count;
} places;

static double uniform(uint64_t *seed, double least, double most) {
    return least + (most - least) * ((double)(next_random(seed) >> 11) / 9007199254740992.0);
}

/* By rank, as the rule says: the smallest distance, of equal ones the smallest rank. */
static seine_nearest_hit compare_all(const places *p, double lat_deg, double lon_deg) {
    seine_nearest_hit best = {SIZE_MAX, NAN};
    for (size_t i = 0; i < p->count; i++) {
        const double km = seine_haversine_atan2_km(lat_deg, lon_deg, p->nodes[i].lat_deg, p->nodes[i].lon_deg);
        const bool is_nearer = best.node == SIZE_MAX || km < best.distance_km ||
                               (km == best.distance_km && p->nodes[i].rank < p->nodes[best.node].rank);
        if (is_nearer) best = (seine_nearest_hit){i, km};
    }
    return best;
}

static void check(const places *p, double lat_deg, double lon_deg, size_t hint) {
    const seine_nearest_hit expected = compare_all(p, lat_deg, lon_deg);
    const seine_nearest_hit hit = seine_nearest_find(p->nodes, p->count, lat_deg, lon_deg, hint);
    if (hit.node != expected.node)
        fail_msg("(%.17g, %.17g): node %zu at %.17g km, expected %zu at %.17g km", lat_deg, lon_deg, hit.node,
                 hit.distance_km, expected.node, expected.distance_km);
    if (p->count > 0) assert_true(hit.distance_km == expected.distance_km);
}

static void add(places *p, double lat_deg, double lon_deg) {
    p->nodes[p->count] = (seine_nearest_node){.lat_deg = lat_deg, .lon_deg = lon_deg, .rank = (uint32_t)p->count};
    p->count++;
}

static places *random_places(uint64_t *seed, size_t count, double scatter_deg) {
    places *p = calloc(1, sizeof *p);
    assert_non_null(p);
    while (p->count < count) {
        double lat = asin(uniform(seed, -1, 1)) * 57.29577951308232, lon = uniform(seed, -180, 180);
        if (scatter_deg > 0) {
            lat = uniform(seed, -scatter_deg, scatter_deg);
            lon = uniform(seed, -scatter_deg, scatter_deg);
        }
        add(p, lat, lon);
    }
    seine_nearest_build(p->nodes, p->count);
    return p;
}

static void every_count_of_places_is_right(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (size_t count = 0; count < 40; count++) {
        places *p = random_places(&seed, count, 0);
        for (int i = 0; i < 200; i++)
            check(p, uniform(&seed, -90, 90), uniform(&seed, -180, 180),
                  i % 2 == 0 ? SIZE_MAX : (size_t)i % (count + 1));
        free(p);
    }
}

static void random_points_have_the_port_of_a_full_comparison(void **state) {
    (void)state;
    uint64_t seed = 2;
    places *p = random_places(&seed, 3768, 0);
    for (int i = 0; i < 4000; i++) check(p, uniform(&seed, -90, 90), uniform(&seed, -180, 180), SIZE_MAX);
    free(p);
}

/* Fixes within metres of the ports and each other, where the last digits of the two rules differ most. */
static void points_close_to_places_are_right(void **state) {
    (void)state;
    uint64_t seed = 3;
    places *p = random_places(&seed, 1000, 1e-4);
    for (int i = 0; i < 4000; i++) check(p, uniform(&seed, -1e-4, 1e-4), uniform(&seed, -1e-4, 1e-4), SIZE_MAX);
    free(p);
}

static void poles_and_the_180th_meridian_are_places_like_others(void **state) {
    (void)state;
    uint64_t seed = 4;
    places *p = calloc(1, sizeof *p);
    assert_non_null(p);
    const double lats[] = {90, 89.999999, 89, 0, -0.0, -89, -89.999999, -90};
    const double lons[] = {-180, 180, 179.999999, -179.999999, 0, 90, -90};
    for (size_t a = 0; a < 8; a++)
        for (size_t b = 0; b < 7; b++) add(p, lats[a], lons[b]);
    for (int i = 0; i < 300; i++) add(p, uniform(&seed, -90, 90), uniform(&seed, 178, 182) > 180 ? -179.5 : 179.5);
    seine_nearest_build(p->nodes, p->count);
    for (size_t a = 0; a < 8; a++)
        for (size_t b = 0; b < 7; b++) check(p, lats[a], lons[b], SIZE_MAX);
    for (int i = 0; i < 3000; i++) {
        check(p, uniform(&seed, -90, 90), uniform(&seed, 179.9, 180), SIZE_MAX);
        check(p, uniform(&seed, -90, 90), uniform(&seed, -180, -179.9), SIZE_MAX);
        check(p, uniform(&seed, 89.9, 90), uniform(&seed, -180, 180), SIZE_MAX);
        check(p, uniform(&seed, -90, -89.9), uniform(&seed, -180, 180), SIZE_MAX);
    }
    free(p);
}

static void the_far_side_of_the_earth_is_right(void **state) {
    (void)state;
    uint64_t seed = 5;
    for (int i = 0; i < 300; i++) {
        places *p = calloc(1, sizeof *p);
        assert_non_null(p);
        const double lat = uniform(&seed, -80, 80), lon = uniform(&seed, -179, 0);
        for (int k = 0; k < 20; k++)
            add(p, -lat + uniform(&seed, -1e-7, 1e-7), lon + 180 + uniform(&seed, -1e-7, 1e-7));
        seine_nearest_build(p->nodes, p->count);
        check(p, lat, lon, SIZE_MAX);
        free(p);
    }
}

static void of_equally_near_places_the_smaller_rank_wins(void **state) {
    (void)state;
    for (uint32_t first = 0; first < 2; first++) {
        seine_nearest_node nodes[] = {{.lat_deg = 0, .lon_deg = 1, .rank = first},
                                      {.lat_deg = 0, .lon_deg = -1, .rank = 1 - first},
                                      {.lat_deg = 0, .lon_deg = 3, .rank = 2}};
        seine_nearest_build(nodes, 3);
        const seine_nearest_hit hit = seine_nearest_find(nodes, 3, 0, 0, SIZE_MAX);
        assert_int_equal(nodes[hit.node].rank, 0);
        assert_true(nodes[hit.node].lon_deg == (first == 0 ? 1 : -1));
    }
    /* The same place many times. */
    places *p = calloc(1, sizeof *p);
    assert_non_null(p);
    for (int i = 0; i < 500; i++) add(p, 10, 20);
    seine_nearest_build(p->nodes, p->count);
    const seine_nearest_hit hit = seine_nearest_find(p->nodes, p->count, 10, 20, 17);
    assert_int_equal(p->nodes[hit.node].rank, 0);
    assert_true(hit.distance_km == 0);
    free(p);
}

/* ---- candidates ---- */

typedef struct candidates {
    bool is_one[MOST];
    size_t count;
} candidates;

static void note_candidate(void *context, size_t node) {
    candidates *c = context;
    assert_false(c->is_one[node]);
    c->is_one[node] = true;
    c->count++;
}

/* A cell of a degree anywhere, at the poles and at 180 degrees too. @return its candidates. */
static size_t check_cell(const places *p, uint64_t *seed, double south, double west) {
    static candidates c;
    c = (candidates){.count = 0};
    const double widest = south < 0 && south > -1 ? 1 : cos(fmin(fabs(south), fabs(south + 1)) / 57.29577951308232);
    seine_nearest_candidates(p->nodes, p->count, south + 0.5, west + 0.5, (0.5 + 0.5 * widest) / 57.29577951308232,
                             note_candidate, &c);
    for (int i = 0; i < 60; i++) {
        const double lat = fmin(90, south + (i < 4 ? i % 2 : uniform(seed, 0, 1)));
        const double lon = west + (i < 4 ? i / 2 : uniform(seed, 0, 1));
        const seine_nearest_hit hit = compare_all(p, lat, lon);
        if (!c.is_one[hit.node]) fail_msg("the nearest of (%.9g, %.9g) is no candidate of its cell", lat, lon);
    }
    return c.count;
}

static void whatever_is_the_nearest_somewhere_in_a_cell_is_a_candidate_of_it(void **state) {
    (void)state;
    uint64_t seed = 6;
    for (size_t places_count = 1; places_count <= MOST; places_count *= 6) {
        places *p = random_places(&seed, places_count, 0);
        size_t all = 0;
        for (int i = 0; i < 100; i++) {
            const double south = i % 10 == 0 ? -90 : i % 10 == 1 ? 89 : floor(uniform(&seed, -90, 90));
            all += check_cell(p, &seed, south, i % 10 == 2 ? 179 : floor(uniform(&seed, -180, 180)));
        }
        if (places_count > 1000) assert_in_range(all, 100, places_count * 100 / 50); /* few of them */
        free(p);
    }
    seine_nearest_candidates(NULL, 0, 10, 20, 1, note_candidate, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_count_of_places_is_right),
        cmocka_unit_test(random_points_have_the_port_of_a_full_comparison),
        cmocka_unit_test(points_close_to_places_are_right),
        cmocka_unit_test(poles_and_the_180th_meridian_are_places_like_others),
        cmocka_unit_test(the_far_side_of_the_earth_is_right),
        cmocka_unit_test(of_equally_near_places_the_smaller_rank_wins),
        cmocka_unit_test(whatever_is_the_nearest_somewhere_in_a_cell_is_a_candidate_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
