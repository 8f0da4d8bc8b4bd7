/*
 * The footer, reading. One read fetches the end of the file, in which footer and page indexes lie together; a second
 * one only when the footer is larger than that.
 */
#include "parquet/read_footer.h"

#include "base/try.h"
#include "parquet/format.h"

#define TAIL_BYTES ((uint64_t)32 * 1024)
#define FOOTER_MAX_BYTES ((uint64_t)64 * 1024 * 1024)
#define END_BYTES 8 /* size of the footer, magic */
#define GROUPS_MAX 10000
#define LEAVES_MAX 1000
#define NOT_WANTED UINT8_MAX

/* A footer being parsed. */
typedef struct parse {
    seine_footer *footer;
    seine_arena *arena;
    const seine_table_schema *schema;
    const size_t *columns;
    size_t column_count, key;
    seine_str text;
    size_t leaf_count;
    uint8_t *slot_of_leaf; /* wanted column of each column of the file, or NOT_WANTED; NULL = no schema yet */
    bool is_own;           /* written by this program */
    seine_status status;   /* E_UNSUPPORTED, E_NOMEM; damage shows in the bytes */
} parse;

static void stop(parse *p, seine_status status) {
    if (p->status == SEINE_OK) p->status = status;
}

/* ---- schema ---- */

typedef struct leaf {
    int64_t physical, repetition, converted, children, id;
} leaf;

static leaf take_leaf(seine_bytes *in) {
    leaf found = {-1, -1, SEINE_CONVERTED_NONE, 0, -1};
    seine_thrift_field field = {0, 0};
    while (seine_thrift_next(in, &field)) {
        switch (field.id) {
        case 1: found.physical = seine_thrift_take_int(in, &field); break;
        case 3: found.repetition = seine_thrift_take_int(in, &field); break;
        case 5: found.children = seine_thrift_take_int(in, &field); break;
        case 6: found.converted = seine_thrift_take_int(in, &field); break;
        case 9: found.id = seine_thrift_take_int(in, &field); break;
        default: seine_thrift_skip(in, &field); break;
        }
    }
    return found;
}

/* Notes which wanted column the leaf is. */
static void place_leaf(parse *p, size_t index, const leaf *found, bool *is_optional, size_t *placed) {
    p->slot_of_leaf[index] = NOT_WANTED;
    if (found->children != 0 || found->repetition < 0 || found->repetition > SEINE_REPETITION_OPTIONAL)
        stop(p, SEINE_E_UNSUPPORTED); /* nested */
    for (size_t slot = 0; slot < p->column_count; slot++) {
        const seine_column *column = &p->schema->columns[p->columns[slot]];
        if (found->id != column->id) continue;
        if (found->physical != seine_physical_type(column->type) ||
            found->converted != seine_converted_type(column->type))
            stop(p, SEINE_E_UNSUPPORTED);
        p->slot_of_leaf[index] = (uint8_t)slot;
        is_optional[slot] = found->repetition == SEINE_REPETITION_OPTIONAL;
        (*placed)++;
    }
}

static void take_schema(parse *p, seine_bytes *in, const seine_thrift_field *field) {
    const size_t count = seine_thrift_take_list(in, field, SEINE_THRIFT_STRUCT);
    const leaf root = take_leaf(in);
    if (in->failed) return;
    if (count == 0 || count > LEAVES_MAX || root.children != (int64_t)count - 1) {
        stop(p, SEINE_E_UNSUPPORTED);
        return;
    }
    p->leaf_count = count - 1;
    p->slot_of_leaf = SEINE_ARENA_ARRAY(p->arena, uint8_t, count);
    bool *is_optional = SEINE_ARENA_ARRAY(p->arena, bool, p->column_count);
    if (p->slot_of_leaf == NULL || is_optional == NULL) {
        stop(p, SEINE_E_NOMEM);
        return;
    }
    size_t placed = 0;
    for (size_t i = 0; i < p->leaf_count && !in->failed; i++) {
        const leaf found = take_leaf(in);
        place_leaf(p, i, &found, is_optional, &placed);
    }
    if (placed != p->column_count) stop(p, SEINE_E_UNSUPPORTED); /* a column that is not there, or is there twice */
    p->footer->is_optional = is_optional;
}

/* ---- row groups ---- */

static void take_bounds(seine_bytes *in, seine_chunk_place *chunk) {
    seine_thrift_field field = {0, 0};
    while (seine_thrift_next(in, &field)) {
        switch (field.id) {
        case 5: chunk->upper = seine_thrift_take_binary(in, &field); break;
        case 6: chunk->lower = seine_thrift_take_binary(in, &field); break;
        default: seine_thrift_skip(in, &field); break;
        }
    }
}

