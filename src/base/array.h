/** @file base/array.h  The one growing array: items in the heap, with a count and a capacity that their owner keeps. */
#ifndef SEINE_BASE_ARRAY_H
#define SEINE_BASE_ARRAY_H

#include "seine/status.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * Room for @p wanted items, at least doubled when there is none. @p items is the address of the owner's pointer (T **),
 * which realloc() moves; freed with free(). @return false when out of memory or @p wanted > @p most: nothing changed.
 */
SEINE_MUST_USE bool seine_array_reserve(void *items, size_t *capacity, size_t wanted, size_t item_bytes, size_t most);

/** Room for one more item of a typed array. */
#define SEINE_ARRAY_ROOM(items, count, capacity, most) \
    seine_array_reserve(&(items), &(capacity), (count) + 1, sizeof *(items), (most))

#endif
