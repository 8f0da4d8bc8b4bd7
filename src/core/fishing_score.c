/*
 * Scores by rules. Turning is the circular standard deviation of course (Mardia and Jupp, Directional Statistics, 2.3):
 * each course is a vector of length 1 that weighs as long as it was held, older time less, by half every half-life.
 * Vectors of one direction add up to the whole weight, turning ones to less. So the spread needs no list of messages,
 * and neither the rate of messages nor noise of a degree or two changes what is found.
 */
#include "seine/fishing_score.h"

#include "seine/geodesy.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define RADIANS (3.14159265358979323846 / 180.0)
#define LN_2 0.69314718055994530942
#define NO_SPEED_KN 102.3
#define COURSE_KN 0.5    /* slower, a course is noise */
#define TOLD_WEIGHT 0.25 /* of 1: 0.4 half-lives of known courses */
#define FULL_CIRCLE_DEG 360.0

const seine_fishing_score_config *seine_fishing_score_usual(void) {
    static const seine_fishing_score_config usual = {.band = {[SEINE_GEAR_OTHER] = {1, 6},
                                                              [SEINE_GEAR_TRAWL] = {2.5, 5},
                                                              [SEINE_GEAR_LONGLINE] = {3, 6},
                                                              [SEINE_GEAR_JIG] = {0.3, 2}},
                                                     .min_turn_deg = 25,
                                                     .turn_half_life_s = 1800,
                                                     .min_port_m = 1000,
                                                     .min_shore_m = 0};
    return &usual;
}

seine_fishing_score_config seine_fishing_score_config_default(void) { return *seine_fishing_score_usual(); }

seine_status seine_fishing_score_config_check(const seine_fishing_score_config *c, seine_error *error) {
    for (int gear = SEINE_GEAR_OTHER; gear <= SEINE_GEAR_JIG; gear++) {
        const seine_fishing_band *band = &c->band[gear];
        if (!(band->least_kn >= 0 && band->least_kn <= band->most_kn && isfinite(band->most_kn)))
            return seine_fail(error, SEINE_E_USAGE, "a band of %g to %g knots is none", band->least_kn, band->most_kn);
    }
    if (!(c->min_turn_deg >= 0 && c->min_turn_deg <= 180))
        return seine_fail(error, SEINE_E_USAGE, "min_turn_deg is outside its range");
    if (!(c->turn_half_life_s > 0 && isfinite(c->turn_half_life_s)))
        return seine_fail(error, SEINE_E_USAGE, "turn_half_life_s is outside its range");
    if (!(c->min_port_m >= 0 && isfinite(c->min_port_m) && c->min_shore_m >= 0 && isfinite(c->min_shore_m)))
        return seine_fail(error, SEINE_E_USAGE, "min_port_m or min_shore_m is outside its range");
    return SEINE_OK;
}

/* ---- turning --------------------------------------------------------------------------------------------------- */

static double course_of(const seine_fishing_score_memory *memory, const seine_fishing_score_message *m) {
    if (m->speed_kn < COURSE_KN) return (double)NAN;
    if (m->course_deg >= 0 && m->course_deg < FULL_CIRCLE_DEG) return m->course_deg;
    return seine_bearing_deg(memory->lat_deg, memory->lon_deg, m->lat_deg, m->lon_deg);
}

static void take_course(const seine_fishing_score_config *config, seine_fishing_score_memory *memory,
                        const seine_fishing_score_message *m, double speed_kn) {
    if (memory->has_last) {
        /* Unsigned, because two valid times can lie more than INT64_MAX apart. */
        const double passed_s = (double)((uint64_t)m->time_us - (uint64_t)memory->time_us) / 1e6;
        const double kept = exp(-LN_2 * passed_s / config->turn_half_life_s);
        const double course_deg = isnan(speed_kn) ? (double)NAN : course_of(memory, m);
        const double added = isnan(course_deg) ? 0 : 1 - kept, angle = isnan(course_deg) ? 0 : course_deg * RADIANS;
        memory->east = memory->east * kept + added * sin(angle);
        memory->north = memory->north * kept + added * cos(angle);
        memory->weight = memory->weight * kept + added;
    }
    memory->time_us = m->time_us;
    memory->lat_deg = m->lat_deg;
    memory->lon_deg = m->lon_deg;
    memory->has_last = true;
}

