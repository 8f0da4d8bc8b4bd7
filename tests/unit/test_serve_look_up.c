/* links: serve table engine io columns core base */
/* Look-ups over days and files: the rows come by time, whichever way each file is read. */
#include "engine_support.h"

#include "io/clock.h"
#include "parquet/reader.h"
#include "serve/look_up.h"

#include "nomem_support.h"

#define DAYS 4
#define DAY_US INT64_C(86400000000)
#define SECOND_US INT64_C(1000000)

static const seine_column fix_columns[] = {{1, "mmsi", SEINE_TYPE_STRING, true, false, "", ""},
                                           {2, "ts", SEINE_TYPE_TIMESTAMPTZ, true, false, "", ""},
                                           {3, "lat", SEINE_TYPE_DOUBLE, true, false, "", ""},
                                           {4, "sog", SEINE_TYPE_DOUBLE, false, false, "", ""},
                                           {5, "port", SEINE_TYPE_STRING, false, false, "", ""}};
static const seine_table_schema fix_schema = {
    "silver.fixes", "", fix_columns, 5, {{2, 1000, "ts_day", SEINE_TRANSFORM_DAY}}, 1, {1, 2}};
static const seine_look_up_column wanted_columns[] = {{"ts", SEINE_TYPE_TIMESTAMPTZ},
                                                      {"lat", SEINE_TYPE_DOUBLE},
                                                      {"sog", SEINE_TYPE_DOUBLE},
                                                      {"port", SEINE_TYPE_STRING},
                                                      {"later", SEINE_TYPE_DOUBLE}};

/* A table of some files, and a call that looks things up in it. */
typedef struct lake {
    const engine_fixture *engine;
    seine_engine_session *session;
    seine_parquet_room room;
    seine_arena arena;
    seine_live_file files[DAYS * 2];
    seine_view_table table;
    seine_view view;
    seine_request request;
    seine_call call;
} lake;

/* What came back: number * 4 of each row, so that order and completeness show. */
typedef struct found {
    const char *text; /* of the last port */
    int64_t numbers[40000];
    size_t count, batches, smallest_batch;
} found;

/*
 * A file of one day with the seconds first, first + step … of two vessels. `lat` is the second of all days; every
 * third speed and every second port are null.
 */
static void add_file(lake *l, int day, size_t first, size_t step, size_t rows_count) {
    char name[64];
    seine_parquet_writer *writer = NULL;
    seine_error error = {0};
    const size_t count = rows_count * 2;
    seine_str *mmsi = SEINE_ARENA_ARRAY(&l->arena, seine_str, count),
              *port = SEINE_ARENA_ARRAY(&l->arena, seine_str, count);
    int64_t *ts = SEINE_ARENA_ARRAY(&l->arena, int64_t, count);
    double *lat = SEINE_ARENA_ARRAY(&l->arena, double, count), *sog = SEINE_ARENA_ARRAY(&l->arena, double, count);
    uint8_t *has_sog = seine_arena_alloc(&l->arena, count), *has_port = seine_arena_alloc(&l->arena, count);
    for (size_t i = 0; i < count; i++) {
        const size_t second = first + i % rows_count * step;
        mmsi[i] = i < rows_count ? SEINE_STR("100000001") : SEINE_STR("100000002");
        ts[i] = day * DAY_US + (int64_t)second * SECOND_US;
        lat[i] = (double)(ts[i] / SECOND_US);
        sog[i] = (double)(second % 10);
        port[i] = second % 4 == 0 ? SEINE_STR("A") : SEINE_STR("Port of some length");
        has_sog[i] = second % 3 != 0;
        has_port[i] = second % 2 == 0;
    }
    seine_vec vecs[] = {{.type = SEINE_TYPE_STRING, .values = mmsi},
                        {.type = SEINE_TYPE_TIMESTAMPTZ, .values = ts},
                        {.type = SEINE_TYPE_DOUBLE, .values = lat},
                        {.type = SEINE_TYPE_DOUBLE, .values = sog, .valid = has_sog},
                        {.type = SEINE_TYPE_STRING, .values = port, .valid = has_port}};
    const seine_rows rows = {count, 5, vecs};
    snprintf(name, sizeof name, "day-%d-%zu.parquet", day, l->table.file_count);
    const char *path = seine_file_join(&l->arena, l->engine->folder, name);
    seine_live_file *file = &l->files[l->table.file_count++];
    assert_ok(seine_parquet_open(path, &fix_schema, &writer, &error), error);
    assert_ok(seine_parquet_write(writer, &rows, &error), error);
    assert_ok(seine_parquet_finish(writer, &l->arena, &file->file, &error), error);
    file->file.partition[0] = (seine_partition_value){false, day};
}

