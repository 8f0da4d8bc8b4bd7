/* links: io base */
/* Bodies of HTTP APIs: what is asked for, what another try may mend, how pages are turned, and that all of it ends. */
#include "core_support.h"

#include "http_support.h"
#include "io/http_source.h"

#include <stdlib.h>

#define OK_HEAD(length, more) "HTTP/1.1 200 OK\r\nContent-Length: " length "\r\nConnection: close\r\n" more "\r\n"
#define CLOSED "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" /* a body that ends with its connection */
#define NO(code, more) "HTTP/1.1 " code " No\r\nContent-Length: 0\r\nConnection: close\r\n" more "\r\n"
#define SCRIPT(lines) lines, sizeof lines / sizeof *lines

typedef struct bench {
    http_publisher p;
    seine_http_source source;
    seine_http_source_report report;
    seine_error error;
    char url[200], bodies[2000]; /* of all pages, with '|' behind them */
    uint64_t last;               /* page number */
    bool is_empty;               /* that page */
    size_t records;              /* in it, where they are pointed to */
    seine_status says;           /* what taking a page returns */
} bench;

static seine_status note(void *context, const seine_http_page *page, seine_error *error) {
    bench *b = context;
    const size_t used = strlen(b->bodies);
    assert_int_equal(page->number, b->last + 1);
    b->last = page->number;
    b->is_empty = page->is_empty;
    b->records = seine_json_count(page->records);
    (void)snprintf(b->bodies + used, sizeof b->bodies - used, "%.*s|", (int)page->body.size, page->body.data);
    return b->says == SEINE_OK ? SEINE_OK : seine_fail(error, b->says, "not wanted");
}

static bench bench_make(void) {
    bench b = {.source = seine_http_source_default()};
    b.source.backoff_us = 1;
    b.source.retries = 1;
    return b;
}

/* Runs the source against a publisher with a script. @p target is what follows the port. */
static void run_source(bench *b, const char *target, http_line *lines, size_t count, seine_status status) {
    http_begin(&b->p, lines, count);
    (void)snprintf(b->url, sizeof b->url, "http://127.0.0.1:%d%s", b->p.port, target);
    b->source.url = b->url;
    b->bodies[0] = '\0';
    b->last = 0;
    b->error = (seine_error){SEINE_OK, ""};
    const seine_status found = seine_http_source_run(&b->source, note, b, &b->report, &b->error);
    http_end(&b->p);
    if (found != status) fail_msg("status %d: %s", (int)found, b->error.text);
    if (found != SEINE_OK) assert_int_equal(b->error.status, found);
    assert_int_equal(b->report.pages, b->says == SEINE_OK ? b->last : b->last - 1);
}

static void tells(const bench *b, const char *text) {
    if (strstr(b->error.text, text) == NULL) fail_msg("%s, and not: %s", b->error.text, text);
}

static void what_is_not_told_is_as_documented(void **state) {
    (void)state;
    const seine_http_source source = seine_http_source_default();
    assert_int_equal(source.timeout_us, 15000000);
    assert_int_equal(source.retries, 5);
    assert_int_equal(source.max_bytes, 64 << 20);
    assert_int_equal(source.max_pages, 10000);
    assert_int_equal(source.first_page, 1);
}

static void one_address_is_one_body_as_it_was_sent(void **state) {
    (void)state;
    bench b = bench_make();
    http_line lines[] = {{"GET /v?amount=2 ", OK_HEAD("8", "") "[1, 2]\r\n", 0}};
    run_source(&b, "/v?amount=2", SCRIPT(lines), SEINE_OK);
    assert_string_equal(b.bodies, "[1, 2]\r\n|");
    assert_int_equal(b.report.bytes, 8);
    assert_int_equal(b.report.retries, 0);
    assert_int_equal(http_asked(&b.p, "GET "), 1);
}

