#include "stream/stream.h"

#include "ingest/record_positions.h"
#include "io/clock.h"
#include "io/patience.h"
#include "stream/consumer.h"
#include "stream/delivery.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#define POLL_MS 100
#define BUSY_MS 200
#define AWAY_US 250000 /* between the first two questions to a lake that is away */
#define AWAY_MOST_US 5000000
#define LOOK_US 500000
#define STAND_US 1000000
#define OTHERS_US 60000000              /* more than a session lasts */
#define BATCH_RECORDS ((size_t)1 << 19) /* a batch is committed at once, beyond its trigger */
#define BATCH_BYTES_MAX ((uint64_t)64 << 20)

/* A refresh that is under way. */
typedef struct deriving {
    const seine_stream_options *options;
    pthread_t thread;
    bool is_running;
    atomic_bool is_done;
    seine_status status;
    seine_error error;
} deriving;

typedef struct streaming {
    const char *lake;
    const seine_stream_options *options;
    seine_stream_report *report;
    seine_consumer consumer;
    seine_delivery delivery;
    char job[SEINE_DATASET_NAME_MAX + 16], group[SEINE_DATASET_NAME_MAX + 48];
    char url[300];
    bool is_new;        /* the lake has nothing of the topic yet, and nothing of it was valid so far */
    int64_t begun_us;   /* when the first record of the batch came; 0 = none waits */
    int64_t came_us;    /* when the last one came, or it began */
    int64_t derived_us; /* when derive was called last */
    deriving deriving;
    int begins;       /* of the consumer's partitions that were seen */
    int lapses;       /* of the consumer that were told */
    int64_t stood_us; /* when it was told where it stands */
    /* Of partitions that other members have, when nothing more came here: when they were looked at last, how far the
     * lake was with them, and since when. */
    int64_t looked_us, others_reached, others_us;
    /* Of a lake that is away: how often it was asked, since when, and when it is asked again. */
    int away_tries;
    int64_t away_us, asks_us;
} streaming;

static void end_streaming(streaming *s) {
    if (s->deriving.is_running) (void)pthread_join(s->deriving.thread, NULL);
    seine_delivery_close(&s->delivery);
    seine_consumer_close(&s->consumer);
}

static bool is_stopped(const streaming *s) { return seine_progress_stopped(s->options->kafka.progress); }

static void note(const streaming *s, const char *text) {
    if (s->options->note != NULL) s->options->note(s->options->context, text);
}

/* ---- a lake that is away ---- */

/* Tells it once, and leaves it alone for longer each time. */
static void bear(streaming *s, const char *why) {
    const int64_t now_us = seine_clock_monotonic_us();
    if (s->away_tries == 0) {
        char text[sizeof s->consumer.away.text + 32];
        (void)snprintf(text, sizeof text, "waits for the lake: %s", why);
        note(s, text);
        s->away_us = now_us;
    }
    s->asks_us = now_us + seine_backoff_us(AWAY_US, s->away_tries++, AWAY_MOST_US);
}

static void welcome(streaming *s) {
    char text[64];
    if (s->away_tries == 0) return;
    s->away_tries = 0;
    (void)snprintf(text, sizeof text, "the lake is back, after %.1f s",
                   (double)(seine_clock_monotonic_us() - s->away_us) / 1e6);
    note(s, text);
}

/* Partitions that cannot begin yet are due: they are tried again. */
static seine_status begin_again(streaming *s, seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    const seine_status status = seine_consumer_begin_again(&s->consumer, &why);
    if (status != SEINE_OK && status != SEINE_E_AWAY) return seine_fail(error, status, "%s", why.text);
    if (status == SEINE_E_AWAY) bear(s, why.text);
    return SEINE_OK;
}

/* ---- batches ---- */

/* A part of what an ingest may hold: records, their text and their fixes are in memory at once, and the next ones. */
static uint64_t batch_bytes(const streaming *s) {
    const uint64_t share = s->options->ingest.memory_bytes / 8;
    return share < BATCH_BYTES_MAX ? share : BATCH_BYTES_MAX;
}

