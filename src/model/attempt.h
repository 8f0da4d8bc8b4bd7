/**
 * @file model/attempt.h
 * One run of models over a lake as it is in memory: what makes units, what keeps what was made, what commits it. The
 * rows may be made in this process or in many (model/task.h). Internal to src/model.
 */
#ifndef SEINE_MODEL_ATTEMPT_H
#define SEINE_MODEL_ATTEMPT_H

#include "io/store/scratch.h"
#include "model/plan.h"
#include "model/query.h"
#include "model/room.h"
#include "model/run.h"
#include "model/write.h"

#include <pthread.h>
#include <stdatomic.h>

#define SEINE_MODEL_MEMBERS 2 /**< one does what is left of a model when the engine needs one thread for the other */
#define SEINE_MODEL_UNITS_MAX ((size_t)1 << 24) /**< of a run */

/** What a unit has made. */
typedef struct seine_model_made {
    seine_model_output rows, log; /**< the log of a sink, of all its units, is with one of them */
    bool is_changed;              /**< rows are not those that the lake has; else there is no file of them */
    int64_t duration_us;
} seine_model_made;

/** What is to be written to the ledger for one unit. */
typedef struct seine_model_done {
    const seine_model *model;
    seine_model_unit unit;
    seine_model_made made;
} seine_model_done;

typedef struct seine_model_member {
    seine_model_stage stage;
    seine_arena arena; /**< of its files */
} seine_model_member;

/** Rooms in one engine, one for each member. */
typedef struct seine_model_rooms {
    seine_model_room items[SEINE_MODEL_MEMBERS];
    size_t count;
} seine_model_rooms;

/** Where rows go beyond the memory of a run. */
typedef struct seine_model_spill {
    seine_arena arena;
    seine_scratch scratch; /**< of one that runs beside others */
    /** Folders; a run's is of its own, for one that slept past its lease sweeps at its end. runs is NULL for one that
     * runs beside others, and nothing is swept. */
    char *runs, *own;
    seine_model_rooms rooms;
} seine_model_spill;

struct seine_models {
    const seine_models_options *options;
    seine_model_set set;
    seine_model_spill spill;
};

typedef struct seine_model_attempt {
    const seine_models_options *options;
    seine_model_rooms *rooms;
    seine_model_set *set;
    seine_model_member members[SEINE_MODEL_MEMBERS];
    /** Of the engine: shared by statements at work, of one that runs once more in little alone. */
    pthread_rwlock_t memory;
    atomic_bool has_failed; /**< for good: nobody begins another day */
    atomic_bool is_away;    /**< a bucket did not answer with all tries: until it does it is not waited for */
    pthread_mutex_t lock;   /**< of all below while members are at work, but for tables whose makers have ended */
    seine_catalog *catalog;
    seine_models_report *report;
    seine_model_lake lake;
    seine_arena arena;
    seine_model_done *done;
    size_t done_count, done_capacity;
    size_t units_done;
    int64_t started_us, begun_us;
} seine_model_attempt;

/** One over the lake of @p catalog; nothing is loaded yet. Free it in every case. */
void seine_model_attempt_begin(seine_models *models, seine_catalog *catalog, seine_models_report *report,
                               seine_model_attempt *a);
/** Loads the lake (seine_model_lake_load) and makes a line of the report for each model. */
SEINE_MUST_USE seine_status seine_model_attempt_load(seine_model_attempt *a, seine_error *error);
/** Gives each member its room. */
void seine_model_attempt_enter(seine_model_attempt *a);
void seine_model_attempt_free(seine_model_attempt *a);
/** Removes the files that were made. */
void seine_model_attempt_discard(seine_model_attempt *a);

/** seine_model_units over what the lake is by now. */
SEINE_MUST_USE seine_status seine_model_attempt_units(seine_model_attempt *a, const seine_model *model,
                                                      seine_model_unit **units, size_t *count, seine_error *error);
/**
 * Makes those of @p units that are stale, and keeps what they made. A unit whose SQL fails is told in the report, and
 * stays as it was. @return OK, what ends a run.
 */
SEINE_MUST_USE seine_status seine_model_attempt_make(seine_model_attempt *a, seine_model_member *m,
                                                     const seine_model *model, const seine_model_unit *units,
                                                     size_t count, seine_model_report *report, seine_error *error);
/** Puts what a unit has made, or (gone) that it is no more, into the lake in memory and among what is to be committed;
 * its files are those of the attempt from then on. Under the lock. */
SEINE_MUST_USE seine_status seine_model_attempt_keep(seine_model_attempt *a, const seine_model *model,
                                                     const seine_model_unit *unit, const seine_model_made *made,
                                                     seine_model_report *report, seine_error *error);

/** Adds to what the report says went wrong; @p text is copied. Under the lock. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_model_attempt_tell(seine_model_attempt *a, seine_str text, seine_error *error);

/** Whether there is anything to commit. */
bool seine_model_attempt_is_any(const seine_model_attempt *a);
SEINE_MUST_USE seine_status seine_model_attempt_commit(seine_model_attempt *a, seine_error *error);
/** Notes a run that failed. */
void seine_model_attempt_failed(const seine_model_attempt *a, const seine_error *why);

/** Opens the rooms that are not, as many as the options allow. */
SEINE_MUST_USE seine_status seine_models_open_rooms(seine_models *models, const char *lake, seine_error *error);
/** Finds the models of the lake, with the options' settings and of the options' tables, and refuses those that cannot
 * run. */
SEINE_MUST_USE seine_status seine_models_find(seine_models *models, seine_catalog *catalog, seine_error *error);
/** Refuses what cannot run, and tells it in the report. The rooms are open. */
SEINE_MUST_USE seine_status seine_models_check_all(seine_models *models, seine_catalog *catalog,
                                                   seine_models_report *report, seine_error *error);

#endif
