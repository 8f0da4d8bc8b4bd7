/**
 * @file parquet/read_footer.h
 * What a reader of some columns has to know of a Parquet file: where the pages of those columns lie, in the row groups
 * that may hold a text. Only files that writer.h writes are understood.
 */
#ifndef SEINE_PARQUET_READ_FOOTER_H
#define SEINE_PARQUET_READ_FOOTER_H

#include "base/arena.h"
#include "columns/schema.h"
#include "io/file.h"
#include "parquet/read_thrift.h"

/** One column of one row group. Nothing is checked against the file's size yet. */
typedef struct seine_chunk_place {
    int64_t rows;
    int64_t dict_offset, data_offset; /**< dict_offset 0 = no dictionary */
    int64_t column_index_offset, column_index_size, offset_index_offset, offset_index_size; /**< 0 = none */
    seine_str lower, upper; /**< bounds of texts; data NULL = unknown; in the footer */
    int physical, codec;
} seine_chunk_place;

typedef struct seine_group_place {
    int64_t rows;
    const seine_chunk_place *chunks; /**< one per wanted column */
} seine_group_place;

typedef struct seine_footer {
    seine_file_random file;
    const uint8_t *tail; /**< the last bytes of the file, most often with the page indexes */
    uint64_t tail_offset;
    const bool *is_optional; /**< per wanted column */
    const seine_group_place *groups;
    size_t group_count;
} seine_footer;

/**
 * Opens the file and reads its footer; @p footer borrows path, tail and arena and is closed by seine_footer_close, also
 * after a failure. Row groups whose bounds of column @p columns[key] leave out @p text are left out; key SIZE_MAX =
 * none are.
 * @return OK; E_NOT_FOUND, E_IO, E_NOMEM; E_FORMAT: damaged; E_UNSUPPORTED: another program's file, or a wanted column
 * has another type in it or is not there.
 */
SEINE_MUST_USE seine_status seine_footer_read(const char *path, const seine_table_schema *schema, const size_t *columns,
                                              size_t column_count, size_t key, seine_str text, seine_buf *tail,
                                              seine_arena *arena, seine_footer *footer, seine_error *error);
void seine_footer_close(seine_footer *footer);

/** Bytes of the file: of the tail when they lie there, else read into @p room. @return OK, E_FORMAT, E_NOMEM, E_IO. */
SEINE_MUST_USE seine_status seine_footer_bytes(const seine_footer *footer, int64_t offset, int64_t size,
                                               seine_buf *room, seine_bytes *bytes, seine_error *error);

#endif
