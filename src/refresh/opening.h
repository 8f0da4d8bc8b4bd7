/** @file refresh/opening.h  What a refresh, or the plan of one, begins with: the lake, its lease, and what is asked
 * for. */
#ifndef SEINE_REFRESH_OPENING_H
#define SEINE_REFRESH_OPENING_H

#include "refresh/refresh.h"
#include "refresh/wanted.h"
#include "table/ledger.h"

/** Zeroed = closed; close it in every case. */
typedef struct seine_refresh_opening {
    seine_arena arena;
    seine_catalog *catalog;
    seine_lease *lease; /**< NULL: none was asked for */
    seine_engine *engine;
    seine_wanted wanted;
} seine_refresh_opening;

/**
 * Opens @p lake under the lease "refresh", makes the built-in tables it does not have, keeps what options->by and
 * fishing say, and finds what options->only means. @return OK, what seine_refresh tells of that.
 */
SEINE_MUST_USE seine_status seine_refresh_open(const char *lake, const seine_refresh_options *options,
                                               seine_refresh_opening *opening, seine_error *error);
void seine_refresh_close(seine_refresh_opening *opening);

/** What a user may set of detectors. */
seine_detector_settings seine_refresh_settings(const seine_refresh_options *options);
/**
 * The jobs of the lake, with datasets in @p arena. When a description cannot be read the jobs of ships are there all
 * the same, and *why says what it is. @return OK, E_NOMEM, what reading returned.
 */
SEINE_MUST_USE seine_status seine_refresh_jobs(const seine_detector_settings *settings, seine_catalog *catalog,
                                               seine_arena *arena, seine_registry *registry, seine_error *why,
                                               seine_error *error);
/** Makes the tables of a job that the lake does not have: those of datasets come with the first refresh. */
SEINE_MUST_USE seine_status seine_refresh_make_tables(seine_catalog *catalog, const seine_detector_job *job,
                                                      seine_error *error);
/** A damaged table must not stop what does not need it; what follows tells by itself whether it does. */
static inline bool seine_refresh_goes_on(seine_status status) {
    return status == SEINE_OK || status == SEINE_E_NOT_FOUND || status == SEINE_E_FORMAT ||
           status == SEINE_E_UNSUPPORTED;
}

#endif
