/* One request: path and query ─▶ signed headers ─▶ a connection of the pool ─▶ answer ─▶ enough, or again. */
#include "io/s3/exchange.h"

#include "base/hash.h"
#include "base/try.h"
#include "base/url.h"
#include "io/clock.h"
#include "io/s3/sign.h"
#include "io/s3/xml.h"

#include <stdio.h>
#include <stdlib.h>

#define CONNECT_US (INT64_C(10) * 1000000)
#define HEAD_US (INT64_C(30) * 1000000)
#define IDLE_US (INT64_C(30) * 1000000)
#define PAUSE_US INT64_C(50000) /* longest before the second attempt; twice as long before each further one */
#define PAUSE_MAX_US (INT64_C(10) * 1000000)
#define ANSWER_MAX ((size_t)32 * 1024 * 1024)

/* ---- connections ------------------------------------------------------------------------------------------------ */

static seine_status take_connection(seine_s3_bucket *bucket, seine_http **http, seine_error *error) {
    *http = NULL;
    (void)pthread_mutex_lock(&bucket->mutex);
    if (bucket->idle_count > 0) *http = bucket->idle[--bucket->idle_count];
    (void)pthread_mutex_unlock(&bucket->mutex);
    if (*http != NULL) return SEINE_OK;
    const seine_http_options options = {CONNECT_US, HEAD_US, IDLE_US, &bucket->progress};
    return seine_http_open(&options, http, error);
}

static void give_back(seine_s3_bucket *bucket, seine_http *http) {
    (void)pthread_mutex_lock(&bucket->mutex);
    const bool has_room = bucket->idle_count < sizeof bucket->idle / sizeof *bucket->idle;
    if (has_room) bucket->idle[bucket->idle_count++] = http;
    (void)pthread_mutex_unlock(&bucket->mutex);
    if (!has_room) seine_http_close(http);
}

/* ---- one attempt ------------------------------------------------------------------------------------------------ */

typedef struct exchange {
    const seine_s3_request *request;
    seine_s3_answer *answer;
} exchange;

static void keep_value(seine_str value, char *text, size_t capacity) {
    (void)snprintf(text, capacity, "%.*s", value.size < capacity ? (int)value.size : 0, value.data);
}

static void on_header(void *context, seine_str name, seine_str value) {
    seine_s3_answer *answer = ((exchange *)context)->answer;
    if (seine_str_equal_nocase(name, SEINE_STR("x-amz-meta-seine-put")))
        keep_value(value, answer->put_id, sizeof answer->put_id);
    else if (seine_str_equal_nocase(name, SEINE_STR("x-amz-meta-seine-xxh3")))
        keep_value(value, answer->sum, sizeof answer->sum);
    else if (seine_str_equal_nocase(name, SEINE_STR("x-amz-meta-seine-sum")))
        keep_value(value, answer->told, sizeof answer->told);
    else if (seine_str_equal_nocase(name, SEINE_STR("x-amz-bucket-region")))
        keep_value(value, answer->region, sizeof answer->region);
}

static seine_status on_begin(void *context, const seine_http_response *response, seine_error *error) {
    const exchange *x = context;
    x->answer->response = *response;
    return x->request->begin != NULL ? x->request->begin(x->request->context, response, error) : SEINE_OK;
}

static seine_status on_body(void *context, const void *bytes, size_t size, seine_error *error) {
    const exchange *x = context;
    if (x->request->take != NULL) return x->request->take(x->request->context, bytes, size, error);
    const seine_status status = seine_buf_append(&x->answer->body, bytes, size);
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "an answer of the store is too long");
}

static void on_refusal(void *context, const void *bytes, size_t size) {
    seine_best_effort(seine_buf_append(&((exchange *)context)->answer->body, bytes, size)); /* what explains it */
}

typedef struct body_proof {
    char sha256[2 * SEINE_SHA256_BYTES + 1];
    char header[40]; /* "" = none */
} body_proof;

