/*
 *     low ─────────────────────────────────── high        of each partition: pieces from its end, each four times as
 *          │      4,000      │ 1,000 │                     long as the one behind it, each read forwards; in a piece
 *          └── third ────────┴─second┴─ first              the last record of a file counts
 */
#include "stream/sent_rows.h"

#include "io/clock.h"

#include <inttypes.h>
#include <stdio.h>

#define FIRST_RECORDS INT64_C(1000)
#define MOST_RECORDS (INT64_C(1) << 20)
#define WAIT_MS 100

static const seine_kafka_fixed fixed[] = {{"enable.auto.commit", "false"},       {"auto.offset.reset", "earliest"},
                                          {"enable.partition.eof", "true"},      {"allow.auto.create.topics", "false"},
                                          {"isolation.level", "read_committed"}, {NULL, NULL}};

/* ---- the header ---- */

size_t seine_sent_row_text(const seine_sent_row *sent, char text[SEINE_SENT_BYTES]) {
    const int name = (int)(sent->file.size < SEINE_SENT_NAME_BYTES ? sent->file.size : SEINE_SENT_NAME_BYTES);
    return (size_t)snprintf(text, SEINE_SENT_BYTES, "%" PRIu64 " %" PRId64 " %.*s", sent->row, sent->run_us, name,
                            sent->file.data);
}

/* Digits up to a blank. */
static bool take_number(seine_str *text, uint64_t *value) {
    size_t i = 0;
    for (*value = 0; i < text->size && text->data[i] >= '0' && text->data[i] <= '9'; i++) {
        if (*value > (UINT64_MAX >> 1) / 10 - 1) return false;
        *value = *value * 10 + (uint64_t)(text->data[i] - '0');
    }
    if (i == 0 || i == text->size || text->data[i] != ' ') return false;
    *text = (seine_str){text->data + i + 1, text->size - i - 1};
    return true;
}

bool seine_sent_row_parse(seine_str text, seine_sent_row *sent) {
    uint64_t run = 0;
    if (!take_number(&text, &sent->row) || !take_number(&text, &run) || sent->row == 0) return false;
    sent->run_us = (int64_t)run;
    sent->file = text;
    return text.size > 0;
}

/* ---- reading ---- */

typedef struct searching {
    const seine_kafka *kafka;
    const char *topic;
    seine_connection connection;
    rd_kafka_topic_t *handle;
    seine_sent_file *files;
    size_t count;
    bool *found; /* by file, of the partition that is read */
    int32_t partition;
} searching;

static void end_searching(searching *s) {
    if (s->handle != NULL) rd_kafka_topic_destroy(s->handle);
    seine_connection_close(&s->connection);
}

static seine_sent_file *file_called(searching *s, seine_str name) {
    for (size_t i = 0; i < s->count; i++) {
        seine_str known = seine_str_of(s->files[i].name);
        if (known.size > SEINE_SENT_NAME_BYTES) known.size = SEINE_SENT_NAME_BYTES;
        if (seine_str_equal(known, name)) return &s->files[i];
    }
    return NULL;
}

/* In a piece a later record takes the place of those before it. */
static void take_record(searching *s, const rd_kafka_message_t *message) {
    rd_kafka_headers_t *headers = NULL;
    const void *value = NULL;
    size_t size = 0;
    seine_sent_row sent;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_header_get_last(headers, SEINE_SENT_HEADER, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        value == NULL || !seine_sent_row_parse((seine_str){value, size}, &sent))
        return;
    seine_sent_file *file = file_called(s, sent.file);
    if (file == NULL || s->found[file - s->files]) return;
    file->lasts[s->partition] =
        (seine_last_row){sent.row, sent.run_us, seine_hash128_of(message->payload, message->len)};
}

/* What comes within a moment. *is_end: the piece has ended; *heard: something came. */
static seine_status poll_piece(searching *s, int64_t end, bool *is_end, bool *heard, seine_error *error) {
    rd_kafka_message_t *message = rd_kafka_consume(s->handle, s->partition, WAIT_MS);
    seine_status status = SEINE_OK;
    *heard = message != NULL;
    if (message == NULL) return SEINE_OK;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
        *is_end = true;
    else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        status = seine_fail(error, SEINE_E_IO, "topic %s, partition %d: %s", s->topic, (int)s->partition,
                            rd_kafka_message_errstr(message));
    else if (message->offset < end)
        take_record(s, message);
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) *is_end = message->offset >= end - 1;
    rd_kafka_message_destroy(message);
    return status;
}

