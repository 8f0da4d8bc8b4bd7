/**
 * @file refresh/segments.h
 * The jobs "<dataset>_segments": silver.<dataset>_segments, which segment each fix belongs to (seine/segment.h;
 * decision 14). Its rows are what all fixes up to the end of the next day tell.
 */
#ifndef SEINE_REFRESH_SEGMENTS_H
#define SEINE_REFRESH_SEGMENTS_H

#include "refresh/job.h"
#include "seine/segment.h"
#include "table/catalog/catalog.h"

/** Of a dataset of which seine_segment_refusal (columns/segment_table.h) is "", ships too. @p job and what it points to
 * lie in @p arena. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_job_segments_of(const seine_dataset *dataset, seine_arena *arena,
                                                  seine_detector_job *job);

/** What a user may set of them. The detector's own are the defaults. */
typedef struct seine_segment_limits {
    int64_t max_gap_us;      /**< a segment ends after a longer silence; in (0, 24 h] */
    int64_t max_milliknots;  /**< seine_segment_config.max_knots, in thousandths; > 0 */
    int64_t gate_milliknots; /**< the same of gate_knots; 0 = no plain gate */
} seine_segment_limits;
seine_segment_limits seine_segment_limits_default(void);

/** The detector's own parameters with the limits given, but for those that the dataset's description says (segments). A
 * state remembers fewer ids and places: it is kept for every day. */
seine_segment_config seine_job_segment_config(const seine_dataset *dataset, const seine_segment_limits *given);

/** The limits that such a job had in the last refresh; the given ones where there was none. @return OK, what reading
 * returned. */
SEINE_MUST_USE seine_status seine_job_segment_recall(seine_catalog *catalog, const seine_detector_job *job,
                                                     seine_segment_config *config, seine_error *error);

/** Such a job with its parameters. */
seine_job_run seine_job_run_segments(const seine_detector_job *job, const seine_segment_config *config);

#endif
