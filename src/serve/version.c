/*
 *     who asks:    asked++ → waits until answered ≥ its own number, or for too long: away
 *     the thread:  waits for a question, or a while when the catalog is away → asks → answered = asked of before
 *
 * An answer counts for those whose question was put before the catalog was asked: what was committed before they came
 * is in it.
 */
#include "serve/version.h"

#include "io/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define RETRY_US 500000 /* between two questions to a catalog that is away */

struct seine_version {
    seine_catalog *catalog; /* changed under the mutex, while nothing is being asked */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    uint64_t asked, answered; /* under the mutex, like what follows */
    int64_t number;
    bool is_asking, is_over, has_thread;
    atomic_bool is_remote, is_away;
    pthread_t thread;
};

bool seine_version_is_remote(const seine_version *version) { return atomic_load(&version->is_remote); }

bool seine_version_is_away(const seine_version *version) { return atomic_load(&version->is_away); }

/* Under the mutex, which is given up meanwhile. */
static void ask_once(seine_version *v) {
    const uint64_t question = v->asked;
    int64_t number = 0;
    v->is_asking = true;
    (void)pthread_mutex_unlock(&v->mutex);
    const bool is_there = seine_catalog_version(v->catalog, &number, NULL) == SEINE_OK;
    (void)pthread_mutex_lock(&v->mutex);
    v->is_asking = false;
    v->answered = question;
    if (is_there) v->number = number;
    atomic_store(&v->is_away, !is_there);
    (void)pthread_cond_broadcast(&v->changed);
}

static void *work(void *context) {
    seine_version *v = context;
    (void)pthread_mutex_lock(&v->mutex);
    while (!v->is_over) {
        const bool is_remote = atomic_load(&v->is_remote), is_away = is_remote && atomic_load(&v->is_away);
        if (is_away) (void)seine_clock_wait(&v->changed, &v->mutex, RETRY_US);
        if (!is_away && (!is_remote || v->asked == v->answered)) (void)pthread_cond_wait(&v->changed, &v->mutex);
        if (!v->is_over && atomic_load(&v->is_remote) && (is_away || v->asked != v->answered)) ask_once(v);
    }
    (void)pthread_mutex_unlock(&v->mutex);
    return NULL;
}

seine_status seine_version_open(seine_catalog *catalog, seine_version **version, seine_error *error) {
    *version = NULL;
    seine_catalog *owned SEINE_OWNED(seine_catalog_close_owned) = catalog;
    seine_version *made SEINE_OWNED(seine_version_close_owned) = calloc(1, sizeof *made);
    if (made == NULL) return seine_no_memory(error, "lake");
    (void)pthread_mutex_init(&made->mutex, NULL);
    if (!seine_clock_condition(&made->changed)) return seine_no_memory(error, "lake");
    made->catalog = SEINE_TAKE(owned);
    atomic_init(&made->is_remote, seine_catalog_is_remote(made->catalog));
    made->has_thread = pthread_create(&made->thread, NULL, work, made) == 0;
    if (!made->has_thread) return seine_fail(error, SEINE_E_NOMEM, "lake: no thread can be started");
    *version = SEINE_TAKE(made);
    return SEINE_OK;
}

void seine_version_close(seine_version *version) {
    if (version == NULL) return;
    (void)pthread_mutex_lock(&version->mutex);
    version->is_over = true;
    (void)pthread_cond_broadcast(&version->changed);
    (void)pthread_mutex_unlock(&version->mutex);
    if (version->has_thread) (void)pthread_join(version->thread, NULL);
    seine_catalog_close(version->catalog);
    (void)pthread_mutex_destroy(&version->mutex);
    (void)pthread_cond_destroy(&version->changed);
    free(version);
}

void seine_version_swap(seine_version *version, seine_catalog *catalog) {
    (void)pthread_mutex_lock(&version->mutex);
    while (version->is_asking) (void)pthread_cond_wait(&version->changed, &version->mutex);
    seine_catalog_close(version->catalog);
    version->catalog = catalog;
    atomic_store(&version->is_remote, seine_catalog_is_remote(catalog));
    atomic_store(&version->is_away, false);
    (void)pthread_cond_broadcast(&version->changed);
    (void)pthread_mutex_unlock(&version->mutex);
}

static seine_status away(seine_error *error) { return seine_fail(error, SEINE_E_BUSY, "the catalog does not answer"); }

/* Under the mutex. */
static seine_status ask_server(seine_version *v, int64_t *number, seine_error *error) {
    if (atomic_load(&v->is_away)) return away(error);
    const uint64_t question = ++v->asked;
    const int64_t until_us = seine_clock_monotonic_us() + SEINE_VERSION_WAIT_S * INT64_C(1000000);
    (void)pthread_cond_broadcast(&v->changed);
    while (v->answered < question && !atomic_load(&v->is_away) && atomic_load(&v->is_remote)) {
        const int64_t left_us = until_us - seine_clock_monotonic_us();
        if (left_us > 0) (void)seine_clock_wait(&v->changed, &v->mutex, left_us);
        if (left_us <= 0) atomic_store(&v->is_away, true);
    }
    *number = v->number;
    return v->answered >= question && !atomic_load(&v->is_away) ? SEINE_OK : away(error);
}

seine_status seine_version_ask(seine_version *version, int64_t *number, seine_error *error) {
    (void)pthread_mutex_lock(&version->mutex);
    const seine_status status = atomic_load(&version->is_remote)
                                    ? ask_server(version, number, error)
                                    : seine_catalog_version(version->catalog, number, error);
    (void)pthread_mutex_unlock(&version->mutex);
    return status;
}
