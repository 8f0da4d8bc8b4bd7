/**
 * @file refresh/task.h
 * Plan and results of a job as plain data, so that its buckets may be worked on elsewhere: a line of JSON for each
 * bucket that a plan has something for, and one for what came of it.
 *
 *     plan ─▶ {"task": "detector", "job": …, "bucket": 3, "days": [files …]} ─▶ work ─▶ {"task": {…}, files, events} ─▶
 * commit
 *
 * A task names all files it reads, by their paths below the lake, and a result all that it wrote. Nothing of them is in
 * the lake before the commit, so that work may be done twice; what is not taken is an orphan.
 */
#ifndef SEINE_REFRESH_TASK_H
#define SEINE_REFRESH_TASK_H

#include "base/json.h"
#include "refresh/registry.h"
#include "refresh/store.h"

#define SEINE_TASK_DETECTOR "detector"

/** What the tasks of one plan share beside the plan. */
typedef struct seine_task_head {
    const char *plan;         /**< its id */
    size_t number, count;     /**< of the task; of all of the plan */
    seine_hash128 references; /**< names and states of the reference tables that the job reads */
    const seine_detector_settings *settings;
} seine_task_head;

/** @return whether a bucket is to be worked on, or the commit has to tell something of it. */
bool seine_task_is_any(const seine_refresh_plan *plan, size_t bucket);
/** The task of one bucket, as a value. */
void seine_task_put(seine_json_writer *w, const char *lake, const seine_task_head *head, const seine_refresh_plan *plan,
                    size_t bucket);

/** The settings of a task; those it does not have are as they were. */
void seine_task_settings(seine_json_value task, seine_detector_settings *settings);
/** The state of reference tables that it was planned with. @return whether it tells it. */
bool seine_task_references(seine_json_value task, seine_hash128 *references);
/** The bucket of a task. @return whether it is one of a lake of so many. */
bool seine_task_bucket(seine_json_value task, size_t buckets, size_t *bucket);

/**
 * The plan again, as far as @p tasks, which are of one plan, tell of it. @p plan must be zeroed and be freed in every
 * case; the tasks outlive it.
 * @return OK; E_CONFLICT: parameters, or tables that the job writes, are not those of the plan any more; E_FORMAT with
 * what is wrong; E_NOMEM, what the catalog returned.
 */
SEINE_MUST_USE seine_status seine_task_read(const seine_json_value *tasks, size_t count, seine_catalog *catalog,
                                            const seine_job_run *run, seine_refresh_plan *plan, seine_error *error);

/** The members of a result, into an object that has been begun. */
void seine_task_result_put(seine_json_writer *w, const char *lake, const seine_store *store,
                           const seine_bucket_result *result);
/** Fills in what work elsewhere has left of a bucket of @p plan. @p store and @p result are zeroed but for what
 * store.h says. @return OK, E_FORMAT, E_NOT_FOUND (a file is gone), E_NOMEM, E_IO. */
SEINE_MUST_USE seine_status seine_task_result_read(seine_json_value value, const char *lake, seine_store *store,
                                                   seine_bucket_result *result, seine_error *error);

#endif
