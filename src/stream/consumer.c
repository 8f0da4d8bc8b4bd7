#include "stream/consumer.h"

#include "base/array.h"
#include "ingest/record_positions.h"
#include "io/clock.h"
#include "stream/record_headers.h"

#include <inttypes.h>
#include <stdlib.h>

#define PARTITIONS_MAX ((size_t)100000)
#define RECORDS_MAX ((size_t)1 << 26)
#define LEAVE_POLL_MS 50
#define AT_ONCE 256 /* records between two looks at the clock, unless they are large */
#define AT_ONCE_BYTES ((size_t)1 << 20)
#define HEADERS_MAX ((size_t)1 << 29) /* more than a record of Kafka holds */
#define WAKE_MS 100                   /* for the answer; they are awake before */
#define WAKE_US (INT64_C(20) * 1000)
#define SILENCE_US (INT64_C(30) * 1000000) /* after so long without anything the topic is looked for */

/* The lake's positions are the only ones that count, and whoever is to read on is told by the program. */
static const seine_kafka_fixed fixed[] = {
    {"enable.auto.commit", "false"},       {"enable.auto.offset.store", "false"},
    {"auto.offset.reset", "error"},        {"enable.partition.eof", "true"},
    {"allow.auto.create.topics", "false"}, {"partition.assignment.strategy", "range"},
    {"isolation.level", "read_committed"}, {NULL, NULL}};

static void end_list(rd_kafka_topic_partition_list_t **list) {
    if (*list != NULL) rd_kafka_topic_partition_list_destroy(*list);
}

/* ---- what waits ---- */

void seine_batch_free(seine_batch *batch) {
    for (size_t i = 0; i < batch->count; i++) free(batch->arrays[i]);
    seine_arena_free(&batch->arena);
    *batch = (seine_batch){0};
}

static void count_from_nothing(seine_consumer *c) {
    c->records = c->bytes = 0;
    c->newest_sent_us = INT64_MIN;
}

static void forget_partitions(seine_consumer *c) {
    for (size_t i = 0; i < c->count; i++) free(c->parts[i].records);
    seine_arena_free(&c->arena);
    count_from_nothing(c);
    c->count = 0;
}

static seine_owned_partition *find(const seine_consumer *c, int32_t partition) {
    for (size_t i = 0; i < c->count; i++)
        if (c->parts[i].partition == partition) return &c->parts[i];
    return NULL;
}

/* Records, or a loss. */
static bool has_run(const seine_owned_partition *part) { return part->count > 0 || part->lost_to > 0; }

static bool copy_bytes(seine_arena *arena, const void *bytes, size_t size, seine_str *copy) {
    *copy = (seine_str){NULL, 0};
    if (bytes == NULL) return true;
    *copy = (seine_str){seine_arena_copy(arena, bytes, size), size};
    return copy->data != NULL;
}

/* The record before where the lake goes on is read again: of a topic that was made anew, and has grown beyond that,
 * it is another one. */
static seine_status look_at_known(const seine_consumer *c, seine_owned_partition *part,
                                  const rd_kafka_message_t *message, seine_error *error) {
    const int64_t known = part->known;
    part->known = -1; /* one that is not there any more tells nothing */
    if (message->offset != known ||
        seine_hash128_equal(seine_hash128_of(message->payload, message->len), part->known_hash))
        return SEINE_OK;
    return seine_fail(error, SEINE_E_CONFLICT,
                      "topic %s, partition %d: record %" PRId64 " is not the one that the lake has: the topic was made "
                      "anew. Its records need a topic of another name",
                      c->setup.topic, (int)part->partition, known);
}

