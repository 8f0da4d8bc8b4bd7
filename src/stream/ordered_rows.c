/*
 *     files of the table, part by part of time ──▶ SELECT … ORDER BY time, id ──▶ one record after the other
 */
#include "stream/ordered_rows.h"

#include "base/time.h"
#include "engine/watch.h"
#include "io/clock.h"
#include "io/file.h"
#include "stream/record_shape.h"
#include "table/dataset.h"

#include <stdio.h>
#include <stdlib.h>

#define SQL_BYTES_MAX ((size_t)16 << 20)
#define MEMORY_BYTES ((uint64_t)512 << 20) /* of the engine; a longer sort goes to the disk */
#define THREADS 2
#define SILVER "silver."

struct seine_ordered_rows {
    seine_table_choice choice;
    seine_arena arena;
    seine_catalog *catalog;
    seine_table *table;
    const seine_table_schema *schema;
    seine_record_shape shape;
    size_t time, id, key;          /* columns of the schema; id, key SIZE_MAX: none */
    size_t key_field, time_field;  /* of the query */
    const seine_live_file **files; /* in the order of their parts of time */
    size_t part;                   /* which partition field tells the time */
    size_t file_count, file;       /* those that were begun */
    seine_engine *engine;
    seine_watch *watch;
    seine_query *query; /* of a part; NULL: none is read */
    seine_rows batch;
    size_t at; /* in the batch */
    seine_buf value, text;
    uint64_t given, total;
};

/* ---- what the table is ---- */

static size_t column_of_id(const seine_table_schema *schema, int id) {
    for (size_t c = 0; c < schema->column_count; c++)
        if (schema->columns[c].id == id) return c;
    return SIZE_MAX;
}

/* The time by which it is partitioned, and the id. */
static seine_status find_columns(seine_ordered_rows *rows, seine_error *error) {
    const seine_table_schema *schema = rows->schema;
    rows->time = rows->id = SIZE_MAX;
    for (size_t i = 0; i < schema->partition_count; i++) {
        const seine_partition_field *field = &schema->partition[i];
        const size_t column = column_of_id(schema, field->source_id);
        if (column == SIZE_MAX) continue;
        if (field->transform == SEINE_TRANSFORM_BUCKET) rows->id = column;
        if (field->transform == SEINE_TRANSFORM_BUCKET || rows->time != SIZE_MAX ||
            schema->columns[column].type != SEINE_TYPE_TIMESTAMPTZ)
            continue;
        rows->time = column;
        rows->part = i;
    }
    if (rows->time == SIZE_MAX)
        return seine_fail(error, SEINE_E_USAGE,
                          "%s is not partitioned by a time, in whose order its rows could be sent", rows->choice.table);
    rows->key = rows->choice.key == NULL ? rows->id : seine_schema_column(schema, rows->choice.key);
    if (rows->key == SIZE_MAX && rows->choice.key != NULL)
        return seine_fail(error, SEINE_E_USAGE, "%s has no column %s, which --key names", rows->choice.table,
                          rows->choice.key);
    if (rows->key != SIZE_MAX && schema->columns[rows->key].type != SEINE_TYPE_STRING)
        return seine_fail(error, SEINE_E_USAGE, "column %s of %s is no text, as a key is",
                          schema->columns[rows->key].name, rows->choice.table);
    return SEINE_OK;
}

/* The dataset whose silver it is; NULL: of none. */
static seine_status find_dataset(seine_ordered_rows *rows, const seine_dataset **own, seine_error *error) {
    const char *name = rows->choice.table;
    *own = NULL;
    if (strncmp(name, SILVER, sizeof SILVER - 1) != 0) return SEINE_OK;
    name += sizeof SILVER - 1;
    *own = seine_dataset_ais();
    if (strcmp(name, (*own)->name) == 0) return SEINE_OK;
    const seine_status status = seine_lake_dataset(rows->catalog, name, &rows->arena, own, error);
    if (status != SEINE_E_NOT_FOUND) return status;
    *own = NULL; /* silver.ais_segments, or a table of somebody else */
    return SEINE_OK;
}

/* ---- its files ---- */

static int compare_files(const void *a, const void *b, void *context) {
    const size_t part = *(const size_t *)context;
    const seine_live_file *const *x = a, *const *y = b;
    const int32_t i = (*x)->file.partition[part].value, j = (*y)->file.partition[part].value;
    return i != j ? (i > j) - (i < j) : strcmp((*x)->file.path, (*y)->file.path);
}

