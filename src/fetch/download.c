/*
 * Completing a part. Each try asks for the bytes that are missing; a publisher that cannot go on (another version, no
 * ranges) sends all of them and the part begins anew. Tries are counted since the part was last longer than ever.
 */
#include "fetch/internal.h"

#include "base/try.h"
#include "io/file.h"
#include "io/patience.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HEADWAY_BYTES ((uint64_t)1 << 20)
#define COPY_BYTES ((size_t)1 << 20)
#define MAGIC_BYTES 4

typedef struct download {
    const seine_fetcher *fetcher;
    const seine_remote *remote;
    seine_part *part;
    uint64_t kept; /* bytes a former run had and which still count */
    bool is_ours;  /* the failure is of our own disk */
    bool is_final; /* another try would give the same */
    bool is_other; /* what comes is no archive */
} download;

static seine_status ours(download *d, seine_status status) {
    d->is_ours = d->is_ours || status != SEINE_OK;
    return status;
}

static seine_status restart(download *d, const char *etag, const char *last_modified, int64_t total,
                            seine_error *error) {
    seine_fetch_meter_add(d->fetcher->meter, (int64_t)d->part->size, 0);
    d->kept = 0;
    return ours(d, seine_part_restart(d->part, etag, last_modified, total, error));
}

static seine_status check_archive(download *d, seine_error *error) {
    bool is_archive = false;
    SEINE_TRY(ours(d, seine_part_is_archive(d->part, &is_archive, error)));
    if (is_archive) return SEINE_OK;
    d->is_final = d->is_other = true;
    return seine_fail(error, SEINE_E_FORMAT, "%s: neither a zstd, a zip nor a gzip archive", d->part->url);
}

static seine_status check_size(download *d, uint64_t size, seine_error *error) {
    const int64_t most = d->fetcher->options->max_bytes;
    if (most <= 0 || size <= (uint64_t)most) return SEINE_OK;
    d->is_final = true;
    return seine_fail(error, SEINE_E_LIMIT, "%s: longer than the %" PRId64 " bytes of --max-bytes", d->part->url, most);
}

static seine_status append(void *context, const void *bytes, size_t size, seine_error *error) {
    download *d = context;
    seine_part *part = d->part;
    if (part->total >= 0 && part->size + size > (uint64_t)part->total) {
        d->is_final = true;
        return seine_fail(error, SEINE_E_FORMAT, "%s: longer than the %" PRId64 " bytes it should have", part->url,
                          part->total);
    }
    const bool is_begin = part->size < MAGIC_BYTES;
    SEINE_TRY(check_size(d, part->size + size, error));
    SEINE_TRY(ours(d, seine_part_append(part, bytes, size, error)));
    seine_fetch_meter_add(d->fetcher->meter, 0, (int64_t)size);
    return is_begin && part->size >= MAGIC_BYTES ? check_archive(d, error) : SEINE_OK;
}

static bool same_version(const seine_part *part, const char *etag, const char *last_modified) {
    if (etag[0] != '\0' && part->etag[0] != '\0') return strcmp(etag, part->etag) == 0;
    if (last_modified[0] == '\0' || part->last_modified[0] == '\0') return true;
    return strcmp(last_modified, part->last_modified) == 0;
}

/* An answer 206: the bytes that were asked for, or else the next try asks for the whole. */
static seine_status go_on(download *d, const seine_http_response *response, seine_error *error) {
    const seine_part *part = d->part;
    if (response->range_first == (int64_t)part->size && response->range_total == part->total &&
        same_version(part, response->etag, response->last_modified))
        return SEINE_OK;
    SEINE_TRY(restart(d, "", "", -1, error));
    return seine_fail(error, SEINE_E_FORMAT, "%s: sent other bytes than asked for", d->remote->shown);
}

static seine_status begin(void *context, const seine_http_response *response, seine_error *error) {
    download *d = context;
    const seine_remote *remote = d->remote;
    if (response->code == 206) return go_on(d, response, error);
    if (response->is_page) {
        d->is_final = d->is_other = true;
        return seine_fail(error, SEINE_E_FORMAT, "%s: a page, not an archive", remote->shown);
    }
    SEINE_TRY(check_size(d, response->length > 0 ? (uint64_t)response->length : 0, error));
    SEINE_TRY(restart(d, response->etag, response->last_modified, response->length, error));
    const bool is_same = strcmp(response->etag, remote->etag) == 0 &&
                         strcmp(response->last_modified, remote->last_modified) == 0 && seine_part_validator(d->part);
    if (is_same && remote->size >= 0 && response->length >= 0 && remote->size != response->length)
        return seine_fail(error, SEINE_E_FORMAT, "%s: %" PRId64 " bytes, but HEAD said %" PRId64, remote->shown,
                          response->length, remote->size);
    return SEINE_OK;
}

/* ---- one try ---- */

