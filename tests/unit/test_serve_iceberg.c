/* links: serve table engine io columns core base */
/* The Iceberg REST catalog: names, pages, metadata of a table, failures. */
#include "serve/call.h"
#include "serve/iceberg/failure.h"
#include "serve/iceberg/names.h"
#include "serve/iceberg/table.h"
#include "serve/routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* As the database orders them: by namespace, then by name. */
static const seine_pointer lake[] = {
    {"a.t", "file:///l/a/t/metadata/1.metadata.json"},     {"a-x.t", "file:///l/a-x/t/metadata/1.metadata.json"},
    {"a.b.u", "file:///l/a/b/u/metadata/1.metadata.json"}, {"a.b.v", "file:///l/a/b/v/metadata/1.metadata.json"},
    {"c.t", "file:///l/c/t/metadata/1.metadata.json"},
};
#define LAKE (sizeof lake / sizeof *lake)

/* What a route answers over that lake; its address holds the page. */
static void assert_answer(const char *target, seine_status status, const char *wanted) {
    const seine_view view = {.pointers = lake, .pointer_count = LAKE};
    const seine_headers headers = {0};
    seine_request request;
    seine_call call;
    seine_error error = {SEINE_OK, ""};
    assert_int_equal(seine_request_parse(&seine_all_routes, seine_str_of(target), &headers, &request, &error),
                     SEINE_OK);
    seine_call_init(&call, &request);
    call.view = &view;
    call.fence = "/l";
    call.warehouse = "north";
    assert_int_equal(request.route->run(&call, &error), status);
    assert_string_equal(status == SEINE_OK ? seine_buf_text(&call.body) : error.text, wanted);
    seine_call_free(&call);
    seine_request_free(&request);
}

/* The token by which the page of @p target goes on; the answer ends with it. */
static const char *token_of(const char *target, char token[256]) {
    const seine_view view = {.pointers = lake, .pointer_count = LAKE};
    const seine_headers headers = {0};
    seine_request request;
    seine_call call;
    assert_int_equal(seine_request_parse(&seine_all_routes, seine_str_of(target), &headers, &request, NULL), SEINE_OK);
    seine_call_init(&call, &request);
    call.view = &view;
    assert_int_equal(request.route->run(&call, NULL), SEINE_OK);
    const char *begin = strstr(seine_buf_text(&call.body), "\"next-page-token\":\"");
    assert_non_null(begin);
    assert_int_equal(sscanf(begin + 19, "%255[^\"]", token), 1);
    seine_call_free(&call);
    seine_request_free(&request);
    return token;
}

#define V1 "/iceberg/v1/namespaces"

static void every_namespace_is_listed_once(void **state) {
    (void)state;
    assert_answer(V1, SEINE_OK, "{\"namespaces\":[[\"a-x\"],[\"a\"],[\"c\"]],\"next-page-token\":null}");
    assert_answer(V1 "?parent=", SEINE_OK, "{\"namespaces\":[[\"a-x\"],[\"a\"],[\"c\"]],\"next-page-token\":null}");
    assert_answer(V1 "?parent=a", SEINE_OK, "{\"namespaces\":[[\"a\",\"b\"]],\"next-page-token\":null}");
    assert_answer(V1 "?parent=a%1Fb", SEINE_OK, "{\"namespaces\":[],\"next-page-token\":null}");
    assert_answer(V1 "?parent=b", SEINE_E_NOT_FOUND, "the lake has no such namespace");
}

static void a_namespace_is_there_when_a_table_stands_in_or_below_it(void **state) {
    (void)state;
    assert_answer(V1 "/a", SEINE_OK, "{\"namespace\":[\"a\"],\"properties\":{}}");
    assert_answer(V1 "/a%1Fb", SEINE_OK, "{\"namespace\":[\"a\",\"b\"],\"properties\":{}}");
    assert_answer(V1 "/a%1Ft", SEINE_E_NOT_FOUND, "the lake has no such namespace"); /* a table */
    assert_answer(V1 "/A", SEINE_E_NOT_FOUND, "the lake has no such namespace");
    assert_answer(V1 "/a/views", SEINE_OK, "{\"identifiers\":[],\"next-page-token\":null}");
    assert_answer(V1 "/b/views", SEINE_E_NOT_FOUND, "the lake has no such namespace");
}

