/* Counters: one table of atomic numbers, written without a lock. */
#include "serve/metrics.h"

#include "base/try.h"
#include "serve/route.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static const int statuses[] = {200, 204, 302, 304, 400, 401, 404, 405, 406, 413, 414, 429, 500, 503, 504};
#define STATUS_COUNT (sizeof statuses / sizeof *statuses)
static const int64_t limits_us[] = {500,   1000,   2500,   5000,   10000,   25000,
                                    50000, 100000, 250000, 500000, 1000000, 5000000};
#define LIMIT_COUNT (sizeof limits_us / sizeof *limits_us)

typedef atomic_uint_least64_t counter;

struct seine_metrics {
    const seine_routes *routes;
    size_t route_count; /* the last row is for addresses without a route */
    counter hits, misses, refused, by_sql, bytes;
    counter buckets[LIMIT_COUNT + 1], sum_us;
    counter requests[][STATUS_COUNT + 1]; /* the last column is for any other status */
};

seine_metrics *seine_metrics_new(const seine_routes *routes) {
    const size_t count = seine_route_count(routes);
    seine_metrics *metrics = calloc(1, sizeof *metrics + (count + 1) * sizeof metrics->requests[0]);
    if (metrics == NULL) return NULL;
    metrics->routes = routes;
    metrics->route_count = count;
    return metrics;
}

void seine_metrics_free(seine_metrics *metrics) { free(metrics); }

static void add(counter *c, uint64_t value) { atomic_fetch_add_explicit(c, value, memory_order_relaxed); }

static uint64_t read(const counter *c) { return atomic_load_explicit(c, memory_order_relaxed); }

void seine_metrics_request(seine_metrics *metrics, size_t route_index, int status, int64_t duration_us,
                           uint64_t body_bytes) {
    size_t column = 0, bucket = 0;
    while (column < STATUS_COUNT && statuses[column] != status) column++;
    while (bucket < LIMIT_COUNT && duration_us > limits_us[bucket]) bucket++;
    add(&metrics->requests[route_index < metrics->route_count ? route_index : metrics->route_count][column], 1);
    add(&metrics->buckets[bucket], 1);
    add(&metrics->sum_us, (uint64_t)(duration_us > 0 ? duration_us : 0));
    add(&metrics->bytes, body_bytes);
}

void seine_metrics_cache(seine_metrics *metrics, bool is_hit) { add(is_hit ? &metrics->hits : &metrics->misses, 1); }

void seine_metrics_refused(seine_metrics *metrics) { add(&metrics->refused, 1); }

void seine_metrics_by_sql(seine_metrics *metrics) { add(&metrics->by_sql, 1); }

/* ---- text ---- */

static seine_status put_head(seine_buf *out, const char *name, const char *type, const char *help) {
    return seine_buf_printf(out, "# HELP seine_%s %s\n# TYPE seine_%s %s\n", name, help, name, type);
}

static seine_status put_one(seine_buf *out, const char *name, const char *type, const char *help, double value) {
    SEINE_TRY(put_head(out, name, type, help));
    return seine_buf_printf(out, "seine_%s %.17g\n", name, value);
}

static seine_status put_requests(const seine_metrics *metrics, seine_buf *out) {
    SEINE_TRY(put_head(out, "http_requests_total", "counter", "Requests by route and status."));
    for (size_t r = 0; r <= metrics->route_count; r++) {
        const char *name = r < metrics->route_count ? seine_route_numbered(metrics->routes, r)->name : "none";
        for (size_t s = 0; s <= STATUS_COUNT; s++) {
            const uint64_t count = read(&metrics->requests[r][s]);
            char status[16] = "other";
            if (s < STATUS_COUNT) (void)snprintf(status, sizeof status, "%d", statuses[s]);
            if (count > 0)
                SEINE_TRY(seine_buf_printf(out, "seine_http_requests_total{route=\"%s\",status=\"%s\"} %llu\n", name,
                                           status, (unsigned long long)count));
        }
    }
    return SEINE_OK;
}

