/* links: parquet engine io core columns base */
/* Queries: types, nulls, parameters, order, failure in the middle, interruption, threads, views over files. */
#include "engine_support.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

static void a_query_gives_every_type_of_seine_in_place(void **state) {
    const engine_fixture *f = *state;
    seine_query *query = start(
        f->engine, "SELECT true AS b, 7::INTEGER AS i, 8::BIGINT AS l, 1.5::DOUBLE AS d, DATE '2025-01-01' AS day, "
                   "TIMESTAMPTZ '2025-01-01 00:00:00Z' AS ts, 'tiny' AS s, '\\x00\\xFF'::BLOB AS x");
    const seine_type types[] = {SEINE_TYPE_BOOLEAN, SEINE_TYPE_INT,         SEINE_TYPE_LONG,   SEINE_TYPE_DOUBLE,
                                SEINE_TYPE_DATE,    SEINE_TYPE_TIMESTAMPTZ, SEINE_TYPE_STRING, SEINE_TYPE_BINARY};
    seine_rows rows;
    seine_error error = {0};
    assert_ok(seine_query_next(query, &rows, &error), error);
    assert_int_equal(rows.count, 1);
    assert_int_equal(rows.column_count, 8);
    for (size_t i = 0; i < 8; i++) assert_int_equal(rows.columns[i].type, types[i]);
    assert_int_equal(((const uint8_t *)rows.columns[0].values)[0], 1);
    assert_int_equal(((const int32_t *)rows.columns[1].values)[0], 7);
    assert_int_equal(((const int64_t *)rows.columns[2].values)[0], 8);
    assert_true(((const double *)rows.columns[3].values)[0] == 1.5);
    assert_int_equal(((const int32_t *)rows.columns[4].values)[0], 20089);
    assert_int_equal(((const int64_t *)rows.columns[5].values)[0], 1735689600000000);
    assert_true(seine_str_equal(((const seine_str *)rows.columns[6].values)[0], SEINE_STR("tiny")));
    assert_true(seine_str_equal(((const seine_str *)rows.columns[7].values)[0], SEINE_STR("\0\xFF")));
    assert_string_equal(seine_query_column_name(query, 4), "day");
    assert_string_equal(seine_query_column_type(query, 5), "TIMESTAMPTZ");
    assert_ok(seine_query_next(query, &rows, &error), error);
    assert_int_equal(rows.count, 0);
    seine_query_end(query);
}

static void types_without_a_column_come_as_text_or_wider_numbers(void **state) {
    const engine_fixture *f = *state;
    char text[256];
    assert_string_equal(first_text(f->engine, "SELECT 1.50::DECIMAL(9,2)", text), "1.50");
    assert_string_equal(first_text(f->engine, "SELECT sum(x) FROM (VALUES (1), (2)) t(x)", text), "3");
    assert_string_equal(first_text(f->engine, "SELECT [1, 2] ; ", text), "[1,2]");
    assert_string_equal(first_text(f->engine, "SELECT {'a': 1} -- note", text), "{\"a\":1}");
    assert_string_equal(first_text(f->engine, "SELECT union_value(x := 1)", text), "1");
    assert_string_equal(first_text(f->engine,
                                   "SELECT [union_value(x := 'a')::UNION(n DECIMAL(3, 1), x VARCHAR), "
                                   "2.5::UNION(n DECIMAL(3, 1), x VARCHAR), NULL]",
                                   text),
                        "[\"a\",2.5,null]");
    assert_string_equal(first_text(f->engine, "SELECT TIMESTAMP '2025-01-01 00:00:01'", text), "2025-01-01 00:00:01");
    assert_string_equal(first_text(f->engine, "SELECT 300::USMALLINT", text), "300");
    assert_string_equal(first_text(f->engine, "SELECT 0.5::FLOAT", text), "0.5");
    assert_string_equal(first_text(f->engine, "SELECT [0.1::FLOAT, 1e20::FLOAT, 'nan'::FLOAT, NULL]", text),
                        "[0.1,1e+20,null,null]");
    assert_string_equal(first_text(f->engine, "SELECT NULL", text), "NULL");
    assert_string_equal(first_text(f->engine, "SELECT current_setting('TimeZone')", text), "UTC");
    seine_query *query = start(f->engine, "SELECT 0.1::FLOAT");
    seine_rows rows;
    seine_error error = {0};
    assert_ok(seine_query_next(query, &rows, &error), error);
    assert_true(((const double *)rows.columns[0].values)[0] == 0.1);
    assert_string_equal(seine_query_column_type(query, 0), "FLOAT");
    seine_query_end(query);
    query = start(f->engine, "SELECT 1::HUGEINT AS big, 2::HUGEINT AS big");
    assert_string_equal(seine_query_column_name(query, 1), "big");
    assert_string_equal(seine_query_column_type(query, 1), "HUGEINT");
    seine_query_end(query);
}

