/**
 * @file model/task.h
 * Models as plan, work and commit, for work that is done elsewhere: a line of JSON for some stale days of a model, and
 * one for what came of it.
 *
 *     plan ─▶ {"task": "model", "model": …, "days": [fingerprints]} ─▶ work ─▶ {"task": {…}, "days": [files]} ─▶ commit
 *
 * A day is worked on only while its fingerprint is that of the plan: of other inputs it would be other rows. Nothing is
 * in the lake before the commit, so that work may be done twice; what is not taken is an orphan.
 */
#ifndef SEINE_MODEL_TASK_H
#define SEINE_MODEL_TASK_H

#include "base/json.h"
#include "io/lines.h"
#include "model/run.h"

#define SEINE_TASK_MODEL "model"

/**
 * Gives the tasks of all models that have something stale and read nothing that is: neither a table of @p busy nor one
 * of another task. Under the caller's lease "refresh", with open models. Models that are refused are in @p report.
 * @return OK, as seine_models_run; what @p sink returned.
 */
SEINE_MUST_USE seine_status seine_models_plan(seine_models *models, seine_catalog *catalog, const char *const *busy,
                                              size_t busy_count, seine_line_fn sink, void *context,
                                              seine_models_report *report, seine_error *error);
/**
 * Does a task, with models that were opened to run beside others (seine_models_options.is_beside), and writes the
 * members of its result into an object that has been begun. Days that fail are told in it. On failure nothing is left.
 * @return OK; E_FORMAT; E_CONFLICT: there is no such model, or a day is not as it was planned; what ends a run.
 */
SEINE_MUST_USE seine_status seine_models_work(seine_models *models, seine_catalog *catalog, seine_json_value task,
                                              seine_json_writer *w, seine_error *error);
/**
 * Commits results, all in one transaction, under the caller's lease "refresh". One that does not fit the lake any more
 * is left out, and told in @p report with the days that failed: they stay stale. @p options: command, invocation,
 * now_us. @return OK, E_CONFLICT …
 */
SEINE_MUST_USE seine_status seine_models_commit(const seine_models_options *options, seine_catalog *catalog,
                                                const seine_json_value *results, size_t count,
                                                seine_models_report *report, seine_error *error);

#endif
