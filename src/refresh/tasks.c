/*
 * A lake's plans, work and commits, task by task. One job's tasks and results are in task.h, what becomes of them in
 * attempt.h.
 */
#include "refresh/tasks.h"

#include "base/time.h"
#include "base/try.h"
#include "io/clock.h"
#include "model/task.h"
#include "refresh/attempt.h"
#include "refresh/opening.h"
#include "refresh/task.h"

#include <stdlib.h>
#include <string.h>

/* ---- reference tables ---- */

/* Names and states of those that a job reads. */
static seine_status state_of_references(seine_catalog *catalog, const seine_registry *registry, size_t index,
                                        seine_hash128 *state, seine_error *error) {
    size_t count = 0;
    const seine_read_reference *references = seine_registry_references(registry, index, &count);
    *state = (seine_hash128){0, 0};
    for (size_t i = 0; i < count; i++) {
        seine_table *table SEINE_OWNED(seine_table_close_owned) = NULL;
        SEINE_TRY(seine_tables_load_or_empty(catalog, &references[i].table, 1, &table, error));
        const int64_t snapshot_id = seine_table_snapshot_id(table);
        const seine_hash128 parts[] = {seine_hash128_of(references[i].table, strlen(references[i].table)),
                                       seine_hash128_of(&snapshot_id, sizeof snapshot_id)};
        *state = seine_hash128_add(*state, seine_hash128_of(parts, sizeof parts));
    }
    return SEINE_OK;
}

/* The job with its parameters, and the state of the reference tables that they were read in. */
static seine_status run_of(seine_catalog *catalog, seine_engine *engine, seine_registry *registry, size_t index,
                           seine_job_run *run, seine_hash128 *references, seine_error *error) {
    seine_hash128 before;
    SEINE_TRY(state_of_references(catalog, registry, index, &before, error));
    SEINE_TRY(seine_registry_run(registry, index, catalog, engine, run, error));
    SEINE_TRY(state_of_references(catalog, registry, index, references, error));
    if (seine_hash128_equal(before, *references)) return SEINE_OK;
    return seine_fail(error, SEINE_E_BUSY, "reference tables of %s changed while they were read; try again",
                      registry->jobs[index].job.name);
}

/* ---- plan ---- */

typedef struct planning {
    const seine_refresh_options *options;
    seine_refresh_opening opening;
    seine_registry registry;
    const char **busy; /* tables that are stale, or made from such, and their logs */
    size_t busy_count;
    seine_line_fn sink;
    void *context;
} planning;

static void end_planning(planning *p) {
    seine_registry_free(&p->registry);
    seine_refresh_close(&p->opening);
}

static bool is_busy(const planning *p, const char *table) {
    for (size_t i = 0; i < p->busy_count; i++)
        if (strcmp(p->busy[i], table) == 0) return true;
    return false;
}

static void note_busy(planning *p, const seine_detector_job *job) {
    p->busy[p->busy_count++] = seine_job_table(job);
    if (job->history != NULL) p->busy[p->busy_count++] = job->history;
}

static seine_status put_tasks(planning *p, const seine_refresh_plan *plan, seine_hash128 references,
                              seine_error *error) {
    const seine_detector_settings settings = seine_refresh_settings(p->options);
    char id[37];
    seine_task_head head = {.plan = id, .references = references, .settings = &settings};
    SEINE_TRY(seine_uuid4(id, error));
    for (size_t b = 0; b < plan->bucket_count; b++) head.count += seine_task_is_any(plan, b);
    for (size_t b = 0; b < plan->bucket_count; b++) {
        seine_buf line SEINE_OWNED(seine_buf_free);
        seine_buf_init(&line, SEINE_TASK_BYTES_MAX);
        if (!seine_task_is_any(plan, b)) continue;
        seine_json_writer w = seine_json_writer_to(&line);
        seine_task_put(&w, seine_catalog_path(p->opening.catalog), &head, plan, b);
        if (w.status != SEINE_OK) return seine_fail(error, w.status, "a task of %s is too large", plan->run->job->name);
        SEINE_TRY(p->sink(p->context, seine_buf_str(&line), error));
        head.number++;
    }
    return SEINE_OK;
}

