/*
 * One column chunk. A cursor walks the storage page by page: by runs for dictionary codes, by dense values otherwise; a
 * page takes its share of rows, writes levels and values into `raw`, and goes through zstd (or not) to the file.
 */
#include "parquet/column.h"

#include "base/array.h"
#include "base/try.h"
#include "parquet/format.h"
#include "parquet/thrift.h"

#include <stdlib.h>

/* Where the next page begins. */
typedef struct cursor {
    const seine_parquet_storage *storage;
    size_t row, value;    /* rows and dense values behind us */
    size_t run, run_used; /* by runs: current one and how much of it is behind us */
} cursor;

/* ---- pages ---- */

static void page_header(seine_parquet_sink *sink, int type, size_t values, seine_parquet_encoding encoding,
                        size_t packed_size, seine_thrift *t) {
    *t = seine_thrift_to(&sink->header);
    seine_thrift_i32(t, 1, type);
    seine_thrift_i32(t, 2, (int32_t)sink->raw.size);
    seine_thrift_i32(t, 3, (int32_t)packed_size);
    seine_thrift_begin(t, type == SEINE_PAGE_DATA ? 5 : 7);
    seine_thrift_i32(t, 1, (int32_t)values);
    seine_thrift_i32(t, 2, (int32_t)encoding);
    if (type == SEINE_PAGE_DATA) {
        seine_thrift_i32(t, 3, SEINE_PARQUET_RLE);
        seine_thrift_i32(t, 4, SEINE_PARQUET_RLE);
    }
    seine_thrift_end(t);
    seine_thrift_end(t);
}

/* Compresses `raw`, or leaves it as it is, and writes header and bytes. */
static seine_status put_page(seine_parquet_sink *sink, seine_parquet_chunk *chunk, int type, size_t values,
                             seine_parquet_encoding encoding, seine_error *error) {
    const seine_buf *packed = sink->zstd != NULL ? &sink->packed : &sink->raw;
    seine_buf_clear(&sink->packed);
    seine_buf_clear(&sink->header);
    if (sink->zstd != NULL)
        SEINE_TRY(seine_zstd_compress(sink->zstd, sink->raw.data, sink->raw.size, &sink->packed, error));
    seine_thrift t;
    page_header(sink, type, values, encoding, packed->size, &t);
    if (t.status != SEINE_OK) return seine_fail(error, t.status, "column %s: page header", chunk->column->name);
    seine_status status = seine_file_writer_append(sink->file, sink->header.data, sink->header.size, error);
    if (status == SEINE_OK) status = seine_file_writer_append(sink->file, packed->data, packed->size, error);
    chunk->plain_bytes += (int64_t)(sink->header.size + sink->raw.size);
    chunk->size_bytes += (int64_t)(sink->header.size + packed->size);
    return status;
}

static seine_status put_dictionary(seine_parquet_sink *sink, const seine_parquet_storage *storage,
                                   seine_parquet_chunk *chunk, seine_error *error) {
    seine_buf_clear(&sink->raw);
    const size_t size = seine_type_size(storage->type);
    const seine_status status = seine_type_is_text(storage->type)
                                    ? seine_encode_strings(&sink->raw, storage->dict, storage->dict_count)
                                    : seine_buf_append(&sink->raw, storage->dict, storage->dict_count * size);
    if (status != SEINE_OK) return seine_fail(error, status, "column %s: dictionary page", chunk->column->name);
    chunk->dict_offset = (int64_t)seine_file_writer_size(sink->file);
    return put_page(sink, chunk, SEINE_PAGE_DICTIONARY, storage->dict_count, SEINE_PARQUET_PLAIN, error);
}

/* ---- definition levels ---- */

static seine_run next_run(cursor *at, size_t rows_left) {
    const seine_run *run = &at->storage->runs[at->run];
    const size_t left = run->count - at->run_used;
    const seine_run taken = {run->code, (uint32_t)(left < rows_left ? left : rows_left)};
    at->run_used += taken.count;
    if (at->run_used == run->count) {
        at->run++;
        at->run_used = 0;
    }
    return taken;
}

static void levels_of_runs(seine_hybrid *hybrid, cursor at, size_t rows) {
    uint32_t level = 0;
    size_t count = 0;
    for (size_t done = 0; done < rows;) {
        const seine_run run = next_run(&at, rows - done);
        const uint32_t now = run.code != SEINE_CODE_NULL;
        if (now != level) {
            if (count > 0) seine_hybrid_put(hybrid, level, count);
            level = now;
            count = 0;
        }
        count += run.count;
        done += run.count;
    }
    seine_hybrid_put(hybrid, level, count);
}

