/* Rows as JSON Lines and CSV, and the statistics. Files appear whole under their name or not at all. */
#include "cli/detect.h"

#include "base/number.h"
#include "io/file.h"

#include <errno.h>
#include <stdio.h>

#define ROW_MAX_BYTES ((size_t)1 << 32)
#define PROGRESS_EVERY 1024

/* ---- where bytes go -------------------------------------------------------------------------------------------- */

typedef struct sink {
    seine_file_writer *file; /* NULL = standard output */
} sink;

static seine_status sink_open(sink *out, const char *path, seine_error *error) {
    out->file = NULL;
    return strcmp(path, "-") == 0 ? SEINE_OK : seine_file_writer_open(path, &out->file, error);
}

static seine_status sink_write(sink *out, const void *bytes, size_t size, seine_error *error) {
    if (out->file != NULL) return seine_file_writer_append(out->file, bytes, size, error);
    if (fwrite(bytes, 1, size, stdout) == size) return SEINE_OK;
    return seine_fail(error, SEINE_E_IO, "standard output: %s", strerror(errno));
}

/* Ends well or, after a failure, leaves nothing behind. */
static seine_status sink_close(sink *out, seine_status so_far, seine_file_mode mode, seine_error *error) {
    if (out->file == NULL) {
        if (fflush(stdout) == 0 || so_far != SEINE_OK) return so_far;
        return seine_fail(error, SEINE_E_IO, "standard output: %s", strerror(errno));
    }
    if (so_far == SEINE_OK) return seine_file_writer_commit(out->file, mode, error);
    seine_file_writer_abort(out->file);
    return so_far;
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

/* Calls `visit` with the text of each row; the parsed row is given too when it is wanted. */
static seine_status each_row(const seine_detect *detect, bool parsed, seine_detect_visit visit, void *context,
                             seine_error *error) {
    seine_buf text;
    seine_detect_rows rows;
    seine_buf_init(&text, ROW_MAX_BYTES);
    seine_detect_rows_open(detect, &rows);
    size_t count = 0;
    const seine_detect_gap *gaps = seine_detect_gaps(detect, &count);
    seine_status status = SEINE_OK;
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        seine_json *json = NULL;
        seine_buf_clear(&text);
        seine_json_writer w = seine_json_writer_to(&text);
        w.ascii = true;
        w.python_spaces = true;
        status = seine_detect_put_row(&rows, &gaps[i], &w, error);
        if (status == SEINE_OK && parsed) status = seine_json_parse(seine_buf_str(&text), "row", &json, error);
        if (status == SEINE_OK) status = visit(context, seine_json_root(json), seine_buf_str(&text), error);
        seine_json_free(json);
        if (i % PROGRESS_EVERY == 0) seine_progress_report(detect->progress, "writing", i, count);
    }
    seine_detect_rows_close(&rows);
    seine_buf_free(&text);
    return status;
}

seine_status seine_detect_each_row(const seine_detect *detect, seine_detect_visit visit, void *context,
                                   seine_error *error) {
    return each_row(detect, true, visit, context, error);
}

static seine_status write_json_line(void *context, seine_json_value row, seine_str text, seine_error *error) {
    (void)row;
    const seine_status status = sink_write(context, text.data, text.size, error);
    return status == SEINE_OK ? sink_write(context, "\n", 1, error) : status;
}

/* ---- columns --------------------------------------------------------------------------------------------------- */

static seine_detect_type type_of(seine_json_value value) {
    switch (seine_json_kind_of(value)) {
    case SEINE_JSON_ABSENT:
    case SEINE_JSON_NULL: return SEINE_DETECT_TYPE_NULL;
    case SEINE_JSON_BOOL: return SEINE_DETECT_TYPE_BOOL;
    case SEINE_JSON_INT: return SEINE_DETECT_TYPE_INT;
    case SEINE_JSON_REAL: return SEINE_DETECT_TYPE_REAL;
    case SEINE_JSON_TEXT:
    case SEINE_JSON_ARRAY:
    case SEINE_JSON_OBJECT: break;
    }
    return SEINE_DETECT_TYPE_TEXT;
}

/* The narrowest type that holds both. */
static seine_detect_type join_types(seine_detect_type a, seine_detect_type b) {
    if (a == b || b == SEINE_DETECT_TYPE_NULL) return a;
    if (a == SEINE_DETECT_TYPE_NULL) return b;
    const bool a_is_number = a == SEINE_DETECT_TYPE_INT || a == SEINE_DETECT_TYPE_REAL;
    const bool b_is_number = b == SEINE_DETECT_TYPE_INT || b == SEINE_DETECT_TYPE_REAL;
    return a_is_number && b_is_number ? SEINE_DETECT_TYPE_REAL : SEINE_DETECT_TYPE_TEXT;
}

