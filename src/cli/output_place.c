/*
 * Rows with a place, as points: GeoParquet 1.1 (a column of WKB, a struct of bounds that readers filter by, and the
 * "geo" metadata) through the Parquet output, or a GeoPackage.
 */
#include "base/json.h"
#include "base/number.h"
#include "cli/output_internal.h"
#include "table/geopackage.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>

#define ADDED 5  /* geometry, xmin, ymin, xmax, ymax */
#define BOUNDS 4 /* of which are members of bbox */
#define WKB_BYTES 21
#define METADATA_MAX ((size_t)1 << 16)

struct seine_output_place {
    const char *path;
    seine_output_shape shape; /* of the rows with what is added */
    seine_geopackage_layer layer;
    seine_geopackage *gpkg;
    size_t lat, lon, columns; /* of the rows as they come */
    seine_arena arena;
    size_t capacity; /* rows that there is room for below */
    double *lat_deg, *lon_deg;
    uint8_t *valid, *wkb;
    seine_str *points;
    seine_vec *vecs;
    bool has_bounds;
    double least_lat, least_lon, most_lat, most_lon;
    seine_buf metadata;
};

static seine_status no_memory(seine_error *error) { return seine_fail(error, SEINE_E_NOMEM, "output: out of memory"); }

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
    place->shape = (seine_output_shape){count, names, types, NULL};
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

seine_status seine_output_place_open(seine_output *output, const char *path, seine_error *error) {
    static const char *const lats[] = {"lat", "latitude"}, *const lons[] = {"lon", "lng", "longitude"};
    const seine_output_shape *shape = output->shape;
    seine_output_place *place = calloc(1, sizeof *place);
    if (place == NULL) return no_memory(error);
    output->place = place;
    place->path = path;
    seine_buf_init(&place->metadata, METADATA_MAX);
    place->columns = shape->column_count;
    place->lat = find_column(shape, lats, 2);
    place->lon = find_column(shape, lons, 3);
    if (place->lat == place->columns || place->lon == place->columns)
        return seine_fail(error, SEINE_E_USAGE,
                          "the rows have no place: --format %s needs number columns named lat and lon (or latitude and "
                          "longitude)",
                          output->format == SEINE_OUTPUT_GPKG ? "gpkg" : "geoparquet");
    if (check_free(output, error) != SEINE_OK) return SEINE_E_USAGE;
    place->layer = (seine_geopackage_layer){"positions", shape->names, shape->column_count};
    if (output->format == SEINE_OUTPUT_GPKG) return SEINE_OK;
    if (add_columns(place, shape) != SEINE_OK) return no_memory(error);
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
    place->lat_deg = SEINE_ARENA_ARRAY(&place->arena, double, rows);
    place->lon_deg = SEINE_ARENA_ARRAY(&place->arena, double, rows);
    place->valid = SEINE_ARENA_ARRAY(&place->arena, uint8_t, rows);
    place->wkb = SEINE_ARENA_ARRAY(&place->arena, uint8_t, rows * WKB_BYTES);
    place->points = SEINE_ARENA_ARRAY(&place->arena, seine_str, rows);
    if (place->lat_deg == NULL || place->lon_deg == NULL || place->valid == NULL || place->wkb == NULL ||
        place->points == NULL)
        return SEINE_E_NOMEM;
    place->capacity = rows;
    return SEINE_OK;
}

static void take_bounds(seine_output_place *place, double lat_deg, double lon_deg) {
    const bool is_first = !place->has_bounds;
    place->least_lat = is_first ? lat_deg : fmin(place->least_lat, lat_deg);
    place->most_lat = is_first ? lat_deg : fmax(place->most_lat, lat_deg);
    place->least_lon = is_first ? lon_deg : fmin(place->least_lon, lon_deg);
    place->most_lon = is_first ? lon_deg : fmax(place->most_lon, lon_deg);
    place->has_bounds = true;
}

static void put_wkb(uint8_t *bytes, double x, double y) {
    const uint32_t point = 1;
    bytes[0] = 1; /* little-endian */
    memcpy(bytes + 1, &point, 4);
    memcpy(bytes + 5, &x, 8);
    memcpy(bytes + 13, &y, 8);
}