static void take_metadata(seine_bytes *in, seine_chunk_place *chunk) {
    seine_thrift_field field = {0, 0};
    while (seine_thrift_next(in, &field)) {
        switch (field.id) {
        case 1: chunk->physical = (int)seine_thrift_take_int(in, &field); break;
        case 4: chunk->codec = (int)seine_thrift_take_int(in, &field); break;
        case 5: chunk->rows = seine_thrift_take_int(in, &field); break;
        case 9: chunk->data_offset = seine_thrift_take_int(in, &field); break;
        case 11: chunk->dict_offset = seine_thrift_take_int(in, &field); break;
        case 12:
            if (seine_thrift_take_struct(in, &field)) take_bounds(in, chunk);
            break;
        default: seine_thrift_skip(in, &field); break;
        }
    }
}

static seine_chunk_place take_chunk(seine_bytes *in) {
    seine_chunk_place chunk = {.rows = -1, .physical = -1, .codec = -1};
    seine_thrift_field field = {0, 0};
    while (seine_thrift_next(in, &field)) {
        switch (field.id) {
        case 3:
            if (seine_thrift_take_struct(in, &field)) take_metadata(in, &chunk);
            break;
        case 4: chunk.offset_index_offset = seine_thrift_take_int(in, &field); break;
        case 5: chunk.offset_index_size = seine_thrift_take_int(in, &field); break;
        case 6: chunk.column_index_offset = seine_thrift_take_int(in, &field); break;
        case 7: chunk.column_index_size = seine_thrift_take_int(in, &field); break;
        default: seine_thrift_skip(in, &field); break;
        }
    }
    return chunk;
}

static const seine_thrift_field whole_chunk = {0, SEINE_THRIFT_STRUCT};

static void take_chunks(parse *p, seine_bytes *in, const seine_thrift_field *field, seine_chunk_place *chunks) {
    const size_t count = seine_thrift_take_list(in, field, SEINE_THRIFT_STRUCT);
    if (count != p->leaf_count) in->failed = true;
    for (size_t i = 0; i < count && !in->failed; i++) {
        if (p->slot_of_leaf[i] == NOT_WANTED)
            seine_thrift_skip(in, &whole_chunk);
        else
            chunks[p->slot_of_leaf[i]] = take_chunk(in);
    }
}

static bool may_hold(const parse *p, const seine_group_place *group) {
    if (group->rows == 0 || p->key == SIZE_MAX) return group->rows != 0;
    const seine_chunk_place *key = &group->chunks[p->key];
    if (key->lower.data != NULL && seine_str_compare(p->text, key->lower) < 0) return false;
    return key->upper.data == NULL || seine_str_compare(p->text, key->upper) <= 0;
}

static void check_group(parse *p, const seine_group_place *group) {
    for (size_t i = 0; i < p->column_count; i++) {
        const seine_chunk_place *chunk = &group->chunks[i];
        const seine_type type = p->schema->columns[p->columns[i]].type;
        const bool is_known = chunk->codec == SEINE_PARQUET_ZSTD || chunk->codec == SEINE_PARQUET_UNCOMPRESSED;
        if (chunk->physical != seine_physical_type(type) || !is_known || chunk->rows != group->rows ||
            chunk->offset_index_size <= 0)
            stop(p, SEINE_E_UNSUPPORTED);
    }
}

static void take_groups(parse *p, seine_bytes *in, const seine_thrift_field *field) {
    const size_t count = seine_thrift_take_list(in, field, SEINE_THRIFT_STRUCT);
    if (p->slot_of_leaf == NULL || count > GROUPS_MAX) stop(p, SEINE_E_UNSUPPORTED);
    if (p->status != SEINE_OK) return;
    seine_group_place *groups = SEINE_ARENA_ARRAY(p->arena, seine_group_place, count);
    seine_chunk_place *chunks = NULL;
    p->footer->groups = groups;
    for (size_t i = 0; i < count && !in->failed && p->status == SEINE_OK; i++) {
        seine_group_place group = {-1, NULL};
        seine_thrift_field part = {0, 0};
        if (chunks == NULL) chunks = SEINE_ARENA_ARRAY(p->arena, seine_chunk_place, p->column_count);
        if (groups == NULL || chunks == NULL) {
            stop(p, SEINE_E_NOMEM);
            return;
        }
        memset(chunks, 0, p->column_count * sizeof *chunks);
        group.chunks = chunks;
        while (seine_thrift_next(in, &part)) {
            if (part.id == 1)
                take_chunks(p, in, &part, chunks);
            else if (part.id == 3)
                group.rows = seine_thrift_take_int(in, &part);
            else
                seine_thrift_skip(in, &part);
        }
        check_group(p, &group);
        if (!may_hold(p, &group)) continue; /* its room is the next one's */
        groups[p->footer->group_count++] = group;
        chunks = NULL;
    }
}

/* ---- file ---- */

