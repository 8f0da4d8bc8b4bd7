/*
 * The database transaction of a commit, begun when every file it names is durable: pointers, then rows of the ledger.
 * What is not known of it afterwards is looked up (outcome.c).
 */
#include "base/try.h"
#include "table/commit.h"
#include "table/migrate.h"

#define ATTEMPTS 5
#define REBASES 3

/* Statements, and whose one row each must change; NULL = any number. */
typedef struct steps {
    seine_db_statement *statements;
    const char **must_change;
    size_t count;
} steps;

/* ---- pointers ---- */

static seine_status make_swap(seine_commit *commit, const seine_change *change, seine_db_statement *swap,
                              seine_error *error) {
    const char *name = change->table->name, *dot = strrchr(name, '.');
    const char *space = seine_arena_copy(&commit->arena, name, (size_t)(dot - name));
    seine_db_value *params = SEINE_ARENA_ARRAY(&commit->arena, seine_db_value, 5);
    if (space == NULL || params == NULL) return seine_no_memory(error, "commit");
    params[0] = seine_db_text(change->new_location);
    params[1] = seine_db_text(change->base->pointer);
    params[2] = seine_db_text(seine_db_catalog_name(commit->catalog->db));
    params[3] = seine_db_text(space);
    params[4] = seine_db_text(dot + 1);
    *swap = (seine_db_statement){
        .sql = commit->catalog->has_type
                   ? "UPDATE iceberg_tables SET metadata_location = ?1, previous_metadata_location = ?2"
                     " WHERE catalog_name = ?3 AND table_namespace = ?4 AND table_name = ?5 AND metadata_location = ?2"
                     " AND (iceberg_type = 'TABLE' OR iceberg_type IS NULL)"
                   : "UPDATE iceberg_tables SET metadata_location = ?1, previous_metadata_location = ?2"
                     " WHERE catalog_name = ?3 AND table_namespace = ?4 AND table_name = ?5 AND metadata_location = ?2",
        .params = params,
        .count = 5};
    return SEINE_OK;
}

/* Changes whose pointers are still to be moved. */
typedef struct moves {
    seine_change **changes;
    seine_db_statement *swaps;
    size_t count;
} moves;

static bool has_effect(const seine_change *change) {
    return change->added_count > 0 || change->removed_count > 0 || change->expired_count > 0 || change->schema != NULL;
}

static seine_status gather_moves(seine_commit *commit, moves *m, seine_error *error) {
    size_t most = 0;
    for (const seine_change *change = commit->changes; change != NULL; change = change->next) most++;
    m->changes = SEINE_ARENA_ARRAY(&commit->arena, seine_change *, most);
    m->swaps = SEINE_ARENA_ARRAY(&commit->arena, seine_db_statement, most);
    if (m->changes == NULL || m->swaps == NULL) return seine_no_memory(error, "commit");
    for (seine_change *change = commit->changes; change != NULL; change = change->next)
        if (has_effect(change)) m->changes[m->count++] = change;
    return SEINE_OK;
}

/* One try at each that is left. */
static seine_status try_moves(seine_commit *commit, moves *m, seine_error *error) {
    size_t lost = 0;
    for (size_t i = 0; i < m->count; i++) SEINE_TRY(make_swap(commit, m->changes[i], &m->swaps[i], error));
    SEINE_TRY(seine_db_change_all(commit->catalog->db, m->swaps, m->count, error));
    for (size_t i = 0; i < m->count; i++)
        if (m->swaps[i].changed != 1) m->changes[lost++] = m->changes[i];
    m->count = lost;
    return SEINE_OK;
}