static void tables_are_those_of_the_namespace_itself(void **state) {
    (void)state;
    assert_answer(V1 "/a/tables", SEINE_OK,
                  "{\"identifiers\":[{\"namespace\":[\"a\"],\"name\":\"t\"}],\"next-page-token\":null}");
    assert_answer(V1 "/a%1Fb/tables", SEINE_OK,
                  "{\"identifiers\":[{\"namespace\":[\"a\",\"b\"],\"name\":\"u\"},{\"namespace\":[\"a\",\"b\"],"
                  "\"name\":\"v\"}],\"next-page-token\":null}");
    assert_answer(V1 "/t/tables", SEINE_E_NOT_FOUND, "the lake has no such namespace");
    assert_answer(V1 "/a/tables/u", SEINE_E_NOT_FOUND, "the lake has no such table");
    assert_answer(V1 "/a/tables/b.u", SEINE_E_NOT_FOUND, "the lake has no such table"); /* it is u of a, b */
    const seine_pointer *found = seine_iceberg_find(lake, LAKE, SEINE_STR("a.b"), SEINE_STR("v"));
    assert_non_null(found);
    assert_string_equal(found->name, "a.b.v");
}

static void pages_hold_each_name_once(void **state) {
    (void)state;
    char target[512], token[256];
    (void)snprintf(target, sizeof target, V1 "?pageSize=1&pageToken=%s", token_of(V1 "?pageSize=2", token));
    assert_answer(target, SEINE_OK, "{\"namespaces\":[[\"c\"]],\"next-page-token\":null}");
    (void)snprintf(target, sizeof target, V1 "?pageSize=1&pageToken=%s", token_of(V1 "?pageSize=1&pageToken=", token));
    (void)snprintf(target, sizeof target, V1 "?pageToken=%s", token_of(target, token));
    assert_answer(target, SEINE_OK, "{\"namespaces\":[[\"c\"]],\"next-page-token\":null}");
    (void)snprintf(target, sizeof target, V1 "/a%%1Fb/tables?pageToken=%s",
                   token_of(V1 "/a%1Fb/tables?pageSize=1", token));
    assert_answer(target, SEINE_OK,
                  "{\"identifiers\":[{\"namespace\":[\"a\",\"b\"],\"name\":\"v\"}],\"next-page-token\":null}");
    (void)snprintf(target, sizeof target, V1 "?pageToken=%s", token); /* of another list */
    assert_answer(target, SEINE_E_USAGE, "cursor: not one of this list");
    assert_answer(V1 "?pageToken=zzz", SEINE_E_USAGE, "cursor: not one of this list");
}

/* A page goes on behind a table that is gone, and does not tell its namespace again for one that came. */
static void a_walk_goes_on_where_tables_came_and_went(void **state) {
    (void)state;
    seine_pointer sorted[LAKE];
    memcpy(sorted, lake, sizeof lake);
    seine_iceberg_sort(sorted, LAKE);
    seine_iceberg_walk walk = {.pointers = sorted, .count = LAKE, .wants_namespaces = true};
    seine_str item;
    const char *last = NULL;
    seine_iceberg_go_on(&walk, SEINE_STR("a.aa"));
    assert_true(seine_iceberg_next(&walk, &item, &last));
    assert_true(seine_str_equal(item, SEINE_STR("c")));
    assert_string_equal(last, "c.t");
    assert_false(seine_iceberg_next(&walk, &item, &last));
}

