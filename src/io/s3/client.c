/*
 * The operations of a store in requests of S3.
 *
 *     put      PUT, If-None-Match: * where it must be new. No clear answer, or "there already"?
 *              ─▶ HEAD: is it this put's?
 *              a file of more than a part that breaks off, or is too large for a PUT ─▶ an upload of the same id
 *     upload   POST ?uploads ─▶ PUT ?partNumber … ─▶ POST ?uploadId; given up by DELETE ?uploadId
 *     get      GET with a range; cut off, it goes on behind what came, if the object is still the same
 */
#include "io/s3/client.h"

#include "base/hash.h"
#include "base/try.h"
#include "base/url.h"
#include "io/clock.h"
#include "io/s3/exchange.h"
#include "io/s3/listing.h"
#include "io/s3/sign.h"
#include "io/s3/xml.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECKED_MAX SEINE_STORE_PART_BYTES /* objects up to this size are proved before they are handed on */
#define WHOLE_MAX ((uint64_t)1 << 30)      /* most of a file that is put at once; servers take at most 5 GiB */

static seine_s3_bucket *of(seine_store *store) { return (seine_s3_bucket *)(void *)store; }

static bool is_fine(const seine_s3_answer *answer) {
    return answer->response.code >= 200 && answer->response.code < 300;
}

/* ---- looking ---------------------------------------------------------------------------------------------------- */

static bool is_confirmed(seine_s3_bucket *bucket) {
    (void)pthread_mutex_lock(&bucket->mutex);
    const bool confirmed = bucket->is_confirmed;
    (void)pthread_mutex_unlock(&bucket->mutex);
    return confirmed;
}

/* Asks the bucket itself whether it is there and answers. *is_renewed: by credentials taken anew. */
static seine_status look_at_bucket(seine_s3_bucket *bucket, bool *is_renewed, seine_error *error) {
    seine_s3_answer answer = {0};
    const seine_s3_request request = {.method = "GET", .query = "list-type=2&max-keys=1"};
    seine_status status = seine_s3_run(bucket, &request, &answer, error);
    if (status == SEINE_OK && !is_fine(&answer)) status = seine_s3_refused(bucket, "list", NULL, &answer, error);
    *is_renewed = answer.is_renewed;
    seine_s3_answer_free(&answer);
    return status;
}

/* Whether what answers as if it had an object is a web site: stores tell a tag of each. */
static seine_status check_object(seine_s3_bucket *bucket, const char *key, const seine_s3_answer *answer,
                                 seine_error *error) {
    const bool is_site = answer->response.is_page && answer->response.etag[0] == '\0';
    return is_site ? seine_s3_refused(bucket, "look at", key, answer, error) : SEINE_OK;
}

/*
 * An answer to HEAD has no body that tells why. A bucket that is not there looks like a missing object, and credentials
 * that are over like missing rights: so the bucket is asked, too.
 */
static seine_status head(seine_s3_bucket *bucket, const char *key, seine_s3_answer *answer, seine_error *error) {
    const seine_s3_request request = {.method = "HEAD", .key = key};
    bool is_renewed = false;
    SEINE_TRY(seine_s3_run(bucket, &request, answer, error));
    if (!is_fine(answer) && (answer->response.code != 404 || !is_confirmed(bucket))) {
        SEINE_TRY(look_at_bucket(bucket, &is_renewed, error));
        if (is_renewed) SEINE_TRY(seine_s3_run(bucket, &request, answer, error));
    }
    return is_fine(answer) ? check_object(bucket, key, answer, error)
                           : seine_s3_refused(bucket, "look at", key, answer, error);
}

static seine_status look(seine_store *store, const char *key, seine_object *object, seine_error *error) {
    seine_s3_answer answer = {0};
    seine_status status = head(of(store), key, &answer, error);
    if (status == SEINE_OK && answer.response.length < 0)
        status = seine_fail(error, SEINE_E_IO, "%s/%s: the store does not tell its size", store->name, key);
    if (status == SEINE_OK) {
        *object = (seine_object){.size = (uint64_t)answer.response.length, .modified_us = answer.response.modified_us};
        (void)snprintf(object->etag, sizeof object->etag, "%s", answer.response.etag);
        (void)snprintf(object->sum, sizeof object->sum, "%s", answer.told[0] != '\0' ? answer.told : answer.sum);
    }
    seine_s3_answer_free(&answer);
    return status;
}

/* ---- getting ---------------------------------------------------------------------------------------------------- */

/* A range that is being read, over several attempts. */
typedef struct getting {
    seine_s3_bucket *bucket;
    const char *key;
    seine_s3_answer answer;
    uint64_t from, size; /* wanted; ALL and TAIL until the first answer tells */
    uint64_t received;
    uint64_t skipped; /* bytes of this answer that come before those that are wanted */
    bool has_begun;   /* from, size and version are known */
    bool is_checked;  /* a whole object, gathered in `whole` and proved before it goes on */
    bool is_longer;   /* this answer goes on behind the bytes that are wanted */
    bool is_wrong;    /* an answer that is not what was asked for: another attempt may mend that */
    seine_buf whole;
    seine_object_version *version; /* which has to come, or came */
    seine_bytes_fn take;
    void *context;
} getting;

static seine_status wrong_answer(getting *g, const char *what, seine_error *error) {
    g->is_wrong = true;
    return seine_fail(error, SEINE_E_IO, "%s/%s: %s", g->bucket->store.name, g->key, what);
}

