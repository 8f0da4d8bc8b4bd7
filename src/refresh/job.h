/**
 * @file refresh/job.h
 * What a detector job is: which columns of a silver table feed which step, and how its events become rows.
 *
 * The machinery of this folder knows no detector; each detector is one descriptor (job_gaps.c, enrichment.c,
 * fishing.c).
 */
#ifndef SEINE_REFRESH_JOB_H
#define SEINE_REFRESH_JOB_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "columns/cell.h"
#include "columns/dataset.h"
#include "seine/step.h"

#define SEINE_PAYLOAD_TEXTS 4
#define SEINE_PAYLOAD_NUMBERS 2
#define SEINE_JOB_NUMBERS 3 /**< that a job reads: of the last one events copy nothing */

/** What an event copies of one of its fixes beside time and place. Null: data NULL, or NaN. */
typedef struct seine_payload {
    seine_str texts[SEINE_PAYLOAD_TEXTS];
    double numbers[SEINE_PAYLOAD_NUMBERS];
} seine_payload;

/** An event on its way into a row. */
typedef struct seine_event_source {
    const seine_event *event;
    seine_str mover;
    const seine_payload *start, *end; /**< end is NULL while open */
    seine_cell produced_day;          /**< null while open */
} seine_event_source;

/** A column of a table of columns that is made of columns of its step. */
typedef struct seine_made_column {
    const char *name;
    /** Of a text for every pair of whole numbers: two columns of integers of the step, by index. Appends to @p text;
     * nothing = null. @return OK, E_NOMEM. NULL: codes of the column from[0], see texts. */
    seine_status (*make)(seine_str mover, const int64_t values[2], seine_buf *text);
    size_t from[2];
    const char *const *texts; /**< texts[code + 1]: what a code is called, first of all -1; NULL = null */
    size_t text_count;
} seine_made_column;

/** How rows change by what fixes of the next day tell, and how to know that nothing more can come. */
typedef struct seine_amending {
    /** Makes of rows [first, last) of @p columns, those of the event's mover from its first fix to its last one, what
     * the event says of them; its first fix is row @p at, SIZE_MAX when it is of a day before. */
    void (*amend)(const seine_event *event, const seine_column_out *columns, size_t at, size_t first, size_t last);
    /** Whether no fix to come can say anything of one from before @p before_us. */
    bool (*is_settled)(const void *config, const seine_state *state, int64_t before_us);
} seine_amending;

typedef struct seine_detector_job {
    const char *name;    /**< key in the ledger, "ais_gaps" */
    const char *dataset; /**< of its sources, "ais" */
    uint32_t version;    /**< grows when rows of the same step would differ; part of every fingerprint */
    const seine_step *step;
    const char *silver, *state, *head; /**< tables */
    const char *events, *history;      /**< of a step with events, else NULL */
    const seine_table_schema
        *shapes; /**< of a dataset's own job: its tables, which it makes; NULL = columns/schema.h */
    size_t shape_count;
    const char *columns; /**< of a step with columns, else NULL: partitioned and sorted as silver */
    /** Columns of the silver table. Sorted by mover, then time. */
    const char *mover, *time, *lat, *lon;
    /** Column of whole numbers: which ship of the id a fix is of. Each has a state of its own, and fixes of none are
     * not fed. NULL: a mover is one ship. */
    const char *ship;
    const char *texts[SEINE_PAYLOAD_TEXTS]; /**< payload columns; NULL ends */
    const char *numbers[SEINE_JOB_NUMBERS]; /**< the same; the last one is no payload */
    size_t receiver_text;                   /**< index in texts of the receiver's name; SIZE_MAX = none */
    size_t shore_number;                    /**< the same in numbers of the distance from shore */
    size_t speed_number;                    /**< the same in numbers of the speed */
    /** Columns that are step->inputs, in that order: of numbers, flags too, or of texts, as the kind of the input asks;
     * NULL = silver has none. NULL: the job reads no inputs. */
    const char *const *inputs;
    int32_t (*code_of)(size_t input, seine_str text); /**< of inputs that are codes; negative = unknown */
    /** Columns of the table of columns that are made of those of the step. */
    const seine_made_column *made;
    size_t made_count;
    const seine_amending *amending; /**< NULL: a row is what its fix and those before it tell, for ever */
    /** Of a step with events. Fills @p cells (columns of the events table, version left 0). Texts are borrowed or in @p
     * arena. @return OK, E_NOMEM. */
    seine_status (*build)(const seine_event_source *source, seine_arena *arena, seine_cell *cells);
} seine_detector_job;

