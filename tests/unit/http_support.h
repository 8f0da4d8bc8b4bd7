/** A publisher for unit tests: a thread that answers each request with the first line of its script that fits it. */
#ifndef SEINE_TESTS_HTTP_SUPPORT_H
#define SEINE_TESTS_HTTP_SUPPORT_H

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/** An answer as it goes over the wire; its times are counted down, 0 = for ever. What nothing fits is a 404. */
typedef struct http_line {
    const char *asks; /**< how the request begins: "GET /2025/a.zst" */
    const char *answer;
    int times;
} http_line;

typedef struct http_publisher {
    http_line *lines;
    size_t count;
    int socket;
    uint16_t port; /**< 0 = any that is free; stays the same when it begins again */
    pthread_t thread;
    char url[64], log[1 << 16]; /**< heads of all requests, in their order */
    size_t logged;
} http_publisher;

static inline const char *http_choose(http_publisher *p, const char *request) {
    for (size_t i = 0; i < p->count; i++) {
        http_line *line = &p->lines[i];
        if (line->times < 0 || strncmp(request, line->asks, strlen(line->asks)) != 0) continue;
        if (line->times > 0 && --line->times == 0) line->times = -1;
        return line->answer;
    }
    return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
}

static inline void http_answer(http_publisher *p, int client) {
    char *head = p->log + p->logged;
    size_t size = 0;
    while (p->logged + size + 1 < sizeof p->log && strstr(head, "\r\n\r\n") == NULL) {
        const ssize_t got = recv(client, head + size, sizeof p->log - p->logged - size - 1, 0);
        if (got <= 0) return;
        head[size += (size_t)got] = '\0';
    }
    const char *answer = http_choose(p, head);
    p->logged += size;
    for (size_t left = strlen(answer); left > 0;) {
        const ssize_t put = send(client, answer, left, MSG_NOSIGNAL);
        if (put <= 0) return;
        answer += put;
        left -= (size_t)put;
    }
}

static inline void *http_serve(void *context) {
    http_publisher *p = context;
    for (;;) {
        const int client = accept(p->socket, NULL, NULL);
        if (client < 0) return NULL; /* shut down */
        http_answer(p, client);
        close(client);
    }
}

static inline void http_begin(http_publisher *p, http_line *lines, size_t count) {
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof place;
    const int again = 1;
    *p = (http_publisher){.lines = lines, .count = count, .port = p->port};
    place.sin_port = htons(p->port);
    p->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(p->socket >= 0);
    assert_int_equal(setsockopt(p->socket, SOL_SOCKET, SO_REUSEADDR, &again, sizeof again), 0);
    assert_int_equal(bind(p->socket, (struct sockaddr *)&place, sizeof place), 0);
    assert_int_equal(listen(p->socket, 16), 0);
    assert_int_equal(getsockname(p->socket, (struct sockaddr *)&place, &size), 0);
    p->port = ntohs(place.sin_port);
    (void)snprintf(p->url, sizeof p->url, "http://127.0.0.1:%d/<year>/", p->port);
    assert_int_equal(pthread_create(&p->thread, NULL, http_serve, p), 0);
}

static inline void http_end(http_publisher *p) {
    (void)shutdown(p->socket, SHUT_RDWR);
    assert_int_equal(pthread_join(p->thread, NULL), 0);
    close(p->socket);
}

/** How many requests begin like this. */
static inline int http_asked(const http_publisher *p, const char *begin) {
    int found = 0;
    for (const char *at = p->log; (at = strstr(at, begin)) != NULL; at++) found++;
    return found;
}

#endif
