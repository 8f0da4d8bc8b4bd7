/* Rows as JSON Lines and CSV, and the statistics. Files appear whole under their name or not at all. */
#include "cli/detect/detect.h"

#include "base/number.h"
#include "base/quote.h"
#include "base/try.h"
#include "cli/sink.h"

#include <errno.h>
#include <stdio.h>

#define ROW_MAX_BYTES ((size_t)1 << 32)

/* ---- JSON Lines ------------------------------------------------------------------------------------------------ */

static seine_status write_json_line(void *context, seine_json_value row, seine_str text, seine_error *error) {
    (void)row;
    SEINE_TRY(seine_sink_write(context, text.data, text.size, error));
    return seine_sink_write(context, "\n", 1, error);
}

/* ---- CSV ------------------------------------------------------------------------------------------------------- */

typedef struct csv_writer {
    seine_sink sink;
    seine_detect_shape shape;
    seine_buf line;
} csv_writer;

/* An empty text is quoted, because an empty field is null. */
static seine_status put_csv_text(seine_buf *line, seine_str text) {
    return text.size > 0 ? seine_csv_field(line, text) : seine_buf_append(line, "\"\"", 2);
}

static seine_status write_csv_line(csv_writer *csv, seine_error *error) {
    seine_status status = seine_buf_append(&csv->line, "\n", 1);
    if (status != SEINE_OK) return seine_fail(error, status, "out of memory");
    status = seine_sink_write(&csv->sink, csv->line.data, csv->line.size, error);
    seine_buf_clear(&csv->line);
    return status;
}

static seine_status put_csv_cell(seine_buf *line, const seine_detect_cell *cell) {
    if (cell->kind == SEINE_DETECT_CELL_NULL) return SEINE_OK;
    if (cell->kind == SEINE_DETECT_CELL_TEXT) return put_csv_text(line, cell->text);
    return seine_buf_append(line, cell->text.data, cell->text.size);
}

static seine_status write_csv_row(void *context, seine_json_value row, seine_str text, seine_error *error) {
    (void)text;
    csv_writer *csv = context;
    SEINE_TRY(seine_detect_shape_row(&csv->shape, row, error));
    seine_status status = SEINE_OK;
    for (size_t i = 0; i < csv->shape.count && status == SEINE_OK; i++) {
        if (i > 0) status = seine_buf_append(&csv->line, ",", 1);
        if (status == SEINE_OK) status = put_csv_cell(&csv->line, &csv->shape.cells[i]);
    }
    return status == SEINE_OK ? write_csv_line(csv, error) : seine_fail(error, status, "out of memory");
}

static seine_status write_csv_header(csv_writer *csv, seine_error *error) {
    seine_status status = SEINE_OK;
    for (size_t i = 0; i < csv->shape.count && status == SEINE_OK; i++) {
        if (i > 0) status = seine_buf_append(&csv->line, ",", 1);
        if (status == SEINE_OK) status = put_csv_text(&csv->line, seine_str_of(csv->shape.columns[i].name));
    }
    return status == SEINE_OK ? write_csv_line(csv, error) : seine_fail(error, status, "out of memory");
}

static seine_status write_csv(const seine_detect *detect, csv_writer *csv, seine_error *error) {
    seine_buf_init(&csv->line, ROW_MAX_BYTES);
    seine_detect_shape_open(detect, &csv->shape);
    SEINE_TRY(write_csv_header(csv, error));
    return seine_detect_each_row(detect, true, write_csv_row, csv, error);
}

/* ---- files ----------------------------------------------------------------------------------------------------- */

seine_status seine_detect_write(const seine_detect *detect, const char *path, seine_detect_format format,
                                seine_file_mode mode, seine_error *error) {
    if (format == SEINE_DETECT_PARQUET) return seine_detect_write_parquet(detect, path, mode, error);
    csv_writer out = {.line = {.data = NULL}};
    SEINE_TRY(seine_sink_open(&out.sink, path, error));
    const seine_status status = format == SEINE_DETECT_CSV
                                    ? write_csv(detect, &out, error)
                                    : seine_detect_each_row(detect, false, write_json_line, &out.sink, error);
    seine_detect_shape_close(&out.shape);
    seine_buf_free(&out.line);
    return seine_sink_close(&out.sink, status, mode, error);
}

static seine_status put_stats_line(seine_buf *text, seine_str ssvid, size_t total) {
    SEINE_TRY(put_csv_text(text, ssvid));
    return seine_buf_printf(text, ",%zu\n", total);
}

/* A line per mover with gaps, and one for all. */
static seine_status put_stats(const seine_detect *detect, seine_buf *text) {
    size_t count = 0;
    const seine_detect_gap *gaps = seine_detect_gaps(detect, &count);
    SEINE_TRY(seine_buf_printf(text, "%s,total\n", seine_detect_id_name(detect)));
    for (size_t i = 0, end = 0; i < count; i = end) {
        while (end < count && gaps[end].mover == gaps[i].mover) end++; /* gaps of one mover stand together */
        SEINE_TRY(put_stats_line(text, seine_messages_ssvid(&detect->messages, gaps[i].mover), end - i));
    }
    return put_stats_line(text, SEINE_STR("TOTAL"), count);
}

seine_status seine_detect_write_stats(const seine_detect *detect, const char *path, seine_file_mode mode,
                                      seine_error *error) {
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, ROW_MAX_BYTES);
    const seine_status status = put_stats(detect, &text);
    if (status != SEINE_OK) return seine_fail(error, status, "out of memory");
    return seine_file_write(path, text.data, text.size, mode, error);
}