/* Where the bytes of this answer are in the object, and how many. @return false when it does not tell. */
static bool range_of(const seine_http_response *response, uint64_t *first, uint64_t *total) {
    if (response->length < 0) return false;
    *first = 0;
    *total = (uint64_t)response->length;
    if (response->code == 200) return true;
    if (response->range_first < 0 || response->range_total < 0) return false;
    *first = (uint64_t)response->range_first;
    *total = (uint64_t)response->range_total;
    return true;
}

static seine_status changed(const getting *g, seine_error *error) {
    return seine_fail(error, SEINE_E_FORMAT, "%s/%s: was changed while it was read", g->bucket->store.name, g->key);
}

/* Whether an answer is of the same object as the one before it. */
static seine_status check_same(const getting *g, const seine_http_response *response, uint64_t total,
                               seine_error *error) {
    const seine_object_version *version = g->version;
    const bool has_tags = version->etag[0] != '\0' && response->etag[0] != '\0';
    if (total != version->size || (has_tags && strcmp(version->etag, response->etag) != 0)) return changed(g, error);
    return SEINE_OK;
}

/* Where @p left wanted bytes from @p at on are in an answer: it is of them, or of the whole object (200). */
static seine_status place_bytes(getting *g, const seine_http_response *response, uint64_t first, uint64_t at,
                                uint64_t left, seine_error *error) {
    const bool is_whole = response->code == 200; /* a server may pass over ranges */
    if (!is_whole && (first != at || (uint64_t)response->length != left))
        return wrong_answer(g, "other bytes come than were asked for", error);
    g->skipped = is_whole ? at : 0;
    g->is_longer = is_whole && (uint64_t)response->length - at > left;
    return SEINE_OK;
}

static seine_status begin_get(void *context, const seine_http_response *response, seine_error *error) {
    getting *g = context;
    uint64_t first = 0, total = 0;
    if (response->is_page && response->etag[0] == '\0')
        return seine_s3_refused(g->bucket, "read", g->key, &g->answer, error);
    if (!range_of(response, &first, &total)) return wrong_answer(g, "the store does not tell which bytes come", error);
    uint64_t from = g->from, size = g->size;
    if (from == SEINE_STORE_TAIL) {
        size = size < total ? size : total;
        from = total - size;
    } else if (size == SEINE_STORE_ALL) {
        size = total - from;
    }
    if (from > total || size > total - from)
        return seine_fail(error, SEINE_E_FORMAT, "%s/%s: it ends before the bytes that are wanted",
                          g->bucket->store.name, g->key);
    SEINE_TRY(place_bytes(g, response, first, from + g->received, size - g->received, error));
    if (g->has_begun || g->version->etag[0] != '\0') SEINE_TRY(check_same(g, response, total, error));
    if (g->has_begun) return SEINE_OK;
    g->from = from;
    g->size = size;
    g->is_checked = from == 0 && size == total && total <= CHECKED_MAX;
    g->version->size = total;
    if (response->etag[0] != '\0') (void)snprintf(g->version->etag, sizeof g->version->etag, "%s", response->etag);
    g->has_begun = true;
    return SEINE_OK;
}

static seine_status take_get(void *context, const void *bytes, size_t size, seine_error *error) {
    getting *g = context;
    const uint64_t left = g->size - g->received;
    const size_t skipped = g->skipped < size ? (size_t)g->skipped : size;
    g->skipped -= skipped;
    bytes = (const char *)bytes + skipped;
    size -= skipped;
    if (size > left && !g->is_longer) return wrong_answer(g, "more bytes come than were asked for", error);
    if (size > left) size = (size_t)left;
    if (size == 0) return SEINE_OK;
    if (g->is_checked) {
        if (seine_buf_append(&g->whole, bytes, size) != SEINE_OK) return seine_no_memory(error, g->bucket->store.name);
    } else {
        SEINE_TRY(g->take(g->context, bytes, size, error));
    }
    g->received += size;
    return g->is_longer && g->received == g->size ? SEINE_E_FULL : SEINE_OK; /* what follows is not waited for */
}

static seine_status try_get(getting *g, seine_error *error) {
    char range[80], match[240];
    seine_s3_request request = {.method = "GET", .key = g->key, .begin = begin_get, .take = take_get, .context = g};
    const uint64_t from = g->from + g->received, size = g->size - g->received;
    if (g->from == SEINE_STORE_TAIL)
        (void)snprintf(range, sizeof range, "range: bytes=-%" PRIu64, g->size);
    else if (g->size == SEINE_STORE_ALL)
        (void)snprintf(range, sizeof range, "range: bytes=%" PRIu64 "-", from);
    else
        (void)snprintf(range, sizeof range, "range: bytes=%" PRIu64 "-%" PRIu64, from, from + size - 1);
    const bool is_whole = g->from == 0 && g->received == 0 && g->size == SEINE_STORE_ALL;
    size_t count = 0;
    if (g->version->etag[0] != '\0') {
        (void)snprintf(match, sizeof match, "if-match: %s", g->version->etag);
        request.headers[count++] = match;
    }
    if (!is_whole) request.headers[count++] = range;
    g->is_wrong = false;
    const seine_status status = seine_s3_try(g->bucket, &request, &g->answer, error);
    if (g->is_wrong) g->answer.response.may_retry = true;
    return status;
}

/* The bytes of a whole object against the checksum that its put has left. */
static seine_status prove(getting *g, seine_error *error) {
    char sum[33];
    if (!g->is_checked) return SEINE_OK;
    seine_hash128_hex(seine_hash128_of(g->whole.data, g->whole.size), sum);
    if (g->answer.sum[0] == '\0' || strcmp(sum, g->answer.sum) == 0) return SEINE_OK;
    g->received = 0;
    seine_buf_clear(&g->whole);
    g->answer.response.may_retry = true;
    return wrong_answer(g, "other bytes came than were put (checksum)", error);
}

