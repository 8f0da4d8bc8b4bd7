/*
 * Lists: one statement, one page. Pages follow the sort keys of the last row (keyset), so that a page costs the same
 * wherever it is, and rows that come or go between two pages move none of the others.
 */
#include "base/try.h"
#include "serve/look_up.h"
#include "serve/reply.h"

#include <stdio.h>

static const char *sql_type(seine_type type) { return seine_type_sql(type); }

void seine_list_select(seine_call *call, const seine_list *list, seine_sql *sql) {
    seine_sql_put(sql, "SELECT ");
    for (size_t i = 0; i < call->field_count; i++)
        seine_sql_put(sql, "%sCAST(%s AS %s) AS \"%s\"", i > 0 ? ", " : "", call->fields[i].sql,
                      sql_type(call->fields[i].type), call->fields[i].name);
    for (size_t i = 0; i < list->key_count; i++)
        seine_sql_put(sql, ", CAST(%s AS %s) AS key%zu", list->keys[i].sql, sql_type(list->keys[i].type), i);
    seine_sql_put(sql, " FROM ");
}

void seine_sql_put_names(seine_call *call, seine_sql *sql, const char *id) {
    if (!seine_view_has(call->view, "gold.ais_vessels")) {
        seine_sql_put(sql,
                      " LEFT JOIN (SELECT CAST(NULL AS VARCHAR) AS mmsi, CAST(NULL AS VARCHAR) AS name) AS v"
                      " ON v.mmsi = %s",
                      id);
        return;
    }
    seine_scan names;
    seine_scan_begin(&names, call->view, "gold.ais_vessels", "v", &call->arena);
    names.only = "mmsi name";
    seine_sql_put(sql, " LEFT JOIN ");
    seine_scan_put_from(&names, sql);
    seine_sql_put(sql, " ON v.mmsi = %s", id);
    seine_scan_free(&names);
}

/* ---- pages ---- */

typedef struct page {
    seine_call *call;
    const seine_list *list;
    seine_reply *reply;
    int64_t limit, count;
    bool has_more, is_look_up;
    seine_cursor last;
} page;

static seine_type cursor_type(seine_type type) {
    return type == SEINE_TYPE_STRING || type == SEINE_TYPE_DOUBLE ? type : SEINE_TYPE_LONG;
}

static bool is_short(seine_type type) { return type == SEINE_TYPE_DATE || type == SEINE_TYPE_INT; }

static void put_key_value(seine_sql *sql, const seine_list_key *key, const seine_cursor_key *value) {
    if (key->type == SEINE_TYPE_STRING)
        seine_sql_put_text(sql, value->text);
    else
        seine_sql_put_value(sql, &(seine_sql_value){key->type, value->integer, value->number, {NULL, 0}});
}

/* `the key stands behind the value`; nulls stand last, and nothing stands behind them. */
static void put_behind(seine_sql *sql, const seine_list_key *key, const seine_cursor_key *value) {
    if (value->is_null) {
        seine_sql_put(sql, "false");
        return;
    }
    seine_sql_put(sql, "(%s %s ", key->sql, key->descending ? "<" : ">");
    put_key_value(sql, key, value);
    seine_sql_put(sql, " OR %s IS NULL)", key->sql);
}

static void put_equal(seine_sql *sql, const seine_list_key *key, const seine_cursor_key *value) {
    seine_sql_put(sql, value->is_null ? "%s IS NULL" : "%s = ", key->sql);
    if (!value->is_null) put_key_value(sql, key, value);
}

/* ` AND (a behind x OR (a = x AND (b behind y)))`. */
static void put_after(seine_sql *sql, const seine_list *list, const seine_cursor *cursor) {
    seine_sql_put(sql, " AND (");
    for (size_t i = 0; i < list->key_count; i++) {
        put_behind(sql, &list->keys[i], &cursor->keys[i]);
        if (i + 1 == list->key_count) break;
        seine_sql_put(sql, " OR (");
        put_equal(sql, &list->keys[i], &cursor->keys[i]);
        seine_sql_put(sql, " AND (");
    }
    for (size_t i = 0; i + 1 < list->key_count; i++) seine_sql_put(sql, "))");
    seine_sql_put(sql, ")");
}

