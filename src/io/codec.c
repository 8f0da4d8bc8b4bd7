/*
 * Whole-buffer compression. Deflate goes through libdeflate: Avro blocks are small and complete in memory, which is
 * what it is made for.
 */
#include "io/codec.h"

#include <libdeflate.h>
#include <pthread.h>
#include <stdlib.h>
#include <zstd.h>

#define DEFLATE_LEVEL 6

/* ---- contexts ---- */

/* Those that nobody uses. To make one takes about as long as to pack a page of a small file with it. */
#define UNUSED_MAX 16

typedef struct unused {
    void *contexts[UNUSED_MAX];
    size_t count;
} unused;

static pthread_mutex_t unused_lock = PTHREAD_MUTEX_INITIALIZER; /* of both */
static unused packing, unpacking;

/* @return NULL: there is none. */
static void *take_unused(unused *from) {
    (void)pthread_mutex_lock(&unused_lock);
    void *context = from->count > 0 ? from->contexts[--from->count] : NULL;
    (void)pthread_mutex_unlock(&unused_lock);
    return context;
}

/* @return whether there was room for it. */
static bool put_unused(unused *to, void *context) {
    (void)pthread_mutex_lock(&unused_lock);
    const bool has_room = to->count < UNUSED_MAX;
    if (has_room) to->contexts[to->count++] = context;
    (void)pthread_mutex_unlock(&unused_lock);
    return has_room;
}

/* ---- zstd ---- */

struct seine_zstd {
    ZSTD_CCtx *context;
};

seine_zstd *seine_zstd_new(int level) {
    seine_zstd *zstd = malloc(sizeof *zstd);
    if (zstd == NULL) return NULL;
    zstd->context = take_unused(&packing);
    if (zstd->context == NULL) zstd->context = ZSTD_createCCtx();
    if (zstd->context == NULL) {
        free(zstd);
        return NULL;
    }
    seine_zstd_pack(zstd, level);
    return zstd;
}

/* A level out of range is clamped by the library, so there is nothing to report. */
void seine_zstd_pack(seine_zstd *zstd, int level) {
    (void)ZSTD_CCtx_setParameter(zstd->context, ZSTD_c_compressionLevel, level);
}

void seine_zstd_free(seine_zstd *zstd) {
    if (zstd == NULL) return;
    if (!put_unused(&packing, zstd->context)) (void)ZSTD_freeCCtx(zstd->context);
    free(zstd);
}

seine_status seine_zstd_compress(seine_zstd *zstd, const void *bytes, size_t size, seine_buf *out, seine_error *error) {
    const size_t bound = ZSTD_compressBound(size);
    const seine_status status = seine_buf_reserve(out, bound);
    if (status != SEINE_OK) return seine_fail(error, status, "zstd: no room for %zu bytes", bound);
    const size_t written = ZSTD_compress2(zstd->context, out->data + out->size, bound, bytes, size);
    if (ZSTD_isError(written)) return seine_fail(error, SEINE_E_NOMEM, "zstd: %s", ZSTD_getErrorName(written));
    out->size += written;
    return SEINE_OK;
}

struct seine_unzstd {
    ZSTD_DCtx *context;
};

seine_unzstd *seine_unzstd_new(void) {
    seine_unzstd *unzstd = malloc(sizeof *unzstd);
    if (unzstd == NULL) return NULL;
    unzstd->context = take_unused(&unpacking);
    if (unzstd->context == NULL) unzstd->context = ZSTD_createDCtx();
    if (unzstd->context != NULL) return unzstd;
    free(unzstd);
    return NULL;
}

void seine_unzstd_free(seine_unzstd *unzstd) {
    if (unzstd == NULL) return;
    if (!put_unused(&unpacking, unzstd->context)) (void)ZSTD_freeDCtx(unzstd->context);
    free(unzstd);
}

