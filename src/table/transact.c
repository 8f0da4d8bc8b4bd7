/*
 * The database transaction of a commit, begun when every file it names is durable: pointers, then rows of the ledger.
 * What is not known of it afterwards is looked up (outcome.c).
 */
#include "base/try.h"
#include "table/commit.h"
#include "table/migrate.h"

#define ATTEMPTS 5

/* Statements, and whose one row each must change; NULL = any number. */
typedef struct steps {
    seine_db_statement *statements;
    const char **must_change;
    size_t count, swaps; /* the first so many move pointers */
} steps;

static seine_status add_swap(seine_commit *commit, const seine_change *change, steps *s, seine_error *error) {
    const char *name = change->table->name, *dot = strrchr(name, '.');
    const char *space = seine_arena_copy(&commit->arena, name, (size_t)(dot - name));
    seine_db_value *params = SEINE_ARENA_ARRAY(&commit->arena, seine_db_value, 5);
    if (space == NULL || params == NULL) return seine_fail(error, SEINE_E_NOMEM, "commit: out of memory");
    params[0] = seine_db_text(change->new_location);
    params[1] = seine_db_text(change->table->pointer);
    params[2] = seine_db_text(seine_db_catalog_name(commit->catalog->db));
    params[3] = seine_db_text(space);
    params[4] = seine_db_text(dot + 1);
    s->must_change[s->count] = seine_arena_printf(&commit->arena, "table %s", name);
    if (s->must_change[s->count] == NULL) return seine_fail(error, SEINE_E_NOMEM, "commit: out of memory");
    s->statements[s->count++] = (seine_db_statement){
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

static seine_status gather(seine_commit *commit, steps *s, seine_error *error) {
    size_t most = 0;
    for (const seine_change *change = commit->changes; change != NULL; change = change->next) most++;
    for (const seine_ledger_op *op = commit->ops; op != NULL; op = op->next) most++;
    s->statements = SEINE_ARENA_ARRAY(&commit->arena, seine_db_statement, most);
    s->must_change = SEINE_ARENA_ARRAY(&commit->arena, const char *, most);
    if (s->statements == NULL || s->must_change == NULL)
        return seine_fail(error, SEINE_E_NOMEM, "commit: out of memory");
    for (const seine_change *change = commit->changes; change != NULL; change = change->next)
        if (change->new_location != NULL) SEINE_TRY(add_swap(commit, change, s, error));
    s->swaps = s->count;
    for (const seine_ledger_op *op = commit->ops; op != NULL; op = op->next) {
        s->must_change[s->count] = op->must_change;
        s->statements[s->count++] = (seine_db_statement){.sql = op->sql, .params = op->params, .count = op->count};
    }
    return SEINE_OK;
}

static seine_status take(seine_db *db, const steps *s, size_t from, size_t to, seine_error *error) {
    SEINE_TRY(seine_db_change_all(db, s->statements + from, to - from, error));
    for (size_t i = from; i < to; i++)
        if (s->must_change[i] != NULL && s->statements[i].changed != 1)
            return seine_fail(error, SEINE_E_CONFLICT, "%s was changed by somebody else meanwhile", s->must_change[i]);
    return SEINE_OK;
}

/* Pointers first: whoever lost a race learns it by them. */
static seine_status write_rows(seine_commit *commit, const steps *s, seine_error *error) {
    for (const seine_commit_shape_link *link = commit->shapes; link != NULL; link = link->next)
        SEINE_TRY(seine_shape_write(commit->catalog, link->shape, error));
    SEINE_TRY(take(commit->catalog->db, s, 0, s->swaps, error));
    return take(commit->catalog->db, s, s->swaps, s->count, error);
}

/* *again: what the database took back is worth another attempt. */
static seine_status attempt(seine_commit *commit, const steps *s, bool *again, seine_error *error) {
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
    status = write_rows(commit, s, error);
    if (status == SEINE_OK) status = seine_transaction_end(db, commit->catalog->address, commit->id, error);
    if (status != SEINE_OK) seine_db_roll_back(db);
    *again = status == SEINE_E_BUSY;
    return status;
}

/* A serialisation failure, a deadlock, a table of the catalog that got a column meanwhile: nothing of it was done, and
 * whoever changed a table of the commit makes it fail with a conflict, then as ever. */
seine_status seine_commit_transact(seine_commit *commit, seine_error *error) {
    bool again = true;
    steps s = {0};
    seine_status status = SEINE_OK;
    SEINE_TRY(gather(commit, &s, error));
    SEINE_TRY(seine_file_batch_end(commit->batch, error));
    for (int i = 0; i < ATTEMPTS && again; i++) status = attempt(commit, &s, &again, error);
    return status;
}
