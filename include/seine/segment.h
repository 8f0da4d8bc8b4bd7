/**
 * @file seine/segment.h
 * Segments of one mover: one MMSI is not one ship. Each message goes to the segment whose last messages predict it
 * best, or begins one, or is noise. Rules: SPEC section 6.1 (gpsdio-segment 3.0.0); the incremental form: decision 14.
 */
#ifndef SEINE_SEGMENT_H
#define SEINE_SEGMENT_H

#include "seine/step.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Most of seine_segment_config.lookback. */
#define SEINE_SEGMENT_LOOKBACK_MOST 8
/** Most of seine_segment_config.remembered. */
#define SEINE_SEGMENT_REMEMBERED_MOST 65536
/** Most of seine_segment_config.max_open. */
#define SEINE_SEGMENT_OPEN_MOST 1000

/** Settings; start from seine_segment_config_default(). Hours are as in the rule, fractions of 3600 seconds. */
typedef struct seine_segment_config {
    double max_hours;                   /**< a segment ends when its last message is older; strict; > 0 */
    double penalty_hours, hours_exp;    /**< expected hours under way = h / (1 + (h / penalty_hours)^(1 - hours_exp)) */
    double buffer_hours;                /**< hours are padded by it; > 0 */
    double lookback_factor;             /**< an older candidate must be so many times better, per message left out */
    double max_knots;                   /**< a miss of more than this times the padded hours is no match; > 0 */
    double penalty_speed;               /**< knots off the prediction at which a match becomes bad; > 0 */
    double ambiguity_factor;            /**< matches within it of the best are ambiguous; >= 1 */
    double transponder_mismatch_weight; /**< of a match without a transponder class in common; in [0, 1] */
    double min_low_resolution_hours;    /**< a low-resolution message nearer to its match is noise */
    double shape_factor;                /**< weight of misses by the two weaker predictions; >= 1 */
    double very_slow_knots;             /**< up to it a message may have no course */
    double gate_knots;  /**< > 0: the plain gate instead of all matching: a message is noise when the speed that its
                           distance implies is above this both from the message before and to the one after */
    uint32_t lookback;  /**< candidates of a segment; in [1, SEINE_SEGMENT_LOOKBACK_MOST] */
    uint32_t short_seg; /**< matches of segments with fewer messages weigh less; >= 1 */
    uint32_t max_open;  /**< open segments; one more closes the stalest; in [1, SEINE_SEGMENT_OPEN_MOST] */
    uint32_t
        remembered; /**< so many ids, and places under way, are known again; in [1, SEINE_SEGMENT_REMEMBERED_MOST] */
    bool first_weights; /**< as the original: the weights of several matches are those of the first segments in order,
                           not of the matching ones */
} seine_segment_config;

/** Inputs of the step beside time, place and speed (knots), in this order. */
enum {
    SEINE_SEGMENT_IN_COURSE,      /**< number, degrees from north */
    SEINE_SEGMENT_IN_HEADING,     /**< number, degrees; tells repeated messages only */
    SEINE_SEGMENT_IN_TRANSPONDER, /**< code, bits of seine_transponder */
    SEINE_SEGMENT_IN_ID,          /**< id of the message; the second message of one id is passed over */
    SEINE_SEGMENT_INPUTS
};

/** Who may have sent a message: classes of AIS transponders by its type (SPEC 6.1.5). 0 = cannot be told. */
enum seine_transponder {
    SEINE_TRANSPONDER_A = 1,             /**< AIS 1, 2, 3 and 27 */
    SEINE_TRANSPONDER_B = 2,             /**< AIS 18, 19 and 27 */
    SEINE_TRANSPONDER_VMS = 4,           /**< VMS */
    SEINE_TRANSPONDER_LOW_RESOLUTION = 8 /**< AIS 27: places to a tenth of a minute */
};

/** Columns that every message gets, in this order. A message that is passed over has no segment. */
enum {
    SEINE_SEGMENT_START,  /**< integer, microseconds: the time in its segment's id */
    SEINE_SEGMENT_NUMBER, /**< integer: the number in its segment's id, from 1 */
    SEINE_SEGMENT_CLASS,  /**< code of seine_segment_class; null when passed over */
    SEINE_SEGMENT_NOISE,  /**< code of seine_segment_noise; null when it is none */
    SEINE_SEGMENT_SHIP,   /**< integer, from 1: which ship of the id it is of, ships being chains of segments (decision
                             19); null: of none. As of the messages so far; see kinds of events */
    SEINE_SEGMENT_COLUMNS
};

/** Texts of SEINE_SEGMENT_CLASS, as the original calls them. The step gives the first three and the last; see kinds of
 * events. */
