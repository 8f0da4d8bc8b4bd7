/** @file generate/archive.h  Day files of generated rows: plain, zstd frames, gzip members, zip members. */
#ifndef SEINE_GENERATE_ARCHIVE_H
#define SEINE_GENERATE_ARCHIVE_H

#include "generate/generate.h"
#include "io/codec.h"
#include "io/file.h"

/** A packed block, ready to be appended to its archive. */
typedef struct seine_packed {
    seine_buf bytes;
    uint32_t crc32;
    size_t text_size;
} seine_packed;

/** One worker's compressor. */
typedef struct seine_packer {
    seine_generate_format format;
    seine_zstd *zstd;
} seine_packer;

SEINE_MUST_USE seine_status seine_packer_init(seine_packer *packer, seine_generate_format format, seine_error *error);
void seine_packer_free(seine_packer *packer);
/** Packs @p text on its own: blocks appended one behind the other are the archive. */
SEINE_MUST_USE seine_status seine_packer_pack(seine_packer *packer, const seine_buf *text, seine_packed *packed,
                                              seine_error *error);

typedef struct seine_archive {
    seine_generate_format format;
    seine_file_writer *writer;
    seine_buf directory; /**< zip: central directory */
    uint32_t members;
    char member_name[40]; /**< without ending */
    uint32_t dos_time;
} seine_archive;

/** "ais-2025-01-01.csv.zst" or "AIS_2018_06_01.zip". */
void seine_archive_name(seine_generate_style style, seine_generate_format format, int32_t day, char name[64]);
SEINE_MUST_USE seine_status seine_archive_open(seine_archive *archive, const seine_generate_options *options,
                                               int32_t day, seine_error *error);
SEINE_MUST_USE seine_status seine_archive_append(seine_archive *archive, const seine_packed *packed,
                                                 seine_error *error);
/** Completes the file under its name. *bytes receives its size. The archive is freed in every case. */
SEINE_MUST_USE seine_status seine_archive_commit(seine_archive *archive, uint64_t *bytes, seine_error *error);
void seine_archive_abort(seine_archive *archive);

#endif
