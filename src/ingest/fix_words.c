#include "ingest/fix_words.h"

#include <stdlib.h>

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

static seine_source_words *name_sources(const seine_known_sources *sources, seine_arena *arena) {
    const size_t count = sources->count;
    seine_source_words *words = SEINE_ARENA_ARRAY(arena, seine_source_words, count);
    ranked *texts = malloc((count + 1) * sizeof *texts);
    const uint32_t *ranks = NULL;
    if (words != NULL && texts != NULL) {
        for (size_t s = 0; s < count; s++) texts[s] = (ranked){seine_str_of(sources->items[s].row.name), (uint32_t)s};
        ranks = rank_texts(texts, count, arena);
    }
    free(texts);
    if (ranks == NULL) return NULL;
    for (size_t s = 0; s < count; s++) {
        const seine_source *row = &sources->items[s].row;
        words[s] = (seine_source_words){seine_str_of(row->name), seine_str_of(row->url), row->ingested_at_us, ranks[s]};
    }
    return words;
}

seine_status seine_fix_words_make(const seine_dataset *dataset, const seine_dict *movers, const seine_dict *tuples,
                                  const seine_known_sources *sources, seine_fix_words *words) {
    if (movers->count > SEINE_FIX_MOVERS_MAX) return SEINE_E_LIMIT;
    seine_arena *arena = &words->arena;
    seine_hash128 *hashes = SEINE_ARENA_ARRAY(arena, seine_hash128, movers->count);
    words->dataset = dataset;
    words->movers = movers->entries;
    words->mover_count = movers->count;
    words->mover_rank = rank_dict(movers, arena);
    words->mover_hash = hashes;
    words->sources = name_sources(sources, arena);
    words->source_count = sources->count;
    if (hashes == NULL || words->mover_rank == NULL || words->sources == NULL) return SEINE_E_NOMEM;
    for (uint32_t m = 0; m < movers->count; m++)
        hashes[m] = seine_hash128_of(movers->entries[m].data, movers->entries[m].size);
    return seine_statics_columns_make(dataset, tuples, &words->statics);
}

void seine_fix_words_free(seine_fix_words *words) {
    seine_statics_columns_free(&words->statics);
    seine_arena_free(&words->arena);
    *words = (seine_fix_words){0};
}
