/** @file table/grow.h  Arrays that grow inside an arena. */
#ifndef SEINE_TABLE_GROW_H
#define SEINE_TABLE_GROW_H

#include "base/arena.h"

/** A zeroed one is empty. Former places of the items stay in the arena. */
typedef struct seine_grow {
    void *items;
    size_t count, capacity;
} seine_grow;

/** @return one more item at the end, zeroed, or NULL when out of memory. */
static inline void *seine_grow_one(seine_grow *array, seine_arena *arena, size_t item_size) {
    if (array->count == array->capacity) {
        const size_t larger = array->capacity == 0 ? 16 : array->capacity * 2;
        void *copy = seine_arena_alloc(arena, larger * item_size);
        if (copy == NULL) return NULL;
        if (array->count > 0) memcpy(copy, array->items, array->count * item_size);
        array->items = copy;
        array->capacity = larger;
    }
    return (char *)array->items + array->count++ * item_size;
}

#endif
