/*
 * Each request to Redis takes a connection that nobody uses, or makes one, and gives it back when all went well. One
 * that failed is closed, and for a while nobody is asked.
 */
#include "serve/shared_cache.h"

#include "io/clock.h"
#include "serve/request.h"

#include <hiredis/hiredis.h>
#include <pthread.h>
#include <stdlib.h>

#define SCHEME "redis://"
#define PORT 6379
#define CONNECT_US 100000 /* a server of the same place answers within a millisecond */
#define COMMAND_US 100000
#define REPLY_US 1000000 /* in all, however it trickles in */
#define PAUSE_LEAST_US 500000
#define PAUSE_MOST_US 30000000
#define IDLE_MOST 64
#define VALUE_MAX_BYTES ((size_t)8 << 20)
#define REPLY_MAX_BYTES (VALUE_MAX_BYTES + 4096) /* of a value, and what stands around it */
#define NUMBER_MOST 1000000                      /* of a database */

struct seine_shared_cache {
    seine_arena arena; /* of the texts */
    const char *host;
    seine_str user, password; /* size 0 = none */
    int port, number;
    const char *prefix;
    int64_t ttl_ms;
    redisReplyObjectFunctions functions; /* that make replies */
    pthread_mutex_t mutex;               /* of everything below */
    redisContext *idle[IDLE_MOST];
    size_t idle_count;
    int64_t quiet_until_us, pause_us;
    seine_shared_cache_counts counts;
};

/* ---- the address ---- */

static bool take_number(const char *text, int least, int most, int *number) {
    char *end;
    if (*text < '0' || *text > '9') return false;
    const long value = strtol(text, &end, 10);
    if (*end != '\0' || value < least || value > most) return false;
    *number = (int)value;
    return true;
}

/* [USER:]PASSWORD in front of the last @. */
static bool take_user(seine_shared_cache *cache, char **rest) {
    char *at = strrchr(*rest, '@');
    if (at == NULL) return true;
    *at = '\0';
    char *user = *rest, *colon = strchr(user, ':');
    if (colon == NULL) return false;
    *colon = '\0';
    *rest = at + 1;
    return colon[1] != '\0' &&
           seine_percent_decode(seine_str_of(user), false, &cache->arena, &cache->user, NULL) == SEINE_OK &&
           seine_percent_decode(seine_str_of(colon + 1), false, &cache->arena, &cache->password, NULL) == SEINE_OK;
}

/* HOST[:PORT][/NUMBER]; an address of IPv6 stands in brackets. */
static bool take_place(seine_shared_cache *cache, char *rest) {
    char *slash = strchr(rest, '/');
    if (slash != NULL) {
        *slash = '\0';
        if (slash[1] != '\0' && !take_number(slash + 1, 0, NUMBER_MOST, &cache->number)) return false;
    }
    char *bracket = *rest == '[' ? strchr(rest, ']') : NULL, *colon = strchr(bracket != NULL ? bracket : rest, ':');
    if (*rest == '[' && bracket == NULL) return false;
    if (colon != NULL) {
        *colon = '\0';
        if (!take_number(colon + 1, 1, 65535, &cache->port)) return false;
    }
    if (bracket != NULL) *bracket = '\0';
    cache->host = bracket != NULL ? rest + 1 : rest;
    return *cache->host != '\0' && (bracket == NULL || bracket[1] == '\0');
}

static seine_status take_address(seine_shared_cache *cache, const char *address, seine_error *error) {
    static const char form[] = "an address such as redis://127.0.0.1:6379/0 or redis://:PASSWORD@host/0";
    if (strncmp(address, "rediss://", 9) == 0)
        return seine_fail(error, SEINE_E_USAGE, "cache: TLS to Redis needs a tunnel (stunnel) here; then redis://");
    char *text = seine_arena_copy(&cache->arena, address, strlen(address));
    if (text == NULL) return seine_no_memory(error, "cache");
    cache->port = PORT;
    const bool has_scheme = strncmp(text, SCHEME, strlen(SCHEME)) == 0;
    text += has_scheme ? strlen(SCHEME) : 0;
    if (has_scheme && take_user(cache, &text) && take_place(cache, text)) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "cache: not %s", form);
}

