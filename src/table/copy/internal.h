/** @file table/copy/internal.h  One copy, as the files of this folder share it. */
#ifndef SEINE_TABLE_COPY_INTERNAL_H
#define SEINE_TABLE_COPY_INTERNAL_H

#include "base/array.h"
#include "table/catalog/new_catalog.h"
#include "table/copy/copy.h"
#include "table/file_ledger.h"

#include <pthread.h>

/** A file of the target. */
typedef struct seine_copied_file {
    const char *name; /**< below the lake */
    int64_t bytes;    /**< -1 = not known */
    char sum[65];     /**< XXH3-128 (32 hex digits) or SHA-256 (64) of its bytes; "" = not known */
    bool is_kept;     /**< metadata, which is written already */
} seine_copied_file;

/** A row of iceberg_tables. */
typedef struct seine_copied_table {
    const char *space, *name, *full_name;
    const char *location, *previous; /**< of its metadata: in the source, from seine_copy_plan on in the target */
} seine_copied_table;

typedef struct seine_copy {
    seine_arena arena;
    const seine_copy_options *options;
    seine_copy_report *report;
    const char *from, *to; /**< absolute, links resolved */
    const char *mark, *mark_text;
    seine_new_catalog catalog;
    seine_db *state; /**< the rows of the source's catalog, later those of the target's; gone with the process */
    seine_copied_table *tables;
    size_t table_count;
    seine_file_row *rows; /**< of seine_file */
    size_t row_count;
    seine_dict row_names;    /**< the code is the index in rows */
    seine_file_entry *there; /**< what the target had when the copy began, by name */
    size_t there_count;
    pthread_mutex_t mutex;  /**< of what follows */
    seine_dict names;       /**< the code is the index in: */
    seine_arena_list files; /**< seine_copied_file */
    uint64_t done_bytes, all_bytes;
} seine_copy;

/* ---- mark.c ---- */

#define SEINE_COPY_MARK "copy.from" /**< in the target, until it is whole */

/** Names the mark, and what is to stand in it. */
SEINE_MUST_USE seine_status seine_copy_make_mark(seine_copy *copy, seine_error *error);
/** *is_ours: a run before this one has begun the same copy. @return OK, also for no mark; E_EXISTS another copy's. */
SEINE_MUST_USE seine_status seine_copy_find_mark(seine_copy *copy, bool *is_ours, seine_error *error);
/** From here on the target is this run's. */
SEINE_MUST_USE seine_status seine_copy_put_mark(const seine_copy *copy, seine_error *error);
/** Whether it still is, and no lake yet. @return OK, E_BUSY. */
SEINE_MUST_USE seine_status seine_copy_is_ours(seine_copy *copy, seine_error *error);

/* ---- state.c ---- */

/** Takes all rows of the source's catalog at one moment. */
SEINE_MUST_USE seine_status seine_copy_read_state(seine_copy *copy, seine_catalog *source, seine_error *error);
/** Makes them the rows of the target, when its files are there. */
SEINE_MUST_USE seine_status seine_copy_turn_state(seine_copy *copy, seine_error *error);
/** seine_new_catalog.fill of a seine_copy. */
SEINE_MUST_USE seine_status seine_copy_fill(void *copy, seine_db *db, bool has_type, seine_error *error);

/* ---- plan.c ---- */

/** Writes the metadata of all tables, and finds every file that the target is to have. */
SEINE_MUST_USE seine_status seine_copy_plan(seine_copy *copy, seine_error *error);

/* ---- transfer.c ---- */

/** Whether the target has a file of these bytes; @p sum "": the source's are read for it. */
SEINE_MUST_USE seine_status seine_copy_is_there(const seine_copy *copy, const seine_copied_file *file, bool *is_there,
                                                seine_error *error);
/** Compares what was written with what is read, where that is not the store's own promise. @return OK, E_IO. */
SEINE_MUST_USE seine_status seine_copy_read_back(const char *path, seine_hash128 sent, seine_error *error);
/** Writes all files that are not there, and removes those that should not be. */
SEINE_MUST_USE seine_status seine_copy_transfer(seine_copy *copy, seine_error *error);

#endif
