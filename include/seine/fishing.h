/**
 * @file seine/fishing.h
 * Fishing events of one segment: runs of messages that a score calls fishing, merged over short breaks, with their
 * statistics. Two scores at once. Rules: SPEC sections 4.2 to 4.4 (pipe-events); what they make of days, the state
 * does.
 */
#ifndef SEINE_FISHING_H
#define SEINE_FISHING_H

#include "seine/fishing_score.h"
#include "seine/step.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The two chains: kinds of the step's events. */
typedef enum seine_fishing_chain {
    SEINE_FISHING_NNET,  /**< by nnet_score; of all vessels but squid jiggers */
    SEINE_FISHING_NIGHT, /**< by night_loitering; of squid jiggers */
    SEINE_FISHING_CHAINS
} seine_fishing_chain;

/** Settings; start from seine_fishing_config_default(). */
typedef struct seine_fishing_config {
    double max_gap_hours; /**< a run ends when the message before is longer ago; strict; >= 0 */
    double max_step_m;    /**< or further away; strict; >= 0 */
    int64_t max_break_s; /**< runs are one event when whole seconds from the end of one to the next are no more; >= 0 */
    double max_break_m;  /**< and their first messages are no further apart; >= 0 */
    double min_duration_s;                       /**< an event is strictly longer */
    double min_messages;                         /**< has strictly more messages */
    double max_speed_knots;                      /**< is strictly slower on the average */
    double min_distance_m[SEINE_FISHING_CHAINS]; /**< and goes strictly further */
    /** By which the step makes the score of the chain NNET itself, whatever scores are given; NULL: they are given.
     * Borrowed; states of one are none of the other. */
    const seine_fishing_score_config *rules;
} seine_fishing_config;

/** Inputs of the step beside time, place and speed (knots), in this order: numbers, but for the gear. */
enum {
    SEINE_FISHING_IN_NNET,    /**< nnet_score; 1 = fishing, unknown = not told */
    SEINE_FISHING_IN_NIGHT,   /**< night_loitering; the same */
    SEINE_FISHING_IN_METRES,  /**< metres from the segment's message before; unknown = computed by rule G4 */
    SEINE_FISHING_IN_HOURS,   /**< hours since it; unknown = computed */
    SEINE_FISHING_IN_IMPLIED, /**< knots between both; unknown = computed */
    SEINE_FISHING_IN_COURSE,  /**< this and those that follow by rules only (seine_fishing_score_message): degrees */
    SEINE_FISHING_IN_TYPE,    /**< AIS ship type, for messages that tell no gear */
    SEINE_FISHING_IN_GEAR,    /**< code: seine_fishing_gear of the vessel's class */
    SEINE_FISHING_IN_PORT,    /**< metres from port */
    SEINE_FISHING_IN_SHORE,   /**< metres from shore */
    SEINE_FISHING_INPUTS
};

/**
 * Columns that every message gets: start of the candidate event that it belongs to, in microseconds; null when it
 * belongs to none. One per chain. Never revised: that an event goes on is known when its next message comes.
 */
enum { SEINE_FISHING_NNET_START, SEINE_FISHING_NIGHT_START, SEINE_FISHING_COLUMNS };

/** Order of seine_event.measure. Averages leave out what is unknown; the last four also the messages at the start. */
enum {
    SEINE_FISHING_LAT_MIN,
    SEINE_FISHING_LAT_MAX,
    SEINE_FISHING_LON_MIN,  /**< western edge of the smaller box: greater than LON_MAX across 180 degrees */
    SEINE_FISHING_LON_MAX,  /**< eastern edge */
    SEINE_FISHING_LAT_MEAN, /**< centroid on the sphere */
    SEINE_FISHING_LON_MEAN,
    SEINE_FISHING_MESSAGES, /**< count */
    SEINE_FISHING_SPEED,    /**< average of speed, knots */
    SEINE_FISHING_IMPLIED,  /**< average of implied speed, knots */
    SEINE_FISHING_METRES,   /**< average of metres between messages */
    SEINE_FISHING_DISTANCE, /**< their sum, event_distance_m */
    SEINE_FISHING_HOURS,    /**< average of hours between messages */
    SEINE_FISHING_MEASURES
};

/** What drops a candidate (SPEC 4.4.5, 4.4.8). */
typedef enum seine_fishing_rule {
    SEINE_FISHING_TOO_SHORT,
    SEINE_FISHING_TOO_FEW,
    SEINE_FISHING_TOO_FAST,
    SEINE_FISHING_TOO_NEAR,
    SEINE_FISHING_RULES
} seine_fishing_rule;

/** How an event stands to a rule. */
typedef struct seine_fishing_check {
    const char *rule;    /**< "duration_s", "message_count", "avg_speed_knots", "event_distance_m" */
    double value, limit; /**< value NaN = unknown, which passes nothing */
    bool is_kept;
} seine_fishing_check;

/** 2 h, 10,000 m, 3,600 s, 2,000 m; 1,200 s, 5 messages, 10 kn, 500 m and 50 m. */
SEINE_API seine_fishing_config seine_fishing_config_default(void);
/** @return OK, E_USAGE (a value is outside its range; names it). */
SEINE_API seine_status seine_fishing_config_check(const seine_fishing_config *config, seine_error *error);

/**
 * The detector, of one segment. Its events are candidates: every run of fishing, whatever seine_fishing_judge says of
 * it. advance: events that may go on are open, others closed; `end` is the last message of the event so far in both.
 * Messages without a position, or at a pole, are passed over.
 */
SEINE_API extern const seine_step seine_fishing_step;

/** Judges a candidate by one rule. */
SEINE_API seine_fishing_check seine_fishing_judge(const seine_fishing_config *config, const seine_event *event,
                                                  seine_fishing_rule rule);

/** MD5 of `fishing|vessel_id|start|end` (SPEC 4.4.7): 32 lower-case hex digits and a NUL. */
SEINE_API void seine_fishing_id(const char *vessel_id, size_t vessel_id_size, int64_t start_us, int64_t end_us,
                                char id[33]);

#ifdef __cplusplus
}
#endif
#endif