static void nulls_and_long_texts_survive_batches_in_order(void **state) {
    const engine_fixture *f = *state;
    seine_query *query = start(f->engine, "SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE repeat('x', i % 40) END FROM "
                                          "(SELECT unnest(range(5000))::BIGINT AS i)");
    seine_rows rows;
    seine_error error = {0};
    int64_t expected = 0;
    for (;;) {
        assert_ok(seine_query_next(query, &rows, &error), error);
        if (rows.count == 0) break;
        for (size_t row = 0; row < rows.count; row++, expected++) {
            assert_int_equal(((const int64_t *)rows.columns[0].values)[row], expected);
            const bool valid = rows.columns[1].valid == NULL || rows.columns[1].valid[row];
            assert_int_equal(valid, expected % 3 != 0);
            if (valid) assert_int_equal(((const seine_str *)rows.columns[1].values)[row].size, expected % 40);
        }
    }
    assert_int_equal(expected, 5000);
    seine_query_end(query);
}

static void parameters_are_bound_as_text_and_counted(void **state) {
    const engine_fixture *f = *state;
    const char *params[] = {"2025-03-01", "it's"};
    seine_query *query = NULL;
    seine_error error = {0};
    assert_ok(seine_query_start(f->engine, "SELECT CAST($1 AS DATE), $2::VARCHAR", params, 2, &query, &error), error);
    seine_rows rows;
    assert_ok(seine_query_next(query, &rows, &error), error);
    assert_int_equal(((const int32_t *)rows.columns[0].values)[0], 20148);
    assert_true(seine_str_equal(((const seine_str *)rows.columns[1].values)[0], SEINE_STR("it's")));
    seine_query_end(query);
    assert_int_equal(seine_query_start(f->engine, "SELECT $1::INTEGER", NULL, 0, &query, &error), SEINE_E_USAGE);
    assert_null(query);
}

static void a_failure_names_the_reason(void **state) {
    const engine_fixture *f = *state;
    seine_error error = {0};
    assert_int_equal(run_query(f->engine, "SELECT nosuch FROM (SELECT 1 AS such)", &error), SEINE_E_FORMAT);
    assert_non_null(strstr(error.text, "nosuch"));
    assert_int_equal(run_query(f->engine, "SELEC 1", &error), SEINE_E_FORMAT);
    assert_int_equal(run_query(f->engine,
                               "SELECT CASE WHEN i = 90000 THEN error('row ninety') ELSE i END FROM range(100000) t(i)",
                               &error),
                     SEINE_E_FORMAT);
    assert_non_null(strstr(error.text, "row ninety"));
    assert_int_equal(run_query(f->engine, "SELECT * FROM read_parquet('/nosuch/file.parquet')", &error), SEINE_E_IO);
}

typedef struct interrupter {
    seine_engine *engine;
    atomic_bool ended;
} interrupter;

/* An interrupt that comes before the query runs has no effect, so it is repeated until the query has ended. */
static void *interrupt_until_ended(void *argument) {
    interrupter *i = argument;
    while (!atomic_load(&i->ended)) {
        seine_engine_interrupt(i->engine);
        (void)sched_yield();
    }
    return NULL;
}

static void an_interrupted_query_says_so(void **state) {
    engine_fixture *f = *state;
    interrupter i = {.engine = f->engine};
    pthread_t thread;
    seine_error error = {0};
    assert_int_equal(pthread_create(&thread, NULL, interrupt_until_ended, &i), 0);
    const seine_status status = run_query(
        f->engine, "SELECT max(a.i * b.i) FROM range(1000000) a(i), range(1000000) b(i) WHERE a.i <> b.i", &error);
    atomic_store(&i.ended, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    if (status != SEINE_E_INTERRUPTED) fail_msg("status %d: %s", (int)status, error.text);
}

static void *count_in_thread(void *argument) {
    char text[256];
    const engine_fixture *f = argument;
    return (void *)(intptr_t)(strcmp(first_text(f->engine, "SELECT sum(i)::BIGINT FROM range(3000000) t(i)", text),
                                     "4499998500000") == 0);
}

static void two_threads_query_one_engine_at_once(void **state) {
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&threads[i], NULL, count_in_thread, *state), 0);
    for (int i = 0; i < 2; i++) {
        void *right = NULL;
        assert_int_equal(pthread_join(threads[i], &right), 0);
        assert_non_null(right);
    }
}

