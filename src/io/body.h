/** @file io/body.h  Bytes that are sent: of memory, or of a file of this machine, which need not be in memory then. */
#ifndef SEINE_IO_BODY_H
#define SEINE_IO_BODY_H

#include "base/hash.h"
#include "base/try.h"

/** Borrowed, and the same for as long as they are sent, maybe more than once. Zeroed: none. */
typedef struct seine_body {
    const void *bytes; /**< NULL: `size` bytes of `file` */
    uint64_t size;
    const char *sha256; /**< of these bytes, hex, when it is known; else NULL */
    int file;           /**< open for reading; its position is not looked at */
    uint64_t from;      /**< first byte of the file */
} seine_body;

/** Bytes of memory. */
static inline seine_body seine_body_of(const void *bytes, uint64_t size) {
    return (seine_body){.bytes = bytes, .size = size};
}

/** Copies @p size bytes from @p at on. @p name for messages. @return OK, E_IO (the file has become shorter, too). */
SEINE_MUST_USE seine_status seine_body_read(const seine_body *body, uint64_t at, void *bytes, size_t size,
                                            const char *name, seine_error *error);
/** SHA-256 of the bytes, hex: as it is known, else of the bytes as they are now. @return as seine_body_read, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_body_sha256(const seine_body *body, const char *name,
                                              char sha256[2 * SEINE_SHA256_BYTES + 1], seine_error *error);
/** CRC-32 (io/codec.h) of the bytes as they are now. @return as seine_body_read, E_NOMEM. */
SEINE_MUST_USE seine_status seine_body_crc32(const seine_body *body, const char *name, uint32_t *crc,
                                             seine_error *error);

#endif
