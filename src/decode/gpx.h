/**
 * @file decode/gpx.h
 * GPX (topografix.com/GPX/1/0 and 1/1) as records: every point of a track is an object in JSON, on a line, which the
 * decoder of a dataset reads as any other.
 *
 *     {"track":"Morning
 * walk","segment":"1","lat":"47.1","lon":"8.5","ele":"410.2","time":"2024-05-01T06:00:00Z","hr":"97"}
 *
 * `track` is the name of the track (without one: the name given), `segment` counts within it; everything else that a
 * point has is called as in the file, without namespaces, extensions too. Of one name (case aside) what the point
 * itself has counts, else what lies least deep, else what comes first. Waypoints and routes are no positions of a mover
 * and are passed over. A document type is refused: nothing is meant by it here, and entities of one are how a small
 * file becomes a large one.
 */
#ifndef SEINE_DECODE_GPX_H
#define SEINE_DECODE_GPX_H

#include "base/buf.h"
#include "base/try.h"

typedef struct seine_gpx seine_gpx;

/** @param name of a track without one. @return NULL when out of memory. */
seine_gpx *seine_gpx_new(const char *name);
void seine_gpx_free(seine_gpx *gpx);
SEINE_OWNED_POINTER(seine_gpx, seine_gpx_free);
/**
 * Takes the next piece of the file, and appends what points end in it. @p size 0 = the file ends here.
 * @return OK; E_FORMAT "line 12: …" (no XML, no GPX, a document type, not UTF-8); E_UNSUPPORTED (another encoding than
 * UTF-8); E_LIMIT (deeper than 64, a point of more than a MiB); E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_gpx_take(seine_gpx *gpx, const void *bytes, size_t size, seine_buf *lines,
                                           seine_error *error);

#endif
