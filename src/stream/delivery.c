#include "stream/delivery.h"

#include "io/clock.h"

/* ---- refused records ---- */

static const seine_record *find_record(const seine_record_run *run, int64_t offset) {
    size_t low = 0, high = run->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (run->records[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < run->count && run->records[low].offset == offset ? &run->records[low] : NULL;
}

/* Of what they hold: a partition has the same records between two offsets, however often they are read. */
static seine_hash128 hash_runs(const seine_batch *batch) {
    seine_hash128 sum = {0, 0};
    for (size_t i = 0; i < batch->count; i++) {
        const int64_t of[] = {batch->runs[i].partition, batch->runs[i].position, batch->runs[i].next};
        sum = seine_hash128_add(sum, seine_hash128_of(of, sizeof of));
    }
    return sum;
}

/* Once, however often the lake does not take them. */
static seine_status send_refused(void *context, const seine_record_refusal *refusals, size_t count,
                                 seine_error *error) {
    seine_delivery *d = context;
    const seine_hash128 runs = hash_runs(&d->batch);
    if (seine_hash128_equal(runs, d->letters_sent)) return SEINE_OK;
    for (size_t i = 0; i < count; i++)
        for (size_t r = 0; r < d->batch.count; r++) {
            const seine_record_run *run = &d->batch.runs[r];
            if (run->partition != refusals[i].partition) continue;
            const seine_record *record = find_record(run, refusals[i].offset);
            if (record == NULL) continue;
            SEINE_TRY(seine_dead_letters_send(&d->letters, run, record, refusals[i].reason, error));
        }
    SEINE_TRY(seine_dead_letters_flush(&d->letters, error));
    d->letters_sent = runs;
    return SEINE_OK;
}

/* ---- a try ---- */

static seine_status take(seine_delivery *d) {
    const seine_stream_options *options = d->setup.options;
    const seine_batch *batch = &d->batch;
    const seine_record_options record_options = {.ingest = options->ingest,
                                                 .job = d->setup.job,
                                                 .url = d->setup.url,
                                                 .refuse_if_only = d->refuse_if_only,
                                                 .refused = options->dead_letter != NULL ? send_refused : NULL,
                                                 .context = d};
    if (options->reference == NULL)
        return seine_ingest_runs(d->setup.lake, batch->runs, batch->count, &record_options, &d->came.counts, &d->error);
    return seine_reference_take_runs(d->setup.lake, *options->reference, batch->runs, batch->count, &record_options,
                                     &d->came.counts, &d->error);
}

static void *try_it(void *context) {
    seine_delivery *d = context;
    const seine_batch *batch = &d->batch;
    d->came = (seine_stream_batch){.bytes = batch->bytes, .lag_s = -1};
    d->error = (seine_error){SEINE_OK, ""};
    d->status = take(d);
    for (size_t i = 0; i < batch->count; i++)
        if (batch->runs[i].lost_to > 0) d->came.lost += batch->runs[i].lost_to - batch->runs[i].position;
    d->came.seconds = (double)(seine_clock_monotonic_us() - d->begun_us) / 1e6;
    if (batch->newest_sent_us != INT64_MIN) {
        const int64_t lag_us = seine_clock_wall_us() - batch->newest_sent_us;
        d->came.lag_s = lag_us > 0 ? (double)lag_us / 1e6 : 0;
    }
    atomic_store(&d->is_done, true);
    return NULL;
}

void seine_delivery_begin(seine_delivery *d, int64_t refuse_if_only) {
    if (d->begun_us == 0) d->begun_us = seine_clock_monotonic_us();
    d->refuse_if_only = refuse_if_only;
    d->is_under_way = true;
    atomic_store(&d->is_done, false);
    d->has_thread = pthread_create(&d->thread, NULL, try_it, d) == 0;
    if (!d->has_thread) (void)try_it(d);
}

bool seine_delivery_is_at_work(const seine_delivery *d) { return d->is_under_way && !atomic_load(&d->is_done); }

static void join(seine_delivery *d) {
    if (d->has_thread) (void)pthread_join(d->thread, NULL);
    d->has_thread = d->is_under_way = false;
}

seine_status seine_delivery_await(seine_delivery *d, seine_error *error) {
    join(d);
    return d->status == SEINE_OK ? SEINE_OK : seine_fail(error, d->status, "%s", d->error.text);
}

void seine_delivery_forget(seine_delivery *d) {
    seine_batch_free(&d->batch);
    d->begun_us = 0;
}

/* ---- it as a whole ---- */

seine_status seine_delivery_open(seine_delivery *d, const seine_delivery_setup *setup, seine_error *error) {
    const seine_stream_options *options = setup->options;
    *d = (seine_delivery){.setup = *setup};
    if (options->dead_letter == NULL) return SEINE_OK;
    return seine_dead_letters_open(&d->letters, &options->kafka, options->dead_letter, error);
}

void seine_delivery_close(seine_delivery *d) {
    join(d);
    seine_delivery_forget(d);
    seine_dead_letters_close(&d->letters);
}
