#include "table/new_file.h"

seine_status seine_new_file_open(const seine_table *table, const seine_table_schema *schema,
                                 const seine_partition_value *partition, seine_file_batch *batch, seine_arena *arena,
                                 seine_new_file *file, seine_error *error) {
    char *path = NULL;
    *file = (seine_new_file){0};
    memcpy(file->partition, partition, sizeof file->partition);
    seine_status status = seine_table_new_file(table, partition, arena, &path, error);
    if (status == SEINE_OK) status = seine_parquet_open(path, schema, &file->writer, error);
    if (status == SEINE_OK) seine_parquet_defer(file->writer, batch);
    return status;
}

seine_status seine_new_file_end(seine_new_file *file, seine_status status, seine_arena *arena, seine_data_file *done,
                                seine_error *error) {
    seine_parquet_writer *writer = file->writer;
    file->writer = NULL;
    if (status != SEINE_OK || writer == NULL) {
        seine_parquet_abort(writer);
        return status;
    }
    status = seine_parquet_finish(writer, arena, done, error);
    if (status == SEINE_OK) memcpy(done->partition, file->partition, sizeof done->partition);
    return status;
}
