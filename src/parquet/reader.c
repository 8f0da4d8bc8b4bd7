/*
 * One look-up in one file (without a key: every row of every group). For each row group whose bounds allow the text:
 *
 *     key column ── pages by bounds ──► rows (numbers in the group) with the text
 *     time column ─► rows in the range, fewer
 *     each column ─► pages with those rows ──► values
 *
 * From the second step on everything is done by row numbers, ascending; a page is opened when one of them lies in it.
 */
#include "parquet/reader.h"

#include "base/try.h"
#include "io/codec.h"
#include "parquet/decode.h"
#include "parquet/format.h"
#include "parquet/storage.h"
#include "parquet/read_footer.h"
#include "parquet/writer.h"

#include <stdlib.h>

#define PAGE_MAX_BYTES ((int64_t)16 * 1024 * 1024)
#define ROOM_MAX_BYTES ((size_t)1 << 40)
#define ROOM_KEPT_BYTES ((size_t)4 * 1024 * 1024) /* of each buffer, from one reader to the next */

struct seine_parquet_reader {
    const seine_parquet_wanted *wanted;
    seine_footer footer;
    seine_parquet_room *room;
    seine_arena arena; /* as long as the reader */
    seine_arena group; /* as long as a row group is being read */
    size_t next_group;
};

/* Where a data page lies, and which rows are in it. */
typedef struct page_place {
    int64_t offset, size;
    uint32_t first, rows;
} page_place;

/* One column of the row group; its texts are kept in the arena of the rows. */
typedef struct column_read {
    seine_arena *arena;
    const seine_chunk_place *place;
    const seine_column *column;
    bool is_optional;
    page_place *pages;
    size_t page_count;
    const void *dict; /* NULL = not read yet */
    size_t dict_count;
} column_read;

/* A page, opened. */
typedef struct page_read {
    const uint8_t *valid; /* per row; NULL = no nulls */
    size_t values;        /* that are not null */
    int64_t encoding;
    seine_bytes bytes; /* of the values */
} page_read;

static seine_status damaged(const seine_parquet_reader *r, const column_read *c, const char *what, int64_t offset,
                            seine_error *error) {
    return seine_fail(error, SEINE_E_FORMAT, "%s: column %s: damaged %s at byte %lld", r->footer.file.path,
                      c->column->name, what, (long long)offset);
}

static seine_status unsupported(const seine_parquet_reader *r, const column_read *c, const char *what,
                                seine_error *error) {
    return seine_fail(error, SEINE_E_UNSUPPORTED, "%s: column %s: %s", r->footer.file.path, c->column->name, what);
}

static bool is_text(const column_read *c) {
    return c->column->type == SEINE_TYPE_STRING || c->column->type == SEINE_TYPE_BINARY;
}

/* ---- page indexes ---- */

static page_place take_page_place(seine_bytes *in, int64_t *first) {
    page_place page = {0};
    seine_thrift_field field = {0, 0};
    *first = -1;
    while (seine_thrift_next(in, &field)) {
        switch (field.id) {
        case 1: page.offset = seine_thrift_take_int(in, &field); break;
        case 2: page.size = seine_thrift_take_int(in, &field); break;
        case 3: *first = seine_thrift_take_int(in, &field); break;
        default: seine_thrift_skip(in, &field); break;
        }
    }
    return page;
}

/* Pages cover the rows of the group without gaps. */
static seine_status take_pages(seine_parquet_reader *r, column_read *c, seine_bytes *in,
                               const seine_thrift_field *field, seine_error *error) {
    const int64_t rows = c->place->rows;
    const size_t count = seine_thrift_take_list(in, field, SEINE_THRIFT_STRUCT);
    if ((int64_t)count > rows) return damaged(r, c, "page index", c->place->offset_index_offset, error);
    c->pages = SEINE_ARENA_ARRAY(&r->group, page_place, count);
    if (c->pages == NULL) return seine_no_memory(error, r->footer.file.path);
    int64_t first = 0, former = -1;
    for (size_t i = 0; i < count && !in->failed; i++) {
        c->pages[i] = take_page_place(in, &first);
        if (first >= rows || (i == 0 ? first != 0 : first <= former))
            return damaged(r, c, "page index", c->place->offset_index_offset, error);
        c->pages[i].first = (uint32_t)first;
        if (i > 0) c->pages[i - 1].rows = (uint32_t)(first - former);
        former = first;
    }
    if (count > 0) c->pages[count - 1].rows = (uint32_t)(rows - former);
    c->page_count = count;
    return SEINE_OK;
}

