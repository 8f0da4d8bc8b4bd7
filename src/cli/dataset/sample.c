/*
 * A part of the file is read into memory and cut behind its last whole record. JSON is taken object by object, so that
 * lines, arrays and what was cut off are all the same.
 */
#include "cli/dataset/sample.h"

#include "base/json.h"
#include "base/number.h"
#include "decode/csv.h"
#include "decode/field.h"
#include "io/reader.h"

#include <stdio.h>

#define NAME_MAX_BYTES 200
#define DEPTH_MAX 8

void seine_sample_free(seine_sample *sample) { seine_arena_free(&sample->arena); }

/* ---- columns ---- */

static seine_status add_column(seine_sample *sample, seine_str name) {
    if (sample->column_count == SEINE_SAMPLE_COLUMNS) return SEINE_OK; /* further ones are not looked at */
    const char *copy = seine_arena_copy(&sample->arena, name.data, name.size);
    if (copy == NULL) return SEINE_E_NOMEM;
    seine_profile_begin(&sample->columns[sample->column_count++], copy, &sample->forms, &sample->arena);
    return SEINE_OK;
}

/* The column of a name; objects mostly have their keys in one order, so the one behind the last is tried first. */
static seine_status add_value(seine_sample *sample, size_t *next, seine_str name, seine_str value) {
    for (size_t k = 0; k < sample->column_count; k++) {
        const size_t i = (*next + k) % sample->column_count;
        if (!seine_str_equal(seine_str_of(sample->columns[i].name), name)) continue;
        *next = i + 1;
        return seine_profile_add(&sample->columns[i], value);
    }
    if (sample->column_count == SEINE_SAMPLE_COLUMNS) return SEINE_OK;
    SEINE_TRY(add_column(sample, name));
    return seine_profile_add(&sample->columns[sample->column_count - 1], value);
}

/* ---- CSV ---- */

static seine_status take_csv(seine_sample *sample, seine_str text, const char *name, size_t most_rows,
                             seine_error *error) {
    seine_csv_record record;
    seine_buf scratch SEINE_OWNED(seine_buf_free);
    seine_buf_init(&scratch, SEINE_SAMPLE_BYTES);
    sample->delimiter = seine_csv_delimiter(text);
    SEINE_TRY(seine_csv_next(&text, sample->delimiter, &scratch, &record));
    const size_t fields = record.field_count < SEINE_CSV_FIELDS ? record.field_count : SEINE_CSV_FIELDS;
    for (size_t i = 0; i < fields; i++) SEINE_TRY(add_column(sample, seine_str_trim(record.field[i])));
    size_t numbers = 0;
    for (size_t i = 0; i < sample->column_count; i++) {
        const char c = sample->columns[i].name[0];
        numbers += c == '-' || (c >= '0' && c <= '9');
    }
    if (numbers * 2 > sample->column_count)
        return seine_fail(error, SEINE_E_FORMAT,
                          "%s: the first line has values; put a line with the names of the columns "
                          "above it",
                          name);
    while (sample->rows < most_rows) {
        SEINE_TRY(seine_csv_next(&text, sample->delimiter, &scratch, &record));
        if (record.raw.data == NULL) break;
        sample->rows++;
        for (size_t i = 0; i < sample->column_count && i < record.field_count; i++)
            SEINE_TRY(seine_profile_add(&sample->columns[i], record.field[i]));
    }
    sample->is_part |= text.size > 0;
    return SEINE_OK;
}

/* ---- JSON ---- */

/* The object that begins at text[0], or one with data NULL when it does not end. */
static seine_str whole_object(seine_str text) {
    size_t depth = 0;
    bool is_text = false;
    for (size_t i = 0; i < text.size; i++) {
        const char c = text.data[i];
        if (is_text) {
            i += c == '\\';
            is_text = c != '"';
            continue;
        }
        is_text = c == '"';
        depth += c == '{' || c == '[';
        if (c != '}' && c != ']') continue;
        if (--depth == 0) return (seine_str){text.data, i + 1};
    }
    return (seine_str){NULL, 0};
}

