/* seine source ls|show|rm: what came into the lake, and taking it out again. */
#include "base/json.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/dataset_choice.h"
#include "ingest/ingest.h"
#include "table/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define NEWEST_SHOWN 10

typedef struct sources {
    seine_catalog *catalog;
    seine_arena arena;
    const seine_dataset *dataset;
    seine_source *rows;
    size_t count;
} sources;

static seine_status load(seine_args *args, sources *s, seine_error *error) {
    SEINE_TRY(seine_catalog_open(seine_args_lake(args), &s->catalog, error));
    SEINE_TRY(seine_cli_lake_dataset(args, s->catalog, &s->arena, &s->dataset, error));
    return seine_ledger_sources(s->catalog, s->dataset->name, &s->arena, &s->rows, &s->count, error);
}

static void unload(sources *s) {
    seine_catalog_close(s->catalog);
    seine_arena_free(&s->arena);
}

static void json_source(seine_json_writer *w, const seine_source *row) {
    char when[40], day[16];
    seine_time_format(row->ingested_at_us, when);
    seine_json_begin_object(w);
    seine_json_field_text(w, "name", row->name);
    seine_json_field_text(w, "state", seine_source_state_name(row->state));
    seine_json_field_text(w, "sha256", row->sha256);
    seine_json_field_int(w, "bytes", row->bytes);
    seine_json_field_int(w, "rows", row->rows);
    seine_json_field_int(w, "silver", row->silver);
    seine_json_field_int(w, "duplicates", row->duplicates);
    seine_json_field_int(w, "rejects", row->rejects);
    seine_json_field_text(w, "ingested_at", when);
    if (row->has_declared_day) seine_date_format(row->declared_day, day);
    seine_json_field_text(w, "declared_day", row->has_declared_day ? day : NULL);
    seine_json_field_text(w, "reason", row->reason);
    seine_json_field_text(w, "bronze_path", row->bronze_path);
    seine_json_field_text(w, "url", row->url);
    seine_json_end_object(w);
}

static seine_status print_json(const seine_source *rows, size_t count, seine_error *error) {
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, (size_t)1 << 30);
    seine_json_writer w = seine_json_writer_to(&out);
    seine_json_begin_array(&w);
    for (size_t i = 0; i < count; i++) json_source(&w, &rows[i]);
    seine_json_end_array(&w);
    return seine_cli_print_json(&w, error);
}

static void print_line(const seine_source *row) {
    char when[40];
    seine_time_format(row->ingested_at_us, when);
    when[19] = 'Z';
    when[20] = '\0';
    printf("%-36s %-12s %12" PRId64 " %12" PRId64 " %10" PRId64 " %10" PRId64 "  %s\n", row->name,
           seine_source_state_name(row->state), row->rows, row->silver, row->duplicates, row->rejects, when);
}

static int by_newest(const void *a, const void *b) {
    const seine_source *x = a, *y = b;
    if (x->ingested_at_us != y->ingested_at_us) return x->ingested_at_us > y->ingested_at_us ? -1 : 1;
    return strcmp(y->name, x->name);
}

/* One line per state, for all of a list that is too long to be looked through. */
static void print_sums(const seine_source *rows, size_t count) {
    for (int state = SEINE_SOURCE_LIVE; state <= SEINE_SOURCE_FETCHED; state++) {
        int64_t sums[4] = {0};
        size_t files = 0;
        for (size_t i = 0; i < count; i++) {
            if ((int)rows[i].state != state) continue;
            files++;
            sums[0] += rows[i].rows;
            sums[1] += rows[i].silver;
            sums[2] += rows[i].duplicates;
            sums[3] += rows[i].rejects;
        }
        if (files > 0)
            printf("%-36s %-12s %12" PRId64 " %12" PRId64 " %10" PRId64 " %10" PRId64 "\n",
                   seine_count((int64_t)files, "file").text, seine_source_state_name((seine_source_state)state),
                   sums[0], sums[1], sums[2], sums[3]);
    }
}

static void print_list(sources *s, bool all) {
    printf("%-36s %-12s %12s %12s %10s %10s  %s\n", "source", "state", "rows", "silver", "duplicates", "rejects",
           "ingested");
    const bool is_long = !all && s->count > SEINE_SCREEN_LINES;
    if (is_long) {
        print_sums(s->rows, s->count);
        qsort(s->rows, s->count, sizeof *s->rows, by_newest);
        printf("the newest %d of %zu (--all lists them):\n", NEWEST_SHOWN, s->count);
    }
    for (size_t i = 0; i < (is_long ? NEWEST_SHOWN : s->count); i++) print_line(&s->rows[i]);
}

