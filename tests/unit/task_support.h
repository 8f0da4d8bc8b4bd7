/** A refresh by its three functions: all tasks of a plan are worked on, and their results committed, until no plan has
 * a task any more. What happens to tasks on their way is the caller's. */
#ifndef SEINE_TESTS_TASK_SUPPORT_H
#define SEINE_TESTS_TASK_SUPPORT_H

#include "base/array.h"
#include "base/try.h"
#include "refresh/tasks.h"

#include <stdlib.h>
#include <string.h>

/* Lines, each of its own memory. Zeroes are none. */
typedef struct task_lines {
    seine_str *lines;
    size_t count, capacity;
} task_lines;

static void free_task_lines(task_lines *list) {
    for (size_t i = 0; i < list->count; i++) free((void *)(uintptr_t)list->lines[i].data);
    free(list->lines);
    *list = (task_lines){0};
}

static seine_status add_task_line(void *context, seine_str line, seine_error *error) {
    task_lines *list = context;
    char *copy = malloc(line.size + 1);
    if (copy == NULL || SEINE_ARRAY_ROOM(list->lines, list->count, list->capacity, 1, (size_t)1 << 20) != SEINE_OK) {
        free(copy);
        return seine_no_memory(error, "a test's lines");
    }
    memcpy(copy, line.data, line.size);
    list->lines[list->count++] = (seine_str){copy, line.size};
    return SEINE_OK;
}

/* Every task by a worker of its own, as on as many machines. */
static seine_status work_on_line(const char *lake, const seine_refresh_options *options, seine_str task,
                                 task_lines *results, seine_error *error) {
    seine_task_worker *worker SEINE_OWNED(seine_task_worker_free_owned) = NULL;
    seine_buf result SEINE_OWNED(seine_buf_free);
    seine_buf_init(&result, SEINE_TASK_BYTES_MAX);
    SEINE_TRY(seine_task_worker_new(lake, options, &worker, error));
    SEINE_TRY(seine_task_work(worker, task, &result, error));
    return add_task_line(results, seine_buf_str(&result), error);
}

/* What becomes of a list on its way, in the caller's hands; NULL = nothing. */
typedef void (*task_mixer)(void *context, task_lines *list);

/* @p reports takes one report for each round that had a task. */
typedef seine_status (*task_round)(void *context, const seine_refresh_report *report, seine_error *error);

/* A report is of one call. @return what a day that failed says. */
static seine_status end_models_report(const seine_refresh_options *options, seine_status status, seine_error *error) {
    seine_models_report *report = options->models_report;
    if (report == NULL) return status;
    if (status == SEINE_OK && report->failure_count > 0)
        status = seine_fail(error, SEINE_E_INTERNAL, "a day is told as %s", report->failures[0]);
    seine_models_report_free(report);
    return status;
}

static seine_status run_task_round(const char *lake, const seine_refresh_options *options, const task_lines *tasks,
                                   task_mixer mix, task_round done, void *context, seine_error *error) {
    task_lines results SEINE_OWNED(free_task_lines) = {0};
    seine_refresh_report report SEINE_OWNED(seine_refresh_report_free) = {0};
    for (size_t i = 0; i < tasks->count; i++) SEINE_TRY(work_on_line(lake, options, tasks->lines[i], &results, error));
    if (mix != NULL) mix(context, &results);
    const seine_status status = seine_tasks_commit(lake, options, results.lines, results.count, &report, error);
    SEINE_TRY(end_models_report(options, status, error));
    return done != NULL ? done(context, &report, error) : SEINE_OK;
}

static seine_status refresh_by_tasks(const char *lake, const seine_refresh_options *options, task_mixer mix,
                                     task_round done, void *context, seine_error *error) {
    for (;;) {
        task_lines tasks SEINE_OWNED(free_task_lines) = {0};
        const seine_status status = seine_tasks_plan(lake, options, add_task_line, &tasks, error);
        SEINE_TRY(end_models_report(options, status, error));
        if (tasks.count == 0) return SEINE_OK;
        if (mix != NULL) mix(context, &tasks);
        SEINE_TRY(run_task_round(lake, options, &tasks, mix, done, context, error));
    }
}

#endif
