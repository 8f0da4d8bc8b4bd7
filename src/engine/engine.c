/* The database instance: settings and statements run for their effect. */
#include "engine/internal.h"

#include "base/try.h"
#include "engine/functions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

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

static seine_status open_database(seine_engine *engine, const seine_engine_options *options, seine_error *error) {
    duckdb_config config = NULL;
    char *text = NULL;
    seine_status status = SEINE_OK;
    if (duckdb_create_config(&config) != DuckDBSuccess || !configure(config, options))
        status = seine_fail(error, SEINE_E_INTERNAL, "SQL engine: a setting was refused");
    else if (duckdb_open_ext(NULL, &engine->database, config, &text) != DuckDBSuccess)
        status = seine_fail(error, SEINE_E_IO, "SQL engine: %s", text != NULL ? text : "cannot start");
    duckdb_free(text);
    duckdb_destroy_config(&config);
    return status;
}

static seine_engine *new_engine(void) {
    seine_engine *e = calloc(1, sizeof *e);
    if (e != NULL && pthread_mutex_init(&e->mutex, NULL) != 0) {
        free(e);
        return NULL;
    }
    if (e == NULL) return NULL;
    (void)pthread_mutex_init(&e->reach, NULL);
    seine_buf_init(&e->schemas, SEINE_SQL_MAX);
    seine_buf_init(&e->readable, SEINE_SQL_MAX);
    return e;
}

/* Names are looked for in the views of the engine first, then where the macros are. */
static seine_status enter_space(const seine_engine *engine, duckdb_connection connection, seine_error *error) {
    char sql[96];
    duckdb_result result = {0};
    seine_status status = SEINE_OK;
    (void)snprintf(sql, sizeof sql, "SET search_path = '%s.main,memory.main'", engine->space);
    if (duckdb_query(connection, sql, &result) != DuckDBSuccess)
        status = seine_engine_fail(error, duckdb_result_error_type(&result), duckdb_result_error(&result));
    duckdb_destroy_result(&result);
    return status;
}

seine_status seine_engine_connect(const seine_engine *engine, duckdb_connection *connection, seine_error *error) {
    if (duckdb_connect(engine->database, connection) != DuckDBSuccess)
        return seine_fail(error, SEINE_E_NOMEM, "SQL engine: cannot connect");
    const seine_status status = engine->is_beside ? enter_space(engine, *connection, error) : SEINE_OK;
    if (status != SEINE_OK) duckdb_disconnect(connection);
    return status;
}

seine_status seine_engine_open(const seine_engine_options *options, seine_engine **engine, seine_error *error) {
    *engine = NULL;
    seine_engine *e = new_engine();
    if (e == NULL) return seine_fail(error, SEINE_E_NOMEM, "SQL engine: out of memory");
    seine_status status = open_database(e, options, error);
    if (status == SEINE_OK) status = seine_engine_connect(e, &e->connection, error);
    if (status == SEINE_OK) status = seine_engine_run(e, "SET GLOBAL TimeZone = 'UTC'", error);
    if (status == SEINE_OK) status = seine_functions_register(e, error);
    if (status == SEINE_OK) status = seine_engine_run(e, seine_functions_macros, error);
    if (status != SEINE_OK) {
        seine_engine_close(e);
        return status;
    }
    *engine = e;
    return SEINE_OK;
}

seine_status seine_engine_open_beside(seine_engine *engine, seine_engine **beside, seine_error *error) {
    *beside = NULL;
    char sql[96];
    seine_engine *e = new_engine();
    if (e == NULL) return seine_fail(error, SEINE_E_NOMEM, "SQL engine: out of memory");
    e->is_beside = true;
    e->database = engine->database;
    e->guard = engine->guard;
    e->reaches = engine->reaches;
    e->reached = engine->reached;
    e->reached_until_us = engine->reached_until_us;
    (void)snprintf(e->space, sizeof e->space, "beside_%d", ++engine->beside_count);
    (void)snprintf(sql, sizeof sql, "ATTACH ':memory:' AS %s", e->space);
    seine_status status = seine_engine_run(engine, sql, error);
    if (status == SEINE_OK) status = seine_engine_connect(e, &e->connection, error);
    if (status != SEINE_OK) {
        seine_engine_close(e);
        return status;
    }
    *beside = e;
    return SEINE_OK;
}

void seine_engine_close(seine_engine *engine) {
    if (engine == NULL) return;
    seine_buf_free(&engine->schemas);
    seine_buf_free(&engine->readable);
    duckdb_disconnect(&engine->connection);
    if (!engine->is_beside) duckdb_close(&engine->database);
    (void)pthread_mutex_destroy(&engine->mutex);
    (void)pthread_mutex_destroy(&engine->reach);
    free(engine);
}

const char *seine_engine_version(void) { return duckdb_library_version(); }

/* ---- statements ---- */

seine_status seine_engine_run(seine_engine *engine, const char *sql, seine_error *error) {
    if (engine->guard == SEINE_GUARD_LOCK)
        return seine_fail(error, SEINE_E_USAGE, "the SQL engine is locked: only queries may be run");
    SEINE_TRY(seine_engine_reach(engine, sql, error));
    duckdb_result result;
    (void)pthread_mutex_lock(&engine->mutex);
    seine_status status = SEINE_OK;
    if (duckdb_query(engine->connection, sql, &result) != DuckDBSuccess)
        status = seine_engine_fail(error, duckdb_result_error_type(&result), duckdb_result_error(&result));
    (void)pthread_mutex_unlock(&engine->mutex);
    duckdb_destroy_result(&result);
    return status;
}

/* ---- stopping ---- */

void seine_engine_interrupt(seine_engine *engine) {
    (void)pthread_mutex_lock(&engine->mutex);
    for (seine_query *query = engine->queries; query != NULL; query = query->next) duckdb_interrupt(query->connection);
    (void)pthread_mutex_unlock(&engine->mutex);
}
