/* A run that failed has a commit of its own, which only tells of it. */
#include "table/commit.h"
#include "table/run.h"

/* A run that never began, or may have succeeded, is no failed run. */
static bool is_told(seine_status status) {
    switch (status) {
    case SEINE_OK:
    case SEINE_E_AWAY:
    case SEINE_E_BUSY:
    case SEINE_E_USAGE:
    case SEINE_E_NOT_FOUND:
    case SEINE_E_UNKNOWN: return false;
    default: return true;
    }
}

void seine_run_failed(seine_run_manifest *run, seine_catalog *catalog, const seine_error *why) {
    if (!is_told(why->status)) return;
    seine_commit *commit = NULL;
    if (seine_commit_begin(catalog, NULL, &commit, NULL) != SEINE_OK) return;
    if (seine_run_queue(run, commit, why, NULL) == SEINE_OK)
        seine_best_effort(seine_commit_run(commit, NULL));
    else
        seine_commit_abort(commit);
}
