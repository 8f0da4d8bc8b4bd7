/**
 * @file base/try.h  The one way to leave a function on failure, and what follows from one.
 *
 * A function leaves where the failure is, with SEINE_TRY; what it holds then is released because it is declared with
 * its release function (docs/decisions/011-owned-locals.md):
 *
 *     seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
 *     seine_table *table SEINE_OWNED(seine_table_close_owned) = NULL;
 *     SEINE_TRY(seine_table_load(catalog, name, (seine_at){0}, &table, error));
 *     char *path = seine_arena_copy(&arena, …);
 *     if (path == NULL) return seine_no_memory(error, "copying a table");
 *
 * A status is kept in a variable only where work follows a failure: a release that can fail itself, a lock, a
 * roll-back, a thread or a progress bar that has to end first.
 */
#ifndef SEINE_BASE_TRY_H
#define SEINE_BASE_TRY_H

#include "seine/status.h"

/** Leaves the function with the status of @p call unless it is OK; whoever failed has told why. */
#define SEINE_TRY(call)                                    \
    do {                                                   \
        const seine_status tried_status = (call);          \
        if (tried_status != SEINE_OK) return tried_status; \
    } while (0)

/**
 * Behind a local: whichever way the function is left, @p release is called with its address, the last declared local
 * first, after the returned value was computed. The local has to be initialised where it is declared, with what
 * @p release takes as empty (zeroed, NULL), and is emptied again when its value goes to somebody else.
 */
#define SEINE_OWNED(release) __attribute__((cleanup(release)))

/** For a `type *` which `void release(type *)` ends: release_owned(type **), as SEINE_OWNED wants it; NULL is passed
 * over. Stands below the declaration of @p release. */
#define SEINE_OWNED_POINTER(type, release)             \
    static inline void release##_owned(type **owned) { \
        if (*owned != NULL) release(*owned);           \
    }                                                  \
    void release(type *) /* again, for the semicolon */

/** @p pointer, an owned local, which is NULL from then on: `*out = SEINE_TAKE(made);` hands its value to the caller. */
#define SEINE_TAKE(pointer)                            \
    __extension__({                                    \
        __typeof__(pointer) taken_pointer = (pointer); \
        (pointer) = NULL;                              \
        taken_pointer;                                 \
    })

/** SEINE_OWNED(seine_free_owned): a pointer of any type to memory of malloc. */
void seine_free_owned(void *address_of_pointer);

/** "what: out of memory"; @p what is the work, or the file or table it is done for. @return SEINE_E_NOMEM. */
seine_status seine_no_memory(seine_error *error, const char *what);

/** For work whose failure changes nothing: hints that are repaired later, clean-up whose rest is found as orphans. */
static inline void seine_best_effort(seine_status status) { (void)status; }

#endif
