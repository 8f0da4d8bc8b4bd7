/*
 * The database transaction of a commit, begun when every file it names is durable: pointers, then rows of the ledger.
 * What is not known of it afterwards is looked up (outcome.c).
 */
#include "base/try.h"
#include "table/commit.h"
#include "table/migrate.h"

static seine_status swap_pointer(seine_commit *commit, const seine_change *change, seine_error *error) {
    const char *name = change->table->name;
    const char *dot = strrchr(name, '.');
    const char *space = seine_arena_copy(&commit->arena, name, (size_t)(dot - name));
    if (space == NULL) return seine_fail(error, SEINE_E_NOMEM, "commit: out of memory");
    const seine_db_value params[] = {
        seine_db_text(change->new_location),
        seine_db_text(change->table->pointer),
        seine_db_text(seine_db_catalog_name(commit->catalog->db)),
        seine_db_text(space),
        seine_db_text(dot + 1),
    };
    const char *sql =
        commit->catalog->has_type
            ? "UPDATE iceberg_tables SET metadata_location = ?1, previous_metadata_location = ?2"
              " WHERE catalog_name = ?3 AND table_namespace = ?4 AND table_name = ?5 AND metadata_location = ?2"
              " AND (iceberg_type = 'TABLE' OR iceberg_type IS NULL)"
            : "UPDATE iceberg_tables SET metadata_location = ?1, previous_metadata_location = ?2"
              " WHERE catalog_name = ?3 AND table_namespace = ?4 AND table_name = ?5 AND metadata_location = ?2";
    int64_t changed = 0;
    const seine_status status = seine_db_change(commit->catalog->db, sql, params, 5, &changed, error);
    if (status != SEINE_OK || changed == 1) return status;
    return seine_fail(error, SEINE_E_CONFLICT, "table %s was changed by somebody else meanwhile", name);
}

static seine_status write_row(seine_db *db, const seine_ledger_op *op, seine_error *error) {
    int64_t changed = 0;
    const seine_status status = seine_db_change(db, op->sql, op->params, op->count, &changed, error);
    if (status != SEINE_OK || op->must_change == NULL || changed == 1) return status;
    return seine_fail(error, SEINE_E_CONFLICT, "%s was changed by somebody else meanwhile", op->must_change);
}

static seine_status write_rows(seine_commit *commit, seine_error *error) {
    seine_db *db = commit->catalog->db;
    for (const seine_commit_shape_link *link = commit->shapes; link != NULL; link = link->next)
        SEINE_TRY(seine_shape_write(commit->catalog, link->shape, error));
    for (const seine_change *change = commit->changes; change != NULL; change = change->next)
        if (change->new_location != NULL) SEINE_TRY(swap_pointer(commit, change, error));
    for (const seine_ledger_op *op = commit->ops; op != NULL; op = op->next) SEINE_TRY(write_row(db, op, error));
    return SEINE_OK;
}

seine_status seine_commit_transact(seine_commit *commit, seine_error *error) {
    seine_db *db = commit->catalog->db;
    SEINE_TRY(seine_file_batch_end(commit->batch, error));
    SEINE_TRY(seine_db_begin(db, error));
    int format = 0; /* a newer program may have come by since the lake was opened */
    seine_status status = seine_format_read(db, commit->catalog->lake, &format, error);
    if (status == SEINE_OK) status = seine_leases_hold(commit->catalog, error);
    if (status == SEINE_OK) status = write_rows(commit, error);
    if (status == SEINE_OK) status = seine_transaction_end(db, commit->catalog->address, commit->id, error);
    if (status != SEINE_OK) seine_db_roll_back(db);
    return status;
}
