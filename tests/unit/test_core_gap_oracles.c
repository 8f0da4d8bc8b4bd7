/* links: core io base */
/* Ids, measures and the open-gap test against what the original really returned. */
#include "unit/core_support.h"

#include "base/number.h"
#include "seine/gap.h"

#include <math.h>

static int64_t micros_of(double seconds) { return (int64_t)llround(seconds * 1e6); }

/* Text of a coordinate as the id rule wants it: an integer has no point, null and zero print 0.0. */
static void coordinate_text(seine_json_value value, char text[32]) {
    const double number = seine_json_number(value, 0);
    if (seine_json_kind_of(value) == SEINE_JSON_INT && number != 0) {
        snprintf(text, 32, "%lld", (long long)seine_json_int(value, 0));
    } else {
        seine_number_text(number == 0 ? 0.0 : number, text);
    }
}

static void timestamp_text(seine_json_value value, char text[32]) {
    if (seine_json_kind_of(value) == SEINE_JSON_INT) {
        snprintf(text, 32, "%lld", (long long)seine_json_int(value, 0));
    } else {
        seine_number_text(seine_json_number(value, NAN), text);
    }
}

static void gap_ids_equal_every_vector(void **state) {
    (void)state;
    seine_json *json = read_data_json("oracles/pipe-gaps/gap_id_vectors.json");
    seine_json_iter it = {0};
    size_t checked = 0;
    while (seine_json_next(seine_json_root(json), &it)) {
        seine_str ssvid = seine_json_text(seine_json_get(it.value, "ssvid"));
        const seine_json_kind kind = seine_json_kind_of(seine_json_get(it.value, "ssvid"));
        if (kind == SEINE_JSON_NULL) ssvid = SEINE_STR("None");
        if (kind == SEINE_JSON_INT) ssvid = SEINE_STR("123");
        char time_text[32];
        char lat_text[32];
        char lon_text[32];
        char id[33];
        timestamp_text(seine_json_get(it.value, "timestamp"), time_text);
        coordinate_text(seine_json_get(it.value, "lat"), lat_text);
        coordinate_text(seine_json_get(it.value, "lon"), lon_text);
        seine_gap_id(ssvid.data, ssvid.size, time_text, lat_text, lon_text, id);
        const seine_str expected = seine_json_text(seine_json_get(it.value, "gap_id"));
        assert_string_equal(id, expected.data);
        checked++;
    }
    assert_int_equal(checked, 21);
    seine_json_free(json);
}

static void the_lake_form_of_an_id_uses_float_seconds(void **state) {
    (void)state;
    char id[33];
    seine_gap_id_of_fix("446013750", 9, INT64_C(1704067200) * SECOND, 65.4, NAN, id);
    assert_string_equal(id, "81b289f98a20ed11e67c9a52018e7ac2");
    seine_gap_id_of_fix("1", 1, 0, -0.0, 0, id);
    assert_string_equal(id, "f59f3652fe11b8891b2dc94dcf126430");
    seine_gap_id_of_fix("1", 1, INT64_C(1704067200123456), 1, 2, id);
    assert_string_equal(id, "48e03d5466148b4d7e0033d390b4590e");
    seine_gap_id_of_fix("1", 1, -3600 * SECOND, 1, 1, id);
    assert_string_equal(id, "7eace2428f0b8d2f8aee74c880caac61");
}

/* Rows: off_ts, off_lat, off_lon, on_ts, on_lat, on_lon, distance_m, duration_h, implied_speed_knots, gap_id. */
static void check_metrics_row(seine_json_value row) {
    double number[9];
    for (size_t i = 0; i < 9; i++) number[i] = seine_json_number(seine_json_at(row, i), NAN);
    const int64_t time_us[] = {micros_of(number[0]), micros_of(number[3])};
    const double lat[] = {number[1], number[4]};
    const double lon[] = {number[2], number[5]};
    const seine_gap_config config = {.min_gap_us = 0, .history_us = 0};
    seine_state s = new_state(&seine_gap_step, &config);
    seine_event event;
    seine_step_out out = {&event, 1, 0, NULL};
    seine_track track = {.time_us = time_us, .lat_deg = lat, .lon_deg = lon, .count = 2};
    assert_int_equal(feed_to(&seine_gap_step, &config, &s, &track, 2, &out), SEINE_OK);
    assert_int_equal(out.pos, 1);
    assert_near(event.measure[SEINE_GAP_DISTANCE], number[6], 1e-7);
    assert_true(event.measure[SEINE_GAP_DURATION] == number[7]);
    assert_near(event.measure[SEINE_GAP_SPEED], number[8], 1e-9 * (1 + number[8]));
    char id[33];
    seine_gap_id_of_fix("1", 1, event.start_us, event.start_lat_deg, event.start_lon_deg, id);
    assert_string_equal(id, seine_json_text(seine_json_at(row, 9)).data);
    free(s.data);
}

static void distance_duration_speed_and_id_equal_every_vector(void **state) {
    (void)state;
    seine_json *json = read_data_json("oracles/pipe-gaps/metrics_vectors.json");
    seine_json_value rows = seine_json_get(seine_json_root(json), "rows");
    assert_int_equal(seine_json_count(rows), 200);
    seine_json_iter it = {0};
    while (seine_json_next(rows, &it)) check_metrics_row(it.value);
    seine_json_free(json);
}

/* The original tests against the midnight after a day: the watermark of a finished day is that midnight. */
static void open_gaps_equal_the_truth_table(void **state) {
    (void)state;
    seine_json *json = read_data_json("oracles/pipe-gaps/eval_open_gap_vectors.json");
    assert_int_equal(seine_json_count(seine_json_root(json)), 84);
    seine_json_iter it = {0};
    while (seine_json_next(seine_json_root(json), &it)) {
        const int64_t time_us = micros_of(seine_json_number(seine_json_get(it.value, "timestamp"), NAN));
        int32_t day = seine_time_day(time_us);
        const seine_str today = seine_json_text(seine_json_get(it.value, "today"));
        if (today.size > 0) assert_true(seine_date_parse(today, &day));
        const double hours = seine_json_number(seine_json_get(it.value, "threshold_h"), NAN);
        const seine_gap_config config = {.min_gap_us = (int64_t)(hours * (double)HOUR), .history_us = 0};
        seine_state s = new_state(&seine_gap_step, &config);
        seine_event event;
        seine_step_out out = {&event, 1, 0, NULL};
        seine_track track = {.time_us = &time_us, .count = 1};
        assert_int_equal(feed_to(&seine_gap_step, &config, &s, &track, 1, &out), SEINE_OK);
        assert_int_equal(seine_gap_step.advance(&config, &s, seine_time_day_start_us(day + 1), &out), SEINE_OK);
        assert_int_equal(out.pos, seine_json_bool(seine_json_get(it.value, "open"), false));
        free(s.data);
    }
    seine_json_free(json);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gap_ids_equal_every_vector),
        cmocka_unit_test(the_lake_form_of_an_id_uses_float_seconds),
        cmocka_unit_test(distance_duration_speed_and_id_equal_every_vector),
        cmocka_unit_test(open_gaps_equal_the_truth_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
