/* What of the stores is one per process. Everything here is under one mutex, which is held for short. */
#include "io/store/stores.h"

#include "base/try.h"
#include "io/s3/client.h"
#include "io/store/cache.h"
#include "io/store/memory.h"
#include "io/store/scratch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define STORES_MAX 64
#define SCRATCH_PREFIX "seine-scratch-"

static struct {
    pthread_mutex_t mutex;
    seine_arena arena; /* texts of the settings */
    seine_stores_settings settings;
    seine_store *stores[STORES_MAX];
    size_t count;
    seine_scratch scratch;
    seine_cache *cache;
    bool cache_was_tried;
} the = {.mutex = PTHREAD_MUTEX_INITIALIZER, .scratch = {.lock = -1}};

/* @return false when out of memory. */
static bool keep_text(const char **text) {
    if (*text == NULL) return true;
    *text = seine_arena_copy(&the.arena, *text, strlen(*text));
    return *text != NULL;
}

seine_status seine_stores_configure(const seine_stores_settings *settings, seine_error *error) {
    (void)pthread_mutex_lock(&the.mutex);
    seine_stores_settings kept = *settings;
    const bool ok = keep_text(&kept.endpoint) && keep_text(&kept.region) && keep_text(&kept.profile) &&
                    keep_text(&kept.scratch) && keep_text(&kept.cache);
    if (ok) the.settings = kept;
    (void)pthread_mutex_unlock(&the.mutex);
    return ok ? SEINE_OK : seine_no_memory(error, "stores");
}

const atomic_bool *seine_stores_stop(void) {
    (void)pthread_mutex_lock(&the.mutex);
    const atomic_bool *stop = the.settings.stop;
    (void)pthread_mutex_unlock(&the.mutex);
    return stop;
}

static seine_status open_store(const char *name, seine_store **store, seine_error *error) {
    if (strncmp(name, "mem://", 6) == 0) return seine_memory_store_open(name, store, error);
    return seine_s3_open(name, &the.settings, store, error);
}

/* Under the mutex. */
static seine_status find_or_open(const char *address, size_t size, seine_store **store, seine_error *error) {
    for (size_t i = 0; i < the.count; i++) {
        *store = the.stores[i];
        if (strncmp((*store)->name, address, size) == 0 && (*store)->name[size] == '\0') return SEINE_OK;
    }
    if (the.count == STORES_MAX)
        return seine_fail(error, SEINE_E_LIMIT, "%s: more than %d buckets at once", address, STORES_MAX);
    char *name = strndup(address, size);
    if (name == NULL) return seine_no_memory(error, "stores");
    const seine_status status = open_store(name, store, error);
    free(name);
    if (status == SEINE_OK) the.stores[the.count++] = *store;
    return status;
}

seine_status seine_stores_find(const char *address, seine_store **store, const char **key, seine_error *error) {
    const size_t scheme = strcspn(address, ":") + 3, size = scheme + strcspn(address + scheme, "/");
    if (size == scheme)
        return seine_fail(error, SEINE_E_USAGE, "%s: no bucket is named; write s3://BUCKET/NAME", address);
    *key = address[size] == '/' ? address + size + 1 : address + size;
    if (strlen(*key) > SEINE_STORE_KEY_MAX)
        return seine_fail(error, SEINE_E_USAGE, "%s: a name in a bucket has at most %d bytes", address,
                          SEINE_STORE_KEY_MAX);
    (void)pthread_mutex_lock(&the.mutex);
    const seine_status status = find_or_open(address, size, store, error);
    (void)pthread_mutex_unlock(&the.mutex);
    return status;
}

seine_status seine_stores_scratch(const char **folder, seine_error *error) {
    (void)pthread_mutex_lock(&the.mutex);
    const seine_status status = the.scratch.folder != NULL
                                    ? SEINE_OK
                                    : seine_scratch_open(the.settings.scratch, SCRATCH_PREFIX, &the.scratch, error);
    *folder = the.scratch.folder;
    (void)pthread_mutex_unlock(&the.mutex);
    return status;
}

static char *cache_folder(seine_arena *arena) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (the.settings.cache != NULL) return seine_arena_printf(arena, "%s", the.settings.cache);
    if (cache != NULL && cache[0] == '/') return seine_arena_printf(arena, "%s/seine", cache);
    return home != NULL && home[0] == '/' ? seine_arena_printf(arena, "%s/.cache/seine", home) : NULL;
}

/* A cache that cannot be made is none: everything works without. One that others might have filled is told, once. */
struct seine_cache *seine_stores_cache(void) {
    (void)pthread_mutex_lock(&the.mutex);
    if (!the.cache_was_tried && the.settings.cache_bytes > 0) {
        seine_arena arena = {0};
        const char *folder = cache_folder(&arena);
        the.cache_was_tried = true;
        seine_error why = {SEINE_OK, ""};
        if (folder != NULL && seine_cache_open(folder, the.settings.cache_bytes, &the.cache, &why) == SEINE_E_USAGE)
            (void)fprintf(stderr, "seine: %s\n", why.text);
        seine_arena_free(&arena);
    }
    struct seine_cache *cache = the.cache;
    (void)pthread_mutex_unlock(&the.mutex);
    return cache;
}

void seine_stores_close(void) {
    (void)pthread_mutex_lock(&the.mutex);
    for (size_t i = 0; i < the.count; i++) the.stores[i]->ops->close(the.stores[i]);
    (void)seine_scratch_close(&the.scratch);
    seine_cache_close(the.cache);
    seine_arena_free(&the.arena);
    the.settings = (seine_stores_settings){0};
    the.count = 0;
    the.cache = NULL;
    the.cache_was_tried = false;
    (void)pthread_mutex_unlock(&the.mutex);
}
