/* links: generate ingest table engine decode columns io base */
/* Sea lanes stay off land, and places along them are where they should be. */
#include "generate_support.h"

#include "base/json.h"
#include "generate/routes.h"

#include <math.h>

#define FILE_MAX_BYTES ((size_t)1 << 24)
#define LAND_TOLERANCE_KM 30.0 /* what the 1:110m outline may be wrong by */
#define RADIANS (3.14159265358979323846 / 180.0)
#define BANDS 180

/* Edges of the outline by whole degrees of latitude. */
typedef struct edge {
    double lon1, lat1, lon2, lat2;
} edge;
typedef struct land {
    edge *edges[BANDS];
    size_t counts[BANDS], capacities[BANDS];
} land;

static void add_to_band(land *map, int band, edge line) {
    if (band < 0 || band >= BANDS) return;
    if (map->counts[band] == map->capacities[band]) {
        map->capacities[band] = map->capacities[band] * 2 + 64;
        map->edges[band] = realloc(map->edges[band], map->capacities[band] * sizeof line);
        assert_non_null(map->edges[band]);
    }
    map->edges[band][map->counts[band]++] = line;
}

static void add_edge(land *map, double lon1, double lat1, double lon2, double lat2) {
    const int low = (int)floor(fmin(lat1, lat2)) + 90, high = (int)floor(fmax(lat1, lat2)) + 90;
    for (int band = low; band <= high; band++) add_to_band(map, band, (edge){lon1, lat1, lon2, lat2});
}

/* One step along an arc of TopoJSON: differences of whole numbers, scaled. */
static void step_along(seine_json_value step, double steps[2], seine_json_value transform, double place[2]) {
    const seine_json_value scale = seine_json_get(transform, "scale"), shift = seine_json_get(transform, "translate");
    for (size_t axis = 0; axis < 2; axis++) {
        steps[axis] += seine_json_number(seine_json_at(step, axis), 0);
        place[axis] = steps[axis] * seine_json_number(seine_json_at(scale, axis), 0) +
                      seine_json_number(seine_json_at(shift, axis), 0);
    }
}

/* Walks an arc; with @p whole its longitudes run on beyond 180 degrees. @return last longitude minus first. */
static double walk_arc(land *map, seine_json_value arc, seine_json_value transform, bool whole, bool adds) {
    double steps[2] = {0, 0}, before[2] = {0, 0}, first = 0, place[2];
    for (size_t i = 0; i < seine_json_count(arc); i++) {
        step_along(seine_json_at(arc, i), steps, transform, place);
        if (i == 0) first = place[0];
        if (i > 0 && whole) place[0] -= 360 * round((place[0] - before[0]) / 360);
        if (i > 0 && adds) add_edge(map, before[0], before[1], place[0], place[1]);
        memcpy(before, place, sizeof before);
    }
    return before[0] - first;
}

/* The outline of the south pole does not close when it runs on, and is right as it is. */
static void add_arc(land *map, seine_json_value arc, seine_json_value transform) {
    const bool closes = fabs(walk_arc(map, arc, transform, true, false)) < 180;
    walk_arc(map, arc, transform, closes, true);
}

static land *load_land(void) {
    const char *shared = getenv("SEINE_SHARED");
    char path[512];
    snprintf(path, sizeof path, "%s/data/reference/land-110m.json", shared != NULL ? shared : "../shared");
    if (!seine_file_exists(path)) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    seine_buf text;
    seine_buf_init(&text, FILE_MAX_BYTES);
    seine_json *json = NULL;
    assert_int_equal(seine_file_read(path, &text, NULL), SEINE_OK);
    assert_int_equal(seine_json_parse(seine_buf_str(&text), path, &json, NULL), SEINE_OK);
    const seine_json_value root = seine_json_root(json), arcs = seine_json_get(root, "arcs");
    land *map = calloc(1, sizeof *map);
    assert_non_null(map);
    for (size_t i = 0; i < seine_json_count(arcs); i++) {
        add_arc(map, seine_json_at(arcs, i), seine_json_get(root, "transform"));
    }
    seine_json_free(json);
    seine_buf_free(&text);
    return map;
}

static void free_land(land *map) {
    for (int band = 0; band < BANDS; band++) free(map->edges[band]);
    free(map);
}

