/*
 * One query: prepared, bound, streamed chunk by chunk. Numbers are given out where the engine has them; texts as
 * borrowed pieces of its chunk. A result type Seine has no column for is cast by the engine itself: the statement is
 * wrapped as `SELECT #1, CAST(#2 AS VARCHAR) FROM (statement)`; a FLOAT becomes the DOUBLE of its own shortest text.
 * Lists, structs and maps are given out as JSON text.
 */
#include "engine/internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <time.h>

#define BATCH_ROWS 2048 /* the engine's vector size */
#define PAUSE_NS 20000L /* of who waits for the engine's threads; twice as long each time, up to */
#define PAUSE_MAX_NS 320000L

/* ---- starting ---- */

static seine_status prepare(seine_query *query, const char *sql, seine_error *error) {
    duckdb_destroy_prepare(&query->statement);
    if (duckdb_prepare(query->connection, sql, &query->statement) == DuckDBSuccess) return SEINE_OK;
    return seine_engine_fail(error, DUCKDB_ERROR_BINDER, duckdb_prepare_error(query->statement));
}

/* Nested types keep their shape; a text that is JSON says so. */
static void note_shape(seine_query *query, size_t column) {
    duckdb_logical_type type = duckdb_prepared_statement_column_logical_type(query->statement, column);
    if (seine_nested_is(duckdb_get_type_id(type))) {
        query->nested[column] = type;
        seine_buf_init(&query->json[column], SEINE_SQL_MAX);
        return;
    }
    query->is_json[column] = seine_nested_is_json(type);
    duckdb_destroy_logical_type(&type);
}

static seine_status note_columns(seine_query *query) {
    query->column_count = (size_t)duckdb_prepared_statement_column_count(query->statement);
    query->names = SEINE_ARENA_ARRAY(&query->arena, const char *, query->column_count);
    query->types = SEINE_ARENA_ARRAY(&query->arena, const char *, query->column_count);
    query->columns = SEINE_ARENA_ARRAY(&query->arena, seine_vec, query->column_count);
    query->valid = SEINE_ARENA_ARRAY(&query->arena, uint8_t *, query->column_count);
    query->texts = SEINE_ARENA_ARRAY(&query->arena, seine_str *, query->column_count);
    query->nested = SEINE_ARENA_ARRAY(&query->arena, duckdb_logical_type, query->column_count);
    query->is_json = SEINE_ARENA_ARRAY(&query->arena, bool, query->column_count);
    query->json = SEINE_ARENA_ARRAY(&query->arena, seine_buf, query->column_count);
    if (query->names == NULL || query->types == NULL || query->columns == NULL || query->valid == NULL ||
        query->texts == NULL || query->nested == NULL || query->is_json == NULL || query->json == NULL)
        return SEINE_E_NOMEM;
    for (size_t i = 0; i < query->column_count; i++) {
        const char *name = duckdb_prepared_statement_column_name(query->statement, i);
        query->names[i] = name != NULL ? seine_arena_copy(&query->arena, name, strlen(name)) : NULL;
        duckdb_free((void *)(uintptr_t)name);
        query->types[i] = seine_engine_type_name(duckdb_prepared_statement_column_type(query->statement, i));
        if (query->names[i] == NULL) return SEINE_E_NOMEM;
        note_shape(query, i);
    }
    return SEINE_OK;
}

/* Column @p i of the statement as it is given out. */
static seine_status put_cast(seine_buf *out, const seine_query *query, size_t i) {
    const duckdb_type type = duckdb_prepared_statement_column_type(query->statement, i);
    const char *cast = seine_engine_cast_of(type);
    if (i > 0) SEINE_TRY(seine_buf_append(out, ", ", 2));
    if (query->nested[i] != NULL) {
        SEINE_TRY(seine_buf_printf(out, "CAST(#%zu AS ", i + 1));
        SEINE_TRY(seine_nested_put_type(out, query->nested[i]));
        return seine_buf_append(out, ")", 1);
    }
    if (cast == NULL) return seine_buf_printf(out, "#%zu", i + 1);
    if (type == DUCKDB_TYPE_FLOAT) return seine_buf_printf(out, "CAST(CAST(#%zu AS VARCHAR) AS %s)", i + 1, cast);
    return seine_buf_printf(out, "CAST(#%zu AS %s)", i + 1, cast);
}