static void take_footer(parse *p, seine_bytes *in) {
    seine_thrift_field field = {0, 0};
    while (p->status == SEINE_OK && seine_thrift_next(in, &field)) {
        if (field.id == 2) {
            take_schema(p, in, &field);
        } else if (field.id == 4) {
            take_groups(p, in, &field);
        } else if (field.id == 6) {
            const seine_str writer = seine_thrift_take_binary(in, &field);
            const seine_str own = SEINE_STR(SEINE_PARQUET_CREATED_BY);
            p->is_own = writer.size > own.size && memcmp(writer.data, own.data, own.size) == 0;
        } else {
            seine_thrift_skip(in, &field);
        }
    }
}

/* Reads the last @p size bytes. */
static seine_status read_tail(seine_footer *footer, uint64_t size, seine_buf *tail, seine_error *error) {
    seine_buf_clear(tail);
    const seine_status status = seine_buf_reserve(tail, (size_t)size);
    if (status != SEINE_OK) return seine_fail(error, status, "%s: out of memory", footer->file.path);
    footer->tail = tail->data;
    footer->tail_offset = footer->file.size - size;
    return seine_file_random_read(&footer->file, footer->tail_offset, tail->data, (size_t)size, error);
}

/* Reads the tail with the whole footer in it. */
static seine_status find_footer(seine_footer *footer, seine_buf *tail, seine_bytes *in, seine_error *error) {
    const uint64_t size = footer->file.size;
    if (size < END_BYTES + 4) return seine_fail(error, SEINE_E_FORMAT, "%s: not a Parquet file", footer->file.path);
    uint64_t tail_size = size < TAIL_BYTES ? size : TAIL_BYTES;
    SEINE_TRY(read_tail(footer, tail_size, tail, error));
    const uint8_t *end = footer->tail + tail_size - END_BYTES;
    uint32_t footer_size;
    memcpy(&footer_size, end, 4);
    if (memcmp(end + 4, "PAR1", 4) != 0 || footer_size > size - END_BYTES)
        return seine_fail(error, SEINE_E_FORMAT, "%s: no footer at its end", footer->file.path);
    if (footer_size > FOOTER_MAX_BYTES)
        return seine_fail(error, SEINE_E_UNSUPPORTED, "%s: footer of %u bytes", footer->file.path, footer_size);
    if (footer_size + END_BYTES > tail_size) {
        tail_size = footer_size + END_BYTES;
        SEINE_TRY(read_tail(footer, tail_size, tail, error));
        end = footer->tail + tail_size - END_BYTES;
    }
    *in = seine_bytes_of(end - footer_size, footer_size);
    return SEINE_OK;
}

seine_status seine_footer_read(const char *path, const seine_table_schema *schema, const size_t *columns,
                               size_t column_count, size_t key, seine_str text, seine_buf *tail, seine_arena *arena,
                               seine_footer *footer, seine_error *error) {
    *footer = (seine_footer){.group_count = 0};
    seine_bytes in = {0};
    SEINE_TRY(seine_file_random_open(path, &footer->file, error));
    SEINE_TRY(find_footer(footer, tail, &in, error));
    parse p = {.footer = footer, .arena = arena, .schema = schema, .columns = columns, .column_count = column_count};
    p.key = key;
    p.text = text;
    take_footer(&p, &in);
    if (in.failed) return seine_fail(error, SEINE_E_FORMAT, "%s: damaged footer", path);
    if (p.status == SEINE_E_NOMEM) return seine_no_memory(error, path);
    if (p.status == SEINE_OK && p.is_own && footer->groups != NULL) return SEINE_OK;
    return seine_fail(error, SEINE_E_UNSUPPORTED, "%s: not a file that can be looked up directly", path);
}

void seine_footer_close(seine_footer *footer) { seine_file_random_close(&footer->file); }

seine_status seine_footer_bytes(const seine_footer *footer, int64_t offset, int64_t size, seine_buf *room,
                                seine_bytes *bytes, seine_error *error) {
    const uint64_t all = footer->file.size;
    if (offset < 0 || size < 0 || (uint64_t)offset > all || (uint64_t)size > all - (uint64_t)offset)
        return seine_fail(error, SEINE_E_FORMAT, "%s: %lld bytes at %lld lie beyond its end", footer->file.path,
                          (long long)size, (long long)offset);
    if ((uint64_t)offset >= footer->tail_offset) {
        *bytes = seine_bytes_of(footer->tail + ((uint64_t)offset - footer->tail_offset), (size_t)size);
        return SEINE_OK;
    }
    seine_buf_clear(room);
    const seine_status status = seine_buf_reserve(room, (size_t)size + 1);
    if (status != SEINE_OK)
        return seine_fail(error, status, "%s: no room for %lld bytes", footer->file.path, (long long)size);
    *bytes = seine_bytes_of(room->data, (size_t)size);
    return seine_file_random_read(&footer->file, (uint64_t)offset, room->data, (size_t)size, error);
}
