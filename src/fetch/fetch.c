/*
 * The order of work of a fetch: every day is probed, what the lake has is told, the rest is loaded. Both passes run on
 * as many workers as there are downloads at once; each has a connection of its own. Only the ledger is shared.
 */
#include "fetch/internal.h"

#include "base/threads.h"
#include "base/time.h"
#include "base/try.h"
#include "io/clock.h"
#include "io/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define JOBS_MAX 16
#define DAYS_MAX 36600
#define LEASE_WAIT_US (INT64_C(600) * 1000000)
#define LEASE_SLICE_NS 100000000

const char *seine_fetch_outcome_name(seine_fetch_outcome outcome) {
    static const char *const names[] = {"absent", "present", "found", "fetched", "replaced", "failed"};
    return names[outcome];
}

seine_fetch_options seine_fetch_options_default(void) {
    return (seine_fetch_options){.base_url = SEINE_FETCH_NOAA_URL,
                                 .jobs = 2,
                                 .retries = 5,
                                 .backoff_us = 1000000,
                                 .head_us = 30000000,
                                 .idle_us = 60000000,
                                 .max_bytes = SEINE_FETCH_MAX_BYTES,
                                 .check_etag = true};
}

/* A day and what is known about it. */
typedef struct entry {
    seine_remote remote;
    seine_error error;
    bool is_found, is_wanted;
} entry;

typedef struct run {
    const seine_fetch_options *options;
    seine_fetch_report *report;
    seine_mirror mirror;
    seine_fetch_meter meter;
    seine_fetch_ledger ledger;
    seine_arena arena;
    char *folder; /* of parts */
    entry *days;
    size_t count;
    seine_http *https[JOBS_MAX];
    atomic_bool is_unreachable;
    pthread_mutex_t mutex; /* guards everything below, the ledger and reports */
    size_t ended;
    seine_status (*work)(struct run *run, const seine_fetcher *fetcher, size_t index, seine_error *error);
} run;

/* ---- workers ---- */

static seine_status work_on(void *context, size_t member, size_t index, seine_error *error) {
    run *r = context;
    const seine_fetcher fetcher = {r->options, &r->mirror, r->https[member], &r->meter, &r->is_unreachable};
    SEINE_TRY(r->work(r, &fetcher, index, error));
    if (!seine_progress_stopped(r->options->progress)) return SEINE_OK;
    return seine_fail(error, SEINE_E_INTERRUPTED, "stopped");
}

/* Runs r->work over all days. */
static seine_status on_all(run *r, seine_status (*work)(run *, const seine_fetcher *, size_t, seine_error *),
                           seine_error *error) {
    r->work = work;
    r->ended = 0;
    return seine_threads_each((size_t)r->options->jobs,
                              &(seine_thread_tasks){.task = work_on, .context = r, .count = r->count}, error);
}

/* ---- telling ---- */

static void tell(run *r, size_t index, seine_fetch_outcome outcome, const seine_downloaded *done, const char *message) {
    const entry *e = &r->days[index];
    seine_fetch_report *report = r->report;
    const int64_t bytes = done != NULL ? (int64_t)done->bytes : e->remote.size;
    const bool counts =
        outcome == SEINE_FETCH_FOUND || outcome == SEINE_FETCH_FETCHED || outcome == SEINE_FETCH_REPLACED;
    report->absent += outcome == SEINE_FETCH_ABSENT;
    report->present += outcome == SEINE_FETCH_PRESENT;
    report->found += outcome == SEINE_FETCH_FOUND;
    report->fetched += outcome == SEINE_FETCH_FETCHED;
    report->replaced += outcome == SEINE_FETCH_REPLACED;
    report->failed += outcome == SEINE_FETCH_FAILED;
    if (counts && bytes > 0) report->bytes += bytes;
    if (r->options->report == NULL) return;
    const char *cause = message;
    const size_t shown = strlen(e->remote.shown);
    if (shown > 0 && strncmp(message, e->remote.shown, shown) == 0 && strncmp(message + shown, ": ", 2) == 0)
        cause = message + shown + 2;
    const bool is_named = e->is_found;
    const seine_fetch_day day = {.day = r->options->from + (int32_t)index,
                                 .outcome = outcome,
                                 .name = is_named ? e->remote.name : "",
                                 .url = is_named ? e->remote.shown : "",
                                 .bytes = is_named ? bytes : -1,
                                 .resumed = done != NULL ? (int64_t)done->resumed : 0,
                                 .message = message,
                                 .cause = cause};
    pthread_mutex_lock(&r->meter.mutex); /* no progress while it prints */
    r->options->report(r->options->context, &day);
    pthread_mutex_unlock(&r->meter.mutex);
}

