/*
 * A GeoPackage is written as a SQLite database under a temporary name, without a journal: nobody sees it before it is
 * whole. Numbers in comments are requirements of OGC 12-128r18.
 */
#include "table/geopackage.h"

#include "base/time.h"
#include "io/file.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#define WGS84 4326
#define SHAPE_BYTES 128 /* header of 8 bytes, WKB */

struct seine_geopackage {
    const seine_geopackage_layer *layer;
    const char *path;
    char *temp;
    seine_arena arena;
    sqlite3 *db;
    sqlite3_stmt *insert;
};

/* Requirements 2 (application_id), 10 and 11 (systems), 13 (contents), 21 (geometry columns). */
static const char tables[] =
    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA application_id = 1196444487; "
    "PRAGMA user_version = 10300; BEGIN;"
    "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT "
    "NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);"
    "INSERT INTO gpkg_spatial_ref_sys VALUES"
    " ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),"
    " ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),"
    " ('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS[\"WGS 84\",DATUM[\"WGS_1984\",SPHEROID[\"WGS 84\",6378137,"
    "298.257223563,AUTHORITY[\"EPSG\",\"7030\"]],AUTHORITY[\"EPSG\",\"6326\"]],PRIMEM[\"Greenwich\",0,AUTHORITY["
    "\"EPSG\",\"8901\"]],UNIT[\"degree\",0.0174532925199433,AUTHORITY[\"EPSG\",\"9122\"]],AXIS[\"Latitude\",NORTH],"
    "AXIS[\"Longitude\",EAST],AUTHORITY[\"EPSG\",\"4326\"]]', 'longitude/latitude coordinates in decimal "
    "degrees on the "
    "WGS 84 spheroid');"
    "CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier "
    "TEXT UNIQUE, "
    "description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), "
    "min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY "
    "(srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));"
    "CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT "
    "NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY "
    "(table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name), CONSTRAINT fk_gc_tn FOREIGN KEY "
    "(table_name) REFERENCES gpkg_contents(table_name), CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES "
    "gpkg_spatial_ref_sys (srs_id));";

static seine_status fail(const seine_geopackage *g, seine_error *error) {
    const int code = sqlite3_errcode(g->db) & 0xff;
    const seine_status status = code == SQLITE_NOMEM   ? SEINE_E_NOMEM
                                : code == SQLITE_ERROR ? SEINE_E_INTERNAL
                                                       : SEINE_E_IO;
    return seine_fail(error, status, "%s: %s", g->path, sqlite3_errmsg(g->db));
}

static seine_status run(seine_geopackage *g, const char *sql, seine_error *error) {
    return sqlite3_exec(g->db, sql, NULL, NULL, NULL) == SQLITE_OK ? SEINE_OK : fail(g, error);
}

static const char *type_of(seine_type type) {
    static const char *const names[] = {"BOOLEAN", "MEDIUMINT", "INTEGER", "DOUBLE",
                                        "DATE",    "DATETIME",  "TEXT",    "BLOB"};
    return names[type];
}