void seine_shared_cache_free(seine_shared_cache *cache) {
    if (cache == NULL) return;
    for (size_t i = 0; i < cache->idle_count; i++) redisFree(cache->idle[i]);
    (void)pthread_mutex_destroy(&cache->mutex);
    seine_arena_free(&cache->arena);
    free(cache);
}

/* No reply that is waited for is a list, and making one costs what its first line says, true or not. */
#if HIREDIS_MAJOR >= 1
typedef size_t element_count;
#else
typedef int element_count;
#endif
static void *refuse_list(const redisReadTask *task, element_count elements) {
    (void)task, (void)elements;
    return NULL;
}

static bool take_functions(seine_shared_cache *cache) {
    redisReader *reader = redisReaderCreate();
    if (reader == NULL) return false;
    cache->functions = *reader->fn;
    cache->functions.createArray = refuse_list;
    redisReaderFree(reader);
    return true;
}

seine_status seine_shared_cache_new(const char *address, const char *lake_id, int64_t ttl_s, seine_shared_cache **out,
                                    seine_error *error) {
    seine_shared_cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL) return seine_no_memory(error, "cache");
    (void)pthread_mutex_init(&cache->mutex, NULL);
    cache->ttl_ms = ttl_s * 1000;
    cache->prefix = seine_arena_printf(&cache->arena, "seine:%s:", lake_id);
    const seine_status status = cache->prefix != NULL && take_functions(cache) ? take_address(cache, address, error)
                                                                               : seine_no_memory(error, "cache");
    if (status == SEINE_OK)
        *out = cache;
    else
        seine_shared_cache_free(cache);
    return status;
}

/* ---- connections ---- */

static bool ends_well(redisContext *c, redisReply *reply) {
    const bool is_fine = c->err == 0 && reply != NULL && reply->type != REDIS_REPLY_ERROR;
    if (reply != NULL) freeReplyObject(reply);
    return is_fine;
}

/* As redisCommand, but a reply has a largest size and a longest time. */
static redisReply *ask(redisContext *c, const char *format, ...) {
    va_list args;
    void *reply = NULL;
    int is_sent = 0;
    const int64_t until_us = seine_clock_monotonic_us() + REPLY_US;
    va_start(args, format);
    const int formed = redisvAppendCommand(c, format, args);
    va_end(args);
    if (formed != REDIS_OK) return NULL;
    while (!is_sent)
        if (redisBufferWrite(c, &is_sent) != REDIS_OK) return NULL;
    while (redisGetReplyFromReader(c, &reply) == REDIS_OK && reply == NULL) {
        const bool is_too_much = c->reader->len > REPLY_MAX_BYTES || seine_clock_monotonic_us() > until_us;
        if (is_too_much || redisBufferRead(c) != REDIS_OK) return NULL;
    }
    return reply;
}

static bool begin(seine_shared_cache *cache, redisContext *c) {
    const struct timeval command = {.tv_usec = COMMAND_US};
    if (redisSetTimeout(c, command) != REDIS_OK) return false;
    c->reader->fn = &cache->functions;
    const seine_str user = cache->user, password = cache->password;
    if (password.size > 0) {
        redisReply *reply = user.size > 0 ? ask(c, "AUTH %b %b", user.data, user.size, password.data, password.size)
                                          : ask(c, "AUTH %b", password.data, password.size);
        if (!ends_well(c, reply)) return false;
    }
    return cache->number == 0 || ends_well(c, ask(c, "SELECT %d", cache->number));
}

static redisContext *connect_to(seine_shared_cache *cache) {
    const struct timeval most = {.tv_usec = CONNECT_US};
    redisContext *c = redisConnectWithTimeout(cache->host, cache->port, most);
    if (c == NULL) return NULL;
    if (c->err == 0 && begin(cache, c)) return c;
    redisFree(c);
    return NULL;
}

