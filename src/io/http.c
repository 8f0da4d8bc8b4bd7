/* HTTP requests by libcurl's easy interface: one handle per seine_http, reset before each request. */
#include "io/http.h"

#include "base/url.h"
#include "io/clock.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define REDIRECTS_MAX 5L
#define BUFFER_BYTES (512L * 1024)
#define SEND_BYTES (256L * 1024)               /* of a file at a time; 64 KiB cost a fifth more */
#define REFUSED_BODY_BYTES ((uint64_t)1 << 20) /* what is read of an error page to keep the connection */

struct seine_http {
    CURL *curl;
    seine_http_options options;
};

/* One request under way. */
typedef struct exchange {
    const seine_http *http;
    const seine_http_request *request;
    seine_http_response *response;
    seine_error *error;
    const char *shown; /* the address without secrets */
    uint64_t header_bytes;
    seine_status status; /* first failure of ours */
    bool has_begun;      /* the final headers were handed over */
    bool is_enough;      /* ended on purpose */
    bool is_idle;
    uint64_t sent; /* bytes of a file */
    uint64_t bytes;
    int64_t window_us; /* since when `window_bytes` are counted */
    curl_off_t window_bytes;
} exchange;

bool seine_http_is_url(const char *text) {
    const seine_str url = seine_str_of(text);
    return (url.size > 7 && seine_str_equal_nocase((seine_str){text, 7}, SEINE_STR("http://"))) ||
           (url.size > 8 && seine_str_equal_nocase((seine_str){text, 8}, SEINE_STR("https://")));
}

seine_status seine_http_open(const seine_http_options *options, seine_http **http, seine_error *error) {
    *http = calloc(1, sizeof **http);
    CURL *curl = *http != NULL ? curl_easy_init() : NULL;
    if (curl == NULL) {
        free(*http);
        *http = NULL;
        return seine_fail(error, SEINE_E_NOMEM, "HTTP: out of memory");
    }
    **http = (seine_http){curl, *options};
    return SEINE_OK;
}

void seine_http_close(seine_http *http) {
    if (http == NULL) return;
    curl_easy_cleanup(http->curl);
    free(http);
}

/* ---- headers ---- */

static bool header_value(seine_str line, seine_str name, seine_str *value) {
    if (line.size <= name.size || line.data[name.size] != ':') return false;
    if (!seine_str_equal_nocase((seine_str){line.data, name.size}, name)) return false;
    seine_str rest = {line.data + name.size + 1, line.size - name.size - 1};
    while (rest.size > 0 && (rest.data[rest.size - 1] == '\r' || rest.data[rest.size - 1] == '\n')) rest.size--;
    *value = seine_str_trim(rest);
    return true;
}

/* A validator with control characters or without room is none. */
static void keep_text(seine_str value, char *text, size_t capacity) {
    text[0] = '\0';
    if (value.size >= capacity) return;
    for (size_t i = 0; i < value.size; i++)
        if ((unsigned char)value.data[i] < 0x20 || value.data[i] == 0x7f) return;
    memcpy(text, value.data, value.size);
    text[value.size] = '\0';
}

static int64_t whole_number(seine_str text, size_t *pos) {
    int64_t number = -1;
    for (; *pos < text.size && text.data[*pos] >= '0' && text.data[*pos] <= '9'; ++*pos) {
        if (number > INT64_MAX / 10 - 10) return -1;
        number = (number < 0 ? 0 : number * 10) + (text.data[*pos] - '0');
    }
    return number;
}

/* "bytes 100-199/1234"; "bytes * /1234" of a 416. */
static void read_content_range(seine_str value, seine_http_response *response) {
    if (value.size < 6 || !seine_str_equal_nocase((seine_str){value.data, 6}, SEINE_STR("bytes "))) return;
    size_t pos = 6;
    response->range_first = whole_number(value, &pos);
    const char *slash = memchr(value.data + pos, '/', value.size - pos);
    if (slash == NULL) return;
    pos = (size_t)(slash - value.data) + 1;
    response->range_total = whole_number(value, &pos);
}

static void forget_headers(seine_http_response *response) {
    *response =
        (seine_http_response){.length = -1, .range_first = -1, .range_total = -1, .date_us = -1, .modified_us = -1};
}

