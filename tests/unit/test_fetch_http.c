/* links: fetch ingest table engine columns decode io base */
/* Archives over HTTP: what is asked for, what is gone on with, what another try may mend, and what a day's failure
 * says.
 */
#include "table_support.h"

#include "base/time.h"
#include "fetch/fetch.h"
#include "http_support.h"
#include "table/source.h"

#define NAME "AIS_2025_01_01.csv.zst"
#define PLACE "/2025/" NAME " "
#define MAGIC "\x28\xB5\x2F\xFD"
#define BODY MAGIC "0123456789abcdef" /* 20 bytes */
#define TAG "ETag: \"v1\"\r\n"
#define OK_HEAD(length, more) "HTTP/1.1 200 OK\r\nContent-Length: " length "\r\nConnection: close\r\n" more "\r\n"
#define PART_HEAD(range, length, more)                                                          \
    "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " range "\r\nContent-Length: " length \
    "\r\nConnection: close\r\n" more "\r\n"
#define REFUSED(code, more) "HTTP/1.1 " code " No\r\nContent-Length: 0\r\nConnection: close\r\n" more "\r\n"
#define SCRIPT(lines) lines, sizeof lines / sizeof *lines

typedef struct bench {
    lake l;
    http_publisher p;
    seine_fetch_options options;
    seine_fetch_report report;
    size_t told;
    seine_fetch_outcome outcome;
    char name[64], message[400], cause[400];
    int64_t bytes, resumed;
    char names[2000]; /* of all days told, with spaces behind them */
} bench;

static void note_day(void *context, const seine_fetch_day *day) {
    bench *b = context;
    b->told++;
    b->outcome = day->outcome;
    b->bytes = day->bytes;
    b->resumed = day->resumed;
    (void)snprintf(b->name, sizeof b->name, "%s", day->name);
    (void)snprintf(b->message, sizeof b->message, "%s", day->message);
    (void)snprintf(b->cause, sizeof b->cause, "%s", day->cause);
    const size_t used = strlen(b->names);
    (void)snprintf(b->names + used, sizeof b->names - used, "%s ", day->name);
}

/* Fetches the first day of 2025 from a publisher with a script. */
static void fetch(bench *b, http_line *lines, size_t count) {
    http_begin(&b->p, lines, count);
    b->options.base_url = b->p.url;
    b->names[0] = '\0';
    assert_ok(&b->l, seine_fetch_noaa(b->l.path, &b->options, &b->report, &b->l.error));
    http_end(&b->p);
}

static void bench_make(bench *b) {
    memset(b, 0, sizeof *b);
    lake_make(&b->l, 1);
    b->options = seine_fetch_options_default();
    b->options.from = b->options.to = seine_days_from_civil(2025, 1, 1);
    b->options.report = note_day;
    b->options.context = b;
    b->options.backoff_us = 1;
    b->options.retries = 1;
    b->options.jobs = 1;
}

static void bench_drop(bench *b) { lake_drop(&b->l); }

/* What the lake has of it; NULL = nothing. */
static const char *stored(bench *b) {
    seine_source *rows = NULL;
    size_t count = 0;
    assert_ok(&b->l, seine_ledger_sources(b->l.catalog, SEINE_DATASET_AIS, &b->l.arena, &rows, &count, &b->l.error));
    if (count == 0) return NULL;
    return lake_text(&b->l, seine_arena_printf(&b->l.arena, "%s/%s", b->l.path, rows[0].bronze_path));
}

static void fails(bench *b, const char *cause) {
    assert_int_equal(b->report.failed, 1);
    assert_int_equal(b->outcome, SEINE_FETCH_FAILED);
    if (strstr(b->cause, cause) == NULL) fail_msg("%s, and not: %s", b->cause, cause);
    assert_non_null(strstr(b->message, b->cause));
}

static void one_question_and_one_download_are_enough(void **state) {
    (void)state;
    bench b;
    bench_make(&b);
    http_line lines[] = {{"HEAD " PLACE, OK_HEAD("20", TAG), 0}, {"GET " PLACE, OK_HEAD("20", TAG) BODY, 0}};
    fetch(&b, SCRIPT(lines));
    assert_int_equal(b.report.fetched, 1);
    assert_int_equal(b.report.loaded, 20);
    assert_int_equal(b.bytes, 20);
    assert_int_equal(b.resumed, 0);
    assert_string_equal(stored(&b), BODY);
    assert_int_equal(http_asked(&b.p, "HEAD "), 1);
    assert_int_equal(http_asked(&b.p, "GET "), 1);
    assert_null(strstr(b.p.log, "Range:"));
    fetch(&b, SCRIPT(lines));
    assert_int_equal(b.report.present, 1);
    assert_int_equal(http_asked(&b.p, "GET "), 0);
    bench_drop(&b);
}

