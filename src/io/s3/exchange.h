/**
 * @file io/s3/exchange.h
 * Requests to one bucket: addressed, signed, sent, and sent again when that may mend them.
 *
 * Sent again, at most SEINE_S3_ATTEMPTS times and SEINE_S3_PATIENCE_US long, are requests whose answer is 429, 5xx, or
 * a code of S3 that says so (SlowDown, BadDigest …), and those whose connection broke. The pause before is a random
 * part of twice the former one's longest, or what the server asks for.
 *
 * The body of an object is proved by its CRC-32, which both sides make faster, where nobody can change it on the way;
 * else, like those of other requests, by its SHA-256 in the signature.
 */
#ifndef SEINE_IO_S3_EXCHANGE_H
#define SEINE_IO_S3_EXCHANGE_H

#include "io/http.h"
#include "io/s3/credentials.h"
#include "io/store/store.h"

#include <pthread.h>

#define SEINE_S3_ATTEMPTS 8
#define SEINE_S3_PATIENCE_US (INT64_C(120) * 1000000)
#define SEINE_S3_HEADERS_MAX 8

/** A bucket and the way to it. Any thread; everything but the pool is constant. */
typedef struct seine_s3_bucket {
    seine_store store; /**< of which it is a part (client.c) */
    seine_arena arena;
    const char *bucket;
    const char *root;      /**< "https://bucket.s3.eu-west-1.amazonaws.com", "http://127.0.0.1:9000" */
    const char *root_path; /**< "" where the host names the bucket, else "/bucket" */
    const char *host;      /**< as it is sent */
    const char *service;   /**< host without the bucket's name: "s3.eu-west-1.amazonaws.com", "127.0.0.1:9000" */
    const char *endpoint;  /**< for messages */
    const char *region;
    bool is_guarded; /**< nobody can change on the way what is sent: by TLS, or within this machine */
    seine_s3_profile profile;
    seine_s3_credentials *credentials;
    seine_progress progress;
    pthread_mutex_t mutex; /**< guards what follows */
    seine_http *idle[64];
    size_t idle_count;
    bool is_confirmed; /**< the bucket has answered as one */
} seine_s3_bucket;

/** What an answer says. Zeroed before a request; the body is freed by seine_s3_answer_free. */
typedef struct seine_s3_answer {
    seine_http_response response;
    char put_id[40], sum[40], told[65]; /**< of the metadata that this program writes; "" = none */
    char region[40];                    /**< in which the bucket is, where it is not in the one of the request */
    char crc32[SEINE_BASE64_SIZE(4)];   /**< of the body that was sent, when that proves it; "" = its SHA-256 does */
    bool is_renewed; /**< it is to a second request, by credentials taken anew: the former were over */
    seine_buf body;  /**< of a refusal; of any answer without `take` */
} seine_s3_answer;

typedef struct seine_s3_request {
    const char *method;
    const char *key;                               /**< NULL: the bucket itself */
    const char *query;                             /**< encoded, sorted by name; NULL = none */
    const char *headers[SEINE_S3_HEADERS_MAX + 1]; /**< "name: value", names in lower case */
    seine_body send;
    /** For bodies of 200 and 206, as in io/http.h. NULL: they go to the answer. */
    seine_status (*begin)(void *context, const seine_http_response *response, seine_error *error);
    seine_bytes_fn take;
    void *context;
} seine_s3_request;

/** One attempt after the other. Zeroed at first. */
typedef struct seine_s3_patience {
    int attempts;
    int64_t until_us;
} seine_s3_patience;

/**
 * Sends a request once; once more when its credentials were over and there are others. @return OK: an answer of any
 * code came; E_IO: none, and answer->response.may_retry says whether another attempt makes sense; E_INTERRUPTED; what
 * begin or take returned.
 */
SEINE_MUST_USE seine_status seine_s3_try(seine_s3_bucket *bucket, const seine_s3_request *request,
                                         seine_s3_answer *answer, seine_error *error);
/**
 * Whether to try again, after a pause, when an attempt ended with @p status and @p answer. @return false: not this one,
 * or patience is at its end, or the user asked to stop (*status is E_INTERRUPTED then).
 */
bool seine_s3_again(seine_s3_bucket *bucket, seine_s3_patience *patience, const seine_s3_answer *answer,
                    seine_status *status, seine_error *error);
/** Tries until there is an answer that stands. @return as seine_s3_try. */
SEINE_MUST_USE seine_status seine_s3_run(seine_s3_bucket *bucket, const seine_s3_request *request,
                                         seine_s3_answer *answer, seine_error *error);
void seine_s3_answer_free(seine_s3_answer *answer);

/** The code of an answer's error document, "NoSuchKey"; empty when there is none. */
seine_str seine_s3_code(const seine_s3_answer *answer);
/** Whether an answer, which is a refusal, says: later. */
bool seine_s3_is_passing(const seine_s3_answer *answer);
/** @return whether a code says that the request may go well another time: "SlowDown". */
bool seine_s3_code_passes(seine_str code);
/** @return whether a code says that the credentials are over. */
bool seine_s3_code_is_over(seine_str code);
/**
 * What a refusal means, in one line that names what to set: an answer that is neither 2xx nor expected.
 * @param what was to be done: "read", "write", "list", "remove".
 * @return E_NOT_FOUND (no such object), E_AWAY (it says "later"), E_IO.
 */
SEINE_MUST_USE seine_status seine_s3_refused(seine_s3_bucket *bucket, const char *what, const char *key,
                                             const seine_s3_answer *answer, seine_error *error);

#endif
