/*
 * One Parquet file: magic, row groups column by column as they come, page indexes, footer. Only the footer's facts are
 * kept between row groups.
 */
#include "parquet/writer.h"

#include "base/array.h"
#include "base/try.h"
#include "parquet/footer.h"

#include <stdlib.h>

#define GROUPS_MAX ((size_t)1 << 20)
#define PAGE_MAX ((size_t)1 << 30) /* page sizes are int32 in the format */

struct seine_parquet_writer {
    const seine_table_schema *schema;
    char *path;
    seine_arena arena;
    seine_parquet_sink sink;
    seine_parquet_group *groups;
    size_t group_count, group_capacity;
    bool failed;
    const seine_parquet_extra *extra; /* NULL = none */
    seine_file_batch *batch;          /* NULL = durable at once */
};

static void writer_free(seine_parquet_writer *writer) {
    if (writer == NULL) return;
    seine_file_writer_abort(writer->sink.file);
    seine_zstd_free(writer->sink.zstd);
    seine_parquet_scratch_free(&writer->sink.scratch);
    seine_buf_free(&writer->sink.raw);
    seine_buf_free(&writer->sink.packed);
    seine_buf_free(&writer->sink.header);
    seine_buf_free(&writer->sink.distinct);
    seine_buf_free(&writer->sink.stamps);
    seine_arena_free(&writer->arena);
    free(writer->groups);
    free(writer);
}
SEINE_OWNED_POINTER(seine_parquet_writer, writer_free);

seine_status seine_parquet_open(const char *path, const seine_table_schema *schema, seine_parquet_writer **writer,
                                seine_error *error) {
    *writer = NULL;
    seine_parquet_writer *w SEINE_OWNED(writer_free_owned) = calloc(1, sizeof *w);
    if (w == NULL) return seine_no_memory(error, path);
    w->schema = schema;
    w->sink.arena = &w->arena;
    seine_parquet_scratch_init(&w->sink.scratch);
    seine_buf_init(&w->sink.raw, PAGE_MAX);
    seine_buf_init(&w->sink.packed, PAGE_MAX);
    seine_buf_init(&w->sink.header, PAGE_MAX);
    seine_buf_init(&w->sink.distinct, PAGE_MAX);
    seine_buf_init(&w->sink.stamps, PAGE_MAX);
    w->sink.zstd = seine_zstd_new(SEINE_ZSTD_LEVEL);
    if (w->sink.zstd == NULL) return seine_no_memory(error, path);
    SEINE_TRY(seine_file_absolute(path, &w->arena, &w->path, error));
    SEINE_TRY(seine_file_writer_open(w->path, &w->sink.file, error));
    SEINE_TRY(seine_file_writer_append(w->sink.file, "PAR1", 4, error));
    *writer = SEINE_TAKE(w);
    return SEINE_OK;
}