static seine_status prove(const seine_s3_bucket *bucket, const seine_s3_request *request, const char *url,
                          body_proof *proof, seine_s3_answer *answer, seine_error *error) {
    const bool is_object = request->key != NULL && strcmp(request->method, "PUT") == 0;
    if (!is_object || !bucket->is_guarded) return seine_body_sha256(&request->send, url, proof->sha256, error);
    uint32_t crc = 0;
    SEINE_TRY(seine_body_crc32(&request->send, url, &crc, error));
    const uint8_t bytes[4] = {(uint8_t)(crc >> 24), (uint8_t)(crc >> 16), (uint8_t)(crc >> 8), (uint8_t)crc};
    seine_base64(bytes, sizeof bytes, answer->crc32);
    (void)snprintf(proof->sha256, sizeof proof->sha256, "UNSIGNED-PAYLOAD");
    (void)snprintf(proof->header, sizeof proof->header, "x-amz-checksum-crc32: %s", answer->crc32);
    return SEINE_OK;
}

static const char *const *sign(const seine_s3_bucket *bucket, const seine_s3_request *request,
                               const seine_s3_identity *identity, const char *path, const body_proof *proof,
                               seine_arena *arena) {
    const char *told[SEINE_S3_HEADERS_MAX + 2] = {0};
    memcpy(told, request->headers, sizeof request->headers);
    if (proof->header[0] != '\0') {
        size_t last = 0;
        while (told[last] != NULL) last++;
        told[last] = proof->header;
    }
    const seine_s3_signing signing = {.access = identity->access,
                                      .secret = identity->secret,
                                      .token = identity->token[0] != '\0' ? identity->token : NULL,
                                      .region = bucket->region,
                                      .service = "s3",
                                      .method = request->method,
                                      .host = bucket->host,
                                      .path = path,
                                      .query = request->query != NULL ? request->query : "",
                                      .body_sha256 = proof->sha256,
                                      .now_us = seine_clock_wall_us(),
                                      .headers = told};
    const char *const *signed_ones = seine_s3_sign(&signing, arena);
    size_t count = 0;
    while (signed_ones != NULL && signed_ones[count] != NULL) count++;
    const char **headers = signed_ones != NULL ? SEINE_ARENA_ARRAY(arena, const char *, count + 2) : NULL;
    if (headers == NULL) return NULL;
    memcpy(headers, signed_ones, count * sizeof *headers);
    headers[count] = "Expect:"; /* no round trip before a body */
    return headers;
}

static seine_status send_once(seine_s3_bucket *bucket, const seine_s3_request *request,
                              const seine_s3_identity *identity, seine_arena *arena, seine_s3_answer *answer,
                              seine_error *error) {
    const char *key = request->key != NULL ? seine_url_encode(arena, request->key, true) : "";
    const char *query = request->query != NULL ? request->query : "";
    if (key == NULL) return seine_no_memory(error, bucket->store.name);
    const char *path = seine_arena_printf(arena, "%s%s%s", bucket->root_path,
                                          request->key != NULL || bucket->root_path[0] == '\0' ? "/" : "", key);
    const char *url = path != NULL
                          ? seine_arena_printf(arena, "%s%s%s%s", bucket->root, path, *query != '\0' ? "?" : "", query)
                          : NULL;
    body_proof proof = {.header = ""};
    if (url == NULL) return seine_no_memory(error, bucket->store.name);
    SEINE_TRY(prove(bucket, request, url, &proof, answer, error));
    const char *const *headers = sign(bucket, request, identity, path, &proof, arena);
    if (headers == NULL) return seine_no_memory(error, bucket->store.name);
    seine_http *http = NULL;
    exchange x = {request, answer};
    const bool is_plain = strcmp(request->method, "GET") == 0, is_head = strcmp(request->method, "HEAD") == 0;
    const seine_http_request sent = {.url = url,
                                     .is_head = is_head,
                                     .method = is_plain || is_head ? NULL : request->method,
                                     .headers = headers,
                                     .send = request->send,
                                     .is_final = true,
                                     .header = on_header,
                                     .begin = on_begin,
                                     .body = on_body,
                                     .refusal = on_refusal,
                                     .context = &x};
    SEINE_TRY(take_connection(bucket, &http, error));
    const seine_status status = seine_http_run(http, &sent, &answer->response, error);
    give_back(bucket, http);
    return status;
}

static void clear_answer(seine_s3_answer *answer) {
    seine_s3_answer_free(answer);
    seine_buf_init(&answer->body, ANSWER_MAX);
}