/* The same rows as another program would write them. */
static void rewrite(const lake *l, size_t index) {
    char sql[2000];
    seine_error error = {0};
    const char *path = l->files[index].file.path;
    snprintf(sql, sizeof sql,
             "COPY (FROM read_parquet('%s')) TO '%s.new' (FORMAT parquet,"
             " FIELD_IDS {mmsi: 1, ts: 2, lat: 3, sog: 4, port: 5})",
             path, path);
    assert_ok(seine_engine_run(l->engine->engine, sql, &error), error);
    snprintf(sql, sizeof sql, "%s.new", path);
    assert_int_equal(rename(sql, path), 0);
}

static void make_lake(lake *l, void **state) {
    *l = (lake){.engine = *state};
    seine_error error = {0};
    assert_ok(seine_engine_session_open(l->engine->engine, &l->session, &error), error);
    seine_parquet_room_init(&l->room);
    l->table = (seine_view_table){.name = "silver.fixes", .schema = &fix_schema, .snapshot_id = 1, .files = l->files};
    l->view = (seine_view){.tables = &l->table, .table_count = 1, .buckets = 1};
    seine_call_init(&l->call, &l->request);
    l->call.view = &l->view;
    l->call.session = l->session;
    l->call.fence = l->engine->folder;
    l->call.room = &l->room;
}

static void free_lake(lake *l) {
    seine_call_free(&l->call);
    seine_engine_session_close(l->session);
    seine_parquet_room_free(&l->room);
    seine_arena_free(&l->arena);
}

static seine_status take(void *context, const seine_rows *rows, seine_error *error) {
    found *f = context;
    (void)error;
    assert_int_equal(rows->column_count, 5);
    f->batches++;
    f->smallest_batch = rows->count;
    for (size_t row = 0; row < rows->count; row++) {
        const int64_t second = seine_cell_long(rows, 0, row) / SECOND_US, of_day = second % 86400;
        assert_true(seine_cell_double(rows, 1, row) == (double)second);
        assert_int_equal(seine_cell_null(rows, 2, row), of_day % 3 == 0);
        if (of_day % 3 != 0) assert_true(seine_cell_double(rows, 2, row) == (double)(of_day % 10));
        assert_int_equal(seine_cell_null(rows, 3, row), of_day % 2 != 0);
        const seine_str port = of_day % 4 == 0 ? SEINE_STR("A") : SEINE_STR("Port of some length");
        if (of_day % 2 == 0) assert_true(seine_str_equal(seine_cell_text(rows, 3, row), port));
        assert_true(seine_cell_null(rows, 4, row));
        f->numbers[f->count++] = second;
    }
    return SEINE_OK;
}

static seine_status look_up(lake *l, int64_t from_us, int64_t to_us, bool newest_first, int64_t limit, found *f,
                            seine_error *error) {
    const seine_look_up wanted = {"silver.fixes", "mmsi",       "ts",  SEINE_STR("100000002"), from_us,
                                  to_us,          newest_first, limit, wanted_columns,         5};
    *f = (found){.count = 0};
    l->call.is_by_sql = false;
    return seine_look_up_each(&l->call, &wanted, take, f, error);
}

