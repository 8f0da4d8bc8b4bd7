/** @file ingest/parquet_text.h  Parquet files of others as text: records in JSON, which the decoder reads. */
#ifndef SEINE_INGEST_PARQUET_TEXT_H
#define SEINE_INGEST_PARQUET_TEXT_H

#include "ingest/session.h"

/**
 * Of a source whose name ends in .parquet the rows at @p path as JSON Lines, in file order, in a file of the lake's
 * scratch folder: *text is its path, which the caller removes. Else *text is NULL. Columns of hive folders are not
 * added.
 * @return OK, E_FORMAT (damaged), E_IO, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_parquet_text_make(seine_session *session, const char *name, const char *path,
                                                    const char **text, seine_error *error);

#endif
