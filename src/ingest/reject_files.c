/* Refused rows become files of a table of their own: each file holds rows of one source, so taking a source out means
 * taking its files out. */
#include "ingest/reject_files.h"

#include "base/array.h"
#include "base/time.h"
#include "base/try.h"
#include "parquet/writer.h"
#include "table/merge_files.h"
#include "table/scan.h"

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
    files->merged_count = 0;
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

typedef struct first_row {
    const seine_source *source;
    bool is_of;
} first_row;

static seine_status look_at_first(void *context, const seine_rows *rows, seine_error *error) {
    first_row *first = context;
    (void)error;
    first->is_of =
        seine_str_equal(((const seine_str *)rows->columns[0].values)[0], seine_str_of(first->source->name)) &&
        ((const int64_t *)rows->columns[1].values)[0] == first->source->ingested_at_us;
    return SEINE_OK;
}

static seine_status file_is_of(seine_engine *engine, const seine_table *rejects, const char *path,
                               const seine_source *source, bool *is, seine_error *error) {
    const size_t columns[] = {COLUMN_FILE, COLUMN_INGESTED};
    first_row first = {.source = source};
    const seine_scan scan = {.engine = engine,
                             .schema = seine_table_schema_of(rejects),
                             .columns = columns,
                             .column_count = 2,
                             .files = &path,
                             .file_count = 1};
    SEINE_TRY(seine_scan_first(&scan, look_at_first, &first, error));
    *is = first.is_of;
    return SEINE_OK;
}

/* By what the table says of it; of a text only its first letters are there. */
static bool may_be_of(const seine_data_file *file, const seine_source *source) {
    int64_t least = source->ingested_at_us, most;
    if (file->partition[0].value != seine_time_day(source->ingested_at_us)) return false;
    if (file->stats == NULL) return true;
    const seine_column_stats *name = &file->stats[COLUMN_FILE];
    (void)seine_stats_range(&file->stats[COLUMN_INGESTED], &least, &most);
    return least == source->ingested_at_us &&
           (!name->has_bounds || strncmp((const char *)name->lower, source->name, name->lower_size) == 0);
}

/* Live files that may be of a source, and rows in each; with room for @p more. */
static seine_status find_files(seine_table *rejects, const seine_source *source, size_t more, seine_arena *arena,
                               const char ***paths, int64_t **rows, size_t *count, seine_error *error) {
    const seine_live_file *files;
    size_t file_count;
    *count = 0;
    SEINE_TRY(seine_table_files(rejects, &files, &file_count, error));
    *paths = SEINE_ARENA_ARRAY(arena, const char *, file_count + more);
    *rows = SEINE_ARENA_ARRAY(arena, int64_t, file_count + 1);
    if (*paths == NULL || *rows == NULL) return seine_no_memory(error, source->name);
    for (size_t f = 0; f < file_count; f++) {
        if (!may_be_of(&files[f].file, source)) continue;
        (*paths)[*count] = seine_arena_copy(arena, files[f].file.path, strlen(files[f].file.path));
        if ((*paths)[*count] == NULL) return seine_no_memory(error, source->name);
        (*rows)[(*count)++] = files[f].file.rows;
    }
    return SEINE_OK;
}

/* Leaves those that are. */
static seine_status sift_files(seine_engine *engine, const seine_table *rejects, const seine_source *source,
                               const char **paths, int64_t *rows, size_t *count, seine_error *error) {
    size_t kept = 0;
    for (size_t f = 0; f < *count; f++) {
        bool is = false;
        SEINE_TRY(file_is_of(engine, rejects, paths[f], source, &is, error));
        if (!is) continue;
        rows[kept] = rows[f];
        paths[kept++] = paths[f];
    }
    *count = kept;
    return SEINE_OK;
}

seine_status seine_reject_files_find(seine_engine *engine, seine_table *rejects, const seine_source *source,
                                     seine_arena *arena, const char ***paths, size_t *count, seine_error *error) {
    int64_t *rows = NULL;
    SEINE_TRY(find_files(rejects, source, 0, arena, paths, &rows, count, error));
    return sift_files(engine, rejects, source, *paths, rows, count, error);
}

/* ---- merging them ---- */

/* The largest comes first, for the names of files do not tell their age. */
static void order_by_rows(const char **paths, int64_t *rows, size_t count) {
    for (size_t i = 1; i < count; i++) {
        const int64_t row_count = rows[i];
        const char *path = paths[i];
        size_t at = i;
        for (; at > 0 && rows[at - 1] < row_count; at--) {
            rows[at] = rows[at - 1];
            paths[at] = paths[at - 1];
        }
        rows[at] = row_count;
        paths[at] = path;
    }
}

static seine_status remember_merged(seine_reject_files *files, const char *const *paths, size_t count) {
    SEINE_TRY(
        SEINE_ARENA_ROOM(&files->arena, files->merged, files->merged_count, files->merged_capacity, count, FILES_MAX));
    memcpy(files->merged + files->merged_count, paths, count * sizeof *paths);
    files->merged_count += count;
    return SEINE_OK;
}

/* @p paths: the table's, then those that wait, which go. */
static seine_status swap_files(seine_reject_files *files, seine_engine *engine, const seine_table *rejects,
                               const char **paths, size_t merged, size_t from, seine_error *error) {
    seine_data_file made;
    const size_t waiting = files->count - from;
    for (size_t f = 0; f < waiting; f++) paths[merged + f] = files->items[from + f].path;
    SEINE_TRY(seine_reject_files_sync(files, error)); /* or there is nothing under their names */
    SEINE_TRY(seine_merge_files(engine, rejects, seine_table_schema_of(rejects), paths, merged + waiting,
                                files->items[from].partition, &files->arena, &made, error));
    seine_reject_files_drop(files, from);
    files->items[files->count++] = made;
    return remember_merged(files, paths, merged) == SEINE_OK ? SEINE_OK : seine_no_memory(error, "merging rejects");
}

seine_status seine_reject_files_merge(seine_reject_files *files, seine_catalog *catalog, seine_engine *engine,
                                      const seine_source *source, size_t from, seine_error *error) {
    seine_table *table SEINE_OWNED(seine_table_close_owned) = NULL;
    const char **paths = NULL;
    int64_t *rows = NULL, written = 0;
    size_t count = 0;
    char *name = seine_arena_printf(&files->arena, "silver.%s_rejects", source->dataset);
    if (name == NULL) return seine_no_memory(error, source->name);
    for (size_t f = from; f < files->count; f++) written += files->items[f].rows;
    SEINE_TRY(seine_table_load(catalog, name, (seine_at){0}, &table, error));
    SEINE_TRY(find_files(table, source, files->count - from, &files->arena, &paths, &rows, &count, error));
    order_by_rows(paths, rows, count);
    if (seine_merged_files(rows, count, written) == 0) return SEINE_OK;
    SEINE_TRY(sift_files(engine, table, source, paths, rows, &count, error));
    const size_t merged = seine_merged_files(rows, count, written);
    return merged == 0 ? SEINE_OK : swap_files(files, engine, table, paths + (count - merged), merged, from, error);
}
