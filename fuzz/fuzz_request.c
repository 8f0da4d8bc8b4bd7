/* links: serve table engine io columns core base */
/*
 * Hostile requests: whatever the bytes of address and headers, parsing ends with a status, and what it takes for right
 * reads the same from its own canonical text. The first line is the address, the next ones Accept, Accept-Encoding,
 * If-None-Match and a cursor.
 */
#include "serve/cursor.h"
#include "serve/request.h"
#include "serve/routes.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static seine_str next_line(seine_str *rest) {
    const char *end = rest->size > 0 ? memchr(rest->data, '\n', rest->size) : NULL;
    const seine_str line = {rest->data, end != NULL ? (size_t)(end - rest->data) : rest->size};
    const size_t taken = line.size + (end != NULL);
    *rest = (seine_str){rest->data + taken, rest->size - taken};
    return line;
}

/* Path and canonical query parse again, and give the same canonical text. */
static void check_canonical(const seine_request *request, const seine_headers *headers) {
    seine_buf target, again;
    seine_buf_init(&target, 1 << 20);
    seine_buf_init(&again, 1 << 20);
    seine_request second;
    if (seine_percent_encode(request->path, &target) != SEINE_OK) abort();
    for (size_t i = 0; i + 2 < target.size; i++) /* '/' is escaped, too: put it back */
        if (memcmp(target.data + i, "%2F", 3) == 0) {
            target.data[i] = '/';
            memmove(target.data + i + 1, target.data + i + 3, target.size - i - 3);
            target.size -= 2;
        }
    if (seine_buf_append_str(&target, "?") != SEINE_OK) abort();
    const size_t query = target.size;
    if (seine_request_canonical(request, false, &target) != SEINE_OK) abort();
    if (target.size <= SEINE_TARGET_MAX) { /* escapes may have made it longer */
        if (seine_request_parse(&seine_all_routes, seine_buf_str(&target), headers, &second, NULL) != SEINE_OK) abort();
        if (seine_request_canonical(&second, false, &again) != SEINE_OK) abort();
        const seine_str first = {(char *)target.data + query, target.size - query};
        if (second.route != request->route || !seine_str_equal(first, seine_buf_str(&again))) abort();
        seine_request_free(&second);
    }
    seine_buf_free(&target);
    seine_buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    seine_str rest = {(const char *)data, size};
    const seine_str target = next_line(&rest);
    seine_headers headers;
    headers.accept = next_line(&rest);
    headers.accept_encoding = next_line(&rest);
    headers.if_none_match = next_line(&rest);
    seine_request request;
    seine_error error = {SEINE_OK, ""};
    const seine_status status = seine_request_parse(&seine_all_routes, target, &headers, &request, &error);
    if (status != SEINE_OK && error.text[0] == '\0') abort();
    if (status == SEINE_OK && request.format == SEINE_FORMAT_OWN) check_canonical(&request, &headers);
    (void)seine_etag_matches(headers.if_none_match, "0123");
    seine_request_free(&request);

    seine_arena arena = {0};
    seine_cursor cursor = {.keys = {{.type = SEINE_TYPE_LONG}, {.type = SEINE_TYPE_STRING}}, .count = 2};
    if (seine_cursor_read(rest, "list", &arena, &cursor, NULL) == SEINE_OK &&
        memchr(cursor.keys[1].text.data, 0, cursor.keys[1].text.size) != NULL)
        abort();
    seine_arena_free(&arena);
    return 0;
}