/* What is made from something stale is, too, and has to wait. */
static seine_status plan_job(planning *p, size_t index, seine_error *error) {
    seine_refresh_plan plan SEINE_OWNED(seine_refresh_plan_free) = {0};
    const seine_detector_job *job = &p->registry.jobs[index].job;
    seine_catalog *catalog = p->opening.catalog;
    seine_hash128 references;
    seine_job_run run;
    if (!seine_wanted_has(&p->opening.wanted, seine_job_table(job))) return SEINE_OK;
    if (is_busy(p, job->silver)) {
        note_busy(p, job);
        return SEINE_OK;
    }
    SEINE_TRY(seine_refresh_make_tables(catalog, job, error));
    SEINE_TRY(run_of(catalog, p->opening.engine, &p->registry, index, &run, &references, error));
    SEINE_TRY(seine_refresh_plan_make(catalog, &run, &plan, error));
    if (seine_refresh_plan_is_empty(&plan)) return SEINE_OK;
    note_busy(p, job);
    return put_tasks(p, &plan, references, error);
}

static seine_status plan_jobs(planning *p, seine_error *error) {
    seine_status first = SEINE_OK;
    p->busy = SEINE_ARENA_ARRAY(&p->opening.arena, const char *, 2 * p->registry.count);
    if (p->busy == NULL) return seine_no_memory(error, "planning");
    for (size_t i = 0; i < p->registry.count; i++) {
        seine_error why = {SEINE_OK, ""};
        const seine_status status = plan_job(p, i, &why);
        if (!seine_refresh_goes_on(status)) return seine_fail(error, status, "%s", why.text);
        if (status != SEINE_OK && !is_busy(p, seine_job_table(&p->registry.jobs[i].job)))
            note_busy(p, &p->registry.jobs[i].job);
        if (status != SEINE_OK && first == SEINE_OK) first = seine_fail(error, status, "%s", why.text);
    }
    return first;
}

/* They wait for jobs, as jobs do for each other. */
static seine_status plan_models(planning *p, seine_error *error) {
    seine_models_options options = *p->options->models;
    seine_models *models SEINE_OWNED(seine_models_close_owned) = NULL;
    seine_catalog *catalog = p->opening.catalog;
    options.tables = p->opening.wanted.tables;
    options.table_count = p->opening.wanted.count;
    SEINE_TRY(seine_models_open(seine_catalog_path(catalog), &options, &models, error));
    return seine_models_plan(models, catalog, p->busy, p->busy_count, p->sink, p->context, p->options->models_report,
                             error);
}

static seine_status plan_all(planning *p, seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    const seine_status jobs = plan_jobs(p, &why);
    if (!seine_refresh_goes_on(jobs)) return seine_fail(error, jobs, "%s", why.text);
    if (p->options->models != NULL) SEINE_TRY(plan_models(p, error));
    return jobs == SEINE_OK ? SEINE_OK : seine_fail(error, jobs, "%s", why.text);
}

seine_status seine_tasks_plan(const char *lake, const seine_refresh_options *options, seine_line_fn sink, void *context,
                              seine_error *error) {
    planning p SEINE_OWNED(end_planning) = {.options = options, .sink = sink, .context = context};
    const seine_detector_settings settings = seine_refresh_settings(options);
    seine_error why = {SEINE_OK, ""};
    SEINE_TRY(seine_refresh_open(lake, options, &p.opening, error));
    SEINE_TRY(seine_refresh_jobs(&settings, p.opening.catalog, &p.opening.arena, &p.registry, &why, error));
    SEINE_TRY(plan_all(&p, error));
    return why.status == SEINE_OK ? SEINE_OK : seine_fail(error, why.status, "%s", why.text);
}

/* ---- a task's job ---- */

/* Everything that a task is done, or committed, with. */
typedef struct task_job {
    seine_arena arena;
    seine_registry registry;
    seine_job_run run;
} task_job;

static void end_task_job(task_job *t) {
    seine_registry_free(&t->registry);
    seine_arena_free(&t->arena);
    *t = (task_job){.run = {0}};
}