static void a_view_over_no_files_is_an_empty_table_of_that_shape(void **state) {
    const engine_fixture *f = *state;
    const seine_table_schema *schema = seine_schema_find("silver.ais");
    seine_error error = {0};
    assert_ok(seine_engine_view(f->engine, schema, "silver.ais", NULL, 0, &error), error);
    char text[256];
    assert_string_equal(first_text(f->engine, "SELECT count(*) FROM silver.ais", text), "0");
    seine_query *query = start(f->engine, "SELECT * FROM silver.ais");
    assert_int_equal(seine_query_column_count(query), schema->column_count);
    for (size_t i = 0; i < schema->column_count; i++) {
        assert_string_equal(seine_query_column_name(query, i), schema->columns[i].name);
        assert_string_equal(seine_query_column_type(query, i), seine_type_sql(schema->columns[i].type));
    }
    seine_query_end(query);
}

static const seine_column pair_columns[] = {{1, "id", SEINE_TYPE_STRING, true, false, "", ""},
                                            {2, "value", SEINE_TYPE_LONG, false, false, "", ""}};
static const seine_table_schema pair_schema = {"t.pairs", "", pair_columns, 2, {{0}}, 0, {1}};

/* A file written by somebody else: ids are what counts, names, order and widths may differ. */
static const char *write_foreign(const engine_fixture *f, const char *name, const char *select, const char *ids,
                                 char path[600]) {
    char sql[2000];
    seine_error error = {0};
    snprintf(path, 600, "%s/%s", f->folder, name);
    snprintf(sql, sizeof sql, "COPY (%s) TO '%s/new.parquet' (FORMAT parquet, FIELD_IDS {%s})", select, f->folder, ids);
    assert_ok(seine_engine_run(f->engine, sql, &error), error);
    snprintf(sql, sizeof sql, "%s/new.parquet", f->folder);
    assert_int_equal(rename(sql, path), 0); /* names may hold quotes, which COPY need not know */
    return path;
}

static void a_view_reads_columns_by_id_and_casts_them(void **state) {
    const engine_fixture *f = *state;
    char one[600], two[600], three[600], text[256];
    const char *files[] = {
        write_foreign(f, "one.parquet", "SELECT 'a' AS id, 1::BIGINT AS value", "id: 1, value: 2", one),
        write_foreign(f, "o'two.parquet", "SELECT 2::INTEGER AS renamed, 'b' AS id, 9 AS extra",
                      "renamed: 2, id: 1, extra: 7", two),
        write_foreign(f, "three.parquet", "SELECT 'c' AS id", "id: 1", three)};
    seine_error error = {0};
    assert_ok(seine_engine_view(f->engine, &pair_schema, "t.pairs", files, 3, &error), error);
    assert_string_equal(
        first_text(f->engine, "SELECT string_agg(id || coalesce(value::VARCHAR, '-'), ' ') FROM t.pairs", text),
        "a1 b2 c-");
    assert_string_equal(first_text(f->engine, "SELECT count(*) FROM t.pairs WHERE value = 2", text), "1");
}

static void a_scan_gives_the_wanted_columns_in_file_order(void **state) {
    const engine_fixture *f = *state;
    char one[600], two[600];
    const char *files[] = {write_foreign(f, "b.parquet", "SELECT 'x' || i AS id, i AS value FROM range(5000) t(i)",
                                         "id: 1, value: 2", one),
                           write_foreign(f, "a.parquet",
                                         "SELECT 'y' || i AS id, i + 5000 AS value FROM range(3000) t(i)",
                                         "id: 1, value: 2", two)};
    const size_t columns[] = {1, 0};
    seine_query *query = NULL;
    seine_rows rows;
    seine_error error = {0};
    assert_ok(seine_scan_start(f->engine, &pair_schema, columns, 2, files, 2, "value >= 10", &query, &error), error);
    int64_t expected = 10;
    for (;;) {
        assert_ok(seine_query_next(query, &rows, &error), error);
        if (rows.count == 0) break;
        for (size_t row = 0; row < rows.count; row++)
            assert_int_equal(((const int64_t *)rows.columns[0].values)[row], expected++);
    }
    assert_int_equal(expected, 8000);
    seine_query_end(query);
    assert_ok(seine_scan_start(f->engine, &pair_schema, columns, 2, NULL, 0, NULL, &query, &error), error);
    assert_ok(seine_query_next(query, &rows, &error), error);
    assert_int_equal(rows.count, 0);
    seine_query_end(query);
}