static seine_status read_pages(seine_parquet_reader *r, column_read *c, seine_error *error) {
    seine_bytes in;
    seine_thrift_field field = {0, 0};
    const seine_chunk_place *place = c->place;
    SEINE_TRY(seine_footer_bytes(&r->footer, place->offset_index_offset, place->offset_index_size, &r->room->index, &in,
                                 error));
    while (seine_thrift_next(&in, &field)) {
        if (field.id == 1)
            SEINE_TRY(take_pages(r, c, &in, &field, error));
        else
            seine_thrift_skip(&in, &field);
    }
    return in.failed || c->page_count == 0 ? damaged(r, c, "page index", place->offset_index_offset, error) : SEINE_OK;
}

static void note_bounds(seine_bytes *in, const seine_thrift_field *field, seine_str text, bool is_lower, bool *may_hold,
                        size_t page_count) {
    static const seine_thrift_field bound = {0, SEINE_THRIFT_BINARY};
    if (seine_thrift_take_list(in, field, SEINE_THRIFT_BINARY) != page_count) in->failed = true;
    for (size_t i = 0; i < page_count && !in->failed; i++) {
        const int order = seine_str_compare(text, seine_thrift_take_binary(in, &bound));
        if (is_lower ? order < 0 : order > 0) may_hold[i] = false;
    }
}

/* Which pages can hold the text. All of them, when a bound is unknown and the index therefore missing. */
static seine_status find_pages(seine_parquet_reader *r, const column_read *c, bool **may_hold, seine_error *error) {
    const seine_chunk_place *place = c->place;
    seine_bytes in;
    seine_thrift_field field = {0, 0};
    *may_hold = SEINE_ARENA_ARRAY(&r->group, bool, c->page_count);
    if (*may_hold == NULL) return seine_no_memory(error, r->footer.file.path);
    memset(*may_hold, true, c->page_count * sizeof **may_hold);
    if (place->column_index_size == 0) return SEINE_OK;
    SEINE_TRY(seine_footer_bytes(&r->footer, place->column_index_offset, place->column_index_size, &r->room->index, &in,
                                 error));
    while (seine_thrift_next(&in, &field)) {
        if (field.id == 2 || field.id == 3) /* pages of nulls only have "" as both bounds */
            note_bounds(&in, &field, r->wanted->text, field.id == 2, *may_hold, c->page_count);
        else
            seine_thrift_skip(&in, &field);
    }
    return in.failed ? damaged(r, c, "page index", place->column_index_offset, error) : SEINE_OK;
}

/* ---- pages ---- */

typedef struct page_header {
    int64_t type, plain_size, packed_size, values, encoding;
} page_header;

static page_header take_header(seine_bytes *in) {
    page_header header = {-1, -1, -1, -1, -1};
    seine_thrift_field field = {0, 0}, part;
    while (seine_thrift_next(in, &field)) {
        switch (field.id) {
        case 1: header.type = seine_thrift_take_int(in, &field); break;
        case 2: header.plain_size = seine_thrift_take_int(in, &field); break;
        case 3: header.packed_size = seine_thrift_take_int(in, &field); break;
        case 5:
        case 7:
            part = (seine_thrift_field){0, 0};
            if (!seine_thrift_take_struct(in, &field)) break;
            while (seine_thrift_next(in, &part)) {
                if (part.id == 1)
                    header.values = seine_thrift_take_int(in, &part);
                else if (part.id == 2)
                    header.encoding = seine_thrift_take_int(in, &part);
                else
                    seine_thrift_skip(in, &part);
            }
            break;
        default: seine_thrift_skip(in, &field); break;
        }
    }
    return header;
}

static bool unpack(const seine_parquet_reader *r, const column_read *c, seine_bytes in, uint8_t *to, size_t size) {
    const size_t packed_size = seine_bytes_left(&in);
    if (c->place->codec == SEINE_PARQUET_ZSTD)
        return seine_unzstd_frame(r->room->unzstd, in.at, packed_size, to, size, NULL) == SEINE_OK;
    if (packed_size == size && size > 0) memcpy(to, in.at, size);
    return packed_size == size;
}

