/*
 *     rows of a file ─▶ queue of the client, bounded ─▶ brokers
 *          ▲                    │ full: wait              │
 *          └── rate ◄───────────┴── answers: counted ◄────┘
 */
#include "stream/produce.h"

#include "io/clock.h"
#include "stream/connection.h"

#include <stdio.h>

#define WAIT_MS 100
#define FLUSH_WAIT_US (INT64_C(8) * 1000000) /* after Ctrl-C */
#define CREATE_MS 10000
#define SERVED_EVERY 1000 /* rows between two looks at what was answered */

static const seine_kafka_fixed fixed[] = {
    {"enable.idempotence", "true"}, {"acks", "all"}, {"queue.buffering.max.kbytes", "65536"}, {NULL, NULL}};

typedef struct producing {
    const seine_produce_options *options;
    seine_produce_report *report;
    seine_connection connection;
    int64_t begun_us;
    int64_t first_us, paced_us; /* time of the first row of a table, and when it was sent */
    bool is_fatal;              /* the client can do nothing more */
} producing;

/* ---- deliveries ---- */

static void count_failure(seine_produce_report *report, const char *why, uint64_t row) {
    size_t i = 0;
    report->failed++;
    while (i < report->error_count && strncmp(report->errors[i].why, why, sizeof report->errors[i].why - 1) != 0) i++;
    if (i == SEINE_PRODUCE_ERRORS) i--;
    if (i == report->error_count) {
        (void)snprintf(report->errors[i].why, sizeof report->errors[i].why, "%s", why);
        report->errors[i].first = row;
        report->error_count++;
    }
    report->errors[i].rows++;
}

/* The row's number is what the message carries. */
static void take_answer(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque) {
    seine_connection *connection = opaque;
    producing *p = (producing *)((char *)connection - offsetof(producing, connection));
    (void)client;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        p->report->acknowledged++;
        p->report->bytes += message->len;
        return;
    }
    count_failure(p->report, rd_kafka_err2str(message->err), (uint64_t)(uintptr_t)message->_private);
}

/* ---- the topic ---- */

static void end_topics(rd_kafka_NewTopic_t **topic) {
    if (*topic != NULL) rd_kafka_NewTopic_destroy(*topic);
}
static void end_queue(rd_kafka_queue_t **queue) {
    if (*queue != NULL) rd_kafka_queue_destroy(*queue);
}
static void end_event(rd_kafka_event_t **event) {
    if (*event != NULL) rd_kafka_event_destroy(*event);
}
static void end_admin_options(rd_kafka_AdminOptions_t **options) {
    if (*options != NULL) rd_kafka_AdminOptions_destroy(*options);
}

/* What became of it, in one line; NULL: it is there. */
static const char *fault_of(rd_kafka_event_t *event) {
    size_t count = 0;
    if (event == NULL) return "no answer";
    if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) return rd_kafka_event_error_string(event);
    const rd_kafka_CreateTopics_result_t *result = rd_kafka_event_CreateTopics_result(event);
    const rd_kafka_topic_result_t **topics = rd_kafka_CreateTopics_result_topics(result, &count);
    if (count != 1) return "no answer";
    const rd_kafka_resp_err_t code = rd_kafka_topic_result_error(topics[0]);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return NULL;
    const char *why = rd_kafka_topic_result_error_string(topics[0]);
    return why != NULL ? why : rd_kafka_err2str(code);
}

