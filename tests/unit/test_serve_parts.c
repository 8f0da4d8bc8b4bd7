/* links: serve table engine io columns core base */
/* Parts of the server that stand alone: token buckets, tokens, the cache, tiles. */
#include "serve/cache.h"
#include "serve/limiter.h"
#include "serve/mvt.h"
#include "serve/pool.h"
#include "serve/sessions.h"
#include "serve/tokens.h"

#include <setjmp.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define SECOND INT64_C(1000000)

static void a_bucket_gives_its_burst_and_then_its_rate(void **state) {
    (void)state;
    seine_limiter *limiter = seine_limiter_new(2, 3);
    double wait_s = 0;
    assert_non_null(limiter);
    for (int i = 0; i < 3; i++) assert_true(seine_limiter_take(limiter, 1, SECOND, &wait_s));
    assert_false(seine_limiter_take(limiter, 1, SECOND, &wait_s));
    assert_true(wait_s > 0.49 && wait_s < 0.51);
    assert_true(seine_limiter_take(limiter, 2, SECOND, &wait_s)); /* another client */
    assert_true(seine_limiter_take(limiter, 1, SECOND + SECOND / 2, &wait_s));
    assert_false(seine_limiter_take(limiter, 1, SECOND + SECOND / 2, &wait_s));
    for (int i = 0; i < 3; i++)
        assert_true(seine_limiter_take(limiter, 1, 100 * SECOND, &wait_s)); /* no more than a burst */
    assert_false(seine_limiter_take(limiter, 1, 100 * SECOND, &wait_s));
    assert_false(seine_limiter_take(limiter, 1, 99 * SECOND, &wait_s)); /* a clock that went back gives nothing */
    seine_limiter_free(limiter);
}

static void many_clients_share_the_table(void **state) {
    (void)state;
    seine_limiter *limiter = seine_limiter_new(1, 1);
    double wait_s = 0;
    for (uint64_t client = 0; client < 100000; client++)
        assert_true(seine_limiter_take(limiter, client, SECOND + (int64_t)client, &wait_s));
    assert_false(seine_limiter_take(limiter, 99999, SECOND + 100000, &wait_s)); /* the newest is remembered */
    seine_limiter_free(limiter);
}

/* ---- tokens ---- */

static seine_status load(const char *text, seine_tokens **tokens) {
    char path[] = "/tmp/seine-tokens-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
    const seine_status status = seine_tokens_load(path, tokens, NULL);
    unlink(path);
    return status;
}

static void tokens_are_known_by_their_digest(void **state) {
    (void)state;
    seine_tokens *tokens = NULL;
    /* SHA-256 of "abc", and the same with capitals, a remark and a line end of others. */
    const char *file = "# people\n\nBA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD  ann\r\n";
    assert_int_equal(load(file, &tokens), SEINE_OK);
    assert_true(seine_tokens_accept(tokens, SEINE_STR("Bearer abc")));
    assert_true(seine_tokens_accept(tokens, SEINE_STR("bearer  abc ")));
    assert_false(seine_tokens_accept(tokens, SEINE_STR("Bearer abd")));
    assert_false(seine_tokens_accept(tokens, SEINE_STR("Bearer ")));
    assert_false(seine_tokens_accept(tokens, SEINE_STR("abc")));
    assert_false(seine_tokens_accept(tokens, (seine_str){NULL, 0}));
    seine_tokens_free(tokens);
    assert_int_equal(load("", &tokens), SEINE_E_USAGE);
    assert_int_equal(load("abc\n", &tokens), SEINE_E_USAGE);
    assert_null(tokens);
}

/* ---- cache ---- */

static seine_answer *answer_of(size_t bytes) {
    seine_answer *answer = seine_answer_new(200, "text/plain");
    assert_non_null(answer);
    assert_int_equal(seine_buf_reserve(&answer->body, bytes), SEINE_OK);
    memset(answer->body.data, 'x', bytes);
    answer->body.size = bytes;
    return answer;
}

