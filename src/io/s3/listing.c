/* An object ends with its element: what came before it in the document is what is known of it. */
#include "io/s3/listing.h"

#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "io/s3/sign.h"
#include "io/s3/xml.h"

#include <stdlib.h>

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

seine_status seine_s3_list(seine_s3_bucket *bucket, const char *prefix, bool recursive, seine_object_fn visit,
                           void *context, seine_error *error) {
    seine_arena arena = {0}, pages[2] = {{0}, {0}};
    seine_s3_page page = {.is_cut = true};
    const char *encoded = seine_s3_encode(&arena, prefix, false);
    seine_status status = SEINE_OK;
    for (size_t turn = 0; page.is_cut && status == SEINE_OK; turn = 1 - turn) {
        seine_arena *here = &pages[turn]; /* the other one holds the token */
        seine_arena_free(here);
        const char *token = page.next != NULL ? seine_s3_encode(here, page.next, false) : "";
        const char *query =
            encoded != NULL && token != NULL
                ? seine_arena_printf(here, "%s%s%s%sencoding-type=url&list-type=2&prefix=%s",
                                     page.next != NULL ? "continuation-token=" : "", token,
                                     page.next != NULL ? "&" : "", recursive ? "" : "delimiter=%2F&", encoded)
                : NULL;
        status = query != NULL ? read_page(bucket, query, here, &page, visit, context, error)
                               : seine_fail(error, SEINE_E_NOMEM, "%s: out of memory", bucket->store.name);
        if (status == SEINE_OK && page.is_cut && (page.next == NULL || *page.next == '\0'))
            status =
                seine_fail(error, SEINE_E_IO, "%s: the store does not tell how its list goes on", bucket->store.name);
    }
    seine_arena_free(&pages[0]);
    seine_arena_free(&pages[1]);
    seine_arena_free(&arena);
    return status;
}

seine_status seine_s3_list_uploads(seine_s3_bucket *bucket, const char *prefix, seine_object_fn visit, void *context,
                                   seine_error *error) {
    seine_arena arena = {0};
    seine_s3_page page = {.is_cut = true};
    const char *encoded = seine_s3_encode(&arena, prefix, false);
    seine_status status = SEINE_OK;
    while (page.is_cut && status == SEINE_OK) {
        const char *key = seine_s3_encode(&arena, page.next != NULL ? page.next : "", false);
        const char *upload = seine_s3_encode(&arena, page.marker != NULL ? page.marker : "", false);
        const char *query =
            encoded != NULL && key != NULL && upload != NULL
                ? page.next != NULL
                      ? seine_arena_printf(
                            &arena, "encoding-type=url&key-marker=%s&prefix=%s&upload-id-marker=%s&uploads=", key,
                            encoded, upload)
                      : seine_arena_printf(&arena, "encoding-type=url&prefix=%s&uploads=", encoded)
                : NULL;
        status = query != NULL ? read_page(bucket, query, &arena, &page, visit, context, error)
                               : seine_fail(error, SEINE_E_NOMEM, "%s: out of memory", bucket->store.name);
        if (page.next == NULL || *page.next == '\0') page.is_cut = false;
    }
    seine_arena_free(&arena);
    return status;
}
