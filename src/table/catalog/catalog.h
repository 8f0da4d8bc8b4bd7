/**
 * @file table/catalog/catalog.h
 * The lake's catalog: an Iceberg SQL (JDBC layout) catalog in SQLite or PostgreSQL, and Seine's own ledger rows beside
 * it.
 *
 * A commit moves any number of tables and any number of ledger rows in ONE database transaction:
 *
 *     files written and durable → manifests, list, metadata.json durable → BEGIN
 *       → per table, in name order: UPDATE … WHERE metadata_location = old → ledger rows → COMMIT
 *              └ 0 rows: somebody was faster → in other partitions? list and metadata.json anew; else a conflict
 *       → version-hint.text of each table (best effort; repaired by the next commit)
 *
 * Invariants: (1) a crash before COMMIT leaves orphan files only; (2) a file is live at most once in a snapshot; (3) a
 * definite failure removes the manifests and lists it wrote, an unknown outcome removes nothing.
 */
#ifndef SEINE_TABLE_CATALOG_CATALOG_H
#define SEINE_TABLE_CATALOG_CATALOG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/progress.h"
#include "base/try.h"
#include "columns/data_file.h"
#include "io/file_batch.h"

#define SEINE_LAKE_FORMAT 5 /**< of the catalog: the last step of table/migrate.c */

typedef struct seine_catalog seine_catalog; /**< one connection; one thread at a time */
typedef struct seine_table seine_table;     /**< one loaded, immutable state of a table; threads may read it */
typedef struct seine_commit seine_commit;   /**< one transaction being prepared */

#define SEINE_CATALOG_FILE "catalog.db" /**< of a lake, in its folder: the database itself, or … */
#define SEINE_LAKE_ID_SETTING "lake_id" /**< a row of seine_setting: a UUID, given once */
#define SEINE_CATALOG_ADDRESS_FILE \
    "catalog.url" /**< … one line, the address of it, without a password; so in a bucket */

/* ---- lake ---- */

/** Makes folder, catalog.db, every table of seine_schemas() (BUCKET width = @p buckets, 1-1024). E_EXISTS when it is a
 * lake already, which is completed if whoever made it was interrupted, E_USAGE for a path which other programs could
 * not open (seine_place_check). */
SEINE_MUST_USE seine_status seine_catalog_create(const char *lake, int buckets, seine_error *error);
/**
 * As seine_catalog_create, with the catalog at @p address, which a lake in a bucket needs: the path of a file that is
 * made, or a database (table/db/db.h), which may hold lakes of other names and tables of other programs: they are left
 * alone. NULL: in the folder. @return also E_USAGE (a bucket without one), E_CONFLICT (the database has a lake of this
 * name, or tables of its name that are none of Seine's).
 */
SEINE_MUST_USE seine_status seine_catalog_create_in(const char *lake, const char *address, int buckets,
                                                    seine_error *error);
/**
 * Opens the lake's catalog.db; read permission is enough to read (table/db/db.h). (WAL, synchronous=FULL, busy timeout
 * 5 s). A lake of an older format is brought to this program's (table/migrate.h); where it cannot be written it is read
 * as it is. A newer format is E_VERSION. Checks that the tables' locations lie below the lake's own absolute path (else
 * E_USAGE: "the lake was moved or copied from … to …; …", table/relocate/relocate.h). E_NOT_FOUND names the missing
 * lake and `seine init`.
 */
SEINE_MUST_USE seine_status seine_catalog_open(const char *lake, seine_catalog **catalog, seine_error *error);
void seine_catalog_close(seine_catalog *catalog);
SEINE_OWNED_POINTER(seine_catalog, seine_catalog_close);
/** For commands that would be refused table by table. @return OK, E_IO (no permission to write the lake). */
SEINE_MUST_USE seine_status seine_catalog_check_writable(const seine_catalog *catalog, seine_error *error);
const char *seine_catalog_path(const seine_catalog *catalog); /**< absolute path or address of the lake */
const char *seine_catalog_name(const seine_catalog *catalog); /**< catalog_name of its tables: "seine" */
/** The file that makes its folder a lake, path: SEINE_CATALOG_FILE or SEINE_CATALOG_ADDRESS_FILE. */
const char *seine_catalog_file(const seine_catalog *catalog);
int seine_catalog_buckets(const seine_catalog *catalog);
/** Whether its database is a server's, not a file. */
bool seine_catalog_is_remote(const seine_catalog *catalog);
/** seine_db_set_patience of its database. */
void seine_catalog_set_patience(seine_catalog *catalog, int seconds);
/** The name that the lake got when it was made, and only copies of it share; "" when it was made by a program that gave
 * none. In @p arena. @return OK, what reading returned. */
