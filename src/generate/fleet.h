/**
 * @file generate/fleet.h
 * Vessels, where each is at any second, and when it is silent: pure functions of the options, so that any worker can
 * make any piece of any day.
 */
#ifndef SEINE_GENERATE_FLEET_H
#define SEINE_GENERATE_FLEET_H

#include "generate/generate.h"
#include "generate/routes.h"

#define SEINE_GENERATE_UNKNOWN_SOG 1023    /**< tenths of knots */
#define SEINE_GENERATE_UNKNOWN_COG 3600    /**< tenths of degrees */
#define SEINE_GENERATE_UNKNOWN_HEADING 511 /**< degrees */
#define SEINE_GENERATE_NO_VESSEL UINT32_MAX

/** Slots [from, to) without a fix; a slot is one interval, counted through all days. */
typedef struct seine_silence {
    uint32_t from, to;
} seine_silence;

typedef struct seine_vessel {
    uint64_t seed;
    const seine_route *route;
    double speed_kn;
    double far_km;                         /**< it turns here */
    double out_s, far_s, home_s;           /**< one way, stay (or fishing) at the far end, stay at home */
    double phase_s;                        /**< at the begin of the first day, in [0, 2 out + far + home) */
    double lane_lon_deg, lane_lat_deg;     /**< constant offset from the lane */
    double fishing_kn, fishing_course_deg; /**< fishing_kn 0 = it does not fish */
    const char *type_word; /**< one of five: "Cargo", "Tanker", "Passenger" (pleasure craft too), "Fishing", "Tug" */
    uint32_t mmsi, offset_s, jitter_s;
    uint32_t companion;         /**< index of the vessel it follows, or NO_VESSEL */
    uint32_t steady;            /**< place among the steady vessels, or NO_VESSEL */
    bool is_class_b, is_shared; /**< is_shared: two vessels have this MMSI */
    uint8_t silence_count;
    seine_silence silences[2];
    uint8_t middle_size, tail_size;
    char middle[72]; /**< ",NAME,IMO,CALLSIGN,TYPE," */
    char tail[40];   /**< ",LENGTH,WIDTH,DRAFT,CARGO,CLASS\n" */
} seine_vessel;

/**
 * Fixes of steady vessels that make up for planted rows: beside each lies a second fix, or it is left out. They are
 * never the first or the last of a day, and never neighbours. See seine_fleet_is_evened.
 */
typedef struct seine_evening {
    uint64_t count;  /**< in all days; no two days differ by more than one */
    uint64_t stride; /**< one fix in so many */
    bool is_more;
} seine_evening;

typedef struct seine_fleet {
    const seine_generate_options *options;
    seine_arena arena;
    seine_route *routes;
    size_t route_count;
    seine_vessel *vessels;
    uint32_t count;
    uint32_t slots_per_day, slots; /**< slots of all days */
    uint32_t steady_count;         /**< vessels that are never silent and have their MMSI alone; not the first one */
    seine_evening evening;         /**< nothing until seine_rows_even_out */
} seine_fleet;

/** One report; positions in 1e-5 degrees. */
typedef struct seine_report {
    int64_t time_s;
    int32_t lon_e5, lat_e5;
    int32_t sog_tenths, cog_tenths, heading;
    int32_t status; /**< -1 = empty */
} seine_report;

/** Chance that depends on its two arguments only. */
uint64_t seine_generate_mix(uint64_t seed, uint64_t counter);

SEINE_MUST_USE seine_status seine_fleet_init(seine_fleet *fleet, const seine_generate_options *options,
                                             seine_error *error);
void seine_fleet_free(seine_fleet *fleet);

/** @return whether the vessel reports in this slot. */
static inline bool seine_vessel_reports(const seine_vessel *vessel, uint32_t slot) {
    for (uint8_t i = 0; i < vessel->silence_count; i++) {
        if (slot >= vessel->silences[i].from && slot < vessel->silences[i].to) return false;
    }
    return true;
}
/** @return whether the fix of this slot is one of those that make up for planted rows. */
bool seine_fleet_is_evened(const seine_fleet *fleet, const seine_vessel *vessel, uint32_t slot);
/** Second of the report within its slot, in [0, interval). */
uint32_t seine_vessel_second(const seine_vessel *vessel, uint32_t slot);
/** Second of a second report within the same slot: half an interval before or after the first one. */
uint32_t seine_fleet_other_second(const seine_fleet *fleet, const seine_vessel *vessel, uint32_t slot);
/** Seconds since 1970 of the report of a slot. */
int64_t seine_fleet_time_s(const seine_fleet *fleet, const seine_vessel *vessel, uint32_t slot);
/** The report of a slot. */
seine_report seine_fleet_report(const seine_fleet *fleet, const seine_vessel *vessel, uint32_t slot);
/** The second report of a slot. */
seine_report seine_fleet_other_report(const seine_fleet *fleet, const seine_vessel *vessel, uint32_t slot);

#endif