static void the_least_recently_used_answer_goes_first(void **state) {
    (void)state;
    seine_cache *cache = seine_memory_cache_new(20000);
    for (uint64_t i = 0; i < 4; i++) {
        seine_answer *answer = answer_of(4000);
        cache->put(cache, (seine_hash128){i, 0}, 0, answer);
        seine_answer_release(answer);
        seine_answer *first = cache->get(cache, (seine_hash128){0, 0}); /* used all the time */
        assert_non_null(first);
        seine_answer_release(first);
    }
    seine_answer *fifth = answer_of(4000);
    cache->put(cache, (seine_hash128){4, 0}, 0, fifth);
    cache->put(cache, (seine_hash128){5, 0}, 0, fifth);
    seine_answer_release(fifth);
    assert_null(cache->get(cache, (seine_hash128){1, 0}));
    seine_answer *first = cache->get(cache, (seine_hash128){0, 0});
    assert_non_null(first);
    assert_int_equal(first->body.size, 4000);
    seine_answer *huge = answer_of(10000);
    cache->put(cache, (seine_hash128){9, 0}, 0, huge); /* a quarter of the cache at most */
    assert_null(cache->get(cache, (seine_hash128){9, 0}));
    seine_answer_release(huge);
    cache->close(cache);
    assert_int_equal(first->body.data[0], 'x'); /* whoever has an answer keeps it */
    seine_answer_release(first);
}

static void answers_of_a_state_that_is_over_go_with_the_commit(void **state) {
    (void)state;
    seine_cache *cache = seine_memory_cache_new(1 << 20);
    const uint64_t made_from[] = {7, 8, 0, 7}; /* 0: what never changes */
    for (uint64_t i = 0; i < 4; i++) {
        seine_answer *answer = answer_of(100);
        cache->put(cache, (seine_hash128){i, 0}, made_from[i], answer);
        seine_answer_release(answer);
    }
    const uint64_t present[] = {9, 8};
    cache->keep_only(cache, present, 2);
    for (uint64_t i = 0; i < 4; i++) {
        seine_answer *kept = cache->get(cache, (seine_hash128){i, 0});
        assert_int_equal(kept != NULL, made_from[i] != 7);
        seine_answer_release(kept);
    }
    cache->keep_only(cache, NULL, 0);
    assert_null(cache->get(cache, (seine_hash128){1, 0}));
    cache->close(cache);
}

/* ---- where threads meet: also for the build that sees races ---- */

enum { THREADS = 4, TIMES = 400, KEYS = 8 };

/** What all threads use. */
typedef struct meeting {
    seine_cache *cache;
    seine_limiter *limiter;
    seine_pool *pool;
    atomic_size_t jobs, faults, allowed;
} meeting;

static void meet(meeting *m, void *(*work)(void *)) {
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, work, m), 0);
    for (size_t i = 0; i < THREADS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
}

/* Answers are as long as their key says, whoever made them. */
static void *use_cache(void *context) {
    meeting *m = context;
    for (uint64_t i = 0; i < TIMES; i++) {
        const seine_hash128 key = {i * 7 % KEYS, 0};
        seine_answer *found = m->cache->get(m->cache, key);
        if (found != NULL && found->body.size != 100 * (key.low + 1)) atomic_fetch_add(&m->faults, 1);
        seine_answer_release(found);
        if (found == NULL) {
            seine_answer *made = seine_answer_new(200, "text/plain");
            if (made == NULL || seine_buf_reserve(&made->body, 3000) != SEINE_OK) return NULL;
            made->body.size = 100 * (key.low + 1);
            m->cache->put(m->cache, key, 1 + i % 3, made);
            seine_answer_release(made);
        }
        const uint64_t present[] = {1, 2};
        if (i % 3 == 0) m->cache->keep_only(m->cache, present, 2);
    }
    return NULL;
}

static void threads_share_the_cache(void **state) {
    (void)state;
    meeting m = {.cache = seine_memory_cache_new(20000)}; /* some of the answers have no room */
    assert_non_null(m.cache);
    meet(&m, use_cache);
    assert_int_equal(m.faults, 0);
    m.cache->close(m.cache);
}