/* ---- first pass ---- */

static bool is_publishers_fault(seine_status status) {
    return status == SEINE_E_IO || status == SEINE_E_FORMAT || status == SEINE_E_NOT_FOUND || status == SEINE_E_LIMIT ||
           status == SEINE_E_UNSUPPORTED;
}

static seine_status probe(run *r, const seine_fetcher *fetcher, size_t index, seine_error *error) {
    entry *e = &r->days[index];
    const seine_status status =
        seine_fetch_probe(fetcher, r->options->from + (int32_t)index, 0, &e->remote, &e->is_found, &e->error);
    if (status != SEINE_OK && !is_publishers_fault(status)) {
        if (error != NULL) *error = e->error;
        return status;
    }
    e->error.status = status;
    pthread_mutex_lock(&r->mutex);
    seine_progress_report(r->options->progress, "looking for archives", ++r->ended, r->count);
    pthread_mutex_unlock(&r->mutex);
    return SEINE_OK;
}

/* What needs no download is told in the order of days. */
static bool tell_stranger(run *r, size_t index) {
    const entry *e = &r->days[index];
    const seine_source *other = r->options->replace ? NULL : seine_fetch_stranger(&r->ledger, &e->remote);
    if (other == NULL) return false;
    seine_error why;
    (void)seine_fail(&why, SEINE_E_EXISTS,
                     "%s: the lake has other bytes of this name, from %s; --replace puts the archive in their place",
                     other->name, other->url);
    tell(r, index, SEINE_FETCH_FAILED, NULL, why.text);
    return true;
}

static void tell_probed(run *r) {
    for (size_t i = 0; i < r->count; i++) {
        entry *e = &r->days[i];
        if (e->error.status != SEINE_OK)
            tell(r, i, SEINE_FETCH_FAILED, NULL, e->error.text);
        else if (!e->is_found)
            tell(r, i, SEINE_FETCH_ABSENT, NULL, "");
        else if (seine_fetch_is_known(&r->ledger, &e->remote))
            tell(r, i, SEINE_FETCH_PRESENT, NULL, "");
        else if (tell_stranger(r, i))
            continue;
        else if (r->options->dry_run)
            tell(r, i, SEINE_FETCH_FOUND, NULL, "");
        else
            e->is_wanted = true;
        if (e->is_wanted && e->remote.size > 0) r->meter.expected += e->remote.size;
    }
}

/* ---- second pass ---- */

