/** @file stream/kafka.h  How the user says where Kafka is and how it is spoken to. */
#ifndef SEINE_STREAM_KAFKA_H
#define SEINE_STREAM_KAFKA_H

#include "base/progress.h"
#include "seine/status.h"

/** All borrowed. What is said twice: brokers win over properties, those over the file. */
typedef struct seine_kafka {
    const char *brokers;           /**< HOST:PORT, with commas between several; NULL: the file says it */
    const char *const *properties; /**< KEY=VALUE of librdkafka; ${NAME} in a value is that variable */
    size_t property_count;
    const char *file; /**< of lines KEY=VALUE, for what nobody else should see; NULL = none */
    const seine_progress *progress;
} seine_kafka;

#endif
