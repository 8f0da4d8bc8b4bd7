/* seine table compact: one file for each partition of silver. */
#include "base/number.h"
#include "base/try.h"
#include "cli/dataset_choice.h"
#include "cli/derive.h"

#include <stdio.h>

static seine_status run(seine_args *args, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_catalog *catalog SEINE_OWNED(seine_catalog_close_owned) = NULL;
    seine_ingest_options options = seine_ingest_options_default();
    seine_ingest_report report;
    options.threads = (int)seine_args_int(args, "threads");
    options.progress = seine_cli_progress(args);
    SEINE_TRY(seine_catalog_open(seine_args_lake(args), &catalog, error));
    SEINE_TRY(seine_cli_lake_dataset(args, catalog, &arena, &options.dataset, error));
    SEINE_TRY(seine_ingest_compact(seine_args_lake(args), &options, &report, error));
    seine_cli_progress_end(args);
    if (seine_args_json(args))
        printf("{\"partitions\":%zu,\"seconds\":%.3f}\n", report.partitions, report.seconds);
    else if (!seine_args_quiet(args))
        printf("%s of %s made one file each\n", seine_count((int64_t)report.partitions, "partition").text,
               seine_dataset_silver(options.dataset)->name);
    return SEINE_OK;
}

static const seine_option options_list[] = {SEINE_DATASET_OPTION, SEINE_THREADS_OPTION};

const seine_command seine_cmd_table_compact = {
    .name = "table compact",
    .summary = "Make one file of the files of each partition of silver",
    .description =
        "An ingest puts what comes to a day that is there already into a file of its own beside it, unless a row has\n"
        "to give way, and makes one file of them when a partition has more than eight. This does so now. No row\n"
        "changes, and a refresh has nothing to do after it.",
    .example = "seine table compact --lake lake\nseine table compact --lake lake --dataset telematics",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .needs_lake = true,
    .run = run,
};
