/* links: parquet engine io core columns base */
/* The locked engine that a user's SQL meets: reads the files of the lake's tables, nothing else. */
#include "columns/schema.h"
#include "engine_support.h"

#include <dirent.h>
#include <string.h>

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
    char path[700];
    snprintf(path, sizeof path, "%s/in.parquet", lake);
    const char *const files[] = {path};
    const seine_table_schema *schema = seine_schema_find("ref.ports");
    if (seine_engine_view(f->engine, schema, "ref.ports", files, 1, &error) != SEINE_OK) return -1;
    return seine_engine_lock(f->engine, &error) == SEINE_OK ? 0 : -1;
}

static void files_of_the_tables_can_be_read(void **state) {
    const engine_fixture *f = *state;
    char sql[1200], text[256];
    snprintf(sql, sizeof sql, "SELECT x FROM read_parquet('%s/lake/in.parquet')", f->folder);
    assert_string_equal(first_text(f->engine, sql, text), "42");
    assert_string_equal(first_text(f->engine, "SELECT count(*) FROM ref.ports", text), "1");
}

static void other_files_cannot(void **state) {
    const engine_fixture *f = *state;
    const char *const queries[] = {
        "SELECT * FROM read_parquet('%s/out.parquet')",
        "SELECT * FROM read_parquet('%s/lake/../out.parquet')",
        "SELECT * FROM '%s/out.parquet'",
        "SELECT * FROM read_text('%s/out.parquet')",
        "SELECT * FROM read_text('%s/lake/catalog.db')",
        "SELECT * FROM glob('%s/lake/*')",
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

static int entries_below(const char *folder) {
    int count = 0;
    DIR *entries = opendir(folder);
    if (entries == NULL) return 0;
    for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        char path[1200];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        count += 1 + entries_below(path);
    }
    (void)closedir(entries);
    return count;
}

/* Nothing below the folder but what the set-up made, and table t as it was. */
static void assert_nothing_changed(const engine_fixture *f, const char *sql) {
    char text[256];
    const int count = entries_below(f->folder);
    if (count != 3) fail_msg("%d entries instead of 3 after: %s", count, sql);
    assert_string_equal(first_text(f->engine, "SELECT string_agg(x::VARCHAR, ',') FROM t", text), "1");
}

/* One or more of each type of statement that the engine knows; %s is the fixture's folder. */
static const struct {
    const char *type;
    const char *sql;
} known[] = {
    {"INVALID", ""},
    {"INVALID", "-- nothing"},
    {"INVALID", "WITH w AS (DELETE FROM t RETURNING x) SELECT * FROM w"},
    {"INSERT", "INSERT INTO t VALUES (2)"},
    {"INSERT", "WITH w AS (SELECT 2) INSERT INTO t FROM w RETURNING x"},
    {"UPDATE", "UPDATE t SET x = 2"},
    {"EXPLAIN", "EXPLAIN ANALYZE EXPLAIN ANALYZE INSERT INTO t VALUES (2)"},
    {"DELETE", "DELETE FROM t"},
    {"PREPARE", "PREPARE p AS SELECT 1"},
    {"PREPARE", "PREPARE p AS COPY (SELECT 1) TO '%s/lake/new.csv'"},
    {"CREATE", "CREATE TABLE u AS SELECT 1"},
    {"CREATE", "CREATE OR REPLACE VIEW ref.ports AS SELECT 1"},
    {"CREATE", "CREATE SECRET (TYPE s3)"},
    {"EXECUTE", "EXECUTE p"},
    {"ALTER", "ALTER TABLE t ADD COLUMN y INTEGER"},
    {"TRANSACTION", "BEGIN"},
    {"COPY", "COPY (SELECT 1) TO '%s/lake/new.parquet'"},
    {"COPY", "COPY (SELECT 1 AS x) TO '%s/lake/in.parquet' (USE_TMP_FILE false)"},
    {"COPY", "COPY (SELECT 1 AS x) TO '%s/lake/p' (FORMAT parquet, PARTITION_BY x)"},
    {"COPY", "COPY t FROM '%s/lake/in.parquet'"},
    {"ANALYZE", "ANALYZE t"},
    {"VARIABLE_SET", "SET VARIABLE v = 1"},
    {"CREATE_FUNC", "CREATE MACRO m() AS 1"},
    {"DROP", "DROP TABLE t"},
    {"EXPORT", "EXPORT DATABASE '%s/lake/dump'"},
    {"PRAGMA", "PRAGMA enable_profiling"},
    {"PRAGMA", "PRAGMA import_database('%s/lake')"},
    {"VACUUM", "VACUUM"},
    {"VACUUM", "CHECKPOINT"},
    {"CALL", "CALL pragma_version()"},
    {"CALL", "CALL enable_logging(storage = 'file', storage_path = '%s/lake/log')"},
    {"SET", "SET enable_external_access = true"},
    {"SET", "SET lock_configuration = false"},
    {"SET", "RESET threads"},
    {"SET", "USE ref"},
    {"LOAD", "LOAD httpfs"},
    {"LOAD", "INSTALL httpfs"},
    {"RELATION", ""},     /* no text makes one */
    {"EXTENSION", ""},    /* no text makes one without an extension that brings it */
    {"LOGICAL_PLAN", ""}, /* no text makes one */
    {"ATTACH", "ATTACH '%s/lake/new.db'"},
    {"DETACH", "DETACH memory"},
    {"MULTI", "SELECT 1; DROP TABLE t"},
    {"MULTI", "SELECT 1; SELECT 2"},
    {"MULTI", "PIVOT t ON x USING count(*)"}, /* makes a type first */
    {"COPY_DATABASE", "COPY FROM DATABASE memory TO system"},
    {"UPDATE_EXTENSIONS", "UPDATE EXTENSIONS"},
    {"MERGE_INTO", "MERGE INTO t USING (SELECT 1 AS x) s ON t.x = s.x WHEN MATCHED THEN UPDATE SET x = 3"},
    /* Statements of type SELECT that change the engine, write a file or hide another text. */
    {"SELECT", "FROM enable_logging(storage = 'file', storage_path = '%s/lake/log')"},
    {"SELECT", "SELECT (SELECT count(*) FROM system.main.Enable_Logging(level = 'debug'))"},
    {"SELECT", "FROM enable_profiling(format = 'json', save_location = '%s/lake/p.json')"},
    {"SELECT", "WITH w AS (FROM checkpoint()) FROM t, w"},
    {"SELECT", "FROM query('FROM enable_logging()')"},
    {"SELECT", "SELECT upper(system.main.Write_Log('x'))"},
    {"SELECT", "FROM json_execute_serialized_sql(json_serialize_sql('FROM enable_logging()'))"},
};

static void every_type_of_statement_but_a_reading_one_is_refused_also_in_explain(void **state) {
    /* %s stands for a statement; what ends a comment, a text or the options early is tried too. */
    static const char *const wrappings[] = {
        "%s",
        "/* x */ %s",
        "-- x\n%s",
        "EXPLAIN %s",
        "EXPLAIN ANALYZE %s",
        "explain\nanalyze\t%s",
        "EXPLAIN (FORMAT json) %s",
        "EXPLAIN (ANALYZE, FORMAT json) %s",
        "EXPLAIN (ANALYZE /*)SELECT 1--*/) %s",
        "EXPLAIN (ANALYZE --)SELECT 1\n) %s",
        "EXPLAIN ANALYZE /* SELECT 1 -- */ %s",
        "EXPLAIN ANALYZE -- SELECT 1\n%s",
        "/* EXPLAIN */ EXPLAIN ANALYZE %s",
        "EXPLAIN ANALYZE SELECT 1; %s",
        "SELECT 1; EXPLAIN ANALYZE %s",
        "SELECT 1) UNION ALL (%s",
    };
    const engine_fixture *f = *state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        for (size_t k = 0; k < sizeof wrappings / sizeof wrappings[0]; k++) {
            char statement[1200], sql[2400];
            seine_error error = {0};
            snprintf(statement, sizeof statement, known[i].sql, f->folder);
            snprintf(sql, sizeof sql, wrappings[k], statement);
            if (strspn(known[i].sql, "- nothing") == strlen(known[i].sql) && strstr(sql, "SELECT") != NULL) continue;
            if (run_query(f->engine, sql, &error) == SEINE_OK) fail_msg("was allowed: %s", sql);
            assert_nothing_changed(f, sql);
        }
    }
    seine_error error = {0};
    assert_int_equal(run_query(f->engine, "DROP TABLE t", &error), SEINE_E_USAGE);
    assert_non_null(strstr(error.text, "only one reading statement"));
    assert_int_equal(run_query(f->engine, " PRAGMA table_info('t')", &error), SEINE_E_USAGE);
    assert_non_null(strstr(error.text, "DESCRIBE"));
    assert_int_equal(run_query(f->engine, "FROM (PIVOT t ON x USING count(*))", &error), SEINE_E_USAGE);
    assert_non_null(strstr(error.text, "ON column IN (value, …)"));
    assert_int_equal(seine_engine_run(f->engine, "CREATE TABLE u AS SELECT 1", &error), SEINE_E_USAGE);
}

