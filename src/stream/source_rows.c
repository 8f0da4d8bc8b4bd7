/*
 * Text is read into a buffer; what stands in it as whole records is given one by one, the rest moves to its front and
 * is read on. A member of an archive is a file of its own, with its own header.
 */
#include "stream/source_rows.h"

#include "base/arena.h"
#include "decode/csv.h"
#include "decode/field.h"
#include "decode/json/text.h"
#include "engine/engine.h"
#include "ingest/known_sources.h"
#include "ingest/source_text.h"
#include "io/file.h"
#include "io/reader.h"

#include <stdlib.h>

#define READ_BYTES ((size_t)1 << 20)

typedef enum field_kind { FIELD_TEXT, FIELD_NUMBER } field_kind;

struct seine_source_rows {
    const char *path, *key_name;
    const seine_dataset *dataset;
    seine_reader *reader;
    const char *made; /* text of a file that is neither CSV nor JSON, to be removed; NULL = none */
    seine_buf text;   /* read, not given yet from `at` on */
    size_t at, whole; /* up to `whole` there are whole records */
    bool in_member, is_end, is_json, in_array, is_begun;
    char delimiter;
    seine_arena arena; /* names of the header */
    seine_str names[SEINE_CSV_FIELDS];
    field_kind kinds[SEINE_CSV_FIELDS];
    size_t field_count, key_field;
    seine_buf scratch, value, key;
    uint64_t number;
};

/* ---- text ---- */

static seine_str left(const seine_source_rows *rows) {
    return (seine_str){(const char *)rows->text.data + rows->at, rows->text.size - rows->at};
}

/* More text behind what is left. */
static seine_status read_on(seine_source_rows *rows, seine_error *error) {
    size_t got = 0;
    const size_t kept = rows->text.size - rows->at;
    if (rows->at > 0 && kept > 0) memmove(rows->text.data, rows->text.data + rows->at, kept);
    rows->text.size = kept;
    rows->whole -= rows->at;
    rows->at = 0;
    if (seine_buf_reserve(&rows->text, READ_BYTES) != SEINE_OK)
        return seine_fail(error, kept >= SEINE_SOURCE_ROW_BYTES ? SEINE_E_LIMIT : SEINE_E_NOMEM,
                          "%s row %llu: a record of more than %zu bytes, which is the most", rows->path,
                          (unsigned long long)rows->number + 1, SEINE_SOURCE_ROW_BYTES);
    SEINE_TRY(seine_reader_read(rows->reader, rows->text.data + kept, READ_BYTES, &got, error));
    rows->text.size += got;
    rows->is_end = got == 0;
    return SEINE_OK;
}

/* ---- the header of CSV ---- */

static bool names_column(seine_str field, const seine_dataset_column *column) {
    for (size_t n = 0; n < column->name_count; n++)
        if (seine_field_name_equal(field, column->names[n])) return true;
    return column->name_count == 0 && seine_field_name_equal(field, column->name);
}

static field_kind kind_of(const seine_dataset *dataset, seine_str field) {
    for (size_t c = 0; dataset != NULL && c < dataset->column_count; c++) {
        const seine_dataset_column *column = &dataset->columns[c];
        const bool is_number = column->type == SEINE_TYPE_DOUBLE || column->type == SEINE_TYPE_INT;
        if (names_column(field, column)) return is_number && c != SEINE_DATASET_ID ? FIELD_NUMBER : FIELD_TEXT;
    }
    return FIELD_TEXT;
}

static bool is_key(const seine_source_rows *rows, seine_str field) {
    if (rows->key_name != NULL) return seine_str_equal(field, seine_str_of(rows->key_name));
    return rows->dataset != NULL && names_column(field, &rows->dataset->columns[SEINE_DATASET_ID]);
}

