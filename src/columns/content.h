/**
 * @file columns/content.h
 * What rows say, as a hash: lineage left out, summed over the rows of a partition, so that neither their order nor
 * their files matter (DESIGN section 5). The one place where rows become bytes to be hashed. These bytes are part of
 * the lake's format, for hashes in the catalog are compared with hashes made years later. There are three forms:
 *
 *     form    of                                        a row is
 *     fix     silver of a dataset                       hashes of id and statics, time, five numbers
 *     words   rows that jobs give columns               64 bits for each column
 *     cells   reference tables, models, by schema       for each column whether it is null, and its value
 *
 * In rows made of seine_cell every number takes 8 bytes, in those of a model as many as it has in memory.
 */
#ifndef SEINE_COLUMNS_CONTENT_H
#define SEINE_COLUMNS_CONTENT_H

#include "base/hash.h"
#include "columns/cell.h"
#include "columns/fix.h"
#include "columns/vec.h"

/** @p mover and @p statics are seine_hash128_of of the id's text and of the tuple's canonical bytes. */
seine_hash128 seine_content_of_fix(const seine_fix *fix, seine_hash128 mover, seine_hash128 statics);

/**
 * Adds rows read from silver: the columns of @p dataset in schema order. @p scratch is reused memory.
 * @return OK, E_NOMEM, E_LIMIT (a row larger than the scratch may grow); so do the others.
 */
SEINE_MUST_USE seine_status seine_content_add_fixes(seine_hash128 *sum, const seine_dataset *dataset,
                                                    const seine_rows *rows, seine_buf *scratch);

/** Most columns of a table in the form of words. */
#define SEINE_CONTENT_WORDS 32

/** Adds rows [first, last) in the form of words: at most SEINE_CONTENT_WORDS columns in schema order, vecs of any kind.
 */
void seine_content_add_words(seine_hash128 *sum, const seine_rows *rows, size_t first, size_t last);

/** Adds rows of a model: all columns of @p schema, vecs of any kind. */
SEINE_MUST_USE seine_status seine_content_add_rows(seine_hash128 *sum, const seine_table_schema *schema,
                                                   const seine_rows *rows, seine_buf *scratch);

/** Hash of the first @p count cells of a row of @p schema. */
SEINE_MUST_USE seine_status seine_content_of_cells(const seine_table_schema *schema, const seine_cell *row,
                                                   size_t count, seine_buf *scratch, seine_hash128 *hash);

#endif
