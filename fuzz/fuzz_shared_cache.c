/* links: serve table engine io columns core base */
/*
 * Hostile values of Redis, and a hostile Redis: whatever comes back, an answer is made of it or none is, and one that
 * is made is packed to the same bytes. The first letter of an input says what its rest is:
 *
 *     v  a value                            r  what the server says to a request, then it is gone
 *     s  a value without its hash           w  a value without its hash, which the server says as RESP has it
 *     l  what the server says first, then there is no end of it
 */
#include "base/hash.h"
#include "serve/shared_cache.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BYTES_MAX ((size_t)1 << 24)
#define REQUEST_BYTES 4096
#define LONGEST_BYTES ((size_t)64 << 20) /* that anybody listens to */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(seine_status status) {
    if (status != SEINE_OK) abort();
}

/* ---- values ---- */

static void check_answer(const seine_answer *answer, seine_str value) {
    seine_buf again SEINE_OWNED(seine_buf_free);
    seine_buf_init(&again, BYTES_MAX);
    must(seine_answer_pack(answer, &again));
    if (!seine_str_equal(seine_buf_str(&again), value)) abort();
}

static void check_value(seine_str value) {
    seine_answer *answer SEINE_OWNED(seine_answer_release_owned) = seine_answer_unpack(value);
    if (answer != NULL) check_answer(answer, value);
}

static void seal(seine_str rest, seine_buf *value) {
    const uint64_t hash = seine_hash64(rest.data, rest.size);
    must(seine_buf_append(value, rest.data, rest.size));
    must(seine_buf_append(value, &hash, sizeof hash));
}

/* ---- a server ---- */

typedef struct server {
    int listener, port;
    seine_str says;
    bool has_no_end;
} server;

static bool say(int client, seine_str text) {
    for (size_t at = 0; at < text.size;) {
        const ssize_t sent = send(client, text.data + at, text.size - at, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        at += (size_t)sent;
    }
    return true;
}

static void say_without_end(int client) {
    static const char more[1 << 16];
    for (size_t sent = 0; say(client, (seine_str){more, sizeof more}); sent += sizeof more)
        if (sent > LONGEST_BYTES) abort();
}

/* Takes one request, says what it has to say, and closes. */
static void *serve(void *context) {
    const server *s = context;
    char request[REQUEST_BYTES];
    const int client = accept(s->listener, NULL, NULL);
    if (client < 0) return NULL;
    if (recv(client, request, sizeof request, 0) > 0 && say(client, s->says) && s->has_no_end) say_without_end(client);
    (void)shutdown(client, SHUT_RDWR);
    (void)close(client);
    return NULL;
}

static void listen_anywhere(server *s) {
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof place;
    s->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (s->listener < 0 || bind(s->listener, (struct sockaddr *)&place, size) != 0 || listen(s->listener, 1) != 0 ||
        getsockname(s->listener, (struct sockaddr *)&place, &size) != 0)
        abort();
    s->port = ntohs(place.sin_port);
}

/* @p value: what an answer has to be of, or NULL data. */
static void ask(seine_str says, bool has_no_end, seine_str value) {
    server s = {.says = says, .has_no_end = has_no_end};
    pthread_t thread;
    char address[64];
    seine_shared_cache *cache = NULL;
    listen_anywhere(&s);
    if (pthread_create(&thread, NULL, serve, &s) != 0) abort();
    (void)snprintf(address, sizeof address, "redis://127.0.0.1:%d/0", s.port);
    must(seine_shared_cache_new(address, "lake", 60, &cache, NULL));
    seine_answer *answer = seine_shared_cache_get(cache, (seine_hash128){1, 2});
    const seine_shared_cache_counts counts = seine_shared_cache_count(cache);
    if (counts.hits + counts.misses + counts.failures != 1 || (counts.hits == 1) != (answer != NULL)) abort();
    if (answer != NULL && value.data != NULL) check_answer(answer, value);
    seine_answer_release(answer);
    seine_shared_cache_free(cache);
    (void)pthread_join(thread, NULL);
    (void)close(s.listener);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    seine_buf value SEINE_OWNED(seine_buf_free), said SEINE_OWNED(seine_buf_free);
    seine_buf_init(&value, BYTES_MAX);
    seine_buf_init(&said, BYTES_MAX);
    if (size == 0) return 0;
    const seine_str rest = {(const char *)data + 1, size - 1};
    if (data[0] == 'v') check_value(rest);
    if (data[0] == 'r') ask(rest, false, (seine_str){NULL, 0});
    if (data[0] == 'l' && data[size - 1] == '\n') ask(rest, true, (seine_str){NULL, 0});
    if (data[0] != 's' && data[0] != 'w') return 0;
    seal(rest, &value);
    check_value(seine_buf_str(&value));
    if (data[0] == 's') return 0;
    must(seine_buf_printf(&said, "$%zu\r\n", value.size));
    must(seine_buf_append(&said, value.data, value.size));
    must(seine_buf_append_str(&said, "\r\n"));
    ask(seine_buf_str(&said), false, seine_buf_str(&value));
    return 0;
}
