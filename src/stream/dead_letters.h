/**
 * @file stream/dead_letters.h
 * Records that a lake refused, sent to a topic of their own: key and value as they were, with the headers reason,
 * topic, partition and offset. They are sent before the batch is committed, so that none is missing there; of a batch
 * that is read again they are there twice. Internal to src/stream. One thread.
 */
#ifndef SEINE_STREAM_DEAD_LETTERS_H
#define SEINE_STREAM_DEAD_LETTERS_H

#include "ingest/record_runs.h"
#include "stream/connection.h"

typedef struct seine_dead_letters {
    seine_connection connection;
    const seine_progress *progress;
    const char *topic;
    uint64_t failed; /**< since the last flush */
    char why[120];   /**< the first of these */
} seine_dead_letters;

/**
 * Makes the producer, which is idempotent and waits for all replicas. @p letters stays where it is until it is closed,
 * also after a failure; zeroes can be closed.
 * @return OK; E_NOT_FOUND: no such topic; E_USAGE; E_IO no broker answers; E_INTERRUPTED.
 */
SEINE_MUST_USE seine_status seine_dead_letters_open(seine_dead_letters *letters, const seine_kafka *kafka,
                                                    const char *topic, seine_error *error);
/** Hands over a record of @p run. @return OK, E_IO, E_INTERRUPTED. */
SEINE_MUST_USE seine_status seine_dead_letters_send(seine_dead_letters *letters, const seine_record_run *run,
                                                    const seine_record *record, seine_str reason, seine_error *error);
/** Waits until all of them are acknowledged. @return OK; E_IO: some are not, with the reason; E_INTERRUPTED. */
SEINE_MUST_USE seine_status seine_dead_letters_flush(seine_dead_letters *letters, seine_error *error);
void seine_dead_letters_close(seine_dead_letters *letters);

#endif
