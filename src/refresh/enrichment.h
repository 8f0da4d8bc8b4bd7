/**
 * @file refresh/enrichment.h
 * The jobs "<dataset>_enriched": silver.ais_enriched from silver.ais and the reference tables (core/enrich.h).
 *
 * A day of a bucket is looked at when its silver changed or when what it may read of the reference tables did: the
 * ports in force on it, the weather of the cells where its fixes are and of the hours around it. Of its movers those
 * are fed that may see the difference: from a cell of half a degree, one of whose places has that port as the nearest,
 * or in which there is that weather, while it holds (decision 21).
 */
#ifndef SEINE_REFRESH_ENRICHMENT_H
#define SEINE_REFRESH_ENRICHMENT_H

#include "core/enrich.h"
#include "engine/engine.h"
#include "refresh/job.h"
#include "refresh/reference.h"
#include "table/catalog/catalog.h"

#include <stdatomic.h>

extern const seine_detector_job seine_job_ais_enriched;

/** The same of another dataset with a speed in knots: silver.<dataset>_enriched, in the columns of its id, place and
 * speed. @p job and what it points to lie in @p arena. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_job_enriched_of(const seine_dataset *dataset, seine_arena *arena,
                                                  seine_detector_job *job);

/** The reference tables that such jobs read. Zeroed = empty; must not be moved once loaded. */
typedef struct seine_enrichment {
    seine_enrich_config config;               /**< first: the job's config is the whole enrichment */
    seine_hash128 *port_hashes;               /**< by rank */
    seine_hash128 *epoch_hashes;              /**< of the ports in force, together */
    _Atomic(_Atomic uint64_t *) *epoch_cells; /**< by epoch, NULL while nobody asked: hashes of cells, 0 = not known */
    uint64_t *weather_hashes;
    seine_arena arena;
} seine_enrichment;

/**
 * Reads ref.ports and ref.weather as they are now. @p enrichment must be zeroed, and be freed in every case.
 * @return OK, E_NOMEM, what catalog and engine returned.
 */
SEINE_MUST_USE seine_status seine_enrichment_load(seine_catalog *catalog, seine_engine *engine,
                                                  int64_t weather_max_age_us, seine_enrichment *enrichment,
                                                  seine_error *error);
/** The same of rows that were read, which are brought into another order. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_enrichment_make(seine_reference *reference, int64_t weather_max_age_us,
                                                  seine_enrichment *enrichment);
/** A job over them, which must outlive the run. */
seine_job_run seine_enrichment_run(const seine_enrichment *enrichment, const seine_detector_job *job);
void seine_enrichment_free(seine_enrichment *enrichment);

#endif
