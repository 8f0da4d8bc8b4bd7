/** @file table/table.h  What the files of this folder know about an open lake and a loaded table. */
#ifndef SEINE_TABLE_TABLE_H
#define SEINE_TABLE_TABLE_H

#include "base/dict.h"
#include "base/try.h"
#include "io/file_batch.h"
#include "table/db/db.h"
#include "table/manifest/manifest.h"

struct seine_catalog {
    seine_arena arena;
    const char *lake;    /**< absolute path, symbolic links resolved; or address */
    const char *file;    /**< what makes the folder a lake: catalog.db, or catalog.url with the database's address */
    const char *address; /**< seine_db_open of the database: may hold a password, which is never shown */
    seine_db *db;
    bool has_type; /**< iceberg_tables has the column iceberg_type (schema V1) */
    int buckets;
    int format;                 /**< of the database; less than SEINE_LAKE_FORMAT while it can only be read */
    struct seine_lease *leases; /**< taken through it */
    seine_history history;      /**< of its tables, as it was when it was opened */
    bool is_busy;               /**< somebody else was faster than the last commit that may be rebased */
    seine_arena hinted_arena;   /**< of what follows */
    seine_pointer *hinted;      /**< pointers whose hints were right when they were looked at last; NULL = never */
    size_t hinted_count;
};

/** Reads catalog->history anew: somebody may have changed the rule. @return OK, E_BUSY, E_IO … */
SEINE_MUST_USE seine_status seine_history_read(seine_catalog *catalog, seine_error *error);

/** Inside a transaction that writes: holds the catalog's leases on. @return OK; E_BUSY: one was taken over; E_IO … */
SEINE_MUST_USE seine_status seine_leases_hold(seine_catalog *catalog, seine_error *error);

struct seine_table {
    seine_arena arena;
    const char *name;    /**< "silver.ais" */
    const char *pointer; /**< metadata_location as the catalog has it */
    const char *metadata_path;
    const char *folder; /**< path of the table's location */
    seine_metadata metadata;
    const seine_table_schema *schema;
    bool is_writable;    /**< false: foreign partition fields, or format version 1 */
    bool is_past;        /**< an older state was asked for */
    int64_t snapshot_id; /**< -1 = none */
    const char *list;    /**< its manifest list; NULL = none */
    int64_t rows;
    bool is_listed; /**< manifests … file_count are filled */
    seine_manifest_row *manifests;
    size_t manifest_count;
    seine_live_file *files;
    const char **locations; /**< of each file, as written */
    uint32_t *manifest_of;  /**< index in manifests of each file */
    size_t file_count;
};

/** seine_catalog_open for a lake whose tables may name another place than it lies in. */
SEINE_MUST_USE seine_status seine_catalog_open_anywhere(const char *lake, seine_catalog **catalog, seine_error *error);
/**
 * The lake's folder as a built-in table's pointer tells it: what stands before "/silver/ais/metadata/FILE". NULL for
 * tables of others, and for pointers that do not end so; they may lie anywhere.
 */
SEINE_MUST_USE seine_status seine_place_of(const seine_pointer *pointer, seine_arena *arena, char **place,
                                           seine_error *error);
/**
 * Whether other programs can open tables below @p path: they take locations for URLs or SQL names, so '#', '?', '"',
 * control characters and bytes that are not UTF-8 lead them astray. @return OK, E_USAGE (named).
 */
SEINE_MUST_USE seine_status seine_place_check(const char *path, seine_error *error);
/**
 * Where the catalog of the lake in this folder is: its file (struct seine_catalog) and its address, both in @p arena,
 * both NULL when the folder is no lake. SEINE_CATALOG of the environment, an address of PostgreSQL, stands in for that
 * of catalog.url: so a password, or another way to the server, is given. Without a catalog_name it keeps that of
 * catalog.url. @return OK, E_IO, E_FORMAT, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_catalog_find(const char *lake, seine_arena *arena, const char **file,
                                               const char **address, seine_error *error);
/** Brings the lake to this program's format before anything is written to it. @return OK, what seine_migrate returns.
 */
SEINE_MUST_USE seine_status seine_catalog_upgrade(seine_catalog *catalog, seine_error *error);

