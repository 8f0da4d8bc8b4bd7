/* Parquet in and out of `seine detect`, through the SQL engine: rows as JSON objects one way, JSON Lines as columns the
 * other. */
#include "cli/detect/detect.h"

#include "base/try.h"
#include "engine/parquet_lines.h"
#include "io/file.h"

#define SQL_MAX_BYTES ((size_t)1 << 20)

/* ---- reading --------------------------------------------------------------------------------------------------- */

static bool begins(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }

/* What a column of an SQL type becomes: instants are float seconds, numbers stay numbers, all else is text. */
static const char *cast_of(const char *type) {
    static const char *const whole[] = {"TINYINT",  "SMALLINT",  "INTEGER", "BIGINT",
                                        "UTINYINT", "USMALLINT", "UINTEGER"};
    if (begins(type, "TIMESTAMP")) return "epoch_us(%s::TIMESTAMP) / 1e6::DOUBLE";
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        if (strcmp(type, whole[i]) == 0) return "%s::BIGINT";
    }
    if (strcmp(type, "BOOLEAN") == 0) return "%s";
    if (strcmp(type, "DOUBLE") == 0 || strcmp(type, "FLOAT") == 0 || begins(type, "DECIMAL")) return "%s::DOUBLE";
    return "%s::VARCHAR";
}

static seine_status put_column(void *context, const char *name, const char *type, seine_buf *sql) {
    (void)context;
    const char *cast = cast_of(type);
    const char *place = strstr(cast, "%s");
    SEINE_TRY(seine_buf_append(sql, cast, (size_t)(place - cast)));
    SEINE_TRY(seine_sql_name(sql, name));
    return seine_buf_append_str(sql, place + 2);
}

/* How far reading is. */
typedef struct rows_read {
    seine_pace *pace;
    uint64_t rows;
} rows_read;

static seine_status go_on(void *context, seine_buf *lines, size_t rows, seine_error *error) {
    (void)lines;
    rows_read *read = context;
    read->rows += rows;
    seine_progress_report(read->pace->progress, "reading rows", read->rows, 0);
    return seine_pace_go(read->pace, SEINE_PACE_LOOK) ? SEINE_OK
                                                      : seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
}