static void the_config_tells_what_is_supported(void **state) {
    (void)state;
    const seine_headers headers = {0};
    seine_request request;
    seine_call call;
    assert_int_equal(seine_request_parse(&seine_all_routes, SEINE_STR("/iceberg/v1/config?warehouse=north"), &headers,
                                         &request, NULL),
                     SEINE_OK);
    seine_call_init(&call, &request);
    call.fence = "/l";
    call.warehouse = "north"; /* the lake's own name */
    assert_int_equal(request.route->run(&call, NULL), SEINE_OK);
    const char *body = seine_buf_text(&call.body);
    assert_non_null(strstr(body, "{\"defaults\":{},\"overrides\":{},\"endpoints\":[\"GET /v1/{prefix}/namespaces\","));
    assert_non_null(strstr(body, "\"HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}\""));
    assert_null(strstr(body, "DELETE"));
    seine_call_free(&call);
    seine_request_free(&request);
    assert_answer("/iceberg/v1/config?warehouse=seine", SEINE_E_NOT_FOUND,
                  "this address has one warehouse, and not of that name");
    assert_answer("/iceberg/v1/config?warehouse=other", SEINE_E_NOT_FOUND,
                  "this address has one warehouse, and not of that name");
}

/* ---- one table ---- */

#define METADATA                                                                                                 \
    "{\"format-version\":2,\"current-snapshot-id\":9007199254740993,\"snapshots\":[{\"snapshot-id\":1},"         \
    "{\"snapshot-id\":2,\"x\":1.50},{\"snapshot-id\":9007199254740993}],\"refs\":{\"tag\":{\"snapshot-id\":2}}," \
    "\"unknown\":[null]}"

static void put_table(const char *metadata, bool only_refs, seine_status status, const char *wanted) {
    seine_json *json = NULL;
    seine_buf out;
    seine_buf_init(&out, 100000);
    assert_int_equal(seine_json_parse(seine_str_of(metadata), "test", &json, NULL), SEINE_OK);
    assert_int_equal(
        seine_iceberg_put_table(seine_json_root(json), "file:///m", only_refs, &(seine_iceberg_storage){0}, &out, NULL),
        status);
    if (status == SEINE_OK) assert_string_equal(seine_buf_text(&out), wanted);
    seine_json_free(json);
    seine_buf_free(&out);
}

static void metadata_is_told_as_it_is(void **state) {
    (void)state;
    put_table(METADATA, false, SEINE_OK,
              "{\"metadata-location\":\"file:///m\",\"metadata\":"
              "{\"format-version\":2,\"current-snapshot-id\":9007199254740993,\"snapshots\":[{\"snapshot-id\":1},"
              "{\"snapshot-id\":2,\"x\":1.5},{\"snapshot-id\":9007199254740993}],"
              "\"refs\":{\"tag\":{\"snapshot-id\":2}},"
              "\"unknown\":[null]},\"config\":{}}");
    put_table("[]", false, SEINE_E_FORMAT, "");
}

static void refs_leaves_out_snapshots_that_nothing_names(void **state) {
    (void)state;
    put_table(METADATA, true, SEINE_OK,
              "{\"metadata-location\":\"file:///m\",\"metadata\":"
              "{\"format-version\":2,\"current-snapshot-id\":9007199254740993,\"snapshots\":["
              "{\"snapshot-id\":2,\"x\":1.5},{\"snapshot-id\":9007199254740993}],"
              "\"refs\":{\"tag\":{\"snapshot-id\":2}},"
              "\"unknown\":[null]},\"config\":{}}");
}

static void put_storage(const seine_iceberg_storage *storage, const char *wanted) {
    seine_buf out;
    seine_buf_init(&out, 1000);
    seine_json_writer w = seine_json_writer_to(&out);
    seine_iceberg_put_storage(&w, storage);
    assert_int_equal(w.status, SEINE_OK);
    assert_string_equal(seine_buf_text(&out), wanted);
    seine_buf_free(&out);
}

