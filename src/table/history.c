/* A commit, and what a lake forgets of its past behind it, so that the next one costs no more. */
#include "base/time.h"
#include "io/clock.h"
#include "table/commit.h"
#include "table/ledger.h"

seine_status seine_history_set(seine_catalog *catalog, seine_history history, seine_error *error) {
    seine_commit *commit SEINE_OWNED(seine_commit_abort_owned) = NULL;
    SEINE_TRY(seine_commit_begin(catalog, NULL, &commit, error));
    SEINE_TRY(seine_ledger_put_setting(commit, SEINE_HISTORY_HOURS_SETTING, history.hours, error));
    SEINE_TRY(seine_ledger_put_setting(commit, SEINE_HISTORY_KEEP_SETTING, history.keep, error));
    SEINE_TRY(seine_commit_run(SEINE_TAKE(commit), error));
    catalog->history = history;
    return SEINE_OK;
}

/* @p table is as it was before the commit. A snapshot goes when the one behind it is old, too: what was the present
 * within that time can still be asked for. Only when as many go as stay: finding out which files are dead reads the
 * lists of them, which is then paid for by as many commits. @return how many went. */
static size_t trim(seine_catalog *catalog, const seine_table *table, size_t at_once) {
    const seine_metadata *m = &table->metadata;
    const seine_history *history = &catalog->history;
    const int64_t now_us = seine_clock_now_us(), wall_us = seine_clock_wall_us();
    const int64_t oldest_us = (now_us < wall_us ? now_us : wall_us) - history->hours * SEINE_HOUR_US;
    const size_t keep = history->keep > 1 ? (size_t)history->keep - 1 : 0;
    size_t snapshots = 0, files = 0, going = 0;
    const size_t most = keep > SEINE_HISTORY_MOST ? keep : SEINE_HISTORY_MOST;
    while (going + keep < m->snapshot_count && going + 1 < m->snapshot_count &&
           (m->snapshots[going + 1].time_ms < oldest_us / 1000 || going + most < m->snapshot_count))
        going++;
    if (going < 2 || 2 * going < m->snapshot_count + 1) return 0;
    /* The rule may have been made longer since this catalog was opened, and what goes does not come back. */
    const seine_history former = *history;
    if (seine_history_read(catalog, NULL) != SEINE_OK || history->hours > former.hours || history->keep > former.keep)
        return 0;
    const seine_expiry how = {
        .older_than_us = m->snapshots[going].time_ms * 1000, .keep = (int)history->keep, .most = at_once};
    seine_best_effort(seine_table_expire(catalog, table->name, &how, &snapshots, &files, NULL));
    return snapshots;
}

seine_status seine_commit_run(seine_commit *commit, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_catalog *catalog = commit->catalog;
    size_t count = 0, written = 0;
    for (const seine_change *change = commit->changes; change != NULL; change = change->next) count++;
    const seine_table **tables = SEINE_ARENA_ARRAY(&arena, const seine_table *, count);
    for (const seine_change *change = commit->changes; change != NULL && tables != NULL; change = change->next)
        if (change->added_count > 0 || change->removed_count > 0) tables[written++] = change->table;
    SEINE_TRY(seine_commit_execute(commit, error));
    size_t most = SEINE_HISTORY_AT_ONCE;
    for (size_t i = 0; i < written && most > 0; i++) most -= trim(catalog, tables[i], most);
    return SEINE_OK;
}