seine_status seine_detect_read_parquet(const char *path, seine_buf *text, seine_pace *pace, seine_error *error) {
    seine_engine *engine SEINE_OWNED(seine_engine_close_owned) = NULL;
    seine_error inner = {.status = SEINE_OK};
    const seine_engine_options options = {.threads = 1};
    rows_read read = {.pace = pace};
    const seine_parquet_lines from = {path, true, put_column, go_on, &read};
    SEINE_TRY(seine_engine_open(&options, &engine, error));
    const seine_status status = seine_parquet_lines_read(engine, &from, text, &inner);
    if (status == SEINE_OK || status == SEINE_E_INTERRUPTED || inner.text[0] == '\0')
        return status == SEINE_E_INTERRUPTED ? seine_fail(error, status, "interrupted") : status;
    /* The engine shows the statement below its message; the user did not write it. */
    return seine_fail(error, status, "%s: %.*s", path, (int)strcspn(inner.text, "\n"), inner.text);
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static const char *sql_type(seine_detect_type type) {
    switch (type) {
    case SEINE_DETECT_TYPE_BOOL: return "BOOLEAN";
    case SEINE_DETECT_TYPE_INT: return "BIGINT";
    case SEINE_DETECT_TYPE_REAL: return "DOUBLE";
    case SEINE_DETECT_TYPE_TEXT:
    case SEINE_DETECT_TYPE_JSON:
    case SEINE_DETECT_TYPE_OTHER: break;
    }
    return "VARCHAR";
}

/* The engine takes lines up to so many bytes unless told; its buffers are that large. */
#define LINE_BYTES ((size_t)16 << 20)

/* `COPY (SELECT * FROM read_json('from', columns = {…})) TO 'to' (FORMAT parquet, COMPRESSION zstd)`. */
static seine_status build_copy(const seine_detect_shape *shape, const char *from, size_t longest, const char *to,
                               seine_buf *sql) {
    SEINE_TRY(seine_buf_append_str(sql, "COPY (SELECT * FROM read_json("));
    SEINE_TRY(seine_sql_text(sql, from));
    SEINE_TRY(seine_buf_printf(sql, ", format = 'newline_delimited', maximum_object_size = %zu, columns = {",
                               longest < LINE_BYTES ? LINE_BYTES : longest + 1));
    for (size_t i = 0; i < shape->count; i++) {
        SEINE_TRY(seine_sql_text(sql, shape->columns[i].name));
        SEINE_TRY(seine_buf_append_str(sql, ": "));
        SEINE_TRY(seine_sql_text(sql, sql_type(shape->columns[i].type)));
        SEINE_TRY(seine_buf_append_str(sql, i + 1 < shape->count ? ", " : "})) TO "));
    }
    SEINE_TRY(seine_sql_text(sql, to));
    return seine_buf_append_str(sql, " (FORMAT parquet, COMPRESSION zstd)");
}

typedef struct lines_writer {
    seine_file_writer *file;
    seine_detect_shape shape;
    seine_buf line;
    size_t longest;
} lines_writer;

static void put_shape(seine_json_writer *w, const seine_detect_shape *shape) {
    seine_json_begin_object(w);
    for (size_t i = 0; i < shape->count; i++) {
        const seine_detect_cell *cell = &shape->cells[i];
        if (cell->kind == SEINE_DETECT_CELL_NULL) continue;
        seine_json_key(w, seine_str_of(shape->columns[i].name));
        if (cell->kind == SEINE_DETECT_CELL_TEXT) {
            seine_json_put_text(w, cell->text);
        } else {
            if (w->status == SEINE_OK) w->status = seine_buf_append(w->out, cell->text.data, cell->text.size);
            w->needs_comma = true;
        }
    }
    seine_json_end_object(w);
}

static seine_status append_line(void *context, seine_json_value row, seine_str text, seine_error *error) {
    (void)text;
    lines_writer *lines = context;
    SEINE_TRY(seine_detect_shape_row(&lines->shape, row, error));
    seine_buf_clear(&lines->line);
    seine_json_writer w = seine_json_writer_to(&lines->line);
    put_shape(&w, &lines->shape);
    if (w.status == SEINE_OK) w.status = seine_buf_append(&lines->line, "\n", 1);
    if (w.status != SEINE_OK) return seine_fail(error, w.status, "row too large, or out of memory");
    if (lines->line.size > lines->longest) lines->longest = lines->line.size;
    return seine_file_writer_append(lines->file, lines->line.data, lines->line.size, error);
}

static seine_status write_lines(const seine_detect *detect, const char *path, lines_writer *lines, seine_error *error) {
    seine_buf_init(&lines->line, (size_t)1 << 32);
    seine_detect_shape_open(detect, &lines->shape);
    SEINE_TRY(seine_file_writer_open(path, &lines->file, error));
    seine_status status = seine_detect_each_row(detect, true, append_line, lines, error);
    if (status == SEINE_OK) return seine_file_writer_commit(lines->file, SEINE_FILE_REPLACE, error);
    seine_file_writer_abort(lines->file);
    return status;
}

static seine_status copy_lines(const lines_writer *lines, const char *from, const char *to, seine_error *error) {
    seine_engine *engine SEINE_OWNED(seine_engine_close_owned) = NULL;
    seine_buf sql SEINE_OWNED(seine_buf_free);
    const seine_engine_options options = {.threads = 1};
    seine_buf_init(&sql, SQL_MAX_BYTES);
    if (build_copy(&lines->shape, from, lines->longest, to, &sql) != SEINE_OK || seine_buf_text(&sql) == NULL)
        return seine_no_memory(error, "COPY");
    SEINE_TRY(seine_engine_open(&options, &engine, error));
    return seine_engine_run(engine, (const char *)sql.data, error);
}

/* A temporary file that cannot be removed is no reason to fail. */
static void remove_quietly(const char *path) {
    const seine_status status = seine_file_remove(path, NULL);
    (void)status;
}

static void lines_close(lines_writer *lines) {
    seine_detect_shape_close(&lines->shape);
    seine_buf_free(&lines->line);
}

seine_status seine_detect_write_parquet(const seine_detect *detect, const char *path, seine_file_mode mode,
                                        seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    lines_writer writer SEINE_OWNED(lines_close) = {.file = NULL};
    char *lines = seine_file_temp_name(&arena, path);
    char *parquet = seine_file_temp_name(&arena, path);
    if (lines == NULL || parquet == NULL) return seine_no_memory(error, path);
    SEINE_TRY(write_lines(detect, lines, &writer, error));
    const seine_status status = copy_lines(&writer, lines, parquet, error);
    remove_quietly(lines);
    if (status == SEINE_OK) return seine_file_publish(parquet, path, NULL, mode, error);
    remove_quietly(parquet);
    return status;
}
