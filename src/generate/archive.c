/*
 * Archives whose parts are packed apart from each other, so that workers need not wait: zstd frames and gzip members
 * follow one another (RFC 8878 3.1, RFC 1952 2.2), a zip has one member per block (APPNOTE 6.3.10, without extensions).
 */
#include "base/time.h"
#include "base/try.h"
#include "generate/archive.h"

#include <stdio.h>

#define ZSTD_LEVEL 3
#define PACKED_MAX_BYTES ((size_t)1 << 30)
#define DIRECTORY_MAX_BYTES (1024 * 1024)
#define ZIP_LOCAL 0x04034b50u
#define ZIP_CENTRAL 0x02014b50u
#define ZIP_END 0x06054b50u
#define ZIP_VERSION 20
#define ZIP_DEFLATED 8
#define ZIP_MAX_BYTES UINT32_MAX

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

/* Little-endian fields, one after the other. */
static uint8_t *put16(uint8_t *out, uint32_t value) {
    *out++ = (uint8_t)(value & 0xFF);
    *out++ = (uint8_t)(value >> 8 & 0xFF);
    return out;
}

static uint8_t *put32(uint8_t *out, uint32_t value) { return put16(put16(out, value & 0xFFFF), value >> 16); }

seine_status seine_packer_init(seine_packer *packer, seine_generate_format format, seine_error *error) {
    *packer = (seine_packer){.format = format};
    if (format != SEINE_GENERATE_CSV_ZST) return SEINE_OK;
    packer->zstd = seine_zstd_new(ZSTD_LEVEL);
    return packer->zstd != NULL ? SEINE_OK : seine_no_memory(error, "generate");
}

void seine_packer_free(seine_packer *packer) { seine_zstd_free(packer->zstd); }

static seine_status pack_gzip(const seine_buf *text, seine_packed *packed, seine_error *error) {
    static const uint8_t head[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}; /* no name, no time: same bytes each run */
    uint8_t tail[8];
    put32(put32(tail, packed->crc32), (uint32_t)text->size);
    SEINE_TRY(seine_buf_append(&packed->bytes, head, sizeof head));
    SEINE_TRY(seine_deflate(text->data, text->size, &packed->bytes, error));
    return seine_buf_append(&packed->bytes, tail, sizeof tail);
}

seine_status seine_packer_pack(seine_packer *packer, const seine_buf *text, seine_packed *packed, seine_error *error) {
    const bool needs_crc = packer->format == SEINE_GENERATE_CSV_GZ || packer->format == SEINE_GENERATE_ZIP;
    seine_buf_clear(&packed->bytes);
    packed->bytes.max = PACKED_MAX_BYTES;
    packed->text_size = text->size;
    packed->crc32 = needs_crc ? crc32_of(text->data, text->size) : 0;
    switch (packer->format) {
    case SEINE_GENERATE_CSV: return seine_buf_append(&packed->bytes, text->data, text->size);
    case SEINE_GENERATE_CSV_ZST:
        return seine_zstd_compress(packer->zstd, text->data, text->size, &packed->bytes, error);
    case SEINE_GENERATE_CSV_GZ: return pack_gzip(text, packed, error);
    case SEINE_GENERATE_ZIP: return seine_deflate(text->data, text->size, &packed->bytes, error);
    }
    return seine_fail(error, SEINE_E_INTERNAL, "generate: unknown format");
}

/* ---- the file ---- */

static void make_stem(seine_generate_style style, int32_t day, char stem[40]) {
    int year, month, day_of_month;
    seine_civil_from_days(day, &year, &month, &day_of_month);
    snprintf(stem, 40, style == SEINE_GENERATE_2018 ? "AIS_%04d_%02d_%02d" : "ais-%04d-%02d-%02d", year, month,
             day_of_month);
}

void seine_archive_name(seine_generate_style style, seine_generate_format format, int32_t day, char name[64]) {
    static const char *const endings[] = {".csv", ".csv.zst", ".csv.gz", ".zip"};
    char stem[40];
    make_stem(style, day, stem);
    snprintf(name, 64, "%s%s", stem, endings[format]);
}

