/* What the functions of routes share. */
#include "serve/call.h"

#include "base/time.h"
#include "base/try.h"
#include "serve/live/hub.h"
#include "serve/params.h"

#include <stdio.h>

void seine_call_init(seine_call *call, const seine_request *request) {
    *call = (seine_call){.request = request};
    if (request->route != NULL) {
        call->fields = request->route->fields;
        call->field_count = request->route->field_count;
    }
    seine_buf_init(&call->body, SEINE_BODY_MAX_BYTES);
}

void seine_call_free(seine_call *call) {
    seine_buf_free(&call->body);
    seine_arena_free(&call->arena);
    seine_live_leave(call->stream);
}

const seine_input *seine_call_input(const seine_call *call, const char *name) {
    return seine_request_input(call->request, name);
}

bool seine_call_is_fenced(const seine_call *call, const char *path) {
    const size_t size = strlen(call->fence);
    return strncmp(path, call->fence, size) == 0 && path[size] == '/' && strstr(path, "/../") == NULL;
}

/* The command that writes tables of a layer, without the name of a file. */
static const char *maker_of(const char *silver, const char *table) {
    if (strcmp(table, "ref.ports") == 0) return "seine ref load ports";
    return strcmp(table, silver) == 0 ? "seine ingest" : "seine refresh";
}

/*
 * A table that came out without rows has no snapshot. Tables of models exist only once refresh has run, and refresh
 * makes the events with them.
 */
static bool is_made_empty(const seine_view *view, const char *table) {
    if (view->is_past || seine_view_find(view, table) == NULL) return false;
    if (strncmp(table, "gold.", 5) == 0) return true;
    if (seine_schema_find(table) == NULL && strncmp(table, "events.", 7) == 0) return true; /* refresh made it */
    return strncmp(table, "events.", 7) == 0 && seine_view_find(view, "gold.ais_hourly_h3") != NULL;
}

/* Columns that lakes of earlier releases have by other names (docs/vocabulary.md), until refresh. */
static bool is_of_former_names(const seine_view *view, const char *table) {
    static const char *const renamed[][2] = {{"gold.ais_daily_statistics", "dt"},
                                             {"gold.ais_hourly_traffic", "dt"},
                                             {"gold.ais_companions", "avg_distance_m"},
                                             {"gold.ais_vessels", "first_ts"}};
    const seine_view_table *found = seine_view_find(view, table);
    for (size_t i = 0; i < SEINE_COUNT(renamed) && found != NULL; i++)
        if (strcmp(renamed[i][0], table) == 0 && seine_schema_column(found->schema, renamed[i][1]) == SIZE_MAX)
            return true;
    return false;
}

seine_status seine_call_need(seine_call *call, const char *table, seine_error *error) {
    return seine_call_need_of(call, seine_dataset_silver(seine_dataset_ais())->name, table, error);
}

/* How silver of a dataset is filled; ships need not be named. */
static const char *ingest_of(seine_call *call, const char *silver) {
    const char *dataset = strchr(silver, '.') + 1;
    const bool are_ships = strcmp(dataset, seine_dataset_ais()->name) == 0;
    return seine_arena_printf(&call->arena, "seine ingest --lake LAKE%s%s FILE", are_ships ? "" : " --dataset ",
                              are_ships ? "" : dataset);
}

seine_status seine_call_need_of(seine_call *call, const char *silver, const char *table, seine_error *error) {
    if (is_of_former_names(call->view, table)) {
        call->hint = "make it anew with: seine refresh --lake LAKE";
        return seine_fail(error, SEINE_E_NOT_FOUND, "%s is of an earlier release, with other columns", table);
    }
    if (seine_view_has(call->view, table) || is_made_empty(call->view, table)) return SEINE_OK;
    const char *maker = maker_of(silver, table), *ingest = ingest_of(call, silver);
    if (seine_view_is_broken(call->view, table)) {
        call->cause = seine_arena_printf(&call->arena, "%s cannot be read", table);
        call->hint = "seine table ls --lake LAKE tells why, and so does: seine verify --lake LAKE";
        return seine_fail(error, SEINE_E_BUSY, "%s cannot be read", table);
    }
    if (!call->view->is_past && !seine_view_has(call->view, silver) && strcmp(table, "ref.ports") != 0 &&
        !seine_view_is_broken(call->view, silver)) {
        call->hint = seine_arena_printf(&call->arena, "run: %s, and then: seine refresh --lake LAKE", ingest);
        return seine_fail(error, SEINE_E_NOT_FOUND, "the lake has no data yet");
    }
    if (call->view->is_past)
        call->hint = "ask for a later time: /api/v1/tables lists the snapshots";
    else if (strcmp(table, silver) == 0)
        call->hint = seine_arena_printf(&call->arena, "make it with: %s", ingest);
    else
        call->hint = seine_arena_printf(&call->arena, "make it with: %s --lake LAKE", maker);
    return seine_fail(error, SEINE_E_NOT_FOUND, "the lake has no %s%s", table,
                      call->view->is_past ? " of that time" : " yet");
}

seine_status seine_call_query(seine_call *call, seine_sql *sql, seine_query **query, seine_error *error) {
    *query = NULL;
    const char *text = seine_buf_text(&sql->text);
    if (sql->status != SEINE_OK || text == NULL)
        return seine_fail(error, sql->status != SEINE_OK ? sql->status : SEINE_E_NOMEM,
                          "the statement of %s cannot be written", call->request->route->name);
    return seine_engine_session_query(call->session, text, sql->values, sql->value_count, query, error);
}

seine_status seine_call_each(seine_call *call, seine_sql *sql, seine_batch_fn take, void *context, seine_error *error) {
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    SEINE_TRY(seine_call_query(call, sql, &query, error));
    for (;;) {
        seine_rows rows;
        SEINE_TRY(seine_query_next(query, &rows, error));
        if (rows.count == 0) return SEINE_OK;
        SEINE_TRY(take(context, &rows, error));
    }
}

/* ---- values ---- */

void seine_json_put_string(seine_json_writer *w, const char *text) { seine_json_put_text(w, seine_str_of(text)); }

void seine_json_put_time(seine_json_writer *w, int64_t time_us) {
    char text[40];
    seine_json_put_text(w, (seine_str){text, seine_time_format(time_us, text)});
}

void seine_json_put_date(seine_json_writer *w, int32_t day) {
    char text[16];
    seine_json_put_text(w, (seine_str){text, seine_date_format(day, text)});
}

void seine_json_put_cell(seine_json_writer *w, const seine_rows *rows, size_t column, size_t row) {
    if (seine_cell_null(rows, column, row)) {
        seine_json_put_null(w);
        return;
    }
    switch (rows->columns[column].type) {
    case SEINE_TYPE_BOOLEAN: seine_json_put_bool(w, ((const uint8_t *)rows->columns[column].values)[row] != 0); break;
    case SEINE_TYPE_INT: seine_json_put_int(w, seine_cell_int(rows, column, row)); break;
    case SEINE_TYPE_LONG: seine_json_put_int(w, seine_cell_long(rows, column, row)); break;
    case SEINE_TYPE_DOUBLE: seine_json_put_number(w, seine_cell_double(rows, column, row)); break;
    case SEINE_TYPE_DATE: seine_json_put_date(w, seine_cell_int(rows, column, row)); break;
    case SEINE_TYPE_TIMESTAMPTZ: seine_json_put_time(w, seine_cell_long(rows, column, row)); break;
    default: seine_json_put_text(w, seine_cell_text(rows, column, row)); break;
    }
}
