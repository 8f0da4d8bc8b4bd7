/*
 * Digests. The low-level OpenSSL calls are used on purpose: they neither allocate nor fail, which base and core
 * promise; the recommended ones do both.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#define XXH_INLINE_ALL
#include "base/hash.h"

#include <openssl/md5.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <stdlib.h>
#include <xxhash.h>

uint64_t seine_hash64(const void *bytes, size_t size) { return XXH3_64bits(bytes, size); }

seine_hash128 seine_hash128_of(const void *bytes, size_t size) {
    const XXH128_hash_t hash = XXH3_128bits(bytes, size);
    return (seine_hash128){hash.low64, hash.high64};
}

seine_hash128 seine_hash128_add(seine_hash128 a, seine_hash128 b) {
    const uint64_t low = a.low + b.low;
    return (seine_hash128){low, a.high + b.high + (low < a.low)};
}

seine_hash128 seine_hash128_sub(seine_hash128 a, seine_hash128 b) {
    return (seine_hash128){a.low - b.low, a.high - b.high - (a.low < b.low)};
}

static const char HEX_DIGITS[] = "0123456789abcdef";

static void write_hex(const uint8_t *bytes, size_t size, char *hex) {
    for (size_t i = 0; i < size; i++) {
        hex[2 * i] = HEX_DIGITS[bytes[i] >> 4];
        hex[2 * i + 1] = HEX_DIGITS[bytes[i] & 15];
    }
    hex[2 * size] = '\0';
}

void seine_hash128_hex(seine_hash128 hash, char hex[33]) {
    uint8_t bytes[16];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(hash.high >> (56 - 8 * i));
        bytes[8 + i] = (uint8_t)(hash.low >> (56 - 8 * i));
    }
    write_hex(bytes, sizeof bytes, hex);
}

void seine_hex(const void *bytes, size_t size, char *hex) { write_hex(bytes, size, hex); }

int seine_hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool seine_hash128_parse(seine_str hex, seine_hash128 *hash) {
    if (hex.size != 32) return false;
    uint64_t halves[2] = {0, 0};
    for (size_t i = 0; i < 32; i++) {
        const int value = seine_hex_digit(hex.data[i]);
        if (value < 0) return false;
        halves[i / 16] = halves[i / 16] << 4 | (uint64_t)value;
    }
    *hash = (seine_hash128){.low = halves[1], .high = halves[0]};
    return true;
}

/* The library's own state, which wants 64-byte alignment and gets it from the library's own allocator. */
static XXH3_state_t *state_of(const seine_hash128_stream *stream) { return (XXH3_state_t *)(uintptr_t)stream; }

seine_hash128_stream *seine_hash128_stream_new(void) {
    XXH3_state_t *state = XXH3_createState();
    if (state != NULL) (void)XXH3_128bits_reset(state);
    return (seine_hash128_stream *)state;
}

void seine_hash128_stream_update(seine_hash128_stream *stream, const void *bytes, size_t size) {
    (void)XXH3_128bits_update(state_of(stream), bytes, size);
}

seine_hash128 seine_hash128_stream_value(const seine_hash128_stream *stream) {
    const XXH128_hash_t hash = XXH3_128bits_digest(state_of(stream));
    return (seine_hash128){hash.low64, hash.high64};
}

void seine_hash128_stream_free(seine_hash128_stream *stream) { (void)XXH3_freeState(state_of(stream)); }

void seine_md5_hex_of_parts(const seine_str *parts, size_t count, char hex[33]) {
    uint8_t digest[MD5_DIGEST_LENGTH];
    MD5_CTX context;
    MD5_Init(&context);
    for (size_t i = 0; i < count; i++) MD5_Update(&context, parts[i].data, parts[i].size);
    MD5_Final(digest, &context);
    write_hex(digest, sizeof digest, hex);
}

void seine_md5_hex(const void *bytes, size_t size, char hex[33]) {
    const seine_str whole = {bytes, size};
    seine_md5_hex_of_parts(&whole, 1, hex);
}

struct seine_md5 {
    MD5_CTX context;
};

seine_md5 *seine_md5_new(void) {
    seine_md5 *md5 = malloc(sizeof *md5);
    if (md5 != NULL) MD5_Init(&md5->context);
    return md5;
}

void seine_md5_update(seine_md5 *md5, const void *bytes, size_t size) { MD5_Update(&md5->context, bytes, size); }

void seine_md5_finish(seine_md5 *md5, char hex[33]) {
    if (md5 != NULL && hex != NULL) {
        uint8_t digest[MD5_DIGEST_LENGTH];
        MD5_Final(digest, &md5->context);
        write_hex(digest, sizeof digest, hex);
    }
    free(md5);
}

struct seine_sha256 {
    SHA256_CTX context;
};

seine_sha256 *seine_sha256_new(void) {
    seine_sha256 *sha = malloc(sizeof *sha);
    if (sha != NULL) SHA256_Init(&sha->context);
    return sha;
}

void seine_sha256_update(seine_sha256 *sha, const void *bytes, size_t size) {
    SHA256_Update(&sha->context, bytes, size);
}

