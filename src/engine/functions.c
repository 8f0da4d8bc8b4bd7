/*
 * SQL functions in C: each takes whole vectors. The engine hands over flat columns; a row with a null argument stays
 * null and is not looked at.
 */
#include "engine/functions.h"

#include "base/time.h"
#include "core/ais_code.h"
#include "core/h3_cell.h"
#include "core/injection.h"
#include "core/mercator.h"
#include "core/region.h"
#include "engine/region_cut.h"
#include "seine/geodesy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PARAMETERS_MAX 4
#define WKT_MAX 640 /* ten corners and one again, two numbers of at most 24 characters each */

/* ---- arguments and results ---- */

/* One call over a batch of rows. */
typedef struct call {
    duckdb_function_info info;
    size_t rows, count;
    void *data[PARAMETERS_MAX];
    uint64_t *valid[PARAMETERS_MAX]; /* NULL = no nulls */
    duckdb_vector output;
    uint64_t *output_valid; /* made with the first null */
} call;

static call begin(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    call c = {.info = info, .rows = (size_t)duckdb_data_chunk_get_size(input), .output = output};
    c.count = (size_t)duckdb_data_chunk_get_column_count(input);
    for (size_t i = 0; i < c.count; i++) {
        duckdb_vector vector = duckdb_data_chunk_get_vector(input, i);
        c.data[i] = duckdb_vector_get_data(vector);
        c.valid[i] = duckdb_vector_get_validity(vector);
    }
    return c;
}

static bool has_null(const call *c, size_t row) {
    for (size_t i = 0; i < c->count; i++)
        if (c->valid[i] != NULL && (c->valid[i][row / 64] >> (row % 64) & 1) == 0) return true;
    return false;
}

static void put_null(call *c, size_t row) {
    if (c->output_valid == NULL) {
        duckdb_vector_ensure_validity_writable(c->output);
        c->output_valid = duckdb_vector_get_validity(c->output);
    }
    duckdb_validity_set_row_invalid(c->output_valid, row);
}

static double number_at(const call *c, size_t parameter, size_t row) {
    return ((const double *)c->data[parameter])[row];
}

static int32_t integer_at(const call *c, size_t parameter, size_t row) {
    return ((const int32_t *)c->data[parameter])[row];
}

static bool cell_at(const call *c, size_t parameter, size_t row, uint64_t *cell) {
    duckdb_string_t *text = &((duckdb_string_t *)c->data[parameter])[row];
    return seine_h3_parse(duckdb_string_t_data(text), duckdb_string_t_length(*text), cell);
}

static void refuse(const call *c, const char *what, int least, int most, int32_t value) {
    char text[128];
    (void)snprintf(text, sizeof text, "%s must be between %d and %d, not %d", what, least, most, value);
    duckdb_scalar_function_set_error(c->info, text);
}

/* ---- cells ---- */

static void h3_cell(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    call c = begin(info, input, output);
    for (size_t row = 0; row < c.rows; row++) {
        uint64_t cell = 0;
        char text[SEINE_H3_TEXT_SIZE];
        if (has_null(&c, row)) {
            put_null(&c, row);
            continue;
        }
        const int32_t resolution = integer_at(&c, 2, row);
        if (resolution < 0 || resolution > 15) {
            refuse(&c, "h3_cell: the resolution", 0, 15, resolution);
            return;
        }
        if (!seine_h3_cell(number_at(&c, 0, row), number_at(&c, 1, row), resolution, &cell)) {
            put_null(&c, row);
            continue;
        }
        seine_h3_text(cell, text);
        duckdb_vector_assign_string_element_len(output, row, text, sizeof text);
    }
}

static void tile_cell(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    call c = begin(info, input, output);
    int64_t *cells = duckdb_vector_get_data(output);
    for (size_t row = 0; row < c.rows; row++) {
        if (has_null(&c, row)) {
            put_null(&c, row);
            continue;
        }
        const int32_t level = integer_at(&c, 2, row);
        if (level < 0 || level > SEINE_MERCATOR_LEVEL_MAX) {
            refuse(&c, "tile_cell: the level", 0, SEINE_MERCATOR_LEVEL_MAX, level);
            return;
        }
        cells[row] = seine_mercator_cell(number_at(&c, 1, row), number_at(&c, 0, row), level);
        if (cells[row] < 0) put_null(&c, row);
    }
}

