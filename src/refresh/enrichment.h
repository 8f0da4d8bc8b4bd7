/**
 * @file refresh/enrichment.h
 * The jobs "<dataset>_enriched": silver.ais_enriched from silver.ais and the reference tables (core/enrich.h).
 *
 * A partition is stale when its silver changed or when what it reads of the reference tables did: the ports in force on
 * its day, the weather of the cells where its fixes are and of the hours around that day.
 */
#ifndef SEINE_REFRESH_ENRICHMENT_H
#define SEINE_REFRESH_ENRICHMENT_H

#include "core/enrich.h"
#include "engine/engine.h"
#include "refresh/job.h"
#include "table/catalog/catalog.h"

extern const seine_detector_job seine_job_ais_enriched;

/** The same of another dataset with a speed in knots: silver.<dataset>_enriched, in the columns of its id, place and
 * speed. @p job and what it points to lie in @p arena. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_job_enriched_of(const seine_dataset *dataset, seine_arena *arena,
                                                  seine_detector_job *job);

/** The reference tables that such jobs read. Zeroed = empty; must not be moved once loaded. */
typedef struct seine_enrichment {
    seine_enrich_config config; /**< first: the job's config is the whole enrichment */
    seine_hash128 *epoch_hashes;
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
/** A job over them, which must outlive the run. */
seine_job_run seine_enrichment_run(const seine_enrichment *enrichment, const seine_detector_job *job);
void seine_enrichment_free(seine_enrichment *enrichment);

#endif
