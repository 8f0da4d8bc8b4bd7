/* seine refresh: bring events up to date with silver. */
#include "base/json.h"
#include "base/number.h"
#include "cli/cli.h"
#include "refresh/refresh.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define HOUR_US 3600e6

static void put_json(const seine_refresh_report *report) {
    const seine_job_report *job = &report->gaps;
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
                  {"retracted", job->retracted}};
    seine_buf out;
    seine_buf_init(&out, 1 << 16);
    seine_json_writer w = seine_json_writer_to(&out);
    seine_json_begin_object(&w);
    seine_json_key(&w, SEINE_STR("committed"));
    seine_json_put_bool(&w, report->is_committed);
    seine_json_key(&w, SEINE_STR("jobs"));
    seine_json_begin_array(&w);
    seine_json_begin_object(&w);
    seine_json_key(&w, SEINE_STR("job"));
    seine_json_put_text(&w, seine_str_of(job->job));
    seine_json_key(&w, SEINE_STR("recomputed"));
    seine_json_put_bool(&w, job->is_recomputed);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        seine_json_key(&w, seine_str_of(counts[i].key));
        seine_json_put_int(&w, (int64_t)counts[i].value);
    }
    seine_json_key(&w, SEINE_STR("seconds"));
    seine_json_put_number(&w, round(job->seconds * 1000) / 1000);
    seine_json_end_object(&w);
    seine_json_end_array(&w);
    seine_json_end_object(&w);
    printf("%.*s\n", (int)out.size, (const char *)out.data);
    seine_buf_free(&out);
}

static void put_lines(const seine_refresh_report *report) {
    const seine_job_report *job = &report->gaps;
    if (!report->is_committed) {
        printf("%s@v%u: nothing to do, %zu partitions are up to date\n", job->job, job->version, job->partitions);
        return;
    }
    printf("%s@v%u: %zu of %zu partitions stale%s, %" PRIu64 " movers fed with %" PRIu64 " fixes, events: %" PRIu64
           " new, %" PRIu64 " updated, %" PRIu64 " retracted, %.1f s\n",
           job->job, job->version, job->stale, job->partitions,
           job->is_recomputed ? " (computed from the first day)" : "", job->movers_fed, job->fixes_fed, job->added,
           job->updated, job->retracted, job->seconds);
}

static int run(seine_args *args) {
    seine_refresh_options options = seine_refresh_options_default();
    options.gaps.min_gap_us = (int64_t)llround(seine_args_number(args, "min-gap-length") * HOUR_US);
    options.gaps.history_us = (int64_t)llround(seine_args_number(args, "n-hours-before") * HOUR_US);
    options.threads = (int)seine_args_int(args, "threads");
    options.progress = seine_cli_progress(args);
    seine_refresh_report report;
    seine_error error = {SEINE_OK, ""};
    const seine_status status = seine_refresh(seine_args_lake(args), &options, &report, &error);
    seine_cli_progress_end(args);
    if (status != SEINE_OK) return seine_cli_fail(args, &error);
    if (seine_args_json(args))
        put_json(&report);
    else
        put_lines(&report);
    return 0;
}

static const seine_option options_list[] = {
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
    {.name = "threads",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "2",
     .least = 1,
     .most = 64,
     .setting = true,
     .help = "worker threads"},
};

const seine_command seine_cmd_refresh = {
    .name = "refresh",
    .summary = "bring events up to date with silver",
    .description =
        "Finds by content which partitions of silver changed since the last refresh, feeds only the movers concerned "
        "from their state before the change, and commits the new, updated and retracted events, their log and the "
        "states in one transaction. Without a change nothing is read and nothing is committed. A changed parameter "
        "computes everything again from the first day.",
    .example = "seine refresh --lake lake\nseine refresh --lake lake --min-gap-length 12 --threads 4",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .needs_lake = true,
    .run = run,
};
