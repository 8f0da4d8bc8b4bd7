/** @file ingest/fix_words.h  What the codes in fixes mean: vessels, statics and sources, with their places in order. */
#ifndef SEINE_INGEST_FIX_WORDS_H
#define SEINE_INGEST_FIX_WORDS_H

#include "columns/fix.h"
#include "ingest/known_sources.h"

/** Bits of a sort key below the rank of the vessel: microseconds in a day. */
#define SEINE_FIX_KEY_BITS 37
/** Vessels under one set of codes: a key has no bits for more. */
#define SEINE_FIX_MOVERS_MAX (UINT64_MAX >> SEINE_FIX_KEY_BITS)

/** A source as silver rows name it. */
typedef struct seine_source_words {
    seine_str name, url;
    int64_t ingested_at_us;
    uint32_t rank; /**< place of the name among all sources, ascending: the winner rule */
} seine_source_words;

/** Shared by partitions that are built at the same time, so it is only read. Texts are the dictionaries' and sources'.
 */
typedef struct seine_fix_words {
    const seine_dataset *dataset;
    const seine_str *movers;
    const uint32_t *mover_rank; /**< place of the id among all ids, ascending */
    const seine_hash128 *mover_hash;
    size_t mover_count;
    seine_statics_columns statics;
    const seine_source_words *sources;
    size_t source_count;
    seine_arena arena;
} seine_fix_words;

/** Fills zeroed @p words from two dictionaries and all sources; free it in every case. @return OK, E_NOMEM, E_LIMIT
 * more than SEINE_FIX_MOVERS_MAX movers. */
SEINE_MUST_USE seine_status seine_fix_words_make(const seine_dataset *dataset, const seine_dict *movers,
                                                 const seine_dict *tuples, const seine_known_sources *sources,
                                                 seine_fix_words *words);
void seine_fix_words_free(seine_fix_words *words);

#endif
