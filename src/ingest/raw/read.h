/** @file ingest/raw/read.h  Records of a source, from the files of bronze.<dataset>_raw that hold them. */
#ifndef SEINE_INGEST_RAW_READ_H
#define SEINE_INGEST_RAW_READ_H

#include "columns/raw_table.h"
#include "engine/engine.h"
#include "table/ledger.h"

/** One record. Borrowed until the sink returns. */
typedef struct seine_raw_record {
    int64_t row;       /**< in its source, first is 1 */
    seine_str payload; /**< data NULL: it has none */
    bool is_text;      /**< the payload is UTF-8 */
    int64_t received_us;
    seine_str topic; /**< data NULL: of an API, and what follows is not known */
    int32_t partition;
    int64_t offset;
} seine_raw_record;
typedef seine_status (*seine_raw_record_sink)(void *context, const seine_raw_record *record, seine_error *error);

/** Files with records of a source. */
typedef struct seine_raw_source {
    const char **paths; /**< in the order of their records */
    int64_t *file_rows; /**< of each; NULL = not known */
    size_t count;
    const char *name; /**< others' records in them are passed over; NULL = there are none */
    int64_t rows;     /**< of it */
} seine_raw_source;

/** Live files of the raw table that may hold records of a source without object, by what the table says of them; in @p
 * arena, with room for one path more. @return OK, what reading the table returned. */
SEINE_MUST_USE seine_status seine_raw_source_find(seine_table *table, const seine_source *source, seine_arena *arena,
                                                  seine_raw_source *found, seine_error *error);

/** Leaves out the files of other sources: each file is of one. @return OK, what reading them returned. */
SEINE_MUST_USE seine_status seine_raw_source_sift(seine_engine *engine, const seine_table_schema *raw,
                                                  seine_raw_source *source, seine_error *error);

/**
 * Gives the records of a source to @p sink. With a name they have to be all there are, in the order of their rows, each
 * with the payload that its hash is of.
 * @return OK; E_FORMAT: bronze is not what was written, E_IO, E_NOMEM, what @p sink returned.
 */
SEINE_MUST_USE seine_status seine_raw_read(seine_engine *engine, const seine_table_schema *raw,
                                           const seine_raw_source *source, seine_raw_record_sink sink, void *context,
                                           seine_error *error);

#endif
