/*
 *     rows of a file ─▶ queue of the client, bounded ─▶ brokers
 *          ▲                    │ full: wait              │
 *          └── rate ◄───────────┴── answers: counted ◄────┘
 */
#include "stream/produce.h"

#include "io/clock.h"
#include "io/file.h"
#include "stream/connection.h"
#include "stream/sent_rows.h"

#include <stdio.h>

#define WAIT_MS 100
#define FLUSH_WAIT_US (INT64_C(8) * 1000000) /* after Ctrl-C */
#define CREATE_MS 10000
#define SERVED_EVERY 1000 /* rows between two looks at what was answered */

static const seine_kafka_fixed fixed[] = {
    {"enable.idempotence", "true"}, {"acks", "all"}, {"queue.buffering.max.kbytes", "65536"}, {NULL, NULL}};

/* Where a key goes; topic and the opaques are not looked at. */
typedef int32_t seine_partitioner(const rd_kafka_topic_t *topic, const void *key, size_t size, int32_t partitions,
                                  void *topic_opaque, void *opaque);

typedef struct producing {
    const seine_produce_options *options;
    seine_produce_report *report;
    seine_connection connection;
    int64_t begun_us;
    int64_t first_us, paced_us; /* time of the first row of a table, and when it was sent */
    bool is_fatal;              /* the client can do nothing more */
    bool is_too_late;           /* a row was not acknowledged in time: those behind it are not sent */
    int64_t run_us;
    seine_partitioner *partitioner; /* NULL: the client chooses by chance */
    seine_arena arena;
    seine_sent_file *sent; /* of each file that is gone on with */
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
        if (p->options->tell_every > 0 && p->report->acknowledged % p->options->tell_every == 0)
            p->options->tell(p->options->context, p->report->acknowledged,
                             (double)(seine_clock_monotonic_us() - p->begun_us) / 1e6);
        return;
    }
    if (message->err == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT) p->is_too_late = true;
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

/* ---- partitions ---- */

/* That of the setting: a run that goes on has to know where a row went. */
static seine_status find_partitioner(producing *p, const rd_kafka_conf_t *conf, seine_error *error) {
    static const struct {
        const char *name;
        seine_partitioner *function;
    } known[] = {
        {"consistent_random", rd_kafka_msg_partitioner_consistent}, {"consistent", rd_kafka_msg_partitioner_consistent},
        {"murmur2_random", rd_kafka_msg_partitioner_murmur2},       {"murmur2", rd_kafka_msg_partitioner_murmur2},
        {"fnv1a_random", rd_kafka_msg_partitioner_fnv1a},           {"fnv1a", rd_kafka_msg_partitioner_fnv1a}};
    char name[64] = "";
    size_t size = sizeof name;
    if (rd_kafka_conf_get(conf, "partitioner", name, &size) != RD_KAFKA_CONF_OK)
        (void)snprintf(name, sizeof name, "%s", known[0].name); /* nobody has set it */
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, name) == 0) p->partitioner = known[i].function;
    if (p->partitioner != NULL || !p->options->resumes) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "partitioner=%s: nobody can tell where a row went, so no run can go on",
                      name);
}

/* Rows without a key go to one partition after the other. */
static int32_t partition_of(const producing *p, const seine_source_row *row) {
    const int32_t count = p->report->partitions;
    if (p->partitioner == NULL) return RD_KAFKA_PARTITION_UA;
    if (row->key.data == NULL) return (int32_t)(row->number % (uint64_t)count);
    return p->partitioner(NULL, row->key.data, row->key.size, count, NULL, NULL);
}

/* ---- rows ---- */

/* What ends the run before its rows have. */
static seine_status give_up(const producing *p, seine_error *error) {
    if (!p->is_too_late) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
    return seine_fail(error, SEINE_E_IO, "%s: a row was not acknowledged in time (message.timeout.ms)",
                      p->connection.brokers);
}

static bool is_stopped(const producing *p) {
    return p->is_too_late || seine_progress_stopped(p->options->kafka.progress);
}

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
        return !is_stopped(p);
    }
    for (;;) {
        if (is_stopped(p)) return false;
        const int64_t left_us = end_us - seine_clock_monotonic_us();
        if (left_us <= 0) return true;
        (void)rd_kafka_poll(p->connection.client, left_us > WAIT_MS * 1000 ? WAIT_MS : (int)(left_us / 1000) + 1);
    }
}

