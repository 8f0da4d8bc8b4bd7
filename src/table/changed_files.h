/** @file table/changed_files.h  What a run changes in one table, until its commit. */
#ifndef SEINE_TABLE_CHANGED_FILES_H
#define SEINE_TABLE_CHANGED_FILES_H

#include "columns/data_file.h"
#include "seine/status.h"

#define SEINE_CHANGED_FILES_MAX ((size_t)1 << 24)

/** Files of one table that a run adds and removes. Lists are freed by seine_changed_files_free. */
typedef struct seine_changed_files {
    seine_data_file *added;
    size_t added_count, added_capacity;
    const char **removed;
    size_t removed_count, removed_capacity;
} seine_changed_files;
/** @return OK, or E_NOMEM: then @p file was removed from disk, since nobody would know of it. */
SEINE_MUST_USE seine_status seine_changed_files_add(seine_changed_files *files, const seine_data_file *file);
SEINE_MUST_USE seine_status seine_changed_files_remove(seine_changed_files *files, const char *path);
/** Removes the added files from disk: their commit definitely failed. */
void seine_changed_files_discard(const seine_changed_files *files);
void seine_changed_files_free(seine_changed_files *files);

#endif
