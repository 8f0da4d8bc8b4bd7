/* seine lake clear: a dataset leaves the lake. */
#include "base/number.h"
#include "base/try.h"
#include "cli/cli.h"
#include "table/dataset.h"
#include "table/ledger.h"

#include <inttypes.h>
#include <stdio.h>

static seine_status check_known(seine_catalog *catalog, const char *name, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_dataset *dataset;
    return strcmp(name, seine_dataset_ais()->name) == 0 ? SEINE_OK
                                                        : seine_lake_dataset(catalog, name, &arena, &dataset, error);
}

static void tell(seine_args *args, const char *name, bool really, const seine_dataset_holdings *h) {
    if (seine_args_json(args))
        printf("{\"dataset\":\"%s\",\"removed\":%s,\"sources\":%zu,\"tables\":%zu,\"files\":%zu,\"bytes\":%" PRId64
               "}\n",
               name, really ? "true" : "false", h->sources, h->tables, h->files, h->bytes);
    else if (!seine_args_quiet(args) || !really)
        printf("%s: %s, %s, %s, %.1f MB%s\n", name, seine_count((int64_t)h->sources, "source").text,
               seine_count((int64_t)h->tables, "table").text, seine_count((int64_t)h->files, "file").text,
               (double)h->bytes / 1e6, really ? ": removed" : "; nothing is removed without --yes");
}

static seine_status run(seine_args *args, seine_error *error) {
    seine_catalog *catalog SEINE_OWNED(seine_catalog_close_owned) = NULL;
    seine_lease *ingest SEINE_OWNED(seine_lease_release_owned) = NULL;
    seine_lease *refresh SEINE_OWNED(seine_lease_release_owned) = NULL;
    seine_dataset_holdings holdings;
    char lease[SEINE_DATASET_NAME_MAX + 16];
    const char *name = seine_args_text(args, "dataset");
    const bool really = seine_args_flag(args, "yes");
    if (name == NULL) return seine_fail(error, SEINE_E_USAGE, "needs --dataset NAME");
    SEINE_TRY(seine_catalog_open(seine_args_lake(args), &catalog, error));
    SEINE_TRY(check_known(catalog, name, error));
    (void)snprintf(lease, sizeof lease, SEINE_LEASE_INGEST "%s", name);
    if (really) SEINE_TRY(seine_lease_take(catalog, lease, &ingest, error));
    if (really) SEINE_TRY(seine_lease_take(catalog, "refresh", &refresh, error));
    SEINE_TRY(seine_lake_dataset_clear(catalog, name, really, &holdings, error));
    tell(args, name, really, &holdings);
    if (!really) seine_cli_found_wrong(args);
    return SEINE_OK;
}

static const seine_option options_list[] = {
    {.name = "dataset", .kind = SEINE_OPTION_TEXT, .metavar = "NAME", .help = "which one; needed"},
    {.name = "yes", .kind = SEINE_OPTION_FLAG, .fallback = "off", .help = "really; else it is only told what would go"},
};

const seine_command seine_cmd_lake_clear = {
    .name = "lake clear",
    .summary = "Take a dataset out of the lake, with all that was made of it",
    .description =
        "Removes the dataset's sources with their bytes in bronze, its tables with all their snapshots (silver,\n"
        "rejects, events, states, gold: those called after it) and its description. Nothing of it can be had back.\n"
        "Other datasets and reference tables stay; the tables that every lake has stay, too, empty. Without --yes it\n"
        "is only told what would go, and the command ends with 1.",
    .example = "seine lake clear --lake lake --dataset telematics\n"
               "seine lake clear --lake lake --dataset telematics --yes",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .needs_lake = true,
    .run = run,
};
