/** @file io/clock.h  The only source of time and chance in the program. */
#ifndef SEINE_IO_CLOCK_H
#define SEINE_IO_CLOCK_H

#include "seine/status.h"

/**
 * Microseconds since 1970-01-01T00:00:00Z. The environment variable SEINE_NOW (a time of seine_time_parse) stands in
 * for the clock, so that runs can be repeated; a SEINE_NOW that is not a time is ignored.
 */
int64_t seine_clock_now_us(void);
/** Never goes back, unrelated to the date: for durations and leases within one process. SEINE_NOW has no effect. */
int64_t seine_clock_monotonic_us(void);

/** Fills @p bytes from the system's random source. @return OK, E_IO. */
SEINE_MUST_USE seine_status seine_random_bytes(void *bytes, size_t size, seine_error *error);
/** A random UUID (version 4), lower-case, 36 characters and a NUL. @return OK, E_IO. */
SEINE_MUST_USE seine_status seine_uuid4(char text[37], seine_error *error);

#endif