/* The seconds are first, first + step … */
static void assert_steps(const found *f, int64_t first, int64_t step, size_t count) {
    assert_int_equal(f->count, count);
    for (size_t i = 0; i < count; i++) assert_int_equal(f->numbers[i], first + (int64_t)i * step);
}

static void check_all_ways(lake *l) {
    found *f = malloc(sizeof *f);
    seine_error error = {0};
    const size_t rows = 3000;
    assert_non_null(f);
    assert_ok(look_up(l, INT64_MIN, INT64_MAX, false, INT64_MAX, f, &error), error);
    assert_int_equal(f->count, DAYS * rows);
    for (size_t i = 0; i < f->count; i++)
        assert_int_equal(f->numbers[i], (int64_t)(i / rows) * 86400 + (int64_t)(i % rows));
    assert_int_equal(f->batches, DAYS * rows / 2048 + 1); /* full ones, whatever a day has */
    assert_int_equal(f->smallest_batch, DAYS * rows % 2048);
    assert_ok(look_up(l, INT64_MIN, INT64_MAX, true, (int64_t)rows + 5, f, &error), error);
    assert_int_equal(f->count, rows + 5);
    for (size_t i = 0; i < f->count; i++)
        assert_int_equal(f->numbers[i], (int64_t)(DAYS - 1 - i / rows) * 86400 + (int64_t)(rows - 1 - i % rows));
    assert_ok(look_up(l, DAY_US + 10 * SECOND_US, DAY_US + 20 * SECOND_US, false, INT64_MAX, f, &error), error);
    assert_steps(f, 86410, 1, 11);
    assert_ok(look_up(l, DAY_US * 50, INT64_MAX, false, INT64_MAX, f, &error), error);
    assert_int_equal(f->count, 0);
    free(f);
}

static void days_follow_each_other_both_ways(void **state) {
    lake l;
    make_lake(&l, state);
    const int order[DAYS] = {2, 0, 3, 1}; /* as the manifest may have them */
    for (int i = 0; i < DAYS; i++) add_file(&l, order[i], 0, 1, 3000);
    check_all_ways(&l);
    assert_false(l.call.is_by_sql);
    free_lake(&l);
}

static void files_of_one_day_are_merged_by_time(void **state) {
    lake l;
    make_lake(&l, state);
    for (int day = 0; day < DAYS; day++)
        for (size_t part = 0; part < 2; part++) add_file(&l, day, part, 2, 1500);
    check_all_ways(&l);
    assert_false(l.call.is_by_sql);
    free_lake(&l);
}

static void the_rest_is_read_by_sql_from_the_first_foreign_file_on(void **state) {
    for (size_t foreign = 0; foreign < 4; foreign++) {
        lake l;
        found *f = malloc(sizeof *f);
        seine_error error = {0};
        make_lake(&l, state);
        for (int day = 0; day < DAYS; day++)
            for (size_t part = 0; part < 2; part++) add_file(&l, day, part, 2, 1500);
        rewrite(&l, foreign * 2 + foreign % 2);
        check_all_ways(&l);
        assert_non_null(f);
        assert_ok(look_up(&l, INT64_MIN, INT64_MAX, false, INT64_MAX, f, &error), error);
        assert_true(l.call.is_by_sql);
        assert_int_equal(error.status, SEINE_OK); /* that a file is foreign is no failure */
        assert_ok(look_up(&l, INT64_MIN, (int64_t)foreign * DAY_US - 1, false, INT64_MAX, f, &error), error);
        assert_false(l.call.is_by_sql); /* files that cannot match do not count */
        free(f);
        free_lake(&l);
    }
}