static seine_status put_wrapped(seine_buf *out, const seine_query *query, const char *sql) {
    size_t size = strlen(sql);
    while (size > 0 && (isspace((unsigned char)sql[size - 1]) || sql[size - 1] == ';')) size--;
    SEINE_TRY(seine_buf_append_str(out, "SELECT "));
    for (size_t i = 0; i < query->column_count; i++) SEINE_TRY(put_cast(out, query, i));
    SEINE_TRY(seine_buf_append_str(out, " FROM ("));
    SEINE_TRY(seine_buf_append(out, sql, size));
    /* The line end closes a comment that the statement may end with. */
    SEINE_TRY(seine_buf_append_str(out, "\n)"));
    return seine_buf_text(out) != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

/* Prepares the wrapped statement when some column needs a cast. */
static seine_status cast_columns(seine_query *query, const char *sql, seine_error *error) {
    bool needed = false;
    for (size_t i = 0; i < query->column_count; i++)
        needed = needed || seine_engine_cast_of(duckdb_prepared_statement_column_type(query->statement, i)) != NULL;
    if (!needed) return SEINE_OK;
    seine_buf wrapped SEINE_OWNED(seine_buf_free);
    seine_buf_init(&wrapped, SEINE_SQL_MAX);
    const seine_status status = put_wrapped(&wrapped, query, sql);
    if (status != SEINE_OK) return seine_fail(error, status, "SQL text: %s", seine_status_text(status));
    return prepare(query, (const char *)wrapped.data, error);
}

/* The values of the parameters: texts (NULL: null), or values of their types. */
typedef struct params {
    const char *const *texts;
    const seine_sql_value *values;
    size_t count;
} params;

static duckdb_state bind_value(duckdb_prepared_statement statement, size_t number, const seine_sql_value *value) {
    switch (value->type) {
    case SEINE_TYPE_INT: return duckdb_bind_int32(statement, number, (int32_t)value->integer);
    case SEINE_TYPE_LONG: return duckdb_bind_int64(statement, number, value->integer);
    case SEINE_TYPE_DOUBLE: return duckdb_bind_double(statement, number, value->number);
    case SEINE_TYPE_DATE: return duckdb_bind_date(statement, number, (duckdb_date){(int32_t)value->integer});
    case SEINE_TYPE_TIMESTAMPTZ: return duckdb_bind_timestamp_tz(statement, number, (duckdb_timestamp){value->integer});
    case SEINE_TYPE_STRING: return duckdb_bind_varchar_length(statement, number, value->text.data, value->text.size);
    default: return DuckDBError;
    }
}

static duckdb_state bind_one(duckdb_prepared_statement statement, const params *given, size_t i) {
    if (given->values != NULL) return bind_value(statement, i + 1, &given->values[i]);
    return given->texts[i] != NULL ? duckdb_bind_varchar(statement, i + 1, given->texts[i])
                                   : duckdb_bind_null(statement, i + 1);
}

static seine_status bind(seine_query *query, const params *given, seine_error *error) {
    const size_t wanted = (size_t)duckdb_nparams(query->statement);
    if (wanted != given->count)
        return seine_fail(error, SEINE_E_USAGE, "the statement has %zu parameters, %zu values are given", wanted,
                          given->count);
    for (size_t i = 0; i < given->count; i++)
        if (bind_one(query->statement, given, i) != DuckDBSuccess)
            return seine_fail(error, SEINE_E_USAGE, "parameter $%zu cannot be set", i + 1);
    return SEINE_OK;
}

/* Works along until there is a result, or an error. While others hold all tasks the engine itself would ask again and
 * again, and take a processor for it. */
static bool run_tasks(duckdb_pending_result pending) {
    for (long pause_ns = PAUSE_NS;;) {
        const duckdb_pending_state state = duckdb_pending_execute_task(pending);
        if (duckdb_pending_execution_is_finished(state)) return state != DUCKDB_PENDING_ERROR;
        if (state != DUCKDB_PENDING_NO_TASKS_AVAILABLE) {
            pause_ns = PAUSE_NS;
            continue;
        }
        (void)nanosleep(&(struct timespec){.tv_nsec = pause_ns}, NULL);
        if (pause_ns < PAUSE_MAX_NS) pause_ns *= 2;
    }
}

static seine_status execute(seine_query *query, seine_error *error) {
    duckdb_pending_result pending SEINE_OWNED(duckdb_destroy_pending) = NULL;
    if (duckdb_pending_prepared_streaming(query->statement, &pending) != DuckDBSuccess)
        return seine_engine_fail(error, DUCKDB_ERROR_BINDER, duckdb_pending_error(pending));
    if (!run_tasks(pending)) return seine_engine_fail(error, DUCKDB_ERROR_INVALID, duckdb_pending_error(pending));
    query->has_result = true;
    if (duckdb_execute_pending(pending, &query->result) == DuckDBSuccess) return SEINE_OK;
    return seine_engine_fail(error, duckdb_result_error_type(&query->result), duckdb_result_error(&query->result));
}

/* Checks types and makes room for texts; parameters may have left types open until now. */
static seine_status prepare_columns(seine_query *query, seine_error *error) {
    if ((size_t)duckdb_column_count(&query->result) != query->column_count)
        return seine_fail(error, SEINE_E_USAGE,
                          "the type of a parameter is open: write CAST($1 AS …) in the statement");
    for (size_t i = 0; i < query->column_count; i++) {
        const duckdb_type type = duckdb_column_type(&query->result, i);
        if (query->nested[i] != NULL)
            query->columns[i].type = SEINE_TYPE_STRING;
        else if (seine_engine_column_type(type, &query->columns[i].type) != SEINE_OK)
            return seine_fail(error, SEINE_E_UNSUPPORTED, "column %s has type %s: cast it in the statement",
                              query->names[i], seine_engine_type_name(type));
        if (query->columns[i].type < SEINE_TYPE_STRING) continue;
        query->texts[i] = SEINE_ARENA_ARRAY(&query->arena, seine_str, BATCH_ROWS);
        if (query->texts[i] == NULL) return seine_no_memory(error, "query");
    }
    return SEINE_OK;
}

static void enlist(seine_query *query) {
    (void)pthread_mutex_lock(&query->engine->mutex);
    query->next = query->engine->queries;
    query->engine->queries = query;
    (void)pthread_mutex_unlock(&query->engine->mutex);
}

/* Prepares, binds and starts a statement that may be run. */
static seine_status start_allowed(seine_query *q, const char *sql, const params *given, seine_error *error) {
    SEINE_TRY(prepare(q, sql, error));
    if (q->is_session && duckdb_prepared_statement_type(q->statement) != DUCKDB_STATEMENT_TYPE_SELECT)
        return seine_fail(error, SEINE_E_USAGE, "only a statement that reads may be run here");
    if (note_columns(q) != SEINE_OK) return seine_no_memory(error, "query");
    SEINE_TRY(cast_columns(q, sql, error));
    SEINE_TRY(bind(q, given, error));
    SEINE_TRY(execute(q, error));
    return prepare_columns(q, error);
}

/* Names without a schema are looked for in those of the views: `FROM ais`, `DESCRIBE ais`. */
static seine_status set_search_path(const seine_query *q, seine_error *error) {
    const seine_buf *schemas = &q->engine->schemas;
    if (schemas->size == 0) return SEINE_OK;
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, SEINE_SQL_MAX);
    const seine_status status =
        seine_buf_printf(&sql, "SET search_path = 'main%.*s'", (int)schemas->size, (const char *)schemas->data);
    if (status != SEINE_OK) return seine_fail(error, status, "SQL text: out of memory");
    const char *text = seine_buf_text(&sql);
    return text != NULL ? seine_engine_execute(q->connection, text, error) : seine_no_memory(error, "SQL text");
}

