/**
 * @file generate/sea_records.h
 * Records for the streams beside the positions (SPEC 3.1): the weather along the sea lanes, and the calls of a fleet at
 * its ports. In the order of their time; the same options give the same bytes, whatever the number of threads.
 */
#ifndef SEINE_GENERATE_SEA_RECORDS_H
#define SEINE_GENERATE_SEA_RECORDS_H

#include "base/progress.h"
#include "generate/packer.h"
#include "io/file.h"

typedef enum seine_sea_records_kind {
    SEINE_SEA_WEATHER,    /**< lat_grid, lon_grid, timestamp, temperature (degrees C), wind_speed (m/s) */
    SEINE_SEA_PORT_EVENTS /**< event_id, mmsi, timestamp, event_type, port_name, latitude, longitude, vessel_name */
} seine_sea_records_kind;

/** Ranges are the caller's to keep; seine_generate_sea_records refuses others. */
typedef struct seine_sea_records {
    seine_sea_records_kind kind;
    int32_t first_day;   /**< days since 1970-01-01 */
    uint32_t days;       /**< 1 to 366 */
    uint32_t interval_s; /**< of weather: between two observations of a cell, 300 to 86400. Of a fleet: as in
                            generate/generate.h */
    uint32_t vessels;    /**< of the fleet, 1 to 200,000 */
    uint64_t seed;
    bool is_csv;                    /**< with a header, else a line of JSON each */
    seine_generate_packing packing; /**< no ZIP */
    uint32_t threads;               /**< 1 to 64 */
} seine_sea_records;

/**
 * Gives the records to @p take, piece by piece, from one thread at a time.
 *
 * Weather: of each cell of whole degrees that a sea lane touches, once an interval. Port events: PORT_ENTRY (3 km
 * before the port), PORT_STOP_BEGIN, PORT_STOP_END and PORT_EXIT (4 km behind it) of the vessels that `generate ais`
 * makes of the same days, vessels, interval and seed. Memory: a day of records per thread, 500 bytes per vessel.
 * @return OK, E_USAGE (an option out of range), E_NOMEM, E_LIMIT, E_INTERRUPTED, what @p take returned.
 */
SEINE_MUST_USE seine_status seine_generate_sea_records(const seine_sea_records *records, seine_bytes_fn take,
                                                       void *context, const seine_progress *progress, uint64_t *rows,
                                                       seine_error *error);

#endif