/** How many inputs of its step a job reads. */
static inline size_t seine_job_inputs(const seine_detector_job *job) {
    return job->inputs != NULL ? job->step->input_count : 0;
}

/** Whether it has events that are open up to a watermark. */
static inline bool seine_job_has_open(const seine_detector_job *job) {
    return job->events != NULL && job->step->advance != NULL;
}

/** The table that a job makes: of its events, or of its columns. */
static inline const char *seine_job_table(const seine_detector_job *job) {
    return job->events != NULL ? job->events : job->columns;
}

/** Gaps in the transmissions of vessels, by id; config: seine_gap_config. */
extern const seine_detector_job seine_job_ais_gaps;

/** The columns of one of the job's tables. */
const seine_table_schema *seine_job_schema(const seine_detector_job *job, const char *table);

/** Makes of the built-in table @p like one of another name, which is borrowed. @return false when @p name is NULL. */
bool seine_job_shape_like(const char *like, const char *name, const char *doc, seine_table_schema *shape);

/** What every job of a dataset has: silver and its key columns, and the tables that it makes. The rest is for the
 * caller to fill in. */
seine_detector_job seine_job_of(const seine_dataset *dataset, const char *name, const seine_step *step,
                                const seine_table_schema *shapes, size_t shape_count);
/** The same of one with events, whose @p shapes are those of events, history, state and heads, in this order. */
seine_detector_job seine_job_of_events(const seine_dataset *dataset, const char *name, const seine_step *step,
                                       const seine_table_schema shapes[4]);

/** That of a dataset, of the ships of its ids where it has segments. Of others than ships the tables are
 * events.<dataset>_gaps and so on, in the columns of its id, without what only ships tell. @p job and what it points to
 * lie in @p arena. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_job_gaps_of(const seine_dataset *dataset, seine_arena *arena,
                                              seine_detector_job *job);

/** A partition of silver, as far as what a job reads beside it may depend on it. */
typedef struct seine_job_place {
    int32_t day, bucket;
    double lat_least_deg, lat_most_deg, lon_least_deg, lon_most_deg; /**< of its fixes, or of the whole earth */
} seine_job_place;

/** A parameter as the ledger and the run manifests keep it, under "<job>.<name>". */
typedef struct seine_job_setting {
    const char *name;
    int64_t value;
} seine_job_setting;
#define SEINE_JOB_SETTINGS 4

/**
 * What a job reads beside silver: tables of what others know. A fix is told of them when it is fed, and what is to last
 * of that lies in the state, so that a row of them that changes is news to the movers whose fixes it is told to, and
 * to nobody else.
 *
 * Either by place and time: `seen` says what may be told to some fixes, and the step looks up each of them. Or by id:
 * `told` is what a mover's fixes of a day get as input `input` of the step, a code, whatever silver says there.
 */
typedef struct seine_job_references {
    const char *tables; /**< their names, as the log gives them as a cause: "ref.vessels" */
    /** Hash of everything that rows of @p place may be made from; zero = nothing. While it stays, nobody is asked. */
    seine_hash128 (*at)(const void *config, const seine_job_place *place);
    /** Hash of what may be told to @p fixes, one mover's of a day; zero = nothing. NULL: by id. Any thread. */
    seine_hash128 (*seen)(const void *config, const seine_track *fixes);
    int32_t (*told)(const void *config, seine_str mover, int32_t day); /**< negative = nothing */
    size_t input;
} seine_job_references;

/** A job with its parameters. */
typedef struct seine_job_run {
    const seine_detector_job *job;
    const void *config;       /**< of job->step */
    seine_hash128 parameters; /**< of config, the job's and the step's version */
    seine_job_setting settings[SEINE_JOB_SETTINGS];
    size_t setting_count;
    const seine_job_references *references; /**< NULL: nothing else is read. Not of a job that is amending */
} seine_job_run;

/** The parameters of a dataset's gaps: those given, but for what its description says (gap_hours). */
struct seine_gap_config;
struct seine_gap_config seine_job_gap_config(const seine_dataset *dataset, const struct seine_gap_config *given);

/** A job of gaps with its parameters: times in microseconds and the shore rule, little-endian. */
seine_job_run seine_job_run_gaps(const seine_detector_job *job, const struct seine_gap_config *config);

#endif
