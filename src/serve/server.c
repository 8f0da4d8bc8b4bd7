/* Putting the server together, and taking it apart in the right order. */
#include "base/try.h"
#include "base/url.h"
#include "io/clock.h"
#include "serve/openapi.h"
#include "serve/server_internal.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define OPENAPI_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define STATEMENTS_MAX 5000 /* of one engine, one a request: what it keeps of them stays below 3 MiB */
#define BURST_S 2           /* seconds' worth of requests that a client may make at once */

static seine_status open_access(seine_server *server, seine_error *error) {
    const seine_server_options *o = &server->options;
    if (!seine_url_is_loopback(o->host) && o->token_file == NULL)
        return seine_fail(error, SEINE_E_USAGE,
                          "--host %s can be reached from other machines: give --token-file with the SHA-256 of a token",
                          o->host);
    if (o->token_file != NULL) {
        SEINE_TRY(seine_tokens_load(o->token_file, &server->tokens, error));
    }
    if (o->rate > 0) {
        server->limiter = seine_limiter_new(o->rate, o->rate * BURST_S > 1 ? o->rate * BURST_S : 1);
        if (server->limiter == NULL) return seine_no_memory(error, "server");
    }
    if (o->access_log == NULL) return SEINE_OK;
    server->access_log = strcmp(o->access_log, "-") == 0 ? stderr : fopen(o->access_log, "a");
    if (server->access_log != NULL) return SEINE_OK;
    return seine_fail(error, SEINE_E_IO, "--access-log %s: cannot be written", o->access_log);
}

static seine_status open_engine(seine_server *server, seine_error *error) {
    const seine_server_options *o = &server->options;
    const seine_engine_options engine = {.threads = o->engine_threads, .memory_bytes = (uint64_t)o->memory_bytes};
    SEINE_TRY(seine_sessions_open(&engine, seine_lake_path(server->lake), STATEMENTS_MAX, &server->sessions, error));
    server->slots = calloc((size_t)o->workers, sizeof *server->slots);
    if (server->slots == NULL) return seine_no_memory(error, "server");
    for (int i = 0; i < o->workers; i++) {
        seine_worker_slot *slot = &server->slots[i];
        (void)pthread_mutex_init(&slot->mutex, NULL);
        seine_parquet_room_init(&slot->room);
        server->slot_count++;
        SEINE_TRY(seine_work_session(server, slot, error));
    }
    return SEINE_OK;
}

static void run_job(void *context, size_t worker, void *job, bool is_refused) {
    seine_exchange *exchange = job;
    if (!is_refused) seine_work_run(context, worker, exchange);
    MHD_resume_connection(exchange->connection);
}

static seine_status open_live(seine_server *server, seine_error *error) {
    const seine_live_options live = {.lake = server->lake,
                                     .sessions = server->sessions,
                                     .clients_max = (size_t)server->options.live_clients,
                                     .notice = seine_work_notice,
                                     .context = server};
    return seine_live_open(&live, &server->live, error);
}

static seine_status open_all(seine_server *server, seine_error *error) {
    const seine_server_options *o = &server->options;
    SEINE_TRY(open_access(server, error));
    SEINE_TRY(seine_lake_open(o->lake, &server->lake, error));
    SEINE_TRY(open_engine(server, error));
    SEINE_TRY(seine_temp_open(server, error));
    server->cache = seine_memory_cache_new((size_t)o->cache_bytes);
    server->metrics = seine_metrics_new(o->routes);
    if (o->shared_cache != NULL)
        SEINE_TRY(seine_shared_cache_new(o->shared_cache, seine_lake_id(server->lake), o->shared_ttl_s, &server->shared,
                                         error));
    if (server->cache == NULL || server->metrics == NULL) return seine_no_memory(error, "server");
    const seine_status status = seine_openapi_write(o->routes, o->token_file != NULL, &server->openapi);
    if (status != SEINE_OK) return seine_fail(error, status, "the OpenAPI document cannot be written");
    SEINE_TRY(seine_pool_open((size_t)o->workers, (size_t)o->queue, run_job, server, &server->pool, error));
    SEINE_TRY(open_live(server, error));
    SEINE_TRY(seine_watcher_start(server, error));
    return seine_http_start(server, error);
}

