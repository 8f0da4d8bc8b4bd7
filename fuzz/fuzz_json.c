/* Hostile JSON: documents and position messages, whatever the bytes. */
#include "base/json.h"
#include "decode/messages.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read can be written and read again. */
static void check_document(seine_str text) {
    seine_json *json = NULL, *again = NULL;
    seine_buf out;
    seine_buf_init(&out, 1 << 24);
    if (seine_json_parse(text, "fuzz", &json, NULL) == SEINE_OK) {
        seine_json_writer w = seine_json_writer_to(&out);
        seine_json_put_value(&w, seine_json_root(json));
        if (w.status != SEINE_OK || seine_json_parse(seine_buf_str(&out), "again", &again, NULL) != SEINE_OK) abort();
        if (seine_json_kind_of(seine_json_root(json)) != seine_json_kind_of(seine_json_root(again))) abort();
    }
    seine_json_free(again);
    seine_json_free(json);
    seine_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const seine_str text = {(const char *)data, size};
    if (size > 1 << 20) return 0;
    check_document(text);
    seine_messages messages;
    seine_messages_init(&messages, 0, NULL);
    if (seine_messages_read(&messages, text, "fuzz", "line", NULL) == SEINE_OK) {
        size_t count;
        const seine_message *rows = seine_messages_rows(&messages, &count);
        for (size_t i = 0; i < count; i++)
            if (rows[i].offset + rows[i].size > size || rows[i].mover >= messages.movers.count) abort();
    }
    seine_messages_free(&messages);
    return 0;
}
