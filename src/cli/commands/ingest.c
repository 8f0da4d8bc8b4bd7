/* seine ingest: files into bronze and silver. */
#include "base/number.h"
#include "base/try.h"
#include "cli/dataset_choice.h"
#include "cli/derive.h"

#include <inttypes.h>
#include <stdio.h>

static void tell_totals(seine_args *args, size_t files_given, const seine_ingest_report *t) {
    const char *lake = seine_cli_word(args, seine_args_lake(args));
    const size_t not_taken = t->failed + t->quarantined + t->left_out;
    if (not_taken > 0 && not_taken + t->added + t->replaced + t->same > 1)
        seine_cli_note(args, "%zu taken in, %zu in the lake already, %zu failed, %zu in quarantine, %zu left out",
                       t->added + t->replaced, t->same, t->failed, t->quarantined, t->left_out);
    if (t->known_records > 0)
        seine_cli_note(args, "%s had come before, and nothing is kept twice",
                       seine_count((int64_t)t->known_records, "record").text);
    if (t->reread > 0)
        seine_cli_note(args, "the dataset has got columns: silver was made anew from bronze, %s",
                       seine_count((int64_t)t->reread, "source").text);
    if (t->added + t->replaced > 0)
        seine_cli_note(args, "%s, %s, %s in %.1f s (%.1f M rows/s). Next: seine refresh --lake %s",
                       seine_count((int64_t)(t->added + t->replaced), "file").text,
                       seine_count((int64_t)t->rows, "row").text, seine_count((int64_t)t->partitions, "partition").text,
                       t->seconds, t->seconds > 0 ? (double)t->rows / t->seconds / 1e6 : 0.0, lake);
    else if (files_given == 0 && t->failed + t->quarantined + t->reread == 0)
        seine_cli_note(args, "no fetched archive waits; give files, or see seine fetch noaa");
}

static seine_status run(seine_args *args, seine_error *error) {
    size_t count;
    const char *const *paths = seine_args_list(args, NULL, &count);
    if (count > 0 && seine_args_flag(args, "fetched"))
        return seine_fail(error, SEINE_E_USAGE, "either files or --fetched");
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_ingest_options options = seine_cli_ingest_options(args);
    SEINE_TRY(seine_cli_new_dataset(args, &arena, &options.dataset, error));
    if (!seine_args_given(args, "time-valid-from")) options.valid_from_us = options.dataset->valid_from_us;
    options.replace = seine_args_flag(args, "replace");
    options.as = seine_args_text(args, "as");
    options.commit_rows = (uint64_t)seine_args_int(args, "commit-rows");
    SEINE_TRY(seine_cli_api_options(args, &arena, &options.api, error));
    seine_ingest_report totals;
    SEINE_TRY(count > 0 ? seine_ingest_files(seine_args_lake(args), paths, count, &options, &totals, error)
                        : seine_ingest_fetched(seine_args_lake(args), &options, &totals, error));
    seine_cli_progress_end(args);
    tell_totals(args, count, &totals);
    if (totals.failed + totals.quarantined > 0) seine_cli_found_wrong(args);
    return SEINE_OK;
}

static const seine_option options_list[] = {
    SEINE_NEW_DATASET_OPTIONS,
    {.name = "fetched",
     .kind = SEINE_OPTION_FLAG,
     .fallback = "off",
     .help = "take in what seine fetch brought to bronze; so does a command without files"},
    {.name = "replace",
     .kind = SEINE_OPTION_FLAG,
     .fallback = "off",
     .help = "other bytes under a known name take the former ones' place; the former are kept in bronze"},
    {.name = "as",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "NAME",
     .help = "name of the source in the ledger (one file only)"},
    {.name = "commit-rows",
     .kind = SEINE_OPTION_INT,
     .metavar = "N",
     .fallback = "0",
     .least = 0,
     .most = INT64_C(1000000000000),
     .help = "commit after each N rows, at the end of a file, so that others see them soon; 0: when memory is full"},
    SEINE_API_OPTIONS,
    SEINE_THREADS_OPTION,
    SEINE_MEMORY_OPTION,
    SEINE_INGEST_OPTIONS,
};

static const char description[] =
    "Copies each file to bronze byte for byte, decodes it (CSV, JSON, JSON Lines, packed as zip, zst or gz, or\n"
    "Parquet) and merges its valid rows into silver.ais, or into silver of the dataset, one per mover and time.\n"
    "Refused rows go to silver.ais_rejects with their reason. A corrupt file goes to quarantine and leaves no row.\n"
    "The same file twice is a no-op. Of a folder every file below it whose ending is known is taken, in order of\n"
    "names; hidden ones and others are named as left out. What is wrong with one file never keeps the others out: it\n"
    "is named, and the command ends with 1. Without files, the archives that seine fetch brought are taken in from\n"
    "bronze.\n\n"
    "An address (http or https) is asked for its records, page after page where it has {page} or {cursor}: each body\n"
    "is kept in bronze as it was received, or each record of it, as the dataset says. {since} stands for the newest\n"
    "time of the dataset, less --look-back.";

const seine_command seine_cmd_ingest = {.name = "ingest",
                                        .summary = "Take files, or what an API gives, into the lake",
                                        .positional = "[FILE|FOLDER|URL…]",
                                        .description = description,
                                        .example =
                                            "seine ingest --lake lake AIS_2025_01_01.zip ais-2025-01-02.csv.zst\n"
                                            "seine ingest --lake lake --replace AIS_2025_01_01.zip\n"
                                            "seine ingest --lake lake --fetched\n"
                                            "seine ingest --lake lake --dataset buses.yaml buses.csv\n"
                                            "seine ingest --lake lake --dataset telematics "
                                            "'http://127.0.0.1:9900/upstream/vehicle_messages?amount=10000'",
                                        .options = options_list,
                                        .option_count = sizeof options_list / sizeof *options_list,
                                        .needs_lake = true,
                                        .run = run};