/* Tells where it stands; *behind (may be NULL): records that wait. Short of memory it tells nothing. */
static void tell_stand(streaming *s, int64_t *behind) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_stream_partition *partitions = NULL;
    int64_t waiting = 0;
    s->stood_us = seine_clock_monotonic_us();
    if (seine_consumer_stand(&s->consumer, &arena, &partitions, &waiting) != SEINE_OK) return;
    if (behind != NULL) *behind = waiting;
    if (s->options->stand != NULL) s->options->stand(s->options->context, partitions, s->consumer.count);
}

static void tell_batch(streaming *s, seine_stream_batch *batch) {
    batch->number = ++s->report->batches;
    batch->place = s->options->reference != NULL ? seine_reference_table(*s->options->reference) : "silver";
    tell_stand(s, &batch->behind);
    seine_record_report_add(&s->report->counts, &batch->counts);
    s->report->lost += batch->lost;
    if (batch->counts.read > batch->counts.rejects) s->is_new = false;
    if (s->options->report != NULL) s->options->report(s->options->context, batch);
}

/* What does not fit is told by the first records, in however many batches they come. */
static int64_t refuse_if_only(const streaming *s) {
    const int64_t seen = s->report->counts.rejects;
    if (!s->is_new) return 0;
    return seen < SEINE_STREAM_FIT_RECORDS ? SEINE_STREAM_FIT_RECORDS - seen : 1;
}

/* ---- committing ---- */

static void arrive(streaming *s) {
    welcome(s);
    tell_batch(s, &s->delivery.came);
    seine_consumer_committed(&s->consumer, &s->delivery.batch);
    seine_delivery_forget(&s->delivery);
}

static bool is_told_to_wait(seine_status status) { return status == SEINE_E_BUSY || status == SEINE_E_AWAY; }
static bool is_overtaken(seine_status status) { return status == SEINE_E_EXISTS || status == SEINE_E_UNKNOWN; }

/* Partitions change: what did not arrive until now is read again by whoever has them then. */
static seine_status settle(void *context, seine_error *error) {
    streaming *s = context;
    seine_error why = {SEINE_OK, ""};
    seine_status status = SEINE_E_BUSY;
    if (s->delivery.is_under_way) status = seine_delivery_await(&s->delivery, &why);
    if (status == SEINE_OK)
        arrive(s);
    else
        seine_delivery_forget(&s->delivery);
    if (status == SEINE_OK || is_told_to_wait(status) || is_overtaken(status)) return SEINE_OK;
    return seine_fail(error, status, "%s", why.text);
}

