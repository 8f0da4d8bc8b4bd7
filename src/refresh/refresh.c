/*
 * One refresh of one lake:
 *
 *     lease ─▶ plan ─▶ nothing stale? done
 *               │
 *               ├─▶ buckets, each by one worker, files written as they are found
 *               ├─▶ events and log; the files of both are durable
 *               └─▶ commit: five tables and the fingerprints in one transaction ─▶ lost race: files away, plan again
 *
 * Invariant: a fingerprint is stored only together with the rows made from exactly that content.
 */
#include "refresh/refresh.h"

#include "base/threads.h"
#include "base/time.h"
#include "base/try.h"
#include "io/clock.h"
#include "refresh/publish.h"
#include "refresh/registry.h"
#include "refresh/wanted.h"
#include "table/dataset.h"
#include "table/job_timing.h"
#include "table/run.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define ATTEMPTS 5
#define WEATHER_MAX_AGE_US (3 * 3600 * SEINE_SECOND_US)

seine_refresh_options seine_refresh_options_default(void) {
    return (seine_refresh_options){.gaps = seine_gap_config_default(),
                                   .weather_max_age_us = WEATHER_MAX_AGE_US,
                                   .segments = seine_segment_limits_default(),
                                   .threads = 1};
}

/* What an attempt holds. */
typedef struct attempt {
    const seine_refresh_options *options;
    const seine_job_run *run;
    seine_catalog *catalog;
    seine_engine *engine;
    seine_refresh_plan plan;
    seine_file_batch *batch;      /* files of the buckets */
    seine_store *stores;          /* per bucket */
    seine_bucket_result *results; /* per bucket */
    seine_publication publication;
    seine_job_report *report;
    int64_t started_us, begun_us; /* by the clock; monotonic */
} attempt;

/* ---- buckets, in parallel ---- */

/* Shared by the workers of one attempt. */
typedef struct work {
    attempt *attempt;
    pthread_mutex_t lock; /* of everything below */
    size_t done, total;   /* stale partitions */
} work;

static void count_day(void *context) {
    work *w = context;
    (void)pthread_mutex_lock(&w->lock);
    w->done++;
    seine_progress_report(w->attempt->options->progress, w->attempt->run->job->step->name, w->done, w->total);
    (void)pthread_mutex_unlock(&w->lock);
}

static seine_status run_bucket(void *context, size_t member, size_t b, seine_error *error) {
    work *w = context;
    attempt *a = w->attempt;
    const seine_refresh_plan_bucket *bucket = &a->plan.buckets[b];
    (void)member;
    if (!bucket->is_needed) return SEINE_OK;
    const seine_bucket_task plan = {.run = a->plan.run,
                                    .days = bucket->bucket_days,
                                    .day_count = bucket->day_count,
                                    .watermark_us = a->plan.watermark_us,
                                    .is_recomputed = a->plan.is_recomputed,
                                    .progress = a->options->progress,
                                    .stale_day_done = count_day,
                                    .context = w};
    a->stores[b] = (seine_store){.engine = a->engine, .plan = &a->plan, .bucket = (int32_t)b, .batch = a->batch};
    const seine_bucket_io io = seine_store_io(&a->stores[b]);
    return seine_bucket_run(&plan, &io, &a->results[b], error);
}

static seine_status run_buckets(attempt *a, seine_error *error) {
    work w = {.attempt = a, .total = a->plan.stale};
    size_t needed = 0;
    for (size_t b = 0; b < a->plan.bucket_count; b++) needed += a->plan.buckets[b].is_needed;
    const size_t threads = (size_t)a->options->threads < needed ? (size_t)a->options->threads : needed;
    const seine_thread_tasks tasks = {.task = run_bucket, .context = &w, .count = a->plan.bucket_count};
    (void)pthread_mutex_init(&w.lock, NULL);
    const seine_status status = seine_threads_each(threads, &tasks, error);
    (void)pthread_mutex_destroy(&w.lock);
    return status;
}

