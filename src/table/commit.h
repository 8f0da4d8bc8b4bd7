/** @file table/commit.h  A commit being prepared, as its files share it. The protocol is drawn in catalog.h. */
#ifndef SEINE_TABLE_COMMIT_H
#define SEINE_TABLE_COMMIT_H

#include "table/table.h"

/** One ledger statement. */
typedef struct seine_ledger_op seine_ledger_op;
struct seine_ledger_op {
    seine_ledger_op *next;
    const char *sql; /**< a literal */
    seine_db_value *params;
    size_t count;
    const char *must_change; /**< whose row it is: E_CONFLICT unless exactly one row changes; NULL = any number may */
};

/** Statements in the order of queueing. */
typedef struct seine_ledger_ops {
    seine_ledger_op *first, **last; /**< last = NULL: none was queued */
} seine_ledger_ops;

/** One table's part of a commit. */
typedef struct seine_change seine_change;
struct seine_change {
    seine_change *next;
    seine_table *table; /**< the state that the plan was made on */
    seine_table *base;  /**< the state that is followed: that one, or what others made of it meanwhile (rebase.c) */
    seine_dict live;    /**< paths live in the plan's state, to refuse adding one twice */
    seine_manifest_entry *added;
    size_t added_count, added_capacity;
    bool *is_removed; /**< per file of the base */
    size_t removed_count;
    const int64_t *expired; /**< snapshots to forget (care only) */
    size_t expired_count;
    const seine_table_schema *schema; /**< columns from now on; no files come or go with them. NULL = the same */
    /* Filled while writing; anew on another base, but for the first two. */
    int64_t new_snapshot_id;             /**< 0 = none */
    const seine_manifest_row *own;       /**< of the added files; NULL = not written yet */
    seine_ledger_ops ops;                /**< rows of what is written on this base, or forgotten */
    const char *new_location, *new_path; /**< of the metadata file */
    const char **dropped;                /**< metadata files beyond the log, paths */
    size_t dropped_count;
};

typedef struct seine_written seine_written;
struct seine_written {
    seine_written *next;
    const char *path;
    const seine_change *change; /**< on whose base it was made; NULL = it holds on any */
    bool is_given_up;           /**< a file for another base took its place */
};

typedef struct seine_commit_shape_link seine_commit_shape_link;
struct seine_commit_shape_link {
    seine_commit_shape_link *next;
    seine_shape *shape;
};

struct seine_commit {
    seine_arena arena;
    seine_catalog *catalog;
    const char *note; /**< NULL = none */
    char id[37];
    seine_change *changes; /**< ordered by table name */
    bool may_rebase;
    const seine_change *on;               /**< on whose base files are being written; NULL = they hold on any */
    seine_ledger_ops ops, end_ops;        /**< queued by those who prepare it; when all tables have moved */
    seine_ledger_ops *queue;              /**< of these or of a change's, where rows go just now */
    seine_written *written;               /**< what to remove after a definite failure */
    seine_file_batch *batch;              /**< it is in, until all is written */
    seine_commit_shape_link *shapes;      /**< put into the catalog before the changes */
    const struct seine_run_manifest *run; /**< manifest to keep with it; NULL = none */
};

/** The change of a table in this commit, made on first use. NULL = out of memory or refused, *error is filled. */
SEINE_MUST_USE seine_status seine_commit_change(seine_commit *commit, seine_table *table, seine_change **change,
                                                seine_error *error);
/** Writes a file that a definite failure of the commit removes, durable before the transaction and not earlier. @p path
 * must live as long as the commit. */
SEINE_MUST_USE seine_status seine_commit_write(seine_commit *commit, const char *path, const seine_buf *bytes,
                                               seine_error *error);
/** Queues a ledger statement in commit->queue; texts are copied. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_commit_queue(seine_commit *commit, const char *sql, const seine_db_value *params,
                                               size_t count, seine_error *error);
/** As seine_commit_queue, for the one row of the table @p name (must live as long as the commit): another number of
 * changed rows is E_CONFLICT of the commit. */
SEINE_MUST_USE seine_status seine_commit_queue_swap(seine_commit *commit, const char *name, const char *sql,
                                                    const seine_db_value *params, size_t count, seine_error *error);
/** A row of seine_setting: key, value. */
#define SEINE_SETTING_PUT \
    "INSERT INTO seine_setting(key, value) VALUES(?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
/** Removes the files written so far, after a definite failure. */
void seine_commit_remove_written(seine_commit *commit);
/** Removes those that others took the place of. Best effort: what stays is an orphan. */
void seine_commit_remove_given_up(seine_commit *commit);
/** Writes manifests, list and metadata.json of one table, and notes what its log forgets. */
SEINE_MUST_USE seine_status seine_commit_prepare(seine_commit *commit, seine_change *change, seine_error *error);
/**
 * Prepares changes inside the open transaction, durable, on what the catalog has now: on top of that when somebody else
 * has moved their tables. @return OK; E_CONFLICT: a table's shape, or what it has in the partitions of the commit, is
 * not that of the plan any more, or the commit may not be rebased; what reading and writing returned.
 */
SEINE_MUST_USE seine_status seine_commit_rebase(seine_commit *commit, seine_change *const *changes, size_t count,
                                                seine_error *error);
/** Queues the manifest of the commit's run, when it has one, with what the prepared tables tell (run.c). */
SEINE_MUST_USE seine_status seine_run_finish(seine_commit *commit, seine_error *error);
/** seine_commit_run, without forgetting snapshots behind it. */
SEINE_MUST_USE seine_status seine_commit_execute(seine_commit *commit, seine_error *error);
/** Makes the files written so far durable, then the database transaction. @return OK, E_CONFLICT, E_BUSY, E_IO …,
 * E_UNKNOWN (outcome not known). */
SEINE_MUST_USE seine_status seine_commit_transact(seine_commit *commit, seine_error *error);

#endif
