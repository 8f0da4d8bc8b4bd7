/* Engines, made and ended, and statements run for their effect. */
#include "engine/internal.h"

#include "base/try.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- opening ---- */

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
    SEINE_TRY(seine_engine_connect(made, &made->connection, error));
    *beside = SEINE_TAKE(made);
    return SEINE_OK;
}

void seine_engine_close(seine_engine *engine) {
    if (engine == NULL) return;
    seine_buf_free(&engine->schemas);
    seine_buf_free(&engine->readable);
    seine_engine_stop(engine);
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
