/** @file engine/parquet_lines.h  Rows of a Parquet file of others as JSON Lines. */
#ifndef SEINE_ENGINE_PARQUET_LINES_H
#define SEINE_ENGINE_PARQUET_LINES_H

#include "engine/parquet_select.h"

/** What is selected of a file, and who takes it. */
typedef struct seine_parquet_lines {
    const char *path;
    bool has_folders;             /**< as seine_parquet_select has it */
    seine_parquet_put_column put; /**< a text of the engine's type JSON is taken as the value that it is */
    /** Called behind each batch, whose rows stand at the end of the lines, and which may take them out; a failure ends
     * the reading. */
    seine_status (*take)(void *context, seine_buf *lines, size_t rows, seine_error *error);
    void *context; /**< of both */
} seine_parquet_lines;

/**
 * Appends the rows to @p lines, an object each, in the order of the file: booleans and numbers as such, days and
 * moments as seine_query_date_text and seine_query_time_text, all else as text. Numbers that are none are null.
 * @return OK; E_LIMIT: too many columns, or, without a text, more than lines->max; E_NOMEM; what the engine says of the
 * file, what take returned.
 */
SEINE_MUST_USE seine_status seine_parquet_lines_read(seine_engine *engine, const seine_parquet_lines *from,
                                                     seine_buf *lines, seine_error *error);

#endif
