/* links: core io base */
#include "unit/core_support.h"

#include "base/number.h"
#include "seine/geodesy.h"

#include <math.h>

static seine_str take_line(seine_str *rest) {
    const char *end = memchr(rest->data, '\n', rest->size);
    const size_t size = end != NULL ? (size_t)(end - rest->data) : rest->size;
    const bool carriage_return = size > 0 && rest->data[size - 1] == '\r';
    const seine_str line = {rest->data, size - carriage_return};
    const size_t skip_bytes = end != NULL ? size + 1 : size;
    *rest = (seine_str){rest->data + skip_bytes, rest->size - skip_bytes};
    return line;
}

/* lat1,lon1,lat2,lon2,metres */
static void parse_row(seine_str line, double number[5]) {
    for (int i = 0; i < 5; i++) {
        const char *comma = i < 4 ? memchr(line.data, ',', line.size) : line.data + line.size;
        assert_non_null(comma);
        const size_t size = (size_t)(comma - line.data);
        assert_true(seine_number_parse((seine_str){line.data, size}, &number[i]));
        line = (seine_str){line.data + size + (i < 4), line.size - size - (i < 4)};
    }
}

typedef double distance_rule(double, double, double, double);

static size_t check_table(const char *name, distance_rule *rule, double absolute, double relative) {
    seine_buf text;
    read_data(name, &text);
    seine_str rest = seine_buf_str(&text);
    take_line(&rest); /* header */
    size_t rows = 0;
    while (rest.size > 0) {
        double row[5];
        parse_row(take_line(&rest), row);
        assert_near(rule(row[0], row[1], row[2], row[3]), row[4], absolute + relative * row[4]);
        assert_near(rule(row[2], row[3], row[0], row[1]), row[4], absolute + relative * row[4]);
        rows++;
    }
    seine_buf_free(&text);
    return rows;
}

static void geodesic_is_within_a_tenth_of_a_micrometre_of_the_oracle(void **state) {
    (void)state;
    assert_int_equal(check_table("oracles/geodesic/geodesic_wgs84_metres.csv", seine_geodesic_m, 1e-7, 0), 1509);
}

static void chord_rule_equals_the_sphere_oracle(void **state) {
    (void)state;
    assert_int_equal(check_table("oracles/bigquery/st_distance_sphere.csv", seine_chord_m, 0, 1e-12), 505);
}

static void geodesic_of_the_specification_examples(void **state) {
    (void)state;
    assert_near(seine_geodesic_m(0, 0, 0, 1), 111319.49079327357, 1e-7);
    assert_near(seine_geodesic_m(0, 179.9, 0, -179.9), 22263.898158653446, 1e-7);
    assert_near(seine_geodesic_m(0, 190, 0, 0), 18924313.434856508, 1e-7); /* wrapped first */
    assert_near(seine_geodesic_m(90, 0, 90, 77), 0, 1e-7);
}

/* The oracle counts an unknown latitude as 0; here both coordinates of both ends must be known (SPEC 2.8.3). */
static void geodesic_is_unknown_unless_all_coordinates_are_known_and_valid(void **state) {
    (void)state;
    assert_true(isnan(seine_geodesic_m(NAN, 10, 1, 10)));
    assert_true(isnan(seine_geodesic_m(1, NAN, 1, 10)));
    assert_true(isnan(seine_geodesic_m(1, 2, NAN, NAN)));
    assert_true(isnan(seine_geodesic_m(90.000001, 0, 0, 0)));
    assert_true(isnan(seine_geodesic_m(0, 0, -91, 0)));
    assert_true(isnan(seine_geodesic_m(0, INFINITY, 0, 0)));
}