/* Scratch of h3_disk, as large as the greatest k of the batch needs. */
typedef struct disk {
    uint64_t *cells;
    int *steps;
} disk;

/* @return the greatest k, or -1 after refusing one that is out of range. */
static int greatest_k(const call *c) {
    int most = 0;
    for (size_t row = 0; row < c->rows; row++) {
        if (has_null(c, row)) continue;
        const int32_t k = integer_at(c, 1, row);
        if (k < 0 || k > SEINE_H3_DISK_MAX) {
            refuse(c, "h3_disk: k", 0, SEINE_H3_DISK_MAX, k);
            return -1;
        }
        if (k > most) most = k;
    }
    return most;
}

/* Appends the cells of one row to the list's child. @return false when out of memory. */
static bool put_disk(call *c, size_t row, const disk *scratch, idx_t *filled) {
    uint64_t cell = 0;
    duckdb_list_entry *entry = &((duckdb_list_entry *)duckdb_vector_get_data(c->output))[row];
    *entry = (duckdb_list_entry){.offset = *filled, .length = 0};
    size_t count = 0;
    if (!has_null(c, row) && cell_at(c, 0, row, &cell))
        count = seine_h3_disk(cell, integer_at(c, 1, row), scratch->cells, scratch->steps);
    if (count == 0) {
        put_null(c, row);
        return true;
    }
    if (duckdb_list_vector_reserve(c->output, *filled + count) != DuckDBSuccess) return false;
    duckdb_vector child = duckdb_list_vector_get_child(c->output);
    for (size_t i = 0; i < count; i++) {
        char text[SEINE_H3_TEXT_SIZE];
        seine_h3_text(scratch->cells[i], text);
        duckdb_vector_assign_string_element_len(child, *filled + i, text, sizeof text);
    }
    entry->length = count;
    *filled += count;
    return true;
}

static void h3_disk(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    call c = begin(info, input, output);
    const int most = greatest_k(&c);
    if (most < 0) return;
    const size_t size = seine_h3_disk_size(most);
    const disk scratch = {malloc(size * sizeof(uint64_t)), malloc(size * sizeof(int))};
    bool ok = scratch.cells != NULL && scratch.steps != NULL;
    idx_t filled = 0;
    for (size_t row = 0; row < c.rows && ok; row++) ok = put_disk(&c, row, &scratch, &filled);
    if (!ok || duckdb_list_vector_set_size(output, filled) != DuckDBSuccess)
        duckdb_scalar_function_set_error(info, "h3_disk: out of memory");
    free(scratch.cells);
    free(scratch.steps);
}

/* A cell over the 180th meridian is drawn beyond it, so that the polygon stays in one piece. */
static size_t boundary_text(uint64_t cell, char text[WKT_MAX]) {
    double lat[SEINE_H3_BOUNDARY_POINTS], lon[SEINE_H3_BOUNDARY_POINTS];
    const size_t count = seine_h3_boundary(cell, lat, lon);
    if (count == 0) return 0;
    int size = snprintf(text, WKT_MAX, "POLYGON ((");
    for (size_t i = 0; i <= count; i++) {
        double x = lon[i % count];
        if (x - lon[0] > 180) x -= 360;
        if (x - lon[0] < -180) x += 360;
        size += snprintf(text + size, WKT_MAX - (size_t)size, "%s%.9f %.9f", i > 0 ? ", " : "", x, lat[i % count]);
    }
    size += snprintf(text + size, WKT_MAX - (size_t)size, "))");
    return (size_t)size;
}

static void h3_boundary(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    call c = begin(info, input, output);
    for (size_t row = 0; row < c.rows; row++) {
        uint64_t cell = 0;
        char text[WKT_MAX];
        const size_t size = !has_null(&c, row) && cell_at(&c, 0, row, &cell) ? boundary_text(cell, text) : 0;
        if (size > 0)
            duckdb_vector_assign_string_element_len(output, row, text, size);
        else
            put_null(&c, row);
    }
}

