/**
 * @file io/http.h  Requests over HTTP and HTTPS. The only place that knows the HTTP library. A proxy is used as the
 * environment says.
 *
 * Certificates are always checked. At most five redirects are followed, never to another scheme but from http to
 * https. Bytes are given as they were sent: no decompression. Messages name addresses without their secrets.
 */
#ifndef SEINE_IO_HTTP_H
#define SEINE_IO_HTTP_H

#include "base/progress.h"
#include "base/str.h"
#include "base/try.h"
#include "io/body.h"
#include "seine/status.h"

/** Most bytes of all headers of a request, redirects included: more is E_LIMIT. */
#define SEINE_HTTP_HEADERS_MAX ((uint64_t)256 * 1024)
/** A GET whose body brings less than this over the idle time is given up, in bytes per second. */
#define SEINE_HTTP_LEAST_RATE 1024

typedef struct seine_http seine_http; /**< keeps its connection between requests; one thread at a time */

typedef struct seine_http_options {
    int64_t connect_us;             /**< longest wait for a connection */
    int64_t head_us;                /**< longest HEAD */
    int64_t idle_us;                /**< see SEINE_HTTP_LEAST_RATE */
    const seine_progress *progress; /**< only its stop is looked at; may be NULL; must outlive the handle */
} seine_http_options;

/** What the last answer's headers say. */
typedef struct seine_http_response {
    int code;                         /**< 200, 404 …; 0 = no answer came */
    int64_t length;                   /**< of the body that follows, -1 = not told */
    int64_t range_first, range_total; /**< of Content-Range, -1 = not told */
    char etag[200];                   /**< as sent, quotes too; "" = none or too long */
    char last_modified[64];           /**< as sent; "" = none */
    int64_t retry_after_us;           /**< 0 = not told */
    int64_t date_us, modified_us;     /**< Date, Last-Modified as times; -1 = not told, or no time */
    bool may_retry;                   /**< no whole answer came, and another try may mend that */
    bool is_unreachable;              /**< no connection: the name is not known, or nobody answers */
    bool is_page;                     /**< Content-Type is text/html */
} seine_http_response;

typedef struct seine_http_request {
    const char *url;
    bool is_head;
    bool only_headers;          /**< a GET that ends when its headers are there */
    uint64_t from;              /**< first byte wanted; 0 = all, without a Range header */
    const char *if_range;       /**< validator sent with the range, so that a changed file is sent whole; NULL = none */
    uint64_t max_bytes;         /**< a longer body is E_LIMIT; 0 = any */
    const char *method;         /**< NULL: GET, or HEAD */
    const char *const *headers; /**< further ones, "Name: value", NULL behind the last; NULL = none */
    seine_body send;            /**< of a PUT; of a POST, in memory */
    bool is_final;              /**< a redirect is an answer like others */
    bool is_near;               /**< never through a proxy: addresses of the machine itself */
    /** Every header of the last answer. May be NULL. */
    void (*header)(void *context, seine_str name, seine_str value);
    /** Bytes of the body of an answer that is neither 200 nor 206, the first MiB of it. May be NULL. */
    void (*refusal)(void *context, const void *bytes, size_t size);
    /** Headers of an answer 200 or 206, before its body. May be NULL. A failure ends the request. */
    seine_status (*begin)(void *context, const seine_http_response *response, seine_error *error);
    /** Bytes of the body of an answer 200 or 206. May be NULL. A failure ends the request. */
    seine_status (*body)(void *context, const void *bytes, size_t size, seine_error *error);
    void *context;
} seine_http_request;

/**
 * The first call in a process must come before any other thread uses the HTTP library.
 * @return OK, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_http_open(const seine_http_options *options, seine_http **http, seine_error *error);
void seine_http_close(seine_http *http);
SEINE_OWNED_POINTER(seine_http, seine_http_close);

/**
 * Makes one request and waits for its end.
 * @return OK: an answer came whole, whatever its code; E_IO: none or not the whole one (response->may_retry tells
 *         whether another try makes sense); E_LIMIT; E_UNSUPPORTED (scheme); E_INTERRUPTED; the failure of a callback.
 */
SEINE_MUST_USE seine_status seine_http_run(seine_http *http, const seine_http_request *request,
                                           seine_http_response *response, seine_error *error);

/** @return whether @p text begins with http:// or https:// */
bool seine_http_is_url(const char *text);

#endif