static seine_status add_group(seine_parquet_writer *writer, size_t rows, seine_parquet_group **group) {
    SEINE_TRY(SEINE_ARRAY_ROOM(writer->groups, writer->group_count, writer->group_capacity, 1, GROUPS_MAX));
    *group = &writer->groups[writer->group_count++];
    **group =
        (seine_parquet_group){.rows = (int64_t)rows, .offset = (int64_t)seine_file_writer_size(writer->sink.file)};
    (*group)->chunks = SEINE_ARENA_ARRAY(&writer->arena, seine_parquet_chunk, writer->schema->column_count);
    return (*group)->chunks != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

static seine_status check_rows(const seine_parquet_writer *writer, const seine_rows *rows, seine_error *error) {
    if (writer->failed) return seine_fail(error, SEINE_E_INTERNAL, "%s: a write failed before", writer->path);
    if (rows->count == 0 || rows->count > SEINE_ROW_GROUP_ROWS)
        return seine_fail(error, SEINE_E_INTERNAL, "%s: row group of %zu rows, allowed are 1 to %d", writer->path,
                          rows->count, SEINE_ROW_GROUP_ROWS);
    if (rows->column_count != writer->schema->column_count)
        return seine_fail(error, SEINE_E_INTERNAL, "%s: %zu columns given for the %zu of %s", writer->path,
                          rows->column_count, writer->schema->column_count, writer->schema->name);
    return SEINE_OK;
}

seine_status seine_parquet_write(seine_parquet_writer *writer, const seine_rows *rows, seine_error *error) {
    SEINE_TRY(check_rows(writer, rows, error));
    seine_parquet_group *group = NULL;
    seine_status status = add_group(writer, rows->count, &group);
    if (status != SEINE_OK) status = seine_fail(error, status, "%s: out of memory", writer->path);
    for (size_t i = 0; status == SEINE_OK && i < rows->column_count; i++)
        status = seine_parquet_column_write(&writer->sink, &writer->schema->columns[i], &rows->columns[i], rows->count,
                                            &group->chunks[i], error);
    writer->failed = status != SEINE_OK;
    return status;
}

/* ---- what Iceberg wants to know ---- */

static void column_stats(const seine_parquet_writer *writer, size_t column, seine_column_stats *stats) {
    const seine_type type = writer->schema->columns[column].type;
    seine_bounds bounds = {.any = false};
    *stats = (seine_column_stats){.size_bytes = 0};
    for (size_t i = 0; i < writer->group_count; i++) {
        const seine_parquet_chunk *chunk = &writer->groups[i].chunks[column];
        stats->size_bytes += chunk->size_bytes;
        stats->value_count += chunk->rows;
        stats->null_count += chunk->null_count;
        seine_bounds_merge(type, &bounds, &chunk->bounds);
    }
    stats->has_bounds = bounds.any && !bounds.unknown && !bounds.upper_open;
    if (!stats->has_bounds) return;
    memcpy(stats->lower, bounds.lower.bytes, bounds.lower.size);
    memcpy(stats->upper, bounds.upper.bytes, bounds.upper.size);
    stats->lower_size = bounds.lower.size;
    stats->upper_size = bounds.upper.size;
}

static seine_status fill(const seine_parquet_writer *writer, seine_arena *arena, seine_data_file *file) {
    const size_t column_count = writer->schema->column_count;
    *file = (seine_data_file){.is_sorted = writer->schema->sort_ids[0] != 0};
    file->path = seine_arena_copy(arena, writer->path, strlen(writer->path));
    int64_t *offsets = SEINE_ARENA_ARRAY(arena, int64_t, writer->group_count);
    seine_column_stats *stats = SEINE_ARENA_ARRAY(arena, seine_column_stats, column_count);
    if (file->path == NULL || offsets == NULL || stats == NULL) return SEINE_E_NOMEM;
    file->size_bytes = (int64_t)seine_file_writer_size(writer->sink.file);
    file->checksum = seine_file_writer_checksum(writer->sink.file);
    file->has_checksum = true;
    for (size_t i = 0; i < writer->group_count; i++) {
        offsets[i] = writer->groups[i].offset;
        file->rows += writer->groups[i].rows;
    }
    for (size_t i = 0; i < column_count; i++) column_stats(writer, i, &stats[i]);
    file->split_offsets = offsets;
    file->split_count = writer->group_count;
    file->stats = stats;
    return SEINE_OK;
}

seine_status seine_parquet_finish(seine_parquet_writer *writer, seine_arena *arena, seine_data_file *file,
                                  seine_error *error) {
    seine_parquet_writer *w SEINE_OWNED(writer_free_owned) = writer;
    if (w->failed) return seine_fail(error, SEINE_E_INTERNAL, "%s: a write failed before", w->path);
    SEINE_TRY(seine_parquet_footer_write(w->sink.file, w->schema, w->extra, w->groups, w->group_count, error));
    if (fill(w, arena, file) != SEINE_OK) return seine_no_memory(error, w->path);
    return seine_file_batch_commit(w->batch, SEINE_TAKE(w->sink.file), SEINE_FILE_REPLACE, error);
}

void seine_parquet_extend(seine_parquet_writer *writer, const seine_parquet_extra *extra) { writer->extra = extra; }

void seine_parquet_defer(seine_parquet_writer *writer, seine_file_batch *batch) { writer->batch = batch; }

void seine_parquet_pack(seine_parquet_writer *writer, int level) { seine_zstd_pack(writer->sink.zstd, level); }

void seine_parquet_leave_unpacked(seine_parquet_writer *writer) {
    seine_zstd_free(writer->sink.zstd);
    writer->sink.zstd = NULL;
}

void seine_parquet_abort(seine_parquet_writer *writer) { writer_free(writer); }
