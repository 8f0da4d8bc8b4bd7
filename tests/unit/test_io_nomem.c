/* links: io base */
/* wraps: ZSTD_createCCtx ZSTD_createDCtx ZSTD_createDStream ZSTD_decompressStream ZSTD_decompressDCtx */
/* wraps: inflateInit2_ inflate zip_open zip_stat_index zip_fopen_index zip_fread */
/* wraps: libdeflate_alloc_compressor libdeflate_alloc_decompressor */
/* What the compression libraries have no memory for is told as that, and never as a damaged file. */
#include "io/codec.h"
#include "io/file.h"
#include "io/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "unit/nomem_support.h"

/* ---- the libraries; src/io alone includes their headers ---- */

#define ZSTD_STARVED ((size_t)-64) /* ZSTD_error_memory_allocation */
#define ZLIB_STARVED (-4)          /* Z_MEM_ERROR */
#define ZIP_STARVED 14             /* ZIP_ER_MEMORY */

void *zip_get_error(void *zip);
void *zip_file_get_error(void *file);
void zip_error_set(void *error, int code, int system_code);

void *__real_ZSTD_createCCtx(void);
void *__real_ZSTD_createDCtx(void);
void *__real_ZSTD_createDStream(void);
size_t __real_ZSTD_decompressStream(void *stream, void *out, void *in);
size_t __real_ZSTD_decompressDCtx(void *context, void *to, size_t room, const void *from, size_t size);
int __real_inflateInit2_(void *stream, int bits, const char *version, int size);
int __real_inflate(void *stream, int flush);
void *__real_zip_open(const char *path, int flags, int *code);
int __real_zip_stat_index(void *zip, uint64_t index, uint32_t flags, void *stat);
void *__real_zip_fopen_index(void *zip, uint64_t index, uint32_t flags);
int64_t __real_zip_fread(void *file, void *bytes, uint64_t size);
void *__real_libdeflate_alloc_compressor(int level);
void *__real_libdeflate_alloc_decompressor(void);
#pragma GCC visibility push(default) /* libraries call each other, and the linker takes these for theirs */
void *__wrap_ZSTD_createCCtx(void);
void *__wrap_ZSTD_createDCtx(void);
void *__wrap_ZSTD_createDStream(void);
size_t __wrap_ZSTD_decompressStream(void *stream, void *out, void *in);
size_t __wrap_ZSTD_decompressDCtx(void *context, void *to, size_t room, const void *from, size_t size);
int __wrap_inflateInit2_(void *stream, int bits, const char *version, int size);
int __wrap_inflate(void *stream, int flush);
void *__wrap_zip_open(const char *path, int flags, int *code);
int __wrap_zip_stat_index(void *zip, uint64_t index, uint32_t flags, void *stat);
void *__wrap_zip_fopen_index(void *zip, uint64_t index, uint32_t flags);
int64_t __wrap_zip_fread(void *file, void *bytes, uint64_t size);
void *__wrap_libdeflate_alloc_compressor(int level);
void *__wrap_libdeflate_alloc_decompressor(void);
#pragma GCC visibility pop

void *__wrap_ZSTD_createCCtx(void) { return FAILS_NOW ? NULL : __real_ZSTD_createCCtx(); }
void *__wrap_ZSTD_createDCtx(void) { return FAILS_NOW ? NULL : __real_ZSTD_createDCtx(); }
void *__wrap_ZSTD_createDStream(void) { return FAILS_NOW ? NULL : __real_ZSTD_createDStream(); }

size_t __wrap_ZSTD_decompressStream(void *stream, void *out, void *in) {
    return FAILS_NOW ? ZSTD_STARVED : __real_ZSTD_decompressStream(stream, out, in);
}

size_t __wrap_ZSTD_decompressDCtx(void *context, void *to, size_t room, const void *from, size_t size) {
    return FAILS_NOW ? ZSTD_STARVED : __real_ZSTD_decompressDCtx(context, to, room, from, size);
}

int __wrap_inflateInit2_(void *stream, int bits, const char *version, int size) {
    return FAILS_NOW ? ZLIB_STARVED : __real_inflateInit2_(stream, bits, version, size);
}

int __wrap_inflate(void *stream, int flush) { return FAILS_NOW ? ZLIB_STARVED : __real_inflate(stream, flush); }

