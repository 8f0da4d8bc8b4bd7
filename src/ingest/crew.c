#include "ingest/crew.h"

#include "ingest/parser.h"

#include <pthread.h>
#include <stdatomic.h>

typedef struct shared_work {
    seine_status (*work)(void *context, size_t index, seine_error *error);
    void *context;
    size_t count;
    const seine_progress *progress;
    const char *phase;
    atomic_size_t next;
    atomic_bool failed;
    pthread_mutex_t lock;
    size_t done;
    seine_status status;
    seine_error error;
} shared_work;

static void *crew_main(void *argument) {
    shared_work *w = argument;
    for (;;) {
        const size_t index = atomic_fetch_add(&w->next, 1);
        if (index >= w->count || atomic_load(&w->failed)) return NULL;
        seine_error error = {SEINE_OK, ""};
        seine_status status = SEINE_E_INTERRUPTED;
        if (seine_progress_stopped(w->progress))
            (void)seine_fail(&error, status, "interrupted");
        else
            status = w->work(w->context, index, &error);
        pthread_mutex_lock(&w->lock);
        if (status != SEINE_OK && w->status == SEINE_OK) {
            w->status = status;
            w->error = error;
            atomic_store(&w->failed, true);
        }
        seine_progress_report(w->progress, w->phase, ++w->done, w->count);
        pthread_mutex_unlock(&w->lock);
    }
}

seine_status seine_crew_run(const seine_crew *crew, size_t count, seine_crew_work *work, void *context,
                            const char *phase, seine_error *error) {
    shared_work w = {.work = work, .context = context, .count = count, .progress = crew->progress, .phase = phase};
    pthread_t threads[SEINE_PARSE_THREADS_MAX];
    int started = 0;
    pthread_mutex_init(&w.lock, NULL);
    for (int i = 1; i < crew->threads && (size_t)i < count; i++)
        if (pthread_create(&threads[started], NULL, crew_main, &w) == 0) started++;
    (void)crew_main(&w);
    for (int i = 0; i < started; i++) pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&w.lock);
    if (w.status != SEINE_OK && error != NULL) *error = w.error;
    return w.status;
}
