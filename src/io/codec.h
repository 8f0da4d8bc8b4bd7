/** @file io/codec.h  Compression of whole buffers. The only folder that knows the compression libraries. */
#ifndef SEINE_IO_CODEC_H
#define SEINE_IO_CODEC_H

#include "base/buf.h"
#include "base/try.h"

typedef struct seine_zstd seine_zstd;  /**< a reusable compressor; one thread */
seine_zstd *seine_zstd_new(int level); /* NULL when out of memory */
/** Another level from the next frame on. */
void seine_zstd_pack(seine_zstd *zstd, int level);
void seine_zstd_free(seine_zstd *zstd);
SEINE_OWNED_POINTER(seine_zstd, seine_zstd_free);
/** Appends one frame holding @p size bytes to @p out. */
SEINE_MUST_USE seine_status seine_zstd_compress(seine_zstd *zstd, const void *bytes, size_t size, seine_buf *out,
                                                seine_error *error);

typedef struct seine_unzstd seine_unzstd; /**< a reusable decompressor; one thread */
seine_unzstd *seine_unzstd_new(void);     /* NULL when out of memory */
void seine_unzstd_free(seine_unzstd *unzstd);
/** Writes the @p plain_size bytes of a frame to @p plain. @return OK; E_NOMEM; E_FORMAT: damaged, or of another
 * size. */
SEINE_MUST_USE seine_status seine_unzstd_frame(seine_unzstd *unzstd, const void *bytes, size_t size, void *plain,
                                               size_t plain_size, seine_error *error);

/** Appends the raw DEFLATE (RFC 1951) form of the bytes, and back; for Avro blocks. @p max_bytes bounds the output. */
SEINE_MUST_USE seine_status seine_deflate(const void *bytes, size_t size, seine_buf *out, seine_error *error);
SEINE_MUST_USE seine_status seine_inflate(const void *bytes, size_t size, seine_buf *out, size_t max_bytes,
                                          seine_error *error);
/** Appends the gzip (RFC 1952) form of the bytes. @p level 1 (fast) to 12. */
SEINE_MUST_USE seine_status seine_gzip(const void *bytes, size_t size, int level, seine_buf *out, seine_error *error);

/** CRC-32 of IEEE 802.3 of bytes that follow those of which it is @p before; 0 = of none. */
uint32_t seine_crc32(uint32_t before, const void *bytes, size_t size);

#endif
