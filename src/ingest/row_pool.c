/*
 * From blocks of fixes to partitions. Two passes over the fixes in memory order: the first gives every fix the pool's
 * codes and counts partitions, the second deals the fixes out.
 */
#include "ingest/row_pool.h"

#include "base/array.h"
#include "base/time.h"
#include "base/try.h"

#include <inttypes.h>
#include <stdlib.h>

#define BLOCKS_MAX ((size_t)1 << 32) /* as DAYS_MAX: memory ends before */
#define DAYS_MAX ((size_t)1 << 32)

seine_status seine_row_pool_open(seine_row_pool *pool, const seine_dataset *dataset, const seine_fix_decoder *decoders,
                                 int count, seine_error *error) {
    *pool =
        (seine_row_pool){.dataset = dataset, .decoders = decoders, .maps = calloc((size_t)count, sizeof *pool->maps)};
    if (pool->maps == NULL) return seine_no_memory(error, "opening a lake for an ingest");
    pool->decoder_count = count;
    return SEINE_OK;
}

void seine_row_pool_close(seine_row_pool *pool) {
    seine_row_pool_keep(pool, SEINE_NO_SOURCE);
    for (int d = 0; d < pool->decoder_count; d++) {
        free(pool->maps[d].movers.codes);
        free(pool->maps[d].tuples.codes);
    }
    seine_dict_free(&pool->movers);
    seine_dict_free(&pool->tuples);
    free(pool->maps);
    free(pool->blocks);
    *pool = (seine_row_pool){0};
}

/* ---- blocks ---- */

seine_status seine_row_pool_put(seine_row_pool *pool, uint32_t source, seine_parsed_block *block) {
    seine_fix_batch *batch = &block->batch;
    if (SEINE_ARRAY_ROOM(pool->blocks, pool->block_count, pool->block_capacity, 1, BLOCKS_MAX) != SEINE_OK)
        return SEINE_E_NOMEM;
    for (size_t i = 0; i < batch->count; i++) batch->fixes[i].row += (uint32_t)block->first_row;
    pool->blocks[pool->block_count++] = (seine_pool_block){batch->fixes, batch->count, block->decoder, source, false};
    pool->held_bytes += batch->count * sizeof(seine_fix);
    batch->fixes = NULL;
    batch->count = 0;
    return SEINE_OK;
}

/* Frees the blocks of a source, or of all others. */
static void drop_blocks(seine_row_pool *pool, uint32_t source, bool others) {
    size_t kept = 0;
    for (size_t b = 0; b < pool->block_count; b++) {
        if ((pool->blocks[b].source == source) == others) {
            pool->blocks[kept++] = pool->blocks[b];
            continue;
        }
        pool->held_bytes -= pool->blocks[b].count * sizeof(seine_fix);
        free(pool->blocks[b].fixes);
    }
    pool->block_count = kept;
}

void seine_row_pool_drop(seine_row_pool *pool, uint32_t source) { drop_blocks(pool, source, false); }

void seine_row_pool_keep(seine_row_pool *pool, uint32_t source) { drop_blocks(pool, source, true); }

/* ---- codes ---- */

static seine_status extend_map(const seine_dict *from, seine_dict *to, seine_code_map *map) {
    if (map->count == from->count) return SEINE_OK;
    uint32_t *grown = realloc(map->codes, from->count * sizeof *grown);
    if (grown == NULL) return SEINE_E_NOMEM;
    map->codes = grown;
    for (; map->count < from->count; map->count++) {
        SEINE_TRY(seine_dict_intern(to, from->entries[map->count], &grown[map->count]));
    }
    return SEINE_OK;
}

static seine_status extend_maps(seine_row_pool *pool) {
    for (int d = 0; d < pool->decoder_count; d++) {
        SEINE_TRY(extend_map(&pool->decoders[d].movers, &pool->movers, &pool->maps[d].movers));
        SEINE_TRY(extend_map(&pool->decoders[d].tuples, &pool->tuples, &pool->maps[d].tuples));
    }
    return SEINE_OK;
}

/* ---- partitions ---- */

/* Days seen so far; a partition's number is its day's number × buckets + bucket. */
typedef struct day_table {
    int32_t *days;
    size_t count, capacity;
    int32_t last; /* day of the number looked up last */
    size_t last_index;
} day_table;

