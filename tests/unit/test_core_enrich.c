/* links: core io base */
/* Columns of each fix against the oracle of SPEC 3.5, and the laws every step keeps. */
#include "core/enrich.h"
#include "core_support.h"

#include <math.h>

#define MOST 400

/* A config over ports in one epoch. */
typedef struct setup {
    seine_nearest_node nodes[16];
    seine_port_epoch epochs[2];
    const char *names[16];
    seine_enrich_config config;
} setup;

/* Room for the columns of a track. */
typedef struct rows {
    double numbers[SEINE_ENRICH_COLUMNS][MOST];
    int32_t codes[SEINE_ENRICH_COLUMNS][MOST];
    seine_column_out columns[SEINE_ENRICH_COLUMNS];
} rows;

static void make_rows(rows *r) {
    memset(r, 0x5a, sizeof *r);
    for (size_t i = 0; i < SEINE_ENRICH_COLUMNS; i++) {
        if (seine_enrich_step.columns[i].kind == SEINE_COLUMN_NUMBER)
            r->columns[i].number = r->numbers[i];
        else
            r->columns[i].code = r->codes[i];
    }
}

static seine_status feed(const setup *s, seine_state *state, seine_track *track, size_t end, rows *r) {
    seine_step_out out = {NULL, 0, 0, r->columns};
    return feed_to(&seine_enrich_step, &s->config, state, track, end, &out);
}

static const char *category(const rows *r, size_t row) {
    size_t count;
    const char *const *texts = seine_enrich_step.texts(NULL, SEINE_ENRICH_CATEGORY, &count);
    assert_in_range(r->codes[SEINE_ENRICH_CATEGORY][row], 0, count - 1);
    return texts[r->codes[SEINE_ENRICH_CATEGORY][row]];
}

static seine_json_value oracle(seine_json **json, const char *key) {
    *json = read_data_json("oracles/maritime/enrichment_cases.json");
    return seine_json_get(seine_json_root(*json), key);
}

static void ports_of_the_oracle(setup *s, seine_json_value ports) {
    memset(s, 0, sizeof *s);
    const size_t count = seine_json_count(ports);
    for (size_t i = 0; i < count; i++) {
        seine_json_value port = seine_json_at(ports, i);
        s->names[i] = seine_json_text(seine_json_at(port, 0)).data;
        s->nodes[i] = (seine_nearest_node){.lat_deg = seine_json_number(seine_json_at(port, 1), NAN),
                                           .lon_deg = seine_json_number(seine_json_at(port, 2), NAN),
                                           .rank = (uint32_t)i};
    }
    seine_nearest_build(s->nodes, count);
    s->epochs[0] = (seine_port_epoch){INT64_MIN, s->nodes, count};
    s->config = (seine_enrich_config){
        .epochs = s->epochs, .epoch_count = 1, .port_names = s->names, .port_ids = s->names, .port_count = count};
}

/* ---- ports ---- */

static void distance_to_each_port_equals_the_oracle(void **state) {
    (void)state;
    seine_json *json;
    seine_json_value ports = oracle(&json, "ports"), root = seine_json_root(json);
    const struct {
        const char *key;
        double lat, lon;
    } from[] = {{"distance_km_from_48.8_2.3", 48.8, 2.3}, {"distance_km_from_48.8566_2.3522", 48.8566, 2.3522}};
    for (size_t f = 0; f < 2; f++) {
        for (size_t i = 0; i < seine_json_count(ports); i++) {
            seine_nearest_node node = {.lat_deg = seine_json_number(seine_json_at(seine_json_at(ports, i), 1), NAN),
                                       .lon_deg = seine_json_number(seine_json_at(seine_json_at(ports, i), 2), NAN)};
            seine_nearest_build(&node, 1);
            const char *name = seine_json_text(seine_json_at(seine_json_at(ports, i), 0)).data;
            const double expected = seine_json_number(seine_json_get(seine_json_get(root, from[f].key), name), NAN);
            assert_near(seine_nearest_find(&node, 1, from[f].lat, from[f].lon, SIZE_MAX).distance_km, expected,
                        expected * 1e-15);
        }
    }
    seine_json_free(json);
}

