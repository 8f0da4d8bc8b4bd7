/** @file columns/arrow/arrow.h  Our columns to the Arrow C Data interface and back. */
#ifndef SEINE_COLUMNS_ARROW_ARROW_H
#define SEINE_COLUMNS_ARROW_ARROW_H

#include "base/arena.h"
#include "columns/vec.h"
#include "seine/arrow.h"

/**
 * Copies rows into a record batch (struct array) whose release callbacks free it. Texts with codes stay dictionaries
 * (int32 codes), constants and other coded values are written out. Timestamps are timestamp[us, UTC].
 * @param names one per column.
 * @return OK, E_LIMIT (a text column above 2 GiB, more than 2^31 codes), E_NOMEM. On failure nothing is set.
 */
SEINE_MUST_USE seine_status seine_arrow_export(const seine_rows *rows, const char *const *names,
                                               struct ArrowSchema *schema, struct ArrowArray *array,
                                               seine_error *error);

/**
 * Views a record batch as columns: int32, int64, double, bool, utf8, large_utf8, binary, large_binary, timestamp[us],
 * date32 and dictionaries of texts. Numbers are borrowed from the batch, the rest is made in @p arena: the rows live as
 * long as both. Rows that are null as a whole are refused.
 * @param names receives one name per column, in the arena.
 * @return OK, E_FORMAT (not a batch, inner lengths that cannot be), E_UNSUPPORTED (a column's type), E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_arrow_import(const struct ArrowSchema *schema, const struct ArrowArray *array,
                                               seine_arena *arena, seine_rows *rows, const char ***names,
                                               seine_error *error);

#endif
