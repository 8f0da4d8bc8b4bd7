#include "ingest/raw_text.h"

#include "base/try.h"
#include "io/file.h"
#include "table/scan.h"

static seine_status put_lines(void *context, const seine_rows *rows, seine_error *error) {
    seine_file_writer *writer = context;
    const seine_str *payloads = rows->columns[0].values;
    for (size_t i = 0; i < rows->count; i++) {
        SEINE_TRY(seine_file_writer_append(writer, payloads[i].data, payloads[i].size, error));
        SEINE_TRY(seine_file_writer_append(writer, "\n", 1, error));
    }
    return SEINE_OK;
}

seine_status seine_raw_text_make(seine_engine *engine, const seine_table_schema *raw, const char *path, const char *to,
                                 seine_error *error) {
    const size_t columns[] = {SEINE_RAW_PAYLOAD};
    seine_file_writer *writer SEINE_OWNED(seine_file_writer_abort_owned) = NULL;
    SEINE_TRY(seine_file_writer_open(to, &writer, error));
    const seine_scan scan = {
        .engine = engine, .schema = raw, .columns = columns, .column_count = 1, .files = &path, .file_count = 1};
    const seine_status status = seine_scan_run(&scan, put_lines, writer, error);
    if (status != SEINE_OK) return status;
    return seine_file_writer_commit(SEINE_TAKE(writer), SEINE_FILE_REPLACE, error);
}
