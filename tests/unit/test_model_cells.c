/* links: engine io columns core base */
/* Cells and SQL functions: the cells of an independent implementation, nulls, edges, means right across 180 degrees. */
#include "unit/core_support.h"

#include "base/number.h"
#include "core/h3_cell.h"
#include "engine/engine.h"
#include "seine/geodesy.h"

#include <math.h>

/* ---- the oracle of cells ---- */

static seine_str take_until(seine_str *rest, char separator) {
    const char *at = memchr(rest->data, separator, rest->size);
    const size_t size = at != NULL ? (size_t)(at - rest->data) : rest->size;
    const seine_str part = seine_str_trim((seine_str){rest->data, size});
    *rest = (seine_str){rest->data + size + (at != NULL), rest->size - size - (at != NULL)};
    return part;
}

static void cells_equal_the_oracle_at_poles_pentagons_edges_and_180_degrees(void **state) {
    (void)state;
    seine_buf text;
    read_data("oracles/h3/latlng_to_cell.csv", &text);
    seine_str rest = seine_buf_str(&text);
    (void)take_until(&rest, '\n');
    size_t rows = 0;
    while (rest.size > 0) {
        seine_str line = take_until(&rest, '\n');
        double lat, lon;
        int64_t resolution;
        uint64_t cell = 0, parsed = 0;
        char found[SEINE_H3_TEXT_SIZE];
        assert_true(seine_number_parse(take_until(&line, ','), &lat));
        assert_true(seine_number_parse(take_until(&line, ','), &lon));
        assert_true(seine_integer_parse(take_until(&line, ','), &resolution));
        const seine_str expected = seine_str_trim(line);
        assert_true(seine_h3_cell(lat, lon, (int)resolution, &cell));
        seine_h3_text(cell, found);
        if (!seine_str_equal(expected, (seine_str){found, sizeof found}))
            fail_msg("%.17g, %.17g at %d: %.15s instead of %.*s", lat, lon, (int)resolution, found,
                     SEINE_STR_ARG(expected));
        assert_true(seine_h3_parse(expected.data, expected.size, &parsed));
        assert_true(parsed == cell);
        rows++;
    }
    assert_int_equal(rows, 5998);
    seine_buf_free(&text);
}

static double at_index(seine_json_value array, size_t index) {
    return seine_json_number(seine_json_at(array, index), NAN);
}

static void centres_and_corners_equal_the_oracle(void **state) {
    (void)state;
    seine_json *json = read_data_json("oracles/h3/cell_center_boundary.json");
    seine_json_iter it = {0};
    size_t cells = 0;
    while (seine_json_next(seine_json_root(json), &it)) {
        uint64_t cell = 0;
        double lat[SEINE_H3_BOUNDARY_POINTS], lon[SEINE_H3_BOUNDARY_POINTS], center_lat, center_lon;
        const seine_str name = seine_json_text(seine_json_get(it.value, "cell"));
        assert_true(seine_h3_parse(name.data, name.size, &cell));
        assert_true(seine_h3_center(cell, &center_lat, &center_lon));
        assert_true(fabs(center_lat - at_index(seine_json_get(it.value, "center"), 0)) < 1e-9);
        assert_true(fabs(center_lon - at_index(seine_json_get(it.value, "center"), 1)) < 1e-9);
        const size_t count = seine_h3_boundary(cell, lat, lon);
        const seine_json_value corners = seine_json_get(it.value, "boundary");
        assert_int_equal(count, seine_json_count(corners));
        seine_json_iter corner = {0};
        for (size_t i = 0; seine_json_next(corners, &corner); i++) {
            assert_true(fabs(lat[i] - at_index(corner.value, 0)) < 1e-9);
            assert_true(fabs(lon[i] - at_index(corner.value, 1)) < 1e-9);
        }
        cells++;
    }
    assert_int_equal(cells, 200);
    seine_json_free(json);
}

static void a_place_outside_the_earth_has_no_cell(void **state) {
    (void)state;
    uint64_t cell;
    assert_false(seine_h3_cell(90.5, 0, 7, &cell));
    assert_false(seine_h3_cell(NAN, 0, 7, &cell));
    assert_false(seine_h3_cell(0, INFINITY, 7, &cell));
    assert_false(seine_h3_cell(0, 0, 16, &cell));
    assert_false(seine_h3_parse("8728c209cfffff", 14, &cell));
    for (size_t i = 0; i < 15; i++) { /* one byte that is no digit, beside each end of the ranges of digits */
        for (const char *byte = "/:@G`gz "; *byte != '\0'; byte++) {
            char text[] = "8728c209cffffff";
            text[i] = *byte;
            assert_false(seine_h3_parse(text, 15, &cell));
        }
    }
    uint64_t same = 0;
    assert_true(seine_h3_parse("8728c209cffffff", 15, &cell));
    assert_true(seine_h3_parse("8728C209CFFFFFF", 15, &same));
    assert_int_equal(cell, same);
    assert_false(seine_h3_parse("000000000000000", 15, &cell));
}

