/**
 * @file cli/export/export.h
 * Tracks as files for maps: GeoJSON, GPX 1.1 and KML 2.2. Positions come mover by mover in time order; what is known
 * of a mover is written before them, so that a file of any length is streamed.
 */
#ifndef SEINE_CLI_EXPORT_EXPORT_H
#define SEINE_CLI_EXPORT_EXPORT_H

#include "base/buf.h"
#include "base/try.h"

/** What the lake knows of a mover in the time asked for. */
typedef struct seine_export_mover {
    const char *id_name, *id; /**< what an id is called, and this one */
    const char *name;         /**< name "" = never told */
    int64_t positions, first_us, last_us;
} seine_export_mover;

typedef struct seine_export_position {
    int64_t ts_us;
    double lat_deg, lon_deg; /**< in [-90, 90], [-180, 180] */
} seine_export_position;

/** Where a document is written to. */
typedef struct seine_export_sink {
    seine_status (*write)(void *context, seine_str bytes, seine_error *error);
    void *context;
} seine_export_sink;

typedef struct seine_export seine_export; /**< a document being written */

/** @return whether @p name is one of geojson, gpx, kml. */
bool seine_export_has(const char *name);

/** Begins a document of the named format. @return OK, E_NOMEM, what the sink returned. */
SEINE_MUST_USE seine_status seine_export_open(const char *format, seine_export_sink sink, seine_export **out,
                                              seine_error *error);
/** Ends the mover before and begins the next one. @p mover must live until its end. */
SEINE_MUST_USE seine_status seine_export_next(seine_export *out, const seine_export_mover *mover, seine_error *error);
SEINE_MUST_USE seine_status seine_export_add(seine_export *out, seine_export_position position, seine_error *error);
/** Ends the last mover and the document. */
SEINE_MUST_USE seine_status seine_export_end(seine_export *out, seine_error *error);
void seine_export_free(seine_export *out); /**< NULL is allowed */
SEINE_OWNED_POINTER(seine_export, seine_export_free);

#endif
