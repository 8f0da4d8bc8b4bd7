/* The file of token digests. Only digests are kept, so whoever reads the file cannot use what he finds. */
#include "serve/tokens.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/try.h"
#include "io/file.h"

#include <stdlib.h>

#define FILE_MAX_BYTES ((size_t)1024 * 1024)
#define DIGITS 64
#define TOKEN_MAX_BYTES 1024

struct seine_tokens {
    size_t count;
    char digests[][DIGITS];
};

static bool take_line(seine_str line, char digest[DIGITS]) {
    const char *blank = line.size > DIGITS ? line.data + DIGITS : NULL;
    if (line.size < DIGITS || (blank != NULL && *blank != ' ' && *blank != '\t')) return false;
    for (size_t i = 0; i < DIGITS; i++) {
        const char c = line.data[i] >= 'A' && line.data[i] <= 'F' ? (char)(line.data[i] + ('a' - 'A')) : line.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
        digest[i] = c;
    }
    return true;
}

static seine_status parse(const char *path, seine_str text, seine_tokens *tokens, seine_error *error) {
    for (size_t number = 1; text.size > 0; number++) {
        const char *end = memchr(text.data, '\n', text.size);
        const size_t size = end != NULL ? (size_t)(end - text.data) : text.size;
        const size_t taken = size + (end != NULL);
        const bool has_return = size > 0 && text.data[size - 1] == '\r';
        const seine_str line = {text.data, size - has_return};
        text = (seine_str){text.data + taken, text.size - taken};
        if (line.size == 0 || line.data[0] == '#') continue;
        if (!take_line(line, tokens->digests[tokens->count]))
            return seine_fail(error, SEINE_E_USAGE, "%s line %zu: not a SHA-256 digest of 64 hex digits", path, number);
        tokens->count++;
    }
    return tokens->count > 0 ? SEINE_OK : seine_fail(error, SEINE_E_USAGE, "%s holds no digest of a token", path);
}

seine_status seine_tokens_load(const char *path, seine_tokens **tokens, seine_error *error) {
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, FILE_MAX_BYTES);
    *tokens = NULL;
    SEINE_TRY(seine_file_read(path, &text, error));
    /* A digest takes at least its digits. */
    seine_tokens *made SEINE_OWNED(seine_free_owned) = calloc(1, sizeof *made + (text.size / DIGITS + 1) * DIGITS);
    if (made == NULL) return seine_no_memory(error, path);
    SEINE_TRY(parse(path, seine_buf_str(&text), made, error));
    *tokens = SEINE_TAKE(made);
    return SEINE_OK;
}

void seine_tokens_free(seine_tokens *tokens) { free(tokens); }

bool seine_tokens_accept(const seine_tokens *tokens, seine_str authorization) {
    const seine_str scheme = SEINE_STR("Bearer ");
    if (authorization.size <= scheme.size || authorization.size > TOKEN_MAX_BYTES ||
        !seine_str_equal_nocase((seine_str){authorization.data, scheme.size}, scheme))
        return false;
    const seine_str token =
        seine_str_trim((seine_str){authorization.data + scheme.size, authorization.size - scheme.size});
    seine_sha256 *sha = seine_sha256_new();
    if (sha == NULL) return false;
    char digest[DIGITS + 1];
    seine_sha256_update(sha, token.data, token.size);
    seine_sha256_finish(sha, digest);
    unsigned matches = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        unsigned difference = 0;
        for (size_t k = 0; k < DIGITS; k++) difference |= (unsigned char)(tokens->digests[i][k] ^ digest[k]);
        matches |= difference == 0;
    }
    return matches != 0;
}
