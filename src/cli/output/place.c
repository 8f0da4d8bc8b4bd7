/*
 * Rows with a place, as points, or rows that go from one place to another, as lines: GeoParquet 1.1 (a column of WKB, a
 * struct of bounds that readers filter by, and the "geo" metadata) through the Parquet output, or a GeoPackage.
 */
#include "base/json.h"
#include "base/number.h"
#include "base/try.h"
#include "cli/output/internal.h"
#include "table/geopackage.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>

#define ADDED 5  /* geometry, xmin, ymin, xmax, ymax */
#define BOUNDS 4 /* of which are members of bbox */
#define POINT_BYTES 21
#define LINE_BYTES 41
#define WKB_BYTES (9 + 2 * LINE_BYTES) /* the largest: a line cut in two at 180 degrees */
#define METADATA_MAX ((size_t)1 << 16)

struct seine_output_place {
    const char *path;
    seine_output_shape shape; /* of the rows with what is added */
    seine_geopackage_layer layer;
    seine_geopackage *gpkg;
    size_t lat, lon, columns; /* of the rows as they come */
    size_t end_lat, end_lon;  /* of a line; columns = the rows are points */
    seine_arena arena;
    size_t capacity;       /* rows that there is room for below */
    double *edges[BOUNDS]; /* xmin, ymin, xmax, ymax of each row */
    uint8_t *valid, *wkb;
    seine_str *shapes; /* as WKB; NULL = it has none */
    seine_vec *vecs;
    bool has_bounds;
    double bounds[BOUNDS]; /* of all rows */
    seine_buf metadata;
};

/* The one column of these names; columns = none. */
static size_t find_column(const seine_output_shape *shape, const char *const *names, size_t count) {
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < shape->column_count; i++)
            if (strcasecmp(shape->names[i], names[k]) == 0 && seine_output_is_number(shape->types[i])) return i;
    return shape->column_count;
}

static seine_status add_columns(seine_output_place *place, const seine_output_shape *shape) {
    static const char *const added[ADDED] = {"geometry", "xmin", "ymin", "xmax", "ymax"};
    const size_t count = shape->column_count + ADDED;
    const char **names = SEINE_ARENA_ARRAY(&place->arena, const char *, count);
    const char **types = SEINE_ARENA_ARRAY(&place->arena, const char *, count);
    place->vecs = SEINE_ARENA_ARRAY(&place->arena, seine_vec, count);
    if (names == NULL || types == NULL || place->vecs == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        names[i] = i < shape->column_count ? shape->names[i] : added[i - shape->column_count];
        types[i] = i < shape->column_count ? shape->types[i] : i == shape->column_count ? "BLOB" : "DOUBLE";
    }
    place->shape = (seine_output_shape){.column_count = count, .names = names, .types = types};
    return SEINE_OK;
}

/* Names that are added must be free. */
static seine_status check_free(const seine_output *output, seine_error *error) {
    static const char *const taken[2][2] = {{"geometry", "bbox"}, {"geom", "fid"}};
    for (size_t i = 0; i < output->shape->column_count; i++)
        for (size_t k = 0; k < 2; k++)
            if (strcasecmp(output->shape->names[i], taken[output->format == SEINE_OUTPUT_GPKG][k]) == 0)
                return seine_fail(error, SEINE_E_USAGE,
                                  "column %s: the format adds one of that name; give it another with AS",
                                  output->shape->names[i]);
    return SEINE_OK;
}

/* Points when there is a place; lines when there is a start with an end. */
static bool find_places(seine_output_place *place, const seine_output_shape *shape) {
    static const char *const lats[] = {"lat", "latitude"}, *const lons[] = {"lon", "lng", "longitude"};
    static const char *const start_lats[] = {"start_lat", "start_latitude"};
    static const char *const start_lons[] = {"start_lon", "start_lng", "start_longitude"};
    static const char *const end_lats[] = {"end_lat", "end_latitude"};
    static const char *const end_lons[] = {"end_lon", "end_lng", "end_longitude"};
    const size_t none = place->columns;
    place->lat = find_column(shape, lats, 2);
    place->lon = find_column(shape, lons, 3);
    place->end_lat = place->end_lon = none;
    if (place->lat != none && place->lon != none) return true;
    place->lat = find_column(shape, start_lats, 2);
    place->lon = find_column(shape, start_lons, 3);
    place->end_lat = find_column(shape, end_lats, 2);
    place->end_lon = find_column(shape, end_lons, 3);
    return place->lat != none && place->lon != none && place->end_lat != none && place->end_lon != none;
}

