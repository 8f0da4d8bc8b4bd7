/* links: serve table engine io columns core base */
/* From a request line to checked values: routes, parameters, formats, ETags, cursors. */
#include "serve/cursor.h"
#include "serve/request.h"
#include "serve/routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

typedef struct parsed {
    seine_request request;
    seine_status status;
    seine_error error;
} parsed;

static parsed parse(const char *target, const char *accept) {
    parsed p;
    p.error = (seine_error){SEINE_OK, ""};
    const seine_headers headers = {.accept = seine_str_of(accept)};
    p.status = seine_request_parse(&seine_all_routes, seine_str_of(target), &headers, &p.request, &p.error);
    return p;
}

static void assert_route(const char *target, const char *accept, const char *name, seine_format format) {
    parsed p = parse(target, accept);
    if (p.status != SEINE_OK) print_error("%s: %s\n", target, p.error.text);
    assert_int_equal(p.status, SEINE_OK);
    assert_string_equal(p.request.route->name, name);
    assert_int_equal(p.request.format, format);
    seine_request_free(&p.request);
}

static void assert_refused(const char *target, seine_status status, const char *word) {
    parsed p = parse(target, NULL);
    assert_int_equal(p.status, status);
    if (strstr(p.error.text, word) == NULL) print_error("%s: %s\n", target, p.error.text);
    assert_non_null(strstr(p.error.text, word));
    seine_request_free(&p.request);
}

static void a_path_has_one_route_and_its_suffix_is_a_format(void **state) {
    (void)state;
    assert_route("/", NULL, "service", SEINE_FORMAT_OWN);
    assert_route("/api/v1/vessels/current", NULL, "vessels_current", SEINE_FORMAT_JSON);
    assert_route("/api/v1/vessels/current.csv", NULL, "vessels_current", SEINE_FORMAT_CSV);
    assert_route("/api/v1/vessels/12", NULL, "vessel", SEINE_FORMAT_JSON);
    assert_route("/api/v1/vessels/12/history.geojson?days=0", NULL, "vessel_history", SEINE_FORMAT_GEOJSON);
    assert_route("/api/v1/tables/silver.ais", NULL, "table", SEINE_FORMAT_JSON);
    assert_route("/api/v1/%76essels", NULL, "vessels_search", SEINE_FORMAT_JSON);
    assert_refused("/api/v1/vessels/", SEINE_E_NOT_FOUND, "nothing");
    assert_refused("/api/v1/vessels/12/", SEINE_E_NOT_FOUND, "nothing");
    assert_refused("/api/v1//vessels", SEINE_E_NOT_FOUND, "nothing");
    assert_refused("api/v1/vessels", SEINE_E_USAGE, "begins with /");
    assert_refused("", SEINE_E_USAGE, "begins with /");
}

static void the_accept_header_chooses_a_format(void **state) {
    (void)state;
    const char *target = "/api/v1/events";
    assert_route(target, "*/*", "events", SEINE_FORMAT_JSON);
    assert_route(target, "text/csv", "events", SEINE_FORMAT_CSV);
    assert_route(target, "text/*", "events", SEINE_FORMAT_CSV);
    assert_route(target, "application/json;q=0.2, application/geo+json;q=0.9", "events", SEINE_FORMAT_GEOJSON);
    assert_route(target, "application/json;q=0, */*;q=0.1", "events", SEINE_FORMAT_NDJSON);
    assert_route(target, "text/html,application/xhtml+xml,*/*;q=0.8", "events", SEINE_FORMAT_JSON);
    parsed p = parse(target, "image/png");
    assert_int_equal(p.status, SEINE_E_UNSUPPORTED);
    seine_request_free(&p.request);
    assert_int_equal(seine_accept_quality(SEINE_STR("text/*;q=0.5, text/csv;q=0.1"), "text/csv"), 100);
    assert_int_equal(seine_accept_quality(SEINE_STR("text/csv;q=7"), "text/csv"), 0);
    assert_int_equal(seine_accept_encoding(SEINE_STR("gzip;q=0.5, zstd;q=0")), SEINE_ENCODING_GZIP);
    assert_int_equal(seine_accept_encoding(SEINE_STR("br, gzip, zstd")), SEINE_ENCODING_ZSTD);
    assert_int_equal(seine_accept_encoding(SEINE_STR("*")), SEINE_ENCODING_NONE);
}

