/** @file table/manifest/schema.h  The Avro schemas of manifests and manifest lists; ICEBERG.md sections 3, 5 and 6. */
#ifndef SEINE_TABLE_MANIFEST_SCHEMA_H
#define SEINE_TABLE_MANIFEST_SCHEMA_H

#include "base/buf.h"
#include "columns/schema.h"

/** Appends the schema of a manifest of a table. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_manifest_schema(const seine_table_schema *schema, seine_buf *out);
/** Appends the schema of a manifest list. */
SEINE_MUST_USE seine_status seine_manifest_list_schema(seine_buf *out);

#endif
