/**
 * @file stream/stream.h
 * A topic of Kafka into a lake, exactly once. Batches are committed with their positions (ingest/record_runs.h); what
 * is committed to the group only tells others how far behind the lake is. Processes of one group share the partitions.
 *
 *     assigned ─▶ begins where the lake's position is ─▶ reads ─▶ batch ─▶ commits it and its positions together ─┐
 *         ▲                                                 ▲        │       (stream/delivery.h)                    │
 *         │                                                 └────────┘ meanwhile                               done │
 *         └────────── positions are read again ◄── they had moved on, or the outcome is not known ──────────────────┘
 *
 * A lake that is away (E_AWAY: its catalog or its bucket does not answer) is waited for wherever it is needed, as the
 * broker is: what waits stays where it is, nothing more is fetched, and the process stays a member of its group.
 */
#ifndef SEINE_STREAM_STREAM_H
#define SEINE_STREAM_STREAM_H

#include "ingest/reference/reference.h"
#include "stream/kafka.h"

#define SEINE_STREAM_JOB "stream/" /**< and a dataset: whose positions */
/** So many first records, all refused, are no bad luck. */
#define SEINE_STREAM_FIT_RECORDS 1000

/** A partition that this process reads, as far as it knows. */
typedef struct seine_stream_partition {
    int32_t partition;
    int64_t position; /**< behind what was read */
    int64_t waiting;  /**< records in the topic behind that */
} seine_stream_partition;

/** One batch, committed. */
typedef struct seine_stream_batch {
    uint64_t number;   /**< of this process, first is 1 */
    const char *place; /**< where the good ones are: silver, or the reference table */
    seine_record_report counts;
    int64_t lost;   /**< records that retention had taken, accepted as lost */
    uint64_t bytes; /**< of its records, with their keys and headers */
    int64_t behind; /**< records of its partitions that wait in the topic, as far as is known */
    double lag_s;   /**< since its newest record was sent; negative: not known */
    double seconds; /**< of the commit */
} seine_stream_batch;

typedef struct seine_stream_options {
    seine_kafka kafka;
    const char *topic;
    const char *group;                     /**< NULL: one of this lake and dataset */
    const char *dead_letter;               /**< topic that refused records are sent to as well; NULL = none */
    const seine_reference_kind *reference; /**< the table that the records go to; NULL: ingest.dataset */
    seine_ingest_options ingest;           /**< dataset, threads, memory, limits */
    int64_t trigger_us;                    /**< a batch is committed so long after its first record */
    int64_t idle_us;                       /**< ends when all was read, and nothing came for so long; negative: never */
    bool accepts_loss; /**< goes on where the topic begins when retention took what the lake has not */
    /** How often derive is called, beside the batches in a thread of its own, and in the end; 0 = never. */
    int64_t derive_every_us;
    seine_status (*derive)(void *context, seine_error *error);
    void (*report)(void *context, const seine_stream_batch *batch); /**< of each batch; may be NULL */
    /** Where it stands, after each batch and once a second; may be NULL. */
    void (*stand)(void *context, const seine_stream_partition *partitions, size_t count);
    void (*note)(void *context, const char *text); /**< what a user should know; may be NULL */
    void *context;
} seine_stream_options;

/** All batches together. */
typedef struct seine_stream_report {
    uint64_t batches;
    seine_record_report counts;
    int64_t lost;
} seine_stream_report;

/**
 * Reads until it is told to stop (what is not committed then is read again by the next one), or nothing more comes.
 * @return OK, also when it was stopped; E_NOT_FOUND no such topic (of dead letters, too) or lake; E_IO no broker
 * answers, or they refuse; E_FORMAT the dataset does not fit the topic; E_LIMIT retention took records that the lake
 * has not; E_CONFLICT the topic ends before the lake's position; E_USAGE; what the lake failed with, E_AWAY only at
 * first. Positions are those of the last batch.
 */
SEINE_MUST_USE seine_status seine_stream(const char *lake, const seine_stream_options *options,
                                         seine_stream_report *report, seine_error *error);

#endif
