/*
 * address ─▶ tries until an answer stands ─▶ the page is given ─▶ the next address, if there is one
 *
 * What was there before, cursors or whole counted pages, is kept as hashes, so that an API that goes in circles,
 * however long they are, is told from one that goes on.
 */
#include "io/http_source.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/try.h"
#include "base/url.h"
#include "io/http.h"
#include "io/patience.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define HEADERS_MAX 32
#define REASON_BYTES 200 /* of a refusal's body that are told */
#define CURSOR_SHOWN 80

typedef struct run {
    const seine_http_source *source;
    const char *shown; /* the address of the present page, without secrets */
    uint64_t number;   /* of that page */
    seine_http_page_fn take;
    void *context;
    seine_http_source_report *report;
    seine_http *http;
    const char *headers[HEADERS_MAX + 1];
    bool has_page, has_cursor; /* in the address */
    seine_buf body;
    seine_json *json;              /* of the body; NULL = nobody has asked for it */
    char reason[REASON_BYTES + 1]; /* the begin of what a refusal says */
    size_t reason_size;
    seine_hash128 *seen; /* of the former pages, or of their cursors */
    size_t seen_count, seen_capacity;
    seine_arena arena; /* of the whole run */
} run;

seine_http_source seine_http_source_default(void) {
    return (seine_http_source){.first_page = 1,
                               .timeout_us = INT64_C(15) * 1000000,
                               .retries = 5,
                               .backoff_us = 1000000,
                               .max_bytes = (uint64_t)64 << 20,
                               .max_pages = 10000};
}

/* A failure of the present page. */
static seine_status tell(const run *r, seine_error *error, seine_status status, const char *format, ...)
    SEINE_PRINTF(4, 5);
static seine_status tell(const run *r, seine_error *error, seine_status status, const char *format, ...) {
    char text[700];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(text, sizeof text, format, values);
    va_end(values);
    return seine_fail(error, status, "%s: %s", r->shown, text);
}

/* ---- headers ---- */

static bool is_name_byte(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static bool has_control_bytes(seine_str text) {
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f) return true;
    return false;
}

/* Appends the value of a variable. */
static seine_status append_variable(seine_str header, seine_str name, seine_buf *out, seine_error *error) {
    char variable[128];
    if (name.size == 0 || name.size >= sizeof variable)
        return seine_fail(error, SEINE_E_USAGE, "header %.*s: ${} names no variable", SEINE_STR_ARG(header));
    snprintf(variable, sizeof variable, "%.*s", SEINE_STR_ARG(name));
    const char *value = getenv(variable);
    if (value == NULL || value[0] == '\0')
        return seine_fail(error, SEINE_E_USAGE, "header %.*s: the environment has no %s", SEINE_STR_ARG(header),
                          variable);
    if (has_control_bytes(seine_str_of(value))) /* might add headers of its own */
        return seine_fail(error, SEINE_E_USAGE, "header %.*s: %s holds a line end or another control character",
                          SEINE_STR_ARG(header), variable);
    return seine_buf_append_str(out, value);
}

/* @return how much of @p text up to the end of a name that begins after "${", 0 when it is none. */
static size_t variable_size(const char *text) {
    size_t size = 2;
    if (text[0] != '$' || text[1] != '{') return 0;
    while (is_name_byte(text[size])) size++;
    return text[size] == '}' ? size + 1 : 0;
}

static seine_status expand_header(run *r, const char *text, const char **expanded, seine_error *error) {
    const char *colon = strchr(text, ':');
    const seine_str name = {text, colon != NULL ? (size_t)(colon - text) : 0};
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, (size_t)1 << 16);
    if (name.size == 0 || has_control_bytes(seine_str_of(text)) || memchr(text, ' ', name.size) != NULL)
        return seine_fail(error, SEINE_E_USAGE, "header \"%s\": not of the form \"Name: value\"", text);
    for (const char *at = text; *at != '\0';) {
        const size_t size = variable_size(at);
        if (size > 0)
            SEINE_TRY(append_variable(name, (seine_str){at + 2, size - 3}, &out, error));
        else
            SEINE_TRY(seine_buf_append(&out, at, 1));
        at += size > 0 ? size : 1;
    }
    *expanded = seine_arena_copy(&r->arena, out.data, out.size);
    return *expanded != NULL ? SEINE_OK : seine_no_memory(error, "HTTP source");
}

