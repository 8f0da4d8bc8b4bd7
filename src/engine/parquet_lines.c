#include "engine/parquet_lines.h"

#include "base/json.h"
#include "base/try.h"

#define SQL_MAX_BYTES ((size_t)1 << 20)

/* What stands before the values of a row, and which of them are JSON. */
typedef struct line_shape {
    seine_str *member;
    bool *is_json;
    seine_arena arena;
} line_shape;

static void free_shape(line_shape *shape) { seine_arena_free(&shape->arena); }

static seine_status make_shape(const seine_query *query, line_shape *shape) {
    const size_t count = seine_query_column_count(query);
    shape->member = SEINE_ARENA_ARRAY(&shape->arena, seine_str, count);
    shape->is_json = SEINE_ARENA_ARRAY(&shape->arena, bool, count);
    if (shape->member == NULL || shape->is_json == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        shape->is_json[i] = seine_query_column_is_json(query, i);
        SEINE_TRY(
            seine_json_member(&shape->arena, i, seine_str_of(seine_query_column_name(query, i)), &shape->member[i]));
    }
    return SEINE_OK;
}

static void put_text(seine_json_writer *w, bool is_json, seine_str text) {
    if (!is_json)
        seine_json_put_text(w, text);
    else if (w->status == SEINE_OK)
        w->status = seine_buf_append(w->out, text.data, text.size);
}

static void put_cell(seine_json_writer *w, const seine_vec *vec, bool is_json, size_t row) {
    char text[40];
    if (vec->valid != NULL && vec->valid[row] == 0) {
        seine_json_put_null(w);
        return;
    }
    switch (vec->type) {
    case SEINE_TYPE_BOOLEAN: seine_json_put_bool(w, ((const uint8_t *)vec->values)[row] != 0); break;
    case SEINE_TYPE_INT: seine_json_put_int(w, ((const int32_t *)vec->values)[row]); break;
    case SEINE_TYPE_LONG: seine_json_put_int(w, ((const int64_t *)vec->values)[row]); break;
    case SEINE_TYPE_DOUBLE: seine_json_put_number(w, ((const double *)vec->values)[row]); break;
    case SEINE_TYPE_DATE:
        seine_json_put_text(w, (seine_str){text, seine_query_date_text(((const int32_t *)vec->values)[row], text)});
        break;
    case SEINE_TYPE_TIMESTAMPTZ:
        seine_json_put_text(w, (seine_str){text, seine_query_time_text(((const int64_t *)vec->values)[row], text)});
        break;
    case SEINE_TYPE_STRING:
    case SEINE_TYPE_BINARY: put_text(w, is_json, ((const seine_str *)vec->values)[row]); break;
    }
}

static seine_status append_rows(const seine_rows *rows, const line_shape *shape, seine_buf *lines) {
    seine_json_writer w = seine_json_writer_to(lines);
    for (size_t row = 0; row < rows->count && w.status == SEINE_OK; row++) {
        for (size_t i = 0; i < rows->column_count && w.status == SEINE_OK; i++) {
            w.status = seine_buf_append(lines, shape->member[i].data, shape->member[i].size);
            w.needs_comma = false;
            if (w.status == SEINE_OK) put_cell(&w, &rows->columns[i], shape->is_json[i], row);
        }
        if (w.status == SEINE_OK) w.status = seine_buf_append(lines, "}\n", 2);
    }
    return w.status;
}

seine_status seine_parquet_lines_read(seine_engine *engine, const seine_parquet_lines *from, seine_buf *lines,
                                      seine_error *error) {
    line_shape shape SEINE_OWNED(free_shape) = {.member = NULL};
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, SQL_MAX_BYTES);
    SEINE_TRY(seine_parquet_select(engine, from->path, from->has_folders, from->put, from->context, &sql, error));
    const char *text = seine_buf_text(&sql);
    if (text == NULL) return seine_no_memory(error, from->path);
    SEINE_TRY(seine_query_start(engine, text, NULL, 0, &query, error));
    if (make_shape(query, &shape) != SEINE_OK) return seine_no_memory(error, from->path);
    for (;;) {
        seine_rows rows = {.count = 0};
        SEINE_TRY(seine_query_next(query, &rows, error));
        if (rows.count == 0) return SEINE_OK;
        const seine_status status = append_rows(&rows, &shape, lines);
        if (status == SEINE_E_LIMIT) return status;
        if (status != SEINE_OK) return seine_no_memory(error, from->path);
        SEINE_TRY(from->take(from->context, lines, rows.count, error));
    }
}
