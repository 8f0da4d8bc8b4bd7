/* seine refresh: bring events and gold tables up to date with silver. */
#include "base/time.h"
#include "base/try.h"
#include "cli/refresh_report.h"
#include "io/clock.h"

/* --from, --to and --mode. */
static seine_status window_of(seine_args *args, seine_models_options *models, seine_error *error) {
    const char *from = seine_args_text(args, "from"), *to = seine_args_text(args, "to");
    const char *mode = seine_args_text(args, "mode");
    models->has_from = from != NULL;
    models->has_to = to != NULL;
    if (from != NULL && !seine_date_parse(seine_str_of(from), &models->from))
        return seine_fail(error, SEINE_E_USAGE, "--from %s: not a day such as 2025-01-31", from);
    if (to != NULL && !seine_date_parse(seine_str_of(to), &models->to))
        return seine_fail(error, SEINE_E_USAGE, "--to %s: not a day such as 2025-01-31", to);
    if (from != NULL && to != NULL && models->from > models->to)
        return seine_fail(error, SEINE_E_USAGE, "--from %s is after --to %s", from, to);
    models->replace = strcmp(mode, "replace") == 0;
    if (models->replace || strcmp(mode, "append") == 0) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "--mode %s: append or replace", mode);
}

static seine_status run(seine_args *args, seine_error *error) {
    seine_models_options models = {.replace = false};
    seine_models_report models_report SEINE_OWNED(seine_models_report_free) = {0};
    seine_refresh_options options = seine_refresh_options_default();
    char invocation[37];
    SEINE_TRY(seine_cli_refresh_options(args, &models, &models_report, &options, error));
    options.invocation = models.invocation = invocation;
    options.only = seine_args_list(args, NULL, &options.only_count);
    seine_refresh_report report SEINE_OWNED(seine_refresh_report_free) = {0};
    SEINE_TRY(window_of(args, &models, error));
    SEINE_TRY(seine_uuid4(invocation, error));
    const seine_status status = seine_refresh(seine_args_lake(args), &options, &report, error);
    seine_cli_progress_end(args);
    if (status != SEINE_OK && !seine_args_json(args)) seine_cli_tell_models(args, &models_report);
    if (status != SEINE_OK) return status;
    return seine_cli_print_refresh(args, &report, &models_report, seine_args_flag(args, "all"), error);
}

static const seine_option options_list[] = {
    SEINE_THREADS_OPTION,
    SEINE_MODEL_MEMORY_OPTION,
    SEINE_DERIVE_OPTIONS,
    SEINE_SHIPS_OPTIONS,
    {.name = "from", .kind = SEINE_OPTION_TEXT, .metavar = "DAY", .help = "first day of models to look at"},
    {.name = "to", .kind = SEINE_OPTION_TEXT, .metavar = "DAY", .help = "last day of models to look at, included"},
    {.name = "mode",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "MODE",
     .fallback = "append",
     .help = "append: models run over stale days only; replace: over every day from --from to --to"},
    {.name = "all", .kind = SEINE_OPTION_FLAG, .fallback = "off", .help = "a line for every model, however many"},
};

const seine_command seine_cmd_refresh = {
    .name = "refresh",
    .summary = "bring events, enriched fixes and gold tables up to date with silver",
    .positional = "[WHAT…]",
    .description =
        "Finds by content which partitions of silver changed since the last refresh, feeds only the movers concerned "
        "from their state before the change, and commits the new, updated and retracted events, their log and the "
        "states in one transaction. Without a change nothing is read and nothing is committed. A changed parameter "
        "computes everything again from the first day. silver.ais_enriched is made in the same way, a row per fix: "
        "nearest port, speed category, time since the fix before, weather; ports and weather that changed make the "
        "partitions stale that they can matter to, and only those that come out different are rewritten. "
        "silver.ais_segments says of each fix which ship of its id it is of, and gaps, hours, pairs, last states and "
        "the map are of ships; with --by mover, which the lake keeps, an id is one ship. With --fishing rules, which "
        "it keeps, too, ships have events of fishing by plain rules of speed, turning and type.\n\n"
        "Then the models run: gold tables made by one SQL SELECT each, those of Seine and those in the lake's folder "
        "models/. Only days whose inputs, text or settings changed are computed, all models are committed together. A "
        "day whose SQL fails or whose counts do not match silver keeps its rows, stays stale and is named, and so is a "
        "wrong model of your own, which is left out; the others are committed, with exit code 1.\n\n"
        "With WHAT only that is made, and what it is made from; all else stays as it is, and stale. A word is a "
        "detector (gaps, segments, enriched, fishing), a table (gold.ais_vessel_days, or without its namespace), or "
        "what the names of tables begin with behind that of their dataset: pairs is gold.ais_pairs_daily and "
        "gold.ais_pairs_total, fishing all tables of fishing. seine graph shows what there is.",
    .example = "seine refresh --lake lake\nseine refresh --lake lake --min-gap-length 12 --threads 4\n"
               "seine refresh --lake lake --fishing rules\n"
               "seine refresh --lake lake gaps pairs\n"
               "seine refresh --lake lake --from 2025-01-05 --to 2025-01-07 --mode replace",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .needs_lake = true,
    .run = run,
};
