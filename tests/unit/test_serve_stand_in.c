/* links: serve generate model refresh verify table engine parquet columns core io base */
/* The stand-in for the API of vehicles, and the client of HTTP APIs against every way in which it answers wrongly. */
#include "generate_support.h"

#include "base/json.h"
#include "generate/telematics_api.h"
#include "io/clock.h"
#include "io/http_source.h"
#include "serve/stand_in.h"

#include <stdatomic.h>

#define AT_US INT64_C(1683374400000000) /* 2023-05-06T12:00:00Z */

typedef struct bench {
    seine_telematics_api_options options;
    seine_telematics_api *api;
    seine_stand_in *server;
    seine_http_source source;
    seine_http_source_report report;
    seine_error error;
    seine_buf body;
    char url[300];
    atomic_int open; /* answers that were begun and not ended */
} bench;

static const char *parameter(void *context, const char *name) {
    const seine_stand_in_request *const *request = context;
    return seine_stand_in_parameter(*request, name);
}

typedef struct told {
    seine_telematics_answer answer;
    bench *of;
} told;

static seine_status more(void *body, seine_buf *out, bool *is_end) {
    return seine_telematics_answer_more(&((told *)body)->answer, out, is_end);
}

static void end(void *body) {
    told *t = body;
    atomic_fetch_sub(&t->of->open, 1);
    free(t);
}

static seine_status answer(void *context, const seine_stand_in_request *request, seine_stand_in_answer *to) {
    bench *b = context;
    told *t = malloc(sizeof *t);
    if (t == NULL) return SEINE_E_NOMEM;
    t->of = b;
    atomic_fetch_add(&b->open, 1);
    seine_telematics_api_ask(b->api, seine_stand_in_path(request), parameter, &request, &t->answer);
    *to = (seine_stand_in_answer){.status = t->answer.status,
                                  .content_type = t->answer.content_type,
                                  .retry_after_s = t->answer.retry_after_s,
                                  .is_reset = t->answer.is_reset,
                                  .body = t,
                                  .more = more,
                                  .end = end};
    return SEINE_OK;
}

/* A server whose first answers go wrong as the script says. */
static void bench_open(bench *b, const seine_telematics_fault *script, size_t count) {
    memset(b, 0, sizeof *b);
    b->options = (seine_telematics_api_options){
        .messages = seine_telematics_default(7, AT_US), .script = script, .script_count = count, .wait_us = 20000000};
    b->api = seine_telematics_api_new(&b->options);
    assert_non_null(b->api);
    const seine_stand_in_options options = {.answer = answer, .context = b};
    if (seine_stand_in_open(&options, &b->server, &b->error) != SEINE_OK) fail_msg("%s", b->error.text);
    b->source = seine_http_source_default();
    b->source.backoff_us = 1;
    b->source.retries = 0;
    seine_buf_init(&b->body, (size_t)1 << 28);
}

static void bench_close(bench *b) {
    seine_stand_in_close(b->server);
    seine_telematics_api_free(b->api);
    seine_buf_free(&b->body);
    assert_int_equal(atomic_load(&b->open), 0);
}

static seine_status keep(void *context, const seine_http_page *page, seine_error *error) {
    bench *b = context;
    (void)error;
    seine_buf_clear(&b->body);
    return seine_buf_append(&b->body, page->body.data, page->body.size);
}

static void get(bench *b, const char *target, seine_status status) {
    (void)snprintf(b->url, sizeof b->url, "http://127.0.0.1:%d%s", seine_stand_in_port(b->server), target);
    b->source.url = b->url;
    const seine_status found = seine_http_source_run(&b->source, keep, b, &b->report, &b->error);
    if (found != status) fail_msg("%s: status %d: %s", target, (int)found, b->error.text);
}

static void tells(const bench *b, const char *text) {
    if (strstr(b->error.text, text) == NULL) fail_msg("%s, and not: %s", b->error.text, text);
}