/* Whether times of the range may be in this part: a day, or a month. */
static bool may_hold(const seine_ordered_rows *rows, int32_t part) {
    const bool is_month = rows->schema->partition[rows->part].transform == SEINE_TRANSFORM_MONTH;
    const seine_table_choice *choice = &rows->choice;
    int32_t first = INT32_MIN, last = INT32_MAX;
    if (choice->from_us != INT64_MIN) first = seine_time_day(choice->from_us);
    if (choice->to_us != INT64_MAX) last = seine_time_day(choice->to_us);
    if (is_month && first != INT32_MIN) first = seine_month_of_day(first);
    if (is_month && last != INT32_MAX) last = seine_month_of_day(last);
    return part >= first && part <= last;
}

static seine_status choose_files(seine_ordered_rows *rows, seine_error *error) {
    const seine_live_file *files = NULL;
    size_t count = 0;
    SEINE_TRY(seine_table_files(rows->table, &files, &count, error));
    rows->files = SEINE_ARENA_ARRAY(&rows->arena, const seine_live_file *, count);
    if (rows->files == NULL) return seine_no_memory(error, rows->choice.table);
    for (size_t i = 0; i < count; i++) {
        const seine_partition_value part = files[i].file.partition[rows->part];
        if (part.is_null)
            return seine_fail(error, SEINE_E_UNSUPPORTED, "%s has rows without a %s, which have no place in its order",
                              rows->choice.table, rows->schema->columns[rows->time].name);
        if (!may_hold(rows, part.value)) continue;
        rows->files[rows->file_count++] = &files[i];
        rows->total += (uint64_t)files[i].file.rows;
    }
    qsort_r(rows->files, rows->file_count, sizeof *rows->files, compare_files, &rows->part);
    return SEINE_OK;
}

/* ---- the query of a part ---- */

static seine_status put_where(const seine_ordered_rows *rows, seine_buf *sql) {
    const seine_table_choice *choice = &rows->choice;
    const int64_t limits[] = {choice->from_us, choice->to_us};
    const char *word = "WHERE";
    for (size_t i = 0; i < 2; i++) {
        char text[40];
        if (limits[i] == INT64_MIN || limits[i] == INT64_MAX) continue;
        (void)seine_time_format(limits[i], text);
        SEINE_TRY(seine_buf_printf(sql, " %s ", word));
        SEINE_TRY(seine_sql_name(sql, rows->schema->columns[rows->time].name));
        SEINE_TRY(seine_buf_printf(sql, " %s CAST('%s' AS TIMESTAMPTZ)", i == 0 ? ">=" : "<", text));
        word = "AND";
    }
    return SEINE_OK;
}

static seine_status put_column(const seine_ordered_rows *rows, size_t column, const char *before, seine_buf *sql) {
    SEINE_TRY(seine_buf_append_str(sql, before));
    return seine_sql_name(sql, rows->schema->columns[column].name);
}

/* The fields, then time and key again, whether they are among them or not. */
static seine_status put_query(seine_ordered_rows *rows, const char *const *paths, size_t count, seine_buf *sql) {
    for (size_t i = 0; i < rows->shape.count; i++)
        SEINE_TRY(put_column(rows, rows->shape.fields[i].column, i == 0 ? "SELECT " : ", ", sql));
    SEINE_TRY(put_column(rows, rows->time, ", ", sql));
    rows->time_field = rows->shape.count;
    rows->key_field = rows->shape.count + 1;
    if (rows->key != SIZE_MAX) SEINE_TRY(put_column(rows, rows->key, ", ", sql));
    SEINE_TRY(seine_buf_append_str(sql, " FROM "));
    SEINE_TRY(seine_sql_source(sql, rows->schema, paths, count));
    SEINE_TRY(put_where(rows, sql));
    SEINE_TRY(put_column(rows, rows->time, " ORDER BY ", sql));
    return rows->id != SIZE_MAX ? put_column(rows, rows->id, ", ", sql) : SEINE_OK;
}

/* The files of the next part. *more: there was one. */
static seine_status begin_part(seine_ordered_rows *rows, bool *more, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const size_t first = rows->file;
    *more = first < rows->file_count;
    if (!*more) return SEINE_OK;
    const char **paths = SEINE_ARENA_ARRAY(&arena, const char *, rows->file_count - first);
    if (paths == NULL) return seine_no_memory(error, rows->choice.table);
    const int32_t part = rows->files[first]->file.partition[rows->part].value;
    while (rows->file < rows->file_count && rows->files[rows->file]->file.partition[rows->part].value == part) {
        paths[rows->file - first] = rows->files[rows->file]->file.path;
        rows->file++;
    }
    seine_buf_clear(&rows->text);
    const seine_status status = put_query(rows, paths, rows->file - first, &rows->text);
    const char *sql = status == SEINE_OK ? seine_buf_text(&rows->text) : NULL;
    if (sql == NULL) return seine_fail(error, SEINE_E_LIMIT, "%s: too many files", rows->choice.table);
    return seine_query_start(rows->engine, sql, NULL, 0, &rows->query, error);
}

