/** @file ingest/reject_files.h  Refused rows as files of silver.<dataset>_rejects, each of one source. */
#ifndef SEINE_INGEST_REJECT_FILES_H
#define SEINE_INGEST_REJECT_FILES_H

#include "engine/engine.h"
#include "ingest/known_sources.h"
#include "ingest/parser.h"
#include "io/file_batch.h"
#include "table/catalog/catalog.h"

/** Files that were written and wait for their commit. Zeroed = empty; free with seine_reject_files_free. */
typedef struct seine_reject_files {
    seine_data_file *items;
    size_t count, capacity;
    const char **merged; /**< files of the table whose rows are in these: they go when these come */
    size_t merged_count, merged_capacity;
    seine_file_batch *batch; /**< those written since the last sync */
    seine_arena arena;
} seine_reject_files;

/** Writes the rejects of blocks of a source as one more file, durable from the next sync on; a source in quarantine
 * without any is one row. */
SEINE_MUST_USE seine_status seine_reject_files_write(seine_reject_files *files, seine_catalog *catalog,
                                                     const seine_source *source, const seine_parsed_block *blocks,
                                                     size_t count, seine_error *error);
/**
 * Makes the files of a source from number @p from on one with the newest of the table, when there are many
 * (table/merge_files.h). @return OK, what reading and writing returned.
 */
SEINE_MUST_USE seine_status seine_reject_files_merge(seine_reject_files *files, seine_catalog *catalog,
                                                     seine_engine *engine, const seine_source *source, size_t from,
                                                     seine_error *error);
/** Makes all of them durable. */
SEINE_MUST_USE seine_status seine_reject_files_sync(seine_reject_files *files, seine_error *error);
/** Removes the files from number @p from on. */
void seine_reject_files_drop(seine_reject_files *files, size_t from);
/** The first @p count are the table's now. */
void seine_reject_files_committed(seine_reject_files *files, size_t count);
/** Removes those that wait. */
void seine_reject_files_free(seine_reject_files *files);

/** Live files of such a table that hold the rows of a source, ledger rows told apart by ingested_at. */
SEINE_MUST_USE seine_status seine_reject_files_find(seine_engine *engine, seine_table *rejects,
                                                    const seine_source *source, seine_arena *arena, const char ***paths,
                                                    size_t *count, seine_error *error);

#endif