/* ---- commit ---- */

static seine_status commit_table(seine_commit *commit, seine_table *table, const seine_changed_files *files,
                                 seine_error *error) {
    if (files->added_count == 0 && files->removed_count == 0) return SEINE_OK;
    return seine_commit_files(commit, table, files->added, files->added_count, files->removed, files->removed_count,
                              error);
}

/* State and head files; when everything is computed anew the old ones go, whatever they are. */
static seine_status commit_states(attempt *a, seine_commit *commit, seine_error *error) {
    seine_table *states = a->plan.tables[SEINE_PLAN_STATE], *heads = a->plan.tables[SEINE_PLAN_HEAD];
    if (a->plan.is_recomputed) {
        const seine_changed_files old_states = {.removed = a->plan.old_states,
                                                .removed_count = a->plan.old_state_count};
        const seine_changed_files old_heads = {.removed = a->plan.old_heads, .removed_count = a->plan.old_head_count};
        SEINE_TRY(commit_table(commit, states, &old_states, error));
        SEINE_TRY(commit_table(commit, heads, &old_heads, error));
    }
    for (size_t b = 0; b < a->plan.bucket_count; b++) {
        SEINE_TRY(commit_table(commit, states, &a->stores[b].states, error));
        SEINE_TRY(commit_table(commit, heads, &a->stores[b].heads, error));
    }
    return SEINE_OK;
}

/* The table of columns: what was written anew, and partitions whose silver is no more. */
static seine_status commit_columns(attempt *a, seine_commit *commit, seine_error *error) {
    const char *name = a->run->job->columns;
    seine_table *table = a->plan.tables[SEINE_PLAN_COLUMNS];
    seine_changed_files gone SEINE_OWNED(seine_changed_files_free) = {0};
    if (name == NULL) return SEINE_OK;
    for (size_t b = 0; b < a->plan.bucket_count; b++) {
        const seine_store *store = &a->stores[b];
        SEINE_TRY(commit_table(commit, table, &store->columns, error));
        for (size_t i = 0; i < store->content_count; i++)
            SEINE_TRY(seine_ledger_put_partition(commit, name, &store->contents[i], error));
    }
    for (size_t i = 0; i < a->plan.vanished_count; i++) {
        seine_partition_row row = {.rows = 0};
        memcpy(row.partition, a->plan.vanished[i].partition, sizeof row.partition);
        SEINE_TRY(seine_remove_columns(&a->plan, row.partition, &gone, error));
        SEINE_TRY(seine_ledger_put_partition(commit, name, &row, error));
    }
    return commit_table(commit, table, &gone, error);
}

static seine_status commit_settings(const attempt *a, seine_commit *commit, seine_error *error) {
    for (size_t i = 0; i < a->run->setting_count; i++) {
        char key[96];
        (void)snprintf(key, sizeof key, "%s.%s", a->run->job->name, a->run->settings[i].name);
        SEINE_TRY(seine_ledger_put_setting(commit, key, a->run->settings[i].value, error));
    }
    return SEINE_OK;
}

/* Up to when the open events hold that were computed. */
static seine_status commit_deadlines(attempt *a, seine_commit *commit, seine_error *error) {
    const seine_refresh_plan *plan = &a->plan;
    if (!seine_job_has_open(a->run->job) || plan->watermark_us == INT64_MIN) return SEINE_OK;
    const char *open_job = seine_refresh_plan_open_job(a->run->job, &a->plan.arena);
    if (open_job == NULL) return seine_no_memory(error, "refreshing");
    for (size_t b = 0; b < plan->bucket_count; b++) {
        if (!plan->buckets[b].is_needed) continue;
        const seine_job_row row = seine_refresh_plan_open_row(b, plan->watermark_us, a->results[b].deadline_us);
        SEINE_TRY(seine_ledger_put_job(commit, open_job, &row, error));
    }
    return SEINE_OK;
}

