/* Rows as text: CSV, JSON, JSON Lines, and where the bytes go. */
#include "base/json.h"
#include "base/number.h"
#include "base/quote.h"
#include "base/try.h"
#include "cli/output/internal.h"
#include "cli/terminal.h"
#include "engine/engine.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define TEXT_MAX ((size_t)1 << 34)
#define FLUSH_BYTES 65536

seine_output_format seine_output_format_of(const char *name) {
    static const char *const names[] = {"table", "csv", "json", "jsonl", "parquet", "geoparquet", "gpkg"};
    size_t i = 0;
    while (i + 1 < sizeof names / sizeof *names && strcmp(names[i], name) != 0) i++;
    return (seine_output_format)i;
}

static bool is_parquet(seine_output_format format) {
    return format == SEINE_OUTPUT_PARQUET || format == SEINE_OUTPUT_GEOPARQUET;
}

/* ---- CSV (RFC 4180) --------------------------------------------------------------------------------------------- */

/* Empty text is quoted, so that it differs from null. */
static seine_status put_csv_text(seine_buf *text, seine_str value) {
    return value.size > 0 ? seine_csv_field(text, value) : seine_buf_append(text, "\"\"", 2);
}

static seine_status put_csv_row(seine_output *output, const seine_rows *rows, size_t row) {
    for (size_t i = 0; i < rows->column_count; i++) {
        const seine_vec *vec = &rows->columns[i];
        if (i > 0) SEINE_TRY(seine_buf_append(&output->text, ",", 1));
        if (seine_output_is_null(vec, row)) continue;
        SEINE_TRY(vec->type == SEINE_TYPE_STRING ? put_csv_text(&output->text, ((const seine_str *)vec->values)[row])
                                                 : seine_output_cell(&output->text, vec, row));
    }
    return seine_buf_append(&output->text, "\n", 1);
}

