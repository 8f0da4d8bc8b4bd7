#include "table/scan.h"

#include "base/try.h"
#include "parquet/reader.h"

#define WHERE_MAX ((size_t)1 << 20)
/* Values are looked up one by one; for more the whole file is as quick, and a longer list would make the engine join
 * instead of filter, which loses the order of rows. */
#define FEW ((size_t)4)

typedef struct work {
    const seine_scan *scan;
    seine_rows_sink sink;
    void *context;
    seine_parquet_room room;
    size_t given;       /* rows of the file at work */
    bool is_ended;      /* by the sink */
    seine_str few[FEW]; /* scan->only, ascending */
} work;

static bool is_narrow(const seine_scan *scan) { return scan->only_count > 0 && scan->only_count <= FEW; }

static void sort_few(work *w) {
    for (size_t i = 0; i < w->scan->only_count; i++) {
        size_t at = i;
        for (; at > 0 && seine_str_compare(w->few[at - 1], w->scan->only[i]) > 0; at--) w->few[at] = w->few[at - 1];
        w->few[at] = w->scan->only[i];
    }
}

static seine_status give(work *w, const seine_rows *rows, seine_error *error) {
    const seine_status status = w->sink(w->context, rows, error);
    w->is_ended = status != SEINE_OK;
    w->given += rows->count;
    return status;
}

/* ---- by the reader ---- */

/* Rows of a file with one value, NULL: all. */
static seine_status read_rows(work *w, const char *file, const seine_str *value, seine_error *error) {
    const seine_parquet_wanted wanted = {.schema = w->scan->schema,
                                         .columns = w->scan->columns,
                                         .column_count = w->scan->column_count,
                                         .key = value != NULL ? 0 : SIZE_MAX,
                                         .text = value != NULL ? *value : (seine_str){NULL, 0},
                                         .time = SIZE_MAX};
    seine_parquet_reader *reader SEINE_OWNED(seine_parquet_reader_close_owned) = NULL;
    SEINE_TRY(seine_parquet_reader_open(file, &wanted, &w->room, &reader, error));
    for (;;) {
        seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
        seine_rows rows;
        SEINE_TRY(seine_parquet_reader_next(reader, &arena, &rows, error));
        if (rows.count == 0) return SEINE_OK;
        SEINE_TRY(give(w, &rows, error));
    }
}

static seine_status read_file(work *w, const char *file, seine_error *error) {
    const seine_scan *scan = w->scan;
    if (scan->column_count > SEINE_PARQUET_WANTED_MAX) return SEINE_E_UNSUPPORTED;
    if (!is_narrow(scan)) return read_rows(w, file, NULL, error);
    for (size_t i = 0; i < scan->only_count; i++) SEINE_TRY(read_rows(w, file, &w->few[i], error));
    return SEINE_OK;
}

/* ---- by the engine ---- */

/* `mover IN ('a', 'b')` */
static seine_status make_where(const seine_scan *scan, seine_buf *where) {
    SEINE_TRY(seine_sql_name(where, scan->schema->columns[scan->columns[0]].name));
    for (size_t i = 0; i < scan->only_count; i++) {
        SEINE_TRY(seine_buf_append_str(where, i > 0 ? ", " : " IN ("));
        SEINE_TRY(seine_sql_quote(where, scan->only[i], SEINE_SQL_TEXT));
    }
    return seine_buf_append_str(where, ")");
}

/* Leaves out the first rows. */
static void cut(seine_rows *rows, size_t count) {
    for (size_t c = 0; c < rows->column_count; c++) {
        seine_vec *vec = &rows->columns[c];
        vec->values = (const uint8_t *)vec->values + count * seine_type_size(vec->type);
        if (vec->valid != NULL) vec->valid += count;
    }
    rows->count -= count;
}

/* Rows behind those that were given already, which the engine gives in the same order. */
static seine_status query_file(work *w, const char *file, seine_error *error) {
    const seine_scan *scan = w->scan;
    seine_buf where SEINE_OWNED(seine_buf_free);
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    const char *text = NULL;
    seine_buf_init(&where, WHERE_MAX);
    if (is_narrow(scan)) {
        text = make_where(scan, &where) == SEINE_OK ? seine_buf_text(&where) : NULL;
        if (text == NULL) return seine_no_memory(error, scan->schema->name);
    }
    SEINE_TRY(
        seine_scan_start(scan->engine, scan->schema, scan->columns, scan->column_count, &file, 1, text, &query, error));
    size_t left_out = w->given;
    for (seine_rows rows = {0};;) {
        SEINE_TRY(seine_query_next(query, &rows, error));
        if (rows.count == 0) return SEINE_OK;
        const size_t count = left_out < rows.count ? left_out : rows.count;
        left_out -= count;
        cut(&rows, count);
        if (rows.count > 0) SEINE_TRY(give(w, &rows, error));
    }
}

/* ---- a file ---- */

static void work_end(work *w) { seine_parquet_room_free(&w->room); }

seine_status seine_scan_run(const seine_scan *scan, seine_rows_sink sink, void *context, seine_error *error) {
    work w SEINE_OWNED(work_end) = {.scan = scan, .sink = sink, .context = context};
    seine_parquet_room_init(&w.room);
    if (is_narrow(scan)) sort_few(&w);
    for (size_t i = 0; i < scan->file_count; i++) {
        seine_error why = {SEINE_OK, ""};
        w.given = 0;
        const seine_status status = read_file(&w, scan->files[i], &why);
        if (status == SEINE_E_UNSUPPORTED && !w.is_ended)
            SEINE_TRY(query_file(&w, scan->files[i], error));
        else if (status != SEINE_OK)
            return seine_fail(error, status, "%s", why.text);
    }
    return SEINE_OK;
}
