/** @file serve/iceberg/table.h  The answer to "load this table" of the Iceberg REST catalog. Pure. */
#ifndef SEINE_SERVE_ICEBERG_TABLE_H
#define SEINE_SERVE_ICEBERG_TABLE_H

#include "serve/iceberg/storage.h"

/**
 * Writes {"metadata-location","metadata","config"}. @p metadata: the table's metadata file, told as it is, but with
 * @p only_refs without the snapshots that no branch or tag, and not the table itself, names. The config is @p storage.
 * @return OK, E_FORMAT (no object), E_NOMEM, E_LIMIT.
 */
SEINE_MUST_USE seine_status seine_iceberg_put_table(seine_json_value metadata, const char *location, bool only_refs,
                                                    const seine_iceberg_storage *storage, seine_buf *out,
                                                    seine_error *error);

#endif