/* A layer is called as its file is, without the ending; the standard and SQLite keep names to themselves. */
static const char *layer_name(seine_output_place *place, const char *path) {
    const char *name = seine_file_name(path), *dot = strrchr(name, '.');
    const size_t size = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    const bool is_kept = strncasecmp(name, "gpkg_", 5) == 0 || strncasecmp(name, "sqlite_", 7) == 0 ||
                         strncasecmp(name, "rtree_", 6) == 0;
    if (size == 0 || !seine_str_is_utf8((seine_str){name, size})) return "rows";
    return seine_arena_printf(&place->arena, "%s%.*s", is_kept ? "rows_" : "", (int)size, name);
}

seine_status seine_output_place_open(seine_output *output, const char *path, seine_error *error) {
    const seine_output_shape *shape = output->shape;
    seine_output_place *place = calloc(1, sizeof *place);
    if (place == NULL) return seine_no_memory(error, "output");
    output->place = place;
    place->path = path;
    seine_buf_init(&place->metadata, METADATA_MAX);
    place->columns = shape->column_count;
    if (!find_places(place, shape))
        return seine_fail(error, SEINE_E_USAGE,
                          "the rows have no place: --format %s needs number columns named lat and lon (or latitude and "
                          "longitude), or start_lat, start_lon, end_lat and end_lon for lines; name them with AS",
                          output->format == SEINE_OUTPUT_GPKG ? "gpkg" : "geoparquet");
    if (check_free(output, error) != SEINE_OK) return SEINE_E_USAGE;
    const char *layer = layer_name(place, shape->file != NULL ? shape->file : path);
    if (layer == NULL) return seine_no_memory(error, "output");
    place->layer = (seine_geopackage_layer){layer, place->end_lat == place->columns ? "POINT" : "GEOMETRY",
                                            shape->names, shape->column_count};
    if (output->format == SEINE_OUTPUT_GPKG) return SEINE_OK;
    if (add_columns(place, shape) != SEINE_OK) return seine_no_memory(error, "output");
    output->shape = &place->shape;
    return SEINE_OK;
}

/* ---- places ----------------------------------------------------------------------------------------------------- */

static double number_at(const seine_vec *vec, size_t row) {
    double number = NAN;
    if (seine_output_is_null(vec, row)) return NAN;
    switch (vec->type) {
    case SEINE_TYPE_INT: return ((const int32_t *)vec->values)[row];
    case SEINE_TYPE_LONG: return (double)((const int64_t *)vec->values)[row];
    case SEINE_TYPE_DOUBLE: return ((const double *)vec->values)[row];
    case SEINE_TYPE_STRING: /* DECIMAL comes so */
        return seine_number_parse(((const seine_str *)vec->values)[row], &number) ? number : NAN;
    default: return NAN;
    }
}

static seine_status make_room(seine_output_place *place, size_t rows) {
    if (rows <= place->capacity) return SEINE_OK;
    bool has_room = true;
    for (size_t i = 0; i < BOUNDS; i++) {
        place->edges[i] = SEINE_ARENA_ARRAY(&place->arena, double, rows);
        has_room = has_room && place->edges[i] != NULL;
    }
    const size_t bytes = place->end_lat == place->columns ? POINT_BYTES : WKB_BYTES;
    place->valid = SEINE_ARENA_ARRAY(&place->arena, uint8_t, rows);
    place->wkb = SEINE_ARENA_ARRAY(&place->arena, uint8_t, rows * bytes);
    place->shapes = SEINE_ARENA_ARRAY(&place->arena, seine_str, rows);
    if (!has_room || place->valid == NULL || place->wkb == NULL || place->shapes == NULL) return SEINE_E_NOMEM;
    place->capacity = rows;
    return SEINE_OK;
}

