/* seine run: take in what is new and refresh, each step going on where a former run stopped. */
#include "base/json.h"
#include "base/try.h"
#include "cli/derive.h"
#include "cli/fetch/fetch.h"
#include "io/clock.h"

#include <inttypes.h>
#include <stdio.h>

typedef struct totals {
    const char *command; /* "run noaa" */
    bool has_fetched;
    seine_fetch_report fetch;
    seine_ingest_report ingest;
    seine_refresh_report refresh;
    seine_models_report models;
    double seconds;
} totals;

/* The files given, or what was fetched. */
static seine_status ingest(seine_args *args, const char *const *paths, size_t count, const char *invocation,
                           seine_ingest_report *report, seine_error *error) {
    seine_ingest_options options = seine_cli_ingest_options(args);
    options.command = "run ingest";
    options.invocation = invocation;
    return count > 0 ? seine_ingest_files(seine_args_lake(args), paths, count, &options, report, error)
                     : seine_ingest_fetched(seine_args_lake(args), &options, report, error);
}

static seine_status refresh(seine_args *args, const char *invocation, totals *t, seine_error *error) {
    seine_models_options models = {.replace = false};
    seine_refresh_options options = seine_cli_refresh_options(args, &models, &t->models);
    options.command = models.command = "run refresh";
    options.invocation = models.invocation = invocation;
    return seine_refresh(seine_args_lake(args), &options, &t->refresh, error);
}

/* Days of all models that were run, or that came out different. */
static size_t count_days(const totals *t, bool changed) {
    size_t days = 0;
    for (size_t i = 0; i < t->models.count; i++)
        days += changed ? t->models.models[i].changed : t->models.models[i].run;
    return days;
}

static void put_json(const totals *t) {
    const seine_fetch_report *f = &t->fetch;
    const seine_ingest_report *i = &t->ingest;
    const seine_job_report *g = &t->refresh.jobs[SEINE_JOB_GAPS], *e = &t->refresh.jobs[SEINE_JOB_ENRICHED];
    printf("{\"summary\":{");
    if (t->has_fetched)
        printf("\"fetch\":{\"days\":%zu,\"absent\":%zu,\"present\":%zu,\"fetched\":%zu,\"replaced\":%zu,"
               "\"failed\":%zu,\"bytes\":%" PRId64 ",\"seconds\":%.3f},",
               f->days, f->absent, f->present, f->fetched, f->replaced, f->failed, f->bytes, f->seconds);
    printf("\"ingest\":{\"added\":%zu,\"same\":%zu,\"replaced\":%zu,\"quarantined\":%zu,\"failed\":%zu,"
           "\"rows\":%" PRId64 ",\"rejects\":%" PRId64 ",\"seconds\":%.3f},",
           i->added, i->same, i->replaced, i->quarantined, i->failed, i->rows, i->rejects, i->seconds);
    printf("\"refresh\":{\"committed\":%s,\"new\":%" PRIu64 ",\"updated\":%" PRIu64 ",\"retracted\":%" PRIu64
           ",\"rewritten\":%zu},",
           seine_refresh_is_committed(&t->refresh) ? "true" : "false", g->added, g->updated, g->retracted,
           e->rewritten);
    printf("\"models\":{\"committed\":%s,\"run\":%zu,\"changed\":%zu,\"refused\":%zu},\"seconds\":%.3f}}\n",
           t->models.is_committed ? "true" : "false", count_days(t, false), count_days(t, true),
           t->models.refused_count, t->seconds);
}

static void put_line(const totals *t) {
    const seine_job_report *gaps = &t->refresh.jobs[SEINE_JOB_GAPS];
    const seine_job_report *enriched = &t->refresh.jobs[SEINE_JOB_ENRICHED];
    char size[24];
    seine_fetch_size(t->fetch.bytes, size);
    if (t->has_fetched)
        printf("%zu days: %zu archives fetched (%s), %zu in the lake already, %zu without one, %zu failed; ",
               t->fetch.days, t->fetch.fetched + t->fetch.replaced, size, t->fetch.present, t->fetch.absent,
               t->fetch.failed);
    printf("ingested %zu with %" PRId64 " rows; ", t->ingest.added + t->ingest.replaced, t->ingest.rows);
    if (gaps->is_committed)
        printf("gaps: %" PRIu64 " new, %" PRIu64 " updated, %" PRIu64 " retracted; ", gaps->added, gaps->updated,
               gaps->retracted);
    if (enriched->is_committed) printf("enriched: %zu partitions rewritten; ", enriched->rewritten);
    if (t->models.is_committed) printf("gold: %zu days run, %zu changed; ", count_days(t, false), count_days(t, true));
    if (!seine_refresh_is_committed(&t->refresh) && !t->models.is_committed)
        printf("everything derived is up to date; ");
    printf("%.1f s\n", t->seconds);
}