static void levels_of_valid(seine_hybrid *hybrid, const uint8_t *valid, size_t rows) {
    for (size_t row = 0; row < rows;) {
        const bool level = valid[row] != 0;
        size_t end = row + 1;
        while (end < rows && (valid[end] != 0) == level) end++;
        seine_hybrid_put(hybrid, level, end - row);
        row = end;
    }
}

/* V1 pages carry their levels in front: four bytes of length, then the hybrid. Required columns have none. */
static seine_status put_levels(seine_parquet_sink *sink, const cursor *at, size_t rows) {
    const seine_parquet_storage *storage = at->storage;
    const uint32_t none = 0;
    SEINE_TRY(seine_buf_append(&sink->raw, &none, 4));
    SEINE_TRY(seine_hybrid_begin(&sink->hybrid, &sink->raw, 1, rows));
    if (storage->by_runs && storage->null_count > 0)
        levels_of_runs(&sink->hybrid, *at, rows);
    else if (storage->valid != NULL)
        levels_of_valid(&sink->hybrid, storage->valid + at->row, rows);
    else
        seine_hybrid_put(&sink->hybrid, 1, rows);
    seine_hybrid_end(&sink->hybrid, &sink->raw);
    const uint32_t size = (uint32_t)(sink->raw.size - 4);
    memcpy(sink->raw.data, &size, 4);
    return SEINE_OK;
}

/* ---- values ---- */

/* Codes of a page, and the distinct values in it for its bounds. Moves the cursor. */
static seine_status put_codes(seine_parquet_sink *sink, cursor *at, size_t rows, seine_parquet_page *page) {
    const seine_parquet_storage *storage = at->storage;
    const size_t size = seine_type_size(storage->type);
    const uint8_t width = (uint8_t)seine_bit_width(storage->dict_count > 0 ? (uint32_t)storage->dict_count - 1 : 0);
    SEINE_TRY(seine_buf_append(&sink->raw, &width, storage->dict_count > 0 ? 1 : 0));
    SEINE_TRY(seine_hybrid_begin(&sink->hybrid, &sink->raw, width, rows));
    uint32_t *stamps = (uint32_t *)(void *)sink->stamps.data;
    const uint32_t stamp = (uint32_t)(at->row + 1);
    const uint8_t *dict = storage->dict;
    size_t distinct = 0;
    for (size_t done = 0; done < rows;) {
        const seine_run run = next_run(at, rows - done);
        done += run.count;
        if (run.code == SEINE_CODE_NULL) {
            page->null_count += run.count;
            continue;
        }
        seine_hybrid_put(&sink->hybrid, run.code, run.count);
        if (stamps[run.code] == stamp) continue;
        stamps[run.code] = stamp;
        memcpy(sink->distinct.data + distinct++ * size, dict + run.code * size, size);
    }
    seine_hybrid_end(&sink->hybrid, &sink->raw);
    page->bounds = seine_bounds_of(storage->type, sink->distinct.data, distinct);
    return SEINE_OK;
}

static seine_status put_values(seine_parquet_sink *sink, cursor *at, size_t rows, seine_parquet_encoding encoding,
                               seine_parquet_page *page) {
    const seine_parquet_storage *storage = at->storage;
    const size_t size = seine_type_size(storage->type);
    for (size_t row = at->row; storage->valid != NULL && row < at->row + rows; row++)
        page->null_count += storage->valid[row] == 0;
    const size_t count = rows - (size_t)page->null_count;
    const uint8_t *values = (const uint8_t *)storage->values + at->value * size;
    at->value += count;
    page->bounds = seine_bounds_of(storage->type, values, count);
    if (encoding == SEINE_PARQUET_DELTA_BINARY_PACKED) return seine_encode_delta(&sink->raw, values, size, count);
    if (encoding == SEINE_PARQUET_BYTE_STREAM_SPLIT) return seine_encode_split(&sink->raw, values, count);
    if (storage->type == SEINE_TYPE_BOOLEAN) return seine_encode_bits(&sink->raw, values, count);
    if (seine_type_is_text(storage->type))
        return seine_encode_strings(&sink->raw, (const seine_str *)(const void *)values, count);
    return seine_buf_append(&sink->raw, values, count * size);
}

/* Rows of the page that starts at the cursor. */
static size_t page_rows(const cursor *at) {
    const seine_parquet_storage *storage = at->storage;
    const size_t left = storage->rows - at->row;
    const size_t most = left < SEINE_PAGE_ROWS ? left : SEINE_PAGE_ROWS;
    if (storage->by_runs || !seine_type_is_text(storage->type)) return most;
    const seine_str *values = (const seine_str *)storage->values + at->value;
    size_t bytes = 0, rows = 0;
    for (; rows < most && bytes < SEINE_PAGE_TEXT_BYTES; rows++)
        if (storage->valid == NULL || storage->valid[at->row + rows]) bytes += 4 + (values++)->size;
    return rows;
}

