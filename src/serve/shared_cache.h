/**
 * @file serve/shared_cache.h
 * Finished answers that several servers of one lake share, in Redis. Keys hold the snapshots that an answer was made
 * from, as those of serve/cache.h do, so a hit is never stale; entries end by time, nobody has to remove them.
 *
 * Redis may be slow, gone or full: an answer is then made here, and Redis is asked again after a while, which doubles
 * with each failure. Nothing that it does makes a request fail: what it says is read up to the size that an entry may
 * have, for a second at most, and lists are refused before they are made. What it gives is checked against a hash,
 * which finds damage, not malice: whoever can write to it can change answers.
 */
#ifndef SEINE_SERVE_SHARED_CACHE_H
#define SEINE_SERVE_SHARED_CACHE_H

#include "serve/answer.h"

typedef struct seine_shared_cache seine_shared_cache;

typedef struct seine_shared_cache_counts {
    uint64_t hits, misses;
    uint64_t failures; /**< of requests to Redis */
    bool is_up;        /**< it answered when it was asked last */
} seine_shared_cache_counts;

/**
 * Takes an address: redis://[[USER]:PASSWORD@]HOST[:PORT][/NUMBER]. Nobody is asked yet.
 * @param lake_id tells the entries of lakes apart. @param ttl_s seconds that an entry is kept.
 * @return OK; E_USAGE (no such address; the password is not told); E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_shared_cache_new(const char *address, const char *lake_id, int64_t ttl_s,
                                                   seine_shared_cache **cache, seine_error *error);
/** NULL is allowed. */
void seine_shared_cache_free(seine_shared_cache *cache);
/** May take as long as Redis may: not for accepting threads. @return the answer, or NULL. */
seine_answer *seine_shared_cache_get(seine_shared_cache *cache, seine_hash128 key);
/** Keeps a copy, unless it is too large. */
void seine_shared_cache_put(seine_shared_cache *cache, seine_hash128 key, const seine_answer *answer);
seine_shared_cache_counts seine_shared_cache_count(seine_shared_cache *cache);

/* ---- what it keeps ---- */

/** An answer as bytes, and back. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_answer_pack(const seine_answer *answer, seine_buf *out);
/** @return NULL for bytes that are none, or damaged. */
seine_answer *seine_answer_unpack(seine_str bytes);

#endif
