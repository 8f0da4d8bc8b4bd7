/* canonical request ─▶ string to sign ─▶ signature, by a key that is derived from the secret, day, region, service. */
#include "io/s3/sign.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>

#define HEADERS_MAX 16
#define TEXT_MAX ((size_t)64 * 1024)

const char *seine_s3_domain(const char *region) {
    return strncmp(region, "cn-", 3) == 0 ? "amazonaws.com.cn" : "amazonaws.com";
}

/* "20150830T123600Z" */
static void format_date(int64_t now_us, char text[40]) {
    int year, month, date;
    seine_civil_from_days(seine_time_day(now_us), &year, &month, &date);
    const int64_t second = seine_floor_mod(now_us, SEINE_DAY_US) / SEINE_SECOND_US;
    (void)snprintf(text, 40, "%04d%02d%02dT%02d%02d%02dZ", year, month, date, (int)(second / 3600),
                   (int)(second / 60 % 60), (int)(second % 60));
}

static int by_name(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

/* Names joined by ';'. */
static char *join_names(const char *const *headers, size_t count, seine_arena *arena) {
    char *joined = seine_arena_printf(arena, "%s", "");
    for (size_t i = 0; i < count && joined != NULL; i++)
        joined =
            seine_arena_printf(arena, "%s%s%.*s", joined, i > 0 ? ";" : "", (int)strcspn(headers[i], ":"), headers[i]);
    return joined;
}

static seine_status canonical(const seine_s3_signing *s, const char *const *headers, size_t count, const char *names,
                              seine_buf *out) {
    seine_status status = seine_buf_printf(out, "%s\n%s\n%s\n", s->method, s->path, s->query);
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        const size_t name = strcspn(headers[i], ":");
        const char *value = headers[i] + name + 1;
        status = seine_buf_printf(out, "%.*s:%s\n", (int)name, headers[i], value + strspn(value, " "));
    }
    return status == SEINE_OK ? seine_buf_printf(out, "\n%s\n%s", names, s->body_sha256) : status;
}

static void derive_key(const seine_s3_signing *s, const char *day, uint8_t key[SEINE_SHA256_BYTES]) {
    char first[512];
    const char *const steps[] = {s->region, s->service, "aws4_request"};
    const int size = snprintf(first, sizeof first, "AWS4%s", s->secret);
    seine_hmac_sha256(first, size < (int)sizeof first ? (size_t)size : sizeof first - 1, day, strlen(day), key);
    for (size_t i = 0; i < 3; i++) seine_hmac_sha256(key, SEINE_SHA256_BYTES, steps[i], strlen(steps[i]), key);
    memset(first, 0, sizeof first);
}

/* The header Authorization. */
static char *authorize(const seine_s3_signing *s, const char *const *headers, size_t count, const char *date,
                       seine_arena *arena) {
    uint8_t key[SEINE_SHA256_BYTES], sum[SEINE_SHA256_BYTES];
    char hex[2 * SEINE_SHA256_BYTES + 1], day[9];
    seine_buf request;
    (void)snprintf(day, sizeof day, "%.8s", date);
    const char *names = join_names(headers, count, arena);
    seine_buf_init(&request, TEXT_MAX);
    const bool ok = names != NULL && canonical(s, headers, count, names, &request) == SEINE_OK;
    if (ok) seine_sha256_of(request.data, request.size, sum);
    seine_buf_free(&request);
    if (!ok) return NULL;
    seine_hex(sum, sizeof sum, hex);
    const char *scope = seine_arena_printf(arena, "%s/%s/%s/aws4_request", day, s->region, s->service);
    const char *text =
        scope != NULL ? seine_arena_printf(arena, "AWS4-HMAC-SHA256\n%s\n%s\n%s", date, scope, hex) : NULL;
    if (text == NULL) return NULL;
    derive_key(s, day, key);
    seine_hmac_sha256(key, sizeof key, text, strlen(text), sum);
    seine_hex(sum, sizeof sum, hex);
    return seine_arena_printf(arena, "Authorization: AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                              s->access, scope, names, hex);
}

const char *const *seine_s3_sign(const seine_s3_signing *signing, seine_arena *arena) {
    const char *signed_ones[HEADERS_MAX + 5];
    char date[40];
    size_t count = 0, sent = 0;
    format_date(signing->now_us, date);
    for (size_t i = 0; signing->headers != NULL && signing->headers[i] != NULL && i < HEADERS_MAX; i++)
        signed_ones[count++] = signing->headers[i];
    signed_ones[count++] = seine_arena_printf(arena, "x-amz-date: %s", date);
    signed_ones[count++] = seine_arena_printf(arena, "x-amz-content-sha256: %s", signing->body_sha256);
    if (signing->token != NULL)
        signed_ones[count++] = seine_arena_printf(arena, "x-amz-security-token: %s", signing->token);
    const char **out = SEINE_ARENA_ARRAY(arena, const char *, count + 3);
    if (out == NULL) return NULL;
    for (size_t i = 0; i < count; i++)
        if ((out[sent++] = signed_ones[i]) == NULL) return NULL;
    signed_ones[count] = seine_arena_printf(arena, "host: %s", signing->host); /* sent by the library */
    if (signed_ones[count++] == NULL) return NULL;
    qsort(signed_ones, count, sizeof *signed_ones, by_name);
    out[sent++] = authorize(signing, signed_ones, count, date, arena);
    return out[sent - 1] != NULL ? out : NULL;
}
