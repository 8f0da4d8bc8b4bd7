/**
 * @file table/relocate/move.h
 * The metadata of one table with other addresses: what lies below one place is named in another.
 *
 *     metadata.json ─▶ each manifest list, once ─▶ each manifest, once ─▶ the data files that it names
 *
 * relocate.h does that with files that were moved already: they are read in the new place, and what is written anew
 * stands beside them under new names. copy.h does it while they are copied: they are read in the former place and keep
 * their names, so that the same lake makes the same files each time.
 */
#ifndef SEINE_TABLE_RELOCATE_MOVE_H
#define SEINE_TABLE_RELOCATE_MOVE_H

#include "base/array.h"
#include "table/table.h"

/** Another name of a list or manifest that was written anew. */
typedef struct seine_moved_file {
    const char *location; /**< URI */
    int64_t length;
} seine_moved_file;

/** The table being moved; what stands above uuid is the caller's. */
typedef struct seine_move {
    const char *from, *to; /**< places: absolute paths, or addresses */
    const char *name;      /**< of the table */
    bool is_copy;
    seine_arena *arena; /**< of all that is made for the table */
    void *context;
    /** Keeps a file that was written anew. @p path is in the arena. */
    seine_status (*keep)(struct seine_move *move, const char *path, const seine_buf *bytes, seine_error *error);
    /**
     * A file below the place that a snapshot needs as it is: live data; of a copy also statistics. It may come more
     * than once. @p name: below the place, valid during the call; @p bytes -1 = not told.
     */
    seine_status (*carry)(struct seine_move *move, const char *name, int64_t bytes, seine_error *error);

    char uuid[37];                             /**< in the names of its new files */
    seine_dict lists, manifests;               /**< old locations; the code is the index in: */
    seine_arena_list new_lists, new_manifests; /**< seine_moved_file, in the arena */
} seine_move;

/** Frees what the move holds beside its arena. */
void seine_move_end(seine_move *move);

/** @return whether a path is @p folder or lies below it. */
bool seine_move_is_below(const char *path, const char *folder);
/** @return whether a part of a path is "..": it may lead out of what it seems to lie below. */
bool seine_move_climbs(const char *path);
/**
 * The location of a file in the new place, in its old spelling where both places are folders; one which does not lie
 * below the old place stays. @p moved in @p arena. @return OK, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_move_location(const seine_move *move, seine_str location, seine_arena *arena,
                                                seine_str *moved, seine_error *error);
/** Reads the file that @p location means, where it lies now. @p bytes is begun here. *path in the arena. */
SEINE_MUST_USE seine_status seine_move_read(seine_move *move, seine_str location, size_t max, seine_buf *bytes,
                                            const char **path, seine_error *error);
/** Keeps @p bytes as what was called @p old_location; @p name is its name unless it keeps its own. *location: its URI.
 */
SEINE_MUST_USE seine_status seine_move_write(seine_move *move, seine_str old_location, const char *name,
                                             const seine_buf *bytes, const char **location, seine_error *error);
/** Calls carry for the file that @p location means, unless it lies elsewhere. */
SEINE_MUST_USE seine_status seine_move_carry(seine_move *move, seine_str location, int64_t bytes, seine_arena *arena,
                                             seine_error *error);
/** Writes a manifest list anew, with its manifests; each file once. */
SEINE_MUST_USE seine_status seine_move_list(seine_move *move, seine_str location, int64_t snapshot_id,
                                            const char **moved, seine_error *error);
/** Appends a copy of @p root (table or view metadata) with moved addresses. @p is_former: of a state that is no longer
 * the table's, whose lists and statistics need not be there and are only named. */
SEINE_MUST_USE seine_status seine_move_json(seine_move *move, seine_json_value root, bool is_former, seine_buf *out,
                                            seine_error *error);
/**
 * All metadata of the table or view at @p location: a relocation adds a version to it, a copy has the same versions,
 * and the hint. *moved is the new location, *previous that of @p location in the new place, both in the arena.
 * @return OK; E_UNSUPPORTED (named in relocate.h), E_FORMAT, E_NOT_FOUND, what keep and carry returned.
 */
SEINE_MUST_USE seine_status seine_move_metadata(seine_move *move, const char *location, const char **moved,
                                                const char **previous, seine_error *error);

#endif
