/** @file model/log.h  The log of a model with the sink events: which rows a run made, changed and took away. */
#ifndef SEINE_MODEL_LOG_H
#define SEINE_MODEL_LOG_H

#include "model/plan.h"
#include "model/query.h"
#include "model/write.h"

/** What a run makes of a sink. */
typedef struct seine_model_run {
    const char *const *files; /**< with all rows of these units afterwards */
    size_t file_count;
    const seine_model_unit *const *units;
    size_t unit_count;
    int64_t at_us;
} seine_model_run;

/**
 * Writes one row of the log for each row of @p run that is new or has another version than in the files of stage->was,
 * and for each that is no more: a new file of @p history, to be committed with the rows. The cause of a row is that of
 * the unit it is in, and of the one it was in; null when that of either is not known.
 * @return OK (log->rows 0: there is no file), what engine and writer returned.
 */
SEINE_MUST_USE seine_status seine_model_log_write(seine_model_stage *stage, const seine_model *model,
                                                  const seine_model_run *run, seine_table *history, seine_arena *arena,
                                                  seine_model_output *log, seine_error *error);

#endif
