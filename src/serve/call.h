/**
 * @file serve/call.h
 * One request being answered: what the function of a route gets, and what it makes.
 */
#ifndef SEINE_SERVE_CALL_H
#define SEINE_SERVE_CALL_H

#include "base/json.h"
#include "serve/cursor.h"
#include "serve/request.h"
#include "serve/scan.h"

#define SEINE_BODY_MAX_BYTES ((size_t)256 * 1024 * 1024)

typedef struct seine_server seine_server; /* serve/server.h */

struct seine_call {
    const seine_server *server; /**< for routes about the server itself */
    const seine_request *request;
    const seine_view *view;        /**< NULL for DIRECT routes */
    seine_engine_session *session; /**< NULL for DIRECT routes */
    const char *temp_folder;
    struct seine_parquet_room *room; /**< the worker's, for look-ups; NULL for DIRECT routes */
    const char *fence;               /**< absolute folder: no data outside of it is read */
    const char *warehouse;           /**< name of the lake in its catalog */
    bool shares_credentials;         /**< those of the lake's bucket may be told */
    seine_str last_event_id;         /**< of a stream that goes on; size 0 = none */
    int64_t deadline_us;             /**< monotonic; what does not run in the session looks at it by itself. 0 = none */
    seine_arena arena;
    seine_buf body;
    const seine_field *fields; /**< of a row: those of the route, unless it says otherwise for this request */
    size_t field_count;
    const char *content_type;         /**< set by the route when it has no formats */
    const char *cause;                /**< of a 503, to be told; NULL = "too busy" */
    const char *hint;                 /**< what the user can do about a failure; in arena or constant */
    bool is_by_sql;                   /**< a look-up met files that only the engine can read */
    bool is_secret;                   /**< the body holds credentials: it is never kept */
    bool has_cached_flag;             /**< the body says "cached":false at cached_at */
    size_t cached_at;                 /**< offset of the word false */
    struct seine_live_client *stream; /**< what is sent in the place of the body (live/hub.h); NULL = the body */
    const char *next;                 /**< address of the next page; NULL = none; in arena */
    int64_t cut_at;                   /**< set by a route that leaves out what is beyond this number; 0 = nothing */
};

void seine_call_init(seine_call *call, const seine_request *request);
void seine_call_free(seine_call *call);

const seine_input *seine_call_input(const seine_call *call, const char *name);
/** Whether an absolute path lies behind the fence: neither the engine nor a route reads a file outside of it. */
bool seine_call_is_fenced(const seine_call *call, const char *path);
/** Fails with E_NOT_FOUND and the hint that makes the table, unless it has been written. */
SEINE_MUST_USE seine_status seine_call_need(seine_call *call, const char *table, seine_error *error);
/** The same of a table that is made from @p silver, when that is not the one of ships. */
SEINE_MUST_USE seine_status seine_call_need_of(seine_call *call, const char *silver, const char *table,
                                               seine_error *error);
/** Runs the statement. @return what writing or starting it returned. */
SEINE_MUST_USE seine_status seine_call_query(seine_call *call, seine_sql *sql, seine_query **query, seine_error *error);

/** Called for each batch of a statement's rows. */
typedef seine_status (*seine_batch_fn)(void *context, const seine_rows *rows, seine_error *error);
/** Runs the statement and gives its rows to @p take. */
SEINE_MUST_USE seine_status seine_call_each(seine_call *call, seine_sql *sql, seine_batch_fn take, void *context,
                                            seine_error *error);

/* ---- values of a batch ---- */

static inline bool seine_cell_null(const seine_rows *rows, size_t column, size_t row) {
    return rows->columns[column].valid != NULL && !rows->columns[column].valid[row];
}
static inline int64_t seine_cell_long(const seine_rows *rows, size_t column, size_t row) {
    return ((const int64_t *)rows->columns[column].values)[row];
}
static inline int32_t seine_cell_int(const seine_rows *rows, size_t column, size_t row) {
    return ((const int32_t *)rows->columns[column].values)[row];
}
static inline double seine_cell_double(const seine_rows *rows, size_t column, size_t row) {
    return ((const double *)rows->columns[column].values)[row];
}
static inline seine_str seine_cell_text(const seine_rows *rows, size_t column, size_t row) {
    return ((const seine_str *)rows->columns[column].values)[row];
}
/** Writes a value as JSON: times as ISO-8601 with Z. */
void seine_json_put_cell(seine_json_writer *w, const seine_rows *rows, size_t column, size_t row);
static inline void seine_json_name(seine_json_writer *w, const char *name) { seine_json_key(w, seine_str_of(name)); }
void seine_json_put_time(seine_json_writer *w, int64_t time_us);
void seine_json_put_date(seine_json_writer *w, int32_t day);
void seine_json_put_string(seine_json_writer *w, const char *text);

/* ---- lists ---- */

/** A sort key of a list; all keys together name one row. Nulls come last. */
typedef struct seine_list_key {
    const char *sql;
    seine_type type;
    bool descending;
} seine_list_key;

/** A member of the JSON answer before its rows. */
typedef struct seine_member {
    const char *name;
    seine_str text; /**< written as text */
} seine_member;

/**
 * What a list answers with; fields are the call's, rows_name is the route's. Every list has pages: "next" after the
 * rows, and the parameters limit (or n) and cursor.
 */
typedef struct seine_list {
    seine_list_key keys[SEINE_CURSOR_KEYS_MAX];
    size_t key_count;
    seine_member members[2];
    size_t member_count;
    bool has_count;  /**< "count" after the rows */
    bool has_cached; /**< "cached" after the rows */
} seine_list;

/** Writes `SELECT fields, keys FROM `. The caller appends tables and `WHERE true …`. */
void seine_list_select(seine_call *call, const seine_list *list, seine_sql *sql);
/** Appends the page's condition, order and limit; runs the statement; writes the answer in the wanted format. */
SEINE_MUST_USE seine_status seine_list_answer(seine_call *call, const seine_list *list, seine_sql *sql,
                                              seine_error *error);
typedef struct seine_look_up seine_look_up; /* serve/look_up.h */
/**
 * The same for the rows of a look-up, newest first, whose columns are the route's fields, the first one its time and
 * the only key of the list; its limit is set here.
 */
SEINE_MUST_USE seine_status seine_list_look_up(seine_call *call, const seine_list *list, seine_look_up *wanted,
                                               seine_error *error);
/** Appends a join with the names of vessels, as v.name; null where there are none. @p id is SQL. */
void seine_sql_put_names(seine_call *call, seine_sql *sql, const char *id);

#endif