static seine_status commit_ledger(attempt *a, seine_commit *commit, seine_error *error) {
    const char *name = a->plan.run->job->name;
    for (size_t i = 0; i < a->plan.vanished_count; i++)
        SEINE_TRY(seine_ledger_drop_job_partition(commit, name, a->plan.vanished[i].partition, error));
    for (size_t i = 0; i < a->plan.changed_count; i++)
        SEINE_TRY(seine_ledger_put_job(commit, name, &a->plan.changed[i], error));
    /* What `seine verify --deep` computes again with. */
    SEINE_TRY(commit_settings(a, commit, error));
    const seine_job_row row = seine_refresh_plan_parameters_row(a->plan.run);
    if (a->plan.is_recomputed) SEINE_TRY(seine_ledger_put_job(commit, name, &row, error));
    return commit_deadlines(a, commit, error);
}

/* When each day was computed, for `seine status`; the open events belong to no day. */
static seine_status commit_timings(const attempt *a, seine_commit *commit, seine_error *error) {
    const seine_detector_job *job = a->run->job;
    const char *name = seine_job_table(job);
    seine_job_timing timing = {{.is_null = true}, a->started_us, seine_clock_monotonic_us() - a->begun_us};
    if (job->events != NULL) SEINE_TRY(seine_ledger_put_timing(commit, name, &timing, error));
    for (size_t i = 0; i < a->plan.changed_count; i++) {
        const seine_partition_value day = a->plan.changed[i].partition[0];
        if (!timing.partition.is_null && timing.partition.value == day.value) continue;
        timing.partition = day;
        SEINE_TRY(seine_ledger_put_timing(commit, name, &timing, error));
    }
    return SEINE_OK;
}

/* What the run ledger keeps of this attempt (table/run.h). */
static seine_status make_manifest(const attempt *a, seine_run_manifest **run, seine_error *error) {
    const seine_refresh_options *options = a->options;
    const seine_job_report *report = a->report;
    SEINE_TRY(seine_run_begin(options->command != NULL ? options->command : "refresh", options->invocation,
                              a->started_us, a->begun_us, run, error));
    seine_run_setting_text(*run, "job", a->plan.run->job->name);
    seine_run_setting_int(*run, "job_version", a->plan.run->job->version);
    for (size_t i = 0; i < a->run->setting_count; i++)
        seine_run_setting_int(*run, a->run->settings[i].name, a->run->settings[i].value);
    seine_run_setting_int(*run, "threads", options->threads);
    const seine_table *silver = a->plan.tables[SEINE_PLAN_SILVER];
    seine_run_input_table(*run, a->plan.run->job->silver, seine_table_snapshot_id(silver), a->plan.partitions,
                          a->plan.silver_content);
    seine_run_input_sources(*run, a->plan.sources, a->plan.source_count);
    seine_run_count(*run, "recomputed", report->is_recomputed);
    seine_run_count(*run, "partitions", (int64_t)report->partitions);
    seine_run_count(*run, "stale", (int64_t)report->stale);
    seine_run_count(*run, "movers_fed", (int64_t)report->movers_fed);
    seine_run_count(*run, "fixes_fed", (int64_t)report->fixes_fed);
    if (report->has_columns) {
        seine_run_count(*run, "rewritten", (int64_t)report->rewritten);
        seine_run_count(*run, "unchanged", (int64_t)report->unchanged);
        return SEINE_OK;
    }
    seine_run_count(*run, "new", (int64_t)report->added);
    seine_run_count(*run, "updated", (int64_t)report->updated);
    seine_run_count(*run, "retracted", (int64_t)report->retracted);
    return SEINE_OK;
}

/* A lost race is tried again, so it is no failed run. */
static void keep_failure(const attempt *a, const seine_error *why) {
    seine_run_manifest *run = NULL;
    if (why == NULL || why->status == SEINE_E_CONFLICT || make_manifest(a, &run, NULL) != SEINE_OK) return;
    seine_run_failed(run, a->catalog, why);
    seine_run_free(run);
}

