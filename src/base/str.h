/** @file base/str.h  Borrowed byte strings. */
#ifndef SEINE_BASE_STR_H
#define SEINE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/** Borrowed bytes, not NUL-terminated. data may be NULL only when size is 0. */
typedef struct seine_str {
    const char *data;
    size_t size;
} seine_str;

#define SEINE_STR(literal) ((seine_str){"" literal, sizeof(literal) - 1})
/** For printf: `"%.*s", SEINE_STR_ARG(s)`. */
#define SEINE_STR_ARG(s) (int)(s).size, (s).data

static inline seine_str seine_str_of(const char *text) { return (seine_str){text, text != NULL ? strlen(text) : 0}; }

static inline bool seine_str_equal(seine_str a, seine_str b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/** Byte-wise order, shorter first on a common prefix. */
static inline int seine_str_compare(seine_str a, seine_str b) {
    const size_t n = a.size < b.size ? a.size : b.size;
    const int c = n > 0 ? memcmp(a.data, b.data, n) : 0;
    return c != 0 ? c : (a.size > b.size) - (a.size < b.size);
}

/** The same of two texts by their addresses, as qsort and bsearch ask. */
static inline int seine_str_order(const void *a, const void *b) {
    return seine_str_compare(*(const seine_str *)a, *(const seine_str *)b);
}

/** ASCII case-insensitive equality. */
bool seine_str_equal_nocase(seine_str a, seine_str b);
bool seine_str_ends_with_nocase(seine_str text, seine_str ending);
/** Without ASCII blanks and tabs at both ends. */
seine_str seine_str_trim(seine_str text);
/** The same for all blanks of ASCII, line ends too. */
seine_str seine_str_strip(seine_str text);
/** @return whether the bytes are valid UTF-8. */
bool seine_str_is_utf8(seine_str text);
/**
 * Levenshtein distance, for "did you mean"; both at most 64 bytes, else the larger size is returned.
 */
size_t seine_str_distance(seine_str a, seine_str b);

#endif
