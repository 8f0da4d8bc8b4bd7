/* seine tasks: a refresh in three commands, for an engine that runs work on many machines. */
#include "base/array.h"
#include "base/try.h"
#include "cli/refresh_report.h"
#include "io/lines.h"
#include "refresh/tasks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESULTS_MAX ((size_t)1 << 24)

/* A line is whole when its reader sees any of it. */
static seine_status print_line(void *context, seine_str line, seine_error *error) {
    (void)context;
    if (fwrite(line.data, 1, line.size, stdout) == line.size && putchar('\n') != EOF && fflush(stdout) == 0)
        return SEINE_OK;
    return seine_fail(error, SEINE_E_IO, "standard output: %s", strerror(errno));
}

/* Of every file in turn, or of standard input. */
static seine_status read_lines(seine_args *args, seine_line_fn take, void *context, seine_error *error) {
    size_t count = 0;
    const seine_progress *progress = seine_cli_progress(args);
    const char *const *files = seine_args_list(args, NULL, &count);
    if (count == 0) return seine_lines_read(NULL, SEINE_TASK_BYTES_MAX, progress, take, context, error);
    for (size_t i = 0; i < count; i++)
        SEINE_TRY(seine_lines_read(files[i], SEINE_TASK_BYTES_MAX, progress, take, context, error));
    return SEINE_OK;
}

/* ---- plan ---- */

static seine_status run_plan(seine_args *args, seine_error *error) {
    seine_models_options models = {.replace = false};
    seine_models_report report SEINE_OWNED(seine_models_report_free) = {0};
    seine_refresh_options options = seine_refresh_options_default();
    SEINE_TRY(seine_cli_refresh_options(args, &models, &report, &options, error));
    options.only = seine_args_list(args, NULL, &options.only_count);
    const seine_status status = seine_tasks_plan(seine_args_lake(args), &options, print_line, NULL, error);
    seine_cli_tell_models(args, &report);
    return status;
}

static const seine_option plan_options[] = {
    SEINE_THREADS_OPTION,
    SEINE_MODEL_MEMORY_OPTION,
    SEINE_DERIVE_OPTIONS,
    SEINE_SHIPS_OPTIONS,
};

const seine_command seine_cmd_tasks_plan = {
    .name = "tasks plan",
    .summary = "list what a refresh has to do now, as independent tasks",
    .positional = "[WHAT…]",
    .description =
        "A line of JSON for each task: what is stale and made from nothing that is stale, cut into pieces that can be "
        "worked on anywhere, in any order, with the files they read. Give each to seine tasks work, on as many "
        "machines as you like, all results to seine tasks commit, and plan again, until there is no task: the lake "
        "is then as after one seine refresh, which does the same in one process. Options and words are those of seine "
        "refresh; a task carries them.",
    .example = "export SEINE_LAKE=lake\n"
               "seine tasks plan | seine tasks work | seine tasks commit\n"
               "seine tasks plan > tasks.jsonl\n"
               "split -n r/8 --filter 'seine tasks work > $FILE.jsonl' tasks.jsonl done-\n"
               "seine tasks commit done-*.jsonl",
    .options = plan_options,
    .option_count = sizeof plan_options / sizeof *plan_options,
    .needs_lake = true,
    .run = run_plan,
};

/* ---- work ---- */

typedef struct working {
    seine_args *args;
    seine_task_worker *worker;
    size_t number; /* of the line */
} working;

/* One that fails harms no other; the commit tells what has no result. */
static seine_status work_on(void *context, seine_str line, seine_error *error) {
    working *w = context;
    seine_error why = {SEINE_OK, ""};
    seine_buf result SEINE_OWNED(seine_buf_free);
    seine_buf_init(&result, SEINE_TASK_BYTES_MAX);
    w->number++;
    const seine_status status = seine_task_work(w->worker, line, &result, &why);
    if (status == SEINE_OK) return print_line(NULL, seine_buf_str(&result), error);
    if (status == SEINE_E_INTERRUPTED) return seine_fail(error, status, "%s", why.text);
    seine_cli_tell_wrong(w->args, "line %zu: %s", w->number, why.text);
    return SEINE_OK;
}

