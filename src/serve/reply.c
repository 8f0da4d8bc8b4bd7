/* Rows in the five formats. */
#include "serve/reply.h"

#include "base/number.h"
#include "base/quote.h"
#include "base/time.h"
#include "base/try.h"
#include "io/file.h"
#include "parquet/writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Columns that make the place of a row; SIZE_MAX = none. */
typedef struct places {
    size_t lat, lon, end_lat, end_lon;
} places;

struct seine_reply {
    seine_call *call;
    const seine_route *route;
    seine_format format;
    seine_json_writer *json; /* the answer's (JSON) */
    seine_json_writer rows;  /* NDJSON, GeoJSON */
    places places;
    size_t row_count;
    /* Parquet */
    seine_table_schema schema;
    seine_parquet_writer *parquet;
    const char *path;
};

static size_t find_field(const seine_call *call, const char *name) {
    for (size_t i = 0; i < call->field_count; i++)
        if (strcmp(call->fields[i].name, name) == 0) return i;
    return SIZE_MAX;
}

static size_t find_either(const seine_call *call, const char *first, const char *second) {
    const size_t index = find_field(call, first);
    return index != SIZE_MAX ? index : find_field(call, second);
}

/* ---- Parquet ---- */

static seine_status begin_parquet(seine_reply *r, seine_error *error) {
    seine_arena *arena = &r->call->arena;
    seine_column *columns = SEINE_ARENA_ARRAY(arena, seine_column, r->call->field_count);
    if (columns == NULL) return seine_no_memory(error, "answer");
    for (size_t i = 0; i < r->call->field_count; i++) {
        const seine_field *field = &r->call->fields[i];
        columns[i] = (seine_column){(int)i + 1, field->name, field->type, false, false, "", field->doc};
    }
    r->schema = (seine_table_schema){
        .name = r->route->name, .doc = r->route->summary, .columns = columns, .column_count = r->call->field_count};
    r->path = seine_file_temp_name(arena, seine_file_join(arena, r->call->temp_folder, "answer.parquet"));
    if (r->path == NULL) return seine_no_memory(error, "answer");
    return seine_parquet_open(r->path, &r->schema, &r->parquet, error);
}

static seine_status put_parquet(seine_reply *r, const seine_rows *rows, size_t first, size_t count,
                                seine_error *error) {
    /* Batches of the engine begin at their first row, and pages cut only their end. */
    if (first != 0) return seine_fail(error, SEINE_E_INTERNAL, "rows of a Parquet answer begin inside of a batch");
    const seine_rows taken = {count, r->call->field_count, rows->columns};
    return seine_parquet_write(r->parquet, &taken, error);
}

static seine_status end_parquet(seine_reply *r, seine_error *error) {
    seine_data_file file;
    SEINE_TRY(seine_parquet_finish(SEINE_TAKE(r->parquet), &r->call->arena, &file, error));
    const seine_status status = seine_file_read(r->path, &r->call->body, error);
    const seine_status removed = seine_file_remove(r->path, status == SEINE_OK ? error : NULL);
    return status == SEINE_OK ? removed : status;
}

/* ---- CSV ---- */

static seine_status put_csv_cell(seine_buf *out, const seine_rows *rows, size_t column, size_t row) {
    char text[40];
    if (seine_cell_null(rows, column, row)) return SEINE_OK;
    switch (rows->columns[column].type) {
    case SEINE_TYPE_BOOLEAN:
        return seine_buf_append_str(out, ((const uint8_t *)rows->columns[column].values)[row] ? "true" : "false");
    case SEINE_TYPE_INT: return seine_buf_printf(out, "%d", (int)seine_cell_int(rows, column, row));
    case SEINE_TYPE_LONG: return seine_buf_printf(out, "%lld", (long long)seine_cell_long(rows, column, row));
    case SEINE_TYPE_DOUBLE:
        return seine_buf_append(out, text, seine_number_text(seine_cell_double(rows, column, row), text));
    case SEINE_TYPE_DATE:
        return seine_buf_append(out, text, seine_date_format(seine_cell_int(rows, column, row), text));
    case SEINE_TYPE_TIMESTAMPTZ:
        return seine_buf_append(out, text, seine_time_format(seine_cell_long(rows, column, row), text));
    default: return seine_csv_field(out, seine_cell_text(rows, column, row));
    }
}

