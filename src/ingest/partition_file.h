/** @file ingest/partition_file.h  One silver partition (UTC day × bucket) as a Parquet file. */
#ifndef SEINE_INGEST_PARTITION_FILE_H
#define SEINE_INGEST_PARTITION_FILE_H

#include "columns/data_file.h"
#include "ingest/winner.h"
#include "io/file_batch.h"

/** Writes winners (at least one) as a file at @p path, which waits in @p batch (NULL: durable at once); @p file gets
 * everything but the partition values. @p is_passing: it will soon be read once more and be gone. */
SEINE_MUST_USE seine_status seine_partition_file_write(const seine_fix_key *keys, size_t count,
                                                       const seine_fix_words *words, bool is_passing, const char *path,
                                                       seine_file_batch *batch, seine_arena *arena,
                                                       seine_data_file *file, seine_error *error);

#endif