static void a_cut_download_goes_on_where_it_ended(void **state) {
    (void)state;
    bench b;
    bench_make(&b);
    http_line lines[] = {{"HEAD " PLACE, OK_HEAD("20", TAG), 0},
                         {"GET " PLACE, OK_HEAD("20", TAG) MAGIC "0123", 1},
                         {"GET " PLACE, PART_HEAD("8-19/20", "12", TAG) "456789abcdef", 0}};
    fetch(&b, SCRIPT(lines));
    assert_int_equal(b.report.fetched, 1);
    assert_string_equal(stored(&b), BODY);
    assert_int_equal(b.report.loaded, 20);
    assert_non_null(strstr(b.p.log, "Range: bytes=8-\r\n"));
    assert_non_null(strstr(b.p.log, "If-Range: \"v1\"\r\n"));
    bench_drop(&b);
}

static void the_next_run_goes_on_with_what_the_last_one_left(void **state) {
    (void)state;
    bench b;
    bench_make(&b);
    b.options.retries = 0;
    http_line first[] = {{"HEAD " PLACE, OK_HEAD("20", TAG), 0}, {"GET " PLACE, OK_HEAD("20", TAG) MAGIC "0123", 0}};
    fetch(&b, SCRIPT(first));
    assert_int_equal(b.report.failed, 1);
    assert_null(stored(&b));
    http_line second[] = {{"HEAD " PLACE, OK_HEAD("20", TAG), 0},
                          {"GET " PLACE, PART_HEAD("8-19/20", "12", TAG) "456789abcdef", 0}};
    fetch(&b, SCRIPT(second));
    assert_int_equal(b.report.fetched, 1);
    assert_int_equal(b.resumed, 8);
    assert_int_equal(b.report.loaded, 12);
    assert_string_equal(stored(&b), BODY);
    bench_drop(&b);
}

/* Bytes from another address, or from before the machine was started, do not count. */
static void what_was_left_elsewhere_or_before_is_begun_anew(void **state) {
    (void)state;
    for (int elsewhere = 0; elsewhere < 2; elsewhere++) {
        bench b;
        char path[600];
        bench_make(&b);
        b.options.retries = 0;
        http_line first[] = {{"HEAD " PLACE, OK_HEAD("20", TAG), 0},
                             {"GET " PLACE, OK_HEAD("20", TAG) MAGIC "XXXX", 0}};
        fetch(&b, SCRIPT(first));
        assert_int_equal(b.report.failed, 1);
        (void)snprintf(path, sizeof path, "%s/tmp/fetch/" NAME ".json", b.l.path);
        char *text = seine_arena_printf(&b.l.arena, "%s", lake_text(&b.l, path));
        char *digit = strstr(text, "\"boot\":\"");
        assert_non_null(digit);
        if (elsewhere != 0)
            b.p.port = 0;
        else
            digit[8] = digit[8] == '0' ? '1' : '0';
        assert_ok(&b.l, seine_file_write(path, text, strlen(text), SEINE_FILE_REPLACE, &b.l.error));
        http_line second[] = {{"HEAD " PLACE, OK_HEAD("20", TAG), 0}, {"GET " PLACE, OK_HEAD("20", TAG) BODY, 0}};
        fetch(&b, SCRIPT(second));
        assert_int_equal(b.report.fetched, 1);
        assert_int_equal(b.resumed, 0);
        assert_null(strstr(b.p.log, "Range:"));
        bench_drop(&b);
    }
}