static void a_bucket_is_told_in_the_words_of_the_protocol(void **state) {
    (void)state;
    seine_iceberg_storage storage = {0};
    put_storage(&storage, "{}");
    storage = (seine_iceberg_storage){.endpoint = "http://h:1", .region = "r", .is_path_style = true};
    put_storage(&storage, "{\"s3.endpoint\":\"http://h:1\",\"s3.region\":\"r\",\"client.region\":\"r\","
                          "\"s3.path-style-access\":\"true\"}");
    storage = (seine_iceberg_storage){.region = "r", .key = "k", .secret = "s", .token = "t"};
    put_storage(&storage, "{\"s3.region\":\"r\",\"client.region\":\"r\",\"s3.path-style-access\":\"false\","
                          "\"s3.access-key-id\":\"k\",\"s3.secret-access-key\":\"s\",\"s3.session-token\":\"t\"}");
}

/* ---- failures ---- */

static void failures_have_the_names_of_the_protocol(void **state) {
    (void)state;
    assert_string_equal(seine_iceberg_failure_type(404, "iceberg_table"), "NoSuchTableException");
    assert_string_equal(seine_iceberg_failure_type(404, "iceberg_tables"), "NoSuchNamespaceException");
    assert_string_equal(seine_iceberg_failure_type(404, "iceberg_config"), "NoSuchWarehouseException");
    assert_string_equal(seine_iceberg_failure_type(404, NULL), "NotFoundException");
    assert_string_equal(seine_iceberg_failure_type(401, "iceberg_table"), "NotAuthorizedException");
    assert_string_equal(seine_iceberg_failure_type(403, "iceberg_table"), "ForbiddenException");
    assert_string_equal(seine_iceberg_failure_type(405, NULL), "UnsupportedOperationException");
    assert_string_equal(seine_iceberg_failure_type(400, NULL), "BadRequestException");
    assert_string_equal(seine_iceberg_failure_type(414, NULL), "BadRequestException");
    assert_string_equal(seine_iceberg_failure_type(429, NULL), "SlowDownException");
    assert_string_equal(seine_iceberg_failure_type(503, "iceberg_table"), "ServiceUnavailableException");
    assert_string_equal(seine_iceberg_failure_type(500, NULL), "ServiceFailureException");
}

static void an_error_keeps_its_message_and_hint(void **state) {
    (void)state;
    seine_answer *answer = seine_answer_error(404, "no \"x\"", "make it");
    seine_iceberg_failure_phrase(answer, "iceberg_table");
    assert_string_equal(seine_buf_text(&answer->body), "{\"error\":{\"message\":\"no \\\"x\\\": make it\","
                                                       "\"type\":\"NoSuchTableException\",\"code\":404}}");
    seine_answer_release(answer);
    answer = seine_answer_error(500, "internal error", NULL);
    seine_iceberg_failure_phrase(answer, NULL);
    assert_string_equal(seine_buf_text(&answer->body), "{\"error\":{\"message\":\"internal error\","
                                                       "\"type\":\"ServiceFailureException\",\"code\":500}}");
    seine_answer_release(answer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_namespace_is_listed_once),
        cmocka_unit_test(a_namespace_is_there_when_a_table_stands_in_or_below_it),
        cmocka_unit_test(tables_are_those_of_the_namespace_itself),
        cmocka_unit_test(pages_hold_each_name_once),
        cmocka_unit_test(a_walk_goes_on_where_tables_came_and_went),
        cmocka_unit_test(the_config_tells_what_is_supported),
        cmocka_unit_test(metadata_is_told_as_it_is),
        cmocka_unit_test(refs_leaves_out_snapshots_that_nothing_names),
        cmocka_unit_test(a_bucket_is_told_in_the_words_of_the_protocol),
        cmocka_unit_test(failures_have_the_names_of_the_protocol),
        cmocka_unit_test(an_error_keeps_its_message_and_hint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
