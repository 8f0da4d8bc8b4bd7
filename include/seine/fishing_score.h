/**
 * @file seine/fishing_score.h
 * Fishing or not, message by message, by plain rules: for messages that no model has scored. Speed within the band of
 * the gear; where nobody tells that the vessel fishes, also a course that turns; not in port.
 *
 * The bands are working speeds of gears, rounded: Natale et al. 2015 (PLoS ONE 10(6) e0130746: speed profiles have a
 * slow and a fast peak) and de Souza et al. 2016 (PLoS ONE 11(7) e0158248: trawlers, longliners, purse seiners).
 *
 * Pure: no I/O, no allocation, no clock. The memory is of one segment and of fixed size; a score depends on messages
 * up to its own only, so however messages are split over calls, scores are the same. One thread per memory.
 */
#ifndef SEINE_FISHING_SCORE_H
#define SEINE_FISHING_SCORE_H

#include "seine/status.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What is told of a vessel. */
typedef enum seine_fishing_gear {
    SEINE_GEAR_UNTOLD,   /**< nothing: has the band of OTHER, and must turn */
    SEINE_GEAR_OTHER,    /**< a fishing vessel; no gear, or one without a band of its own */
    SEINE_GEAR_TRAWL,    /**< trawls and dredges */
    SEINE_GEAR_LONGLINE, /**< while it hauls; setting, at 5 to 9 knots, cannot be told from steaming by speed */
    SEINE_GEAR_JIG,      /**< drifts with the squid */
    SEINE_GEAR_NONE,     /**< no fishing vessel */
    SEINE_GEARS
} seine_fishing_gear;

/** Speeds in knots, both ends included. */
typedef struct seine_fishing_band {
    double least_kn, most_kn;
} seine_fishing_band;

typedef struct seine_fishing_score_config {
    seine_fishing_band band[SEINE_GEARS]; /**< of OTHER to JIG; 0 <= least <= most */
    double min_turn_deg;     /**< spread of course that shows turning: circular standard deviation; in [0, 180] */
    double turn_half_life_s; /**< a course counts half after this time; > 0 */
    double min_port_m;       /**< nearer to port is not fishing; >= 0 */
    double min_shore_m;      /**< nearer to shore is not fishing; >= 0 */
} seine_fishing_score_config;

/** What the courses of one segment came to; zeroed is ready to use. Sums over time in which older time counts less. */
typedef struct seine_fishing_score_memory {
    double east, north, weight;
    double lat_deg, lon_deg; /**< of the message before */
    int64_t time_us;
    bool has_last;
} seine_fishing_score_memory;

/** One message; NaN = unknown. */
typedef struct seine_fishing_score_message {
    int64_t time_us; /**< not earlier than that of the message before */
    double lat_deg, lon_deg;
    double speed_kn;   /**< over ground; unknown also below 0 and from 102.3 on (ITU-R M.1371: not available) */
    double course_deg; /**< over ground; outside [0, 360) it is taken from the way since the message before */
    double port_m, shore_m;
    seine_fishing_gear gear;
} seine_fishing_score_message;

/** 1 to 6 kn, trawls 2.5 to 5, longlines 3 to 6, jigs 0.3 to 2; 25 degrees, 1,800 s, 1,000 m, 0 m. */
SEINE_API seine_fishing_score_config seine_fishing_score_config_default(void);
/** The same, for as long as the program runs. */
SEINE_API const seine_fishing_score_config *seine_fishing_score_usual(void);
/** @return OK, E_USAGE (a value is outside its range; names it). */
SEINE_API SEINE_MUST_USE seine_status seine_fishing_score_config_check(const seine_fishing_score_config *config,
                                                                       seine_error *error);

/**
 * Takes the next message of the segment.
 * @return 1 fishing; 0 not; NaN unknown: no speed or no place, or it must turn and courses of too little time are
 * known.
 */
SEINE_API double seine_fishing_score(const seine_fishing_score_config *config, seine_fishing_score_memory *memory,
                                     const seine_fishing_score_message *message);

/** Gear of a vessel class by name, as in registries: "trawlers", "squid_jigger"; UNTOLD where the name is none. */
SEINE_API seine_fishing_gear seine_fishing_gear_of_class(const char *name);
/** The names that have a gear. @return NULL behind the last one. */
SEINE_API const char *seine_fishing_class(size_t index);
/** Gear of an AIS ship type (ITU-R M.1371, NOAA's own from 1000 on). Outside of known types, or NaN: UNTOLD. */
SEINE_API seine_fishing_gear seine_fishing_gear_of_type(double ship_type);

#ifdef __cplusplus
}
#endif
#endif
