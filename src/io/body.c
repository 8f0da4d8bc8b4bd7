#include "io/body.h"

#include "io/codec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE_BYTES ((size_t)256 * 1024)

seine_status seine_body_read(const seine_body *body, uint64_t at, void *bytes, size_t size, const char *name,
                             seine_error *error) {
    if (body->bytes != NULL) {
        memcpy(bytes, (const char *)body->bytes + at, size);
        return SEINE_OK;
    }
    for (size_t done = 0; done < size;) {
        const ssize_t got = pread(body->file, (char *)bytes + done, size - done, (off_t)(body->from + at + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return seine_fail(error, SEINE_E_IO, "%s: cannot read what is sent: %s", name, strerror(errno));
        if (got == 0) return seine_fail(error, SEINE_E_IO, "%s: the file that is sent has become shorter", name);
        done += (size_t)got;
    }
    return SEINE_OK;
}

typedef void (*digest_fn)(void *digest, const void *bytes, size_t size);

static seine_status digest_all(const seine_body *body, const char *name, digest_fn add, void *digest,
                               seine_error *error) {
    if (body->bytes != NULL || body->size == 0) {
        add(digest, body->size > 0 ? body->bytes : "", (size_t)body->size);
        return SEINE_OK;
    }
    uint8_t *piece = malloc(PIECE_BYTES);
    seine_status status = piece != NULL ? SEINE_OK : seine_no_memory(error, name);
    for (uint64_t at = 0; at < body->size && status == SEINE_OK;) {
        const size_t size = body->size - at < PIECE_BYTES ? (size_t)(body->size - at) : PIECE_BYTES;
        status = seine_body_read(body, at, piece, size, name, error);
        if (status == SEINE_OK) add(digest, piece, size);
        at += size;
    }
    free(piece);
    return status;
}

static void add_to_sha256(void *digest, const void *bytes, size_t size) { seine_sha256_update(digest, bytes, size); }

seine_status seine_body_sha256(const seine_body *body, const char *name, char sha256[2 * SEINE_SHA256_BYTES + 1],
                               seine_error *error) {
    if (body->sha256 != NULL) {
        (void)snprintf(sha256, 2 * SEINE_SHA256_BYTES + 1, "%s", body->sha256);
        return SEINE_OK;
    }
    seine_sha256 *sha = seine_sha256_new();
    const seine_status status =
        sha != NULL ? digest_all(body, name, add_to_sha256, sha, error) : seine_no_memory(error, name);
    seine_sha256_finish(sha, status == SEINE_OK ? sha256 : NULL);
    return status;
}

static void add_to_crc32(void *digest, const void *bytes, size_t size) {
    uint32_t *crc = digest;
    *crc = seine_crc32(*crc, bytes, size);
}

seine_status seine_body_crc32(const seine_body *body, const char *name, uint32_t *crc, seine_error *error) {
    *crc = 0;
    return digest_all(body, name, add_to_crc32, crc, error);
}