static seine_status expand_headers(run *r, seine_error *error) {
    size_t count = 0;
    for (; r->source->headers != NULL && r->source->headers[count] != NULL; count++) {
        if (count == HEADERS_MAX) return seine_fail(error, SEINE_E_USAGE, "more than %d headers", HEADERS_MAX);
        const seine_status status = expand_header(r, r->source->headers[count], &r->headers[count], error);
        if (status == SEINE_E_LIMIT || status == SEINE_E_NOMEM)
            return seine_fail(error, status, "header %zu: %s", count + 1, seine_status_text(status));
        SEINE_TRY(status);
    }
    return SEINE_OK;
}

/* ---- addresses ---- */

/* What stands for a placeholder; NULL data = nothing is there yet. */
typedef struct values {
    char page[24];
    const char *cursor, *since; /* encoded */
} values;

/* @return whether @p text begins with a placeholder, with its bytes and what stands for it. */
static bool placeholder(const char *text, const values *v, size_t *size, const char **value) {
    const struct {
        const char *name, *value;
    } all[] = {{"{page}", v->page}, {"{cursor}", v->cursor}, {"{since}", v->since}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        *size = strlen(all[i].name);
        *value = all[i].value;
        if (strncmp(text, all[i].name, *size) == 0) return true;
    }
    return false;
}

/* Appends a piece of the address with its values. @return false when one of them is not there; some bytes may be. */
static seine_status append_piece(seine_str piece, const values *v, seine_buf *out, bool *has_all) {
    *has_all = true;
    for (size_t i = 0; i < piece.size;) {
        size_t size = 1;
        const char *value = NULL;
        if (piece.data[i] != '{' || !placeholder(piece.data + i, v, &size, &value)) {
            SEINE_TRY(seine_buf_append(out, piece.data + i++, 1));
            continue;
        }
        if (value == NULL) *has_all = false;
        SEINE_TRY(seine_buf_append_str(out, value != NULL ? value : ""));
        i += size;
    }
    return SEINE_OK;
}

static seine_status append_address(const char *url, const values *v, seine_buf *out) {
    const size_t path_size = strcspn(url, "?#");
    bool has_all = true;
    char separator = '?';
    SEINE_TRY(append_piece((seine_str){url, path_size}, v, out, &has_all));
    for (const char *at = url + path_size; *at == separator || *at == '&';) {
        const size_t before = out->size, size = strcspn(at + 1, "&#");
        SEINE_TRY(seine_buf_append(out, &separator, 1));
        SEINE_TRY(append_piece((seine_str){at + 1, size}, v, out, &has_all));
        if (has_all)
            separator = '&';
        else
            out->size = before;
        at += size + 1;
    }
    return SEINE_OK;
}

/* The address of page @p number; @p cursor NULL = none yet. */
static seine_status make_address(run *r, int64_t number, const char *cursor, char **url, seine_error *error) {
    const seine_http_source *source = r->source;
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, (size_t)1 << 20);
    values v = {.page = ""};
    snprintf(v.page, sizeof v.page, "%" PRId64, number);
    if (cursor != NULL) v.cursor = seine_url_encode(&r->arena, cursor, false);
    if (source->since != NULL) v.since = seine_url_encode(&r->arena, source->since, false);
    if ((cursor != NULL && v.cursor == NULL) || (source->since != NULL && v.since == NULL))
        return seine_no_memory(error, "HTTP source");
    const seine_status status = append_address(source->url, &v, &out);
    if (status != SEINE_OK) return seine_fail(error, status, "address of a page: %s", seine_status_text(status));
    *url = seine_arena_copy(&r->arena, out.data, out.size);
    return *url != NULL ? SEINE_OK : seine_no_memory(error, "HTTP source");
}

/* Placeholders that are none, or which contradict each other or the rest. */
static seine_status check_source(run *r, seine_error *error) {
    const seine_http_source *source = r->source;
    const char *query = source->url + strcspn(source->url, "?#");
    for (const char *at = strchr(source->url, '{'); at != NULL; at = strchr(at + 1, '{')) {
        const values none = {.page = "1"};
        size_t size = 0;
        const char *value = NULL;
        if (!placeholder(at, &none, &size, &value))
            return tell(r, error, SEINE_E_USAGE, "what is in braces is none of {page}, {cursor}, {since}");
        if (value == NULL && at < query)
            return tell(r, error, SEINE_E_USAGE, "%.*s stands in the query only, behind ?", (int)size, at);
        r->has_page = r->has_page || at[1] == 'p';
        r->has_cursor = r->has_cursor || at[1] == 'c';
    }
    if (r->has_page && (r->has_cursor || source->next != NULL))
        return tell(r, error, SEINE_E_USAGE, "pages are either counted, {page}, or name the next one");
    if (r->has_cursor && source->next == NULL)
        return tell(r, error, SEINE_E_USAGE, "{cursor} needs a JSON pointer to the next cursor");
    return SEINE_OK;
}

