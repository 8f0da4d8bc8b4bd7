/* A message of the table read again, whole, because a row shows it. */
#include "cli/detect/fixes.h"

#include "base/try.h"

#define FIX_MAX_BYTES ((size_t)64 << 20)

static const seine_message *message_at(const seine_detect *detect, uint32_t row) {
    size_t count = 0;
    return seine_messages_rows(&detect->messages, &count) + row;
}

const char *seine_detect_id_name(const seine_detect *detect) {
    return detect->fixes != NULL ? detect->fixes->dataset->columns[SEINE_DATASET_ID].name : "ssvid";
}

static seine_status parse_fix(const seine_detect *detect, uint32_t row, seine_json **json, seine_error *error) {
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, FIX_MAX_BYTES);
    const seine_status status = seine_detect_fixes_put(detect->fixes, row, &text);
    if (status != SEINE_OK) return seine_fail(error, status, "row too large, or out of memory");
    return seine_json_parse(seine_buf_str(&text), "fix", json, error);
}

seine_status seine_detect_parse_message(const seine_detect *detect, uint32_t row, seine_json **json,
                                        seine_error *error) {
    if (detect->fixes != NULL) return parse_fix(detect, row, json, error);
    const seine_messages *messages = &detect->messages;
    const seine_message *message = message_at(detect, row);
    seine_error inner = {.status = SEINE_OK};
    const seine_status status = seine_json_parse(seine_messages_text(messages, message), "message", json, &inner);
    if (status == SEINE_OK) return SEINE_OK;
    char place[512];
    seine_messages_place(messages, message, place);
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
