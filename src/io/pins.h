/**
 * @file io/pins.h
 * Files for a reader that knows paths of this machine only, or that reads a bucket less well than the store does (the
 * SQL engine): objects that never change get a path of this machine, as long as they are pinned. What is pinned is the
 * copy in the cache (io/store/cache.h), so it comes with the retries and checks of the store, is asked for once however
 * often it is read, and needs no asking when it was written here.
 */
#ifndef SEINE_IO_PINS_H
#define SEINE_IO_PINS_H

#include "io/file.h"

/** Zeroes are none. One thread. */
typedef struct seine_pins {
    seine_arena arena;
    const char **paths; /**< that are to be given back */
    size_t count, capacity;
} seine_pins;

/**
 * Gives for each of @p files a path under which it can be read until seine_pins_free: a file of this machine its own;
 * an object that of its pinned copy, or, where no cache has room for it, its address. *paths may point into @p files.
 * @return OK, E_NOT_FOUND, E_NOMEM, E_IO.
 */
SEINE_MUST_USE seine_status seine_pins_add(seine_pins *pins, const char *const *files, size_t count,
                                           const char *const **paths, seine_error *error);
/** Gives the paths back: nobody reads them any more. */
void seine_pins_free(seine_pins *pins);

/** The folder in which the pinned files of a lake are. NULL: none ever will be, for want of a cache or of a need. */
const char *seine_pins_folder(const char *lake);

#endif
