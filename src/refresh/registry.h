/**
 * @file refresh/registry.h
 * The detector jobs of a lake: those of ships, then those of its other datasets, as their descriptions say. Refresh,
 * status and verify walk this list; none of them knows a job by name.
 */
#ifndef SEINE_REFRESH_REGISTRY_H
#define SEINE_REFRESH_REGISTRY_H

#include "refresh/enrichment.h"
#include "refresh/fishing.h"
#include "refresh/segments.h"
#include "seine/gap.h"

/** What a user may set of them. */
typedef struct seine_detector_settings {
    seine_gap_config gaps;
    int64_t weather_max_age_us;
    seine_segment_limits segments;
} seine_detector_settings;

/** One job of one dataset. */
typedef struct seine_lake_job {
    seine_detector_job job;
    const struct seine_detector_kind *kind; /**< which detector it is; inside of registry.c */
    seine_gap_config gaps;                  /**< of such a job, with what the description says */
    seine_classed_fishing fishing;          /**< the same */
    seine_segment_config segments;          /**< the same */
} seine_lake_job;

/** Zeroed = empty; must not be moved once a run was made. */
typedef struct seine_registry {
    seine_lake_job *jobs; /**< of one dataset together, in the order in which they run */
    size_t count;
    seine_enrichment enrichment; /**< reference tables, read when the first job needs them */
    seine_vessels vessels;       /**< the same */
    bool has_enrichment, has_vessels;
    seine_detector_settings settings;
    seine_arena arena;
} seine_registry;

/** The jobs of datasets, which must outlive it. Free it in every case. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_registry_fill(seine_registry *registry, const seine_dataset *const *datasets,
                                                size_t count, const seine_detector_settings *settings);
void seine_registry_free(seine_registry *registry);
/** Takes limits of segments from what each job had in the last refresh (seine_job_segment_recall). */
SEINE_MUST_USE seine_status seine_registry_recall(seine_registry *registry, seine_catalog *catalog, seine_error *error);
/** Whether a job is of this dataset. */
static inline bool seine_registry_is_of(const seine_registry *registry, size_t index, const seine_dataset *dataset) {
    return strcmp(registry->jobs[index].job.dataset, dataset->name) == 0;
}
/** A reference table that a job reads, and which of its rows. */
typedef struct seine_read_reference {
    const char *table, *rows;
} seine_read_reference;
#define SEINE_READ_REFERENCES 2 /**< most that a job reads */
/** Those of a job; *count receives how many. */
const seine_read_reference *seine_registry_references(const seine_registry *registry, size_t index, size_t *count);
/**
 * A job with its parameters and the reference tables as they were when the first job that needs them asked.
 * @return OK, E_NOMEM, what reading them returned.
 */
SEINE_MUST_USE seine_status seine_registry_run(seine_registry *registry, size_t index, seine_catalog *catalog,
                                               seine_engine *engine, seine_job_run *run, seine_error *error);

#endif