static seine_status find_job(const seine_registry *registry, seine_str name, size_t *index, seine_error *error) {
    for (*index = 0; *index < registry->count; (*index)++)
        if (seine_str_equal(seine_str_of(registry->jobs[*index].job.name), name)) return SEINE_OK;
    return seine_fail(error, SEINE_E_CONFLICT, "the lake has no job '%.*s' any more; plan again", SEINE_STR_ARG(name));
}

/* With the settings of the plan, and the reference tables as it has seen them. */
static seine_status begin_task_job(seine_json_value task, seine_catalog *catalog, seine_engine *engine, task_job *t,
                                   seine_error *error) {
    const seine_refresh_options defaults = seine_refresh_options_default();
    seine_detector_settings settings = seine_refresh_settings(&defaults);
    seine_hash128 planned = {0, 0}, now;
    seine_error why = {SEINE_OK, ""};
    size_t index = 0;
    seine_task_settings(task, &settings);
    SEINE_TRY(seine_refresh_jobs(&settings, catalog, &t->arena, &t->registry, &why, error));
    SEINE_TRY(find_job(&t->registry, seine_json_text(seine_json_get(task, "job")), &index, error));
    SEINE_TRY(run_of(catalog, engine, &t->registry, index, &t->run, &now, error));
    if (!seine_task_references(task, &planned))
        return seine_fail(error, SEINE_E_FORMAT, "a task of %s: it does not tell of reference tables",
                          t->run.job->name);
    if (seine_hash128_equal(planned, now)) return SEINE_OK;
    return seine_fail(error, SEINE_E_CONFLICT, "reference tables have changed since %s was planned; plan again",
                      t->run.job->name);
}

/* ---- work ---- */

struct seine_task_worker {
    const seine_refresh_options *options;
    seine_catalog *catalog;
    seine_engine *engine;
    seine_models_options models_options;
    seine_models *models; /* opened with the first task of a model */
    /* The job of the last task of a detector, for others of the same plan: reference tables are read once. */
    task_job job;
    seine_str plan; /* its id, in job.arena; NULL = none */
};

void seine_task_worker_free(seine_task_worker *worker) {
    if (worker == NULL) return;
    seine_models_close(worker->models);
    end_task_job(&worker->job);
    if (worker->engine != NULL) seine_engine_close(worker->engine);
    if (worker->catalog != NULL) seine_catalog_close(worker->catalog);
    free(worker);
}

seine_status seine_task_worker_new(const char *lake, const seine_refresh_options *options, seine_task_worker **worker,
                                   seine_error *error) {
    const seine_engine_options engine_options = {.threads = 1};
    seine_task_worker *made SEINE_OWNED(seine_task_worker_free_owned) = calloc(1, sizeof *made);
    *worker = NULL;
    if (made == NULL) return seine_no_memory(error, "working");
    made->options = options;
    if (options->models != NULL) made->models_options = *options->models;
    made->models_options.is_beside = true;
    SEINE_TRY(seine_catalog_open(lake, &made->catalog, error));
    SEINE_TRY(seine_engine_open(&engine_options, &made->engine, error));
    *worker = SEINE_TAKE(made);
    return SEINE_OK;
}

/* Every result says of which task it is. */
static seine_json_writer begin_result(seine_json_value task, seine_buf *out) {
    seine_json_writer w = seine_json_writer_to(out);
    seine_json_begin_object(&w);
    seine_json_key(&w, seine_str_of("task"));
    seine_json_put_value(&w, task);
    return w;
}

static seine_status take_up(seine_task_worker *worker, seine_json_value task, seine_error *error) {
    const seine_str plan = seine_json_text(seine_json_get(task, "plan"));
    if (worker->plan.data != NULL && seine_str_equal(worker->plan, plan)) return SEINE_OK;
    end_task_job(&worker->job);
    worker->plan = (seine_str){NULL, 0};
    SEINE_TRY(begin_task_job(task, worker->catalog, worker->engine, &worker->job, error));
    worker->plan = (seine_str){seine_arena_copy(&worker->job.arena, plan.data, plan.size), plan.size};
    return worker->plan.data != NULL ? SEINE_OK : seine_no_memory(error, "working");
}