/* Those before where the partition stands are known, whoever sends them again. */
static seine_status take_record(seine_consumer *c, const rd_kafka_message_t *message, seine_error *error) {
    seine_owned_partition *part = find(c, message->partition);
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    const int64_t sent_ms = rd_kafka_message_timestamp(message, &type);
    if (part == NULL) return SEINE_OK;
    if (part->known >= 0) SEINE_TRY(look_at_known(c, part, message, error));
    if (message->offset < part->next) return SEINE_OK;
    seine_record record = {.offset = message->offset, .sent_us = INT64_MIN};
    if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && sent_ms >= 0 && sent_ms < INT64_MAX / 1000)
        record.sent_us = sent_ms * 1000;
    if (SEINE_ARRAY_ROOM(part->records, part->count, part->capacity, 1, RECORDS_MAX) != SEINE_OK ||
        !copy_bytes(&c->arena, message->payload, message->len, &record.payload) ||
        !copy_bytes(&c->arena, message->key, message->key_len, &record.key) ||
        seine_record_headers(message, &c->headers) != SEINE_OK ||
        !copy_bytes(&c->arena, c->headers.size > 0 ? c->headers.data : NULL, c->headers.size, &record.headers))
        return seine_no_memory(error, c->setup.topic);
    part->records[part->count++] = record;
    part->next = message->offset + 1;
    part->is_at_end = false;
    c->records++;
    c->bytes += sizeof record + message->len + message->key_len + record.headers.size;
    if (record.sent_us > c->newest_sent_us) c->newest_sent_us = record.sent_us;
    return SEINE_OK;
}

/* ---- where partitions begin ---- */

static seine_status ask_ends(const seine_consumer *c, int32_t partition, int64_t *low, int64_t *high,
                             seine_error *error) {
    return seine_connection_ends(&c->connection, c->setup.kafka.progress, c->setup.topic, partition, low, high, error);
}

/* A partition as the lake knows it; NULL: it does not. */
static seine_status begin(seine_consumer *c, int32_t partition, const seine_record_position *known,
                          seine_owned_partition *part, seine_error *error) {
    const int64_t position = known != NULL ? known->position : SEINE_NO_POSITION;
    int64_t low = 0, high = 0;
    SEINE_TRY(ask_ends(c, partition, &low, &high, error));
    *part = (seine_owned_partition){.partition = partition, .position = position, .next = position, .known = -1};
    if (position == SEINE_NO_POSITION) part->next = low;
    if (position > high)
        return seine_fail(error, SEINE_E_CONFLICT,
                          "topic %s, partition %d: it ends at %" PRId64 ", and the lake has it up to %" PRId64
                          ": the topic was made anew, or cut. Its records need a topic of another name",
                          c->setup.topic, (int)partition, high, position);
    if (known != NULL && known->last >= low) {
        part->known = known->last;
        part->known_hash = known->last_hash;
    }
    if (position == SEINE_NO_POSITION || position >= low) return SEINE_OK;
    if (!c->setup.accepts_loss)
        return seine_fail(error, SEINE_E_LIMIT,
                          "topic %s, partition %d: records %" PRId64 " to %" PRId64
                          " are gone before they were read (retention); --accept-loss goes on behind them",
                          c->setup.topic, (int)partition, position, low - 1);
    part->next = part->lost_to = low;
    return SEINE_OK;
}

static seine_status load_positions(seine_consumer *c, seine_arena *arena, seine_record_position **positions,
                                   size_t *count, seine_error *error) {
    seine_catalog *catalog SEINE_OWNED(seine_catalog_close_owned) = NULL;
    SEINE_TRY(seine_catalog_open(c->setup.lake, &catalog, error));
    SEINE_TRY(seine_record_positions(catalog, c->setup.job, arena, positions, count, error));
    return seine_record_positions_details(catalog, c->setup.job, arena, *positions, *count, error);
}

/* Which record is asked for first. */
static int64_t first_of(const seine_owned_partition *part) { return part->known >= 0 ? part->known : part->next; }

