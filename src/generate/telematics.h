/**
 * @file generate/telematics.h
 * Messages of connected vehicles that never were, as the upstream API of SPEC 5.1 has them: random ones of the last
 * hour, in no order, 12 fields, with its nulls, blanks and wrong values at its rates, and with defects planted beyond
 * them. A message is a pure function of the options and its number.
 */
#ifndef SEINE_GENERATE_TELEMATICS_H
#define SEINE_GENERATE_TELEMATICS_H

#include "base/buf.h"
#include "base/progress.h"
#include "generate/packer.h"
#include "io/file.h"

#define SEINE_TELEMATICS_VEHICLES 23               /**< that the API knows; one of them never tells its vin */
#define SEINE_TELEMATICS_MESSAGE_MAX ((size_t)512) /**< longest message, in bytes */

typedef struct seine_telematics {
    uint64_t seed;
    int64_t at_us;     /**< end of the time that messages are of, which lies between 1970 and 2106 */
    uint32_t hours;    /**< how long that time is */
    uint32_t vehicles; /**< of more than SEINE_TELEMATICS_VEHICLES the others are like these, with vins of their own */
    double defects;    /**< share of messages with a planted defect, 0 to 1 */
} seine_telematics;

/** The API as it is: one hour, its vehicles; one message in a hundred with a defect. */
seine_telematics seine_telematics_default(uint64_t seed, int64_t at_us);

/** What the rules of SPEC 5.2 and 5.3 make of messages, each counted under the first of them that drops it; and what
 * drops it in spite of the count is that it has a vin and a time with another. */
typedef struct seine_telematics_tally {
    uint64_t rows;
    uint64_t no_time;    /**< bronze: the timestamp is not there, or no number */
    uint64_t no_vin;     /**< null or empty */
    uint64_t no_gear;    /**< null, or no number and none of the two words */
    uint64_t too_fast;   /**< only with the velocity filter: null or outside of 0 to 300 */
    uint64_t injections; /**< vins that the detector of SPEC 5.4 finds, of all messages */
} seine_telematics_tally;

/** Appends message number @p n as one JSON object, without a line end. @p tally may be NULL. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_telematics_message(const seine_telematics *telematics, uint64_t n, seine_buf *out,
                                                     seine_telematics_tally *tally);

typedef struct seine_telematics_file {
    seine_telematics telematics;
    uint64_t rows;
    bool is_array;                  /**< one JSON array, else a line for each message */
    seine_generate_packing packing; /**< no ZIP */
    uint32_t threads;               /**< 1 to 64; changes no byte */
} seine_telematics_file;

/**
 * Gives messages 0 to rows - 1 to @p take, piece by piece, from one thread at a time. Memory: a block of messages per
 * thread. @return OK, E_USAGE (an option out of range), E_NOMEM, E_LIMIT, E_INTERRUPTED, what @p take returned.
 */
SEINE_MUST_USE seine_status seine_generate_telematics(const seine_telematics_file *file, seine_bytes_fn take,
                                                      void *context, const seine_progress *progress,
                                                      seine_telematics_tally *tally, uint64_t *bytes,
                                                      seine_error *error);

#endif
