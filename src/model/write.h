/** @file model/write.h  Rows of a model's query into one Parquet file, with their content hash. */
#ifndef SEINE_MODEL_WRITE_H
#define SEINE_MODEL_WRITE_H

#include "base/hash.h"
#include "engine/engine.h"
#include "model/model.h"
#include "table/catalog/catalog.h"

/** What one query gave. */
typedef struct seine_model_output {
    seine_data_file file; /**< not there when rows is 0 */
    int64_t rows;
    seine_hash128 content; /**< sum of the rows' hashes without lineage columns */
    int64_t reconciled;    /**< sum of the reconcile column */
} seine_model_output;

/** Checks that the query's columns are those of the header: names, order, types. @return OK, E_FORMAT. */
SEINE_MUST_USE seine_status seine_model_check_columns(const seine_model *model, const seine_query *query,
                                                      seine_error *error);
/** Writes all rows of @p query to a file at @p path, in the order they come in: for rows that are in the way. */
SEINE_MUST_USE seine_status seine_model_put_aside(const seine_model *model, seine_query *query, const char *path,
                                                  seine_error *error);
/**
 * Writes all rows of @p query as a new file of @p table for @p day (null: no days). Texts of the file's description
 * are in @p arena. On failure nothing is left behind.
 * @return OK, E_FORMAT (a row of another day, a null in a required column), what engine and writer returned.
 */
SEINE_MUST_USE seine_status seine_model_write(const seine_model *model, seine_query *query, const seine_table *table,
                                              seine_partition_value day, seine_arena *arena, seine_model_output *output,
                                              seine_error *error);

#endif