static void pass_header(const exchange *x, seine_str line) {
    const char *colon = memchr(line.data, ':', line.size);
    if (colon == NULL || x->request->header == NULL) return;
    const seine_str name = {line.data, (size_t)(colon - line.data)};
    seine_str value;
    if (header_value(line, name, &value)) x->request->header(x->request->context, name, value);
}

static int64_t read_time(seine_str value) {
    char text[64];
    keep_text(value, text, sizeof text);
    const time_t seconds = text[0] != '\0' ? curl_getdate(text, NULL) : -1;
    return seconds < 0 ? -1 : (int64_t)seconds * 1000000;
}

/* Headers whose meaning is looked at. */
static void read_header(seine_http_response *response, seine_str line) {
    seine_str value;
    if (header_value(line, SEINE_STR("ETag"), &value)) {
        keep_text(value, response->etag, sizeof response->etag);
    } else if (header_value(line, SEINE_STR("Last-Modified"), &value)) {
        keep_text(value, response->last_modified, sizeof response->last_modified);
        response->modified_us = read_time(value);
    } else if (header_value(line, SEINE_STR("Date"), &value)) {
        response->date_us = read_time(value);
    } else if (header_value(line, SEINE_STR("Content-Type"), &value)) {
        response->is_page =
            value.size >= 9 && seine_str_equal_nocase((seine_str){value.data, 9}, SEINE_STR("text/html"));
    } else if (header_value(line, SEINE_STR("Content-Range"), &value)) {
        read_content_range(value, response);
    }
}

static size_t on_header(char *data, size_t one, size_t size, void *context) {
    exchange *x = context;
    const seine_str line = {data, one * size};
    x->header_bytes += line.size;
    if (x->header_bytes > SEINE_HTTP_HEADERS_MAX) {
        x->status = seine_fail(x->error, SEINE_E_LIMIT, "%s: more than %llu bytes of headers", x->shown,
                               (unsigned long long)SEINE_HTTP_HEADERS_MAX);
        return 0;
    }
    if (line.size > 5 && memcmp(data, "HTTP/", 5) == 0)
        forget_headers(x->response); /* those of a redirect are over */
    else
        read_header(x->response, line);
    pass_header(x, line);
    return line.size;
}

static void read_info(const exchange *x) {
    long code = 0;
    curl_off_t length = -1, after_s = 0;
    curl_easy_getinfo(x->http->curl, CURLINFO_RESPONSE_CODE, &code);
    curl_easy_getinfo(x->http->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    curl_easy_getinfo(x->http->curl, CURLINFO_RETRY_AFTER, &after_s);
    x->response->code = (int)code;
    x->response->length = length;
    x->response->retry_after_us = after_s > INT32_MAX ? INT64_C(1000000) * INT32_MAX : after_s * 1000000;
}

/* ---- body ---- */

static bool is_content(const seine_http_response *response) { return response->code == 200 || response->code == 206; }

static seine_status begin(exchange *x) {
    x->has_begun = true;
    read_info(x);
    if (!is_content(x->response) || x->request->begin == NULL) return SEINE_OK;
    return x->request->begin(x->request->context, x->response, x->error);
}

static size_t on_body(char *data, size_t one, size_t count, void *context) {
    exchange *x = context;
    const size_t size = one * count;
    if (!x->has_begun) x->status = begin(x);
    x->bytes += size;
    x->is_enough = x->request->only_headers || (!is_content(x->response) && x->bytes > REFUSED_BODY_BYTES);
    if (!is_content(x->response) && !x->is_enough && x->request->refusal != NULL)
        x->request->refusal(x->request->context, data, size);
    if (x->status == SEINE_OK && !x->is_enough && is_content(x->response)) {
        if (x->request->max_bytes > 0 && x->bytes > x->request->max_bytes)
            x->status = seine_fail(x->error, SEINE_E_LIMIT, "%s: longer than %llu bytes", x->shown,
                                   (unsigned long long)x->request->max_bytes);
        else if (x->request->body != NULL)
            x->status = x->request->body(x->request->context, data, size, x->error);
    }
    return x->status == SEINE_OK && !x->is_enough ? size : 0;
}

/* Called at least every second. */
static int on_progress(void *context, curl_off_t total, curl_off_t done, curl_off_t up_total, curl_off_t up) {
    exchange *x = context;
    (void)total, (void)up_total;
    done += up;
    if (seine_progress_stopped(x->http->options.progress)) {
        x->status = seine_fail(x->error, SEINE_E_INTERRUPTED, "stopped");
        return 1;
    }
    const int64_t now_us = seine_clock_monotonic_us(), span_us = now_us - x->window_us;
    if (x->http->options.idle_us <= 0 || span_us < x->http->options.idle_us) return 0;
    x->is_idle = (double)(done - x->window_bytes) < (double)span_us / 1e6 * SEINE_HTTP_LEAST_RATE;
    x->window_us = now_us;
    x->window_bytes = done;
    return x->is_idle ? 1 : 0;
}

/* ---- one request ---- */

static long milliseconds(int64_t us) { return us <= 0 ? 0 : us < 1000 ? 1 : (long)(us / 1000); }

static bool may_mend(CURLcode code, const exchange *x) {
    switch (code) {
    case CURLE_ABORTED_BY_CALLBACK: return x->is_idle;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_SSL_CONNECT_ERROR: return true;
    default: return false;
    }
}

static void allow_schemes(CURL *curl, const char *url) {
    const bool is_https = strlen(url) > 5 && (url[4] == 's' || url[4] == 'S');
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, is_https ? "https" : "http,https");
#else
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, (long)(CURLPROTO_HTTPS | (is_https ? 0 : CURLPROTO_HTTP)));
#endif
}

