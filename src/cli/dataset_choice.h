/** @file cli/dataset_choice.h  Which dataset a command is about. */
#ifndef SEINE_CLI_DATASET_CHOICE_H
#define SEINE_CLI_DATASET_CHOICE_H

#include "cli/cli.h"
#include "table/dataset.h"

#define SEINE_DATASET_OPTION                                                                         \
    {                                                                                                \
        .name = "dataset", .kind = SEINE_OPTION_TEXT, .metavar = "NAME", .fallback = "ais",          \
        .help = "what the rows are: ships, or another dataset of the lake (seine dataset ls --lake)" \
    }

/** Of commands that bring a dataset to a lake: also a description that the lake does not have yet. */
#define SEINE_DATASET_OF_FILES_OPTION                                                                         \
    {                                                                                                         \
        .name = "dataset", .kind = SEINE_OPTION_TEXT, .metavar = "NAME|FILE", .fallback = "ais",              \
        .help = "what the files hold: a dataset of the lake or of seine dataset ls, or a description (.yaml)" \
    }
#define SEINE_DATASET_SETTINGS_OPTION                                                                \
    {                                                                                                \
        .name = "set", .kind = SEINE_OPTION_LIST, .metavar = "NAME=VALUE",                           \
        .help = "settings of the dataset; else $NAME, else .env of the current folder, else its own" \
    }
#define SEINE_NEW_DATASET_OPTIONS SEINE_DATASET_OF_FILES_OPTION, SEINE_DATASET_SETTINGS_OPTION

/**
 * The dataset that --dataset names, in @p arena: that of the lake, where there is one of this name, else one that is
 * compiled in; a name with a slash, or that ends in .yaml or .yml, is a file. SEINE_NEW_DATASET_OPTIONS are there.
 * @return OK, E_NOT_FOUND (lists what there is), E_FORMAT, E_USAGE (a setting), what reading returned.
 */
SEINE_MUST_USE seine_status seine_cli_new_dataset(seine_args *args, seine_arena *arena, const seine_dataset **dataset,
                                                  seine_error *error);

/** The same of a command that has no lake. */
SEINE_MUST_USE seine_status seine_cli_dataset_of_files(seine_args *args, seine_arena *arena,
                                                       const seine_dataset **dataset, seine_error *error);

/** The same for a name that is no option; its settings are those of the environment, .env or the lake. */
SEINE_MUST_USE seine_status seine_cli_dataset_named(seine_args *args, const char *name, seine_arena *arena,
                                                    const seine_dataset **dataset, seine_error *error);

/** Of commands that are about movers of a dataset; a value is an id as it is, blanks and all. */
#define SEINE_MOVER_OPTIONS(name_of_value)                                                                             \
    {.name = "id", .kind = SEINE_OPTION_WORDS, .metavar = (name_of_value), .help = "movers of the dataset"}, {         \
        .name = "mmsi", .kind = SEINE_OPTION_WORDS, .metavar = (name_of_value), .help = "the same option, for vessels" \
    }

/**
 * The ids that --id or --mmsi give, in the form in which the lake has them, in @p arena. SEINE_MOVER_OPTIONS are there.
 * @return OK; E_USAGE: none are given, or both options are, or --mmsi for a dataset whose ids are called otherwise.
 */
SEINE_MUST_USE seine_status seine_cli_mover_ids(seine_args *args, const seine_dataset *dataset, seine_arena *arena,
                                                const char *const **ids, size_t *count, seine_error *error);

/** One that the lake has; SEINE_DATASET_OPTION is there. @return OK, E_NOT_FOUND, what reading returned. */
SEINE_MUST_USE seine_status seine_cli_lake_dataset(seine_args *args, seine_catalog *catalog, seine_arena *arena,
                                                   const seine_dataset **dataset, seine_error *error);

#endif