seine_status seine_unzstd_frame(seine_unzstd *unzstd, const void *bytes, size_t size, void *plain, size_t plain_size,
                                seine_error *error) {
    const size_t written = ZSTD_decompressDCtx(unzstd->context, plain, plain_size, bytes, size);
    if (ZSTD_isError(written)) {
        const char *what = ZSTD_getErrorName(written);
        const bool is_starved = strstr(what, "not enough memory") != NULL; /* there are no stable codes */
        return seine_fail(error, is_starved ? SEINE_E_NOMEM : SEINE_E_FORMAT, "zstd: %s", what);
    }
    if (written == plain_size) return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT, "zstd: %zu bytes come out instead of %zu", written, plain_size);
}

/* ---- deflate ---- */

seine_status seine_deflate(const void *bytes, size_t size, seine_buf *out, seine_error *error) {
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(DEFLATE_LEVEL);
    if (compressor == NULL) return seine_fail(error, SEINE_E_NOMEM, "deflate: out of memory");
    const size_t bound = libdeflate_deflate_compress_bound(compressor, size);
    const seine_status status = seine_buf_reserve(out, bound);
    if (status == SEINE_OK)
        out->size += libdeflate_deflate_compress(compressor, bytes, size, out->data + out->size, bound);
    libdeflate_free_compressor(compressor);
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "deflate: no room for %zu bytes", bound);
}

/* PyIceberg cuts the zlib form down to the raw one and leaves three bytes of its checksum behind each Avro block. */
#define CHECKSUM_REST_BYTES 3

/* The size of the plain bytes is not stored, so the room is doubled until it is enough or max_bytes is passed. */
static seine_status inflate_into(struct libdeflate_decompressor *decompressor, const void *bytes, size_t size,
                                 seine_buf *out, size_t max_bytes, seine_error *error) {
    size_t room = size < 1024 ? 4096 : size * 4;
    for (;;) {
        if (room > max_bytes) room = max_bytes;
        const seine_status status = seine_buf_reserve(out, room > 0 ? room : 1);
        if (status != SEINE_OK) return seine_fail(error, status, "inflate: no room for %zu bytes", room);
        size_t consumed = 0, written = 0;
        const enum libdeflate_result result = libdeflate_deflate_decompress_ex(
            decompressor, bytes, size, out->data + out->size, room, &consumed, &written);
        if (result == LIBDEFLATE_SUCCESS) {
            if (size - consumed > CHECKSUM_REST_BYTES)
                return seine_fail(error, SEINE_E_FORMAT, "inflate: %zu bytes behind the end of the deflate stream",
                                  size - consumed);
            out->size += written;
            return SEINE_OK;
        }
        if (result != LIBDEFLATE_INSUFFICIENT_SPACE)
            return seine_fail(error, SEINE_E_FORMAT, "inflate: damaged deflate stream of %zu bytes", size);
        if (room == max_bytes)
            return seine_fail(error, SEINE_E_LIMIT, "inflate: more than %zu bytes come out", max_bytes);
        room = room > max_bytes / 2 ? max_bytes : room * 2;
    }
}

seine_status seine_inflate(const void *bytes, size_t size, seine_buf *out, size_t max_bytes, seine_error *error) {
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    if (decompressor == NULL) return seine_fail(error, SEINE_E_NOMEM, "inflate: out of memory");
    const seine_status status = inflate_into(decompressor, bytes, size, out, max_bytes, error);
    libdeflate_free_decompressor(decompressor);
    return status;
}

seine_status seine_gzip(const void *bytes, size_t size, int level, seine_buf *out, seine_error *error) {
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(level);
    if (compressor == NULL) return seine_fail(error, SEINE_E_NOMEM, "gzip: out of memory");
    const size_t bound = libdeflate_gzip_compress_bound(compressor, size);
    const seine_status status = seine_buf_reserve(out, bound);
    if (status == SEINE_OK)
        out->size += libdeflate_gzip_compress(compressor, bytes, size, out->data + out->size, bound);
    libdeflate_free_compressor(compressor);
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "gzip: no room for %zu bytes", bound);
}

uint32_t seine_crc32(uint32_t before, const void *bytes, size_t size) { return libdeflate_crc32(before, bytes, size); }