/* Reads and decompresses a page: into the arena, or (NULL) into the buffer that the next page uses again. */
static seine_status read_page(seine_parquet_reader *r, const column_read *c, int64_t offset, int64_t size, int type,
                              seine_arena *arena, page_header *header, seine_bytes *plain, seine_error *error) {
    seine_bytes in;
    seine_status status = seine_footer_bytes(&r->footer, offset, size, &r->room->packed, &in, error);
    if (status != SEINE_OK) return status;
    *header = take_header(&in);
    if (in.failed || header->packed_size != (int64_t)seine_bytes_left(&in) || header->plain_size < 0)
        return damaged(r, c, "page", offset, error);
    if (header->type != type) return unsupported(r, c, "pages of another kind", error);
    if (header->plain_size > PAGE_MAX_BYTES) return unsupported(r, c, "a large page", error);
    const size_t plain_size = (size_t)header->plain_size;
    uint8_t *to = NULL;
    if (arena != NULL) {
        to = seine_arena_alloc(arena, plain_size);
    } else {
        seine_buf_clear(&r->room->plain);
        status = seine_buf_reserve(&r->room->plain, plain_size + 1);
        to = r->room->plain.data;
    }
    if (status != SEINE_OK || to == NULL) return seine_no_memory(error, r->footer.file.path);
    *plain = seine_bytes_of(to, plain_size);
    return unpack(r, c, in, to, plain_size) ? SEINE_OK : damaged(r, c, "page", offset, error);
}

/* The texts of a dictionary, which point into its page. */
static seine_status take_dict_texts(seine_parquet_reader *r, column_read *c, seine_bytes plain, seine_error *error) {
    uint32_t *all = SEINE_ARENA_ARRAY(&r->group, uint32_t, c->dict_count);
    seine_str *texts = SEINE_ARENA_ARRAY(&r->group, seine_str, c->dict_count);
    if (all == NULL || texts == NULL) return seine_no_memory(error, r->footer.file.path);
    for (size_t i = 0; i < c->dict_count; i++) all[i] = (uint32_t)i;
    c->dict = texts;
    return seine_decode_texts(plain, c->dict_count, (seine_picks){all, c->dict_count}, texts);
}

static seine_status read_dict(seine_parquet_reader *r, column_read *c, seine_error *error) {
    const seine_chunk_place *place = c->place;
    page_header header;
    seine_bytes plain;
    if (c->dict != NULL) return SEINE_OK;
    if (place->dict_offset <= 0 || place->data_offset <= place->dict_offset)
        return damaged(r, c, "place of the dictionary", place->dict_offset, error);
    seine_status status = read_page(r, c, place->dict_offset, place->data_offset - place->dict_offset,
                                    SEINE_PAGE_DICTIONARY, is_text(c) ? c->arena : &r->group, &header, &plain, error);
    if (status != SEINE_OK) return status;
    if (header.encoding != SEINE_PARQUET_PLAIN) return unsupported(r, c, "another dictionary", error);
    if (header.values < 0 || header.values > place->rows) return damaged(r, c, "dictionary", place->dict_offset, error);
    c->dict_count = (size_t)header.values;
    c->dict = plain.at;
    if (is_text(c))
        status = take_dict_texts(r, c, plain, error);
    else if (c->dict_count * seine_type_size(c->column->type) != seine_bytes_left(&plain))
        status = SEINE_E_FORMAT;
    return status == SEINE_E_FORMAT ? damaged(r, c, "dictionary", place->dict_offset, error) : status;
}

static seine_status open_page(seine_parquet_reader *r, column_read *c, const page_place *place, page_read *page,
                              seine_error *error) {
    page_header header;
    const seine_status status =
        read_page(r, c, place->offset, place->size, SEINE_PAGE_DATA, NULL, &header, &page->bytes, error);
    if (status != SEINE_OK) return status;
    if (header.values != place->rows) return damaged(r, c, "page", place->offset, error);
    page->valid = NULL;
    page->values = place->rows;
    page->encoding = header.encoding;
    if (c->is_optional) {
        seine_buf_clear(&r->room->valid);
        if (seine_buf_reserve(&r->room->valid, place->rows) != SEINE_OK)
            return seine_no_memory(error, r->footer.file.path);
        uint8_t *valid = r->room->valid.data;
        if (seine_decode_levels(&page->bytes, valid, place->rows) != SEINE_OK)
            return damaged(r, c, "levels of the page", place->offset, error);
        size_t values = 0;
        for (size_t i = 0; i < place->rows; i++) values += valid[i];
        page->values = values;
        page->valid = values < place->rows ? valid : NULL;
    }
    return page->encoding == SEINE_PARQUET_RLE_DICTIONARY && page->values > 0 ? read_dict(r, c, error) : SEINE_OK;
}