/* 1 turns, 0 goes straight, NaN: courses of too little time are known. */
static double turns(const seine_fishing_score_config *config, const seine_fishing_score_memory *memory) {
    if (config->min_turn_deg <= 0) return 1;
    if (memory->weight < TOLD_WEIGHT) return (double)NAN;
    /* Spread s and mean length r of the vectors: r = exp(-s * s / 2). */
    const double least = config->min_turn_deg * RADIANS, most_length = exp(-least * least / 2);
    return hypot(memory->east, memory->north) / memory->weight <= most_length ? 1 : 0;
}

/* ---- the score ------------------------------------------------------------------------------------------------- */

double seine_fishing_score(const seine_fishing_score_config *config, seine_fishing_score_memory *memory,
                           const seine_fishing_score_message *m) {
    if (!isfinite(m->lat_deg) || !isfinite(m->lon_deg)) return (double)NAN;
    const double speed_kn = m->speed_kn >= 0 && m->speed_kn < NO_SPEED_KN ? m->speed_kn : (double)NAN;
    take_course(config, memory, m, speed_kn);
    if (m->gear == SEINE_GEAR_NONE) return 0;
    if (isnan(speed_kn)) return (double)NAN;
    if (m->port_m < config->min_port_m || m->shore_m < config->min_shore_m) return 0; /* an unknown one is not less */
    const seine_fishing_band *band = &config->band[m->gear == SEINE_GEAR_UNTOLD ? SEINE_GEAR_OTHER : m->gear];
    if (!(speed_kn >= band->least_kn && speed_kn <= band->most_kn)) return 0;
    return m->gear == SEINE_GEAR_UNTOLD ? turns(config, memory) : 1;
}

/* ---- gears ----------------------------------------------------------------------------------------------------- */

/* Classes of vessels in registries. Gears without a narrow band of their own have the common one. */
static const struct {
    const char *name;
    seine_fishing_gear gear;
} CLASSES[] = {{"trawlers", SEINE_GEAR_TRAWL},
               {"dredge_fishing", SEINE_GEAR_TRAWL},
               {"drifting_longlines", SEINE_GEAR_LONGLINE},
               {"set_longlines", SEINE_GEAR_LONGLINE},
               {"squid_jigger", SEINE_GEAR_JIG},
               {"fishing", SEINE_GEAR_OTHER},
               {"set_gillnets", SEINE_GEAR_OTHER},
               {"driftnets", SEINE_GEAR_OTHER},
               {"fixed_gear", SEINE_GEAR_OTHER},
               {"pots_and_traps", SEINE_GEAR_OTHER},
               {"purse_seines", SEINE_GEAR_OTHER},
               {"tuna_purse_seines", SEINE_GEAR_OTHER},
               {"other_purse_seines", SEINE_GEAR_OTHER},
               {"seiners", SEINE_GEAR_OTHER},
               {"other_seines", SEINE_GEAR_OTHER},
               {"pole_and_line", SEINE_GEAR_OTHER},
               {"trollers", SEINE_GEAR_OTHER},
               {"other_fishing", SEINE_GEAR_OTHER},
               {"cargo", SEINE_GEAR_NONE},
               {"tanker", SEINE_GEAR_NONE},
               {"passenger", SEINE_GEAR_NONE},
               {"tug", SEINE_GEAR_NONE},
               {"carrier", SEINE_GEAR_NONE},
               {"bunker", SEINE_GEAR_NONE},
               {"seismic_vessel", SEINE_GEAR_NONE},
               {"non_fishing", SEINE_GEAR_NONE},
               {"other_not_fishing", SEINE_GEAR_NONE}};

const char *seine_fishing_class(size_t index) {
    return index < sizeof CLASSES / sizeof *CLASSES ? CLASSES[index].name : NULL;
}

seine_fishing_gear seine_fishing_gear_of_class(const char *name) {
    for (size_t i = 0; i < sizeof CLASSES / sizeof *CLASSES; i++)
        if (strcmp(CLASSES[i].name, name) == 0) return CLASSES[i].gear;
    return SEINE_GEAR_UNTOLD;
}

/* 30, or NOAA's 1001 and 1002, fish. 20 to 89 are crafts of other use; 0 to 19 and 90 on tell nothing. */
seine_fishing_gear seine_fishing_gear_of_type(double ship_type) {
    if (ship_type == 30 || ship_type == 1001 || ship_type == 1002) return SEINE_GEAR_OTHER;
    return ship_type >= 20 && ship_type < 90 ? SEINE_GEAR_NONE : SEINE_GEAR_UNTOLD;
}
