/** @file base/arena.h  Memory that is freed all at once. */
#ifndef SEINE_BASE_ARENA_H
#define SEINE_BASE_ARENA_H

#include "base/str.h"
#include "seine/status.h"

typedef struct seine_arena_block seine_arena_block;

/** A zeroed arena is ready to use. Not for two threads at once. */
typedef struct seine_arena {
    seine_arena_block *blocks;
    size_t bytes; /**< handed out in total */
} seine_arena;

/** @return @p size zeroed bytes aligned to 16, or NULL when out of memory. size 0 gives a valid pointer. */
void *seine_arena_alloc(seine_arena *arena, size_t size);
/** @return a NUL-terminated copy, or NULL when out of memory. */
char *seine_arena_copy(seine_arena *arena, const void *bytes, size_t size);
/** @return formatted text, or NULL when out of memory. */
char *seine_arena_printf(seine_arena *arena, const char *format, ...) SEINE_PRINTF(2, 3);
/** Frees everything; the arena is ready to use again. */
void seine_arena_free(seine_arena *arena);

/** Typed array: `seine_row *rows = SEINE_ARENA_ARRAY(&arena, seine_row, n)`. */
#define SEINE_ARENA_ARRAY(arena, type, count) ((type *)seine_arena_alloc((arena), sizeof(type) * (count)))

#endif