/* A new engine may know more types, or more functions that stand for a table: look at each before it is let in. */
static void every_type_of_statement_and_table_function_of_the_engine_is_known_here(void **state) {
    static const char prefix[] = "DUCKDB_STATEMENT_TYPE_";
    char path[1200];
    seine_buf header;
    seine_error error = {0};
    seine_buf_init(&header, 4 << 20);
    snprintf(path, sizeof path, "%s/include/duckdb.h", getenv("SEINE_DEPS"));
    assert_ok(seine_file_read(path, &header, &error), error);
    int count = 0;
    for (const char *at = strstr(seine_buf_text(&header), prefix); at != NULL; at = strstr(at, prefix), count++) {
        at += sizeof prefix - 1;
        const size_t size = strcspn(at, " ,;\n");
        bool is_known = false;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            is_known = is_known || (strlen(known[i].type) == size && memcmp(known[i].type, at, size) == 0);
        if (!is_known) fail_msg("no statement of type %.*s is tried", (int)size, at);
    }
    assert_true(count > 30);
    seine_buf_free(&header);
    const engine_fixture *f = *state;
    char text[256];
    first_text(f->engine,
               "SELECT count(DISTINCT function_name)::VARCHAR FROM duckdb_functions() WHERE function_type "
               "IN ('table', 'table_macro')",
               text);
    assert_string_equal(text, "93");
}