/* Whether @p told, whole or not (RFC 3986, 4.2, as far as APIs go), can be an address behind that of a page. */
static bool is_address(const char *told) {
    if (has_control_bytes(seine_str_of(told)) || strchr(told, ' ') != NULL) return false;
    return seine_http_is_url(told) || told[0] == '?' || (told[0] == '/' && told[1] != '/');
}

/* How much of @p told is scheme and server, if it is those of @p base; 0 = others. A user in @p base is no part of
 * them. */
static size_t same_server(const char *base, const char *told) {
    const size_t scheme = seine_url_scheme(base) + 3;
    const char *authority = base + scheme, *host = authority;
    const size_t size = strcspn(authority, "/?#");
    for (const char *c = authority; c < authority + size; c++)
        if (*c == '@') host = c + 1;
    const seine_str server = {host, (size_t)(authority + size - host)};
    if (strlen(told) < scheme + server.size ||
        !seine_str_equal_nocase((seine_str){base, scheme}, (seine_str){told, scheme}) ||
        !seine_str_equal_nocase(server, (seine_str){told + scheme, server.size}))
        return 0;
    const char end = told[scheme + server.size];
    return end == '\0' || strchr("/?#", end) != NULL ? scheme + server.size : 0;
}

/* The address that a page of address @p base names. */
static seine_status resolve(run *r, const char *base, const char *told, char **url, seine_error *error) {
    const size_t scheme = seine_url_scheme(base) + 3, origin = scheme + strcspn(base + scheme, "/?#");
    const bool is_whole = seine_http_is_url(told);
    const size_t server = is_whole ? same_server(base, told) : 0;
    if (!is_address(told))
        return tell(r, error, SEINE_E_FORMAT, "page %" PRIu64 " names \"%.*s\" as the next one, which is no address",
                    r->number, CURSOR_SHOWN, told);
    if (is_whole && server == 0)
        return tell(r, error, SEINE_E_FORMAT,
                    "the page behind page %" PRIu64 " is at another server: give that one's address", r->number);
    const size_t kept = told[0] == '?' ? strcspn(base, "?#") : origin;
    *url = seine_arena_printf(&r->arena, "%.*s%s", (int)kept, base, told + server);
    return *url != NULL ? SEINE_OK : seine_no_memory(error, "HTTP source");
}

/* ---- one page ---- */

static seine_status begin_body(void *context, const seine_http_response *response, seine_error *error) {
    run *r = context;
    if (response->length < 0 || (uint64_t)response->length <= r->source->max_bytes) return SEINE_OK;
    return tell(r, error, SEINE_E_LIMIT, "a body of %" PRId64 " bytes, more than the %" PRIu64 " allowed",
                response->length, r->source->max_bytes);
}

static seine_status append_body(void *context, const void *bytes, size_t size, seine_error *error) {
    run *r = context;
    return seine_buf_append(&r->body, bytes, size) == SEINE_OK ? SEINE_OK : seine_no_memory(error, r->shown);
}

/* Keeps the begin of a refusal, as one line. */
static void keep_reason(void *context, const void *bytes, size_t size) {
    run *r = context;
    for (size_t i = 0; i < size && r->reason_size < REASON_BYTES; i++) {
        const unsigned char c = ((const unsigned char *)bytes)[i];
        r->reason[r->reason_size++] = c < 0x20 || c == 0x7f ? ' ' : (char)c;
    }
    r->reason[r->reason_size] = '\0';
}

static seine_status refused(const run *r, int code, bool is_page, seine_error *error) {
    const char *step = code >= 300 && code < 400                   ? "; it sends to another address: give that one"
                       : code == 401 || code == 403                ? "; is the header that lets in right?"
                       : code == 404 || code == 410                ? "; is the address right?"
                       : code == 408 || code == 425 || code == 429 ? "; it asks for patience: try again later"
                       : code >= 500                               ? "; the fault is the server's: try again later"
                                                                   : "";
    const bool is_told = r->reason_size > 0 && !is_page && seine_str_is_utf8((seine_str){r->reason, r->reason_size});
    return tell(r, error, SEINE_E_IO, "HTTP %d%s%s%s", code, step, is_told ? ": " : "", is_told ? r->reason : "");
}

