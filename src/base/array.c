/* Growing arrays: how far to grow is the same for both homes; only moving the items differs. */
#include "base/array.h"
#include "base/try.h"

#include <stdint.h>
#include <stdlib.h>

#define FIRST_BYTES ((size_t)512)
#define FIRST_ITEMS ((size_t)4)

/* How many items there shall be room for. */
static seine_status larger(size_t count, size_t capacity, size_t more, size_t item_bytes, size_t most, size_t *items) {
    if (count > most || more > most - count) return SEINE_E_LIMIT;
    size_t wanted = capacity <= SIZE_MAX / 2 ? capacity * 2 : SIZE_MAX;
    if (wanted < FIRST_ITEMS) wanted = FIRST_ITEMS;
    if (wanted < FIRST_BYTES / item_bytes) wanted = FIRST_BYTES / item_bytes;
    if (wanted < count + more) wanted = count + more;
    if (wanted > most) wanted = most;
    *items = wanted;
    return wanted <= SIZE_MAX / 2 / item_bytes ? SEINE_OK : SEINE_E_NOMEM;
}

/* The owner's pointer has another type than void *, so it is copied, never aliased. */
static void *pointer_at(const void *items) {
    void *pointer;
    memcpy(&pointer, items, sizeof pointer);
    return pointer;
}

seine_status seine_array_grow(void *items, size_t count, size_t *capacity, size_t more, size_t item_bytes,
                              size_t most) {
    size_t wanted;
    SEINE_TRY(larger(count, *capacity, more, item_bytes, most, &wanted));
    void *grown = realloc(pointer_at(items), wanted * item_bytes);
    if (grown == NULL) return SEINE_E_NOMEM;
    memcpy(items, &grown, sizeof grown);
    *capacity = wanted;
    return SEINE_OK;
}

seine_status seine_arena_grow(seine_arena *arena, void *items, size_t count, size_t *capacity, size_t more,
                              size_t item_bytes, size_t most) {
    size_t wanted;
    SEINE_TRY(larger(count, *capacity, more, item_bytes, most, &wanted));
    void *grown = seine_arena_alloc(arena, wanted * item_bytes);
    if (grown == NULL) return SEINE_E_NOMEM;
    if (count > 0) memcpy(grown, pointer_at(items), count * item_bytes);
    memcpy(items, &grown, sizeof grown);
    *capacity = wanted;
    return SEINE_OK;
}

void *seine_arena_list_add(seine_arena_list *list, seine_arena *arena, size_t item_bytes) {
    const seine_status status =
        seine_arena_room(arena, &list->items, list->count, &list->capacity, 1, item_bytes, SEINE_ARENA_LIST_MAX);
    if (status != SEINE_OK) return NULL;
    return (char *)list->items + list->count++ * item_bytes;
}
