/*
 * The database instance: settings, statements run for their effect, and the lock that makes it safe to hand a user's
 * SQL to it.
 *
 * The lock is three fences, each enough for most attempts: only statements that read are started (checked by the
 * engine's own parser), the file system outside the lake is shut (enable_external_access), and settings cannot be
 * changed back (lock_configuration).
 */
#include "engine/engine_internal.h"

#include "engine/functions.h"
#include "io/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define ERROR_TEXT_MAX 900

seine_status seine_engine_fail(seine_error *error, duckdb_error_type type, const char *text) {
    if (text == NULL) text = "unknown failure of the SQL engine";
    seine_status status = SEINE_E_FORMAT;
    /* A failed prepare tells no type, but its text begins with it. */
    if (type == DUCKDB_ERROR_IO || strncmp(text, "IO Error", 8) == 0) status = SEINE_E_IO;
    if (type == DUCKDB_ERROR_INTERRUPT || strncmp(text, "INTERRUPT", 9) == 0) status = SEINE_E_INTERRUPTED;
    if (type == DUCKDB_ERROR_OUT_OF_MEMORY) status = SEINE_E_NOMEM;
    if (type == DUCKDB_ERROR_PERMISSION) status = SEINE_E_USAGE;
    if (status == SEINE_E_INTERRUPTED) return seine_fail(error, status, "interrupted");
    return seine_fail(error, status, "%.*s", ERROR_TEXT_MAX, text);
}

/* ---- opening ---- */

static bool configure(duckdb_config config, const seine_engine_options *options) {
    char number[32];
    (void)snprintf(number, sizeof number, "%d", options->threads > 0 ? options->threads : 1);
    bool ok = duckdb_set_config(config, "threads", number) == DuckDBSuccess;
    ok = ok && duckdb_set_config(config, "autoinstall_known_extensions", "false") == DuckDBSuccess;
    ok = ok && duckdb_set_config(config, "autoload_known_extensions", "false") == DuckDBSuccess;
    ok = ok && duckdb_set_config(config, "allow_community_extensions", "false") == DuckDBSuccess;
    ok = ok && duckdb_set_config(config, "preserve_insertion_order", "true") == DuckDBSuccess;
    const char *folder = options->temp_folder != NULL ? options->temp_folder : "";
    ok = ok && duckdb_set_config(config, "temp_directory", folder) == DuckDBSuccess;
    if (ok && options->memory_bytes > 0) {
        (void)snprintf(number, sizeof number, "%" PRIu64 "B", options->memory_bytes);
        ok = duckdb_set_config(config, "memory_limit", number) == DuckDBSuccess;
    }
    return ok;
}

seine_status seine_engine_open(const seine_engine_options *options, seine_engine **engine, seine_error *error) {
    *engine = NULL;
    seine_engine *e = calloc(1, sizeof *e);
    if (e == NULL) return seine_fail(error, SEINE_E_NOMEM, "SQL engine: out of memory");
    if (pthread_mutex_init(&e->mutex, NULL) != 0) {
        free(e);
        return seine_fail(error, SEINE_E_NOMEM, "SQL engine: no mutex");
    }
    duckdb_config config = NULL;
    char *text = NULL;
    seine_status status = SEINE_OK;
    if (duckdb_create_config(&config) != DuckDBSuccess || !configure(config, options))
        status = seine_fail(error, SEINE_E_INTERNAL, "SQL engine: a setting was refused");
    else if (duckdb_open_ext(NULL, &e->database, config, &text) != DuckDBSuccess)
        status = seine_fail(error, SEINE_E_IO, "SQL engine: %s", text != NULL ? text : "cannot start");
    else if (duckdb_connect(e->database, &e->connection) != DuckDBSuccess)
        status = seine_fail(error, SEINE_E_NOMEM, "SQL engine: cannot connect");
    duckdb_free(text);
    duckdb_destroy_config(&config);
    if (status == SEINE_OK) status = seine_engine_run(e, "SET GLOBAL TimeZone = 'UTC'", error);
    if (status == SEINE_OK) status = seine_functions_register(e, error);
    if (status != SEINE_OK) {
        seine_engine_close(e);
        return status;
    }
    *engine = e;
    return SEINE_OK;
}

void seine_engine_close(seine_engine *engine) {
    if (engine == NULL) return;
    duckdb_disconnect(&engine->connection);
    duckdb_close(&engine->database);
    (void)pthread_mutex_destroy(&engine->mutex);
    free(engine);
}

const char *seine_engine_version(void) { return duckdb_library_version(); }

/* ---- statements ---- */

