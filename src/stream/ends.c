#include "stream/ends.h"

#include "stream/connection.h"

static const seine_kafka_fixed fixed[] = {{"allow.auto.create.topics", "false"}, {NULL, NULL}};

seine_status seine_stream_ends(const seine_kafka *kafka, const char *topic, seine_stream_partition *partitions,
                               size_t count, seine_error *error) {
    seine_connection connection SEINE_OWNED(seine_connection_close) = {.client = NULL};
    rd_kafka_conf_t *conf SEINE_OWNED(seine_connection_settings_free) = NULL;
    int known = 0;
    SEINE_TRY(seine_connection_settings(kafka, fixed, &connection, &conf, error));
    SEINE_TRY(seine_connection_open(&connection, RD_KAFKA_PRODUCER, SEINE_TAKE(conf), error));
    SEINE_TRY(seine_connection_topic(&connection, kafka->progress, topic, &known, error));
    if (known == 0) return seine_fail(error, SEINE_E_NOT_FOUND, "%s has no topic %s", connection.brokers, topic);
    for (size_t i = 0; i < count; i++) {
        int64_t low = 0, high = 0;
        const seine_status status =
            seine_connection_ends(&connection, kafka->progress, topic, partitions[i].partition, &low, &high, NULL);
        if (status == SEINE_E_INTERRUPTED) return seine_fail(error, status, "interrupted");
        partitions[i].waiting = status != SEINE_OK              ? -1
                                : high > partitions[i].position ? high - partitions[i].position
                                                                : 0;
    }
    return SEINE_OK;
}
