/**
 * @file serve/answer.h
 * A finished answer: immutable, shared by counting references, sent any number of times from any thread.
 */
#ifndef SEINE_SERVE_ANSWER_H
#define SEINE_SERVE_ANSWER_H

#include "base/buf.h"
#include "base/hash.h"
#include "base/try.h"
#include "serve/request.h"

#include <stdatomic.h>

struct MHD_Response;
struct seine_live_client; /* live/hub.h */

#define SEINE_ETAG_MAX 48
#define SEINE_CONTENT_TYPE_MAX 96

/** What browsers and caches may do with an answer. */
typedef enum seine_freshness {
    SEINE_FRESH_ASK,     /**< keep, but ask each time (ETag) */
    SEINE_FRESH_FOREVER, /**< of a snapshot: never changes */
    SEINE_FRESH_NEVER    /**< do not keep */
} seine_freshness;

typedef struct seine_answer {
    atomic_size_t references;
    int status; /**< HTTP */
    char content_type[SEINE_CONTENT_TYPE_MAX];
    char etag[SEINE_ETAG_MAX]; /**< without quotes; "" = none */
    seine_freshness freshness;
    seine_encoding encoding;
    bool varies;           /**< with Accept and Accept-Encoding */
    bool closes;           /**< the connection ends with it */
    atomic_size_t flights; /**< exchanges that are sending it */
    char *next;            /**< address of the next page; NULL = none; owned */
    int64_t cut_at;        /**< a limit of the route that the answer was cut at: there was more; 0 = it is whole */
    seine_buf body;
    struct seine_live_client *stream;        /**< sent in the place of the body, once; owned; NULL = none */
    _Atomic(struct MHD_Response *) response; /**< made when it is sent first */
} seine_answer;

/** An answer without a body yet; one reference. NULL when out of memory. */
seine_answer *seine_answer_new(int status, const char *content_type);
seine_answer *seine_answer_share(seine_answer *answer);
/** NULL is allowed. */
void seine_answer_release(seine_answer *answer);
SEINE_OWNED_POINTER(seine_answer, seine_answer_release);
/** {"error":{"status","message","hint"}}. @p hint may be NULL. NULL when out of memory. */
seine_answer *seine_answer_error(int status, const char *message, const char *hint);
/** Compresses the body when that makes it smaller. @return OK also when it is left as it is; E_NOMEM. */
SEINE_MUST_USE seine_status seine_answer_compress(seine_answer *answer, seine_encoding encoding, seine_error *error);

#endif