static void what_says_later_is_asked_again_and_what_does_not_is_told(void **state) {
    (void)state;
    static const char *const passing[] = {NO("500", ""), NO("503", ""),         NO("429", "Retry-After: 1\r\n"),
                                          NO("408", ""), OK_HEAD("9", "") "[1", "HTTP/1.1 200"};
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) {
        bench b = bench_make();
        http_line lines[] = {{"GET ", passing[i], 1}, {"GET ", OK_HEAD("2", "") "[]", 0}};
        run_source(&b, "/", SCRIPT(lines), SEINE_OK);
        assert_string_equal(b.bodies, "[]|");
        assert_int_equal(b.report.retries, 1);
    }
    static const char *const final[] = {NO("404", ""), NO("401", ""), NO("403", ""), NO("302", ""), NO("501", "")};
    for (size_t i = 0; i < sizeof final / sizeof *final; i++) {
        bench b = bench_make();
        http_line lines[] = {{"GET ", final[i], 0}};
        run_source(&b, "/", SCRIPT(lines), SEINE_E_IO);
        assert_int_equal(http_asked(&b.p, "GET "), 1);
    }
}

static void tries_end_and_tell_how_many_they_were_and_what_the_server_says(void **state) {
    (void)state;
    bench b = bench_make();
    b.source.retries = 2;
    http_line lines[] = {
        {"GET ", "HTTP/1.1 500 No\r\nContent-Length: 19\r\nConnection: close\r\n\r\n{\"why\":\r\n\"data\tbase", 0}};
    run_source(&b, "/a?api_key=hidden", SCRIPT(lines), SEINE_E_IO);
    tells(&b, ": HTTP 500; the fault is the server's: try again later: {\"why\":  \"data base (tried 3 times)");
    assert_null(strstr(b.error.text, "hidden"));
    assert_int_equal(http_asked(&b.p, "GET "), 3);
    assert_int_equal(b.report.retries, 2);
    b.source.retries = 0;
    http_line later[] = {{"GET ", NO("429", "Retry-After: 3000\r\n"), 0}};
    run_source(&b, "/", SCRIPT(later), SEINE_E_IO);
    tells(&b, "asks for patience");
    b.source.retries = 1;
    run_source(&b, "/", SCRIPT(later), SEINE_E_IO);
    tells(&b, "it asks to come back in 3000 s");
}

static void a_server_that_is_silent_is_given_up_in_time(void **state) {
    (void)state;
    bench b = bench_make();
    b.source.retries = 0;
    b.source.timeout_us = 300000;
    const int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof place;
    assert_int_equal(bind(listening, (struct sockaddr *)&place, sizeof place), 0);
    assert_int_equal(listen(listening, 4), 0); /* the system takes connections; nobody answers */
    assert_int_equal(getsockname(listening, (struct sockaddr *)&place, &size), 0);
    (void)snprintf(b.url, sizeof b.url, "http://127.0.0.1:%d/", ntohs(place.sin_port));
    b.source.url = b.url;
    assert_int_equal(seine_http_source_run(&b.source, note, &b, &b.report, &b.error), SEINE_E_IO);
    tells(&b, "time-out");
    close(listening);
    assert_int_equal(seine_http_source_run(&b.source, note, &b, &b.report, &b.error), SEINE_E_IO);
    tells(&b, "is the server up");
}

static void a_long_body_is_refused_told_or_not(void **state) {
    (void)state;
    char *whole = malloc(1 << 17);
    static const char *const heads[] = {OK_HEAD("100000", ""), CLOSED};
    for (size_t i = 0; i < 2; i++) {
        bench b = bench_make();
        b.source.max_bytes = 1000;
        const size_t head = strlen(heads[i]);
        memcpy(whole, heads[i], head);
        memset(whole + head, 'x', 100000);
        whole[head + 100000] = '\0';
        http_line lines[] = {{"GET ", whole, 0}};
        run_source(&b, "/", SCRIPT(lines), SEINE_E_LIMIT);
        tells(&b, "1000 ");
        assert_string_equal(b.bodies, "");
        assert_int_equal(http_asked(&b.p, "GET "), 1);
        b.source.max_bytes = 100000;
        lines[0].times = 0;
        run_source(&b, "/", SCRIPT(lines), SEINE_OK);
        assert_int_equal(b.report.bytes, 100000);
    }
    free(whole);
}

/* ---- headers ---- */

