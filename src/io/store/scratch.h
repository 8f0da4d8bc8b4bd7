/**
 * @file io/store/scratch.h
 * A folder of this machine for the files of one process. Its owner holds a lock on a file in it, which ends with the
 * process, however that ends: so the next one knows which folders nobody needs any more, and removes them.
 */
#ifndef SEINE_IO_STORE_SCRATCH_H
#define SEINE_IO_STORE_SCRATCH_H

#include "seine/status.h"

#include <stdbool.h>

/** Zeroes are none. */
typedef struct seine_scratch {
    char *folder; /**< mode 0700; NULL = none */
    int lock;
} seine_scratch;

/**
 * Makes @p prefix + six letters in @p base; NULL: in TMPDIR, or /tmp. Removes what other processes have left there of
 * the same prefix. @return OK, E_NOMEM, E_IO (names the base).
 */
SEINE_MUST_USE seine_status seine_scratch_open(const char *base, const char *prefix, seine_scratch *scratch,
                                               seine_error *error);
/** Removes it with all in it, as far as that can be done. @return whether nothing is left. */
bool seine_scratch_close(seine_scratch *scratch);

#endif
