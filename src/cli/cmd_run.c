/* seine run noaa: fetch, ingest and refresh, one after the other, each going on where a former run stopped. */
#include "base/json.h"
#include "cli/fetch.h"
#include "io/clock.h"
#include "refresh/refresh.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define HOUR_US 3600e6

typedef struct totals {
    seine_fetch_report fetch;
    seine_ingest_report ingest;
    seine_refresh_report refresh;
    seine_models_report models;
    double seconds;
} totals;

static seine_status ingest(seine_args *args, const char *invocation, seine_ingest_report *report, seine_error *error) {
    seine_ingest_options options = seine_ingest_options_default();
    options.threads = (int)seine_args_int(args, "threads");
    options.memory_bytes = (uint64_t)seine_args_int(args, "memory") << 20;
    options.max_future_us = (int64_t)(seine_args_number(args, "max-future") * HOUR_US);
    options.progress = seine_cli_progress(args);
    options.report = seine_cli_ingest_report;
    options.command = "run ingest";
    options.invocation = invocation;
    options.context = args;
    return seine_ingest_fetched(seine_args_lake(args), &options, report, error);
}

static seine_status refresh(seine_args *args, const char *invocation, totals *t, seine_error *error) {
    seine_models_options models = {.threads = (int)seine_args_int(args, "threads"),
                                   .command = "run refresh",
                                   .invocation = invocation,
                                   .progress = seine_cli_progress(args)};
    seine_refresh_options options = seine_refresh_options_default();
    options.gaps.min_gap_us = (int64_t)llround(seine_args_number(args, "min-gap-length") * HOUR_US);
    options.gaps.history_us = (int64_t)llround(seine_args_number(args, "n-hours-before") * HOUR_US);
    options.threads = (int)seine_args_int(args, "threads");
    options.progress = models.progress;
    options.command = models.command;
    options.invocation = invocation;
    models.settings = seine_args_list(args, "set", &models.setting_count);
    options.models = &models;
    options.models_report = &t->models;
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
    const seine_job_report *g = &t->refresh.gaps;
    printf("{\"summary\":{\"fetch\":{\"days\":%zu,\"absent\":%zu,\"present\":%zu,\"fetched\":%zu,\"replaced\":%zu,"
           "\"failed\":%zu,\"bytes\":%" PRId64 ",\"seconds\":%.3f},",
           f->days, f->absent, f->present, f->fetched, f->replaced, f->failed, f->bytes, f->seconds);
    printf("\"ingest\":{\"added\":%zu,\"replaced\":%zu,\"quarantined\":%zu,\"failed\":%zu,\"rows\":%" PRId64
           ",\"rejects\":%" PRId64 ",\"seconds\":%.3f},",
           i->added, i->replaced, i->quarantined, i->failed, i->rows, i->rejects, i->seconds);
    printf("\"refresh\":{\"committed\":%s,\"new\":%" PRIu64 ",\"updated\":%" PRIu64 ",\"retracted\":%" PRIu64 "},",
           t->refresh.is_committed ? "true" : "false", g->added, g->updated, g->retracted);
    printf("\"models\":{\"committed\":%s,\"run\":%zu,\"changed\":%zu,\"refused\":%zu},\"seconds\":%.3f}}\n",
           t->models.is_committed ? "true" : "false", count_days(t, false), count_days(t, true),
           t->models.refused_count, t->seconds);
}

static void put_line(const totals *t) {
    char size[24];
    seine_fetch_size(t->fetch.bytes, size);
    printf("%zu days: %zu archives fetched (%s), %zu in the lake already, %zu without one, %zu failed; "
           "ingested %zu with %" PRId64 " rows; ",
           t->fetch.days, t->fetch.fetched + t->fetch.replaced, size, t->fetch.present, t->fetch.absent,
           t->fetch.failed, t->ingest.added + t->ingest.replaced, t->ingest.rows);
    if (t->refresh.is_committed)
        printf("gaps: %" PRIu64 " new, %" PRIu64 " updated, %" PRIu64 " retracted; ", t->refresh.gaps.added,
               t->refresh.gaps.updated, t->refresh.gaps.retracted);
    if (t->models.is_committed) printf("gold: %zu days run, %zu changed; ", count_days(t, false), count_days(t, true));
    if (!t->refresh.is_committed && !t->models.is_committed) printf("everything derived is up to date; ");
    printf("%.1f s\n", t->seconds);
}