static seine_status note_column(seine_detect_columns *columns, seine_str name, seine_detect_type type) {
    uint32_t code = 0;
    const uint32_t before = columns->names.count;
    const seine_status status = seine_dict_intern(&columns->names, name, &code);
    if (status != SEINE_OK) return status;
    if (code == before) return seine_buf_append(&columns->types, &type, sizeof type);
    seine_detect_type *types = (seine_detect_type *)(void *)columns->types.data;
    types[code] = join_types(types[code], type);
    return SEINE_OK;
}

static seine_status note_row(void *context, seine_json_value row, seine_str text, seine_error *error) {
    (void)text;
    seine_json_iter it = {0};
    while (seine_json_next(row, &it)) {
        const seine_status status = note_column(context, it.key, type_of(it.value));
        if (status != SEINE_OK) return seine_fail(error, status, "out of memory");
    }
    return SEINE_OK;
}

/* What every row has, so that a file without rows still has columns of the right types. */
static seine_status note_fixed(const seine_detect *detect, seine_detect_columns *columns) {
    static const struct {
        const char *name;
        seine_detect_type type;
    } now[] = {{"positions_hours_before", SEINE_DETECT_TYPE_INT},
               {"positions_hours_before_ter", SEINE_DETECT_TYPE_INT},
               {"positions_hours_before_sat", SEINE_DETECT_TYPE_INT},
               {"positions_hours_before_dyn", SEINE_DETECT_TYPE_INT},
               {"gap_id", SEINE_DETECT_TYPE_TEXT},
               {"ssvid", SEINE_DETECT_TYPE_NULL},
               {"version", SEINE_DETECT_TYPE_INT},
               {"distance_m", SEINE_DETECT_TYPE_REAL},
               {"duration_h", SEINE_DETECT_TYPE_REAL},
               {"implied_speed_knots", SEINE_DETECT_TYPE_REAL},
               {"is_closed", SEINE_DETECT_TYPE_BOOL}},
      old[] = {{"gap_id", SEINE_DETECT_TYPE_TEXT},
               {"gap_version", SEINE_DETECT_TYPE_INT},
               {"ssvid", SEINE_DETECT_TYPE_NULL},
               {"is_closed", SEINE_DETECT_TYPE_BOOL}};
    const bool is_2024 = detect->options.is_2024;
    const size_t count = is_2024 ? sizeof old / sizeof *old : sizeof now / sizeof *now;
    for (size_t i = 0; i < count; i++) {
        const seine_status status = note_column(columns, seine_str_of(is_2024 ? old[i].name : now[i].name),
                                                is_2024 ? old[i].type : now[i].type);
        if (status != SEINE_OK) return status;
    }
    return SEINE_OK;
}

seine_status seine_detect_find_columns(const seine_detect *detect, seine_detect_columns *columns, seine_error *error) {
    *columns = (seine_detect_columns){.names = {.count = 0}};
    seine_buf_init(&columns->types, (size_t)1 << 24);
    if (note_fixed(detect, columns) != SEINE_OK) return seine_fail(error, SEINE_E_NOMEM, "out of memory");
    return each_row(detect, true, note_row, columns, error);
}

void seine_detect_free_columns(seine_detect_columns *columns) {
    seine_dict_free(&columns->names);
    seine_buf_free(&columns->types);
}

/* ---- CSV ------------------------------------------------------------------------------------------------------- */

typedef struct csv_writer {
    sink sink;
    seine_detect_columns columns;
    seine_json_value *cells; /* of one row, by code */
    seine_arena arena;
    seine_buf line;
} csv_writer;

/* RFC 4180; an empty text is quoted, because an empty field is null. */
static seine_status put_csv_text(seine_buf *line, seine_str text) {
    bool quote = text.size == 0;
    for (size_t i = 0; i < text.size && !quote; i++) quote = strchr("\",\r\n", text.data[i]) != NULL;
    if (!quote) return seine_buf_append(line, text.data, text.size);
    seine_status status = seine_buf_append(line, "\"", 1);
    for (size_t i = 0; i < text.size && status == SEINE_OK; i++) {
        if (text.data[i] == '"') status = seine_buf_append(line, "\"", 1);
        if (status == SEINE_OK) status = seine_buf_append(line, text.data + i, 1);
    }
    return status == SEINE_OK ? seine_buf_append(line, "\"", 1) : status;
}

static seine_status put_csv_value(seine_buf *line, seine_json_value value) {
    const seine_json_kind kind = seine_json_kind_of(value);
    if (kind == SEINE_JSON_ABSENT || kind == SEINE_JSON_NULL) return SEINE_OK;
    if (kind == SEINE_JSON_TEXT) return put_csv_text(line, seine_json_text(value));
    seine_buf json;
    seine_buf_init(&json, ROW_MAX_BYTES);
    seine_json_writer w = seine_json_writer_to(&json);
    seine_json_put_value(&w, value);
    const seine_status status = w.status == SEINE_OK ? put_csv_text(line, seine_buf_str(&json)) : w.status;
    seine_buf_free(&json);
    return status;
}

