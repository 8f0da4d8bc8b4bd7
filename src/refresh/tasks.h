/**
 * @file refresh/tasks.h
 * A refresh in three functions, for an engine that runs work on many machines (DESIGN section 1):
 *
 *     plan ─▶ tasks, a line of JSON each ─▶ work, anywhere, in any order ─▶ results, a line each ─▶ commit
 *
 * A plan has tasks of everything that can be made now; what is made from that comes with the next plan, behind the
 * commit. When a plan has no task all is up to date: the lake is as after one refresh.
 * Work needs the lake's files and a look into its catalog, and changes neither: it writes files that nobody sees.
 */
#ifndef SEINE_REFRESH_TASKS_H
#define SEINE_REFRESH_TASKS_H

#include "base/buf.h"
#include "io/lines.h"
#include "refresh/refresh.h"

/** A result may be as large as this; a task is much smaller. */
#define SEINE_TASK_BYTES_MAX ((size_t)1 << 30)

/**
 * Gives the tasks of everything that options->only asks for, is stale, and is made from nothing that is stale. Takes
 * the lease "refresh" while it looks. Models that cannot run are told in options->models_report, which is empty before
 * and freed behind, as by seine_refresh.
 * @return OK; what seine_refresh returns before it works; E_BUSY also when reference tables kept changing; what @p sink
 * returned.
 */
SEINE_MUST_USE seine_status seine_tasks_plan(const char *lake, const seine_refresh_options *options, seine_line_fn sink,
                                             void *context, seine_error *error);

/** Works on one task after the other. One thread. */
typedef struct seine_task_worker seine_task_worker;
/** Of @p options, borrowed, progress, threads and models (their threads and memory) count. @return OK, E_NOT_FOUND … */
SEINE_MUST_USE seine_status seine_task_worker_new(const char *lake, const seine_refresh_options *options,
                                                  seine_task_worker **worker, seine_error *error);
void seine_task_worker_free(seine_task_worker *worker); /**< NULL is allowed */
SEINE_OWNED_POINTER(seine_task_worker, seine_task_worker_free);
/**
 * Does one task and appends its result to @p result, as a line without its end. When it fails nothing is left of it.
 * @return OK; E_FORMAT: it is no task; E_CONFLICT: the lake, or this program, is not that of the plan any more;
 * E_NOT_FOUND: a file is gone, as after an expiry; E_INTERRUPTED; what reading and writing returned.
 */
SEINE_MUST_USE seine_status seine_task_work(seine_task_worker *worker, seine_str task, seine_buf *result,
                                            seine_error *error);

/**
 * Commits results: each plan of a job by itself, when all its tasks have one; then those of models, together. Of
 * several of one task the first counts, and files of the others are orphans. Takes the lease "refresh". What can be
 * committed is, whatever becomes of the rest; @p report tells of it, and options->models_report of models; both must be
 * freed in every case.
 * @return OK; else the first failure: E_FORMAT (no result), E_USAGE (a task has none), E_CONFLICT (what the job writes
 * has changed since the plan; plan again). Results that were not committed stay as good as they were.
 */
SEINE_MUST_USE seine_status seine_tasks_commit(const char *lake, const seine_refresh_options *options,
                                               const seine_str *results, size_t count, seine_refresh_report *report,
                                               seine_error *error);

#endif
