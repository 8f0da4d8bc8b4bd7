/**
 * @file parquet/row_group.h
 * A row group being gathered from batches, which are smaller: columns of its own that batches are copied into.
 *
 *     for (size_t first = 0; status == SEINE_OK && first < rows->count;) {
 *         status = seine_row_group_take(group, rows, &first);
 *         if (status == SEINE_OK && seine_row_group_is_full(group)) status = seine_row_group_write(group, writer,
 * error);
 *     }
 */
#ifndef SEINE_PARQUET_ROW_GROUP_H
#define SEINE_PARQUET_ROW_GROUP_H

#include "parquet/writer.h"

/** rows is what was gathered: PLAIN columns, with valid. */
typedef struct seine_row_group {
    seine_rows rows;
    void **values;   /**< per column, room for a whole group */
    uint8_t **valid; /**< so too */
    seine_arena texts;
} seine_row_group;

/** Makes room for a group of such columns. Free it in every case. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_row_group_make(seine_row_group *group, const seine_column *columns, size_t count);
void seine_row_group_free(seine_row_group *group);

/** Copies rows (PLAIN) from *first on, as many as there is room for, texts too; *first goes behind them. */
SEINE_MUST_USE seine_status seine_row_group_take(seine_row_group *group, const seine_rows *rows, size_t *first);
static inline bool seine_row_group_is_full(const seine_row_group *group) {
    return group->rows.count == SEINE_ROW_GROUP_ROWS;
}
/** Writes what was gathered, if anything was, and forgets it. */
SEINE_MUST_USE seine_status seine_row_group_write(seine_row_group *group, seine_parquet_writer *writer,
                                                  seine_error *error);

#endif
