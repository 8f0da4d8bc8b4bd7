/**
 * @file refresh/step_frame.h
 * A step at work: its state, taken from packed bytes and packed again, the room for what it gives, and the fixes it is
 * fed from.
 */
#ifndef SEINE_REFRESH_STEP_FRAME_H
#define SEINE_REFRESH_STEP_FRAME_H

#include "base/buf.h"
#include "refresh/bucket.h"

/** Rows that events may amend (seine_amending): a group of a batch and its columns. */
typedef struct seine_amended_rows {
    const seine_track_batch *batch; /**< NULL: none */
    const seine_track_group *group;
    const seine_column_out *columns;
} seine_amended_rows;

/** Zeroed but for the first three; free with seine_step_frame_free. */
typedef struct seine_step_frame {
    const seine_job_run *run;
    const seine_track_batch *batch; /**< events name its rows */
    seine_bucket_result *result;    /**< takes the events */
    seine_state state;
    seine_payload
        held[SEINE_STATE_REFS];   /**< fixes the loaded state refers to: in the packed bytes it was loaded from */
    seine_buf step_bytes, packed; /**< packed: of the state after seine_step_frame_pack */
    seine_event *events;
    size_t event_capacity;
    seine_column_out columns[SEINE_STEP_COLUMNS]; /**< of the batch's rows, when the job makes any */
    size_t column_capacity;
    seine_amended_rows amended; /**< by the events of the next feed */
} seine_step_frame;

/** @return OK; E_INTERNAL: what the step gives would be written beyond a fixed room. */
SEINE_MUST_USE seine_status seine_step_frame_check(const seine_detector_job *job, seine_error *error);
void seine_step_frame_free(seine_step_frame *frame);
/** Room for a row of columns per fix of the batch; nothing for a job without. */
SEINE_MUST_USE seine_status seine_step_frame_reserve(seine_step_frame *frame, seine_error *error);
/** Makes the step's state from packed bytes, which must last, or the first state when there are none (NULL). */
SEINE_MUST_USE seine_status seine_step_frame_load(seine_step_frame *frame, const seine_str *packed, seine_error *error);
/** Feeds a group of the batch; the events it gives are produced on @p day. A job without a table of events has none;
 * those that amend do so. */
SEINE_MUST_USE seine_status seine_step_frame_feed(seine_step_frame *frame, seine_str mover,
                                                  const seine_track_group *group, int32_t day, seine_error *error);
/** Leaves the packed form of the state in frame->packed. */
SEINE_MUST_USE seine_status seine_step_frame_pack(seine_step_frame *frame, seine_error *error);
/** @return whether two frames of one job and batch gave the rows of @p group the same columns. */
bool seine_step_frame_same_rows(const seine_step_frame *a, const seine_step_frame *b, const seine_track_group *group);
/** Adds the events that are open at @p watermark_us. */
SEINE_MUST_USE seine_status seine_step_frame_put_open(seine_step_frame *frame, seine_str mover, int64_t watermark_us,
                                                      seine_error *error);

#endif