static void note_failure(seine_shared_cache *cache) {
    (void)pthread_mutex_lock(&cache->mutex);
    cache->counts.failures++;
    cache->counts.is_up = false;
    cache->pause_us = cache->pause_us == 0 ? PAUSE_LEAST_US : 2 * cache->pause_us;
    if (cache->pause_us > PAUSE_MOST_US) cache->pause_us = PAUSE_MOST_US;
    cache->quiet_until_us = seine_clock_monotonic_us() + cache->pause_us;
    while (cache->idle_count > 0) redisFree(cache->idle[--cache->idle_count]); /* to a server that may be gone */
    (void)pthread_mutex_unlock(&cache->mutex);
}

/* @return NULL while nobody is to be asked, or when nobody can be. */
static redisContext *take(seine_shared_cache *cache) {
    redisContext *c = NULL;
    (void)pthread_mutex_lock(&cache->mutex);
    const bool is_quiet = seine_clock_monotonic_us() < cache->quiet_until_us;
    if (!is_quiet && cache->idle_count > 0) c = cache->idle[--cache->idle_count];
    (void)pthread_mutex_unlock(&cache->mutex);
    if (is_quiet || c != NULL) return c;
    c = connect_to(cache);
    if (c == NULL) note_failure(cache);
    return c;
}

static void give_back(seine_shared_cache *cache, redisContext *c) {
    (void)pthread_mutex_lock(&cache->mutex);
    cache->counts.is_up = true;
    cache->pause_us = 0;
    cache->quiet_until_us = 0;
    if (cache->idle_count < IDLE_MOST) {
        cache->idle[cache->idle_count++] = c;
        c = NULL;
    }
    (void)pthread_mutex_unlock(&cache->mutex);
    if (c != NULL) redisFree(c);
}

/* ---- answers ---- */

static void count_get(seine_shared_cache *cache, bool is_hit) {
    (void)pthread_mutex_lock(&cache->mutex);
    if (is_hit)
        cache->counts.hits++;
    else
        cache->counts.misses++;
    (void)pthread_mutex_unlock(&cache->mutex);
}

seine_answer *seine_shared_cache_get(seine_shared_cache *cache, seine_hash128 key) {
    char hex[33];
    seine_answer *answer = NULL;
    redisContext *c = take(cache);
    if (c == NULL) return NULL;
    seine_hash128_hex(key, hex);
    redisReply *reply = ask(c, "GET %s%s", cache->prefix, hex);
    if (reply != NULL && reply->type == REDIS_REPLY_STRING)
        answer = seine_answer_unpack((seine_str){reply->str, reply->len});
    if (!ends_well(c, reply)) {
        redisFree(c);
        note_failure(cache);
        return NULL;
    }
    give_back(cache, c);
    count_get(cache, answer != NULL);
    return answer;
}

void seine_shared_cache_put(seine_shared_cache *cache, seine_hash128 key, const seine_answer *answer) {
    char hex[33];
    seine_buf bytes SEINE_OWNED(seine_buf_free);
    seine_buf_init(&bytes, VALUE_MAX_BYTES);
    if (answer->body.size >= VALUE_MAX_BYTES || seine_answer_pack(answer, &bytes) != SEINE_OK) return;
    redisContext *c = take(cache);
    if (c == NULL) return;
    seine_hash128_hex(key, hex);
    redisReply *reply =
        ask(c, "SET %s%s %b PX %lld", cache->prefix, hex, bytes.data, bytes.size, (long long)cache->ttl_ms);
    if (ends_well(c, reply)) {
        give_back(cache, c);
        return;
    }
    redisFree(c);
    note_failure(cache);
}

seine_shared_cache_counts seine_shared_cache_count(seine_shared_cache *cache) {
    (void)pthread_mutex_lock(&cache->mutex);
    const seine_shared_cache_counts counts = cache->counts;
    (void)pthread_mutex_unlock(&cache->mutex);
    return counts;
}
