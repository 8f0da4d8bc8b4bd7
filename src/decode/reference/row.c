/* From the texts of a record to the cells of a row: every rule that can refuse one stands here. */
#include "base/json.h"
#include "base/number.h"
#include "base/time.h"
#include "decode/reference/reference.h"

#include <math.h>
#include <stdint.h>

/* Numbers up to here are seconds since 1970 (to the year 5138), greater ones milliseconds. */
#define SECONDS_MAX 1e11
#define YEAR_10000_US INT64_C(253402300800000000)
#define YEAR_1_US INT64_C(-62135596800000000)

/* Fields, in the order of guess.c. */
enum { PORT_ID, PORT_NAME, PORT_LAT, PORT_LON, PORT_COUNTRY, PORT_UNLOCODE, PORT_FIELDS };
enum { WEATHER_LAT, WEATHER_LON, WEATHER_TIME, WEATHER_TEMPERATURE, WEATHER_WIND, WEATHER_FIELDS };

typedef struct row {
    const seine_reference_columns *columns;
    const seine_reference_record *record;
    seine_arena *arena;
    const char *reason; /* the first one */
    bool is_out_of_memory;
} row;

size_t seine_reference_cells(seine_reference_kind kind) {
    return kind == SEINE_REFERENCE_PORTS ? PORT_FIELDS : WEATHER_FIELDS;
}

int32_t seine_reference_round(double degrees) {
    const double whole = trunc(degrees);
    if (fabs(degrees - whole) < 0.5) return (int32_t)whole;
    return (int32_t)whole + (degrees < 0 ? -1 : 1);
}

/* ---- texts ---- */

/* The trimmed text of a field; data NULL when there is none. */
static seine_str text_of(const row *r, size_t field) {
    const size_t column = r->columns->of[field];
    if (column == SIZE_MAX || r->record->values[column].data == NULL) return (seine_str){NULL, 0};
    const seine_str text = seine_str_trim(r->record->values[column]);
    return text.size > 0 ? text : (seine_str){NULL, 0};
}

static bool is_clean(seine_str text) {
    return (text.size == 0 || memchr(text.data, '\0', text.size) == NULL) && seine_str_is_utf8(text);
}

/* What a reason may quote: long values are told by their beginning, without cutting a character. */
static seine_str shown(seine_str text) {
    if (!is_clean(text)) return SEINE_STR("(not UTF-8)");
    if (text.size > 40) text.size = 40;
    while (!seine_str_is_utf8(text)) text.size--;
    return text;
}

static void refuse(row *r, const char *reason) {
    if (r->reason == NULL) r->reason = reason;
    if (reason == NULL) r->is_out_of_memory = true;
}

static seine_cell copied(row *r, seine_str text) {
    if (text.data == NULL) return seine_cell_null();
    if (!is_clean(text)) {
        refuse(r, "encoding: a text is not UTF-8");
        return seine_cell_null();
    }
    const char *copy = seine_arena_copy(r->arena, text.data, text.size);
    if (copy == NULL) r->is_out_of_memory = true;
    return seine_cell_text((seine_str){copy, text.size});
}

/* ---- numbers ---- */

static double degrees_of(row *r, size_t field, const char *what, double most) {
    const seine_str text = text_of(r, field);
    double value = NAN;
    if (text.data == NULL)
        refuse(r, seine_arena_printf(r->arena, "position: no %s", what));
    else if (!seine_number_parse(text, &value))
        refuse(r, seine_arena_printf(r->arena, "position: %s %.*s is not a number", what, SEINE_STR_ARG(shown(text))));
    else if (!(fabs(value) <= most))
        refuse(r, seine_arena_printf(r->arena, "position: %s %.*s is outside [-%.0f, %.0f]", what,
                                     SEINE_STR_ARG(shown(text)), most, most));
    return value == 0 ? 0 : value; /* no -0 */
}

static seine_cell measure_of(row *r, size_t field, const char *what, double least) {
    const seine_str text = text_of(r, field);
    double value = NAN;
    if (text.data == NULL || seine_str_equal_nocase(text, SEINE_STR("nan"))) return seine_cell_null();
    if (!seine_number_parse(text, &value))
        refuse(r, seine_arena_printf(r->arena, "value: %s %.*s is not a number", what, SEINE_STR_ARG(shown(text))));
    else if (!(fabs(value) <= 1e9 && value >= least))
        refuse(r, seine_arena_printf(r->arena, "value: %s %.*s is not possible", what, SEINE_STR_ARG(shown(text))));
    return seine_cell_number(value == 0 ? 0 : value);
}

static seine_cell time_of(row *r, size_t field) {
    const seine_str text = text_of(r, field);
    int64_t time_us = 0;
    double number;
    if (text.data == NULL) return seine_cell_null();
    if (seine_time_parse(text, &time_us)) return seine_cell_integer(time_us);
    if (seine_number_parse(text, &number)) {
        const double time = number * (fabs(number) <= SECONDS_MAX ? 1e6 : 1e3);
        if (time >= (double)YEAR_1_US && time < (double)YEAR_10000_US) return seine_cell_integer((int64_t)rint(time));
    }
    refuse(r, seine_arena_printf(r->arena, "time: %.*s is no time", SEINE_STR_ARG(shown(text))));
    return seine_cell_null();
}

/* ---- ports ---- */

