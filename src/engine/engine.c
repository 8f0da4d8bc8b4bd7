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

static seine_status open_database(seine_engine *engine, seine_error *error) {
    duckdb_config config SEINE_OWNED(duckdb_destroy_config) = NULL;
    char *text SEINE_OWNED(seine_engine_text_free) = NULL;
    if (duckdb_create_config(&config) != DuckDBSuccess || !configure(config, &engine->options))
        return seine_fail(error, SEINE_E_INTERNAL, "SQL engine: a setting was refused");
    if (duckdb_open_ext(NULL, &engine->database, config, &text) != DuckDBSuccess)
        return seine_fail(error, SEINE_E_IO, "SQL engine: %s", text != NULL ? text : "cannot start");
    return SEINE_OK;
}

static seine_engine *new_engine(void) {
    seine_engine *e = calloc(1, sizeof *e);
    if (e != NULL && pthread_mutex_init(&e->mutex, NULL) != 0) {
        free(e);
        return NULL;
    }
    if (e == NULL) return NULL;
    (void)pthread_mutex_init(&e->start, NULL);
    (void)pthread_mutex_init(&e->reach, NULL);
    seine_buf_init(&e->schemas, SEINE_SQL_MAX);
    seine_buf_init(&e->readable, SEINE_SQL_MAX);
    return e;
}

/* Names are looked for in the views of the engine first, then where the macros are. */
static seine_status enter_space(const seine_engine *engine, duckdb_connection connection, seine_error *error) {
    char sql[96];
    (void)snprintf(sql, sizeof sql, "SET search_path = '%s.main,memory.main'", engine->space);
    return seine_engine_execute(connection, sql, error);
}

static seine_status connect_to(const seine_engine *engine, duckdb_connection *connection, seine_error *error) {
    if (duckdb_connect(engine->database, connection) != DuckDBSuccess)
        return seine_fail(error, SEINE_E_NOMEM, "SQL engine: cannot connect");
    const seine_status status = engine->owner != NULL ? enter_space(engine, *connection, error) : SEINE_OK;
    if (status != SEINE_OK) duckdb_disconnect(connection);
    return status;
}

static seine_status start(seine_engine *engine, seine_error *error) {
    static const char *const settings[] = {
        "SET GLOBAL TimeZone = 'UTC'",
        /* Several engines of a process have a limit of memory each: none keeps bytes of files that it has read. */
        "SET enable_external_file_cache = false"};
    SEINE_TRY(open_database(engine, error));
    SEINE_TRY(connect_to(engine, &engine->connection, error));
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        SEINE_TRY(seine_engine_execute(engine->connection, settings[i], error));
    SEINE_TRY(seine_functions_register(engine, error));
    return seine_engine_execute(engine->connection, seine_functions_macros, error);
}

static void stop(seine_engine *engine) {
    duckdb_disconnect(&engine->connection);
    if (engine->owner == NULL) duckdb_close(&engine->database);
}

seine_status seine_engine_start(seine_engine *engine, seine_error *error) {
    if (engine->owner != NULL) return SEINE_OK;
    (void)pthread_mutex_lock(&engine->start);
    const seine_status status = engine->is_started ? SEINE_OK : start(engine, error);
    engine->is_started = status == SEINE_OK;
    if (status != SEINE_OK) stop(engine);
    (void)pthread_mutex_unlock(&engine->start);
    return status;
}

seine_status seine_engine_connect(seine_engine *engine, duckdb_connection *connection, seine_error *error) {
    SEINE_TRY(seine_engine_start(engine, error));
    return connect_to(engine, connection, error);
}

seine_status seine_engine_open(const seine_engine_options *options, seine_engine **engine, seine_error *error) {
    *engine = NULL;
    seine_engine *made SEINE_OWNED(seine_engine_close_owned) = new_engine();
    if (made == NULL) return seine_no_memory(error, "SQL engine");
    made->options = *options;
    if (options->temp_folder != NULL) {
        made->options.temp_folder = strdup(options->temp_folder);
        if (made->options.temp_folder == NULL) return seine_no_memory(error, "SQL engine");
    }
    *engine = SEINE_TAKE(made);
    return SEINE_OK;
}

seine_status seine_engine_open_beside(seine_engine *engine, seine_engine **beside, seine_error *error) {
    *beside = NULL;
    char sql[96];
    seine_engine *made SEINE_OWNED(seine_engine_close_owned) = new_engine();
    if (made == NULL) return seine_no_memory(error, "SQL engine");
    SEINE_TRY(seine_engine_start(engine, error));
    made->owner = engine->owner != NULL ? engine->owner : engine;
    made->database = engine->database;
    made->guard = engine->guard;
    (void)snprintf(made->space, sizeof made->space, "beside_%d", ++engine->beside_count);
    (void)snprintf(sql, sizeof sql, "ATTACH ':memory:' AS %s", made->space);
    SEINE_TRY(seine_engine_run(engine, sql, error));
    SEINE_TRY(connect_to(made, &made->connection, error));
    *beside = SEINE_TAKE(made);
    return SEINE_OK;
}

void seine_engine_close(seine_engine *engine) {
    if (engine == NULL) return;
    seine_buf_free(&engine->schemas);
    seine_buf_free(&engine->readable);
    stop(engine);
    (void)pthread_mutex_destroy(&engine->mutex);
    (void)pthread_mutex_destroy(&engine->start);
    (void)pthread_mutex_destroy(&engine->reach);
    free((void *)(uintptr_t)engine->options.temp_folder);
    free(engine);
}

const char *seine_engine_version(void) { return duckdb_library_version(); }

/* ---- statements ---- */

seine_status seine_engine_run(seine_engine *engine, const char *sql, seine_error *error) {
    if (engine->guard == SEINE_GUARD_LOCK)
        return seine_fail(error, SEINE_E_USAGE, "the SQL engine is locked: only queries may be run");
    SEINE_TRY(seine_engine_start(engine, error));
    SEINE_TRY(seine_engine_reach(engine, sql, error));
    (void)pthread_mutex_lock(&engine->mutex);
    const seine_status status = seine_engine_execute(engine->connection, sql, error);
    (void)pthread_mutex_unlock(&engine->mutex);
    return status;
}

/* ---- stopping ---- */

void seine_engine_interrupt(seine_engine *engine) {
    (void)pthread_mutex_lock(&engine->mutex);
    for (seine_query *query = engine->queries; query != NULL; query = query->next) duckdb_interrupt(query->connection);
    (void)pthread_mutex_unlock(&engine->mutex);
}
