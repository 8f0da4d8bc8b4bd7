/**
 * @file io/http_source.h
 * Bodies of an HTTP API: one address, or page after page, with patience and with an end. It knows of what is in them no
 * more than where the records and the next page are told.
 *
 *     https://api.example.org/positions?since={since}&page={page}       counted pages
 *     https://api.example.org/positions?limit=500&cursor={cursor}       each page names the cursor of the next one
 *     https://api.example.org/positions                                 each page names the address of the next one
 *
 * Pages end where they say so: a counted one that is empty, a page without a next one. An API that does not end is told
 * in one line: the same page or cursor once more is SEINE_E_FORMAT, more pages than allowed are SEINE_E_LIMIT.
 *
 * Asked again are requests whose answer says "later" (408, 425, 429, 5xx; Retry-After is kept to), and those which
 * brought no whole answer: cut, reset, refused, or slower than io/http.h allows.
 */
#ifndef SEINE_IO_HTTP_SOURCE_H
#define SEINE_IO_HTTP_SOURCE_H

#include "base/json.h"
#include "base/progress.h"
#include "base/str.h"
#include "seine/status.h"

typedef struct seine_http_source {
    /**
     * In its query or path stand {page}: a number; {cursor}: what the page before named; {since}: see below. A
     * parameter of the query whose value is not there (the first page has no cursor) is left out.
     */
    const char *url;
    /** Further headers, "Name: value", NULL behind the last; NULL = none. `${NAME}` in a value is that variable of the
     * environment; what it holds is never told. With headers no redirect is followed: it might lead to strangers. */
    const char *const *headers;
    const char *since;   /**< text that {since} stands for; NULL = none */
    int64_t first_page;  /**< what {page} stands for at first */
    const char *next;    /**< JSON pointer (RFC 6901) to the next cursor in a body, or, without {cursor} in the url, to
                              the next address, which must be of the same server; NULL = pages do not name it */
    const char *records; /**< JSON pointer to the array of records; NULL: the whole body is. A page is empty when that
                              array is, or the body: nothing or [] or {} */
    int64_t timeout_us;  /**< to connect; and longest time with less than SEINE_HTTP_LEAST_RATE bytes a second */
    int retries;         /**< further tries for each page */
    int64_t backoff_us;  /**< see seine_http_wait */
    uint64_t max_bytes;  /**< of one body; a longer one is E_LIMIT. At most twice as much memory is used */
    uint32_t max_pages;  /**< see above; at least 1 */
    const seine_progress *progress; /**< its stop is heard, pages are reported; may be NULL */
} seine_http_source;

/** No address; 15 s, 5 retries from 1 s on, 64 MiB, 10,000 pages, the first is 1. */
seine_http_source seine_http_source_default(void);

/** A whole body. Everything is valid during the call that gives it. */
typedef struct seine_http_page {
    uint64_t number; /**< from 1 on */
    const char *url; /**< without secrets */
    seine_str body;  /**< as it was sent */
    bool is_empty;   /**< no record is in it */
    seine_json_value
        records; /**< the array that the source's pointer leads to; NULL: it has none, or nothing is in it */
} seine_http_page;

/** A failure ends the source. */
typedef seine_status (*seine_http_page_fn)(void *context, const seine_http_page *page, seine_error *error);

typedef struct seine_http_source_report {
    uint64_t pages, bytes; /**< that were given */
    uint64_t retries;      /**< tries that failed and were made again */
} seine_http_source_report;

/**
 * Gives every page to @p take, in order; an empty one behind the last is not given. @p report is filled in every case.
 * The first call in a process must come before any other thread uses the HTTP library.
 * @return OK; E_USAGE (the address, a header, a variable that is not set); E_IO (no answer that stands, told with its
 *         code and how often it was tried); E_FORMAT (pages do not end; a body that should name the next page, or tell
 * its records, does not, or names none that can be asked for); E_LIMIT (a body, or too many pages); E_UNSUPPORTED
 * (scheme); E_INTERRUPTED; E_NOMEM; what @p take returned.
 */
SEINE_MUST_USE seine_status seine_http_source_run(const seine_http_source *source, seine_http_page_fn take,
                                                  void *context, seine_http_source_report *report, seine_error *error);

#endif
