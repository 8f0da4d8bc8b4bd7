/*
 * Texts to records. CSV knows its columns from the first record; of JSON all records are looked at once for their keys,
 * then a second time for their values.
 */
#include "base/dict.h"
#include "base/json.h"
#include "base/try.h"
#include "decode/csv.h"
#include "decode/reference/reference.h"

#include <stdio.h>
#include <stdlib.h>

#define RECORD_MAX_BYTES ((size_t)256 << 20)
#define COLUMNS_MAX 4096
#define LONGITUDE_KEY SEINE_STR("coordinates[0]")
#define LATITUDE_KEY SEINE_STR("coordinates[1]")

struct seine_reference_text {
    seine_reference_form form;
    seine_str rest; /* of the text: not taken yet */
    int64_t row, line;
    const char *counted; /* up to where lines were counted */
    seine_csv_record csv;
    seine_buf scratch; /* of csv: unquoted fields; of JSON: values that are not texts */
    seine_dict keys;   /* columns */
    seine_str *values; /* one per column */
    size_t *places;    /* of JSON: 1 + where in scratch a value begins, while scratch may still move */
    bool is_learning;  /* of JSON: the first time, when keys are found */
    seine_json *json;  /* of LINES: the line */
    seine_json_value records;
    bool is_geojson;
    seine_json_iter at;
};

/* ---- forms ---- */

static seine_str without_mark(seine_str text) {
    if (text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0) text = (seine_str){text.data + 3, text.size - 3};
    return text;
}

static seine_str without_blanks(seine_str text) {
    while (text.size > 0 && *text.data != '\0' && strchr(" \t\r\n", *text.data) != NULL)
        text = (seine_str){text.data + 1, text.size - 1};
    return text;
}

static seine_str first_line(seine_str text) {
    const char *end = text.size > 0 ? memchr(text.data, '\n', text.size) : NULL;
    return (seine_str){text.data, end != NULL ? (size_t)(end - text.data) : text.size};
}

static bool ends_with(const char *file, const char *const endings[], size_t count) {
    for (size_t i = 0; i < count; i++) {
        char packed[24];
        for (int k = 0; k < 3; k++) {
            static const char *const packings[] = {"", ".zst", ".gz"};
            (void)snprintf(packed, sizeof packed, "%s%s", endings[i], packings[k]);
            if (seine_str_ends_with_nocase(seine_str_of(file), seine_str_of(packed))) return true;
        }
    }
    return false;
}

/* An object in the first line and something behind it: a record per line. One line alone may be either. */
static bool is_in_lines(seine_str text) {
    const seine_str line = first_line(text);
    if (without_blanks((seine_str){text.data + line.size, text.size - line.size}).size == 0) return false;
    seine_json *json = NULL;
    const bool is_whole = seine_json_parse(line, "", &json, NULL) == SEINE_OK;
    seine_json_free(json);
    return is_whole;
}

static seine_reference_form form_of(const char *file, seine_str text) {
    static const char *const csv[] = {".csv"}, *const lines[] = {".jsonl", ".ndjson"};
    static const char *const json[] = {".json", ".geojson"};
    text = without_blanks(text);
    if (ends_with(file, csv, 1)) return SEINE_REFERENCE_CSV;
    if (ends_with(file, lines, 2)) return SEINE_REFERENCE_LINES;
    const bool looks_json = text.size > 0 && (*text.data == '{' || *text.data == '[');
    if (!looks_json) return ends_with(file, json, 2) ? SEINE_REFERENCE_JSON : SEINE_REFERENCE_CSV;
    return *text.data == '{' && is_in_lines(text) ? SEINE_REFERENCE_LINES : SEINE_REFERENCE_JSON;
}

/* ---- JSON values as texts ---- */

static seine_status set_text(seine_reference_text *t, seine_str key, seine_str text) {
    uint32_t code = 0;
    if (t->is_learning) return t->keys.count < COLUMNS_MAX ? seine_dict_intern(&t->keys, key, &code) : SEINE_OK;
    code = seine_dict_find(&t->keys, key);
    if (code == SEINE_CODE_NULL) return SEINE_OK;
    t->values[code] = text;
    t->places[code] = 0; /* of a key given twice the last counts */
    return SEINE_OK;
}

