/** @file cli/export/internal.h  What the formats of tracks share; not for commands. */
#ifndef SEINE_CLI_EXPORT_INTERNAL_H
#define SEINE_CLI_EXPORT_INTERNAL_H

#include "cli/export/export.h"

struct seine_export {
    const struct seine_export_format *format;
    seine_export_sink sink;
    seine_buf text;        /**< waiting to be written */
    seine_buf held, times; /**< of the mover: what has to follow, or wait for, the rest of it */
    const seine_export_mover *mover;
    seine_export_position last; /**< of the mover, when positions > 0 */
    uint64_t movers, positions;
    uint64_t pieces; /**< of the mover's line so far, beyond the first */
};

/** Each appends to out->text (and out->held). @p crossing: the mover went over 180 degrees since the last position. */
typedef struct seine_export_format {
    const char *name;
    seine_status (*begin)(seine_export *out);
    seine_status (*mover)(seine_export *out);
    seine_status (*position)(seine_export *out, seine_export_position position, bool crossing);
    seine_status (*mover_end)(seine_export *out);
    seine_status (*end)(seine_export *out);
} seine_export_format;

extern const seine_export_format seine_export_geojson, seine_export_gpx, seine_export_kml;

/** Appends text for XML, characters that XML 1.0 does not have as U+FFFD. */
SEINE_MUST_USE seine_status seine_export_xml(seine_buf *out, const char *text);
/** Appends a number as digits and point without exponent, which xsd:decimal does not have. */
SEINE_MUST_USE seine_status seine_export_decimal(seine_buf *out, double value);
SEINE_MUST_USE seine_status seine_export_time(seine_buf *out, int64_t time_us);

/** Where a line from @p a to @p b meets 180 degrees, as seen from a (longitude of a's sign) and from b. */
typedef struct seine_export_crossing {
    seine_export_position from_a, from_b;
} seine_export_crossing;
seine_export_crossing seine_export_cross(seine_export_position a, seine_export_position b);

#endif
