/* links: engine io core columns base */
/* The locked engine that a user's SQL meets: reads the lake, nothing else. */
#include "engine_support.h"

static int locked_setup(void **state) {
    if (engine_setup(state) != 0) return -1;
    engine_fixture *f = *state;
    char sql[1200], lake[600];
    seine_error error = {0};
    snprintf(lake, sizeof lake, "%s/lake", f->folder);
    if (seine_file_make_folders(lake, &error) != SEINE_OK) return -1;
    snprintf(sql, sizeof sql, "COPY (SELECT 42 AS x) TO '%s/in.parquet'; COPY (SELECT 43 AS x) TO '%s/out.parquet'",
             lake, f->folder);
    if (seine_engine_run(f->engine, sql, &error) != SEINE_OK) return -1;
    if (seine_engine_run(f->engine, "CREATE TABLE t AS SELECT 1 AS x", &error) != SEINE_OK) return -1;
    return seine_engine_lock(f->engine, lake, &error) == SEINE_OK ? 0 : -1;
}

static void files_of_the_lake_can_be_read(void **state) {
    const engine_fixture *f = *state;
    char sql[1200], text[256];
    snprintf(sql, sizeof sql, "SELECT x FROM read_parquet('%s/lake/in.parquet')", f->folder);
    assert_string_equal(first_text(f->engine, sql, text), "42");
    snprintf(sql, sizeof sql, "SELECT count(*) FROM glob('%s/lake/*')", f->folder);
    assert_string_equal(first_text(f->engine, sql, text), "1");
}

static void files_outside_the_lake_cannot(void **state) {
    const engine_fixture *f = *state;
    const char *const queries[] = {
        "SELECT * FROM read_parquet('%s/out.parquet')",
        "SELECT * FROM read_parquet('%s/lake/../out.parquet')",
        "SELECT * FROM '%s/out.parquet'",
        "SELECT * FROM read_text('%s/out.parquet')",
        "SELECT * FROM read_blob('%s/lake/../out.parquet')",
        "SELECT * FROM glob('%s/*')",
        "SELECT * FROM read_text('%s/lake/../*')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_csv('file:///etc/passwd')",
        "SELECT * FROM read_json('/etc/passwd')",
        "SELECT * FROM parquet_metadata('%s/out.parquet')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')",
        "SELECT * FROM query_table('/etc/passwd')",
        "SELECT * FROM read_parquet('https://localhost:1/a.parquet')",
    };
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        char sql[1200];
        seine_error error = {0};
        snprintf(sql, sizeof sql, queries[i], f->folder);
        const seine_status status = run_query(f->engine, sql, &error);
        if (status == SEINE_OK) fail_msg("was allowed: %s", sql);
    }
}

static void statements_that_do_more_than_read_are_refused(void **state) {
    const engine_fixture *f = *state;
    const char *const statements[] = {
        "COPY (SELECT 1) TO '%s/lake/new.parquet'",
        "COPY t TO '%s/lake/new.csv'",
        "COPY t FROM '%s/lake/in.parquet'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '%s/lake/new.parquet'",
        "explain analyze CREATE TABLE u AS SELECT 1",
        "EXPLAIN (FORMAT json) DELETE FROM t",
        "/* x */ EXPLAIN ANALYZE INSERT INTO t VALUES (2)",
        "ATTACH '%s/lake/new.db'",
        "DETACH memory",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET lock_configuration = false",
        "SET enable_external_access = true",
        "RESET threads",
        "PRAGMA enable_external_access",
        "CREATE TABLE u AS SELECT 1",
        "CREATE MACRO m() AS 1",
        "CREATE SECRET (TYPE s3)",
        "INSERT INTO t VALUES (2)",
        "DELETE FROM t",
        "UPDATE t SET x = 2",
        "DROP TABLE t",
        "ALTER TABLE t ADD COLUMN y INTEGER",
        "EXPORT DATABASE '%s/lake/dump'",
        "CHECKPOINT",
        "VACUUM",
        "BEGIN",
        "PREPARE p AS SELECT 1",
        "CALL pragma_version()",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE t",
        "WITH w AS (DELETE FROM t RETURNING x) SELECT * FROM w",
        "",
        "-- nothing",
    };
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        char sql[1200], text[256];
        seine_error error = {0};
        snprintf(sql, sizeof sql, statements[i], f->folder);
        if (run_query(f->engine, sql, &error) == SEINE_OK) fail_msg("was allowed: %s", sql);
        assert_string_equal(first_text(f->engine, "SELECT string_agg(x::VARCHAR, ',') FROM t", text), "1");
        snprintf(sql, sizeof sql, "SELECT count(*) FROM glob('%s/lake/**')", f->folder);
        assert_string_equal(first_text(f->engine, sql, text), "1");
    }
    seine_error error = {0};
    assert_int_equal(run_query(f->engine, "DROP TABLE t", &error), SEINE_E_USAGE);
    assert_non_null(strstr(error.text, "only one reading statement"));
    assert_int_equal(seine_engine_run(f->engine, "CREATE TABLE u AS SELECT 1", &error), SEINE_E_USAGE);
}

static void every_reading_form_is_allowed(void **state) {
    const engine_fixture *f = *state;
    const char *const statements[] = {
        "SELECT x FROM t",
        "FROM t",
        "WITH w AS (SELECT x FROM t) SELECT * FROM w",
        "DESCRIBE t",
        "SHOW TABLES",
        "SHOW ALL TABLES",
        "SUMMARIZE t",
        "EXPLAIN SELECT x FROM t",
        "EXPLAIN ANALYZE SELECT x FROM t",
        "VALUES (1), (2)",
        "(SELECT 1) UNION ALL (SELECT 2);",
        "-- a comment\nSELECT 1 -- another",
    };
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        seine_error error = {0};
        if (run_query(f->engine, statements[i], &error) != SEINE_OK) fail_msg("%s: %s", statements[i], error.text);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, locked_setup, engine_teardown)
    const struct CMUnitTest tests[] = {
        TEST(files_of_the_lake_can_be_read),
        TEST(files_outside_the_lake_cannot),
        TEST(statements_that_do_more_than_read_are_refused),
        TEST(every_reading_form_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
