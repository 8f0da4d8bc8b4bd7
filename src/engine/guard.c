/*
 * SQL of a user: what it may be, and what it may reach.
 *
 * Three fences, none of which trusts the others:
 * 1. The statement. The engine's own parser reads the text (json_serialize_sql, which knows one type of statement:
 *    those that read) and gives the tree back. That binds nothing: binding alone can already write (EXPORT DATABASE).
 *    Every function that stands for a table in the tree must be one of the list below, for some change the engine
 *    (enable_logging writes files) and some run other text (query). Of those for a value write_log is refused.
 * 2. The files. Without external access the engine opens what is listed: the files of the views (a lock: no folder,
 *    so nothing new can be made), or what lies in one folder (a fence).
 * 3. The settings, which are locked, but for the search path.
 *
 * EXPLAIN is no type that the parser gives a tree of. Its words are cut off here, what follows must be a reading
 * statement as above, and what runs is made anew of both. It does not matter if the cut is wrong: a statement that
 * begins as those of the tree do can only be explained or run by `EXPLAIN` + that statement.
 */
#include "base/json.h"
#include "base/try.h"
#include "engine/internal.h"
#include "io/pins.h"

#include <ctype.h>
#include <strings.h>

#define TREE_DEPTH_MAX 20000

/* ---- the statement ---------------------------------------------------------------------------------------------- */

static seine_status refuse(seine_error *error, const char *what) {
    return seine_fail(error, SEINE_E_USAGE,
                      "%s: only one reading statement is allowed here (SELECT, WITH, FROM, DESCRIBE, SHOW, SUMMARIZE, "
                      "EXPLAIN)",
                      what);
}

static bool has_word(const char *sql, const char *word) {
    for (size_t size = strlen(word); *sql != '\0'; sql++)
        if (strncasecmp(sql, word, size) == 0) return true;
    return false;
}

/* What only reads, but not in the engine's parser: a PRAGMA is a call, a PIVOT without its values makes a type. */
static seine_status refuse_statement(const char *sql, seine_error *error) {
    if (strncasecmp(sql + strspn(sql, " \t\r\n"), "pragma", 6) == 0)
        return refuse(error,
                      "a PRAGMA is no reading statement; DESCRIBE TABLE shows columns, SHOW TABLES the tables, FROM "
                      "duckdb_settings() the settings");
    if (has_word(sql, "pivot"))
        return refuse(error,
                      "this statement does more than read, as a PIVOT does whose values are not given: write PIVOT "
                      "… ON column IN (value, …)");
    return refuse(error, "this statement does more than read");
}