void *__wrap_zip_open(const char *path, int flags, int *code) {
    if (!FAILS_NOW) return __real_zip_open(path, flags, code);
    *code = ZIP_STARVED;
    return NULL;
}

int __wrap_zip_stat_index(void *zip, uint64_t index, uint32_t flags, void *stat) {
    if (!FAILS_NOW) return __real_zip_stat_index(zip, index, flags, stat);
    zip_error_set(zip_get_error(zip), ZIP_STARVED, 0);
    return -1;
}

void *__wrap_zip_fopen_index(void *zip, uint64_t index, uint32_t flags) {
    if (!FAILS_NOW) return __real_zip_fopen_index(zip, index, flags);
    zip_error_set(zip_get_error(zip), ZIP_STARVED, 0);
    return NULL;
}

int64_t __wrap_zip_fread(void *file, void *bytes, uint64_t size) {
    if (!FAILS_NOW) return __real_zip_fread(file, bytes, size);
    zip_error_set(zip_file_get_error(file), ZIP_STARVED, 0);
    return -1;
}

void *__wrap_libdeflate_alloc_compressor(int level) {
    return FAILS_NOW ? NULL : __real_libdeflate_alloc_compressor(level);
}

void *__wrap_libdeflate_alloc_decompressor(void) { return FAILS_NOW ? NULL : __real_libdeflate_alloc_decompressor(); }

/* ---- work ---- */

static seine_status read_archive(const char *name) {
    const char *source = getenv("SEINE_SOURCE");
    char path[1024], text[4096];
    seine_reader *reader = NULL;
    seine_error error = {SEINE_OK, ""};
    (void)snprintf(path, sizeof path, "%s/fuzz/corpus/reader/%s", source != NULL ? source : ".", name);
    seine_status status = seine_reader_open(path, &reader, &error);
    for (const char *member = ""; status == SEINE_OK && member != NULL;) {
        size_t size = 1;
        status = seine_reader_member(reader, &member, &error);
        while (status == SEINE_OK && member != NULL && size > 0)
            status = seine_reader_read(reader, text, sizeof text, &size, &error);
    }
    seine_reader_close(reader);
    if (status == SEINE_E_NOMEM && strstr(error.text, "memory") == NULL) return SEINE_E_INTERNAL;
    return status;
}

static seine_status read_zstd(void) { return read_archive("frame.zst"); }
static seine_status read_gzip(void) { return read_archive("joined.gz"); }
static seine_status read_zip(void) { return read_archive("two.zip"); }

static seine_status pack_and_unpack(void) {
    static const char bytes[] = "some bytes, some bytes, some bytes";
    char back[sizeof bytes];
    seine_buf packed, plain;
    seine_buf_init(&packed, 1 << 16);
    seine_buf_init(&plain, 1 << 16);
    seine_zstd *zstd = seine_zstd_new(3);
    seine_unzstd *unzstd = seine_unzstd_new();
    seine_status status = zstd != NULL && unzstd != NULL ? SEINE_OK : SEINE_E_NOMEM;
    if (status == SEINE_OK) status = seine_zstd_compress(zstd, bytes, sizeof bytes, &packed, NULL);
    if (status == SEINE_OK) status = seine_unzstd_frame(unzstd, packed.data, packed.size, back, sizeof back, NULL);
    seine_buf_clear(&packed);
    if (status == SEINE_OK) status = seine_deflate(bytes, sizeof bytes, &packed, NULL);
    if (status == SEINE_OK) status = seine_inflate(packed.data, packed.size, &plain, 1 << 12, NULL);
    if (status == SEINE_OK) status = seine_gzip(bytes, sizeof bytes, 6, &plain, NULL);
    seine_zstd_free(zstd);
    seine_unzstd_free(unzstd);
    seine_buf_free(&packed);
    seine_buf_free(&plain);
    return status;
}

static void archives(void **state) {
    (void)state;
    check_allocations(read_zstd, 5, MUST_FAIL);
    check_allocations(read_gzip, 5, MUST_FAIL);
    check_allocations(read_zip, 5, MUST_FAIL);
}

static void buffers(void **state) {
    (void)state;
    check_allocations(pack_and_unpack, 8, MUST_FAIL);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(archives), cmocka_unit_test(buffers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
