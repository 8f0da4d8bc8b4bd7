/**
 * @file refresh/segments.h
 * The jobs "<dataset>_segments": silver.<dataset>_segments, which segment each fix belongs to (seine/segment.h;
 * decision 14). Its rows are what all fixes up to the end of the next day tell.
 */
#ifndef SEINE_REFRESH_SEGMENTS_H
#define SEINE_REFRESH_SEGMENTS_H

#include "refresh/job.h"
#include "seine/segment.h"

/** Of a dataset of which seine_segment_refusal (columns/segment_table.h) is "", ships too. @p job and what it points to
 * lie in @p arena. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_job_segments_of(const seine_dataset *dataset, seine_arena *arena,
                                                  seine_detector_job *job);

/** The detector's own parameters, but that a state remembers fewer ids and places: it is kept for every day. */
seine_segment_config seine_job_segment_config(void);

/** Such a job with its parameters. */
seine_job_run seine_job_run_segments(const seine_detector_job *job, const seine_segment_config *config);

#endif
