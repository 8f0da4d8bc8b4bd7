/* seine table drop: taking a table of the user's own models out of the lake. */
#include "base/try.h"
#include "cli/cli.h"
#include "model/model.h"
#include "table/ledger.h"

#include <stdio.h>

/* A built-in table would come back, and so would one whose model is still there. */
static seine_status check(seine_catalog *catalog, const char *name, seine_error *error) {
    seine_model_set set SEINE_OWNED(seine_model_set_free) = {0};
    SEINE_TRY(seine_model_set_of_lake(catalog, NULL, 0, &set, error));
    const seine_model *model = seine_model_set_find(&set, name);
    if (seine_schema_find(name) != NULL || (model != NULL && model->is_built_in))
        return seine_fail(error, SEINE_E_USAGE, "table %s is built-in and stays; only tables of your own models go",
                          name);
    if (model != NULL && strcmp(model->schema.name, name) == 0)
        return seine_fail(error, SEINE_E_USAGE,
                          "table %s: %s would make it anew at the next refresh; remove that file first", name,
                          model->file);
    if (strncmp(name, "gold.", 5) == 0) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "table %s was not made by a model; the program that made it drops it",
                      name);
}

static seine_status run(seine_args *args, seine_error *error) {
    seine_catalog *catalog SEINE_OWNED(seine_catalog_close_owned) = NULL;
    seine_lease *lease SEINE_OWNED(seine_lease_release_owned) = NULL;
    size_t count = 0;
    const char *name = seine_args_list(args, NULL, &count)[0];
    SEINE_TRY(seine_catalog_open(seine_args_lake(args), &catalog, error));
    SEINE_TRY(check(catalog, name, error));
    SEINE_TRY(seine_lease_take(catalog, "refresh", &lease, error));
    SEINE_TRY(seine_catalog_drop_table(catalog, name, error));
    if (seine_args_json(args))
        printf("{\"dropped\":\"%s\"}\n", name);
    else if (!seine_args_flag(args, "quiet"))
        printf("%s: dropped\n", name);
    return SEINE_OK;
}

const seine_command seine_cmd_table_drop = {
    .name = "table drop",
    .summary = "Drop a table of a model of your own",
    .positional = "TABLE",
    .description =
        "Takes the table out of the catalog and removes its files, all snapshots with them. Tables of Seine's "
        "own are refused, and so is one whose model still lies in the folder models/ of the lake.",
    .example = "rm lake/models/fastest.sql && seine table drop --lake lake gold.fastest",
    .needs_lake = true,
    .run = run,
};
