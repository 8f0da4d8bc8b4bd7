/** @file cli/stream/shared.h  What the commands of streams share. */
#ifndef SEINE_CLI_STREAM_SHARED_H
#define SEINE_CLI_STREAM_SHARED_H

#include "cli/cli.h"
#include "base/json.h"
#include "ingest/ingest.h"
#include "stream/kafka.h"

/** Of commands that speak to Kafka. */
#define SEINE_KAFKA_OPTIONS                                                                            \
    {.name = "brokers",                                                                                \
     .kind = SEINE_OPTION_TEXT,                                                                        \
     .metavar = "HOST:PORT",                                                                           \
     .setting = true,                                                                                  \
     .help = "brokers of Kafka, with commas between several"},                                         \
        {.name = "kafka",                                                                              \
         .kind = SEINE_OPTION_TEXTS,                                                                   \
         .metavar = "KEY=VALUE",                                                                       \
         .setting = true,                                                                              \
         .help = "a setting of librdkafka, such as security.protocol=sasl_ssl; ${NAME} in it is that " \
                 "variable of the environment, and passwords are given so only"},                      \
    {                                                                                                  \
        .name = "kafka-file", .kind = SEINE_OPTION_TEXT, .metavar = "FILE", .setting = true,           \
        .help = "a file of such settings, a line each; those of the command line win"                  \
    }

/** SEINE_KAFKA_OPTIONS are there. */
seine_kafka seine_cli_kafka(seine_args *args);
/** A field rejects_by_reason: how many by each word. */
void seine_cli_put_reject_words(seine_json_writer *writer, const seine_reject_word words[SEINE_REJECT_WORDS_MAX]);

#endif
