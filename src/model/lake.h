/**
 * @file model/lake.h
 * The tables that models read and make, as days with files and content: first as the catalog has them, then with what
 * the run has made so far, so that a model reads the new rows of another one before anything is committed.
 */
#ifndef SEINE_MODEL_LAKE_H
#define SEINE_MODEL_LAKE_H

#include "model/model.h"
#include "table/catalog/catalog.h"
#include "table/changed_files.h"
#include "table/ledger.h"

/** One day of a table, or (null) the rows without a day, or a whole table without days. */
typedef struct seine_model_part {
    seine_partition_value day;
    seine_hash128 content; /**< sum over its partitions */
    int64_t rows;
    const char **files;
    const seine_column_stats **stats; /**< of each file; NULL = not known */
    size_t file_count, file_capacity;
    bool has_content; /**< the ledger knows it; else content is made of the files' names */
} seine_model_part;

typedef struct seine_model_table {
    const char *name;
    const seine_table_schema *schema;
    seine_table *table; /**< NULL: not in the catalog yet (only when nothing was shaped) */
    bool is_absent;
    seine_shape *shape;             /**< its table is to be made, or made anew, by the commit; NULL = it is there */
    const seine_model *maker;       /**< NULL: not made by a model */
    const seine_table_schema *made; /**< what the maker makes of it: its table, or its log */
    seine_model_part *parts;        /**< by day, null first */
    size_t count, capacity;
    seine_changed_files changes; /**< made by this run */
} seine_model_table;

/** Zeroed = empty; free with seine_model_lake_free. */
typedef struct seine_model_lake {
    seine_arena arena;
    seine_model_table *tables;
    size_t count;
} seine_model_lake;

/**
 * Loads every table that the models of @p set read or make; @p shape: those they make with the shape they will have
 * (seine_shape), else a table that is not there is empty. Nothing is changed that anybody sees.
 * @param threads manifests are read by so many, 1-64.
 * @return OK, E_BUSY (tables kept changing while they were read), what the catalog returned.
 */
SEINE_MUST_USE seine_status seine_model_lake_load(seine_catalog *catalog, const seine_model_set *set, bool shape,
                                                  int threads, seine_model_lake *lake, seine_error *error);
void seine_model_lake_free(seine_model_lake *lake);

seine_model_table *seine_model_lake_find(const seine_model_lake *lake, const char *name);
/** @return the part of a day (or null), or NULL. */
seine_model_part *seine_model_part_find(const seine_model_table *table, seine_partition_value day);
/** @return the index of the first part that is not before @p day. */
size_t seine_model_part_from(const seine_model_table *table, seine_partition_value day);
/** The same, made when it is not there. NULL = out of memory. */
seine_model_part *seine_model_part_make(seine_model_table *table, seine_partition_value day);
/** Adds a file, whose texts stay where they are, to a part. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_model_part_add(seine_model_lake *lake, seine_model_part *part,
                                                 const seine_data_file *file);
/** The same, with its rows, for a table of which nobody keeps content hashes. */
SEINE_MUST_USE seine_status seine_model_part_grow(seine_model_lake *lake, seine_model_part *part,
                                                  const seine_data_file *file);

#endif
