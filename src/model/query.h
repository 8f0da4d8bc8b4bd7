/** @file model/query.h  A model as a running query: its inputs made visible, its statement begun. */
#ifndef SEINE_MODEL_QUERY_H
#define SEINE_MODEL_QUERY_H

#include "engine/engine.h"
#include "io/pins.h"
#include "model/lake.h"
#include "model/room.h"

/** Files and shape of one input, for seine_model_views. */
typedef struct seine_model_view {
    const seine_table_schema *schema;
    const char *const *files;
    size_t file_count;
} seine_model_view;
/**
 * Makes the inputs of @p model, and nothing but them, visible to SQL: @p views has one entry per input, and one more
 * for the former rows of a model with the sink events. Those of @p former (may be NULL), which ran before, go.
 */
SEINE_MUST_USE seine_status seine_model_views(seine_engine *engine, const seine_model *former, const seine_model *model,
                                              const seine_model_view *views, seine_error *error);

/**
 * Begins the statement of a model over the views that are there, and checks that its columns are those of the header.
 * Whatever is wrong with the SQL is told with file and line. @p query must be ended in every case.
 * @return OK, E_FORMAT, what the engine returned.
 */
SEINE_MUST_USE seine_status seine_model_begin(seine_engine *engine, const seine_model *model,
                                              const seine_model_moment *moment, seine_query **query,
                                              seine_error *error);

/** Where days of models run, one at a time. Zeroed but for the first two; free with seine_model_stage_free. */
typedef struct seine_model_stage {
    const seine_model_room *room;
    const seine_model_lake *lake;
    /** To be set for a day that ran out of memory (E_NOMEM, also while rows were fetched), to run it once more: its
     * rows are put aside in a file as they come, and sorted from there, when all else that the statement held is gone.
     */
    bool is_tight;
    /** Of a model with the sink events: files that have the rows of all days which the run makes, as they were before
     * it. NULL: those of the day at hand. */
    const char *const *was;
    size_t was_count;
    seine_model former; /**< whose inputs are visible */
    seine_pins pins;    /**< of these */
} seine_model_stage;
/** Its last query must have ended. */
void seine_model_stage_free(seine_model_stage *stage);

/**
 * The same for one day (null: the whole) of a model, over the files which the lake has for it. @p wanted receives the
 * rows that the reconcile column must sum up to. @return as seine_model_begin; E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_model_stage_run(seine_model_stage *stage, const seine_model *model,
                                                  seine_partition_value day, int64_t run_at_us, int64_t *wanted,
                                                  seine_query **query, seine_error *error);

#endif