/* ---- geodesics ---- */

static void geodesic(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output,
                     double (*measure)(double, double, double, double)) {
    call c = begin(info, input, output);
    double *results = duckdb_vector_get_data(output);
    for (size_t row = 0; row < c.rows; row++) {
        results[row] = has_null(&c, row) ? NAN
                                         : measure(number_at(&c, 0, row), number_at(&c, 1, row), number_at(&c, 2, row),
                                                   number_at(&c, 3, row));
        if (isnan(results[row])) put_null(&c, row);
    }
}

static void distance_m(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    geodesic(info, input, output, seine_geodesic_m);
}

static void bearing_deg(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    geodesic(info, input, output, seine_bearing_deg);
}

/* ---- codes of AIS ---- */

static void put_text(call *c, size_t row, const char *text) {
    if (text == NULL)
        put_null(c, row);
    else
        duckdb_vector_assign_string_element(c->output, row, text);
}

static void vessel_type_name(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    call c = begin(info, input, output);
    for (size_t row = 0; row < c.rows; row++)
        put_text(&c, row, has_null(&c, row) ? NULL : seine_ais_type_name(integer_at(&c, 0, row)));
}

static const seine_ais_mid *mid_at(const call *c, size_t row) {
    duckdb_string_t *text = &((duckdb_string_t *)c->data[0])[row];
    return has_null(c, row) ? NULL : seine_ais_mid_of(duckdb_string_t_data(text), duckdb_string_t_length(*text));
}

static void mmsi_flag(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    call c = begin(info, input, output);
    for (size_t row = 0; row < c.rows; row++) {
        const seine_ais_mid *mid = mid_at(&c, row);
        put_text(&c, row, mid != NULL ? mid->flag : NULL);
    }
}

static void mmsi_country(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    call c = begin(info, input, output);
    for (size_t row = 0; row < c.rows; row++) {
        const seine_ais_mid *mid = mid_at(&c, row);
        put_text(&c, row, mid != NULL ? mid->country : NULL);
    }
}

static void imo_number(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    call c = begin(info, input, output);
    for (size_t row = 0; row < c.rows; row++) {
        duckdb_string_t *text = &((duckdb_string_t *)c.data[0])[row];
        const size_t at = has_null(&c, row)
                              ? SIZE_MAX
                              : seine_imo_number_at(duckdb_string_t_data(text), duckdb_string_t_length(*text));
        if (at == SIZE_MAX)
            put_null(&c, row);
        else
            duckdb_vector_assign_string_element_len(output, row, duckdb_string_t_data(text) + at, 7);
    }
}

/* ---- texts that look like SQL ---- */

/* Appends the names of patterns to the list of a row. @return false when out of memory. */
static bool put_patterns(call *c, size_t row, uint32_t found, idx_t *filled) {
    duckdb_list_entry *entry = &((duckdb_list_entry *)duckdb_vector_get_data(c->output))[row];
    *entry = (duckdb_list_entry){.offset = *filled, .length = 0};
    if (found == 0) {
        put_null(c, row);
        return true;
    }
    if (duckdb_list_vector_reserve(c->output, *filled + SEINE_INJECTION_COUNT) != DuckDBSuccess) return false;
    duckdb_vector child = duckdb_list_vector_get_child(c->output);
    for (unsigned i = 0; i < SEINE_INJECTION_COUNT; i++)
        if ((found >> i & 1) != 0)
            duckdb_vector_assign_string_element(child, *filled + entry->length++, seine_injection_name(i));
    *filled += entry->length;
    return true;
}

