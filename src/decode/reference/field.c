/* From the texts of a record to cells: every rule that can refuse a row stands here. */
#include "base/json.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "columns/region.h"
#include "decode/reference/reading.h"

#include <math.h>
#include <stdint.h>

/* Numbers up to here are seconds since 1970 (to the year 5138), greater ones milliseconds. */
#define SECONDS_MAX 1e11
#define YEAR_10000_US INT64_C(253402300800000000)
#define YEAR_1_US INT64_C(-62135596800000000)
#define WKT_MAX_BYTES ((size_t)256 << 20)

/* Fields, in the order of kind.c. */
enum { PORT_ID, PORT_NAME, PORT_LAT, PORT_LON, PORT_COUNTRY, PORT_UNLOCODE };
enum { WEATHER_LAT, WEATHER_LON, WEATHER_TIME, WEATHER_TEMPERATURE, WEATHER_WIND };
enum { REGION_LAYER, REGION_ID, REGION_NAME, REGION_GEOMETRY };
enum { DISTANCE_LAT, DISTANCE_LON, DISTANCE_SHORE, DISTANCE_PORT, DISTANCE_GRIDCODE };

typedef seine_reference_reading row;

int32_t seine_reference_round(double degrees) {
    const double whole = trunc(degrees);
    if (fabs(degrees - whole) < 0.5) return (int32_t)whole;
    return (int32_t)whole + (degrees < 0 ? -1 : 1);
}

/* ---- texts ---- */

/* The trimmed text of a field; data NULL when there is none. */
static seine_str text_of(const row *r, size_t field) {
    const size_t column = r->columns->of[field];
    if (r->columns->fixed[field].data != NULL) return r->columns->fixed[field];
    if (column == SIZE_MAX || r->record->values[column].data == NULL) return (seine_str){NULL, 0};
    const seine_str text = seine_str_trim(r->record->values[column]);
    return text.size > 0 ? text : (seine_str){NULL, 0};
}

bool seine_reference_is_clean(seine_str text) {
    return (text.size == 0 || memchr(text.data, '\0', text.size) == NULL) && seine_str_is_utf8(text);
}

/* What a reason may quote: long values are told by their beginning, without cutting a character. */
static seine_str shown(seine_str text) {
    if (!seine_reference_is_clean(text)) return SEINE_STR("(not UTF-8)");
    if (text.size > 40) text.size = 40;
    while (!seine_str_is_utf8(text)) text.size--;
    return text;
}

void seine_reference_refuse(row *r, const char *reason) {
    if (r->reason == NULL) r->reason = reason;
    if (reason == NULL) r->is_out_of_memory = true;
}

