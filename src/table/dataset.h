/**
 * @file table/dataset.h
 * The datasets of a lake besides ships, which every lake has: their descriptions as the user gave them, beside the
 * tables made from them. A lake never changes what it has understood: its silver was made by it.
 */
#ifndef SEINE_TABLE_DATASET_H
#define SEINE_TABLE_DATASET_H

#include "columns/dataset_read.h"
#include "table/catalog/catalog.h"

#define SEINE_LAKE_DATASETS_MAX 250 /**< besides ships */

typedef struct seine_dataset_row {
    const char *name;
    const char *text;     /**< its YAML */
    const char *settings; /**< lines NAME=value: what its settings were when it came */
    const char *ids;      /**< names of silver's columns in the order of their field ids; NULL = as they stand */
    bool is_to_reread;    /**< columns were added, and silver is to be made of bronze again */
} seine_dataset_row;

/** All of them, by name, in @p arena. @return OK, E_NOMEM, what reading returned. */
SEINE_MUST_USE seine_status seine_lake_datasets(seine_catalog *catalog, seine_arena *arena, seine_dataset_row **rows,
                                                size_t *count, seine_error *error);
/**
 * Reads the dataset that a lake keeps under a name, with the settings it came with; ships with what the lake makes of
 * them. @p dataset lies in @p arena.
 * @return OK; E_NOT_FOUND the lake has none of that name; E_FORMAT its row was changed; E_NOMEM, what reading returned.
 */
SEINE_MUST_USE seine_status seine_lake_dataset(seine_catalog *catalog, const char *name, seine_arena *arena,
                                               const seine_dataset **dataset, seine_error *error);
/** What the lake keeps: whether ships go by segment, 1 or 0 (table/ledger.h). A new lake has 1; one that has none was
 * made before ships were told apart, and keeps its rows. */
#define SEINE_SETTING_BY_SEGMENT "ais.by_segment"
/** The same: whether events of fishing are made of ships, by rules. A new lake has none. */
#define SEINE_SETTING_FISHING "ais.fishing_by_rules"
/** All datasets of a lake, ships first, with what the lake makes of them, then the others by name. When a description
 * cannot be read @p datasets are ships alone, and when ships cannot, there are none. @return as seine_lake_dataset. */
SEINE_MUST_USE seine_status seine_lake_datasets_read(seine_catalog *catalog, seine_arena *arena,
                                                     const seine_dataset *const **datasets, size_t *count,
                                                     seine_error *error);
/**
 * Adds a dataset and its empty tables in one commit, under the caller's lease of it; nothing happens when the lake has
 * it so already. A description with further columns takes the former one's place: silver has them from then on, and is
 * to be made of bronze again.
 * @return OK; E_CONFLICT the lake keeps a description of this name that it is no addition to, other settings, or a
 * table of that name; E_USAGE it is a table every lake has; what reading and writing returned.
 */
SEINE_MUST_USE seine_status seine_lake_dataset_put(seine_catalog *catalog, const seine_dataset *dataset,
                                                   seine_error *error);
/** Whether silver of a dataset is to be made of bronze again. */
SEINE_MUST_USE seine_status seine_lake_dataset_is_stale(seine_catalog *catalog, const char *name, bool *is_stale,
                                                        seine_error *error);
/** @p commit makes silver of it anew. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_lake_dataset_reread(seine_commit *commit, const char *name, seine_error *error);

/** What belongs to a dataset in a lake. */
typedef struct seine_dataset_holdings {
    size_t sources, tables, files; /**< rows of the ledger, tables of the catalog, files of bronze and of the tables */
    int64_t bytes;                 /**< of the files */
} seine_dataset_holdings;

/**
 * Takes a dataset out of a lake, in one transaction and then file by file: its sources with their bytes in bronze, its
 * tables with all snapshots (silver, rejects, events, states, gold: those called after it), what the ledger knows of
 * them, and its description. The tables of ships stay, empty. Under the caller's leases of its ingest and of refresh.
 * @p really false: nothing is changed, only counted.
 * @return OK; E_CONFLICT (somebody changed a table meanwhile), what reading and writing returned.
 */
SEINE_MUST_USE seine_status seine_lake_dataset_clear(seine_catalog *catalog, const char *dataset, bool really,
                                                     seine_dataset_holdings *holdings, seine_error *error);

#endif
