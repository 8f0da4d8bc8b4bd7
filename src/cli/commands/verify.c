/* seine verify: proof that a lake is whole. */
#include "base/json.h"
#include "base/number.h"
#include "base/try.h"
#include "cli/derive.h"
#include "cli/options.h"
#include "ingest/ingest.h"
#include "refresh/refresh.h"
#include "verify/verify.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define FINDINGS_BYTES_MAX ((size_t)1 << 24)

/* Findings go to stderr at once, with --json into the object that is printed at the end. */
typedef struct findings {
    seine_args *args;
    size_t count;
    seine_json_writer writer;
} findings;

static void put_finding(void *context, const char *text) {
    findings *found = context;
    found->count++;
    if (seine_args_json(found->args)) {
        seine_json_put_text(&found->writer, seine_str_of(text));
        return;
    }
    seine_cli_progress_end(found->args);
    fprintf(stderr, "seine verify: %s\n", text);
}

/* What bronze gives, beside what silver has: partition by partition. */
typedef struct recount {
    findings *found;
    const seine_verify_silver_rows *silver;
    const char *table;
    bool *is_seen;
} recount;

static void compare_partition(void *context, const seine_partition_row *row) {
    recount *r = context;
    char text[160];
    const seine_partition_row *silver = seine_verify_silver_row(r->silver, row->partition);
    if (silver != NULL) {
        r->is_seen[silver - r->silver->rows] = true;
        if (silver->rows == row->rows && seine_hash128_equal(silver->content, row->content)) return;
        (void)snprintf(text, sizeof text, "%s day %d bucket %d: %" PRId64 " rows, bronze gives %" PRId64 " or others",
                       r->table, row->partition[0].value, row->partition[1].value, silver->rows, row->rows);
        put_finding(r->found, text);
        return;
    }
    if (row->rows == 0) return;
    (void)snprintf(text, sizeof text, "%s day %d bucket %d: missing, bronze gives %" PRId64 " rows", r->table,
                   row->partition[0].value, row->partition[1].value, row->rows);
    put_finding(r->found, text);
}

static seine_status rebuild_dataset(seine_args *args, findings *found, const seine_verify_silver_rows *silver,
                                    const seine_ingest_options *common, seine_error *error) {
    seine_ingest_options options = *common;
    options.dataset = silver->dataset;
    bool *is_seen SEINE_OWNED(seine_free_owned) = calloc(silver->count + 1, sizeof(bool));
    if (is_seen == NULL) return seine_no_memory(error, "verifying");
    recount r = {found, silver, seine_dataset_silver(silver->dataset)->name, is_seen};
    SEINE_TRY(seine_ingest_recount(seine_args_lake(args), &options, compare_partition, &r, error));
    for (size_t i = 0; i < silver->count; i++) {
        if (is_seen[i]) continue;
        char text[160];
        (void)snprintf(text, sizeof text, "%s day %d bucket %d: no source in bronze gives these rows", r.table,
                       silver->rows[i].partition[0].value, silver->rows[i].partition[1].value);
        put_finding(found, text);
    }
    return SEINE_OK;
}

static seine_status rebuild_silver(seine_args *args, findings *found, const seine_verify_report *report,
                                   seine_error *error) {
    seine_ingest_options options = seine_ingest_options_default();
    options.threads = (int)seine_args_int(args, "threads");
    if (seine_cli_model_memory(args) > 0) options.memory_bytes = seine_cli_model_memory(args);
    options.progress = seine_cli_progress(args);
    options.state = report->catalog;
    for (size_t i = 0; i < report->silver_count; i++)
        SEINE_TRY(seine_verify_bronze(report->catalog, report->silver[i].dataset, options.progress, put_finding, found,
                                      error));
    if (found->count > 0) return SEINE_OK; /* silver cannot be compared with what is damaged */
    for (size_t i = 0; i < report->silver_count; i++)
        SEINE_TRY(rebuild_dataset(args, found, &report->silver[i], &options, error));
    return SEINE_OK;
}

