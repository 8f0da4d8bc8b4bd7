/* A thread that interrupts the SQL engine when the user asks to stop. */
#include "engine/watch.h"

#include "base/try.h"
#include "io/clock.h"

#include <pthread.h>
#include <stdlib.h>

#define LOOK_US 20000 /* how soon Ctrl-C reaches a running query */

struct seine_watch {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    bool is_ended;
    seine_engine *engine;
    const seine_progress *progress;
};

static void *watch_thread(void *argument) {
    seine_watch *w = argument;
    (void)pthread_mutex_lock(&w->mutex);
    while (!w->is_ended) {
        (void)seine_clock_wait(&w->ended, &w->mutex, LOOK_US);
        if (!w->is_ended && seine_progress_stopped(w->progress)) seine_engine_interrupt(w->engine);
    }
    (void)pthread_mutex_unlock(&w->mutex);
    return NULL;
}

static void destroy(seine_watch *w) {
    (void)pthread_cond_destroy(&w->ended);
    (void)pthread_mutex_destroy(&w->mutex);
    free(w);
}

seine_status seine_watch_begin(seine_engine *engine, const seine_progress *progress, seine_watch **watch,
                               seine_error *error) {
    *watch = NULL;
    seine_watch *w = calloc(1, sizeof *w);
    if (w == NULL) return seine_no_memory(error, "watching for Ctrl-C");
    w->engine = engine;
    w->progress = progress;
    (void)pthread_mutex_init(&w->mutex, NULL);
    if (!seine_clock_condition(&w->ended)) {
        (void)pthread_mutex_destroy(&w->mutex);
        free(w);
        return seine_fail(error, SEINE_E_NOMEM, "no condition to watch for Ctrl-C");
    }
    if (pthread_create(&w->thread, NULL, watch_thread, w) != 0) {
        destroy(w);
        return seine_fail(error, SEINE_E_NOMEM, "no thread to watch for Ctrl-C");
    }
    *watch = w;
    return SEINE_OK;
}

void seine_watch_end(seine_watch *watch) {
    if (watch == NULL) return;
    (void)pthread_mutex_lock(&watch->mutex);
    watch->is_ended = true;
    (void)pthread_cond_signal(&watch->ended);
    (void)pthread_mutex_unlock(&watch->mutex);
    (void)pthread_join(watch->thread, NULL);
    destroy(watch);
}