static seine_status put_csv_row(seine_reply *r, const seine_rows *rows, size_t row) {
    for (size_t i = 0; i < r->call->field_count; i++) {
        if (i > 0) SEINE_TRY(seine_buf_append(&r->call->body, ",", 1));
        SEINE_TRY(put_csv_cell(&r->call->body, rows, i, row));
    }
    return seine_buf_append(&r->call->body, "\n", 1);
}

static seine_status put_csv_header(seine_reply *r) {
    for (size_t i = 0; i < r->call->field_count; i++)
        SEINE_TRY(seine_buf_printf(&r->call->body, "%s%s", i > 0 ? "," : "", r->call->fields[i].name));
    return seine_buf_append(&r->call->body, "\n", 1);
}

/* ---- JSON and GeoJSON ---- */

static void put_object(const seine_reply *r, seine_json_writer *w, const seine_rows *rows, size_t row) {
    seine_json_begin_object(w);
    for (size_t i = 0; i < r->call->field_count; i++) {
        seine_json_name(w, r->call->fields[i].name);
        seine_json_put_cell(w, rows, i, row);
    }
    seine_json_end_object(w);
}

static void put_position(seine_json_writer *w, double lon, double lat) {
    seine_json_begin_array(w);
    seine_json_put_number(w, lon);
    seine_json_put_number(w, lat);
    seine_json_end_array(w);
}

/* From one place to another; the shorter way may cross 180°, where RFC 7946 wants a line cut in two. */
static void put_line(seine_json_writer *w, double lon, double lat, double end_lon, double end_lat) {
    const bool crosses = fabs(end_lon - lon) > 180;
    seine_json_field_text(w, "type", crosses ? "MultiLineString" : "LineString");
    seine_json_field_array(w, "coordinates");
    if (crosses) {
        const double side = lon > 0 ? 180 : -180;
        const double ahead = end_lon + 2 * side; /* the end on the side of the begin */
        const double cut_lat = ahead != lon ? lat + (end_lat - lat) * (side - lon) / (ahead - lon) : lat;
        seine_json_begin_array(w);
        put_position(w, lon, lat);
        put_position(w, side, cut_lat);
        seine_json_end_array(w);
        seine_json_begin_array(w);
        put_position(w, -side, cut_lat);
        put_position(w, end_lon, end_lat);
        seine_json_end_array(w);
    } else {
        put_position(w, lon, lat);
        put_position(w, end_lon, end_lat);
    }
    seine_json_end_array(w);
}

static void put_geometry(const seine_reply *r, seine_json_writer *w, const seine_rows *rows, size_t row) {
    const places *p = &r->places;
    if (seine_cell_null(rows, p->lat, row) || seine_cell_null(rows, p->lon, row)) {
        seine_json_put_null(w);
        return;
    }
    const double lon = seine_cell_double(rows, p->lon, row), lat = seine_cell_double(rows, p->lat, row);
    const bool has_end =
        p->end_lat != SIZE_MAX && !seine_cell_null(rows, p->end_lat, row) && !seine_cell_null(rows, p->end_lon, row);
    seine_json_begin_object(w);
    if (has_end) {
        put_line(w, lon, lat, seine_cell_double(rows, p->end_lon, row), seine_cell_double(rows, p->end_lat, row));
    } else {
        seine_json_field_text(w, "type", "Point");
        seine_json_name(w, "coordinates");
        put_position(w, lon, lat);
    }
    seine_json_end_object(w);
}