/* The layer's table (requirement 29: an integer key), its row of geometry, and the statement that fills it. */
static seine_status make_layer(seine_geopackage *g, const seine_rows *rows, seine_error *error) {
    const seine_geopackage_layer *layer = g->layer;
    sqlite3_str *sql = sqlite3_str_new(g->db);
    sqlite3_str_appendf(sql, "CREATE TABLE \"%w\" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom %s",
                        layer->name, layer->geometry);
    for (size_t i = 0; i < layer->column_count; i++)
        sqlite3_str_appendf(sql, ", \"%w\" %s", layer->names[i], type_of(rows->columns[i].type));
    sqlite3_str_appendf(sql,
                        "); INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (%Q, "
                        "'features', %Q, %d); INSERT INTO gpkg_geometry_columns VALUES (%Q, 'geom', %Q, %d, 0, 0)",
                        layer->name, layer->name, WGS84, layer->name, layer->geometry, WGS84);
    char *text = sqlite3_str_finish(sql);
    seine_status status = text != NULL ? run(g, text, error) : seine_fail(error, SEINE_E_NOMEM, "out of memory");
    sqlite3_free(text);
    if (status != SEINE_OK) return status;
    sql = sqlite3_str_new(g->db);
    sqlite3_str_appendf(sql, "INSERT INTO \"%w\" VALUES (NULL, ?", layer->name);
    for (size_t i = 0; i < layer->column_count; i++) sqlite3_str_appendall(sql, ", ?");
    sqlite3_str_appendall(sql, ")");
    text = sqlite3_str_finish(sql);
    if (text == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory");
    if (sqlite3_prepare_v2(g->db, text, -1, &g->insert, NULL) != SQLITE_OK) status = fail(g, error);
    sqlite3_free(text);
    return status;
}

seine_status seine_geopackage_open(const char *path, const seine_geopackage_layer *layer, const seine_rows *rows,
                                   seine_geopackage **made, seine_error *error) {
    *made = NULL;
    seine_geopackage *g = calloc(1, sizeof *g);
    if (g == NULL) return seine_fail(error, SEINE_E_NOMEM, "%s: out of memory", path);
    g->layer = layer;
    g->path = path;
    g->temp = seine_file_temp_name(&g->arena, path);
    seine_status status = SEINE_OK;
    if (g->temp == NULL)
        status = seine_fail(error, SEINE_E_NOMEM, "%s: out of memory", path);
    else if (sqlite3_open_v2(g->temp, &g->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) !=
             SQLITE_OK)
        status = seine_fail(error, SEINE_E_IO, "cannot create %s", path);
    if (status == SEINE_OK) status = run(g, tables, error);
    if (status == SEINE_OK) status = make_layer(g, rows, error);
    if (status != SEINE_OK) {
        seine_geopackage_abort(g);
        return status;
    }
    *made = g;
    return SEINE_OK;
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

static bool is_null(const seine_vec *vec, size_t row) { return vec->valid != NULL && !vec->valid[row]; }

/* GeoPackageBinaryHeader without an envelope, then the shape. */
static int bind_shape(seine_geopackage *g, seine_str shape) {
    if (shape.data == NULL) return sqlite3_bind_null(g->insert, 1);
    const int32_t system = WGS84;
    uint8_t bytes[SHAPE_BYTES];
    if (shape.size > sizeof bytes - 8) return SQLITE_TOOBIG;
    memcpy(bytes, "GP\0\1", 4); /* version, of which 0 is 1; flags: little-endian, no envelope */
    memcpy(bytes + 4, &system, 4);
    memcpy(bytes + 8, shape.data, shape.size);
    return sqlite3_bind_blob(g->insert, 1, bytes, (int)shape.size + 8, SQLITE_TRANSIENT);
}

/* DATETIME is ISO 8601 with milliseconds and Z. */
static int bind_time(sqlite3_stmt *insert, int index, int64_t time_us) {
    char text[40], moment[48];
    const int64_t day = time_us >= 0 ? time_us / SEINE_SECOND_US : (time_us - SEINE_SECOND_US + 1) / SEINE_SECOND_US;
    const int milliseconds = (int)((time_us - day * SEINE_SECOND_US) / 1000);
    const size_t size = seine_time_format(day * SEINE_SECOND_US, text);
    const int length = snprintf(moment, sizeof moment, "%.*s.%03dZ", (int)size - 1, text, milliseconds);
    return sqlite3_bind_text(insert, index, moment, length, SQLITE_TRANSIENT);
}

static int bind_text(sqlite3_stmt *insert, int index, seine_str text, bool is_blob) {
    const char *data = text.data != NULL ? text.data : "";
    return is_blob ? sqlite3_bind_blob64(insert, index, data, text.size, SQLITE_STATIC)
                   : sqlite3_bind_text64(insert, index, data, text.size, SQLITE_STATIC, SQLITE_UTF8);
}

static int bind_cell(sqlite3_stmt *insert, int index, const seine_vec *vec, size_t row) {
    char text[16];
    if (is_null(vec, row)) return sqlite3_bind_null(insert, index);
    switch (vec->type) {
    case SEINE_TYPE_BOOLEAN: return sqlite3_bind_int(insert, index, ((const uint8_t *)vec->values)[row] != 0);
    case SEINE_TYPE_INT: return sqlite3_bind_int(insert, index, ((const int32_t *)vec->values)[row]);
    case SEINE_TYPE_LONG: return sqlite3_bind_int64(insert, index, ((const int64_t *)vec->values)[row]);
    case SEINE_TYPE_DOUBLE: return sqlite3_bind_double(insert, index, ((const double *)vec->values)[row]);
    case SEINE_TYPE_TIMESTAMPTZ: return bind_time(insert, index, ((const int64_t *)vec->values)[row]);
    case SEINE_TYPE_DATE: {
        const size_t size = seine_date_format(((const int32_t *)vec->values)[row], text);
        return sqlite3_bind_text(insert, index, text, (int)size, SQLITE_TRANSIENT);
    }
    default: return bind_text(insert, index, ((const seine_str *)vec->values)[row], vec->type == SEINE_TYPE_BINARY);
    }
}

seine_status seine_geopackage_rows(seine_geopackage *made, const seine_rows *rows, const seine_str *shapes,
                                   seine_error *error) {
    for (size_t row = 0; row < rows->count; row++) {
        int code = bind_shape(made, shapes[row]);
        for (size_t i = 0; code == SQLITE_OK && i < rows->column_count; i++)
            code = bind_cell(made->insert, (int)i + 2, &rows->columns[i], row);
        if (code != SQLITE_OK || sqlite3_step(made->insert) != SQLITE_DONE) return fail(made, error);
        (void)sqlite3_reset(made->insert);
    }
    return SEINE_OK;
}

/* ---- the end ---------------------------------------------------------------------------------------------------- */

static seine_status put_extent(seine_geopackage *g, const double *bounds, seine_error *error) {
    if (bounds == NULL) return SEINE_OK; /* null, as the standard lets it be */
    char *sql =
        sqlite3_mprintf("UPDATE gpkg_contents SET min_x = %!.17g, min_y = %!.17g, max_x = %!.17g, max_y = %!.17g",
                        bounds[0], bounds[1], bounds[2], bounds[3]);
    const seine_status status = sql != NULL ? run(g, sql, error) : seine_fail(error, SEINE_E_NOMEM, "out of memory");
    sqlite3_free(sql);
    return status;
}

static void shut(seine_geopackage *g) {
    (void)sqlite3_finalize(g->insert);
    (void)sqlite3_close(g->db);
    g->insert = NULL;
    g->db = NULL;
}

seine_status seine_geopackage_finish(seine_geopackage *made, const double *bounds, seine_error *error) {
    seine_status status = put_extent(made, bounds, error);
    if (status == SEINE_OK) status = run(made, "COMMIT", error);
    shut(made);
    if (status == SEINE_OK) {
        status = seine_file_publish(made->temp, made->path, NULL, SEINE_FILE_REPLACE, error);
        made->temp = NULL; /* gone in every case */
    }
    seine_geopackage_abort(made);
    return status;
}

void seine_geopackage_abort(seine_geopackage *made) {
    if (made == NULL) return;
    shut(made);
    if (made->temp != NULL) (void)(seine_file_remove(made->temp, NULL) == SEINE_OK);
    seine_arena_free(&made->arena);
    free(made);
}
