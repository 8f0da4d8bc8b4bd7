/* Day files: blocks behind one another, and what a zip has around its members (APPNOTE 6.3.10, without extensions). */
#include "base/time.h"
#include "base/try.h"
#include "generate/archive.h"

#include <stdio.h>

#define DIRECTORY_MAX_BYTES (1024 * 1024)
#define ZIP_LOCAL 0x04034b50u
#define ZIP_CENTRAL 0x02014b50u
#define ZIP_END 0x06054b50u
#define ZIP_VERSION 20
#define ZIP_DEFLATED 8
#define ZIP_MAX_BYTES UINT32_MAX

/* Little-endian fields, one after the other. */
static uint8_t *put16(uint8_t *out, uint32_t value) {
    *out++ = (uint8_t)(value & 0xFF);
    *out++ = (uint8_t)(value >> 8 & 0xFF);
    return out;
}

static uint8_t *put32(uint8_t *out, uint32_t value) { return put16(put16(out, value & 0xFFFF), value >> 16); }

static void make_stem(seine_generate_style style, int32_t day, char stem[40]) {
    int year, month, day_of_month;
    seine_civil_from_days(day, &year, &month, &day_of_month);
    snprintf(stem, 40, style == SEINE_GENERATE_2018 ? "AIS_%04d_%02d_%02d" : "ais-%04d-%02d-%02d", year, month,
             day_of_month);
}

void seine_archive_name(seine_generate_style style, seine_generate_packing packing, int32_t day, char name[64]) {
    static const char *const endings[] = {".csv", ".csv.zst", ".csv.gz", ".zip"};
    char stem[40];
    make_stem(style, day, stem);
    snprintf(name, 64, "%s%s", stem, endings[packing]);
}

seine_status seine_archive_open(seine_archive *archive, const seine_generate_options *options, int32_t day,
                                seine_error *error) {
    char name[64];
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    int year, month, day_of_month;
    *archive = (seine_archive){.packing = options->packing};
    seine_buf_init(&archive->directory, DIRECTORY_MAX_BYTES);
    make_stem(options->style, day, archive->member_name);
    seine_civil_from_days(day + 1, &year, &month, &day_of_month); /* members are dated the midnight after their day */
    const int since_1980 = year < 1980 ? 0 : year - 1980;
    archive->dos_time = (uint32_t)(since_1980 << 9 | month << 5 | day_of_month) << 16;
    seine_archive_name(options->style, options->packing, day, name);
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
    if (archive->packing == SEINE_GENERATE_ZIP) SEINE_TRY(append_zip_member(archive, packed, error));
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
    seine_status status = archive->packing == SEINE_GENERATE_ZIP ? append_zip_end(archive, error) : SEINE_OK;
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
