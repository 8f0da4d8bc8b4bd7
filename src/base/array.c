/* Growing arrays: doubled, so that n items cost n steps. */
#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ITEMS 16

bool seine_array_reserve(void *items, size_t *capacity, size_t wanted, size_t item_bytes, size_t most) {
    if (wanted <= *capacity) return true;
    if (wanted > most || wanted > SIZE_MAX / 2 / item_bytes) return false;
    size_t larger = *capacity < FIRST_ITEMS / 2 ? FIRST_ITEMS : *capacity * 2;
    if (larger < wanted) larger = wanted;
    if (larger > most) larger = most;
    void *old, *grown;
    memcpy(&old, items, sizeof old); /* not through void **: the owner's pointer has another type */
    grown = realloc(old, larger * item_bytes);
    if (grown == NULL) return false;
    memcpy(items, &grown, sizeof grown);
    *capacity = larger;
    return true;
}
