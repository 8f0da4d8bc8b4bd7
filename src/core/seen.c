/*
 * Memory: hashes[capacity], next[capacity], heads[capacity]. Slots are numbered from 1 in chains, 0 ends one. A chain
 * has the newest entry in front, so the entry that goes is the last of its chain.
 */
#include "core/seen.h"

#include <string.h>

#define LEAST_CAPACITY 16u

static uint64_t *hashes_of(const void *memory) { return (uint64_t *)(uintptr_t)memory; }

static uint32_t *next_of(const seine_seen *seen, const void *memory) {
    return (uint32_t *)(void *)(hashes_of(memory) + seen->capacity);
}

static uint32_t *heads_of(const seine_seen *seen, const void *memory) { return next_of(seen, memory) + seen->capacity; }

static uint32_t head_index(const seine_seen *seen, uint64_t hash) { return (uint32_t)hash & (seen->capacity - 1); }

uint32_t seine_seen_capacity(const seine_seen *seen, uint32_t count) {
    uint32_t capacity = seen->capacity;
    if (count > 0 && capacity == 0) capacity = LEAST_CAPACITY;
    while (capacity < count) capacity *= 2;
    return capacity;
}

bool seine_seen_has(const seine_seen *seen, const void *memory, uint64_t hash) {
    if (seen->count == 0) return false;
    const uint64_t *hashes = hashes_of(memory);
    const uint32_t *next = next_of(seen, memory);
    for (uint32_t slot = heads_of(seen, memory)[head_index(seen, hash)]; slot != 0; slot = next[slot - 1])
        if (hashes[slot - 1] == hash) return true;
    return false;
}

/* Takes the oldest entry out of its chain. */
static void remove_oldest(seine_seen *seen, void *memory, uint32_t limit) {
    const uint32_t slot = seen->first + 1;
    uint32_t *next = next_of(seen, memory);
    uint32_t *link = &heads_of(seen, memory)[head_index(seen, hashes_of(memory)[seen->first])];
    while (*link != slot) link = &next[*link - 1];
    *link = 0;
    seen->first = slot == limit ? 0 : slot;
    seen->count--;
}

void seine_seen_add(seine_seen *seen, void *memory, uint32_t limit, uint64_t hash) {
    if (seen->count == limit) remove_oldest(seen, memory, limit);
    const uint32_t at = (uint32_t)(((uint64_t)seen->first + seen->count) % limit);
    uint32_t *head = &heads_of(seen, memory)[head_index(seen, hash)];
    hashes_of(memory)[at] = hash;
    next_of(seen, memory)[at] = *head;
    *head = at + 1;
    seen->count++;
}

uint64_t seine_seen_at(const seine_seen *seen, const void *memory, uint32_t limit, uint32_t i) {
    return hashes_of(memory)[((uint64_t)seen->first + i) % limit];
}

void seine_seen_grow(seine_seen *seen, void *memory, uint32_t capacity) {
    const uint32_t count = seen->count;
    *seen = (seine_seen){.capacity = capacity};
    memset(next_of(seen, memory), 0, 2 * (size_t)capacity * sizeof(uint32_t));
    for (uint32_t i = 0; i < count; i++) seine_seen_add(seen, memory, capacity, hashes_of(memory)[i]);
}
