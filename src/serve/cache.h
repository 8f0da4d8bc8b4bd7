/**
 * @file serve/cache.h
 * Finished answers by key. A key holds the snapshots that an answer was made from, so a hit is never stale; after a
 * commit nothing asks for the answers of the state before, and they go at once. Behind this interface other stores can
 * stand.
 */
#ifndef SEINE_SERVE_CACHE_H
#define SEINE_SERVE_CACHE_H

#include "serve/answer.h"

typedef struct seine_cache seine_cache;

/** A store; every function may be called from any thread. */
struct seine_cache {
    /** @return the answer with a reference for the caller, or NULL. */
    seine_answer *(*get)(seine_cache *cache, seine_hash128 key);
    /**
     * Keeps a reference of its own, or none when it does not fit. @p state tells what the answer was made from; 0: what
     * never changes.
     */
    void (*put)(seine_cache *cache, seine_hash128 key, uint64_t state, seine_answer *answer);
    /** Somebody committed: answers of other states than these, and than 0, go. */
    void (*keep_only)(seine_cache *cache, const uint64_t *states, size_t count);
    void (*close)(seine_cache *cache);
};

/** In this process: the least recently used answers go when there are more than @p max_bytes. NULL: out of memory. */
seine_cache *seine_memory_cache_new(size_t max_bytes);

#endif