static void sql_injection(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    call c = begin(info, input, output);
    bool ok = true;
    idx_t filled = 0;
    for (size_t row = 0; row < c.rows && ok; row++) {
        duckdb_string_t *text = &((duckdb_string_t *)c.data[0])[row];
        const uint32_t found =
            has_null(&c, row)
                ? 0
                : seine_injection_find((seine_str){duckdb_string_t_data(text), duckdb_string_t_length(*text)});
        ok = put_patterns(&c, row, found, &filled);
    }
    if (!ok || duckdb_list_vector_set_size(output, filled) != DuckDBSuccess)
        duckdb_scalar_function_set_error(info, "sql_injection: out of memory");
}

/* ---- whole units of time ---- */

/* What the engine's own // and % do not give: the unit a time lies in, also before 1970. Null for a unit of nothing. */
static void floor_by(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output,
                     int64_t (*divide)(int64_t, int64_t)) {
    call c = begin(info, input, output);
    const int64_t *numbers = c.data[0], *units = c.data[1];
    int64_t *results = duckdb_vector_get_data(output);
    for (size_t row = 0; row < c.rows; row++) {
        results[row] = 0;
        if (has_null(&c, row) || units[row] <= 0)
            put_null(&c, row);
        else
            results[row] = divide(numbers[row], units[row]);
    }
}

static void floor_div(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    floor_by(info, input, output, seine_floor_div);
}

static void floor_mod(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    floor_by(info, input, output, seine_floor_mod);
}

/* ---- regions ---- */

/* Pieces of the regions of a batch, as they are put behind each other. */
typedef struct pieces {
    duckdb_vector output;
    idx_t filled;
} pieces;

static seine_status put_piece(void *context, int32_t cell, seine_str piece) {
    pieces *p = context;
    if (duckdb_list_vector_reserve(p->output, p->filled + 1) != DuckDBSuccess) return SEINE_E_NOMEM;
    duckdb_vector child = duckdb_list_vector_get_child(p->output);
    ((int32_t *)duckdb_vector_get_data(duckdb_struct_vector_get_child(child, 0)))[p->filled] = cell;
    duckdb_vector_assign_string_element_len(duckdb_struct_vector_get_child(child, 1), p->filled, piece.data,
                                            piece.size);
    p->filled++;
    return SEINE_OK;
}

/* A text that is no area has no pieces. @return E_NOMEM, E_LIMIT. */
static seine_status put_region(call *c, size_t row, pieces *p) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_region region = {0};
    duckdb_string_t *text = &((duckdb_string_t *)c->data[0])[row];
    const seine_str wkt = {duckdb_string_t_data(text), duckdb_string_t_length(*text)};
    const seine_status status = seine_region_read(wkt, &arena, &region);
    if (status == SEINE_E_FORMAT || (status == SEINE_OK && seine_region_fault(&region) != NULL)) return SEINE_OK;
    return status == SEINE_OK ? seine_region_cut(&region, &arena, put_piece, p) : status;
}

static void region_pieces(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    call c = begin(info, input, output);
    pieces p = {.output = output};
    seine_status status = SEINE_OK;
    for (size_t row = 0; row < c.rows && status == SEINE_OK; row++) {
        const idx_t first = p.filled;
        if (has_null(&c, row))
            put_null(&c, row);
        else
            status = put_region(&c, row, &p);
        ((duckdb_list_entry *)duckdb_vector_get_data(output))[row] = (duckdb_list_entry){first, p.filled - first};
    }
    if (status == SEINE_OK && duckdb_list_vector_set_size(output, p.filled) != DuckDBSuccess) status = SEINE_E_NOMEM;
    if (status != SEINE_OK)
        duckdb_scalar_function_set_error(info, status == SEINE_E_NOMEM ? "region_pieces: out of memory"
                                                                       : "region_pieces: too large a region");
}

static void region_cell(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    call c = begin(info, input, output);
    int32_t *cells = duckdb_vector_get_data(output);
    for (size_t row = 0; row < c.rows; row++) {
        cells[row] = has_null(&c, row) ? -1 : seine_region_cell(number_at(&c, 0, row), number_at(&c, 1, row));
        if (cells[row] < 0) put_null(&c, row);
    }
}

