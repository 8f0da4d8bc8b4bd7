/**
 * @file generate/generate.h
 * Traffic that never was: NOAA-shaped days of vessels sailing real sea lanes, with planted defects and events, and a
 * truth file that says exactly what an ingest and a refresh must find. The same options give the same bytes, whatever
 * the number of threads.
 */
#ifndef SEINE_GENERATE_GENERATE_H
#define SEINE_GENERATE_GENERATE_H

#include "base/progress.h"
#include "generate/packer.h"

typedef enum seine_generate_style {
    SEINE_GENERATE_2018, /**< AIS_YYYY_MM_DD, capital header, `T` times, sentinels 511, 360.0, 102.3 */
    SEINE_GENERATE_2025  /**< ais-YYYY-MM-DD, lower-case header, longitude first, blank in times, unknown = empty */
} seine_generate_style;

/** Ranges are the caller's to keep; seine_generate_ais refuses others. */
typedef struct seine_generate_options {
    const char *folder;     /**< made when missing; files of the same names are replaced */
    const char *truth_path; /**< NULL = FOLDER/truth.json */
    int32_t first_day;      /**< days since 1970-01-01 */
    uint32_t days;          /**< 1 to 366 */
    uint32_t vessels;       /**< 1 to 200,000 */
    uint32_t interval_s;    /**< seconds between the fixes of a vessel, 1 to 7200 */
    uint64_t seed;
    seine_generate_style style;
    seine_generate_packing packing; /**< of .csv files; a zip has one member per million rows */
    uint32_t threads;               /**< 1 to 64 */
} seine_generate_options;

typedef struct seine_generate_result {
    uint64_t files, bytes; /**< of the day files */
    uint64_t rows, rejects, duplicates, silver_rows;
    uint64_t closed_gaps, open_gaps; /**< longer than 6 h */
} seine_generate_result;

/**
 * Writes options->days files and the truth file. The files hold days × vessels × (86400 / interval, whole) rows
 * together, planted ones and all; fleets of a few fixes a day, or with fixes every second, have some more or less.
 * Memory: a few blocks of rows per thread and 400 bytes per vessel.
 * @return OK, E_USAGE (an option out of range), E_NOMEM, E_LIMIT, E_IO, E_INTERRUPTED (whole files stay).
 */
SEINE_MUST_USE seine_status seine_generate_ais(const seine_generate_options *options, const seine_progress *progress,
                                               seine_generate_result *result, seine_error *error);

#endif
