/*
 * From a parsed request to an answer. The key of an answer is made of the snapshots of the tables that its route reads,
 * the address, the format and the encoding; it is also its ETag, so that neither a cached answer nor a "304 not
 * modified" can be of an older state than the view it was looked up with.
 */
#include "base/try.h"
#include "io/clock.h"
#include "serve/server_internal.h"

#include <malloc.h>
#include <stdlib.h>

#define ROUTES_MAX 64
#define KEY_MAX_BYTES ((size_t)64 * 1024)
#define CACHED_SUFFIX "c" /* of the ETag of an answer that says it came from the cache */

/* ---- failures ---- */

static int http_status(seine_status status, bool is_parsing) {
    switch (status) {
    case SEINE_E_USAGE: return 400;
    case SEINE_E_NOT_FOUND: return 404;
    case SEINE_E_UNSUPPORTED: return is_parsing ? 406 : 500;
    case SEINE_E_LIMIT: return is_parsing ? 414 : 400;
    case SEINE_E_INTERRUPTED: return 504;
    case SEINE_E_NOMEM:
    case SEINE_E_AWAY:
    case SEINE_E_BUSY: return 503;
    default: return 500;
    }
}

seine_answer *seine_work_failed(const seine_error *error, bool is_parsing, const char *cause, const char *hint) {
    const int status = http_status(error->status, is_parsing);
    const char *message = error->text;
    if (status == 500) message = "internal error"; /* the text may name files; it goes to the log of the program */
    if (status == 504) {
        message = "the answer took too long";
        hint = "ask for a shorter time or a smaller area";
    }
    if (status == 503) {
        message = cause != NULL ? cause : error->status == SEINE_E_AWAY ? "the lake does not answer" : "too busy";
        if (cause == NULL || hint == NULL) hint = "try again later";
    }
    return seine_answer_error(status, message, hint);
}

static void complain(const seine_exchange *exchange, const seine_error *error) {
    if (http_status(error->status, false) >= 500)
        (void)fprintf(stderr, "seine serve: %.*s: %s\n", (int)exchange->target_size, exchange->target, error->text);
}

/* ---- keys ---- */

static size_t table_names(const seine_route *route) {
    size_t count = 0;
    while (count < SEINE_ROUTE_TABLES_MAX && route->tables[count] != NULL) count++;
    return count;
}

/* What the answers of a route are made from. */
static seine_hash128 tag_of(const seine_route *route, const seine_view *view) {
    return seine_view_tag(view, route->tables, table_names(route));
}

/* The address in its one form, of this version and this encoding. */
static seine_status put_key(const seine_request *request, seine_buf *text) {
    SEINE_TRY(seine_buf_append_str(text, SEINE_VERSION "\n"));
    SEINE_TRY(seine_buf_append(text, request->path.data, request->path.size));
    SEINE_TRY(seine_buf_printf(text, "\n%d %d\n", (int)request->format, (int)request->encoding));
    return seine_request_canonical(request, false, text);
}

static bool key_of(const seine_request *request, const seine_view *view, seine_hash128 *key) {
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, KEY_MAX_BYTES);
    if (put_key(request, &text) != SEINE_OK) return false;
    const seine_hash128 tag = tag_of(request->route, view);
    const seine_hash128 address = seine_hash128_of(text.data, text.size);
    const uint64_t parts[4] = {tag.low, tag.high, address.low, address.high};
    *key = seine_hash128_of(parts, sizeof parts);
    return true;
}

static seine_answer *not_modified(const char *etag, seine_freshness freshness) {
    seine_answer *answer = seine_answer_new(304, "");
    if (answer == NULL) return NULL;
    (void)snprintf(answer->etag, sizeof answer->etag, "%s", etag);
    answer->freshness = freshness;
    answer->varies = true;
    return answer;
}

/* For ever: what a snapshot of the route's only table is asked for, and depends on nothing else. */
static seine_freshness freshness_of(const seine_request *request, const seine_view *view) {
    const seine_input *moment = seine_request_input(request, "as_of");
    if ((request->route->flags & SEINE_ROUTE_PURE) == 0 || !moment->given || moment->integer == 0 || view == NULL)
        return SEINE_FRESH_ASK;
    const seine_view_table *table = seine_view_find(view, request->route->tables[0]);
    return table != NULL && table->snapshot_id == moment->integer ? SEINE_FRESH_FOREVER : SEINE_FRESH_ASK;
}

