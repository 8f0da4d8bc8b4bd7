/* An object ends with its element: what came before it in the document is what is known of it. */
#include "io/s3/listing.h"

#include "base/hash.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "base/url.h"
#include "io/s3/xml.h"

#include <stdlib.h>

#define PAGES_MAX 1000000 /* of one list: a thousand million objects */

static bool is(seine_str name, const char *expected) { return seine_str_equal(name, seine_str_of(expected)); }

static int digit_of(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* %XX and '+' of encoding-type=url, which a server may have passed over. NULL: out of memory. */
static char *decode(seine_str text, bool is_encoded, seine_arena *arena) {
    char *out = seine_xml_text(text, arena);
    size_t n = 0;
    if (!is_encoded) return out;
    for (const char *c = out; out != NULL && *c != '\0'; c++) {
        const int high = *c == '%' ? digit_of(c[1]) : -1, low = high >= 0 ? digit_of(c[2]) : -1;
        out[n++] = low >= 0 ? (char)(high * 16 + low) : *c == '+' ? ' ' : *c;
        if (low >= 0) c += 2;
    }
    if (out != NULL) out[n] = '\0';
    return out;
}

/* What is known of the object or upload that is being read. */
typedef struct pending {
    seine_object object;
    seine_arena *arena;
    bool is_encoded, starved;
} pending;

/* Where the text of an element belongs; NULL: nowhere. *is_name: it may be encoded. */
static const char **place_of(pending *p, const seine_xml_element *element, seine_s3_page *page, bool *is_name) {
    const bool is_folder = is(element->name, "Prefix") && is(element->parent, "CommonPrefixes");
    const bool is_key = is_folder || is(element->name, "Key");
    *is_name = is_key || is(element->name, "NextKeyMarker");
    if (is_key) return &p->object.key;
    if (is(element->name, "UploadId")) return &p->object.upload;
    if (is(element->name, "NextContinuationToken") || is(element->name, "NextKeyMarker")) return &page->next;
    return is(element->name, "NextUploadIdMarker") ? &page->marker : NULL;
}

static void take_element(pending *p, const seine_xml_element *element, seine_s3_page *page) {
    int64_t number = 0;
    bool is_name = false;
    const char **text = place_of(p, element, page, &is_name);
    if (text != NULL) {
        *text = is_name ? decode(element->text, p->is_encoded, p->arena) : seine_xml_text(element->text, p->arena);
        p->starved = p->starved || *text == NULL;
    } else if (is(element->name, "Size") && seine_integer_parse(element->text, &number)) {
        p->object.size = (uint64_t)number;
    } else if (is(element->name, "LastModified") || is(element->name, "Initiated")) {
        (void)seine_time_parse(element->text, &p->object.modified_us);
    } else if (is(element->name, "IsTruncated")) {
        page->is_cut = is(element->text, "true");
    }
}

/* An element that stands for an object, an upload or a folder has ended. */
static seine_status end_object(pending *p, bool is_folder, seine_object_fn visit, void *context, seine_error *error) {
    seine_object object = p->object;
    p->object = (seine_object){0};
    if (object.key == NULL) return SEINE_OK;
    object.is_folder = is_folder;
    char *key = (char *)(uintptr_t)object.key;
    const size_t size = strlen(key);
    if (is_folder && size > 0 && key[size - 1] == '/') key[size - 1] = '\0';
    return visit(context, &object, error);
}

seine_status seine_s3_page_read(seine_str document, seine_arena *arena, seine_s3_page *page, seine_object_fn visit,
                                void *context, seine_error *error) {
    seine_xml xml = {.text = document};
    seine_xml_element element;
    pending p = {.arena = arena, .is_encoded = is(seine_xml_find(document, "EncodingType"), "url")};
    bool is_list = false;
    *page = (seine_s3_page){0};
    for (;;) {
        if (seine_xml_next(&xml, &element) != SEINE_OK)
            return seine_fail(error, SEINE_E_FORMAT, "the list is no whole XML document");
        if (element.name.size == 0) break;
        take_element(&p, &element, page);
        if (p.starved) return seine_fail(error, SEINE_E_NOMEM, "reading a list: out of memory");
        const bool is_folder = is(element.name, "CommonPrefixes");
        if (is_folder || is(element.name, "Contents") || is(element.name, "Upload"))
            SEINE_TRY(end_object(&p, is_folder, visit, context, error));
        is_list = is_list || is(element.name, "ListBucketResult") || is(element.name, "ListMultipartUploadsResult");
    }
    return is_list ? SEINE_OK : seine_fail(error, SEINE_E_FORMAT, "the answer is no list");
}

/* One page of either list. */
static seine_status read_page(seine_s3_bucket *bucket, const char *query, seine_arena *arena, seine_s3_page *page,
                              seine_object_fn visit, void *context, seine_error *error) {
    seine_s3_answer answer = {0};
    const seine_s3_request request = {.method = "GET", .query = query};
    seine_error why = {0};
    seine_status status = seine_s3_run(bucket, &request, &answer, error);
    if (status == SEINE_OK && (answer.response.code < 200 || answer.response.code >= 300))
        status = seine_s3_refused(bucket, "list", NULL, &answer, error);
    else if (status == SEINE_OK) {
        const seine_str document = answer.body.size > 0 ? seine_buf_str(&answer.body) : (seine_str){"", 0};
        status = seine_s3_page_read(document, arena, page, visit, context, &why);
        if (status != SEINE_OK) {
            status = status == SEINE_E_FORMAT ? seine_fail(error, SEINE_E_IO,
                                                           "%s: %s does not answer as S3 does: %s: set "
                                                           "AWS_ENDPOINT_URL_S3 to the address of the store",
                                                           bucket->store.name, bucket->endpoint, why.text)
                                              : seine_fail(error, status, "%s", why.text);
        }
    }
    seine_s3_answer_free(&answer);
    return status;
}

/* A list that is being read. */
typedef struct listed {
    seine_s3_bucket *bucket;
    const char *prefix; /* encoded */
    bool is_recursive, is_of_uploads;
    size_t pages, keep_at;
    seine_hash128 kept; /* where page number keep_at / 2 said that the list goes on */
} listed;

/*
 * Whether a list has come to where it was before. One place is kept, a later one each time that the number of pages has
 * doubled: so a circle of any length is found, in at most three times as many pages as it takes to enter and go round
 * it.
 */
static bool goes_round(listed *l, const seine_s3_page *page, seine_arena *arena) {
    const char *place = seine_arena_printf(arena, "%s\n%s", page->next, page->marker != NULL ? page->marker : "");
    if (place == NULL) return false; /* the next page will find no memory either */
    const seine_hash128 here = seine_hash128_of(place, strlen(place));
    if (l->pages++ > 0 && seine_hash128_equal(here, l->kept)) return true;
    if (l->pages < l->keep_at) return false;
    l->kept = here;
    l->keep_at = 2 * l->pages;
    return false;
}

/* The query for the page behind @p page. NULL: out of memory. */
static const char *query_of(const listed *l, const seine_s3_page *page, seine_arena *arena) {
    const char *next = page->next != NULL ? seine_url_encode(arena, page->next, false) : "";
    const char *marker = page->marker != NULL ? seine_url_encode(arena, page->marker, false) : "";
    if (next == NULL || marker == NULL) return NULL;
    if (!l->is_of_uploads)
        return seine_arena_printf(arena, "%s%s%s%sencoding-type=url&list-type=2&prefix=%s",
                                  *next != '\0' ? "continuation-token=" : "", next, *next != '\0' ? "&" : "",
                                  l->is_recursive ? "" : "delimiter=%2F&", l->prefix);
    if (*next == '\0') return seine_arena_printf(arena, "encoding-type=url&prefix=%s&uploads=", l->prefix);
    return seine_arena_printf(arena, "encoding-type=url&key-marker=%s&prefix=%s&upload-id-marker=%s&uploads=", next,
                              l->prefix, marker);
}

static seine_status read_list(listed *l, const char *prefix, seine_object_fn visit, void *context, seine_error *error) {
    seine_arena arena = {0}, pages[2] = {{0}, {0}};
    seine_s3_page page = {.is_cut = true};
    const char *name = l->bucket->store.name;
    l->prefix = seine_url_encode(&arena, prefix, false);
    seine_status status = l->prefix != NULL ? SEINE_OK : seine_no_memory(error, name);
    for (size_t turn = 0; page.is_cut && status == SEINE_OK; turn = 1 - turn) {
        seine_arena *here = &pages[turn]; /* the other one holds the token */
        seine_arena_free(here);
        const char *query = query_of(l, &page, here);
        status = query != NULL ? read_page(l->bucket, query, here, &page, visit, context, error)
                               : seine_no_memory(error, name);
        if (status != SEINE_OK || !page.is_cut) continue;
        if (page.next == NULL || *page.next == '\0')
            status = seine_fail(error, SEINE_E_IO, "%s: the store does not tell how its list goes on", name);
        else if (goes_round(l, &page, here))
            status = seine_fail(error, SEINE_E_IO, "%s: the store's list goes round in circles: it says %.200s twice",
                                name, page.next);
        else if (l->pages == PAGES_MAX)
            status = seine_fail(error, SEINE_E_LIMIT, "%s: a list of more than %d pages", name, PAGES_MAX);
    }
    seine_arena_free(&pages[0]);
    seine_arena_free(&pages[1]);
    seine_arena_free(&arena);
    return status;
}

seine_status seine_s3_list(seine_s3_bucket *bucket, const char *prefix, bool recursive, seine_object_fn visit,
                           void *context, seine_error *error) {
    listed l = {.bucket = bucket, .is_recursive = recursive};
    return read_list(&l, prefix, visit, context, error);
}

seine_status seine_s3_list_uploads(seine_s3_bucket *bucket, const char *prefix, seine_object_fn visit, void *context,
                                   seine_error *error) {
    listed l = {.bucket = bucket, .is_of_uploads = true};
    return read_list(&l, prefix, visit, context, error);
}