static void put_feature(const seine_reply *r, seine_json_writer *w, const seine_rows *rows, size_t row) {
    seine_json_begin_object(w);
    seine_json_field_text(w, "type", "Feature");
    seine_json_name(w, "geometry");
    put_geometry(r, w, rows, row);
    seine_json_name(w, "properties");
    put_object(r, w, rows, row);
    seine_json_end_object(w);
}

static seine_status begin_geojson(seine_reply *r) {
    r->rows = seine_json_writer_to(&r->call->body);
    seine_json_begin_object(&r->rows);
    seine_json_field_text(&r->rows, "type", "FeatureCollection");
    seine_json_field_array(&r->rows, "features");
    return r->rows.status;
}

/* ---- all ---- */

static seine_status begin(seine_reply *r, seine_error *error) {
    switch (r->format) {
    case SEINE_FORMAT_JSON: seine_json_field_array(r->json, r->route->rows_name); return r->json->status;
    case SEINE_FORMAT_CSV: return put_csv_header(r);
    case SEINE_FORMAT_GEOJSON: return begin_geojson(r);
    case SEINE_FORMAT_PARQUET: return begin_parquet(r, error);
    default: return SEINE_OK;
    }
}

seine_status seine_reply_begin(seine_call *call, seine_json_writer *json, seine_reply **reply, seine_error *error) {
    *reply = NULL;
    seine_reply *r SEINE_OWNED(seine_reply_abort_owned) = calloc(1, sizeof *r);
    if (r == NULL) return seine_no_memory(error, "answer");
    r->call = call;
    r->route = call->request->route;
    r->format = call->request->format;
    r->json = json;
    r->places = (places){find_either(call, "latitude", "start_lat"), find_either(call, "longitude", "start_lon"),
                         find_field(call, "end_lat"), find_field(call, "end_lon")};
    SEINE_TRY(begin(r, error));
    *reply = SEINE_TAKE(r);
    return SEINE_OK;
}

static seine_status put_row(seine_reply *r, const seine_rows *rows, size_t row) {
    seine_json_writer line;
    switch (r->format) {
    case SEINE_FORMAT_JSON: put_object(r, r->json, rows, row); return r->json->status;
    case SEINE_FORMAT_GEOJSON: put_feature(r, &r->rows, rows, row); return r->rows.status;
    case SEINE_FORMAT_CSV: return put_csv_row(r, rows, row);
    default:
        line = seine_json_writer_to(&r->call->body);
        put_object(r, &line, rows, row);
        return line.status == SEINE_OK ? seine_buf_append(&r->call->body, "\n", 1) : line.status;
    }
}

seine_status seine_reply_rows(seine_reply *r, const seine_rows *rows, size_t first, size_t count, seine_error *error) {
    r->row_count += count;
    if (r->format == SEINE_FORMAT_PARQUET) return put_parquet(r, rows, first, count, error);
    for (size_t row = first; row < first + count; row++) {
        const seine_status status = put_row(r, rows, row);
        if (status != SEINE_OK) return seine_fail(error, status, "the answer is too large or memory ran out");
    }
    return SEINE_OK;
}

seine_status seine_reply_end(seine_reply *reply, seine_error *error) {
    seine_reply *r SEINE_OWNED(seine_reply_abort_owned) = reply;
    switch (r->format) {
    case SEINE_FORMAT_JSON: seine_json_end_array(r->json); return r->json->status;
    case SEINE_FORMAT_GEOJSON:
        seine_json_end_array(&r->rows);
        seine_json_end_object(&r->rows);
        return r->rows.status;
    case SEINE_FORMAT_PARQUET: return end_parquet(r, error);
    default: return SEINE_OK;
    }
}

void seine_reply_abort(seine_reply *r) {
    if (r == NULL) return;
    seine_parquet_abort(r->parquet);
    free(r);
}
