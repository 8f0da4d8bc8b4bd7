#include "ingest/record_runs.h"

#include "base/try.h"
#include "ingest/intake.h"
#include "ingest/manifest.h"
#include "ingest/record_positions.h"
#include "ingest/remarks.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- what came of it ---- */

void seine_record_report_add(seine_record_report *to, const seine_record_report *from) {
    to->read += from->read;
    to->silver += from->silver;
    to->duplicates += from->duplicates;
    to->rejects += from->rejects;
    seine_remarks_add(to->words, from->words);
}

static void count_source(void *context, const seine_ingest_result *result) {
    seine_record_report *report = context;
    report->read += result->rows;
    report->silver += result->silver;
    report->duplicates += result->duplicates;
    report->rejects += result->rejects;
    if (result->remarks != NULL) seine_remarks_add(report->words, result->remarks->words);
    if (report->first_reject[0] == '\0' && result->remarks != NULL)
        (void)snprintf(report->first_reject, sizeof report->first_reject, "%.*s",
                       SEINE_STR_ARG(result->remarks->reason));
}

/* A dataset that does not fit the topic refuses all of it. */
static seine_status check_fit(const seine_session *session, int64_t refuse_if_only, seine_error *error) {
    int64_t rows = 0, rejects = 0;
    seine_str first = {"", 0};
    for (size_t s = 0; s < session->sources.count; s++) {
        const seine_known_source *entry = &session->sources.items[s];
        if (entry->path == NULL) continue;
        const seine_source brought = seine_known_source_brought(entry);
        rows += brought.rows;
        rejects += brought.rejects;
        if (first.size == 0) first = entry->remarks.reason;
    }
    if (refuse_if_only <= 0 || rows < refuse_if_only || rejects < rows) return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT,
                      "the topic does not fit dataset %s: all of its first %" PRId64 " records were refused, one with: "
                      "%.*s",
                      session->dataset->name, rows, SEINE_STR_ARG(first));
}

/* ---- work ---- */

/* Positions alone, where nothing else has to be written. */
static seine_status skip(seine_session *session, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_commit *commit SEINE_OWNED(seine_commit_abort_owned) = NULL;
    SEINE_TRY(seine_commit_begin(session->catalog, NULL, &commit, error));
    SEINE_TRY(seine_record_positions_move(session->catalog, session->run_job, session->runs, session->run_count, commit,
                                          &arena, error));
    return seine_commit_run(SEINE_TAKE(commit), error);
}

static seine_status take_runs(seine_session *session, const seine_record_options *options, seine_error *error) {
    size_t records = 0;
    for (size_t i = 0; i < session->run_count; i++) records += session->runs[i].count;
    SEINE_TRY(seine_intake_runs(session, session->runs, session->run_count, options->url, error));
    SEINE_TRY(check_fit(session, options->refuse_if_only, error));
    if (session->refusals.count > 0)
        SEINE_TRY(options->refused(options->context, session->refusals.items, session->refusals.count, error));
    return records > 0 ? seine_intake_commit(session, SEINE_NO_SOURCE, error) : skip(session, error);
}

/* Before anything is written. */
static seine_status check_positions(seine_session *session, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_commit *commit SEINE_OWNED(seine_commit_abort_owned) = NULL;
    SEINE_TRY(seine_commit_begin(session->catalog, NULL, &commit, error));
    return seine_record_positions_move(session->catalog, session->run_job, session->runs, session->run_count, commit,
                                       &arena, error);
}

seine_status seine_ingest_runs(const char *lake, const seine_record_run *runs, size_t count,
                               const seine_record_options *options, seine_record_report *report, seine_error *error) {
    seine_session *session SEINE_OWNED(seine_session_close_owned) = NULL;
    seine_ingest_options ingest = options->ingest;
    seine_error why = {SEINE_OK, ""};
    *report = (seine_record_report){0};
    ingest.report = count_source;
    ingest.context = report;
    SEINE_TRY(seine_session_open(lake, &ingest, true, &session, error));
    SEINE_TRY(seine_intake_anew(session, error));
    session->is_whole = true;
    session->runs = runs;
    session->run_count = count;
    session->run_job = options->job;
    session->keeps_refusals = options->refused != NULL;
    SEINE_TRY(check_positions(session, error));
    const seine_status status = take_runs(session, options, &why);
    if (status == SEINE_OK) return SEINE_OK;
    /* Whoever took the lease over from a process that slept may have brought the same records. */
    if (status == SEINE_E_CONFLICT) SEINE_TRY(check_positions(session, error));
    if (status != SEINE_E_EXISTS && status != SEINE_E_INTERRUPTED) seine_manifest_failed(session, &why);
    return seine_fail(error, status, "%s", why.text);
}
