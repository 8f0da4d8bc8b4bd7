/* Rows of the ledger that a commit will write: kept in order, with their own copies of what they hold. */
#include "base/try.h"
#include "table/commit.h"

/* @return the statement, or NULL when out of memory. */
static seine_ledger_op *add(seine_commit *commit, const char *sql, const seine_db_value *params, size_t count) {
    seine_ledger_op *op = seine_arena_alloc(&commit->arena, sizeof *op);
    if (op != NULL) op->params = SEINE_ARENA_ARRAY(&commit->arena, seine_db_value, count);
    if (op == NULL || op->params == NULL) return NULL;
    op->sql = sql;
    op->count = count;
    for (size_t i = 0; i < count; i++) {
        op->params[i] = params[i];
        if (params[i].kind != SEINE_DB_TEXT) continue;
        const char *text = params[i].text != NULL ? params[i].text : "";
        op->params[i].text = seine_arena_copy(&commit->arena, text, strlen(text));
        if (op->params[i].text == NULL) return NULL;
    }
    seine_ledger_ops *queue = commit->queue;
    *(queue->last != NULL ? queue->last : &queue->first) = op;
    queue->last = &op->next;
    return op;
}

seine_status seine_commit_queue(seine_commit *commit, const char *sql, const seine_db_value *params, size_t count,
                                seine_error *error) {
    return add(commit, sql, params, count) != NULL ? SEINE_OK : seine_no_memory(error, "commit");
}

seine_status seine_commit_queue_swap(seine_commit *commit, const char *name, const char *sql,
                                     const seine_db_value *params, size_t count, seine_error *error) {
    seine_ledger_op *op = add(commit, sql, params, count);
    if (op == NULL) return seine_no_memory(error, "commit");
    op->must_change = name;
    return SEINE_OK;
}