/* Into bronze and ledger. An ingest that runs at the same time ends sometime; nobody else waits meanwhile. */
static seine_status publish(run *r, size_t index, const seine_part *part, const seine_downloaded *done,
                            seine_error *error) {
    const int64_t begin_us = seine_clock_monotonic_us();
    for (;;) {
        seine_fetch_outcome outcome = SEINE_FETCH_FAILED;
        pthread_mutex_lock(&r->mutex);
        seine_status status = seine_fetch_publish(&r->ledger, &r->days[index].remote, part, done, &outcome, error);
        if (status == SEINE_OK) tell(r, index, outcome, done, "");
        if (status == SEINE_E_BUSY && seine_lease_renew(r->ledger.lease, error) == SEINE_E_CONFLICT)
            status = SEINE_E_CONFLICT; /* another fetch is at work in our place */
        pthread_mutex_unlock(&r->mutex);
        if (status != SEINE_E_BUSY || seine_clock_monotonic_us() - begin_us > LEASE_WAIT_US) return status;
        if (seine_progress_stopped(r->options->progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "stopped");
        nanosleep(&(struct timespec){.tv_nsec = LEASE_SLICE_NS}, NULL);
    }
}

static void tell_alone(run *r, size_t index, seine_fetch_outcome outcome, const char *message) {
    pthread_mutex_lock(&r->mutex);
    tell(r, index, outcome, NULL, message);
    pthread_mutex_unlock(&r->mutex);
}

/* Loads what stands under the name found. *is_other: that is no archive. */
static seine_status load_name(run *r, const seine_fetcher *fetcher, size_t index, bool *is_other, seine_error *error) {
    const entry *e = &r->days[index];
    seine_part part;
    seine_arena arena = {0};
    seine_downloaded done = {.bytes = 0};
    bool is_ours = true;
    seine_status status = seine_part_open(r->folder, &e->remote, &arena, &part, error);
    if (status == SEINE_OK) status = seine_fetch_download(fetcher, &e->remote, &part, &done, &is_ours, error);
    *is_other = done.is_other && !is_ours;
    if (status == SEINE_OK) {
        status = publish(r, index, &part, &done, error);
    } else if (*is_other) {
        status = SEINE_OK;
    } else if (!is_ours && is_publishers_fault(status)) {
        tell_alone(r, index, SEINE_FETCH_FAILED, error->text);
        status = SEINE_OK;
    }
    seine_part_close(&part);
    seine_arena_free(&arena);
    return status;
}

/* After a name that is none: the next one that is there. *is_there: it is to be loaded. */
static seine_status find_next(run *r, const seine_fetcher *fetcher, size_t index, bool *is_there, seine_error *error) {
    entry *e = &r->days[index];
    const int32_t day = r->options->from + (int32_t)index;
    const seine_status status = seine_fetch_probe(fetcher, day, e->remote.form + 1, &e->remote, &e->is_found, error);
    *is_there = false;
    if (status != SEINE_OK && !is_publishers_fault(status)) return status;
    if (status != SEINE_OK) {
        tell_alone(r, index, SEINE_FETCH_FAILED, error->text);
    } else if (!e->is_found) {
        tell_alone(r, index, SEINE_FETCH_ABSENT, "");
    } else {
        pthread_mutex_lock(&r->mutex);
        *is_there = !seine_fetch_is_known(&r->ledger, &e->remote);
        if (!*is_there) tell(r, index, SEINE_FETCH_PRESENT, NULL, "");
        pthread_mutex_unlock(&r->mutex);
    }
    return SEINE_OK;
}

static seine_status load_one(run *r, const seine_fetcher *fetcher, size_t index, seine_error *error) {
    bool is_wanted = r->days[index].is_wanted;
    while (is_wanted) {
        bool is_other = false;
        SEINE_TRY(load_name(r, fetcher, index, &is_other, error));
        is_wanted = false;
        if (is_other) SEINE_TRY(find_next(r, fetcher, index, &is_wanted, error));
    }
    return SEINE_OK;
}

/* ---- a run ---- */

static seine_status check_options(const seine_fetch_options *options, seine_error *error) {
    if (options->jobs < 1 || options->jobs > JOBS_MAX)
        return seine_fail(error, SEINE_E_USAGE, "jobs must be 1 to %d", JOBS_MAX);
    if (options->from > options->to) return seine_fail(error, SEINE_E_USAGE, "the first day is behind the last");
    if ((int64_t)options->to - options->from >= DAYS_MAX)
        return seine_fail(error, SEINE_E_USAGE, "at most %d days at once", DAYS_MAX);
    return SEINE_OK;
}

static seine_status open_run(run *r, const seine_fetch_options *options, seine_fetch_report *report,
                             seine_error *error) {
    *r = (run){.options = options, .report = report, .meter = {.progress = options->progress}};
    *report = (seine_fetch_report){0};
    pthread_mutex_init(&r->mutex, NULL);
    pthread_mutex_init(&r->meter.mutex, NULL);
    SEINE_TRY(check_options(options, error));
    SEINE_TRY(seine_mirror_open(options->base_url, &r->arena, &r->mirror, error));
    r->count = report->days = (size_t)(options->to - options->from) + 1;
    r->days = calloc(r->count, sizeof *r->days);
    if (r->days == NULL) return seine_no_memory(error, "fetch");
    const seine_http_options http = {.connect_us = options->head_us,
                                     .head_us = options->head_us,
                                     .idle_us = options->idle_us,
                                     .progress = options->progress};
    for (int i = 0; !r->mirror.is_folder && i < options->jobs; i++)
        SEINE_TRY(seine_http_open(&http, &r->https[i], error));
    return SEINE_OK;
}

static void close_run(run *r) {
    for (int i = 0; i < JOBS_MAX; i++) seine_http_close(r->https[i]);
    seine_fetch_ledger_close(&r->ledger);
    free(r->days);
    seine_arena_free(&r->arena);
    pthread_mutex_destroy(&r->mutex);
    pthread_mutex_destroy(&r->meter.mutex);
}

static seine_status open_lake(run *r, const char *lake, seine_error *error) {
    SEINE_TRY(seine_fetch_ledger_open(lake, !r->options->dry_run, &r->ledger, error));
    if (r->options->dry_run) return SEINE_OK;
    r->ledger.command = r->options->command;
    r->ledger.begun_us = seine_clock_monotonic_us();
    if (r->options->invocation != NULL)
        (void)snprintf(r->ledger.invocation, sizeof r->ledger.invocation, "%s", r->options->invocation);
    char *folder = NULL;
    SEINE_TRY(seine_file_scratch(seine_catalog_path(r->ledger.catalog), "fetch", &r->arena, &folder, error));
    r->folder = folder;
    return SEINE_OK;
}

/* All of a fetch but its end. */
static seine_status fetch_all(run *r, const char *lake, seine_error *error) {
    SEINE_TRY(open_lake(r, lake, error));
    SEINE_TRY(on_all(r, probe, error));
    tell_probed(r);
    return r->options->dry_run ? SEINE_OK : on_all(r, load_one, error);
}

seine_status seine_fetch_noaa(const char *lake, const seine_fetch_options *options, seine_fetch_report *report,
                              seine_error *error) {
    run r;
    const int64_t begin_us = seine_clock_monotonic_us();
    seine_status status = open_run(&r, options, report, error);
    if (status == SEINE_OK) status = fetch_all(&r, lake, error);
    report->loaded = r.meter.loaded;
    report->seconds = (double)(seine_clock_monotonic_us() - begin_us) / 1e6;
    close_run(&r);
    return status;
}

/* ---- preview by probing ---- */

seine_status seine_fetch_probe_all(const seine_fetch_options *options, seine_error *error) {
    run r;
    seine_fetch_report report;
    seine_status status = open_run(&r, options, &report, error);
    if (status == SEINE_OK) status = on_all(&r, probe, error);
    for (size_t i = 0; status == SEINE_OK && i < r.count; i++) {
        if (r.days[i].error.status != SEINE_OK) {
            if (error != NULL) *error = r.days[i].error;
            status = r.days[i].error.status;
        } else if (r.days[i].is_found) {
            tell(&r, i, SEINE_FETCH_FOUND, NULL, "");
        }
    }
    close_run(&r);
    return status;
}