/* Starts what a user wrote, if it may be run. */
static seine_status start_checked(seine_query *q, const char *sql, const params *given, seine_error *error) {
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, SEINE_SQL_MAX);
    SEINE_TRY(seine_engine_reading(q->connection, sql, &text, error));
    if (q->engine->guard == SEINE_GUARD_LOCK) SEINE_TRY(set_search_path(q, error));
    return start_allowed(q, (const char *)text.data, given, error);
}

/* Starts the statement on the connection of @p q, which is ended on failure. */
static seine_status start(seine_query *q, const char *sql, const params *given, seine_query **query,
                          seine_error *error) {
    seine_query *owned SEINE_OWNED(seine_query_end_owned) = q;
    enlist(q);
    const bool is_ours = q->engine->guard == SEINE_GUARD_NONE || q->is_session;
    SEINE_TRY(seine_engine_reach(q->engine, is_ours ? sql : "", error));
    if (is_ours)
        SEINE_TRY(start_allowed(q, sql, given, error));
    else
        SEINE_TRY(start_checked(q, sql, given, error));
    *query = SEINE_TAKE(owned);
    return SEINE_OK;
}

seine_status seine_query_start(seine_engine *engine, const char *sql, const char *const *texts, size_t count,
                               seine_query **query, seine_error *error) {
    *query = NULL;
    seine_query *q SEINE_OWNED(seine_free_owned) = calloc(1, sizeof *q);
    if (q == NULL) return seine_no_memory(error, "query");
    q->engine = engine;
    SEINE_TRY(seine_engine_connect(engine, &q->connection, error));
    return start(SEINE_TAKE(q), sql, &(params){texts, NULL, count}, query, error);
}