/* No file can be made even by SQL of the product, which no check of statements holds back. */
static void a_locked_engine_has_no_folder_to_write_to(void **state) {
    engine_fixture *f = *state;
    static const char *const statements[] = {
        "COPY (SELECT 1) TO '%s/lake/new.parquet'",
        "COPY (SELECT 1 AS x) TO '%s/lake/in.parquet'",
        "EXPORT DATABASE '%s/lake/dump'",
        "ATTACH '%s/lake/new.db'",
    };
    seine_engine_session *session = NULL;
    seine_error error = {0};
    assert_ok(seine_engine_session_open(f->engine, &session, &error), error);
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        char sql[1200];
        seine_query *query = NULL;
        snprintf(sql, sizeof sql, statements[i], f->folder);
        assert_int_not_equal(seine_engine_session_query(session, sql, NULL, 0, &query, &error), SEINE_OK);
        assert_nothing_changed(f, sql);
    }
    seine_engine_session_close(session);
}

/* What a model's file is read with: the same check, and files of the folder. */
static void a_fenced_engine_takes_reading_statements_only(void **state) {
    engine_fixture *f = *state;
    seine_engine *engine = NULL;
    seine_error error = {0};
    char sql[1200], text[256];
    assert_ok(seine_engine_open(&(seine_engine_options){.threads = 1}, &engine, &error), error);
    assert_ok(seine_engine_fence(engine, f->folder, &error), error);
    assert_ok(seine_engine_run(engine, "CREATE VIEW v AS SELECT 7 AS x", &error), error);
    assert_string_equal(first_text(engine, "SELECT x FROM v", text), "7");
    snprintf(sql, sizeof sql, "COPY (SELECT 1) TO '%s/lake/new.csv'", f->folder);
    assert_int_equal(run_query(engine, sql, &error), SEINE_E_USAGE);
    snprintf(sql, sizeof sql, "SELECT * FROM (FROM enable_logging(storage = 'file', storage_path = '%s/log'))",
             f->folder);
    assert_int_equal(run_query(engine, sql, &error), SEINE_E_USAGE);
    assert_nothing_changed(f, sql);
    seine_engine_close(engine);
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
        " explain (analyze, format json) SELECT x FROM t;",
        "EXPLAIN (SELECT x FROM t)",
        "EXPLAIN ANALYZE -- a comment\n(SELECT 'EXPLAIN ANALYZE COPY' AS c)",
        "SELECT * FROM range(3) r, LATERAL (SELECT unnest([r.range])) u",
        "PIVOT t ON x IN (1, 2) USING count(*)",
        "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 9) FROM r",
        "SELECT function_name FROM duckdb_functions() LIMIT 1",
        "FROM histogram_values(t, x)",
        "FROM duckdb_logs()",
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
        TEST(files_of_the_tables_can_be_read),
        TEST(other_files_cannot),
        TEST(every_type_of_statement_but_a_reading_one_is_refused_also_in_explain),
        TEST(every_type_of_statement_and_table_function_of_the_engine_is_known_here),
        TEST(a_locked_engine_has_no_folder_to_write_to),
        TEST(a_fenced_engine_takes_reading_statements_only),
        TEST(every_reading_form_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