static seine_status run_work(seine_args *args, seine_error *error) {
    seine_models_options models = {.replace = false};
    seine_refresh_options options = seine_refresh_options_default();
    seine_task_worker *worker SEINE_OWNED(seine_task_worker_free_owned) = NULL;
    options.threads = models.threads = (int)seine_args_int(args, "threads");
    models.memory_bytes = seine_cli_model_memory(args);
    options.progress = models.progress = seine_cli_progress(args);
    options.models = &models;
    SEINE_TRY(seine_task_worker_new(seine_args_lake(args), &options, &worker, error));
    working w = {args, worker, 0};
    return read_lines(args, work_on, &w, error);
}

static const seine_option work_options[] = {
    SEINE_THREADS_OPTION,
    SEINE_MODEL_MEMORY_OPTION,
};

const seine_command seine_cmd_tasks_work = {
    .name = "tasks work",
    .summary = "do tasks of a plan, here or on any machine that reaches the lake",
    .positional = "[FILE…]",
    .description =
        "Reads tasks, a line each, from files or standard input, and prints the result of each as a line. Work reads "
        "the files that the task names and writes new ones, which nobody sees before the commit; it changes nothing "
        "else, so that it may be done twice. A task that fails is told on stderr, the others are done, exit code 1.",
    .example = "seine tasks work --lake s3://lakes/sea tasks.jsonl > results.jsonl",
    .options = work_options,
    .option_count = sizeof work_options / sizeof *work_options,
    .needs_lake = true,
    .run = run_work,
};

/* ---- commit ---- */

typedef struct line_list {
    seine_str *lines;
    size_t count, capacity;
} line_list;

static void end_line_list(line_list *list) {
    for (size_t i = 0; i < list->count; i++) free((void *)(uintptr_t)list->lines[i].data);
    free(list->lines);
}

static seine_status keep_line(void *context, seine_str line, seine_error *error) {
    line_list *list = context;
    char *copy = malloc(line.size);
    if (copy == NULL || SEINE_ARRAY_ROOM(list->lines, list->count, list->capacity, 1, RESULTS_MAX) != SEINE_OK) {
        free(copy);
        return seine_no_memory(error, "reading results");
    }
    memcpy(copy, line.data, line.size);
    list->lines[list->count++] = (seine_str){copy, line.size};
    return SEINE_OK;
}

static seine_status run_commit(seine_args *args, seine_error *error) {
    seine_refresh_options options = seine_refresh_options_default();
    seine_models_report models SEINE_OWNED(seine_models_report_free) = {0};
    seine_refresh_report report SEINE_OWNED(seine_refresh_report_free) = {0};
    line_list list SEINE_OWNED(end_line_list) = {0};
    options.command = "tasks commit";
    options.models_report = &models;
    options.progress = seine_cli_progress(args);
    SEINE_TRY(read_lines(args, keep_line, &list, error));
    const seine_status status =
        seine_tasks_commit(seine_args_lake(args), &options, list.lines, list.count, &report, error);
    seine_cli_progress_end(args);
    const seine_status told = seine_cli_print_refresh(args, &report, &models, false, error);
    return status != SEINE_OK ? status : told;
}

const seine_command seine_cmd_tasks_commit = {
    .name = "tasks commit",
    .summary = "commit the results of tasks",
    .positional = "[FILE…]",
    .description =
        "Reads results of seine tasks work, a line each, in any order, from files or standard input, and commits what "
        "they made: each job in a transaction of its own, when all its tasks have a result. Of several results of one "
        "task the first counts; files of the others are orphans (seine table orphans). A job whose tables have changed "
        "since the plan is not committed, and to be planned again; a refresh or an ingest meanwhile does no harm.",
    .example = "seine tasks commit --lake lake results.jsonl",
    .needs_lake = true,
    .run = run_commit,
};