static seine_status work_on_bucket(seine_task_worker *worker, seine_json_value task, seine_buf *out,
                                   seine_error *error) {
    seine_job_report report = {0};
    size_t bucket = 0;
    SEINE_TRY(take_up(worker, task, error));
    const seine_job_run *run = &worker->job.run;
    seine_attempt a SEINE_OWNED(seine_attempt_free) =
        seine_attempt_of(worker->options, run, worker->catalog, worker->engine, &report);
    SEINE_TRY(seine_task_read(&task, 1, worker->catalog, run, &a.plan, error));
    (void)seine_task_bucket(task, a.plan.bucket_count, &bucket); /* it was read */
    SEINE_TRY(seine_attempt_work(&a, bucket, error));
    seine_json_writer w = begin_result(task, out);
    seine_task_result_put(&w, seine_catalog_path(worker->catalog), &a.stores[bucket], &a.results[bucket]);
    seine_json_field_int(&w, "duration_us", seine_clock_monotonic_us() - a.begun_us);
    seine_json_end_object(&w);
    if (w.status == SEINE_OK) return SEINE_OK;
    seine_attempt_discard(&a);
    return seine_fail(error, w.status, "the result of a task of %s is too large", run->job->name);
}

static seine_status work_on_model(seine_task_worker *worker, seine_json_value task, seine_buf *out,
                                  seine_error *error) {
    seine_catalog *catalog = worker->catalog;
    if (worker->models == NULL)
        SEINE_TRY(seine_models_open(seine_catalog_path(catalog), &worker->models_options, &worker->models, error));
    seine_json_writer w = begin_result(task, out);
    SEINE_TRY(seine_models_work(worker->models, catalog, task, &w, error));
    seine_json_end_object(&w);
    return w.status == SEINE_OK ? SEINE_OK : seine_fail(error, w.status, "the result of a task is too large");
}

seine_status seine_task_work(seine_task_worker *worker, seine_str task, seine_buf *result, seine_error *error) {
    seine_json *json SEINE_OWNED(seine_json_free_owned) = NULL;
    SEINE_TRY(seine_json_parse(task, "task", &json, error));
    const seine_json_value root = seine_json_root(json);
    const seine_str kind = seine_json_text(seine_json_get(root, "task"));
    if (seine_str_equal(kind, seine_str_of(SEINE_TASK_DETECTOR))) return work_on_bucket(worker, root, result, error);
    if (seine_str_equal(kind, seine_str_of(SEINE_TASK_MODEL))) return work_on_model(worker, root, result, error);
    return seine_fail(error, SEINE_E_FORMAT,
                      "this is no task: it has no member task that says \"" SEINE_TASK_DETECTOR
                      "\" or \"" SEINE_TASK_MODEL "\"");
}

/* ---- commit ---- */

/* A line that was read. */
typedef struct task_result {
    seine_json *json;
    seine_json_value root, task;
    seine_str plan;
    bool is_taken;
} task_result;

typedef struct committing {
    const seine_refresh_options *options;
    seine_refresh_opening opening;
    seine_refresh_report *report;
    task_result *results;
    size_t count;
    bool has_models;   /* results of a plan of models were taken */
    seine_error first; /* failure that has stopped nothing else */
} committing;

static void end_committing(committing *c) {
    for (size_t i = 0; i < c->count; i++) seine_json_free(c->results[i].json);
    free(c->results);
    seine_refresh_close(&c->opening);
}

static seine_status parse_result(seine_str line, size_t number, task_result *result, seine_error *error) {
    SEINE_TRY(seine_json_parse(line, "result", &result->json, error));
    result->root = seine_json_root(result->json);
    result->task = seine_json_get(result->root, "task");
    result->plan = seine_json_text(seine_json_get(result->task, "plan"));
    if (result->plan.data != NULL) return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT,
                      seine_json_text(result->task).data != NULL ? "line %zu is a task that has not been worked on"
                                                                 : "line %zu is not the result of a task",
                      number);
}