static void *ask_limiter(void *context) {
    meeting *m = context;
    for (int i = 0; i < TIMES; i++) {
        double wait_s = 0;
        if (seine_limiter_take(m->limiter, 1, 1 + i, &wait_s)) atomic_fetch_add(&m->allowed, 1);
    }
    return NULL;
}

static void threads_share_a_bucket(void **state) {
    (void)state;
    meeting m = {.limiter = seine_limiter_new(0.001, TIMES)};
    assert_non_null(m.limiter);
    meet(&m, ask_limiter);
    assert_int_equal(m.allowed, TIMES); /* the burst, once */
    seine_limiter_free(m.limiter);
}

static void do_job(void *context, size_t worker, void *job, bool is_refused) {
    meeting *m = context;
    if (worker >= THREADS || is_refused) atomic_fetch_add(&m->faults, 1);
    atomic_fetch_add(&m->jobs, *(size_t *)job);
}

static void *submit_jobs(void *context) {
    static size_t one = 1;
    meeting *m = context;
    for (int i = 0; i < TIMES; i++) {
        if (seine_pool_waiting(m->pool) > (size_t)THREADS * TIMES) atomic_fetch_add(&m->faults, 1);
        if (!seine_pool_submit(m->pool, &one)) atomic_fetch_add(&m->faults, 1);
    }
    return NULL;
}

static void every_job_of_any_thread_is_done_once(void **state) {
    (void)state;
    meeting m = {0};
    assert_int_equal(seine_pool_open(THREADS, (size_t)THREADS * TIMES, do_job, &m, &m.pool, NULL), SEINE_OK);
    meet(&m, submit_jobs);
    while (atomic_load(&m.jobs) < (size_t)THREADS * TIMES) (void)sched_yield();
    seine_pool_close(m.pool);
    assert_int_equal(m.jobs, THREADS * TIMES);
    assert_int_equal(m.faults, 0);
}

/* ---- sessions ---- */

static seine_lent_session taken(seine_sessions *sessions, seine_lent_session held) {
    seine_lent_session fresh = {0};
    bool is_fresh = false;
    assert_int_equal(seine_sessions_take(sessions, &held, &fresh, &is_fresh, NULL), SEINE_OK);
    return is_fresh ? fresh : held;
}

static void a_new_engine_takes_over_after_many_statements(void **state) {
    (void)state;
    seine_sessions *sessions = NULL;
    const seine_engine_options options = {.threads = 1};
    assert_int_equal(seine_sessions_open(&options, "/tmp", 3, &sessions, NULL), SEINE_OK);
    const seine_lent_session none = {0};
    seine_lent_session first = taken(sessions, none), second = taken(sessions, none);
    assert_ptr_not_equal(first.session, second.session);
    assert_ptr_equal(first.engine, second.engine);
    seine_query *query = NULL;
    seine_rows rows;
    assert_int_equal(seine_engine_session_query(first.session, "SELECT 7::BIGINT", NULL, 0, &query, NULL), SEINE_OK);
    assert_ptr_equal(taken(sessions, second).session, second.session); /* the third use */
    seine_lent_session later = taken(sessions, second);
    assert_ptr_not_equal(later.engine, second.engine);
    seine_sessions_give_back(&second);
    assert_null(second.session);
    assert_int_equal(seine_query_next(query, &rows, NULL), SEINE_OK); /* of the old engine: it goes on to its end */
    assert_int_equal(((const int64_t *)rows.columns[0].values)[0], 7);
    seine_query_end(query);
    seine_lent_session last = taken(sessions, first);
    assert_ptr_equal(last.engine, later.engine);
    seine_sessions_give_back(&first);
    seine_sessions_give_back(&later);
    seine_sessions_give_back(&last);
    seine_sessions_close(sessions);
}

