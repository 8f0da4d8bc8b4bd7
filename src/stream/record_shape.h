/**
 * @file stream/record_shape.h
 * Rows of a table as records of JSON that a dataset reads: its names in files, its times, its units. What a dataset
 * made of such a record is the row that it came from. Internal to src/stream.
 */
#ifndef SEINE_STREAM_RECORD_SHAPE_H
#define SEINE_STREAM_RECORD_SHAPE_H

#include "base/json.h"
#include "columns/dataset.h"
#include "columns/vec.h"

/** One field of the records. */
typedef struct seine_record_field {
    size_t column;                      /**< of the table's schema */
    const char *name;                   /**< in the record */
    const seine_dataset_column *target; /**< what reads it; NULL: nobody knows, it is written as it is */
    double factor, zero;                /**< number in the target's unit = number of the table × factor + zero */
    bool is_time;                       /**< the time, in the form of the dataset */
} seine_record_field;

/** Fields in the order of the table's columns, lineage left out. Names are borrowed. */
typedef struct seine_record_shape {
    const seine_dataset *target; /**< NULL: names of the table, times as ISO 8601 */
    seine_record_field fields[SEINE_DATASET_COLUMNS_MAX];
    size_t count;
} seine_record_shape;

/**
 * @param own the dataset whose silver the table is; NULL: of none.
 * @param target the dataset that is to read the records; NULL: that of the table. Of two different ones columns fit by
 * what they are (id, time, place) and by the names that both know in files; others are left out.
 * @return OK; E_USAGE: the target finds no id or no time; E_UNSUPPORTED: a column or form of time that is not written
 * (named); E_LIMIT: too many columns.
 */
SEINE_MUST_USE seine_status seine_record_shape_of(const seine_table_schema *schema, const seine_dataset *own,
                                                  const seine_dataset *target, seine_record_shape *shape,
                                                  seine_error *error);
/** Appends row @p row as an object; @p rows has the fields' columns in their order. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_record_shape_put(const seine_record_shape *shape, const seine_rows *rows, size_t row,
                                                   seine_buf *out);

#endif
