#include "io/pins.h"

#include "base/array.h"
#include "base/threads.h"
#include "io/store/cache.h"
#include "io/store/object.h"
#include "io/store/stores.h"

#include <stdlib.h>

#define COPY_THREADS 4 /* that make copies: they wait for the network */
#define FILES_MAX ((size_t)1 << 24)

static seine_status copy(void *context, size_t member, size_t index, seine_error *error) {
    const char *file = ((const char *const *)context)[index];
    seine_cache *cache = seine_stores_cache();
    (void)member;
    return cache != NULL && seine_is_address(file) && seine_cache_can_pin(cache) ? seine_object_copy(file, error)
                                                                                 : SEINE_OK;
}

static bool has_addresses(const char *const *files, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (seine_is_address(files[i])) return true;
    return false;
}

seine_status seine_pins_add(seine_pins *pins, const char *const *files, size_t count, const char *const **paths,
                            seine_error *error) {
    *paths = files;
    if (!has_addresses(files, count)) return SEINE_OK;
    const seine_thread_tasks copies = {.task = copy, .context = (void *)(uintptr_t)files, .count = count};
    const char **all = SEINE_ARENA_ARRAY(&pins->arena, const char *, count);
    if (all == NULL || SEINE_ARRAY_ROOM(pins->paths, pins->count, pins->capacity, count, FILES_MAX) != SEINE_OK)
        return seine_no_memory(error, "files of a bucket");
    SEINE_TRY(seine_threads_each(COPY_THREADS, &copies, error));
    for (size_t i = 0; i < count; i++) {
        all[i] = files[i];
        if (!seine_is_address(files[i])) continue;
        SEINE_TRY(seine_object_pin(files[i], &pins->arena, &all[i], error));
        if (all[i] != files[i]) pins->paths[pins->count++] = all[i];
    }
    *paths = all;
    return SEINE_OK;
}

void seine_pins_free(seine_pins *pins) {
    for (size_t i = 0; i < pins->count; i++) seine_cache_unpin(seine_stores_cache(), pins->paths[i]);
    free(pins->paths);
    seine_arena_free(&pins->arena);
    *pins = (seine_pins){0};
}

const char *seine_pins_folder(const char *lake) {
    seine_cache *cache = seine_is_address(lake) ? seine_stores_cache() : NULL;
    return cache != NULL ? seine_cache_pins(cache) : NULL;
}
