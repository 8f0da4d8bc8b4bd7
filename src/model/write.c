/*
 * The engine gives batches of 2048 rows, a row group wants many more: batches are gathered into columns of our own, a
 * group at a time, and each row is hashed on its way.
 */
#include "model/write.h"

#include "base/time.h"
#include "base/try.h"
#include "columns/content.h"
#include "parquet/row_group.h"
#include "table/new_file.h"

#define ROW_MAX_BYTES ((size_t)64 << 20)

/* A file being made. */
typedef struct work {
    const seine_model *model;
    const seine_table *table;
    seine_partition_value day;
    seine_arena *arena; /* of the caller */
    seine_row_group group;
    seine_new_file file;
    seine_buf row;
    seine_model_output *output;
    seine_error *error;
} work;

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

/* ---- checks ---- */

static seine_status hash_rows(work *w, const seine_rows *rows) {
    const seine_status status = seine_content_add_rows(&w->output->content, &w->model->schema, rows, &w->row);
    return status == SEINE_OK ? SEINE_OK : seine_fail(w->error, status, "%s: a row is too large", w->model->file);
}

static seine_status check_day(const work *w, const seine_rows *rows) {
    if (!w->model->has_days) return SEINE_OK;
    const seine_vec *vec = &rows->columns[w->model->day_column];
    char found[16] = "null", wanted[24] = "rows without a day";
    for (size_t r = 0; r < rows->count; r++) {
        const bool is_null = vec->valid != NULL && !vec->valid[r];
        const int32_t day = is_null ? 0 : ((const int32_t *)vec->values)[r];
        if (is_null == w->day.is_null && (is_null || day == w->day.value)) continue;
        if (!is_null) (void)seine_date_format(day, found);
        if (!w->day.is_null) (void)seine_date_format(w->day.value, wanted);
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

/* The first group opens the file. */
static seine_status flush_group(work *w) {
    const seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX] = {w->day};
    if (w->group.rows.count == 0) return SEINE_OK;
    if (w->file.writer == NULL)
        SEINE_TRY(seine_new_file_open(w->table, &w->model->schema, partition, NULL, w->arena, &w->file, w->error));
    return seine_row_group_write(&w->group, w->file.writer, w->error);
}

static seine_status take_rows(work *w, const seine_rows *rows) {
    SEINE_TRY(check_day(w, rows));
    SEINE_TRY(hash_rows(w, rows));
    reconcile(w, rows);
    for (size_t first = 0; first < rows->count;) {
        if (seine_row_group_take(&w->group, rows, &first) != SEINE_OK) return seine_no_memory(w->error, w->model->file);
        if (seine_row_group_is_full(&w->group)) SEINE_TRY(flush_group(w));
    }
    w->output->rows += (int64_t)rows->count;
    return SEINE_OK;
}

static seine_status next_rows(const work *w, seine_query *query, seine_rows *rows) {
    const seine_status status = seine_query_next(query, rows, w->error);
    if (status != SEINE_OK) (void)seine_model_blame(w->model, w->error);
    return status;
}

static seine_status take_all(work *w, seine_query *query) {
    for (seine_rows rows = {0};;) {
        SEINE_TRY(next_rows(w, query, &rows));
        if (rows.count == 0) return flush_group(w);
        SEINE_TRY(take_rows(w, &rows));
    }
}

static seine_status put_rows(const work *w, seine_query *query, seine_row_group *group, seine_parquet_writer *writer) {
    for (seine_rows rows = {0};;) {
        SEINE_TRY(next_rows(w, query, &rows));
        if (rows.count == 0) return seine_row_group_write(group, writer, w->error);
        for (size_t first = 0; first < rows.count;) {
            if (seine_row_group_take(group, &rows, &first) != SEINE_OK)
                return seine_no_memory(w->error, w->model->file);
            if (seine_row_group_is_full(group)) SEINE_TRY(seine_row_group_write(group, writer, w->error));
        }
    }
}

seine_status seine_model_put_aside(const seine_model *model, seine_query *query, const char *path, seine_error *error) {
    const work w = {.model = model, .error = error};
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_row_group group SEINE_OWNED(seine_row_group_free) = {0};
    seine_parquet_writer *writer SEINE_OWNED(seine_parquet_abort_owned) = NULL;
    seine_data_file file;
    if (seine_row_group_make(&group, model->schema.columns, model->schema.column_count) != SEINE_OK)
        return seine_no_memory(error, model->file);
    SEINE_TRY(seine_parquet_open(path, &model->schema, &writer, error));
    SEINE_TRY(put_rows(&w, query, &group, writer));
    return seine_parquet_finish(SEINE_TAKE(writer), &arena, &file, error);
}

static void work_end(work *w) {
    seine_row_group_free(&w->group);
    seine_buf_free(&w->row);
}

seine_status seine_model_write(const seine_model *model, seine_query *query, const seine_table *table,
                               seine_partition_value day, seine_arena *arena, seine_model_output *output,
                               seine_error *error) {
    *output = (seine_model_output){0};
    work w SEINE_OWNED(work_end) = {
        .model = model, .table = table, .day = day, .arena = arena, .output = output, .error = error};
    seine_buf_init(&w.row, ROW_MAX_BYTES);
    if (seine_row_group_make(&w.group, model->schema.columns, model->schema.column_count) != SEINE_OK)
        return seine_no_memory(error, model->file);
    const seine_status status = take_all(&w, query);
    return seine_new_file_end(&w.file, status, arena, &output->file, error);
}
