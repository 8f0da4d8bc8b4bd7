/* A message of the table read again, whole, because a row shows it. */
#include "cli/detect/fixes.h"

#include "base/try.h"

#define OBJECT_MAX_BYTES ((size_t)128 << 20) /* of a message in CSV with an escape for each byte, or of a fix */

static const seine_message *message_at(const seine_detect *detect, uint32_t row) {
    size_t count = 0;
    return seine_messages_rows(&detect->messages, &count) + row;
}

const char *seine_detect_id_name(const seine_detect *detect) {
    return detect->fixes != NULL ? detect->fixes->dataset->columns[SEINE_DATASET_ID].name : "ssvid";
}

/* The object, which may stand in @p text. */
static seine_status object_of(const seine_detect *detect, uint32_t row, seine_buf *text, seine_str *object) {
    if (detect->fixes == NULL) return seine_messages_object(&detect->messages, message_at(detect, row), text, object);
    SEINE_TRY(seine_detect_fixes_put(detect->fixes, row, text));
    *object = seine_buf_str(text);
    return SEINE_OK;
}

seine_status seine_detect_parse_message(const seine_detect *detect, uint32_t row, seine_json **json,
                                        seine_error *error) {
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_error inner = {.status = SEINE_OK};
    seine_str object = {NULL, 0};
    seine_buf_init(&text, OBJECT_MAX_BYTES);
    seine_status status = object_of(detect, row, &text, &object);
    if (status != SEINE_OK) return seine_fail(error, status, "row too large, or out of memory");
    status = seine_json_parse(object, "message", json, &inner);
    if (status == SEINE_OK) return SEINE_OK;
    if (detect->fixes != NULL) return seine_fail(error, status, "%s", inner.text);
    char place[512];
    seine_messages_place(&detect->messages, message_at(detect, row), place);
    return seine_fail(error, status, "%s: %s", place, inner.text);
}

void seine_detect_put_value(const seine_detect *detect, seine_json_writer *w, seine_str key, seine_json_value value,
                            double time_s) {
    const bool is_time_text = detect->fixes == NULL && seine_json_kind_of(value) == SEINE_JSON_TEXT &&
                              seine_str_equal(key, SEINE_STR("timestamp"));
    if (is_time_text)
        seine_json_put_number(w, time_s);
    else
        seine_json_put_value(w, value);
}