/** As seine_table_load, from a pointer that need not be in the catalog. */
SEINE_MUST_USE seine_status seine_table_load_pointer(const char *name, const char *pointer, seine_table **table,
                                                     seine_error *error);
/**
 * Commits the open transaction with a row of seine_commit that has @p id. An outcome whose answer was lost is looked up
 * by it, through another connection to @p address. @return OK; E_UNKNOWN: it could not be learnt; else nothing was
 * committed: E_BUSY, E_IO …
 */
SEINE_MUST_USE seine_status seine_transaction_end(seine_db *db, const char *address, const char *id,
                                                  seine_error *error);
/** Puts a shape into the catalog, inside an open transaction. @return OK, E_CONFLICT … */
SEINE_MUST_USE seine_status seine_shape_write(seine_catalog *catalog, const seine_shape *shape, seine_error *error);
/** Its commit ended with this: hints, and whether its file stays. */
void seine_shape_committed(seine_shape *shape, seine_status status);

/** Loads manifest rows and live files, if that was not done before. */
SEINE_MUST_USE seine_status seine_table_list(seine_table *table, seine_error *error);
/** That, with what @p other, a listed state of the same table that must outlive this one, has read of manifests which
 * both have; NULL: nothing. */
SEINE_MUST_USE seine_status seine_table_list_beside(seine_table *table, const seine_table *other, seine_error *error);

/** Called for every manifest row, and every entry with its row. */
typedef seine_status (*seine_walk_fn)(void *context, const seine_manifest_row *row, const seine_manifest_entry *entry,
                                      seine_error *error);
/**
 * Walks the manifests of snapshot number @p index of the metadata: per manifest once with a NULL entry, then each
 * entry, deleted ones too. Manifests named in @p seen are left out and new ones are added to it, so that snapshots
 * which share manifests are walked once.
 */
SEINE_MUST_USE seine_status seine_table_walk(const seine_table *table, size_t index, seine_dict *seen,
                                             seine_walk_fn visit, void *context, seine_error *error);

/** Writes the first metadata file of a new, empty table; *path (in @p arena) is set before anything is written, its
 * bytes are appended to @p json. */
SEINE_MUST_USE seine_status seine_first_metadata_write(const char *lake, int buckets, const seine_table_schema *schema,
                                                       seine_arena *arena, const char **path, seine_buf *json,
                                                       seine_error *error);
/** Notes a file of these bytes in seine_file, inside an open transaction. */
SEINE_MUST_USE seine_status seine_file_row_put(seine_db *db, const char *lake, const char *path, const seine_buf *bytes,
                                               seine_error *error);
/** Gives up every file below a folder, inside an open transaction. */
SEINE_MUST_USE seine_status seine_file_rows_drop_below(seine_catalog *catalog, const char *folder, seine_error *error);

/** Path of the hint beside a metadata file, and what stands in it: the file's name without its ending. Both in @p
 * arena. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_hint_of(const char *metadata_path, seine_arena *arena, char **path, char **stem,
                                          seine_error *error);
/** Makes version-hint.text beside a metadata file name that file, when @p batch ends (NULL: at once). */
SEINE_MUST_USE seine_status seine_hint_write(seine_file_batch *batch, const char *metadata_path, seine_error *error);
/**
 * Rewrites the hints that do not name the current metadata: a crash after a commit, or another writer. Not read are
 * those of tables that stand where they stood when their hints were right: after the last call, or by @p right, which
 * the caller has just written. So the last of several writers leaves the newest. Never fails.
 */
void seine_hints_repair(seine_catalog *catalog, const seine_pointer *right, size_t count);

/** Partition of a file as bytes, to compare. @p key: room for it; what is returned points there. */
#define SEINE_PARTITION_KEY (2 * SEINE_PARTITION_FIELDS_MAX)
seine_str seine_partition_key(const seine_data_file *file, int32_t key[SEINE_PARTITION_KEY]);

/** Checks one column's bounds: length fits the type, lower ≤ upper. @return NULL or what is wrong. */
const char *seine_bounds_problem(seine_type type, const seine_column_stats *stats);

#endif
