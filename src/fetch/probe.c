/* Asking for archives: which of a day's names is there, and patience with servers that say "later". */
#include "fetch/internal.h"

#include "base/try.h"
#include "base/url.h"
#include "io/file.h"
#include "io/patience.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

void seine_fetch_meter_add(seine_fetch_meter *meter, int64_t expected, int64_t loaded) {
    pthread_mutex_lock(&meter->mutex);
    meter->expected += expected;
    meter->loaded += loaded;
    const uint64_t total = meter->expected >= meter->loaded ? (uint64_t)meter->expected : 0; /* a size was not told */
    seine_progress_report(meter->progress, "fetching", (uint64_t)meter->loaded, total);
    pthread_mutex_unlock(&meter->mutex);
}

seine_status seine_fetch_wait(const seine_fetcher *fetcher, int tries, int64_t retry_after_us, seine_error *error) {
    return seine_http_wait(fetcher->options->progress, fetcher->options->backoff_us, tries, retry_after_us, error);
}

seine_status seine_fetch_refused(const char *shown, int code, seine_error *error) {
    const char *step = code == 401 || code == 407
                           ? "; it wants a user and a password: https://USER:PASSWORD@HOST/ in --base-url"
                       : code == 408 || code == 429 ? "; it asks for patience: try again later"
                       : code >= 500                ? "; the fault is the publisher's: try again later"
                                                    : "";
    return seine_fail(error, SEINE_E_IO, "%s: HTTP %d%s", shown, code, step);
}

static seine_status fail_passing(const char *url, int code, seine_error *error) {
    seine_arena arena = {0};
    const char *shown = seine_url_without_secrets(url, &arena);
    const seine_status status = seine_fetch_refused(shown != NULL ? shown : "the publisher", code, error);
    seine_arena_free(&arena);
    return status;
}

/* A server that could not be reached with all tries is not waited for by the days to come. @return whether to give up.
 */
static bool gives_up(const seine_fetcher *fetcher, const seine_http_response *response, int tries) {
    const bool is_last = tries >= fetcher->options->retries;
    if (!response->is_unreachable || fetcher->is_unreachable == NULL) return is_last;
    if (is_last) atomic_store(fetcher->is_unreachable, true);
    return is_last || atomic_load(fetcher->is_unreachable);
}

seine_status seine_fetch_ask(const seine_fetcher *fetcher, const seine_http_request *request,
                             seine_http_response *response, seine_error *error) {
    for (int tries = 0;; tries++) {
        seine_status status = seine_http_run(fetcher->http, request, response, error);
        const bool is_passing = status == SEINE_OK && seine_http_code_is_passing(response->code);
        if (status == SEINE_OK && fetcher->is_unreachable != NULL) atomic_store(fetcher->is_unreachable, false);
        if (status == SEINE_OK && !is_passing) return SEINE_OK;
        if (is_passing) status = fail_passing(request->url, response->code, error);
        if (status != SEINE_E_IO || (!is_passing && !response->may_retry) || gives_up(fetcher, response, tries))
            return status;
        status = seine_fetch_wait(fetcher, tries, response->retry_after_us, error);
        if (status != SEINE_OK) return status == SEINE_E_LIMIT ? SEINE_E_IO : status;
    }
}

static void describe(seine_remote *remote, const seine_http_response *response) {
    remote->size = response->length;
    memcpy(remote->etag, response->etag, sizeof remote->etag);
    memcpy(remote->last_modified, response->last_modified, sizeof remote->last_modified);
}

/* HEAD first; servers that refuse it may still answer a GET, which ends behind its headers. */
static seine_status probe_address(const seine_fetcher *fetcher, seine_remote *remote, bool *found, seine_error *error) {
    seine_http_response response;
    const seine_http_request head = {.url = remote->url, .is_head = true};
    const seine_http_request get = {.url = remote->url, .only_headers = true};
    SEINE_TRY(seine_fetch_ask(fetcher, &head, &response, error));
    if (response.code != 200) SEINE_TRY(seine_fetch_ask(fetcher, &get, &response, error));
    *found = response.code == 200 && !response.is_page && response.length != 0;
    if (*found) describe(remote, &response);
    if (response.code == 200) return SEINE_OK; /* a page, or nothing: what some say instead of 404 */
    if (response.code == 403 || response.code == 404 || response.code == 405 || response.code == 410) return SEINE_OK;
    return seine_fetch_refused(remote->shown, response.code, error);
}

static seine_status probe_file(seine_remote *remote, bool *found, seine_error *error) {
    seine_file_info info;
    const seine_status status = seine_file_stat(remote->url, &info, error);
    *found = status == SEINE_OK && info.kind == SEINE_FILE_PLAIN && info.size > 0;
    if (!*found) return status;
    remote->size = (int64_t)info.size;
    snprintf(remote->last_modified, sizeof remote->last_modified, "%" PRId64 " us", info.modified_us);
    return SEINE_OK;
}

static seine_status name_remote(const seine_mirror *mirror, int32_t day, size_t form, seine_remote *remote,
                                seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    *remote = (seine_remote){.size = -1, .form = form};
    seine_mirror_form(mirror, day, form, remote->name, remote->url);
    const char *shown = seine_url_without_secrets(remote->url, &arena);
    if (shown == NULL) return seine_no_memory(error, remote->name);
    snprintf(remote->shown, sizeof remote->shown, "%s", shown);
    return SEINE_OK;
}

seine_status seine_fetch_probe(const seine_fetcher *fetcher, int32_t day, size_t first, seine_remote *remote,
                               bool *found, seine_error *error) {
    *found = false;
    for (size_t form = first; form < seine_mirror_forms(fetcher->mirror) && !*found; form++) {
        SEINE_TRY(name_remote(fetcher->mirror, day, form, remote, error));
        SEINE_TRY(fetcher->mirror->is_folder ? probe_file(remote, found, error)
                                             : probe_address(fetcher, remote, found, error));
        if (!*found && seine_progress_stopped(fetcher->options->progress))
            return seine_fail(error, SEINE_E_INTERRUPTED, "stopped");
    }
    return SEINE_OK;
}
