/**
 * @file table/relocate/relocate.h
 * A lake in a new place. Iceberg's metadata names every file by its absolute address, so a folder that was moved or
 * copied, or a bucket's objects that were, name the files of the old place until their metadata is written anew:
 *
 *     old metadata (read in the new place)
 *       → new manifests, lists, one metadata.json a table: beside the old ones, under new names, durable
 *       → ONE transaction: every pointer old → new, compared and swapped; the lake's path in seine_setting
 *       → version-hint.text of each table
 *
 * Invariants: (1) nothing outside the new place is written, the original of a copy stays as it is; (2) no file is
 * changed in place but catalog.db and the hints; (3) killed before COMMIT the lake still says that it was moved, with
 * orphans beside it, after COMMIT it is whole; running it again completes either; (4) all snapshots stay; data files
 * are not touched, and whatever their metadata holds besides addresses below the old place is carried on.
 */
#ifndef SEINE_TABLE_RELOCATE_RELOCATE_H
#define SEINE_TABLE_RELOCATE_RELOCATE_H

#include "base/arena.h"

#include <stddef.h>

/** What was done. Texts live in the arena given. */
typedef struct seine_relocation {
    const char *from, *to;     /**< absolute paths or addresses; from NULL = the tables named this place already */
    size_t tables;             /**< tables and views whose address was moved */
    size_t elsewhere;          /**< ones that lie outside of the old place: not touched */
    size_t files;              /**< metadata files written */
    size_t missing;            /**< live data files that are not in the new place: the copy is not whole */
    const char *first_missing; /**< one of them; NULL = none */
} seine_relocation;

/**
 * Makes the tables of the lake at @p lake name the place it lies in. Works on a catalog nobody else has open in
 * that place; the lake's own commands cannot open it before.
 * @return OK (also when nothing was to do), E_NOT_FOUND (no lake; a metadata file is missing), E_USAGE (a place other
 *         programs cannot read, or a catalog shared with the original: catalog.db by a hard link, or one outside of the
 *         folder while the original is still there), E_UNSUPPORTED (a table with
 *         delete files, of version 3 or with compressed metadata, named), E_FORMAT, E_VERSION, E_CONFLICT, E_BUSY,
 *         E_IO, E_NOMEM, E_UNKNOWN. After every failure but E_UNKNOWN nothing has changed.
 */
SEINE_MUST_USE seine_status seine_lake_relocate(const char *lake, seine_arena *arena, seine_relocation *done,
                                                seine_error *error);

#endif