/* How many messages the body holds; -1 = it is no JSON array. */
static int64_t messages(const bench *b) {
    seine_json *json = NULL;
    if (seine_json_parse(seine_buf_str(&b->body), "body", &json, NULL) != SEINE_OK) return -1;
    const seine_json_value root = seine_json_root(json);
    const int64_t count = seine_json_kind_of(root) == SEINE_JSON_ARRAY ? (int64_t)seine_json_count(root) : -1;
    seine_json_free(json);
    return count;
}

#define V SEINE_TELEMATICS_PATH

static void as_many_messages_come_as_were_asked_for(void **state) {
    (void)state;
    static const int64_t amounts[] = {0, 1, 2, 999, 60000};
    bench b;
    bench_open(&b, NULL, 0);
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        char target[100];
        (void)snprintf(target, sizeof target, V "?amount=%d", (int)amounts[i]);
        get(&b, target, SEINE_OK);
        assert_int_equal(messages(&b), amounts[i]);
    }
    get(&b, V, SEINE_OK);
    assert_int_equal(messages(&b), SEINE_TELEMATICS_AMOUNT);
    bench_close(&b);
}

static void every_call_brings_others_and_a_seed_the_same(void **state) {
    (void)state;
    seine_hash128 sums[6];
    bench b;
    bench_open(&b, NULL, 0);
    for (size_t i = 0; i < 6; i++) {
        if (i == 3) { /* another server of the same seed */
            bench_close(&b);
            bench_open(&b, NULL, 0);
        }
        get(&b, i % 3 == 2 ? V "?seed=5" : V, SEINE_OK);
        sums[i] = seine_hash128_of(b.body.data, b.body.size);
    }
    for (size_t i = 0; i < 3; i++) assert_true(seine_hash128_equal(sums[i], sums[i + 3]));
    assert_false(seine_hash128_equal(sums[0], sums[1]));
    bench_close(&b);
}

static void what_is_asked_for_wrongly_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {
        V "?amount=-1", V "?amount=1000001", V "?amount=x", V "?amount=", V "?fault=none", V "?fault=399", V "?seed=x"};
    bench b;
    bench_open(&b, NULL, 0);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        get(&b, wrong[i], SEINE_E_IO);
        tells(&b, "HTTP 400: {\"error\":\"amount is 0 to 1000000");
    }
    get(&b, "/upstream/other", SEINE_E_IO);
    tells(&b, "HTTP 404; is the address right?: {\"error\":\"only /upstream/vehicle_messages is here\"}");
    bench_close(&b);
}

static void a_script_of_faults_is_worked_off_by_the_requests(void **state) {
    (void)state;
    static const seine_telematics_fault script[] = {
        {SEINE_FAULT_STATUS, 500}, {SEINE_FAULT_CUT, 0}, {SEINE_FAULT_RESET, 0}, {SEINE_FAULT_STATUS, 429}};
    bench b;
    bench_open(&b, script, 4);
    b.source.retries = 4;
    get(&b, V "?amount=1000", SEINE_OK);
    assert_int_equal(b.report.retries, 4);
    assert_int_equal(messages(&b), 1000);
    get(&b, V "?amount=10", SEINE_OK);
    assert_int_equal(b.report.retries, 0);
    bench_close(&b);
}

static void answers_that_are_not_whole_are_told(void **state) {
    (void)state;
    static const struct {
        const char *target, *says;
    } cases[] = {{V "?fault=503", "HTTP 503; the fault is the server's"},
                 {V "?fault=404", "HTTP 404"},
                 {V "?fault=cut", "transfer closed"},
                 {V "?fault=cut&amount=1", "transfer closed"},
                 {V "?fault=cut&amount=100000", "transfer closed"},
                 {V "?fault=reset", "Empty reply"},
                 {V "?fault=slow", "time-out"},
                 {V "?fault=stall&amount=5", "time-out"}};
    bench b;
    bench_open(&b, NULL, 0);
    b.source.timeout_us = 400000;
    atomic_bool stop = false;
    const seine_progress progress = {.stop = &stop};
    b.options.progress = &progress;
    seine_telematics_api_free(b.api);
    b.api = seine_telematics_api_new(&b.options);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        get(&b, cases[i].target, SEINE_E_IO);
        tells(&b, cases[i].says);
    }
    atomic_store(&stop, true); /* those who still wait end at once */
    const int64_t begin_us = seine_clock_monotonic_us();
    bench_close(&b);
    assert_in_range(seine_clock_monotonic_us() - begin_us, 0, 15000000);
}