/*
 * The file of trusted certificates: as the user says, by the variables that curl and OpenSSL know, else where this
 * distribution has it. A libcurl that came along from another one would look in one place only. @return NULL = its own.
 */
static const char *trusted_certificates(void) {
    static const char *const variables[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE"};
    static const char *const places[] = {
        "/etc/ssl/certs/ca-certificates.crt", /* Debian, Ubuntu, Alpine, Arch */
        "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora, RHEL */
        "/etc/ssl/ca-bundle.pem",             /* openSUSE */
    };
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *path = getenv(variables[i]);
        if (path != NULL && path[0] != '\0') return path;
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (access(places[i], R_OK) == 0) return places[i];
    }
    return NULL;
}

static size_t on_send(char *bytes, size_t one, size_t count, void *context) {
    exchange *x = context;
    const seine_body *body = &x->request->send;
    const uint64_t left = body->size - x->sent;
    const size_t room = one * count, size = left < room ? (size_t)left : room;
    x->status = seine_body_read(body, x->sent, bytes, size, x->shown, x->error);
    if (x->status != SEINE_OK) return CURL_READFUNC_ABORT;
    x->sent += size;
    return size;
}

static int on_seek(void *context, curl_off_t offset, int origin) {
    exchange *x = context;
    if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > x->request->send.size) return CURL_SEEKFUNC_FAIL;
    x->sent = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}

/* The body is sent from where it lies, and again from its start when a kept connection has gone. */
static void prepare_method(exchange *x) {
    CURL *curl = x->http->curl;
    const char *method = x->request->method;
    const seine_body *body = &x->request->send;
    if (body->bytes == NULL && body->size > 0) {
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, SEND_BYTES);
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)body->size);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_send);
        curl_easy_setopt(curl, CURLOPT_READDATA, x);
        curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, on_seek);
        curl_easy_setopt(curl, CURLOPT_SEEKDATA, x);
    } else if (body->bytes != NULL || strcmp(method, "PUT") == 0 || strcmp(method, "POST") == 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->size);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->bytes != NULL ? body->bytes : "");
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
}

static void prepare(exchange *x, char *message) {
    CURL *curl = x->http->curl;
    const seine_http_options *options = &x->http->options;
    curl_easy_reset(curl); /* keeps the connection */
    curl_easy_setopt(curl, CURLOPT_URL, x->request->url);
    allow_schemes(curl, x->request->url);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, x->request->is_final ? 0L : 1L);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    if (x->request->is_near) curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    const char *certificates = trusted_certificates();
    if (certificates != NULL) curl_easy_setopt(curl, CURLOPT_CAINFO, certificates);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "seine/" SEINE_VERSION);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(options->connect_us));
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, x);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    if (x->request->method != NULL) prepare_method(x);
    if (!x->request->is_head) return;
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, milliseconds(options->head_us));
}

/* @return false when out of memory. */
static bool add_header(struct curl_slist **headers, const char *text) {
    struct curl_slist *longer = curl_slist_append(*headers, text);
    if (longer != NULL) *headers = longer;
    return longer != NULL;
}

