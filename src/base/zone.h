/**
 * @file base/zone.h
 * Time zones by name: what the clocks of a place show, from a TZif file (RFC 9636) that the caller has read. Pure.
 *
 *     2024-10-27 02:30 in Europe/Copenhagen was twice: the first of the two counts
 *     2024-03-31 02:30 there was never: it is no time
 */
#ifndef SEINE_BASE_ZONE_H
#define SEINE_BASE_ZONE_H

#include "base/arena.h"
#include "base/str.h"
#include "seine/status.h"

typedef struct seine_zone seine_zone;

/** @return whether a text may be the name of a zone, and so of a file: Europe/Copenhagen, Etc/GMT+3. */
bool seine_zone_is_name(const char *name);

/**
 * Reads a TZif file of version 1 to 4. The zone lies in @p arena, @p name copied; @p bytes are not kept.
 * @return OK; E_FORMAT: it is none, or cut off; E_UNSUPPORTED: one that counts leap seconds; E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_zone_read(seine_str bytes, const char *name, seine_arena *arena,
                                            const seine_zone **zone, seine_error *error);

const char *seine_zone_name(const seine_zone *zone);

/**
 * The moment at which the clocks showed @p local_us (microseconds since 1970-01-01T00:00:00 on that clock); the first
 * one when there were several. @return false: they never did, because they were put forward past it.
 */
bool seine_zone_moment(const seine_zone *zone, int64_t local_us, int64_t *time_us);

#endif
