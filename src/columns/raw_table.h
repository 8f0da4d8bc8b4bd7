/**
 * @file columns/raw_table.h
 * What a table bronze.<dataset>_raw holds: records of APIs and of topics of Kafka, one by one, as they were received.
 */
#ifndef SEINE_COLUMNS_RAW_TABLE_H
#define SEINE_COLUMNS_RAW_TABLE_H

#include "columns/schema.h"

/** Columns of the table by index. Lakes of before there were streams have the first six only, those of before
 * headers were kept all but the last: there it is null. */
enum {
    SEINE_RAW_SOURCE,
    SEINE_RAW_ROW,
    SEINE_RAW_PAYLOAD, /**< null: the record has none, or it is no text */
    SEINE_RAW_HASH,
    SEINE_RAW_RECEIVED,
    SEINE_RAW_URL,
    SEINE_RAW_BYTES, /**< a payload that is no text; else null */
    SEINE_RAW_KEY,
    SEINE_RAW_TOPIC, /**< this and all that follow are null for APIs */
    SEINE_RAW_PARTITION,
    SEINE_RAW_OFFSET,
    SEINE_RAW_SENT,
    SEINE_RAW_HEADERS, /**< null: it has none */
    SEINE_RAW_COLUMNS
};
extern const seine_column seine_raw_table[SEINE_RAW_COLUMNS];

/** Table bronze.<name>_raw of a dataset; @p table_name lives as long as the schema. */
seine_table_schema seine_raw_table_schema(const char *table_name);

#endif
