/** @file ingest/raw_text.h  Files of bronze.<dataset>_raw as text: their records, which the decoder reads. */
#ifndef SEINE_INGEST_RAW_TEXT_H
#define SEINE_INGEST_RAW_TEXT_H

#include "engine/engine.h"

/** Index of the payload in the columns of such a table. */
#define SEINE_RAW_PAYLOAD 2

/**
 * The records at @p path, a file of the table @p raw, as JSON Lines in @p to, a file of this machine that is made.
 * @return OK, E_FORMAT, E_IO, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_raw_text_make(seine_engine *engine, const seine_table_schema *raw, const char *path,
                                                const char *to, seine_error *error);

#endif