static size_t day_index(day_table *table, int32_t day) {
    if (table->count > 0 && table->last == day) return table->last_index;
    size_t i = 0;
    while (i < table->count && table->days[i] != day) i++;
    if (i == table->count) {
        if (SEINE_ARRAY_ROOM(table->days, table->count, table->capacity, 1, DAYS_MAX) != SEINE_OK) return SIZE_MAX;
        table->days[table->count++] = day;
    }
    table->last = day;
    table->last_index = i;
    return i;
}

/* First pass over one block. */
static void give_codes(const seine_row_pool *pool, seine_pool_block *block) {
    const uint32_t *movers = pool->maps[block->decoder].movers.codes, *tuples = pool->maps[block->decoder].tuples.codes;
    for (size_t i = 0; i < block->count; i++) {
        seine_fix *fix = &block->fixes[i];
        fix->mover = movers[fix->mover];
        fix->statics = tuples[fix->statics];
        fix->source = block->source;
    }
    block->has_codes = true;
}

typedef struct dealing {
    seine_row_pool *pool;
    size_t buckets;
    uint32_t except;
    seine_row_counts *counts;
    day_table days;
    size_t *sizes, *group; /* fixes per partition number: of all blocks, of one source's */
    size_t sizes_capacity, group_capacity;
    int32_t *bucket_of; /* per mover */
    size_t fixes;
} dealing;

/* Makes an array of sizes long enough for a partition number; new places are 0. */
static bool reach(size_t **sizes, size_t *capacity, size_t wanted) {
    const size_t before = *capacity;
    if (wanted <= before) return true;
    if (SEINE_ARRAY_ROOM(*sizes, before, *capacity, wanted - before, SIZE_MAX) != SEINE_OK) return false;
    memset(*sizes + before, 0, (*capacity - before) * sizeof **sizes);
    return true;
}

static seine_status count_block(dealing *deal, const seine_pool_block *block) {
    const size_t buckets = deal->buckets;
    for (size_t i = 0; i < block->count; i++) {
        const seine_fix *fix = &block->fixes[i];
        const size_t day = day_index(&deal->days, seine_time_day(fix->ts_us));
        if (day == SIZE_MAX || !reach(&deal->group, &deal->group_capacity, (day + 1) * buckets)) return SEINE_E_NOMEM;
        deal->group[day * buckets + (size_t)deal->bucket_of[fix->mover]]++;
    }
    deal->fixes += block->count;
    return SEINE_OK;
}

/* Adds the sizes of one source's blocks to those of all; rows never counted before go to the counts. */
static seine_status end_group(dealing *deal, uint32_t source, bool fresh) {
    const size_t buckets = deal->buckets, parts = deal->days.count * buckets;
    if (!reach(&deal->sizes, &deal->sizes_capacity, parts) || !reach(&deal->group, &deal->group_capacity, parts))
        return SEINE_E_NOMEM;
    for (size_t p = 0; p < parts; p++) {
        const int64_t rows = (int64_t)deal->group[p];
        deal->sizes[p] += deal->group[p];
        deal->group[p] = 0;
        if (rows > 0 && fresh)
            SEINE_TRY(seine_row_counts_add(
                deal->counts, (seine_row_count){source, deal->days.days[p / buckets], (int32_t)(p % buckets), rows}));
    }
    return SEINE_OK;
}

/* First pass: codes and sizes. Blocks of one source stand together. */
static seine_status count_all(dealing *deal) {
    seine_pool_block *blocks = deal->pool->blocks;
    const size_t count = deal->pool->block_count;
    for (size_t b = 0; b < count;) {
        const uint32_t source = blocks[b].source;
        const bool fresh = !blocks[b].has_codes;
        for (; b < count && blocks[b].source == source; b++) {
            if (source == deal->except) continue;
            if (!blocks[b].has_codes) give_codes(deal->pool, &blocks[b]);
            SEINE_TRY(count_block(deal, &blocks[b]));
        }
        if (source != deal->except) SEINE_TRY(end_group(deal, source, fresh));
    }
    return SEINE_OK;
}

static int by_day_bucket(const void *a, const void *b) {
    const seine_partition_keys *x = a, *y = b;
    return x->day != y->day ? (x->day > y->day) - (x->day < y->day) : (x->bucket > y->bucket) - (x->bucket < y->bucket);
}

