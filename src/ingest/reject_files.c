/* Refused rows become files of a table of their own: each file holds rows of one source, so taking a source out means
 * taking its files out. */
#include "ingest/reject_files.h"

#include "base/array.h"
#include "base/time.h"
#include "base/try.h"
#include "parquet/writer.h"

#include <stdlib.h>

enum { COLUMN_FILE, COLUMN_ROW, COLUMN_REASON, COLUMN_RAW, COLUMN_INGESTED, COLUMNS };
#define FILES_MAX ((size_t)1 << 24)

/* Rows of one row group. */
typedef struct reject_rows {
    int64_t *row;
    uint8_t *has_row, *has_raw;
    seine_str *reason, *raw;
    size_t count;
} reject_rows;

static bool make_rows(reject_rows *rows, seine_arena *arena, size_t count) {
    rows->row = SEINE_ARENA_ARRAY(arena, int64_t, count);
    rows->has_row = SEINE_ARENA_ARRAY(arena, uint8_t, count);
    rows->has_raw = SEINE_ARENA_ARRAY(arena, uint8_t, count);
    rows->reason = SEINE_ARENA_ARRAY(arena, seine_str, count);
    rows->raw = SEINE_ARENA_ARRAY(arena, seine_str, count);
    return rows->row != NULL && rows->has_row != NULL && rows->has_raw != NULL && rows->reason != NULL &&
           rows->raw != NULL;
}

static seine_status write_group(seine_parquet_writer *writer, reject_rows *rows, const seine_source *source,
                                seine_error *error) {
    const seine_str name = seine_str_of(source->name);
    seine_vec columns[COLUMNS] = {
        [COLUMN_FILE] = {.type = SEINE_TYPE_STRING, .kind = SEINE_VEC_CONSTANT, .values = &name},
        [COLUMN_ROW] = {.type = SEINE_TYPE_LONG, .values = rows->row, .valid = rows->has_row},
        [COLUMN_REASON] = {.type = SEINE_TYPE_STRING, .values = rows->reason},
        [COLUMN_RAW] = {.type = SEINE_TYPE_STRING, .values = rows->raw, .valid = rows->has_raw},
        [COLUMN_INGESTED] = {
            .type = SEINE_TYPE_TIMESTAMPTZ, .kind = SEINE_VEC_CONSTANT, .values = &source->ingested_at_us}};
    const seine_status status = seine_parquet_write(writer, &(seine_rows){rows->count, COLUMNS, columns}, error);
    rows->count = 0;
    return status;
}

static seine_status write_blocks(seine_parquet_writer *writer, reject_rows *rows, const seine_source *source,
                                 const seine_parsed_block *blocks, size_t count, seine_error *error) {
    for (size_t b = 0; b < count; b++) {
        const seine_fix_batch *batch = &blocks[b].batch;
        const char *text = (const char *)batch->text.data;
        for (size_t i = 0; i < batch->reject_count; i++) {
            const seine_reject *reject = &batch->rejects[i];
            rows->row[rows->count] = (int64_t)(blocks[b].first_row + reject->row);
            rows->has_row[rows->count] = rows->has_raw[rows->count] = 1;
            rows->reason[rows->count] = (seine_str){text + reject->reason, reject->reason_size};
            rows->raw[rows->count++] = (seine_str){text + reject->raw, reject->raw_size};
            if (rows->count == SEINE_ROW_GROUP_ROWS) SEINE_TRY(write_group(writer, rows, source, error));
        }
    }
    return rows->count > 0 ? write_group(writer, rows, source, error) : SEINE_OK;
}

/* A whole file that was refused is one row without number or text. */
static seine_status write_refused_file(seine_parquet_writer *writer, reject_rows *rows, const seine_source *source,
                                       seine_error *error) {
    rows->row[0] = 0;
    rows->has_row[0] = rows->has_raw[0] = 0;
    rows->reason[0] = seine_str_of(source->reason);
    rows->raw[0] = (seine_str){"", 0};
    rows->count = 1;
    return write_group(writer, rows, source, error);
}

static seine_status open_file(seine_reject_files *files, seine_catalog *catalog, const seine_source *source,
                              seine_table **table, seine_parquet_writer **writer, seine_partition_value *partition,
                              seine_error *error) {
    char *path = NULL, *name = seine_arena_printf(&files->arena, "silver.%s_rejects", source->dataset);
    if (name == NULL) return seine_no_memory(error, source->name);
    *partition = (seine_partition_value){.value = seine_time_day(source->ingested_at_us)};
    SEINE_TRY(seine_table_load(catalog, name, (seine_at){0}, table, error));
    SEINE_TRY(seine_table_new_file(*table, partition, &files->arena, &path, error));
    if (files->batch == NULL) files->batch = seine_file_batch_new();
    if (files->batch == NULL) return seine_no_memory(error, source->name);
    SEINE_TRY(seine_parquet_open(path, seine_table_schema_of(*table), writer, error));
    seine_parquet_defer(*writer, files->batch);
    return SEINE_OK;
}

