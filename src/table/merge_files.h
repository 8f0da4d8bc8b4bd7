/**
 * @file table/merge_files.h
 * Small files of a table that become one: those that a batch after the other leaves behind (SPEC section 3). Manifests
 * do by the same rule, with files for rows.
 */
#ifndef SEINE_TABLE_MERGE_FILES_H
#define SEINE_TABLE_MERGE_FILES_H

#include "engine/engine.h"
#include "table/catalog/catalog.h"

/** Merging waits until so many files can become one. */
#define SEINE_MERGED_FILES_MIN 8
/** Files of so many rows are no small ones: they stay. */
#define SEINE_MERGED_ROWS ((int64_t)1 << 16)

/**
 * How many of the newest files become one with a batch of @p batch_rows: those that are each no more than twice as
 * large as all newer ones together, once they and the batch are SEINE_MERGED_FILES_MIN, and none of them, nor the
 * batch, is SEINE_MERGED_ROWS. So a row is written again about as often as the number of batches has binary digits, and
 * the number of files grows as these do.
 * @param rows of each file, the oldest first.
 */
size_t seine_merged_files(const int64_t *rows, size_t count, int64_t batch_rows);

/**
 * Writes the rows of files of one partition, in the order of @p paths, into a new one: complete, but not committed.
 * @p file has its texts in @p arena.
 * @return OK, E_NOMEM, what reading and writing returned; nothing is left then.
 */
SEINE_MUST_USE seine_status seine_merge_files(seine_engine *engine, const seine_table *table,
                                              const seine_table_schema *schema, const char *const *paths, size_t count,
                                              const seine_partition_value *partition, seine_arena *arena,
                                              seine_data_file *file, seine_error *error);

#endif
