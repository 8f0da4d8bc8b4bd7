/*
 * From blocks of fixes to partitions. Two passes over the fixes in memory order: the first gives every fix the
 * session's codes and counts partitions, the second deals the fixes out. Both are shared among threads by blocks.
 */
#include "ingest/session.h"

#include "base/time.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- codes ---- */

static seine_status extend_map(const seine_dict *from, seine_dict *to, uint32_t **map, uint32_t *mapped) {
    if (*mapped == from->count) return SEINE_OK;
    uint32_t *grown = realloc(*map, from->count * sizeof *grown);
    if (grown == NULL) return SEINE_E_NOMEM;
    *map = grown;
    for (; *mapped < from->count; (*mapped)++) {
        const seine_status status = seine_dict_intern(to, from->entries[*mapped], &grown[*mapped]);
        if (status != SEINE_OK) return status;
    }
    return SEINE_OK;
}

static seine_status extend_maps(seine_session *session) {
    seine_status status = SEINE_OK;
    for (int d = 0; status == SEINE_OK && d < session->options.threads; d++) {
        const seine_ais_decoder *decoder = &session->decoders[d];
        status = extend_map(&decoder->movers, &session->movers, &session->mover_map[d], &session->mover_mapped[d]);
        if (status == SEINE_OK)
            status = extend_map(&decoder->tuples, &session->tuples, &session->tuple_map[d], &session->tuple_mapped[d]);
    }
    return status;
}

/* ---- words ---- */

typedef struct ranked {
    seine_str text;
    uint32_t index;
} ranked;

static int by_text(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    const int c = seine_str_compare(x->text, y->text);
    return c != 0 ? c : (x->index > y->index) - (x->index < y->index);
}

/* ranks[i] = place of texts[i] in ascending order. */
static uint32_t *rank_texts(const ranked *texts, size_t count, seine_arena *arena) {
    uint32_t *ranks = SEINE_ARENA_ARRAY(arena, uint32_t, count);
    ranked *sorted = malloc((count + 1) * sizeof *sorted);
    if (ranks == NULL || sorted == NULL) {
        free(sorted);
        return NULL;
    }
    memcpy(sorted, texts, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_text);
    for (size_t i = 0; i < count; i++) ranks[sorted[i].index] = (uint32_t)i;
    free(sorted);
    return ranks;
}

static uint32_t *rank_dict(const seine_dict *dict, seine_arena *arena) {
    ranked *texts = malloc((dict->count + 1) * sizeof *texts);
    if (texts == NULL) return NULL;
    for (uint32_t i = 0; i < dict->count; i++) texts[i] = (ranked){dict->entries[i], i};
    uint32_t *ranks = rank_texts(texts, dict->count, arena);
    free(texts);
    return ranks;
}

seine_status seine_words_make(const seine_dict *movers, const seine_dict *tuples, const seine_lineage *sources,
                              size_t source_count, seine_statics_columns *statics, seine_arena *arena,
                              seine_fix_words *words) {
    if (movers->count > (UINT64_MAX >> SEINE_FIX_KEY_BITS)) return SEINE_E_LIMIT; /* a key has no bits for more */
    seine_hash128 *hashes = SEINE_ARENA_ARRAY(arena, seine_hash128, movers->count);
    uint32_t *ranks = rank_dict(movers, arena);
    const seine_status status =
        hashes == NULL || ranks == NULL ? SEINE_E_NOMEM : seine_statics_columns_make(tuples, statics);
    if (status != SEINE_OK) return status;
    for (uint32_t m = 0; m < movers->count; m++)
        hashes[m] = seine_hash128_of(movers->entries[m].data, movers->entries[m].size);
    *words = (seine_fix_words){.movers = movers->entries,
                               .mover_rank = ranks,
                               .mover_hash = hashes,
                               .mover_count = movers->count,
                               .statics = statics,
                               .sources = sources,
                               .source_count = source_count};
    return SEINE_OK;
}