static int tell(seine_args *args, const totals *t) {
    for (size_t i = 0; i < t->models.refused_count; i++)
        fprintf(stderr, "seine run noaa: model refused: %s\n", t->models.refused[i]);
    if (seine_args_json(args))
        put_json(t);
    else
        put_line(t);
    return t->fetch.failed + t->ingest.failed + t->ingest.quarantined + t->models.refused_count > 0 ? 1 : 0;
}

static int run(seine_args *args) {
    totals t = {.seconds = 0};
    seine_fetch_view view;
    seine_fetch_options options;
    char invocation[37];
    seine_error error = {SEINE_OK, ""};
    const int64_t begin_us = seine_clock_monotonic_us();
    seine_status status = seine_fetch_view_open(args, &view, &options, &error);
    if (status == SEINE_OK) status = seine_uuid4(invocation, &error);
    options.command = "run fetch";
    options.invocation = invocation;
    if (status == SEINE_OK) status = seine_fetch_noaa(seine_args_lake(args), &options, &t.fetch, &error);
    if (status == SEINE_OK) status = ingest(args, invocation, &t.ingest, &error);
    if (status == SEINE_OK) status = refresh(args, invocation, &t, &error);
    t.seconds = (double)(seine_clock_monotonic_us() - begin_us) / 1e6;
    seine_cli_progress_end(args);
    if (status == SEINE_OK) seine_fetch_view_end(&view, &t.fetch);
    seine_arena_free(&view.arena);
    const int code = status == SEINE_OK ? tell(args, &t) : seine_cli_fail(args, &error);
    seine_models_report_free(&t.models);
    return code;
}

static const seine_option options_list[] = {
    SEINE_FETCH_SHARED_OPTIONS,
    {.name = "threads",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "2",
     .least = 1,
     .most = 64,
     .setting = true,
     .help = "worker threads"},
    {.name = "memory",
     .kind = SEINE_OPTION_INT,
     .metavar = "MIB",
     .fallback = "960",
     .least = 128,
     .most = 1048576,
     .setting = true,
     .help = "about how much memory rows may take before they are written out"},
    {.name = "max-future",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "HOURS",
     .fallback = "1",
     .least = 0,
     .most = 87600,
     .setting = true,
     .help = "rows further ahead of the clock are refused"},
    {.name = "min-gap-length",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "HOURS",
     .fallback = "6",
     .least = 0,
     .most = 87600,
     .setting = true,
     .help = "a silence strictly longer than this is a gap"},
    {.name = "n-hours-before",
     .kind = SEINE_OPTION_NUMBER,
     .metavar = "HOURS",
     .fallback = "12",
     .least = 0,
     .most = 8760,
     .setting = true,
     .help = "span before a gap in which positions are counted"},
    {.name = "set",
     .kind = SEINE_OPTION_LIST,
     .metavar = "NAME=VALUE",
     .setting = true,
     .help = "settings of models, such as cell_resolution=8"},
};

static const char description[] =
    "The same as seine fetch noaa, seine ingest --fetched and seine refresh, with one summary. Safe to repeat: what\n"
    "is done is skipped. Safe to stop or kill: the next run goes on and ends in the same tables.";

const seine_command seine_cmd_run_noaa = {.name = "run noaa",
                                          .summary = "Fetch, ingest and refresh NOAA's day archives",
                                          .description = description,
                                          .example = "seine run noaa --lake lake --from 2025-01-01 --to 2025-01-31",
                                          .options = options_list,
                                          .option_count = sizeof options_list / sizeof *options_list,
                                          .needs_lake = true,
                                          .run = run};