seine_status seine_engine_run(seine_engine *engine, const char *sql, seine_error *error) {
    if (engine->locked) return seine_fail(error, SEINE_E_USAGE, "the SQL engine is locked: only queries may be run");
    duckdb_result result;
    (void)pthread_mutex_lock(&engine->mutex);
    seine_status status = SEINE_OK;
    if (duckdb_query(engine->connection, sql, &result) != DuckDBSuccess)
        status = seine_engine_fail(error, duckdb_result_error_type(&result), duckdb_result_error(&result));
    (void)pthread_mutex_unlock(&engine->mutex);
    duckdb_destroy_result(&result);
    return status;
}

/* ---- the lock ---- */

/* Behind EXPLAIN and its options, or NULL. EXPLAIN ANALYZE runs what follows, so that is checked as a statement of its
 * own. */
static const char *behind_explain(const char *sql) {
    while (*sql == ' ' || *sql == '\n' || *sql == '\t' || *sql == '\r') sql++;
    if (strncasecmp(sql, "explain", 7) != 0) return NULL;
    sql += 7;
    while (*sql == ' ' || *sql == '\n' || *sql == '\t' || *sql == '\r') sql++;
    if (strncasecmp(sql, "analyze", 7) == 0) return sql + 7;
    if (*sql != '(') return sql;
    const char *end = strchr(sql, ')');
    return end != NULL ? end + 1 : NULL;
}

static seine_status refuse(seine_error *error, const char *what) {
    return seine_fail(error, SEINE_E_USAGE,
                      "%s: only one reading statement is allowed here (SELECT, WITH, FROM, DESCRIBE, SHOW, SUMMARIZE, "
                      "EXPLAIN)",
                      what);
}

/* The type of the one statement in @p sql. */
static seine_status one_statement(duckdb_connection connection, const char *sql, duckdb_statement_type *type,
                                  seine_error *error) {
    duckdb_extracted_statements statements = NULL;
    duckdb_prepared_statement prepared = NULL;
    seine_status status = SEINE_OK;
    const idx_t count = duckdb_extract_statements(connection, sql, &statements);
    if (count == 0) {
        const char *text = duckdb_extract_statements_error(statements);
        if (text != NULL)
            status = seine_engine_fail(error, DUCKDB_ERROR_PARSER, text);
        else
            status = seine_fail(error, SEINE_E_USAGE, "the SQL text holds no statement");
    } else if (count > 1) {
        status = refuse(error, "several statements");
    } else if (duckdb_prepare_extracted_statement(connection, statements, 0, &prepared) != DuckDBSuccess) {
        status = seine_engine_fail(error, DUCKDB_ERROR_BINDER, duckdb_prepare_error(prepared));
    } else {
        *type = duckdb_prepared_statement_type(prepared);
    }
    duckdb_destroy_prepare(&prepared);
    duckdb_destroy_extracted(&statements);
    return status;
}

seine_status seine_engine_check_statement(duckdb_connection connection, const char *sql, seine_error *error) {
    duckdb_statement_type type = DUCKDB_STATEMENT_TYPE_INVALID;
    seine_status status = one_statement(connection, sql, &type, error);
    if (status == SEINE_OK && type == DUCKDB_STATEMENT_TYPE_EXPLAIN) {
        const char *inner = behind_explain(sql);
        if (inner == NULL) return refuse(error, "EXPLAIN must come first, without comments before it");
        status = one_statement(connection, inner, &type, error);
    }
    if (status != SEINE_OK) return status;
    return type == DUCKDB_STATEMENT_TYPE_SELECT ? SEINE_OK : refuse(error, "this statement does more than read");
}

seine_status seine_engine_fence(seine_engine *engine, const char *folder, seine_error *error) {
    seine_buf sql;
    seine_buf_init(&sql, SEINE_SQL_MAX);
    seine_arena arena = {0};
    char *absolute = NULL;
    seine_status status = seine_file_absolute(folder, &arena, &absolute, error);
    if (status == SEINE_OK) status = seine_buf_append_str(&sql, "SET allowed_directories = [");
    if (status == SEINE_OK) status = seine_sql_text(&sql, absolute);
    if (status == SEINE_OK)
        status = seine_buf_append_str(&sql, "]; SET enable_external_access = false; SET lock_configuration = true");
    const char *text = seine_buf_text(&sql);
    if (status == SEINE_OK && text == NULL) status = seine_fail(error, SEINE_E_NOMEM, "SQL engine: out of memory");
    if (status == SEINE_OK) status = seine_engine_run(engine, text, error);
    seine_buf_free(&sql);
    seine_arena_free(&arena);
    return status;
}

seine_status seine_engine_lock(seine_engine *engine, const char *folder, seine_error *error) {
    const seine_status status = seine_engine_fence(engine, folder, error);
    if (status == SEINE_OK) engine->locked = true;
    return status;
}

void seine_engine_interrupt(seine_engine *engine) {
    (void)pthread_mutex_lock(&engine->mutex);
    for (seine_query *query = engine->queries; query != NULL; query = query->next) duckdb_interrupt(query->connection);
    (void)pthread_mutex_unlock(&engine->mutex);
}