seine_status seine_server_open(const seine_server_options *options, seine_server **server, seine_error *error) {
    *server = NULL;
    seine_server *made SEINE_OWNED(seine_server_close_owned) = calloc(1, sizeof *made);
    if (made == NULL) return seine_no_memory(error, "server");
    made->options = *options;
    made->temp.lock = -1;
    made->started_us = seine_clock_now_us();
    seine_buf_init(&made->openapi, OPENAPI_MAX_BYTES);
    (void)pthread_mutex_init(&made->log_mutex, NULL);
    (void)pthread_mutex_init(&made->guests_mutex, NULL);
    (void)pthread_mutex_init(&made->watcher_mutex, NULL);
    if (!seine_clock_condition(&made->watcher_wakes)) return seine_no_memory(error, "server");
    SEINE_TRY(open_all(made, error));
    *server = SEINE_TAKE(made);
    return SEINE_OK;
}

int seine_server_port(const seine_server *server) { return server->port; }

void seine_server_drain(seine_server *server, int seconds) {
    const int64_t until_us = seine_clock_monotonic_us() + (int64_t)seconds * 1000000;
    atomic_store(&server->is_draining, true);
    seine_live_end(server->live);
    for (;;) {
        /* Also those whose answer ended a moment ago, and heads of which only a part came. */
        seine_guests_end_idle(server);
        if (atomic_load(&server->active) == 0 || seine_clock_monotonic_us() >= until_us) break;
        (void)nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    for (size_t i = 0; i < server->slot_count && atomic_load(&server->active) > 0; i++) {
        (void)pthread_mutex_lock(&server->slots[i].mutex);
        seine_engine_session_interrupt(server->slots[i].lent.session);
        (void)pthread_mutex_unlock(&server->slots[i].mutex);
    }
}

void seine_server_close(seine_server *server) {
    if (server == NULL) return;
    /* Suspended connections must be resumed before the daemon stops; the workers' end does that. */
    seine_pool_close(server->pool);
    if (server->live != NULL) seine_live_end(server->live);
    if (server->daemon != NULL) MHD_stop_daemon(server->daemon);
    seine_watcher_stop(server);
    seine_live_close(server->live);
    for (size_t i = 0; i < server->slot_count; i++) {
        seine_sessions_give_back(&server->slots[i].lent);
        seine_parquet_room_free(&server->slots[i].room);
        (void)pthread_mutex_destroy(&server->slots[i].mutex);
    }
    free(server->slots);
    seine_sessions_close(server->sessions);
    if (server->cache != NULL) server->cache->close(server->cache);
    seine_shared_cache_free(server->shared);
    seine_lake_close(server->lake);
    seine_limiter_free(server->limiter);
    seine_tokens_free(server->tokens);
    seine_metrics_free(server->metrics);
    if (server->access_log != NULL && server->access_log != stderr) (void)fclose(server->access_log);
    seine_temp_close(server);
    seine_buf_free(&server->openapi);
    (void)pthread_mutex_destroy(&server->log_mutex);
    (void)pthread_mutex_destroy(&server->guests_mutex);
    (void)pthread_mutex_destroy(&server->watcher_mutex);
    (void)pthread_cond_destroy(&server->watcher_wakes);
    seine_arena_free(&server->arena);
    free(server);
}

/* ---- for routes about the server itself ---- */

seine_lake *seine_server_lake(const seine_server *server) { return server->lake; }

seine_live *seine_server_live(const seine_server *server) { return server->live; }

bool seine_server_is_draining(const seine_server *server) { return atomic_load(&server->is_draining); }

const char *seine_server_web(const seine_server *server) { return server->options.web_folder; }

const char *const *seine_server_inputs(const seine_server *server, const char *table, size_t *count) {
    *count = 0;
    for (size_t i = 0; i < server->options.lineage_count; i++) {
        const seine_lineage *lineage = &server->options.lineage[i];
        if (strcmp(lineage->table, table) != 0) continue;
        *count = lineage->input_count;
        return lineage->inputs;
    }
    return NULL;
}

seine_str seine_server_openapi(const seine_server *server) { return seine_buf_str(&server->openapi); }

seine_status seine_server_metrics(const seine_server *server, seine_buf *out, seine_error *error) {
    const seine_view *view = NULL;
    SEINE_TRY(seine_lake_glance(server->lake, &view, error));
    const seine_gauges gauges = {.has_shared_cache = server->shared != NULL,
                                 .shared = server->shared != NULL ? seine_shared_cache_count(server->shared)
                                                                  : (seine_shared_cache_counts){0},
                                 .view = view,
                                 .now_us = seine_clock_now_us(),
                                 .started_us = server->started_us,
                                 .waiting = seine_pool_waiting(server->pool),
                                 .active = atomic_load(&server->active),
                                 .connections = atomic_load(&server->guest_count),
                                 .live_clients = seine_live_clients(server->live),
                                 .live_files = seine_live_files(server->live)};
    const seine_status status = seine_metrics_write(server->metrics, &gauges, out);
    seine_view_release(view);
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "metrics: out of memory");
}
