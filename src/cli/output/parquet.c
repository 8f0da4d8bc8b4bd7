/* Query results as a Parquet file by the product's own writer: batches are gathered into row groups. */
#include "cli/output/internal.h"

#include <stdlib.h>

struct seine_output_parquet {
    seine_arena arena; /* schema */
    seine_arena texts; /* texts of the row group being gathered */
    seine_table_schema schema;
    seine_parquet_writer *writer;
    const char *path;
    seine_rows group;
    uint8_t **values, **valid; /* room of a whole row group per column */
};

static size_t value_size(seine_type type) {
    static const uint8_t sizes[] = {1, 4, 8, 8, 4, 8, sizeof(seine_str), sizeof(seine_str)};
    return sizes[type];
}

static bool is_text(seine_type type) { return type == SEINE_TYPE_STRING || type == SEINE_TYPE_BINARY; }

seine_status seine_output_parquet_open(seine_output *output, const char *path, seine_error *error) {
    output->parquet = calloc(1, sizeof *output->parquet);
    if (output->parquet == NULL) return seine_fail(error, SEINE_E_NOMEM, "output: out of memory");
    output->parquet->path = path;
    return SEINE_OK;
}

/* The types come with the first batch, which may be the empty one at the end. */
static seine_status open_writer(seine_output *output, const seine_rows *rows, seine_error *error) {
    seine_output_parquet *p = output->parquet;
    const size_t count = output->shape->column_count;
    seine_column *columns = SEINE_ARENA_ARRAY(&p->arena, seine_column, count);
    p->group.columns = SEINE_ARENA_ARRAY(&p->arena, seine_vec, count);
    p->values = SEINE_ARENA_ARRAY(&p->arena, uint8_t *, count);
    p->valid = SEINE_ARENA_ARRAY(&p->arena, uint8_t *, count);
    if (columns == NULL || p->group.columns == NULL || p->values == NULL || p->valid == NULL)
        return seine_fail(error, SEINE_E_NOMEM, "output: out of memory");
    for (size_t i = 0; i < count; i++) {
        const seine_type type = rows->columns[i].type;
        columns[i] =
            (seine_column){.id = (int)i + 1, .name = output->shape->names[i], .type = type, .unit = "", .doc = ""};
        p->values[i] = seine_arena_alloc(&p->arena, value_size(type) * SEINE_ROW_GROUP_ROWS);
        p->valid[i] = seine_arena_alloc(&p->arena, SEINE_ROW_GROUP_ROWS);
        if (p->values[i] == NULL || p->valid[i] == NULL)
            return seine_fail(error, SEINE_E_NOMEM, "output: out of memory");
        p->group.columns[i] = (seine_vec){.type = type, .values = p->values[i], .valid = p->valid[i]};
    }
    p->schema = (seine_table_schema){.name = "query", .doc = "", .columns = columns, .column_count = count};
    p->group.column_count = count;
    return seine_parquet_open(p->path, &p->schema, &p->writer, error);
}

static seine_status write_group(seine_output_parquet *p, seine_error *error) {
    if (p->group.count == 0) return SEINE_OK;
    const seine_status status = seine_parquet_write(p->writer, &p->group, error);
    p->group.count = 0;
    seine_arena_free(&p->texts);
    return status;
}

static seine_status take_column(seine_output_parquet *p, const seine_vec *vec, size_t column, size_t first,
                                size_t count) {
    const size_t size = value_size(vec->type), at = p->group.count;
    memcpy(p->values[column] + at * size, (const uint8_t *)vec->values + first * size, count * size);
    for (size_t row = 0; row < count; row++) {
        const bool valid = vec->valid == NULL || vec->valid[first + row];
        p->valid[column][at + row] = valid;
        if (!valid || !is_text(vec->type)) continue;
        seine_str *text = (seine_str *)(void *)(p->values[column] + (at + row) * size);
        text->data = seine_arena_copy(&p->texts, text->data, text->size);
        if (text->data == NULL) return SEINE_E_NOMEM;
    }
    return SEINE_OK;
}

seine_status seine_output_parquet_rows(seine_output *output, const seine_rows *rows, seine_error *error) {
    seine_output_parquet *p = output->parquet;
    seine_status status = SEINE_OK;
    seine_rows more;
    if (output->place != NULL) {
        status = seine_output_place_extend(output, rows, &more, error);
        if (status != SEINE_OK) return status;
        rows = &more;
    }
    if (p->writer == NULL) status = open_writer(output, rows, error);
    for (size_t first = 0; status == SEINE_OK && first < rows->count;) {
        const size_t room = SEINE_ROW_GROUP_ROWS - p->group.count, left = rows->count - first;
        const size_t count = left < room ? left : room;
        for (size_t i = 0; status == SEINE_OK && i < rows->column_count; i++) {
            status = take_column(p, &rows->columns[i], i, first, count);
            if (status != SEINE_OK) status = seine_fail(error, status, "output: out of memory");
        }
        p->group.count += count;
        first += count;
        if (status == SEINE_OK && p->group.count == SEINE_ROW_GROUP_ROWS) status = write_group(p, error);
    }
    output->rows += rows->count;
    return status;
}

seine_status seine_output_parquet_end(seine_output *output, seine_status so_far, seine_error *error) {
    seine_output_parquet *p = output->parquet;
    seine_status status = so_far;
    if (p == NULL) return status;
    if (status == SEINE_OK && p->writer == NULL)
        status = seine_fail(error, SEINE_E_INTERNAL, "output: no batch was given");
    if (status == SEINE_OK) status = write_group(p, error);
    seine_parquet_extra extra;
    if (status == SEINE_OK && output->place != NULL) {
        status = seine_output_place_metadata(output, &extra);
        if (status == SEINE_OK)
            seine_parquet_extend(p->writer, &extra);
        else
            status = seine_fail(error, status, "output: out of memory");
    }
    if (status == SEINE_OK) {
        seine_data_file file;
        status = seine_parquet_finish(p->writer, &p->texts, &file, error);
    } else {
        seine_parquet_abort(p->writer);
    }
    seine_arena_free(&p->texts);
    seine_arena_free(&p->arena);
    free(p);
    return status;
}
