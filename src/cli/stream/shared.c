#include "cli/stream/shared.h"

seine_kafka seine_cli_kafka(seine_args *args) {
    seine_kafka kafka = {.brokers = seine_args_text(args, "brokers"),
                         .file = seine_args_text(args, "kafka-file"),
                         .progress = seine_cli_progress(args)};
    kafka.properties = seine_args_list(args, "kafka", &kafka.property_count);
    return kafka;
}

void seine_cli_put_reject_words(seine_json_writer *writer, const seine_reject_word words[SEINE_REJECT_WORDS_MAX]) {
    seine_json_key(writer, SEINE_STR("rejects_by_reason"));
    seine_json_begin_object(writer);
    for (size_t i = 0; i < SEINE_REJECT_WORDS_MAX && words[i].rows > 0; i++)
        seine_json_field_int(writer, words[i].word, words[i].rows);
    seine_json_end_object(writer);
}
