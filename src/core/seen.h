/**
 * @file core/seen.h
 * The last hashes of something, each once, to tell what comes again: a ring of entries with chains over them, in memory
 * of the caller that may move. Constant time per hash.
 */
#ifndef SEINE_CORE_SEEN_H
#define SEINE_CORE_SEEN_H

#include "seine/status.h"

#include <stdbool.h>

/** Zeroed is empty. Entry i, oldest first, is slot (first + i) mod limit; capacity is 0 or a power of two. */
typedef struct seine_seen {
    uint32_t first, count, capacity;
} seine_seen;

/** Bytes of memory for so many entries: a multiple of 8. */
static inline size_t seine_seen_bytes(uint32_t capacity) {
    return (size_t)capacity * (sizeof(uint64_t) + 2 * sizeof(uint32_t));
}

/** @return the capacity that holds @p count entries, at least as many as there is room for now. */
uint32_t seine_seen_capacity(const seine_seen *seen, uint32_t count);

bool seine_seen_has(const seine_seen *seen, const void *memory, uint64_t hash);

/**
 * Adds a hash that is not there; with @p limit entries the oldest one goes.
 * @p memory has room for seine_seen_capacity(min(count + 1, limit)).
 */
void seine_seen_add(seine_seen *seen, void *memory, uint32_t limit, uint64_t hash);

/** The @p i th oldest hash. */
uint64_t seine_seen_at(const seine_seen *seen, const void *memory, uint32_t limit, uint32_t i);

/** Gives the set room for more entries: its memory has become as large. Only before entries have gone. */
void seine_seen_grow(seine_seen *seen, void *memory, uint32_t capacity);

#endif
