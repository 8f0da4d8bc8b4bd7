/* seine ingest: files into bronze and silver. */
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
    if (t->added + t->replaced > 0)
        seine_cli_note(args,
                       "%zu files, %" PRId64
                       " rows, %zu partitions in %.1f s (%.1f M rows/s). Next: seine refresh --lake %s",
                       t->added + t->replaced, t->rows, t->partitions, t->seconds,
                       t->seconds > 0 ? (double)t->rows / t->seconds / 1e6 : 0.0, lake);
    else if (files_given == 0 && t->failed + t->quarantined == 0)
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
    SEINE_THREADS_OPTION,
    SEINE_MEMORY_OPTION,
    SEINE_INGEST_OPTIONS,
};

static const char description[] =
    "Copies each file to bronze byte for byte, decodes it (zip, zst, gz or plain CSV, header names of both\n"
    "generations) and merges its valid rows into silver.ais, one per vessel and time. Refused rows go to\n"
    "silver.ais_rejects with their reason. A corrupt file goes to quarantine and leaves no row. The same file\n"
    "twice is a no-op. Of a folder every file below it that ends in .csv .zip .zst .gz or .txt is taken, in order of\n"
    "names; hidden ones and others are named as left out. What is wrong with one file never keeps the others out: it\n"
    "is named, and the command ends with 1. Without files, the archives that seine fetch brought are taken in from\n"
    "bronze.";

const seine_command seine_cmd_ingest = {.name = "ingest",
                                        .summary = "Take NOAA day archives into the lake",
                                        .positional = "[FILE|FOLDER…]",
                                        .description = description,
                                        .example =
                                            "seine ingest --lake lake AIS_2025_01_01.zip ais-2025-01-02.csv.zst\n"
                                            "seine ingest --lake lake --replace AIS_2025_01_01.zip\n"
                                            "seine ingest --lake lake --fetched",
                                        .options = options_list,
                                        .option_count = sizeof options_list / sizeof *options_list,
                                        .needs_lake = true,
                                        .run = run};
