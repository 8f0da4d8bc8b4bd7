/** @file refresh/batch.h  Fixes of one day on their way into a step: columns, grouped by mover. */
#ifndef SEINE_REFRESH_BATCH_H
#define SEINE_REFRESH_BATCH_H

#include "columns/vec.h"
#include "refresh/job.h"

/** Columns of the rows a batch takes: these, then the job's texts, its numbers, and what its step has as inputs. */
enum {
    SEINE_FIX_MOVER,
    SEINE_FIX_TIME,
    SEINE_FIX_LAT,
    SEINE_FIX_LON,
    SEINE_FIX_SHIP,
    SEINE_FIX_TEXTS,
    SEINE_FIX_NUMBERS = SEINE_FIX_TEXTS + SEINE_PAYLOAD_TEXTS,
    SEINE_FIX_INPUTS = SEINE_FIX_NUMBERS + SEINE_JOB_NUMBERS
};

/** How many of these columns the rows of a job have, and which column of silver each one is; NULL = silver has none. */
static inline size_t seine_fix_columns(const seine_detector_job *job) {
    return SEINE_FIX_INPUTS + seine_job_inputs(job);
}
const char *seine_fix_column(const seine_detector_job *job, size_t column);

/** Values of one input of a step, in the form that its kind asks for. */
typedef struct seine_track_input {
    seine_input_kind kind;
    void *values;
    bool is_read; /**< silver has it; else all are unknown */
} seine_track_input;

/** All fixes of one mover: rows [begin, end). */
typedef struct seine_track_group {
    uint32_t mover; /**< the caller's code */
    size_t begin, end;
} seine_track_group;

/** Zeroed = empty. Row i is named SEINE_STATE_REFS + i; smaller names are those of a loaded state. */
typedef struct seine_track_batch {
    size_t count, capacity;
    int64_t *time_us;
    double *lat_deg, *lon_deg, *numbers[SEINE_JOB_NUMBERS];
    seine_track_input *inputs; /**< of the step */
    seine_column_in *views;    /**< the same from the first row of the track that was asked for last */
    size_t input_count;
    seine_str *texts[SEINE_PAYLOAD_TEXTS];
    uint8_t *receiver;
    uint32_t *ship; /**< 1 where the job knows none */
    bool has_more;  /**< the job reads the last number, or ships */
    uint64_t *row_ref;
    seine_track_group *groups;
    size_t group_count, group_capacity;
    seine_arena arena; /**< bytes of texts */
} seine_track_batch;

void seine_track_batch_clear(seine_track_batch *batch);
void seine_track_batch_free(seine_track_batch *batch);

/** The end of those rows from @p first on that are, like it, of a ship or of none; *is_none is of which. */
size_t seine_fix_ships_end(const seine_rows *rows, size_t first, size_t last, bool *is_none);

/** Appends rows [first, last) of @p rows, none without a ship where the job has them (vecs PLAIN; CONSTANT = all null;
 * whole numbers and flags become doubles, texts what an input's kind says), all of @p mover; makes or lengthens its
 * group. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_track_batch_add(seine_track_batch *batch, const seine_detector_job *job,
                                                  uint32_t mover, const seine_rows *rows, size_t first, size_t last);
/** Orders the rows of each group by ship, then time. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_track_batch_order(seine_track_batch *batch);
/** Order-free sum of the hashes of the group's fixes: everything the job reads of them. */
seine_hash128 seine_track_batch_hash(const seine_track_batch *batch, const seine_track_group *group);
/** A view over one group; its inputs last until the next one is asked for. */
seine_track seine_track_batch_track(const seine_track_batch *batch, const seine_detector_job *job,
                                    const seine_track_group *group);
/** @return the first row of the group, whose times are in order, that is not before @p time_us, or its end. */
size_t seine_track_batch_from(const seine_track_batch *batch, const seine_track_group *group, int64_t time_us);
/** @return of rows [first, last), which begin at @p time_us, the one with this time and place, or SIZE_MAX. */
size_t seine_track_batch_find(const seine_track_batch *batch, size_t first, size_t last, int64_t time_us,
                              double lat_deg, double lon_deg);
/** What an event copies of row @p row; texts are borrowed from the batch. */
seine_payload seine_track_batch_payload(const seine_track_batch *batch, size_t row);

#endif
