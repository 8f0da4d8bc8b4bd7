/* Rows of the ledger that a commit will write: kept in order, with their own copies of what they hold. */
#include "base/try.h"
#include "table/commit.h"

seine_status seine_commit_queue(seine_commit *commit, const char *sql, const seine_db_value *params, size_t count,
                                seine_error *error) {
    seine_ledger_op *op = seine_arena_alloc(&commit->arena, sizeof *op);
    if (op != NULL) op->params = SEINE_ARENA_ARRAY(&commit->arena, seine_db_value, count);
    if (op == NULL || op->params == NULL) return seine_no_memory(error, "commit");
    op->sql = sql;
    op->count = count;
    for (size_t i = 0; i < count; i++) {
        op->params[i] = params[i];
        if (params[i].kind != SEINE_DB_TEXT) continue;
        const char *text = params[i].text != NULL ? params[i].text : "";
        op->params[i].text = seine_arena_copy(&commit->arena, text, strlen(text));
        if (op->params[i].text == NULL) return seine_no_memory(error, "commit");
    }
    *commit->last_op = op;
    commit->last_op = &op->next;
    return SEINE_OK;
}

seine_status seine_commit_queue_swap(seine_commit *commit, const char *name, const char *sql,
                                     const seine_db_value *params, size_t count, seine_error *error) {
    seine_ledger_op **place = commit->last_op;
    const seine_status status = seine_commit_queue(commit, sql, params, count, error);
    if (status == SEINE_OK) (*place)->must_change = name;
    return status;
}