/* One attempt up to the last byte. *status OK and an answer of 2xx: all came. */
static seine_status attempt_get(getting *g, seine_error *error) {
    seine_status status = try_get(g, error);
    const bool has_all = g->has_begun && g->received == g->size && !g->is_wrong;
    if (has_all && (status == SEINE_E_IO || status == SEINE_E_FULL)) status = SEINE_OK; /* cut off behind them */
    if (status != SEINE_OK || !is_fine(&g->answer)) return status;
    if (!g->has_begun) return begin_get(g, &g->answer.response, error); /* an empty body */
    if (g->received < g->size) {
        g->answer.response.may_retry = true;
        return wrong_answer(g, "the answer was cut off", error);
    }
    return prove(g, error);
}

static seine_status refuse_get(getting *g, seine_error *error) {
    const int code = g->answer.response.code;
    seine_object object = {0};
    if (code == 412) return changed(g, error);
    if (code != 416) return seine_s3_refused(g->bucket, "read", g->key, &g->answer, error);
    SEINE_TRY(look(&g->bucket->store, g->key, &object, error)); /* an empty object has no last bytes */
    g->version->size = object.size;
    if (object.size == 0 && (g->from == SEINE_STORE_TAIL || (g->from == 0 && g->size == SEINE_STORE_ALL)))
        return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT, "%s/%s: it ends before the bytes that are wanted", g->bucket->store.name,
                      g->key);
}

static seine_status get(seine_store *store, const char *key, uint64_t from, uint64_t size,
                        seine_object_version *version, seine_bytes_fn take, void *context, seine_error *error) {
    getting g = {.bucket = of(store),
                 .key = key,
                 .from = from,
                 .size = size,
                 .version = version,
                 .take = take,
                 .context = context};
    seine_s3_patience patience = {0};
    seine_status status;
    if (size == 0) return SEINE_OK; /* no range can say that */
    seine_buf_init(&g.whole, CHECKED_MAX);
    do status = attempt_get(&g, error);
    while (seine_s3_again(g.bucket, &patience, &g.answer, &status, error));
    if (status == SEINE_OK && !is_fine(&g.answer))
        status = refuse_get(&g, error);
    else if (status == SEINE_OK && g.whole.size > 0)
        status = take(context, g.whole.data, g.whole.size, error);
    seine_buf_free(&g.whole);
    seine_s3_answer_free(&g.answer);
    return status;
}

/* ---- putting ---------------------------------------------------------------------------------------------------- */

typedef struct put_id {
    char text[37];
    char header[64], sum[100];
} put_id;

static seine_status make_id(put_id *id, seine_error *error) {
    SEINE_TRY(seine_uuid4(id->text, error));
    (void)snprintf(id->header, sizeof id->header, "x-amz-meta-seine-put: %s", id->text);
    return SEINE_OK;
}

/* Whether what lies under the key is of this put: the server may have taken it without being able to say so. @return
 * OK: *is_ours tells; else nobody does. */
static seine_status ask_whose(seine_s3_bucket *bucket, const char *key, const char *id, bool *is_ours,
                              seine_error *error) {
    seine_s3_answer answer = {0};
    const seine_status status = head(bucket, key, &answer, error);
    *is_ours = status == SEINE_OK && strcmp(answer.put_id, id) == 0;
    seine_s3_answer_free(&answer);
    return status == SEINE_E_NOT_FOUND ? SEINE_OK : status;
}

/* Whether an answer leaves open what has become of the put: none came, the server failed, or it refuses what its own
 * first attempt may have done. */
static bool is_open(seine_status status, const seine_s3_answer *answer) {
    const int code = answer->response.code;
    return status != SEINE_OK || code < 300 || code >= 500 || code == 412 || code == 409 || code == 404;
}

/* No answer of the store came. */
static bool is_unanswered(seine_status status) { return status == SEINE_E_IO || status == SEINE_E_AWAY; }

/* How a put or the end of an upload went. */
static seine_status settle(seine_s3_bucket *bucket, const char *key, const char *id, seine_file_mode mode,
                           seine_status status, const seine_s3_answer *answer, seine_error *error) {
    const int code = answer->response.code;
    const bool says_error = seine_s3_code(answer).size > 0; /* of an end of an upload, also under 200 */
    seine_error why = {0};
    bool is_ours = false;
    if (status == SEINE_OK && is_fine(answer) && !says_error) return check_object(bucket, key, answer, error);
    if (status != SEINE_OK && !is_unanswered(status)) return status;
    const seine_status asked = ask_whose(bucket, key, id, &is_ours, &why);
    if (asked == SEINE_OK && is_ours) return SEINE_OK;
    if (asked != SEINE_OK && is_open(status, answer))
        return seine_fail(
            error, asked == SEINE_E_INTERRUPTED || is_unanswered(asked) ? asked : SEINE_E_IO,
            "%s/%s: it is not known whether it was written: the store gave no clear answer, and none when "
            "it was asked for it (%s): try again when it answers",
            bucket->store.name, key, why.text);
    if (status != SEINE_OK) return status;
    if (mode == SEINE_FILE_NEW && code == 412)
        return seine_fail(error, SEINE_E_EXISTS, "%s/%s is there already", bucket->store.name, key);
    return seine_s3_refused(bucket, "write", key, answer, error);
}

