/* Blocks that are handed out front to back and freed together. Blocks come zeroed and are never re-used. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define ALIGNMENT 16
#define FIRST_BLOCK_BYTES ((size_t)4096)
#define LARGEST_BLOCK_BYTES ((size_t)1024 * 1024)

struct seine_arena_block {
    seine_arena_block *next;
    size_t capacity, used;
    alignas(ALIGNMENT) uint8_t bytes[];
};

static seine_arena_block *new_block(size_t capacity) {
    seine_arena_block *block = calloc(1, sizeof *block + capacity);
    if (block != NULL) block->capacity = capacity;
    return block;
}

/* Adds a block with room for size bytes. A piece too large to share a block gets its own, behind the head. */
static seine_arena_block *add_block(seine_arena *arena, size_t size) {
    seine_arena_block *head = arena->blocks;
    size_t capacity = head == NULL ? FIRST_BLOCK_BYTES : head->capacity * 2;
    if (capacity > LARGEST_BLOCK_BYTES) capacity = LARGEST_BLOCK_BYTES;
    const bool own = head != NULL && size > capacity / 4;
    seine_arena_block *block = new_block(own || size > capacity ? size : capacity);
    if (block == NULL) return NULL;
    if (own) {
        block->next = head->next;
        head->next = block;
    } else {
        block->next = head;
        arena->blocks = block;
    }
    return block;
}

void *seine_arena_alloc(seine_arena *arena, size_t size) {
    if (size > SIZE_MAX / 2) return NULL;
    const size_t rounded = size == 0 ? ALIGNMENT : (size + (ALIGNMENT - 1)) / ALIGNMENT * ALIGNMENT;
    seine_arena_block *block = arena->blocks;
    if (block == NULL || block->capacity - block->used < rounded) block = add_block(arena, rounded);
    if (block == NULL) return NULL;
    void *piece = block->bytes + block->used;
    block->used += rounded;
    arena->bytes += rounded;
    return piece;
}

char *seine_arena_copy(seine_arena *arena, const void *bytes, size_t size) {
    char *copy = size < SIZE_MAX ? seine_arena_alloc(arena, size + 1) : NULL;
    if (copy != NULL && size > 0) memcpy(copy, bytes, size);
    return copy;
}

char *seine_arena_printf(seine_arena *arena, const char *format, ...) {
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, args);
    char *text = length < 0 ? NULL : seine_arena_alloc(arena, (size_t)length + 1);
    if (text != NULL) vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

void seine_arena_free(seine_arena *arena) {
    for (seine_arena_block *block = arena->blocks; block != NULL;) {
        seine_arena_block *next = block->next;
        free(block);
        block = next;
    }
    *arena = (seine_arena){0};
}
