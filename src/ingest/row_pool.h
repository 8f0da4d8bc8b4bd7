/**
 * @file ingest/row_pool.h
 * The fixes that were decoded and are not committed yet, by source; dealt out by partition (UTC day × bucket). Each
 * decoder has codes of its own; the pool's are given when the fixes are dealt out for the first time.
 */
#ifndef SEINE_INGEST_ROW_POOL_H
#define SEINE_INGEST_ROW_POOL_H

#include "ingest/parser.h"
#include "ingest/row_counts.h"
#include "ingest/winner.h"

/** A block of fixes in memory. */
typedef struct seine_pool_block {
    seine_fix *fixes;
    size_t count;
    int decoder;
    uint32_t source;
    bool has_codes; /**< its codes are the pool's */
} seine_pool_block;

/** Code of a decoder → code of the pool. */
typedef struct seine_code_map {
    uint32_t *codes, count;
} seine_code_map;

typedef struct seine_row_pool {
    const seine_dataset *dataset;
    const seine_fix_decoder *decoders; /**< the session's: one per thread of the parser */
    int decoder_count;
    struct {
        seine_code_map movers, tuples;
    } * maps; /**< per decoder */
    seine_dict movers, tuples;
    seine_pool_block *blocks;
    size_t block_count, block_capacity;
    uint64_t held_bytes; /**< of fixes */
} seine_row_pool;

/** Keys of one partition. */
typedef struct seine_partition_keys {
    int32_t day, bucket;
    seine_fix_key *keys;
    size_t count;
} seine_partition_keys;

/** Fixes of the pool by partition, ordered by day, bucket. They stay the pool's. */
typedef struct seine_dealt_rows {
    seine_partition_keys *partitions;
    size_t count;
    seine_fix_key *keys; /**< memory of all */
    seine_fix_words words;
} seine_dealt_rows;

/** Makes an empty pool for what @p decoders (borrowed) decode; close it in every case. */
SEINE_MUST_USE seine_status seine_row_pool_open(seine_row_pool *pool, const seine_dataset *dataset,
                                                const seine_fix_decoder *decoders, int count, seine_error *error);
void seine_row_pool_close(seine_row_pool *pool);

/** Takes over the fixes of a block of a source; their rows count within the source then. @return OK; E_NOMEM: the block
 * is the caller's still. */
SEINE_MUST_USE seine_status seine_row_pool_put(seine_row_pool *pool, uint32_t source, seine_parsed_block *block);
/** Frees the fixes of a source. */
void seine_row_pool_drop(seine_row_pool *pool, uint32_t source);
/** Frees all fixes but those of a source; SEINE_NO_SOURCE: all. */
void seine_row_pool_keep(seine_row_pool *pool, uint32_t source);

/** Puts the fixes, but those of source @p except, into partitions; adds to @p counts those not counted yet. */
SEINE_MUST_USE seine_status seine_row_pool_deal(seine_row_pool *pool, const seine_known_sources *sources,
                                                uint32_t except, int buckets, seine_row_counts *counts,
                                                seine_dealt_rows *dealt, seine_error *error);
void seine_dealt_rows_free(seine_dealt_rows *dealt);

#endif