static seine_status take_places(seine_output_place *place, const seine_rows *rows) {
    if (make_room(place, rows->count) != SEINE_OK) return SEINE_E_NOMEM;
    for (size_t row = 0; row < rows->count; row++) {
        const double lat_deg = number_at(&rows->columns[place->lat], row);
        const double lon_deg = number_at(&rows->columns[place->lon], row);
        place->lat_deg[row] = lat_deg;
        place->lon_deg[row] = lon_deg;
        place->valid[row] = isfinite(lat_deg) && isfinite(lon_deg);
        place->points[row] = (seine_str){NULL, 0};
        if (!place->valid[row]) continue;
        take_bounds(place, lat_deg, lon_deg);
        put_wkb(place->wkb + row * WKB_BYTES, lon_deg, lat_deg);
        place->points[row] = (seine_str){(const char *)place->wkb + row * WKB_BYTES, WKB_BYTES};
    }
    return SEINE_OK;
}

seine_status seine_output_place_extend(seine_output *output, const seine_rows *rows, seine_rows *more,
                                       seine_error *error) {
    seine_output_place *place = output->place;
    if (take_places(place, rows) != SEINE_OK) return no_memory(error);
    for (size_t i = 0; i < place->columns; i++) place->vecs[i] = rows->columns[i];
    seine_vec *added = place->vecs + place->columns;
    added[0] = (seine_vec){.type = SEINE_TYPE_BINARY, .values = place->points, .valid = place->valid};
    for (size_t i = 1; i < ADDED; i++)
        added[i] = (seine_vec){
            .type = SEINE_TYPE_DOUBLE, .values = i % 2 == 1 ? place->lon_deg : place->lat_deg, .valid = place->valid};
    *more = (seine_rows){rows->count, place->columns + ADDED, place->vecs};
    return SEINE_OK;
}

/* ---- GeoParquet 1.1 --------------------------------------------------------------------------------------------- */

static void put_covering(seine_json_writer *w) {
    static const char *const edges[BOUNDS] = {"xmin", "ymin", "xmax", "ymax"};
    seine_json_key(w, SEINE_STR("covering"));
    seine_json_begin_object(w);
    seine_json_key(w, SEINE_STR("bbox"));
    seine_json_begin_object(w);
    for (size_t i = 0; i < BOUNDS; i++) {
        seine_json_key(w, seine_str_of(edges[i]));
        seine_json_begin_array(w);
        seine_json_put_text(w, SEINE_STR("bbox"));
        seine_json_put_text(w, seine_str_of(edges[i]));
        seine_json_end_array(w);
    }
    seine_json_end_object(w);
    seine_json_end_object(w);
}

static void put_bounds(seine_json_writer *w, const seine_output_place *place) {
    if (!place->has_bounds) return;
    seine_json_key(w, SEINE_STR("bbox"));
    seine_json_begin_array(w);
    seine_json_put_number(w, place->least_lon);
    seine_json_put_number(w, place->least_lat);
    seine_json_put_number(w, place->most_lon);
    seine_json_put_number(w, place->most_lat);
    seine_json_end_array(w);
}

/* Without "crs" it is OGC:CRS84: longitude and latitude on WGS 84. */
seine_status seine_output_place_metadata(seine_output *output, seine_parquet_extra *extra) {
    seine_output_place *place = output->place;
    seine_json_writer w = seine_json_writer_to(&place->metadata);
    seine_json_begin_object(&w);
    seine_json_key(&w, SEINE_STR("version"));
    seine_json_put_text(&w, SEINE_STR("1.1.0"));
    seine_json_key(&w, SEINE_STR("primary_column"));
    seine_json_put_text(&w, SEINE_STR("geometry"));
    seine_json_key(&w, SEINE_STR("columns"));
    seine_json_begin_object(&w);
    seine_json_key(&w, SEINE_STR("geometry"));
    seine_json_begin_object(&w);
    seine_json_key(&w, SEINE_STR("encoding"));
    seine_json_put_text(&w, SEINE_STR("WKB"));
    seine_json_key(&w, SEINE_STR("geometry_types"));
    seine_json_begin_array(&w);
    seine_json_put_text(&w, SEINE_STR("Point"));
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
    seine_status status = take_places(place, rows);
    if (status != SEINE_OK) return no_memory(error);
    if (place->gpkg == NULL) status = seine_geopackage_open(place->path, &place->layer, rows, &place->gpkg, error);
    if (status == SEINE_OK) status = seine_geopackage_rows(place->gpkg, rows, place->lat_deg, place->lon_deg, error);
    return status;
}

seine_status seine_output_gpkg_end(seine_output *output, seine_status so_far, seine_error *error) {
    seine_geopackage *gpkg = output->place->gpkg;
    output->place->gpkg = NULL;
    if (so_far == SEINE_OK && gpkg != NULL) return seine_geopackage_finish(gpkg, error);
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
