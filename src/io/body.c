#include "io/body.h"

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

/* Gives all bytes to @p add, those of a file piece by piece. */
static seine_status add_all(const seine_body *body, const char *name,
                            void (*add)(void *context, const void *bytes, size_t size), void *context,
                            seine_error *error) {
    if (body->bytes != NULL || body->size == 0) {
        if (body->size > 0) add(context, body->bytes, (size_t)body->size);
        return SEINE_OK;
    }
    uint8_t *piece SEINE_OWNED(seine_free_owned) = malloc(PIECE_BYTES);
    if (piece == NULL) return seine_no_memory(error, name);
    for (uint64_t at = 0; at < body->size;) {
        const size_t size = body->size - at < PIECE_BYTES ? (size_t)(body->size - at) : PIECE_BYTES;
        SEINE_TRY(seine_body_read(body, at, piece, size, name, error));
        add(context, piece, size);
        at += size;
    }
    return SEINE_OK;
}

static void add_sha256(void *context, const void *bytes, size_t size) { seine_sha256_update(context, bytes, size); }

static void add_checksum(void *context, const void *bytes, size_t size) {
    uint32_t *sum = context;
    *sum = seine_checksum32_add(*sum, bytes, size);
}

seine_status seine_body_sha256(const seine_body *body, const char *name, char sha256[2 * SEINE_SHA256_BYTES + 1],
                               seine_error *error) {
    if (body->sha256 != NULL) {
        (void)snprintf(sha256, 2 * SEINE_SHA256_BYTES + 1, "%s", body->sha256);
        return SEINE_OK;
    }
    seine_sha256 *sha = seine_sha256_new();
    if (sha == NULL) return seine_no_memory(error, name);
    const seine_status status = add_all(body, name, add_sha256, sha, error);
    seine_sha256_finish(sha, status == SEINE_OK ? sha256 : NULL);
    return status;
}

seine_status seine_body_checksum32(const seine_body *body, const char *name, uint32_t *sum, seine_error *error) {
    *sum = 0;
    return add_all(body, name, add_checksum, sum, error);
}
