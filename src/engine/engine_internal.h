/** @file engine/engine_internal.h  What the parts of the SQL engine share; not for other folders. */
#ifndef SEINE_ENGINE_ENGINE_INTERNAL_H
#define SEINE_ENGINE_ENGINE_INTERNAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "engine/engine.h"

#include <duckdb.h>
#include <pthread.h>

#define SEINE_SQL_MAX ((size_t)1 << 30) /* a list of very many files is part of the text */

struct seine_engine {
    duckdb_database database;
    duckdb_connection connection; /* for statements; every query has its own */
    pthread_mutex_t mutex;        /* guards the list of queries and the connection */
    seine_query *queries;         /* running */
    bool locked;                  /* by seine_engine_lock */
};

struct seine_query {
    seine_engine *engine;
    seine_query *next; /* in engine->queries */
    duckdb_connection connection;
    bool is_session; /* the connection belongs to a seine_engine_session */
    duckdb_prepared_statement statement;
    duckdb_result result;
    bool has_result;
    duckdb_data_chunk chunk; /* the batch given out last */
    seine_arena arena;
    size_t column_count;
    const char **names, **types;
    seine_vec *columns;
    uint8_t **valid;   /* per column, one byte per row, made when needed */
    seine_str **texts; /* per text column */
};

/** Fails with the engine's own message, its first line only where the rest is a picture of the statement. */
seine_status seine_engine_fail(seine_error *error, duckdb_error_type type, const char *text);
/** In a locked engine: OK for one statement that only reads, else E_USAGE with what is allowed. */
SEINE_MUST_USE seine_status seine_engine_check_statement(duckdb_connection connection, const char *sql,
                                                         seine_error *error);

#endif