static void a_query_beyond_the_memory_setting_spills_or_says_so(void **state) {
    const engine_fixture *f = *state;
    const char *sort =
        "SELECT count(t) FROM (SELECT hash(i) AS h, 'text of some length ' || i AS t FROM range(1000000) "
        "r(i) ORDER BY h LIMIT 900000 OFFSET 10)";
    const char *const folders[] = {f->folder, NULL};
    for (int i = 0; i < 2; i++) {
        const seine_engine_options options = {.threads = 1, .memory_bytes = 24 << 20, .temp_folder = folders[i]};
        seine_engine *engine = NULL;
        seine_error error = {0};
        char text[256];
        assert_ok(seine_engine_open(&options, &engine, &error), error);
        assert_ok(seine_engine_lock(engine, &error), error);
        if (folders[i] != NULL)
            assert_string_equal(first_text(engine, sort, text), "900000");
        else
            assert_int_equal(run_query(engine, sort, &error), SEINE_E_NOMEM);
        seine_engine_close(engine);
    }
}

static void an_engine_beside_has_views_of_its_own(void **state) {
    const engine_fixture *f = *state;
    seine_engine *beside[2] = {NULL, NULL};
    seine_error error = {0};
    char text[256];
    const char *const views[] = {"CREATE SCHEMA s; CREATE VIEW s.v AS SELECT 'first' AS x",
                                 "CREATE SCHEMA s; CREATE VIEW s.v AS SELECT 'second' AS x"};
    assert_ok(seine_engine_fence(f->engine, f->folder, &error), error);
    for (int i = 0; i < 2; i++) {
        assert_ok(seine_engine_open_beside(f->engine, &beside[i], &error), error);
        assert_ok(seine_engine_run(beside[i], views[i], &error), error);
    }
    assert_string_equal(first_text(beside[0], "SELECT x FROM s.v", text), "first");
    assert_string_equal(first_text(beside[1], "SELECT x FROM s.v", text), "second");
    assert_int_equal(run_query(f->engine, "SELECT x FROM s.v", &error), SEINE_E_FORMAT);
    /* What belongs to the instance is the same: functions, macros, time zone and the fence. */
    assert_string_equal(first_text(beside[0], "SELECT tile_cell(0.5, 0.5, 1) IS NOT NULL", text), "1");
    assert_string_equal(first_text(beside[1], "SELECT exact_mean(x) FROM (VALUES (1.0), (3.0)) t(x)", text), "2");
    assert_string_equal(first_text(beside[1], "SELECT current_setting('TimeZone')", text), "UTC");
    assert_int_equal(run_query(beside[1], "CREATE TABLE t AS SELECT 1", &error), SEINE_E_USAGE);
    assert_int_not_equal(run_query(beside[1], "SELECT * FROM read_csv('/etc/passwd')", &error), SEINE_OK);
    for (int i = 0; i < 2; i++) seine_engine_close(beside[i]);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, engine_setup, engine_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_query_gives_every_type_of_seine_in_place),
        TEST(types_without_a_column_come_as_text_or_wider_numbers),
        TEST(nulls_and_long_texts_survive_batches_in_order),
        TEST(parameters_are_bound_as_text_and_counted),
        TEST(a_failure_names_the_reason),
        TEST(an_interrupted_query_says_so),
        TEST(two_threads_query_one_engine_at_once),
        TEST(a_query_beyond_the_memory_setting_spills_or_says_so),
        TEST(an_engine_beside_has_views_of_its_own),
        TEST(a_view_over_no_files_is_an_empty_table_of_that_shape),
        TEST(a_view_reads_columns_by_id_and_casts_them),
        TEST(a_scan_gives_the_wanted_columns_in_file_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
