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
#include "refresh/attempt.h"
#include "refresh/opening.h"

#define ATTEMPTS 5
#define WEATHER_MAX_AGE_US (3 * 3600 * SEINE_SECOND_US)

seine_refresh_options seine_refresh_options_default(void) {
    return (seine_refresh_options){.gaps = seine_gap_config_default(),
                                   .weather_max_age_us = WEATHER_MAX_AGE_US,
                                   .segments = seine_segment_limits_default(),
                                   .threads = 1};
}

static seine_status try_once(const seine_refresh_options *options, const seine_job_run *run, seine_catalog *catalog,
                             seine_engine *engine, seine_job_report *report, seine_error *error) {
    seine_attempt a SEINE_OWNED(seine_attempt_free) = seine_attempt_of(options, run, catalog, engine, report);
    *report = (seine_job_report){.attempts = report->attempts};
    SEINE_TRY(seine_refresh_plan_make(catalog, run, &a.plan, error));
    if (seine_refresh_plan_is_empty(&a.plan)) {
        seine_attempt_fill_report(&a);
        return SEINE_OK;
    }
    SEINE_TRY(seine_attempt_run(&a, error));
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
    SEINE_TRY(seine_refresh_make_tables(catalog, job, error));
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
        if (!seine_refresh_goes_on(status)) return seine_fail(error, status, "%s", why.text);
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

static seine_status run_detectors(const seine_refresh_options *options, const seine_wanted *wanted,
                                  seine_catalog *catalog, seine_engine *engine, seine_refresh_report *report,
                                  seine_error *error) {
    seine_registry registry SEINE_OWNED(seine_registry_free) = {0};
    seine_error why = {SEINE_OK, ""};
    const seine_detector_settings settings = seine_refresh_settings(options);
    SEINE_TRY(seine_refresh_jobs(&settings, catalog, &report->arena, &registry, &why, error));
    SEINE_TRY(run_registry(options, wanted, &registry, catalog, engine, report, error));
    return why.status == SEINE_OK ? SEINE_OK : seine_fail(error, why.status, "%s", why.text);
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
    if (seine_refresh_goes_on(status) && options->models != NULL) {
        const seine_status models = run_models(&b, &why);
        if (status == SEINE_OK || !seine_refresh_goes_on(models)) status = models;
    }
    seine_models_close(b.models);
    if (status == SEINE_OK) return SEINE_OK;
    return seine_fail(error, status, "%s", status == b.jobs_status ? b.jobs_error.text : why.text);
}

seine_status seine_refresh(const char *lake, const seine_refresh_options *options, seine_refresh_report *report,
                           seine_error *error) {
    seine_refresh_opening opening SEINE_OWNED(seine_refresh_close) = {0};
    *report = (seine_refresh_report){0};
    SEINE_TRY(seine_refresh_open(lake, options, &opening, error));
    return run_all(options, &opening.wanted, opening.catalog, opening.engine, report, error);
}