/* Whoever holds no lock of Seine's, as writers of other programs, may move a table again meanwhile. */
static seine_status move_pointers(seine_commit *commit, seine_error *error) {
    moves m = {0};
    SEINE_TRY(gather_moves(commit, &m, error));
    if (m.count > 0 && m.changes[0]->new_location == NULL) /* they waited for this moment */
        SEINE_TRY(seine_commit_rebase(commit, m.changes, m.count, error));
    SEINE_TRY(try_moves(commit, &m, error));
    for (int tries = 0; m.count > 0; tries++) {
        if (tries == REBASES)
            return seine_fail(error, SEINE_E_CONFLICT, "table %s was changed by somebody else meanwhile",
                              m.changes[0]->table->name);
        SEINE_TRY(seine_commit_rebase(commit, m.changes, m.count, error));
        SEINE_TRY(try_moves(commit, &m, error));
    }
    return SEINE_OK;
}

/* ---- rows of the ledger ---- */

static void gather(const seine_ledger_ops *ops, steps *s) {
    for (const seine_ledger_op *op = ops->first; op != NULL; op = op->next) {
        if (s->statements != NULL) {
            s->must_change[s->count] = op->must_change;
            s->statements[s->count] = (seine_db_statement){.sql = op->sql, .params = op->params, .count = op->count};
        }
        s->count++;
    }
}

static void gather_all(const seine_commit *commit, steps *s) {
    s->count = 0;
    gather(&commit->ops, s);
    for (const seine_change *change = commit->changes; change != NULL; change = change->next) gather(&change->ops, s);
    gather(&commit->end_ops, s);
}

static seine_status change_ledger(seine_commit *commit, seine_error *error) {
    steps s = {0};
    gather_all(commit, &s);
    s.statements = SEINE_ARENA_ARRAY(&commit->arena, seine_db_statement, s.count);
    s.must_change = SEINE_ARENA_ARRAY(&commit->arena, const char *, s.count);
    if (s.statements == NULL || s.must_change == NULL) return seine_no_memory(error, "commit");
    gather_all(commit, &s);
    SEINE_TRY(seine_db_change_all(commit->catalog->db, s.statements, s.count, error));
    for (size_t i = 0; i < s.count; i++)
        if (s.must_change[i] != NULL && s.statements[i].changed != 1)
            return seine_fail(error, SEINE_E_CONFLICT, "%s was changed by somebody else meanwhile", s.must_change[i]);
    return SEINE_OK;
}

/* ---- all together ---- */

/* Pointers first: whoever lost a race learns it by them. */
static seine_status write_rows(seine_commit *commit, seine_error *error) {
    for (const seine_commit_shape_link *link = commit->shapes; link != NULL; link = link->next)
        SEINE_TRY(seine_shape_write(commit->catalog, link->shape, error));
    SEINE_TRY(move_pointers(commit, error));
    SEINE_TRY(seine_run_finish(commit, error));
    return change_ledger(commit, error);
}

/* *again: what the database took back is worth another attempt. */
static seine_status attempt(seine_commit *commit, bool *again, seine_error *error) {
    seine_db *db = commit->catalog->db;
    *again = false;
    SEINE_TRY(seine_db_begin(db, error));
    int format = 0; /* a newer program may have come by since the lake was opened */
    seine_status status = seine_format_read(db, commit->catalog->lake, &format, error);
    if (status == SEINE_OK) status = seine_leases_hold(commit->catalog, error);
    if (status != SEINE_OK) {
        seine_db_roll_back(db);
        return status;
    }
    status = write_rows(commit, error);
    if (status == SEINE_OK) status = seine_transaction_end(db, commit->catalog->address, commit->id, error);
    if (status != SEINE_OK) seine_db_roll_back(db);
    *again = status == SEINE_E_BUSY;
    return status;
}

/* A serialisation failure, a deadlock, a table of the catalog that got a column meanwhile: nothing of it was done, and
 * whoever changed a table of the commit meanwhile is noticed by the next attempt, as ever. */
seine_status seine_commit_transact(seine_commit *commit, seine_error *error) {
    bool again = true;
    seine_status status = SEINE_OK;
    SEINE_TRY(seine_file_batch_end(commit->batch, error));
    for (int i = 0; i < ATTEMPTS && again; i++) status = attempt(commit, &again, error);
    return status;
}
