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

#include "io/clock.h"
#include "io/file.h"
#include "table/file_ledger.h"
#include "table/run.h"

#include <stdlib.h>

/* Metadata files beyond the log's length, when the table says so. The newest versions stay for running readers. */
static seine_status give_up_dropped(seine_commit *commit, seine_change *change, seine_error *error) {
    const seine_metadata *base = &change->table->metadata;
    const char **locations = NULL;
    size_t count = 0;
    if (change->new_path == NULL ||
        !seine_str_equal(seine_metadata_property(base, "write.metadata.delete-after-commit.enabled"),
                         SEINE_STR("true")))
        return SEINE_OK;
    seine_status status = seine_metadata_dropped(base, &commit->arena, &locations, &count, error);
    if (status == SEINE_OK) change->dropped = SEINE_ARENA_ARRAY(&commit->arena, const char *, count);
    if (status == SEINE_OK && change->dropped == NULL)
        status = seine_fail(error, SEINE_E_NOMEM, "commit: out of memory");
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        char *path = NULL;
        if (seine_file_path_of_uri(seine_str_of(locations[i]), &commit->arena, &path, NULL) != SEINE_OK) continue;
        change->dropped[change->dropped_count++] = path;
        status = seine_ledger_drop_file(commit, path, error);
    }
    return status;
}

/* Best effort: the next commit repairs them. */
static void write_hints(seine_commit *commit) {
    bool is_done = true;
    for (seine_change *change = commit->changes; change != NULL; change = change->next)
        if (change->new_path != NULL)
            is_done = seine_hint_write(commit->batch, change->new_path, NULL) == SEINE_OK && is_done;
    if (seine_file_batch_end(commit->batch, NULL) == SEINE_OK && is_done) return;
    for (seine_change *change = commit->changes; change != NULL; change = change->next) /* one by one, then */
        if (change->new_path != NULL) seine_best_effort(seine_hint_write(NULL, change->new_path, NULL));
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
    seine_status status = SEINE_OK;
    for (seine_change *change = commit->changes; change != NULL && status == SEINE_OK; change = change->next)
        status = seine_commit_prepare(commit, change, error);
    for (seine_change *change = commit->changes; change != NULL && status == SEINE_OK; change = change->next)
        status = give_up_dropped(commit, change, error);
    if (status == SEINE_OK) status = seine_run_finish(commit, error);
    if (status == SEINE_OK) status = seine_commit_transact(commit, error);
    for (const seine_commit_shape_link *link = commit->shapes; link != NULL; link = link->next)
        seine_shape_committed(link->shape, status);
    if (status == SEINE_OK) {
        write_hints(commit);
        remove_dropped(commit);
    } else if (status != SEINE_E_UNKNOWN) {
        seine_commit_remove_written(commit);
    }
    seine_commit_abort(commit);
    return status;
}
