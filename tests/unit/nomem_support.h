/* wraps: malloc calloc realloc strdup strndup realpath getcwd fopen opendir pthread_create */
/* wraps: seine_arena_alloc seine_arena_copy seine_arena_printf */
/* wraps: seine_buf_reserve seine_buf_append seine_buf_append_str seine_buf_printf seine_buf_text */
/*
 * Allocations that fail on demand. Included once, after cmocka.h, by tests which the build then links with the wraps
 * above. A piece of an arena and room in a buffer count as allocations of their own, though most of them need no new
 * memory: any of them might.
 */
#ifndef TESTS_UNIT_NOMEM_SUPPORT_H
#define TESTS_UNIT_NOMEM_SUPPORT_H

#include "base/arena.h"
#include "base/buf.h"
#include "unit/full_support.h"

#include <dirent.h>
#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

/* ---- which one fails ---- */

enum { SITES_MAX = 1 << 16, SITE_FRAMES = 6 };

static struct {
    atomic_size_t count; /* allocations so far */
    size_t fail_at;      /* number of the allocation that fails; 0 = none */
    bool fails_on;       /* those after it, too */
    bool is_refused;     /* what failed last is no memory, but something else of the system's */
    bool is_learning;
    pthread_mutex_t lock;          /* of what was learnt */
    void *frames[SITE_FRAMES + 8]; /* who wanted what failed first */
    int frame_count;
    uint64_t seen[SITES_MAX];
    size_t *firsts, first_count; /* numbers of the allocations that were the first of their place in the program */
} nomem = {.lock = PTHREAD_MUTEX_INITIALIZER};

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);

/* A place in the program: who allocates, called by whom. */
static inline uint64_t nomem_place(const void *caller) {
    void *frames[SITE_FRAMES + 8];
    const int count = backtrace(frames, SITE_FRAMES + 8);
    int from = 0;
    while (from < count && frames[from] != caller) from++;
    uint64_t hash = UINT64_C(14695981039346656037);
    for (int i = from; i < count && i < from + SITE_FRAMES; i++)
        hash = (hash ^ (uint64_t)(uintptr_t)frames[i]) * UINT64_C(1099511628211);
    return hash | 1;
}

static inline void nomem_learn(size_t number, const void *caller) {
    const uint64_t place = nomem_place(caller);
    (void)pthread_mutex_lock(&nomem.lock);
    size_t slot = (size_t)(place >> 20) % SITES_MAX;
    while (nomem.seen[slot] != 0 && nomem.seen[slot] != place) slot = (slot + 1) % SITES_MAX;
    if (nomem.seen[slot] == 0) {
        nomem.seen[slot] = place;
        nomem.firsts = __real_realloc(nomem.firsts, (nomem.first_count + 1) * sizeof *nomem.firsts);
        nomem.firsts[nomem.first_count++] = number;
    }
    (void)pthread_mutex_unlock(&nomem.lock);
}

static inline bool nomem_fails(const void *caller, bool is_refusal) {
    const size_t number = atomic_fetch_add(&nomem.count, 1) + 1;
    if (nomem.is_learning) nomem_learn(number, caller);
    if (nomem.fail_at == 0 || number < nomem.fail_at || (number > nomem.fail_at && !nomem.fails_on)) return false;
    nomem.is_refused = nomem.is_refused || is_refusal;
    if (number == nomem.fail_at) nomem.frame_count = backtrace(nomem.frames, SITE_FRAMES + 8);
    errno = ENOMEM;
    return true;
}
#define FAILS_NOW nomem_fails(__builtin_return_address(0), false)
#define REFUSED_NOW nomem_fails(__builtin_return_address(0), true)

/* ---- the calls ---- */

