/**
 * @file io/zone_file.h
 * Files of time zones, as the system's package tzdata brings them: of the folder $TZDIR, or /usr/share/zoneinfo.
 */
#ifndef SEINE_IO_ZONE_FILE_H
#define SEINE_IO_ZONE_FILE_H

#include "base/arena.h"
#include "base/str.h"
#include "seine/status.h"

/**
 * The bytes of a zone's file, in @p arena. @p name is one (base/zone.h).
 * @return OK; E_NOT_FOUND: there is no such zone, *error names the nearest one; or there are no files of zones at all,
 * *error says what to install; E_NOMEM, E_IO, E_LIMIT.
 */
SEINE_MUST_USE seine_status seine_zone_file_read(const char *name, seine_arena *arena, seine_str *bytes,
                                                 seine_error *error);

#endif