/* Bounds as GeoJSON and GeoParquet order them: the least x and y, then the most. */
static void widen(double bounds[BOUNDS], double x, double y, bool is_first) {
    bounds[0] = is_first ? x : fmin(bounds[0], x);
    bounds[1] = is_first ? y : fmin(bounds[1], y);
    bounds[2] = is_first ? x : fmax(bounds[2], x);
    bounds[3] = is_first ? y : fmax(bounds[3], y);
}

static uint8_t *put_head(uint8_t *at, uint32_t type, uint32_t count) {
    *at = 1; /* little-endian */
    memcpy(at + 1, &type, 4);
    if (type != 1) memcpy(at + 5, &count, 4);
    return at + (type != 1 ? 9 : 5);
}

static uint8_t *put_xy(uint8_t *at, const double xy[2]) {
    memcpy(at, xy, 16);
    return at + 16;
}

static uint8_t *put_line(uint8_t *at, const double from[2], const double to[2]) {
    return put_xy(put_xy(put_head(at, 2, 2), from), to);
}

/* The shorter way from one place to the other, in two pieces where it crosses 180 degrees (RFC 7946, section 3.1.9). */
static uint8_t *put_way(uint8_t *at, const double from[2], const double to[2], double bounds[BOUNDS]) {
    widen(bounds, to[0], to[1], false);
    if (fabs(to[0] - from[0]) <= 180) return put_line(at, from, to);
    const double side = from[0] < 0 ? -180 : 180, rest = fabs(side - from[0]), whole = rest + fabs(side + to[0]);
    const double y = whole > 0 ? from[1] + (to[1] - from[1]) * rest / whole : from[1];
    const double edge[2] = {side, y}, other[2] = {-side, y};
    widen(bounds, side, y, false);
    widen(bounds, -side, y, false);
    return put_line(put_line(put_head(at, 5, 2), from, edge), other, to);
}

static seine_status take_places(seine_output_place *place, const seine_rows *rows) {
    if (make_room(place, rows->count) != SEINE_OK) return SEINE_E_NOMEM;
    const bool has_end = place->end_lat != place->columns;
    uint8_t *at = place->wkb;
    for (size_t row = 0; row < rows->count; row++) {
        const double from[2] = {number_at(&rows->columns[place->lon], row), number_at(&rows->columns[place->lat], row)};
        double to[2] = {NAN, NAN}, bounds[BOUNDS] = {from[0], from[1], from[0], from[1]};
        if (has_end) to[0] = number_at(&rows->columns[place->end_lon], row);
        if (has_end) to[1] = number_at(&rows->columns[place->end_lat], row);
        uint8_t *begin = at;
        place->valid[row] = isfinite(from[0]) && isfinite(from[1]);
        if (place->valid[row])
            at = isfinite(to[0]) && isfinite(to[1]) ? put_way(at, from, to, bounds) : put_xy(put_head(at, 1, 0), from);
        place->shapes[row] = (seine_str){place->valid[row] ? (const char *)begin : NULL, (size_t)(at - begin)};
        for (size_t i = 0; i < BOUNDS; i++) place->edges[i][row] = bounds[i];
        if (!place->valid[row]) continue;
        widen(place->bounds, bounds[0], bounds[1], !place->has_bounds);
        widen(place->bounds, bounds[2], bounds[3], false);
        place->has_bounds = true;
    }
    return SEINE_OK;
}

seine_status seine_output_place_extend(seine_output *output, const seine_rows *rows, seine_rows *more,
                                       seine_error *error) {
    seine_output_place *place = output->place;
    if (take_places(place, rows) != SEINE_OK) return seine_no_memory(error, "output");
    for (size_t i = 0; i < place->columns; i++) place->vecs[i] = rows->columns[i];
    seine_vec *added = place->vecs + place->columns;
    added[0] = (seine_vec){.type = SEINE_TYPE_BINARY, .values = place->shapes, .valid = place->valid};
    for (size_t i = 1; i < ADDED; i++)
        added[i] = (seine_vec){.type = SEINE_TYPE_DOUBLE, .values = place->edges[i - 1], .valid = place->valid};
    *more = (seine_rows){rows->count, place->columns + ADDED, place->vecs};
    return SEINE_OK;
}

