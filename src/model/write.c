/*
 * The engine gives batches of 2048 rows, a row group wants many more: batches are gathered into columns of our own, a
 * group at a time, and each row is hashed on its way.
 */
#include "model/write.h"

#include "base/time.h"
#include "parquet/writer.h"

#include <stdlib.h>

#define ROW_MAX_BYTES ((size_t)64 << 20)

/* A file being made. */
typedef struct work {
    const seine_model *model;
    const seine_table *table;
    seine_partition_value day;
    seine_arena *arena; /* of the caller */
    seine_arena texts;  /* of the group */
    void **values;      /* per column, room for a group */
    uint8_t **valid;
    size_t count; /* rows in the group */
    seine_parquet_writer *writer;
    seine_buf row;
    seine_model_output *output;
    seine_error *error;
} work;

static seine_status no_memory(const work *w) {
    return seine_fail(w->error, SEINE_E_NOMEM, "%s: out of memory", w->model->file);
}

static size_t width_of(seine_type type) {
    switch (type) {
    case SEINE_TYPE_BOOLEAN: return 1;
    case SEINE_TYPE_INT:
    case SEINE_TYPE_DATE: return 4;
    case SEINE_TYPE_STRING:
    case SEINE_TYPE_BINARY: return sizeof(seine_str);
    default: return 8;
    }
}

seine_status seine_model_check_columns(const seine_model *model, const seine_query *query, seine_error *error) {
    const seine_table_schema *schema = &model->schema;
    const size_t count = seine_query_column_count(query);
    for (size_t i = 0; i < count && i < schema->column_count; i++) {
        const char *name = seine_query_column_name(query, i), *type = seine_query_column_type(query, i);
        const seine_column *column = &schema->columns[i];
        if (strcmp(name, column->name) != 0)
            return seine_fail(error, SEINE_E_FORMAT, "%s: column %zu of the SELECT is %s, the header says %s",
                              model->file, i + 1, name, column->name);
        if (strcmp(type, seine_type_sql(column->type)) != 0)
            return seine_fail(error, SEINE_E_FORMAT, "%s: column %s is %s in the SELECT, the header says %s (%s)",
                              model->file, name, type, seine_type_name(column->type), seine_type_sql(column->type));
    }
    if (count == schema->column_count) return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT, "%s: the SELECT has %zu columns, the header %zu", model->file, count,
                      schema->column_count);
}

/* ---- hashing ---- */

seine_status seine_model_put_cell(seine_buf *row, const seine_vec *vec, size_t r) {
    const uint8_t is_valid = vec->valid == NULL || vec->valid[r];
    seine_status status = seine_buf_append(row, &is_valid, 1);
    if (status != SEINE_OK || !is_valid) return status;
    if (vec->type == SEINE_TYPE_STRING || vec->type == SEINE_TYPE_BINARY) {
        const seine_str text = ((const seine_str *)vec->values)[r];
        const uint64_t size = text.size;
        status = seine_buf_append(row, &size, sizeof size);
        return status == SEINE_OK ? seine_buf_append(row, text.data, text.size) : status;
    }
    const size_t width = width_of(vec->type);
    return seine_buf_append(row, (const uint8_t *)vec->values + r * width, width);
}

seine_status seine_model_hash(const seine_model *model, const seine_rows *rows, seine_buf *row,
                              seine_hash128 *content) {
    for (size_t r = 0; r < rows->count; r++) {
        seine_buf_clear(row);
        for (size_t c = 0; c < rows->column_count; c++) {
            if (model->schema.columns[c].lineage) continue;
            const seine_status status = seine_model_put_cell(row, &rows->columns[c], r);
            if (status != SEINE_OK) return status;
        }
        *content = seine_hash128_add(*content, seine_hash128_of(row->data, row->size));
    }
    return SEINE_OK;
}

/* ---- checks ---- */

static seine_status check_day(const work *w, const seine_rows *rows) {
    if (!w->model->has_days) return SEINE_OK;
    const seine_vec *vec = &rows->columns[w->model->day_column];
    char found[16] = "null", wanted[16];
    for (size_t r = 0; r < rows->count; r++) {
        const bool is_null = vec->valid != NULL && !vec->valid[r];
        const int32_t day = is_null ? 0 : ((const int32_t *)vec->values)[r];
        if (!is_null && day == w->day.value) continue;
        if (!is_null) (void)seine_date_format(day, found);
        (void)seine_date_format(w->day.value, wanted);
        return seine_fail(w->error, SEINE_E_FORMAT, "%s: a row of %s = %s in the run of %s", w->model->file,
                          w->model->schema.columns[w->model->day_column].name, found, wanted);
    }
    return SEINE_OK;
}

static void reconcile(const work *w, const seine_rows *rows) {
    if (w->model->reconcile_column == SIZE_MAX) return;
    const seine_vec *vec = &rows->columns[w->model->reconcile_column];
    for (size_t r = 0; r < rows->count; r++)
        if (vec->valid == NULL || vec->valid[r]) w->output->reconciled += ((const int64_t *)vec->values)[r];
}

/* ---- groups ---- */

