/* links: io base */
/* Every allocation for the pages of an HTTP API fails: that is told as want of memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http_support.h"
#include "io/http_source.h"
#include "unit/nomem_support.h"

#define PAGE(length, body) "HTTP/1.1 200 OK\r\nContent-Length: " length "\r\nConnection: close\r\n\r\n" body

static http_publisher publisher;
static const char *target;

static seine_status look(void *context, const seine_http_page *page, seine_error *error) {
    (void)context, (void)page, (void)error;
    return SEINE_OK;
}

static seine_status run(void) {
    static const char *const headers[] = {"Authorization: Bearer ${SEINE_TEST_TOKEN}", NULL};
    char url[200];
    seine_http_source_report report;
    seine_error error = {SEINE_OK, ""};
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d%s", publisher.port, target);
    seine_http_source source = seine_http_source_default();
    source.url = url;
    source.headers = headers;
    source.since = "2025-01-01T00:00:00Z";
    source.retries = 0;
    if (strstr(target, "{page}") == NULL) source.next = "/next";
    publisher.logged = 0; /* the log has an end, the runs are many */
    publisher.log[0] = '\0';
    const seine_status status = seine_http_source_run(&source, look, NULL, &report, &error);
    if (status != SEINE_OK) assert_int_equal(error.status, status);
    return status;
}

static void every_way_of_paging_tells_want_of_memory(void **state) {
    (void)state;
    http_line lines[] = {{"GET /?p=1 ", PAGE("3", "[1]"), 0},
                         {"GET /?p=2 ", PAGE("2", "[]"), 0},
                         {"GET /?since=2025-01-01T00%3A00%3A00Z ", PAGE("11", "{\"next\":17}"), 0},
                         {"GET /?since=2025-01-01T00%3A00%3A00Z&c=17 ", PAGE("2", "{}"), 0},
                         {"GET /?c=a ", PAGE("20", "{\"next\":\"/?last=17\"}"), 0},
                         {"GET /?last=17 ", PAGE("2", "{}"), 0}};
    static const char *const targets[] = {"/?p={page}", "/?since={since}&c={cursor}", "/?c=a"};
    assert_int_equal(setenv("SEINE_TEST_TOKEN", "secret", 1), 0);
    http_begin(&publisher, lines, sizeof lines / sizeof *lines);
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        target = targets[i];
        check_allocations(run, 15, MUST_FAIL);
    }
    http_end(&publisher);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_way_of_paging_tells_want_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