static void free_totals(totals *t) {
    seine_models_report_free(&t->models);
    seine_refresh_report_free(&t->refresh);
}

static void tell(seine_args *args, totals *t, int64_t begin_us) {
    t->seconds = (double)(seine_clock_monotonic_us() - begin_us) / 1e6;
    seine_cli_progress_end(args);
    for (size_t i = 0; i < t->models.failure_count; i++) fprintf(stderr, "seine run: %s\n", t->models.failures[i]);
    for (size_t i = 0; i < t->models.refused_count; i++)
        fprintf(stderr, "seine %s: model refused: %s\n", t->command, t->models.refused[i]);
    if (seine_args_json(args))
        put_json(t);
    else if (!seine_args_quiet(args))
        put_line(t);
    if (t->fetch.failed + t->ingest.failed + t->ingest.quarantined + t->models.refused_count + t->models.failure_count >
        0)
        seine_cli_found_wrong(args);
}

static seine_status run_noaa(seine_args *args, seine_error *error) {
    totals t SEINE_OWNED(free_totals) = {.command = "run noaa", .has_fetched = true};
    seine_fetch_view view SEINE_OWNED(seine_fetch_view_free) = {0};
    seine_fetch_options options;
    char invocation[37];
    const int64_t begin_us = seine_clock_monotonic_us();
    seine_status status = seine_fetch_view_open(args, &view, &options, error);
    if (status == SEINE_OK) status = seine_uuid4(invocation, error);
    options.command = "run fetch";
    options.invocation = invocation;
    if (status == SEINE_OK) status = seine_fetch_noaa(seine_args_lake(args), &options, &t.fetch, error);
    if (status == SEINE_OK) status = ingest(args, NULL, 0, invocation, &t.ingest, error);
    if (status == SEINE_OK) status = refresh(args, invocation, &t, error);
    seine_cli_progress_end(args);
    seine_fetch_view_end(&view, &t.fetch);
    if (status == SEINE_OK) tell(args, &t, begin_us);
    return status;
}

static seine_status run_ais(seine_args *args, seine_error *error) {
    totals t SEINE_OWNED(free_totals) = {.command = "run ais"};
    char invocation[37];
    size_t count;
    const char *const *paths = seine_args_list(args, NULL, &count);
    const int64_t begin_us = seine_clock_monotonic_us();
    SEINE_TRY(seine_uuid4(invocation, error));
    SEINE_TRY(ingest(args, paths, count, invocation, &t.ingest, error));
    SEINE_TRY(refresh(args, invocation, &t, error));
    tell(args, &t, begin_us);
    return SEINE_OK;
}

static const seine_option noaa_options[] = {
    SEINE_FETCH_SHARED_OPTIONS, SEINE_THREADS_OPTION, SEINE_MEMORY_OPTION, SEINE_INGEST_OPTIONS, SEINE_DERIVE_OPTIONS,
};

static const char noaa_description[] =
    "The same as seine fetch noaa, seine ingest --fetched and seine refresh, with one summary. Safe to repeat: what\n"
    "is done is skipped. Safe to stop or kill: the next run goes on and ends in the same tables.";

const seine_command seine_cmd_run_noaa = {.name = "run noaa",
                                          .summary = "Fetch, ingest and refresh NOAA's day archives",
                                          .description = noaa_description,
                                          .example = "seine run noaa --lake lake --from 2025-01-01 --to 2025-01-31",
                                          .options = noaa_options,
                                          .option_count = sizeof noaa_options / sizeof *noaa_options,
                                          .needs_lake = true,
                                          .run = run_noaa};

static const seine_option ais_options[] = {
    SEINE_THREADS_OPTION,
    SEINE_MEMORY_OPTION,
    SEINE_INGEST_OPTIONS,
    SEINE_DERIVE_OPTIONS,
};

static const char ais_description[] =
    "The same as seine ingest of the files (without any: of what seine fetch brought) and seine refresh, with one\n"
    "summary. Files that are in the lake already are skipped, and nothing is computed that is up to date.";

const seine_command seine_cmd_run_ais = {.name = "run ais",
                                         .summary = "Ingest what is new and bring everything up to date",
                                         .positional = "[FILE…]",
                                         .description = ais_description,
                                         .example = "seine run ais --lake lake days/ais-*.csv.zst\n"
                                                    "seine run ais --lake lake",
                                         .options = ais_options,
                                         .option_count = sizeof ais_options / sizeof *ais_options,
                                         .needs_lake = true,
                                         .run = run_ais};
