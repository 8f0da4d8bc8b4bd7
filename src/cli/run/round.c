/* One round: what was taken in, what was brought up to date, and how that is told. */
#include "base/json.h"
#include "base/try.h"
#include "cli/run/run.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* ---- work ---- */

/* Of a folder that is looked at every few minutes, the files that were there before are no news. */
static void report_news(void *context, const seine_ingest_result *result) {
    const seine_round *round = context;
    if (result->outcome == SEINE_INGEST_SAME || result->outcome == SEINE_INGEST_LEFT_OUT) return;
    seine_cli_ingest_report(round->args, result);
}

static void add_report(seine_ingest_report *to, const seine_ingest_report *from) {
    to->added += from->added;
    to->same += from->same;
    to->replaced += from->replaced;
    to->quarantined += from->quarantined;
    to->failed += from->failed;
    to->left_out += from->left_out;
    to->rows += from->rows;
    to->rejects += from->rejects;
    to->bytes += from->bytes;
    to->partitions += from->partitions;
    to->seconds += from->seconds;
}

seine_status seine_round_ingest(seine_round *round, const char *const *paths, size_t count,
                                const seine_dataset *dataset, seine_error *error) {
    seine_ingest_report report = {0};
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_ingest_options options = seine_cli_ingest_options(round->args);
    options.command = "run ingest";
    options.invocation = round->invocation;
    options.dataset = dataset;
    if (!seine_args_given(round->args, "time-valid-from")) options.valid_from_us = dataset->valid_from_us;
    if (round->is_quiet) {
        options.report = report_news;
        options.context = round;
    }
    const char *lake = seine_args_lake(round->args);
    if (count > 0) SEINE_TRY(seine_cli_api_options(round->args, &arena, &options.api, error));
    const seine_status status = count > 0 ? seine_ingest_files(lake, paths, count, &options, &report, error)
                                          : seine_ingest_fetched(lake, &options, &report, error);
    add_report(&round->ingest, &report);
    return status;
}

seine_status seine_round_refresh(seine_round *round, seine_error *error) {
    seine_models_options models = {.replace = false};
    seine_refresh_options options = seine_cli_refresh_options(round->args, &models, &round->models);
    options.command = models.command = "run refresh";
    options.invocation = models.invocation = round->invocation;
    return seine_refresh(seine_args_lake(round->args), &options, &round->refresh, error);
}

bool seine_round_found_wrong(const seine_round *round) {
    return round->fetch.failed + round->ingest.failed + round->ingest.quarantined + round->models.refused_count +
               round->models.failure_count >
           0;
}

void seine_round_free(seine_round *round) {
    seine_models_report_free(&round->models);
    seine_refresh_report_free(&round->refresh);
}

/* ---- telling ---- */

/* What all jobs did together; of datasets that are not ships, too. */
typedef struct job_sums {
    uint64_t added, updated, retracted;
    size_t rewritten;
    bool has_events, has_columns; /* some job changed such */
} job_sums;

static job_sums sum_jobs(const seine_refresh_report *report) {
    job_sums sums = {0};
    for (size_t j = 0; j < report->job_count; j++) {
        const seine_job_report *job = &report->jobs[j];
        sums.added += job->added;
        sums.updated += job->updated;
        sums.retracted += job->retracted;
        sums.rewritten += job->rewritten;
        sums.has_events = sums.has_events || (job->is_committed && !job->has_columns);
        sums.has_columns = sums.has_columns || (job->is_committed && job->has_columns);
    }
    return sums;
}

/* Days of all models that were run, or that came out different. */
static size_t count_days(const seine_round *round, bool changed) {
    size_t days = 0;
    for (size_t i = 0; i < round->models.count; i++)
        days += changed ? round->models.models[i].changed : round->models.models[i].run;
    return days;
}

typedef struct count {
    const char *key;
    int64_t value;
} count;

static void put_counts(seine_json_writer *w, const count *counts, size_t number) {
    for (size_t i = 0; i < number; i++) seine_json_field_int(w, counts[i].key, counts[i].value);
}

