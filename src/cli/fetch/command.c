/* seine fetch noaa: day archives into bronze. */
#include "base/json.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/fetch/fetch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void seine_fetch_size(int64_t bytes, char text[24]) {
    if (bytes < 0)
        snprintf(text, 24, "unknown size");
    else if (bytes < 1000)
        snprintf(text, 24, "%" PRId64 " B", bytes);
    else if (bytes < 1000000)
        snprintf(text, 24, "%.1f kB", (double)bytes / 1e3);
    else if (bytes < 1000000000)
        snprintf(text, 24, "%.1f MB", (double)bytes / 1e6);
    else
        snprintf(text, 24, "%.2f GB", (double)bytes / 1e9);
}

static void put_int(seine_json_writer *w, const char *key, int64_t value) {
    seine_json_key(w, seine_str_of(key));
    if (value < 0)
        seine_json_put_null(w);
    else
        seine_json_put_int(w, value);
}

static void put_json(const seine_fetch_day *day) {
    seine_buf out SEINE_OWNED(seine_buf_free);
    char date[16];
    seine_date_format(day->day, date);
    seine_buf_init(&out, 1 << 16);
    seine_json_writer w = seine_json_writer_to(&out);
    seine_json_begin_object(&w);
    seine_json_field_text(&w, "day", date);
    seine_json_field_text(&w, "outcome", seine_fetch_outcome_name(day->outcome));
    seine_json_field_text(&w, "name", day->name);
    seine_json_field_text(&w, "url", day->url);
    put_int(&w, "bytes", day->bytes);
    put_int(&w, "resumed", day->resumed);
    seine_json_field_text(&w, "message", day->message);
    seine_json_end_object(&w);
    printf("%.*s\n", (int)out.size, (const char *)out.data);
}

static void put_line(const seine_fetch_day *day) {
    char date[16], size[24], resumed[24];
    seine_date_format(day->day, date);
    seine_fetch_size(day->bytes, size);
    seine_fetch_size(day->resumed, resumed);
    switch (day->outcome) {
    case SEINE_FETCH_ABSENT: break; /* told in the end */
    case SEINE_FETCH_PRESENT: printf("%s: in the lake already\n", day->name); break;
    case SEINE_FETCH_FOUND: printf("%s  %-24s  %s\n", date, day->name, day->bytes < 0 ? "" : size); break;
    case SEINE_FETCH_FAILED: break; /* the same */
    default:
        if (day->resumed > 0)
            printf("%s: %s, %s, of which %s were there\n", day->name, seine_fetch_outcome_name(day->outcome), size,
                   resumed);
        else
            printf("%s: %s, %s\n", day->name, seine_fetch_outcome_name(day->outcome), size);
    }
}

struct seine_fetch_failure {
    int32_t day;
    const char *message, *cause;
};

/* Without memory for it a failure is told at once. */
static void keep_failure(seine_fetch_view *view, const seine_fetch_day *day) {
    struct seine_fetch_failure *failure = &view->failures[view->failure_count];
    *failure = (struct seine_fetch_failure){day->day, seine_arena_printf(&view->arena, "%s", day->message),
                                            seine_arena_printf(&view->arena, "%s", day->cause)};
    if (failure->message != NULL && failure->cause != NULL)
        view->failure_count++;
    else
        fprintf(stderr, "seine fetch: %s\n", day->message);
}

static int by_day(const void *a, const void *b) {
    const struct seine_fetch_failure *x = a, *y = b;
    return (x->day > y->day) - (x->day < y->day);
}

/* One line for days in a row that failed for one cause. */
static void tell_failures(seine_fetch_view *view) {
    struct seine_fetch_failure *failures = view->failures;
    if (view->failure_count > 1) qsort(failures, view->failure_count, sizeof *failures, by_day);
    for (size_t i = 0; i < view->failure_count;) {
        char first[16], last[16];
        size_t end = i + 1;
        while (end < view->failure_count && strcmp(failures[end].cause, failures[i].cause) == 0) end++;
        seine_date_format(failures[i].day, first);
        seine_date_format(failures[end - 1].day, last);
        if (end == i + 1)
            fprintf(stderr, "seine fetch: %s: %s\n", first, failures[i].message);
        else
            fprintf(stderr, "seine fetch: %zu days, %s to %s: %s\n", end - i, first, last, failures[i].message);
        i = end;
    }
    view->failure_count = 0;
}