/* A value that is no text is written to scratch, which may move: its place is kept, its text set at the end. */
static seine_status set_value(seine_reference_text *t, seine_str key, seine_json_value value) {
    const seine_json_kind kind = seine_json_kind_of(value);
    if (kind == SEINE_JSON_TEXT) return set_text(t, key, seine_json_text(value));
    const size_t start = t->scratch.size;
    const seine_status status = set_text(t, key, (seine_str){NULL, 0});
    const uint32_t code = seine_dict_find(&t->keys, key);
    if (status != SEINE_OK || t->is_learning || kind == SEINE_JSON_NULL || code == SEINE_CODE_NULL) return status;
    seine_json_writer w = seine_json_writer_to(&t->scratch);
    seine_json_put_value(&w, value);
    t->places[code] = start + 1;
    t->values[code].size = t->scratch.size - start;
    return w.status;
}

static void settle_values(seine_reference_text *t) {
    for (uint32_t i = 0; i < t->keys.count; i++) {
        if (t->places[i] == 0) continue;
        t->values[i].data = (const char *)t->scratch.data + (t->places[i] - 1);
        t->places[i] = 0;
    }
}

static bool is_number(seine_json_value value) {
    const seine_json_kind kind = seine_json_kind_of(value);
    return kind == SEINE_JSON_INT || kind == SEINE_JSON_REAL;
}

static seine_status set_place(seine_reference_text *t, seine_json_value coordinates) {
    const seine_json_value lon = seine_json_at(coordinates, 0), lat = seine_json_at(coordinates, 1);
    if (seine_json_count(coordinates) < 2 || !is_number(lon) || !is_number(lat)) return SEINE_OK;
    SEINE_TRY(set_value(t, LONGITUDE_KEY, lon));
    return set_value(t, LATITUDE_KEY, lat);
}

static seine_status set_object(seine_reference_text *t, seine_json_value object) {
    seine_json_iter it = {0};
    while (seine_json_next(object, &it)) {
        const bool is_place =
            seine_str_equal(it.key, SEINE_STR("coordinates")) && seine_json_kind_of(it.value) == SEINE_JSON_ARRAY;
        SEINE_TRY(is_place ? set_place(t, it.value) : set_value(t, it.key, it.value));
    }
    return SEINE_OK;
}

static seine_status set_feature(seine_reference_text *t, seine_json_value feature) {
    const seine_json_value geometry = seine_json_get(feature, "geometry"), id = seine_json_get(feature, "id");
    if (id != NULL) SEINE_TRY(set_value(t, SEINE_STR("id"), id));
    SEINE_TRY(set_object(t, seine_json_get(feature, "properties")));
    if (geometry == NULL) return SEINE_OK;
    if (!seine_str_equal(seine_json_text(seine_json_get(geometry, "type")), SEINE_STR("Point")))
        return set_value(t, SEINE_STR("geometry"), geometry);
    return set_place(t, seine_json_get(geometry, "coordinates"));
}

/* ---- JSON records ---- */

static seine_status take_object(seine_reference_text *t, seine_str key, seine_json_value value,
                                seine_reference_record *record) {
    seine_buf_clear(&t->scratch);
    for (uint32_t i = 0; !t->is_learning && i < t->keys.count; i++) t->values[i] = (seine_str){NULL, 0};
    record->json = value;
    if (seine_json_kind_of(value) != SEINE_JSON_OBJECT) {
        record->fault = "record: is no JSON object";
        return SEINE_OK;
    }
    seine_status status = t->is_geojson ? set_feature(t, value) : set_object(t, value);
    if (status == SEINE_OK && key.data != NULL) status = set_text(t, SEINE_STR("key"), key);
    if (!t->is_learning) settle_values(t);
    record->values = t->values;
    return status;
}

static seine_status next_of_document(seine_reference_text *t, seine_reference_record *record) {
    if (!seine_json_next(t->records, &t->at)) return SEINE_OK;
    record->row = ++t->row;
    return take_object(t, t->at.key, t->at.value, record);
}