/* @return false when out of memory. */
static bool add_headers(exchange *x, struct curl_slist **headers) {
    char text[320];
    bool ok = true;
    if (x->request->from > 0) {
        snprintf(text, sizeof text, "%llu-", (unsigned long long)x->request->from);
        ok = curl_easy_setopt(x->http->curl, CURLOPT_RANGE, text) == CURLE_OK;
        if (ok && x->request->if_range != NULL) {
            snprintf(text, sizeof text, "If-Range: %s", x->request->if_range);
            ok = add_header(headers, text);
        }
    }
    for (size_t i = 0; ok && x->request->headers != NULL && x->request->headers[i] != NULL; i++)
        ok = add_header(headers, x->request->headers[i]);
    return ok && curl_easy_setopt(x->http->curl, CURLOPT_HTTPHEADER, *headers) == CURLE_OK;
}

/* What the user can do, by what went wrong; a text that is the same for every address. */
static const char *next_step(CURLcode code) {
    switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST: return "is there a network, and is the address right?";
    case CURLE_COULDNT_CONNECT: return "is the server up, and are address and port right?";
    case CURLE_OPERATION_TIMEDOUT: return "try again later";
    case CURLE_SSL_CONNECT_ERROR: return "does the server speak TLS on this port?";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return "check the clock and the CA certificates of this machine (others: CURL_CA_BUNDLE)";
    case CURLE_TOO_MANY_REDIRECTS: return "the server sends in circles; is the address right?";
    default: return "";
    }
}

static seine_status tell(exchange *x, CURLcode code, const char *message) {
    const char *step = next_step(code);
    const bool has_clock = code == CURLE_COULDNT_CONNECT || code == CURLE_OPERATION_TIMEDOUT; /* "after 17 ms" */
    const char *what = code == CURLE_OPERATION_TIMEDOUT  ? "no answer in time"
                       : has_clock || message[0] == '\0' ? curl_easy_strerror(code)
                                                         : message;
    return seine_fail(x->error, SEINE_E_IO, "%s: %s%s%s", x->shown, what, step[0] != '\0' ? "; " : "", step);
}

static seine_status outcome(exchange *x, CURLcode code, const char *message) {
    const char *url = x->shown;
    if (x->status != SEINE_OK) return x->status;
    if (x->is_enough) return SEINE_OK;
    if (code == CURLE_OK) {
        if (x->has_begun) return SEINE_OK;
        return begin(x);
    }
    read_info(x);
    x->response->may_retry = may_mend(code, x);
    x->response->is_unreachable =
        code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_PROXY;
    if (code == CURLE_UNSUPPORTED_PROTOCOL) return seine_fail(x->error, SEINE_E_UNSUPPORTED, "%s: %s", url, message);
    if (code == CURLE_OUT_OF_MEMORY) return seine_fail(x->error, SEINE_E_NOMEM, "%s: out of memory", url);
    if (x->is_idle)
        return seine_fail(x->error, SEINE_E_IO, "%s: time-out: less than %d bytes per second", url,
                          SEINE_HTTP_LEAST_RATE);
    return tell(x, code, message);
}

seine_status seine_http_run(seine_http *http, const seine_http_request *request, seine_http_response *response,
                            seine_error *error) {
    char message[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = NULL;
    seine_arena arena = {0};
    exchange x = {.http = http, .request = request, .response = response, .error = error};
    forget_headers(response);
    x.shown = seine_url_without_secrets(request->url, &arena);
    if (x.shown == NULL) return seine_fail(error, SEINE_E_NOMEM, "HTTP: out of memory");
    if (!seine_http_is_url(request->url)) {
        const seine_status refused =
            seine_fail(error, SEINE_E_UNSUPPORTED, "%s: neither http:// nor https://", x.shown);
        seine_arena_free(&arena);
        return refused;
    }
    prepare(&x, message);
    seine_status status = SEINE_OK;
    if (add_headers(&x, &headers)) {
        x.window_us = seine_clock_monotonic_us();
        const CURLcode code = curl_easy_perform(http->curl);
        status = outcome(&x, code, message);
    } else {
        status = seine_fail(error, SEINE_E_NOMEM, "%s: out of memory", x.shown);
    }
    curl_easy_reset(http->curl); /* nothing points to this stack frame any more */
    curl_slist_free_all(headers);
    seine_arena_free(&arena);
    return status;
}