typedef enum seine_segment_class {
    SEINE_SEGMENT_OPEN,      /**< "Segment" */
    SEINE_SEGMENT_BAD,       /**< "BadSegment" */
    SEINE_SEGMENT_INFO,      /**< "InfoSegment" */
    SEINE_SEGMENT_CLOSED,    /**< "ClosedSegment": by the event that its segment ended */
    SEINE_SEGMENT_DISCARDED, /**< "DiscardedSegment": by the event that it was discarded */
    SEINE_SEGMENT_AMBIGUOUS, /**< "Segment", which the original does not tell apart: it fitted several segments, ended
                                them and begins one of its own */
    SEINE_SEGMENT_CLASSES
} seine_segment_class;

/** @return whether a message of the class may go on in its segment: it is no noise, and not discarded. */
static inline bool seine_segment_is_good(int32_t class_code) {
    return class_code == SEINE_SEGMENT_OPEN || class_code == SEINE_SEGMENT_AMBIGUOUS;
}

/** Texts of SEINE_SEGMENT_NOISE. */
typedef enum seine_segment_noise {
    SEINE_NOISE_NO_POSITION,    /**< "no position" */
    SEINE_NOISE_NO_SPEED,       /**< "no speed" */
    SEINE_NOISE_NO_COURSE,      /**< "no course": faster than very_slow_knots */
    SEINE_NOISE_INFORMATION,    /**< "information": no position, course and speed */
    SEINE_NOISE_LOW_RESOLUTION, /**< "low resolution": soon after its match */
    SEINE_NOISE_REPEATED_ID,    /**< "repeated id": passed over */
    SEINE_NOISE_REPEATED_PLACE, /**< "repeated place": under way, yet where it was before; passed over */
    SEINE_NOISE_BETTER_WITHOUT, /**< "better without": discarded, a later message fits the ones before it better */
    SEINE_NOISE_IMPLIED_SPEED,  /**< "implied speed": discarded by the plain gate */
    SEINE_NOISES
} seine_segment_noise;

/** Kinds of its events. */
enum {
    SEINE_SEGMENT_ENDED,    /**< from its first to its last message; of advance: open, or ended by the watermark */
    SEINE_SEGMENT_LEFT_OUT, /**< start: a message taken earlier that is discarded; end: the message that made it so */
    SEINE_SEGMENT_OF_SHIP,  /**< messages so far of the segment that begins at start are of another ship, or none: those
                               from seine_segment_ship_reach on */
    SEINE_SEGMENT_EVENTS
};

/** Order of seine_event.measure. */
enum {
    SEINE_SEGMENT_EVENT_NUMBER,   /**< number of the segment's id; of a discarded message, of the id it has alone now */
    SEINE_SEGMENT_EVENT_ENDED_BY, /**< ENDED: seine_segment_end; NaN else */
    SEINE_SEGMENT_EVENT_SHIP,     /**< OF_SHIP: its number; NaN: of none */
    SEINE_SEGMENT_EVENT_NOISE,    /**< LEFT_OUT: seine_segment_noise, why; NaN else */
    SEINE_SEGMENT_MEASURES
};

typedef enum seine_segment_end {
    SEINE_SEGMENT_END_SILENCE,   /**< nothing came for max_hours */
    SEINE_SEGMENT_END_AMBIGUITY, /**< a message fitted several segments */
    SEINE_SEGMENT_END_TOO_MANY   /**< it was the stalest of max_open */
} seine_segment_end;

/** The values of SPEC 6.1, 1,024 messages remembered, weights of the matching segments, no gate. */
SEINE_API seine_segment_config seine_segment_config_default(void);

/** @return OK, E_USAGE (a value is outside its range; names it). */
SEINE_API seine_status seine_segment_config_check(const seine_segment_config *config, seine_error *error);

/**
 * The detector. Rows and events are the same for any pieces; row_refs of fixes from before a load are
 * SEINE_REF_UNKNOWN. A fix whose place or speed is infinite has none.
 */
SEINE_API extern const seine_step seine_segment_step;

/** @return whether no message to come can say anything of one from before @p before_us: no open segment keeps any, and
 * the ships of those that do not are certain. */
SEINE_API bool seine_segment_is_settled(const seine_segment_config *config, const seine_state *state,
                                        int64_t before_us);

/** Texts of the codes above. */
SEINE_API const char *seine_segment_class_text(seine_segment_class class_code);
SEINE_API const char *seine_segment_noise_text(seine_segment_noise noise);

/** Of an event OF_SHIP: the beginning of the UTC day before its end. What is older stays of the ship that it was of, so
 * that a day's rows are known by the end of the next one (decision 19). @return microseconds. */
SEINE_API int64_t seine_segment_ship_reach(const seine_event *event);
/** What follows the mover's id in a segment's: "-2021-01-01T04:18:55.000000Z-1"; @p number >= 0. @return its length. */
SEINE_API size_t seine_segment_id_tail(int64_t start_us, int64_t number, char text[64]);

/** Transponder bits of a message type: "AIS.1" … "AIS.27", "VMS"; 0 for all others. */
SEINE_API int32_t seine_transponder_of_type(const char *type, size_t size);

#ifdef __cplusplus
}
#endif
#endif