static seine_status try_http(download *d, seine_http_response *response, seine_error *error) {
    seine_part *part = d->part;
    const char *validator = seine_part_validator(part);
    const bool goes_on = validator != NULL && part->total >= 0 && part->size > 0;
    const seine_http_request request = {.url = d->remote->url,
                                        .from = goes_on ? part->size : 0,
                                        .if_range = goes_on ? validator : NULL,
                                        .begin = begin,
                                        .body = append,
                                        .context = d};
    const seine_status status = seine_http_run(d->fetcher->http, &request, response, error);
    d->is_final = d->is_final || (status == SEINE_E_IO && !response->may_retry);
    SEINE_TRY(status);
    if (response->code == 200 || response->code == 206) return SEINE_OK;
    if (response->code == 416)
        SEINE_TRY(restart(d, "", "", -1, error));
    else
        d->is_final = !seine_http_code_is_passing(response->code);
    return seine_fetch_refused(part->url, response->code, error);
}

static seine_status copy_bytes(download *d, int fd, uint8_t *bytes, seine_error *error) {
    for (;;) {
        if (seine_progress_stopped(d->fetcher->options->progress))
            return seine_fail(error, SEINE_E_INTERRUPTED, "stopped");
        const ssize_t got = pread(fd, bytes, COPY_BYTES, (off_t)d->part->size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return seine_fail(error, SEINE_E_IO, "%s: cannot read: %s", d->part->url, strerror(errno));
        if (got == 0) return SEINE_OK;
        SEINE_TRY(append(d, bytes, (size_t)got, error));
    }
}

static seine_status try_file(download *d, seine_error *error) {
    seine_file_info info;
    char changed[64];
    SEINE_TRY(seine_file_stat(d->part->url, &info, error));
    if (info.kind != SEINE_FILE_PLAIN)
        return seine_fail(error, SEINE_E_NOT_FOUND, "%s: no such file any more", d->part->url);
    snprintf(changed, sizeof changed, "%" PRId64 " us", info.modified_us);
    if (d->part->total != (int64_t)info.size || strcmp(changed, d->part->last_modified) != 0)
        SEINE_TRY(restart(d, "", changed, (int64_t)info.size, error));
    uint8_t *bytes SEINE_OWNED(seine_free_owned) = malloc(COPY_BYTES);
    if (bytes == NULL) return seine_no_memory(error, d->part->url);
    const int fd = open(d->part->url, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return seine_fail(error, SEINE_E_IO, "%s: cannot open: %s", d->part->url, strerror(errno));
    const seine_status status = copy_bytes(d, fd, bytes, error);
    close(fd);
    return status;
}

/* Length and, where it is one, MD5 of what came. */
static seine_status check(download *d, char sha256[65], seine_error *error) {
    seine_part *part = d->part;
    char md5[33];
    if (part->total >= 0 && part->size != (uint64_t)part->total)
        return seine_fail(error, SEINE_E_FORMAT, "%s: %" PRIu64 " bytes came of %" PRId64, part->url, part->size,
                          part->total);
    SEINE_TRY(check_archive(d, error));
    seine_part_digests(part, sha256, md5);
    if (md5[0] == '\0' || !d->fetcher->options->check_etag ||
        seine_str_equal_nocase(seine_str_of(md5), (seine_str){part->etag + 1, 32}))
        return SEINE_OK;
    char etag[sizeof part->etag];
    memcpy(etag, part->etag, sizeof etag);
    SEINE_TRY(restart(d, "", "", -1, error));
    return seine_fail(error, SEINE_E_FORMAT, "%s: the MD5 of the bytes is %s, not the ETag %s", part->url, md5, etag);
}

static bool is_for_another_try(const download *d, seine_status status) {
    return !d->is_ours && !d->is_final && (status == SEINE_E_IO || status == SEINE_E_FORMAT);
}

seine_status seine_fetch_download(const seine_fetcher *fetcher, const seine_remote *remote, seine_part *part,
                                  seine_downloaded *result, bool *is_ours, seine_error *error) {
    download d = {.fetcher = fetcher, .remote = remote, .part = part, .kept = part->size};
    uint64_t longest = part->size;
    seine_status status = SEINE_OK;
    seine_fetch_meter_add(fetcher->meter, -(int64_t)part->size, 0);
    for (int tries = 0;; tries++) {
        seine_http_response response = {0};
        d.is_final = false;
        if (seine_part_is_whole(part))
            status = SEINE_OK;
        else
            status = fetcher->mirror->is_folder ? try_file(&d, error) : try_http(&d, &response, error);
        if (status == SEINE_OK) status = check(&d, result->sha256, error);
        if (status == SEINE_OK || !is_for_another_try(&d, status)) break;
        if (part->size >= longest + HEADWAY_BYTES) tries = 0;
        if (part->size > longest) longest = part->size;
        if (tries >= fetcher->options->retries) break;
        const seine_status waited = seine_fetch_wait(fetcher, tries, response.retry_after_us, error);
        if (waited == SEINE_E_LIMIT) break;
        if (waited != SEINE_OK) return waited;
    }
    if (d.is_other || status == SEINE_E_LIMIT) seine_part_remove(part); /* such bytes are of no use */
    result->is_other = d.is_other;
    *is_ours = d.is_ours;
    result->bytes = part->size;
    result->resumed = d.kept;
    return status;
}
