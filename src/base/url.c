/* Addresses (RFC 3986), as far as they decide what is kept: scheme, authority, query. */
#include "base/url.h"

#include <stdio.h>

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

size_t seine_url_scheme(const char *text) {
    size_t size = 0;
    if (text == NULL || !is_letter(text[0])) return 0;
    while (is_letter(text[size]) || (text[size] >= '0' && text[size] <= '9') || text[size] == '+' ||
           text[size] == '-' || text[size] == '.')
        size++;
    return strncmp(text + size, "://", 3) == 0 ? size : 0;
}

static bool contains_nocase(seine_str text, seine_str word) {
    for (size_t i = 0; i + word.size <= text.size; i++)
        if (seine_str_equal_nocase((seine_str){text.data + i, word.size}, word)) return true;
    return false;
}

/* By what such parameters are called: X-Amz-Signature, sig, access_token, api_key, AWSAccessKeyId … */
static bool is_secret(seine_str name) {
    static const char *const parts[] = {"token", "key", "signature", "credential", "passw", "secret", "auth"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (contains_nocase(name, seine_str_of(parts[i]))) return true;
    return seine_str_equal_nocase(name, SEINE_STR("sig")) || seine_str_equal_nocase(name, SEINE_STR("code"));
}

/* Copies the query from '?' up to a fragment, but for its secrets. @return where @p out goes on. */
static char *copy_query(const char *query, size_t size, char *out) {
    char separator = '?';
    for (size_t at = 1; at < size;) {
        const char *parameter = query + at;
        const char *end = memchr(parameter, '&', size - at);
        const size_t length = end != NULL ? (size_t)(end - parameter) : size - at;
        const char *equals = memchr(parameter, '=', length);
        if (!is_secret((seine_str){parameter, equals != NULL ? (size_t)(equals - parameter) : length})) {
            *out++ = separator;
            memcpy(out, parameter, length);
            out += length;
            separator = '&';
        }
        at += length + 1;
    }
    return out;
}

char *seine_url_without_secrets(const char *url, seine_arena *arena) {
    const size_t size = strlen(url), scheme = seine_url_scheme(url);
    char *made = seine_arena_copy(arena, url, size);
    if (made == NULL || scheme == 0) return made;
    const char *authority = url + scheme + 3;
    const char *path = authority + strcspn(authority, "/?#");
    const char *host = authority;
    for (const char *c = authority; c < path; c++)
        if (*c == '@') host = c + 1; /* the last one: a password may hold others */
    const char *query = path + strcspn(path, "?#"), *fragment = query + strcspn(query, "#");
    char *out = made + scheme + 3;
    memcpy(out, host, (size_t)(query - host));
    out += query - host;
    if (seine_str_equal_nocase((seine_str){url, scheme}, SEINE_STR("file"))) /* a path may hold any byte */
        fragment = query;
    else
        out = copy_query(query, (size_t)(fragment - query), out);
    memcpy(out, fragment, strlen(fragment) + 1);
    return made;
}

char *seine_url_encode(seine_arena *arena, const char *text, bool keeps_slash) {
    static const char digits[] = "0123456789ABCDEF";
    char *out = seine_arena_alloc(arena, strlen(text) * 3 + 1);
    size_t n = 0;
    if (out == NULL) return NULL;
    for (const char *c = text; *c != '\0'; c++) {
        const bool is_letter = (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9');
        if (is_letter || strchr("-_.~", *c) != NULL || (keeps_slash && *c == '/')) {
            out[n++] = *c;
            continue;
        }
        out[n++] = '%';
        out[n++] = digits[(unsigned char)*c >> 4];
        out[n++] = digits[(unsigned char)*c & 15];
    }
    return out;
}

bool seine_url_is_loopback(const char *host) {
    unsigned octets[4];
    int used = 0;
    if (strcmp(host, "::1") == 0 || strcmp(host, "[::1]") == 0 || strncmp(host, "[::1]:", 6) == 0) return true;
    if (sscanf(host, "%3u.%3u.%3u.%3u%n", &octets[0], &octets[1], &octets[2], &octets[3], &used) != 4) return false;
    if (strspn(host, "0123456789.") != (size_t)used || (host[used] != '\0' && host[used] != ':')) return false;
    return octets[0] == 127 && octets[1] <= 255 && octets[2] <= 255 && octets[3] <= 255;
}