static seine_status next_of_lines(seine_reference_text *t, seine_reference_record *record) {
    seine_str line = {NULL, 0};
    while (line.size == 0 && t->rest.size > 0) {
        const size_t size = first_line(t->rest).size;
        line = seine_str_trim((seine_str){t->rest.data, size});
        while (line.size > 0 && line.data[line.size - 1] == '\r') line.size--;
        const size_t taken = size + (size < t->rest.size);
        t->rest = (seine_str){t->rest.data + taken, t->rest.size - taken};
        t->line++;
    }
    if (line.size == 0) return SEINE_OK;
    record->row = ++t->row;
    record->line = t->line;
    record->raw = line;
    seine_json_free(t->json);
    t->json = NULL;
    const seine_status status = seine_json_parse(line, "", &t->json, NULL);
    if (status == SEINE_E_NOMEM) return status;
    if (status == SEINE_OK) return take_object(t, (seine_str){NULL, 0}, seine_json_root(t->json), record);
    record->fault = "record: is not JSON";
    return SEINE_OK;
}

static seine_status next_of_json(seine_reference_text *t, seine_reference_record *record) {
    return t->form == SEINE_REFERENCE_LINES ? next_of_lines(t, record) : next_of_document(t, record);
}

/* An object whose values are all objects holds a record in each; any other is a record itself. */
static bool holds_objects(seine_json_value object) {
    seine_json_iter it = {0};
    while (seine_json_next(object, &it))
        if (seine_json_kind_of(it.value) != SEINE_JSON_OBJECT) return false;
    return seine_json_count(object) > 0;
}

static seine_status open_document(seine_reference_text *t, const char *file, seine_error *error) {
    SEINE_TRY(seine_json_parse(t->rest, file, &t->json, error));
    const seine_json_value root = seine_json_root(t->json), features = seine_json_get(root, "features");
    t->is_geojson = seine_json_kind_of(features) == SEINE_JSON_ARRAY;
    t->records = t->is_geojson ? features : root;
    if (t->is_geojson || seine_json_kind_of(root) == SEINE_JSON_ARRAY || holds_objects(root)) return SEINE_OK;
    if (seine_json_kind_of(root) != SEINE_JSON_OBJECT)
        return seine_fail(error, SEINE_E_FORMAT, "%s: is neither a JSON array nor a JSON object", file);
    t->form = SEINE_REFERENCE_LINES;
    seine_json_free(t->json);
    t->json = NULL;
    return SEINE_OK;
}

static seine_status learn_keys(seine_reference_text *t, const char *file, seine_error *error) {
    const seine_str rest = t->rest;
    seine_reference_record record = {.row = 1};
    t->is_learning = true;
    while (record.row > 0) {
        record = (seine_reference_record){0};
        if (next_of_json(t, &record) != SEINE_OK) return seine_no_memory(error, file);
    }
    t->is_learning = false;
    t->rest = rest;
    t->at = (seine_json_iter){0};
    t->row = t->line = 0;
    t->values = calloc(t->keys.count + 1, sizeof *t->values);
    t->places = calloc(t->keys.count + 1, sizeof *t->places);
    return t->values != NULL && t->places != NULL ? SEINE_OK : seine_no_memory(error, file);
}

/* ---- CSV ---- */

/* Line on which the record begins that starts at `start`. */
static int64_t line_at(seine_reference_text *t, const char *start) {
    while (t->counted < start) {
        const char *end = memchr(t->counted, '\n', (size_t)(start - t->counted));
        if (end == NULL) break;
        t->line++;
        t->counted = end + 1;
    }
    return t->line + 1;
}

static seine_status next_of_csv(seine_reference_text *t, seine_reference_record *record) {
    SEINE_TRY(seine_csv_next(&t->rest, ',', &t->scratch, &t->csv));
    if (t->csv.raw.data == NULL) return SEINE_OK;
    record->row = ++t->row;
    record->line = line_at(t, t->csv.raw.data);
    record->raw = t->csv.raw;
    if (t->csv.field_count != t->keys.count) {
        record->fault = t->csv.field_count < t->keys.count ? "ragged: has fewer fields than the header"
                                                           : "ragged: has more fields than the header";
        return SEINE_OK;
    }
    record->values = t->csv.field;
    return SEINE_OK;
}