static seine_status commit_all(attempt *a, seine_error *error) {
    seine_run_manifest *run SEINE_OWNED(seine_run_free_owned) = NULL;
    seine_commit *commit SEINE_OWNED(seine_commit_abort_owned) = NULL;
    SEINE_TRY(make_manifest(a, &run, error));
    SEINE_TRY(seine_commit_begin(a->catalog, seine_run_id(run), &commit, error));
    SEINE_TRY(commit_states(a, commit, error));
    SEINE_TRY(commit_columns(a, commit, error));
    SEINE_TRY(commit_table(commit, a->plan.tables[SEINE_PLAN_EVENTS], &a->publication.events, error));
    SEINE_TRY(commit_table(commit, a->plan.tables[SEINE_PLAN_HISTORY], &a->publication.history, error));
    SEINE_TRY(commit_ledger(a, commit, error));
    SEINE_TRY(commit_timings(a, commit, error));
    SEINE_TRY(seine_run_join(run, commit, error));
    return seine_commit_run(SEINE_TAKE(commit), error);
}

/* ---- an attempt ---- */

static void discard_files(attempt *a) {
    seine_file_batch_free(a->batch); /* no file of it gets its name any more */
    a->batch = NULL;
    for (size_t b = 0; a->stores != NULL && b < a->plan.bucket_count; b++) {
        seine_changed_files_discard(&a->stores[b].states);
        seine_changed_files_discard(&a->stores[b].heads);
        seine_changed_files_discard(&a->stores[b].columns);
    }
    seine_changed_files_discard(&a->publication.events);
    seine_changed_files_discard(&a->publication.history);
}

static void free_attempt(attempt *a) {
    for (size_t b = 0; b < a->plan.bucket_count; b++) {
        if (a->stores != NULL) seine_store_free(&a->stores[b]);
        if (a->results != NULL) seine_bucket_result_free(&a->results[b]);
    }
    seine_file_batch_free(a->batch);
    free(a->stores);
    free(a->results);
    seine_publication_free(&a->publication);
    seine_refresh_plan_free(&a->plan);
}

static void fill_report(attempt *a) {
    seine_job_report *report = a->report;
    report->job = a->run->job->name;
    report->has_columns = a->run->job->columns != NULL;
    report->version = a->run->job->version;
    report->is_recomputed = a->plan.is_recomputed && a->plan.stale > 0;
    report->partitions = a->plan.partitions + a->plan.vanished_count;
    report->stale = a->plan.stale;
    for (size_t b = 0; a->results != NULL && b < a->plan.bucket_count; b++) {
        report->movers_fed += a->results[b].movers_fed;
        report->fixes_read += a->results[b].fixes_read;
        report->fixes_fed += a->results[b].fixes_fed;
        report->rewritten += a->stores[b].content_count;
        report->unchanged += a->stores[b].unchanged;
    }
    if (report->has_columns) report->rewritten += a->plan.vanished_count;
    report->added = a->publication.added;
    report->updated = a->publication.updated;
    report->retracted = a->publication.retracted;
}

static seine_status run_and_commit(attempt *a, seine_error *error) {
    SEINE_TRY(run_buckets(a, error));
    if (a->run->job->events != NULL)
        SEINE_TRY(seine_publish_events(a->engine, &a->plan, a->results, a->started_us, &a->publication, error));
    SEINE_TRY(seine_file_batch_end(a->batch, error));
    fill_report(a);
    return commit_all(a, error);
}

static seine_status run_plan(attempt *a, seine_error *error) {
    a->stores = calloc(a->plan.bucket_count, sizeof *a->stores);
    a->results = calloc(a->plan.bucket_count, sizeof *a->results);
    a->batch = seine_file_batch_new();
    if (a->stores == NULL || a->results == NULL || a->batch == NULL) return seine_no_memory(error, "refreshing");
    const seine_status status = run_and_commit(a, error);
    /* After an unknown outcome the files may be live. */
    if (status != SEINE_OK && status != SEINE_E_UNKNOWN) discard_files(a);
    if (status != SEINE_OK) keep_failure(a, error);
    return status;
}