/* Functions in the place of a table which only read, and no text as SQL. In alphabetical order. */
static bool is_reader(seine_str name) {
    static const char *const names[] = {"duckdb_columns",
                                        "duckdb_constraints",
                                        "duckdb_databases",
                                        "duckdb_dependencies",
                                        "duckdb_extensions",
                                        "duckdb_functions",
                                        "duckdb_indexes",
                                        "duckdb_keywords",
                                        "duckdb_log_contexts",
                                        "duckdb_logs",
                                        "duckdb_memory",
                                        "duckdb_optimizers",
                                        "duckdb_schemas",
                                        "duckdb_sequences",
                                        "duckdb_settings",
                                        "duckdb_tables",
                                        "duckdb_temporary_files",
                                        "duckdb_types",
                                        "duckdb_variables",
                                        "duckdb_views",
                                        "generate_series",
                                        "glob",
                                        "histogram",
                                        "histogram_values",
                                        "icu_calendar_names",
                                        "json_each",
                                        "json_tree",
                                        "parquet_bloom_probe",
                                        "parquet_file_metadata",
                                        "parquet_full_metadata",
                                        "parquet_kv_metadata",
                                        "parquet_metadata",
                                        "parquet_scan",
                                        "parquet_schema",
                                        "pg_timezone_names",
                                        "pragma_collations",
                                        "pragma_database_size",
                                        "pragma_platform",
                                        "pragma_show",
                                        "pragma_storage_info",
                                        "pragma_table_info",
                                        "pragma_version",
                                        "range",
                                        "read_blob",
                                        "read_csv",
                                        "read_csv_auto",
                                        "read_json",
                                        "read_json_auto",
                                        "read_json_objects",
                                        "read_json_objects_auto",
                                        "read_ndjson",
                                        "read_ndjson_auto",
                                        "read_ndjson_objects",
                                        "read_parquet",
                                        "read_text",
                                        "repeat",
                                        "repeat_row",
                                        "sniff_csv",
                                        "sql_auto_complete",
                                        "summary",
                                        "test_all_types",
                                        "unnest"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (seine_str_equal(name, seine_str_of(names[i]))) return true;
    return false;
}

static seine_status refuse_function(seine_str name, seine_error *error) {
    return seine_fail(error, SEINE_E_USAGE, "%.*s() does more than read, or runs text as SQL: it is not allowed here",
                      SEINE_STR_ARG(name));
}

/* Every function that stands for a table, wherever it stands, and the one for a value that writes. */
static seine_status check_tree(seine_json_value node, int depth, seine_error *error) {
    const seine_json_kind kind = seine_json_kind_of(node);
    if (kind != SEINE_JSON_OBJECT && kind != SEINE_JSON_ARRAY) return SEINE_OK;
    if (depth == 0) return seine_fail(error, SEINE_E_LIMIT, "the statement is nested too deeply");
    if (seine_str_equal(seine_json_text(seine_json_get(node, "type")), SEINE_STR("TABLE_FUNCTION"))) {
        const seine_str name = seine_json_text(seine_json_get(seine_json_get(node, "function"), "function_name"));
        if (!is_reader(name)) return refuse_function(name, error);
    }
    const seine_str called = seine_json_text(seine_json_get(node, "function_name"));
    if (seine_str_equal_nocase(called, SEINE_STR("write_log"))) return refuse_function(called, error);
    seine_json_iter it = {0};
    while (seine_json_next(node, &it)) SEINE_TRY(check_tree(it.value, depth - 1, error));
    return SEINE_OK;
}

/* What the parser says of a text that it gave no tree of. */
static seine_status refuse_by_parser(duckdb_connection connection, const char *sql, seine_json_value said,
                                     seine_error *error) {
    if (!seine_str_equal(seine_json_text(seine_json_get(said, "error_type")), SEINE_STR("parser")))
        return refuse_statement(sql, error);
    /* Parses only; for its message with the place in the text. */
    duckdb_extracted_statements statements SEINE_OWNED(duckdb_destroy_extracted) = NULL;
    if (duckdb_extract_statements(connection, sql, &statements) != 0) return refuse_statement(sql, error);
    return seine_engine_fail(error, DUCKDB_ERROR_PARSER, duckdb_extract_statements_error(statements));
}

/* The engine's own list knows one schema at a time and leaves the schemas' names out. */
static const char list_of_tables[] =
    "SELECT schema_name || '.' || view_name AS name FROM duckdb_views() WHERE NOT internal ORDER BY ALL";

static bool is_show_tables(seine_json_value statements) {
    const seine_json_value from = seine_json_get(seine_json_get(seine_json_at(statements, 0), "node"), "from_table");
    return seine_str_equal(seine_json_text(seine_json_get(from, "type")), SEINE_STR("SHOW_REF")) &&
           seine_str_equal(seine_json_text(seine_json_get(from, "table_name")), SEINE_STR("\"tables\"")) &&
           seine_str_equal(seine_json_text(seine_json_get(from, "show_type")), SEINE_STR("SHOW_UNQUALIFIED"));
}

static seine_status check_said(duckdb_connection connection, const char *sql, seine_json_value said, bool *is_list,
                               seine_error *error) {
    if (seine_json_bool(seine_json_get(said, "error"), true)) return refuse_by_parser(connection, sql, said, error);
    const seine_json_value statements = seine_json_get(said, "statements");
    const size_t count = seine_json_count(statements);
    if (count == 0) return seine_fail(error, SEINE_E_USAGE, "the SQL text holds no statement");
    if (count > 1) return refuse(error, "several statements");
    *is_list = is_show_tables(statements);
    return check_tree(statements, TREE_DEPTH_MAX, error);
}

/* OK for a text that is one SELECT to the engine's parser, and calls nothing that does more; @p is_list: SHOW TABLES.
 */
static seine_status check_select(duckdb_connection connection, const char *sql, bool *is_list, seine_error *error) {
    duckdb_prepared_statement asked SEINE_OWNED(duckdb_destroy_prepare) = NULL;
    duckdb_result result SEINE_OWNED(duckdb_destroy_result) = {0};
    seine_json *said SEINE_OWNED(seine_json_free_owned) = NULL;
    if (duckdb_prepare(connection, "SELECT json_serialize_sql(CAST($1 AS VARCHAR))", &asked) != DuckDBSuccess ||
        duckdb_bind_varchar(asked, 1, sql) != DuckDBSuccess)
        return seine_engine_fail(error, DUCKDB_ERROR_BINDER, duckdb_prepare_error(asked));
    if (duckdb_execute_prepared(asked, &result) != DuckDBSuccess)
        return seine_engine_fail(error, duckdb_result_error_type(&result), duckdb_result_error(&result));
    char *text SEINE_OWNED(seine_engine_text_free) = duckdb_value_varchar(&result, 0, 0);
    if (text == NULL) return seine_no_memory(error, "SQL text");
    SEINE_TRY(seine_json_parse(seine_str_of(text), "the parsed statement", &said, error));
    return check_said(connection, sql, seine_json_root(said), is_list, error);
}

/* Length of "EXPLAIN", "EXPLAIN ANALYZE" or "EXPLAIN (words, words)" with the blanks around it; 0 = none of these. */
static size_t explain_size(const char *sql) {
    static const char blanks[] = " \t\r\n";
    static const char words[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_, \t\r\n";
    const char *at = sql + strspn(sql, blanks);
    if (strncasecmp(at, "explain", 7) != 0 || isalnum((unsigned char)at[7]) || at[7] == '_') return 0;
    at += 7;
    at += strspn(at, blanks);
    if (strncasecmp(at, "analyze", 7) == 0 && !isalnum((unsigned char)at[7]) && at[7] != '_')
        return (size_t)(at - sql) + 7;
    const bool is_open =
        *at == '(' && (strncasecmp(at + 1, "analyze", 7) == 0 || strncasecmp(at + 1, "format", 6) == 0);
    const size_t size = is_open ? strspn(at + 1, words) : 0;
    const bool is_options = size > 0 && at[size + 1] == ')';
    return (size_t)(at - sql) + (is_options ? size + 2 : 0);
}

static seine_status put_reading(seine_buf *text, seine_str explain, const char *rest) {
    SEINE_TRY(seine_buf_append(text, explain.data, explain.size));
    if (explain.size > 0) SEINE_TRY(seine_buf_append(text, " ", 1));
    SEINE_TRY(seine_buf_append_str(text, rest));
    return seine_buf_text(text) != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

seine_status seine_engine_reading(duckdb_connection connection, const char *sql, seine_buf *text, seine_error *error) {
    const size_t size = explain_size(sql);
    bool is_list = false;
    SEINE_TRY(check_select(connection, sql + size, &is_list, error));
    const seine_status status = put_reading(text, (seine_str){sql, size}, is_list ? list_of_tables : sql + size);
    return status == SEINE_OK ? status : seine_fail(error, status, "the SQL text is too long");
}

/* ---- the files and the settings --------------------------------------------------------------------------------- */

static seine_status put_shutting(seine_buf *sql, const char *setting, seine_str list) {
    SEINE_TRY(seine_buf_printf(sql, "SET %s = [", setting));
    SEINE_TRY(seine_buf_append(sql, list.data, list.size));
    SEINE_TRY(seine_buf_append_str(sql, "]; SET allowed_configs = ['search_path']; SET enable_external_access = "
                                        "false; SET lock_configuration = true"));
    return seine_buf_text(sql) != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

/* @p list may be the engine's of readable files, which is of no more use. */
static seine_status shut(seine_engine *engine, const char *setting, seine_str list, seine_guard guard,
                         seine_error *error) {
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, SEINE_SQL_MAX);
    const seine_status status = put_shutting(&sql, setting, list);
    seine_buf_free(&engine->readable);
    if (status != SEINE_OK) return seine_fail(error, status, "SQL engine: out of memory");
    SEINE_TRY(seine_engine_run(engine, (const char *)sql.data, error));
    engine->guard = guard;
    return SEINE_OK;
}

static seine_status put_reachable(seine_buf *list, const char *folder) {
    const char *pins = seine_pins_folder(folder);
    SEINE_TRY(seine_sql_text(list, folder));
    if (pins != NULL) {
        SEINE_TRY(seine_buf_append(list, ", ", 2));
        SEINE_TRY(seine_sql_text(list, pins));
    }
    return seine_buf_text(list) != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

seine_status seine_engine_fence(seine_engine *engine, const char *folder, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_buf list SEINE_OWNED(seine_buf_free);
    seine_buf_init(&list, SEINE_SQL_MAX);
    char *absolute = NULL;
    SEINE_TRY(seine_file_absolute(folder, &arena, &absolute, error));
    if (put_reachable(&list, absolute) != SEINE_OK) return seine_no_memory(error, "SQL engine");
    SEINE_TRY(seine_engine_reach(engine, (const char *)list.data, error)); /* later none can */
    return shut(engine, "allowed_directories", seine_buf_str(&list), SEINE_GUARD_FENCE, error);
}

seine_status seine_engine_lock(seine_engine *engine, seine_error *error) {
    return shut(engine, "allowed_paths", seine_buf_str(&engine->readable), SEINE_GUARD_LOCK, error);
}