/* Lines in front of the header that begin with '#' tell about the file. */
static void skip_remarks(seine_reference_text *t) {
    while (t->rest.size > 0 && t->rest.data[0] == '#') {
        const char *end = memchr(t->rest.data, '\n', t->rest.size);
        const size_t taken = end != NULL ? (size_t)(end - t->rest.data) + 1 : t->rest.size;
        t->rest = (seine_str){t->rest.data + taken, t->rest.size - taken};
    }
}

static seine_status open_csv(seine_reference_text *t, const char *file, seine_error *error) {
    skip_remarks(t);
    if (seine_csv_next(&t->rest, ',', &t->scratch, &t->csv) != SEINE_OK) return seine_no_memory(error, file);
    if (t->csv.field_count > SEINE_CSV_FIELDS)
        return seine_fail(error, SEINE_E_LIMIT, "%s: %zu columns; %d are the most", file, t->csv.field_count,
                          SEINE_CSV_FIELDS);
    for (size_t i = 0; i < t->csv.field_count; i++) {
        uint32_t code = 0;
        char numbered[32];
        seine_str name = seine_str_trim(t->csv.field[i]);
        if (!seine_str_is_utf8(name))
            return seine_fail(error, SEINE_E_FORMAT, "%s: is no CSV: its first line is not UTF-8 text", file);
        if (name.size == 0)
            name = (seine_str){numbered, (size_t)snprintf(numbered, sizeof numbered, "column %zu", i + 1)};
        if (seine_dict_intern(&t->keys, name, &code) != SEINE_OK) return seine_no_memory(error, file);
        if (code != i)
            return seine_fail(error, SEINE_E_FORMAT, "%s: two columns are called \"%.*s\"", file,
                              SEINE_STR_ARG(t->csv.field[i]));
    }
    return SEINE_OK;
}

/* ---- texts ---- */

seine_status seine_reference_text_open(seine_str text, const char *file, seine_reference_text **reader,
                                       seine_error *error) {
    *reader = NULL;
    seine_reference_text *t SEINE_OWNED(seine_reference_text_close_owned) = calloc(1, sizeof *t);
    if (t == NULL) return seine_no_memory(error, file);
    t->rest = without_mark(text);
    t->counted = t->rest.data;
    t->form = form_of(file, t->rest);
    seine_buf_init(&t->scratch, RECORD_MAX_BYTES);
    if (t->form == SEINE_REFERENCE_CSV) SEINE_TRY(open_csv(t, file, error));
    if (t->form == SEINE_REFERENCE_JSON) SEINE_TRY(open_document(t, file, error));
    if (t->form != SEINE_REFERENCE_CSV) SEINE_TRY(learn_keys(t, file, error));
    if (t->keys.count == 0) return seine_fail(error, SEINE_E_FORMAT, "%s: has no rows", file);
    *reader = SEINE_TAKE(t);
    return SEINE_OK;
}

seine_reference_form seine_reference_text_form(const seine_reference_text *reader) { return reader->form; }

const seine_str *seine_reference_text_columns(const seine_reference_text *reader, size_t *count) {
    *count = reader->keys.count;
    return reader->keys.entries;
}

seine_status seine_reference_text_next(seine_reference_text *reader, seine_reference_record *record,
                                       seine_error *error) {
    *record = (seine_reference_record){0};
    const seine_status status =
        reader->form == SEINE_REFERENCE_CSV ? next_of_csv(reader, record) : next_of_json(reader, record);
    return status == SEINE_OK ? SEINE_OK : seine_no_memory(error, "reading a reference file");
}

void seine_reference_text_close(seine_reference_text *reader) {
    if (reader == NULL) return;
    seine_json_free(reader->json);
    seine_buf_free(&reader->scratch);
    seine_dict_free(&reader->keys);
    free(reader->values);
    free(reader->places);
    free(reader);
}
