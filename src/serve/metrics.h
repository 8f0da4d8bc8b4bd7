/** @file serve/metrics.h  Counters of the server in Prometheus' text form. Any thread. */
#ifndef SEINE_SERVE_METRICS_H
#define SEINE_SERVE_METRICS_H

#include "base/buf.h"
#include "serve/lake.h"
#include "serve/route.h"
#include "serve/shared_cache.h"

typedef struct seine_metrics seine_metrics;

/** NULL: out of memory. */
seine_metrics *seine_metrics_new(const seine_routes *routes);
void seine_metrics_free(seine_metrics *metrics);

/** A finished request. @p route_index SIZE_MAX: none of the routes. */
void seine_metrics_request(seine_metrics *metrics, size_t route_index, int status, int64_t duration_us,
                           uint64_t body_bytes);
void seine_metrics_cache(seine_metrics *metrics, bool is_hit);
void seine_metrics_refused(seine_metrics *metrics); /**< a full queue */

void seine_metrics_by_sql(seine_metrics *metrics); /**< a look-up of files that only the engine can read */

/** Values that are read when somebody asks. */
typedef struct seine_gauges {
    const seine_view *view; /**< may be NULL */
    int64_t now_us, started_us;
    size_t waiting, active, connections, live_clients;
    uint64_t live_files;
    bool has_shared_cache;
    seine_shared_cache_counts shared; /**< of it */
} seine_gauges;
SEINE_MUST_USE seine_status seine_metrics_write(const seine_metrics *metrics, const seine_gauges *gauges,
                                                seine_buf *out);

#endif
