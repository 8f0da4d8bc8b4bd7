/** Whole texts against what they have to say: JSON that is written once and compared as a whole misses no key. */
#ifndef SEINE_TESTS_LIKE_SUPPORT_H
#define SEINE_TESTS_LIKE_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/** Whether @p text is @p pattern, in which ' stands for a double quote and * for anything without one. */
static inline bool is_like(const char *text, const char *pattern) {
    for (; *pattern != '\0' && *pattern != '*'; text++, pattern++)
        if (*text != (*pattern == '\'' ? '"' : *pattern)) return false;
    if (*pattern == '\0') return *text == '\0';
    for (;; text++) {
        if (is_like(text, pattern + 1)) return true;
        if (*text == '\0' || *text == '"') return false;
    }
}

#define assert_like(text, pattern)                                                       \
    do {                                                                                 \
        const char *text_ = (text), *pattern_ = (pattern);                               \
        if (!is_like(text_, pattern_)) fail_msg("is\n%s\nand not\n%s", text_, pattern_); \
    } while (0)

#endif
