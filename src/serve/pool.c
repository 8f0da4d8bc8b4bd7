/* Workers over a ring of jobs. */
#include "serve/pool.h"

#include "base/try.h"
#include <pthread.h>
#include <stdlib.h>

typedef struct worker {
    seine_pool *pool;
    size_t number;
    pthread_t thread;
} worker;

struct seine_pool {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    seine_job_fn run;
    void *context;
    void **jobs; /* a ring */
    size_t capacity, first, count;
    worker *workers;
    size_t worker_count; /* started */
    bool is_closing;
};

static void *work(void *argument) {
    worker *self = argument;
    seine_pool *pool = self->pool;
    (void)pthread_mutex_lock(&pool->mutex);
    for (;;) {
        while (pool->count == 0 && !pool->is_closing) (void)pthread_cond_wait(&pool->changed, &pool->mutex);
        if (pool->count == 0) break;
        void *job = pool->jobs[pool->first];
        pool->first = (pool->first + 1) % pool->capacity;
        pool->count--;
        const bool is_refused = pool->is_closing;
        (void)pthread_mutex_unlock(&pool->mutex);
        pool->run(pool->context, self->number, job, is_refused);
        (void)pthread_mutex_lock(&pool->mutex);
    }
    (void)pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

seine_status seine_pool_open(size_t workers, size_t queue_max, seine_job_fn run, void *context, seine_pool **pool,
                             seine_error *error) {
    *pool = NULL;
    seine_pool *made = calloc(1, sizeof *made);
    if (made == NULL) return seine_no_memory(error, "workers");
    (void)pthread_mutex_init(&made->mutex, NULL);
    (void)pthread_cond_init(&made->changed, NULL);
    made->run = run;
    made->context = context;
    made->capacity = queue_max;
    made->jobs = calloc(queue_max, sizeof *made->jobs);
    made->workers = calloc(workers, sizeof *made->workers);
    bool ok = made->jobs != NULL && made->workers != NULL;
    for (size_t i = 0; ok && i < workers; i++) {
        made->workers[i] = (worker){made, i, 0};
        ok = pthread_create(&made->workers[i].thread, NULL, work, &made->workers[i]) == 0;
        made->worker_count += ok;
    }
    if (!ok) {
        seine_pool_close(made);
        return seine_fail(error, SEINE_E_NOMEM, "workers: no thread can be started");
    }
    *pool = made;
    return SEINE_OK;
}

bool seine_pool_submit(seine_pool *pool, void *job) {
    (void)pthread_mutex_lock(&pool->mutex);
    const bool takes = pool->count < pool->capacity && !pool->is_closing;
    if (takes) pool->jobs[(pool->first + pool->count++) % pool->capacity] = job;
    (void)pthread_mutex_unlock(&pool->mutex);
    if (takes) (void)pthread_cond_signal(&pool->changed);
    return takes;
}

size_t seine_pool_waiting(seine_pool *pool) {
    (void)pthread_mutex_lock(&pool->mutex);
    const size_t count = pool->count;
    (void)pthread_mutex_unlock(&pool->mutex);
    return count;
}

void seine_pool_close(seine_pool *pool) {
    if (pool == NULL) return;
    (void)pthread_mutex_lock(&pool->mutex);
    pool->is_closing = true;
    (void)pthread_mutex_unlock(&pool->mutex);
    (void)pthread_cond_broadcast(&pool->changed);
    for (size_t i = 0; i < pool->worker_count; i++) (void)pthread_join(pool->workers[i].thread, NULL);
    (void)pthread_mutex_destroy(&pool->mutex);
    (void)pthread_cond_destroy(&pool->changed);
    free(pool->workers);
    free(pool->jobs);
    free(pool);
}