/* Two letters and three letters or digits; a blank or sign between them is left out. */
static bool is_unlocode(seine_str text) {
    if (text.size != 5) return false;
    for (size_t i = 0; i < 5; i++) {
        const char c = text.data[i];
        const bool is_letter = c >= 'A' && c <= 'Z';
        if (!is_letter && (i < 2 || c < '2' || c > '9')) return false;
    }
    return true;
}

static seine_cell unlocode_of(row *r) {
    const seine_str text = text_of(r, PORT_UNLOCODE);
    char room[8];
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        const char c = text.data[i];
        if (c == ' ' || c == '-' || c == '/') continue;
        if (size == sizeof room) return seine_cell_null();
        room[size++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    const seine_str code = {room, size};
    return is_unlocode(code) ? copied(r, code) : seine_cell_null();
}

static seine_cell derived_id(row *r, const seine_cell *cells) {
    if (!cells[PORT_UNLOCODE].is_null) return cells[PORT_UNLOCODE];
    const seine_str name = cells[PORT_NAME].as.text;
    const seine_str country = cells[PORT_COUNTRY].is_null ? SEINE_STR("") : cells[PORT_COUNTRY].as.text;
    const char *id = seine_arena_printf(r->arena, "%.*s/%.*s/%.2f/%.2f", SEINE_STR_ARG(name), SEINE_STR_ARG(country),
                                        cells[PORT_LAT].as.number, cells[PORT_LON].as.number);
    if (id == NULL) r->is_out_of_memory = true;
    return seine_cell_text(seine_str_of(id));
}

static void make_port(row *r, seine_cell *cells) {
    cells[PORT_NAME] = copied(r, text_of(r, PORT_NAME));
    if (cells[PORT_NAME].is_null) refuse(r, "name: is empty");
    cells[PORT_LAT] = seine_cell_number(degrees_of(r, PORT_LAT, "latitude", 90));
    cells[PORT_LON] = seine_cell_number(degrees_of(r, PORT_LON, "longitude", 180));
    cells[PORT_COUNTRY] = copied(r, text_of(r, PORT_COUNTRY));
    cells[PORT_UNLOCODE] = unlocode_of(r);
    cells[PORT_ID] = copied(r, text_of(r, PORT_ID));
    if (r->reason == NULL && !r->is_out_of_memory && cells[PORT_ID].is_null) cells[PORT_ID] = derived_id(r, cells);
}

/* ---- weather ---- */

static void make_weather(row *r, seine_cell *cells) {
    const double lat_deg = degrees_of(r, WEATHER_LAT, "latitude", 90);
    const double lon_deg = degrees_of(r, WEATHER_LON, "longitude", 180);
    if (r->reason == NULL) {
        cells[WEATHER_LAT] = seine_cell_integer(seine_reference_round(lat_deg));
        cells[WEATHER_LON] = seine_cell_integer(seine_reference_round(lon_deg));
    }
    cells[WEATHER_TIME] = time_of(r, WEATHER_TIME);
    cells[WEATHER_TEMPERATURE] = measure_of(r, WEATHER_TEMPERATURE, "temperature", -1e9);
    cells[WEATHER_WIND] = measure_of(r, WEATHER_WIND, "wind speed", 0);
    if (cells[WEATHER_TEMPERATURE].is_null && cells[WEATHER_WIND].is_null)
        refuse(r, "value: neither temperature nor wind speed");
}

/* ---- rows ---- */

seine_status seine_reference_row(seine_reference_kind kind, const seine_reference_columns *columns,
                                 const seine_reference_record *record, seine_arena *arena, seine_cell *cells,
                                 const char **reason) {
    row r = {columns, record, arena, record->fault, false};
    if (r.reason == NULL) {
        if (kind == SEINE_REFERENCE_PORTS)
            make_port(&r, cells);
        else
            make_weather(&r, cells);
    }
    *reason = r.reason;
    return r.is_out_of_memory ? SEINE_E_NOMEM : SEINE_OK;
}

/* A number or word stands without quotes only in JSON text of the file's own; values of columns are texts. */
static void put_values(seine_json_writer *w, const seine_reference_record *record, const seine_str *names,
                       size_t name_count) {
    seine_json_begin_object(w);
    for (size_t i = 0; record->values != NULL && i < name_count; i++) {
        if (record->values[i].data == NULL) continue;
        seine_json_key(w, names[i]);
        seine_json_put_text(w, record->values[i]);
    }
    seine_json_end_object(w);
}

/* Every byte that is not of a character, and NUL, becomes U+FFFD. */
static seine_status put_clean(seine_str text, seine_buf *out) {
    if (is_clean(text)) return seine_buf_append(out, text.data, text.size);
    for (size_t i = 0; i < text.size;) {
        size_t size = 1;
        while (size <= 4 && i + size <= text.size && !is_clean((seine_str){text.data + i, size})) size++;
        const bool is_character = size <= 4 && i + size <= text.size;
        const seine_status status =
            is_character ? seine_buf_append(out, text.data + i, size) : seine_buf_append(out, "\xEF\xBF\xBD", 3);
        if (status != SEINE_OK) return status;
        i += is_character ? size : 1;
    }
    return SEINE_OK;
}

seine_status seine_reference_raw(const seine_reference_record *record, const seine_str *names, size_t name_count,
                                 seine_buf *out) {
    if (record->raw.data != NULL) return put_clean(record->raw, out);
    seine_json_writer w = seine_json_writer_to(out);
    if (record->json != NULL)
        seine_json_put_value(&w, record->json);
    else
        put_values(&w, record, names, name_count);
    return w.status;
}