static seine_status put_bytes(seine_s3_bucket *bucket, const char *key, const void *bytes, size_t size,
                              seine_file_mode mode, seine_error *error) {
    seine_s3_answer answer = {0};
    put_id id;
    char sum[33];
    SEINE_TRY(make_id(&id, error));
    seine_hash128_hex(seine_hash128_of(bytes, size), sum);
    (void)snprintf(id.sum, sizeof id.sum, "x-amz-meta-seine-xxh3: %s", sum);
    const seine_s3_request request = {.method = "PUT",
                                      .key = key,
                                      .headers = {"content-type: application/octet-stream", id.header, id.sum,
                                                  mode == SEINE_FILE_NEW ? "if-none-match: *" : NULL},
                                      .send = seine_body_of(bytes, size)};
    seine_status status = seine_s3_run(bucket, &request, &answer, error);
    status = settle(bucket, key, id.text, mode, status, &answer, error);
    seine_s3_answer_free(&answer);
    return status;
}

/* ---- uploads ---------------------------------------------------------------------------------------------------- */

typedef struct part_upload {
    seine_upload base;
    seine_arena arena;
    const char *key;
    const char *id;  /* encoded, as a query has it */
    put_id put;      /* its sum: of the whole, as it is told; "" = it is not */
    seine_buf parts; /* XML of those that were sent */
    int count;
} part_upload;

static void free_upload(part_upload *u) {
    seine_buf_free(&u->parts);
    seine_arena_free(&u->arena);
    free(u);
}

/* Asks for an upload; its id is in the answer. */
static seine_status begin_upload(part_upload *u, seine_error *error) {
    seine_s3_bucket *bucket = of(u->base.store);
    seine_s3_answer answer = {0};
    seine_s3_request request = {.method = "POST",
                                .key = u->key,
                                .query = "uploads=",
                                .headers = {"content-type: application/octet-stream", u->put.header}};
    size_t count = 2;
    if (u->put.sum[0] != '\0') request.headers[count++] = u->put.sum;
    if (bucket->is_guarded) request.headers[count++] = "x-amz-checksum-algorithm: CRC32";
    seine_status status = seine_s3_run(bucket, &request, &answer, error);
    if (status == SEINE_OK && !is_fine(&answer)) status = seine_s3_refused(bucket, "write", u->key, &answer, error);
    if (status == SEINE_OK) {
        const seine_str id =
            answer.body.size > 0 ? seine_xml_find(seine_buf_str(&answer.body), "UploadId") : (seine_str){NULL, 0};
        const char *text = seine_xml_text(id, &u->arena);
        u->id = text != NULL ? seine_url_encode(&u->arena, text, false) : NULL;
        if (u->id == NULL) status = seine_no_memory(error, bucket->store.name);
        if (status == SEINE_OK && id.size == 0) status = seine_s3_refused(bucket, "write", u->key, &answer, error);
    }
    seine_s3_answer_free(&answer);
    return status;
}

/* Of a put that has an id. */
static seine_status open_upload(seine_store *store, const char *key, const put_id *id, seine_upload **upload,
                                seine_error *error) {
    *upload = NULL;
    part_upload *u = calloc(1, sizeof *u);
    if (u == NULL) return seine_no_memory(error, store->name);
    u->base.store = store;
    u->put = *id;
    seine_buf_init(&u->parts, (size_t)4 << 20);
    u->key = seine_arena_copy(&u->arena, key, strlen(key));
    const seine_status status = u->key != NULL ? begin_upload(u, error) : seine_no_memory(error, store->name);
    if (status == SEINE_OK)
        *upload = &u->base;
    else
        free_upload(u);
    return status;
}

static void tell_sum(put_id *id, const char *sum) {
    id->sum[0] = '\0';
    if (*sum != '\0') (void)snprintf(id->sum, sizeof id->sum, "x-amz-meta-seine-sum: %s", sum);
}

static seine_status upload_begin(seine_store *store, const char *key, const char *sum, seine_upload **upload,
                                 seine_error *error) {
    put_id id;
    *upload = NULL;
    tell_sum(&id, sum);
    SEINE_TRY(make_id(&id, error));
    return open_upload(store, key, &id, upload, error);
}

static seine_status send_part(seine_upload *upload, const seine_body *body, seine_error *error) {
    part_upload *u = (part_upload *)(void *)upload;
    seine_s3_bucket *bucket = of(upload->store);
    seine_s3_answer answer = {0};
    const char *query = seine_arena_printf(&u->arena, "partNumber=%d&uploadId=%s", ++u->count, u->id);
    if (query == NULL) return seine_no_memory(error, bucket->store.name);
    const seine_s3_request request = {.method = "PUT",
                                      .key = u->key,
                                      .query = query,
                                      .headers = {"content-type: application/octet-stream"},
                                      .send = *body};
    seine_status status = seine_s3_run(bucket, &request, &answer, error);
    if (status == SEINE_OK && (!is_fine(&answer) || answer.response.etag[0] == '\0'))
        status = seine_s3_refused(bucket, "write", u->key, &answer, error);
    const char *const crc32[2] = {answer.crc32[0] != '\0' ? "<ChecksumCRC32>" : "",
                                  answer.crc32[0] != '\0' ? "</ChecksumCRC32>" : ""};
    if (status == SEINE_OK &&
        seine_buf_printf(&u->parts, "<Part>%s%s%s<ETag>%s</ETag><PartNumber>%d</PartNumber></Part>", crc32[0],
                         answer.crc32, crc32[1], answer.response.etag, u->count) != SEINE_OK)
        status = seine_no_memory(error, bucket->store.name);
    seine_s3_answer_free(&answer);
    return status;
}

