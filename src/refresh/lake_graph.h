/**
 * @file refresh/lake_graph.h
 * What is made from what in a lake: tables with who makes them, from which others, and why they would be made anew.
 */
#ifndef SEINE_REFRESH_LAKE_GRAPH_H
#define SEINE_REFRESH_LAKE_GRAPH_H

#include "model/model.h"
#include "refresh/registry.h"

struct seine_lake_status;

typedef enum seine_node_kind {
    SEINE_NODE_SOURCE,
    SEINE_NODE_REFERENCE,
    SEINE_NODE_JOB,
    SEINE_NODE_MODEL
} seine_node_kind;

typedef struct seine_node_input {
    const char *table;
    const char *window; /**< which of its days a day reads: "same day", "same day and the one before", "all" */
} seine_node_input;

/** A table. Texts and arrays lie in the arena of the status. */
typedef struct seine_lake_node {
    const char *table;
    seine_node_kind kind;
    const char *maker; /**< "ingest", "ref load", "ais_gaps", "models/ais_hourly_h3.sql" */
    const seine_node_input *inputs;
    size_t input_count;
    const char *const *beside; /**< tables that are written with it: history, states */
    size_t beside_count;
    size_t days, stale; /**< of those that seine_lake_status has */
    int64_t rows;
    const char *why; /**< it is stale; NULL = it is not, or nothing derives it */
} seine_lake_node;

/**
 * Adds the nodes to a status whose days are read, in an order in which what is read stands before what reads it.
 * @p recomputed: per job, whether nothing of it holds any more. @return OK, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_lake_graph_fill(struct seine_lake_status *status, const seine_registry *registry,
                                                  const bool *recomputed, const seine_dataset *const *datasets,
                                                  size_t dataset_count, const seine_model_set *set);

#endif