/* Makes these its partitions, and tells in the list where each begins. */
static seine_status begin_all(seine_consumer *c, rd_kafka_topic_partition_list_t *list, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_record_position *positions = NULL;
    size_t count = 0;
    SEINE_TRY(c->setup.settle(c->setup.context, error));
    forget_partitions(c);
    SEINE_TRY(load_positions(c, &arena, &positions, &count, error));
    for (int i = 0; i < list->cnt; i++) {
        rd_kafka_topic_partition_t *one = &list->elems[i];
        if (SEINE_ARRAY_ROOM(c->parts, c->count, c->capacity, 1, PARTITIONS_MAX) != SEINE_OK)
            return seine_no_memory(error, c->setup.topic);
        const seine_record_position *known =
            seine_record_position_find(positions, count, c->setup.topic, one->partition);
        SEINE_TRY(begin(c, one->partition, known, &c->parts[c->count], error));
        one->offset = first_of(&c->parts[c->count++]);
    }
    c->was_assigned = true;
    c->has_none = list->cnt == 0;
    c->begins++;
    return SEINE_OK;
}

static void forget_due(seine_consumer *c) {
    end_list(&c->due);
    c->due = NULL;
}

/* Nothing is read any more where that failed: the next poll tells why. A lake that is away may be back later. */
static void assign(seine_consumer *c, rd_kafka_topic_partition_list_t *list) {
    seine_error why = {SEINE_OK, ""};
    const seine_status status = begin_all(c, list, &why);
    forget_due(c);
    why.status = status;
    if (status == SEINE_E_AWAY) {
        c->due = rd_kafka_topic_partition_list_copy(list);
        c->away = why;
        c->was_assigned = false;
    } else if (status != SEINE_OK) {
        c->error = why;
    }
    if (status != SEINE_OK) forget_partitions(c);
    c->is_resting = false;
    (void)rd_kafka_assign(c->connection.client, status == SEINE_OK ? list : NULL);
}

static rd_kafka_topic_partition_list_t *list_partitions(const seine_consumer *c) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)c->count);
    for (size_t i = 0; i < c->count; i++)
        (void)rd_kafka_topic_partition_list_add(list, c->setup.topic, c->parts[i].partition);
    return list;
}

static void rebalance(rd_kafka_t *client, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list,
                      void *opaque) {
    seine_consumer *c = (seine_consumer *)((char *)opaque - offsetof(seine_consumer, connection));
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        assign(c, list);
        return;
    }
    seine_error why = {SEINE_OK, ""};
    const seine_status status = c->setup.settle(c->setup.context, &why);
    why.status = status;
    if (status != SEINE_OK) c->error = why;
    forget_partitions(c);
    forget_due(c);
    c->is_resting = c->was_assigned = false; /* until it is told what it has now */
    (void)rd_kafka_assign(client, NULL);
}

seine_status seine_consumer_begin_again(seine_consumer *c, seine_error *error) {
    rd_kafka_topic_partition_list_t *list SEINE_OWNED(end_list) =
        c->due != NULL ? SEINE_TAKE(c->due) : list_partitions(c);
    assign(c, list);
    if (c->due != NULL) return seine_fail(error, SEINE_E_AWAY, "%s", c->away.text);
    return c->error.status == SEINE_OK ? SEINE_OK : seine_fail(error, c->error.status, "%s", c->error.text);
}

/* ---- polling ---- */

/* What comes in place of a record. What passes by itself is waited for. */
static seine_status take_event(seine_consumer *c, const rd_kafka_message_t *message, seine_error *error) {
    seine_owned_partition *part = NULL;
    switch ((int)message->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        part = find(c, message->partition);
        if (part != NULL) part->is_at_end = true;
        return SEINE_OK;
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED: c->lapses++; return SEINE_OK;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        seine_best_effort(seine_consumer_begin_again(c, error)); /* what failed is kept in c */
        return c->error.status;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        return seine_fail(error, SEINE_E_NOT_FOUND, "%s has no topic %s any more", c->connection.brokers,
                          c->setup.topic);
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__FATAL:
        return seine_fail(error, SEINE_E_IO, "%s: %s", c->connection.brokers, rd_kafka_message_errstr(message));
    default: return SEINE_OK;
    }
}

