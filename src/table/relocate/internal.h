/** @file table/relocate/internal.h  One relocation, as the files relocate*.c share it. */
#ifndef SEINE_TABLE_RELOCATE_INTERNAL_H
#define SEINE_TABLE_RELOCATE_INTERNAL_H

#include "base/array.h"
#include "table/commit.h"
#include "table/relocate/relocate.h"

/** Another name of a list or manifest that was written anew. */
typedef struct seine_moved_file {
    const char *location; /**< URI */
    int64_t length;
} seine_moved_file;

/** The table being moved. */
typedef struct seine_move {
    seine_commit *commit;
    seine_relocation *done;
    seine_arena *texts;                        /**< of the report */
    const char *name;                          /**< of the table */
    char uuid[37];                             /**< in the names of its new files */
    seine_dict lists, manifests;               /**< old locations; the code is the index in: */
    seine_arena_list new_lists, new_manifests; /**< seine_moved_file, in the commit's arena */
} seine_move;

/**
 * The location of a file in the new place, in its old spelling; one which does not lie below the old place stays.
 * @p moved in @p arena. @return OK, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_move_location(const seine_move *move, seine_str location, seine_arena *arena,
                                                seine_str *moved, seine_error *error);
/** Reads the file that @p location means in the new place. *path in the commit's arena. */
SEINE_MUST_USE seine_status seine_move_read(seine_move *move, seine_str location, size_t max, seine_buf *bytes,
                                            const char **path, seine_error *error);
/** Writes @p bytes beside the file which lies at @p path and was called @p old_location. *location is its URI. */
SEINE_MUST_USE seine_status seine_move_write(seine_move *move, seine_str old_location, const char *path,
                                             const char *name, const seine_buf *bytes, const char **location,
                                             seine_error *error);
/** Writes a manifest list anew, with its manifests; each file once. */
SEINE_MUST_USE seine_status seine_move_list(seine_move *move, seine_str location, int64_t snapshot_id,
                                            const char **moved, seine_error *error);
/** Appends a copy of @p root (table or view metadata) with moved addresses. */
SEINE_MUST_USE seine_status seine_move_json(seine_move *move, seine_json_value root, seine_buf *out,
                                            seine_error *error);

#endif
