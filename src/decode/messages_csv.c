/* CSV → the JSON text of decode/messages.h. */
#include "decode/csv.h"
#include "decode/messages.h"

#include "base/json.h"
#include "base/number.h"
#include "base/try.h"

typedef enum column_kind { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_BOOLEAN } column_kind;

typedef struct csv_columns {
    seine_arena arena;
    seine_str key[SEINE_CSV_FIELDS]; /* as JSON */
    column_kind kind[SEINE_CSV_FIELDS];
    size_t count;
} csv_columns;

seine_status seine_messages_key(seine_arena *arena, size_t column, seine_str name, seine_str *key) {
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, SIZE_MAX / 2);
    seine_json_writer w = seine_json_writer_to(&text);
    w.needs_comma = column > 0;
    if (column == 0) w.status = seine_buf_append(&text, "{", 1);
    seine_json_key(&w, name);
    SEINE_TRY(w.status);
    *key = (seine_str){seine_arena_copy(arena, text.data, text.size), text.size};
    return key->data != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

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

static seine_status take_header(const seine_csv_record *record, const char *name, csv_columns *columns,
                                seine_error *error) {
    if (record->raw.data == NULL) return seine_fail(error, SEINE_E_FORMAT, "%s: no header line", name);
    if (record->field_count > SEINE_CSV_FIELDS) {
        return seine_fail(error, SEINE_E_FORMAT, "%s: %zu columns, at most %d are read", name, record->field_count,
                          SEINE_CSV_FIELDS);
    }
    columns->count = record->field_count;
    for (size_t i = 0; i < columns->count; i++) {
        const seine_str field = seine_str_trim(record->field[i]);
        const seine_status status = seine_messages_key(&columns->arena, i, field, &columns->key[i]);
        if (status != SEINE_OK) return seine_fail(error, status, "%s: out of memory", name);
        columns->kind[i] = kind_of(field);
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

static seine_status put_record(const csv_columns *columns, const seine_csv_record *record, seine_buf *json) {
    seine_json_writer w = seine_json_writer_to(json);
    for (size_t i = 0; i < columns->count && w.status == SEINE_OK; i++) {
        w.status = seine_buf_append(json, columns->key[i].data, columns->key[i].size);
        w.needs_comma = false;
        if (w.status == SEINE_OK) put_field(&w, columns->kind[i], record->field[i]);
    }
    return w.status == SEINE_OK ? seine_buf_append(json, "}\n", 2) : w.status;
}

static seine_status put_records(seine_str csv, const char *name, csv_columns *columns, seine_buf *scratch,
                                seine_buf *json, seine_pace *pace, seine_error *error) {
    seine_csv_record record;
    seine_status status = seine_csv_next(&csv, ',', scratch, &record);
    if (status == SEINE_OK) status = take_header(&record, name, columns, error);
    for (size_t row = 1; status == SEINE_OK; row++) {
        status = seine_csv_next(&csv, ',', scratch, &record);
        if (status != SEINE_OK || record.raw.data == NULL) break;
        if (record.field_count != columns->count) {
            return seine_fail(error, SEINE_E_FORMAT, "%s row %zu: %zu fields, the header has %zu", name, row,
                              record.field_count, columns->count);
        }
        status = put_record(columns, &record, json);
        if (!seine_pace_go(pace, columns->count)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
    }
    if (status == SEINE_E_LIMIT)
        return seine_fail(error, status, "%s: more than %zu bytes of messages", name, json->max);
    if (status == SEINE_E_NOMEM) return seine_fail(error, status, "%s: out of memory", name);
    return status;
}

seine_status seine_messages_json_of_csv(seine_str csv, const char *name, seine_buf *json, seine_pace *pace,
                                        seine_error *error) {
    csv_columns columns = {.count = 0};
    seine_buf scratch;
    seine_buf_init(&scratch, SIZE_MAX / 2);
    if (csv.size >= 3 && memcmp(csv.data, "\xEF\xBB\xBF", 3) == 0) csv = (seine_str){csv.data + 3, csv.size - 3};
    const seine_status status = put_records(csv, name, &columns, &scratch, json, pace, error);
    seine_buf_free(&scratch);
    seine_arena_free(&columns.arena);
    return status;
}