/* A row, and what is made of it. */
typedef struct outgoing {
    const seine_source_row *row;
    int32_t partition;
    char source[SEINE_SENT_BYTES]; /* the header */
    size_t source_size;            /* 0 = none */
} outgoing;

static rd_kafka_resp_err_t enqueue(producing *p, const outgoing *out) {
    const seine_source_row *row = out->row;
    const rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = p->options->topic},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = out->partition},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)(uintptr_t)row->key.data, row->key.size}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)(uintptr_t)row->value.data, row->value.size}},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = (void *)(uintptr_t)row->number},
        {.vtype = RD_KAFKA_VTYPE_HEADER, .u.header = {SEINE_SENT_HEADER, out->source, (ssize_t)out->source_size}}};
    const size_t count = sizeof parts / sizeof *parts - (out->source_size == 0);
    rd_kafka_error_t *error = rd_kafka_produceva(p->connection.client, parts, count);
    const rd_kafka_resp_err_t code = error != NULL ? rd_kafka_error_code(error) : RD_KAFKA_RESP_ERR_NO_ERROR;
    if (error != NULL) rd_kafka_error_destroy(error);
    return code;
}

/* @return whether it was handed over; a full queue is waited for. */
static bool hand_over(producing *p, const outgoing *out, rd_kafka_resp_err_t *code) {
    for (;;) {
        *code = enqueue(p, out);
        if (*code != RD_KAFKA_RESP_ERR__QUEUE_FULL) return *code == RD_KAFKA_RESP_ERR_NO_ERROR;
        (void)rd_kafka_poll(p->connection.client, WAIT_MS);
        if (is_stopped(p)) return false;
    }
}