static seine_status no_key(const seine_source_rows *rows, seine_error *error) {
    if (rows->key_name != NULL)
        return seine_fail(error, SEINE_E_FORMAT, "%s: no field %s, which --key names", rows->path, rows->key_name);
    return seine_fail(error, SEINE_E_FORMAT,
                      "%s: no field is the %s of dataset %s: give the one of the file by --dataset, or --key FIELD",
                      rows->path, rows->dataset->columns[SEINE_DATASET_ID].name, rows->dataset->name);
}

static seine_status take_header(seine_source_rows *rows, const seine_csv_record *record, seine_error *error) {
    if (record->raw.data == NULL) return seine_fail(error, SEINE_E_FORMAT, "%s: not even a header", rows->path);
    if (record->field_count > SEINE_CSV_FIELDS)
        return seine_fail(error, SEINE_E_FORMAT, "%s: %zu fields, at most %d are read", rows->path, record->field_count,
                          SEINE_CSV_FIELDS);
    rows->field_count = record->field_count;
    rows->key_field = SIZE_MAX;
    for (size_t i = 0; i < rows->field_count; i++) {
        const seine_str name = seine_str_trim(record->field[i]);
        rows->names[i] = (seine_str){seine_arena_copy(&rows->arena, name.data, name.size), name.size};
        if (rows->names[i].data == NULL) return seine_no_memory(error, rows->path);
        rows->kinds[i] = kind_of(rows->dataset, name);
        if (rows->key_field == SIZE_MAX && is_key(rows, name)) rows->key_field = i;
    }
    if (rows->key_field == SIZE_MAX && (rows->key_name != NULL || rows->dataset != NULL)) return no_key(rows, error);
    return SEINE_OK;
}

/* ---- rows of CSV ---- */

/* A field of a number column that JSON would write so, too; whatever else stands there stays text, as in the file. */
static bool is_json_number(seine_str field) {
    seine_json_scan scan = {.p = field.data, .end = field.data + field.size};
    seine_json_token token;
    return field.size > 0 && seine_json_take_value(&scan, 0, &token) && token.kind == SEINE_JSON_REAL &&
           scan.p == scan.end && token.raw.size == field.size;
}

static seine_status put_object(seine_source_rows *rows, const seine_csv_record *record) {
    seine_buf_clear(&rows->value);
    seine_json_writer w = seine_json_writer_to(&rows->value);
    seine_json_begin_object(&w);
    for (size_t i = 0; i < rows->field_count; i++) {
        const seine_str field = record->field[i];
        seine_json_key(&w, rows->names[i]);
        if (field.size == 0)
            seine_json_put_null(&w);
        else if (rows->kinds[i] == FIELD_NUMBER && is_json_number(field))
            seine_json_put_digits(&w, field);
        else
            seine_json_put_text(&w, field);
    }
    seine_json_end_object(&w);
    return w.status;
}

static seine_status next_csv(seine_source_rows *rows, seine_source_row *row, seine_error *error) {
    seine_csv_record record;
    seine_str text = {(const char *)rows->text.data + rows->at, rows->whole - rows->at};
    const seine_status status = seine_csv_next(&text, rows->delimiter, &rows->scratch, &record);
    if (status != SEINE_OK)
        return seine_fail(error, status, "%s row %llu: too long", rows->path, (unsigned long long)rows->number + 1);
    rows->at = rows->whole - text.size;
    if (record.raw.data == NULL) return SEINE_OK;
    row->number = ++rows->number;
    row->is_ragged = record.field_count != rows->field_count;
    if (row->is_ragged) {
        row->value = record.raw;
        return SEINE_OK;
    }
    if (put_object(rows, &record) != SEINE_OK) return seine_no_memory(error, rows->path);
    row->value = seine_buf_str(&rows->value);
    const seine_str key =
        rows->key_field == SIZE_MAX ? (seine_str){NULL, 0} : seine_str_trim(record.field[rows->key_field]);
    row->key = key.size > 0 ? key : (seine_str){NULL, 0};
    return SEINE_OK;
}

/* ---- records of JSON ---- */

