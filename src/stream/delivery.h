/**
 * @file stream/delivery.h
 * A batch on its way into the lake, in a thread of its own, so that the next one is read meanwhile. One at a time.
 * Refused records are sent to their topic before the commit. Internal to src/stream.
 *
 *     empty ─ begin ─▶ under way ─ await ─▶ in the lake, or not: forget ─▶ empty
 *                          ▲                          │
 *                          └── begin: another try ◄───┘ busy, away
 */
#ifndef SEINE_STREAM_DELIVERY_H
#define SEINE_STREAM_DELIVERY_H

#include "base/hash.h"
#include "stream/consumer.h"
#include "stream/dead_letters.h"

#include <pthread.h>
#include <stdatomic.h>

/** Where it goes. All borrowed. */
typedef struct seine_delivery_setup {
    const char *lake, *job, *url;
    const seine_stream_options *options;
} seine_delivery_setup;

typedef struct seine_delivery {
    seine_delivery_setup setup;
    seine_dead_letters letters;
    seine_hash128 letters_sent; /**< of the runs whose refused records are with the dead letters */
    seine_batch batch;          /**< of no run: it is empty */
    int64_t begun_us;           /**< the first try */
    int64_t refuse_if_only;     /**< as in seine_record_options */
    bool is_under_way;
    bool has_thread;
    pthread_t thread;
    atomic_bool is_done;
    /* What the try came to. */
    seine_status status;
    seine_error error;
    seine_stream_batch came; /**< counts, lost, bytes, lag_s and seconds */
} seine_delivery;

/** @p delivery stays where it is until it is closed, also after a failure; zeroes can be closed. @return as
 * seine_dead_letters_open. */
SEINE_MUST_USE seine_status seine_delivery_open(seine_delivery *delivery, const seine_delivery_setup *setup,
                                                seine_error *error);
/** A try to commit its batch, which is not empty. */
void seine_delivery_begin(seine_delivery *delivery, int64_t refuse_if_only);
/** Whether a try is under way that is not done. */
bool seine_delivery_is_at_work(const seine_delivery *delivery);
/** Waits for the try that is under way. @return as seine_ingest_runs; the batch stays until it is forgotten. */
SEINE_MUST_USE seine_status seine_delivery_await(seine_delivery *delivery, seine_error *error);
/** Empties it; nothing is under way. */
void seine_delivery_forget(seine_delivery *delivery);
/** Waits for the try that is under way, whatever it comes to. */
void seine_delivery_close(seine_delivery *delivery);

#endif