static seine_status upload_part(seine_upload *upload, const void *bytes, size_t size, seine_error *error) {
    const seine_body body = seine_body_of(bytes, size);
    return send_part(upload, &body, error);
}

static void give_up(part_upload *u) {
    seine_s3_answer answer = {0};
    const char *query = seine_arena_printf(&u->arena, "uploadId=%s", u->id);
    const seine_s3_request request = {.method = "DELETE", .key = u->key, .query = query};
    /* What stays is found by `seine table orphans`. */
    if (query != NULL) seine_best_effort(seine_s3_run(of(u->base.store), &request, &answer, NULL));
    seine_s3_answer_free(&answer);
}

static void upload_abort(seine_upload *upload) {
    part_upload *u = (part_upload *)(void *)upload;
    give_up(u);
    free_upload(u);
}

static seine_status upload_end(seine_upload *upload, seine_file_mode mode, seine_error *error) {
    part_upload *u = (part_upload *)(void *)upload;
    seine_s3_bucket *bucket = of(upload->store);
    seine_s3_answer answer = {0};
    const char *query = seine_arena_printf(&u->arena, "uploadId=%s", u->id);
    const char *list = query != NULL
                           ? seine_arena_printf(&u->arena, "<CompleteMultipartUpload>%.*s</CompleteMultipartUpload>",
                                                (int)u->parts.size, (const char *)u->parts.data)
                           : NULL;
    seine_status status = list != NULL ? SEINE_OK : seine_no_memory(error, bucket->store.name);
    if (status == SEINE_OK) {
        const seine_s3_request request = {
            .method = "POST",
            .key = u->key,
            .query = query,
            .headers = {"content-type: application/xml", mode == SEINE_FILE_NEW ? "if-none-match: *" : NULL},
            .send = seine_body_of(list, strlen(list))};
        status = seine_s3_run(bucket, &request, &answer, error);
        status = settle(bucket, u->key, u->put.text, mode, status, &answer, error);
    }
    if (status != SEINE_OK) give_up(u);
    seine_s3_answer_free(&answer);
    free_upload(u);
    return status;
}

static seine_status upload_remove(seine_store *store, const char *key, const char *upload, seine_error *error) {
    seine_s3_answer answer = {0};
    seine_arena arena = {0};
    const char *id = seine_url_encode(&arena, upload, false);
    const char *query = id != NULL ? seine_arena_printf(&arena, "uploadId=%s", id) : NULL;
    const seine_s3_request request = {.method = "DELETE", .key = key, .query = query};
    seine_status status =
        query != NULL ? seine_s3_run(of(store), &request, &answer, error) : seine_no_memory(error, store->name);
    if (status == SEINE_OK && !is_fine(&answer) && answer.response.code != 404)
        status = seine_s3_refused(of(store), "remove", key, &answer, error);
    seine_s3_answer_free(&answer);
    seine_arena_free(&arena);
    return status;
}

/* ---- putting files ---------------------------------------------------------------------------------------------- */

static seine_status put_in_parts(seine_store *store, const char *key, const seine_body *body, const put_id *id,
                                 seine_file_mode mode, seine_error *error) {
    seine_upload *upload = NULL;
    seine_status status = SEINE_OK;
    if (body->size > (uint64_t)SEINE_STORE_PART_BYTES * SEINE_STORE_PARTS_MAX)
        return seine_fail(error, SEINE_E_LIMIT, "%s/%s: larger than %d parts of %zu bytes", store->name, key,
                          SEINE_STORE_PARTS_MAX, SEINE_STORE_PART_BYTES);
    SEINE_TRY(open_upload(store, key, id, &upload, error));
    for (uint64_t at = 0; at < body->size && status == SEINE_OK; at += SEINE_STORE_PART_BYTES) {
        const uint64_t left = body->size - at;
        const seine_body part = {.size = left < SEINE_STORE_PART_BYTES ? left : SEINE_STORE_PART_BYTES,
                                 .file = body->file,
                                 .from = body->from + at};
        status = send_part(upload, &part, error);
    }
    if (status == SEINE_OK) return upload_end(upload, mode, error);
    upload_abort(upload);
    return status;
}

/* Whether a put of a whole file may go well in parts: it broke off, the server could not take it just then, or takes
 * none of this size. */
static bool is_for_parts(seine_status status, const seine_s3_answer *answer) {
    if (status != SEINE_OK) return status == SEINE_E_IO && answer->response.may_retry;
    return seine_s3_is_passing(answer) || answer->response.code == 413 ||
           seine_str_equal(seine_s3_code(answer), SEINE_STR("EntityTooLarge"));
}

/* At once, which needs no memory and, where its sum is known, no reading before: but once only, because of what breaks
 * off all has to be sent again. The parts bear the same id, so what came of it after all is known as this put's. */
static seine_status put_file(seine_store *store, const char *key, const seine_body *body, seine_file_mode mode,
                             seine_error *error) {
    seine_s3_bucket *bucket = of(store);
    seine_s3_answer answer = {0};
    put_id id;
    tell_sum(&id, body->sha256 != NULL ? body->sha256 : "");
    SEINE_TRY(make_id(&id, error));
    if (body->size > WHOLE_MAX) return put_in_parts(store, key, body, &id, mode, error);
    seine_s3_request request = {
        .method = "PUT", .key = key, .headers = {"content-type: application/octet-stream", id.header}, .send = *body};
    size_t count = 2;
    if (id.sum[0] != '\0') request.headers[count++] = id.sum;
    if (mode == SEINE_FILE_NEW) request.headers[count++] = "if-none-match: *";
    seine_status status = seine_s3_try(bucket, &request, &answer, error);
    const bool goes_on = is_for_parts(status, &answer);
    if (!goes_on) status = settle(bucket, key, id.text, mode, status, &answer, error);
    seine_s3_answer_free(&answer);
    return goes_on ? put_in_parts(store, key, body, &id, mode, error) : status;
}