/* Offsets @p from to before @p end. */
static seine_status read_piece(searching *s, int64_t from, int64_t end, seine_error *error) {
    int64_t heard_us = seine_clock_monotonic_us();
    seine_status status = SEINE_OK;
    if (rd_kafka_consume_start(s->handle, s->partition, from) != 0)
        return seine_fail(error, SEINE_E_IO, "topic %s, partition %d: %s", s->topic, (int)s->partition,
                          rd_kafka_err2str(rd_kafka_last_error()));
    for (bool is_end = false, heard = false; !is_end && status == SEINE_OK;) {
        status = poll_piece(s, end, &is_end, &heard, error);
        (void)rd_kafka_poll(s->connection.client, 0);
        if (heard) heard_us = seine_clock_monotonic_us();
        if (status != SEINE_OK || is_end) break;
        if (seine_progress_stopped(s->kafka->progress))
            status = seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
        else if (seine_clock_monotonic_us() - heard_us > SEINE_BROKER_WAIT_US)
            status =
                seine_fail(error, SEINE_E_IO, "topic %s, partition %d: no broker answers", s->topic, (int)s->partition);
    }
    (void)rd_kafka_consume_stop(s->handle, s->partition);
    return status;
}

static bool has_all(const searching *s) {
    bool has_all = true;
    for (size_t i = 0; i < s->count; i++) has_all = has_all && s->found[i];
    return has_all;
}

static seine_status search_partition(searching *s, seine_error *error) {
    int64_t low = 0, end = 0, records = FIRST_RECORDS;
    SEINE_TRY(seine_connection_ends(&s->connection, s->kafka->progress, s->topic, s->partition, &low, &end, error));
    for (size_t i = 0; i < s->count; i++) s->found[i] = false;
    while (end > low && !has_all(s)) {
        const int64_t from = end - low > records ? end - records : low;
        SEINE_TRY(read_piece(s, from, end, error));
        for (size_t i = 0; i < s->count; i++) s->found[i] = s->files[i].lasts[s->partition].row > 0;
        end = from;
        if (records < MOST_RECORDS) records *= 4;
    }
    return SEINE_OK;
}

/* ---- all of it ---- */

/* Of the newest run only: others may have come further in a partition that it has not reached. */
static void keep_newest_run(seine_sent_file *file, int partitions) {
    for (int p = 0; p < partitions; p++)
        if (file->lasts[p].row > 0 && file->lasts[p].run_us > file->run_us) file->run_us = file->lasts[p].run_us;
    for (int p = 0; p < partitions; p++)
        if (file->lasts[p].run_us != file->run_us) file->lasts[p] = (seine_last_row){0};
}

static seine_status open_searching(searching *s, seine_error *error) {
    rd_kafka_conf_t *conf = NULL;
    SEINE_TRY(seine_connection_settings(s->kafka, fixed, &s->connection, &conf, error));
    SEINE_TRY(seine_connection_open(&s->connection, RD_KAFKA_CONSUMER, conf, error));
    s->handle = rd_kafka_topic_new(s->connection.client, s->topic, NULL);
    return s->handle != NULL ? SEINE_OK : seine_no_memory(error, s->topic);
}

seine_status seine_sent_files_find(const seine_kafka *kafka, const char *topic, int partitions, seine_sent_file *files,
                                   size_t count, seine_arena *arena, seine_error *error) {
    searching s SEINE_OWNED(end_searching) = {.kafka = kafka, .topic = topic, .files = files, .count = count};
    s.found = SEINE_ARENA_ARRAY(arena, bool, count);
    for (size_t i = 0; i < count; i++) {
        files[i].run_us = 0;
        files[i].lasts = SEINE_ARENA_ARRAY(arena, seine_last_row, (size_t)partitions);
        if (files[i].lasts == NULL) return seine_no_memory(error, topic);
    }
    if (s.found == NULL) return seine_no_memory(error, topic);
    SEINE_TRY(open_searching(&s, error));
    for (s.partition = 0; s.partition < partitions; s.partition++) {
        seine_progress_report(kafka->progress, topic, (uint64_t)s.partition, (uint64_t)partitions);
        SEINE_TRY(search_partition(&s, error));
    }
    for (size_t i = 0; i < count; i++) keep_newest_run(&files[i], partitions);
    return SEINE_OK;
}
