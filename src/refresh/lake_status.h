/** @file refresh/lake_status.h  What a lake has per table and day, and what of it a refresh would make anew. */
#ifndef SEINE_REFRESH_LAKE_STATUS_H
#define SEINE_REFRESH_LAKE_STATUS_H

#include "refresh/lake_graph.h"
#include "refresh/refresh.h"
#include "table/catalog/catalog.h"

typedef enum seine_day_state { SEINE_DAY_SOURCE, SEINE_DAY_FRESH, SEINE_DAY_STALE } seine_day_state;

typedef struct seine_day_status {
    const char *table;
    seine_partition_value day; /**< null: rows without a day (open events, totals) */
    int64_t rows;
    seine_day_state state; /**< SOURCE: nothing derived */
    bool has_run;          /**< the next two are known */
    int64_t ran_at_us, duration_us;
} seine_day_status;

/** Tables that cannot be read are told one by one up to so many. */
#define SEINE_STATUS_UNREADABLE_MAX 64

typedef struct seine_lake_status {
    seine_arena arena;
    seine_lake_node *nodes; /**< what is made from what, in the order in which it is made */
    size_t node_count;
    seine_day_status *days; /**< silver, detectors, models in the order they run; each by day, null first */
    size_t count;
    const char **refused; /**< models that cannot run, and why */
    size_t refused_count;
    const char *unreadable[SEINE_STATUS_UNREADABLE_MAX]; /**< what is wrong with tables that no model makes */
    size_t unreadable_count;
    bool is_damaged; /**< a table cannot be read */
} seine_lake_status;

/** Changes nothing. @p status must be zeroed, and be freed in every case. @return as seine_refresh. */
SEINE_MUST_USE seine_status seine_lake_status_read(seine_catalog *catalog, const seine_refresh_options *options,
                                                   const char *const *settings, size_t setting_count,
                                                   seine_lake_status *status, seine_error *error);
void seine_lake_status_free(seine_lake_status *status);

#endif
