/**
 * @file refresh/wanted.h
 * Which tables a refresh is to make when it is told some: these, and those that they are made from.
 */
#ifndef SEINE_REFRESH_WANTED_H
#define SEINE_REFRESH_WANTED_H

#include "model/model.h"
#include "refresh/registry.h"

/** Tables of jobs and of models, in the order in which they are made. Texts lie in the arena they were found with. */
typedef struct seine_wanted {
    const char *const *tables;
    size_t count; /**< 0 = all there are */
} seine_wanted;

/**
 * A word means a job by its name or detector ("ais_gaps", "gaps"), a table with or without its namespace, and all
 * tables of datasets that begin with it behind the dataset's name: "fishing" is events.ais_scored_fishing and
 * gold.ais_scored_fishing_events, too.
 * @return OK, E_NOMEM, E_USAGE (a word that means nothing here; the message has the nearest one).
 */
SEINE_MUST_USE seine_status seine_wanted_find(const seine_registry *registry, const seine_model_set *set,
                                              const char *const *words, size_t word_count, seine_arena *arena,
                                              seine_wanted *wanted, seine_error *error);
bool seine_wanted_has(const seine_wanted *wanted, const char *table);

#endif