/* 304 or a hit; NULL when the answer has to be made. */
static seine_answer *look_up(seine_exchange *exchange, const seine_view *view, seine_hash128 key) {
    char hex[33], marked[40];
    seine_hash128_hex(key, hex);
    (void)snprintf(marked, sizeof marked, "%s" CACHED_SUFFIX, hex);
    const seine_str header = exchange->headers.if_none_match;
    const seine_freshness freshness = freshness_of(&exchange->request, view);
    if (seine_etag_matches(header, hex)) return not_modified(hex, freshness);
    if (seine_etag_matches(header, marked)) return not_modified(marked, freshness);
    return exchange->server->cache->get(exchange->server->cache, key);
}

/* What the cache in memory keeps an answer for. */
static uint64_t state_of(const seine_exchange *exchange, const seine_view *view) {
    return view->is_past ? 0 : tag_of(exchange->request.route, view).low;
}

/* Of another server, or of this one before it was started anew. In the workers: it may take a while. */
static seine_answer *look_up_shared(seine_exchange *exchange, const seine_view *view, seine_hash128 key) {
    seine_server *server = exchange->server;
    seine_answer *answer = server->shared != NULL ? seine_shared_cache_get(server->shared, key) : NULL;
    if (answer != NULL) server->cache->put(server->cache, key, state_of(exchange, view), answer);
    return answer;
}

static void put_both(seine_server *server, seine_hash128 key, uint64_t state, seine_answer *answer) {
    server->cache->put(server->cache, key, state, answer);
    if (server->shared != NULL) seine_shared_cache_put(server->shared, key, answer);
}

/* ---- making ---- */

