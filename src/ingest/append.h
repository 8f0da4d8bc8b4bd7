/**
 * @file ingest/append.h
 * A batch that takes no stored row's place becomes a file of its own beside those that a partition has: what costs is
 * the batch, not the day. No key lies in two files of a partition, so every reader of them sees the truth.
 */
#ifndef SEINE_INGEST_APPEND_H
#define SEINE_INGEST_APPEND_H

#include "engine/engine.h"
#include "ingest/winner.h"
#include "columns/data_file.h"

/** Files of a partition at most; with more, small ones are merged into one. */
#define SEINE_PARTITION_FILES_MAX 8

/** What lies in the lake of a partition. Borrowed. */
typedef struct seine_append_to {
    seine_engine *engine; /**< reads files of others */
    const seine_data_file *const *files;
    size_t file_count;
} seine_append_to;

/**
 * Compares winners (in order of their keys) with the stored rows: of two with one key the stored one stays where it
 * wins, and the other leaves @p keys; *count of them are left. *may is false when a new one wins: then the partition
 * has to be made anew, and the keys are as they were.
 * @return OK, E_NOMEM, what reading returned.
 */
SEINE_MUST_USE seine_status seine_append_check(const seine_append_to *to, seine_fix_key *keys, size_t *count,
                                               const seine_fix_words *words, bool *may, seine_error *error);

/**
 * With which files a batch is merged into one, so that there are no more than SEINE_PARTITION_FILES_MAX: none while
 * there is room, else the smallest, and each next one that is no larger than the batch and those before it are
 * together. So a row is written again about as often as the number of batches has binary digits, and not once for every
 * eighth batch. Puts @p files in order of their rows. @return how many of the first ones.
 */
size_t seine_append_merged(const seine_data_file **files, size_t count, size_t batch_rows);

#endif