static void the_nearest_port_and_its_distance_are_columns(void **state) {
    (void)state;
    seine_json *json;
    setup s;
    rows r;
    ports_of_the_oracle(&s, oracle(&json, "ports"));
    make_rows(&r);
    const int64_t time_us[] = {0, SECOND, 2 * SECOND, 3 * SECOND};
    const double lat[] = {48.8, 31, NAN, 1.3}, lon[] = {2.3, -179.9, 0, 103.8};
    seine_track track = {.time_us = time_us, .lat_deg = lat, .lon_deg = lon, .count = 4};
    seine_state st = new_state(&seine_enrich_step, &s.config);
    assert_int_equal(feed(&s, &st, &track, 4, &r), SEINE_OK);
    assert_string_equal(s.names[r.codes[SEINE_ENRICH_PORT][0]], "ROTTERDAM");
    assert_near(r.numbers[SEINE_ENRICH_DISTANCE][0], 378.35635728717807, 1e-12);
    assert_string_equal(s.names[r.codes[SEINE_ENRICH_PORT][1]], "SHANGHAI"); /* across 180 degrees */
    assert_int_equal(r.codes[SEINE_ENRICH_PORT][2], -1);
    assert_true(isnan(r.numbers[SEINE_ENRICH_DISTANCE][2]));
    assert_string_equal(s.names[r.codes[SEINE_ENRICH_PORT_ID][3]], "SINGAPORE");
    assert_true(r.numbers[SEINE_ENRICH_DISTANCE][3] == 0);
    free(st.data);
    seine_json_free(json);
}

static void ports_hold_from_their_epoch_on(void **state) {
    (void)state;
    seine_json *json;
    setup s;
    rows r;
    ports_of_the_oracle(&s, oracle(&json, "ports"));
    seine_nearest_node other = {.lat_deg = 48, .lon_deg = 2, .rank = 1};
    seine_nearest_build(&other, 1);
    s.epochs[0].from_us = 10 * SECOND;
    s.epochs[1] = (seine_port_epoch){20 * SECOND, &other, 1};
    s.config.epoch_count = 2;
    make_rows(&r);
    const int64_t time_us[] = {10 * SECOND - 1, 10 * SECOND, 20 * SECOND - 1, 20 * SECOND};
    const double lat[] = {48.8, 48.8, 48.8, 48.8}, lon[] = {2.3, 2.3, 2.3, 2.3};
    seine_track track = {.time_us = time_us, .lat_deg = lat, .lon_deg = lon, .count = 4};
    seine_state st = new_state(&seine_enrich_step, &s.config);
    assert_int_equal(feed(&s, &st, &track, 4, &r), SEINE_OK);
    const int32_t expected[] = {-1, 0, 0, 1};
    assert_memory_equal(r.codes[SEINE_ENRICH_PORT], expected, sizeof expected);
    free(st.data);
    seine_json_free(json);
}

/* ---- speed and time ---- */

static void speed_categories_equal_the_oracle(void **state) {
    (void)state;
    seine_json *json;
    setup s = {.config = {.epoch_count = 0}};
    seine_json_value cases = oracle(&json, "speed_category");
    assert_int_equal(seine_json_count(cases), 9);
    for (size_t i = 0; i < 9; i++) {
        rows r;
        make_rows(&r);
        const int64_t time_us = 0;
        const double place = 0, speed = seine_json_number(seine_json_at(seine_json_at(cases, i), 0), NAN);
        seine_track track = {.time_us = &time_us, .lat_deg = &place, .lon_deg = &place, .speed = &speed, .count = 1};
        seine_state st = new_state(&seine_enrich_step, &s.config);
        assert_int_equal(feed(&s, &st, &track, 1, &r), SEINE_OK);
        assert_string_equal(category(&r, 0), seine_json_text(seine_json_at(seine_json_at(cases, i), 1)).data);
        free(st.data);
    }
    seine_json_free(json);
}

