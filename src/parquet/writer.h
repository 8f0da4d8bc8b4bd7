/**
 * @file parquet/writer.h
 * Writes one Parquet file from sorted columns, and tells what Iceberg wants to know about it.
 * Columns come as constants, dictionary codes or plain numbers (columns/vec.h), so repeated values cost per run, not
 * per row.
 */
#ifndef SEINE_PARQUET_WRITER_H
#define SEINE_PARQUET_WRITER_H

#include "base/try.h"
#include "columns/data_file.h"
#include "columns/vec.h"
#include "io/file_batch.h"

#define SEINE_ROW_GROUP_ROWS 122880
#define SEINE_ZSTD_LEVEL 3
#define SEINE_ZSTD_LEVEL_JSON 1 /**< texts of JSON become no smaller at 3, and take half as long again */

typedef struct seine_parquet_writer seine_parquet_writer;

/** Opens a temporary file beside @p path. @p schema must outlive the writer. One thread per writer. */
SEINE_MUST_USE seine_status seine_parquet_open(const char *path, const seine_table_schema *schema,
                                               seine_parquet_writer **writer, seine_error *error);
/**
 * Writes one row group (at most SEINE_ROW_GROUP_ROWS rows, at least one); rows->columns are in schema order. A null in
 * a required column is SEINE_E_FORMAT naming the column.
 */
SEINE_MUST_USE seine_status seine_parquet_write(seine_parquet_writer *writer, const seine_rows *rows,
                                                seine_error *error);
/**
 * Writes the footer, makes the file durable under its name and fills @p file (its arrays are allocated in @p arena):
 * path, size, rows, split offsets and per-column counts and bounds (partition values are the caller's; is_sorted is set
 * when the schema has a sort order, because the caller promises sorted rows). Ends and frees the writer, also on
 * failure (then nothing is left behind).
 */
SEINE_MUST_USE seine_status seine_parquet_finish(seine_parquet_writer *writer, seine_arena *arena,
                                                 seine_data_file *file, seine_error *error);
/** What a file for others has beyond a flat table; all borrowed until the end of the writer. */
typedef struct seine_parquet_extra {
    const char *group;       /**< struct that the last columns of the schema are the members of, all null together */
    size_t group_columns;    /**< how many; they are not required in the schema */
    const char *key, *value; /**< metadata of the file, in place of the Iceberg schema */
} seine_parquet_extra;
/** To be called before seine_parquet_finish. */
void seine_parquet_extend(seine_parquet_writer *writer, const seine_parquet_extra *extra);
/** Packs what is written from now on at another level of zstd than SEINE_ZSTD_LEVEL. */
void seine_parquet_pack(seine_parquet_writer *writer, int level);
/** Packs nothing: for files that are soon read once more and gone. To be called before the first row group. */
void seine_parquet_leave_unpacked(seine_parquet_writer *writer);
/** Lets the finished file wait in @p batch (NULL: made durable at once). To be called before seine_parquet_finish. */
void seine_parquet_defer(seine_parquet_writer *writer, seine_file_batch *batch);
/** Removes what was written. NULL is allowed. */
void seine_parquet_abort(seine_parquet_writer *writer);
SEINE_OWNED_POINTER(seine_parquet_writer, seine_parquet_abort);

#endif
