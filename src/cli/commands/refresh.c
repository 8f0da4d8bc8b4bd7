/* seine refresh: bring events and gold tables up to date with silver. */
#include "base/json.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/derive.h"
#include "io/clock.h"

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

/* --from, --to and --mode. */
static seine_status window_of(seine_args *args, seine_models_options *models, seine_error *error) {
    const char *from = seine_args_text(args, "from"), *to = seine_args_text(args, "to");
    const char *mode = seine_args_text(args, "mode");
    models->has_from = from != NULL;
    models->has_to = to != NULL;
    if (from != NULL && !seine_date_parse(seine_str_of(from), &models->from))
        return seine_fail(error, SEINE_E_USAGE, "--from %s: not a day such as 2025-01-31", from);
    if (to != NULL && !seine_date_parse(seine_str_of(to), &models->to))
        return seine_fail(error, SEINE_E_USAGE, "--to %s: not a day such as 2025-01-31", to);
    if (from != NULL && to != NULL && models->from > models->to)
        return seine_fail(error, SEINE_E_USAGE, "--from %s is after --to %s", from, to);
    models->replace = strcmp(mode, "replace") == 0;
    if (models->replace || strcmp(mode, "append") == 0) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "--mode %s: append or replace", mode);
}

/* Refused models and failed days are told one by one; the others have run. */
static void finish(seine_args *args, const seine_models_report *models) {
    for (size_t i = 0; i < models->refused_count; i++)
        fprintf(stderr, "seine refresh: model refused: %s\n", models->refused[i]);
    for (size_t i = 0; i < models->failure_count; i++) fprintf(stderr, "seine refresh: %s\n", models->failures[i]);
    if (models->refused_count + models->failure_count > 0) seine_cli_found_wrong(args);
}

static seine_status run(seine_args *args, seine_error *error) {
    seine_models_options models = {.replace = false};
    seine_models_report models_report SEINE_OWNED(seine_models_report_free) = {0};
    seine_refresh_options options = seine_refresh_options_default();
    char invocation[37];
    SEINE_TRY(seine_cli_refresh_options(args, &models, &models_report, &options, error));
    options.invocation = models.invocation = invocation;
    options.only = seine_args_list(args, NULL, &options.only_count);
    seine_refresh_report report SEINE_OWNED(seine_refresh_report_free) = {0};
    SEINE_TRY(window_of(args, &models, error));
    SEINE_TRY(seine_uuid4(invocation, error));
    seine_status status = seine_refresh(seine_args_lake(args), &options, &report, error);
    seine_cli_progress_end(args);
    if (status == SEINE_OK && seine_args_json(args)) {
        status = put_json(&report, &models_report, error);
    } else if (status == SEINE_OK && !seine_args_quiet(args)) {
        for (size_t i = 0; i < report.job_count; i++) put_line(&report.jobs[i]);
        put_model_lines(&models_report, seine_args_flag(args, "all"));
    }
    if (status == SEINE_OK || !seine_args_json(args)) finish(args, &models_report);
    return status;
}

static const seine_option options_list[] = {
    SEINE_THREADS_OPTION,
    SEINE_MODEL_MEMORY_OPTION,
    SEINE_DERIVE_OPTIONS,
    SEINE_SHIPS_OPTIONS,
    {.name = "from", .kind = SEINE_OPTION_TEXT, .metavar = "DAY", .help = "first day of models to look at"},
    {.name = "to", .kind = SEINE_OPTION_TEXT, .metavar = "DAY", .help = "last day of models to look at, included"},
    {.name = "mode",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "MODE",
     .fallback = "append",
     .help = "append: models run over stale days only; replace: over every day from --from to --to"},
    {.name = "all", .kind = SEINE_OPTION_FLAG, .fallback = "off", .help = "a line for every model, however many"},
};

const seine_command seine_cmd_refresh = {
    .name = "refresh",
    .summary = "bring events, enriched fixes and gold tables up to date with silver",
    .positional = "[WHAT…]",
    .description =
        "Finds by content which partitions of silver changed since the last refresh, feeds only the movers concerned "
        "from their state before the change, and commits the new, updated and retracted events, their log and the "
        "states in one transaction. Without a change nothing is read and nothing is committed. A changed parameter "
        "computes everything again from the first day. silver.ais_enriched is made in the same way, a row per fix: "
        "nearest port, speed category, time since the fix before, weather; ports and weather that changed make the "
        "partitions stale that they can matter to, and only those that come out different are rewritten. "
        "silver.ais_segments says of each fix which ship of its id it is of, and gaps, hours, pairs, last states and "
        "the map are of ships; with --by mover, which the lake keeps, an id is one ship. With --fishing rules, which "
        "it keeps, too, ships have events of fishing by plain rules of speed, turning and type.\n\n"
        "Then the models run: gold tables made by one SQL SELECT each, those of Seine and those in the lake's folder "
        "models/. Only days whose inputs, text or settings changed are computed, all models are committed together. A "
        "day whose SQL fails or whose counts do not match silver keeps its rows, stays stale and is named, and so is a "
        "wrong model of your own, which is left out; the others are committed, with exit code 1.\n\n"
        "With WHAT only that is made, and what it is made from; all else stays as it is, and stale. A word is a "
        "detector (gaps, segments, enriched, fishing), a table (gold.ais_vessel_days, or without its namespace), or "
        "what the names of tables begin with behind that of their dataset: pairs is gold.ais_pairs_daily and "
        "gold.ais_pairs_total, fishing all tables of fishing. seine graph shows what there is.",
    .example = "seine refresh --lake lake\nseine refresh --lake lake --min-gap-length 12 --threads 4\n"
               "seine refresh --lake lake --fishing rules\n"
               "seine refresh --lake lake gaps pairs\n"
               "seine refresh --lake lake --from 2025-01-05 --to 2025-01-07 --mode replace",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .needs_lake = true,
    .run = run,
};
