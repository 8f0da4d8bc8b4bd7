/*
 * Allocations that fail on demand, for tests with `wraps: malloc calloc realloc` in their second line. Included once,
 * after cmocka.h.
 */
#ifndef TESTS_UNIT_NOMEM_SUPPORT_H
#define TESTS_UNIT_NOMEM_SUPPORT_H

#include "seine/status.h"

#include <stdbool.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static size_t fail_at;   /* number of the allocation that fails; 0 = none */
static size_t allocated; /* allocations so far */

static bool fails_now(void) { return ++allocated == fail_at; }
void *__wrap_malloc(size_t size) { return fails_now() ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t count, size_t size) { return fails_now() ? NULL : __real_calloc(count, size); }
void *__wrap_realloc(void *memory, size_t size) { return fails_now() ? NULL : __real_realloc(memory, size); }

/** Whether the work may still end well when an allocation failed: it has another way that needs none. */
enum { MUST_FAIL, MAY_RECOVER };

/** Fails the first allocation, the second, and so on, until the work needs no more; it needs at least so many. */
static inline void check_allocations(seine_status (*work)(void), size_t at_least, int recovery) {
    for (size_t n = 1;; n++) {
        allocated = 0;
        fail_at = n;
        const seine_status status = work();
        fail_at = 0;
        if (allocated < n) {
            assert_int_equal(status, SEINE_OK);
            assert_true(n > at_least);
            return;
        }
        if (status != SEINE_E_NOMEM && (recovery == MUST_FAIL || status != SEINE_OK))
            fail_msg("allocation %zu failed and the status is %d", n, (int)status);
        assert_int_equal(work(), SEINE_OK);
    }
}

#endif
