/**
 * @file core/enrich.h
 * Columns that each fix of a vessel gets beside its own: nearest port, speed category, time since the fix before,
 * possible fishing, weather (SPEC 3.3). A step without events; its state is the time of the last fix.
 */
#ifndef SEINE_CORE_ENRICH_H
#define SEINE_CORE_ENRICH_H

#include "core/nearest.h"
#include "core/weather.h"
#include "seine/step.h"

/** Columns of the step, in this order. */
enum {
    SEINE_ENRICH_PORT,        /**< name of the nearest port in force; null without any */
    SEINE_ENRICH_PORT_ID,     /**< its id */
    SEINE_ENRICH_DISTANCE,    /**< kilometres to it by rule G3 */
    SEINE_ENRICH_CATEGORY,    /**< STOPPED, SLOW, CRUISING, FAST; unknown speed is FAST (SPEC 3.3.4) */
    SEINE_ENRICH_TIME,        /**< hours since the fix before; null for the first */
    SEINE_ENRICH_FISHING,     /**< three-valued: speed within the band AND more than an hour since the fix before */
    SEINE_ENRICH_TEMPERATURE, /**< of the weather row that holds */
    SEINE_ENRICH_WIND,
    SEINE_ENRICH_COLUMNS
};

/** Speeds in knots: 0 is STOPPED, below these SLOW and CRUISING (SPEC 3.3.4). */
#define SEINE_ENRICH_SLOW_KN 5.0
#define SEINE_ENRICH_CRUISING_KN 15.0
/** Band of possible fishing, both ends included, and how long the fix before must be past (SPEC 3.3.6). */
#define SEINE_ENRICH_FISHING_LEAST_KN 2.0
#define SEINE_ENRICH_FISHING_MOST_KN 5.0
#define SEINE_ENRICH_FISHING_H 1.0

/** The ports that are in force from a time on, until the next epoch. */
typedef struct seine_port_epoch {
    int64_t from_us;
    const seine_nearest_node *nodes; /**< built; rank is the index in the names */
    size_t count;
} seine_port_epoch;

/** Borrowed; must outlive the step's use. */
typedef struct seine_enrich_config {
    const seine_port_epoch *epochs; /**< ascending; before the first there are no ports */
    size_t epoch_count;
    const char *const *port_names, *const *port_ids; /**< by rank */
    size_t port_count;
    const seine_weather_row *weather; /**< in order of seine_weather_compare */
    size_t weather_count;
    int64_t weather_max_age_us; /**< a row further in time does not hold */
} seine_enrich_config;

/** Config: seine_enrich_config. Reads time, place and speed of the track. */
extern const seine_step seine_enrich_step;

#endif
