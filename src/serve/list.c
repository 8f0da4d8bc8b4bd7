/*
 * Lists: one statement, one page. Pages follow the sort keys of the last row (keyset), so that a page costs the same
 * wherever it is, and rows that come or go between two pages move none of the others.
 */
#include "serve/look_up.h"
#include "serve/reply.h"

#include <stdio.h>

static const char *sql_type(seine_type type) { return seine_type_sql(type); }

void seine_list_select(seine_call *call, const seine_list *list, seine_sql *sql) {
    const seine_route *route = call->request->route;
    seine_sql_put(sql, "SELECT ");
    for (size_t i = 0; i < route->field_count; i++)
        seine_sql_put(sql, "%sCAST(%s AS %s) AS \"%s\"", i > 0 ? ", " : "", route->fields[i].sql,
                      sql_type(route->fields[i].type), route->fields[i].name);
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

static seine_type cursor_type(seine_type type) {
    return type == SEINE_TYPE_STRING || type == SEINE_TYPE_DOUBLE ? type : SEINE_TYPE_LONG;
}

static void put_key_value(seine_sql *sql, const seine_list_key *key, const seine_cursor_key *value) {
    if (key->type == SEINE_TYPE_STRING)
        seine_sql_put_param(sql, value->text);
    else if (key->type == SEINE_TYPE_DOUBLE)
        seine_sql_put(sql, "CAST(%.17g AS DOUBLE)", value->number);
    else if (key->type == SEINE_TYPE_TIMESTAMPTZ)
        seine_sql_put_time(sql, value->integer);
    else if (key->type == SEINE_TYPE_DATE)
        seine_sql_put_date(sql, (int32_t)value->integer);
    else
        seine_sql_put(sql, "%lld", (long long)value->integer);
}

/* ` AND (a < x OR (a = x AND (b > y)))` for keys a descending, b ascending. */
static void put_after(seine_sql *sql, const seine_list *list, const seine_cursor *cursor) {
    seine_sql_put(sql, " AND (");
    for (size_t i = 0; i < list->key_count; i++) {
        const seine_list_key *key = &list->keys[i];
        seine_sql_put(sql, "%s %s ", key->sql, key->descending ? "<" : ">");
        put_key_value(sql, key, &cursor->keys[i]);
        if (i + 1 == list->key_count) break;
        seine_sql_put(sql, " OR (%s = ", key->sql);
        put_key_value(sql, key, &cursor->keys[i]);
        seine_sql_put(sql, " AND (");
    }
    for (size_t i = 0; i + 1 < list->key_count; i++) seine_sql_put(sql, "))");
    seine_sql_put(sql, ")");
}

static seine_status put_page(seine_call *call, const seine_list *list, seine_sql *sql, int64_t *limit,
                             seine_error *error) {
    const seine_input *cursor = seine_call_input(call, "cursor");
    const seine_input *wanted = seine_call_input(call, "limit");
    if (cursor->given) {
        seine_cursor after = {.count = list->key_count};
        for (size_t i = 0; i < list->key_count; i++) after.keys[i].type = cursor_type(list->keys[i].type);
        const seine_status status =
            seine_cursor_read(cursor->text, call->request->route->name, &call->arena, &after, error);
        if (status != SEINE_OK) return status;
        put_after(sql, list, &after);
    }
    for (size_t i = 0; i < list->key_count; i++)
        seine_sql_put(sql, "%s%s%s", i == 0 ? " ORDER BY " : ", ", list->keys[i].sql,
                      list->keys[i].descending ? " DESC" : "");
    *limit = wanted->given ? wanted->integer : INT64_MAX;
    /* One more tells whether there is a next page. */
    if (wanted->given) seine_sql_put(sql, " LIMIT %lld", (long long)*limit + (list->has_next ? 1 : 0));
    return SEINE_OK;
}

/* ---- writing ---- */

typedef struct page {
    seine_call *call;
    const seine_list *list;
    seine_reply *reply;
    int64_t limit, count;
    bool has_more;
    seine_cursor last;
} page;

static seine_status note_last(page *p, const seine_rows *rows, size_t row) {
    const size_t first = p->call->request->route->field_count;
    p->last.count = p->list->key_count;
    for (size_t i = 0; i < p->list->key_count; i++) {
        seine_cursor_key *key = &p->last.keys[i];
        key->type = cursor_type(p->list->keys[i].type);
        const seine_type stored = rows->columns[first + i].type;
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
    seine_status status = seine_reply_rows(p->reply, rows, 0, taken, error);
    if (status == SEINE_OK && p->list->has_next) {
        status = note_last(p, rows, taken - 1);
        if (status != SEINE_OK) status = seine_fail(error, status, "out of memory");
    }
    return status;
}

/* Path and query of the next page. */
static seine_status put_next(page *p, seine_json_writer *w) {
    const seine_request *request = p->call->request;
    if (!p->has_more) {
        seine_json_put_null(w);
        return SEINE_OK;
    }
    seine_buf text;
    seine_buf_init(&text, SEINE_TARGET_MAX * 4);
    seine_status status = seine_buf_printf(&text, "%.*s?", SEINE_STR_ARG(request->path));
    if (status == SEINE_OK) status = seine_request_canonical(request, true, &text);
    if (status == SEINE_OK && text.data[text.size - 1] != '?') status = seine_buf_append_str(&text, "&");
    if (status == SEINE_OK) status = seine_buf_append_str(&text, "cursor=");
    if (status == SEINE_OK) status = seine_cursor_write(request->route->name, &p->last, &text);
    if (status == SEINE_OK) seine_json_put_text(w, seine_buf_str(&text));
    seine_buf_free(&text);
    return status;
}

static seine_status put_tail(page *p, seine_json_writer *w) {
    seine_status status = SEINE_OK;
    if (p->list->has_count) {
        seine_json_name(w, "count");
        seine_json_put_int(w, p->count);
    }
    if (p->list->has_next) {
        seine_json_name(w, "next");
        status = put_next(p, w);
    }
    if (p->list->has_cached) {
        seine_json_name(w, "cached");
        p->call->has_cached_flag = true;
        seine_json_put_bool(w, false);
        p->call->cached_at = p->call->body.size - 5;
    }
    return status;
}

/* Writes the answer; its rows come from the statement or from the look-up. */
static seine_status answer(page *p, seine_sql *sql, const seine_look_up *wanted, seine_error *error) {
    seine_call *call = p->call;
    const seine_list *list = p->list;
    const bool is_json = call->request->format == SEINE_FORMAT_JSON;
    seine_json_writer w = seine_json_writer_to(&call->body);
    if (is_json) seine_json_begin_object(&w);
    for (size_t i = 0; is_json && i < list->member_count; i++) {
        seine_json_name(&w, list->members[i].name);
        seine_json_put_text(&w, list->members[i].text);
    }
    seine_status status = seine_reply_begin(call, &w, &p->reply, error);
    if (status == SEINE_OK)
        status = wanted != NULL ? seine_look_up_each(call, wanted, take, p, error)
                                : seine_call_each(call, sql, take, p, error);
    if (status != SEINE_OK) {
        seine_reply_abort(p->reply);
        return status;
    }
    status = seine_reply_end(p->reply, error);
    if (status == SEINE_OK && is_json) status = put_tail(p, &w);
    if (is_json) seine_json_end_object(&w);
    if (status == SEINE_OK) status = w.status;
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "the answer is too large or memory ran out");
}

seine_status seine_list_answer(seine_call *call, const seine_list *list, seine_sql *sql, seine_error *error) {
    page p = {.call = call, .list = list};
    const seine_status status = put_page(call, list, sql, &p.limit, error);
    return status == SEINE_OK ? answer(&p, sql, NULL, error) : status;
}

seine_status seine_list_look_up(seine_call *call, const seine_list *list, seine_look_up *wanted, seine_error *error) {
    page p = {.call = call, .list = list, .limit = seine_call_input(call, "limit")->integer};
    wanted->limit = p.limit;
    return answer(&p, NULL, wanted, error);
}
