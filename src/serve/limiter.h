/**
 * @file serve/limiter.h
 * How many requests one client may make: a token bucket per address. Pure apart from its mutex: the time comes in.
 */
#ifndef SEINE_SERVE_LIMITER_H
#define SEINE_SERVE_LIMITER_H

#include "seine/status.h"

#include <stdbool.h>

typedef struct seine_limiter seine_limiter; /**< any thread */

/** @p rate requests a second on average, @p burst at once. NULL: out of memory. */
seine_limiter *seine_limiter_new(double rate, double burst);
void seine_limiter_free(seine_limiter *limiter);
/**
 * Takes one request of a client (a hash of its address). The newest clients are remembered; one that is forgotten
 * begins with a full bucket. @return whether it may; else *wait_s is when it may again.
 */
bool seine_limiter_take(seine_limiter *limiter, uint64_t client, int64_t now_us, double *wait_s);

#endif