/* The member of an object that a name leads to; points lead into objects. */
static seine_json_value member(seine_json_value object, const char *name) {
    seine_json_iter it = {.index = 0};
    const char *point = strchr(name, '.');
    if (seine_json_kind_of(object) != SEINE_JSON_OBJECT) return NULL;
    while (seine_json_next(object, &it)) {
        if (seine_field_name_equal(it.key, name)) return it.value;
        if (point == NULL || !seine_str_equal_nocase(it.key, (seine_str){name, (size_t)(point - name)})) continue;
        const seine_json_value found = member(it.value, point + 1);
        if (found != NULL) return found;
    }
    return NULL;
}

static seine_json_value key_of(const seine_source_rows *rows, seine_json_value root) {
    if (rows->key_name != NULL) return seine_json_get(root, rows->key_name);
    const seine_dataset_column *id = rows->dataset != NULL ? &rows->dataset->columns[SEINE_DATASET_ID] : NULL;
    seine_json_value found = NULL;
    for (size_t n = 0; id != NULL && found == NULL && n < id->name_count; n++) found = member(root, id->names[n]);
    if (id != NULL && id->name_count == 0) found = member(root, id->name);
    return found;
}

/* Text as it is, a number by its digits; anything else is no key. */
static seine_status put_key(seine_source_rows *rows, seine_str value, seine_source_row *row, seine_error *error) {
    seine_json *json SEINE_OWNED(seine_json_free_owned) = NULL;
    seine_buf_clear(&rows->key);
    row->key = (seine_str){NULL, 0};
    const seine_status parsed = seine_json_parse(value, rows->path, &json, NULL);
    if (parsed == SEINE_E_NOMEM) return seine_no_memory(error, rows->path);
    if (parsed != SEINE_OK || seine_json_kind_of(seine_json_root(json)) != SEINE_JSON_OBJECT) return SEINE_OK;
    const seine_json_value found = key_of(rows, seine_json_root(json));
    const seine_json_kind kind = seine_json_kind_of(found);
    seine_json_writer w = seine_json_writer_to(&rows->key);
    if (kind == SEINE_JSON_TEXT) {
        const seine_str text = seine_str_trim(seine_json_text(found));
        w.status = seine_buf_append(&rows->key, text.data, text.size);
    } else if (kind == SEINE_JSON_INT || kind == SEINE_JSON_REAL) {
        seine_json_put_value(&w, found);
    }
    if (w.status != SEINE_OK) return seine_no_memory(error, rows->path);
    if (rows->key.size > 0) row->key = seine_buf_str(&rows->key);
    return SEINE_OK;
}

/* Behind what is no JSON: the end of its line. */
static size_t broken_size(seine_str text) {
    const char *end = memchr(text.data, '\n', text.size);
    return end != NULL ? (size_t)(end - text.data) : text.size;
}

/* Moves over blanks and what stands between the values of an array. @return whether a value follows. */
static bool skip_to_value(seine_source_rows *rows) {
    const seine_str text = left(rows);
    seine_json_scan scan = {.p = text.data, .end = text.data + text.size};
    seine_json_skip_blanks(&scan);
    if (rows->in_array && scan.p < scan.end && (*scan.p == ',' || *scan.p == ']')) {
        if (*scan.p == ']') rows->in_array = false;
        scan.p++;
        seine_json_skip_blanks(&scan);
    }
    rows->at += (size_t)(scan.p - text.data);
    return scan.p < scan.end && !(rows->in_array && *scan.p == ']');
}

/* What is no JSON, up to the end of its line. *found false: more text is needed to tell. */
static seine_status take_broken(seine_source_rows *rows, const char *what, seine_str *value, bool *found,
                                seine_error *error) {
    const seine_str text = left(rows);
    const size_t size = broken_size(text);
    if (rows->in_array)
        return seine_fail(error, SEINE_E_FORMAT, "%s row %llu: not JSON: %s", rows->path,
                          (unsigned long long)rows->number + 1, what);
    *found = rows->is_end || size < text.size;
    if (!*found) return SEINE_OK;
    *value = seine_str_strip((seine_str){text.data, size});
    rows->at += size;
    return SEINE_OK;
}