static void parameters_are_checked_by_kind(void **state) {
    (void)state;
    parsed p =
        parse("/api/v1/events?bbox=170,-10,-170,10&open=false&min_hours=1.5&mmsi=123&end=2025-01-02T00:00:00Z", NULL);
    assert_int_equal(p.status, SEINE_OK);
    const seine_input *box = seine_request_input(&p.request, "bbox");
    assert_true(box->given && box->box[0] == 170 && box->box[2] == -170);
    assert_true(seine_request_input(&p.request, "open")->given && !seine_request_input(&p.request, "open")->flag);
    assert_true(seine_request_input(&p.request, "min_hours")->number == 1.5);
    assert_true(seine_request_input(&p.request, "end")->time_us == INT64_C(1735776000000000));
    assert_int_equal(seine_request_input(&p.request, "limit")->integer, 100); /* its fallback */
    assert_false(seine_request_input(&p.request, "start")->given);
    assert_false(seine_request_input(&p.request, "nix")->given);
    seine_request_free(&p.request);
    assert_refused("/api/v1/events?nix=1", SEINE_E_USAGE, "nix");
    assert_refused("/api/v1/events?limit=1&limit=1", SEINE_E_USAGE, "twice");
    assert_refused("/api/v1/events?limit=0", SEINE_E_USAGE, "limit: must be from 1");
    assert_refused("/api/v1/events?limit=", SEINE_E_USAGE, "limit");
    assert_refused("/api/v1/events?mmsi=12a", SEINE_E_USAGE, "mmsi");
    assert_refused("/api/v1/events?mmsi=123456789012345678901", SEINE_E_USAGE, "mmsi");
    assert_refused("/api/v1/events?bbox=1,2,3,4,5", SEINE_E_USAGE, "bbox");
    assert_refused("/api/v1/events?bbox=0,10,0,-10", SEINE_E_USAGE, "south before north");
    assert_refused("/api/v1/events?bbox=-181,0,0,0", SEINE_E_USAGE, "longitudes");
    assert_refused("/api/v1/events?min_hours=inf", SEINE_E_USAGE, "min_hours");
    assert_refused("/api/v1/tracks", SEINE_E_USAGE, "mmsi: must be given");
    assert_refused("/tiles/nix/0/0/0", SEINE_E_USAGE, "layer");
    assert_refused("/tiles/ports/23/0/0", SEINE_E_USAGE, "z: must be from 0 to 22");
}

static void bad_escapes_are_refused(void **state) {
    (void)state;
    assert_refused("/%", SEINE_E_USAGE, "%");
    assert_refused("/%4", SEINE_E_USAGE, "%");
    assert_refused("/%zz", SEINE_E_USAGE, "%");
    assert_refused("/%00", SEINE_E_USAGE, "NUL");
    assert_refused("/%c3%28", SEINE_E_USAGE, "UTF-8");
    assert_refused("/api/v1/vessels?q=%ff", SEINE_E_USAGE, "UTF-8");
    char *text = malloc(SEINE_TARGET_MAX + 2);
    memset(text, 'a', SEINE_TARGET_MAX + 1);
    text[0] = '/';
    text[SEINE_TARGET_MAX + 1] = '\0';
    assert_refused(text, SEINE_E_LIMIT, "longer");
    free(text);
}

static void equal_requests_have_one_canonical_text(void **state) {
    (void)state;
    const char *const targets[] = {"/api/v1/events?mmsi=1&min_hours=2", "/api/v1/events?min_hours=2&mmsi=1&limit=100",
                                   "/api/v1/events?min%5fhours=2&&mmsi=%31&kind=gaps&cursor=AA"};
    for (size_t i = 0; i < 3; i++) {
        seine_buf out;
        seine_buf_init(&out, 1000);
        parsed p = parse(targets[i], NULL);
        assert_int_equal(p.status, SEINE_OK);
        assert_int_equal(seine_request_canonical(&p.request, true, &out), SEINE_OK);
        assert_string_equal(seine_buf_text(&out), "kind=gaps&min_hours=2&mmsi=1&limit=100");
        seine_buf_free(&out);
        seine_request_free(&p.request);
    }
}

static void an_etag_is_found_in_a_list(void **state) {
    (void)state;
    assert_true(seine_etag_matches(SEINE_STR("\"a\", \"b\""), "b"));
    assert_true(seine_etag_matches(SEINE_STR("W/\"b\""), "b"));
    assert_true(seine_etag_matches(SEINE_STR("*"), "b"));
    assert_false(seine_etag_matches(SEINE_STR("\"bb\""), "b"));
    assert_false(seine_etag_matches(SEINE_STR("b"), "b"));
    assert_false(seine_etag_matches((seine_str){NULL, 0}, "b"));
}

