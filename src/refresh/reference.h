/**
 * @file refresh/reference.h
 * Reference tables in memory, as jobs look things up in them: ports and weather of one snapshot each, history and all.
 */
#ifndef SEINE_REFRESH_REFERENCE_H
#define SEINE_REFRESH_REFERENCE_H

#include "base/hash.h"
#include "engine/engine.h"
#include "table/catalog/catalog.h"

/** Bounds of validity: a row holds at t when valid_from_us <= t < valid_to_us. */
#define SEINE_REFERENCE_EVER_US INT64_MIN    /**< valid_from of a row that holds since ever */
#define SEINE_REFERENCE_FOREVER_US INT64_MAX /**< valid_to of a row that holds for ever */
#define SEINE_REFERENCE_ALWAYS_US INT64_MIN  /**< observed_us of weather without a time */

typedef struct seine_reference_port {
    seine_str port_id, name;
    seine_str country; /**< data NULL = null */
    double lat_deg, lon_deg;
    int64_t valid_from_us, valid_to_us;
    seine_hash128 hash; /**< of what the row says, without its validity: the column content_hash */
} seine_reference_port;

typedef struct seine_reference_weather {
    int32_t lat_grid, lon_grid;
    int64_t observed_us;            /**< SEINE_REFERENCE_ALWAYS_US = it has no time */
    double temperature, wind_speed; /**< NaN = null */
    int64_t valid_from_us, valid_to_us;
    seine_hash128 hash; /**< as above */
} seine_reference_weather;

/** Zeroed = empty. Immutable once loaded: several threads may read it. */
typedef struct seine_reference {
    seine_arena arena;           /**< everything below */
    seine_reference_port *ports; /**< by port_id (bytes), then valid_from */
    size_t port_count;
    seine_reference_weather *weather; /**< by lat_grid, lon_grid, observed (none first), then valid_from */
    size_t weather_count;
    int64_t ports_snapshot, weather_snapshot; /**< -1 = the table is empty */
} seine_reference;

/**
 * Loads all rows of ref.ports and ref.weather, both as of one database transaction. Makes the tables in a lake that
 * was made before there were any. @p reference must be zeroed; free it in every case.
 * @return OK, E_FORMAT (a content_hash that is none), E_NOMEM, what reading returned.
 */
SEINE_MUST_USE seine_status seine_reference_read(seine_catalog *catalog, seine_engine *engine,
                                                 seine_reference *reference, seine_error *error);
void seine_reference_free(seine_reference *reference);

static inline bool seine_reference_holds(int64_t valid_from_us, int64_t valid_to_us, int64_t time_us) {
    return valid_from_us <= time_us && time_us < valid_to_us;
}

#endif
