/* Hostile JSON: documents and position messages, these of CSV too, whatever the bytes. */
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

/* Every message is JSON, which is the text's own or made of its row. */
static void check_messages(const seine_messages *messages, size_t size) {
    size_t count;
    const seine_message *rows = seine_messages_rows(messages, &count);
    seine_buf out;
    seine_buf_init(&out, 1 << 24);
    for (size_t i = 0; i < count; i++) {
        seine_json *json = NULL;
        seine_str object;
        seine_buf_clear(&out);
        if (rows[i].offset + rows[i].size > size || rows[i].mover >= messages->movers.count) abort();
        if (seine_messages_object(messages, &rows[i], &out, &object) != SEINE_OK) abort();
        const seine_status status = seine_json_parse(object, "message", &json, NULL);
        if (status != SEINE_OK && out.size > 0) abort();
        seine_json_free(json);
    }
    seine_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const seine_str text = {(const char *)data, size};
    if (size > 1 << 20) return 0;
    check_document(text);
    for (int is_csv = 0; is_csv < 2; is_csv++) {
        seine_messages messages;
        seine_messages_init(&messages, 0, NULL);
        if ((is_csv ? seine_messages_read_csv(&messages, text, "fuzz", NULL)
                    : seine_messages_read(&messages, text, "fuzz", "line", NULL)) == SEINE_OK)
            check_messages(&messages, size);
        seine_messages_free(&messages);
    }
    return 0;
}