static seine_status send_row(producing *p, const outgoing *out, seine_error *error) {
    const seine_source_row *row = out->row;
    seine_produce_report *report = p->report;
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    char why[256] = "";
    if (!wait_for_turn(p, row)) return give_up(p, error);
    if (!hand_over(p, out, &code) && code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return give_up(p, error);
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

/* ---- files that are gone on with ---- */

/* The last rows of each partition have to be those of the file, and where they would go. */
static seine_status check_row(const producing *p, const char *path, const seine_sent_file *sent, const outgoing *out,
                              seine_error *error) {
    const unsigned long long number = out->row->number;
    for (int32_t i = 0; i < p->report->partitions; i++) {
        if (sent->lasts[i].row != number) continue;
        const seine_hash128 value = seine_hash128_of(out->row->value.data, out->row->value.size);
        if (!seine_hash128_equal(value, sent->lasts[i].value))
            return seine_fail(error, SEINE_E_CONFLICT,
                              "%s row %llu: the topic has another one: this is not the file that was sent", path,
                              number);
        if (i != out->partition)
            return seine_fail(error, SEINE_E_CONFLICT,
                              "%s row %llu is in partition %d, and would go to %d now: the topic got partitions, or "
                              "the key or the partitioner is another one",
                              path, number, (int)i, (int)out->partition);
    }
    return SEINE_OK;
}

/* All that the topic has of the file was seen in it. */
static seine_status check_end(const producing *p, const char *path, const seine_sent_file *sent, uint64_t rows,
                              seine_error *error) {
    for (int32_t i = 0; sent != NULL && i < p->report->partitions; i++)
        if (sent->lasts[i].row > rows)
            return seine_fail(error, SEINE_E_CONFLICT, "%s has %llu rows, and the topic has its row %llu", path,
                              (unsigned long long)rows, (unsigned long long)sent->lasts[i].row);
    return SEINE_OK;
}

/* What the topic has of the files. */
static seine_status find_sent(producing *p, const char *const *paths, size_t count, seine_error *error) {
    p->sent = SEINE_ARENA_ARRAY(&p->arena, seine_sent_file, count);
    if (p->sent == NULL) return seine_no_memory(error, p->options->topic);
    for (size_t i = 0; i < count; i++) {
        p->sent[i].name = seine_file_name(paths[i]);
        if (strcmp(paths[i], "-") == 0)
            return seine_fail(error, SEINE_E_USAGE, "standard input has no rows that could be gone on with");
        for (size_t k = 0; k < i; k++)
            if (strcmp(p->sent[k].name, p->sent[i].name) == 0)
                return seine_fail(error, SEINE_E_USAGE, "two files are called %s: go on with one after the other",
                                  p->sent[i].name);
    }
    return seine_sent_files_find(&p->options->kafka, p->options->topic, p->report->partitions, p->sent, count,
                                 &p->arena, error);
}

/* ---- files and tables ---- */

/* @p sent what the topic has of it; NULL: nobody has looked. */
static seine_status send_row_of_file(producing *p, const char *path, const seine_sent_file *sent,
                                     const seine_source_row *row, seine_error *error) {
    outgoing out = {.row = row, .partition = partition_of(p, row)};
    if (sent != NULL) SEINE_TRY(check_row(p, path, sent, &out, error));
    if (sent != NULL && row->number <= sent->lasts[out.partition].row) {
        p->report->there++;
        return seine_progress_stopped(p->options->kafka.progress) ? give_up(p, error) : SEINE_OK;
    }
    const seine_sent_row source = {.row = row->number,
                                   .run_us = sent != NULL && sent->run_us > 0 ? sent->run_us : p->run_us,
                                   .file = seine_str_of(seine_file_name(path))};
    if (strcmp(path, "-") != 0) out.source_size = seine_sent_row_text(&source, out.source);
    return send_row(p, &out, error);
}

static seine_status send_file(producing *p, const char *path, const seine_sent_file *sent, seine_error *error) {
    const seine_produce_options *options = p->options;
    seine_source_rows *rows SEINE_OWNED(seine_source_rows_close_owned) = NULL;
    seine_source_row row;
    SEINE_TRY(seine_source_rows_open(path, options->key, options->dataset, options->kafka.progress, &rows, error));
    for (uint64_t number = 0;; number = row.number) {
        uint64_t done, total;
        SEINE_TRY(seine_source_rows_next(rows, &row, error));
        if (row.value.data == NULL) return check_end(p, path, sent, number, error);
        SEINE_TRY(send_row_of_file(p, path, sent, &row, error));
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
        SEINE_TRY(send_row(p, &(outgoing){.row = &row, .partition = partition_of(p, &row)}, error));
        seine_ordered_rows_position(rows, &done, &total);
        tell_progress(p, row.number, done, total);
    }
}

static seine_status send_all(producing *p, const char *const *paths, size_t count, seine_error *error) {
    if (p->options->table != NULL) return send_table(p, error);
    if (p->options->resumes) SEINE_TRY(find_sent(p, paths, count, error));
    p->begun_us = seine_clock_monotonic_us();
    for (size_t i = 0; i < count; i++) SEINE_TRY(send_file(p, paths[i], p->sent != NULL ? &p->sent[i] : NULL, error));
    return SEINE_OK;
}

/* ---- the end ---- */

/* What was handed over is delivered or has failed: nothing is left open. Ctrl-C shortens the waiting. */
static void flush(producing *p) {
    rd_kafka_t *client = p->connection.client;
    int64_t end_us = INT64_MAX;
    while (!p->is_fatal && !p->is_too_late && rd_kafka_outq_len(client) > 0 && seine_clock_monotonic_us() < end_us) {
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
    if (status == SEINE_OK)
        status = seine_connection_leaders(&p->connection, p->options->kafka.progress, p->options->topic,
                                          p->report->partitions, error);
    p->begun_us = seine_clock_monotonic_us();
    if (status == SEINE_OK) status = send_all(p, paths, count, error);
    flush(p);
    if (status == SEINE_OK && p->is_too_late) status = give_up(p, error);
    p->report->seconds = (double)(seine_clock_monotonic_us() - p->begun_us) / 1e6;
    return status;
}

static void end_producing(producing *p) {
    seine_connection_close(&p->connection);
    seine_arena_free(&p->arena);
}

seine_status seine_produce(const char *const *paths, size_t count, const seine_produce_options *options,
                           seine_produce_report *report, seine_error *error) {
    producing p SEINE_OWNED(end_producing) = {.options = options, .report = report, .run_us = seine_clock_wall_us()};
    rd_kafka_conf_t *conf SEINE_OWNED(seine_connection_settings_free) = NULL;
    *report = (seine_produce_report){0};
    if (!seine_topic_name_is_good(options->topic))
        return seine_fail(error, SEINE_E_USAGE, "topic %s: a name is 1 to 160 letters, digits, points, - and _",
                          options->topic);
    SEINE_TRY(seine_connection_settings(&options->kafka, fixed, &p.connection, &conf, error));
    rd_kafka_conf_set_dr_msg_cb(conf, take_answer);
    SEINE_TRY(find_partitioner(&p, conf, error));
    SEINE_TRY(seine_connection_open(&p.connection, RD_KAFKA_PRODUCER, SEINE_TAKE(conf), error));
    return run(&p, paths, count, error);
}
