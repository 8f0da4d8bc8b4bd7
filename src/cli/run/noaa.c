/* seine run noaa: fetch, take in, refresh; each step goes on where a former run stopped. */
#include "base/try.h"
#include "cli/run/run.h"

static seine_status round_noaa(void *context, seine_round *round, seine_error *error) {
    seine_args *args = context;
    seine_fetch_view view SEINE_OWNED(seine_fetch_view_free) = {0};
    seine_fetch_options options;
    round->has_fetched = true;
    SEINE_TRY(seine_fetch_view_open(args, &view, &options, error));
    options.command = "run fetch";
    options.invocation = round->invocation;
    seine_status status = seine_fetch_noaa(seine_args_lake(args), &options, &round->fetch, error);
    if (status == SEINE_OK) status = seine_round_ingest(round, NULL, 0, seine_dataset_ais(), error);
    if (status == SEINE_OK) status = seine_round_refresh(round, error);
    seine_cli_progress_end(args);
    seine_fetch_view_end(&view, &round->fetch);
    return status;
}

static seine_status run_noaa(seine_args *args, seine_error *error) {
    return seine_run_once(args, "run noaa", round_noaa, args, error);
}

static const seine_option noaa_options[] = {
    SEINE_FETCH_SHARED_OPTIONS, SEINE_THREADS_OPTION, SEINE_MEMORY_OPTION,
    SEINE_INGEST_OPTIONS,       SEINE_DERIVE_OPTIONS, SEINE_SHIPS_OPTIONS,
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