static seine_status put_csv_header(seine_output *output) {
    for (size_t i = 0; i < output->shape->column_count; i++) {
        if (i > 0) SEINE_TRY(seine_buf_append(&output->text, ",", 1));
        SEINE_TRY(put_csv_text(&output->text, seine_str_of(output->shape->names[i])));
    }
    return seine_buf_append(&output->text, "\n", 1);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------- */

/* A number that comes as text (DECIMAL, HUGEINT …) stays a number, a list or struct that comes as JSON stays that. */
static void put_json_text(seine_json_writer *w, const seine_output_shape *shape, size_t column, seine_str text) {
    if (shape->is_json != NULL && shape->is_json[column])
        seine_json_put_json(w, text);
    else if (seine_output_is_number(shape->types[column]))
        seine_json_put_digits(w, text);
    else
        seine_json_put_text(w, text);
}

static void put_json_cell(seine_json_writer *w, const seine_output_shape *shape, size_t column, const seine_vec *vec,
                          size_t row, seine_buf *scratch) {
    if (seine_output_is_null(vec, row)) {
        seine_json_put_null(w);
        return;
    }
    switch (vec->type) {
    case SEINE_TYPE_BOOLEAN: seine_json_put_bool(w, ((const uint8_t *)vec->values)[row] != 0); return;
    case SEINE_TYPE_INT: seine_json_put_int(w, ((const int32_t *)vec->values)[row]); return;
    case SEINE_TYPE_LONG: seine_json_put_int(w, ((const int64_t *)vec->values)[row]); return;
    case SEINE_TYPE_DOUBLE: seine_json_put_number(w, ((const double *)vec->values)[row]); return;
    case SEINE_TYPE_STRING: put_json_text(w, shape, column, ((const seine_str *)vec->values)[row]); return;
    default: break;
    }
    seine_buf_clear(scratch);
    const seine_status status = seine_output_cell(scratch, vec, row);
    if (w->status == SEINE_OK) w->status = status;
    seine_json_put_text(w, seine_buf_str(scratch));
}

static seine_status put_json_row(seine_output *output, const seine_rows *rows, size_t row, seine_buf *scratch) {
    const bool is_array = output->format == SEINE_OUTPUT_JSON;
    if (is_array) SEINE_TRY(seine_buf_append_str(&output->text, output->rows + row == 0 ? "[\n" : ",\n"));
    seine_json_writer w = seine_json_writer_to(&output->text);
    seine_json_begin_object(&w);
    for (size_t i = 0; i < rows->column_count; i++) {
        seine_json_key(&w, seine_str_of(output->shape->names[i]));
        put_json_cell(&w, output->shape, i, &rows->columns[i], row, scratch);
    }
    seine_json_end_object(&w);
    if (w.status != SEINE_OK || is_array) return w.status;
    return seine_buf_append(&output->text, "\n", 1);
}

/* ---- where bytes go --------------------------------------------------------------------------------------------- */

seine_status seine_output_flush(seine_output *output, bool always, seine_error *error) {
    if (output->text.size == 0 || (!always && output->text.size < FLUSH_BYTES)) return SEINE_OK;
    seine_status status = SEINE_OK;
    if (output->file != NULL)
        status = seine_file_writer_append(output->file, output->text.data, output->text.size, error);
    else if (output->show != NULL)
        status = output->show(output->show_context, seine_buf_str(&output->text), error);
    else if (output->format != SEINE_OUTPUT_TABLE)
        status = seine_terminal_data(output->text.data, output->text.size, error);
    else if (fwrite(output->text.data, 1, output->text.size, stdout) != output->text.size)
        status = seine_fail(error, SEINE_E_IO, "standard output: %s", strerror(errno));
    seine_buf_clear(&output->text);
    return status;
}

/* A format whose names are keys cannot have one twice. */
static seine_status check_names(seine_output_format format, const seine_output_shape *shape, seine_error *error) {
    if (format == SEINE_OUTPUT_TABLE || format == SEINE_OUTPUT_CSV) return SEINE_OK;
    for (size_t i = 0; i < shape->column_count; i++)
        for (size_t k = 0; k < i; k++)
            if ((format == SEINE_OUTPUT_GPKG ? strcasecmp : strcmp)(shape->names[i], shape->names[k]) == 0)
                return seine_fail(error, SEINE_E_USAGE, "two columns are named %s: name one with AS", shape->names[i]);
    return SEINE_OK;
}

static seine_status begin(seine_output *output, const char *path, size_t most_rows, seine_error *error) {
    if (output->format >= SEINE_OUTPUT_GEOPARQUET) SEINE_TRY(seine_output_place_open(output, path, error));
    SEINE_TRY(check_names(output->format, output->shape, error));
    if (output->format == SEINE_OUTPUT_GPKG) return SEINE_OK;
    if (is_parquet(output->format)) return seine_output_parquet_open(output, path, error);
    if (path != NULL) SEINE_TRY(seine_file_writer_open(path, &output->file, error));
    seine_status status = SEINE_OK;
    if (output->format == SEINE_OUTPUT_TABLE) status = seine_output_table_open(output, most_rows);
    if (output->format == SEINE_OUTPUT_CSV) status = put_csv_header(output);
    return status == SEINE_OK ? status : seine_fail(error, status, "output: out of memory");
}

static void output_free(seine_output *output) {
    seine_file_writer_abort(output->file);
    seine_output_table_free(output);
    seine_output_place_free(output);
    seine_buf_free(&output->text);
    free(output);
}

seine_status seine_output_open(seine_output_format format, const char *path, const seine_output_shape *shape,
                               size_t most_rows, seine_output **output, seine_error *error) {
    *output = NULL;
    if (format >= SEINE_OUTPUT_PARQUET && path == NULL)
        return seine_fail(error, SEINE_E_USAGE, "--format %s needs a file: -o FILE",
                          format == SEINE_OUTPUT_PARQUET      ? "parquet"
                          : format == SEINE_OUTPUT_GEOPARQUET ? "geoparquet"
                                                              : "gpkg");
    seine_output *o = calloc(1, sizeof *o);
    if (o == NULL) return seine_no_memory(error, "output");
    o->format = format;
    o->shape = shape;
    seine_buf_init(&o->text, TEXT_MAX);
    const seine_status status = begin(o, path, most_rows, error);
    if (status == SEINE_OK)
        *output = o;
    else
        output_free(o);
    return status;
}

void seine_output_to_screen(seine_output *output, seine_output_show *show, void *context, size_t columns,
                            bool is_downwards) {
    output->show = show;
    output->show_context = context;
    output->columns = columns;
    output->is_downwards = is_downwards;
}

seine_status seine_output_rows(seine_output *output, const seine_rows *rows, seine_error *error) {
    if (is_parquet(output->format)) return seine_output_parquet_rows(output, rows, error);
    if (output->format == SEINE_OUTPUT_GPKG) return seine_output_gpkg_rows(output, rows, error);
    if (output->format == SEINE_OUTPUT_TABLE) {
        const seine_status status = seine_output_table_rows(output, rows);
        return status == SEINE_OK ? status : seine_fail(error, status, "output: out of memory");
    }
    seine_buf scratch SEINE_OWNED(seine_buf_free);
    seine_buf_init(&scratch, TEXT_MAX);
    for (size_t row = 0; row < rows->count; row++) {
        const seine_status status = output->format == SEINE_OUTPUT_CSV ? put_csv_row(output, rows, row)
                                                                       : put_json_row(output, rows, row, &scratch);
        if (status != SEINE_OK) return seine_fail(error, status, "output: row of more than %zu bytes", TEXT_MAX);
        SEINE_TRY(seine_output_flush(output, false, error));
    }
    output->rows += rows->count;
    return SEINE_OK;
}

bool seine_output_is_full(const seine_output *output) {
    return output->format == SEINE_OUTPUT_TABLE && seine_output_table_is_full(output);
}

static seine_status end_text(seine_output *output, seine_error *error) {
    seine_status status = SEINE_OK;
    if (output->format == SEINE_OUTPUT_TABLE) status = seine_output_table_end(output);
    if (output->format == SEINE_OUTPUT_JSON)
        status = seine_buf_append_str(&output->text, output->rows == 0 ? "[]\n" : "\n]\n");
    if (status != SEINE_OK) return seine_fail(error, status, "output: out of memory");
    SEINE_TRY(seine_output_flush(output, true, error));
    if (output->file != NULL) return seine_file_writer_commit(SEINE_TAKE(output->file), SEINE_FILE_REPLACE, error);
    return fflush(stdout) == 0 ? SEINE_OK : seine_fail(error, SEINE_E_IO, "standard output: %s", strerror(errno));
}

seine_status seine_output_close(seine_output *output, seine_status so_far, seine_error *error) {
    seine_status status = so_far;
    if (is_parquet(output->format))
        status = seine_output_parquet_end(output, so_far, error);
    else if (output->format == SEINE_OUTPUT_GPKG)
        status = seine_output_gpkg_end(output, so_far, error);
    else if (so_far == SEINE_OK)
        status = end_text(output, error);
    output_free(output);
    return status;
}