static seine_status put_data_page(seine_parquet_sink *sink, cursor *at, seine_parquet_chunk *chunk,
                                  seine_parquet_page *page, seine_error *error) {
    const size_t rows = page_rows(at);
    *page = (seine_parquet_page){
        .offset = (int64_t)seine_file_writer_size(sink->file), .first_row = (int64_t)at->row, .rows = (int64_t)rows};
    seine_buf_clear(&sink->raw);
    seine_status status = SEINE_OK;
    if (!chunk->column->required) status = put_levels(sink, at, rows);
    if (status == SEINE_OK)
        status =
            at->storage->by_runs ? put_codes(sink, at, rows, page) : put_values(sink, at, rows, chunk->encoding, page);
    if (status != SEINE_OK) return seine_fail(error, status, "column %s: page of %zu rows", chunk->column->name, rows);
    at->row += rows;
    const int64_t before = chunk->size_bytes;
    status = put_page(sink, chunk, SEINE_PAGE_DATA, rows, chunk->encoding, error);
    page->size_bytes = (int32_t)(chunk->size_bytes - before);
    seine_bounds_merge(at->storage->type, &chunk->bounds, &page->bounds);
    return status;
}

/* ---- chunk ---- */

static seine_parquet_encoding choose(const seine_parquet_storage *storage) {
    if (storage->null_count == storage->rows) return SEINE_PARQUET_PLAIN;
    if (storage->by_runs) return SEINE_PARQUET_RLE_DICTIONARY;
    switch (storage->type) {
    case SEINE_TYPE_INT:
    case SEINE_TYPE_LONG:
    case SEINE_TYPE_DATE:
    case SEINE_TYPE_TIMESTAMPTZ: return SEINE_PARQUET_DELTA_BINARY_PACKED;
    case SEINE_TYPE_DOUBLE: return SEINE_PARQUET_BYTE_STREAM_SPLIT;
    case SEINE_TYPE_BOOLEAN:
    case SEINE_TYPE_STRING:
    case SEINE_TYPE_BINARY: break;
    }
    return SEINE_PARQUET_PLAIN;
}

/* Room for one stamp and one value per distinct value; stamps start at no page. */
static seine_status prepare_distinct(seine_parquet_sink *sink, const seine_parquet_storage *storage) {
    seine_buf_clear(&sink->stamps);
    seine_buf_clear(&sink->distinct);
    const size_t count = storage->dict_count + 1;
    seine_status status = seine_buf_reserve(&sink->stamps, count * sizeof(uint32_t));
    if (status == SEINE_OK) status = seine_buf_reserve(&sink->distinct, count * seine_type_size(storage->type));
    if (status == SEINE_OK) memset(sink->stamps.data, 0, count * sizeof(uint32_t));
    return status;
}

seine_status seine_parquet_column_write(seine_parquet_sink *sink, const seine_column *column, const seine_vec *vec,
                                        size_t rows, seine_parquet_chunk *chunk, seine_error *error) {
    if (vec->type != column->type)
        return seine_fail(error, SEINE_E_INTERNAL, "column %s: %s given for %s", column->name,
                          seine_type_name(vec->type), seine_type_name(column->type));
    seine_parquet_storage storage;
    seine_status status = seine_parquet_storage_column(&sink->scratch, vec, rows, &storage);
    if (status == SEINE_OK) status = prepare_distinct(sink, &storage);
    if (status != SEINE_OK) return seine_fail(error, status, "column %s: %s", column->name, seine_status_text(status));
    if (column->required && storage.null_count > 0)
        return seine_fail(error, SEINE_E_FORMAT, "column %s is required but has %zu nulls", column->name,
                          storage.null_count);
    *chunk = (seine_parquet_chunk){.column = column,
                                   .rows = (int64_t)rows,
                                   .null_count = (int64_t)storage.null_count,
                                   .encoding = choose(&storage),
                                   .codec = sink->zstd != NULL ? SEINE_PARQUET_ZSTD : SEINE_PARQUET_UNCOMPRESSED};
    if (storage.by_runs && storage.dict_count > 0) status = put_dictionary(sink, &storage, chunk, error);
    chunk->data_offset = (int64_t)seine_file_writer_size(sink->file);
    cursor at = {.storage = &storage};
    size_t capacity = 0;
    while (status == SEINE_OK && at.row < rows) {
        /* Pages of text end by bytes, so their number is known only afterwards; a page has a row. */
        status = SEINE_ARENA_ROOM(sink->arena, chunk->pages, chunk->page_count, capacity, 1, rows);
        if (status != SEINE_OK) return seine_fail(error, status, "column %s: page list", column->name);
        status = put_data_page(sink, &at, chunk, &chunk->pages[chunk->page_count], error);
        chunk->page_count++;
    }
    return status;
}