static void a_disk_is_symmetric_and_smaller_around_a_pentagon(void **state) {
    (void)state;
    uint64_t cell, disk[7], back[7];
    int steps[7];
    assert_true(seine_h3_cell(48.00732421875, -123.98876953125, 7, &cell));
    assert_int_equal(seine_h3_disk(cell, 1, disk, steps), 7);
    assert_true(disk[0] == cell);
    for (size_t i = 1; i < 7; i++) {
        bool found = false;
        assert_int_equal(seine_h3_disk(disk[i], 1, back, steps), 7);
        for (size_t k = 0; k < 7; k++) found = found || back[k] == cell;
        assert_true(found);
    }
    assert_true(seine_h3_parse("870800000ffffff", 15, &cell)); /* base cell 4 is a pentagon */
    assert_int_equal(seine_h3_disk(cell, 1, disk, steps), 6);
    assert_int_equal(seine_h3_disk(cell, -1, disk, steps), 0);
}

/* ---- SQL ---- */

static seine_engine *open_engine(void) {
    const seine_engine_options options = {.threads = 1};
    seine_engine *engine = NULL;
    seine_error error = {SEINE_OK, ""};
    if (seine_engine_open(&options, &engine, &error) != SEINE_OK) fail_msg("%s", error.text);
    return engine;
}

/* The one text value of a query; "null" for null. */
static void assert_value(seine_engine *engine, const char *expression, const char *expected) {
    char sql[1024], found[1024] = "null";
    seine_query *query = NULL;
    seine_rows rows;
    seine_error error = {SEINE_OK, ""};
    (void)snprintf(sql, sizeof sql, "SELECT CAST(%s AS VARCHAR)", expression);
    if (seine_query_start(engine, sql, NULL, 0, &query, &error) != SEINE_OK) fail_msg("%s: %s", sql, error.text);
    if (seine_query_next(query, &rows, &error) != SEINE_OK) fail_msg("%s: %s", sql, error.text);
    assert_int_equal(rows.count, 1);
    const seine_str value = ((const seine_str *)rows.columns[0].values)[0];
    if (rows.columns[0].valid == NULL || rows.columns[0].valid[0])
        (void)snprintf(found, sizeof found, "%.*s", SEINE_STR_ARG(value));
    assert_string_equal(found, expected);
    seine_query_end(query);
}

static void sql_functions_answer_as_the_rules_say(void **state) {
    (void)state;
    static const struct {
        const char *expression, *expected;
    } cases[] = {
        {"h3_cell(48.00732421875, -123.98876953125, 7)", "8728c209cffffff"},
        {"h3_cell(NULL, 1, 7)", "null"},
        {"h3_cell(91, 1, 7)", "null"},
        {"len(h3_disk('8728c209cffffff', 2))", "19"},
        {"h3_disk('8728c209cffffff', 1)[1]", "8728c209cffffff"},
        {"h3_disk('no cell', 1)", "null"},
        {"h3_disk(NULL, 1)", "null"},
        {"h3_boundary('no cell')", "null"},
        {"distance_m(0, 0, 0, 1)", "111319.49079327357"},
        {"distance_m(0, 0, 91, 1)", "null"},
        {"distance_m(0, 0, NULL, 1)", "null"},
        {"bearing_deg(0, 0, 0, 1)", "90.0"},
        {"bearing_deg(0, 0, 0, -1)", "270.0"},
        {"bearing_deg(0, 179.5, 0, -179.5)", "90.0"},
        {"bearing_deg(1, 0, 0, 0)", "180.0"},
        {"sql_injection('DROP TABLE users;')", "[;, DROP]"},
        {"sql_injection('dropped')", "null"},
        {"sql_injection(NULL)", "null"},
        {"(SELECT lon_mean(x) FROM (VALUES (179.5), (-179.5)) t(x))", "180.0"},
        {"(SELECT lon_mean(x) FROM (VALUES (179.5), (-179.0)) t(x))", "-179.75"},
        {"(SELECT lon_mean(x) FROM (VALUES (10.0), (20.0), (NULL)) t(x))", "15.0"},
        {"(SELECT lon_mean(x) FROM (VALUES (-10.0), (20.0)) t(x))", "5.0"},
        {"(SELECT lon_mean(x) FROM (VALUES (180.0), (-180.0)) t(x))", "180.0"},
        {"(SELECT lon_mean(x) FROM (SELECT 1.0 AS x WHERE false))", "null"},
    };
    seine_engine *engine = open_engine();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_value(engine, cases[i].expression, cases[i].expected);
    seine_engine_close(engine);
}