SEINE_MUST_USE seine_status seine_catalog_lake_id(seine_catalog *catalog, seine_arena *arena, const char **id,
                                                  seine_error *error);
/** Whether the lake at the catalog's place is another one, or none, as its file there tells: another database. Reads
 * that file. @return OK, E_IO … */
SEINE_MUST_USE seine_status seine_catalog_has_moved(const seine_catalog *catalog, bool *has_moved, seine_error *error);

/* ---- reading ---- */

/** Which state of a table. Zeroed = current. */
typedef struct seine_at {
    int64_t snapshot_id; /**< 0 = not given */
    int64_t time_us;     /**< 0 = not given; the last snapshot at or before it */
} seine_at;

/**
 * Loads a table: metadata, snapshot. Reads v1 and v2 written by others, refuses >2 and delete manifests loudly. Paths
 * in all three spellings. Free with seine_table_close.
 */
SEINE_MUST_USE seine_status seine_table_load(seine_catalog *catalog, const char *name, seine_at at, seine_table **table,
                                             seine_error *error);
/** Names of all tables in the catalog, also ones made by others, ordered. Allocated in @p arena. */
SEINE_MUST_USE seine_status seine_catalog_tables(seine_catalog *catalog, seine_arena *arena, const char ***names,
                                                 size_t *count, seine_error *error);
/** A number that changes when somebody else has committed to the catalog since it was last asked for. Cheap. */
SEINE_MUST_USE seine_status seine_catalog_version(seine_catalog *catalog, int64_t *version, seine_error *error);
/** A table's row in the catalog. */
typedef struct seine_pointer {
    const char *name;     /**< "silver.ais" */
    const char *location; /**< of its metadata; differs for every state of the table */
} seine_pointer;
/** All tables ordered by name, read in one statement: one state of the lake. Allocated in @p arena. */
SEINE_MUST_USE seine_status seine_catalog_pointers(seine_catalog *catalog, seine_arena *arena, seine_pointer **pointers,
                                                   size_t *count, seine_error *error);
/** Whether the catalog has these tables as they were loaded; a NULL among them counts as one that is. One statement. */
SEINE_MUST_USE seine_status seine_tables_are_current(seine_catalog *catalog, seine_table *const *tables, size_t count,
                                                     bool *are_current, seine_error *error);
/** As seine_table_load, from a pointer that was read before; for reading only: the text of its metadata, which grows
 * with every commit, is not kept. */
SEINE_MUST_USE seine_status seine_table_open(const seine_pointer *pointer, seine_at at, seine_table **table,
                                             seine_error *error);
/**
 * The text of the metadata file at a pointer, as it is; *path, which may be NULL, becomes the file, in @p arena. @p
 * text is begun here; free it also after a failure.
 * @return OK, E_UNSUPPORTED (compressed, or no local file), E_NOT_FOUND, E_LIMIT, E_NOMEM, E_IO.
 */
SEINE_MUST_USE seine_status seine_pointer_metadata(const seine_pointer *pointer, seine_arena *arena, seine_buf *text,
                                                   const char **path, seine_error *error);
/** Where the table's metadata lies, as the catalog has it. */
const char *seine_table_pointer(const seine_table *table);
/** Loads several tables, pointers taken in one database transaction (readers see one state of the lake). */
SEINE_MUST_USE seine_status seine_tables_load(seine_catalog *catalog, const char *const *names, size_t count,
                                              seine_table **tables, seine_error *error);
