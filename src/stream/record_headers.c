#include "stream/record_headers.h"

#include "base/json.h"
#include "base/try.h"

static seine_status put(seine_buf *text, const char *name, seine_str value) {
    const bool is_null = value.data == NULL, is_text = !is_null && seine_str_is_utf8(value);
    SEINE_TRY(seine_buf_append_str(text, name));
    SEINE_TRY(seine_buf_append_str(text, is_null ? "\":null" : is_text ? "\":" : "_hex\":"));
    if (is_null) return SEINE_OK;
    seine_json_writer w = seine_json_writer_to(text);
    (is_text ? seine_json_put_text : seine_json_put_hex)(&w, value);
    return w.status;
}

seine_status seine_record_headers(const rd_kafka_message_t *message, seine_buf *text) {
    rd_kafka_headers_t *headers = NULL;
    const char *name = NULL;
    const void *value = NULL;
    size_t size = 0;
    seine_buf_clear(text);
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return SEINE_OK;
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
        SEINE_TRY(put(text, i == 0 ? "[{\"key" : "},{\"key", seine_str_of(name)));
        SEINE_TRY(put(text, ",\"value", (seine_str){value, value != NULL ? size : 0}));
    }
    return text->size > 0 ? seine_buf_append_str(text, "}]") : SEINE_OK;
}
