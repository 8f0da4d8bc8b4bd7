/** @file model/plan.h  Which days a model has, and which of them are stale. */
#ifndef SEINE_MODEL_PLAN_H
#define SEINE_MODEL_PLAN_H

#include "model/lake.h"

/* What rows of a unit may have changed for: bits. */
#define SEINE_MODEL_CAUSE_MODEL 1u           /**< the text, the SQL engine; the table is made for the first time */
#define SEINE_MODEL_CAUSE_PARAMETERS 2u      /**< values of settings */
#define SEINE_MODEL_CAUSE_INPUT(i) (4u << i) /**< the table of input i, the first one of that table */

/** One day of a model, or (null) the whole of a model without days. */
typedef struct seine_model_unit {
    seine_partition_value day;
    seine_hash128 fingerprint; /**< of what it would be made from now */
    bool is_stale;
    bool is_gone; /**< it was made once, but its inputs have no such day any more */
    /* Of a model with the sink events: */
    const char *parts; /**< of the fingerprint, to be kept with it; NULL when it is gone */
    bool has_causes;   /**< false: a former release has made it, and did not keep of what */
    unsigned causes;   /**< SEINE_MODEL_CAUSE_…: what has changed since it was made */
} seine_model_unit;

/** @return what to call a unit of @p model in messages: its day, in @p text, "all days", "rows without a day". */
const char *seine_model_day_text(const seine_model *model, seine_partition_value day, char text[16]);

/** All units by day; in @p arena. Reads the ledger. @return OK, E_NOMEM, what the catalog returned. */
SEINE_MUST_USE seine_status seine_model_units(seine_catalog *catalog, const seine_model *model,
                                              const seine_model_lake *lake, seine_arena *arena,
                                              seine_model_unit **units, size_t *count, seine_error *error);

/** Called for each part of its table that @p input reads for @p day. */
typedef seine_status (*seine_model_part_fn)(void *context, const seine_model_part *part);
seine_status seine_model_window_walk(const seine_model_lake *lake, const seine_model_input *input,
                                     seine_partition_value day, seine_model_part_fn visit, void *context);
/** @return whether @p input reads @p read, which may not be there yet, for @p day. */
bool seine_model_window_has(const seine_model_lake *lake, const seine_model_input *input, seine_partition_value day,
                            seine_partition_value read);

#endif
