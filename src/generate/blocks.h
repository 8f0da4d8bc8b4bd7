/**
 * @file generate/blocks.h
 * What is generated, block by block: made and packed by several threads, taken in order. What a block holds must depend
 * on its number only; then the bytes are the same for any number of threads. No thread holds more than one block.
 */
#ifndef SEINE_GENERATE_BLOCKS_H
#define SEINE_GENERATE_BLOCKS_H

#include "base/progress.h"
#include "generate/packer.h"

#define SEINE_GENERATE_THREADS_MAX 64
/** Rows that make a good block. */
#define SEINE_GENERATE_BLOCK_ROWS 65536

typedef struct seine_blocks {
    uint64_t count;
    uint32_t threads; /**< 1 to SEINE_GENERATE_THREADS_MAX */
    seine_generate_packing packing;
    /** Appends the text of a block. Any thread; what only @p worker (below threads) touches needs no lock. */
    seine_status (*make)(void *context, size_t worker, uint64_t block, seine_buf *text, seine_error *error);
    /** Takes a packed block; in the order of blocks, one at a time. */
    seine_status (*take)(void *context, const seine_packed *packed, seine_error *error);
    void *context;
    const seine_progress *progress; /**< may be NULL */
    uint64_t done, total;           /**< what progress is told: blocks before these, and all there are */
} seine_blocks;

/** @return OK, E_NOMEM, E_LIMIT, E_INTERRUPTED, the first failure of make or take. */
SEINE_MUST_USE seine_status seine_blocks_run(const seine_blocks *blocks, seine_error *error);

#endif
