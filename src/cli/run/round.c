/* One round: what was taken in, what was brought up to date, and how that is told. */
#include "base/json.h"
#include "base/number.h"
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

static seine_round_derived derived_of(const seine_round *round) {
    seine_round_derived derived = round->earlier;
    for (size_t j = 0; j < round->refresh.job_count; j++) {
        const seine_job_report *job = &round->refresh.jobs[j];
        derived.added += job->added;
        derived.updated += job->updated;
        derived.retracted += job->retracted;
        derived.rewritten += job->rewritten;
        derived.has_events = derived.has_events || (job->is_committed && !job->has_columns);
        derived.has_columns = derived.has_columns || (job->is_committed && job->has_columns);
    }
    for (size_t i = 0; i < round->models.count; i++) {
        derived.days_run += round->models.models[i].run;
        derived.days_changed += round->models.models[i].changed;
    }
    derived.has_gold = derived.has_gold || round->models.is_committed;
    return derived;
}

seine_status seine_round_refresh(seine_round *round, seine_error *error) {
    round->earlier = derived_of(round);
    seine_round_free(round);
    seine_models_options models = {.replace = false};
    seine_refresh_options options;
    SEINE_TRY(seine_cli_refresh_options(round->args, &models, &round->models, &options, error));
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
    const seine_round_derived derived = derived_of(round);
    const count refreshed[] = {{"new", (int64_t)derived.added},
                               {"updated", (int64_t)derived.updated},
                               {"retracted", (int64_t)derived.retracted},
                               {"rewritten", (int64_t)derived.rewritten}};
    const count models[] = {{"run", (int64_t)derived.days_run},
                            {"changed", (int64_t)derived.days_changed},
                            {"refused", (int64_t)round->models.refused_count}};
    seine_json_field_object(w, "summary");
    if (round->has_fetched) put_fetch(w, &round->fetch);
    put_ingest(w, &round->ingest);
    seine_json_field_object(w, "refresh");
    seine_json_field_bool(w, "committed", derived.has_events || derived.has_columns);
    put_counts(w, refreshed, sizeof refreshed / sizeof *refreshed);
    seine_json_end_object(w);
    seine_json_field_object(w, "models");
    seine_json_field_bool(w, "committed", derived.has_gold);
    put_counts(w, models, sizeof models / sizeof *models);
    seine_json_end_object(w);
    put_seconds(w, round->seconds);
    seine_json_end_object(w);
}

void seine_round_line(const seine_round *round) {
    const seine_round_derived derived = derived_of(round);
    char size[24];
    seine_fetch_size(round->fetch.bytes, size);
    if (round->has_fetched)
        printf("%s: %s fetched (%s), %zu in the lake already, %zu without one, %zu failed; ",
               seine_count((int64_t)round->fetch.days, "day").text,
               seine_count((int64_t)(round->fetch.fetched + round->fetch.replaced), "archive").text, size,
               round->fetch.present, round->fetch.absent, round->fetch.failed);
    printf("ingested %zu with %s; ", round->ingest.added + round->ingest.replaced,
           seine_count((int64_t)round->ingest.rows, "row").text);
    if (derived.has_events)
        printf("gaps: %" PRIu64 " new, %" PRIu64 " updated, %" PRIu64 " retracted; ", derived.added, derived.updated,
               derived.retracted);
    if (derived.has_columns)
        printf("enriched: %s rewritten; ", seine_count((int64_t)derived.rewritten, "partition").text);
    if (derived.has_gold)
        printf("gold: %s run, %zu changed; ", seine_count((int64_t)derived.days_run, "day").text, derived.days_changed);
    if (!derived.has_events && !derived.has_columns && !derived.has_gold) printf("everything derived is up to date; ");
    printf("%.1f s\n", round->seconds);
}