/* Of a topic that is gone librdkafka may tell nothing. */
static bool should_look(seine_consumer *c, bool came) {
    const int64_t now_us = seine_clock_monotonic_us();
    if (came || c->heard_us == 0) c->heard_us = now_us;
    return c->has_none || now_us - c->heard_us >= SILENCE_US;
}

/* No partition is for it, or nothing comes: the others of the group have them all, nobody sends, or it is gone. */
static seine_status look_for_topic(seine_consumer *c, seine_error *error) {
    int partitions = 0;
    c->has_none = false;
    c->heard_us = 0;
    const seine_status status =
        seine_connection_topic(&c->connection, c->setup.kafka.progress, c->setup.topic, &partitions, NULL);
    if (status != SEINE_OK || partitions > 0) return SEINE_OK; /* brokers that are away are waited for */
    return seine_fail(error, SEINE_E_NOT_FOUND, "%s has no topic %s any more", c->connection.brokers, c->setup.topic);
}

/*
 * A full queue puts librdkafka's fetchers to sleep for up to a second, and they do not notice that it was emptied: a
 * question wakes them, whatever the answer. Without it reading what waits takes twice as long.
 */
static void wake_fetchers(seine_consumer *c) {
    const int64_t now_us = seine_clock_monotonic_us();
    if (c->is_resting || now_us - c->woken_us < WAKE_US) return;
    rd_kafka_topic_partition_list_t *list SEINE_OWNED(end_list) = rd_kafka_topic_partition_list_new((int)c->count);
    for (size_t i = 0; i < c->count; i++) {
        int64_t low = 0, high = 0;
        const seine_owned_partition *part = &c->parts[i];
        if (part->is_at_end) continue; /* what is behind its end are no records, or some that are not committed */
        const rd_kafka_resp_err_t code =
            rd_kafka_get_watermark_offsets(c->connection.client, c->setup.topic, part->partition, &low, &high);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR && part->next != SEINE_NO_POSITION && high > part->next)
            rd_kafka_topic_partition_list_add(list, c->setup.topic, part->partition)->offset = 0;
    }
    if (list->cnt == 0) return;
    c->woken_us = now_us;
    (void)rd_kafka_offsets_for_times(c->connection.client, list, WAKE_MS);
}

static void end_message(rd_kafka_message_t **message) {
    if (*message != NULL) rd_kafka_message_destroy(*message);
}

/* The next message that is there, or nothing after wait_ms. What a callback failed with comes first. */
static seine_status take_next(seine_consumer *c, int wait_ms, bool *is_record, bool *is_nothing, seine_error *error) {
    rd_kafka_message_t *message SEINE_OWNED(end_message) = rd_kafka_consumer_poll(c->connection.client, wait_ms);
    *is_nothing = message == NULL;
    *is_record = message != NULL && message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (c->error.status != SEINE_OK) return seine_fail(error, c->error.status, "%s", c->error.text);
    if (*is_record) return take_record(c, message, error);
    return message != NULL ? take_event(c, message, error) : SEINE_OK;
}

seine_status seine_consumer_poll(seine_consumer *c, int wait_ms, seine_error *error) {
    bool is_record = false, is_nothing = false;
    SEINE_TRY(take_next(c, 0, &is_record, &is_nothing, error));
    if (is_nothing) {
        wake_fetchers(c);
        SEINE_TRY(take_next(c, wait_ms, &is_record, &is_nothing, error));
    }
    const bool looks = should_look(c, !is_nothing);
    const size_t before = c->bytes; /* fewer afterwards: others came into the place of partitions */
    for (int more = AT_ONCE; more > 0 && is_record && c->bytes - before < AT_ONCE_BYTES; more--)
        SEINE_TRY(take_next(c, 0, &is_record, &is_nothing, error));
    return looks ? look_for_topic(c, error) : SEINE_OK;
}

/* Nothing is fetched of what nobody is assigned. Pausing would not do: where it goes on then is librdkafka's to say,
 * which after partitions came again takes the records that were read before for known. */