static seine_status flush_group(work *w) {
    const seine_table_schema *schema = &w->model->schema;
    if (w->count == 0) return SEINE_OK;
    seine_status status = SEINE_OK;
    if (w->writer == NULL) {
        const seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX] = {w->day};
        char *path = NULL;
        status = seine_table_new_file(w->table, partition, w->arena, &path, w->error);
        if (status == SEINE_OK) status = seine_parquet_open(path, schema, &w->writer, w->error);
        if (status != SEINE_OK) return status;
    }
    seine_vec *columns = SEINE_ARENA_ARRAY(&w->texts, seine_vec, schema->column_count);
    if (columns == NULL) return no_memory(w);
    for (size_t c = 0; c < schema->column_count; c++)
        columns[c] = (seine_vec){
            .type = schema->columns[c].type, .kind = SEINE_VEC_PLAIN, .values = w->values[c], .valid = w->valid[c]};
    const seine_rows group = {w->count, schema->column_count, columns};
    status = seine_parquet_write(w->writer, &group, w->error);
    w->count = 0;
    seine_arena_free(&w->texts);
    return status;
}

static seine_status copy_texts(work *w, const seine_vec *vec, size_t first, size_t count, seine_str *to) {
    const seine_str *from = (const seine_str *)vec->values + first;
    size_t bytes = 0;
    for (size_t r = 0; r < count; r++) bytes += from[r].size;
    char *room = seine_arena_alloc(&w->texts, bytes);
    if (room == NULL) return no_memory(w);
    for (size_t r = 0; r < count; r++) {
        if (from[r].size > 0) memcpy(room, from[r].data, from[r].size);
        to[r] = (seine_str){room, from[r].size};
        room += from[r].size;
    }
    return SEINE_OK;
}

static seine_status take_part(work *w, const seine_rows *rows, size_t first, size_t count) {
    for (size_t c = 0; c < rows->column_count; c++) {
        const seine_vec *vec = &rows->columns[c];
        const size_t width = width_of(vec->type);
        if (vec->valid != NULL)
            memcpy(w->valid[c] + w->count, vec->valid + first, count);
        else
            memset(w->valid[c] + w->count, 1, count);
        if (vec->type == SEINE_TYPE_STRING || vec->type == SEINE_TYPE_BINARY) {
            const seine_status status = copy_texts(w, vec, first, count, (seine_str *)w->values[c] + w->count);
            if (status != SEINE_OK) return status;
            continue;
        }
        memcpy((uint8_t *)w->values[c] + w->count * width, (const uint8_t *)vec->values + first * width, count * width);
    }
    w->count += count;
    return SEINE_OK;
}

static seine_status take_rows(work *w, const seine_rows *rows) {
    seine_status status = check_day(w, rows);
    if (status == SEINE_OK) {
        status = seine_model_hash(w->model, rows, &w->row, &w->output->content);
        if (status != SEINE_OK) (void)seine_fail(w->error, status, "%s: a row is too large", w->model->file);
    }
    reconcile(w, rows);
    for (size_t first = 0; first < rows->count && status == SEINE_OK;) {
        const size_t room = SEINE_ROW_GROUP_ROWS - w->count;
        const size_t count = rows->count - first < room ? rows->count - first : room;
        status = take_part(w, rows, first, count);
        if (status == SEINE_OK && w->count == SEINE_ROW_GROUP_ROWS) status = flush_group(w);
        first += count;
    }
    w->output->rows += (int64_t)rows->count;
    return status;
}

static seine_status make_room(work *w) {
    const seine_table_schema *schema = &w->model->schema;
    w->values = calloc(schema->column_count, sizeof *w->values);
    w->valid = calloc(schema->column_count, sizeof *w->valid);
    if (w->values == NULL || w->valid == NULL) return no_memory(w);
    for (size_t c = 0; c < schema->column_count; c++) {
        w->values[c] = malloc(SEINE_ROW_GROUP_ROWS * width_of(schema->columns[c].type));
        w->valid[c] = malloc(SEINE_ROW_GROUP_ROWS);
        if (w->values[c] == NULL || w->valid[c] == NULL) return no_memory(w);
    }
    return SEINE_OK;
}

static void free_room(work *w) {
    for (size_t c = 0; c < w->model->schema.column_count; c++) {
        if (w->values != NULL) free(w->values[c]);
        if (w->valid != NULL) free(w->valid[c]);
    }
    free(w->values);
    free(w->valid);
    seine_buf_free(&w->row);
    seine_arena_free(&w->texts);
}

seine_status seine_model_write(const seine_model *model, seine_query *query, const seine_table *table,
                               seine_partition_value day, seine_arena *arena, seine_model_output *output,
                               seine_error *error) {
    *output = (seine_model_output){0};
    work w = {.model = model, .table = table, .day = day, .arena = arena, .output = output, .error = error};
    seine_buf_init(&w.row, ROW_MAX_BYTES);
    seine_status status = make_room(&w);
    for (bool more = true; status == SEINE_OK && more;) {
        seine_rows rows = {0};
        status = seine_query_next(query, &rows, error);
        if (status != SEINE_OK) (void)seine_model_blame(model, error);
        more = rows.count > 0;
        if (status == SEINE_OK && more) status = take_rows(&w, &rows);
    }
    if (status == SEINE_OK) status = flush_group(&w);
    if (status == SEINE_OK && w.writer != NULL) {
        status = seine_parquet_finish(w.writer, arena, &output->file, error);
        output->file.partition[0] = day;
    } else {
        seine_parquet_abort(w.writer);
    }
    free_room(&w);
    return status;
}
