/** @file ingest/raw/columns.h  Records as the columns of a file of bronze.<dataset>_raw. */
#ifndef SEINE_INGEST_RAW_COLUMNS_H
#define SEINE_INGEST_RAW_COLUMNS_H

#include "columns/raw_table.h"
#include "parquet/writer.h"

#define SEINE_RAW_HASH_TEXT 32 /**< letters of a hash */

/** Columns of a file. Borrowed. */
typedef struct seine_raw_columns {
    seine_str source, url;
    const seine_str *urls;       /**< of each; NULL: all have url */
    int64_t received_us, before; /**< rows of the source in other files */
    size_t count;
    const seine_str *payload, *hash;
    const uint8_t *has_payload;
    const seine_str *bytes, *key;
    const uint8_t *has_bytes, *has_key, *has_sent;
    const seine_str *headers;   /**< NULL: none has any */
    const uint8_t *has_headers; /**< of those */
    const int64_t *offset, *sent;
    seine_str topic; /**< data NULL: of an API, which has neither that nor what follows payload and hash */
    int32_t partition;
} seine_raw_columns;

/** Writes them as row groups. @return OK, E_NOMEM, what writing returned. */
SEINE_MUST_USE seine_status seine_raw_columns_write(seine_parquet_writer *writer, const seine_raw_columns *columns,
                                                    seine_error *error);

#endif
