/**
 * @file base/array.h
 * The one growing array: items of one type that lie side by side, in the heap or in an arena, with a count and a
 * capacity (size_t) that their owner keeps, and a stated maximum.
 *
 *     status = SEINE_ARRAY_ROOM(list->days, list->count, list->capacity, 1, DAYS_MAX);
 *     if (status != SEINE_OK) return status;
 *     list->days[list->count++] = day;
 *
 * Zeroes are an empty array. Room is at least doubled, so that n items cost n steps. Whatever fails, nothing has
 * changed. Arrays that share one capacity grow with a copy of it each; it is kept when all of them have grown.
 */
#ifndef SEINE_BASE_ARRAY_H
#define SEINE_BASE_ARRAY_H

#include "base/arena.h"
#include "seine/status.h"

/**
 * Room for @p more items behind the first @p count, at most @p most in all. The array is freed with free().
 * @return OK, E_NOMEM, E_LIMIT (more than @p most).
 */
#define SEINE_ARRAY_ROOM(items, count, capacity, more, most) \
    seine_array_room(&(items), (count), &(capacity), (more), sizeof *(items), (most))

/** The same in an arena, which keeps former places until it is freed itself; items behind count are zeroed. */
#define SEINE_ARENA_ROOM(arena, items, count, capacity, more, most) \
    seine_arena_room((arena), &(items), (count), &(capacity), (more), sizeof *(items), (most))

/** What the macros call when there is no room. @p items is the address of the owner's pointer (T **). */
SEINE_MUST_USE seine_status seine_array_grow(void *items, size_t count, size_t *capacity, size_t more,
                                             size_t item_bytes, size_t most);
SEINE_MUST_USE seine_status seine_arena_grow(seine_arena *arena, void *items, size_t count, size_t *capacity,
                                             size_t more, size_t item_bytes, size_t most);

SEINE_MUST_USE static inline seine_status seine_array_room(void *items, size_t count, size_t *capacity, size_t more,
                                                           size_t item_bytes, size_t most) {
    if (count <= *capacity && more <= *capacity - count) return SEINE_OK;
    return seine_array_grow(items, count, capacity, more, item_bytes, most);
}

SEINE_MUST_USE static inline seine_status seine_arena_room(seine_arena *arena, void *items, size_t count,
                                                           size_t *capacity, size_t more, size_t item_bytes,
                                                           size_t most) {
    if (count <= *capacity && more <= *capacity - count) return SEINE_OK;
    return seine_arena_grow(arena, items, count, capacity, more, item_bytes, most);
}

#define SEINE_ARENA_LIST_MAX ((size_t)1 << 28)

/** An array in an arena for code that collects rows of any type, at most SEINE_ARENA_LIST_MAX. Zeroes are an empty one.
 */
typedef struct seine_arena_list {
    void *items;
    size_t count, capacity;
} seine_arena_list;

/** @return one more item at the end, zeroed, or NULL when there is no room. */
SEINE_MUST_USE void *seine_arena_list_add(seine_arena_list *list, seine_arena *arena, size_t item_bytes);

#endif