static void region_covers(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
    call c = begin(info, input, output);
    bool *results = duckdb_vector_get_data(output);
    for (size_t row = 0; row < c.rows; row++) {
        results[row] = false;
        if (has_null(&c, row)) {
            put_null(&c, row);
            continue;
        }
        duckdb_string_t *piece = &((duckdb_string_t *)c.data[0])[row];
        results[row] = seine_region_covers(duckdb_string_t_data(piece), duckdb_string_t_length(*piece),
                                           number_at(&c, 1, row), number_at(&c, 2, row));
    }
}

/* ---- registration ---- */

/* What a list holds, where it is not of the plain type. */
static duckdb_logical_type piece_type(void) {
    const char *names[] = {"cell", "piece"};
    duckdb_logical_type types[] = {duckdb_create_logical_type(DUCKDB_TYPE_INTEGER),
                                   duckdb_create_logical_type(DUCKDB_TYPE_BLOB)};
    duckdb_logical_type made = duckdb_create_struct_type(types, names, 2);
    duckdb_destroy_logical_type(&types[0]);
    duckdb_destroy_logical_type(&types[1]);
    return made;
}

typedef struct function {
    const char *name;
    duckdb_scalar_function_t run;
    duckdb_type result;
    bool is_list;
    duckdb_type parameters[PARAMETERS_MAX]; /* DUCKDB_TYPE_INVALID ends */
} function;

static void add_types(duckdb_scalar_function made, const function *f) {
    for (size_t i = 0; i < PARAMETERS_MAX && f->parameters[i] != DUCKDB_TYPE_INVALID; i++) {
        duckdb_logical_type type = duckdb_create_logical_type(f->parameters[i]);
        duckdb_scalar_function_add_parameter(made, type);
        duckdb_destroy_logical_type(&type);
    }
    duckdb_logical_type type = f->result == DUCKDB_TYPE_STRUCT ? piece_type() : duckdb_create_logical_type(f->result);
    duckdb_logical_type list = f->is_list ? duckdb_create_list_type(type) : NULL;
    duckdb_scalar_function_set_return_type(made, f->is_list ? list : type);
    duckdb_destroy_logical_type(&list);
    duckdb_destroy_logical_type(&type);
}

/* Regions are cut into cells once per statement, and joined to the places by cell. A list that is sorted afterwards
 * costs a fifth of one that is gathered in order. */
#define REGIONS_AT(holds)                                                                                         \
    "CASE WHEN lat IS NOT NULL AND lon IS NOT NULL THEN coalesce((SELECT list_sort(list_distinct(list({'layer': " \
    "layer, 'id': region_id}))) FROM (SELECT layer, region_id, valid_from, valid_to, unnest(region_pieces("       \
    "geometry)) AS part FROM ref.regions) WHERE part.cell = region_cell(lat, lon) AND region_covers(part.piece, " \
    "lat, lon) AND " holds "), []) END"

/*
 * Sums of doubles depend on the order of the rows, which changes with the number of threads; sums of decimals do not.
 * 14 decimals hold coordinates and speeds to the last bit that matters.
 */
const char seine_functions_macros[] =
    "CREATE MACRO hours_of(ts) AS floor_div(epoch_us(ts), 3600000000);"
    "CREATE MACRO hour_of(ts) AS CAST(floor_mod(hours_of(ts), 24) AS INTEGER);"
    "CREATE MACRO ship_uid(id, ship_no) AS CASE WHEN ship_no > 1 THEN id || '-' || ship_no ELSE id END;"
    "CREATE MACRO stamp_text(ts) AS strftime(ts, CASE WHEN epoch_us(ts) % 1000000 = 0 THEN '%Y-%m-%d %H:%M:%S+00'"
    " ELSE '%Y-%m-%d %H:%M:%S.%f+00' END);"
    "CREATE MACRO exact_mean(x) AS avg(CAST(x AS DECIMAL(18, 14)));"
    "CREATE MACRO lon_wrap(x) AS CASE WHEN x > 180 THEN x - 360 WHEN x < -180 THEN x + 360 ELSE x END;"
    "CREATE MACRO lon_mean(lon) AS CASE WHEN max(lon) - min(lon) > 180"
    " THEN lon_wrap(exact_mean(lon) + 360 * count(*) FILTER (lon < 0) / count(lon)) ELSE exact_mean(lon) END;"
    "CREATE MACRO regions_at(lat, lon) AS " REGIONS_AT("valid_to IS NULL") ", (lat, lon, at_time) AS " REGIONS_AT(
        "(valid_from IS NULL OR valid_from <= at_time) AND "
        "(valid_to IS NULL OR valid_to > at_time)") ";";