static seine_status create_topic(producing *p, seine_error *error) {
    const seine_produce_options *options = p->options;
    rd_kafka_t *client = p->connection.client;
    char why[256] = "";
    rd_kafka_NewTopic_t *topic SEINE_OWNED(end_topics) =
        rd_kafka_NewTopic_new(options->topic, options->partitions, options->replicas, why, sizeof why);
    rd_kafka_queue_t *queue SEINE_OWNED(end_queue) = rd_kafka_queue_new(client);
    rd_kafka_AdminOptions_t *ask SEINE_OWNED(end_admin_options) =
        rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    if (topic == NULL) return seine_fail(error, SEINE_E_USAGE, "topic %s: %s", options->topic, why);
    if (rd_kafka_AdminOptions_set_operation_timeout(ask, CREATE_MS, why, sizeof why) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return seine_fail(error, SEINE_E_INTERNAL, "topic %s: %s", options->topic, why);
    rd_kafka_CreateTopics(client, &topic, 1, ask, queue);
    rd_kafka_event_t *event SEINE_OWNED(end_event) = rd_kafka_queue_poll(queue, 2 * CREATE_MS);
    const char *fault = fault_of(event);
    if (fault != NULL) return seine_fail(error, SEINE_E_IO, "topic %s cannot be made: %s", options->topic, fault);
    p->report->is_created = true;
    return SEINE_OK;
}

/* One that was made just now is known to all brokers a moment later. */
static seine_status find_topic(producing *p, seine_error *error) {
    const seine_produce_options *options = p->options;
    const seine_progress *progress = options->kafka.progress;
    const int64_t end_us = seine_clock_monotonic_us() + SEINE_BROKER_WAIT_US;
    int *partitions = &p->report->partitions;
    SEINE_TRY(seine_connection_topic(&p->connection, progress, options->topic, partitions, error));
    if (*partitions > 0) return SEINE_OK;
    if (!options->creates)
        return seine_fail(error, SEINE_E_NOT_FOUND, "%s has no topic %s: --create makes it", p->connection.brokers,
                          options->topic);
    SEINE_TRY(create_topic(p, error));
    while (*partitions == 0 && seine_clock_monotonic_us() < end_us) {
        SEINE_TRY(seine_connection_topic(&p->connection, progress, options->topic, partitions, error));
        if (*partitions == 0 && !seine_clock_pause(progress, WAIT_MS * 1000))
            return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
    }
    return *partitions > 0 ? SEINE_OK
                           : seine_fail(error, SEINE_E_IO, "topic %s was made, but no broker has it", options->topic);
}

/* ---- rows ---- */

/* When the next row is due: by its number, and by its time. INT64_MIN: at once. */
static int64_t due_us(producing *p, const seine_source_row *row) {
    const seine_produce_options *options = p->options;
    int64_t due_us = INT64_MIN;
    if (options->rate > 0) due_us = p->begun_us + (int64_t)((double)p->report->sent / options->rate * 1e6);
    if (options->table == NULL || options->speed <= 0) return due_us;
    if (p->report->sent == 0) {
        p->first_us = row->time_us;
        p->paced_us = seine_clock_monotonic_us();
    }
    const int64_t by_time_us = p->paced_us + (int64_t)((double)(row->time_us - p->first_us) / options->speed);
    return by_time_us > due_us ? by_time_us : due_us;
}

/* Answers are taken while it waits for the moment at which the row is due. */
static bool wait_for_turn(producing *p, const seine_source_row *row) {
    const int64_t end_us = due_us(p, row);
    if (end_us == INT64_MIN) {
        if (p->report->sent % SERVED_EVERY == 0) (void)rd_kafka_poll(p->connection.client, 0);
        return !seine_progress_stopped(p->options->kafka.progress);
    }
    for (;;) {
        if (seine_progress_stopped(p->options->kafka.progress)) return false;
        const int64_t left_us = end_us - seine_clock_monotonic_us();
        if (left_us <= 0) return true;
        (void)rd_kafka_poll(p->connection.client, left_us > WAIT_MS * 1000 ? WAIT_MS : (int)(left_us / 1000) + 1);
    }
}

/* @return whether it was handed over; a full queue is waited for. */
static bool hand_over(producing *p, const seine_source_row *row, rd_kafka_resp_err_t *code) {
    for (;;) {
        *code =
            rd_kafka_producev(p->connection.client, RD_KAFKA_V_TOPIC(p->options->topic),
                              RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(row->key.data, row->key.size),
                              RD_KAFKA_V_VALUE((void *)(uintptr_t)row->value.data, row->value.size),
                              RD_KAFKA_V_OPAQUE((void *)(uintptr_t)row->number), RD_KAFKA_V_END);
        if (*code != RD_KAFKA_RESP_ERR__QUEUE_FULL) return *code == RD_KAFKA_RESP_ERR_NO_ERROR;
        (void)rd_kafka_poll(p->connection.client, WAIT_MS);
        if (seine_progress_stopped(p->options->kafka.progress)) return false;
    }
}

static seine_status send_row(producing *p, const seine_source_row *row, seine_error *error) {
    seine_produce_report *report = p->report;
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    char why[256] = "";
    if (!wait_for_turn(p, row)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
    if (!hand_over(p, row, &code) && code == RD_KAFKA_RESP_ERR__QUEUE_FULL)
        return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
        (void)rd_kafka_fatal_error(p->connection.client, why, sizeof why);
        p->is_fatal = true;
        return seine_fail(error, SEINE_E_IO, "%s: %s", p->connection.brokers, why);
    }
    report->sent++;
    report->keyless += row->key.data == NULL;
    report->ragged += row->is_ragged;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) count_failure(report, rd_kafka_err2str(code), row->number);
    return SEINE_OK;
}