/* One try. @return OK only with a body; *passes tells of another status whether the next try may go well. */
static seine_status try_page(run *r, const char *url, seine_http_response *response, bool *passes, seine_error *error) {
    const bool has_headers = r->headers[0] != NULL;
    const seine_http_request request = {.url = url,
                                        .headers = has_headers ? r->headers : NULL,
                                        .is_final = has_headers,
                                        .max_bytes = r->source->max_bytes,
                                        .begin = begin_body,
                                        .body = append_body,
                                        .refusal = keep_reason,
                                        .context = r};
    r->reason_size = 0;
    seine_buf_clear(&r->body);
    const seine_status status = seine_http_run(r->http, &request, response, error);
    *passes = status == SEINE_E_IO && response->may_retry;
    SEINE_TRY(status);
    if (response->code == 200 || response->code == 204) return SEINE_OK;
    *passes = seine_http_code_is_passing(response->code);
    return refused(r, response->code, response->is_page, error);
}

static seine_status get_page(run *r, const char *url, seine_error *error) {
    for (int tries = 0;; tries++) {
        seine_http_response response;
        bool passes = false;
        const seine_status status = try_page(r, url, &response, &passes, error);
        if (status == SEINE_OK || !passes) return status;
        if (tries >= r->source->retries) {
            return tries == 0 ? status : seine_fail(error, status, "%s (tried %d times)", error->text, tries + 1);
        }
        const seine_status waited =
            seine_http_wait(r->source->progress, r->source->backoff_us, tries, response.retry_after_us, error);
        if (waited == SEINE_E_LIMIT) return seine_fail(error, status, "%s", error->text);
        SEINE_TRY(waited);
        r->report->retries++;
    }
}

/* ---- page after page ---- */

/* Remembers @p text. @return E_FORMAT when it was there before: *known is the page that brought it, from 1 on. */
static seine_status remember(run *r, seine_str text, size_t *known, seine_error *error) {
    const seine_hash128 hash = seine_hash128_of(text.data, text.size);
    *known = 0;
    for (size_t i = 0; i < r->seen_count && *known == 0; i++)
        if (seine_hash128_equal(r->seen[i], hash)) *known = i + 1;
    if (*known > 0) return SEINE_OK;
    const seine_status status =
        SEINE_ARENA_ROOM(&r->arena, r->seen, r->seen_count, r->seen_capacity, 1, (size_t)UINT32_MAX);
    if (status != SEINE_OK) return seine_no_memory(error, "HTTP source");
    r->seen[r->seen_count++] = hash;
    return SEINE_OK;
}

/* Makes r->json of the body, once; @p what it tells. */
static seine_status parse_body(run *r, const char *what, seine_error *error) {
    if (r->json != NULL) return SEINE_OK;
    const seine_status status = seine_json_parse(seine_buf_str(&r->body), "its body", &r->json, error);
    if (status == SEINE_OK || status == SEINE_E_NOMEM) return status;
    return tell(r, error, status, "page %" PRIu64 " is not the JSON that tells %s: %s", r->number, what, error->text);
}

/* What is in a page: its records, if they are a member of it, and whether there is anything. */
static seine_status judge(run *r, seine_http_page *page, seine_error *error) {
    const char *pointer = r->source->records;
    const seine_str body = seine_str_strip(page->body);
    const bool is_bare =
        body.size == 0 || seine_str_equal(body, SEINE_STR("[]")) || seine_str_equal(body, SEINE_STR("{}"));
    page->is_empty = is_bare && (r->has_page || pointer == NULL);
    if (page->is_empty || pointer == NULL) return SEINE_OK;
    SEINE_TRY(parse_body(r, "its records", error));
    page->records = seine_json_find(seine_json_root(r->json), seine_str_of(pointer));
    if (seine_json_kind_of(page->records) != SEINE_JSON_ARRAY)
        return tell(r, error, SEINE_E_FORMAT, "page %" PRIu64 " has no array of records at %s", r->number, pointer);
    page->is_empty = seine_json_count(page->records) == 0;
    return SEINE_OK;
}

/* A counted page that has to be given, or the end. */
static seine_status check_counted(run *r, const seine_http_page *page, bool *is_end, seine_error *error) {
    size_t known = 0;
    *is_end = page->is_empty;
    if (*is_end) return SEINE_OK;
    SEINE_TRY(remember(r, seine_buf_str(&r->body), &known, error));
    if (known == 0) return SEINE_OK;
    return tell(r, error, SEINE_E_FORMAT,
                "page %" PRIu64 " is page %zu once more: the server turns no pages by {page}, and would never end",
                r->number, known);
}