typedef struct taking {
    seine_sample *sample;
    size_t next, depth;
    char path[NAME_MAX_BYTES];
} taking;

static seine_status take_scalar(taking *t, seine_json_value value) {
    char text[40];
    const seine_str name = seine_str_of(t->path);
    switch (seine_json_kind_of(value)) {
    case SEINE_JSON_TEXT: return add_value(t->sample, &t->next, name, seine_json_text(value));
    case SEINE_JSON_BOOL:
        return add_value(t->sample, &t->next, name, seine_str_of(seine_json_bool(value, false) ? "true" : "false"));
    case SEINE_JSON_INT:
        (void)snprintf(text, sizeof text, "%lld", (long long)seine_json_int(value, 0));
        return add_value(t->sample, &t->next, name, seine_str_of(text));
    case SEINE_JSON_REAL:
        return add_value(t->sample, &t->next, name,
                         (seine_str){text, seine_number_text(seine_json_number(value, 0), text)});
    default: return add_value(t->sample, &t->next, name, (seine_str){NULL, 0});
    }
}

static seine_status take_object(taking *t, seine_json_value object) { // NOLINT(misc-no-recursion)
    const size_t size = strlen(t->path);
    seine_json_iter it = {0};
    if (++t->depth > DEPTH_MAX) return SEINE_OK;
    while (seine_json_next(object, &it)) {
        const int added =
            snprintf(t->path + size, sizeof t->path - size, "%s%.*s", size > 0 ? "." : "", SEINE_STR_ARG(it.key));
        const seine_json_kind kind = seine_json_kind_of(it.value);
        if (added < 0 || (size_t)added >= sizeof t->path - size || kind == SEINE_JSON_ARRAY) continue;
        SEINE_TRY(kind == SEINE_JSON_OBJECT ? take_object(t, it.value) : take_scalar(t, it.value));
    }
    t->depth--;
    t->path[size] = '\0';
    return SEINE_OK;
}

static seine_status take_json(seine_sample *sample, seine_str text, const char *name, size_t most_rows,
                              seine_error *error) {
    size_t i = 0;
    while (i < text.size && sample->rows < most_rows) {
        const char c = text.data[i];
        if (c != '{') { /* what stands between objects */
            if (strchr("[], \t\r\n", c) == NULL || c == '\0')
                return seine_fail(error, SEINE_E_FORMAT, "%s: byte %zu: expected an object of JSON", name, i);
            i++;
            continue;
        }
        const seine_str object = whole_object((seine_str){text.data + i, text.size - i});
        if (object.data == NULL && sample->is_part && sample->rows > 0) return SEINE_OK; /* cut off */
        if (object.data == NULL)
            return seine_fail(error, SEINE_E_FORMAT, "%s: ends within object %zu", name, sample->rows + 1);
        char place[400];
        (void)snprintf(place, sizeof place, "%.300s object %zu", name, sample->rows + 1);
        seine_json *json SEINE_OWNED(seine_json_free_owned) = NULL;
        SEINE_TRY(seine_json_parse(object, place, &json, error));
        taking t = {.sample = sample};
        SEINE_TRY(take_object(&t, seine_json_root(json)));
        sample->rows++;
        i += object.size;
    }
    sample->is_part |= sample->rows == most_rows;
    return SEINE_OK;
}

/* ---- a file ---- */

/* Whether text that goes on may be cut here: behind a line, or of an array of JSON behind a whole letter. */
static bool may_end(const seine_buf *text) {
    const uint8_t last = text->data[text->size - 1];
    return last == '\n' || (text->data[0] == '[' && last < 0x80);
}

/* What needs no draft, or of which there is none. */
static seine_status refuse_gpx(const char *name, seine_error *error) {
    return seine_fail(error, SEINE_E_UNSUPPORTED, "%s: GPX needs no draft: it is read by --dataset gpx", name);
}

static seine_status refuse_parquet(const char *name, seine_error *error) {
    return seine_fail(error, SEINE_E_UNSUPPORTED,
                      "%s: drafts are made from CSV and JSON, and this is Parquet; name its columns in a description "
                      "(docs/datasets.md)",
                      name);
}