static void tell_progress(producing *p, uint64_t row, uint64_t done, uint64_t total) {
    if (row % SERVED_EVERY == 0 || p->options->rate > 0 || p->options->speed > 0)
        seine_progress_report(p->options->kafka.progress, p->options->topic, done, total);
}

static seine_status send_file(producing *p, const char *path, seine_error *error) {
    const seine_produce_options *options = p->options;
    seine_source_rows *rows SEINE_OWNED(seine_source_rows_close_owned) = NULL;
    seine_source_row row;
    SEINE_TRY(seine_source_rows_open(path, options->key, options->dataset, options->kafka.progress, &rows, error));
    for (;;) {
        uint64_t done, total;
        SEINE_TRY(seine_source_rows_next(rows, &row, error));
        if (row.value.data == NULL) return SEINE_OK;
        SEINE_TRY(send_row(p, &row, error));
        seine_source_rows_position(rows, &done, &total);
        tell_progress(p, row.number, done, total);
    }
}

static seine_status send_table(producing *p, seine_error *error) {
    seine_ordered_rows *rows SEINE_OWNED(seine_ordered_rows_close_owned) = NULL;
    seine_source_row row;
    SEINE_TRY(seine_ordered_rows_open(p->options->table, &rows, error));
    for (;;) {
        uint64_t done, total;
        SEINE_TRY(seine_ordered_rows_next(rows, &row, error));
        if (row.value.data == NULL) return SEINE_OK;
        SEINE_TRY(send_row(p, &row, error));
        seine_ordered_rows_position(rows, &done, &total);
        tell_progress(p, row.number, done, total);
    }
}

static seine_status send_all(producing *p, const char *const *paths, size_t count, seine_error *error) {
    if (p->options->table != NULL) return send_table(p, error);
    for (size_t i = 0; i < count; i++) SEINE_TRY(send_file(p, paths[i], error));
    return SEINE_OK;
}

/* ---- the end ---- */

/* What was handed over is delivered or has failed: nothing is left open. Ctrl-C shortens the waiting. */
static void flush(producing *p) {
    rd_kafka_t *client = p->connection.client;
    int64_t end_us = INT64_MAX;
    while (!p->is_fatal && rd_kafka_outq_len(client) > 0 && seine_clock_monotonic_us() < end_us) {
        (void)rd_kafka_flush(client, WAIT_MS);
        if (end_us == INT64_MAX && seine_progress_stopped(p->options->kafka.progress))
            end_us = seine_clock_monotonic_us() + FLUSH_WAIT_US;
    }
    if (rd_kafka_outq_len(client) == 0) return;
    (void)rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    (void)rd_kafka_flush(client, WAIT_MS);
}

static seine_status run(producing *p, const char *const *paths, size_t count, seine_error *error) {
    seine_status status = find_topic(p, error);
    p->begun_us = seine_clock_monotonic_us();
    if (status == SEINE_OK) status = send_all(p, paths, count, error);
    flush(p);
    p->report->seconds = (double)(seine_clock_monotonic_us() - p->begun_us) / 1e6;
    return status;
}

seine_status seine_produce(const char *const *paths, size_t count, const seine_produce_options *options,
                           seine_produce_report *report, seine_error *error) {
    producing p = {.options = options, .report = report};
    rd_kafka_conf_t *conf = NULL;
    *report = (seine_produce_report){0};
    if (!seine_topic_name_is_good(options->topic))
        return seine_fail(error, SEINE_E_USAGE, "topic %s: a name is 1 to 160 letters, digits, points, - and _",
                          options->topic);
    SEINE_TRY(seine_connection_settings(&options->kafka, fixed, &p.connection, &conf, error));
    rd_kafka_conf_set_dr_msg_cb(conf, take_answer);
    SEINE_TRY(seine_connection_open(&p.connection, RD_KAFKA_PRODUCER, conf, error));
    const seine_status status = run(&p, paths, count, error);
    seine_connection_close(&p.connection);
    return status;
}