static seine_status put_report(seine_args *args, findings *found, const seine_verify_report *report,
                               seine_error *error) {
    if (!seine_args_json(args)) {
        for (size_t i = 0; i < report->remark_count; i++) seine_cli_note(args, "seine verify: %s", report->remarks[i]);
        printf("%s: %s, %s, %s, %s in %s, %s: %s\n", seine_args_flag(args, "deep") ? "deep" : "verified",
               seine_count((int64_t)report->files, "file").text, seine_count((int64_t)report->tables, "table").text,
               seine_count((int64_t)report->sources, "source").text,
               seine_count((int64_t)report->silver_rows, "fix").text,
               seine_count((int64_t)report->partitions, "partition").text,
               seine_count((int64_t)report->events, "event").text, found->count == 0 ? "all is well" : "see above");
        return SEINE_OK;
    }
    const struct {
        const char *key;
        int64_t value;
    } counts[] = {{"files", (int64_t)report->files},           {"tables", (int64_t)report->tables},
                  {"sources", (int64_t)report->sources},       {"silver_rows", report->silver_rows},
                  {"partitions", (int64_t)report->partitions}, {"events", report->events},
                  {"finding_count", (int64_t)found->count},    {"steps", (int64_t)report->steps}};
    seine_json_end_array(&found->writer);
    seine_json_field_texts(&found->writer, "remarks", report->remarks, report->remark_count);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        seine_json_field_int(&found->writer, counts[i].key, counts[i].value);
    seine_json_end_object(&found->writer);
    return seine_cli_print_json(&found->writer, error);
}

static seine_status run(seine_args *args, seine_error *error) {
    seine_buf json SEINE_OWNED(seine_buf_free);
    seine_buf_init(&json, FINDINGS_BYTES_MAX);
    findings found = {.args = args, .writer = seine_json_writer_to(&json)};
    seine_json_begin_object(&found.writer);
    seine_json_field_array(&found.writer, "findings");
    seine_verify_options options = {.deep = seine_args_flag(args, "deep"),
                                    .threads = (int)seine_args_int(args, "threads"),
                                    .memory_bytes = seine_cli_model_memory(args),
                                    .progress = seine_cli_progress(args),
                                    .finding = put_finding,
                                    .context = &found};
    options.settings = seine_args_list(args, "set", &options.setting_count);
    seine_verify_report report SEINE_OWNED(seine_verify_report_free) = {0};
    SEINE_TRY(seine_verify(seine_args_lake(args), &options, &report, error));
    if (options.deep && found.count == 0) SEINE_TRY(rebuild_silver(args, &found, &report, error));
    seine_cli_progress_end(args);
    if (found.count > 0) seine_cli_found_wrong(args);
    return put_report(args, &found, &report, error);
}

static const seine_option options_list[] = {
    {.name = "deep",
     .kind = SEINE_OPTION_FLAG,
     .fallback = "off",
     .help = "check and decode bronze again, compute all that is derived again, and compare"},
    SEINE_THREADS_OPTION,
    SEINE_MODEL_MEMORY_OPTION,
    SEINE_MODEL_SETTINGS_OPTION,
};

const seine_command seine_cmd_verify = {
    .name = "verify",
    .summary = "prove that a lake is whole",
    .description =
        "Checks that every row of the ledger and every file are, byte for byte, what was written, that no table is "
        "missing, that bounds hold, that the rows of every source are silver rows, duplicates or rejects, that silver "
        "has the content the ledger says, and that the events equal their log. With --deep, the bytes of every source "
        "are checked, too, silver is worked out from bronze again, events and enriched fixes from the first day, and "
        "gold by its models; what is behind what it is made from is named and not compared. seine.yaml and the models "
        "in models/ are yours to change and not checked. Other commands may write meanwhile. Writes nothing. Exit "
        "status 1 when something is wrong.",
    .example = "seine verify --lake lake\nseine verify --lake lake --deep",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .needs_lake = true,
    .run = run,
};