static seine_status try_once(const seine_refresh_options *options, const seine_job_run *run, seine_catalog *catalog,
                             seine_engine *engine, seine_job_report *report, seine_error *error) {
    attempt a SEINE_OWNED(free_attempt) = {.options = options,
                                           .run = run,
                                           .catalog = catalog,
                                           .engine = engine,
                                           .report = report,
                                           .started_us = options->now_us != 0 ? options->now_us : seine_clock_now_us(),
                                           .begun_us = seine_clock_monotonic_us()};
    *report = (seine_job_report){.attempts = report->attempts};
    SEINE_TRY(seine_refresh_plan_make(catalog, run, &a.plan, error));
    if (seine_refresh_plan_is_empty(&a.plan)) {
        fill_report(&a);
        return SEINE_OK;
    }
    SEINE_TRY(run_plan(&a, error));
    report->is_committed = true;
    return SEINE_OK;
}

static seine_status run_job(const seine_refresh_options *options, const seine_job_run *run, seine_catalog *catalog,
                            seine_engine *engine, seine_job_report *report, seine_error *error) {
    const int64_t begin_us = seine_clock_monotonic_us();
    seine_status status = SEINE_E_CONFLICT;
    *report = (seine_job_report){.attempts = 0};
    while (status == SEINE_E_CONFLICT && report->attempts < ATTEMPTS) {
        report->attempts++;
        status = try_once(options, run, catalog, engine, report, error);
    }
    report->seconds = (double)(seine_clock_monotonic_us() - begin_us) / 1e6;
    return status;
}

/* A damaged table must not stop what does not need it; what follows tells by itself whether it does. */
static bool others_go_on(seine_status status) {
    return status == SEINE_OK || status == SEINE_E_NOT_FOUND || status == SEINE_E_FORMAT ||
           status == SEINE_E_UNSUPPORTED;
}

/* Tables of datasets come with the first refresh. */
static seine_status run_one(const seine_refresh_options *options, seine_registry *registry, size_t index,
                            seine_catalog *catalog, seine_engine *engine, seine_refresh_report *report,
                            seine_error *error) {
    const seine_detector_job *job = &registry->jobs[index].job;
    const char *name = seine_arena_copy(&report->arena, job->name, strlen(job->name));
    seine_job_run run;
    if (name == NULL) return seine_no_memory(error, job->name);
    if (report->job_count == SEINE_JOBS_MAX)
        return seine_fail(error, SEINE_E_LIMIT, "more than %d jobs", SEINE_JOBS_MAX);
    seine_job_report *of_job = &report->jobs[report->job_count++];
    *of_job = (seine_job_report){.job = name, .has_columns = job->columns != NULL};
    for (size_t i = 0; i < job->shape_count; i++) {
        SEINE_TRY(seine_catalog_ensure_table(catalog, &job->shapes[i], error));
        SEINE_TRY(seine_catalog_ensure_columns(catalog, &job->shapes[i], error));
    }
    SEINE_TRY(seine_registry_run(registry, index, catalog, engine, &run, error));
    const seine_status status = run_job(options, &run, catalog, engine, of_job, error);
    of_job->job = name; /* the registry's ends with it */
    return status;
}

/* One that fails harms no other; the first failure is returned at the end. */
static seine_status run_registry(const seine_refresh_options *options, const seine_wanted *wanted,
                                 seine_registry *registry, seine_catalog *catalog, seine_engine *engine,
                                 seine_refresh_report *report, seine_error *error) {
    seine_status first = SEINE_OK;
    for (size_t i = 0; i < registry->count; i++) {
        seine_error why = {SEINE_OK, ""};
        if (!seine_wanted_has(wanted, seine_job_table(&registry->jobs[i].job))) continue;
        const seine_status status = run_one(options, registry, i, catalog, engine, report, &why);
        if (status == SEINE_OK) continue;
        if (!others_go_on(status)) return seine_fail(error, status, "%s", why.text);
        if (first == SEINE_OK) first = seine_fail(error, status, "%s", why.text);
    }
    return first;
}