seine_status seine_session_lineage(const seine_session *session, seine_arena *arena, seine_lineage **sources) {
    const size_t count = session->source_count;
    seine_lineage *lineage = SEINE_ARENA_ARRAY(arena, seine_lineage, count);
    ranked *texts = malloc((count + 1) * sizeof *texts);
    uint32_t *ranks = NULL;
    if (lineage != NULL && texts != NULL) {
        for (size_t s = 0; s < count; s++) texts[s] = (ranked){seine_str_of(session->sources[s].row.name), (uint32_t)s};
        ranks = rank_texts(texts, count, arena);
    }
    free(texts);
    if (ranks == NULL) return SEINE_E_NOMEM;
    for (size_t s = 0; s < count; s++) {
        const seine_source *row = &session->sources[s].row;
        lineage[s] = (seine_lineage){seine_str_of(row->name), seine_str_of(row->url), row->ingested_at_us, ranks[s]};
    }
    *sources = lineage;
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
        if (!seine_session_grow((void **)&table->days, table->count, &table->capacity, sizeof *table->days))
            return SIZE_MAX;
        table->days[table->count++] = day;
    }
    table->last = day;
    table->last_index = i;
    return i;
}

/* First pass over one block. */
static void give_codes(const seine_session *session, seine_session_block *block) {
    const uint32_t *movers = session->mover_map[block->decoder], *tuples = session->tuple_map[block->decoder];
    for (size_t i = 0; i < block->batch.count; i++) {
        seine_fix *fix = &block->batch.fixes[i];
        fix->mover = movers[fix->mover];
        fix->statics = tuples[fix->statics];
        fix->source = block->source;
    }
    block->settled = true;
}

typedef struct dealing {
    day_table days;
    size_t *sizes, *group; /* fixes per partition number: of all blocks, of one source's */
    size_t sizes_capacity, group_capacity;
    int32_t *bucket_of; /* per mover */
    size_t fixes;
} dealing;

/* Makes an array of sizes long enough for a partition number; new places are 0. */
static bool reach(size_t **sizes, size_t *capacity, size_t wanted) {
    while (*capacity < wanted) {
        const size_t before = *capacity;
        if (!seine_session_grow((void **)sizes, before, capacity, sizeof **sizes)) return false;
        memset(*sizes + before, 0, (*capacity - before) * sizeof **sizes);
    }
    return true;
}

static seine_status count_block(const seine_session *session, dealing *deal, const seine_session_block *block) {
    const size_t buckets = (size_t)session->buckets;
    for (size_t i = 0; i < block->batch.count; i++) {
        const seine_fix *fix = &block->batch.fixes[i];
        const size_t day = day_index(&deal->days, seine_time_day(fix->ts_us));
        if (day == SIZE_MAX || !reach(&deal->group, &deal->group_capacity, (day + 1) * buckets)) return SEINE_E_NOMEM;
        deal->group[day * buckets + (size_t)deal->bucket_of[fix->mover]]++;
    }
    deal->fixes += block->batch.count;
    return SEINE_OK;
}

/* Adds the sizes of one source's blocks to those of all; rows never counted before go to session->counts. */
static seine_status end_group(seine_session *session, dealing *deal, uint32_t source, bool fresh) {
    const size_t buckets = (size_t)session->buckets, parts = deal->days.count * buckets;
    if (!reach(&deal->sizes, &deal->sizes_capacity, parts) || !reach(&deal->group, &deal->group_capacity, parts))
        return SEINE_E_NOMEM;
    for (size_t p = 0; p < parts; p++) {
        const size_t rows = deal->group[p];
        deal->sizes[p] += rows;
        deal->group[p] = 0;
        if (rows == 0 || !fresh) continue;
        if (!seine_session_grow((void **)&session->counts, session->count_count, &session->count_capacity,
                                sizeof *session->counts))
            return SEINE_E_NOMEM;
        session->counts[session->count_count++] =
            (seine_session_count){source, deal->days.days[p / buckets], (int32_t)(p % buckets), (int64_t)rows};
    }
    return SEINE_OK;
}

/* First pass: codes and sizes. Blocks of one source stand together. */
static seine_status count_all(seine_session *session, dealing *deal, uint32_t except) {
    seine_status status = SEINE_OK;
    for (size_t b = 0; status == SEINE_OK && b < session->block_count;) {
        const uint32_t source = session->blocks[b].source;
        const bool fresh = !session->blocks[b].settled;
        for (; status == SEINE_OK && b < session->block_count && session->blocks[b].source == source; b++) {
            if (source == except) continue;
            if (!session->blocks[b].settled) give_codes(session, &session->blocks[b]);
            status = count_block(session, deal, &session->blocks[b]);
        }
        if (status == SEINE_OK && source != except) status = end_group(session, deal, source, fresh);
    }
    return status;
}

