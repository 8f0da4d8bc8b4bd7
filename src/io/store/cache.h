/**
 * @file io/store/cache.h
 * Copies of objects, each under a name that stands for one state of its object, in a folder of this machine, up to a
 * number of bytes: the longest unused go first. Several processes may share a folder; the number is of all their copies
 * together, and those that are just being made come on top of it, each up to an eighth. Machines that share a folder
 * have each their own in it. What was copied before the machine was started is thrown away, because copies are not
 * synced: after a loss of power any of their bytes may be zeros.
 */
#ifndef SEINE_IO_STORE_CACHE_H
#define SEINE_IO_STORE_CACHE_H

#include "base/arena.h"

typedef struct seine_cache seine_cache; /**< any thread */

/** Makes the folder, mode 0700. @return OK, E_NOMEM, E_IO; E_USAGE: it is another user's, or anybody may write in it.
 */
SEINE_MUST_USE seine_status seine_cache_open(const char *folder, uint64_t max_bytes, seine_cache **cache,
                                             seine_error *error);
void seine_cache_close(seine_cache *cache);

/** Largest object that is kept: an eighth of the whole, so that one does not push out all others. */
uint64_t seine_cache_largest(const seine_cache *cache);
/** @return a descriptor at the start of the copy, which the caller closes and which stays good; -1 = none. */
int seine_cache_find(seine_cache *cache, const char *name);
/** Forgets a copy; none is fine. Who has it open keeps it. */
void seine_cache_drop(seine_cache *cache, const char *name);

/** A copy being made. */
typedef struct seine_cache_entry {
    int descriptor; /**< to be written */
    char temp[64];  /**< its name meanwhile */
} seine_cache_entry;
/** @return false when none can be made, and the object has to be read without. */
bool seine_cache_begin(seine_cache *cache, seine_cache_entry *entry);
/**
 * Keeps the copy, of @p size bytes, under a name; NULL gives it up. @return its descriptor at its start, which the
 * caller closes, or -1 when it was given up.
 */
int seine_cache_end(seine_cache *cache, seine_cache_entry *entry, const char *name, uint64_t size);

/**
 * The folder in which copies are pinned: of this process alone, and gone with it or with the next one that pins.
 * @return NULL when none can be made.
 */
const char *seine_cache_pins(seine_cache *cache);
/** @return whether another copy may be pinned: half of the cache is the limit for all together. */
bool seine_cache_can_pin(seine_cache *cache);
/**
 * Gives a copy a path of its own in that folder, which ends with @p title and is there until it is unpinned, whatever
 * is thrown away meanwhile. @return it in @p arena; NULL: that cannot be.
 */
const char *seine_cache_pin(seine_cache *cache, const char *name, const char *title, seine_arena *arena);
/** @p path as it was pinned. */
void seine_cache_unpin(seine_cache *cache, const char *path);

#endif