static void report(void *context, const seine_fetch_day *day) {
    seine_fetch_view *view = context;
    seine_cli_progress_end(view->args);
    if (day->outcome == SEINE_FETCH_FAILED && !seine_args_json(view->args)) keep_failure(view, day);
    if (day->outcome == SEINE_FETCH_ABSENT && view->absent != NULL) view->absent[view->absent_count++] = day->day;
    const bool is_asked_for = day->outcome == SEINE_FETCH_FOUND; /* by --dry-run */
    if (seine_args_json(view->args))
        put_json(day);
    else if (is_asked_for || !seine_args_quiet(view->args))
        put_line(day);
    fflush(stdout);
    (void)seine_cli_progress(view->args); /* the bar comes back below */
}

/* ---- shared with run ---- */

void seine_fetch_take_options(seine_args *args, seine_fetch_options *options) {
    *options = seine_fetch_options_default();
    options->base_url = seine_args_text(args, "base-url");
    options->jobs = (int)seine_args_int(args, "jobs");
    options->retries = (int)seine_args_int(args, "retries");
    options->backoff_us = (int64_t)(seine_args_number(args, "backoff") * 1e6);
    options->head_us = (int64_t)(seine_args_number(args, "head-timeout") * 1e6);
    options->idle_us = (int64_t)(seine_args_number(args, "idle-timeout") * 1e6);
    options->max_bytes = seine_args_int(args, "max-bytes");
    options->check_etag = seine_args_flag(args, "check-etag");
    options->replace = seine_args_flag(args, "replace");
    options->progress = seine_cli_progress(args);
}

static seine_status take_day(const seine_args *args, const char *name, int32_t *day, seine_error *error) {
    const char *text = seine_args_text(args, name);
    if (text == NULL) return seine_fail(error, SEINE_E_USAGE, "--%s is missing: give a day, YYYY-MM-DD", name);
    if (seine_date_parse(seine_str_of(text), day)) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "--%s: %s is not a day of the form YYYY-MM-DD", name, text);
}

void seine_fetch_view_free(seine_fetch_view *view) { seine_arena_free(&view->arena); }

seine_status seine_fetch_view_open(seine_args *args, seine_fetch_view *view, seine_fetch_options *options,
                                   seine_error *error) {
    *view = (seine_fetch_view){.args = args};
    seine_fetch_take_options(args, options);
    SEINE_TRY(take_day(args, "from", &options->from, error));
    SEINE_TRY(take_day(args, "to", &options->to, error));
    if (options->from > options->to) return seine_fail(error, SEINE_E_USAGE, "--from is behind --to");
    const size_t days = (size_t)(options->to - options->from) + 1;
    view->absent = SEINE_ARENA_ARRAY(&view->arena, int32_t, days);
    view->failures = SEINE_ARENA_ARRAY(&view->arena, struct seine_fetch_failure, days);
    if (view->absent == NULL || view->failures == NULL) return seine_no_memory(error, "fetch");
    options->report = report;
    options->context = view;
    return SEINE_OK;
}

/* "2025-01-02, 2025-01-05 to 2025-01-09" */
static void note_absent(const seine_fetch_view *view) {
    seine_buf text;
    seine_buf_init(&text, 1 << 20);
    seine_status status = SEINE_OK;
    for (size_t i = 0; status == SEINE_OK && i < view->absent_count;) {
        char first[16], last[16];
        size_t end = i;
        while (end + 1 < view->absent_count && view->absent[end + 1] == view->absent[end] + 1) end++;
        seine_date_format(view->absent[i], first);
        seine_date_format(view->absent[end], last);
        status =
            seine_buf_printf(&text, "%s%s%s%s", i > 0 ? ", " : "", first, end > i ? " to " : "", end > i ? last : "");
        i = end + 1;
    }
    const char *list = status == SEINE_OK ? seine_buf_text(&text) : NULL;
    seine_cli_note(view->args, "%zu %s without an archive: %s", view->absent_count,
                   view->absent_count == 1 ? "day" : "days", list != NULL ? list : "(list too long)");
    seine_buf_free(&text);
}

void seine_fetch_view_end(seine_fetch_view *view, const seine_fetch_report *report_) {
    tell_failures(view);
    if (view->absent_count > 0 && view->absent_count == report_->days)
        seine_cli_note(view->args, "warning: no archive at all in this span; see --base-url");
    else if (view->absent_count > 0)
        note_absent(view);
}

/* ---- the command ---- */

