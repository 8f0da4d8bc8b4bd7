/** @file table/catalog/shape.h  Tables that come and go alone, for those who take several at once. Internal to
 * src/table/catalog. */
#ifndef SEINE_TABLE_CATALOG_SHAPE_H
#define SEINE_TABLE_CATALOG_SHAPE_H

#include "table/commit.h"

/** A transaction under the catalog's leases. Ends it in every case: with @p status OK it commits. */
SEINE_MUST_USE seine_status seine_shapes_begin(seine_catalog *catalog, seine_error *error);
SEINE_MUST_USE seine_status seine_shapes_end(seine_catalog *catalog, seine_status status, seine_error *error);
/** Inside one: takes a table at this location, and what the ledger knows of it, out. @return OK, E_CONFLICT, E_IO. */
SEINE_MUST_USE seine_status seine_shape_take_out(seine_catalog *catalog, const char *name, const char *location,
                                                 const char *folder, seine_arena *arena, seine_error *error);
/** An empty table for the place of the one at @p former, whatever its columns. @return as seine_shape_begin. */
SEINE_MUST_USE seine_status seine_shape_anew(seine_catalog *catalog, const seine_table_schema *schema,
                                             const char *former, seine_shape **shape, seine_error *error);

#endif
