/**
 * @file parquet/storage.h
 * How one column of one row group will be stored: as runs of dictionary codes, or as dense values.
 */
#ifndef SEINE_PARQUET_STORAGE_H
#define SEINE_PARQUET_STORAGE_H

#include "base/buf.h"
#include "columns/vec.h"

/** Equal neighbouring rows. */
typedef struct seine_run {
    uint32_t code; /**< index into dict, SEINE_CODE_NULL = null */
    uint32_t count;
} seine_run;

/** Borrowed from the vec and the scratch; valid until the next column. */
typedef struct seine_parquet_storage {
    seine_type type;
    size_t rows, null_count;
    bool by_runs; /**< runs and dict, else values and valid */
    const seine_run *runs;
    size_t run_count;
    const void *dict; /**< distinct values used, in order of first use; empty when all rows are null */
    size_t dict_count;
    const void *values;   /**< dense: nulls left out */
    const uint8_t *valid; /**< by row, NULL = no nulls */
} seine_parquet_storage;

/** Memory reused from column to column. Zeroed = ready. */
typedef struct seine_parquet_scratch {
    seine_run *runs; /**< row-group rows */
    size_t run_capacity;
    seine_buf dict, values, valid;
    uint32_t *remap; /**< caller's code → own code + 1, all zero between columns */
    size_t remap_capacity;
    uint32_t *slots; /**< hash table of numbers: code + 1 */
    size_t slot_capacity;
} seine_parquet_scratch;

void seine_parquet_scratch_init(seine_parquet_scratch *scratch);
void seine_parquet_scratch_free(seine_parquet_scratch *scratch);

/** @return OK, E_NOMEM, E_INTERNAL (a code outside its dictionary). */
SEINE_MUST_USE seine_status seine_parquet_storage_column(seine_parquet_scratch *scratch, const seine_vec *vec,
                                                         size_t rows, seine_parquet_storage *storage);

#endif