seine_status seine_archive_open(seine_archive *archive, const seine_generate_options *options, int32_t day,
                                seine_error *error) {
    char name[64];
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    int year, month, day_of_month;
    *archive = (seine_archive){.format = options->format};
    seine_buf_init(&archive->directory, DIRECTORY_MAX_BYTES);
    make_stem(options->style, day, archive->member_name);
    seine_civil_from_days(day + 1, &year, &month, &day_of_month); /* members are dated the midnight after their day */
    const int since_1980 = year < 1980 ? 0 : year - 1980;
    archive->dos_time = (uint32_t)(since_1980 << 9 | month << 5 | day_of_month) << 16;
    seine_archive_name(options->style, options->format, day, name);
    char *path = seine_file_join(&arena, options->folder, name);
    if (path == NULL) return seine_no_memory(error, "generate");
    return seine_file_writer_open(path, &archive->writer, error);
}

/* The fields that the local and the central header of a member share, from "version needed" on. */
static uint8_t *put_member(const seine_archive *archive, const seine_packed *packed, size_t name_size, uint8_t *out) {
    out = put16(out, ZIP_VERSION);
    out = put16(out, 0);
    out = put16(out, ZIP_DEFLATED);
    out = put32(out, archive->dos_time);
    out = put32(out, packed->crc32);
    out = put32(out, (uint32_t)packed->bytes.size);
    out = put32(out, (uint32_t)packed->text_size);
    out = put16(out, (uint32_t)name_size);
    return put16(out, 0);
}

static seine_status append_zip_member(seine_archive *archive, const seine_packed *packed, seine_error *error) {
    uint8_t local[30], central[46];
    char name[64];
    const uint64_t offset = seine_file_writer_size(archive->writer);
    if (offset + packed->bytes.size > ZIP_MAX_BYTES - DIRECTORY_MAX_BYTES || archive->members == UINT16_MAX) {
        return seine_fail(error, SEINE_E_LIMIT, "generate: a zip of more than 4 GiB; use csv.zst");
    }
    snprintf(name, sizeof name, archive->members == 0 ? "%s.csv" : "%s-%03u.csv", archive->member_name,
             archive->members);
    archive->members++;
    const size_t name_size = strlen(name);
    put_member(archive, packed, name_size, put32(local, ZIP_LOCAL));
    uint8_t *out = put_member(archive, packed, name_size, put16(put32(central, ZIP_CENTRAL), ZIP_VERSION));
    out = put16(out, 0); /* comment */
    out = put16(out, 0); /* disk */
    out = put16(out, 1); /* text */
    out = put32(out, 0); /* external attributes */
    put32(out, (uint32_t)offset);
    SEINE_TRY(seine_file_writer_append(archive->writer, local, sizeof local, error));
    SEINE_TRY(seine_file_writer_append(archive->writer, name, name_size, error));
    SEINE_TRY(seine_buf_append(&archive->directory, central, sizeof central));
    return seine_buf_append(&archive->directory, name, name_size);
}

seine_status seine_archive_append(seine_archive *archive, const seine_packed *packed, seine_error *error) {
    if (archive->format == SEINE_GENERATE_ZIP) SEINE_TRY(append_zip_member(archive, packed, error));
    return seine_file_writer_append(archive->writer, packed->bytes.data, packed->bytes.size, error);
}

static seine_status append_zip_end(seine_archive *archive, seine_error *error) {
    uint8_t end[22];
    const uint32_t offset = (uint32_t)seine_file_writer_size(archive->writer);
    uint8_t *out = put32(put32(end, ZIP_END), 0); /* this disk, disk of the directory */
    out = put16(put16(out, archive->members), archive->members);
    out = put32(put32(out, (uint32_t)archive->directory.size), offset);
    put16(out, 0);
    SEINE_TRY(seine_file_writer_append(archive->writer, archive->directory.data, archive->directory.size, error));
    return seine_file_writer_append(archive->writer, end, sizeof end, error);
}

seine_status seine_archive_commit(seine_archive *archive, uint64_t *bytes, seine_error *error) {
    seine_status status = archive->format == SEINE_GENERATE_ZIP ? append_zip_end(archive, error) : SEINE_OK;
    *bytes = seine_file_writer_size(archive->writer);
    if (status == SEINE_OK) status = seine_file_writer_commit(SEINE_TAKE(archive->writer), SEINE_FILE_REPLACE, error);
    seine_archive_abort(archive);
    return status;
}

void seine_archive_abort(seine_archive *archive) {
    seine_file_writer_abort(archive->writer);
    archive->writer = NULL;
    seine_buf_free(&archive->directory);
}
