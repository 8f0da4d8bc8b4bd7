/** @file model/log.h  The log of a model with the sink events: which rows a run made, changed and took away. */
#ifndef SEINE_MODEL_LOG_H
#define SEINE_MODEL_LOG_H

#include "model/query.h"
#include "model/write.h"

/**
 * Writes one row of the log for each row of the files @p made that is new or has another version than in those of
 * stage->was, and for each that is no more: a new file of @p history, to be committed with the rows.
 * @return OK (log->rows 0: there is no file), what engine and writer returned.
 */
SEINE_MUST_USE seine_status seine_model_log_write(seine_model_stage *stage, const seine_model *model,
                                                  const char *const *made, size_t count, seine_table *history,
                                                  int64_t run_at_us, seine_arena *arena, seine_model_output *log,
                                                  seine_error *error);

#endif