seine_status seine_consumer_stay(seine_consumer *c, int wait_ms, seine_error *error) {
    if (!c->is_resting && c->count > 0) (void)rd_kafka_assign(c->connection.client, NULL);
    c->is_resting = c->count > 0;
    return seine_consumer_poll(c, wait_ms, error);
}

void seine_consumer_go_on(seine_consumer *c) {
    if (!c->is_resting) return;
    rd_kafka_topic_partition_list_t *list SEINE_OWNED(end_list) = list_partitions(c);
    c->is_resting = false;
    for (int i = 0; i < list->cnt; i++) list->elems[i].offset = first_of(&c->parts[i]);
    (void)rd_kafka_assign(c->connection.client, list);
}

bool seine_consumer_is_at_end(const seine_consumer *c) {
    bool is_at_end = c->was_assigned;
    for (size_t i = 0; i < c->count; i++) is_at_end = is_at_end && c->parts[i].is_at_end;
    return is_at_end;
}

bool seine_consumer_has_work(const seine_consumer *c) {
    bool has_work = false;
    for (size_t i = 0; i < c->count; i++) has_work = has_work || has_run(&c->parts[i]);
    return has_work;
}

/* ---- what is taken away ---- */

seine_status seine_consumer_take(seine_consumer *c, seine_batch *batch) {
    seine_record_run *runs = SEINE_ARENA_ARRAY(&c->arena, seine_record_run, c->count + 1);
    seine_record **arrays = SEINE_ARENA_ARRAY(&c->arena, seine_record *, c->count + 1);
    if (runs == NULL || arrays == NULL) return SEINE_E_NOMEM;
    *batch = (seine_batch){.runs = runs,
                           .bytes = c->bytes - c->records * sizeof(seine_record),
                           .newest_sent_us = c->newest_sent_us,
                           .arrays = arrays,
                           .arena = c->arena};
    for (size_t i = 0; i < c->count; i++) {
        seine_owned_partition *part = &c->parts[i];
        if (!has_run(part)) continue;
        arrays[batch->count] = part->records;
        runs[batch->count++] = (seine_record_run){.topic = c->setup.topic,
                                                  .partition = part->partition,
                                                  .records = part->records,
                                                  .count = part->count,
                                                  .position = part->position,
                                                  .next = part->next,
                                                  .lost_to = part->lost_to};
        part->records = NULL;
        part->count = part->capacity = 0;
        part->position = part->next;
        part->lost_to = 0;
    }
    c->arena = (seine_arena){0};
    count_from_nothing(c);
    return SEINE_OK;
}

/* Best effort, behind the program's back: nothing depends on it. */
void seine_consumer_committed(seine_consumer *c, const seine_batch *batch) {
    rd_kafka_topic_partition_list_t *list SEINE_OWNED(end_list) = rd_kafka_topic_partition_list_new((int)batch->count);
    for (size_t i = 0; i < batch->count; i++)
        rd_kafka_topic_partition_list_add(list, c->setup.topic, batch->runs[i].partition)->offset = batch->runs[i].next;
    (void)rd_kafka_commit(c->connection.client, list, 1);
}

seine_status seine_consumer_stand(const seine_consumer *c, seine_arena *arena, seine_stream_partition **partitions,
                                  int64_t *behind) {
    *behind = 0;
    *partitions = SEINE_ARENA_ARRAY(arena, seine_stream_partition, c->count + 1);
    if (*partitions == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < c->count; i++) {
        int64_t low = 0, high = 0;
        const seine_owned_partition *part = &c->parts[i];
        const rd_kafka_resp_err_t code =
            rd_kafka_get_watermark_offsets(c->connection.client, c->setup.topic, part->partition, &low, &high);
        const bool waits = code == RD_KAFKA_RESP_ERR_NO_ERROR && high > part->next;
        (*partitions)[i] = (seine_stream_partition){part->partition, part->next, waits ? high - part->next : 0};
        *behind += (*partitions)[i].waiting;
    }
    *behind += (int64_t)c->records;
    return SEINE_OK;
}