/* The next value that is whole, or *found false: more text is needed, or there is none. */
static seine_status take_value(seine_source_rows *rows, seine_str *value, bool *found, seine_error *error) {
    seine_json_token token;
    *found = false;
    if (!skip_to_value(rows)) return SEINE_OK;
    const seine_str text = left(rows);
    seine_json_scan scan = {.p = text.data, .end = text.data + text.size, .checks_texts = true};
    const bool is_whole = seine_json_take_value(&scan, rows->in_array, &token);
    const bool may_go_on = is_whole ? scan.p == scan.end && token.kind == SEINE_JSON_REAL : scan.is_cut;
    if (may_go_on && !rows->is_end) return SEINE_OK;
    if (!is_whole) return take_broken(rows, scan.what, value, found, error);
    *value = token.raw;
    rows->at += (size_t)(scan.p - text.data);
    *found = true;
    return SEINE_OK;
}

/* ---- members ---- */

/* What the member is, by its first bytes, and its header. */
static seine_status begin_member(seine_source_rows *rows, seine_error *error) {
    seine_csv_record record;
    while (!rows->is_end && left(rows).size < READ_BYTES) SEINE_TRY(read_on(rows, error));
    if (left(rows).size >= 3 && memcmp(left(rows).data, "\xEF\xBB\xBF", 3) == 0) rows->at += 3;
    const seine_str text = seine_str_strip(left(rows));
    rows->is_json = text.size > 0 && (text.data[0] == '[' || text.data[0] == '{');
    rows->in_array = rows->is_json && text.data[0] == '[';
    rows->is_begun = true;
    rows->whole = rows->at;
    if (rows->in_array) rows->at += (size_t)(text.data - left(rows).data) + 1;
    if (rows->is_json) return SEINE_OK;
    rows->delimiter = rows->dataset != NULL && rows->dataset->csv_delimiter != 0 ? rows->dataset->csv_delimiter
                                                                                 : seine_csv_delimiter(left(rows));
    seine_str rest = left(rows);
    const seine_status status = seine_csv_next(&rest, rows->delimiter, &rows->scratch, &record);
    if (status != SEINE_OK) return seine_fail(error, status, "%s: a header that is too long", rows->path);
    rows->at = rows->whole = rows->text.size - rest.size;
    return take_header(rows, &record, error);
}

/* One row of what is there; *found false: more has to be read first. */
static seine_status take_row(seine_source_rows *rows, seine_source_row *row, bool *found, seine_error *error) {
    if (rows->is_json) {
        SEINE_TRY(take_value(rows, &row->value, found, error));
        if (!*found) return SEINE_OK;
        row->number = ++rows->number;
        return put_key(rows, row->value, row, error);
    }
    if (rows->whole <= rows->at)
        rows->whole = rows->at + (rows->is_end ? left(rows).size : seine_csv_whole(left(rows), rows->delimiter));
    if (rows->whole > rows->at) SEINE_TRY(next_csv(rows, row, error));
    *found = row->value.data != NULL;
    return SEINE_OK;
}

/* The member has ended, and all of it was given. */
static seine_status end_member(seine_source_rows *rows, seine_error *error) {
    if (rows->in_array && seine_str_strip(left(rows)).size == 0)
        return seine_fail(error, SEINE_E_FORMAT, "%s: not JSON: the array has no end", rows->path);
    rows->in_member = rows->is_begun = rows->is_end = rows->in_array = false;
    rows->text.size = rows->at = rows->whole = 0;
    return SEINE_OK;
}