/* Even-odd rule, also for outlines that run on beyond 180 degrees. */
static bool is_land(const land *map, double lon, double lat) {
    const int band = (int)floor(lat) + 90;
    size_t crossings[3] = {0, 0, 0};
    lon = fmod(fmod(lon + 180, 360) + 360, 360) - 180;
    for (size_t i = 0; i < map->counts[band]; i++) {
        const edge *e = &map->edges[band][i];
        if ((e->lat1 > lat) == (e->lat2 > lat)) continue;
        const double at = e->lon1 + (lat - e->lat1) / (e->lat2 - e->lat1) * (e->lon2 - e->lon1);
        for (int turn = 0; turn < 3; turn++) crossings[turn] += lon + 360 * (turn - 1) < at;
    }
    return crossings[0] % 2 + crossings[1] % 2 + crossings[2] % 2 > 0;
}

static bool is_deep_in_land(const land *map, seine_place place) {
    const double north = LAND_TOLERANCE_KM / 111.2, east = north / cos(place.lat_deg * RADIANS);
    if (!is_land(map, place.lon_deg, place.lat_deg)) return false;
    for (int i = 0; i < 16; i++) {
        const double turn = i * 22.5 * RADIANS;
        if (!is_land(map, place.lon_deg + east * cos(turn), place.lat_deg + north * sin(turn))) return false;
    }
    return true;
}

static void lanes_stay_off_land(void **state) {
    (void)state;
    land *map = load_land();
    seine_arena arena = {0};
    seine_route *routes;
    size_t count;
    assert_int_equal(seine_routes_load(&arena, &routes, &count), SEINE_OK);
    assert_true(is_deep_in_land(map, (seine_place){.lon_deg = -100, .lat_deg = 40})); /* Kansas: the test can fail */
    assert_false(is_deep_in_land(map, (seine_place){.lon_deg = -140, .lat_deg = 30}));
    for (size_t i = 0; i < count; i++) {
        for (double km = 0; km <= routes[i].length_km; km += 5) {
            const seine_place place = seine_route_at(&routes[i], km);
            if (!is_deep_in_land(map, place)) continue;
            fail_msg("%s to %s is on land at %.3f %.3f", routes[i].data->from, routes[i].data->to, place.lat_deg,
                     place.lon_deg);
        }
    }
    seine_arena_free(&arena);
    free_land(map);
}

static void lanes_join_named_ports_and_some_cross_180_degrees(void **state) {
    (void)state;
    seine_arena arena = {0};
    seine_route *routes;
    size_t count, crossing = 0, coastal = 0;
    assert_int_equal(seine_routes_load(&arena, &routes, &count), SEINE_OK);
    for (size_t i = 0; i < count; i++) {
        bool crosses = false;
        assert_true(strlen(routes[i].data->from) > 0 && strlen(routes[i].data->to) > 0);
        for (size_t k = 0; k < routes[i].count; k++) crosses |= fabs(routes[i].lon_deg[k]) > 180;
        crossing += crosses;
        coastal += routes[i].length_km < 2500;
    }
    assert_true(count >= 48 && crossing >= 5 && coastal >= 15);
    seine_arena_free(&arena);
}

static void places_along_a_lane_are_as_far_apart_as_asked(void **state) {
    (void)state;
    seine_arena arena = {0};
    seine_route *routes;
    size_t count;
    assert_int_equal(seine_routes_load(&arena, &routes, &count), SEINE_OK);
    for (size_t i = 0; i < count; i++) {
        for (double km = 0; km + 1 <= routes[i].length_km; km += 101) {
            const seine_place a = seine_route_at(&routes[i], km), b = seine_route_at(&routes[i], km + 1);
            const double east = (b.lon_deg - a.lon_deg) * cos(a.lat_deg * RADIANS), north = b.lat_deg - a.lat_deg;
            const double apart_km = hypot(east, north) * 111.195;
            assert_true(apart_km < 1.02 && apart_km > 0.7); /* a corner in between cuts the distance short */
        }
    }
    const seine_place beyond = seine_route_at(&routes[0], routes[0].length_km + 50);
    assert_true(fabs(beyond.lat_deg - routes[0].lat_deg[routes[0].count - 1]) < 1e-12);
    seine_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lanes_stay_off_land),
        cmocka_unit_test(lanes_join_named_ports_and_some_cross_180_degrees),
        cmocka_unit_test(places_along_a_lane_are_as_far_apart_as_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
