/* A message of the table read again, whole, because a row shows it. */
#include "cli/detect/detect.h"

#include "base/try.h"

static const seine_message *message_at(const seine_detect *detect, uint32_t row) {
    size_t count = 0;
    return seine_messages_rows(&detect->messages, &count) + row;
}

seine_status seine_detect_parse_message(const seine_detect *detect, uint32_t row, seine_json **json,
                                        seine_error *error) {
    const seine_messages *messages = &detect->messages;
    const seine_message *message = message_at(detect, row);
    seine_error inner = {.status = SEINE_OK};
    const seine_status status = seine_json_parse(seine_messages_text(messages, message), "message", json, &inner);
    if (status == SEINE_OK) return SEINE_OK;
    char place[512];
    seine_messages_place(messages, message, place);
    return seine_fail(error, status, "%s: %s", place, inner.text);
}

void seine_detect_put_value(seine_json_writer *w, seine_str key, seine_json_value value, double time_s) {
    const bool is_time_text =
        seine_json_kind_of(value) == SEINE_JSON_TEXT && seine_str_equal(key, SEINE_STR("timestamp"));
    if (is_time_text)
        seine_json_put_number(w, time_s);
    else
        seine_json_put_value(w, value);
}