static int by_day_bucket(const void *a, const void *b) {
    const seine_partition_keys *x = a, *y = b;
    return x->day != y->day ? (x->day > y->day) - (x->day < y->day) : (x->bucket > y->bucket) - (x->bucket < y->bucket);
}

/* Second pass: keys into the places the sizes made. @p place[p] is where the next key of partition p goes. */
static void deal_out(const seine_session *session, dealing *deal, uint32_t except, const uint32_t *rank,
                     seine_fix_key **place) {
    const size_t buckets = (size_t)session->buckets;
    for (size_t b = 0; b < session->block_count; b++) {
        const seine_session_block *block = &session->blocks[b];
        if (block->source == except) continue;
        for (size_t i = 0; i < block->batch.count; i++) {
            const seine_fix *fix = &block->batch.fixes[i];
            const int32_t day = seine_time_day(fix->ts_us);
            const size_t p = day_index(&deal->days, day) * buckets + (size_t)deal->bucket_of[fix->mover];
            *place[p]++ =
                (seine_fix_key){seine_fix_key_of(rank[fix->mover], fix->ts_us - seine_time_day_start_us(day)), fix};
        }
    }
}

static seine_status lay_out(seine_session *session, dealing *deal, uint32_t except, seine_settled *settled) {
    const size_t buckets = (size_t)session->buckets, parts = deal->days.count * buckets;
    seine_fix_key **place = malloc((parts + 1) * sizeof *place);
    settled->keys = malloc((deal->fixes + 1) * sizeof *settled->keys);
    settled->partitions = SEINE_ARENA_ARRAY(&settled->arena, seine_partition_keys, parts);
    if (place == NULL || settled->keys == NULL || settled->partitions == NULL) {
        free(place);
        return SEINE_E_NOMEM;
    }
    seine_fix_key *next = settled->keys;
    for (size_t p = 0; p < parts; p++) {
        place[p] = next;
        if (deal->sizes[p] > 0)
            settled->partitions[settled->count++] =
                (seine_partition_keys){deal->days.days[p / buckets], (int32_t)(p % buckets), next, deal->sizes[p]};
        next += deal->sizes[p];
    }
    deal_out(session, deal, except, settled->words.mover_rank, place);
    free(place);
    qsort(settled->partitions, settled->count, sizeof *settled->partitions, by_day_bucket);
    return SEINE_OK;
}

static seine_status make_buckets(const seine_session *session, dealing *deal) {
    deal->bucket_of = malloc((session->movers.count + 1) * sizeof *deal->bucket_of);
    if (deal->bucket_of == NULL) return SEINE_E_NOMEM;
    for (uint32_t m = 0; m < session->movers.count; m++)
        deal->bucket_of[m] = seine_bucket_of(session->movers.entries[m], session->buckets);
    return SEINE_OK;
}

seine_status seine_session_settle(seine_session *session, uint32_t except, seine_settled *settled, seine_error *error) {
    dealing deal = {0};
    seine_lineage *sources = NULL;
    *settled = (seine_settled){0};
    seine_status status = extend_maps(session);
    if (status == SEINE_OK) status = make_buckets(session, &deal);
    if (status == SEINE_OK) status = seine_session_lineage(session, &settled->arena, &sources);
    if (status == SEINE_OK)
        status = seine_words_make(&session->movers, &session->tuples, sources, session->source_count, &settled->statics,
                                  &settled->arena, &settled->words);
    if (status == SEINE_OK) status = count_all(session, &deal, except);
    if (status == SEINE_OK) status = lay_out(session, &deal, except, settled);
    free(deal.days.days);
    free(deal.sizes);
    free(deal.group);
    free(deal.bucket_of);
    if (status == SEINE_OK) return SEINE_OK;
    seine_settled_free(settled);
    if (status == SEINE_E_LIMIT)
        return seine_fail(error, status, "more than %" PRIu64 " vessels at once; lower --memory",
                          UINT64_MAX >> SEINE_FIX_KEY_BITS);
    return seine_fail(error, status, "out of memory while sorting %" PRIu64 " MiB of fixes", session->held_bytes >> 20);
}

void seine_settled_free(seine_settled *settled) {
    free(settled->keys);
    seine_statics_columns_free(&settled->statics);
    seine_arena_free(&settled->arena);
    *settled = (seine_settled){0};
}
