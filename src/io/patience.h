/** @file io/patience.h  Which failed requests are made again, and how long to wait before that. */
#ifndef SEINE_IO_PATIENCE_H
#define SEINE_IO_PATIENCE_H

#include "base/progress.h"
#include "seine/status.h"

#include <stdbool.h>

/** @return whether an answer of this code says: later. */
bool seine_http_code_is_passing(int code);

/** @return how long to wait before try number @p tries + 1 (the first is number 0): @p first_us, doubled with each try
 * up to @p most_us, half to one and a half of it by chance, so that many clients do not come back together. */
int64_t seine_backoff_us(int64_t first_us, int tries, int64_t most_us);

/**
 * Waits before try number @p tries + 1 (seine_backoff_us, up to a minute); at least @p retry_after_us, what the server
 * asked for (0 = nothing).
 * @return OK; E_INTERRUPTED; E_LIMIT told to wait for more than ten minutes: *error gets that behind its text.
 */
SEINE_MUST_USE seine_status seine_http_wait(const seine_progress *progress, int64_t backoff_us, int tries,
                                            int64_t retry_after_us, seine_error *error);

#endif