static seine_status write_csv_line(csv_writer *csv, seine_error *error) {
    seine_status status = seine_buf_append(&csv->line, "\n", 1);
    if (status != SEINE_OK) return seine_fail(error, status, "out of memory");
    status = sink_write(&csv->sink, csv->line.data, csv->line.size, error);
    seine_buf_clear(&csv->line);
    return status;
}

static seine_status write_csv_row(void *context, seine_json_value row, seine_str text, seine_error *error) {
    (void)text;
    csv_writer *csv = context;
    const uint32_t count = csv->columns.names.count;
    memset(csv->cells, 0, count * sizeof *csv->cells);
    seine_json_iter it = {0};
    while (seine_json_next(row, &it)) csv->cells[seine_dict_find(&csv->columns.names, it.key)] = it.value;
    seine_status status = SEINE_OK;
    for (uint32_t i = 0; i < count && status == SEINE_OK; i++) {
        if (i > 0) status = seine_buf_append(&csv->line, ",", 1);
        if (status == SEINE_OK) status = put_csv_value(&csv->line, csv->cells[i]);
    }
    return status == SEINE_OK ? write_csv_line(csv, error) : seine_fail(error, status, "out of memory");
}

static seine_status write_csv_header(csv_writer *csv, seine_error *error) {
    seine_status status = SEINE_OK;
    for (uint32_t i = 0; i < csv->columns.names.count && status == SEINE_OK; i++) {
        if (i > 0) status = seine_buf_append(&csv->line, ",", 1);
        if (status == SEINE_OK) status = put_csv_text(&csv->line, csv->columns.names.entries[i]);
    }
    return status == SEINE_OK ? write_csv_line(csv, error) : seine_fail(error, status, "out of memory");
}

static seine_status write_csv(const seine_detect *detect, csv_writer *csv, seine_error *error) {
    seine_buf_init(&csv->line, ROW_MAX_BYTES);
    seine_status status = seine_detect_find_columns(detect, &csv->columns, error);
    if (status != SEINE_OK) return status;
    csv->cells = SEINE_ARENA_ARRAY(&csv->arena, seine_json_value, csv->columns.names.count + 1);
    if (csv->cells == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory");
    status = write_csv_header(csv, error);
    return status == SEINE_OK ? each_row(detect, true, write_csv_row, csv, error) : status;
}

/* ---- files ----------------------------------------------------------------------------------------------------- */

seine_status seine_detect_write(const seine_detect *detect, const char *path, seine_detect_format format,
                                seine_file_mode mode, seine_error *error) {
    if (format == SEINE_DETECT_PARQUET) return seine_detect_write_parquet(detect, path, mode, error);
    csv_writer out = {.cells = NULL};
    seine_status status = sink_open(&out.sink, path, error);
    if (status != SEINE_OK) return status;
    if (format == SEINE_DETECT_CSV)
        status = write_csv(detect, &out, error);
    else
        status = each_row(detect, false, write_json_line, &out.sink, error);
    seine_detect_free_columns(&out.columns);
    seine_buf_free(&out.line);
    seine_arena_free(&out.arena);
    return sink_close(&out.sink, status, mode, error);
}

static seine_status put_stats_line(seine_buf *text, seine_str ssvid, size_t total) {
    const seine_status status = put_csv_text(text, ssvid);
    return status == SEINE_OK ? seine_buf_printf(text, ",%zu\n", total) : status;
}

seine_status seine_detect_write_stats(const seine_detect *detect, const char *path, seine_file_mode mode,
                                      seine_error *error) {
    seine_buf text;
    seine_buf_init(&text, ROW_MAX_BYTES);
    size_t count = 0;
    const seine_detect_gap *gaps = seine_detect_gaps(detect, &count);
    seine_status status = seine_buf_append_str(&text, "ssvid,total\n");
    for (size_t i = 0; i < count && status == SEINE_OK;) {
        size_t end = i; /* gaps of one mover stand together */
        while (end < count && gaps[end].mover == gaps[i].mover) end++;
        status = put_stats_line(&text, seine_messages_ssvid(&detect->messages, gaps[i].mover), end - i);
        i = end;
    }
    if (status == SEINE_OK) status = put_stats_line(&text, SEINE_STR("TOTAL"), count);
    if (status == SEINE_OK)
        status = seine_file_write(path, text.data, text.size, mode, error);
    else
        status = seine_fail(error, status, "out of memory");
    seine_buf_free(&text);
    return status;
}
