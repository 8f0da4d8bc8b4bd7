/* The cache in memory: a hash table whose entries also stand in a list, newest use first. */
#include "serve/cache.h"

#include <pthread.h>
#include <stdlib.h>

#define SLOTS 4096
#define ENTRY_BYTES 512 /* what an entry costs beside its body */

typedef struct entry {
    seine_hash128 key;
    seine_answer *answer;
    size_t bytes;
    uint64_t state;
    struct entry *next_in_slot;
    struct entry *newer, *older;
} entry;

typedef struct memory_cache {
    seine_cache shown; /* first, so that a pointer to it is one to this */
    pthread_mutex_t mutex;
    size_t max_bytes, bytes;
    entry *newest, *oldest;
    entry *slots[SLOTS];
} memory_cache;

static entry **slot_of(memory_cache *cache, seine_hash128 key) { return &cache->slots[key.low % SLOTS]; }

static entry *find(memory_cache *cache, seine_hash128 key) {
    entry *at = *slot_of(cache, key);
    while (at != NULL && !seine_hash128_equal(at->key, key)) at = at->next_in_slot;
    return at;
}

static void unlink_use(memory_cache *cache, entry *e) {
    *(e->newer != NULL ? &e->newer->older : &cache->newest) = e->older;
    *(e->older != NULL ? &e->older->newer : &cache->oldest) = e->newer;
}

static void link_newest(memory_cache *cache, entry *e) {
    e->newer = NULL;
    e->older = cache->newest;
    *(e->older != NULL ? &e->older->newer : &cache->oldest) = e;
    cache->newest = e;
}

static void drop(memory_cache *cache, entry *e) {
    entry **at = slot_of(cache, e->key);
    while (*at != e) at = &(*at)->next_in_slot;
    *at = e->next_in_slot;
    unlink_use(cache, e);
    cache->bytes -= e->bytes;
    seine_answer_release(e->answer);
    free(e);
}

static seine_answer *get(seine_cache *shown, seine_hash128 key) {
    memory_cache *cache = (memory_cache *)shown;
    (void)pthread_mutex_lock(&cache->mutex);
    entry *e = find(cache, key);
    if (e != NULL && e != cache->newest) {
        unlink_use(cache, e);
        link_newest(cache, e);
    }
    seine_answer *answer = e != NULL ? seine_answer_share(e->answer) : NULL;
    (void)pthread_mutex_unlock(&cache->mutex);
    return answer;
}

static void put(seine_cache *shown, seine_hash128 key, uint64_t state, seine_answer *answer) {
    memory_cache *cache = (memory_cache *)shown;
    const size_t bytes = answer->body.capacity + ENTRY_BYTES;
    entry *made = bytes <= cache->max_bytes / 4 ? calloc(1, sizeof *made) : NULL;
    if (made == NULL) return;
    (void)pthread_mutex_lock(&cache->mutex);
    entry *former = find(cache, key);
    if (former != NULL) drop(cache, former); /* two requests made the same */
    while (cache->bytes + bytes > cache->max_bytes) drop(cache, cache->oldest);
    *made = (entry){.key = key, .answer = seine_answer_share(answer), .bytes = bytes, .state = state};
    entry **slot = slot_of(cache, key);
    made->next_in_slot = *slot;
    *slot = made;
    cache->bytes += bytes;
    link_newest(cache, made);
    (void)pthread_mutex_unlock(&cache->mutex);
}

static bool is_one_of(uint64_t state, const uint64_t *states, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (states[i] == state) return true;
    return state == 0;
}

static void keep_only(seine_cache *shown, const uint64_t *states, size_t count) {
    memory_cache *cache = (memory_cache *)shown;
    (void)pthread_mutex_lock(&cache->mutex);
    for (entry *e = cache->newest, *older; e != NULL; e = older) {
        older = e->older;
        if (!is_one_of(e->state, states, count)) drop(cache, e);
    }
    (void)pthread_mutex_unlock(&cache->mutex);
}

static void close_cache(seine_cache *shown) {
    memory_cache *cache = (memory_cache *)shown;
    while (cache->oldest != NULL) drop(cache, cache->oldest);
    (void)pthread_mutex_destroy(&cache->mutex);
    free(cache);
}

seine_cache *seine_memory_cache_new(size_t max_bytes) {
    memory_cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL) return NULL;
    cache->shown = (seine_cache){get, put, keep_only, close_cache};
    cache->max_bytes = max_bytes;
    if (pthread_mutex_init(&cache->mutex, NULL) == 0) return &cache->shown;
    free(cache);
    return NULL;
}
