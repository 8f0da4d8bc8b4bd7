/**
 * @file serve/request.h
 * From the bytes of a request line and headers to checked values. Pure: no I/O, no clock. Any bytes are allowed in.
 */
#ifndef SEINE_SERVE_REQUEST_H
#define SEINE_SERVE_REQUEST_H

#include "base/arena.h"
#include "base/buf.h"
#include "serve/route.h"

#define SEINE_TARGET_MAX 8192 /**< bytes of path and query */
#define SEINE_BOX_MAX_LAT 90.0

/** The value of one parameter of the route. */
typedef struct seine_input {
    bool given;           /**< by the request or by the parameter's fallback */
    seine_str text;       /**< decoded */
    int64_t integer;      /**< INT; TIME in µs; DATE in days; MOMENT: snapshot id (0: it is a time) */
    int64_t time_us;      /**< TIME, MOMENT */
    double number;        /**< NUMBER */
    bool flag;            /**< FLAG */
    double box[4];        /**< BOX: west, south, east, north */
    const seine_str *ids; /**< IDS */
    size_t id_count;
} seine_input;

/** Headers that say something about the answer; {NULL, 0} when absent. */
typedef struct seine_headers {
    seine_str accept, accept_encoding, if_none_match, last_event_id;
} seine_headers;

typedef enum seine_encoding { SEINE_ENCODING_NONE, SEINE_ENCODING_GZIP, SEINE_ENCODING_ZSTD } seine_encoding;

typedef struct seine_request {
    seine_arena arena;
    /** Decoded, without a format's suffix. A / that was escaped, and so belongs to the text of a part, stands as NUL.
     */
    seine_str path;
    size_t route_index;
    const seine_route *route;
    seine_input inputs[SEINE_PARAMS_MAX]; /**< one per parameter of the route */
    seine_format format;
    seine_encoding encoding; /**< best one that the client takes */
    bool wants_html;         /**< text/html is accepted by name */
    bool has_suffix;         /**< the format was chosen by the path's suffix */
} seine_request;

/**
 * Parses a target ("/api/v1/ports?limit=5") and headers into @p request (zeroed before). Free with seine_request_free,
 * also after a failure.
 * @return OK; E_LIMIT the target is too long; E_USAGE malformed or a parameter is wrong (named); E_NOT_FOUND no such
 *         route (request->path is set when it could be decoded); E_UNSUPPORTED no format that is accepted; E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_request_parse(const seine_routes *routes, seine_str target,
                                                const seine_headers *headers, seine_request *request,
                                                seine_error *error);
void seine_request_free(seine_request *request);

/** Appends the path as it stands in an address. */
SEINE_MUST_USE seine_status seine_request_address(const seine_request *request, seine_buf *out);

/** The value of a parameter of the route; one that the route does not have is not given. */
const seine_input *seine_request_input(const seine_request *request, const char *name);

/** Appends `name=value&…` of every given parameter in the route's order: equal requests have equal text. */
SEINE_MUST_USE seine_status seine_request_canonical(const seine_request *request, bool without_cursor, seine_buf *out);

/** Decodes %XX (and + as blank when @p is_query). Refuses bad escapes, NUL and what is not UTF-8. */
SEINE_MUST_USE seine_status seine_percent_decode(seine_str text, bool is_query, seine_arena *arena, seine_str *out,
                                                 seine_error *error);
/** Appends text with everything but unreserved characters escaped. */
SEINE_MUST_USE seine_status seine_percent_encode(seine_str text, seine_buf *out);

/** Quality (0 to 1000) that an Accept header gives to a media type; an absent header accepts all. */
int seine_accept_quality(seine_str accept, const char *type);
/** The best content encoding of an Accept-Encoding header. */
seine_encoding seine_accept_encoding(seine_str header);
/** Whether an If-None-Match header names @p tag (text without quotes; weak comparison) or is `*`. */
bool seine_etag_matches(seine_str header, const char *tag);

#endif