static void a_cursor_reads_back_and_others_are_refused(void **state) {
    (void)state;
    const seine_cursor cursor = {.keys = {{SEINE_TYPE_LONG, INT64_MIN + 1, 0, {NULL, 0}},
                                          {SEINE_TYPE_DOUBLE, 0, 0.1, {NULL, 0}},
                                          {SEINE_TYPE_STRING, 0, 0, SEINE_STR("a\"é")}},
                                 .count = 3};
    seine_buf text;
    seine_arena arena = {0};
    seine_buf_init(&text, 1000);
    assert_int_equal(seine_cursor_write("list", &cursor, &text), SEINE_OK);
    seine_cursor back = {.keys = {{.type = SEINE_TYPE_LONG}, {.type = SEINE_TYPE_DOUBLE}, {.type = SEINE_TYPE_STRING}},
                         .count = 3};
    assert_int_equal(seine_cursor_read(seine_buf_str(&text), "list", &arena, &back, NULL), SEINE_OK);
    assert_true(back.keys[0].integer == INT64_MIN + 1 && back.keys[1].number == 0.1);
    assert_true(seine_str_equal(back.keys[2].text, SEINE_STR("a\"é")));
    assert_int_equal(seine_cursor_read(seine_buf_str(&text), "other", &arena, &back, NULL), SEINE_E_USAGE);
    back.keys[0].type = SEINE_TYPE_STRING;
    assert_int_equal(seine_cursor_read(seine_buf_str(&text), "list", &arena, &back, NULL), SEINE_E_USAGE);
    for (size_t cut = 0; cut < text.size; cut++)
        assert_int_equal(seine_cursor_read((seine_str){(char *)text.data, cut}, "list", &arena, &back, NULL),
                         SEINE_E_USAGE);
    seine_buf_free(&text);
    seine_arena_free(&arena);
}

static void a_slash_that_is_escaped_parts_nothing_and_comes_back_in_addresses(void **state) {
    (void)state;
    parsed p = parse("/api/v1/movers/goats/a%2ftrack%20%c3%a9.geojson/track.geojson", NULL);
    assert_int_equal(p.status, SEINE_OK);
    assert_string_equal(p.request.route->name, "mover_track");
    assert_true(seine_str_equal(seine_request_input(&p.request, "id")->text, SEINE_STR("a/track \xc3\xa9.geojson")));
    seine_buf text;
    seine_buf_init(&text, 1000);
    assert_int_equal(seine_request_address(&p.request, &text), SEINE_OK);
    assert_string_equal(seine_buf_text(&text), "/api/v1/movers/goats/a%2Ftrack%20%C3%A9.geojson/track");
    seine_buf_free(&text);
    seine_request_free(&p.request);
    assert_route("/api/v1/movers/goats/a/track", NULL, "mover_track", SEINE_FORMAT_JSON);
    assert_route("/api/v1/movers/goats/a%2Ftrack", NULL, "mover", SEINE_FORMAT_JSON);
    assert_route("/api/v1/movers/goats/gaps", NULL, "mover_gaps", SEINE_FORMAT_JSON);
    assert_refused("/api/v1%2Fmovers", SEINE_E_NOT_FOUND, "nothing");
    assert_refused("/api/v1/movers/goats/%2", SEINE_E_USAGE, "two hexadecimal");
}

static void every_route_can_be_found_by_its_pattern(void **state) {
    (void)state;
    for (size_t i = 0; i < seine_route_count(&seine_all_routes); i++) {
        const seine_route *route = seine_route_numbered(&seine_all_routes, i);
        seine_str values[SEINE_PARAMS_MAX];
        assert_int_equal(seine_route_find(&seine_all_routes, seine_str_of(route->pattern), values), i);
        size_t names = 0, in_path = 0;
        for (const char *at = route->pattern; *at != '\0'; at++) names += *at == '{';
        for (size_t k = 0; k < route->param_count; k++) in_path += route->params[k].in_path;
        assert_int_equal(names, in_path);
        assert_true(route->param_count <= SEINE_PARAMS_MAX && route->run != NULL);
        assert_true((route->formats != 0) != (route->content_type != NULL));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_has_one_route_and_its_suffix_is_a_format),
        cmocka_unit_test(a_slash_that_is_escaped_parts_nothing_and_comes_back_in_addresses),
        cmocka_unit_test(the_accept_header_chooses_a_format),
        cmocka_unit_test(parameters_are_checked_by_kind),
        cmocka_unit_test(bad_escapes_are_refused),
        cmocka_unit_test(equal_requests_have_one_canonical_text),
        cmocka_unit_test(an_etag_is_found_in_a_list),
        cmocka_unit_test(a_cursor_reads_back_and_others_are_refused),
        cmocka_unit_test(every_route_can_be_found_by_its_pattern),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