/* ---- values ---- */

/* So many numbers in a buffer of the room, or NULL. */
static uint32_t *numbers_in(seine_buf *buffer, size_t count) {
    seine_buf_clear(buffer);
    if (seine_buf_reserve(buffer, (count + 1) * sizeof(uint32_t)) != SEINE_OK) return NULL;
    return (uint32_t *)(void *)buffer->data;
}

/* out[i] = from[at[i]]; the usual sizes as constants, so that a value is one load and one store. */
static void copy_picked(uint8_t *out, const uint8_t *from, const uint32_t *at, size_t count, size_t size) {
    switch (size) {
    case 4:
        for (size_t i = 0; i < count; i++) memcpy(out + i * 4, from + (size_t)at[i] * 4, 4);
        break;
    case 8:
        for (size_t i = 0; i < count; i++) memcpy(out + i * 8, from + (size_t)at[i] * 8, 8);
        break;
    case sizeof(seine_str):
        for (size_t i = 0; i < count; i++)
            memcpy(out + i * sizeof(seine_str), from + (size_t)at[i] * sizeof(seine_str), sizeof(seine_str));
        break;
    default:
        for (size_t i = 0; i < count; i++) memcpy(out + i * size, from + at[i] * size, size);
    }
}

static seine_status pick_codes(seine_parquet_reader *r, const column_read *c, const page_read *page, seine_picks picks,
                               void *out, seine_error *error) {
    const size_t size = seine_type_size(c->column->type);
    uint32_t *codes = numbers_in(&r->room->codes, picks.count);
    if (codes == NULL) return seine_no_memory(error, r->footer.file.path);
    SEINE_TRY(seine_decode_codes(page->bytes, page->values, picks, codes));
    for (size_t i = 0; i < picks.count; i++)
        if (codes[i] >= c->dict_count) return SEINE_E_FORMAT;
    copy_picked(out, c->dict, codes, picks.count, size);
    return SEINE_OK;
}

/* Texts of the page, which the next page writes over. */
static seine_status pick_texts(seine_parquet_reader *r, const column_read *c, const page_read *page, seine_picks picks,
                               seine_str *out, seine_error *error) {
    SEINE_TRY(seine_decode_texts(page->bytes, page->values, picks, out));
    for (size_t i = 0; i < picks.count; i++) {
        out[i].data = seine_arena_copy(c->arena, out[i].data, out[i].size);
        if (out[i].data == NULL) return seine_no_memory(error, r->footer.file.path);
    }
    return SEINE_OK;
}

static seine_status pick_values(seine_parquet_reader *r, const column_read *c, const page_read *page, seine_picks picks,
                                void *out, seine_error *error) {
    const seine_type type = c->column->type;
    const size_t size = seine_type_size(type);
    if (picks.count == 0) return SEINE_OK;
    switch (page->encoding) {
    case SEINE_PARQUET_RLE_DICTIONARY: return pick_codes(r, c, page, picks, out, error);
    case SEINE_PARQUET_PLAIN:
        if (type == SEINE_TYPE_BOOLEAN) return seine_decode_bits(page->bytes, page->values, picks, out);
        if (is_text(c)) return pick_texts(r, c, page, picks, out, error);
        return seine_decode_numbers(page->bytes, size, page->values, picks, out);
    case SEINE_PARQUET_DELTA_BINARY_PACKED:
        if (type == SEINE_TYPE_BOOLEAN || type == SEINE_TYPE_DOUBLE || is_text(c)) break;
        return seine_decode_delta(page->bytes, size, page->values, picks, out);
    case SEINE_PARQUET_BYTE_STREAM_SPLIT:
        if (type != SEINE_TYPE_DOUBLE) break;
        return seine_decode_split(page->bytes, page->values, picks, out);
    default: break;
    }
    return unsupported(r, c, "another encoding", error);
}

