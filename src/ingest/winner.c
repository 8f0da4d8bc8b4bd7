/*
 * Archives are nearly in time order, so one counting pass by vessel leaves almost nothing to sort; a vessel whose fixes
 * are out of order is sorted on its own.
 */
#include "ingest/winner.h"

#include "columns/content.h"

#include <stdlib.h>

static inline uint32_t rank_of(const seine_fix_key *key) { return (uint32_t)(key->key >> SEINE_FIX_KEY_BITS); }

/* Whether a stays of two of one (mover, time). */
static inline bool wins(const seine_fix *a, const seine_fix *b, const seine_fix_words *words) {
    const uint32_t rank_a = words->sources[a->source].rank, rank_b = words->sources[b->source].rank;
    const bool is_first = rank_a != rank_b ? rank_a < rank_b : a->row < b->row;
    return is_first != words->dataset->keeps_last;
}

static void insertion_sort(seine_fix_key *keys, size_t count) {
    for (size_t i = 1; i < count; i++) {
        const seine_fix_key key = keys[i];
        size_t at = i;
        for (; at > 0 && keys[at - 1].key > key.key; at--) keys[at] = keys[at - 1];
        keys[at] = key;
    }
}

/* Bottom-up merge sort over runs of 16: n log n whatever the input. The sorted keys end in `keys`. */
static void merge_sort(seine_fix_key *keys, size_t count, seine_fix_key *spare) {
    enum { RUN = 16 };
    for (size_t at = 0; at < count; at += RUN) insertion_sort(keys + at, count - at < RUN ? count - at : RUN);
    seine_fix_key *from = keys, *to = spare;
    for (size_t width = RUN; width < count; width *= 2) {
        for (size_t at = 0; at < count; at += 2 * width) {
            size_t a = at, out = at;
            const size_t a_end = at + width < count ? at + width : count;
            const size_t b_end = at + 2 * width < count ? at + 2 * width : count;
            size_t b = a_end;
            while (a < a_end && b < b_end) to[out++] = from[b].key < from[a].key ? from[b++] : from[a++];
            while (a < a_end) to[out++] = from[a++];
            while (b < b_end) to[out++] = from[b++];
        }
        seine_fix_key *swap = from;
        from = to;
        to = swap;
    }
    if (from != keys) memcpy(keys, from, count * sizeof *keys);
}

static void sort_by_time(seine_fix_key *keys, size_t count, seine_fix_key *spare) {
    for (size_t i = 1; i < count; i++) {
        if (keys[i - 1].key <= keys[i].key) continue;
        if (count <= 32)
            insertion_sort(keys, count);
        else
            merge_sort(keys, count, spare);
        return;
    }
}

/* Keeps the winner of each run of equal keys. @return how many are left. */
static size_t drop_losers(seine_fix_key *keys, size_t count, const seine_fix_words *words) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && keys[kept - 1].key == keys[i].key) {
            if (wins(keys[i].fix, keys[kept - 1].fix, words)) keys[kept - 1] = keys[i];
        } else {
            keys[kept++] = keys[i];
        }
    }
    return kept;
}

/* Sorts by (vessel, time). @p counts has room for one number more than there are vessels. */
static void sort_keys(seine_fix_key *keys, size_t count, size_t movers, seine_fix_key *spare, uint32_t *counts) {
    memset(counts, 0, (movers + 1) * sizeof *counts);
    for (size_t i = 0; i < count; i++) counts[rank_of(&keys[i]) + 1]++;
    for (size_t m = 0; m < movers; m++) counts[m + 1] += counts[m];
    for (size_t i = 0; i < count; i++) spare[counts[rank_of(&keys[i])]++] = keys[i];
    /* counts[m] is now the end of vessel m, so its start is the end of the one before. */
    for (size_t m = 0, start = 0; m < movers; start = counts[m++]) sort_by_time(spare + start, counts[m] - start, keys);
    memcpy(keys, spare, count * sizeof *keys);
}

seine_status seine_winners_keep(seine_fix_key *keys, size_t *count, const seine_fix_words *words) {
    if (*count == 0) return SEINE_OK; /* a partition whose sources went away has no memory either */
    seine_fix_key *spare = malloc(*count * sizeof *spare);
    uint32_t *counts = malloc((words->mover_count + 1) * sizeof *counts);
    const bool has_room = spare != NULL && counts != NULL;
    if (has_room) {
        sort_keys(keys, *count, words->mover_count, spare, counts);
        *count = drop_losers(keys, *count, words);
    }
    free(spare);
    free(counts);
    return has_room ? SEINE_OK : SEINE_E_NOMEM;
}

seine_hash128 seine_winners_hash(const seine_fix_key *keys, size_t count, const seine_fix_words *words,
                                 int64_t *winners) {
    seine_hash128 sum = {0, 0};
    for (size_t i = 0; i < count; i++) {
        const seine_fix *fix = keys[i].fix;
        seine_fix_key_ask(keys, i, count);
        winners[fix->source]++;
        sum = seine_hash128_add(
            sum, seine_content_of_fix(fix, words->mover_hash[fix->mover], words->statics.hashes[fix->statics]));
    }
    return sum;
}