/* ---- sessions ---- */

struct seine_engine_session {
    seine_engine *engine;
    duckdb_connection connection;
};

seine_status seine_engine_session_open(seine_engine *engine, seine_engine_session **session, seine_error *error) {
    *session = NULL;
    seine_engine_session *made SEINE_OWNED(seine_free_owned) = calloc(1, sizeof *made);
    if (made == NULL) return seine_no_memory(error, "SQL session");
    made->engine = engine;
    SEINE_TRY(seine_engine_connect(engine, &made->connection, error));
    *session = SEINE_TAKE(made);
    return SEINE_OK;
}

void seine_engine_session_close(seine_engine_session *session) {
    if (session == NULL) return;
    duckdb_disconnect(&session->connection);
    free(session);
}

seine_status seine_engine_session_query(seine_engine_session *session, const char *sql, const seine_sql_value *values,
                                        size_t count, seine_query **query, seine_error *error) {
    *query = NULL;
    seine_query *q = calloc(1, sizeof *q);
    if (q == NULL) return seine_no_memory(error, "query");
    q->engine = session->engine;
    q->connection = session->connection;
    q->is_session = true;
    return start(q, sql, &(params){NULL, values, count}, query, error);
}

void seine_engine_session_interrupt(seine_engine_session *session) { duckdb_interrupt(session->connection); }

/* ---- batches ---- */

/* One byte per row from the engine's bits; NULL when every row is valid. */
static seine_status expand_valid(seine_query *query, size_t column, uint64_t *bits, size_t rows) {
    query->columns[column].valid = NULL;
    if (bits == NULL) return SEINE_OK;
    if (query->valid[column] == NULL) query->valid[column] = SEINE_ARENA_ARRAY(&query->arena, uint8_t, BATCH_ROWS);
    uint8_t *valid = query->valid[column];
    if (valid == NULL) return SEINE_E_NOMEM;
    uint8_t all = 1;
    for (size_t row = 0; row < rows; row++) {
        valid[row] = (uint8_t)(bits[row / 64] >> (row % 64) & 1);
        all &= valid[row];
    }
    if (!all) query->columns[column].valid = valid;
    return SEINE_OK;
}