static seine_cell copied(row *r, seine_str text) {
    if (text.data == NULL) return seine_cell_null();
    if (!seine_reference_is_clean(text)) {
        seine_reference_refuse(r, "encoding: a text is not UTF-8");
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
        seine_reference_refuse(r, seine_arena_printf(r->arena, "position: no %s", what));
    else if (!seine_number_parse(text, &value))
        seine_reference_refuse(
            r, seine_arena_printf(r->arena, "position: %s %.*s is not a number", what, SEINE_STR_ARG(shown(text))));
    else if (!(fabs(value) <= most))
        seine_reference_refuse(r, seine_arena_printf(r->arena, "position: %s %.*s is outside [-%.0f, %.0f]", what,
                                                     SEINE_STR_ARG(shown(text)), most, most));
    return value == 0 ? 0 : value; /* no -0 */
}

static seine_cell measure_of(row *r, size_t field, const char *what, double least) {
    const seine_str text = text_of(r, field);
    double value = NAN;
    if (text.data == NULL || seine_str_equal_nocase(text, SEINE_STR("nan"))) return seine_cell_null();
    if (!seine_number_parse(text, &value))
        seine_reference_refuse(
            r, seine_arena_printf(r->arena, "value: %s %.*s is not a number", what, SEINE_STR_ARG(shown(text))));
    else if (!(fabs(value) <= 1e9 && value >= least))
        seine_reference_refuse(
            r, seine_arena_printf(r->arena, "value: %s %.*s is not possible", what, SEINE_STR_ARG(shown(text))));
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
    seine_reference_refuse(r, seine_arena_printf(r->arena, "time: %.*s is no time", SEINE_STR_ARG(shown(text))));
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

void seine_reference_make_port(row *r, seine_cell *cells) {
    cells[PORT_NAME] = copied(r, text_of(r, PORT_NAME));
    if (cells[PORT_NAME].is_null) seine_reference_refuse(r, "name: is empty");
    cells[PORT_LAT] = seine_cell_number(degrees_of(r, PORT_LAT, "latitude", 90));
    cells[PORT_LON] = seine_cell_number(degrees_of(r, PORT_LON, "longitude", 180));
    cells[PORT_COUNTRY] = copied(r, text_of(r, PORT_COUNTRY));
    cells[PORT_UNLOCODE] = unlocode_of(r);
    cells[PORT_ID] = copied(r, text_of(r, PORT_ID));
    if (r->reason == NULL && !r->is_out_of_memory && cells[PORT_ID].is_null) cells[PORT_ID] = derived_id(r, cells);
}

/* ---- weather ---- */

void seine_reference_make_weather(row *r, seine_cell *cells) {
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
        seine_reference_refuse(r, "value: neither temperature nor wind speed");
}

/* ---- regions ---- */

static seine_status add_ring(seine_json_value ring, seine_arena *arena, seine_region *region) {
    seine_json_iter it = {0};
    while (seine_json_next(ring, &it))
        SEINE_TRY(seine_region_add_point(region, arena, seine_json_number(seine_json_at(it.value, 0), NAN),
                                         seine_json_number(seine_json_at(it.value, 1), NAN)));
    return seine_region_end_ring(region, arena);
}

static seine_status add_polygon(seine_json_value rings, seine_arena *arena, seine_region *region) {
    seine_json_iter it = {0};
    while (seine_json_next(rings, &it)) SEINE_TRY(add_ring(it.value, arena, region));
    return seine_region_end_polygon(region, arena);
}

/* A geometry of GeoJSON. @return E_FORMAT: it is no polygon. */
static seine_status read_geojson(seine_str text, seine_arena *arena, seine_region *region) {
    seine_json *json SEINE_OWNED(seine_json_free_owned) = NULL;
    const seine_status parsed = seine_json_parse(text, "", &json, NULL);
    if (parsed != SEINE_OK) return parsed == SEINE_E_NOMEM ? parsed : SEINE_E_FORMAT;
    const seine_json_value root = seine_json_root(json), coordinates = seine_json_get(root, "coordinates");
    const seine_str kind = seine_json_text(seine_json_get(root, "type"));
    if (seine_str_equal(kind, SEINE_STR("Polygon"))) return add_polygon(coordinates, arena, region);
    if (!seine_str_equal(kind, SEINE_STR("MultiPolygon"))) return SEINE_E_FORMAT;
    seine_json_iter it = {0};
    while (seine_json_next(coordinates, &it)) SEINE_TRY(add_polygon(it.value, arena, region));
    return SEINE_OK;
}

static seine_cell geometry_of(row *r, const seine_region *region) {
    seine_buf wkt SEINE_OWNED(seine_buf_free);
    seine_buf_init(&wkt, WKT_MAX_BYTES);
    const seine_status status = seine_region_put(region, &wkt);
    if (status == SEINE_E_LIMIT) {
        seine_reference_refuse(r, "geometry: it is larger than 256 MiB");
        return seine_cell_null();
    }
    const char *text = status == SEINE_OK ? seine_arena_copy(r->arena, wkt.data, wkt.size) : NULL;
    if (text == NULL) r->is_out_of_memory = true;
    return seine_cell_text((seine_str){text, wkt.size});
}

/* Whatever way a polygon is written, it is kept in one. */
void seine_reference_make_region(row *r, seine_cell *cells) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_region region = {0};
    const seine_str text = text_of(r, REGION_GEOMETRY);
    cells[REGION_GEOMETRY] = seine_cell_null();
    if (text.data == NULL) {
        seine_reference_refuse(r, "geometry: no geometry");
        return;
    }
    const seine_status status =
        *text.data == '{' ? read_geojson(text, &arena, &region) : seine_region_read(text, &arena, &region);
    if (status == SEINE_E_NOMEM) r->is_out_of_memory = true;
    if (status == SEINE_E_FORMAT)
        seine_reference_refuse(
            r, seine_arena_printf(r->arena, "geometry: %.*s is no polygon", SEINE_STR_ARG(shown(text))));
    else if (status != SEINE_OK)
        seine_reference_refuse(r, "geometry: it has too many corners");
    else if (seine_region_fault(&region) != NULL)
        seine_reference_refuse(r, seine_arena_printf(r->arena, "geometry: %s", seine_region_fault(&region)));
    else
        cells[REGION_GEOMETRY] = geometry_of(r, &region);
}

/* ---- distances ---- */

/* Hundredths of a degree, floored; nine decimals count, as in decimals of SQL (SPEC 4.5.8). */
static int64_t hundredths(double degrees) { return seine_floor_div((int64_t)rint(degrees * 1e9), 10000000); }

/* `lon:+001.23_lat:-045.67` */
static bool parse_gridcode(seine_str text, double *lat, double *lon) {
    const char *middle = text.size > 4 ? memchr(text.data, '_', text.size) : NULL;
    if (middle == NULL || memcmp(text.data, "lon:", 4) != 0) return false;
    const seine_str east = {text.data + 4, (size_t)(middle - text.data) - 4};
    const seine_str north = {middle + 1, text.size - (size_t)(middle + 1 - text.data)};
    return north.size > 4 && memcmp(north.data, "lat:", 4) == 0 && seine_number_parse(east, lon) &&
           seine_number_parse((seine_str){north.data + 4, north.size - 4}, lat) && fabs(*lat) <= 90 &&
           fabs(*lon) <= 180;
}

void seine_reference_make_distance(row *r, seine_cell *cells) {
    const seine_str code = text_of(r, DISTANCE_GRIDCODE);
    double lat = 0, lon = 0;
    if (code.data == NULL) {
        lat = degrees_of(r, DISTANCE_LAT, "latitude", 90);
        lon = degrees_of(r, DISTANCE_LON, "longitude", 180);
    } else if (!parse_gridcode(code, &lat, &lon)) {
        seine_reference_refuse(
            r, seine_arena_printf(r->arena, "position: gridcode %.*s is none", SEINE_STR_ARG(shown(code))));
    }
    if (r->reason != NULL) return;
    cells[DISTANCE_LAT] = seine_cell_integer(hundredths(lat));
    cells[DISTANCE_LON] = seine_cell_integer(hundredths(lon));
    if (cells[DISTANCE_SHORE].is_null && cells[DISTANCE_PORT].is_null)
        seine_reference_refuse(r, "value: neither a distance from shore nor from port");
}

/* ---- fields by rule ---- */

static seine_cell flag_of(row *r, size_t field, const char *what) {
    static const char *const words[] = {"true", "false", "t", "f", "yes", "no", "y", "n", "1", "0", "1.0", "0.0"};
    const seine_str text = text_of(r, field);
    if (text.data == NULL) return seine_cell_null();
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (seine_str_equal_nocase(text, seine_str_of(words[i]))) return seine_cell_integer(i % 2 == 0);
    seine_reference_refuse(
        r, seine_arena_printf(r->arena, "value: %s %.*s is neither true nor false", what, SEINE_STR_ARG(shown(text))));
    return seine_cell_null();
}

static seine_cell integer_of(row *r, size_t field, const char *what) {
    const seine_str text = text_of(r, field);
    int64_t value = 0;
    if (text.data == NULL) return seine_cell_null();
    if (!seine_integer_parse(text, &value) || value < 0 || value > INT32_MAX)
        seine_reference_refuse(r, seine_arena_printf(r->arena, "value: %s %.*s is no whole number of 0 or more", what,
                                                     SEINE_STR_ARG(shown(text))));
    return seine_cell_integer(value);
}

static seine_cell date_of(row *r, size_t field) {
    const seine_cell time = time_of(r, field);
    return time.is_null ? time : seine_cell_integer(seine_floor_div(time.as.integer, SEINE_DAY_US));
}

seine_cell seine_reference_cell(row *r, size_t i, seine_reference_rule rule, const char *name) {
    switch (rule) {
    case SEINE_RULE_TEXT: return copied(r, text_of(r, i));
    case SEINE_RULE_INTEGER: return integer_of(r, i, name);
    case SEINE_RULE_NUMBER: return measure_of(r, i, name, 0);
    case SEINE_RULE_FLAG: return flag_of(r, i, name);
    case SEINE_RULE_TIME: return time_of(r, i);
    case SEINE_RULE_DATE: return date_of(r, i);
    case SEINE_RULE_OWN: break;
    }
    return seine_cell_null();
}
