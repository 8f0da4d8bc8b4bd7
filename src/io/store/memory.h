/**
 * @file io/store/memory.h
 * A store in memory, `mem://NAME`, for tests: it lives until the stores of the process are closed. A script decides
 * before each of its operations what goes wrong with it: from errors, which any store has, to what none should do, so
 * that a test can show that it would be noticed.
 */
#ifndef SEINE_IO_STORE_MEMORY_H
#define SEINE_IO_STORE_MEMORY_H

#include "io/store/store.h"

typedef enum seine_memory_fault {
    SEINE_MEMORY_FINE,
    SEINE_MEMORY_ERROR,   /**< nothing is done; E_IO */
    SEINE_MEMORY_UNKNOWN, /**< it is done, but E_IO is what the caller hears */
    SEINE_MEMORY_TORN, /**< get: half of the bytes are given, then E_IO; put, upload_end: half of them are there, E_IO;
                            others: as ERROR */
    SEINE_MEMORY_LATE, /**< put, upload_end, remove: E_IO, and it is done by seine_memory_store_settle; others: as
                            ERROR */
    SEINE_MEMORY_LOST, /**< put, upload_end, remove: the caller hears of success, and nothing is done; others: fine */
    SEINE_MEMORY_STALE /**< list: as it was SEINE_MEMORY_STALE_BY operations before; others: fine */
} seine_memory_fault;
#define SEINE_MEMORY_STALE_BY 16

/**
 * @p name of the operation as in seine_store_ops, @p number of it since the store was made, from 0. A crash is a
 * script that answers ERROR from some number on; the state behind it is what others find. May wait, also for another
 * operation. Called by every thread that uses the store.
 */
typedef seine_memory_fault (*seine_memory_script)(void *context, const char *name, const char *key, uint64_t number);

SEINE_MUST_USE seine_status seine_memory_store_open(const char *name, seine_store **store, seine_error *error);
/** NULL: nothing goes wrong. Not while another thread uses the store. */
void seine_memory_store_script(seine_store *store, seine_memory_script script, void *context);
/** Does what came too late (LATE), in its order: what a new object would replace is replaced, and what had to be new
 * and is there by now is left. */
void seine_memory_store_settle(seine_store *store);
/** Operations so far. */
uint64_t seine_memory_store_count(const seine_store *store);
/** Makes every object's time so much earlier. */
void seine_memory_store_age(seine_store *store, int64_t by_us);

#endif
