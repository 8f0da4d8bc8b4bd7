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
    if (output->parquet == NULL) return seine_fail(error, SEINE_E_NOMEM, "output: out of memory");
    output->parquet->path = path;
    return SEINE_OK;
}

/* The types come with the first batch, which may be the empty one at the end. */
static seine_status open_writer(seine_output *output, const seine_rows *rows, seine_error *error) {
    seine_output_parquet *p = output->parquet;
    const size_t count = output->shape->column_count;
    seine_column *columns = SEINE_ARENA_ARRAY(&p->arena, seine_column, count);
    if (columns == NULL) return seine_fail(error, SEINE_E_NOMEM, "output: out of memory");
    for (size_t i = 0; i < count; i++) {
        const seine_type type = rows->columns[i].type;
        columns[i] =
            (seine_column){.id = (int)i + 1, .name = output->shape->names[i], .type = type, .unit = "", .doc = ""};
    }
    if (seine_row_group_make(&p->group, columns, count) != SEINE_OK)
        return seine_fail(error, SEINE_E_NOMEM, "output: out of memory");
    p->schema = (seine_table_schema){.name = "query", .doc = "", .columns = columns, .column_count = count};
    return seine_parquet_open(p->path, &p->schema, &p->writer, error);
}

seine_status seine_output_parquet_rows(seine_output *output, const seine_rows *rows, seine_error *error) {
    seine_output_parquet *p = output->parquet;
    seine_status status = SEINE_OK;
    seine_rows more;
    if (output->place != NULL) {
        SEINE_TRY(seine_output_place_extend(output, rows, &more, error));
        rows = &more;
    }
    if (p->writer == NULL) status = open_writer(output, rows, error);
    for (size_t first = 0; status == SEINE_OK && first < rows->count;) {
        if (seine_row_group_take(&p->group, rows, &first) != SEINE_OK)
            return seine_fail(error, SEINE_E_NOMEM, "output: out of memory");
        if (seine_row_group_is_full(&p->group)) status = seine_row_group_write(&p->group, p->writer, error);
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
    if (status == SEINE_OK) status = seine_row_group_write(&p->group, p->writer, error);
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
        status = seine_parquet_finish(p->writer, &p->arena, &file, error);
    } else {
        seine_parquet_abort(p->writer);
    }
    seine_row_group_free(&p->group);
    seine_arena_free(&p->arena);
    free(p);
    return status;
}
