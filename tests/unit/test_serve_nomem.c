/* links: serve table engine io columns core base */
/* Every allocation of parsing, cursors, tiles and answers fails once: the call says so, leaks nothing, and works after.
 */
#include "serve/cache.h"
#include "serve/cursor.h"
#include "serve/iceberg/table.h"
#include "serve/live/rows.h"
#include "serve/mvt.h"
#include "serve/openapi.h"
#include "serve/routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "unit/nomem_support.h"

static void check_every_allocation(seine_status (*work)(void), size_t at_least) {
    check_allocations(work, at_least, MUST_FAIL);
}

static seine_status parse_request(void) {
    const seine_headers headers = {.accept = SEINE_STR("text/csv")};
    seine_request request;
    seine_buf text;
    seine_buf_init(&text, 10000);
    seine_status status = seine_request_parse(
        &seine_all_routes, SEINE_STR("/api/v1/events?bbox=1,2,3,4&mmsi=12&start=2025-01-01&cursor=AAAA"), &headers,
        &request, NULL);
    if (status == SEINE_OK) status = seine_request_canonical(&request, false, &text);
    seine_request_free(&request);
    seine_buf_free(&text);
    return status;
}

static seine_status write_and_read_cursor(void) {
    const seine_cursor cursor = {.keys = {{SEINE_TYPE_STRING, 0, 0, SEINE_STR("abc")}}, .count = 1};
    seine_cursor back = {.keys = {{.type = SEINE_TYPE_STRING}}, .count = 1};
    seine_arena arena = {0};
    seine_buf text;
    seine_buf_init(&text, 1000);
    seine_status status = seine_cursor_write("list", &cursor, &text);
    if (status == SEINE_OK) status = seine_cursor_read(seine_buf_str(&text), "list", &arena, &back, NULL);
    seine_buf_free(&text);
    seine_arena_free(&arena);
    return status;
}

static seine_status tell_table_to_others(void) {
    const seine_iceberg_storage storage = {.region = "r"};
    seine_json *json = NULL;
    seine_buf out;
    seine_buf_init(&out, 10000);
    seine_status status = seine_json_parse(SEINE_STR("{\"snapshots\":[{\"snapshot-id\":1}]}"), "test", &json, NULL);
    if (status == SEINE_OK)
        status = seine_iceberg_put_table(seine_json_root(json), "file:///m", true, &storage, &out, NULL);
    seine_json_free(json);
    seine_buf_free(&out);
    return status;
}

static seine_status follow_movers(void) {
    seine_live_feed feed = {0};
    seine_status status = SEINE_OK;
    seine_buf columns;
    seine_buf_init(&columns, 10000);
    for (int i = 0; i < 3000 && status == SEINE_OK; i++) {
        char id[16];
        const seine_str text = {id, (size_t)snprintf(id, sizeof id, "%d", i)};
        status = seine_live_feed_put(&feed, &(seine_live_position){.id = text, .time_us = i, .row = text}, 1);
    }
    if (status == SEINE_OK) status = seine_live_feed_prune(&feed, 2990);
    if (status == SEINE_OK) status = seine_live_rows_columns(seine_dataset_ais(), &columns);
    seine_live_feed_free(&feed);
    seine_buf_free(&columns);
    return status;
}

static seine_status write_tile(void) {
    seine_buf tile;
    seine_mvt layer;
    seine_buf_init(&tile, 100000);
    seine_mvt_begin(&layer, "lines", &tile);
    for (int i = 0; i < 50; i++) {
        seine_mvt_feature(&layer, SEINE_MVT_LINE);
        seine_mvt_tag_int(&layer, "n", i);
        seine_mvt_tag_text(&layer, "t", SEINE_STR("text"));
        seine_mvt_move(&layer, 0, i);
        seine_mvt_line(&layer, 4096, i);
        seine_mvt_feature_end(&layer);
    }
    const seine_status status = seine_mvt_end(&layer);
    seine_buf_free(&tile);
    return status;
}

static seine_status keep_an_error(void) {
    seine_cache *cache = seine_memory_cache_new(100000);
    seine_answer *answer = cache != NULL ? seine_answer_error(404, "nothing", "look elsewhere") : NULL;
    seine_answer *kept = NULL;
    if (answer != NULL) {
        cache->put(cache, (seine_hash128){1, 2}, 0, answer);
        kept = cache->get(cache, (seine_hash128){1, 2}); /* without memory it is not kept, and nobody minds */
    }
    const bool ok = kept != NULL;
    seine_answer_release(kept);
    seine_answer_release(answer);
    if (cache != NULL) cache->close(cache);
    return ok ? SEINE_OK : SEINE_E_NOMEM;
}

static seine_status write_openapi(void) {
    seine_buf out;
    seine_buf_init(&out, 1 << 22);
    const seine_status status = seine_openapi_write(&seine_all_routes, true, &out);
    seine_buf_free(&out);
    return status;
}

static void requests_survive_failing_allocations(void **state) {
    (void)state;
    check_every_allocation(parse_request, 1);
}

static void cursors_survive_failing_allocations(void **state) {
    (void)state;
    check_every_allocation(write_and_read_cursor, 3);
}

static void tables_for_others_survive_failing_allocations(void **state) {
    (void)state;
    check_every_allocation(tell_table_to_others, 2);
}

static void tiles_survive_failing_allocations(void **state) {
    (void)state;
    check_every_allocation(write_tile, 5);
}

static void live_survives_failing_allocations(void **state) {
    (void)state;
    check_every_allocation(follow_movers, 5);
}

static void answers_survive_failing_allocations(void **state) {
    (void)state;
    check_every_allocation(keep_an_error, 3);
}

static void the_document_survives_failing_allocations(void **state) {
    (void)state;
    check_every_allocation(write_openapi, 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_survive_failing_allocations),
        cmocka_unit_test(cursors_survive_failing_allocations),
        cmocka_unit_test(tables_for_others_survive_failing_allocations),
        cmocka_unit_test(tiles_survive_failing_allocations),
        cmocka_unit_test(live_survives_failing_allocations),
        cmocka_unit_test(answers_survive_failing_allocations),
        cmocka_unit_test(the_document_survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