/** As seine_tables_load, for reading only: a built-in table that the lake does not have yet is given as an empty one.
 */
SEINE_MUST_USE seine_status seine_tables_load_or_empty(seine_catalog *catalog, const char *const *names, size_t count,
                                                       seine_table **tables, seine_error *error);
void seine_table_close(seine_table *table);
SEINE_OWNED_POINTER(seine_table, seine_table_close);

const seine_table_schema *seine_table_schema_of(const seine_table *table);
const char *seine_table_name(const seine_table *table);
const char *seine_table_metadata_path(const seine_table *table);
const char *seine_table_folder(const seine_table *table);  /**< where data and metadata lie */
int64_t seine_table_snapshot_id(const seine_table *table); /**< -1 = empty table */
int64_t seine_table_rows(const seine_table *table);        /**< total-records of the snapshot */

/** A live file of the loaded snapshot. Strings live as long as the table. */
typedef struct seine_live_file {
    seine_data_file file;
    int64_t snapshot_id, sequence_number, file_sequence_number; /**< of the entry */
} seine_live_file;

/** All live files, ordered by partition tuple, then path. Loaded on first call. */
SEINE_MUST_USE seine_status seine_table_files(seine_table *table, const seine_live_file **files, size_t *count,
                                              seine_error *error);

/**
 * The version of rows that a run at @p now_us changes: its Unix seconds, but beyond every version in the log of these
 * rows, so that versions grow also within one second and across retractions. @p log: its columns are those of @p
 * schema, one of them is version; NULL = there is none yet. @return OK, what seine_table_files returned.
 */
SEINE_MUST_USE seine_status seine_table_next_version(seine_table *log, const seine_table_schema *schema, int64_t now_us,
                                                     int64_t *version, seine_error *error);

typedef struct seine_snapshot {
    int64_t id, parent_id, sequence_number, time_ms;
    const char *operation;
    int64_t added_files, deleted_files, added_records, deleted_records, total_records, total_files;
} seine_snapshot;
/** Snapshots of the loaded metadata, oldest first. */
const seine_snapshot *seine_table_snapshots(const seine_table *table, size_t *count);

/** Compares two bounds (columns/data_file.h) of a type; sizes must fit it. Texts byte-wise. */
int seine_bounds_compare(seine_type type, const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size);

/**
 * From here on all that is read from the catalog and the ledger is of one moment, until seine_catalog_read_end; nothing
 * can be written meanwhile. Others may write. @return OK, E_BUSY, E_IO.
 */
SEINE_MUST_USE seine_status seine_catalog_read_begin(seine_catalog *catalog, seine_error *error);
void seine_catalog_read_end(seine_catalog *catalog);

/* ---- writing ---- */

/** Bucket of an id: (murmur3(utf8) & 0x7fffffff) % width. */
int32_t seine_bucket_of(seine_str id, int width);

/**
 * A new file name for a data file of this partition:
 * `<location>/data/ts_day=2025-01-01/mmsi_bucket=3-<uuid>.parquet`; makes the folder.
 * @p path is allocated in @p arena.
 */
SEINE_MUST_USE seine_status seine_table_new_file(const seine_table *table, const seine_partition_value *partition,
                                                 seine_arena *arena, char **path, seine_error *error);

/**
 * A table of another shape than the lake has, or that it does not have: written beside, and put in its place by the
 * commit that fills it. Until then nobody sees it; a crash leaves an orphan.
 */
typedef struct seine_shape seine_shape;
/**
 * Prepares a table of this shape; *shape stays NULL when the lake has one. Open it with seine_shape_open, hand it to
 * seine_commit_shape, end it with seine_shape_end. @return OK, what reading and writing returned.
 */
SEINE_MUST_USE seine_status seine_shape_begin(seine_catalog *catalog, const seine_table_schema *schema, const char *job,
                                              seine_shape **shape, seine_error *error);
