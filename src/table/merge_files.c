#include "table/merge_files.h"

#include "base/try.h"
#include "parquet/row_group.h"
#include "table/new_file.h"
#include "table/scan.h"

#define GROUP_BYTES ((size_t)8 << 20) /* texts of a row group: larger pages are read by the engine only, slowly */

size_t seine_merged_files(const int64_t *rows, size_t count, int64_t batch_rows) {
    size_t merged = 0;
    if (batch_rows >= SEINE_MERGED_ROWS) return 0;
    for (int64_t newer = batch_rows; merged < count; merged++) {
        const int64_t next = rows[count - 1 - merged];
        if (next > 2 * newer || next >= SEINE_MERGED_ROWS) break;
        newer += next;
    }
    return merged + 1 >= SEINE_MERGED_FILES_MIN ? merged : 0;
}

typedef struct merging {
    seine_new_file made;
    seine_row_group group;
} merging;

static seine_status take_rows(void *context, const seine_rows *rows, seine_error *error) {
    merging *m = context;
    for (size_t first = 0; first < rows->count;) {
        if (seine_row_group_take(&m->group, rows, &first) != SEINE_OK) return seine_no_memory(error, "merging files");
        if (seine_row_group_is_full(&m->group) || m->group.texts.bytes >= GROUP_BYTES)
            SEINE_TRY(seine_row_group_write(&m->group, m->made.writer, error));
    }
    return SEINE_OK;
}

static seine_status write_rows(merging *m, const seine_scan *scan, seine_error *error) {
    if (seine_row_group_make(&m->group, scan->schema->columns, scan->schema->column_count) != SEINE_OK)
        return seine_no_memory(error, "merging files");
    SEINE_TRY(seine_scan_run(scan, take_rows, m, error));
    return seine_row_group_write(&m->group, m->made.writer, error);
}

seine_status seine_merge_files(seine_engine *engine, const seine_table *table, const seine_table_schema *schema,
                               const char *const *paths, size_t count, const seine_partition_value *partition,
                               seine_arena *arena, seine_data_file *file, seine_error *error) {
    merging m = {.made.writer = NULL};
    seine_error why = {SEINE_OK, ""};
    size_t *columns = SEINE_ARENA_ARRAY(arena, size_t, schema->column_count);
    if (columns == NULL) return seine_no_memory(error, "merging files");
    for (size_t c = 0; c < schema->column_count; c++) columns[c] = c;
    const seine_scan scan = {.engine = engine,
                             .schema = schema,
                             .columns = columns,
                             .column_count = schema->column_count,
                             .files = paths,
                             .file_count = count};
    SEINE_TRY(seine_new_file_open(table, schema, partition, NULL, arena, &m.made, error));
    seine_status status = write_rows(&m, &scan, &why);
    seine_row_group_free(&m.group);
    *file = (seine_data_file){0};
    status = seine_new_file_end(&m.made, status, arena, file, &why);
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "%s", why.text);
}