static seine_status put_latency(const seine_metrics *metrics, seine_buf *out) {
    SEINE_TRY(put_head(out, "http_request_duration_seconds", "histogram",
                       "From the head of a request to the end of its answer."));
    uint64_t total = 0;
    for (size_t i = 0; i <= LIMIT_COUNT; i++) {
        char limit[32] = "+Inf";
        if (i < LIMIT_COUNT) (void)snprintf(limit, sizeof limit, "%g", (double)limits_us[i] * 1e-6);
        total += read(&metrics->buckets[i]);
        SEINE_TRY(seine_buf_printf(out, "seine_http_request_duration_seconds_bucket{le=\"%s\"} %llu\n", limit,
                                   (unsigned long long)total));
    }
    return seine_buf_printf(out,
                            "seine_http_request_duration_seconds_sum %.6f\n"
                            "seine_http_request_duration_seconds_count %llu\n",
                            (double)read(&metrics->sum_us) * 1e-6, (unsigned long long)total);
}

static seine_status put_lake(const seine_gauges *g, seine_buf *out) {
    const seine_view *view = g->view;
    if (view == NULL) return SEINE_OK;
    if (view->watermark_us != INT64_MIN) {
        SEINE_TRY(put_one(out, "lake_watermark_seconds", "gauge", "End of the data, Unix time.",
                          (double)view->watermark_us * 1e-6));
        SEINE_TRY(put_one(out, "lake_lag_seconds", "gauge", "Clock minus watermark.",
                          (double)(g->now_us - view->watermark_us) * 1e-6));
    }
    if (view->committed_us != INT64_MIN)
        SEINE_TRY(put_one(out, "lake_commit_age_seconds", "gauge", "Clock minus the newest snapshot's time.",
                          (double)(g->now_us - view->committed_us) * 1e-6));
    SEINE_TRY(
        put_one(out, "lake_rows_rejected", "gauge", "Refused rows of live sources.", (double)view->source_rejects));
    SEINE_TRY(put_head(out, "lake_table_rows", "gauge", "Rows of a table."));
    for (size_t i = 0; i < view->table_count; i++)
        SEINE_TRY(seine_buf_printf(out, "seine_lake_table_rows{table=\"%s\"} %lld\n", view->tables[i].name,
                                   (long long)seine_table_rows(view->tables[i].table)));
    return SEINE_OK;
}

static seine_status put_shared(const seine_gauges *g, seine_buf *out) {
    if (!g->has_shared_cache) return SEINE_OK;
    SEINE_TRY(put_one(out, "shared_cache_hits_total", "counter", "Answers from Redis.", (double)g->shared.hits));
    SEINE_TRY(
        put_one(out, "shared_cache_misses_total", "counter", "Answers that Redis had not.", (double)g->shared.misses));
    SEINE_TRY(put_one(out, "shared_cache_failures_total", "counter", "Requests to Redis that failed.",
                      (double)g->shared.failures));
    return put_one(out, "shared_cache_up", "gauge", "Whether Redis answered when it was asked last.",
                   g->shared.is_up ? 1 : 0);
}

seine_status seine_metrics_write(const seine_metrics *metrics, const seine_gauges *g, seine_buf *out) {
    const struct {
        const char *name, *type, *help;
        double value;
    } simple[] = {
        {"cache_hits_total", "counter", "Answers from the cache.", (double)read(&metrics->hits)},
        {"cache_misses_total", "counter", "Answers that had to be made.", (double)read(&metrics->misses)},
        {"queue_refused_total", "counter", "Requests refused because the queue was full.",
         (double)read(&metrics->refused)},
        {"requests_active", "gauge", "Requests that have begun and are not answered yet.", (double)g->active},
        {"look_ups_by_sql_total", "counter", "Tracks and histories of files that only the SQL engine can read.",
         (double)read(&metrics->by_sql)},
        {"queue_waiting", "gauge", "Requests that wait for a worker.", (double)g->waiting},
        {"live_files_read_total", "counter", "Files that were read for live.", (double)g->live_files},
        {"live_clients", "gauge", "Clients that follow live.", (double)g->live_clients},
        {"connections", "gauge", "Open connections.", (double)g->connections},
        {"http_body_bytes_total", "counter", "Bytes of bodies sent.", (double)read(&metrics->bytes)},
        {"start_time_seconds", "gauge", "When the server started, Unix time.", (double)g->started_us * 1e-6},
    };
    SEINE_TRY(put_requests(metrics, out));
    SEINE_TRY(put_latency(metrics, out));
    for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
        SEINE_TRY(put_one(out, simple[i].name, simple[i].type, simple[i].help, simple[i].value));
    SEINE_TRY(put_shared(g, out));
    return put_lake(g, out);
}