static void time_in_zone_and_fishing_equal_the_oracle(void **state) {
    (void)state;
    seine_json *json;
    setup s = {.config = {.epoch_count = 0}};
    seine_json_value cases = oracle(&json, "time_in_zone");
    const size_t count = seine_json_count(cases);
    assert_int_equal(count, 8);
    int64_t time_us[8];
    double place[8] = {0}, speed[8];
    for (size_t i = 0; i < count; i++) {
        seine_json_value row = seine_json_at(cases, i);
        assert_true(seine_time_parse(seine_json_text(seine_json_get(row, "timestamp")), &time_us[i]));
        speed[i] = seine_json_number(seine_json_get(row, "speed"), NAN);
    }
    rows r;
    make_rows(&r);
    seine_track track = {.time_us = time_us, .lat_deg = place, .lon_deg = place, .speed = speed, .count = count};
    seine_state st = new_state(&seine_enrich_step, &s.config);
    assert_int_equal(feed(&s, &st, &track, count, &r), SEINE_OK);
    for (size_t i = 0; i < count; i++) {
        seine_json_value row = seine_json_at(cases, i), fishing = seine_json_get(row, "is_potential_fishing");
        const double expected = seine_json_number(seine_json_get(row, "time_in_zone"), NAN);
        const double got = r.numbers[SEINE_ENRICH_TIME][i];
        assert_true(isnan(expected) ? isnan(got) : got == expected);
        const bool is_known = seine_json_kind_of(fishing) == SEINE_JSON_BOOL;
        assert_int_equal(r.codes[SEINE_ENRICH_FISHING][i], is_known ? seine_json_bool(fishing, false) : -1);
    }
    free(st.data);
    seine_json_free(json);
}

