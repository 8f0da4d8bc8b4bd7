/*
 * Preparing and running a commit (protocol and invariants: catalog.h).
 *
 *     begin ─ files* ─ ledger* ─ run ─┬─ prepare each table: manifests → list → metadata.json
 *                                     ├─ transact: all of these are made durable at once, then one database
 *                                     │            transaction moves pointers and ledger rows
 *                                     ├─ won: hints, metadata.json files beyond the log are removed; then old
 *                                     │       snapshots are forgotten, when there are many (history.c)
 *                                     ├─ definitely lost: what prepare wrote is removed
 *                                     └─ unknown: nothing is removed
 */
#include "table/commit.h"

#include "io/file.h"

/* Best effort: whoever opens the catalog next repairs them. */
static void write_hints(seine_commit *commit) {
    bool is_done = true;
    size_t count = 0, most = 0;
    for (const seine_change *change = commit->changes; change != NULL; change = change->next) most++;
    seine_pointer *written = SEINE_ARENA_ARRAY(&commit->arena, seine_pointer, most);
    for (seine_change *change = commit->changes; change != NULL; change = change->next) {
        if (change->new_path == NULL) continue;
        is_done = seine_hint_write(commit->batch, change->new_path, NULL) == SEINE_OK && is_done;
        if (written != NULL) written[count++] = (seine_pointer){change->table->name, change->new_location};
    }
    is_done = seine_file_batch_end(commit->batch, NULL) == SEINE_OK && is_done;
    seine_hints_repair(commit->catalog, written, is_done ? count : 0);
}

/* Best effort: what stays is an orphan. */
static void remove_dropped(seine_commit *commit) {
    size_t count = 0;
    for (const seine_change *change = commit->changes; change != NULL; change = change->next)
        count += change->dropped_count;
    const char **paths = SEINE_ARENA_ARRAY(&commit->arena, const char *, count);
    if (paths == NULL) return;
    count = 0;
    for (const seine_change *change = commit->changes; change != NULL; change = change->next)
        for (size_t i = 0; i < change->dropped_count; i++) paths[count++] = change->dropped[i];
    seine_best_effort(seine_file_remove_many(paths, count, NULL));
}

seine_status seine_commit_execute(seine_commit *commit, seine_error *error) {
    const bool waits = commit->may_rebase && commit->catalog->is_busy; /* until nobody else moves the tables */
    seine_status status = SEINE_OK;
    for (seine_change *change = commit->changes; change != NULL && status == SEINE_OK && !waits; change = change->next)
        status = seine_commit_prepare(commit, change, error);
    if (status == SEINE_OK) status = seine_commit_transact(commit, error);
    for (const seine_commit_shape_link *link = commit->shapes; link != NULL; link = link->next)
        seine_shape_committed(link->shape, status);
    if (status == SEINE_OK) {
        write_hints(commit);
        remove_dropped(commit);
        seine_commit_remove_given_up(commit);
    } else if (status != SEINE_E_UNKNOWN) {
        seine_commit_remove_written(commit);
    }
    seine_commit_abort(commit);
    return status;
}