static void an_error_is_told_in_json(void **state) {
    (void)state;
    seine_answer *answer = seine_answer_error(404, "no \"x\"", "make it");
    assert_string_equal(seine_buf_text(&answer->body),
                        "{\"error\":{\"status\":404,\"message\":\"no \\\"x\\\"\",\"hint\":\"make it\"}}");
    seine_answer_release(answer);
}

/* ---- tiles ---- */

static void a_tile_is_what_the_specification_shows(void **state) {
    (void)state;
    seine_buf tile;
    seine_mvt layer;
    seine_buf_init(&tile, 10000);
    seine_mvt_begin(&layer, "p", &tile);
    seine_mvt_feature(&layer, SEINE_MVT_POLYGON); /* the example of section 4.3.5.5 */
    seine_mvt_tag_int(&layer, "n", 300);
    seine_mvt_move(&layer, 3, 6);
    seine_mvt_line(&layer, 8, 12);
    seine_mvt_line(&layer, 20, 34);
    seine_mvt_close(&layer);
    seine_mvt_feature_end(&layer);
    assert_int_equal(seine_mvt_end(&layer), SEINE_OK);
    const uint8_t expected[] = {0x1a, 35,                                           /* layer */
                                0x78, 2,                                            /* version */
                                0x0a, 1,    'p',                                    /* name */
                                0x12, 17,                                           /* feature */
                                0x12, 2,    0,    0,                                /* tags */
                                0x18, 3,                                            /* polygon */
                                0x22, 9,    9,    6,    12, 18, 10, 12, 24, 44, 15, /* geometry */
                                0x1a, 1,    'n',                                    /* key */
                                0x22, 3,    0x20, 0xac, 2,                          /* value */
                                0x28, 0x80, 0x20};                                  /* extent */
    assert_int_equal(tile.size, sizeof expected);
    assert_memory_equal(tile.data, expected, sizeof expected);
    seine_buf_free(&tile);
}

static void equal_values_are_stored_once_and_empty_layers_not_at_all(void **state) {
    (void)state;
    seine_buf one, two;
    seine_buf *const tiles[2] = {&one, &two};
    for (int i = 0; i < 2; i++) {
        seine_mvt layer;
        seine_buf_init(tiles[i], 100000);
        seine_mvt_begin(&layer, "points", tiles[i]);
        for (int k = 0; k < 100; k++) {
            seine_mvt_feature(&layer, SEINE_MVT_POINT);
            seine_mvt_tag_text(&layer, "id", i == 0 || k == 0 ? SEINE_STR("a long text") : SEINE_STR("another text"));
            seine_mvt_move(&layer, k, -k);
            seine_mvt_feature_end(&layer);
        }
        assert_int_equal(seine_mvt_end(&layer), SEINE_OK);
    }
    assert_int_equal(two.size - one.size, 2 + 2 + 12); /* one more value */
    seine_buf_clear(&one);
    seine_mvt layer;
    seine_mvt_begin(&layer, "empty", &one);
    seine_mvt_feature(&layer, SEINE_MVT_LINE);
    seine_mvt_tag_flag(&layer, "x", true);
    seine_mvt_feature_end(&layer); /* without a place */
    assert_int_equal(seine_mvt_end(&layer), SEINE_OK);
    assert_int_equal(one.size, 0);
    seine_buf_free(&one);
    seine_buf_free(&two);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bucket_gives_its_burst_and_then_its_rate),
        cmocka_unit_test(many_clients_share_the_table),
        cmocka_unit_test(tokens_are_known_by_their_digest),
        cmocka_unit_test(the_least_recently_used_answer_goes_first),
        cmocka_unit_test(answers_of_a_state_that_is_over_go_with_the_commit),
        cmocka_unit_test(threads_share_the_cache),
        cmocka_unit_test(threads_share_a_bucket),
        cmocka_unit_test(every_job_of_any_thread_is_done_once),
        cmocka_unit_test(a_new_engine_takes_over_after_many_statements),
        cmocka_unit_test(an_error_is_told_in_json),
        cmocka_unit_test(a_tile_is_what_the_specification_shows),
        cmocka_unit_test(equal_values_are_stored_once_and_empty_layers_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
