/** @file table/new_file.h  A new data file of a table: where it lies, its writer, and its end, whichever it is. */
#ifndef SEINE_TABLE_NEW_FILE_H
#define SEINE_TABLE_NEW_FILE_H

#include "parquet/writer.h"
#include "table/catalog/catalog.h"

/** Row groups are written to writer. Zeroes are a file that was never opened. */
typedef struct seine_new_file {
    seine_parquet_writer *writer;
    seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX];
} seine_new_file;

/**
 * Opens a file of @p partition, with columns of @p schema, which outlives it. @p arena is used for its name. Once
 * written it waits in @p batch to become durable; NULL: it is when it ends.
 * @return what making the folder and the file returned; the file is not open then.
 */
SEINE_MUST_USE seine_status seine_new_file_open(const seine_table *table, const seine_table_schema *schema,
                                                const seine_partition_value *partition, seine_file_batch *batch,
                                                seine_arena *arena, seine_new_file *file, seine_error *error);
/**
 * Ends the file, also one that is not open. When all went well so far (@p status), it is made durable under its name,
 * by its batch if it has one, and described in @p done, with texts in @p arena: complete, but not committed. Otherwise
 * nothing of it is left.
 * @return @p status, or what making it durable returned.
 */
SEINE_MUST_USE seine_status seine_new_file_end(seine_new_file *file, seine_status status, seine_arena *arena,
                                               seine_data_file *done, seine_error *error);

#endif