/* Where the page before ended, if the request says so. */
static seine_status read_cursor(seine_call *call, const seine_list *list, bool *has_cursor, seine_cursor *after,
                                seine_error *error) {
    const seine_input *cursor = seine_call_input(call, "cursor");
    *has_cursor = cursor->given;
    if (!cursor->given) return SEINE_OK;
    *after = (seine_cursor){.count = list->key_count};
    for (size_t i = 0; i < list->key_count; i++) after->keys[i].type = cursor_type(list->keys[i].type);
    SEINE_TRY(seine_cursor_read(cursor->text, call->request->route->name, &call->arena, after, error));
    for (size_t i = 0; i < list->key_count; i++)
        if (is_short(list->keys[i].type) && after->keys[i].integer != (int32_t)after->keys[i].integer)
            return seine_fail(error, SEINE_E_USAGE, "cursor: not one of this list");
    return SEINE_OK;
}

static int64_t limit_of(const seine_call *call) {
    const seine_input *limit = seine_call_input(call, "limit"), *most = seine_call_input(call, "n");
    return limit->given ? limit->integer : most->integer;
}

static seine_status put_page(page *p, seine_sql *sql, seine_error *error) {
    const seine_list *list = p->list;
    seine_cursor after;
    bool has_cursor = false;
    SEINE_TRY(read_cursor(p->call, list, &has_cursor, &after, error));
    if (has_cursor) put_after(sql, list, &after);
    for (size_t i = 0; i < list->key_count; i++)
        seine_sql_put(sql, "%s%s%s NULLS LAST", i == 0 ? " ORDER BY " : ", ", list->keys[i].sql,
                      list->keys[i].descending ? " DESC" : "");
    p->limit = limit_of(p->call);
    seine_sql_put(sql, " LIMIT ");
    seine_sql_put_long(sql, p->limit + 1); /* one more tells whether there is a next page */
    return SEINE_OK;
}

/* ---- writing ---- */

static seine_status note_last(page *p, const seine_rows *rows, size_t row) {
    /* Rows of a look-up have no columns behind the fields: the time is the first of these. */
    const size_t first = p->is_look_up ? 0 : p->call->field_count;
    p->last.count = p->list->key_count;
    for (size_t i = 0; i < p->list->key_count; i++) {
        seine_cursor_key *key = &p->last.keys[i];
        key->type = cursor_type(p->list->keys[i].type);
        const seine_type stored = rows->columns[first + i].type;
        key->is_null = seine_cell_null(rows, first + i, row);
        if (key->is_null) continue;
        if (key->type == SEINE_TYPE_STRING) {
            const seine_str text = seine_cell_text(rows, first + i, row);
            key->text = (seine_str){seine_arena_copy(&p->call->arena, text.data != NULL ? text.data : "", text.size),
                                    text.size};
            if (key->text.data == NULL) return SEINE_E_NOMEM;
        } else if (key->type == SEINE_TYPE_DOUBLE) {
            key->number = seine_cell_double(rows, first + i, row);
        } else if (stored == SEINE_TYPE_INT || stored == SEINE_TYPE_DATE) {
            key->integer = seine_cell_int(rows, first + i, row);
        } else {
            key->integer = seine_cell_long(rows, first + i, row);
        }
    }
    return SEINE_OK;
}

static seine_status take(void *context, const seine_rows *rows, seine_error *error) {
    page *p = context;
    const int64_t room = p->limit - p->count;
    const size_t taken = (int64_t)rows->count > room ? (size_t)room : rows->count;
    if (taken < rows->count) p->has_more = true;
    if (taken == 0) return SEINE_OK;
    p->count += (int64_t)taken;
    SEINE_TRY(seine_reply_rows(p->reply, rows, 0, taken, error));
    return note_last(p, rows, taken - 1) == SEINE_OK ? SEINE_OK : seine_no_memory(error, "answer");
}

