/** @file engine/internal.h  What the parts of the SQL engine share; not for other folders. */
#ifndef SEINE_ENGINE_INTERNAL_H
#define SEINE_ENGINE_INTERNAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "engine/engine.h"
#include "io/store/store.h"

#include <duckdb.h>
#include <pthread.h>

#define SEINE_SQL_MAX ((size_t)1 << 30) /* a list of very many files is part of the text */

/* What the engine asks of a statement before it is started. */
typedef enum seine_guard {
    SEINE_GUARD_NONE,  /* SQL of the product only */
    SEINE_GUARD_FENCE, /* queries are checked; statements of the product may still be run */
    SEINE_GUARD_LOCK   /* nothing but checked queries */
} seine_guard;

struct seine_engine {
    seine_engine_options options; /* its folder is its own */
    pthread_mutex_t start;        /* guards is_started, database and connection until it is */
    bool is_started;
    duckdb_database database;
    duckdb_connection connection; /* for statements; every query has its own */
    pthread_mutex_t mutex;        /* guards the list of queries and the connection */
    seine_query *queries;         /* running */
    seine_guard guard;
    seine_engine *owner;        /* of the instance, and of what its SQL reaches; NULL = itself */
    char space[32];             /* database in the instance with the views; "" = its first one */
    int beside_count;           /* engines that were opened beside this one */
    seine_buf schemas;          /* of the views, as names with commas between */
    pthread_mutex_t reach;      /* owner: guards what follows, of buckets whose files are read (remote.c) */
    bool reaches;               /* the extension is loaded */
    const seine_store *reached; /* whose key the engine has … */
    int64_t reached_until_us;   /* … which is good so long */
    seine_buf readable;         /* files of the views, as SQL texts with commas between, until the guard is up */
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
    uint8_t **valid;             /* per column, one byte per row, made when needed */
    seine_str **texts;           /* per text column */
    duckdb_logical_type *nested; /* per column; NULL = neither list nor struct nor map */
    bool *is_json;               /* per column: texts that are JSON */
    seine_buf *json;             /* per column: texts of nested values of this batch */
};

/**
 * Makes the engine able to read the files in buckets that @p sql names, a statement of the product; of a user's it is
 * not asked. What was reached before stays so: the key is handed over anew when it is old.
 * @return OK, E_UNSUPPORTED (the extension is not installed, another kind of store), what finding the key returned.
 */
SEINE_MUST_USE seine_status seine_engine_reach(seine_engine *engine, const char *sql, seine_error *error);
/** Starts the instance, when nothing has yet: it costs tens of milliseconds, and much of the work needs no SQL. @return
 * OK, E_NOMEM, E_IO. */
SEINE_MUST_USE seine_status seine_engine_start(seine_engine *engine, seine_error *error);
/** Ends its connection, and the instance when it is its own. Of one that has not started nothing happens. */
void seine_engine_stop(seine_engine *engine);
/** Starts the instance when nothing has yet, connects, and lets names without database mean the views of @p engine.
 * @return OK, E_NOMEM, E_IO. */
SEINE_MUST_USE seine_status seine_engine_connect(seine_engine *engine, duckdb_connection *connection,
                                                 seine_error *error);
/** Runs a statement for its effect. @return OK, or what seine_engine_fail made of the engine's message. */
SEINE_MUST_USE seine_status seine_engine_execute(duckdb_connection connection, const char *sql, seine_error *error);
/** SEINE_OWNED(seine_engine_text_free): a text that the engine's library gave away. */
static inline void seine_engine_text_free(char **text) { duckdb_free(*text); }
/** Fails with the engine's own message, its first line only where the rest is a picture of the statement. */
seine_status seine_engine_fail(seine_error *error, duckdb_error_type type, const char *text);
/**
 * What may be run of a user's @p sql: one statement that reads. Nothing is bound or run to find out.
 * @param text receives what to run instead of @p sql.
 * @return OK; E_USAGE when it does something else, with what is allowed; E_FORMAT when it is no SQL; E_NOMEM, E_LIMIT.
 */
SEINE_MUST_USE seine_status seine_engine_reading(duckdb_connection connection, const char *sql, seine_buf *text,
                                                 seine_error *error);

/** "DOUBLE", "LIST" …; "OTHER" for types of a newer engine. */
const char *seine_engine_type_name(duckdb_type type);
/** The type a result column must be cast to, or NULL when it can be given out as it is. */
const char *seine_engine_cast_of(duckdb_type type);
/** Our type of a column that is given out as it is. @return OK, E_UNSUPPORTED. */
SEINE_MUST_USE seine_status seine_engine_column_type(duckdb_type type, seine_type *out);
/** The type in SQL that a leaf of this type has when it is given out. */
const char *seine_engine_leaf_type(duckdb_type type);

/** Whether values of the type have parts: lists, arrays, structs, maps, unions. They are given out as JSON text. */
bool seine_nested_is(duckdb_type type);
/** Whether texts of the type are JSON. */
bool seine_nested_is_json(duckdb_logical_type type);
/** Appends the type to which a nested column is cast before its values are read. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_nested_put_type(seine_buf *sql, duckdb_logical_type type);
/**
 * JSON texts of a batch of nested values, borrowed from @p json.
 * @param type before the cast; @param vector after it; @param valid one byte per row, NULL = all.
 * @return OK, E_NOMEM, E_LIMIT.
 */
SEINE_MUST_USE seine_status seine_nested_texts(duckdb_logical_type type, duckdb_vector vector, const uint8_t *valid,
                                               size_t rows, seine_buf *json, seine_str *texts);

#endif
