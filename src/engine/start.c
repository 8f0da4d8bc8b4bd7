/* The instance of a database and its settings: started when it is first needed. */
#include "engine/internal.h"

#include "base/try.h"
#include "engine/functions.h"

#include <inttypes.h>
#include <stdio.h>

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

void seine_engine_stop(seine_engine *engine) {
    duckdb_disconnect(&engine->connection);
    if (engine->owner == NULL) duckdb_close(&engine->database);
}

seine_status seine_engine_start(seine_engine *engine, seine_error *error) {
    if (engine->owner != NULL) return SEINE_OK;
    (void)pthread_mutex_lock(&engine->start);
    const seine_status status = engine->is_started ? SEINE_OK : start(engine, error);
    engine->is_started = status == SEINE_OK;
    if (status != SEINE_OK) seine_engine_stop(engine);
    (void)pthread_mutex_unlock(&engine->start);
    return status;
}

seine_status seine_engine_connect(seine_engine *engine, duckdb_connection *connection, seine_error *error) {
    SEINE_TRY(seine_engine_start(engine, error));
    return connect_to(engine, connection, error);
}
