/**
 * @file generate/guide.h
 * The one CSV of the maritime big-data guide (SPEC 3.2): mmsi, timestamp (ISO, no zone), latitude, longitude, speed
 * (knots), vessel_name, vessel_type; five types. The same fleet as that of the day archives, its positions in order of
 * time but for some minutes, with silences, repeated rows and values out of range among them.
 */
#ifndef SEINE_GENERATE_GUIDE_H
#define SEINE_GENERATE_GUIDE_H

#include "base/progress.h"
#include "generate/packer.h"
#include "io/file.h"

/** Ranges are the caller's to keep; seine_generate_guide refuses others. */
typedef struct seine_guide_options {
    uint64_t rows;       /**< 1 to 1,000,000,000, but no more than 200,000 vessels report in these days */
    int32_t first_day;   /**< days since 1970-01-01 */
    uint32_t days;       /**< 1 to 366 */
    uint32_t interval_s; /**< seconds between the positions of a vessel, 1 to 7200 */
    uint64_t seed;
    seine_generate_packing packing; /**< no ZIP */
    uint32_t threads;               /**< 1 to 64; changes no byte */
} seine_guide_options;

typedef struct seine_guide_result {
    uint64_t rows, bytes;
    uint64_t vessels;
    uint64_t duplicates;    /**< rows whose (mmsi, timestamp) a row before has */
    uint64_t bad_positions; /**< latitude or longitude not there, or out of range */
    uint64_t bad_speeds;    /**< of the others: speed not there, below 0 or above 100 */
} seine_guide_result;

/**
 * Gives exactly options->rows rows and the names of their columns to @p take, piece by piece, from one thread at a
 * time. Memory: a block of rows per thread, 500 bytes per vessel, 8 per interval of these days.
 * @return OK, E_USAGE (an option out of range), E_NOMEM, E_LIMIT, E_INTERRUPTED, what @p take returned.
 */
SEINE_MUST_USE seine_status seine_generate_guide(const seine_guide_options *options, seine_bytes_fn take, void *context,
                                                 const seine_progress *progress, seine_guide_result *result,
                                                 seine_error *error);

#endif
