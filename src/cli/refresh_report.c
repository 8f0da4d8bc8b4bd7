/* What a refresh did, as lines or as JSON. */
#include "cli/refresh_report.h"

#include "base/json.h"
#include "base/number.h"
#include "base/try.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static void put_json_models(seine_json_writer *w, const seine_models_report *report) {
    seine_json_field_array(w, "models");
    for (size_t i = 0; i < report->count; i++) {
        const seine_model_report *model = &report->models[i];
        const struct {
            const char *key;
            int64_t value;
        } counts[] = {{"days", (int64_t)model->days},       {"run", (int64_t)model->run},
                      {"changed", (int64_t)model->changed}, {"removed", (int64_t)model->removed},
                      {"failed", (int64_t)model->failed},   {"rows", model->rows}};
        seine_json_begin_object(w);
        seine_json_field_text(w, "table", model->table);
        seine_json_field_text(w, "file", model->file);
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
            seine_json_field_int(w, counts[k].key, counts[k].value);
        }
        seine_json_field_number(w, "seconds", round(model->seconds * 1000) / 1000);
        seine_json_end_object(w);
    }
    seine_json_end_array(w);
    seine_json_field_texts(w, "refused", report->refused, report->refused_count);
}

static void put_json_job(seine_json_writer *w, const seine_job_report *job) {
    const struct {
        const char *key;
        uint64_t value;
    } counts[] = {{"version", job->version},
                  {"partitions", job->partitions},
                  {"stale", job->stale},
                  {"movers_fed", job->movers_fed},
                  {"fixes_read", job->fixes_read},
                  {"fixes_fed", job->fixes_fed},
                  {"new", job->added},
                  {"updated", job->updated},
                  {"retracted", job->retracted},
                  {"rewritten", job->rewritten},
                  {"unchanged", job->unchanged}};
    seine_json_begin_object(w);
    seine_json_field_text(w, "job", job->job);
    seine_json_field_bool(w, "recomputed", job->is_recomputed);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        seine_json_field_int(w, counts[i].key, (int64_t)counts[i].value);
    }
    seine_json_field_number(w, "seconds", round(job->seconds * 1000) / 1000);
    seine_json_end_object(w);
}

static seine_status put_json(const seine_refresh_report *report, const seine_models_report *models,
                             seine_error *error) {
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, 1 << 16);
    seine_json_writer w = seine_json_writer_to(&out);
    seine_json_begin_object(&w);
    seine_json_field_bool(&w, "committed", seine_refresh_is_committed(report) || models->is_committed);
    seine_json_field_array(&w, "jobs");
    for (size_t i = 0; i < report->job_count; i++) put_json_job(&w, &report->jobs[i]);
    seine_json_end_array(&w);
    put_json_models(&w, models);
    seine_json_end_object(&w);
    return seine_cli_print_json(&w, error);
}

static void put_line(const seine_job_report *job) {
    if (!job->is_committed) {
        printf("%s@v%u: nothing to do, %s up to date\n", job->job, job->version,
               seine_count((int64_t)job->partitions, "partition").text);
        return;
    }
    printf("%s@v%u: %zu of %s stale%s, %s fed with %s, ", job->job, job->version, job->stale,
           seine_count((int64_t)job->partitions, "partition").text,
           job->is_recomputed ? " (computed from the first day)" : "",
           seine_count((int64_t)job->movers_fed, "mover").text, seine_count((int64_t)job->fixes_fed, "fix").text);
    if (job->has_columns)
        printf("partitions: %zu rewritten, %zu unchanged, %.1f s\n", job->rewritten, job->unchanged, job->seconds);
    else
        printf("events: %" PRIu64 " new, %" PRIu64 " updated, %" PRIu64 " retracted, %.1f s\n", job->added,
               job->updated, job->retracted, job->seconds);
}

/* More lines than a screen has are summed up. */
#define LINES_MAX 18

static void put_model_lines(const seine_models_report *report, bool all) {
    if (report->count == 0) return;
    if (!report->is_committed && report->failure_count > 0) return; /* which tell what was to do */
    if (!report->is_committed) {
        printf("models: nothing to do, %zu are up to date\n", report->count);
        return;
    }
    size_t told = 0, more = 0, changed = 0;
    for (size_t i = 0; i < report->count; i++) {
        const seine_model_report *model = &report->models[i];
        if (model->run == 0 && model->removed == 0) continue;
        if (!all && told++ >= LINES_MAX) {
            more++;
            changed += model->changed;
            continue;
        }
        printf("%s: %zu of %s run, %zu changed, %zu removed, %s, %.1f s\n", model->table, model->run,
               seine_count((int64_t)model->days, "day").text, model->changed, model->removed,
               seine_count((int64_t)model->rows, "row").text, model->seconds);
    }
    if (more > 0)
        printf("… and %s more with %s changed (--all lists all)\n", seine_count((int64_t)more, "model").text,
               seine_count((int64_t)changed, "day").text);
}

/* Refused models and failed days are told one by one; the others have run. */
void seine_cli_tell_models(seine_args *args, const seine_models_report *models) {
    for (size_t i = 0; i < models->refused_count; i++)
        seine_cli_tell_wrong(args, "model refused: %s", models->refused[i]);
    for (size_t i = 0; i < models->failure_count; i++) seine_cli_tell_wrong(args, "%s", models->failures[i]);
}

seine_status seine_cli_print_refresh(seine_args *args, const seine_refresh_report *report,
                                     const seine_models_report *models, bool all, seine_error *error) {
    seine_status status = SEINE_OK;
    if (seine_args_json(args)) {
        status = put_json(report, models, error);
    } else if (!seine_args_quiet(args)) {
        for (size_t i = 0; i < report->job_count; i++) put_line(&report->jobs[i]);
        put_model_lines(models, all);
    }
    seine_cli_tell_models(args, models);
    return status;
}