void seine_sha256_finish(seine_sha256 *sha, char hex[65]) {
    if (sha != NULL && hex != NULL) {
        uint8_t digest[SHA256_DIGEST_LENGTH];
        SHA256_Final(digest, &sha->context);
        write_hex(digest, sizeof digest, hex);
    }
    free(sha);
}

static uint32_t rotate_left(uint32_t value, int bits) { return value << bits | value >> (32 - bits); }

static uint32_t murmur3_scramble(uint32_t block) {
    return rotate_left(block * UINT32_C(0xcc9e2d51), 15) * UINT32_C(0x1b873593);
}

uint32_t seine_murmur3(const void *bytes, size_t size) {
    const uint8_t *p = bytes;
    const size_t blocks = size / 4;
    uint32_t hash = 0;
    for (size_t i = 0; i < blocks; i++, p += 4) {
        const uint32_t block = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
        hash = rotate_left(hash ^ murmur3_scramble(block), 13) * 5 + UINT32_C(0xe6546b64);
    }
    uint32_t tail = 0;
    for (size_t i = size % 4; i > 0; i--) tail = tail << 8 | p[i - 1];
    hash ^= murmur3_scramble(tail); /* a zero tail scrambles to zero */
    hash ^= (uint32_t)size;
    hash = (hash ^ hash >> 16) * UINT32_C(0x85ebca6b);
    hash = (hash ^ hash >> 13) * UINT32_C(0xc2b2ae35);
    return hash ^ hash >> 16;
}

static uint32_t crc32c_of_nibbles(uint32_t crc, const uint8_t *p, size_t size) {
    /* CRC-32C of every 4-bit value: small enough to write down. */
    static const uint32_t NIBBLE[16] = {
        0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
        0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
    };
    for (size_t i = 0; i < size; i++) {
        crc ^= p[i];
        crc = crc >> 4 ^ NIBBLE[crc & 15];
        crc = crc >> 4 ^ NIBBLE[crc & 15];
    }
    return crc;
}

#ifdef __x86_64__
/* The processor's own instruction, eight bytes at a time. */
__attribute__((target("sse4.2"))) static uint32_t crc32c_of_words(uint32_t crc, const uint8_t *p, size_t size) {
    uint64_t word;
    for (; size >= sizeof word; p += sizeof word, size -= sizeof word) {
        memcpy(&word, p, sizeof word);
        crc = (uint32_t)__builtin_ia32_crc32di(crc, word);
    }
    for (; size > 0; size--) crc = __builtin_ia32_crc32qi(crc, *p++);
    return crc;
}
#endif

uint32_t seine_checksum32(const void *bytes, size_t size) {
#ifdef __x86_64__
    if (__builtin_cpu_supports("sse4.2")) return ~crc32c_of_words(UINT32_MAX, bytes, size);
#endif
    return ~crc32c_of_nibbles(UINT32_MAX, bytes, size);
}

/* ---- SHA-256 at once ---- */

void seine_sha256_of(const void *bytes, size_t size, uint8_t sum[SEINE_SHA256_BYTES]) {
    SHA256_CTX context;
    (void)SHA256_Init(&context);
    (void)SHA256_Update(&context, bytes, size);
    (void)SHA256_Final(sum, &context);
}

void seine_hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t size,
                       uint8_t sum[SEINE_SHA256_BYTES]) {
    enum { BLOCK = 64, INNER = 0x36, OUTER = 0x5c };
    uint8_t pad[BLOCK] = {0};
    SHA256_CTX context;
    if (key_size > BLOCK)
        seine_sha256_of(key, key_size, pad);
    else if (key_size > 0)
        memcpy(pad, key, key_size);
    for (size_t i = 0; i < BLOCK; i++) pad[i] ^= INNER;
    (void)SHA256_Init(&context);
    (void)SHA256_Update(&context, pad, BLOCK);
    (void)SHA256_Update(&context, bytes, size);
    (void)SHA256_Final(sum, &context);
    for (size_t i = 0; i < BLOCK; i++) pad[i] ^= INNER ^ OUTER;
    (void)SHA256_Init(&context);
    (void)SHA256_Update(&context, pad, BLOCK);
    (void)SHA256_Update(&context, sum, SEINE_SHA256_BYTES);
    (void)SHA256_Final(sum, &context);
}

void seine_base64(const void *bytes, size_t size, char *text) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *in = bytes;
    for (size_t i = 0; i < size; i += 3, text += 4) {
        const size_t left = size - i;
        const uint32_t group =
            (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) | (left > 2 ? (uint32_t)in[i + 2] : 0);
        for (size_t k = 0; k < 4; k++) text[k] = k <= left ? digits[group >> (18 - 6 * k) & 63] : '=';
    }
    *text = '\0';
}

void seine_md5_base64(const void *bytes, size_t size, char text[SEINE_BASE64_SIZE(16)]) {
    uint8_t sum[16];
    MD5_CTX context;
    (void)MD5_Init(&context);
    (void)MD5_Update(&context, bytes, size);
    (void)MD5_Final(sum, &context);
    seine_base64(sum, sizeof sum, text);
}