seine_status seine_s3_try(seine_s3_bucket *bucket, const seine_s3_request *request, seine_s3_answer *answer,
                          seine_error *error) {
    seine_s3_identity identity;
    seine_arena arena = {0};
    clear_answer(answer);
    SEINE_TRY(seine_s3_credentials_get(bucket->credentials, &identity, error));
    seine_status status = send_once(bucket, request, &identity, &arena, answer, error);
    if (status == SEINE_OK && answer->response.code >= 400 && seine_s3_code_is_over(seine_s3_code(answer)) &&
        seine_s3_credentials_renew(bucket->credentials, &identity) == SEINE_OK) {
        clear_answer(answer);
        status = send_once(bucket, request, &identity, &arena, answer, error);
        answer->is_renewed = true;
    }
    memset(&identity, 0, sizeof identity);
    seine_arena_free(&arena);
    if (status == SEINE_OK && answer->response.code < 300) {
        (void)pthread_mutex_lock(&bucket->mutex);
        bucket->is_confirmed = true;
        (void)pthread_mutex_unlock(&bucket->mutex);
    }
    return status;
}

void seine_s3_answer_free(seine_s3_answer *answer) {
    seine_buf_free(&answer->body);
    *answer = (seine_s3_answer){0};
}

/* ---- again ------------------------------------------------------------------------------------------------------ */

seine_str seine_s3_code(const seine_s3_answer *answer) {
    if (answer->body.size == 0) return (seine_str){NULL, 0};
    return seine_xml_find(seine_buf_str(&answer->body), "Code");
}

/* Whether @p code is one of a list that ends with NULL. */
static bool is_among(seine_str code, const char *const *codes) {
    for (; *codes != NULL; codes++)
        if (seine_str_equal(code, seine_str_of(*codes))) return true;
    return false;
}

bool seine_s3_code_passes(seine_str code) {
    static const char *const codes[] = {"SlowDown",
                                        "RequestTimeout",
                                        "InternalError",
                                        "OperationAborted",
                                        "ConditionalRequestConflict",
                                        "ServiceUnavailable",
                                        "BadDigest", /* another byte came than was sent */
                                        "XAmzContentSHA256Mismatch",
                                        NULL};
    return is_among(code, codes);
}

bool seine_s3_code_is_over(seine_str code) {
    static const char *const codes[] = {"ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired",
                                        NULL};
    return is_among(code, codes);
}

bool seine_s3_is_passing(const seine_s3_answer *answer) {
    const int code = answer->response.code;
    if (code == 408 || code == 429 || (code >= 500 && code != 501)) return true;
    return code >= 300 && seine_s3_code_passes(seine_s3_code(answer));
}

/* The store is away; what was seen of that is told already. */
static seine_status give_up(seine_error *error) {
    if (error != NULL) error->status = SEINE_E_AWAY;
    return SEINE_E_AWAY;
}

bool seine_s3_again(seine_s3_bucket *bucket, seine_s3_patience *patience, const seine_s3_answer *answer,
                    seine_status *status, seine_error *error) {
    const bool may_mend =
        *status == SEINE_OK ? seine_s3_is_passing(answer) : *status == SEINE_E_IO && answer->response.may_retry;
    const int64_t now_us = seine_clock_monotonic_us();
    if (patience->attempts++ == 0) patience->until_us = now_us + SEINE_S3_PATIENCE_US;
    if (!may_mend || patience->attempts >= SEINE_S3_ATTEMPTS || now_us >= patience->until_us) {
        if (may_mend && *status == SEINE_E_IO) *status = give_up(error);
        return false;
    }
    int64_t most_us = PAUSE_US << (patience->attempts - 1);
    if (most_us > PAUSE_MAX_US) most_us = PAUSE_MAX_US;
    uint32_t chance = 0;
    seine_best_effort(seine_random_bytes(&chance, sizeof chance, NULL));
    int64_t wait_us = (int64_t)((double)most_us * ((double)chance / UINT32_MAX));
    if (answer->response.retry_after_us > wait_us)
        wait_us = answer->response.retry_after_us < PAUSE_MAX_US ? answer->response.retry_after_us : PAUSE_MAX_US;
    if (seine_clock_pause(&bucket->progress, wait_us)) return true;
    *status = seine_fail(error, SEINE_E_INTERRUPTED, "stopped");
    return false;
}

seine_status seine_s3_run(seine_s3_bucket *bucket, const seine_s3_request *request, seine_s3_answer *answer,
                          seine_error *error) {
    seine_s3_patience patience = {0};
    seine_status status;
    do status = seine_s3_try(bucket, request, answer, error);
    while (seine_s3_again(bucket, &patience, answer, &status, error));
    return status;
}