/** The new, empty table: to plan on, to write into, and to give to seine_commit_files. */
SEINE_MUST_USE seine_status seine_shape_open(const seine_shape *shape, seine_table **table, seine_error *error);
/**
 * Lets @p commit put the table into the catalog, where it forgets the content hashes of the former one's partitions and
 * the fingerprints and times of the job; its files become orphans. @p shape must live until the commit has ended.
 * @return OK, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_commit_shape(seine_commit *commit, seine_shape *shape, seine_error *error);
/** Frees it, and removes what was written unless it was committed. NULL is allowed. */
void seine_shape_end(seine_shape *shape);

/**
 * Takes a table out of the catalog and the ledger, with what the ledger knows of @p job, and removes its files.
 * @return OK; E_NOT_FOUND; E_CONFLICT (somebody changed it meanwhile), what reading and writing returned.
 */
SEINE_MUST_USE seine_status seine_catalog_drop_table(seine_catalog *catalog, const char *name, seine_error *error);

/** *has: the lake has a table of this name. */
SEINE_MUST_USE seine_status seine_catalog_has_table(seine_catalog *catalog, const char *name, bool *has,
                                                    seine_error *error);
/**
 * Adds an empty table to a lake that does not have it yet. Nothing happens when there is a table of that name, whatever
 * its shape. @return OK, E_NOMEM, what reading and writing returned.
 */
SEINE_MUST_USE seine_status seine_catalog_ensure_table(seine_catalog *catalog, const seine_table_schema *schema,
                                                       seine_error *error);

/** That for all of seine_schemas(); a command that writes does it under its lease. */
SEINE_MUST_USE seine_status seine_catalog_ensure_tables(seine_catalog *catalog, seine_error *error);

/**
 * A table of an earlier release gets the columns that @p schema has beyond its own: null in rows of before. Nothing
 * happens when there is no such table, or when others of its columns are not those of the schema. @return as
 * seine_commit_run, what reading returned.
 */
SEINE_MUST_USE seine_status seine_catalog_ensure_columns(seine_catalog *catalog, const seine_table_schema *schema,
                                                         seine_error *error);

/**
 * In @p table: columns from now on. Former ones stay with their ids; of those that came files tell nothing: null. No
 * files come or go with it. @p schema must live until the commit has ended. @return as seine_commit_files.
 */
SEINE_MUST_USE seine_status seine_commit_evolve(seine_commit *commit, seine_table *table,
                                                const seine_table_schema *schema, seine_error *error);

/** Starts preparing a commit. @p operation_note goes into the snapshot summaries as `seine.run` (may be NULL). */
SEINE_MUST_USE seine_status seine_commit_begin(seine_catalog *catalog, const char *operation_note,
                                               seine_commit **commit, seine_error *error);

/**
 * Right after the beginning: files that were written into @p batch become durable together with the commit's own,
 * before its transaction. Takes the batch; where the commit fails before, they have no names.
 */
void seine_commit_take_batch(seine_commit *commit, seine_file_batch *batch);
/**
 * In @p table (the state the plan was made on; must stay open until the commit ends): adds files and removes live ones
 * by path. Operation: append when nothing is removed, delete when nothing is added, else overwrite. Several calls for
 * one table accumulate. Everything is copied. Checks that added files are there with their size, unless their
 * checksum tells that the caller has just written them, bounds (lower ≤ upper, lengths) and that no path is live twice.
 * @return OK, E_EXISTS (added path is live), E_NOT_FOUND (removed path is not live), E_FORMAT, E_USAGE (a past state),
 *         E_UNSUPPORTED (a table we can only read), E_NOMEM, E_IO; the commit can still be run or aborted.
 */
SEINE_MUST_USE seine_status seine_commit_files(seine_commit *commit, seine_table *table, const seine_data_file *added,
                                               size_t added_count, const char *const *removed_paths,
                                               size_t removed_count, seine_error *error);
/**
 * Lets @p commit be put on top of what others commit meanwhile: nothing that it does depends on other partitions of its
 * tables than those of its files, and its ledger rows are of these partitions or guarded by a lease. A table that moved
 * is then no conflict as long as these partitions hold the files that the plan has seen: manifest list and metadata are
 * written anew, inside the transaction, so that it happens once.
 */
