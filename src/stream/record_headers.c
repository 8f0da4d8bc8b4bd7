#include "stream/record_headers.h"

#include "base/json.h"
#include "base/try.h"

/* Most are: they stand in JSON as they are. */
static bool is_plain(seine_str text) {
    unsigned odd = 0;
    for (size_t i = 0; i < text.size; i++) {
        const uint8_t c = (uint8_t)text.data[i];
        odd |= (unsigned)(c < 0x20) | (unsigned)(c > 0x7E) | (unsigned)(c == '"') | (unsigned)(c == '\\');
    }
    return odd == 0;
}

static seine_status put_plain(seine_buf *text, seine_str name, seine_str value) {
    static const seine_str middle = {"\":\"", 3};
    SEINE_TRY(seine_buf_reserve(text, name.size + middle.size + value.size + 1));
    uint8_t *to = text->data + text->size;
    memcpy(to, name.data, name.size);
    memcpy(to + name.size, middle.data, middle.size);
    memcpy(to + name.size + middle.size, value.data, value.size);
    to[name.size + middle.size + value.size] = '"';
    text->size += name.size + middle.size + value.size + 1;
    return SEINE_OK;
}

static seine_status put(seine_buf *text, seine_str name, seine_str value) {
    const bool is_null = value.data == NULL;
    if (!is_null && is_plain(value)) return put_plain(text, name, value);
    const bool is_text = !is_null && seine_str_is_utf8(value);
    SEINE_TRY(seine_buf_append(text, name.data, name.size));
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
        SEINE_TRY(put(text, i == 0 ? SEINE_STR("[{\"key") : SEINE_STR("},{\"key"), seine_str_of(name)));
        SEINE_TRY(put(text, SEINE_STR(",\"value"), (seine_str){value, value != NULL ? size : 0}));
    }
    return text->size > 0 ? seine_buf_append_str(text, "}]") : SEINE_OK;
}