static void borrow_texts(seine_str *texts, const uint8_t *valid, duckdb_string_t *strings, size_t rows) {
    for (size_t row = 0; row < rows; row++) {
        if (valid != NULL && !valid[row]) {
            texts[row] = (seine_str){NULL, 0};
            continue;
        }
        const uint32_t size = strings[row].value.inlined.length;
        texts[row].size = size;
        texts[row].data = size <= sizeof strings[row].value.inlined.inlined ? strings[row].value.inlined.inlined
                                                                            : strings[row].value.pointer.ptr;
    }
}

seine_status seine_query_next(seine_query *query, seine_rows *rows, seine_error *error) {
    *rows = (seine_rows){0, query->column_count, query->columns};
    do {
        duckdb_destroy_data_chunk(&query->chunk);
        query->chunk = duckdb_fetch_chunk(query->result);
        if (query->chunk == NULL) {
            const char *text = duckdb_result_error(&query->result);
            if (text == NULL || text[0] == '\0') return SEINE_OK;
            return seine_engine_fail(error, duckdb_result_error_type(&query->result), text);
        }
        rows->count = (size_t)duckdb_data_chunk_get_size(query->chunk);
    } while (rows->count == 0); /* the engine may give empty batches in between */
    for (size_t i = 0; i < query->column_count; i++) {
        duckdb_vector vector = duckdb_data_chunk_get_vector(query->chunk, i);
        seine_status status = expand_valid(query, i, duckdb_vector_get_validity(vector), rows->count);
        if (status != SEINE_OK) return seine_fail(error, status, "query: out of memory");
        query->columns[i].values = duckdb_vector_get_data(vector);
        if (query->texts[i] == NULL) continue;
        query->columns[i].values = query->texts[i];
        if (query->nested[i] == NULL) {
            borrow_texts(query->texts[i], query->columns[i].valid, duckdb_vector_get_data(vector), rows->count);
            continue;
        }
        status = seine_nested_texts(query->nested[i], vector, query->columns[i].valid, rows->count, &query->json[i],
                                    query->texts[i]);
        if (status != SEINE_OK) return seine_fail(error, status, "query: a nested value is too large");
    }
    return SEINE_OK;
}

void seine_query_end(seine_query *query) {
    if (query == NULL) return;
    (void)pthread_mutex_lock(&query->engine->mutex);
    seine_query **at = &query->engine->queries;
    while (*at != query) at = &(*at)->next;
    *at = query->next;
    (void)pthread_mutex_unlock(&query->engine->mutex);
    duckdb_destroy_data_chunk(&query->chunk);
    if (query->has_result) duckdb_destroy_result(&query->result);
    duckdb_destroy_prepare(&query->statement);
    if (!query->is_session) duckdb_disconnect(&query->connection);
    const bool has_shapes = query->nested != NULL && query->json != NULL;
    for (size_t i = 0; has_shapes && i < query->column_count; i++) {
        if (query->nested[i] == NULL) continue;
        duckdb_destroy_logical_type(&query->nested[i]);
        seine_buf_free(&query->json[i]);
    }
    seine_arena_free(&query->arena);
    free(query);
}

size_t seine_query_column_count(const seine_query *query) { return query->column_count; }

const char *seine_query_column_name(const seine_query *query, size_t column) { return query->names[column]; }

const char *seine_query_column_type(const seine_query *query, size_t column) { return query->types[column]; }

bool seine_query_column_is_json(const seine_query *query, size_t column) {
    return query->nested[column] != NULL || query->is_json[column];
}