static void headers_take_their_secrets_from_the_environment(void **state) {
    (void)state;
    bench b = bench_make();
    static const char *const headers[] = {"Authorization: Bearer ${SEINE_TEST_TOKEN}", "X-Plain: $5 ${", NULL};
    b.source.headers = headers;
    assert_int_equal(setenv("SEINE_TEST_TOKEN", "open sesame", 1), 0);
    http_line lines[] = {{"GET ", OK_HEAD("2", "") "[]", 0}};
    run_source(&b, "/", SCRIPT(lines), SEINE_OK);
    assert_non_null(strstr(b.p.log, "\r\nAuthorization: Bearer open sesame\r\n"));
    assert_non_null(strstr(b.p.log, "\r\nX-Plain: $5 ${\r\n"));
    http_line moved[] = {
        {"GET / ", "HTTP/1.1 302 No\r\nLocation: /other\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 0},
        {"GET /other ", OK_HEAD("2", "") "[]", 0}};
    run_source(&b, "/", SCRIPT(moved), SEINE_E_IO); /* nobody else is given what opens doors */
    tells(&b, "HTTP 302; it sends to another address");
    b.source.headers = NULL;
    run_source(&b, "/", SCRIPT(moved), SEINE_OK);
}

static void headers_that_cannot_be_sent_are_refused_without_their_secrets(void **state) {
    (void)state;
    static const struct {
        const char *header, *token, *says;
    } cases[] = {
        {"Authorization: ${SEINE_TEST_TOKEN}", NULL, "header Authorization: the environment has no SEINE_TEST_TOKEN"},
        {"Authorization: ${SEINE_TEST_TOKEN}", "", "the environment has no SEINE_TEST_TOKEN"},
        {"Authorization: ${SEINE_TEST_TOKEN}", "hidden\r\nX: y", "SEINE_TEST_TOKEN holds a line end"},
        {"Authorization: ${}", "hidden", "${} names no variable"},
        {"no colon", "hidden", "not of the form \"Name: value\""},
        {": x", "hidden", "not of the form"},
        {"A: b\nC: d", "hidden", "not of the form"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench b = bench_make();
        const char *const headers[] = {cases[i].header, NULL};
        b.source.headers = headers;
        assert_int_equal(
            cases[i].token != NULL ? setenv("SEINE_TEST_TOKEN", cases[i].token, 1) : unsetenv("SEINE_TEST_TOKEN"), 0);
        http_line lines[] = {{"GET ", OK_HEAD("2", "") "[]", 0}};
        run_source(&b, "/", SCRIPT(lines), SEINE_E_USAGE);
        tells(&b, cases[i].says);
        assert_null(strstr(b.error.text, "hidden"));
        assert_int_equal(b.p.logged, 0);
    }
}

/* ---- pages ---- */

static void counted_pages_end_with_an_empty_one(void **state) {
    (void)state;
    static const char *const ends[] = {OK_HEAD("4", "") " []\n", OK_HEAD("2", "") "{}", OK_HEAD("0", ""),
                                       "HTTP/1.1 204 No\r\nConnection: close\r\n\r\n"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        bench b = bench_make();
        b.source.since = "2025-01-01T00:00:00+02:00";
        http_line lines[] = {{"GET /p/1?from=2025-01-01T00%3A00%3A00%2B02%3A00&x=y ", OK_HEAD("3", "") "[1]", 0},
                             {"GET /p/2?from=2025-01-01T00%3A00%3A00%2B02%3A00&x=y ", OK_HEAD("3", "") "[2]", 0},
                             {"GET /p/3?from=2025-01-01T00%3A00%3A00%2B02%3A00&x=y ", ends[i], 0}};
        run_source(&b, "/p/{page}?from={since}&x=y", SCRIPT(lines), SEINE_OK);
        assert_string_equal(b.bodies, "[1]|[2]|");
        assert_int_equal(b.report.bytes, 6);
    }
}

static void the_records_of_a_counted_page_may_lie_deeper(void **state) {
    (void)state;
    bench b = bench_make();
    b.source.records = "/data/list";
    b.source.first_page = 0;
    http_line lines[] = {{"GET /?page=0 ", OK_HEAD("28", "") "{\"data\":{\"list\":[1]},\"n\":40}", 0},
                         {"GET /?page=1 ", OK_HEAD("27", "") "{\"data\":{\"list\":[]},\"n\":40}", 0}};
    run_source(&b, "/?page={page}", SCRIPT(lines), SEINE_OK);
    assert_int_equal(b.report.pages, 1);
    b.source.records = "/data/none";
    run_source(&b, "/?page={page}", SCRIPT(lines), SEINE_E_FORMAT);
    tells(&b, "page 1 has no array of records at /data/none");
}

static void an_empty_body_is_told_as_that(void **state) {
    (void)state;
    static const struct {
        const char *pointer, *answer;
        bool is_empty;
        size_t records;
    } cases[] = {{NULL, OK_HEAD("4", "") " []\n", true, 0},
                 {NULL, OK_HEAD("2", "") "{}", true, 0},
                 {NULL, OK_HEAD("0", ""), true, 0},
                 {NULL, OK_HEAD("3", "") "[1]", false, 0},
                 {"/a", OK_HEAD("8", "") "{\"a\":[]}", true, 0},
                 {"/a", OK_HEAD("11", "") "{\"a\":[1,2]}", false, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench b = bench_make();
        b.source.records = cases[i].pointer;
        http_line lines[] = {{"GET ", cases[i].answer, 0}};
        run_source(&b, "/", SCRIPT(lines), SEINE_OK);
        assert_int_equal(b.is_empty, cases[i].is_empty);
        assert_int_equal(b.records, cases[i].records);
    }
    bench b = bench_make();
    b.source.records = "/a";
    http_line lines[] = {{"GET ", OK_HEAD("2", "") "{}", 0}};
    run_source(&b, "/", SCRIPT(lines), SEINE_E_FORMAT); /* where pages are counted it would be the end */
    tells(&b, "page 1 has no array of records at /a");
}

static void cursors_are_followed_until_there_is_none(void **state) {
    (void)state;
    static const char *const ends[] = {OK_HEAD("11", "") "{\"next\":\"\"}", OK_HEAD("13", "") "{\"next\":null}",
                                       OK_HEAD("14", "") "{\"next\":false}", OK_HEAD("8", "") "{\"a\":[]}"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        bench b = bench_make();
        b.source.next = "/next";
        http_line lines[] = {{"GET /v?limit=9 ", OK_HEAD("14", "") "{\"next\":\"a/b\"}", 0},
                             {"GET /v?limit=9&cursor=a%2Fb ", OK_HEAD("11", "") "{\"next\":17}", 0},
                             {"GET /v?limit=9&cursor=17 ", ends[i], 0}};
        run_source(&b, "/v?since={since}&limit=9&cursor={cursor}", SCRIPT(lines), SEINE_OK);
        assert_int_equal(b.report.pages, 3);
    }
}

/* Makes an answer with a body of JSON in which PORT stands for that of the publisher. */
static void make_answer(bench *b, const char *json, char answer[400]) {
    http_line none[] = {{"", NO("404", ""), 0}};
    char body[300];
    http_begin(&b->p, SCRIPT(none)); /* a port that is free; it stays the same */
    http_end(&b->p);
    const char *port = strstr(json, "PORT");
    const size_t before = port != NULL ? (size_t)(port - json) : strlen(json);
    (void)snprintf(body, sizeof body, port != NULL ? "%.*s%d%s" : "%.*s", (int)before, json, b->p.port,
                   port != NULL ? port + 4 : "");
    (void)snprintf(answer, 400, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", strlen(body),
                   body);
}

static void addresses_of_next_pages_are_followed_on_the_same_server(void **state) {
    (void)state;
    char answers[4][400];
    bench b = bench_make();
    b.source.next = "/links/0/href";
    make_answer(&b, "{\"links\":[{\"href\":\"HTTP://127.0.0.1:PORT/a/b?x=2\"}]}", answers[0]);
    make_answer(&b, "{\"links\":[{\"href\":\"/a/c?x=3\"}]}", answers[1]);
    make_answer(&b, "{\"links\":[{\"href\":\"?x=4\"}]}", answers[2]);
    make_answer(&b, "{\"links\":[]}", answers[3]);
    http_line lines[] = {{"GET /a/b?x=1 ", answers[0], 0},
                         {"GET /a/b?x=2 ", answers[1], 0},
                         {"GET /a/c?x=3 ", answers[2], 0},
                         {"GET /a/c?x=4 ", answers[3], 0}};
    run_source(&b, "/a/b?x=1", SCRIPT(lines), SEINE_OK);
    assert_int_equal(b.report.pages, 4);
}

/* A user and a password in the address go along to pages of the same server, which do not name them. */
static void who_asks_is_who_asks_for_the_next_page(void **state) {
    (void)state;
    char answer[400], url[200];
    bench b = bench_make();
    b.source.next = "/next";
    make_answer(&b, "{\"next\":\"http://127.0.0.1:PORT/?x=2\"}", answer);
    http_line lines[] = {{"GET /?x=1 ", answer, 0}, {"GET /?x=2 ", OK_HEAD("2", "") "{}", 0}};
    http_begin(&b.p, SCRIPT(lines));
    (void)snprintf(url, sizeof url, "http://me:hidden@127.0.0.1:%d/?x=1", b.p.port);
    b.source.url = url;
    const seine_status found = seine_http_source_run(&b.source, note, &b, &b.report, &b.error);
    http_end(&b.p);
    if (found != SEINE_OK) fail_msg("%s", b.error.text);
    assert_int_equal(http_asked(&b.p, "Authorization: Basic bWU6aGlkZGVu"), 2);
}

static void addresses_elsewhere_and_what_is_none_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *next, *says;
    } cases[] = {{"http://127.0.0.1:1/x", "page 1 is at another server"},
                 {"http://127.0.0.1:PORT.example.org/x", "page 1 is at another server"},
                 {"http://127.0.0.1:PORT@example.org/x", "page 1 is at another server"},
                 {"https://example.org/x", "page 1 is at another server"},
                 {"//example.org/x", "which is no address"},
                 {"file:///etc/passwd", "which is no address"},
                 {"/a b", "which is no address"},
                 {"/a\\r\\nX: y", "which is no address"},
                 {"more", "which is no address"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char answer[400], json[200];
        bench b = bench_make();
        b.source.next = "/next";
        (void)snprintf(json, sizeof json, "{\"next\":\"%s\"}", cases[i].next);
        make_answer(&b, json, answer);
        http_line lines[] = {{"GET / ", answer, 0}};
        run_source(&b, "/", SCRIPT(lines), SEINE_E_FORMAT);
        tells(&b, cases[i].says);
    }
}

static void an_api_that_pages_for_ever_is_told_in_one_line(void **state) {
    (void)state;
    bench b = bench_make();
    http_line same[] = {{"GET /?p=3 ", OK_HEAD("3", "") "[1]", 0},
                        {"GET /?p=", OK_HEAD("3", "") "[2]", 2},
                        {"GET ", OK_HEAD("3", "") "[3]", 0}};
    same[1].times = 1;
    run_source(&b, "/?p={page}", SCRIPT(same), SEINE_E_FORMAT); /* 2, 3, 1, 3 */
    assert_string_equal(b.bodies, "[2]|[3]|[1]|");
    tells(&b, "/?p=4: page 4 is page 2 once more: the server turns no pages by {page}, and would never end");
    b.source.next = "/next";
    http_line circle[] = {{"GET /?c=b", OK_HEAD("12", "") "{\"next\":\"a\"}", 0},
                          {"GET ", OK_HEAD("12", "") "{\"next\":\"a\"}", 1},
                          {"GET ", OK_HEAD("12", "") "{\"next\":\"b\"}", 0}};
    run_source(&b, "/?c={cursor}", SCRIPT(circle), SEINE_E_FORMAT);
    tells(&b, "page 3 names \"a\" as the next one, as page 1 did: the server would never end");
    b.source.next = NULL;
    b.source.max_pages = 3;
    http_line other[] = {{"GET /?p=1 ", OK_HEAD("3", "") "[1]", 0},
                         {"GET /?p=2 ", OK_HEAD("3", "") "[2]", 0},
                         {"GET ", OK_HEAD("3", "") "[3]", 0}};
    run_source(&b, "/?p={page}", SCRIPT(other), SEINE_E_LIMIT);
    tells(&b, "page 3 is not the last one, and more are not allowed");
    assert_int_equal(http_asked(&b.p, "GET "), 3);
}

static void bodies_that_cannot_name_the_next_page_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *answer, *says;
        seine_status status;
    } cases[] = {{OK_HEAD("6", "") "<html>", "page 1 is not the JSON that tells the next one", SEINE_E_FORMAT},
                 {OK_HEAD("11", "") "{\"next\":[1]", "page 1 is not the JSON", SEINE_E_FORMAT},
                 {OK_HEAD("12", "") "{\"next\":[1]}", "page 1 has no text or number at /next", SEINE_E_FORMAT},
                 {OK_HEAD("13", "") "{\"next\":true}", "page 1 has no text or number at /next", SEINE_E_FORMAT},
                 {OK_HEAD("17", "") "{\"next\":\"\\u0000\"}", "a NUL in it", SEINE_E_FORMAT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench b = bench_make();
        b.source.next = "/next";
        http_line lines[] = {{"GET ", cases[i].answer, 0}};
        run_source(&b, "/?c={cursor}", SCRIPT(lines), cases[i].status);
        tells(&b, cases[i].says);
    }
}

static void addresses_that_contradict_themselves_are_refused_before_anything_is_asked(void **state) {
    (void)state;
    static const struct {
        const char *target, *next, *says;
    } cases[] = {{"/?a={pages}", NULL, "what is in braces is none of {page}, {cursor}, {since}"},
                 {"/?a={", NULL, "what is in braces is none of"},
                 {"/{cursor}", "/next", "{cursor} stands in the query only"},
                 {"/{since}?", NULL, "{since} stands in the query only"},
                 {"/?a={page}&b={cursor}", "/next", "pages are either counted"},
                 {"/?a={page}", "/next", "pages are either counted"},
                 {"/?a={cursor}", NULL, "{cursor} needs a JSON pointer"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench b = bench_make();
        b.source.next = cases[i].next;
        http_line lines[] = {{"GET ", OK_HEAD("2", "") "[]", 0}};
        run_source(&b, cases[i].target, SCRIPT(lines), SEINE_E_USAGE);
        tells(&b, cases[i].says);
        assert_int_equal(b.p.logged, 0);
    }
    bench b = bench_make();
    b.source.url = "ftp://example.org/x";
    assert_int_equal(seine_http_source_run(&b.source, note, &b, &b.report, &b.error), SEINE_E_UNSUPPORTED);
}

static void whoever_takes_pages_may_end_them_and_so_may_the_user(void **state) {
    (void)state;
    bench b = bench_make();
    b.says = SEINE_E_CONFLICT;
    http_line lines[] = {{"GET /?p=1", OK_HEAD("3", "") "[1]", 0},
                         {"GET /?p=2", OK_HEAD("3", "") "[2]", 0},
                         {"GET ", OK_HEAD("2", "") "[]", 0}};
    run_source(&b, "/?p={page}", SCRIPT(lines), SEINE_E_CONFLICT);
    assert_string_equal(b.error.text, "not wanted");
    assert_string_equal(b.bodies, "[1]|");
    b.says = SEINE_OK;
    const atomic_bool stop = true;
    const seine_progress progress = {.stop = &stop};
    b.source.progress = &progress;
    run_source(&b, "/?p={page}", SCRIPT(lines), SEINE_E_INTERRUPTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_told_is_as_documented),
        cmocka_unit_test(one_address_is_one_body_as_it_was_sent),
        cmocka_unit_test(what_says_later_is_asked_again_and_what_does_not_is_told),
        cmocka_unit_test(tries_end_and_tell_how_many_they_were_and_what_the_server_says),
        cmocka_unit_test(a_server_that_is_silent_is_given_up_in_time),
        cmocka_unit_test(a_long_body_is_refused_told_or_not),
        cmocka_unit_test(headers_take_their_secrets_from_the_environment),
        cmocka_unit_test(headers_that_cannot_be_sent_are_refused_without_their_secrets),
        cmocka_unit_test(counted_pages_end_with_an_empty_one),
        cmocka_unit_test(the_records_of_a_counted_page_may_lie_deeper),
        cmocka_unit_test(an_empty_body_is_told_as_that),
        cmocka_unit_test(cursors_are_followed_until_there_is_none),
        cmocka_unit_test(addresses_of_next_pages_are_followed_on_the_same_server),
        cmocka_unit_test(who_asks_is_who_asks_for_the_next_page),
        cmocka_unit_test(addresses_elsewhere_and_what_is_none_are_refused),
        cmocka_unit_test(an_api_that_pages_for_ever_is_told_in_one_line),
        cmocka_unit_test(bodies_that_cannot_name_the_next_page_are_refused),
        cmocka_unit_test(addresses_that_contradict_themselves_are_refused_before_anything_is_asked),
        cmocka_unit_test(whoever_takes_pages_may_end_them_and_so_may_the_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
