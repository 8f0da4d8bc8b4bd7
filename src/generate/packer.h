/** @file generate/packer.h  Blocks of text packed on their own: plain, zstd frames, gzip members, zip members. */
#ifndef SEINE_GENERATE_PACKER_H
#define SEINE_GENERATE_PACKER_H

#include "io/codec.h"

#include <stdbool.h>

typedef enum seine_generate_packing {
    SEINE_GENERATE_PLAIN,
    SEINE_GENERATE_ZST, /**< one frame per block */
    SEINE_GENERATE_GZ,  /**< one member per block */
    SEINE_GENERATE_ZIP  /**< a member's bytes; its headers are the archive's */
} seine_generate_packing;

/** A packed block, ready to be appended to its archive. */
typedef struct seine_packed {
    seine_buf bytes;
    uint32_t crc32;
    size_t text_size;
} seine_packed;

/** One worker's compressor. */
typedef struct seine_packer {
    seine_generate_packing packing;
    seine_zstd *zstd;
} seine_packer;

SEINE_MUST_USE seine_status seine_packer_init(seine_packer *packer, seine_generate_packing packing, seine_error *error);
void seine_packer_free(seine_packer *packer);
/** Packs @p text on its own: blocks appended one behind the other are the archive. */
SEINE_MUST_USE seine_status seine_packer_pack(seine_packer *packer, const seine_buf *text, seine_packed *packed,
                                              seine_error *error);

#endif
