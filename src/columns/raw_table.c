#include "columns/raw_table.h"

const seine_column seine_raw_table[SEINE_RAW_COLUMNS] = {
    {1, "source", SEINE_TYPE_STRING, true, false, "", "name of the source in the ledger"},
    {2, "source_row", SEINE_TYPE_LONG, true, false, "", "record in the source, first is 1"},
    {3, "payload", SEINE_TYPE_STRING, false, false, "", "the record, byte for byte; null: it has none, or is no text"},
    {4, "content_hash", SEINE_TYPE_STRING, true, false, "", "XXH3-128 of it, 32 hex digits"},
    {5, "received_at", SEINE_TYPE_TIMESTAMPTZ, true, false, "", "when it was received"},
    {6, "source_url", SEINE_TYPE_STRING, false, false, "", "where it was asked for"},
    {7, "payload_bytes", SEINE_TYPE_BINARY, false, false, "", "a record that is no UTF-8, byte for byte"},
    {8, "record_key", SEINE_TYPE_BINARY, false, false, "", "key of a record of Kafka, byte for byte"},
    {9, "topic", SEINE_TYPE_STRING, false, false, "", "topic of Kafka"},
    {10, "topic_partition", SEINE_TYPE_INT, false, false, "", "partition of the topic"},
    {11, "topic_offset", SEINE_TYPE_LONG, false, false, "", "offset in the partition"},
    {12, "sent_at", SEINE_TYPE_TIMESTAMPTZ, false, false, "", "when it was sent, or when the broker got it"},
    {13, "record_headers", SEINE_TYPE_STRING, false, false, "",
     "headers of a record of Kafka as JSON, [{\"key\": …, \"value\": …}], value_hex where it is no UTF-8; null: none"},
};

seine_table_schema seine_raw_table_schema(const char *table_name) {
    return (seine_table_schema){.name = table_name,
                                .doc = "one record as it was received",
                                .columns = seine_raw_table,
                                .column_count = SEINE_RAW_COLUMNS,
                                .partition = {{5, 1000, "received_at_day", SEINE_TRANSFORM_DAY}},
                                .partition_count = 1};
}
