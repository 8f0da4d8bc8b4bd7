/**
 * @file cli/dataset/sample.h
 * The first rows of a file of positions, CSV or JSON, packed or not, as profiles of its columns. A column of JSON is
 * called by the keys that lead to it, with points between.
 */
#ifndef SEINE_CLI_DATASET_SAMPLE_H
#define SEINE_CLI_DATASET_SAMPLE_H

#include "base/buf.h"
#include "cli/dataset/profile.h"

#define SEINE_SAMPLE_COLUMNS 128
#define SEINE_SAMPLE_BYTES ((size_t)8 << 20) /**< of text that are looked at */

typedef struct seine_sample {
    seine_arena arena;
    seine_time_forms forms;
    seine_profile columns[SEINE_SAMPLE_COLUMNS];
    size_t column_count;
    size_t rows;
    bool is_json, is_latin1;
    bool is_part;   /**< the file goes on behind the rows */
    char delimiter; /**< of CSV */
} seine_sample;

/**
 * Reads up to @p most_rows rows; @p path may be "-" for standard input. @p sample is zeroed and is freed whatever
 * happens.
 * @return OK, E_FORMAT (no rows, no names, broken JSON), E_LIMIT (a record longer than SEINE_SAMPLE_BYTES), E_NOMEM,
 * what reading returned.
 */
SEINE_MUST_USE seine_status seine_sample_read(const char *path, size_t most_rows, seine_sample *sample,
                                              seine_error *error);
void seine_sample_free(seine_sample *sample);

#endif