/* Small ones as what is in memory: with the checksum that proves them when they are read. */
static seine_status put(seine_store *store, const char *key, const seine_body *body, seine_file_mode mode,
                        seine_error *error) {
    const size_t size = (size_t)body->size;
    if (body->bytes != NULL) return put_bytes(of(store), key, body->bytes, size, mode, error);
    if (body->size > CHECKED_MAX) return put_file(store, key, body, mode, error);
    uint8_t *bytes = malloc(size + 1);
    if (bytes == NULL) return seine_no_memory(error, store->name);
    seine_status status = seine_body_read(body, 0, bytes, size, store->name, error);
    if (status == SEINE_OK) status = put_bytes(of(store), key, bytes, size, mode, error);
    free(bytes);
    return status;
}

/* ---- removing --------------------------------------------------------------------------------------------------- */

static seine_status remove_one(seine_s3_bucket *bucket, const char *key, seine_error *error) {
    seine_s3_answer answer = {0};
    const seine_s3_request request = {.method = "DELETE", .key = key};
    seine_status status = seine_s3_run(bucket, &request, &answer, error);
    if (status == SEINE_OK && !is_fine(&answer)) status = seine_s3_refused(bucket, "remove", key, &answer, error);
    seine_s3_answer_free(&answer);
    return status == SEINE_E_NOT_FOUND ? SEINE_OK : status;
}

/* The document of a request that removes many. */
static seine_status name_keys(const char *const *keys, size_t count, seine_buf *out) {
    seine_status status = seine_buf_append_str(out, "<Delete><Quiet>true</Quiet>");
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        status = seine_buf_append_str(out, "<Object><Key>");
        for (const char *c = keys[i]; *c != '\0' && status == SEINE_OK; c++) {
            const bool is_plain = (unsigned char)*c >= 0x20 && strchr("&<>\"'", *c) == NULL;
            status = is_plain ? seine_buf_append(out, c, 1) : seine_buf_printf(out, "&#%d;", (unsigned char)*c);
        }
        if (status == SEINE_OK) status = seine_buf_append_str(out, "</Key></Object>");
    }
    return status == SEINE_OK ? seine_buf_append_str(out, "</Delete>") : status;
}

/* What an answer under 200 says of keys that were not removed. */
typedef struct left_keys {
    seine_str key, code; /* of the first one that will stay, else of the first one */
    size_t count, passing;
} left_keys;

/* @return false: it is no whole document. */
static bool read_left(seine_str document, left_keys *left) {
    seine_xml xml = {.text = document};
    seine_xml_element element;
    seine_str key = {NULL, 0}, code = {NULL, 0};
    for (;;) {
        if (seine_xml_next(&xml, &element) != SEINE_OK) return false;
        if (element.name.size == 0) return true;
        if (seine_str_equal(element.name, SEINE_STR("Key"))) key = element.text;
        if (seine_str_equal(element.name, SEINE_STR("Code"))) code = element.text;
        if (!seine_str_equal(element.name, SEINE_STR("Error"))) continue;
        const bool is_gone =
            seine_str_equal(code, SEINE_STR("NoSuchKey")) || seine_str_equal(code, SEINE_STR("NoSuchVersion"));
        const bool passes = seine_s3_code_passes(code);
        if (!is_gone && (left->count == 0 || (!passes && left->count == left->passing)))
            left->key = key, left->code = code;
        left->count += !is_gone;
        left->passing += !is_gone && passes;
        key = code = (seine_str){NULL, 0};
    }
}

/* Each key counts; those that are not there are fine. Those that may go another time are tried again. */
static seine_status check_removed(seine_s3_bucket *bucket, seine_s3_answer *answer, seine_error *error) {
    left_keys left = {0};
    seine_arena arena = {0};
    char others[40] = "";
    if (answer->body.size == 0) return SEINE_OK;
    if (!read_left(seine_buf_str(&answer->body), &left))
        return seine_s3_refused(bucket, "remove objects of", NULL, answer, error);
    if (left.count == 0) return SEINE_OK;
    answer->response.may_retry = left.passing == left.count;
    const char *key = seine_xml_text(left.key, &arena);
    if (left.code.size == 0) left.code = SEINE_STR("no reason is told");
    if (left.count > 1) (void)snprintf(others, sizeof others, ", nor %zu others", left.count - 1);
    const seine_status status = seine_fail(error, SEINE_E_IO, "%s/%s: cannot remove it: %.*s%s", bucket->store.name,
                                           key != NULL ? key : "", SEINE_STR_ARG(left.code), others);
    seine_arena_free(&arena);
    return status;
}

static seine_status attempt_remove(seine_s3_bucket *bucket, const seine_s3_request *request, seine_s3_answer *answer,
                                   seine_error *error) {
    SEINE_TRY(seine_s3_try(bucket, request, answer, error));
    return is_fine(answer) ? check_removed(bucket, answer, error) : SEINE_OK;
}

