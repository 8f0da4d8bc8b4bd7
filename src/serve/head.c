/*
 * Heads that two readers may understand differently: a proxy before us would see one request where we see two. Nothing
 * is guessed; such a head is refused, and with it the connection.
 *
 * libmicrohttpd 0.9 takes what it can make sense of: folded lines, bare CR and LF, NUL, blanks before a colon. It does
 * not give out the bytes, but tells how many there were: every one of them has to be accounted for by the request line,
 * and the names and values as they were given out, with CR LF behind each. Later versions refuse these themselves.
 */
#include "serve/server_internal.h"

#define STRICT_VERSION 0x00097701 /* of libmicrohttpd */
#define BLANKS_MAX 64             /* between a colon and the value */

typedef struct head {
    size_t bytes; /* that are accounted for */
    unsigned hosts, lengths, codings, authorizations;
    bool is_odd;
} head;

static bool is_token(const char *name, size_t size) {
    for (size_t i = 0; i < size; i++) {
        const char c = name[i];
        const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_word && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL)) return false;
    }
    return size > 0;
}

static bool is_value(const char *value, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (((unsigned char)value[i] < ' ' && value[i] != '\t') || value[i] == 0x7f) return false;
    return true;
}

/* Blanks between the colon and the value: both lie in the bytes that were received. */
static size_t blanks_of(const char *name, size_t name_size, const char *value) {
    const uintptr_t begin = (uintptr_t)name + name_size + 1, end = (uintptr_t)value;
    return value != NULL && end >= begin && end - begin <= BLANKS_MAX ? (size_t)(end - begin) : SIZE_MAX / 2;
}

static enum MHD_Result take(void *context, enum MHD_ValueKind kind, const char *name, size_t name_size,
                            const char *value, size_t value_size) {
    head *h = context;
    const seine_str text = {name, name_size};
    (void)kind;
    h->is_odd = h->is_odd || !is_token(name, name_size) || !is_value(value, value_size);
    h->hosts += seine_str_equal_nocase(text, SEINE_STR("host"));
    h->lengths += seine_str_equal_nocase(text, SEINE_STR("content-length"));
    h->codings += seine_str_equal_nocase(text, SEINE_STR("transfer-encoding"));
    h->authorizations += seine_str_equal_nocase(text, SEINE_STR("authorization"));
    h->bytes += name_size + 1 + blanks_of(name, name_size, value) + value_size + 2;
    return MHD_YES;
}

static bool is_accounted_for(const seine_exchange *exchange, const head *h) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    const size_t line = strlen(exchange->method) + 1 + exchange->target_size + 1 + strlen("HTTP/1.1") + 2;
    return info == NULL || info->header_size == line + h->bytes + 2;
}

const char *seine_head_fault(const seine_exchange *exchange) {
    head h = {0};
    (void)MHD_get_connection_values_n(exchange->connection, MHD_HEADER_KIND, take, &h);
    if (h.hosts > 1) return "more than one Host";
    if (h.lengths > 1 || (h.lengths > 0 && h.codings > 0) || h.codings > 1)
        return "the length of the body is told twice";
    if (h.authorizations > 1) return "more than one Authorization";
    if (h.is_odd) return "a header has a name or a value that none may have";
    if (MHD_VERSION < STRICT_VERSION && !is_accounted_for(exchange, &h))
        return "the head has folded lines, or ends of lines that are not CR LF";
    return NULL;
}

/* ---- names ---- */

/* The name without port and trailing point; false when behind it stands something else than a port. */
static bool cut_name(seine_str host, seine_str *name) {
    size_t size = host.size;
    for (size_t i = host.size; i > 0 && host.data[i - 1] != ']'; i--)
        if (host.data[i - 1] == ':') size = i - 1;
    for (size_t i = size + 1; i < host.size; i++)
        if (host.data[i] < '0' || host.data[i] > '9') return false;
    if (size > 1 && host.data[size - 1] == '.') size--;
    *name = (seine_str){host.data, size};
    return true;
}

/*
 * Without tokens whoever reaches the socket may read. A page from elsewhere must not: a name of its own that leads to
 * this machine would make it one origin with us, so only names that mean this machine are answered.
 */
bool seine_head_is_own_name(const seine_server *server, seine_str host) {
    seine_str name;
    if (host.data == NULL) return true; /* HTTP/1.0: no browser */
    if (!cut_name(seine_str_trim(host), &name)) return false;
    if (seine_str_equal_nocase(name, SEINE_STR("localhost")) || seine_str_equal(name, SEINE_STR("[::1]"))) return true;
    if (name.size > 4 && memcmp(name.data, "127.", 4) == 0 && strspn(name.data, "0123456789.") >= name.size)
        return true;
    const seine_str own = seine_str_of(server->options.host);
    const bool has_brackets = name.size > 2 && name.data[0] == '[' && name.data[name.size - 1] == ']';
    return seine_str_equal_nocase(has_brackets ? (seine_str){name.data + 1, name.size - 2} : name, own);
}