static seine_status run_ls(seine_args *args, seine_error *error) {
    sources s SEINE_OWNED(unload) = {0};
    SEINE_TRY(load(args, &s, error));
    if (seine_args_json(args)) return print_json(s.rows, s.count, error);
    print_list(&s, seine_args_flag(args, "all"));
    return SEINE_OK;
}

static void print_source(const seine_source *row) {
    char when[40], day[16] = "-";
    seine_time_format(row->ingested_at_us, when);
    if (row->has_declared_day) seine_date_format(row->declared_day, day);
    printf("name        %s\nstate       %s%s%s\nsha256      %s\nbytes       %" PRId64 "\nrows        %" PRId64 "\n"
           "  silver    %" PRId64 "\n  duplicate %" PRId64 "\n  rejected  %" PRId64
           "\ningested    %s\nday         %s\nbronze      %s\ntaken from  %s\n",
           row->name, seine_source_state_name(row->state), row->reason[0] != '\0' ? ": " : "", row->reason, row->sha256,
           row->bytes, row->rows, row->silver, row->duplicates, row->rejects, when, day, row->bronze_path, row->url);
}

static seine_status run_show(seine_args *args, seine_error *error) {
    size_t words, kept = 0;
    const char *name = seine_args_list(args, NULL, &words)[0];
    sources s SEINE_OWNED(unload) = {0};
    SEINE_TRY(load(args, &s, error));
    for (size_t i = 0; i < s.count; i++)
        if (strcmp(s.rows[i].name, name) == 0) s.rows[kept++] = s.rows[i];
    if (kept == 0) return seine_fail(error, SEINE_E_NOT_FOUND, "%s: no source of that name; see seine source ls", name);
    if (seine_args_json(args)) return print_json(s.rows, kept, error);
    for (size_t i = 0; i < kept; i++) {
        if (i > 0) printf("\n");
        print_source(&s.rows[i]);
    }
    return SEINE_OK;
}

static seine_status run_rm(seine_args *args, seine_error *error) {
    size_t words;
    const char *name = seine_args_list(args, NULL, &words)[0];
    seine_ingest_report report;
    sources s SEINE_OWNED(unload) = {0};
    SEINE_TRY(load(args, &s, error));
    seine_ingest_options options = seine_ingest_options_default();
    options.dataset = s.dataset;
    options.progress = seine_cli_progress(args);
    SEINE_TRY(seine_ingest_remove(seine_args_lake(args), name, &options, &report, error));
    seine_cli_progress_end(args);
    if (report.same > 0)
        seine_cli_note(args, "%s is out of the lake already; its bytes stay in bronze", name);
    else if (report.partitions == 0) /* it was in quarantine, or only fetched */
        seine_cli_note(args, "%s is removed; it fed no day of silver, and its bytes stay", name);
    else
        seine_cli_note(
            args, "%s is out of silver (%s rebuilt); its bytes stay in bronze. Next: seine refresh --lake %s", name,
            seine_count((int64_t)report.partitions, "partition").text, seine_cli_word(args, seine_args_lake(args)));
    return SEINE_OK;
}

static const seine_option ls_options[] = {SEINE_DATASET_OPTION, SEINE_ALL_OPTION};
static const seine_option one_options[] = {SEINE_DATASET_OPTION};

const seine_command seine_cmd_source_ls = {.name = "source ls",
                                           .summary = "List the files in the lake and what became of their rows",
                                           .example = "seine source ls --lake lake",
                                           .options = ls_options,
                                           .option_count = 2,
                                           .needs_lake = true,
                                           .run = run_ls};
const seine_command seine_cmd_source_show = {.name = "source show",
                                             .summary = "Show one file's ledger rows",
                                             .positional = "NAME",
                                             .example = "seine source show --lake lake AIS_2025_01_01.zip",
                                             .options = one_options,
                                             .option_count = 1,
                                             .needs_lake = true,
                                             .run = run_show};
const seine_command seine_cmd_source_rm = {
    .name = "source rm",
    .summary = "Take a file's rows out of silver",
    .positional = "NAME",
    .description =
        "The days the file fed are rebuilt from the bronze bytes of the other files. A file in quarantine, or\n"
        "fetched and not taken in yet, has none there. The file's own bytes stay, and so does its line in\n"
        "seine source ls, as removed. What is out already stays out: the command may be repeated.",
    .example = "seine source rm --lake lake AIS_2025_01_01.zip",
    .options = one_options,
    .option_count = 1,
    .needs_lake = true,
    .run = run_rm};
