/*
 * The database transaction of a commit, begun when every file it names is durable. Its last step, COMMIT, may fail with
 * an answer that does not tell whether the rows will be there after a crash (a failing fsync of the log). Such an
 * outcome is looked up, never guessed: a second small transaction is committed behind it. When that one succeeds, the
 * log holds exactly what it then reads.
 */
#include "base/try.h"
#include "io/clock.h"
#include "io/file.h"
#include "table/commit.h"
#include "table/migrate.h"

#define COMMIT_IDS_KEPT_US (INT64_C(7) * 86400 * 1000 * 1000)

static seine_status swap_pointer(seine_commit *commit, const seine_change *change, seine_error *error) {
    const char *name = change->table->name;
    const char *dot = strrchr(name, '.');
    const char *space = seine_arena_copy(&commit->arena, name, (size_t)(dot - name));
    if (space == NULL) return seine_fail(error, SEINE_E_NOMEM, "commit: out of memory");
    const seine_db_value params[] = {
        seine_db_text(change->new_location),
        seine_db_text(change->table->pointer),
        seine_db_text(SEINE_CATALOG_NAME),
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

static seine_status put_id(seine_db *db, const char *id, seine_error *error) {
    const int64_t now_us = seine_clock_now_us();
    const seine_db_value row[] = {seine_db_text(id), seine_db_int(now_us)};
    const seine_db_value oldest = seine_db_int(now_us - COMMIT_IDS_KEPT_US);
    seine_status status =
        seine_db_change(db, "DELETE FROM seine_commit WHERE committed_at_us < ?1", &oldest, 1, NULL, error);
    if (status != SEINE_OK) return status;
    return seine_db_change(db, "INSERT INTO seine_commit(id, committed_at_us) VALUES(?1, ?2)", row, 2, NULL, error);
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
    return put_id(db, commit->id, error);
}

static void roll_back(seine_db *db) {
    if (seine_db_in_transaction(db)) seine_best_effort(seine_db_run(db, "ROLLBACK", NULL));
}

static seine_status note_found(void *context, const seine_db_value *columns, seine_error *error) {
    (void)columns;
    (void)error;
    *(bool *)context = true;
    return SEINE_OK;
}

/* @return whether the outcome could be learnt; then *committed tells it. */
static bool learn_outcome(seine_commit *commit, bool *committed) {
    seine_db *db = NULL;
    char id[37];
    *committed = false;
    if (seine_uuid4(id, NULL) != SEINE_OK) return false;
    if (seine_catalog_connect(commit->catalog->db_path, &db, NULL) != SEINE_OK) return false;
    const char *const params[] = {commit->id};
    seine_status status = seine_db_begin(db, NULL);
    if (status == SEINE_OK)
        status = seine_db_query(db, "SELECT 1 FROM seine_commit WHERE id = ?1", params, 1, note_found, committed, NULL);
    if (status == SEINE_OK) status = put_id(db, id, NULL);
    if (status == SEINE_OK) status = seine_db_commit(db, NULL);
    seine_db_close(db);
    return status == SEINE_OK;
}

seine_status seine_commit_transact(seine_commit *commit, seine_error *error) {
    seine_db *db = commit->catalog->db;
    SEINE_TRY(seine_file_batch_end(commit->batch, error));
    SEINE_TRY(seine_db_begin(db, error));
    int format = 0; /* a newer program may have come by since the lake was opened */
    seine_status status = seine_format_read(db, commit->catalog->lake, &format, error);
    if (status == SEINE_OK) status = seine_leases_hold(commit->catalog, error);
    if (status == SEINE_OK) status = write_rows(commit, error);
    if (status != SEINE_OK) {
        roll_back(db);
        return status;
    }
    seine_error cause = {0};
    status = seine_db_commit(db, &cause);
    if (status == SEINE_OK) return SEINE_OK;
    /* SQLite rolls back a COMMIT that it began and could not end; one that it did not begin leaves the transaction. */
    const bool was_begun = !seine_db_in_transaction(db);
    roll_back(db);
    bool committed = false;
    if (was_begun && !learn_outcome(commit, &committed))
        return seine_fail(error, SEINE_E_UNKNOWN,
                          "%s; whether the commit was taken could not be learnt, its files were left in place",
                          cause.text);
    return committed ? SEINE_OK : seine_fail(error, status, "%s", cause.text);
}