char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);
char *__real_realpath(const char *path, char *out);
char *__real_getcwd(char *out, size_t size);
FILE *__real_fopen(const char *path, const char *mode);
DIR *__real_opendir(const char *path);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *context);
void *__real_seine_arena_alloc(seine_arena *arena, size_t size);
char *__real_seine_arena_copy(seine_arena *arena, const void *bytes, size_t size);
seine_status __real_seine_buf_reserve(seine_buf *buf, size_t extra);
seine_status __real_seine_buf_append(seine_buf *buf, const void *bytes, size_t size);
seine_status __real_seine_buf_append_str(seine_buf *buf, const char *text);
char *__real_seine_buf_text(seine_buf *buf);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);
char *__wrap_realpath(const char *path, char *out);
char *__wrap_getcwd(char *out, size_t size);
FILE *__wrap_fopen(const char *path, const char *mode);
DIR *__wrap_opendir(const char *path);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *context);
void *__wrap_seine_arena_alloc(seine_arena *arena, size_t size);
char *__wrap_seine_arena_copy(seine_arena *arena, const void *bytes, size_t size);
char *__wrap_seine_arena_printf(seine_arena *arena, const char *format, ...) SEINE_PRINTF(2, 3);
seine_status __wrap_seine_buf_reserve(seine_buf *buf, size_t extra);
seine_status __wrap_seine_buf_append(seine_buf *buf, const void *bytes, size_t size);
seine_status __wrap_seine_buf_append_str(seine_buf *buf, const char *text);
seine_status __wrap_seine_buf_printf(seine_buf *buf, const char *format, ...) SEINE_PRINTF(2, 3);
char *__wrap_seine_buf_text(seine_buf *buf);

void *__wrap_malloc(size_t size) { return FAILS_NOW ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t count, size_t size) { return FAILS_NOW ? NULL : __real_calloc(count, size); }
void *__wrap_realloc(void *memory, size_t size) { return FAILS_NOW ? NULL : __real_realloc(memory, size); }
char *__wrap_strdup(const char *text) { return FAILS_NOW ? NULL : __real_strdup(text); }
char *__wrap_strndup(const char *text, size_t size) { return FAILS_NOW ? NULL : __real_strndup(text, size); }
char *__wrap_realpath(const char *path, char *out) { return FAILS_NOW ? NULL : __real_realpath(path, out); }
char *__wrap_getcwd(char *out, size_t size) { return FAILS_NOW ? NULL : __real_getcwd(out, size); }
FILE *__wrap_fopen(const char *path, const char *mode) { return REFUSED_NOW ? NULL : __real_fopen(path, mode); }
DIR *__wrap_opendir(const char *path) { return REFUSED_NOW ? NULL : __real_opendir(path); }

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *context) {
    return REFUSED_NOW ? EAGAIN : __real_pthread_create(thread, how, run, context);
}

void *__wrap_seine_arena_alloc(seine_arena *arena, size_t size) {
    return FAILS_NOW ? NULL : __real_seine_arena_alloc(arena, size);
}

char *__wrap_seine_arena_copy(seine_arena *arena, const void *bytes, size_t size) {
    return FAILS_NOW ? NULL : __real_seine_arena_copy(arena, bytes, size);
}

char *__wrap_seine_arena_printf(seine_arena *arena, const char *format, ...) {
    char *text = NULL;
    va_list args;
    if (FAILS_NOW) return NULL;
    va_start(args, format);
    const int length = vasprintf(&text, format, args);
    va_end(args);
    char *copy = length >= 0 ? __real_seine_arena_copy(arena, text, (size_t)length) : NULL;
    free(text);
    return copy;
}

seine_status __wrap_seine_buf_reserve(seine_buf *buf, size_t extra) {
    return FAILS_NOW ? SEINE_E_NOMEM : __real_seine_buf_reserve(buf, extra);
}

seine_status __wrap_seine_buf_append(seine_buf *buf, const void *bytes, size_t size) {
    return FAILS_NOW ? SEINE_E_NOMEM : __real_seine_buf_append(buf, bytes, size);
}

seine_status __wrap_seine_buf_append_str(seine_buf *buf, const char *text) {
    return FAILS_NOW ? SEINE_E_NOMEM : __real_seine_buf_append_str(buf, text);
}

seine_status __wrap_seine_buf_printf(seine_buf *buf, const char *format, ...) {
    char *text = NULL;
    va_list args;
    if (FAILS_NOW) return SEINE_E_NOMEM;
    va_start(args, format);
    const int length = vasprintf(&text, format, args);
    va_end(args);
    const seine_status status =
        length >= 0 ? __real_seine_buf_append(buf, text, (size_t)length) : (seine_status)SEINE_E_NOMEM;
    free(text);
    return status;
}