/* ---- GeoParquet 1.1 --------------------------------------------------------------------------------------------- */

static void put_covering(seine_json_writer *w) {
    static const char *const edges[BOUNDS] = {"xmin", "ymin", "xmax", "ymax"};
    seine_json_field_object(w, "covering");
    seine_json_field_object(w, "bbox");
    for (size_t i = 0; i < BOUNDS; i++) {
        seine_json_field_array(w, edges[i]);
        seine_json_put_text(w, SEINE_STR("bbox"));
        seine_json_put_text(w, seine_str_of(edges[i]));
        seine_json_end_array(w);
    }
    seine_json_end_object(w);
    seine_json_end_object(w);
}

static void put_bounds(seine_json_writer *w, const seine_output_place *place) {
    if (!place->has_bounds) return;
    seine_json_field_array(w, "bbox");
    for (size_t i = 0; i < BOUNDS; i++) seine_json_put_number(w, place->bounds[i]);
    seine_json_end_array(w);
}

/* Without "crs" it is OGC:CRS84: longitude and latitude on WGS 84. */
seine_status seine_output_place_metadata(seine_output *output, seine_parquet_extra *extra) {
    seine_output_place *place = output->place;
    seine_json_writer w = seine_json_writer_to(&place->metadata);
    seine_json_begin_object(&w);
    seine_json_field_str(&w, "version", SEINE_STR("1.1.0"));
    seine_json_field_str(&w, "primary_column", SEINE_STR("geometry"));
    seine_json_field_object(&w, "columns");
    seine_json_field_object(&w, "geometry");
    seine_json_field_str(&w, "encoding", SEINE_STR("WKB"));
    seine_json_field_array(&w, "geometry_types");
    seine_json_put_text(&w, SEINE_STR("Point"));
    if (place->end_lat != place->columns) {
        seine_json_put_text(&w, SEINE_STR("LineString"));
        seine_json_put_text(&w, SEINE_STR("MultiLineString"));
    }
    seine_json_end_array(&w);
    put_bounds(&w, place);
    put_covering(&w);
    seine_json_end_object(&w);
    seine_json_end_object(&w);
    seine_json_end_object(&w);
    const char *text = seine_buf_text(&place->metadata);
    if (w.status != SEINE_OK || text == NULL) return SEINE_E_NOMEM;
    *extra = (seine_parquet_extra){.group = "bbox", .group_columns = BOUNDS, .key = "geo", .value = text};
    return SEINE_OK;
}

/* ---- GeoPackage ------------------------------------------------------------------------------------------------- */

/* The types come with the first batch, which may be the empty one at the end. */
seine_status seine_output_gpkg_rows(seine_output *output, const seine_rows *rows, seine_error *error) {
    seine_output_place *place = output->place;
    if (take_places(place, rows) != SEINE_OK) return seine_no_memory(error, "output");
    if (place->gpkg == NULL) SEINE_TRY(seine_geopackage_open(place->path, &place->layer, rows, &place->gpkg, error));
    return seine_geopackage_rows(place->gpkg, rows, place->shapes, error);
}

seine_status seine_output_gpkg_end(seine_output *output, seine_status so_far, seine_error *error) {
    seine_geopackage *gpkg = output->place->gpkg;
    output->place->gpkg = NULL;
    if (so_far == SEINE_OK && gpkg != NULL)
        return seine_geopackage_finish(gpkg, output->place->has_bounds ? output->place->bounds : NULL, error);
    seine_geopackage_abort(gpkg);
    return so_far != SEINE_OK ? so_far : seine_fail(error, SEINE_E_INTERNAL, "output: no batch was given");
}

void seine_output_place_free(seine_output *output) {
    seine_output_place *place = output->place;
    if (place == NULL) return;
    seine_geopackage_abort(place->gpkg);
    seine_buf_free(&place->metadata);
    seine_arena_free(&place->arena);
    free(place);
}