void seine_refresh_report_free(seine_refresh_report *report) {
    seine_arena_free(&report->arena);
    *report = (seine_refresh_report){0};
}

bool seine_refresh_is_committed(const seine_refresh_report *report) {
    for (size_t i = 0; i < report->job_count; i++)
        if (report->jobs[i].is_committed) return true;
    return false;
}

/* When a description cannot be read the jobs of ships are there all the same, and *why says what it is. */
static seine_status list_jobs(const seine_refresh_options *options, seine_catalog *catalog, seine_arena *arena,
                              seine_registry *registry, seine_error *why, seine_error *error) {
    const seine_detector_settings settings = {options->gaps, options->weather_max_age_us, options->segments};
    const seine_dataset *const *datasets = NULL;
    size_t count = 0;
    why->status = seine_lake_datasets_read(catalog, arena, &datasets, &count, why);
    if (!others_go_on(why->status) || (count == 0 && why->status != SEINE_OK))
        return seine_fail(error, why->status, "%s", why->text);
    return seine_registry_fill(registry, datasets, count, &settings) == SEINE_OK ? SEINE_OK
                                                                                 : seine_no_memory(error, "refreshing");
}

static seine_status run_detectors(const seine_refresh_options *options, const seine_wanted *wanted,
                                  seine_catalog *catalog, seine_engine *engine, seine_refresh_report *report,
                                  seine_error *error) {
    seine_registry registry SEINE_OWNED(seine_registry_free) = {0};
    seine_error why = {SEINE_OK, ""};
    SEINE_TRY(list_jobs(options, catalog, &report->arena, &registry, &why, error));
    SEINE_TRY(run_registry(options, wanted, &registry, catalog, engine, report, error));
    return why.status == SEINE_OK ? SEINE_OK : seine_fail(error, why.status, "%s", why.text);
}

/* Before anything is made, since a word may mean nothing. */
static seine_status find_wanted(const seine_refresh_options *options, seine_catalog *catalog, seine_arena *arena,
                                seine_wanted *wanted, seine_error *error) {
    seine_registry registry SEINE_OWNED(seine_registry_free) = {0};
    seine_model_set set SEINE_OWNED(seine_model_set_free) = {0};
    const seine_models_options *models = options->models;
    seine_error ignored = {SEINE_OK, ""};
    if (options->only_count == 0) return SEINE_OK;
    SEINE_TRY(list_jobs(options, catalog, arena, &registry, &ignored, error));
    if (models != NULL)
        SEINE_TRY(seine_model_set_of_lake(catalog, models->settings, models->setting_count, &set, error));
    return seine_wanted_find(&registry, &set, options->only, options->only_count, arena, wanted, error);
}

/* What is done at once before models run. */
typedef struct beside {
    const seine_refresh_options *options;
    const seine_wanted *wanted;
    seine_models_options models_options;
    seine_catalog *catalog;
    seine_engine *engine;
    seine_refresh_report *report;
    seine_models *models; /* NULL: not open */
    bool is_tried;        /* to open them */
    seine_status jobs_status, models_status;
    seine_error jobs_error, models_error;
} beside;

static void open_models(beside *b) {
    b->is_tried = true;
    b->models_status =
        seine_models_open(seine_catalog_path(b->catalog), &b->models_options, &b->models, &b->models_error);
}

static void run_member(void *context, size_t member) {
    beside *b = context;
    if (member > 0)
        open_models(b);
    else
        b->jobs_status = run_detectors(b->options, b->wanted, b->catalog, b->engine, b->report, &b->jobs_error);
}

