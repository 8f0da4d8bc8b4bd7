/** @file refresh/found_events.h  Events as rows of the events table, and what they are to replace. */
#ifndef SEINE_REFRESH_FOUND_EVENTS_H
#define SEINE_REFRESH_FOUND_EVENTS_H

#include "refresh/bucket.h"

/** Adds an event as a row: what its ends copy is borrowed. @p produced_day is null while open. */
SEINE_MUST_USE seine_status seine_found_events_add(seine_bucket_result *result, const seine_detector_job *job,
                                                   seine_event_source source, seine_error *error);
/** Says that the events of (day, mover) are to be replaced, and why; the name is borrowed. */
SEINE_MUST_USE seine_status seine_found_events_touch(seine_bucket_result *result, seine_touched touched,
                                                     seine_error *error);
/** Puts the touched in order. */
void seine_found_events_sort(seine_bucket_result *result);

#endif