/* Path and query of the next page, if there is one. */
static seine_status find_next(page *p) {
    const seine_request *request = p->call->request;
    if (!p->has_more) return SEINE_OK;
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, SEINE_TARGET_MAX * 4);
    SEINE_TRY(seine_request_address(request, &text));
    SEINE_TRY(seine_buf_printf(&text, "%s%s?", request->has_suffix ? "." : "",
                               request->has_suffix ? seine_format_suffix(request->format) : ""));
    SEINE_TRY(seine_request_canonical(request, true, &text));
    if (text.data[text.size - 1] != '?') SEINE_TRY(seine_buf_append_str(&text, "&"));
    SEINE_TRY(seine_buf_append_str(&text, "cursor="));
    SEINE_TRY(seine_cursor_write(request->route->name, &p->last, &text));
    p->call->next = seine_arena_copy(&p->call->arena, (const char *)text.data, text.size);
    return p->call->next != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

static void put_tail(page *p, seine_json_writer *w) {
    if (p->list->has_count) {
        seine_json_field_int(w, "count", p->count);
    }
    seine_json_name(w, "next");
    if (p->call->next != NULL)
        seine_json_put_string(w, p->call->next);
    else
        seine_json_put_null(w);
    if (p->list->has_cached) {
        seine_json_name(w, "cached");
        p->call->has_cached_flag = true;
        seine_json_put_bool(w, false);
        p->call->cached_at = p->call->body.size - 5;
    }
}

/* The rows of the page; the reply is still open. */
static seine_status put_rows(page *p, seine_sql *sql, const seine_look_up *wanted, seine_json_writer *w,
                             seine_error *error) {
    SEINE_TRY(seine_reply_begin(p->call, w, &p->reply, error));
    const seine_status status = wanted != NULL ? seine_look_up_each(p->call, wanted, take, p, error)
                                               : seine_call_each(p->call, sql, take, p, error);
    if (status != SEINE_OK) seine_reply_abort(p->reply);
    return status;
}

/* Writes the answer; its rows come from the statement or from the look-up. */
static seine_status answer(page *p, seine_sql *sql, const seine_look_up *wanted, seine_error *error) {
    seine_call *call = p->call;
    const seine_list *list = p->list;
    const bool is_json = call->request->format == SEINE_FORMAT_JSON;
    seine_json_writer w = seine_json_writer_to(&call->body);
    if (is_json) seine_json_begin_object(&w);
    for (size_t i = 0; is_json && i < list->member_count; i++)
        seine_json_field_str(&w, list->members[i].name, list->members[i].text);
    SEINE_TRY(put_rows(p, sql, wanted, &w, error));
    seine_status status = seine_reply_end(p->reply, error);
    if (status == SEINE_OK) status = find_next(p);
    if (status == SEINE_OK && is_json) put_tail(p, &w);
    if (is_json) seine_json_end_object(&w);
    if (status == SEINE_OK) status = w.status;
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "the answer is too large or memory ran out");
}

seine_status seine_list_answer(seine_call *call, const seine_list *list, seine_sql *sql, seine_error *error) {
    page p = {.call = call, .list = list};
    SEINE_TRY(put_page(&p, sql, error));
    return answer(&p, sql, NULL, error);
}

seine_status seine_list_look_up(seine_call *call, const seine_list *list, seine_look_up *wanted, seine_error *error) {
    page p = {.call = call, .list = list, .limit = limit_of(call), .is_look_up = true};
    seine_cursor after;
    bool has_cursor = false;
    SEINE_TRY(read_cursor(call, list, &has_cursor, &after, error));
    /* One vessel has one row at a time: the page goes on before that of the last row. */
    const int64_t end_us = has_cursor && !after.keys[0].is_null ? after.keys[0].integer : INT64_MIN;
    if (has_cursor && end_us <= wanted->to_us) wanted->to_us = end_us > INT64_MIN ? end_us - 1 : end_us;
    wanted->limit = p.limit + 1;
    return answer(&p, NULL, wanted, error);
}
