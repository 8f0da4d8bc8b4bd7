/*
 * What becomes of a plan: its buckets are worked on, here by several threads or each by a process of its own
 * (tasks.h), and what they found is published and committed at once.
 */
#include "refresh/attempt.h"

#include "base/threads.h"
#include "base/try.h"
#include "io/clock.h"
#include "table/job_timing.h"
#include "table/run.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- buckets, in parallel ---- */

/* Shared by the workers of one attempt. */
typedef struct work {
    seine_attempt *attempt;
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

static seine_status run_bucket(seine_attempt *a, size_t b, work *w, seine_error *error) {
    const seine_refresh_plan_bucket *bucket = &a->plan.buckets[b];
    if (!bucket->is_needed) return SEINE_OK;
    const seine_bucket_task task = {.run = a->plan.run,
                                    .days = bucket->bucket_days,
                                    .day_count = bucket->day_count,
                                    .watermark_us = a->plan.watermark_us,
                                    .is_recomputed = a->plan.is_recomputed,
                                    .progress = a->options->progress,
                                    .stale_day_done = w != NULL ? count_day : NULL,
                                    .context = w};
    a->stores[b] = (seine_store){.engine = a->engine, .plan = &a->plan, .bucket = (int32_t)b, .batch = a->batch};
    const seine_bucket_io io = seine_store_io(&a->stores[b]);
    return seine_bucket_run(&task, &io, &a->results[b], error);
}

static seine_status run_member(void *context, size_t member, size_t b, seine_error *error) {
    work *w = context;
    (void)member;
    return run_bucket(w->attempt, b, w, error);
}

static seine_status run_buckets(seine_attempt *a, seine_error *error) {
    work w = {.attempt = a, .total = a->plan.stale};
    size_t needed = 0;
    for (size_t b = 0; b < a->plan.bucket_count; b++) needed += a->plan.buckets[b].is_needed;
    const size_t threads = (size_t)a->options->threads < needed ? (size_t)a->options->threads : needed;
    const seine_thread_tasks tasks = {.task = run_member, .context = &w, .count = a->plan.bucket_count};
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
static seine_status commit_states(seine_attempt *a, seine_commit *commit, seine_error *error) {
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
static seine_status commit_columns(seine_attempt *a, seine_commit *commit, seine_error *error) {
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

static seine_status commit_settings(const seine_attempt *a, seine_commit *commit, seine_error *error) {
    for (size_t i = 0; i < a->run->setting_count; i++) {
        char key[96];
        (void)snprintf(key, sizeof key, "%s.%s", a->run->job->name, a->run->settings[i].name);
        SEINE_TRY(seine_ledger_put_setting(commit, key, a->run->settings[i].value, error));
    }
    return SEINE_OK;
}

/* Up to when the open events hold that were computed. */
static seine_status commit_deadlines(seine_attempt *a, seine_commit *commit, seine_error *error) {
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

static seine_status commit_ledger(seine_attempt *a, seine_commit *commit, seine_error *error) {
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
static seine_status commit_timings(const seine_attempt *a, seine_commit *commit, seine_error *error) {
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
static seine_status make_manifest(const seine_attempt *a, seine_run_manifest **run, seine_error *error) {
    const seine_refresh_options *options = a->options;
    const seine_job_report *report = a->report;
    SEINE_TRY(seine_run_begin(options->command != NULL ? options->command : "refresh", options->invocation,
                              a->started_us, a->begun_us, run, error));
    seine_run_setting_text(*run, "job", a->plan.run->job->name);
    seine_run_setting_int(*run, "job_version", a->plan.run->job->version);
    for (size_t i = 0; i < a->run->setting_count; i++)
        seine_run_setting_int(*run, a->run->settings[i].name, a->run->settings[i].value);
    seine_run_setting_int(*run, "threads", options->threads);
    seine_run_input_table(*run, a->plan.run->job->silver, a->plan.silver_snapshot_id, a->plan.partitions,
                          a->plan.silver_content);
    seine_run_input_sources(*run, &a->plan.sources);
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
static void keep_failure(const seine_attempt *a, const seine_error *why) {
    seine_run_manifest *run = NULL;
    if (why == NULL || why->status == SEINE_E_CONFLICT || make_manifest(a, &run, NULL) != SEINE_OK) return;
    seine_run_failed(run, a->catalog, why);
    seine_run_free(run);
}

static seine_status commit_all(seine_attempt *a, seine_error *error) {
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

static void discard_publication(seine_attempt *a) {
    seine_changed_files_discard(&a->publication.events);
    seine_changed_files_discard(&a->publication.history);
}

void seine_attempt_discard(seine_attempt *a) {
    seine_file_batch_free(a->batch); /* no file of it gets its name any more */
    a->batch = NULL;
    for (size_t b = 0; a->stores != NULL && b < a->plan.bucket_count; b++) {
        seine_changed_files_discard(&a->stores[b].states);
        seine_changed_files_discard(&a->stores[b].heads);
        seine_changed_files_discard(&a->stores[b].columns);
    }
    discard_publication(a);
}

void seine_attempt_free(seine_attempt *a) {
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

void seine_attempt_fill_report(seine_attempt *a) {
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

seine_attempt seine_attempt_of(const seine_refresh_options *options, const seine_job_run *run, seine_catalog *catalog,
                               seine_engine *engine, seine_job_report *report) {
    return (seine_attempt){.options = options,
                           .run = run,
                           .catalog = catalog,
                           .engine = engine,
                           .report = report,
                           .started_us = options->now_us != 0 ? options->now_us : seine_clock_now_us(),
                           .begun_us = seine_clock_monotonic_us()};
}

seine_status seine_attempt_expect(seine_attempt *a, seine_error *error) {
    a->stores = calloc(a->plan.bucket_count, sizeof *a->stores);
    a->results = calloc(a->plan.bucket_count, sizeof *a->results);
    a->batch = seine_file_batch_new();
    return a->stores != NULL && a->results != NULL && a->batch != NULL ? SEINE_OK
                                                                       : seine_no_memory(error, "refreshing");
}

static seine_status publish_and_commit(seine_attempt *a, seine_error *error) {
    if (a->run->job->events != NULL)
        SEINE_TRY(seine_publish_events(a->engine, &a->plan, a->results, a->started_us, &a->publication, error));
    SEINE_TRY(seine_file_batch_end(a->batch, error));
    seine_attempt_fill_report(a);
    return commit_all(a, error);
}

/* After an unknown outcome the files may be live. */
static bool is_lost(seine_status status) { return status != SEINE_OK && status != SEINE_E_UNKNOWN; }

seine_status seine_attempt_run(seine_attempt *a, seine_error *error) {
    SEINE_TRY(seine_attempt_expect(a, error));
    seine_status status = run_buckets(a, error);
    if (status == SEINE_OK) status = publish_and_commit(a, error);
    if (is_lost(status)) seine_attempt_discard(a);
    if (status != SEINE_OK) keep_failure(a, error);
    return status;
}

seine_status seine_attempt_work(seine_attempt *a, size_t bucket, seine_error *error) {
    SEINE_TRY(seine_attempt_expect(a, error));
    seine_status status = run_bucket(a, bucket, NULL, error);
    if (status == SEINE_OK) status = seine_file_batch_end(a->batch, error);
    if (is_lost(status)) seine_attempt_discard(a);
    return status;
}

seine_status seine_attempt_commit(seine_attempt *a, seine_error *error) {
    const seine_status status = publish_and_commit(a, error);
    if (is_lost(status)) discard_publication(a);
    if (status != SEINE_OK) keep_failure(a, error);
    return status;
}
