/** @file verify/internal.h  What the checks of seine_verify share. */
#ifndef SEINE_VERIFY_INTERNAL_H
#define SEINE_VERIFY_INTERNAL_H

#include "engine/engine.h"
#include "io/store/scratch.h"
#include "model/plan.h"
#include "model/query.h"
#include "refresh/registry.h"
#include "table/books.h"
#include "verify/verify.h"

typedef struct seine_verification {
    const seine_verify_options *options;
    seine_verify_report *report;
    seine_catalog *catalog;
    seine_scratch scratch; /**< deep: rows beyond the memory: of the engine, and in it a folder for those of models */
    seine_engine *engine;
    const seine_dataset *const *datasets; /**< of the lake */
    size_t dataset_count;
    seine_registry registry; /**< the jobs of their detectors, with the settings of the last refresh */
    seine_table **tables;    /**< of seine_schemas, of datasets and of their jobs, those that the lake has */
    size_t table_count;
    seine_books_report books; /**< files that are damaged are not read again */
    seine_arena arena;
    const char **texts; /**< findings of this look */
    size_t text_count;
} seine_verification;

/* ---- report.c ---- */

#define SEINE_VERIFY_FINDINGS_MAX ((size_t)4096) /**< texts kept; the rest is only counted */

/** Keeps a finding until the end of a look: one at a lake that moved meanwhile is thrown away. @p context: the
 * seine_verification. */
void seine_verify_keep(void *context, const char *text);
void seine_verify_finding(seine_verification *v, const char *format, ...) SEINE_PRINTF(2, 3);
/** Keeps what is nothing wrong, but was not compared. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_verify_remark(seine_verification *v, const char *table, const char *why);
/** Checks a table against what it says about itself; counts it. */
SEINE_MUST_USE seine_status seine_verify_one(seine_verification *v, seine_table *table, seine_error *error);
/** @return NULL when the lake has no such table. */
seine_table *seine_verify_table(const seine_verification *v, const char *name);
/** Live files of a table; none when the lake does not have it. */
SEINE_MUST_USE seine_status seine_verify_files(seine_verification *v, const char *name, const seine_live_file **files,
                                               size_t *count, seine_error *error);

/** Registers a table under its name in the engine. */
SEINE_MUST_USE seine_status seine_verify_view(seine_verification *v, const char *name, seine_error *error);

/** Order of two seine_partition_row by day, then bucket, for qsort and bsearch. */
int seine_verify_by_partition(const void *a, const void *b);

/* ---- the checks ---- */

/** Silver's files: order, uniqueness, place, content against seine_partition; fills @p silver, whose dataset is set. */
SEINE_MUST_USE seine_status seine_verify_silver(seine_verification *v, seine_verify_silver_rows *silver,
                                                seine_error *error);
/** Per live source: rows = silver + duplicates + rejects, against what lies in the tables. */
SEINE_MUST_USE seine_status seine_verify_sources(seine_verification *v, const seine_dataset *dataset,
                                                 seine_error *error);
/** Rows of @p events = those of the log @p history replayed, in the columns of both, which are views by their names;
 * @p key names a row. */
SEINE_MUST_USE seine_status seine_verify_log(seine_verification *v, const seine_table *events,
                                             const seine_table *history, const char *key, seine_error *error);
/** Current events = the log replayed; heads = newest states. */
SEINE_MUST_USE seine_status seine_verify_events(seine_verification *v, seine_error *error);
/** Tables of columns: order, place and content of their files against the ledger. */
SEINE_MUST_USE seine_status seine_verify_columns(seine_verification *v, seine_error *error);
/** Reference tables: content against the ledger, never two rows of one key at a time. */
SEINE_MUST_USE seine_status seine_verify_references(seine_verification *v, seine_error *error);
/** Gold tables: files, rows per day against the ledger, sums that must equal an input; deep: seine_verify_remade. */
SEINE_MUST_USE seine_status seine_verify_gold(seine_verification *v, seine_error *error);
/**
 * One gold table = what its model gives over its inputs now, for the days that are fresh; @p stale receives the number
 * of the others. @p units: all days of the model. Bounded memory: a batch of rows of either side.
 * @return OK, also with findings; E_INTERRUPTED, E_NOMEM, what reading returned.
 */
SEINE_MUST_USE seine_status seine_verify_remade(seine_verification *v, seine_model_stage *stage,
                                                const seine_model *model, const seine_model_unit *units, size_t count,
                                                size_t *stale, seine_error *error);
/** Events, rows with columns and states = computed from the first day. */
SEINE_MUST_USE seine_status seine_verify_recomputed(seine_verification *v, seine_error *error);

#endif
