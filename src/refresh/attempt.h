/**
 * @file refresh/attempt.h
 * A job's plan, put into work and committed. The two may be done in one process or in many: what work leaves, files
 * and what is to be told of them, is all that the commit needs.
 */
#ifndef SEINE_REFRESH_ATTEMPT_H
#define SEINE_REFRESH_ATTEMPT_H

#include "refresh/publish.h"
#include "refresh/refresh.h"

/** plan is made by seine_refresh_plan_make, or read (refresh/task.h). */
typedef struct seine_attempt {
    const seine_refresh_options *options;
    const seine_job_run *run;
    seine_catalog *catalog;
    seine_engine *engine;
    seine_job_report *report;
    int64_t started_us, begun_us; /**< by the clock; monotonic */
    seine_refresh_plan plan;
    seine_file_batch *batch;      /**< files of the buckets */
    seine_store *stores;          /**< per bucket */
    seine_bucket_result *results; /**< per bucket */
    seine_publication publication;
} seine_attempt;
/** One that begins now, without a plan. Free it in every case. */
seine_attempt seine_attempt_of(const seine_refresh_options *options, const seine_job_run *run, seine_catalog *catalog,
                               seine_engine *engine, seine_job_report *report);
void seine_attempt_free(seine_attempt *a);

/** Works on all buckets, by options->threads threads, and commits. On failure none of its files is left, unless the
 * outcome is not known. @return OK, what seine_refresh tells of one job. */
SEINE_MUST_USE seine_status seine_attempt_run(seine_attempt *a, seine_error *error);
/** Works on one bucket, whose files are durable then, but not committed. It changes nothing else, so that it may be
 * done twice. @return OK, what reading, the step and writing returned. */
SEINE_MUST_USE seine_status seine_attempt_work(seine_attempt *a, size_t bucket, seine_error *error);
/** Removes the files that work has left. */
void seine_attempt_discard(seine_attempt *a);
/** Makes room for what work leaves: what it has left elsewhere is filled in by the caller. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_attempt_expect(seine_attempt *a, seine_error *error);
/** Publishes and commits it; as seine_attempt_run, but files of work stay on failure: it may be committed later. */
SEINE_MUST_USE seine_status seine_attempt_commit(seine_attempt *a, seine_error *error);
/** Sums up what was found so far in a->report. */
void seine_attempt_fill_report(seine_attempt *a);

#endif
