/**
 * @file seine/gap.h
 * Reporting gaps: silences between two consecutive fixes of one mover. Rules: SPEC section 2.3.
 */
#ifndef SEINE_GAP_H
#define SEINE_GAP_H

#include "seine/step.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Settings of the gap detector; start from seine_gap_config_default(). */
typedef struct seine_gap_config {
    int64_t min_gap_us; /**< a gap is strictly longer; >= 0 */
    int64_t history_us; /**< positions_hours_before counts fixes in [OFF - history_us, OFF) plus OFF; >= 0 */
    bool shore_rule;    /**< published 2024 profile: each end must have shore_m unknown or > 0 (SPEC 2.6) */
} seine_gap_config;

/** Order of seine_event.measure for gaps. */
enum {
    SEINE_GAP_BEFORE = 0,     /**< positions_hours_before, count */
    SEINE_GAP_BEFORE_TER = 1, /**< positions_hours_before_ter, count */
    SEINE_GAP_BEFORE_SAT = 2, /**< positions_hours_before_sat, count */
    SEINE_GAP_BEFORE_DYN = 3, /**< positions_hours_before_dyn, count */
    SEINE_GAP_DISTANCE = 4,   /**< distance_m, G1; NaN unless both ends have a complete, valid position */
    SEINE_GAP_DURATION = 5,   /**< duration_h = seconds * (1/3600); NaN when open */
    SEINE_GAP_SPEED = 6,      /**< implied_speed_knots = distance / duration / 1852; NaN when unknown */
    SEINE_GAP_MEASURES = 7
};

/** 6 h threshold, 12 h of history, no shore rule. */
SEINE_API seine_gap_config seine_gap_config_default(void);

/** The gap detector. advance: OFF is the last fix, open when watermark - OFF > min_gap_us (strict). */
SEINE_API extern const seine_step seine_gap_step;

/**
 * Derived measures of a closed gap (SPEC 2.3): duration_h from seconds, speed from both. distance NaN = unknown.
 */
SEINE_API double seine_gap_duration_h(double seconds);
SEINE_API double seine_gap_speed_knots(double distance_m, double duration_h);

/**
 * Gap id: 32 lower-case hex digits of MD5("ssvid|timestamp|lat|lon") of OFF, with the number text of SPEC 0.2.
 * The three texts are given by the caller, because integers and floats print differently (SPEC 2.3).
 * @param id receives 32 digits and a NUL.
 */
SEINE_API void seine_gap_id(const char *ssvid, size_t ssvid_size, const char *timestamp_text, const char *lat_text,
                            const char *lon_text, char id[33]);

/** The lake's form of the id: time as float seconds, a NaN, 0 or -0.0 coordinate prints 0.0. */
SEINE_API void seine_gap_id_of_fix(const char *ssvid, size_t ssvid_size, int64_t time_us, double lat_deg,
                                   double lon_deg, char id[33]);

#ifdef __cplusplus
}
#endif
#endif
