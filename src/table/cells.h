/** @file table/cells.h  Rows of cells from and into Parquet files of a table. For events and reference tables, not for
 * fixes. */
#ifndef SEINE_TABLE_CELLS_H
#define SEINE_TABLE_CELLS_H

#include "columns/cell.h"
#include "engine/engine.h"
#include "table/catalog/catalog.h"

/** Growing list of rows; rows and cells live in the caller's arena, the list itself is freed by seine_cells_free. */
typedef struct seine_cells {
    seine_cell **rows;
    size_t count, capacity;
} seine_cells;
void seine_cells_free(seine_cells *cells);
SEINE_MUST_USE seine_status seine_cells_add(seine_cells *cells, seine_cell *row);

/** Appends the rows of @p files, all columns of @p schema, in file order; texts are copied into @p arena. */
SEINE_MUST_USE seine_status seine_cells_read(seine_engine *engine, const seine_table_schema *schema,
                                             const char *const *files, size_t file_count, seine_arena *arena,
                                             seine_cells *cells, seine_error *error);
/**
 * Writes rows (at least one, sorted as the table is) as a new file of the table's partition. On success @p file is
 * complete but not committed.
 */
SEINE_MUST_USE seine_status seine_cells_write(const seine_table *table, const seine_partition_value *partition,
                                              seine_cell *const *rows, size_t count, seine_arena *arena,
                                              seine_data_file *file, seine_error *error);

#endif
