#include "stream/dead_letters.h"

#include <inttypes.h>
#include <stdio.h>

#define WAIT_MS 100
#define NUMBER_TEXT 24

static const seine_kafka_fixed fixed[] = {
    {"enable.idempotence", "true"}, {"acks", "all"}, {"allow.auto.create.topics", "false"}, {NULL, NULL}};

static void take_answer(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque) {
    seine_dead_letters *letters = (seine_dead_letters *)((char *)opaque - offsetof(seine_dead_letters, connection));
    (void)client;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    if (letters->failed++ == 0) (void)snprintf(letters->why, sizeof letters->why, "%s", rd_kafka_err2str(message->err));
}

seine_status seine_dead_letters_open(seine_dead_letters *letters, const seine_kafka *kafka, const char *topic,
                                     seine_error *error) {
    rd_kafka_conf_t *conf SEINE_OWNED(seine_connection_settings_free) = NULL;
    int partitions = 0;
    *letters = (seine_dead_letters){.progress = kafka->progress, .topic = topic};
    if (!seine_topic_name_is_good(topic))
        return seine_fail(error, SEINE_E_USAGE, "topic %s: a name is 1 to 160 letters, digits, points, - and _", topic);
    SEINE_TRY(seine_connection_settings(kafka, fixed, &letters->connection, &conf, error));
    rd_kafka_conf_set_dr_msg_cb(conf, take_answer);
    SEINE_TRY(seine_connection_open(&letters->connection, RD_KAFKA_PRODUCER, SEINE_TAKE(conf), error));
    SEINE_TRY(seine_connection_topic(&letters->connection, kafka->progress, topic, &partitions, error));
    if (partitions == 0)
        return seine_fail(error, SEINE_E_NOT_FOUND, "%s has no topic %s, which --dead-letter names",
                          letters->connection.brokers, topic);
    return seine_connection_leaders(&letters->connection, kafka->progress, topic, partitions, error);
}

static rd_kafka_resp_err_t enqueue(seine_dead_letters *letters, const seine_record_run *run, const seine_record *record,
                                   seine_str reason) {
    char partition[NUMBER_TEXT], offset[NUMBER_TEXT];
    const int partition_size = snprintf(partition, sizeof partition, "%d", (int)run->partition);
    const int offset_size = snprintf(offset, sizeof offset, "%" PRId64, record->offset);
    return rd_kafka_producev(
        letters->connection.client, RD_KAFKA_V_TOPIC(letters->topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(record->key.data, record->key.size),
        RD_KAFKA_V_VALUE((void *)(uintptr_t)record->payload.data, record->payload.size),
        RD_KAFKA_V_HEADER("reason", reason.data, (ssize_t)reason.size), RD_KAFKA_V_HEADER("topic", run->topic, -1),
        RD_KAFKA_V_HEADER("partition", partition, (ssize_t)partition_size),
        RD_KAFKA_V_HEADER("offset", offset, (ssize_t)offset_size), RD_KAFKA_V_END);
}

seine_status seine_dead_letters_send(seine_dead_letters *letters, const seine_record_run *run,
                                     const seine_record *record, seine_str reason, seine_error *error) {
    for (;;) {
        const rd_kafka_resp_err_t code = enqueue(letters, run, record, reason);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return SEINE_OK;
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            return seine_fail(error, SEINE_E_IO, "topic %s: partition %d, offset %" PRId64 " cannot be sent: %s",
                              letters->topic, (int)run->partition, record->offset, rd_kafka_err2str(code));
        (void)rd_kafka_poll(letters->connection.client, WAIT_MS);
        if (seine_progress_stopped(letters->progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
    }
}

seine_status seine_dead_letters_flush(seine_dead_letters *letters, seine_error *error) {
    rd_kafka_t *client = letters->connection.client;
    while (rd_kafka_outq_len(client) > 0) {
        (void)rd_kafka_flush(client, WAIT_MS);
        if (seine_progress_stopped(letters->progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
    }
    const uint64_t failed = letters->failed;
    letters->failed = 0;
    if (failed == 0) return SEINE_OK;
    return seine_fail(error, SEINE_E_IO, "topic %s: %" PRIu64 " refused records were not delivered: %s", letters->topic,
                      failed, letters->why);
}

void seine_dead_letters_close(seine_dead_letters *letters) {
    if (letters->connection.client != NULL)
        (void)rd_kafka_purge(letters->connection.client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    seine_connection_close(&letters->connection);
}