seine_status seine_functions_register(seine_engine *engine, seine_error *error) {
    static const function functions[] = {
        {"h3_cell", h3_cell, DUCKDB_TYPE_VARCHAR, false, {DUCKDB_TYPE_DOUBLE, DUCKDB_TYPE_DOUBLE, DUCKDB_TYPE_INTEGER}},
        {"tile_cell",
         tile_cell,
         DUCKDB_TYPE_BIGINT,
         false,
         {DUCKDB_TYPE_DOUBLE, DUCKDB_TYPE_DOUBLE, DUCKDB_TYPE_INTEGER}},
        {"h3_disk", h3_disk, DUCKDB_TYPE_VARCHAR, true, {DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_INTEGER}},
        {"h3_boundary", h3_boundary, DUCKDB_TYPE_VARCHAR, false, {DUCKDB_TYPE_VARCHAR}},
        {"distance_m",
         distance_m,
         DUCKDB_TYPE_DOUBLE,
         false,
         {DUCKDB_TYPE_DOUBLE, DUCKDB_TYPE_DOUBLE, DUCKDB_TYPE_DOUBLE, DUCKDB_TYPE_DOUBLE}},
        {"bearing_deg",
         bearing_deg,
         DUCKDB_TYPE_DOUBLE,
         false,
         {DUCKDB_TYPE_DOUBLE, DUCKDB_TYPE_DOUBLE, DUCKDB_TYPE_DOUBLE, DUCKDB_TYPE_DOUBLE}},
        {"vessel_type_name", vessel_type_name, DUCKDB_TYPE_VARCHAR, false, {DUCKDB_TYPE_INTEGER}},
        {"mmsi_flag", mmsi_flag, DUCKDB_TYPE_VARCHAR, false, {DUCKDB_TYPE_VARCHAR}},
        {"mmsi_country", mmsi_country, DUCKDB_TYPE_VARCHAR, false, {DUCKDB_TYPE_VARCHAR}},
        {"imo_number", imo_number, DUCKDB_TYPE_VARCHAR, false, {DUCKDB_TYPE_VARCHAR}},
        {"sql_injection", sql_injection, DUCKDB_TYPE_VARCHAR, true, {DUCKDB_TYPE_VARCHAR}},
        {"floor_div", floor_div, DUCKDB_TYPE_BIGINT, false, {DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_BIGINT}},
        {"region_pieces", region_pieces, DUCKDB_TYPE_STRUCT, true, {DUCKDB_TYPE_VARCHAR}},
        {"region_cell", region_cell, DUCKDB_TYPE_INTEGER, false, {DUCKDB_TYPE_DOUBLE, DUCKDB_TYPE_DOUBLE}},
        {"region_covers",
         region_covers,
         DUCKDB_TYPE_BOOLEAN,
         false,
         {DUCKDB_TYPE_BLOB, DUCKDB_TYPE_DOUBLE, DUCKDB_TYPE_DOUBLE}},
        {"floor_mod", floor_mod, DUCKDB_TYPE_BIGINT, false, {DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_BIGINT}},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        duckdb_scalar_function made = duckdb_create_scalar_function();
        duckdb_scalar_function_set_name(made, functions[i].name);
        add_types(made, &functions[i]);
        duckdb_scalar_function_set_function(made, functions[i].run);
        const duckdb_state state = duckdb_register_scalar_function(engine->connection, made);
        duckdb_destroy_scalar_function(&made);
        if (state != DuckDBSuccess)
            return seine_fail(error, SEINE_E_INTERNAL, "SQL engine: function %s was refused", functions[i].name);
    }
    return SEINE_OK;
}