/* The cursor of the next page as text; NULL = there is none. */
static seine_status read_next(run *r, char **next, seine_error *error) {
    *next = NULL;
    if (r->body.size == 0) return SEINE_OK;
    SEINE_TRY(parse_body(r, "the next one", error));
    const seine_json_value value = seine_json_find(seine_json_root(r->json), seine_str_of(r->source->next));
    const seine_str text = seine_json_text(value);
    switch (seine_json_kind_of(value)) {
    case SEINE_JSON_INT: *next = seine_arena_printf(&r->arena, "%" PRId64, seine_json_int(value, 0)); break;
    case SEINE_JSON_TEXT:
        if (text.size == 0) return SEINE_OK;
        if (memchr(text.data, '\0', text.size) != NULL)
            return tell(r, error, SEINE_E_FORMAT, "page %" PRIu64 " names a next one with a NUL in it", r->number);
        *next = seine_arena_copy(&r->arena, text.data, text.size);
        break;
    case SEINE_JSON_ABSENT:
    case SEINE_JSON_NULL: return SEINE_OK;
    case SEINE_JSON_BOOL:
        if (!seine_json_bool(value, true)) return SEINE_OK; /* "next": false */
    /* fall through */
    default:
        return tell(r, error, SEINE_E_FORMAT, "page %" PRIu64 " has no text or number at %s, to name the next one",
                    r->number, r->source->next);
    }
    return *next != NULL ? SEINE_OK : seine_no_memory(error, "HTTP source");
}

/* *url becomes the address of the page behind the present one, NULL behind the last. */
static seine_status find_next(run *r, char **url, seine_error *error) {
    const char *present = *url;
    char *next = NULL;
    size_t known = 0;
    *url = NULL;
    if (r->has_page) return make_address(r, r->source->first_page + (int64_t)r->number, NULL, url, error);
    if (r->source->next == NULL) return SEINE_OK;
    SEINE_TRY(read_next(r, &next, error));
    if (next == NULL) return SEINE_OK;
    SEINE_TRY(remember(r, seine_str_of(next), &known, error));
    if (known > 0)
        return tell(r, error, SEINE_E_FORMAT,
                    "page %" PRIu64 " names \"%.*s\" as the next one, as page %zu did: the server would never end",
                    r->number, CURSOR_SHOWN, next, known);
    return r->has_cursor ? make_address(r, 0, next, url, error) : resolve(r, present, next, url, error);
}

static seine_status give_page(run *r, char **url, bool *is_end, seine_error *error) {
    r->number++;
    r->shown = seine_url_without_secrets(*url, &r->arena);
    if (r->shown == NULL) return seine_no_memory(error, "HTTP source");
    SEINE_TRY(get_page(r, *url, error));
    seine_json_free(SEINE_TAKE(r->json));
    seine_http_page page = {.number = r->number, .url = r->shown, .body = seine_buf_str(&r->body)};
    SEINE_TRY(judge(r, &page, error));
    if (r->has_page) SEINE_TRY(check_counted(r, &page, is_end, error));
    if (*is_end) return SEINE_OK;
    SEINE_TRY(r->take(r->context, &page, error));
    r->report->pages++;
    r->report->bytes += r->body.size;
    seine_progress_report(r->source->progress, "fetching", r->number, 0);
    SEINE_TRY(find_next(r, url, error));
    *is_end = *url == NULL;
    if (*is_end || r->number < r->source->max_pages) return SEINE_OK;
    return tell(r, error, SEINE_E_LIMIT, "page %" PRIu64 " is not the last one, and more are not allowed", r->number);
}

static seine_status give_pages(run *r, seine_error *error) {
    const seine_http_source *source = r->source;
    const seine_http_options options = {
        .connect_us = source->timeout_us, .idle_us = source->timeout_us, .progress = source->progress};
    char *url = NULL;
    r->shown = seine_url_without_secrets(source->url, &r->arena);
    if (r->shown == NULL) return seine_no_memory(error, "HTTP source");
    SEINE_TRY(check_source(r, error));
    SEINE_TRY(expand_headers(r, error));
    SEINE_TRY(make_address(r, source->first_page, NULL, &url, error));
    SEINE_TRY(seine_http_open(&options, &r->http, error));
    for (bool is_end = false; !is_end;) SEINE_TRY(give_page(r, &url, &is_end, error));
    return SEINE_OK;
}

seine_status seine_http_source_run(const seine_http_source *source, seine_http_page_fn take, void *context,
                                   seine_http_source_report *report, seine_error *error) {
    seine_error unheard;
    if (error == NULL) error = &unheard; /* texts are made of former ones */
    run r = {.source = source, .take = take, .context = context, .report = report};
    *report = (seine_http_source_report){0};
    seine_buf_init(&r.body, source->max_bytes);
    const seine_status status = give_pages(&r, error);
    seine_http_close(r.http);
    seine_json_free(r.json);
    seine_buf_free(&r.body);
    seine_arena_free(&r.arena);
    return status;
}
