#include "cli/stream/shared.h"

seine_kafka seine_cli_kafka(seine_args *args) {
    seine_kafka kafka = {.brokers = seine_args_text(args, "brokers"),
                         .file = seine_args_text(args, "kafka-file"),
                         .progress = seine_cli_progress(args)};
    kafka.properties = seine_args_list(args, "kafka", &kafka.property_count);
    return kafka;
}
