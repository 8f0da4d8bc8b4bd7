/** @file columns/vec.h  Columns of values in memory: what the engine reads into and the Parquet writer writes from. */
#ifndef SEINE_COLUMNS_VEC_H
#define SEINE_COLUMNS_VEC_H

#include "base/dict.h"
#include "columns/schema.h"

typedef enum seine_vec_kind {
    SEINE_VEC_PLAIN,    /**< values[row], of the C type named in seine_type */
    SEINE_VEC_CONSTANT, /**< values[0] for every row; is_null says whether it is null instead */
    SEINE_VEC_DICT      /**< values[codes[row]]; SEINE_CODE_NULL = null */
} seine_vec_kind;

/** A borrowed column. Rows [0, n) where n is told beside it. */
typedef struct seine_vec {
    seine_type type;
    seine_vec_kind kind;
    const void *values;    /**< typed by seine_type: int32_t*, int64_t*, double*, uint8_t*, seine_str* */
    const uint8_t *valid;  /**< PLAIN only: 1 = value, 0 = null; NULL = no nulls */
    const uint32_t *codes; /**< DICT only */
    size_t dict_count;     /**< DICT only: how many values */
    bool is_null;          /**< CONSTANT only */
} seine_vec;

/** @return whether row @p row has a value; it lies at values[*at] (*at is of no use otherwise). */
static inline bool seine_vec_at(const seine_vec *vec, size_t row, size_t *at) {
    *at = row;
    if (vec->kind == SEINE_VEC_PLAIN) return vec->valid == NULL || vec->valid[row] != 0;
    *at = vec->kind == SEINE_VEC_DICT ? vec->codes[row] : 0;
    return vec->kind == SEINE_VEC_DICT ? vec->codes[row] != SEINE_CODE_NULL : !vec->is_null;
}

/** A borrowed set of columns of equal length. */
typedef struct seine_rows {
    size_t count;
    size_t column_count;
    seine_vec *columns;
} seine_rows;

/** Takes rows while they last: borrowed for the call only. A failure ends the giving. */
typedef seine_status (*seine_rows_sink)(void *context, const seine_rows *rows, seine_error *error);

#endif