/* Bytes of another version, by its tag, its length or its date, are dropped. */
static void what_another_version_left_is_begun_anew(void **state) {
    (void)state;
    static const struct {
        const char *left, *head, *whole;
    } cases[] = {
        {OK_HEAD("20", TAG) MAGIC "XXXX", OK_HEAD("20", "ETag: \"v2\"\r\n"), OK_HEAD("20", "ETag: \"v2\"\r\n") BODY},
        {OK_HEAD("19", TAG) MAGIC "XXXX", OK_HEAD("20", TAG), OK_HEAD("20", TAG) BODY},
        {OK_HEAD("20", "Last-Modified: Wed, 01 Jan 2025 00:00:00 GMT\r\n") MAGIC "XXXX",
         OK_HEAD("20", "Last-Modified: Thu, 02 Jan 2025 00:00:00 GMT\r\n"),
         OK_HEAD("20", "Last-Modified: Thu, 02 Jan 2025 00:00:00 GMT\r\n") BODY},
        {OK_HEAD("20", "") MAGIC "XXXX", OK_HEAD("20", ""), OK_HEAD("20", "") BODY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench b;
        bench_make(&b);
        b.options.retries = 0;
        http_line first[] = {{"HEAD " PLACE, cases[i].head, 0}, {"GET " PLACE, cases[i].left, 0}};
        fetch(&b, SCRIPT(first));
        assert_int_equal(b.report.failed, 1);
        http_line second[] = {{"HEAD " PLACE, cases[i].head, 0}, {"GET " PLACE, cases[i].whole, 0}};
        fetch(&b, SCRIPT(second));
        assert_int_equal(b.report.fetched, 1);
        assert_int_equal(b.resumed, 0);
        assert_string_equal(stored(&b), BODY);
        assert_null(strstr(b.p.log, "Range:"));
        bench_drop(&b);
    }
}

/* A server that sends something else than was asked for is asked for the whole. */
static void other_bytes_than_asked_for_are_not_appended(void **state) {
    (void)state;
    static const char *const wrong[] = {PART_HEAD("7-19/20", "13", TAG) "3456789abcdef",
                                        PART_HEAD("8-19/21", "12", TAG) "456789abcdef",
                                        PART_HEAD("8-19/20", "12", "ETag: \"v2\"\r\n") "456789abcdef"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        bench b;
        bench_make(&b);
        b.options.retries = 3;
        http_line lines[] = {{"HEAD " PLACE, OK_HEAD("20", TAG), 0},
                             {"GET " PLACE, OK_HEAD("20", TAG) MAGIC "0123", 1},
                             {"GET " PLACE, wrong[i], 1},
                             {"GET " PLACE, OK_HEAD("20", TAG) BODY, 0}};
        fetch(&b, SCRIPT(lines));
        assert_int_equal(b.report.fetched, 1);
        assert_string_equal(stored(&b), BODY);
        assert_int_equal(http_asked(&b.p, "Range: bytes=8-"), 1);
        bench_drop(&b);
    }
}

static void a_range_that_is_refused_begins_anew(void **state) {
    (void)state;
    bench b;
    bench_make(&b);
    b.options.retries = 2;
    http_line lines[] = {{"HEAD " PLACE, OK_HEAD("20", TAG), 0},
                         {"GET " PLACE, OK_HEAD("20", TAG) MAGIC "0123", 1},
                         {"GET " PLACE, REFUSED("416", ""), 1},
                         {"GET " PLACE, OK_HEAD("20", TAG) BODY, 0}};
    fetch(&b, SCRIPT(lines));
    assert_int_equal(b.report.fetched, 1);
    assert_string_equal(stored(&b), BODY);
    bench_drop(&b);
}

static void passing_faults_are_tried_again_as_often_as_told(void **state) {
    (void)state;
    static const char *const codes[] = {"408", "425", "429", "500", "503", "599"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        bench b;
        char refused[200];
        bench_make(&b);
        (void)snprintf(refused, sizeof refused, REFUSED("%s", ""), codes[i]);
        http_line lines[] = {{"HEAD " PLACE, refused, 1},
                             {"HEAD " PLACE, OK_HEAD("20", TAG), 0},
                             {"GET " PLACE, refused, 1},
                             {"GET " PLACE, OK_HEAD("20", TAG) BODY, 0}};
        fetch(&b, SCRIPT(lines));
        assert_int_equal(b.report.fetched, 1);
        assert_int_equal(http_asked(&b.p, "HEAD "), 2);
        assert_int_equal(http_asked(&b.p, "GET "), 2);
        http_line never[] = {{"HEAD /2025/", refused, 0}};
        b.options.from = b.options.to = b.options.from + 1;
        fetch(&b, SCRIPT(never));
        fails(&b, codes[i]);
        assert_int_equal(http_asked(&b.p, "HEAD "), 2);
        bench_drop(&b);
    }
}

static void final_refusals_are_not_tried_again_and_say_what_to_do(void **state) {
    (void)state;
    static const struct {
        const char *code, *cause;
    } cases[] = {{"401", "HTTP 401; it wants a user and a password"},
                 {"407", "HTTP 407; it wants a user and a password"},
                 {"400", "HTTP 400"},
                 {"501", "HTTP 501; the fault is the publisher's"},
                 {"505", "HTTP 505; the fault is the publisher's"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench b;
        char refused[200];
        bench_make(&b);
        (void)snprintf(refused, sizeof refused, REFUSED("%s", ""), cases[i].code);
        http_line lines[] = {{"HEAD " PLACE, OK_HEAD("20", TAG), 0}, {"GET " PLACE, refused, 0}};
        fetch(&b, SCRIPT(lines));
        fails(&b, cases[i].cause);
        assert_int_equal(http_asked(&b.p, "GET "), 1);
        bench_drop(&b);
    }
}

static void codes_that_mean_not_here_are_no_failure(void **state) {
    (void)state;
    static const char *const codes[] = {"403", "404", "405", "410"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        bench b;
        char refused[200];
        bench_make(&b);
        (void)snprintf(refused, sizeof refused, REFUSED("%s", ""), codes[i]);
        http_line lines[] = {{"HEAD ", refused, 0}, {"GET ", refused, 0}};
        fetch(&b, SCRIPT(lines));
        assert_int_equal(b.report.absent, 1);
        assert_string_equal(b.name, "");
        bench_drop(&b);
    }
}

/* HEAD may be refused where GET is not: then its headers are enough to know. */
static void a_refused_head_is_asked_again_by_get(void **state) {
    (void)state;
    bench b;
    bench_make(&b);
    http_line lines[] = {{"HEAD ", REFUSED("405", ""), 0}, {"GET " PLACE, OK_HEAD("20", TAG) BODY, 0}};
    fetch(&b, SCRIPT(lines));
    assert_int_equal(b.report.fetched, 1);
    assert_string_equal(stored(&b), BODY);
    bench_drop(&b);
}

/* Who asks to come back within ten minutes is waited for, who asks for more is not, and his bytes do not stay. */
static void a_server_that_asks_for_long_patience_fails_its_day(void **state) {
    (void)state;
    bench b;
    bench_make(&b);
    b.options.retries = 5;
    http_line lines[] = {{"HEAD " PLACE, OK_HEAD("20", TAG), 0},
                         {"GET " PLACE, OK_HEAD("20", TAG) MAGIC "0123", 1},
                         {"GET " PLACE, REFUSED("503", "Retry-After: 601\r\n"), 0}};
    fetch(&b, SCRIPT(lines));
    fails(&b, "it asks to come back in 601 s");
    assert_int_equal(http_asked(&b.p, "GET "), 2);
    http_line heads[] = {{"HEAD " PLACE, REFUSED("429", "Retry-After: 601\r\n"), 0}};
    fetch(&b, SCRIPT(heads));
    fails(&b, "HTTP 429; it asks for patience: try again later; it asks to come back in 601 s");
    assert_int_equal(http_asked(&b.p, "HEAD "), 1);
    bench_drop(&b);
}

static void a_server_that_asks_for_a_second_is_waited_for(void **state) {
    (void)state;
    bench b;
    bench_make(&b);
    http_line lines[] = {{"HEAD " PLACE, OK_HEAD("20", TAG), 0},
                         {"GET " PLACE, REFUSED("503", "Retry-After: 1\r\n"), 1},
                         {"GET " PLACE, OK_HEAD("20", TAG) BODY, 0}};
    fetch(&b, SCRIPT(lines));
    assert_int_equal(b.report.fetched, 1);
    assert_true(b.report.seconds >= 1);
    bench_drop(&b);
}

static void bytes_that_differ_from_their_md5_are_not_taken(void **state) {
    (void)state;
    bench b;
    bench_make(&b);
#define RIGHT "ETag: \"BB9BDAE8E5B1D144CFE015D67903DE1B\"\r\n"
#define WRONG "ETag: \"00000000000000000000000000000000\"\r\n"
    http_line wrong[] = {{"HEAD " PLACE, OK_HEAD("20", WRONG), 0}, {"GET " PLACE, OK_HEAD("20", WRONG) BODY, 0}};
    fetch(&b, SCRIPT(wrong));
    fails(&b, "not the ETag \"00000000000000000000000000000000\"");
    assert_int_equal(http_asked(&b.p, "GET "), 2); /* the bytes may have been spoilt on their way */
    assert_null(stored(&b));
    b.options.check_etag = false;
    fetch(&b, SCRIPT(wrong));
    assert_int_equal(b.report.fetched, 1);
    bench_drop(&b);
    bench_make(&b);
    http_line right[] = {{"HEAD " PLACE, OK_HEAD("20", RIGHT), 0},
                         {"GET " PLACE, OK_HEAD("20", RIGHT) MAGIC "0123", 1},
                         {"GET " PLACE, PART_HEAD("8-19/20", "12", RIGHT) "456789abcdef", 0}};
    fetch(&b, SCRIPT(right));
    assert_int_equal(b.report.fetched, 1);
    bench_drop(&b);
}

static void a_length_that_head_did_not_tell_is_tried_again(void **state) {
    (void)state;
    bench b;
    bench_make(&b);
    http_line lines[] = {{"HEAD " PLACE, OK_HEAD("21", TAG), 0}, {"GET " PLACE, OK_HEAD("20", TAG) BODY, 0}};
    fetch(&b, SCRIPT(lines));
    fails(&b, "20 bytes, but HEAD said 21");
    bench_drop(&b);
}

static void a_page_is_not_an_archive_whatever_its_name(void **state) {
    (void)state;
    bench b;
    bench_make(&b);
    http_line lines[] = {{"HEAD " PLACE, OK_HEAD("20", TAG), 0},
                         {"GET " PLACE, OK_HEAD("20", TAG "Content-Type: text/html\r\n") BODY, 0},
                         {"HEAD /2025/ais-2025-01-01.csv.zst ", OK_HEAD("20", TAG), 0},
                         {"GET /2025/ais-2025-01-01.csv.zst ", OK_HEAD("20", TAG) "no magic, twenty b..", 0},
                         {"HEAD /2025/AIS_2025_01_01.zip ", OK_HEAD("4", "Content-Type: text/html\r\n"), 0}};
    fetch(&b, SCRIPT(lines));
    assert_int_equal(b.report.absent, 1);
    assert_int_equal(http_asked(&b.p, "GET " PLACE), 1);
    assert_int_equal(lake_count(&b.l, "tmp/fetch"), 0);
    bench_drop(&b);
}

/* ---- the index of a year ---- */

static void preview(bench *b, const char *page, const char *names) {
    char answer[4096];
    bool from_index = false;
    (void)snprintf(answer, sizeof answer, OK_HEAD("%zu", "Content-Type: text/html\r\n") "%s", strlen(page), page);
    http_line lines[] = {{"GET /2025/index.html ", answer, 0}};
    http_begin(&b->p, SCRIPT(lines));
    b->options.base_url = b->p.url;
    b->names[0] = '\0';
    b->options.retries = 0;
    assert_ok(&b->l, seine_fetch_preview(2025, &b->options, &from_index, &b->l.error));
    http_end(&b->p);
    assert_string_equal(b->names, names);
    assert_true(from_index);
}

static void archives_are_found_among_the_links_of_a_page(void **state) {
    (void)state;
    bench b;
    bench_make(&b);
    preview(&b,
            "<html><a href=\"AIS_2025_01_03.zip\">AIS_2025_01_03.zip</a> <A HREF='AIS_2025_01_02.zip'>x</A>"
            "<a\nhref=/some/where/ais-2025-01-01.csv.zst></html>",
            "ais-2025-01-01.csv.zst AIS_2025_01_02.zip AIS_2025_01_03.zip ");
    preview(&b, "<a >AIS_2025_12_31.zip</a", "AIS_2025_12_31.zip "); /* the last day, cut short */
    preview(&b, "<a >ais-2025-01-01.csv.gz AIS_2025_01_01.csv.zst AIS_2025_01_01.zip</a>", "AIS_2025_01_01.csv.zst ");
    /* In no link, of another year, of no known form, part of another word, too long, or in what is only like a link. */
    static const char *const none[] = {
        "AIS_2025_01_01.zip",
        "<a >AIS_2024_12_31.zip AIS_2026_01_01.zip</a>",
        "<a >AIS_2025_01_01.tar</a>",
        "<a >xAIS_2025_01_01.zip 9AIS_2025_01_02.zip</a>",
        "<abbr>AIS_2025_01_01.zip",
        "<b >AIS_2025_01_01.zip",
        "<a >AIS_2025_01_01.zip.........................................................</a>",
        "<a ></a>AIS_2025_01_01.zip",
        "<a ></A >AIS_2025_01_01.zip",
        "<a href=\"",
        "<a",
        "<",
        "<a >AIS",
        "<a ><",
        "<a ></",
        "<a ></a",
        "<a >AIS_2025_01_0"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        char page[200]; /* with one that counts before it, else every day would be asked for */
        (void)snprintf(page, sizeof page, "<a >AIS_2025_06_15.zip</a>%s", none[i]);
        preview(&b, page, "AIS_2025_06_15.zip ");
    }
    /* An anchor reaches to the next one, and other tags in it end nothing. */
    preview(&b, "<a ><i>AIS_2025_01_01.zip</i> <ab>AIS_2025_01_02.zip <a >AIS_2025_01_03.zip </a>AIS_2025_01_04.zip",
            "AIS_2025_01_01.zip AIS_2025_01_02.zip AIS_2025_01_03.zip ");
    bench_drop(&b);
}

static void an_index_that_fails_is_tried_again_and_then_told(void **state) {
    (void)state;
    bench b;
    bool from_index = false;
    bench_make(&b);
    http_line lines[] = {{"GET /2025/index.html ", REFUSED("503", ""), 1},
                         {"GET /2025/index.html ", OK_HEAD("25", "") "<a >AIS_2025_01_01.zip</a>", 0}};
    http_begin(&b.p, SCRIPT(lines));
    b.options.base_url = b.p.url;
    assert_ok(&b.l, seine_fetch_preview(2025, &b.options, &from_index, &b.l.error));
    http_end(&b.p);
    assert_true(from_index);
    assert_int_equal(b.outcome, SEINE_FETCH_FOUND);
    assert_int_equal(b.bytes, -1);
    http_line never[] = {{"GET /2025/index.html ", REFUSED("503", ""), 0}};
    http_begin(&b.p, SCRIPT(never));
    b.options.base_url = b.p.url;
    assert_int_equal(seine_fetch_preview(2025, &b.options, &from_index, &b.l.error), SEINE_E_IO);
    http_end(&b.p);
    assert_non_null(strstr(b.l.error.text, "index.html of the year: HTTP 503"));
    assert_int_equal(http_asked(&b.p, "GET "), 2);
    http_line late[] = {{"GET /2025/index.html ", REFUSED("503", "Retry-After: 700\r\n"), 0}};
    http_begin(&b.p, SCRIPT(late));
    b.options.base_url = b.p.url;
    assert_int_equal(seine_fetch_preview(2025, &b.options, &from_index, &b.l.error), SEINE_E_LIMIT);
    http_end(&b.p);
    assert_int_equal(http_asked(&b.p, "GET "), 1);
    bench_drop(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_question_and_one_download_are_enough),
        cmocka_unit_test(a_cut_download_goes_on_where_it_ended),
        cmocka_unit_test(the_next_run_goes_on_with_what_the_last_one_left),
        cmocka_unit_test(what_was_left_elsewhere_or_before_is_begun_anew),
        cmocka_unit_test(what_another_version_left_is_begun_anew),
        cmocka_unit_test(other_bytes_than_asked_for_are_not_appended),
        cmocka_unit_test(a_range_that_is_refused_begins_anew),
        cmocka_unit_test(passing_faults_are_tried_again_as_often_as_told),
        cmocka_unit_test(final_refusals_are_not_tried_again_and_say_what_to_do),
        cmocka_unit_test(codes_that_mean_not_here_are_no_failure),
        cmocka_unit_test(a_refused_head_is_asked_again_by_get),
        cmocka_unit_test(a_server_that_asks_for_long_patience_fails_its_day),
        cmocka_unit_test(a_server_that_asks_for_a_second_is_waited_for),
        cmocka_unit_test(bytes_that_differ_from_their_md5_are_not_taken),
        cmocka_unit_test(a_length_that_head_did_not_tell_is_tried_again),
        cmocka_unit_test(a_page_is_not_an_archive_whatever_its_name),
        cmocka_unit_test(archives_are_found_among_the_links_of_a_page),
        cmocka_unit_test(an_index_that_fails_is_tried_again_and_then_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
