/**
 * @file parquet/column.h
 * Writes one column chunk: an optional dictionary page, then data pages (V1, zstd or as they are).
 */
#ifndef SEINE_PARQUET_COLUMN_H
#define SEINE_PARQUET_COLUMN_H

#include "io/codec.h"
#include "io/file.h"
#include "parquet/bounds.h"
#include "parquet/encode.h"
#include "parquet/storage.h"

/** Rows of a page; a page of text also ends at SEINE_PAGE_TEXT_BYTES. */
#define SEINE_PAGE_ROWS 40960
#define SEINE_PAGE_TEXT_BYTES ((size_t)1 << 20)

typedef struct seine_parquet_page {
    int64_t offset, first_row, rows, null_count;
    int32_t size_bytes; /**< with its header, compressed */
    seine_bounds bounds;
} seine_parquet_page;

/** What the footer tells about a chunk. */
typedef struct seine_parquet_chunk {
    const seine_column *column;
    int64_t rows, null_count;
    int64_t plain_bytes, size_bytes; /**< all pages with headers, before and after compression */
    int64_t dict_offset;             /**< 0 = no dictionary page */
    int64_t data_offset;
    seine_parquet_encoding encoding; /**< of the data pages */
    int codec;                       /**< of all pages: parquet/format.h */
    seine_bounds bounds;
    seine_parquet_page *pages;
    size_t page_count;
    int64_t column_index_offset, offset_index_offset; /**< set by the footer; 0 = none */
    int32_t column_index_bytes, offset_index_bytes;
} seine_parquet_chunk;

/** Where chunks go, and memory reused from chunk to chunk. */
typedef struct seine_parquet_sink {
    seine_file_writer *file;
    seine_zstd *zstd;   /**< NULL: pages stay as they are */
    seine_arena *arena; /**< keeps pages until the footer is written */
    seine_parquet_scratch scratch;
    seine_buf raw, packed, header, distinct, stamps;
    seine_hybrid hybrid;
} seine_parquet_sink;

/**
 * Encodes and writes @p vec as the next chunk and fills @p chunk.
 * @return OK, E_FORMAT (null in a required column), E_NOMEM, E_LIMIT, E_IO.
 */
SEINE_MUST_USE seine_status seine_parquet_column_write(seine_parquet_sink *sink, const seine_column *column,
                                                       const seine_vec *vec, size_t rows, seine_parquet_chunk *chunk,
                                                       seine_error *error);

#endif