seine_status seine_source_rows_next(seine_source_rows *rows, seine_source_row *row, seine_error *error) {
    *row = (seine_source_row){.number = 0};
    for (bool found = false; !found;) {
        if (!rows->in_member) {
            const char *name = NULL;
            SEINE_TRY(seine_reader_member(rows->reader, &name, error));
            if (name == NULL) return SEINE_OK;
            rows->in_member = true;
        }
        if (!rows->is_begun) SEINE_TRY(begin_member(rows, error));
        SEINE_TRY(take_row(rows, row, &found, error));
        if (found || (!rows->is_json && rows->whole > rows->at)) continue;
        if (rows->is_end && (rows->is_json || rows->at == rows->text.size))
            SEINE_TRY(end_member(rows, error));
        else
            SEINE_TRY(read_on(rows, error));
    }
    return SEINE_OK;
}

/* ---- opening ---- */

/* What is neither CSV nor JSON as text; *made NULL: it is one of these. */
static seine_status make_text(seine_source_rows *rows, const char *path, seine_standard_input_form form,
                              const seine_progress *progress, seine_error *error) {
    seine_engine *engine SEINE_OWNED(seine_engine_close_owned) = NULL;
    const seine_source_text maker = {.dataset = rows->dataset != NULL ? rows->dataset : seine_dataset_ais(),
                                     .form = form,
                                     .engine = &engine,
                                     .arena = &rows->arena,
                                     .progress = progress};
    return seine_source_text_make(&maker, rows->path, path, &rows->made, error);
}

static seine_status open_stdin(seine_source_rows *rows, const seine_progress *progress, seine_error *error) {
    seine_standard_input input;
    const char *kept = NULL;
    SEINE_TRY(seine_standard_input_begin(&input, error));
    if (input.form == SEINE_STANDARD_INPUT_TEXT) return seine_reader_open_stdin(&input, &rows->reader, error);
    SEINE_TRY(seine_standard_input_keep(&input, SEINE_STANDARD_INPUT_MOST, progress, &rows->arena, &kept, error));
    const seine_status status = make_text(rows, kept, input.form, progress, error);
    seine_uncommitted_remove(kept);
    SEINE_TRY(status);
    return seine_reader_open_as(rows->made, rows->path, &rows->reader, error);
}

static seine_status open_file(seine_source_rows *rows, const seine_progress *progress, seine_error *error) {
    SEINE_TRY(make_text(rows, rows->path, SEINE_STANDARD_INPUT_TEXT, progress, error));
    return seine_reader_open_as(rows->made != NULL ? rows->made : rows->path, rows->path, &rows->reader, error);
}

seine_status seine_source_rows_open(const char *path, const char *key, const seine_dataset *dataset,
                                    const seine_progress *progress, seine_source_rows **out, seine_error *error) {
    const bool is_stdin = strcmp(path, "-") == 0;
    seine_source_rows *rows SEINE_OWNED(seine_source_rows_close_owned) = calloc(1, sizeof *rows);
    if (rows == NULL) return seine_no_memory(error, path);
    rows->path = is_stdin ? SEINE_STANDARD_INPUT_NAME : path;
    rows->key_name = key;
    rows->dataset = dataset;
    seine_buf_init(&rows->text, SEINE_SOURCE_ROW_BYTES + 2 * READ_BYTES);
    seine_buf_init(&rows->scratch, SEINE_SOURCE_ROW_BYTES + READ_BYTES);
    seine_buf_init(&rows->value, SEINE_SOURCE_ROW_BYTES * 2);
    seine_buf_init(&rows->key, SEINE_SOURCE_ROW_BYTES);
    SEINE_TRY(is_stdin ? open_stdin(rows, progress, error) : open_file(rows, progress, error));
    *out = SEINE_TAKE(rows);
    return SEINE_OK;
}

void seine_source_rows_position(const seine_source_rows *rows, uint64_t *done, uint64_t *total) {
    seine_reader_position(rows->reader, done, total);
}

void seine_source_rows_close(seine_source_rows *rows) {
    if (rows == NULL) return;
    seine_reader_close(rows->reader);
    seine_uncommitted_remove(rows->made);
    seine_arena_free(&rows->arena);
    seine_buf_free(&rows->text);
    seine_buf_free(&rows->scratch);
    seine_buf_free(&rows->value);
    seine_buf_free(&rows->key);
    free(rows);
}
