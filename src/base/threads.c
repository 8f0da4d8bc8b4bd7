/* Threads that help the caller and are joined before it goes on. */
#include "base/threads.h"

#include <pthread.h>

/* ---- threads ---- */

typedef struct helper {
    pthread_t thread;
    void (*work)(void *context, size_t member);
    void *context;
    size_t member;
} helper;

static void *help(void *argument) {
    const helper *h = argument;
    h->work(h->context, h->member);
    return NULL;
}

void seine_threads_run(size_t members, void (*work)(void *context, size_t member), void *context) {
    helper helpers[SEINE_THREADS_MAX];
    size_t started = 1;
    if (members > SEINE_THREADS_MAX) members = SEINE_THREADS_MAX;
    for (; started < members; started++) {
        helpers[started] = (helper){.work = work, .context = context, .member = started};
        if (pthread_create(&helpers[started].thread, NULL, help, &helpers[started]) != 0) break;
    }
    work(context, 0);
    for (size_t i = 1; i < started; i++) (void)pthread_join(helpers[i].thread, NULL);
}

/* ---- tasks ---- */

typedef struct shared {
    const seine_thread_tasks *tasks;
    pthread_mutex_t lock; /* of all below */
    size_t next, done;
    seine_status status;
    seine_error *error; /* the caller's; may be NULL */
} shared;

static bool take(shared *s, size_t *index) {
    (void)pthread_mutex_lock(&s->lock);
    const bool is_there = s->status == SEINE_OK && s->next < s->tasks->count;
    if (is_there) *index = s->next++;
    (void)pthread_mutex_unlock(&s->lock);
    return is_there;
}

static void finish(shared *s, seine_status status, const seine_error *error) {
    const seine_thread_tasks *tasks = s->tasks;
    (void)pthread_mutex_lock(&s->lock);
    if (status != SEINE_OK && s->status == SEINE_OK) {
        s->status = status;
        if (s->error != NULL) *s->error = *error;
    }
    s->done++;
    if (tasks->progress != NULL) seine_progress_report(tasks->progress, tasks->phase, s->done, tasks->count);
    (void)pthread_mutex_unlock(&s->lock);
}

static void do_tasks(void *context, size_t member) {
    shared *s = context;
    const seine_thread_tasks *tasks = s->tasks;
    for (size_t index; take(s, &index);) {
        seine_error error = {SEINE_OK, ""};
        const seine_status status = seine_progress_stopped(tasks->progress)
                                        ? seine_fail(&error, SEINE_E_INTERRUPTED, "interrupted")
                                        : tasks->task(tasks->context, member, index, &error);
        finish(s, status, &error);
    }
}

seine_status seine_threads_each(size_t members, const seine_thread_tasks *tasks, seine_error *error) {
    shared s = {.tasks = tasks, .error = error};
    (void)pthread_mutex_init(&s.lock, NULL);
    seine_threads_run(members < tasks->count ? members : tasks->count, do_tasks, &s);
    (void)pthread_mutex_destroy(&s.lock);
    return s.status;
}
