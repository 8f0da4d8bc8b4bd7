/**
 * @file ingest/partition.h
 * One silver partition (UTC day × bucket) from its fixes: sort, de-duplicate, hash, write.
 */
#ifndef SEINE_INGEST_PARTITION_H
#define SEINE_INGEST_PARTITION_H

#include "columns/data_file.h"
#include "columns/fix.h"

/** A source as silver rows name it. */
typedef struct seine_lineage {
    seine_str name, url;
    int64_t ingested_at_us;
    uint32_t rank; /**< place of the name among all sources, ascending: the winner rule */
} seine_lineage;

/** What the codes in fixes mean. Shared by partitions that are built at the same time, so it is only read. */
typedef struct seine_fix_words {
    const seine_str *movers;
    const uint32_t *mover_rank; /**< place of the id among all ids, ascending */
    const seine_hash128 *mover_hash;
    size_t mover_count;
    const seine_statics_columns *statics;
    const seine_lineage *sources;
    size_t source_count;
} seine_fix_words;

/** A fix and its place in the order (vessel id, time). */
typedef struct seine_fix_key {
    uint64_t key; /**< mover_rank << 37 | microseconds in the day (< 2^37) */
    const seine_fix *fix;
} seine_fix_key;
#define SEINE_FIX_KEY_BITS 37

static inline uint64_t seine_fix_key_of(uint32_t mover_rank, int64_t us_in_day) {
    return ((uint64_t)mover_rank << SEINE_FIX_KEY_BITS) | (uint64_t)us_in_day;
}

/**
 * Sorts keys by (vessel, time) and leaves one per pair at the front: the one of the least (source name, row). @p spare
 * has room for count keys, @p counts for mover_count + 1 numbers. @return how many are left.
 */
size_t seine_fixes_settle(seine_fix_key *keys, size_t count, const seine_fix_words *words, seine_fix_key *spare,
                          uint32_t *counts);

/** Sum of row hashes of settled keys; their number is added to @p winners by source. */
seine_hash128 seine_fixes_hash(const seine_fix_key *keys, size_t count, const seine_fix_words *words, int64_t *winners);

/** Writes settled keys (at least one) as a Parquet file at @p path; @p file gets everything but the partition values.
 */
SEINE_MUST_USE seine_status seine_fixes_write(const seine_fix_key *keys, size_t count, const seine_fix_words *words,
                                              const char *path, seine_arena *arena, seine_data_file *file,
                                              seine_error *error);

#endif