static seine_status stay_until(streaming *s, int64_t until_us, seine_error *error) {
    do {
        SEINE_TRY(seine_consumer_stay(&s->consumer, BUSY_MS, error));
        if (is_stopped(s)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
    } while (seine_clock_monotonic_us() < until_us);
    return SEINE_OK;
}

/* Somebody else writes to the dataset, or the lake is away: the batch waits, and this stays a member of the group,
 * which may take the partitions away, and the batch with them. */
static seine_status await_in_turn(streaming *s, seine_error *error) {
    seine_status status = seine_delivery_await(&s->delivery, error);
    while (is_told_to_wait(status)) {
        if (status == SEINE_E_AWAY) bear(s, error->text);
        SEINE_TRY(stay_until(s, status == SEINE_E_AWAY ? s->asks_us : 0, error));
        if (s->delivery.batch.count == 0) return SEINE_OK;
        seine_delivery_begin(&s->delivery, refuse_if_only(s));
        status = seine_delivery_await(&s->delivery, error);
    }
    return status;
}

/* What is under way arrives, or is read again. */
static seine_status finish(streaming *s, seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    if (!s->delivery.is_under_way) return SEINE_OK;
    const seine_status status = await_in_turn(s, &why);
    if (is_overtaken(status)) {
        char text[sizeof why.text + 16];
        (void)snprintf(text, sizeof text, "%s: read again", why.text);
        note(s, text);
        seine_delivery_forget(&s->delivery);
        return begin_again(s, error);
    }
    if (status != SEINE_OK) return seine_fail(error, status, "%s", why.text);
    seine_consumer_go_on(&s->consumer);
    if (s->delivery.batch.count > 0) arrive(s);
    return SEINE_OK;
}

/* What waits is on its way, behind what was. */
static seine_status commit(streaming *s, seine_error *error) {
    SEINE_TRY(finish(s, error));
    if (!seine_consumer_has_work(&s->consumer)) return SEINE_OK;
    s->begun_us = 0;
    if (seine_consumer_take(&s->consumer, &s->delivery.batch) != SEINE_OK)
        return seine_no_memory(error, s->options->topic);
    seine_delivery_begin(&s->delivery, refuse_if_only(s));
    return SEINE_OK;
}

/* ---- what is derived ---- */

static void *derive_beside(void *context) {
    deriving *d = context;
    const seine_stream_options *options = d->options;
    d->status = options->derive(options->context, &d->error);
    atomic_store(&d->is_done, true);
    return NULL;
}

static seine_status end_deriving(deriving *d, seine_error *error) {
    if (!d->is_running) return SEINE_OK;
    (void)pthread_join(d->thread, NULL);
    d->is_running = false;
    return d->status == SEINE_OK ? SEINE_OK : seine_fail(error, d->status, "%s", d->error.text);
}

/* Beside the batches, as another process would: they do not wait for it, and neither does the group. At the end it is
 * waited for, and what came since it began is derived, too. */
static seine_status derive(streaming *s, int64_t now_us, bool is_end, seine_error *error) {
    const int64_t every_us = s->options->derive_every_us;
    deriving *d = &s->deriving;
    if (every_us == 0 || s->report->batches == 0) return SEINE_OK;
    if (d->is_running && !is_end && !atomic_load(&d->is_done)) return SEINE_OK;
    SEINE_TRY(end_deriving(d, error));
    if (!is_end && now_us - s->derived_us < every_us) return SEINE_OK;
    s->derived_us = now_us;
    *d = (deriving){.options = s->options};
    if (is_end || pthread_create(&d->thread, NULL, derive_beside, d) != 0)
        return s->options->derive(s->options->context, error);
    d->is_running = true;
    return SEINE_OK;
}

/* ---- the loop ---- */

static bool is_due(const streaming *s, int64_t now_us) {
    const seine_consumer *c = &s->consumer;
    if (c->bytes >= batch_bytes(s) || c->records >= BATCH_RECORDS) return true;
    return s->begun_us != 0 && now_us - s->begun_us >= s->options->trigger_us;
}

static bool is_idle(const streaming *s, int64_t now_us) {
    return s->options->idle_us >= 0 && seine_consumer_is_at_end(&s->consumer) &&
           now_us - s->came_us >= s->options->idle_us;
}

/*
 * All was read here, but not all of the topic: the other members are waited for as long as they go on. One that was
 * killed is noticed by the group after its session, and its partitions come here then.
 */
static seine_status wait_for_others(streaming *s, int64_t now_us, bool *is_end, seine_error *error) {
    int64_t waiting = 0, reached = 0;
    if (!*is_end) return SEINE_OK;
    *is_end = false;
    if (s->looked_us != 0 && now_us - s->looked_us < LOOK_US) return SEINE_OK;
    if (s->away_tries > 0 && now_us < s->asks_us) return SEINE_OK;
    s->looked_us = now_us;
    seine_error why = {SEINE_OK, ""};
    const seine_status status = seine_consumer_others(&s->consumer, &waiting, &reached, &why);
    if (status == SEINE_E_AWAY) {
        bear(s, why.text);
        return SEINE_OK;
    }
    if (status != SEINE_OK) return seine_fail(error, status, "%s", why.text);
    welcome(s);
    if (s->others_us == 0 || reached != s->others_reached) {
        s->others_reached = reached;
        s->others_us = now_us;
    }
    *is_end = waiting == 0 || now_us - s->others_us >= OTHERS_US;
    if (*is_end && waiting > 0) note(s, "other members of the group do not go on; what is left is theirs");
    return SEINE_OK;
}

static void tell_lapses(streaming *s) {
    if (s->consumer.lapses == s->lapses) return;
    s->lapses = s->consumer.lapses;
    note(s, "the group gave the partitions to others, because this was at work for too long (max.poll.interval.ms)");
}

static seine_status turn(streaming *s, bool *is_end, seine_error *error) {
    const size_t before = s->consumer.records;
    SEINE_TRY(seine_consumer_poll(&s->consumer, POLL_MS, error));
    const int64_t now_us = seine_clock_monotonic_us();
    if (s->consumer.due != NULL && now_us >= s->asks_us) SEINE_TRY(begin_again(s, error));
    if (s->consumer.begins > s->begins) welcome(s);
    s->begins = s->consumer.begins;
    if (s->consumer.records > before) s->came_us = now_us;
    if (!seine_consumer_has_work(&s->consumer))
        s->begun_us = 0;
    else if (s->begun_us == 0)
        s->begun_us = now_us;
    tell_lapses(s);
    if (s->options->stand != NULL && now_us - s->stood_us >= STAND_US) tell_stand(s, NULL);
    *is_end = is_idle(s, now_us);
    if (!seine_delivery_is_at_work(&s->delivery)) SEINE_TRY(finish(s, error));
    if (seine_consumer_has_work(&s->consumer) && (*is_end || is_due(s, now_us))) SEINE_TRY(commit(s, error));
    if (*is_end) SEINE_TRY(finish(s, error));
    *is_end = *is_end && seine_consumer_is_at_end(&s->consumer); /* it may have begun again */
    SEINE_TRY(wait_for_others(s, now_us, is_end, error));
    return derive(s, now_us, *is_end, error);
}

static seine_status run(streaming *s, seine_error *error) {
    const seine_consumer_setup setup = {.kafka = s->options->kafka,
                                        .lake = s->lake,
                                        .topic = s->options->topic,
                                        .group = s->options->group != NULL ? s->options->group : s->group,
                                        .job = s->job,
                                        .accepts_loss = s->options->accepts_loss,
                                        .settle = settle,
                                        .context = s};
    const seine_delivery_setup to = {.lake = s->lake, .job = s->job, .url = s->url, .options = s->options};
    SEINE_TRY(seine_delivery_open(&s->delivery, &to, error));
    SEINE_TRY(seine_consumer_open(&s->consumer, &setup, error));
    (void)snprintf(s->url, sizeof s->url, "kafka://%s", s->consumer.connection.brokers);
    s->came_us = s->derived_us = seine_clock_monotonic_us();
    for (bool is_end = false; !is_end && !is_stopped(s);) SEINE_TRY(turn(s, &is_end, error));
    return settle(s, error); /* told to stop: what is under way may arrive */
}

/* Groups of two lakes never share partitions: each of them wants all. */
static seine_status look_at_lake(streaming *s, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_catalog *catalog SEINE_OWNED(seine_catalog_close_owned) = NULL;
    seine_record_position *positions = NULL;
    size_t count = 0;
    char hash[33];
    const char *dataset = s->options->reference != NULL ? seine_reference_kind_name(*s->options->reference)
                                                        : s->options->ingest.dataset->name;
    (void)snprintf(s->job, sizeof s->job, SEINE_STREAM_JOB "%s", dataset);
    SEINE_TRY(seine_catalog_open(s->lake, &catalog, error));
    const char *path = seine_catalog_path(catalog);
    seine_hash128_hex(seine_hash128_of(path, strlen(path)), hash);
    (void)snprintf(s->group, sizeof s->group, "seine-%s-%.8s", dataset, hash);
    SEINE_TRY(seine_record_positions(catalog, s->job, &arena, &positions, &count, error));
    s->is_new = true;
    for (size_t i = 0; i < count; i++) s->is_new = s->is_new && strcmp(positions[i].topic, s->options->topic) != 0;
    return SEINE_OK;
}

seine_status seine_stream(const char *lake, const seine_stream_options *options, seine_stream_report *report,
                          seine_error *error) {
    streaming s SEINE_OWNED(end_streaming) = {.lake = lake, .options = options, .report = report};
    *report = (seine_stream_report){0};
    if (!seine_topic_name_is_good(options->topic))
        return seine_fail(error, SEINE_E_USAGE, "topic %s: a name is 1 to 160 letters, digits, points, - and _",
                          options->topic);
    if (options->dead_letter != NULL && strcmp(options->dead_letter, options->topic) == 0)
        return seine_fail(error, SEINE_E_USAGE, "topic %s: its refused records would come back to it for ever",
                          options->topic);
    SEINE_TRY(look_at_lake(&s, error));
    const seine_status status = run(&s, error);
    return status == SEINE_E_INTERRUPTED ? SEINE_OK : status;
}