static void files_outside_of_the_lake_are_not_read(void **state) {
    lake l;
    found *f = malloc(sizeof *f);
    seine_error error = {0};
    make_lake(&l, state);
    add_file(&l, 0, 0, 1, 10);
    const char *fence = seine_arena_printf(&l.arena, "%s/inner", l.engine->folder);
    assert_ok(seine_file_make_folders(fence, &error), error);
    assert_ok(seine_engine_fence(l.engine->engine, fence, &error), error);
    l.call.fence = fence;
    assert_non_null(f);
    assert_int_not_equal(look_up(&l, INT64_MIN, INT64_MAX, false, INT64_MAX, f, &error), SEINE_OK);
    l.files[0].file.path = seine_arena_printf(&l.arena, "%s/../%s", fence, seine_file_name(l.files[0].file.path));
    assert_int_not_equal(look_up(&l, INT64_MIN, INT64_MAX, false, INT64_MAX, f, &error), SEINE_OK);
    assert_int_equal(f->count, 0);
    free(f);
    free_lake(&l);
}

static void a_file_that_has_gone_is_an_io_failure(void **state) {
    lake l;
    found *f = malloc(sizeof *f);
    seine_error error = {0};
    make_lake(&l, state);
    add_file(&l, 0, 0, 1, 10);
    assert_ok(seine_file_remove(l.files[0].file.path, &error), error);
    assert_non_null(f);
    assert_int_equal(look_up(&l, INT64_MIN, INT64_MAX, false, INT64_MAX, f, &error), SEINE_E_IO);
    assert_int_equal(error.status, SEINE_E_IO);
    free(f);
    free_lake(&l);
}

static void a_look_up_ends_at_its_deadline(void **state) {
    lake l;
    found *f = malloc(sizeof *f);
    seine_error error = {0};
    make_lake(&l, state);
    add_file(&l, 0, 0, 1, 10);
    l.call.deadline_us = seine_clock_monotonic_us() - 1;
    assert_non_null(f);
    assert_int_equal(look_up(&l, INT64_MIN, INT64_MAX, false, INT64_MAX, f, &error), SEINE_E_INTERRUPTED);
    l.call.deadline_us += INT64_C(3600) * SECOND_US;
    assert_ok(look_up(&l, INT64_MIN, INT64_MAX, false, INT64_MAX, f, &error), error);
    assert_int_equal(f->count, 10);
    free(f);
    free_lake(&l);
}

static lake *starved; /* of the test below */

static seine_status count_rows(void *context, const seine_rows *rows, seine_error *error) {
    (void)error;
    *(size_t *)context += rows->count;
    return SEINE_OK;
}

static seine_status look_up_starved(void) {
    const seine_look_up wanted = {"silver.fixes", "mmsi", "ts", SEINE_STR("100000001"), 0,
                                  INT64_MAX,      true,   2500, wanted_columns,         5};
    size_t count = 0;
    seine_arena_free(&starved->call.arena);
    seine_parquet_room_free(&starved->room);
    const seine_status status = seine_look_up_each(&starved->call, &wanted, count_rows, &count, NULL);
    if (status == SEINE_OK) assert_int_equal(count, 2500);
    return status;
}

static void every_allocation_may_fail(void **state) {
    lake l;
    make_lake(&l, state);
    for (int day = 0; day < 2; day++)
        for (size_t part = 0; part < 2; part++) add_file(&l, day, part, 2, 1000);
    starved = &l;
    check_allocations(look_up_starved, 20, MUST_FAIL);
    assert_false(l.call.is_by_sql);
    free_lake(&l);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, engine_setup, engine_teardown)
    const struct CMUnitTest tests[] = {
        TEST(days_follow_each_other_both_ways),
        TEST(files_of_one_day_are_merged_by_time),
        TEST(the_rest_is_read_by_sql_from_the_first_foreign_file_on),
        TEST(files_outside_of_the_lake_are_not_read),
        TEST(a_file_that_has_gone_is_an_io_failure),
        TEST(a_look_up_ends_at_its_deadline),
        TEST(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
