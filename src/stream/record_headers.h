/**
 * @file stream/record_headers.h
 * Headers of a record as text, as bronze keeps them (columns/raw_table.h): an array of JSON in their order, with those
 * that come twice, `[{"key":"trace","value":"7f"},{"key":"none","value":null},{"key":"raw","value_hex":"fffe"}]`. What
 * is no UTF-8 is in hexadecimal digits. Internal to src/stream.
 */
#ifndef SEINE_STREAM_RECORD_HEADERS_H
#define SEINE_STREAM_RECORD_HEADERS_H

#include "base/buf.h"
#include "seine/status.h"

#include <librdkafka/rdkafka.h>

/** @p text is made anew: empty where the record has none. @return OK; E_NOMEM, E_LIMIT: more than the buffer may hold.
 */
SEINE_MUST_USE seine_status seine_record_headers(const rd_kafka_message_t *message, seine_buf *text);

#endif
