/** @file model/check.h  Whether models can run at all, asked of the engine before any table is touched. */
#ifndef SEINE_MODEL_CHECK_H
#define SEINE_MODEL_CHECK_H

#include "engine/engine.h"
#include "model/model.h"
#include "table/catalog/catalog.h"

/**
 * Refuses the models of the user's whose inputs are not in the lake, whose SQL the engine does not take, or whose
 * columns are not those of the header. A built-in model with its own settings is known to be right; with others of the
 * user's it is checked, and one that fails is an error.
 * @return OK, E_FORMAT, what the catalog returned.
 */
SEINE_MUST_USE seine_status seine_models_check(seine_catalog *catalog, seine_engine *engine, seine_model_set *set,
                                               seine_error *error);

/** Refuses the models whose inputs are not in the lake; built-in ones without a word. @return OK, E_NOMEM, what the
 * catalog returned. */
SEINE_MUST_USE seine_status seine_models_refuse_strays(seine_catalog *catalog, seine_model_set *set,
                                                       seine_error *error);

/**
 * Refuses the models that read or make a table whose metadata or lists of files cannot be read, and says in @p refused
 * how many those are. Reads every such table, so it is asked only when something has failed.
 * @return OK, E_NOMEM, what the catalog returned.
 */
SEINE_MUST_USE seine_status seine_models_refuse_unreadable(seine_catalog *catalog, seine_model_set *set,
                                                           size_t *refused, seine_error *error);

#endif
