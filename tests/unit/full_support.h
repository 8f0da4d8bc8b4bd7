/** How often tests repeat what chance decides: the long form of the tests, their usual one, sanitizers. */
#ifndef SEINE_TESTS_FULL_SUPPORT_H
#define SEINE_TESTS_FULL_SUPPORT_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/** Whether tests take their long form. */
static inline bool is_full(void) {
    const char *full = getenv("SEINE_FULL");
    return full != NULL && strcmp(full, "1") == 0;
}

/** @return @p full in the long form, else @p usual. Sanitizers are slow and see memory, not meaning: @p sanitized. */
static inline int rounds(int full, int usual, int sanitized) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    (void)full, (void)usual;
    return sanitized;
#else
    (void)sanitized;
    return is_full() ? full : usual;
#endif
}

#endif
