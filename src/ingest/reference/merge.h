/** @file ingest/reference/merge.h  How a load changes what holds when. Pure but for memory. */
#ifndef SEINE_INGEST_REFERENCE_MERGE_H
#define SEINE_INGEST_REFERENCE_MERGE_H

#include "decode/reference/reference.h"
#include "table/cells.h"

#define SEINE_REFERENCE_ROW_BYTES ((size_t)300 << 20) /**< of one row, as text */

typedef struct seine_reference_merge {
    const seine_table_schema *schema;
    size_t key_count;              /**< first columns of the table, which name a row */
    bool has_from;                 /**< else the new rows hold since ever */
    int64_t from_us;               /**< from when they hold */
    bool is_whole;                 /**< rows whose key is not among the new ones end too */
    seine_cells out;               /**< result, sorted by key, then valid_from; free with seine_cells_free */
    int64_t added, ended, removed; /**< result: see seine_reference_report */
} seine_reference_merge;

/** What is the same for all loads of a kind: the schema, and which columns name a row. */
seine_reference_merge seine_reference_merge_of(seine_reference_kind kind);

/** Puts rows in order of their keys, then valid_from; nulls first. */
void seine_reference_sort(const seine_reference_merge *merge, seine_cells *rows);
/** Sum of the rows' hashes over all columns, as the ledger has it. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_reference_content(const seine_table_schema *schema, const seine_cells *rows,
                                                    seine_hash128 *sum);

/**
 * Merges @p fresh rows (one per key, valid_from and valid_to of the load) into the @p old ones, both sorted. Per key:
 *
 *     old row ends before `from`        ─▶ stays
 *     in force at `from`, same content  ─▶ holds on (valid_to is taken away)
 *     in force at `from`, other content ─▶ ends at `from`, the new row begins there
 *     begins at `from` or later         ─▶ gone: the load is the later word
 *
 * Content is the column content_hash. A row of the result that was there before is the old one, lineage and all; rows
 * with another valid_to are copies in @p arena. @return OK, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_reference_merge_rows(seine_reference_merge *merge, const seine_cells *old,
                                                       const seine_cells *fresh, seine_arena *arena);

#endif
