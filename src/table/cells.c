/* Transposes between rows of cells and columns. */
#include "table/cells.h"

#include "base/array.h"
#include "base/try.h"
#include "table/new_file.h"
#include "table/scan.h"

#include <stdlib.h>

#define GROUP_ROWS ((size_t)65536)
#define ROWS_MAX ((size_t)1 << 32)

void seine_cells_free(seine_cells *cells) {
    free(cells->rows);
    *cells = (seine_cells){0};
}

seine_status seine_cells_add(seine_cells *cells, seine_cell *row) {
    const seine_status status = SEINE_ARRAY_ROOM(cells->rows, cells->count, cells->capacity, 1, ROWS_MAX);
    if (status == SEINE_OK) cells->rows[cells->count++] = row;
    return status;
}

/* ---- reading ---- */

static seine_status cell_of(const seine_vec *vec, size_t row, seine_arena *arena, seine_cell *cell) {
    if (vec->valid != NULL && !vec->valid[row]) {
        *cell = seine_cell_null();
        return SEINE_OK;
    }
    switch (vec->type) {
    case SEINE_TYPE_BOOLEAN: *cell = seine_cell_integer(((const uint8_t *)vec->values)[row]); break;
    case SEINE_TYPE_INT:
    case SEINE_TYPE_DATE: *cell = seine_cell_integer(((const int32_t *)vec->values)[row]); break;
    case SEINE_TYPE_LONG:
    case SEINE_TYPE_TIMESTAMPTZ: *cell = seine_cell_integer(((const int64_t *)vec->values)[row]); break;
    case SEINE_TYPE_DOUBLE: *cell = (seine_cell){.as.number = ((const double *)vec->values)[row]}; break;
    case SEINE_TYPE_STRING:
    case SEINE_TYPE_BINARY: {
        const seine_str text = ((const seine_str *)vec->values)[row];
        char *copy = seine_arena_copy(arena, text.data, text.size);
        if (copy == NULL) return SEINE_E_NOMEM;
        *cell = seine_cell_text((seine_str){copy, text.size});
    }
    }
    return SEINE_OK;
}

static seine_status take_rows(const seine_rows *rows, seine_arena *arena, seine_cells *cells) {
    for (size_t r = 0; r < rows->count; r++) {
        seine_cell *row = SEINE_ARENA_ARRAY(arena, seine_cell, rows->column_count);
        if (row == NULL) return SEINE_E_NOMEM;
        for (size_t c = 0; c < rows->column_count; c++) {
            SEINE_TRY(cell_of(&rows->columns[c], r, arena, &row[c]));
        }
        SEINE_TRY(seine_cells_add(cells, row));
    }
    return SEINE_OK;
}

typedef struct taking {
    const char *table;
    seine_arena *arena;
    seine_cells *cells;
} taking;

static seine_status take(void *context, const seine_rows *rows, seine_error *error) {
    const taking *t = context;
    return take_rows(rows, t->arena, t->cells) == SEINE_OK ? SEINE_OK : seine_no_memory(error, t->table);
}

seine_status seine_cells_read(seine_engine *engine, const seine_table_schema *schema, const char *const *files,
                              size_t file_count, seine_arena *arena, seine_cells *cells, seine_error *error) {
    taking t = {schema->name, arena, cells};
    size_t *columns = SEINE_ARENA_ARRAY(arena, size_t, schema->column_count);
    if (columns == NULL) return seine_no_memory(error, schema->name);
    for (size_t c = 0; c < schema->column_count; c++) columns[c] = c;
    const seine_scan scan = {.engine = engine,
                             .schema = schema,
                             .columns = columns,
                             .column_count = schema->column_count,
                             .files = files,
                             .file_count = file_count};
    return seine_scan_run(&scan, take, &t, error);
}

/* ---- writing ---- */

static void put_value(seine_type type, const seine_cell *cell, void *values, size_t row) {
    switch (type) {
    case SEINE_TYPE_BOOLEAN: ((uint8_t *)values)[row] = (uint8_t)cell->as.integer; break;
    case SEINE_TYPE_INT:
    case SEINE_TYPE_DATE: ((int32_t *)values)[row] = (int32_t)cell->as.integer; break;
    case SEINE_TYPE_LONG:
    case SEINE_TYPE_TIMESTAMPTZ: ((int64_t *)values)[row] = cell->as.integer; break;
    case SEINE_TYPE_DOUBLE: ((double *)values)[row] = cell->as.number; break;
    default: ((seine_str *)values)[row] = cell->as.text;
    }
}

static seine_status make_column(seine_type type, size_t column, seine_cell *const *rows, size_t count,
                                seine_arena *arena, seine_vec *vec) {
    void *values = seine_arena_alloc(arena, count * seine_type_size(type));
    uint8_t *valid = seine_arena_alloc(arena, count);
    if (values == NULL || valid == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        valid[i] = !rows[i][column].is_null;
        if (valid[i]) put_value(type, &rows[i][column], values, i);
    }
    *vec = (seine_vec){.type = type, .kind = SEINE_VEC_PLAIN, .values = values, .valid = valid};
    return SEINE_OK;
}

static seine_status write_group(seine_parquet_writer *writer, const seine_table_schema *schema, seine_cell *const *rows,
                                size_t count, seine_error *error) {
    seine_arena arena = {0};
    seine_vec *columns = SEINE_ARENA_ARRAY(&arena, seine_vec, schema->column_count);
    seine_status status = columns != NULL ? SEINE_OK : SEINE_E_NOMEM;
    for (size_t c = 0; c < schema->column_count && status == SEINE_OK; c++)
        status = make_column(schema->columns[c].type, c, rows, count, &arena, &columns[c]);
    if (status != SEINE_OK) {
        (void)seine_fail(error, status, "out of memory while writing %s", schema->name);
    } else {
        const seine_rows group = {count, schema->column_count, columns};
        status = seine_parquet_write(writer, &group, error);
    }
    seine_arena_free(&arena);
    return status;
}

seine_status seine_cells_write(const seine_table *table, const seine_partition_value *partition,
                               seine_cell *const *rows, size_t count, seine_arena *arena, seine_data_file *file,
                               seine_error *error) {
    const seine_table_schema *schema = seine_table_schema_of(table);
    seine_new_file made;
    seine_status status = seine_new_file_open(table, schema, partition, NULL, arena, &made, error);
    for (size_t i = 0; i < count && status == SEINE_OK; i += GROUP_ROWS)
        status = write_group(made.writer, schema, rows + i, count - i < GROUP_ROWS ? count - i : GROUP_ROWS, error);
    return seine_new_file_end(&made, status, arena, file, error);
}
