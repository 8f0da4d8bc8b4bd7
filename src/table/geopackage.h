/**
 * @file table/geopackage.h
 * Rows with a place as a GeoPackage (OGC 12-128r18, version 1.3): one layer of shapes, WGS 84, in a SQLite file. It is
 * here because this folder owns SQLite; it has nothing to do with the catalog.
 */
#ifndef SEINE_TABLE_GEOPACKAGE_H
#define SEINE_TABLE_GEOPACKAGE_H

#include "columns/vec.h"

typedef struct seine_geopackage seine_geopackage;

/** What the layer looks like; borrowed until the end. Names must differ without regard to case, and from fid, geom. */
typedef struct seine_geopackage_layer {
    const char *name;     /**< neither gpkg_… nor sqlite_… */
    const char *geometry; /**< POINT, or GEOMETRY for several kinds */
    const char *const *names;
    size_t column_count;
} seine_geopackage_layer;

/** Begins a file that will be named @p path. Types are those of @p rows. @return OK, E_NOMEM, E_IO, E_INTERNAL. */
SEINE_MUST_USE seine_status seine_geopackage_open(const char *path, const seine_geopackage_layer *layer,
                                                  const seine_rows *rows, seine_geopackage **made, seine_error *error);
/** Adds rows with their shapes as little-endian WKB; NULL data = the row has none. @return OK, E_NOMEM, E_IO. */
SEINE_MUST_USE seine_status seine_geopackage_rows(seine_geopackage *made, const seine_rows *rows,
                                                  const seine_str *shapes, seine_error *error);
/**
 * Makes the file durable under its name, replacing one that is there; frees it in every case.
 * @param bounds least x and y, most x and y of all shapes; NULL = there is none.
 */
SEINE_MUST_USE seine_status seine_geopackage_finish(seine_geopackage *made, const double *bounds, seine_error *error);
/** Removes what was written. NULL is allowed. */
void seine_geopackage_abort(seine_geopackage *made);

#endif
