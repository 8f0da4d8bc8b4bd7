/**
 * @file decode/fix_row.h
 * One record of any format, its fields in the order of the dataset's columns, into a fix or a refusal: what
 * decode/fix_decoder.h promises is kept here.
 */
#ifndef SEINE_DECODE_FIX_ROW_H
#define SEINE_DECODE_FIX_ROW_H

#include "base/array.h"
#include "decode/fix_decoder.h"

#include <stddef.h>

/** By what the statics of a row are known when they come again. */
typedef enum seine_fix_key {
    SEINE_FIX_KEY_VALUES, /**< the fields */
    SEINE_FIX_KEY_TEXT,   /**< seine_fix_row.tail */
    SEINE_FIX_KEY_NONE
} seine_fix_key;

typedef struct seine_fix_row {
    seine_str raw;                              /**< the record as it stands in its file, for refusals */
    seine_str value[SEINE_DATASET_COLUMNS_MAX]; /**< by column; empty = none. What belongs to statics must not move */
    char decimal;                               /**< '.' or ',' */
    bool may_wrap;                              /**< seine_dataset_column.wrap holds */
    seine_fix_key key;
    seine_str tail;
} seine_fix_row;

#define SEINE_FIX_BLOCK_TEXT_MAX ((size_t)1 << 30)
#define SEINE_FIX_ROWS_MAX ((size_t)UINT32_MAX)

/** Takes row number batch->rows. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_fix_row_take(seine_fix_decoder *decoder, const seine_fix_row *row,
                                               seine_fix_batch *batch);
/** Refuses row number batch->rows. */
SEINE_MUST_USE seine_status seine_fix_row_refuse(seine_fix_batch *batch, seine_str raw, const char *format, ...)
    SEINE_PRINTF(3, 4);
/** Adds a fix that is complete. */
SEINE_MUST_USE static inline seine_status seine_fix_row_add(seine_fix_batch *batch, const seine_fix *fix) {
    const seine_status status = SEINE_ARRAY_ROOM(batch->fixes, batch->count, batch->capacity, 1, SEINE_FIX_ROWS_MAX);
    if (status == SEINE_OK) batch->fixes[batch->count++] = *fix;
    return status;
}
/** Makes @p of what the statics are remembered for, and forgets others. */
void seine_fix_row_begin(seine_fix_decoder *decoder, const void *of);

/** One id has one text, however its number is written. */
SEINE_MUST_USE seine_status seine_fix_row_intern_id(seine_fix_decoder *decoder, seine_str id, uint32_t *mover);

_Static_assert(offsetof(seine_fix, lon_deg) == offsetof(seine_fix, lat_deg) + sizeof(double), "numbers side by side");
_Static_assert(offsetof(seine_fix, measure) == offsetof(seine_fix, lon_deg) + sizeof(double), "numbers side by side");

/** Number @p index of a fix: latitude, longitude, measures. */
static inline double *seine_fix_row_number(seine_fix *fix, size_t index) {
    return (double *)(void *)((char *)fix + offsetof(seine_fix, lat_deg) + index * sizeof(double));
}

#endif