char *__wrap_seine_buf_text(seine_buf *buf) { return FAILS_NOW ? NULL : __real_seine_buf_text(buf); }

/* ---- letting them fail ---- */

static inline void nomem_arm(size_t number, bool and_all_after) {
    nomem.count = 0;
    nomem.fail_at = number;
    nomem.fails_on = and_all_after;
    nomem.is_refused = false;
}

/** Whether an allocation failed since nomem_arm; none does from now on. */
static inline bool nomem_disarm(void) {
    const bool has_failed = nomem.fail_at != 0 && nomem.count >= nomem.fail_at;
    nomem.fail_at = 0;
    return has_failed;
}

/* Begins to learn which places allocate. */
static inline void nomem_learn_begin(void) {
    memset(nomem.seen, 0, sizeof nomem.seen);
    nomem.first_count = 0;
    nomem.count = 0;
    nomem.is_learning = true;
}

/*
 * Of work that takes long, the share of @p most that this run lets fail: all with SEINE_FULL=1, else half; a tenth
 * under sanitizers, which are slow and see other faults.
 */
static inline size_t nomem_share(size_t most) {
#ifdef __SANITIZE_ADDRESS__
    return most / 10;
#else
    return is_full() ? most : most / 2;
#endif
}

/* Every so many of the numbers, evenly; under sanitizers those in the middle between the others. */
static inline size_t nomem_thin(size_t *numbers, size_t count, size_t most) {
#ifdef __SANITIZE_ADDRESS__
    const size_t shift = count / most / 2;
#else
    const size_t shift = 0;
#endif
    if (count <= most) return count;
    for (size_t i = 0; i < most; i++) numbers[i] = numbers[i * count / most + shift];
    return most;
}

/**
 * Ends learning. @return numbers of the allocations to fail, rising and 0 at the end, for free(): all of them when
 * there are at most @p most, else so many of those that were the first of their place. SEINE_NOMEM=all lifts the limit
 * to all of these.
 */
static inline size_t *nomem_learn_end(size_t most) {
    nomem.is_learning = false;
    const size_t total = nomem.count;
    const bool is_thinned = getenv("SEINE_NOMEM") == NULL;
    size_t count = total;
    size_t *numbers = __real_malloc((total + 1) * sizeof *numbers);
    for (size_t n = 0; n < total; n++) numbers[n] = n + 1;
    if (total > most) {
        count = nomem.first_count;
        memcpy(numbers, nomem.firsts, count * sizeof *numbers);
        if (is_thinned) count = nomem_thin(numbers, count, most);
    }
    numbers[count] = 0;
    free(nomem.firsts);
    nomem.firsts = NULL;
    return numbers;
}

/** Whether the work may still end well when an allocation failed: it has another way that needs none. */
enum { MUST_FAIL, MAY_RECOVER };

/** Fails one allocation of the work after the other, of many about so many; it needs at least so few. */
static inline void check_allocations_of(seine_status (*work)(void), size_t most, size_t at_least, int recovery) {
    nomem_learn_begin();
    const seine_status well = work();
    size_t *numbers = nomem_learn_end(most), faults = 0;
    assert_int_equal(well, SEINE_OK);
    assert_true(nomem.count >= at_least);
    for (const size_t *n = numbers; *n != 0; n++) {
        nomem_arm(*n, false);
        const seine_status status = work();
        const bool may_end_well = recovery == MAY_RECOVER || !nomem_disarm(); /* work done again may need less */
        (void)nomem_disarm();
        if (status != SEINE_E_NOMEM && !(may_end_well && status == SEINE_OK) && !nomem.is_refused) {
            print_error("allocation %zu failed and the status is %d\n", *n, (int)status);
            backtrace_symbols_fd(nomem.frames, nomem.frame_count, 2);
            faults++;
        }
        assert_int_equal(work(), SEINE_OK);
    }
    free(numbers);
    assert_int_equal(faults, 0);
}

static inline void check_allocations(seine_status (*work)(void), size_t at_least, int recovery) {
    check_allocations_of(work, 2000, at_least, recovery);
}

#endif
