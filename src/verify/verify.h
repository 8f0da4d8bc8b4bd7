/**
 * @file verify/verify.h
 * Proof that a lake is whole: files, sources against silver, silver against the ledger, events against their log and,
 * on request, everything derived against another computation (DESIGN section 5, `seine verify`). Writes nothing.
 */
#ifndef SEINE_VERIFY_VERIFY_H
#define SEINE_VERIFY_VERIFY_H

#include "base/progress.h"
#include "seine/gap.h"
#include "table/dataset.h"
#include "table/ledger.h"

typedef struct seine_verify_options {
    bool deep;                   /**< compute events, rows with columns and gold again, too */
    int threads;                 /**< of the engine; as seine_model_room_options has it */
    uint64_t memory_bytes;       /**< so too; beyond it rows go to files of a folder below TMPDIR */
    const char *const *settings; /**< of models, "name=value", as the refreshes had them */
    size_t setting_count;
    const seine_progress *progress;
    void (*finding)(void *context, const char *text); /**< once per thing that is wrong */
    void *context;
} seine_verify_options;

/** One of each job of a refresh, one of all models. */
#define SEINE_VERIFY_REMARKS_MAX 16

/** Silver of one dataset as read from its files. */
typedef struct seine_verify_silver_rows {
    const seine_dataset *dataset;
    seine_partition_row *rows; /**< content of its partitions, by partition */
    size_t count;
} seine_verify_silver_rows;

typedef struct seine_verify_report {
    seine_catalog *catalog; /**< in the read transaction of what was verified; NULL when there is no lake */
    size_t tables, sources, partitions, files;
    int64_t silver_rows, events;
    uint64_t steps; /**< looks at partitions, files, sources and rows of gold: they grow as the lake does */
    size_t findings;
    seine_verify_silver_rows *silver; /**< of each dataset; in the arena */
    size_t silver_count;
    const char
        *remarks[SEINE_VERIFY_REMARKS_MAX]; /**< what was not compared, because a refresh is due; nothing wrong */
    size_t remark_count;
    seine_arena arena;
} seine_verify_report;

/**
 * @p report must be freed with seine_verify_report_free in every case.
 * Everything is of one moment, whatever is written meanwhile: see report->catalog.
 * @return OK, also with findings; E_INTERRUPTED; E_USAGE a setting that no model has; E_NOT_FOUND no lake; E_IO …
 */
SEINE_MUST_USE seine_status seine_verify(const char *lake, const seine_verify_options *options,
                                         seine_verify_report *report, seine_error *error);
/** What was read of one partition of silver; NULL = it has no files. */
const seine_partition_row *seine_verify_silver_row(const seine_verify_silver_rows *silver,
                                                   const seine_partition_value *partition);
void seine_verify_report_free(seine_verify_report *report);

/**
 * Checks that the bytes of every source of a dataset, whatever its state, lie in bronze with their SHA-256. @p catalog
 * may be inside a read transaction. @return OK, also with findings; E_INTERRUPTED, E_NOMEM, E_IO …
 */
SEINE_MUST_USE seine_status seine_verify_bronze(seine_catalog *catalog, const seine_dataset *dataset,
                                                const seine_progress *progress,
                                                void (*finding)(void *context, const char *text), void *context,
                                                seine_error *error);

#endif