void seine_commit_allow_rebase(seine_commit *commit);
/**
 * Writes manifests and metadata, then the transaction. On success and on failure @p commit is ended and freed.
 * @return OK; E_CONFLICT: a table moved, nothing changed: re-read, re-plan; E_BUSY: the catalog was locked for
 * SEINE_DB_WAIT_SECONDS; E_UNKNOWN; E_IO …
 */
SEINE_MUST_USE seine_status seine_commit_run(seine_commit *commit, seine_error *error);
void seine_commit_abort(seine_commit *commit);
SEINE_OWNED_POINTER(seine_commit, seine_commit_abort);

/* ---- care ---- */

/**
 * How much of its tables' past a lake keeps by itself, so that the cost of a commit does not depend on the number of
 * those before: metadata holds every snapshot, and is written anew by each. As soon as as many snapshots of a table may
 * go as stay, the commit that made it so forgets them, as seine_table_expire does; but not more than
 * SEINE_HISTORY_AT_ONCE of all its tables: of a lake that never did so the next ones forget the rest. Rows of
 * seine_setting; a lake that has none keeps SEINE_HISTORY_HOURS and SEINE_HISTORY_KEEP. What a program says holds for
 * catalogs opened later.
 */
typedef struct seine_history {
    int64_t hours; /**< younger snapshots stay */
    int64_t keep;  /**< and so do so many of the newest, 1 at least; of more than SEINE_HISTORY_MOST none has to */
} seine_history;
#define SEINE_HISTORY_HOURS 24
#define SEINE_HISTORY_KEEP 100
#define SEINE_HISTORY_AT_ONCE 128
#define SEINE_HISTORY_MOST 500 /**< snapshots of a table, however young: a stream makes 17,000 a day */
#define SEINE_HISTORY_HOURS_SETTING "history_hours"
#define SEINE_HISTORY_KEEP_SETTING "history_keep"
SEINE_MUST_USE seine_status seine_history_set(seine_catalog *catalog, seine_history history, seine_error *error);

/** What seine_table_expire is to forget. */
typedef struct seine_expiry {
    int64_t older_than_us; /**< snapshots made before that time */
    int keep;              /**< but never so many of the newest */
    size_t most; /**< the oldest so many of them, so that it takes no longer however many there are; 0 = all */
    const seine_progress *progress; /**< of snapshots that are read and files that are removed; may be NULL */
} seine_expiry;
/**
 * Forgets snapshots, but never the current one or one that a branch or tag holds; then deletes the files that no
 * remembered snapshot needs. Counts what went. @return OK, E_BUSY, E_INTERRUPTED (nothing was changed), E_CONFLICT,
 * E_NOT_FOUND, what reading returned.
 */
SEINE_MUST_USE seine_status seine_table_expire(seine_catalog *catalog, const char *name, const seine_expiry *how,
                                               size_t *snapshots, size_t *files, seine_error *error);
/**
 * Lists files below the table's folder that no remembered snapshot or metadata refers to and that were last changed
 * before the time @p older_than_us; removes them when @p remove. Files of a running command look the same, so removing
 * holds the leases of all writers meanwhile. Tables that Seine does not write have writers without a lease: files of
 * theirs that are younger than SEINE_CARE_OTHERS_AGE_US are never orphans. Paths in @p arena.
 * @return OK, E_BUSY (a writer is at work: nothing was removed), E_NOT_FOUND, E_UNSUPPORTED, what reading returned.
 */
#define SEINE_CARE_OTHERS_AGE_US (INT64_C(24) * 3600 * 1000000)
SEINE_MUST_USE seine_status seine_table_orphans(seine_catalog *catalog, const char *name, int64_t older_than_us,
                                                bool remove, seine_arena *arena, char ***paths, size_t *count,
                                                seine_error *error);
/**
 * Checks that every file the table refers to (lists, manifests, data, of all its snapshots) is there with its size,
 * that counts agree and bounds are sane. @p report is called per finding. Unreadable files are findings.
 */
SEINE_MUST_USE seine_status seine_table_verify(seine_table *table, void (*report)(void *context, const char *text),
                                               void *context, size_t *findings, seine_error *error);

#endif