/* The same deliberate difference on the oracle's own cases: complete ends agree, incomplete ones are unknown. */
static void null_rules_agree_with_the_oracle_where_both_ends_are_complete(void **state) {
    (void)state;
    seine_json *json = read_data_json("oracles/geodesic/null_coordinate_rules.json");
    assert_true(seine_json_count(seine_json_root(json)) > 0);
    seine_json_iter it = {0};
    while (seine_json_next(seine_json_root(json), &it)) {
        double number[4];
        bool complete = true;
        for (size_t i = 0; i < 4; i++) {
            seine_json_value end = seine_json_get(it.value, i < 2 ? "off" : "on");
            number[i] = seine_json_number(seine_json_at(end, i % 2), NAN);
            complete = complete && !isnan(number[i]);
        }
        const double expected = seine_json_number(seine_json_get(it.value, "distance_m"), NAN);
        const double got = seine_geodesic_m(number[0], number[1], number[2], number[3]);
        if (!complete || isnan(expected)) {
            assert_true(isnan(got));
        } else {
            assert_near(got, expected, 1e-7);
        }
    }
    seine_json_free(json);
}

static void chord_rule_of_one_degree_on_the_equator(void **state) {
    (void)state;
    assert_near(seine_chord_m(0, 0, 0, 1), 111195.10117748393, 1e-7);
    assert_near(seine_chord_m(0, 0, 0, 180), 6371010 * 3.14159265358979323846, 1e-3);
}

static void haversine_forms_give_the_known_city_distances(void **state) {
    (void)state;
    distance_rule *const forms[] = {seine_haversine_km, seine_haversine_atan2_km};
    for (int i = 0; i < 2; i++) {
        assert_near(forms[i](33.4484, -112.0740, 40.7128, -74.0059), 3443.706085594739, 4e-9);
        assert_near(forms[i](33.4484, -112.0740, 35.6895, 139.6917), 9308.45399157672, 1e-8);
        assert_near(forms[i](33.4484, -112.0740, 33.4942, -111.9261), 14.633197815695059, 2e-11);
    }
}

static void cosine_rule_is_zero_at_a_standstill_and_wraps_the_antimeridian(void **state) {
    (void)state;
    assert_true(seine_cosine_m(10, 20, 10.00009, 20.00009) == 0);
    assert_true(seine_cosine_m(10, 20, 10.0002, 20) > 22);
    /* One degree along the equator, with the rounded degree factor of the rule. */
    assert_near(seine_cosine_m(0, 0, 0, 1), 6371000 * 0.01745329251, 1e-6);
    const double around = 2 * 3.14159265358979323846 - 359 * 0.01745329251;
    assert_near(seine_cosine_m(0, 179.5, 0, -179.5), 6371000 * around, 1e-3);
}

static void every_rule_is_unknown_for_an_unknown_coordinate(void **state) {
    (void)state;
    distance_rule *const rules[] = {seine_geodesic_m, seine_chord_m, seine_haversine_km, seine_haversine_atan2_km,
                                    seine_cosine_m};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        assert_true(isnan(rules[i](NAN, 0, 0, 0)));
        assert_true(isnan(rules[i](0, NAN, 0, 0)));
        assert_true(isnan(rules[i](0, 0, INFINITY, 0)));
        assert_true(isnan(rules[i](0, 0, 0, -INFINITY)));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(geodesic_is_within_a_tenth_of_a_micrometre_of_the_oracle),
        cmocka_unit_test(chord_rule_equals_the_sphere_oracle),
        cmocka_unit_test(geodesic_of_the_specification_examples),
        cmocka_unit_test(geodesic_is_unknown_unless_all_coordinates_are_known_and_valid),
        cmocka_unit_test(null_rules_agree_with_the_oracle_where_both_ends_are_complete),
        cmocka_unit_test(chord_rule_of_one_degree_on_the_equator),
        cmocka_unit_test(haversine_forms_give_the_known_city_distances),
        cmocka_unit_test(cosine_rule_is_zero_at_a_standstill_and_wraps_the_antimeridian),
        cmocka_unit_test(every_rule_is_unknown_for_an_unknown_coordinate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
