/**
 * @file ingest/winner.h
 * The winner rule: of the fixes of one partition with the same (mover, time) the one of the least (source name, row)
 * stays, or of the greatest where the dataset keeps the last, in whatever order they came.
 */
#ifndef SEINE_INGEST_WINNER_H
#define SEINE_INGEST_WINNER_H

#include "ingest/fix_words.h"

/** A fix and its place in the order (vessel id, time). */
typedef struct seine_fix_key {
    uint64_t key; /**< mover_rank << 37 | microseconds in the day (< 2^37) */
    const seine_fix *fix;
} seine_fix_key;

static inline uint64_t seine_fix_key_of(uint32_t mover_rank, int64_t us_in_day) {
    return ((uint64_t)mover_rank << SEINE_FIX_KEY_BITS) | (uint64_t)us_in_day;
}

/** Asks the cache for a fix in time: keys are in order, the fixes lie where they were read. */
static inline void seine_fix_key_ask(const seine_fix_key *keys, size_t i, size_t count) {
    enum { AHEAD = 24 };
    if (i + AHEAD >= count) return;
    __builtin_prefetch(keys[i + AHEAD].fix);
    __builtin_prefetch((const char *)(keys[i + AHEAD].fix + 1) - 1); /* it may lie in two lines of the cache */
}

/** Sorts keys by (vessel, time) and leaves the winner of each pair at the front: *count of them. @return OK, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_winners_keep(seine_fix_key *keys, size_t *count, const seine_fix_words *words);

/** Sum of row hashes of winners: the content hash of their partition. Their number is added to @p winners by source. */
seine_hash128 seine_winners_hash(const seine_fix_key *keys, size_t count, const seine_fix_words *words,
                                 int64_t *winners);

#endif
