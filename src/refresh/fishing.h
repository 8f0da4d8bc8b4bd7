/**
 * @file refresh/fishing.h
 * The jobs "<dataset>_fishing": events.<dataset>_fishing and its history from scored messages (seine/fishing.h). All
 * candidates are rows; which of them count is for a model to say (models/movers/fishing_events.sql).
 */
#ifndef SEINE_REFRESH_FISHING_H
#define SEINE_REFRESH_FISHING_H

#include "refresh/job.h"
#include "refresh/vessels.h"
#include "seine/fishing.h"

/** Of a dataset of which seine_fishing_refusal (columns/fishing_table.h) is "". @p job and what it points to lie in @p
 * arena. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_job_fishing_of(const seine_dataset *dataset, seine_arena *arena,
                                                 seine_detector_job *job);

/** The detector's own parameters, but for what the dataset's description says (fishing_gap_hours). */
seine_fishing_config seine_job_fishing_config(const seine_dataset *dataset);

/** Such a job with its parameters. */
seine_job_run seine_job_run_fishing(const seine_detector_job *job, const seine_fishing_config *config);

/** What scores by rules are made of beside messages: the class that ref.vessels tells of a mover's id in the year of a
 * day is that of its messages, whatever they tell themselves. */
typedef struct seine_classed_fishing {
    seine_fishing_config config;  /**< first: the step's */
    const seine_vessels *vessels; /**< must outlive the run */
} seine_classed_fishing;

/** The job with these, of a dataset that fishes by rules. */
seine_job_run seine_job_run_classed_fishing(const seine_detector_job *job, const seine_classed_fishing *fishing);

#endif