/* Places of the wanted rows among the values of a page; *valid of them where the page has nulls. */
static size_t places_of(const page_read *page, uint32_t first, const uint32_t *rows, size_t count, uint32_t *places,
                        uint8_t *valid) {
    if (page->valid == NULL) {
        for (size_t i = 0; i < count; i++) places[i] = rows[i] - first;
        memset(valid, 1, count);
        return count;
    }
    uint32_t row = 0, before = 0;
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        for (; row < rows[i] - first; row++) before += page->valid[row];
        valid[i] = page->valid[row];
        if (valid[i]) places[found++] = before;
    }
    return found;
}

/* Moves values that lie close together to the rows that have one. */
static void spread(uint8_t *values, size_t size, const uint8_t *valid, size_t count, size_t found) {
    for (size_t i = count; i-- > 0 && found <= i;)
        if (valid[i]) memcpy(values + i * size, values + --found * size, size);
}

typedef struct cells {
    uint8_t *values, *valid;
    uint32_t *places;
    size_t nulls;
} cells;

/* The cells of the rows that lie in one page. */
static seine_status read_cells(seine_parquet_reader *r, column_read *c, const page_place *place, const uint32_t *rows,
                               size_t from, size_t to, cells *out, seine_error *error) {
    const size_t size = seine_type_size(c->column->type), count = to - from;
    page_read page;
    SEINE_TRY(open_page(r, c, place, &page, error));
    uint8_t *values = out->values + from * size, *valid = out->valid + from;
    const size_t found = places_of(&page, place->first, rows + from, count, out->places, valid);
    seine_error own = {SEINE_OK, ""};
    seine_status status = pick_values(r, c, &page, (seine_picks){out->places, found}, values, &own);
    if (status == SEINE_E_FORMAT) return damaged(r, c, "values of the page", place->offset, error);
    if (status != SEINE_OK) return seine_fail(error, status, "%s", own.text);
    spread(values, size, valid, count, found);
    out->nulls += count - found;
    return SEINE_OK;
}

static seine_status read_column(seine_parquet_reader *r, column_read *c, const uint32_t *rows, size_t count,
                                seine_vec *vec, seine_error *error) {
    cells out = {seine_arena_alloc(c->arena, count * seine_type_size(c->column->type)),
                 seine_arena_alloc(c->arena, count), numbers_in(&r->room->places, count), 0};
    if (out.values == NULL || out.valid == NULL || out.places == NULL)
        return seine_no_memory(error, r->footer.file.path);
    SEINE_TRY(read_pages(r, c, error));
    for (size_t p = 0, done = 0, end = 0; p < c->page_count && done < count; p++, done = end) {
        while (end < count && rows[end] - c->pages[p].first < c->pages[p].rows) end++;
        if (end > done) SEINE_TRY(read_cells(r, c, &c->pages[p], rows, done, end, &out, error));
    }
    *vec = (seine_vec){.type = c->column->type,
                       .kind = SEINE_VEC_PLAIN,
                       .values = out.values,
                       .valid = out.nulls > 0 ? out.valid : NULL};
    return SEINE_OK;
}

/* ---- rows ---- */

/* Places of the text among the values of a page. */
static seine_status find_values(seine_parquet_reader *r, const column_read *c, const page_read *page, uint32_t *places,
                                size_t *count, seine_error *error) {
    const seine_str text = r->wanted->text;
    if (page->values == 0) return SEINE_OK;
    if (page->encoding == SEINE_PARQUET_PLAIN)
        return seine_decode_find_texts(page->bytes, page->values, text, places, count);
    if (page->encoding != SEINE_PARQUET_RLE_DICTIONARY) return unsupported(r, c, "another encoding", error);
    uint8_t *is_wanted = seine_arena_alloc(&r->group, c->dict_count);
    if (is_wanted == NULL) return seine_no_memory(error, r->footer.file.path);
    bool any = false;
    for (size_t i = 0; i < c->dict_count; i++) {
        is_wanted[i] = seine_str_equal(((const seine_str *)c->dict)[i], text);
        any = any || is_wanted[i];
    }
    return any ? seine_decode_find_codes(page->bytes, page->values, is_wanted, c->dict_count, places, count) : SEINE_OK;
}

/* From places among the values to rows of the group. */
static void rows_of_places(const page_read *page, uint32_t first, uint32_t *places, size_t count) {
    uint32_t row = 0, before = 0;
    for (size_t i = 0; i < count; i++) {
        if (page->valid == NULL) {
            places[i] += first;
            continue;
        }
        while (!page->valid[row] || before < places[i]) before += page->valid[row++];
        places[i] = first + row;
    }
}

