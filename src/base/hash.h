/** @file base/hash.h  Digests. The only place that knows the hash libraries. */
#ifndef SEINE_BASE_HASH_H
#define SEINE_BASE_HASH_H

#include "base/str.h"
#include "seine/status.h"

/** 128-bit value; as a sum it is order-free: content hashes of DESIGN section 5. */
typedef struct seine_hash128 {
    uint64_t low, high;
} seine_hash128;

uint64_t seine_hash64(const void *bytes, size_t size);          /* XXH3, seed 0 */
seine_hash128 seine_hash128_of(const void *bytes, size_t size); /* XXH3-128, seed 0 */
/** 128-bit addition and subtraction modulo 2^128. */
seine_hash128 seine_hash128_add(seine_hash128 a, seine_hash128 b);
seine_hash128 seine_hash128_sub(seine_hash128 a, seine_hash128 b);
static inline bool seine_hash128_equal(seine_hash128 a, seine_hash128 b) { return a.low == b.low && a.high == b.high; }
/** 32 hex digits, high half first, and a NUL. */
void seine_hash128_hex(seine_hash128 hash, char hex[33]);
/** @return whether @p hex was 32 hex digits. */
bool seine_hash128_parse(seine_str hex, seine_hash128 *hash);

/** Streaming XXH3-128: the same hash for any pieces. */
typedef struct seine_hash128_stream seine_hash128_stream;
seine_hash128_stream *seine_hash128_stream_new(void); /* NULL when out of memory */
void seine_hash128_stream_update(seine_hash128_stream *stream, const void *bytes, size_t size);
seine_hash128 seine_hash128_stream_value(const seine_hash128_stream *stream); /**< of the bytes so far */
void seine_hash128_stream_free(seine_hash128_stream *stream);                 /**< NULL is allowed */

/** MD5 as 32 lower-case hex digits and a NUL (ids only, not security). */
void seine_md5_hex(const void *bytes, size_t size, char hex[33]);
/** The same of @p count pieces one after the other. Does not allocate. */
void seine_md5_hex_of_parts(const seine_str *parts, size_t count, char hex[33]);

/** Streaming MD5, to compare with what others say; not security. */
typedef struct seine_md5 seine_md5;
seine_md5 *seine_md5_new(void); /* NULL when out of memory */
void seine_md5_update(seine_md5 *md5, const void *bytes, size_t size);
/** 32 lower-case hex digits and a NUL; ends and frees @p md5. hex may be NULL to only free. */
void seine_md5_finish(seine_md5 *md5, char hex[33]);

/** Streaming SHA-256. */
typedef struct seine_sha256 seine_sha256;
seine_sha256 *seine_sha256_new(void); /* NULL when out of memory */
void seine_sha256_update(seine_sha256 *sha, const void *bytes, size_t size);
/** 64 lower-case hex digits and a NUL; ends and frees @p sha. hex may be NULL to only free. */
void seine_sha256_finish(seine_sha256 *sha, char hex[65]);

#define SEINE_SHA256_BYTES 32
/** SHA-256 of bytes, and keyed by HMAC (RFC 2104). They do not allocate. */
void seine_sha256_of(const void *bytes, size_t size, uint8_t sum[SEINE_SHA256_BYTES]);
void seine_hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size,
                       uint8_t sum[SEINE_SHA256_BYTES]);
/** Lower-case hex digits of bytes, two each, and a NUL. */
void seine_hex(const void *bytes, size_t size, char *hex);
/** Value of a hex digit in either case, or -1. */
int seine_hex_digit(char c);
#define SEINE_BASE64_SIZE(bytes) (((bytes) + 2) / 3 * 4 + 1)
/** Base64 of bytes (RFC 4648 section 4) and a NUL: SEINE_BASE64_SIZE(size) characters. */
void seine_base64(const void *bytes, size_t size, char *text);
/** MD5 in base64, as the header Content-MD5 has it. */
void seine_md5_base64(const void *bytes, size_t size, char text[SEINE_BASE64_SIZE(16)]);

/** Murmur3 x86 32-bit, seed 0: Iceberg's bucket hash (ICEBERG.md, Transforms). */
uint32_t seine_murmur3(const void *bytes, size_t size);
/** CRC-32C of bytes, for state bytes. */
uint32_t seine_checksum32(const void *bytes, size_t size);

#endif
