/**
 * @file seine/step.h
 * The one interface every detector implements: state', output = step(state, fixes of one mover). The output is events,
 * or one row of new columns per fix, or both.
 *
 * A step is pure: no I/O, no clock, no globals, no allocation. Feeding the same fixes in any number of
 * pieces gives the same output. One state belongs to one mover (or segment); two threads must not use the
 * same state at once, different states are independent. Source of the contract: DESIGN section 1.
 */
#ifndef SEINE_STEP_H
#define SEINE_STEP_H

#include "seine/track.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Most measures one event carries. */
#define SEINE_EVENT_MEASURES 12

/** Most columns one step gives each fix. */
#define SEINE_STEP_COLUMNS 8

/** Longest list of fixes a state may refer to (seine_step.refs). */
#define SEINE_STATE_REFS 4

/** Row_ref of a fix whose name nobody gave: it was fed before the state was saved and loaded, and is no ref of it. */
#define SEINE_REF_UNKNOWN UINT64_MAX

/** Null of a column of integers. */
#define SEINE_INTEGER_NULL INT64_MIN

/**
 * Something with a start and maybe an end. Fixes are named by the row_ref the caller gave them.
 * `measure[i]` is described by seine_step.measures[i]; NaN = null.
 */
typedef struct seine_event {
    int64_t start_us, end_us;                                      /**< end_us is undefined when not closed */
    uint64_t start_ref, end_ref;                                   /**< end_ref is undefined when not closed */
    double start_lat_deg, start_lon_deg, end_lat_deg, end_lon_deg; /**< NaN = unknown */
    bool is_closed;
    uint32_t kind; /**< index in seine_step.kinds; 0 where a step has one kind of events */
    double measure[SEINE_EVENT_MEASURES];
} seine_event;

/** What a column of a step holds. */
typedef enum seine_column_kind {
    SEINE_COLUMN_NUMBER, /**< double, NaN = null */
    SEINE_COLUMN_CODE,   /**< int32_t, index in the texts of seine_step.texts, -1 = null */
    SEINE_COLUMN_FLAG,   /**< int32_t, 0 = false, 1 = true, -1 = null */
    SEINE_COLUMN_INTEGER /**< int64_t, times in microseconds too, SEINE_INTEGER_NULL = null */
} seine_column_kind;

/** Describes one column that a step gives each fix. */
typedef struct seine_step_column {
    const char *name; /**< "time_in_zone_h" */
    seine_column_kind kind;
} seine_step_column;

/** Caller-owned room of one column, the member that its kind asks for. Row i belongs to fix i of the track. */
typedef union seine_column_out {
    double *number;
    int32_t *code;
    int64_t *integer;
} seine_column_out;

/** Caller-owned room for what a step gives. */
typedef struct seine_step_out {
    seine_event *events;
    size_t capacity, pos;
    const seine_column_out *columns; /**< column_count of them, rows [0, count) of the track; NULL without columns */
} seine_step_out;

/**
 * Caller-owned, growable memory of one mover's state. @p size bytes at @p data are in use; a call that needs
 * more than @p capacity sets @p needed, leaves everything else as it was and returns SEINE_E_SPACE.
 * The layout of data is private to the detector; data must be 8-byte aligned. A zeroed struct is valid
 * input for init.
 */
typedef struct seine_state {
    uint8_t *data;
    size_t size, capacity, needed;
} seine_state;

/** Describes one measure of a detector's events. */
typedef struct seine_measure {
    const char *name; /**< column name, e.g. "duration_h" */
    const char *unit; /**< "h", "m", "kn", "" */
    bool is_count;    /**< a whole number, never null */
    const char *doc;
} seine_measure;

/** Describes one column that a step reads beside time, place, speed, shore and receiver of a track. */
typedef struct seine_step_input {
    const char *name; /**< "course" */
    const char *unit; /**< "deg", "kn", "" */
    seine_input_kind kind;
    const char *doc;
} seine_step_input;

/** A detector. All functions take the detector's own, validated configuration as @p config. */
typedef struct seine_step {
    const char *name;              /**< "gaps" */
    uint32_t version;              /**< grows when results or state bytes change */
    const seine_measure *measures; /**< of its events */
    size_t measure_count;
    const seine_step_column *columns; /**< it gives each fix */
    size_t column_count;
    const seine_step_input *inputs; /**< what it reads of seine_track.inputs, in this order */
    size_t input_count;
    const char *const *kinds; /**< names of the kinds of its events; NULL: it has one kind */
    size_t kind_count;

    /** The texts behind the codes of column @p column. They live as long as @p config. NULL when no column has codes.
     */
    const char *const *(*texts)(const void *config, size_t column, size_t *count);

    /** Makes @p state the state before the first fix. @return OK, E_SPACE. */
    seine_status (*init)(const void *config, seine_state *state);

    /**
     * Takes fixes from @p track, appends the events they complete to @p out and fills their rows of its columns, moving
     * both pos. A row says what its fix and those before it tell; what a later fix makes of it is an event.
     * @return SEINE_OK every fix was taken; SEINE_E_FULL @p out is full: drain and call again, with more room when
     *         nothing came;
     *         SEINE_E_SPACE grow @p state to state->needed and call again; SEINE_E_ORDER fix track->pos is
     *         earlier than the one before it and was not taken: do track->pos++ to drop it.
     *         In every case what was taken stays taken, nothing is taken twice.
     */
    seine_status (*feed)(const void *config, seine_state *state, seine_track *track, seine_step_out *out);

    /**
     * Appends what is open if nothing more came up to @p watermark_us. Never changes the state. NULL: nothing ever is.
     * @return OK, E_FULL (nothing was appended: call again with more room).
     */
    seine_status (*advance)(const void *config, const seine_state *state, int64_t watermark_us, seine_step_out *out);

    /**
     * The least watermark after @p watermark_us at which advance tells something else than at @p watermark_us;
     * INT64_MAX = there is none. NULL: any may be.
     */
    int64_t (*deadline)(const void *config, const seine_state *state, int64_t watermark_us);

    /**
     * Writes the canonical bytes of @p state: equal states are equal bytes, without row_refs, padding or clock,
     * versioned and checksummed. @p capacity bytes at @p bytes are available; *size receives the length needed.
     * @return OK, E_SPACE (nothing written, *size set).
     */
    seine_status (*save)(const void *config, const seine_state *state, uint8_t *bytes, size_t capacity, size_t *size);

    /**
     * Rebuilds a state from bytes of save. @p refs gives the row_refs of the fixes the state refers to, in the
     * order of seine_step.refs.
     * @return OK, E_SPACE, E_FORMAT (not such bytes, or damaged), E_VERSION (other version).
     */
    seine_status (*load)(const void *config, seine_state *state, const uint8_t *bytes, size_t size,
                         const uint64_t *refs, size_t ref_count, seine_error *error);

    /**
     * Lists the row_refs the state still refers to; the caller saves their payload with the state. Writes no more than
     * SEINE_STATE_REFS. @return how many there are: callers refuse a state with more.
     */
    size_t (*refs)(const void *config, const seine_state *state, uint64_t refs[SEINE_STATE_REFS]);
} seine_step;

#ifdef __cplusplus
}
#endif
#endif