/* The rows with the text. */
static seine_status find_rows(seine_parquet_reader *r, column_read *c, uint32_t *rows, size_t *count,
                              seine_error *error) {
    bool *may_hold = NULL;
    SEINE_TRY(read_pages(r, c, error));
    SEINE_TRY(find_pages(r, c, &may_hold, error));
    for (size_t p = 0; p < c->page_count; p++) {
        const page_place *place = &c->pages[p];
        page_read page;
        size_t found = 0;
        if (!may_hold[p]) continue;
        SEINE_TRY(open_page(r, c, place, &page, error));
        const seine_status status = find_values(r, c, &page, rows + *count, &found, error);
        if (status == SEINE_E_FORMAT) return damaged(r, c, "values of the page", place->offset, error);
        SEINE_TRY(status);
        rows_of_places(&page, place->first, rows + *count, found);
        *count += found;
    }
    return SEINE_OK;
}

/* Keeps the rows in the range of time, and their times as a column. */
static seine_status narrow(seine_parquet_reader *r, column_read *c, uint32_t *rows, size_t *count, seine_vec *vec,
                           seine_error *error) {
    SEINE_TRY(read_column(r, c, rows, *count, vec, error));
    int64_t *time_us = (int64_t *)(uintptr_t)vec->values; /* our own, not yet given out */
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        const bool is_null = vec->valid != NULL && !vec->valid[i];
        if (is_null || time_us[i] < r->wanted->from_us || time_us[i] > r->wanted->to_us) continue;
        time_us[kept] = time_us[i];
        rows[kept++] = rows[i];
    }
    vec->valid = NULL;
    *count = kept;
    return SEINE_OK;
}

/* The key's column: the same text in every row. */
static seine_status repeat_key(seine_parquet_reader *r, seine_arena *arena, size_t count, seine_vec *vec,
                               seine_error *error) {
    const seine_str wanted = r->wanted->text;
    const seine_str text = {seine_arena_copy(arena, wanted.data, wanted.size), wanted.size};
    seine_str *texts = SEINE_ARENA_ARRAY(arena, seine_str, count);
    if (text.data == NULL || texts == NULL) return seine_no_memory(error, r->footer.file.path);
    for (size_t i = 0; i < count; i++) texts[i] = text;
    *vec = (seine_vec){.type = SEINE_TYPE_STRING, .kind = SEINE_VEC_PLAIN, .values = texts};
    return SEINE_OK;
}

/* The wanted rows of a group; the column of times is complete then. */
static seine_status pick_rows(seine_parquet_reader *r, const seine_group_place *group, column_read *columns,
                              seine_vec *vecs, uint32_t *rows, size_t *count, seine_error *error) {
    const seine_parquet_wanted *wanted = r->wanted;
    if (wanted->key == SIZE_MAX) {
        for (*count = 0; *count < (size_t)group->rows; (*count)++) rows[*count] = (uint32_t)*count;
        return SEINE_OK;
    }
    columns[wanted->key].arena = &r->group; /* its dictionary is not part of the answer */
    SEINE_TRY(find_rows(r, &columns[wanted->key], rows, count, error));
    if (*count == 0 || wanted->time == SIZE_MAX) return SEINE_OK;
    return narrow(r, &columns[wanted->time], rows, count, &vecs[wanted->time], error);
}

static seine_status read_group(seine_parquet_reader *r, const seine_group_place *group, seine_arena *arena,
                               seine_rows *out, seine_error *error) {
    const seine_parquet_wanted *wanted = r->wanted;
    column_read columns[SEINE_PARQUET_WANTED_MAX];
    if (group->rows > SEINE_ROW_GROUP_ROWS || group->rows < 0)
        return seine_fail(error, SEINE_E_UNSUPPORTED, "%s: row group of %lld rows", r->footer.file.path,
                          (long long)group->rows);
    for (size_t i = 0; i < wanted->column_count; i++)
        columns[i] = (column_read){.arena = arena,
                                   .place = &group->chunks[i],
                                   .column = &wanted->schema->columns[wanted->columns[i]],
                                   .is_optional = r->footer.is_optional[i]};
    seine_buf_clear(&r->room->rows);
    seine_vec *vecs = SEINE_ARENA_ARRAY(arena, seine_vec, wanted->column_count);
    if (vecs == NULL || seine_buf_reserve(&r->room->rows, (size_t)group->rows * sizeof(uint32_t)) != SEINE_OK)
        return seine_no_memory(error, r->footer.file.path);
    uint32_t *rows = (uint32_t *)(void *)r->room->rows.data;
    size_t count = 0;
    SEINE_TRY(pick_rows(r, group, columns, vecs, rows, &count, error));
    if (count == 0) return SEINE_OK;
    for (size_t i = 0; i < wanted->column_count; i++) {
        if (i == wanted->key)
            SEINE_TRY(repeat_key(r, arena, count, &vecs[i], error));
        else if (i != wanted->time)
            SEINE_TRY(read_column(r, &columns[i], rows, count, &vecs[i], error));
    }
    *out = (seine_rows){count, wanted->column_count, vecs};
    return SEINE_OK;
}

