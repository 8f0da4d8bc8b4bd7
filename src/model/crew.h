/** @file model/crew.h  Which model runs when, in several threads. */
#ifndef SEINE_MODEL_CREW_H
#define SEINE_MODEL_CREW_H

#include "model/model.h"

/** Runs the model at @p index of the set. What only @p member touches needs no lock. */
typedef seine_status (*seine_model_task)(void *context, size_t member, size_t index, seine_error *error);

/**
 * Runs every model of @p set once, in up to @p members threads: a model begins when those that make its inputs have
 * ended, and of several that can begin the one with the longest chain of readers, else the first one. After the first
 * failure no other begins.
 * @return OK, E_NOMEM, the status of that first failure with its text.
 */
SEINE_MUST_USE seine_status seine_model_crew_run(const seine_model_set *set, size_t members, seine_model_task task,
                                                 void *context, seine_error *error);

#endif
