/* A server of S3 that answers as it is told, one answer after the other, and keeps what it was asked. */
#ifndef SEINE_TESTS_S3_SUPPORT_H
#define SEINE_TESTS_S3_SUPPORT_H

#include "base/hash.h"
#include "io/codec.h"
#include "io/store/stores.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
/* After the standard headers, which it needs. */
#include <cmocka.h>

#define MOST 32

static struct {
    int listener;
    pthread_t thread;
    const char *answers[MOST]; /* whole, as they are sent; NULL = the connection is closed without one */
    size_t count, used;
    char requests[MOST][2048]; /* heads of those that came */
    char bodies[MOST][65];     /* SHA-256 of what came behind them */
    uint32_t crcs[MOST];       /* and its CRC-32 */
    size_t request_count;
} server;

/* The head and as much of the body as there is room for; of the whole body its sums. */
static void read_request(int socket, char *text, size_t capacity, char body[65], uint32_t *crc) {
    static char bytes[1 << 16];
    size_t size = 0;
    const char *end = NULL;
    while (end == NULL) {
        const ssize_t got = read(socket, bytes + size, sizeof bytes - 1 - size);
        if (got <= 0) break;
        size += (size_t)got;
        bytes[size] = '\0';
        end = strstr(bytes, "\r\n\r\n");
    }
    size_t kept = size < capacity ? size : capacity - 1;
    memcpy(text, bytes, kept);
    text[kept] = '\0';
    if (end == NULL) return;
    const char *length = strcasestr(bytes, "\r\ncontent-length:");
    const size_t wanted = length != NULL && length < end ? (size_t)atol(length + 17) : 0;
    seine_sha256 *sum = seine_sha256_new();
    size_t came = size - (size_t)(end + 4 - bytes);
    seine_sha256_update(sum, end + 4, came);
    *crc = seine_crc32(0, end + 4, came);
    while (came < wanted) {
        const ssize_t got = read(socket, bytes, sizeof bytes - 1);
        if (got <= 0) break;
        const size_t room = capacity - 1 - kept, more = (size_t)got < room ? (size_t)got : room;
        memcpy(text + kept, bytes, more);
        text[kept += more] = '\0';
        seine_sha256_update(sum, bytes, (size_t)got);
        *crc = seine_crc32(*crc, bytes, (size_t)got);
        came += (size_t)got;
    }
    seine_sha256_finish(sum, body);
}

#define OF_THE_FIRST_PUT "%put" /* an answer to HEAD: the object of the put that the first request was */

static const char *spell(const char *answer) {
    static char text[400];
    if (answer == NULL || strcmp(answer, OF_THE_FIRST_PUT) != 0) return answer;
    const char *at = strcasestr(server.requests[0], "x-amz-meta-seine-put: ");
    assert_non_null(at);
    snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nx-amz-meta-seine-put: %.36s\r\nContent-Length: 3\r\n\r\n", at + 22);
    return text;
}

static void *serve(void *unused) {
    (void)unused;
    for (;;) {
        const int socket = accept(server.listener, NULL, NULL);
        if (socket < 0) return NULL;
        char head[2048], body[65] = "";
        uint32_t crc = 0;
        read_request(socket, head, sizeof head, body, &crc);
        if (head[0] != '\0') {
            assert_true(server.request_count < MOST);
            memcpy(server.bodies[server.request_count], body, sizeof body);
            server.crcs[server.request_count] = crc;
            snprintf(server.requests[server.request_count++], 2048, "%s", head);
            const char *answer = spell(server.used < server.count ? server.answers[server.used++] : NULL);
            if (answer != NULL) assert_true(write(socket, answer, strlen(answer)) >= 0);
        }
        close(socket);
    }
}

/* By its number, which never leaves the machine, or by a name, which may. */
static void reach(bool by_name) {
    char endpoint[64];
    struct sockaddr_in place;
    socklen_t size = sizeof place;
    assert_int_equal(getsockname(server.listener, (struct sockaddr *)&place, &size), 0);
    snprintf(endpoint, sizeof endpoint, "http://%s:%d", by_name ? "localhost" : "127.0.0.1", ntohs(place.sin_port));
    setenv("AWS_ENDPOINT_URL_S3", endpoint, 1);
    seine_stores_close();
}

static int begin(void **state) {
    (void)state;
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof place;
    memset(&server, 0, sizeof server);
    server.listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(server.listener, (struct sockaddr *)&place, size) != 0 || listen(server.listener, 8) != 0) return -1;
    reach(false);
    setenv("AWS_ACCESS_KEY_ID", "AKEY", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "THESECRET", 1);
    setenv("HOME", "/nonexistent", 1);
    setenv("no_proxy", "127.0.0.1,localhost", 1);
    unsetenv("AWS_SESSION_TOKEN");
    unsetenv("AWS_PROFILE");
    unsetenv("AWS_REGION");
    return pthread_create(&server.thread, NULL, serve, NULL);
}

static int end(void **state) {
    (void)state;
    seine_stores_close();
    shutdown(server.listener, SHUT_RDWR);
    close(server.listener);
    return pthread_join(server.thread, NULL);
}

static void answer(const char *text) { server.answers[server.count++] = text; }

#define OK(headers, length, body) "HTTP/1.1 200 OK\r\n" headers "Content-Length: " length "\r\n\r\n" body
#define REFUSAL(line, code)                                                                             \
    "HTTP/1.1 " line "\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n<Error><Code>" code \
    "</Code><Message>m</Message></Error>"

#define PART(etag, total) \
    "HTTP/1.1 206 Partial\r\nETag: " etag "\r\nContent-Range: bytes 2-5/" total "\r\nContent-Length: 4\r\n\r\n2345"

#define UPLOAD_BEGAN "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<R><UploadId>u1</UploadId></R>"

static bool asked(size_t index, const char *with) {
    return index < server.request_count && strcasestr(server.requests[index], with) != NULL;
}

/* Whether a body came with its sum, in a header that is signed: by the number its CRC-32, by a name its SHA-256. */
static bool is_proved(size_t index, bool by_name) {
    const uint32_t crc = server.crcs[index];
    const uint8_t bytes[4] = {(uint8_t)(crc >> 24), (uint8_t)(crc >> 16), (uint8_t)(crc >> 8), (uint8_t)crc};
    char text[SEINE_BASE64_SIZE(sizeof bytes)], sha256[100], crc32[100];
    seine_base64(bytes, sizeof bytes, text);
    snprintf(sha256, sizeof sha256, "x-amz-content-sha256: %s\r\n",
             by_name ? server.bodies[index] : "UNSIGNED-PAYLOAD");
    snprintf(crc32, sizeof crc32, "x-amz-checksum-crc32: %s\r\n", text);
    if (!asked(index, sha256) || !asked(index, "x-amz-content-sha256;")) return false;
    return by_name ? !asked(index, "x-amz-checksum") : asked(index, crc32) && asked(index, "x-amz-checksum-crc32;");
}

#endif