seine_status seine_reject_files_write(seine_reject_files *files, seine_catalog *catalog, const seine_source *source,
                                      const seine_parsed_block *blocks, size_t count, seine_error *error) {
    size_t total = 0;
    for (size_t b = 0; b < count; b++) total += blocks[b].batch.reject_count;
    if (total == 0 && source->state != SEINE_SOURCE_QUARANTINED) return SEINE_OK;
    if (SEINE_ARRAY_ROOM(files->items, files->count, files->capacity, 1, FILES_MAX) != SEINE_OK)
        return seine_no_memory(error, source->name);
    seine_arena memory SEINE_OWNED(seine_arena_free) = {0};
    seine_table *table SEINE_OWNED(seine_table_close_owned) = NULL;
    seine_parquet_writer *writer SEINE_OWNED(seine_parquet_abort_owned) = NULL;
    reject_rows rows = {0};
    seine_partition_value partition;
    seine_data_file *file = &files->items[files->count];
    const size_t most = total < SEINE_ROW_GROUP_ROWS ? total + 1 : SEINE_ROW_GROUP_ROWS;
    if (!make_rows(&rows, &memory, most)) return seine_no_memory(error, source->name);
    SEINE_TRY(open_file(files, catalog, source, &table, &writer, &partition, error));
    SEINE_TRY(total > 0 ? write_blocks(writer, &rows, source, blocks, count, error)
                        : write_refused_file(writer, &rows, source, error));
    *file = (seine_data_file){0};
    SEINE_TRY(seine_parquet_finish(SEINE_TAKE(writer), &files->arena, file, error));
    file->partition[0] = partition;
    files->count++;
    return SEINE_OK;
}

seine_status seine_reject_files_sync(seine_reject_files *files, seine_error *error) {
    return seine_file_batch_end(files->batch, error);
}

/* What cannot be removed is an orphan. */
void seine_reject_files_drop(seine_reject_files *files, size_t from) {
    while (files->count > from)
        seine_best_effort(seine_file_batch_remove(files->batch, files->items[--files->count].path, NULL));
}

void seine_reject_files_committed(seine_reject_files *files, size_t count) {
    if (count > 0) memmove(files->items, files->items + count, (files->count - count) * sizeof *files->items);
    files->count -= count;
}

void seine_reject_files_free(seine_reject_files *files) {
    seine_reject_files_drop(files, 0);
    seine_file_batch_free(files->batch);
    free(files->items);
    seine_arena_free(&files->arena);
    *files = (seine_reject_files){0};
}

/* ---- finding them again ---- */

static seine_status file_is_of(seine_engine *engine, const seine_table *rejects, const char *path,
                               const seine_source *source, bool *is, seine_error *error) {
    const size_t columns[] = {COLUMN_FILE, COLUMN_INGESTED};
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    seine_rows rows = {0};
    SEINE_TRY(seine_scan_start(engine, seine_table_schema_of(rejects), columns, 2, &path, 1, NULL, &query, error));
    SEINE_TRY(seine_query_next(query, &rows, error));
    *is = rows.count > 0 &&
          seine_str_equal(((const seine_str *)rows.columns[0].values)[0], seine_str_of(source->name)) &&
          ((const int64_t *)rows.columns[1].values)[0] == source->ingested_at_us;
    return SEINE_OK;
}

seine_status seine_reject_files_find(seine_engine *engine, seine_table *rejects, const seine_source *source,
                                     seine_arena *arena, const char ***paths, size_t *count, seine_error *error) {
    const seine_live_file *files;
    size_t file_count;
    *count = 0;
    SEINE_TRY(seine_table_files(rejects, &files, &file_count, error));
    *paths = SEINE_ARENA_ARRAY(arena, const char *, file_count);
    if (*paths == NULL) return seine_no_memory(error, source->name);
    for (size_t f = 0; f < file_count; f++) {
        bool is = false;
        if (files[f].file.partition[0].value != seine_time_day(source->ingested_at_us)) continue;
        SEINE_TRY(file_is_of(engine, rejects, files[f].file.path, source, &is, error));
        if (is) (*paths)[(*count)++] = files[f].file.path;
    }
    return SEINE_OK;
}