static seine_status open_stdin(const char *name, seine_reader **reader, seine_error *error) {
    seine_standard_input input;
    SEINE_TRY(seine_standard_input_begin(&input, error));
    if (input.form == SEINE_STANDARD_INPUT_GPX) return refuse_gpx(name, error);
    if (input.form == SEINE_STANDARD_INPUT_PARQUET) return refuse_parquet(name, error);
    return seine_reader_open_stdin(&input, reader, error);
}

static seine_status open_file(const char *path, seine_reader **reader, seine_error *error) {
    if (seine_str_ends_with_nocase(seine_str_of(path), SEINE_STR(".gpx"))) return refuse_gpx(path, error);
    return seine_reader_open(path, reader, error);
}

static seine_status read_text(const char *path, const char *name, seine_buf *text, bool *is_part, seine_error *error) {
    seine_reader *reader SEINE_OWNED(seine_reader_close_owned) = NULL;
    const char *member = NULL;
    if (strcmp(path, "-") == 0)
        SEINE_TRY(open_stdin(name, &reader, error));
    else
        SEINE_TRY(open_file(path, &reader, error));
    SEINE_TRY(seine_reader_member(reader, &member, error));
    if (seine_buf_reserve(text, SEINE_SAMPLE_BYTES) != SEINE_OK) return seine_no_memory(error, name);
    for (size_t size = 1; size > 0 && text->size < SEINE_SAMPLE_BYTES; text->size += size)
        SEINE_TRY(seine_reader_read(reader, text->data + text->size, SEINE_SAMPLE_BYTES - text->size, &size, error));
    *is_part = text->size == SEINE_SAMPLE_BYTES;
    while (*is_part && text->size > 0 && !may_end(text)) text->size--;
    if (text->size >= 4 && memcmp(text->data, "PAR1", 4) == 0) return refuse_parquet(name, error);
    if (text->size > 0) return SEINE_OK;
    return seine_fail(error, *is_part ? SEINE_E_LIMIT : SEINE_E_FORMAT, "%s: %s", name,
                      *is_part ? "its first line is too long to be one of positions" : "it is empty");
}

/* All of it is UTF-8 from here on. */
static seine_status decode(seine_sample *sample, const char *name, seine_buf *text, seine_buf *utf8, seine_str *plain,
                           seine_error *error) {
    *plain = seine_buf_str(text);
    if (plain->size >= 3 && memcmp(plain->data, "\xEF\xBB\xBF", 3) == 0)
        *plain = (seine_str){plain->data + 3, plain->size - 3};
    sample->is_latin1 = !seine_str_is_utf8(*plain);
    if (!sample->is_latin1) return SEINE_OK;
    if (seine_field_of_latin1(*plain, utf8) != SEINE_OK) return seine_no_memory(error, name);
    *plain = seine_buf_str(utf8);
    return SEINE_OK;
}

seine_status seine_sample_read(const char *path, size_t most_rows, seine_sample *sample, seine_error *error) {
    const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
    seine_str plain;
    seine_buf text SEINE_OWNED(seine_buf_free), utf8 SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, SEINE_SAMPLE_BYTES);
    seine_buf_init(&utf8, 2 * SEINE_SAMPLE_BYTES);
    if (seine_time_forms_make(&sample->arena, &sample->forms) != SEINE_OK) return seine_no_memory(error, name);
    SEINE_TRY(read_text(path, name, &text, &sample->is_part, error));
    SEINE_TRY(decode(sample, name, &text, &utf8, &plain, error));
    const seine_str start = seine_str_trim(plain);
    sample->is_json = start.size > 0 && (start.data[0] == '{' || start.data[0] == '[');
    const seine_status status = (sample->is_json ? take_json : take_csv)(sample, plain, name, most_rows, error);
    if (status == SEINE_E_NOMEM) return seine_no_memory(error, name);
    SEINE_TRY(status);
    if (sample->rows > 0) return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT, "%s: there is not one row of values", name);
}