static seine_status run_models(beside *b, seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    *b->options->models_report = (seine_models_report){0};
    if (!b->is_tried) open_models(b); /* there was no thread for it */
    if (b->models_status != SEINE_OK) return seine_fail(error, b->models_status, "%s", b->models_error.text);
    const seine_status status = seine_models_run(b->models, b->catalog, b->options->models_report, &why);
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "%s", why.text);
}

/*
 * Jobs, then models, which are opened beside the jobs: starting their engine takes as long as a commit. Of failures
 * that stop nothing else the first is returned at the end.
 */
static seine_status run_all(const seine_refresh_options *options, const seine_wanted *wanted, seine_catalog *catalog,
                            seine_engine *engine, seine_refresh_report *report, seine_error *error) {
    beside b = {.options = options, .wanted = wanted, .catalog = catalog, .engine = engine, .report = report};
    seine_error why = {SEINE_OK, ""};
    if (options->models != NULL) b.models_options = *options->models;
    b.models_options.tables = wanted->tables;
    b.models_options.table_count = wanted->count;
    seine_threads_run(options->models != NULL && options->threads > 1 ? 2 : 1, run_member, &b);
    seine_status status = b.jobs_status;
    if (others_go_on(status) && options->models != NULL) {
        const seine_status models = run_models(&b, &why);
        if (status == SEINE_OK || !others_go_on(models)) status = models;
    }
    seine_models_close(b.models);
    if (status == SEINE_OK) return SEINE_OK;
    return seine_fail(error, status, "%s", status == b.jobs_status ? b.jobs_error.text : why.text);
}

/* What is given is kept before anything is made by it, so that status and verify know, whatever comes. */
static seine_status keep(seine_catalog *catalog, const char *setting, int64_t wanted, seine_error *error) {
    int64_t kept = 0;
    SEINE_TRY(seine_ledger_setting(catalog, setting, &kept, error));
    if (kept == wanted) return SEINE_OK;
    seine_commit *commit SEINE_OWNED(seine_commit_abort_owned) = NULL;
    SEINE_TRY(seine_commit_begin(catalog, NULL, &commit, error));
    SEINE_TRY(seine_ledger_put_setting(commit, setting, wanted, error));
    return seine_commit_run(SEINE_TAKE(commit), error);
}

seine_status seine_refresh(const char *lake, const seine_refresh_options *options, seine_refresh_report *report,
                           seine_error *error) {
    if (options->threads < 1 || options->threads > SEINE_THREADS_MAX)
        return seine_fail(error, SEINE_E_USAGE, "%d threads; 1 to %d are possible", options->threads,
                          SEINE_THREADS_MAX);
    const seine_engine_options engine_options = {.threads = 1};
    seine_catalog *catalog SEINE_OWNED(seine_catalog_close_owned) = NULL;
    seine_lease *lease SEINE_OWNED(seine_lease_release_owned) = NULL;
    seine_engine *engine SEINE_OWNED(seine_engine_close_owned) = NULL;
    seine_wanted wanted = {0};
    *report = (seine_refresh_report){0};
    SEINE_TRY(seine_catalog_open(lake, &catalog, error));
    SEINE_TRY(seine_lease_take_as(catalog, SEINE_LEASE_REFRESH, options->holder, &lease, error));
    SEINE_TRY(seine_catalog_ensure_tables(catalog, error));
    if (options->by != SEINE_BY_KEPT)
        SEINE_TRY(keep(catalog, SEINE_SETTING_BY_SEGMENT, options->by == SEINE_BY_SEGMENT, error));
    if (options->fishing != SEINE_FISHING_KEPT)
        SEINE_TRY(keep(catalog, SEINE_SETTING_FISHING, options->fishing == SEINE_FISHING_BY_RULES, error));
    SEINE_TRY(find_wanted(options, catalog, &report->arena, &wanted, error));
    SEINE_TRY(seine_engine_open(&engine_options, &engine, error));
    return run_all(options, &wanted, catalog, engine, report, error);
}