static seine_status remove_keys(seine_store *store, const char *const *keys, size_t count, seine_error *error) {
    seine_s3_bucket *bucket = of(store);
    if (count == 0) return SEINE_OK;
    if (count == 1) return remove_one(bucket, keys[0], error);
    seine_s3_answer answer = {0};
    seine_buf document;
    char md5[25], header[64];
    seine_s3_patience patience = {0};
    seine_buf_init(&document, (size_t)16 << 20);
    seine_status status =
        name_keys(keys, count, &document) == SEINE_OK ? SEINE_OK : seine_no_memory(error, bucket->store.name);
    if (status == SEINE_OK) {
        seine_md5_base64(document.data, document.size, md5);
        (void)snprintf(header, sizeof header, "content-md5: %s", md5);
        const seine_s3_request request = {.method = "POST",
                                          .query = "delete=",
                                          .headers = {header, "content-type: application/xml"},
                                          .send = seine_body_of(document.data, document.size)};
        do status = attempt_remove(bucket, &request, &answer, error);
        while (seine_s3_again(bucket, &patience, &answer, &status, error));
    }
    if (status == SEINE_OK && !is_fine(&answer))
        status = seine_s3_refused(bucket, "remove objects of", NULL, &answer, error);
    seine_s3_answer_free(&answer);
    seine_buf_free(&document);
    return status;
}

/* ---- the bucket itself ------------------------------------------------------------------------------------------ */

static seine_status make(seine_store *store, seine_error *error) {
    seine_s3_bucket *bucket = of(store);
    seine_s3_answer answer = {0};
    seine_arena arena = {0};
    bool is_renewed = false;
    const bool is_default = strcmp(bucket->region, "us-east-1") == 0; /* which must not be named */
    const char *place = is_default ? ""
                                   : seine_arena_printf(&arena,
                                                        "<CreateBucketConfiguration><LocationConstraint>%s"
                                                        "</LocationConstraint></CreateBucketConfiguration>",
                                                        bucket->region);
    seine_status status = place != NULL ? SEINE_OK : seine_no_memory(error, bucket->store.name);
    if (status == SEINE_OK) {
        const seine_s3_request request = {
            .method = "PUT", .headers = {"content-type: application/xml"}, .send = seine_body_of(place, strlen(place))};
        status = seine_s3_run(bucket, &request, &answer, error);
    }
    const seine_str code = seine_s3_code(&answer);
    if (status == SEINE_OK && seine_str_equal(code, SEINE_STR("BucketAlreadyExists")))
        status = seine_fail(error, SEINE_E_EXISTS, "%s: somebody else has a bucket of this name: choose another",
                            store->name);
    else if (status == SEINE_OK && !is_fine(&answer) && look_at_bucket(bucket, &is_renewed, NULL) != SEINE_OK)
        status =
            seine_s3_refused(bucket, "make", NULL, &answer, error); /* else it is there: servers say so by any code */
    seine_s3_answer_free(&answer);
    seine_arena_free(&arena);
    return status;
}

static void close_store(seine_store *store) {
    seine_s3_bucket *bucket = of(store);
    for (size_t i = 0; i < bucket->idle_count; i++) seine_http_close(bucket->idle[i]);
    seine_s3_credentials_close(bucket->credentials);
    (void)pthread_mutex_destroy(&bucket->mutex);
    seine_arena_free(&bucket->arena);
    free(bucket);
}

static seine_status list(seine_store *store, const char *prefix, bool recursive, seine_object_fn visit, void *context,
                         seine_error *error) {
    return seine_s3_list(of(store), prefix, recursive, visit, context, error);
}

static seine_status uploads(seine_store *store, const char *prefix, seine_object_fn visit, void *context,
                            seine_error *error) {
    return seine_s3_list_uploads(of(store), prefix, visit, context, error);
}

static const seine_store_ops ops = {.look = look,
                                    .get = get,
                                    .put = put,
                                    .upload_begin = upload_begin,
                                    .upload_part = upload_part,
                                    .upload_end = upload_end,
                                    .upload_abort = upload_abort,
                                    .remove = remove_keys,
                                    .list = list,
                                    .uploads = uploads,
                                    .upload_remove = upload_remove,
                                    .make = make,
                                    .close = close_store};

/* ---- opening ---------------------------------------------------------------------------------------------------- */

