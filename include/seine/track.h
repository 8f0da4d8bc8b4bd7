/**
 * @file seine/track.h
 * A view over fixes of ONE mover in time order: what every detector reads.
 */
#ifndef SEINE_TRACK_H
#define SEINE_TRACK_H

#include "seine/status.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Who heard a fix (SPEC 2.2). Anything that is not one of the three named kinds is OTHER. */
typedef enum seine_receiver {
    SEINE_RECEIVER_OTHER = 0,
    SEINE_RECEIVER_TERRESTRIAL = 1,
    SEINE_RECEIVER_SATELLITE = 2,
    SEINE_RECEIVER_DYNAMIC = 3
} seine_receiver;

/** What an input column of a step holds. */
typedef enum seine_input_kind {
    SEINE_INPUT_NUMBER, /**< double, NaN = unknown */
    SEINE_INPUT_CODE,   /**< int32_t, its meaning is the step's; negative = unknown */
    SEINE_INPUT_ID      /**< uint64_t, a hash of an id, equal for equal ids; 0 = unknown */
} seine_input_kind;

/** Borrowed values of one further column, the member that its kind asks for; NULL = all unknown. */
typedef union seine_column_in {
    const double *number;
    const int32_t *code;
    const uint64_t *id;
} seine_column_in;

/**
 * Borrowed columns of fixes of one mover, earliest first, equal times allowed (their order is kept).
 * Columns a detector does not need may be NULL; NULL or NaN stands for an unknown value.
 * The step consumes rows [pos, count) and moves pos.
 */
typedef struct seine_track {
    const int64_t *time_us;  /**< microseconds since 1970-01-01T00:00:00Z; never NULL */
    const double *lat_deg;   /**< WGS-84 degrees, NaN = unknown */
    const double *lon_deg;   /**< WGS-84 degrees, NaN = unknown */
    const double *speed;     /**< knots for vessels, km/h for vehicles, NaN = unknown */
    const double *shore_m;   /**< distance from shore in metres, NaN = unknown */
    const uint8_t *receiver; /**< seine_receiver per fix; NULL = all OTHER */
    const uint64_t *row_ref; /**< opaque names of the fixes; NULL = row index is the name */
    size_t count, pos;
    const seine_column_in *inputs; /**< in the order of seine_step.inputs; NULL = all unknown */
} seine_track;

#ifdef __cplusplus
}
#endif
#endif