/* ---- room ---- */

#define ROOM_BUFFERS(room)                                                                             \
    {                                                                                                  \
        &(room)->tail, &(room)->index, &(room)->packed, &(room)->plain, &(room)->rows, &(room)->valid, \
            &(room)->places, &(room)->codes                                                            \
    }

void seine_parquet_room_init(seine_parquet_room *room) {
    seine_buf *const buffers[] = ROOM_BUFFERS(room);
    room->unzstd = NULL; /* made by the first reader */
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++) seine_buf_init(buffers[i], ROOM_MAX_BYTES);
}

/* Frees buffers with more than so many bytes. */
static void shrink(seine_parquet_room *room, size_t kept) {
    seine_buf *const buffers[] = ROOM_BUFFERS(room);
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
        if (buffers[i]->capacity > kept) seine_buf_free(buffers[i]);
}

void seine_parquet_room_free(seine_parquet_room *room) {
    shrink(room, 0);
    seine_unzstd_free(room->unzstd);
    room->unzstd = NULL;
}

/* ---- the reader ---- */

/* A column that is wanted twice would be one of a file that the reader does not know, which is read slowly. */
static seine_status check_wanted(const char *path, const seine_parquet_wanted *wanted, seine_error *error) {
    if (wanted->column_count > SEINE_PARQUET_WANTED_MAX)
        return seine_fail(error, SEINE_E_INTERNAL, "%s: %zu columns wanted", path, wanted->column_count);
    for (size_t i = 1; i < wanted->column_count; i++)
        for (size_t k = 0; k < i; k++)
            if (wanted->columns[k] == wanted->columns[i])
                return seine_fail(error, SEINE_E_INTERNAL, "%s: column %s wanted twice", path,
                                  wanted->schema->columns[wanted->columns[i]].name);
    return SEINE_OK;
}

seine_status seine_parquet_reader_open(const char *path, const seine_parquet_wanted *wanted, seine_parquet_room *room,
                                       seine_parquet_reader **reader, seine_error *error) {
    *reader = NULL;
    SEINE_TRY(check_wanted(path, wanted, error));
    seine_parquet_reader *r SEINE_OWNED(seine_parquet_reader_close_owned) = calloc(1, sizeof *r);
    if (r == NULL) return seine_no_memory(error, path);
    r->wanted = wanted;
    r->room = room;
    r->footer.file.descriptor = -1;
    if (room->unzstd == NULL) room->unzstd = seine_unzstd_new();
    if (room->unzstd == NULL) return seine_no_memory(error, path);
    SEINE_TRY(seine_footer_read(path, wanted->schema, wanted->columns, wanted->column_count, wanted->key, wanted->text,
                                &room->tail, &r->arena, &r->footer, error));
    *reader = SEINE_TAKE(r);
    return SEINE_OK;
}

seine_status seine_parquet_reader_next(seine_parquet_reader *reader, seine_arena *arena, seine_rows *rows,
                                       seine_error *error) {
    *rows = (seine_rows){0, 0, NULL};
    seine_status status = SEINE_OK;
    while (status == SEINE_OK && rows->count == 0 && reader->next_group < reader->footer.group_count) {
        status = read_group(reader, &reader->footer.groups[reader->next_group++], arena, rows, error);
        seine_arena_free(&reader->group);
    }
    return status;
}

void seine_parquet_reader_close(seine_parquet_reader *reader) {
    if (reader == NULL) return;
    seine_footer_close(&reader->footer);
    shrink(reader->room, ROOM_KEPT_BYTES);
    seine_arena_free(&reader->arena);
    seine_arena_free(&reader->group);
    free(reader);
}
