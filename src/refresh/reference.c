/* Rows of cells become structs once; what is looked up a million times needs no cells. */
#include "refresh/reference.h"

#include "base/try.h"
#include "table/cells.h"

#include <math.h>
#include <stdlib.h>

static const char *const names[] = {"ref.ports", "ref.weather"};
enum { PORTS, WEATHER, TABLES };

/* ---- cells ---- */

/* Columns by name, once per table. */
typedef struct columns {
    size_t from, to, content;
} columns;

static columns columns_of(const seine_table_schema *schema) {
    return (columns){seine_schema_column(schema, "valid_from"), seine_schema_column(schema, "valid_to"),
                     seine_schema_column(schema, "content_hash")};
}

static int64_t integer_or(const seine_cell *cell, int64_t null) { return cell->is_null ? null : cell->as.integer; }
static double number_of(const seine_cell *cell) { return cell->is_null ? NAN : cell->as.number; }
static seine_str text_of(const seine_cell *cell) { return cell->is_null ? (seine_str){NULL, 0} : cell->as.text; }

static seine_status hash_of(const char *table, const seine_cell *cell, seine_hash128 *hash, seine_error *error) {
    if (seine_hash128_parse(text_of(cell), hash)) return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT, "%s: the content_hash '%.*s' is none", table,
                      SEINE_STR_ARG(text_of(cell)));
}

/* ---- ports ---- */

/* In the order of the schema. */
enum { PORT_ID, PORT_NAME, PORT_LAT, PORT_LON, PORT_COUNTRY };

static int compare_ports(const void *a, const void *b) {
    const seine_reference_port *x = a, *y = b;
    const int order = seine_str_compare(x->port_id, y->port_id);
    if (order != 0) return order;
    return (x->valid_from_us > y->valid_from_us) - (x->valid_from_us < y->valid_from_us);
}

static seine_status take_ports(seine_reference *r, const seine_table_schema *schema, const seine_cells *rows,
                               seine_error *error) {
    const columns c = columns_of(schema);
    r->ports = SEINE_ARENA_ARRAY(&r->arena, seine_reference_port, rows->count);
    if (r->ports == NULL) return seine_no_memory(error, "reading reference tables");
    for (size_t i = 0; i < rows->count; i++) {
        const seine_cell *row = rows->rows[i];
        seine_reference_port *port = &r->ports[i];
        *port = (seine_reference_port){.port_id = text_of(&row[PORT_ID]),
                                       .name = text_of(&row[PORT_NAME]),
                                       .country = text_of(&row[PORT_COUNTRY]),
                                       .lat_deg = number_of(&row[PORT_LAT]),
                                       .lon_deg = number_of(&row[PORT_LON]),
                                       .valid_from_us = integer_or(&row[c.from], SEINE_REFERENCE_EVER_US),
                                       .valid_to_us = integer_or(&row[c.to], SEINE_REFERENCE_FOREVER_US)};
        SEINE_TRY(hash_of(schema->name, &row[c.content], &port->hash, error));
    }
    r->port_count = rows->count;
    if (rows->count > 0) qsort(r->ports, rows->count, sizeof *r->ports, compare_ports);
    return SEINE_OK;
}

/* ---- weather ---- */

enum { WEATHER_LAT, WEATHER_LON, WEATHER_TIME, WEATHER_TEMPERATURE, WEATHER_WIND };

static int compare_weather(const void *a, const void *b) {
    const seine_reference_weather *x = a, *y = b;
    if (x->lat_grid != y->lat_grid) return x->lat_grid < y->lat_grid ? -1 : 1;
    if (x->lon_grid != y->lon_grid) return x->lon_grid < y->lon_grid ? -1 : 1;
    if (x->observed_us != y->observed_us) return x->observed_us < y->observed_us ? -1 : 1;
    return (x->valid_from_us > y->valid_from_us) - (x->valid_from_us < y->valid_from_us);
}

static seine_status take_weather(seine_reference *r, const seine_table_schema *schema, const seine_cells *rows,
                                 seine_error *error) {
    const columns c = columns_of(schema);
    r->weather = SEINE_ARENA_ARRAY(&r->arena, seine_reference_weather, rows->count);
    if (r->weather == NULL) return seine_no_memory(error, "reading reference tables");
    for (size_t i = 0; i < rows->count; i++) {
        const seine_cell *row = rows->rows[i];
        seine_reference_weather *weather = &r->weather[i];
        *weather = (seine_reference_weather){.lat_grid = (int32_t)integer_or(&row[WEATHER_LAT], 0),
                                             .lon_grid = (int32_t)integer_or(&row[WEATHER_LON], 0),
                                             .observed_us = integer_or(&row[WEATHER_TIME], SEINE_REFERENCE_ALWAYS_US),
                                             .temperature = number_of(&row[WEATHER_TEMPERATURE]),
                                             .wind_speed = number_of(&row[WEATHER_WIND]),
                                             .valid_from_us = integer_or(&row[c.from], SEINE_REFERENCE_EVER_US),
                                             .valid_to_us = integer_or(&row[c.to], SEINE_REFERENCE_FOREVER_US)};
        SEINE_TRY(hash_of(schema->name, &row[c.content], &weather->hash, error));
    }
    r->weather_count = rows->count;
    if (rows->count > 0) qsort(r->weather, rows->count, sizeof *r->weather, compare_weather);
    return SEINE_OK;
}

/* ---- tables ---- */

static seine_status read_rows(seine_reference *r, seine_engine *engine, seine_table *table, seine_cells *rows,
                              seine_error *error) {
    const seine_live_file *files = NULL;
    size_t count = 0;
    SEINE_TRY(seine_table_files(table, &files, &count, error));
    const char **paths = SEINE_ARENA_ARRAY(&r->arena, const char *, count);
    if (paths == NULL) return seine_no_memory(error, "reading reference tables");
    for (size_t i = 0; i < count; i++) paths[i] = files[i].file.path;
    return seine_cells_read(engine, seine_table_schema_of(table), paths, count, &r->arena, rows, error);
}

static seine_status read_table(seine_reference *r, seine_engine *engine, size_t which, seine_table *table,
                               seine_error *error) {
    const seine_table_schema *schema = seine_schema_find(names[which]);
    seine_cells rows SEINE_OWNED(seine_cells_free) = {0};
    SEINE_TRY(read_rows(r, engine, table, &rows, error));
    return which == PORTS ? take_ports(r, schema, &rows, error) : take_weather(r, schema, &rows, error);
}

static void close_tables(seine_table *(*tables)[TABLES]) {
    for (size_t i = 0; i < TABLES; i++) seine_table_close((*tables)[i]);
}

seine_status seine_reference_read(seine_catalog *catalog, seine_engine *engine, seine_reference *reference,
                                  seine_error *error) {
    seine_table *tables[TABLES] SEINE_OWNED(close_tables) = {NULL};
    SEINE_TRY(seine_tables_load_or_empty(catalog, names, TABLES, tables, error));
    for (size_t i = 0; i < TABLES; i++) SEINE_TRY(read_table(reference, engine, i, tables[i], error));
    reference->ports_snapshot = seine_table_snapshot_id(tables[PORTS]);
    reference->weather_snapshot = seine_table_snapshot_id(tables[WEATHER]);
    return SEINE_OK;
}

void seine_reference_free(seine_reference *reference) {
    seine_arena_free(&reference->arena);
    *reference = (seine_reference){.port_count = 0};
}
