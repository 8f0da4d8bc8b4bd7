#include "stream/record_headers.h"

#include "base/str.h"

static void put_hex(seine_json_writer *w, const char *key, seine_str bytes) {
    static const char digits[] = "0123456789abcdef";
    seine_json_key(w, seine_str_of(key));
    seine_status status = seine_buf_append_str(w->out, "\"");
    for (size_t i = 0; i < bytes.size && status == SEINE_OK; i++) {
        const uint8_t byte = (uint8_t)bytes.data[i];
        const char two[2] = {digits[byte >> 4], digits[byte & 15]};
        status = seine_buf_append(w->out, two, sizeof two);
    }
    if (status == SEINE_OK) status = seine_buf_append_str(w->out, "\"");
    if (w->status == SEINE_OK) w->status = status;
    w->needs_comma = true;
}

static void put(seine_json_writer *w, const char *key, const char *key_hex, seine_str text) {
    if (text.data == NULL)
        seine_json_field_null(w, key);
    else if (seine_str_is_utf8(text))
        seine_json_field_str(w, key, text);
    else
        put_hex(w, key_hex, text);
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
