/** @file generate/archive.h  Day files of generated rows: packed blocks one behind the other. */
#ifndef SEINE_GENERATE_ARCHIVE_H
#define SEINE_GENERATE_ARCHIVE_H

#include "generate/generate.h"
#include "generate/packer.h"
#include "io/file.h"

typedef struct seine_archive {
    seine_generate_packing packing;
    seine_file_writer *writer;
    seine_buf directory; /**< zip: central directory */
    uint32_t members;
    char member_name[40]; /**< without ending */
    uint32_t dos_time;
} seine_archive;

/** "ais-2025-01-01.csv.zst" or "AIS_2018_06_01.zip". */
void seine_archive_name(seine_generate_style style, seine_generate_packing packing, int32_t day, char name[64]);
SEINE_MUST_USE seine_status seine_archive_open(seine_archive *archive, const seine_generate_options *options,
                                               int32_t day, seine_error *error);
SEINE_MUST_USE seine_status seine_archive_append(seine_archive *archive, const seine_packed *packed,
                                                 seine_error *error);
/** Completes the file under its name. *bytes receives its size. The archive is freed in every case. */
SEINE_MUST_USE seine_status seine_archive_commit(seine_archive *archive, uint64_t *bytes, seine_error *error);
void seine_archive_abort(seine_archive *archive);

#endif