/* ---- opening ---- */

static seine_status open_engine(seine_ordered_rows *rows, seine_error *error) {
    char *folder = NULL, uuid[37];
    SEINE_TRY(seine_file_scratch(NULL, "", &rows->arena, &folder, error));
    SEINE_TRY(seine_uuid4(uuid, error));
    /* The engine makes it when it is needed, and removes it. */
    const seine_engine_options options = {.threads = THREADS,
                                          .memory_bytes = MEMORY_BYTES,
                                          .temp_folder =
                                              seine_arena_printf(&rows->arena, "%s/produce-%s", folder, uuid)};
    if (options.temp_folder == NULL) return seine_no_memory(error, rows->choice.table);
    SEINE_TRY(seine_engine_open(&options, &rows->engine, error));
    return seine_watch_begin(rows->engine, rows->choice.progress, &rows->watch, error);
}

static seine_status open_table(seine_ordered_rows *rows, seine_error *error) {
    const seine_dataset *own = NULL;
    SEINE_TRY(seine_catalog_open(rows->choice.lake, &rows->catalog, error));
    SEINE_TRY(seine_table_load(rows->catalog, rows->choice.table, (seine_at){0}, &rows->table, error));
    rows->schema = seine_table_schema_of(rows->table);
    SEINE_TRY(find_columns(rows, error));
    SEINE_TRY(find_dataset(rows, &own, error));
    SEINE_TRY(seine_record_shape_of(rows->schema, own, rows->choice.dataset, &rows->shape, error));
    return choose_files(rows, error);
}

seine_status seine_ordered_rows_open(const seine_table_choice *choice, seine_ordered_rows **out, seine_error *error) {
    seine_ordered_rows *rows SEINE_OWNED(seine_ordered_rows_close_owned) = calloc(1, sizeof *rows);
    if (rows == NULL) return seine_no_memory(error, choice->table);
    rows->choice = *choice;
    seine_buf_init(&rows->text, SQL_BYTES_MAX);
    seine_buf_init(&rows->value, SEINE_SOURCE_ROW_BYTES);
    SEINE_TRY(open_table(rows, error));
    SEINE_TRY(open_engine(rows, error));
    *out = SEINE_TAKE(rows);
    return SEINE_OK;
}

void seine_ordered_rows_close(seine_ordered_rows *rows) {
    if (rows == NULL) return;
    seine_watch_end(rows->watch);
    seine_query_end_owned(&rows->query);
    seine_engine_close_owned(&rows->engine);
    seine_table_close_owned(&rows->table);
    seine_catalog_close_owned(&rows->catalog);
    seine_buf_free(&rows->value);
    seine_buf_free(&rows->text);
    seine_arena_free(&rows->arena);
    free(rows);
}

/* ---- rows ---- */

/* A batch with rows. *more: there was one. */
static seine_status read_batch(seine_ordered_rows *rows, bool *more, seine_error *error) {
    *more = true;
    while (rows->at >= rows->batch.count) {
        rows->batch.count = rows->at = 0;
        if (rows->query == NULL) SEINE_TRY(begin_part(rows, more, error));
        if (!*more) return SEINE_OK;
        SEINE_TRY(seine_query_next(rows->query, &rows->batch, error));
        if (rows->batch.count > 0) continue;
        seine_query_end(rows->query);
        rows->query = NULL;
    }
    return SEINE_OK;
}

seine_status seine_ordered_rows_next(seine_ordered_rows *rows, seine_source_row *row, seine_error *error) {
    bool more = false;
    size_t at;
    *row = (seine_source_row){.number = 0};
    SEINE_TRY(read_batch(rows, &more, error));
    if (!more) return SEINE_OK;
    const size_t i = rows->at++;
    const seine_vec *time = &rows->batch.columns[rows->time_field];
    seine_buf_clear(&rows->value);
    if (seine_record_shape_put(&rows->shape, &rows->batch, i, &rows->value) != SEINE_OK)
        return seine_no_memory(error, rows->choice.table);
    row->value = seine_buf_str(&rows->value);
    row->number = ++rows->given;
    if (seine_vec_at(time, i, &at)) row->time_us = ((const int64_t *)time->values)[at];
    if (rows->key == SIZE_MAX) return SEINE_OK;
    const seine_vec *key = &rows->batch.columns[rows->key_field];
    if (seine_vec_at(key, i, &at)) row->key = ((const seine_str *)key->values)[at];
    return SEINE_OK;
}

void seine_ordered_rows_position(const seine_ordered_rows *rows, uint64_t *done, uint64_t *total) {
    *done = rows->given;
    *total = rows->total;
}
