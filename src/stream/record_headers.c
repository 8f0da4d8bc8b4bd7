#include "stream/record_headers.h"

#include "base/str.h"

static void put(seine_json_writer *w, const char *key, const char *key_hex, seine_str text) {
    const bool is_text = text.data == NULL || seine_str_is_utf8(text);
    seine_json_key(w, seine_str_of(is_text ? key : key_hex));
    if (text.data == NULL)
        seine_json_put_null(w);
    else if (is_text)
        seine_json_put_text(w, text);
    else
        seine_json_put_hex(w, text);
}

seine_status seine_record_headers(const rd_kafka_message_t *message, seine_buf *text) {
    rd_kafka_headers_t *headers = NULL;
    const char *name = NULL;
    const void *value = NULL;
    size_t size = 0;
    seine_buf_clear(text);
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return SEINE_OK;
    seine_json_writer w = seine_json_writer_to(text);
    seine_json_begin_array(&w);
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
        seine_json_begin_object(&w);
        put(&w, "key", "key_hex", seine_str_of(name));
        put(&w, "value", "value_hex", (seine_str){value, value != NULL ? size : 0});
        seine_json_end_object(&w);
    }
    seine_json_end_array(&w);
    return w.status;
}
