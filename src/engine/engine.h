/**
 * @file engine/engine.h
 * The embedded SQL engine: reads Parquet files into columns and runs SQL. The only folder that knows the engine.
 * For the rows of one vessel, parquet/reader.h is quicker. Files may lie in buckets (s3://…): the engine reads them by
 * itself, with the key of io/s3 (remote.c); a bucket that does not answer it is E_AWAY: another try may do.
 */
#ifndef SEINE_ENGINE_ENGINE_H
#define SEINE_ENGINE_ENGINE_H

#include "base/quote.h"
#include "base/try.h"
#include "columns/vec.h"

typedef struct seine_engine seine_engine; /**< one database instance in memory; queries may run from several threads */
typedef struct seine_query seine_query;   /**< one running query; one thread */

typedef struct seine_engine_options {
    int threads;             /**< workers of the engine; 1 = a query runs in the calling thread only */
    uint64_t memory_bytes;   /**< 0 = the engine's default */
    const char *temp_folder; /**< spill folder; NULL = no spilling */
} seine_engine_options;

/** Never downloads or autoloads anything. Time zone of the session is UTC. The instance starts with its first
 * statement. */
SEINE_MUST_USE seine_status seine_engine_open(const seine_engine_options *options, seine_engine **engine,
                                              seine_error *error);
/**
 * Another engine in the same instance: threads, memory, functions and guard are those of @p engine, but it has views of
 * its own, so that two threads can each show themselves other files under one name. To be closed before @p engine.
 */
SEINE_MUST_USE seine_status seine_engine_open_beside(seine_engine *engine, seine_engine **beside, seine_error *error);
void seine_engine_close(seine_engine *engine);
SEINE_OWNED_POINTER(seine_engine, seine_engine_close);
/** Version of the engine's library: results of models may differ between versions. */
const char *seine_engine_version(void);

/** Runs a statement for its effect. */
SEINE_MUST_USE seine_status seine_engine_run(seine_engine *engine, const char *sql, seine_error *error);

/** Registers read-only view `name` ("silver.ais"; the schema is made if missing) over Parquet files, columns cast to
 * the declared types; no files = an empty table of that shape. */
SEINE_MUST_USE seine_status seine_engine_view(seine_engine *engine, const seine_table_schema *schema, const char *name,
                                              const char *const *files, size_t file_count, seine_error *error);

/** Registers view `name` for a table that cannot be read: whoever selects from it gets an error with its name and
 * @p why, nobody else. */
SEINE_MUST_USE seine_status seine_engine_view_unreadable(seine_engine *engine, const char *name, const char *why,
                                                         seine_error *error);

/**
 * For SQL that a user wrote, within work of the product (models): from now on SQL reaches no file outside @p folder
 * (and of the pins of its objects, io/pins.h), settings are locked, and seine_query_start takes one statement that
 * reads (guard.c says how that is known).
 */
SEINE_MUST_USE seine_status seine_engine_fence(seine_engine *engine, const char *folder, seine_error *error);
/**
 * For SQL that a user types: as the fence, but the only files that can be reached are those of the views made so far,
 * no folder at all, and seine_engine_run is refused.
 */
SEINE_MUST_USE seine_status seine_engine_lock(seine_engine *engine, seine_error *error);

/** Starts a query whose result is streamed in order. Parameters ($1 …) are bound as text. */
SEINE_MUST_USE seine_status seine_query_start(seine_engine *engine, const char *sql, const char *const *params,
                                              size_t param_count, seine_query **query, seine_error *error);
size_t seine_query_column_count(const seine_query *query);
const char *seine_query_column_name(const seine_query *query, size_t column);
/** The engine's type name, e.g. "VARCHAR". */
const char *seine_query_column_type(const seine_query *query, size_t column);
/** Whether its texts are JSON: lists, structs, maps, and the engine's type JSON. */
bool seine_query_column_is_json(const seine_query *query, size_t column);
/**
 * Next batch (≤ 2048 rows, PLAIN vecs), valid until the next call. Types outside seine_type come as STRING text, nested
 * ones as JSON. *rows
 * count 0 = end.
 * @return OK, E_INTERRUPTED (seine_engine_interrupt), E_FORMAT or E_IO with the engine's message.
 */
SEINE_MUST_USE seine_status seine_query_next(seine_query *query, seine_rows *rows, seine_error *error);
/** A day or moment of a result as text: as seine_date_format and seine_time_format, or the engine's infinities. */
size_t seine_query_date_text(int32_t day, char text[40]);
size_t seine_query_time_text(int64_t time_us, char text[40]);
void seine_query_end(seine_query *query);
SEINE_OWNED_POINTER(seine_query, seine_query_end);
/** From any thread or a signal handler's flag watcher: the running queries of the engine stop with E_INTERRUPTED. */
void seine_engine_interrupt(seine_engine *engine);

/** A kept connection of an engine: one query at a time. Saves the making of one per query. */
typedef struct seine_engine_session seine_engine_session;
SEINE_MUST_USE seine_status seine_engine_session_open(seine_engine *engine, seine_engine_session **session,
                                                      seine_error *error);
/** Its last query must have ended. NULL is allowed. */
void seine_engine_session_close(seine_engine_session *session);
SEINE_OWNED_POINTER(seine_engine_session, seine_engine_session_close);
/** A value of a parameter, bound as what it is and never as digits. */
typedef struct seine_sql_value {
    seine_type type; /**< INT, LONG, DOUBLE, DATE (days), TIMESTAMPTZ (µs), STRING */
    int64_t integer; /**< INT, LONG, DATE, TIMESTAMPTZ */
    double number;   /**< DOUBLE: any, also NaN */
    seine_str text;  /**< STRING: UTF-8, NUL allowed */
} seine_sql_value;
/**
 * As seine_query_start, for SQL made by the product with typed values; only a statement of type SELECT. @p session
 * must outlive the query.
 */
SEINE_MUST_USE seine_status seine_engine_session_query(seine_engine_session *session, const char *sql,
                                                       const seine_sql_value *values, size_t count, seine_query **query,
                                                       seine_error *error);
/** From any thread: its running query stops with E_INTERRUPTED. Without one nothing happens. */
void seine_engine_session_interrupt(seine_engine_session *session);

/**
 * Appends what stands behind FROM for a table's Parquet files, columns cast to the declared types; no files = an empty
 * table of that shape.
 */
SEINE_MUST_USE seine_status seine_sql_source(seine_buf *sql, const seine_table_schema *schema, const char *const *files,
                                             size_t file_count);

/**
 * Starts reading columns of a table's Parquet files in the order given (rows keep file order): a query of `SELECT
 * columns`.
 * @p columns indices into schema->columns; @p where SQL text or NULL (trusted, made by the product).
 */
SEINE_MUST_USE seine_status seine_scan_start(seine_engine *engine, const seine_table_schema *schema,
                                             const size_t *columns, size_t column_count, const char *const *files,
                                             size_t file_count, const char *where, seine_query **query,
                                             seine_error *error);

#endif