seine_status seine_consumer_others(seine_consumer *c, int64_t *waiting, int64_t *reached, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_record_position *positions = NULL;
    size_t count = 0;
    *waiting = *reached = 0;
    if (c->count >= (size_t)c->partition_count) return SEINE_OK;
    SEINE_TRY(load_positions(c, &arena, &positions, &count, error));
    for (int32_t p = 0; p < c->partition_count; p++) {
        int64_t low = 0, high = 0, at = seine_record_position_of(positions, count, c->setup.topic, p);
        if (find(c, p) != NULL) continue;
        SEINE_TRY(ask_ends(c, p, &low, &high, error));
        if (at == SEINE_NO_POSITION) at = low;
        if (high > at) *waiting += high - at;
        *reached += at;
    }
    return SEINE_OK;
}

/* ---- the member ---- */

static seine_status join(seine_consumer *c, seine_error *error) {
    int partitions = 0;
    rd_kafka_t *client = c->connection.client;
    SEINE_TRY(seine_connection_topic(&c->connection, c->setup.kafka.progress, c->setup.topic, &partitions, error));
    if (partitions == 0)
        return seine_fail(error, SEINE_E_NOT_FOUND, "%s has no topic %s", c->connection.brokers, c->setup.topic);
    c->partition_count = partitions;
    (void)rd_kafka_poll_set_consumer(client);
    rd_kafka_topic_partition_list_t *list SEINE_OWNED(end_list) = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, c->setup.topic, RD_KAFKA_PARTITION_UA);
    const rd_kafka_resp_err_t code = rd_kafka_subscribe(client, list);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return SEINE_OK;
    return seine_fail(error, SEINE_E_IO, "%s, topic %s: %s", c->connection.brokers, c->setup.topic,
                      rd_kafka_err2str(code));
}

seine_status seine_consumer_open(seine_consumer *c, const seine_consumer_setup *setup, seine_error *error) {
    rd_kafka_conf_t *conf SEINE_OWNED(seine_connection_settings_free) = NULL;
    char why[256] = "";
    *c = (seine_consumer){.setup = *setup, .newest_sent_us = INT64_MIN};
    seine_buf_init(&c->headers, HEADERS_MAX);
    SEINE_TRY(seine_connection_settings(&setup->kafka, fixed, &c->connection, &conf, error));
    if (rd_kafka_conf_set(conf, "group.id", setup->group, why, sizeof why) != RD_KAFKA_CONF_OK)
        return seine_fail(error, SEINE_E_USAGE, "group %s: %s", setup->group, why);
    rd_kafka_conf_set_rebalance_cb(conf, rebalance);
    SEINE_TRY(seine_connection_open(&c->connection, RD_KAFKA_CONSUMER, SEINE_TAKE(conf), error));
    return join(c, error);
}

/* What comes while it leaves. Records that were fetched come here, too, and nobody wants them; given to a callback they
 * would end the program, because there is none for them. */
static void take_leave(rd_kafka_t *client, rd_kafka_event_t *event) {
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_REBALANCE) (void)rd_kafka_assign(client, NULL);
    rd_kafka_event_destroy(event);
}

/* Without a broker nobody can be told, and librdkafka may wait for one for ever. */
static void leave(rd_kafka_t *client) {
    const int64_t end_us = seine_clock_monotonic_us() + SEINE_CLOSE_WAIT_US;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_error_t *error = rd_kafka_consumer_close_queue(client, queue);
    while (error == NULL && !rd_kafka_consumer_closed(client) && seine_clock_monotonic_us() < end_us)
        take_leave(client, rd_kafka_queue_poll(queue, LEAVE_POLL_MS));
    if (error != NULL) rd_kafka_error_destroy(error);
    rd_kafka_queue_destroy(queue);
}

void seine_consumer_close(seine_consumer *c) {
    if (c->connection.client != NULL) leave(c->connection.client);
    seine_connection_close(&c->connection);
    forget_partitions(c);
    forget_due(c);
    seine_buf_free(&c->headers);
    free(c->parts);
}
