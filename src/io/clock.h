/** @file io/clock.h  The only source of time and chance in the program. */
#ifndef SEINE_IO_CLOCK_H
#define SEINE_IO_CLOCK_H

#include "base/progress.h"
#include "seine/status.h"

#include <pthread.h>
#include <stdbool.h>

/**
 * Microseconds since 1970-01-01T00:00:00Z. The environment variable SEINE_NOW (a time of seine_time_parse) stands in
 * for the clock, so that runs can be repeated; a SEINE_NOW that is not a time is ignored.
 */
int64_t seine_clock_now_us(void);
/** The same without SEINE_NOW: for what other machines compare with their own clocks. */
int64_t seine_clock_wall_us(void);
/** Never goes back, unrelated to the date: for durations and leases within one process. SEINE_NOW has no effect. */
int64_t seine_clock_monotonic_us(void);

/** A condition for seine_clock_wait, which no change of the date reaches. @return false when out of memory. */
SEINE_MUST_USE bool seine_clock_condition(pthread_cond_t *condition);
/** Waits for the condition, at most @p wait_us from now; may return early. @return false when the time is over. */
bool seine_clock_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t wait_us);

/** Sleeps for @p wait_us, or until the user asks to stop. @return false when he did. */
bool seine_clock_pause(const seine_progress *progress, int64_t wait_us);

/** Fills @p bytes from the system's random source. @return OK, E_IO. */
SEINE_MUST_USE seine_status seine_random_bytes(void *bytes, size_t size, seine_error *error);
/** A random UUID (version 4), lower-case, 36 characters and a NUL. @return OK, E_IO. */
SEINE_MUST_USE seine_status seine_uuid4(char text[37], seine_error *error);

#endif