static void a_stalled_answer_goes_on(void **state) {
    (void)state;
    bench b;
    bench_open(&b, NULL, 0);
    b.options.wait_us = 300000;
    seine_telematics_api_free(b.api);
    b.api = seine_telematics_api_new(&b.options);
    get(&b, V "?fault=stall&amount=1001", SEINE_OK);
    assert_int_equal(messages(&b), 1001);
    get(&b, V "?fault=slow&amount=3", SEINE_OK);
    assert_int_equal(messages(&b), 3);
    bench_close(&b);
}

/* Whole answers that say something else: it is the reader's to tell. */
static void answers_that_are_no_messages_arrive_as_they_are(void **state) {
    (void)state;
    bench b;
    bench_open(&b, NULL, 0);
    get(&b, V "?fault=page", SEINE_OK);
    assert_memory_equal(b.body.data, "<!doctype html>", 15);
    get(&b, V "?fault=empty", SEINE_OK);
    assert_int_equal(b.body.size, 0);
    get(&b, V "?fault=object", SEINE_OK);
    assert_string_equal(seine_buf_text(&b.body), "{\"error\":\"no messages today\"}");
    get(&b, V "?fault=broken&amount=3", SEINE_OK);
    assert_int_equal(messages(&b), -1);
    assert_int_equal(seine_buf_append_str(&b.body, "]"), SEINE_OK);
    assert_int_equal(messages(&b), 3);
    get(&b, V "?fault=nan&amount=3", SEINE_OK);
    assert_int_equal(messages(&b), -1);
    get(&b, V "?fault=numbers&amount=3", SEINE_OK);
    assert_non_null(strstr(seine_buf_text(&b.body), "\"latitude\":1e400,"));
    get(&b, V "?fault=twins&amount=3", SEINE_OK);
    assert_int_equal(messages(&b), 3);
    assert_non_null(strstr(seine_buf_text(&b.body), ",\"vin\":\"1TWIN000000000000\",\"velocity\":1},{\"vin\":"));
    get(&b, V "?fault=deep", SEINE_OK);
    assert_int_equal(b.body.size, 200000);
    assert_int_equal(messages(&b), -1);
    bench_close(&b);
}

/* A text of a GiB costs neither side more memory than it allows itself. */
static void a_long_text_is_given_up_where_the_client_says(void **state) {
    (void)state;
    bench b;
    bench_open(&b, NULL, 0);
    b.source.max_bytes = 1 << 20;
    get(&b, V "?fault=long", SEINE_E_LIMIT);
    tells(&b, "longer than 1048576 bytes");
    get(&b, V "?fault=long&bytes=100000", SEINE_OK);
    assert_int_equal(messages(&b), 1);
    assert_int_equal(b.body.size, 100000 + strlen("[{\"vin\":\"\"}]"));
    bench_close(&b);
}

static void a_port_that_is_taken_is_told(void **state) {
    (void)state;
    bench b;
    seine_stand_in *second;
    bench_open(&b, NULL, 0);
    const seine_stand_in_options options = {.port = seine_stand_in_port(b.server), .answer = answer, .context = &b};
    assert_int_equal(seine_stand_in_open(&options, &second, &b.error), SEINE_E_IO);
    tells(&b, "taken by another program: take another one, or 0");
    assert_null(second);
    bench_close(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_messages_come_as_were_asked_for),
        cmocka_unit_test(every_call_brings_others_and_a_seed_the_same),
        cmocka_unit_test(what_is_asked_for_wrongly_is_refused),
        cmocka_unit_test(a_script_of_faults_is_worked_off_by_the_requests),
        cmocka_unit_test(answers_that_are_not_whole_are_told),
        cmocka_unit_test(a_stalled_answer_goes_on),
        cmocka_unit_test(answers_that_are_no_messages_arrive_as_they_are),
        cmocka_unit_test(a_long_text_is_given_up_where_the_client_says),
        cmocka_unit_test(a_port_that_is_taken_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
