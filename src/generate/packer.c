/*
 * Parts that are packed apart from each other, so that workers need not wait: zstd frames and gzip members follow one
 * another (RFC 8878 3.1, RFC 1952 2.2), a zip has one member per block (APPNOTE 6.3.10, without extensions).
 */
#include "base/try.h"
#include "generate/packer.h"

#define ZSTD_LEVEL 3
#define PACKED_MAX_BYTES ((size_t)1 << 30)

seine_status seine_packer_init(seine_packer *packer, seine_generate_packing packing, seine_error *error) {
    *packer = (seine_packer){.packing = packing};
    if (packing != SEINE_GENERATE_ZST) return SEINE_OK;
    packer->zstd = seine_zstd_new(ZSTD_LEVEL);
    return packer->zstd != NULL ? SEINE_OK : seine_no_memory(error, "generate");
}

void seine_packer_free(seine_packer *packer) { seine_zstd_free(packer->zstd); }

static seine_status pack_gzip(const seine_buf *text, seine_packed *packed, seine_error *error) {
    static const uint8_t head[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}; /* no name, no time: same bytes each run */
    const uint32_t ends[2] = {packed->crc32, (uint32_t)text->size};
    uint8_t tail[8];
    for (size_t i = 0; i < sizeof tail; i++) tail[i] = (uint8_t)(ends[i / 4] >> i % 4 * 8);
    SEINE_TRY(seine_buf_append(&packed->bytes, head, sizeof head));
    SEINE_TRY(seine_deflate(text->data, text->size, &packed->bytes, error));
    return seine_buf_append(&packed->bytes, tail, sizeof tail);
}

seine_status seine_packer_pack(seine_packer *packer, const seine_buf *text, seine_packed *packed, seine_error *error) {
    const bool needs_crc = packer->packing == SEINE_GENERATE_GZ || packer->packing == SEINE_GENERATE_ZIP;
    seine_buf_clear(&packed->bytes);
    packed->bytes.max = PACKED_MAX_BYTES;
    packed->text_size = text->size;
    packed->crc32 = needs_crc ? seine_crc32(0, text->data, text->size) : 0;
    switch (packer->packing) {
    case SEINE_GENERATE_PLAIN: return seine_buf_append(&packed->bytes, text->data, text->size);
    case SEINE_GENERATE_ZST: return seine_zstd_compress(packer->zstd, text->data, text->size, &packed->bytes, error);
    case SEINE_GENERATE_GZ: return pack_gzip(text, packed, error);
    case SEINE_GENERATE_ZIP: return seine_deflate(text->data, text->size, &packed->bytes, error);
    }
    return seine_fail(error, SEINE_E_INTERNAL, "generate: unknown packing");
}