static void whole_columns_with_nulls_in_between_come_out_row_by_row(void **state) {
    (void)state;
    seine_engine *engine = open_engine();
    /* Every third row is null; 5000 rows are several vectors. */
    assert_value(engine,
                 "(SELECT count(*) FROM (SELECT i, h3_cell(CASE WHEN i % 3 > 0 THEN i / 100.0 END, i / 50.0, 7) AS c,"
                 " h3_disk(c, 1) AS d FROM range(5000) t(i)) WHERE (c IS NULL) = (i % 3 = 0) AND"
                 " (d IS NULL) = (c IS NULL) AND (c IS NULL OR (len(d) >= 6 AND d[1] = c)))",
                 "5000");
    assert_value(engine,
                 "(SELECT count(*) FROM (SELECT i, sql_injection(CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN 'a' || i ELSE"
                 " i || '; drop' END) AS p FROM range(5000) t(i)) WHERE (p IS NOT NULL) = (i % 3 = 2) AND"
                 " (p IS NULL OR (len(p) = 2 AND p[1] = ';' AND p[2] = 'DROP')))",
                 "5000");
    seine_engine_close(engine);
}

static void a_resolution_or_radius_out_of_range_is_an_error(void **state) {
    (void)state;
    static const char *const wrong[] = {"SELECT h3_cell(1, 1, 16)", "SELECT h3_cell(1, 1, -1)",
                                        "SELECT h3_disk('8728c209cffffff', 51)"};
    seine_engine *engine = open_engine();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        seine_query *query = NULL;
        seine_rows rows;
        seine_error error = {SEINE_OK, ""};
        seine_status status = seine_query_start(engine, wrong[i], NULL, 0, &query, &error);
        if (status == SEINE_OK) status = seine_query_next(query, &rows, &error);
        assert_int_not_equal(status, SEINE_OK);
        assert_non_null(strstr(error.text, "must be between"));
        seine_query_end(query);
    }
    seine_engine_close(engine);
}

/* The corners as text hold: the polygon of a cell on the 180th meridian stays in one piece. */
static void the_polygon_of_a_cell_across_180_degrees_is_not_torn(void **state) {
    (void)state;
    seine_engine *engine = open_engine();
    assert_value(engine,
                 "(SELECT max(x) - min(x) < 1 AND max(x) > 180 OR min(x) < -180 FROM (SELECT"
                 " CAST(split_part(trim(p), ' ', 1) AS DOUBLE) AS x FROM (SELECT"
                 " unnest(string_split(regexp_extract(h3_boundary(h3_cell(10, 180, 5)), '[(]{2}(.*)[)]{2}', 1), ','))"
                 " AS p)))",
                 "true");
    seine_engine_close(engine);
}

static void means_do_not_depend_on_the_order_of_rows(void **state) {
    (void)state;
    seine_engine *engine = open_engine();
    assert_value(engine,
                 "(SELECT a = b AND c = d FROM (SELECT exact_mean(x) AS a, lon_mean(x) AS c FROM (SELECT"
                 " (i * 7919 % 360007) / 2000.0 - 90 AS x FROM range(100000) t(i) ORDER BY x)), (SELECT"
                 " exact_mean(x) AS b, lon_mean(x) AS d FROM (SELECT (i * 7919 % 360007) / 2000.0 - 90 AS x FROM"
                 " range(100000) t(i) ORDER BY hash(x))))",
                 "true");
    seine_engine_close(engine);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_equal_the_oracle_at_poles_pentagons_edges_and_180_degrees),
        cmocka_unit_test(centres_and_corners_equal_the_oracle),
        cmocka_unit_test(a_place_outside_the_earth_has_no_cell),
        cmocka_unit_test(a_disk_is_symmetric_and_smaller_around_a_pentagon),
        cmocka_unit_test(sql_functions_answer_as_the_rules_say),
        cmocka_unit_test(whole_columns_with_nulls_in_between_come_out_row_by_row),
        cmocka_unit_test(a_resolution_or_radius_out_of_range_is_an_error),
        cmocka_unit_test(the_polygon_of_a_cell_across_180_degrees_is_not_torn),
        cmocka_unit_test(means_do_not_depend_on_the_order_of_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