/* Rows: speed, seconds since the fix before (-1: there is none), expected. NaN = unknown. */
static void fishing_is_three_valued(void **state) {
    (void)state;
    const setup s = {.config = {.epoch_count = 0}};
    const struct {
        double speed;
        int64_t after_s;
        int32_t expected;
    } cases[] = {{3, 3600, 0}, {3, 3601, 1}, {2, 3601, 1},    {5, 3601, 1},   {5.1, 3601, 0}, {1.9, 3601, 0},
                 {3, -1, -1},  {7, -1, 0},   {NAN, 3601, -1}, {NAN, 3600, 0}, {NAN, -1, -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rows r;
        make_rows(&r);
        const int64_t time_us[] = {0, cases[i].after_s * SECOND};
        const double place[] = {0, 0}, speed[] = {9, cases[i].speed};
        const size_t first = cases[i].after_s < 0;
        seine_track track = {
            .time_us = time_us + first, .lat_deg = place, .lon_deg = place, .speed = speed + first, .count = 2 - first};
        seine_state st = new_state(&seine_enrich_step, &s.config);
        assert_int_equal(feed(&s, &st, &track, track.count, &r), SEINE_OK);
        if (r.codes[SEINE_ENRICH_FISHING][1 - first] != cases[i].expected)
            fail_msg("case %zu: %d, expected %d", i, r.codes[SEINE_ENRICH_FISHING][1 - first], cases[i].expected);
        free(st.data);
    }
}

/* ---- weather ---- */

static void weather_cells_equal_the_oracle(void **state) {
    (void)state;
    seine_json *json;
    seine_json_value cases = oracle(&json, "grid_half_up");
    assert_int_equal(seine_json_count(cases), 10);
    for (size_t i = 0; i < 10; i++) {
        const double degrees = seine_json_number(seine_json_at(seine_json_at(cases, i), 0), NAN);
        const int64_t cell = seine_json_int(seine_json_at(seine_json_at(cases, i), 1), 999);
        assert_int_equal(seine_weather_lat_grid(degrees), cell);
        assert_int_equal(seine_weather_lon_grid(degrees), cell);
    }
    assert_int_equal(seine_weather_lon_grid(179.6), -180);
    assert_int_equal(seine_weather_lon_grid(-179.6), -180);
    seine_json_free(json);
}

static double weather_at(const seine_weather_row *weather, size_t count, double lat, double lon, int64_t time_us) {
    const seine_weather_row *row = seine_weather_find(weather, count, lat, lon, time_us, 2 * HOUR);
    return row != NULL ? row->temperature : NAN;
}

static void weather_is_the_nearest_in_time(void **state) {
    (void)state;
    seine_weather_row w[] = {
        {10, 20, true, 0, INT64_MIN, INT64_MAX, 1, 0},       {10, 20, true, 2 * HOUR, INT64_MIN, INT64_MAX, 2, 0},
        {10, 20, true, 3 * HOUR, INT64_MIN, 3 * HOUR, 3, 0}, {10, 20, false, 0, INT64_MIN, 20 * HOUR, 4, 0},
        {10, -180, false, 0, INT64_MIN, INT64_MAX, 5, 0},    {11, 20, true, HOUR, INT64_MIN, INT64_MAX, 6, 0},
        {10, 20, false, 0, 20 * HOUR, INT64_MAX, 7, 0},
    };
    const size_t count = sizeof w / sizeof *w;
    for (size_t i = 1; i < count; i++) /* by order */
        for (size_t k = i; k > 0 && seine_weather_compare(&w[k], &w[k - 1]) < 0; k--) {
            const seine_weather_row held = w[k];
            w[k] = w[k - 1];
            w[k - 1] = held;
        }
    assert_true(weather_at(w, count, 10.4, 19.6, 0) == 1);
    assert_true(weather_at(w, count, 10.4, 19.6, HOUR) == 1); /* equally near: the earlier */
    assert_true(weather_at(w, count, 10.4, 19.6, HOUR + 1) == 2);
    assert_true(weather_at(w, count, 10.4, 19.6, -2 * HOUR) == 1);
    assert_true(weather_at(w, count, 10.4, 19.6, -2 * HOUR - 1) == 4); /* too far: the one without a time */
    assert_true(weather_at(w, count, 10.4, 19.6, 3 * HOUR - 1) == 3);
    assert_true(weather_at(w, count, 10.4, 19.6, 3 * HOUR) == 2); /* the nearer one is not in force any more */
    assert_true(weather_at(w, count, 10.4, 19.6, 4 * HOUR + 1) == 4);
    assert_true(weather_at(w, count, 10.4, 19.6, 20 * HOUR) == 7);
    assert_true(weather_at(w, count, 10, 179.9, 0) == 5);
    assert_true(weather_at(w, count, 10, -179.9, 0) == 5);
    assert_true(weather_at(w, count, 11, 20, 0) == 6);
    assert_true(isnan(weather_at(w, count, 12, 20, 0)));
}

/* ---- laws ---- */

static void any_split_gives_the_same_rows_and_state(void **state) {
    (void)state;
    seine_json *json;
    setup s;
    ports_of_the_oracle(&s, oracle(&json, "ports"));
    uint64_t seed = 7;
    static int64_t time_us[MOST];
    static double lat[MOST], lon[MOST], speed[MOST];
    for (size_t i = 0; i < MOST; i++) {
        time_us[i] = (i > 0 ? time_us[i - 1] : 0) + (int64_t)(next_random(&seed) % 7200) * SECOND;
        lat[i] = (double)(next_random(&seed) % 180) - 90;
        lon[i] = (double)(next_random(&seed) % 360) - 180;
        speed[i] = (double)(next_random(&seed) % 300) / 10;
    }
    static rows whole, pieces;
    make_rows(&whole);
    make_rows(&pieces);
    const seine_track all = {.time_us = time_us, .lat_deg = lat, .lon_deg = lon, .speed = speed, .count = MOST};
    seine_track one = all, many = all;
    seine_state a = new_state(&seine_enrich_step, &s.config), b = new_state(&seine_enrich_step, &s.config);
    assert_int_equal(feed(&s, &a, &one, MOST, &whole), SEINE_OK);
    while (many.pos < MOST) {
        size_t end = many.pos + next_random(&seed) % 20, size;
        if (end > MOST) end = MOST;
        assert_int_equal(feed(&s, &b, &many, end, &pieces), SEINE_OK);
        uint8_t *bytes = saved(&seine_enrich_step, &s.config, &b, &size);
        seine_error error = {0};
        assert_int_equal(seine_enrich_step.load(&s.config, &b, bytes, size, NULL, 0, &error), SEINE_OK);
        free(bytes);
    }
    assert_memory_equal(whole.numbers, pieces.numbers, sizeof whole.numbers);
    assert_memory_equal(whole.codes, pieces.codes, sizeof whole.codes);
    assert_same_bytes(&seine_enrich_step, &s.config, &a, &b);
    free(a.data);
    free(b.data);
    seine_json_free(json);
}

static void a_fix_out_of_order_is_not_taken(void **state) {
    (void)state;
    const setup s = {.config = {.epoch_count = 0}};
    rows r;
    make_rows(&r);
    const int64_t time_us[] = {5, 4, 6};
    const double place[] = {0, 0, 0};
    seine_track track = {.time_us = time_us, .lat_deg = place, .lon_deg = place, .count = 3};
    seine_state st = new_state(&seine_enrich_step, &s.config);
    assert_int_equal(feed(&s, &st, &track, 3, &r), SEINE_E_ORDER);
    assert_int_equal(track.pos, 1);
    track.pos++;
    assert_int_equal(feed(&s, &st, &track, 3, &r), SEINE_OK);
    free(st.data);
}

static void damaged_states_are_refused(void **state) {
    (void)state;
    const setup s = {.config = {.epoch_count = 0}};
    rows r;
    make_rows(&r);
    const int64_t time_us = INT64_C(1717200000123456);
    const double place = 0;
    seine_track track = {.time_us = &time_us, .lat_deg = &place, .lon_deg = &place, .count = 1};
    seine_state st = new_state(&seine_enrich_step, &s.config);
    assert_int_equal(feed(&s, &st, &track, 1, &r), SEINE_OK);
    size_t size;
    uint8_t *bytes = saved(&seine_enrich_step, &s.config, &st, &size);
    seine_error error = {0};
    for (size_t cut = 0; cut < size; cut++)
        assert_int_not_equal(seine_enrich_step.load(&s.config, &st, bytes, cut, NULL, 0, &error), SEINE_OK);
    for (size_t i = 0; i < size * 8; i++) {
        bytes[i / 8] ^= (uint8_t)(1u << i % 8);
        assert_int_not_equal(seine_enrich_step.load(&s.config, &st, bytes, size, NULL, 0, &error), SEINE_OK);
        bytes[i / 8] ^= (uint8_t)(1u << i % 8);
    }
    assert_int_equal(seine_enrich_step.load(&s.config, &st, bytes, size, NULL, 0, &error), SEINE_OK);
    free(bytes);
    free(st.data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distance_to_each_port_equals_the_oracle),
        cmocka_unit_test(the_nearest_port_and_its_distance_are_columns),
        cmocka_unit_test(ports_hold_from_their_epoch_on),
        cmocka_unit_test(speed_categories_equal_the_oracle),
        cmocka_unit_test(time_in_zone_and_fishing_equal_the_oracle),
        cmocka_unit_test(fishing_is_three_valued),
        cmocka_unit_test(weather_cells_equal_the_oracle),
        cmocka_unit_test(weather_is_the_nearest_in_time),
        cmocka_unit_test(any_split_gives_the_same_rows_and_state),
        cmocka_unit_test(a_fix_out_of_order_is_not_taken),
        cmocka_unit_test(damaged_states_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
