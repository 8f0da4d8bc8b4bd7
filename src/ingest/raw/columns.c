#include "ingest/raw/columns.h"

#include "base/try.h"

#include <stdlib.h>

#define GROUP_BYTES ((size_t)8 << 20) /* payloads of a row group: larger pages are read by the engine only, slowly */

/* How many rows from number @p at on are one row group. */
static size_t group_rows(const seine_raw_columns *c, size_t at) {
    size_t rows = 0, bytes = 0;
    while (at + rows < c->count && rows < SEINE_ROW_GROUP_ROWS && (rows == 0 || bytes < GROUP_BYTES)) {
        bytes += c->payload[at + rows].size + c->bytes[at + rows].size;
        bytes += c->headers != NULL ? c->headers[at + rows].size : 0;
        rows++;
    }
    return rows;
}

static seine_vec constant(seine_type type, const void *value, bool is_null) {
    return (seine_vec){.type = type, .kind = SEINE_VEC_CONSTANT, .values = value, .is_null = is_null};
}

static void fill_columns(const seine_raw_columns *c, size_t at, const int64_t *numbers, seine_vec columns[]) {
    static const seine_str nothing = {"", 0};
    static const int64_t no_number = 0;
    const bool is_topic = c->topic.data != NULL;
    columns[SEINE_RAW_SOURCE] = constant(SEINE_TYPE_STRING, &c->source, false);
    columns[SEINE_RAW_ROW] = (seine_vec){.type = SEINE_TYPE_LONG, .values = numbers};
    columns[SEINE_RAW_PAYLOAD] =
        (seine_vec){.type = SEINE_TYPE_STRING, .values = c->payload + at, .valid = c->has_payload + at};
    columns[SEINE_RAW_HASH] = (seine_vec){.type = SEINE_TYPE_STRING, .values = c->hash + at};
    columns[SEINE_RAW_RECEIVED] = constant(SEINE_TYPE_TIMESTAMPTZ, &c->received_us, false);
    columns[SEINE_RAW_URL] = c->urls == NULL ? constant(SEINE_TYPE_STRING, &c->url, false)
                                             : (seine_vec){.type = SEINE_TYPE_STRING, .values = c->urls + at};
    columns[SEINE_RAW_TOPIC] = constant(SEINE_TYPE_STRING, &c->topic, !is_topic);
    columns[SEINE_RAW_PARTITION] = constant(SEINE_TYPE_INT, &c->partition, !is_topic);
    columns[SEINE_RAW_BYTES] = columns[SEINE_RAW_KEY] = constant(SEINE_TYPE_BINARY, &nothing, true);
    columns[SEINE_RAW_HEADERS] = constant(SEINE_TYPE_STRING, &nothing, true);
    columns[SEINE_RAW_OFFSET] = constant(SEINE_TYPE_LONG, &no_number, true);
    columns[SEINE_RAW_SENT] = constant(SEINE_TYPE_TIMESTAMPTZ, &no_number, true);
    if (!is_topic) return;
    columns[SEINE_RAW_BYTES] =
        (seine_vec){.type = SEINE_TYPE_BINARY, .values = c->bytes + at, .valid = c->has_bytes + at};
    columns[SEINE_RAW_KEY] = (seine_vec){.type = SEINE_TYPE_BINARY, .values = c->key + at, .valid = c->has_key + at};
    columns[SEINE_RAW_OFFSET] = (seine_vec){.type = SEINE_TYPE_LONG, .values = c->offset + at};
    columns[SEINE_RAW_SENT] =
        (seine_vec){.type = SEINE_TYPE_TIMESTAMPTZ, .values = c->sent + at, .valid = c->has_sent + at};
    if (c->headers == NULL) return;
    columns[SEINE_RAW_HEADERS] =
        (seine_vec){.type = SEINE_TYPE_STRING, .values = c->headers + at, .valid = c->has_headers + at};
}

seine_status seine_raw_columns_write(seine_parquet_writer *writer, const seine_raw_columns *c, seine_error *error) {
    const size_t most = c->count < SEINE_ROW_GROUP_ROWS ? c->count : SEINE_ROW_GROUP_ROWS;
    int64_t *numbers SEINE_OWNED(seine_free_owned) = malloc((most + 1) * sizeof *numbers);
    if (numbers == NULL) return seine_no_memory(error, "raw records");
    seine_parquet_pack(writer, SEINE_ZSTD_LEVEL_JSON);
    for (size_t at = 0, rows; at < c->count; at += rows) {
        seine_vec columns[SEINE_RAW_COLUMNS];
        rows = group_rows(c, at);
        for (size_t i = 0; i < rows; i++) numbers[i] = c->before + (int64_t)(at + i) + 1;
        fill_columns(c, at, numbers, columns);
        SEINE_TRY(seine_parquet_write(writer, &(seine_rows){rows, SEINE_RAW_COLUMNS, columns}, error));
    }
    return SEINE_OK;
}