static seine_status copy_next(seine_answer *answer, const char *next) {
    answer->next = next != NULL ? strdup(next) : NULL;
    return next == NULL || answer->next != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

/* The answer as its cache has it: with "cached": true. */
static seine_status copy_marked(const seine_answer *answer, size_t cached_at, seine_answer *copy) {
    const uint8_t *data = answer->body.data;
    SEINE_TRY(seine_buf_append(&copy->body, data, cached_at));
    SEINE_TRY(seine_buf_append_str(&copy->body, "true"));
    SEINE_TRY(seine_buf_append(&copy->body, data + cached_at + 5, answer->body.size - cached_at - 5));
    (void)snprintf(copy->etag, sizeof copy->etag, "%.40s" CACHED_SUFFIX, answer->etag);
    copy->freshness = answer->freshness;
    copy->varies = answer->varies;
    copy->cut_at = answer->cut_at;
    return copy_next(copy, answer->next);
}

static void keep(seine_exchange *exchange, seine_hash128 key, seine_answer *answer, const seine_call *call) {
    const uint64_t state = state_of(exchange, call->view);
    if (!call->has_cached_flag) {
        put_both(exchange->server, key, state, answer);
        return;
    }
    seine_answer *copy SEINE_OWNED(seine_answer_release_owned) = seine_answer_new(answer->status, answer->content_type);
    if (copy == NULL || copy_marked(answer, call->cached_at, copy) != SEINE_OK ||
        seine_answer_compress(copy, exchange->request.encoding, NULL) != SEINE_OK)
        return;
    put_both(exchange->server, key, state, copy);
}

static seine_answer *finish(seine_exchange *exchange, seine_hash128 key, bool has_key, seine_call *call,
                            seine_error *error) {
    const seine_request *request = &exchange->request;
    const bool has_format = request->route->formats != 0;
    const char *type = has_format ? seine_format_type(request->format) : request->route->content_type;
    const int status = (request->route->flags & SEINE_ROUTE_POST) != 0 ? 204 : 200;
    seine_answer *answer SEINE_OWNED(seine_answer_release_owned) =
        seine_answer_new(status, call->content_type != NULL ? call->content_type : type);
    if (answer == NULL) return NULL;
    answer->body = call->body;
    seine_buf_init(&call->body, SEINE_BODY_MAX_BYTES);
    answer->stream = SEINE_TAKE(call->stream);
    answer->varies = has_format || has_key;
    answer->cut_at = call->cut_at;
    if (copy_next(answer, call->next) != SEINE_OK) return NULL;
    answer->freshness = freshness_of(request, call->view);
    if ((request->route->flags & SEINE_ROUTE_LIVE) != 0 || call->is_secret) answer->freshness = SEINE_FRESH_NEVER;
    if (!has_key || call->is_secret) return SEINE_TAKE(answer);
    seine_hash128_hex(key, answer->etag);
    if (call->has_cached_flag) keep(exchange, key, answer, call);
    if (seine_answer_compress(answer, request->encoding, error) != SEINE_OK) return NULL;
    if (!call->has_cached_flag) keep(exchange, key, answer, call);
    return SEINE_TAKE(answer);
}

/* What a route says is for the client; what comes from below it may name places of this machine, and is not. */
static seine_answer *fail(const seine_call *call, seine_error *error) {
    if (strstr(error->text, call->fence) != NULL && http_status(error->status, false) < 500)
        error->status = SEINE_E_INTERNAL;
    return seine_work_failed(error, false, call->cause, call->hint);
}

static seine_answer *make(seine_exchange *exchange, const seine_view *view, seine_worker_slot *slot, seine_hash128 key,
                          bool has_key, seine_error *error) {
    seine_server *server = exchange->server;
    seine_call call;
    seine_call_init(&call, &exchange->request);
    call.server = server;
    call.view = view;
    call.session = slot != NULL ? slot->lent.session : NULL;
    call.room = slot != NULL ? &slot->room : NULL;
    call.temp_folder = server->temp.folder;
    call.fence = seine_lake_path(server->lake);
    call.warehouse = seine_lake_name(server->lake);
    call.shares_credentials = server->options.shares_credentials;
    call.last_event_id = exchange->headers.last_event_id;
    call.deadline_us = slot != NULL ? slot->deadline_us : 0; /* only this thread sets it */
    seine_answer *answer = NULL;
    const seine_status status = exchange->request.route->run(&call, error);
    if (call.is_by_sql) seine_metrics_by_sql(server->metrics);
    if (status == SEINE_OK)
        answer = finish(exchange, key, has_key, &call, error);
    else
        answer = fail(&call, error);
    seine_call_free(&call);
    return answer;
}

/* Only an as_of that nobody can have is the client's fault. What is wrong with the lake holds paths: it is not told. */
static seine_answer *without_view(const seine_exchange *exchange, seine_error *error) {
    const bool is_asked = seine_request_input(&exchange->request, "as_of")->given;
    if (error->status == SEINE_E_NOT_FOUND && is_asked) return seine_work_failed(error, false, NULL, NULL);
    if (error->status != SEINE_E_NOMEM) error->status = SEINE_E_BUSY;
    return seine_work_failed(error, false, seine_lake_trouble(exchange->server->lake), NULL);
}

/* ---- in the accepting threads ---- */

seine_answer *seine_work_direct(seine_exchange *exchange) {
    seine_server *server = exchange->server;
    const seine_request *request = &exchange->request;
    seine_error error = {SEINE_OK, ""};
    if ((request->route->flags & SEINE_ROUTE_DIRECT) != 0) {
        seine_answer *answer = make(exchange, NULL, NULL, (seine_hash128){0, 0}, false, &error);
        if (answer == NULL) complain(exchange, &error);
        return answer;
    }
    if (seine_lake_peek(server->lake, &exchange->view, &error) != SEINE_OK) {
        seine_answer *answer = without_view(exchange, &error);
        complain(exchange, &error);
        return answer;
    }
    if (exchange->view == NULL || seine_request_input(request, "as_of")->given) return NULL;
    seine_hash128 key;
    if ((request->route->flags & SEINE_ROUTE_LIVE) != 0 || !key_of(request, exchange->view, &key)) return NULL;
    seine_answer *answer = look_up(exchange, exchange->view, key);
    seine_metrics_cache(server->metrics, answer != NULL);
    exchange->is_looked_up = true;
    return answer;
}

/* ---- in the workers ---- */

/* With the first request after a commit the answers of the state before go. */
void seine_work_notice(void *context, const seine_view *view) {
    seine_server *server = context;
    static const char *const all[] = {"*"};
    const uint64_t tag = seine_view_tag(view, all, 1).low;
    if (atomic_exchange(&server->seen, tag) == tag) return;
    uint64_t states[ROUTES_MAX];
    const seine_routes *routes = server->options.routes;
    size_t count = seine_route_count(routes);
    if (count > ROUTES_MAX) count = ROUTES_MAX;
    for (size_t i = 0; i < count; i++) states[i] = tag_of(seine_route_numbered(routes, i), view).low;
    server->cache->keep_only(server->cache, states, count);
    (void)malloc_trim(0); /* what was freed in small pieces goes back, too */
}

static seine_status find_view(seine_exchange *exchange, const seine_view **view, seine_error *error) {
    const seine_input *moment = seine_request_input(&exchange->request, "as_of");
    seine_lake *lake = exchange->server->lake;
    if (moment->given) return seine_lake_past(lake, moment->integer, moment->time_us, view, error);
    *view = exchange->view;
    exchange->view = NULL;
    if (*view != NULL) return SEINE_OK;
    const seine_status status = seine_lake_current(lake, view, error);
    if (status == SEINE_OK) seine_work_notice(exchange->server, *view);
    return status;
}

seine_status seine_work_session(seine_server *server, seine_worker_slot *slot, seine_error *error) {
    seine_lent_session fresh = {0};
    bool is_fresh = false;
    SEINE_TRY(seine_sessions_take(server->sessions, &slot->lent, &fresh, &is_fresh, error));
    if (!is_fresh) return SEINE_OK;
    seine_lent_session former = slot->lent;
    (void)pthread_mutex_lock(&slot->mutex);
    slot->lent = fresh;
    (void)pthread_mutex_unlock(&slot->mutex);
    seine_sessions_give_back(&former);
    return SEINE_OK;
}

static void set_deadline(seine_worker_slot *slot, int64_t deadline_us) {
    (void)pthread_mutex_lock(&slot->mutex);
    slot->deadline_us = deadline_us;
    (void)pthread_mutex_unlock(&slot->mutex);
}

static seine_answer *answer_with(seine_exchange *exchange, const seine_view *view, seine_worker_slot *slot,
                                 seine_error *error) {
    seine_hash128 key = {0, 0};
    const bool is_live = (exchange->request.route->flags & SEINE_ROUTE_LIVE) != 0;
    const bool has_key = !is_live && key_of(&exchange->request, view, &key);
    seine_answer *answer = has_key ? look_up(exchange, view, key) : NULL;
    if (has_key && !exchange->is_looked_up) seine_metrics_cache(exchange->server->metrics, answer != NULL);
    if (answer == NULL && has_key) answer = look_up_shared(exchange, view, key);
    if (answer != NULL) return answer;
    if (seine_flight_is_full(exchange->server))
        return seine_answer_error(503, "too many large answers are being sent", "try again later");
    if (seine_work_session(exchange->server, slot, error) != SEINE_OK)
        return seine_work_failed(error, false, NULL, NULL);
    set_deadline(slot, seine_clock_monotonic_us() + (int64_t)exchange->server->options.timeout_s * 1000000);
    answer = make(exchange, view, slot, key, has_key, error);
    set_deadline(slot, 0);
    return answer;
}

/* A file of the view may have gone since: snapshots were expired. Then the present state answers; of the past, that it
 * is forgotten. */
static void try_again(seine_exchange *exchange, const seine_view **view, seine_worker_slot *slot, seine_answer **answer,
                      seine_error *error) {
    const seine_view *newer = NULL;
    seine_error why = {SEINE_OK, ""};
    if (error->status != SEINE_E_IO || *view == NULL) return;
    const seine_status status = find_view(exchange, &newer, &why);
    const bool is_other = (status == SEINE_OK && newer != *view) || status == SEINE_E_NOT_FOUND;
    seine_view_release(*view);
    *view = newer;
    if (!is_other) return;
    seine_answer_release(*answer);
    *error = why;
    *answer = newer != NULL ? answer_with(exchange, newer, slot, error) : without_view(exchange, error);
}

void seine_work_run(seine_server *server, size_t worker, seine_exchange *exchange) {
    seine_worker_slot *slot = &server->slots[worker];
    seine_error error = {SEINE_OK, ""};
    const seine_view *view = NULL;
    const seine_status status = find_view(exchange, &view, &error);
    seine_answer *answer =
        status == SEINE_OK ? answer_with(exchange, view, slot, &error) : without_view(exchange, &error);
    try_again(exchange, &view, slot, &answer, &error);
    seine_view_release(view);
    if (error.status != SEINE_OK) complain(exchange, &error);
    exchange->answer = answer;
}