/* Small letters, digits, '-' and '.', 3 to 63, which both begins and ends with a letter or digit. */
static bool is_bucket_name(const char *name) {
    const size_t size = strlen(name);
    if (size < 3 || size > 63 || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") != size) return false;
    return strchr(".-", name[0]) == NULL && strchr(".-", name[size - 1]) == NULL && strstr(name, "..") == NULL;
}

static const char *first_set(const char *told, const char *const *variables, const char *profile) {
    if (told != NULL && *told != '\0') return told;
    for (; *variables != NULL; variables++) {
        const char *value = getenv(*variables);
        if (value != NULL && *value != '\0') return value;
    }
    return profile;
}

/* "http://host:port" without what the scheme says anyway, and without a slash at its end. */
static seine_status read_endpoint(seine_s3_bucket *bucket, const char *endpoint, seine_error *error) {
    const char *place = strstr(endpoint, "://");
    if (!seine_http_is_url(endpoint) || place == NULL || strpbrk(place + 3, "@?#") != NULL)
        return seine_fail(error, SEINE_E_USAGE,
                          "the endpoint of %s must be http://HOST[:PORT] or https://HOST[:PORT]; set "
                          "AWS_ENDPOINT_URL_S3 or --s3-endpoint",
                          bucket->store.name);
    const char *host = place + 3;
    size_t size = strcspn(host, "/");
    if (host[size] == '/' && host[size + 1] != '\0')
        return seine_fail(error, SEINE_E_USAGE, "the endpoint of %s must have no path", bucket->store.name);
    const char *own_port = endpoint[4] == 's' || endpoint[4] == 'S' ? ":443" : ":80";
    const size_t port = strlen(own_port);
    if (size > port && memcmp(host + size - port, own_port, port) == 0) size -= port;
    bucket->host = bucket->service = seine_arena_copy(&bucket->arena, host, size);
    bucket->root = seine_arena_printf(&bucket->arena, "%.*s%.*s", (int)(host - endpoint), endpoint, (int)size, host);
    bucket->root_path = seine_arena_printf(&bucket->arena, "/%s", bucket->bucket);
    bucket->endpoint = bucket->root;
    return SEINE_OK;
}

static seine_status find_way(seine_s3_bucket *bucket, const seine_stores_settings *settings, seine_error *error) {
    static const char *const endpoints[] = {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", NULL};
    static const char *const regions[] = {"AWS_REGION", "AWS_DEFAULT_REGION", NULL};
    static const char *const profiles[] = {"AWS_PROFILE", NULL};
    const char *name = first_set(settings->profile, profiles, NULL);
    SEINE_TRY(seine_s3_profile_read(name != NULL ? name : "default", &bucket->arena, &bucket->profile, error));
    if (name != NULL && !bucket->profile.is_there)
        return seine_fail(error, SEINE_E_IO, "there is no profile %s in ~/.aws: set AWS_PROFILE to another", name);
    const char *region = first_set(settings->region, regions, bucket->profile.region);
    const char *endpoint = first_set(settings->endpoint, endpoints, bucket->profile.endpoint);
    bucket->region = seine_arena_printf(&bucket->arena, "%s", region != NULL ? region : "us-east-1");
    if (bucket->region == NULL) return seine_no_memory(error, bucket->store.name);
    if (endpoint != NULL) {
        SEINE_TRY(read_endpoint(bucket, endpoint, error));
    } else {
        /* A certificate of Amazon's holds for one label before its own name. */
        const bool by_host = strchr(bucket->bucket, '.') == NULL;
        const char *service =
            seine_arena_printf(&bucket->arena, "s3.%s.%s", bucket->region, seine_s3_domain(bucket->region));
        bucket->service = service;
        bucket->host =
            by_host && service != NULL ? seine_arena_printf(&bucket->arena, "%s.%s", bucket->bucket, service) : service;
        bucket->root = seine_arena_printf(&bucket->arena, "https://%s", bucket->host != NULL ? bucket->host : "");
        bucket->root_path = by_host ? "" : seine_arena_printf(&bucket->arena, "/%s", bucket->bucket);
        bucket->endpoint = "Amazon S3";
    }
    if (bucket->host == NULL || bucket->root == NULL || bucket->root_path == NULL)
        return seine_no_memory(error, bucket->store.name);
    bucket->is_guarded = strncasecmp(bucket->root, "https:", 6) == 0 || seine_url_is_loopback(bucket->host);
    return SEINE_OK;
}

seine_status seine_s3_open(const char *name, const seine_stores_settings *settings, seine_store **store,
                           seine_error *error) {
    if (!is_bucket_name(name + 5))
        return seine_fail(error, SEINE_E_USAGE,
                          "%s: no name of a bucket: 3 to 63 small letters, digits, points and hyphens", name);
    seine_s3_bucket *bucket = calloc(1, sizeof *bucket);
    if (bucket == NULL) return seine_fail(error, SEINE_E_NOMEM, "%s: out of memory", name);
    (void)pthread_mutex_init(&bucket->mutex, NULL);
    const char *copy = seine_arena_printf(&bucket->arena, "%s", name);
    bucket->store = (seine_store){.ops = &ops, .name = copy != NULL ? copy : name};
    bucket->progress.stop = settings->stop;
    bucket->bucket = bucket->store.name + 5;
    seine_status status = copy != NULL ? find_way(bucket, settings, error) : seine_no_memory(error, bucket->store.name);
    bucket->store.place = bucket->root;
    if (status == SEINE_OK)
        status =
            seine_s3_credentials_open(&bucket->profile, bucket->region, settings->stop, &bucket->credentials, error);
    if (status == SEINE_OK)
        *store = &bucket->store;
    else
        close_store(&bucket->store);
    return status;
}

seine_status seine_s3_place_of(seine_store *store, seine_s3_place *place, seine_error *error) {
    const seine_s3_bucket *bucket = of(store);
    if (store->ops != &ops)
        return seine_fail(error, SEINE_E_UNSUPPORTED, "%s: others read no files of such a store", store->name);
    *place = (seine_s3_place){.region = bucket->region,
                              .endpoint = bucket->service,
                              .is_path_style = bucket->root_path[0] != '\0',
                              .is_https = strncmp(bucket->root, "https:", 6) == 0};
    return SEINE_OK;
}

seine_status seine_s3_access_of(seine_store *store, seine_s3_access *access, seine_error *error) {
    seine_s3_identity identity;
    SEINE_TRY(seine_s3_place_of(store, &access->place, error));
    SEINE_TRY(seine_s3_credentials_get(of(store)->credentials, &identity, error));
    memcpy(access->key, identity.access, sizeof access->key);
    memcpy(access->secret, identity.secret, sizeof access->secret);
    memcpy(access->token, identity.token, sizeof access->token);
    memset(&identity, 0, sizeof identity);
    return SEINE_OK;
}
