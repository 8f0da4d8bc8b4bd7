/** @file ingest/parquet_text.h  Parquet files of others as text: records in JSON, which the decoder reads. */
#ifndef SEINE_INGEST_PARQUET_TEXT_H
#define SEINE_INGEST_PARQUET_TEXT_H

#include "columns/dataset.h"
#include "engine/engine.h"

/** Whether a source is one by its name: it ends in .parquet. */
bool seine_parquet_text_is(const char *name);
/**
 * The rows at @p path as JSON Lines, in file order, in @p to, a file of this machine that is made. Columns of hive
 * folders are not added. @return OK, E_FORMAT (damaged), E_IO, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_parquet_text_make(seine_engine *engine, const seine_dataset *dataset,
                                                    const char *name, const char *path, const char *to,
                                                    seine_error *error);

#endif
