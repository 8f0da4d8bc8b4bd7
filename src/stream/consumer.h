/**
 * @file stream/consumer.h
 * A member of a group: partitions come and go, each begins where the lake's position is, its records wait here until
 * they are taken away as a batch. Internal to src/stream. One thread.
 */
#ifndef SEINE_STREAM_CONSUMER_H
#define SEINE_STREAM_CONSUMER_H

#include "ingest/record_runs.h"
#include "base/buf.h"
#include "stream/connection.h"
#include "stream/stream.h"

/** A partition that is read here, as far as it knows. */
typedef struct seine_owned_partition {
    int32_t partition;
    int64_t position; /**< behind what was taken away, of the lake before that, or SEINE_NO_POSITION */
    int64_t next;     /**< behind what was read; where it begins before that */
    int64_t lost_to;  /**< as in seine_record_run */
    int64_t known;    /**< offset of the last record that the lake has, while it is to be looked at; -1: it is not */
    seine_hash128 known_hash;
    bool is_at_end; /**< nothing more was there when it was looked at last */
    seine_record *records;
    size_t count, capacity;
} seine_owned_partition;

/** What it takes. All borrowed. */
typedef struct seine_consumer_setup {
    seine_kafka kafka;
    const char *lake, *topic, *group, *job;
    bool accepts_loss;
    /** Called before its partitions change, other ones or another beginning: nothing that was taken away is on its way
     * to the lake afterwards, and nothing of it comes later. What it fails with, the next poll fails with. */
    seine_status (*settle)(void *context, seine_error *error);
    void *context;
} seine_consumer_setup;

/** Records that were taken away, and the runs of them. Zeroes are an empty one. */
typedef struct seine_batch {
    seine_record_run *runs;
    size_t count;
    uint64_t bytes;         /**< of its records, with their keys and headers */
    int64_t newest_sent_us; /**< INT64_MIN: not known */
    seine_record **arrays;  /**< of the runs; owned */
    seine_arena arena;      /**< of all else */
} seine_batch;

void seine_batch_free(seine_batch *batch);

typedef struct seine_consumer {
    seine_consumer_setup setup;
    seine_connection connection;
    seine_owned_partition *parts;
    size_t count, capacity;
    bool was_assigned;   /**< it has been given partitions, or that there are none for it, and nobody joins or leaves */
    int partition_count; /**< of the topic, when it joined */
    bool is_resting;     /**< nothing more of its partitions is fetched */
    int begins;          /**< how often the lake has told where they begin */
    int lapses;          /**< how often the group thought that it was dead */
    int64_t heard_us;    /**< when anything came last; 0 = it does not matter yet */
    int64_t woken_us;    /**< when fetchers were woken last */
    bool has_none;       /**< there were none, and nobody has looked yet whether the topic is there */
    seine_arena arena;   /**< bytes of the records that wait */
    seine_buf headers;   /**< of the record at hand */
    size_t records, bytes;  /**< bytes: with what keeping them takes */
    int64_t newest_sent_us; /**< of these; INT64_MIN: not known */
    seine_error error;      /**< what a callback failed with */
    /** Partitions that it was given while the lake was away, and what that said: nobody knows yet where they begin.
     * NULL: there are none. */
    rd_kafka_topic_partition_list_t *due;
    seine_error away;
} seine_consumer;

/**
 * Joins the group. @p consumer stays where it is until it is closed, also after a failure.
 * @return OK; E_NOT_FOUND no such topic; E_IO no broker answers, or they refuse; E_USAGE; E_INTERRUPTED.
 */
SEINE_MUST_USE seine_status seine_consumer_open(seine_consumer *consumer, const seine_consumer_setup *setup,
                                                seine_error *error);
/** Takes what comes within @p wait_ms: some records, an end, other partitions, or nothing. @return OK; E_LIMIT,
 * E_CONFLICT, E_NOT_FOUND, E_IO as seine_stream. */
SEINE_MUST_USE seine_status seine_consumer_poll(seine_consumer *consumer, int wait_ms, seine_error *error);
/**
 * Stays a member for @p wait_ms while what waits cannot be committed: nothing more is fetched until
 * seine_consumer_go_on. What waits may be another afterwards, for the group may have shared out its partitions anew.
 * @return as seine_consumer_poll.
 */
SEINE_MUST_USE seine_status seine_consumer_stay(seine_consumer *consumer, int wait_ms, seine_error *error);
void seine_consumer_go_on(seine_consumer *consumer);
/** Whether all that is there of its partitions was read. */
bool seine_consumer_is_at_end(const seine_consumer *consumer);
/** Whether something waits to be taken away. */
bool seine_consumer_has_work(const seine_consumer *consumer);
/** Takes away what waits, into an empty @p batch; more of the same partitions may be read on. @return OK; E_NOMEM: all
 * still waits. */
SEINE_MUST_USE seine_status seine_consumer_take(seine_consumer *consumer, seine_batch *batch);
/** A batch of the partitions that it still has is in the lake: the group is told. */
void seine_consumer_committed(seine_consumer *consumer, const seine_batch *batch);
/** Forgets what waits, and begins each partition where the lake is now, due ones too. @return as seine_consumer_poll;
 * E_AWAY: the lake does not answer, all of them are due. */
SEINE_MUST_USE seine_status seine_consumer_begin_again(seine_consumer *consumer, seine_error *error);
/** Where each partition stands, in @p arena. *behind: records that wait in the topic or here, of all. @return OK,
 * E_NOMEM. */
SEINE_MUST_USE seine_status seine_consumer_stand(const seine_consumer *consumer, seine_arena *arena,
                                                 seine_stream_partition **partitions, int64_t *behind);
/**
 * Partitions that other members have: records that the lake has not yet, and how far it is with them all together.
 * @return OK; what reading the lake returned, E_IO, E_INTERRUPTED.
 */
SEINE_MUST_USE seine_status seine_consumer_others(seine_consumer *consumer, int64_t *waiting, int64_t *reached,
                                                  seine_error *error);
/** Leaves the group. What waits is forgotten. */
void seine_consumer_close(seine_consumer *consumer);

#endif
