/* links: core io base */
/* wraps: pthread_create */
/* The one crew: every task once, by whoever is there; what fails or is stopped ends it; nobody is left behind. */
#include "unit/core_support.h"

#include "base/threads.h"

#include <pthread.h>
#include <stdatomic.h>

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *context);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *context);

static size_t threads_left = SIZE_MAX; /* that can be started */
static size_t threads_asked;

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *context) {
    threads_asked++;
    if (threads_left == 0) return 11; /* EAGAIN */
    threads_left--;
    return __real_pthread_create(thread, attributes, run, context);
}

#define TASKS 1000

typedef struct seen {
    atomic_int times[TASKS];
    atomic_size_t members[SEINE_THREADS_MAX];
    atomic_size_t begun, running;
    size_t fails_from; /* tasks from this on fail */
    atomic_bool *stop;
    size_t stops_at;
} seen;

static seine_status do_task(void *context, size_t member, size_t index, seine_error *error) {
    seen *s = context;
    atomic_fetch_add(&s->running, 1);
    atomic_fetch_add(&s->begun, 1);
    atomic_fetch_add(&s->times[index], 1);
    atomic_fetch_add(&s->members[member], 1);
    if (s->stop != NULL && index == s->stops_at) atomic_store(s->stop, true);
    const seine_status status =
        index >= s->fails_from ? seine_fail(error, SEINE_E_FORMAT, "task %zu is bad", index) : SEINE_OK;
    atomic_fetch_sub(&s->running, 1);
    return status;
}

static void every_task_is_done_once_by_any_number_of_members(void **state) {
    (void)state;
    static const size_t members[] = {0, 1, 2, 7, SEINE_THREADS_MAX, SEINE_THREADS_MAX + 100};
    for (size_t m = 0; m < sizeof members / sizeof *members; m++) {
        seen s = {.fails_from = SIZE_MAX};
        const seine_thread_tasks tasks = {.task = do_task, .context = &s, .count = TASKS};
        assert_int_equal(seine_threads_each(members[m], &tasks, NULL), SEINE_OK);
        for (size_t i = 0; i < TASKS; i++) assert_int_equal(atomic_load(&s.times[i]), 1);
    }
}

static void a_crew_is_never_larger_than_its_tasks(void **state) {
    (void)state;
    seen s = {.fails_from = SIZE_MAX};
    threads_asked = 0;
    assert_int_equal(seine_threads_each(8, &(seine_thread_tasks){.task = do_task, .context = &s, .count = 3}, NULL),
                     SEINE_OK);
    assert_int_equal(threads_asked, 2);
    threads_asked = 0;
    assert_int_equal(seine_threads_each(8, &(seine_thread_tasks){.task = do_task, .context = &s, .count = 0}, NULL),
                     SEINE_OK);
    assert_int_equal(threads_asked, 0);
}

/* Three threads can be started, then two, then none: the caller is always there. */
static void threads_that_cannot_be_started_are_only_missed(void **state) {
    (void)state;
    for (size_t can = 4; can-- > 0;) {
        seen s = {.fails_from = SIZE_MAX};
        threads_left = can;
        const seine_thread_tasks tasks = {.task = do_task, .context = &s, .count = TASKS};
        const seine_status status = seine_threads_each(8, &tasks, NULL);
        threads_left = SIZE_MAX;
        assert_int_equal(status, SEINE_OK);
        for (size_t i = 0; i < TASKS; i++) assert_int_equal(atomic_load(&s.times[i]), 1);
        for (size_t m = can + 1; m < SEINE_THREADS_MAX; m++) assert_int_equal(atomic_load(&s.members[m]), 0);
    }
}

static void the_first_failure_is_told_and_ends_the_work(void **state) {
    (void)state;
    seine_error error = {SEINE_OK, ""};
    seen s = {.fails_from = 10};
    const seine_thread_tasks tasks = {.task = do_task, .context = &s, .count = TASKS};
    assert_int_equal(seine_threads_each(1, &tasks, &error), SEINE_E_FORMAT);
    assert_string_equal(error.text, "task 10 is bad");
    assert_int_equal(atomic_load(&s.begun), 11);

    for (int round = 0; round < 20; round++) {
        seen many = {.fails_from = 10};
        error = (seine_error){SEINE_OK, ""};
        assert_int_equal(
            seine_threads_each(4, &(seine_thread_tasks){.task = do_task, .context = &many, .count = TASKS}, &error),
            SEINE_E_FORMAT);
        assert_int_equal(error.status, SEINE_E_FORMAT);
        assert_true(atomic_load(&many.begun) <= 10 + 4); /* each member may have been in one */
        assert_int_equal(atomic_load(&many.running), 0);
    }
}

static void keep_done(void *context, const char *phase, uint64_t done, uint64_t total) {
    uint64_t *last = context;
    assert_string_equal(phase, "counting");
    assert_true(done == *last + 1 && total == TASKS);
    *last = done;
}

static void progress_is_told_in_order_and_its_stop_is_heard(void **state) {
    (void)state;
    atomic_bool stop = false;
    uint64_t last = 0;
    seine_error error = {SEINE_OK, ""};
    const seine_progress progress = {.report = keep_done, .context = &last, .stop = &stop};
    seen s = {.fails_from = SIZE_MAX};
    seine_thread_tasks tasks = {
        .task = do_task, .context = &s, .count = TASKS, .progress = &progress, .phase = "counting"};
    assert_int_equal(seine_threads_each(3, &tasks, &error), SEINE_OK);
    assert_true(last == TASKS);

    seen stopped = {.fails_from = SIZE_MAX, .stop = &stop, .stops_at = 5};
    last = 0;
    tasks.context = &stopped;
    assert_int_equal(seine_threads_each(1, &tasks, &error), SEINE_E_INTERRUPTED);
    assert_string_equal(error.text, "interrupted");
    assert_int_equal(atomic_load(&stopped.begun), 6);
}

typedef struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t there, wanted;
    bool is_member[SEINE_THREADS_MAX];
} meeting;

static void meet(void *context, size_t member) {
    meeting *m = context;
    (void)pthread_mutex_lock(&m->lock);
    m->is_member[member] = true;
    m->there++;
    (void)pthread_cond_broadcast(&m->changed);
    while (m->there < m->wanted) (void)pthread_cond_wait(&m->changed, &m->lock);
    (void)pthread_mutex_unlock(&m->lock);
}

static void members_work_at_once_and_their_numbers_have_no_gap(void **state) {
    (void)state;
    meeting m = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .wanted = 5};
    seine_threads_run(5, meet, &m);
    assert_int_equal(m.there, 5);
    for (size_t i = 0; i < SEINE_THREADS_MAX; i++) assert_int_equal(m.is_member[i], i < 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_is_done_once_by_any_number_of_members),
        cmocka_unit_test(a_crew_is_never_larger_than_its_tasks),
        cmocka_unit_test(threads_that_cannot_be_started_are_only_missed),
        cmocka_unit_test(the_first_failure_is_told_and_ends_the_work),
        cmocka_unit_test(progress_is_told_in_order_and_its_stop_is_heard),
        cmocka_unit_test(members_work_at_once_and_their_numbers_have_no_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
