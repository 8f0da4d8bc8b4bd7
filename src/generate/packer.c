/*
 * Parts that are packed apart from each other, so that workers need not wait: zstd frames and gzip members follow one
 * another (RFC 8878 3.1, RFC 1952 2.2), a zip has one member per block (APPNOTE 6.3.10, without extensions).
 */
#include "base/try.h"
#include "generate/packer.h"

#define ZSTD_LEVEL 3
#define PACKED_MAX_BYTES ((size_t)1 << 30)

/* CRC-32 of IEEE 802.3, four bits at a time: the table is small enough to be read over. */
static uint32_t crc32_of(const uint8_t *bytes, size_t size) {
    static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                       0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    uint32_t crc = ~UINT32_C(0);
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        crc = (crc >> 4) ^ table[crc & 15];
        crc = (crc >> 4) ^ table[crc & 15];
    }
    return ~crc;
}

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
    packed->crc32 = needs_crc ? crc32_of(text->data, text->size) : 0;
    switch (packer->packing) {
    case SEINE_GENERATE_PLAIN: return seine_buf_append(&packed->bytes, text->data, text->size);
    case SEINE_GENERATE_ZST: return seine_zstd_compress(packer->zstd, text->data, text->size, &packed->bytes, error);
    case SEINE_GENERATE_GZ: return pack_gzip(text, packed, error);
    case SEINE_GENERATE_ZIP: return seine_deflate(text->data, text->size, &packed->bytes, error);
    }
    return seine_fail(error, SEINE_E_INTERNAL, "generate: unknown packing");
}
