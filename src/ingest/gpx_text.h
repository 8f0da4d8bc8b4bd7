/** @file ingest/gpx_text.h  GPX files as text: records in JSON, which the decoder reads (decode/gpx.h). */
#ifndef SEINE_INGEST_GPX_TEXT_H
#define SEINE_INGEST_GPX_TEXT_H

#include "base/progress.h"
#include "seine/status.h"

/** Whether a source is one by its name: it ends in .gpx, packed or not. */
bool seine_gpx_text_is(const char *name);
/**
 * The points of the tracks at @p path as JSON Lines, in file order, in @p to, a file of this machine that is made.
 * @return OK, E_FORMAT (damaged, or no GPX), E_LIMIT, E_IO, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_gpx_text_make(const char *name, const char *path, const char *to,
                                                const seine_progress *progress, seine_error *error);

#endif