static void keep_first(committing *c, seine_status status, const seine_error *why) {
    if (status != SEINE_OK && c->first.status == SEINE_OK) c->first = *why;
}

/* A line that is none harms no other. */
static seine_status parse_results(committing *c, const seine_str *lines, size_t count, seine_error *error) {
    c->results = calloc(count + 1, sizeof *c->results);
    if (c->results == NULL) return seine_no_memory(error, "committing");
    for (; c->count < count; c->count++) {
        task_result *result = &c->results[c->count];
        seine_error why = {SEINE_OK, ""};
        const seine_status status = parse_result(lines[c->count], c->count + 1, result, &why);
        result->is_taken = status != SEINE_OK;
        keep_first(c, status, &why);
    }
    return SEINE_OK;
}

/* Results of one plan, one for each of its tasks. */
typedef struct plan_results {
    task_result **results; /* by number */
    seine_json_value *tasks;
    size_t count, found;
} plan_results;

static void end_plan_results(plan_results *p) {
    free(p->results);
    free(p->tasks);
}

static seine_status missing_task(const plan_results *p, seine_json_value task, seine_error *error) {
    size_t first = 0;
    while (p->results[first] != NULL) first++;
    const seine_str job = seine_json_text(seine_json_get(task, "job"));
    return seine_fail(error, SEINE_E_USAGE,
                      "of %zu tasks of %.*s %zu have no result, the first of them is number %zu; nothing of it was "
                      "committed",
                      p->count, SEINE_STR_ARG(job), p->count - p->found, first);
}

static const task_result *first_of(const plan_results *p) {
    size_t i = 0;
    while (p->results[i] == NULL) i++; /* there is one */
    return p->results[i];
}

/* All results of the plan of @p first; of several of one task the first. */
static seine_status gather(committing *c, const task_result *first, plan_results *p, seine_error *error) {
    const int64_t of = seine_json_int(seine_json_get(first->task, "of"), 0);
    if (of < 1 || of > INT32_MAX) return seine_fail(error, SEINE_E_FORMAT, "a plan of %lld tasks", (long long)of);
    p->count = (size_t)of;
    p->results = calloc(p->count, sizeof(task_result *));
    p->tasks = calloc(p->count, sizeof *p->tasks);
    if (p->results == NULL || p->tasks == NULL) return seine_no_memory(error, "committing");
    for (size_t i = 0; i < c->count; i++) {
        task_result *result = &c->results[i];
        const int64_t number = seine_json_int(seine_json_get(result->task, "number"), -1);
        if (result->is_taken || !seine_str_equal(result->plan, first->plan)) continue;
        result->is_taken = true;
        if (number < 0 || number >= of)
            return seine_fail(error, SEINE_E_FORMAT, "task %lld of %lld", (long long)number, (long long)of);
        if (p->results[number] != NULL) continue;
        p->results[number] = result;
        p->tasks[number] = result->task;
        p->found++;
    }
    return SEINE_OK;
}

static seine_status read_results(seine_attempt *a, const plan_results *p, seine_error *error) {
    const char *lake = seine_catalog_path(a->catalog);
    int64_t longest_us = 0;
    SEINE_TRY(seine_attempt_expect(a, error));
    for (size_t i = 0; i < p->count; i++) {
        size_t bucket = 0;
        (void)seine_task_bucket(p->tasks[i], a->plan.bucket_count, &bucket); /* it was read */
        a->stores[bucket].plan = &a->plan;
        SEINE_TRY(seine_task_result_read(p->results[i]->root, lake, &a->stores[bucket], &a->results[bucket], error));
        const int64_t took_us = seine_json_int(seine_json_get(p->results[i]->root, "duration_us"), 0);
        if (took_us > longest_us) longest_us = took_us;
    }
    a->begun_us -= longest_us; /* the job took as long as the longest of its tasks, and this commit */
    return SEINE_OK;
}

