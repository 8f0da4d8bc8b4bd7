/* Query results as a Parquet file by the product's own writer: batches are gathered into row groups. */
#include "cli/output/internal.h"

#include "base/try.h"
#include "parquet/row_group.h"

#include <stdlib.h>

struct seine_output_parquet {
    seine_arena arena; /* schema */
    seine_table_schema schema;
    seine_parquet_writer *writer;
    const char *path;
    seine_row_group group;
};

seine_status seine_output_parquet_open(seine_output *output, const char *path, seine_error *error) {
    output->parquet = calloc(1, sizeof *output->parquet);
    if (output->parquet == NULL) return seine_no_memory(error, "output");
    output->parquet->path = path;
    return SEINE_OK;
}

/* The types come with the first batch, which may be the empty one at the end. */
static seine_status open_writer(seine_output *output, const seine_rows *rows, seine_error *error) {
    seine_output_parquet *p = output->parquet;
    const size_t count = output->shape->column_count;
    seine_column *columns = SEINE_ARENA_ARRAY(&p->arena, seine_column, count);
    if (columns == NULL) return seine_no_memory(error, "output");
    for (size_t i = 0; i < count; i++) {
        const seine_type type = rows->columns[i].type;
        columns[i] =
            (seine_column){.id = (int)i + 1, .name = output->shape->names[i], .type = type, .unit = "", .doc = ""};
    }
    if (seine_row_group_make(&p->group, columns, count) != SEINE_OK) return seine_no_memory(error, "output");
    p->schema = (seine_table_schema){.name = "query", .doc = "", .columns = columns, .column_count = count};
    return seine_parquet_open(p->path, &p->schema, &p->writer, error);
}

seine_status seine_output_parquet_rows(seine_output *output, const seine_rows *rows, seine_error *error) {
    seine_output_parquet *p = output->parquet;
    seine_rows more;
    if (output->place != NULL) {
        SEINE_TRY(seine_output_place_extend(output, rows, &more, error));
        rows = &more;
    }
    if (p->writer == NULL) SEINE_TRY(open_writer(output, rows, error));
    for (size_t first = 0; first < rows->count;) {
        if (seine_row_group_take(&p->group, rows, &first) != SEINE_OK) return seine_no_memory(error, "output");
        if (seine_row_group_is_full(&p->group)) SEINE_TRY(seine_row_group_write(&p->group, p->writer, error));
    }
    output->rows += rows->count;
    return SEINE_OK;
}

/* Writes what is held back, and the end of the file. */
static seine_status finish(seine_output *output, seine_error *error) {
    seine_output_parquet *p = output->parquet;
    seine_parquet_extra extra;
    seine_data_file file;
    if (p->writer == NULL) return seine_fail(error, SEINE_E_INTERNAL, "output: no batch was given");
    SEINE_TRY(seine_row_group_write(&p->group, p->writer, error));
    if (output->place != NULL) {
        if (seine_output_place_metadata(output, &extra) != SEINE_OK) return seine_no_memory(error, "output");
        seine_parquet_extend(p->writer, &extra);
    }
    return seine_parquet_finish(SEINE_TAKE(p->writer), &p->arena, &file, error);
}

seine_status seine_output_parquet_end(seine_output *output, seine_status so_far, seine_error *error) {
    seine_output_parquet *p = output->parquet;
    if (p == NULL) return so_far;
    const seine_status status = so_far == SEINE_OK ? finish(output, error) : so_far;
    seine_parquet_abort(p->writer);
    seine_row_group_free(&p->group);
    seine_arena_free(&p->arena);
    free(p);
    return status;
}
