/** @file parquet/footer.h  What stands behind the data in a Parquet file: page indexes and the footer. */
#ifndef SEINE_PARQUET_FOOTER_H
#define SEINE_PARQUET_FOOTER_H

#include "parquet/column.h"
#include "parquet/writer.h"

/** One row group: as many chunks as the schema has columns. */
typedef struct seine_parquet_group {
    int64_t rows, offset;
    seine_parquet_chunk *chunks;
} seine_parquet_group;

/**
 * Writes column indexes, offset indexes, footer and the closing magic; sets the index offsets in the chunks. @p extra
 * NULL = a flat table.
 */
SEINE_MUST_USE seine_status seine_parquet_footer_write(seine_file_writer *file, const seine_table_schema *schema,
                                                       const seine_parquet_extra *extra, seine_parquet_group *groups,
                                                       size_t group_count, seine_error *error);

#endif