static void put_seconds(seine_json_writer *w, double seconds) {
    seine_json_field_number(w, "seconds", round(seconds * 1000) / 1000);
}

static void put_fetch(seine_json_writer *w, const seine_fetch_report *report) {
    const count counts[] = {{"days", (int64_t)report->days},
                            {"absent", (int64_t)report->absent},
                            {"present", (int64_t)report->present},
                            {"fetched", (int64_t)report->fetched},
                            {"replaced", (int64_t)report->replaced},
                            {"failed", (int64_t)report->failed},
                            {"bytes", report->bytes}};
    seine_json_field_object(w, "fetch");
    put_counts(w, counts, sizeof counts / sizeof *counts);
    put_seconds(w, report->seconds);
    seine_json_end_object(w);
}

static void put_ingest(seine_json_writer *w, const seine_ingest_report *report) {
    const count counts[] = {{"added", (int64_t)report->added},
                            {"same", (int64_t)report->same},
                            {"replaced", (int64_t)report->replaced},
                            {"quarantined", (int64_t)report->quarantined},
                            {"failed", (int64_t)report->failed},
                            {"rows", report->rows},
                            {"rejects", report->rejects}};
    seine_json_field_object(w, "ingest");
    put_counts(w, counts, sizeof counts / sizeof *counts);
    put_seconds(w, report->seconds);
    seine_json_end_object(w);
}

void seine_round_json(const seine_round *round, seine_json_writer *w) {
    const job_sums jobs = sum_jobs(&round->refresh);
    const count refreshed[] = {{"new", (int64_t)jobs.added},
                               {"updated", (int64_t)jobs.updated},
                               {"retracted", (int64_t)jobs.retracted},
                               {"rewritten", (int64_t)jobs.rewritten}};
    const count models[] = {{"run", (int64_t)count_days(round, false)},
                            {"changed", (int64_t)count_days(round, true)},
                            {"refused", (int64_t)round->models.refused_count}};
    seine_json_field_object(w, "summary");
    if (round->has_fetched) put_fetch(w, &round->fetch);
    put_ingest(w, &round->ingest);
    seine_json_field_object(w, "refresh");
    seine_json_field_bool(w, "committed", seine_refresh_is_committed(&round->refresh));
    put_counts(w, refreshed, sizeof refreshed / sizeof *refreshed);
    seine_json_end_object(w);
    seine_json_field_object(w, "models");
    seine_json_field_bool(w, "committed", round->models.is_committed);
    put_counts(w, models, sizeof models / sizeof *models);
    seine_json_end_object(w);
    put_seconds(w, round->seconds);
    seine_json_end_object(w);
}

void seine_round_line(const seine_round *round) {
    const job_sums jobs = sum_jobs(&round->refresh);
    char size[24];
    seine_fetch_size(round->fetch.bytes, size);
    if (round->has_fetched)
        printf("%zu days: %zu archives fetched (%s), %zu in the lake already, %zu without one, %zu failed; ",
               round->fetch.days, round->fetch.fetched + round->fetch.replaced, size, round->fetch.present,
               round->fetch.absent, round->fetch.failed);
    printf("ingested %zu with %" PRId64 " rows; ", round->ingest.added + round->ingest.replaced, round->ingest.rows);
    if (jobs.has_events)
        printf("gaps: %" PRIu64 " new, %" PRIu64 " updated, %" PRIu64 " retracted; ", jobs.added, jobs.updated,
               jobs.retracted);
    if (jobs.has_columns) printf("enriched: %zu partitions rewritten; ", jobs.rewritten);
    if (round->models.is_committed)
        printf("gold: %zu days run, %zu changed; ", count_days(round, false), count_days(round, true));
    if (!seine_refresh_is_committed(&round->refresh) && !round->models.is_committed)
        printf("everything derived is up to date; ");
    printf("%.1f s\n", round->seconds);
}