static void put_total(seine_args *args, const seine_fetch_report *r, bool is_dry) {
    char size[24], loaded[24];
    seine_fetch_size(r->bytes, size);
    seine_fetch_size(r->loaded, loaded);
    if (seine_args_json(args)) {
        printf("{\"summary\":{\"days\":%zu,\"absent\":%zu,\"present\":%zu,\"found\":%zu,\"fetched\":%zu,"
               "\"replaced\":%zu,\"failed\":%zu,\"bytes\":%" PRId64 ",\"loaded\":%" PRId64 ",\"seconds\":%.3f}}\n",
               r->days, r->absent, r->present, r->found, r->fetched, r->replaced, r->failed, r->bytes, r->loaded,
               r->seconds);
    } else if (is_dry) {
        printf("%s to fetch, %s; %zu in the lake already\n", seine_count((int64_t)r->found, "archive").text, size,
               r->present);
    } else if (r->fetched + r->replaced > 0) {
        seine_cli_note(args, "%s, %s loaded in %.1f s (%.1f MB/s). Next: seine ingest --lake %s",
                       seine_count((int64_t)(r->fetched + r->replaced), "archive").text, loaded, r->seconds,
                       r->seconds > 0 ? (double)r->loaded / r->seconds / 1e6 : 0.0,
                       seine_cli_word(args, seine_args_lake(args)));
    }
}

typedef struct preview {
    seine_args *args;
    int64_t count, limit;
} preview;

static void report_preview(void *context, const seine_fetch_day *day) {
    preview *p = context;
    if (p->count++ >= p->limit) return;
    if (seine_args_json(p->args))
        put_json(day);
    else
        put_line(day);
}

static seine_status run_preview(seine_args *args, seine_error *error) {
    seine_fetch_options options;
    bool from_index = false;
    preview p = {.args = args, .limit = seine_args_int(args, "limit")};
    if (p.limit == 0) p.limit = INT64_MAX;
    seine_fetch_take_options(args, &options);
    options.report = report_preview;
    options.context = &p;
    SEINE_TRY(seine_fetch_preview((int)seine_args_int(args, "preview"), &options, &from_index, error));
    seine_cli_progress_end(args);
    seine_cli_note(args, "%s %s", seine_count((int64_t)p.count, "archive").text,
                   from_index ? "in the list of the year" : "found by probing");
    return SEINE_OK;
}

static seine_status run(seine_args *args, seine_error *error) {
    seine_fetch_view view SEINE_OWNED(seine_fetch_view_free) = {0};
    seine_fetch_options options;
    seine_fetch_report totals = {0};
    if (seine_args_given(args, "preview")) return run_preview(args, error);
    SEINE_TRY(seine_fetch_view_open(args, &view, &options, error));
    options.dry_run = seine_args_flag(args, "dry-run");
    const seine_status status = seine_fetch_noaa(seine_args_lake(args), &options, &totals, error);
    seine_cli_progress_end(args);
    if (status == SEINE_OK) put_total(args, &totals, options.dry_run);
    seine_fetch_view_end(&view, &totals);
    if (totals.failed > 0) seine_cli_found_wrong(args);
    return status;
}

static const seine_option options_list[] = {
    SEINE_FETCH_SHARED_OPTIONS,
    {.name = "dry-run", .kind = SEINE_OPTION_FLAG, .fallback = "off", .help = "only list what would be fetched"},
    {.name = "preview",
     .kind = SEINE_OPTION_INT,
     .metavar = "YEAR",
     .least = 1990,
     .most = 9999,
     .help = "list the archives of a year instead: from its index.html, else by probing every day"},
    {.name = "limit",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "10",
     .least = 0,
     .most = 100000,
     .help = "lines of a preview, 0 = all"},
};

static const char description[] =
    "Loads one archive per UTC day into bronze, with its ledger row; seine ingest decodes it later. Each day is\n"
    "probed under all names NOAA has used (AIS_… and ais-…, .csv.zst .zst .zip .csv.gz; HEAD, then GET). What the\n"
    "lake has is skipped, what was published again is replaced, and days without an archive are listed in the end:\n"
    "they are no error. A stopped or killed download goes on where it was.";

const seine_command seine_cmd_fetch_noaa = {
    .name = "fetch noaa",
    .summary = "Load NOAA's day archives into bronze",
    .description = description,
    .example = "seine fetch noaa --lake lake --from 2025-01-01 --to 2025-01-31\n"
               "seine fetch noaa --lake lake --from 2025-01-01 --to 2025-01-31 --dry-run\n"
               "seine fetch noaa --preview 2025\n"
               "seine fetch noaa --lake lake --from 2018-06-01 --to 2018-06-30 --base-url file:///data/mirror",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .needs_lake = true,
    .run = run};