/* Second pass: keys into the places the sizes made. @p place[p] is where the next key of partition p goes. */
static void deal_out(dealing *deal, const uint32_t *rank, seine_fix_key **place) {
    for (size_t b = 0; b < deal->pool->block_count; b++) {
        const seine_pool_block *block = &deal->pool->blocks[b];
        if (block->source == deal->except) continue;
        for (size_t i = 0; i < block->count; i++) {
            const seine_fix *fix = &block->fixes[i];
            const int32_t day = seine_time_day(fix->ts_us);
            const size_t p = day_index(&deal->days, day) * deal->buckets + (size_t)deal->bucket_of[fix->mover];
            *place[p]++ =
                (seine_fix_key){seine_fix_key_of(rank[fix->mover], fix->ts_us - seine_time_day_start_us(day)), fix};
        }
    }
}

static seine_status lay_out(dealing *deal, seine_dealt_rows *dealt) {
    const size_t buckets = deal->buckets, parts = deal->days.count * buckets;
    seine_fix_key **place SEINE_OWNED(seine_free_owned) = malloc((parts + 1) * sizeof *place);
    dealt->keys = malloc((deal->fixes + 1) * sizeof *dealt->keys);
    dealt->partitions = SEINE_ARENA_ARRAY(&dealt->words.arena, seine_partition_keys, parts);
    if (place == NULL || dealt->keys == NULL || dealt->partitions == NULL) return SEINE_E_NOMEM;
    seine_fix_key *next = dealt->keys;
    for (size_t p = 0; p < parts; p++) {
        place[p] = next;
        if (deal->sizes[p] > 0)
            dealt->partitions[dealt->count++] =
                (seine_partition_keys){deal->days.days[p / buckets], (int32_t)(p % buckets), next, deal->sizes[p]};
        next += deal->sizes[p];
    }
    deal_out(deal, dealt->words.mover_rank, place);
    qsort(dealt->partitions, dealt->count, sizeof *dealt->partitions, by_day_bucket);
    return SEINE_OK;
}

static seine_status make_buckets(dealing *deal) {
    deal->bucket_of = malloc((deal->pool->movers.count + 1) * sizeof *deal->bucket_of);
    if (deal->bucket_of == NULL) return SEINE_E_NOMEM;
    for (uint32_t m = 0; m < deal->pool->movers.count; m++)
        deal->bucket_of[m] = seine_bucket_of(deal->pool->movers.entries[m], (int)deal->buckets);
    return SEINE_OK;
}

static void end_dealing(dealing *deal) {
    free(deal->days.days);
    free(deal->sizes);
    free(deal->group);
    free(deal->bucket_of);
}

static seine_status deal_all(seine_row_pool *pool, const seine_known_sources *sources, uint32_t except, int buckets,
                             seine_row_counts *counts, seine_dealt_rows *dealt) {
    dealing deal SEINE_OWNED(end_dealing) = {
        .pool = pool, .buckets = (size_t)buckets, .except = except, .counts = counts};
    SEINE_TRY(extend_maps(pool));
    SEINE_TRY(make_buckets(&deal));
    SEINE_TRY(seine_fix_words_make(pool->dataset, &pool->movers, &pool->tuples, sources, &dealt->words));
    SEINE_TRY(count_all(&deal));
    return lay_out(&deal, dealt);
}

seine_status seine_row_pool_deal(seine_row_pool *pool, const seine_known_sources *sources, uint32_t except, int buckets,
                                 seine_row_counts *counts, seine_dealt_rows *dealt, seine_error *error) {
    *dealt = (seine_dealt_rows){0};
    const seine_status status = deal_all(pool, sources, except, buckets, counts, dealt);
    if (status == SEINE_OK) return SEINE_OK;
    seine_dealt_rows_free(dealt);
    if (status == SEINE_E_LIMIT)
        return seine_fail(error, status, "more than %" PRIu64 " movers at once; lower --memory", SEINE_FIX_MOVERS_MAX);
    return seine_fail(error, status, "out of memory while sorting %" PRIu64 " MiB of fixes", pool->held_bytes >> 20);
}

void seine_dealt_rows_free(seine_dealt_rows *dealt) {
    free(dealt->keys);
    seine_fix_words_free(&dealt->words);
    *dealt = (seine_dealt_rows){0};
}