static seine_status commit_job(committing *c, const plan_results *p, seine_job_report *report, seine_error *error) {
    task_job t SEINE_OWNED(end_task_job) = {0};
    seine_catalog *catalog = c->opening.catalog;
    SEINE_TRY(begin_task_job(p->tasks[0], catalog, c->opening.engine, &t, error));
    seine_attempt a SEINE_OWNED(seine_attempt_free) =
        seine_attempt_of(c->options, &t.run, catalog, c->opening.engine, report);
    SEINE_TRY(seine_task_read(p->tasks, p->count, catalog, &t.run, &a.plan, error));
    SEINE_TRY(read_results(&a, p, error));
    const seine_status status = seine_attempt_commit(&a, error);
    report->job = seine_arena_copy(&c->report->arena, t.run.job->name, strlen(t.run.job->name));
    report->seconds = (double)(seine_clock_monotonic_us() - a.begun_us) / 1e6;
    report->is_committed = status == SEINE_OK;
    return status != SEINE_OK || report->job != NULL ? status : seine_no_memory(error, "committing");
}

static seine_status commit_jobs_plan(committing *c, const plan_results *p, seine_error *error) {
    seine_job_report report = {.attempts = 1};
    if (p->found < p->count) return missing_task(p, first_of(p)->task, error);
    if (c->report->job_count == SEINE_JOBS_MAX)
        return seine_fail(error, SEINE_E_LIMIT, "more than %d plans", SEINE_JOBS_MAX);
    SEINE_TRY(commit_job(c, p, &report, error));
    c->report->jobs[c->report->job_count++] = report;
    return SEINE_OK;
}

/* Days whose task has no result stay stale. */
static seine_status commit_models_plan(committing *c, const plan_results *p, seine_error *error) {
    seine_json_value *results SEINE_OWNED(seine_free_owned) = calloc(p->found, sizeof *results);
    seine_models_options options = {.command = c->options->command,
                                    .invocation = c->options->invocation,
                                    .progress = c->options->progress,
                                    .threads = c->options->threads,
                                    .now_us = c->options->now_us};
    size_t count = 0;
    if (results == NULL) return seine_no_memory(error, "committing");
    if (c->has_models)
        return seine_fail(error, SEINE_E_USAGE,
                          "results of two plans of models; only those of the first were committed");
    c->has_models = true;
    for (size_t i = 0; i < p->count; i++)
        if (p->results[i] != NULL) results[count++] = p->results[i]->root;
    return seine_models_commit(&options, c->opening.catalog, results, count, c->options->models_report, error);
}

static seine_status commit_plan(committing *c, const task_result *first, seine_error *error) {
    plan_results p SEINE_OWNED(end_plan_results) = {0};
    SEINE_TRY(gather(c, first, &p, error));
    const bool is_of_models =
        seine_str_equal(seine_json_text(seine_json_get(first->task, "task")), seine_str_of(SEINE_TASK_MODEL));
    return is_of_models ? commit_models_plan(c, &p, error) : commit_jobs_plan(c, &p, error);
}

static seine_status commit_plans(committing *c, seine_error *error) {
    for (size_t i = 0; i < c->count; i++) {
        seine_error why = {SEINE_OK, ""};
        if (c->results[i].is_taken) continue;
        const seine_status status = commit_plan(c, &c->results[i], &why);
        c->results[i].is_taken = true;
        if (status == SEINE_E_UNKNOWN || status == SEINE_E_INTERRUPTED || status == SEINE_E_NOMEM)
            return seine_fail(error, status, "%s", why.text);
        keep_first(c, status, &why);
    }
    return c->first.status == SEINE_OK ? SEINE_OK : seine_fail(error, c->first.status, "%s", c->first.text);
}

seine_status seine_tasks_commit(const char *lake, const seine_refresh_options *options, const seine_str *results,
                                size_t count, seine_refresh_report *report, seine_error *error) {
    committing c SEINE_OWNED(end_committing) = {.options = options, .report = report};
    *report = (seine_refresh_report){0};
    SEINE_TRY(parse_results(&c, results, count, error));
    SEINE_TRY(seine_refresh_open(lake, options, &c.opening, error));
    return commit_plans(&c, error);
}
