#include "decode/csv_objects.h"

#include "base/number.h"
#include "base/try.h"

typedef enum column_kind { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_BOOLEAN } column_kind;

static seine_str without_prefix(seine_str name) {
    static const char *const prefixes[] = {"gap_start_", "gap_end_", "start_", "end_"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        const size_t size = strlen(prefixes[i]);
        if (name.size > size && memcmp(name.data, prefixes[i], size) == 0) {
            return (seine_str){name.data + size, name.size - size};
        }
    }
    return name;
}

static column_kind kind_of(seine_str name) {
    static const char *const numbers[] = {"timestamp",
                                          "lat",
                                          "lon",
                                          "distance_from_shore_m",
                                          "distance_from_port_m",
                                          "speed",
                                          "course",
                                          "heading",
                                          "version",
                                          "gap_version",
                                          "distance_m",
                                          "duration_h",
                                          "implied_speed_knots",
                                          "positions_hours_before",
                                          "positions_hours_before_ter",
                                          "positions_hours_before_sat",
                                          "positions_hours_before_dyn"};
    if (seine_str_equal(name, SEINE_STR("is_closed"))) return COLUMN_BOOLEAN;
    const seine_str bare = without_prefix(name);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (seine_str_equal(bare, seine_str_of(numbers[i]))) return COLUMN_NUMBER;
    }
    return COLUMN_TEXT;
}

static seine_status take_header(seine_csv_objects *rows, seine_error *error) {
    const seine_csv_record *record = &rows->record;
    if (record->raw.data == NULL) return seine_fail(error, SEINE_E_FORMAT, "%s: no header line", rows->name);
    if (record->field_count > SEINE_CSV_FIELDS) {
        return seine_fail(error, SEINE_E_FORMAT, "%s: %zu columns, at most %d are read", rows->name,
                          record->field_count, SEINE_CSV_FIELDS);
    }
    for (; rows->count < record->field_count; rows->count++) {
        const seine_str field = seine_str_trim(record->field[rows->count]);
        seine_str *column = &rows->column[rows->count];
        *column = (seine_str){seine_arena_copy(&rows->arena, field.data, field.size), field.size};
        if (column->data == NULL ||
            seine_json_member(&rows->arena, rows->count, field, &rows->key[rows->count]) != SEINE_OK)
            return seine_fail(error, SEINE_E_NOMEM, "%s: out of memory", rows->name);
        rows->kind[rows->count] = (uint8_t)kind_of(field);
    }
    return SEINE_OK;
}

static const char *skip_digits(const char *p, const char *end) {
    while (p < end && *p >= '0' && *p <= '9') p++;
    return p;
}

/* Digits with a point between them, maybe: most numbers of a CSV file are JSON as they stand. */
static bool is_plain_number(seine_str field) {
    const char *p = field.data, *end = field.data + field.size;
    if (*p == '-') p++;
    const char *whole = p;
    p = skip_digits(p, end);
    if (p == whole || (*whole == '0' && p > whole + 1)) return false;
    if (p == end) return true;
    return *p == '.' && p + 1 < end && skip_digits(p + 1, end) == end;
}

/* Whole numbers stay whole; anything that is no number stays text, and its reader says what is wrong with it. */
static void put_number(seine_json_writer *w, seine_str field) {
    int64_t whole = 0;
    double number = 0;
    if (is_plain_number(field))
        w->status = seine_buf_append(w->out, field.data, field.size);
    else if (seine_integer_parse(field, &whole))
        seine_json_put_int(w, whole);
    else if (seine_number_parse(field, &number))
        seine_json_put_number(w, number);
    else
        seine_json_put_text(w, field);
}

static void put_field(seine_json_writer *w, column_kind kind, seine_str field) {
    if (kind != COLUMN_TEXT) field = seine_str_trim(field);
    if (field.size == 0)
        seine_json_put_null(w);
    else if (kind == COLUMN_NUMBER)
        put_number(w, field);
    else if (kind == COLUMN_BOOLEAN)
        seine_json_put_bool(w, seine_str_equal_nocase(field, SEINE_STR("true")));
    else
        seine_json_put_text(w, field);
}

seine_status seine_csv_objects_value(const seine_csv_objects *rows, size_t field, seine_buf *json) {
    seine_json_writer w = seine_json_writer_to(json);
    put_field(&w, (column_kind)rows->kind[field], rows->record.field[field]);
    return w.status;
}

seine_status seine_csv_objects_put(const seine_csv_objects *rows, seine_buf *json) {
    for (size_t i = 0; i < rows->count; i++) {
        SEINE_TRY(seine_buf_append(json, rows->key[i].data, rows->key[i].size));
        SEINE_TRY(seine_csv_objects_value(rows, i, json));
    }
    return seine_buf_append(json, "}", 1);
}

seine_status seine_csv_objects_again(seine_csv_objects *rows, seine_str raw) {
    rows->row = 0;
    return seine_csv_next(&raw, ',', &rows->scratch, &rows->record);
}

static seine_status next_record(seine_csv_objects *rows, seine_error *error) {
    const seine_status status = seine_csv_next(&rows->rest, ',', &rows->scratch, &rows->record);
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "%s: out of memory", rows->name);
}

seine_status seine_csv_objects_next(seine_csv_objects *rows, seine_error *error) {
    SEINE_TRY(next_record(rows, error));
    if (rows->record.raw.data == NULL) return SEINE_OK;
    rows->row++;
    if (rows->record.field_count == rows->count) return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT, "%s row %zu: %zu fields, the header has %zu", rows->name, rows->row,
                      rows->record.field_count, rows->count);
}

seine_status seine_csv_objects_open(seine_csv_objects *rows, seine_str text, const char *name, seine_error *error) {
    *rows = (seine_csv_objects){.name = name, .rest = text};
    seine_buf_init(&rows->scratch, SIZE_MAX / 2);
    if (text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0)
        rows->rest = (seine_str){text.data + 3, text.size - 3};
    SEINE_TRY(next_record(rows, error));
    return take_header(rows, error);
}

void seine_csv_objects_close(seine_csv_objects *rows) {
    seine_buf_free(&rows->scratch);
    seine_arena_free(&rows->arena);
}
