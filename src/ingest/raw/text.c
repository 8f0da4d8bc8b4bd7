/*
 * Objects follow each other, a line each. A file whose first record is no object is an array, because no file may begin
 * with anything else (decode/json_records.h).
 */
#include "ingest/raw/text.h"

#include "base/try.h"
#include "io/file.h"
#include "table/scan.h"

enum { PAYLOAD, BYTES, TOPIC, PARTITION, OFFSET, COLUMNS };

typedef struct making {
    seine_file_writer *writer;
    seine_raw_notes *notes;
    seine_buf line;
    uint64_t rows;
    bool is_array;
} making;

static void end_making(making *m) {
    seine_file_writer_abort_owned(&m->writer);
    seine_buf_free(&m->line);
}

/* Line ends stand between the parts of a value only. */
static seine_status put_line(making *m, seine_str value, seine_error *error) {
    const char *begin = m->rows == 0 ? (m->is_array ? "[" : "") : (m->is_array ? "\n," : "\n");
    seine_buf_clear(&m->line);
    if (seine_buf_append_str(&m->line, begin) != SEINE_OK ||
        seine_buf_append(&m->line, value.data, value.size) != SEINE_OK)
        return seine_no_memory(error, "raw records");
    uint8_t *at = m->line.data + strlen(begin), *end = m->line.data + m->line.size;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) *at = ' ';
    m->rows++;
    return seine_file_writer_append(m->writer, m->line.data, m->line.size, error);
}

static seine_status note_place(making *m, const seine_rows *rows, size_t row, seine_error *error) {
    size_t at, partition, offset;
    if (!seine_vec_at(&rows->columns[TOPIC], row, &at) || !seine_vec_at(&rows->columns[PARTITION], row, &partition) ||
        !seine_vec_at(&rows->columns[OFFSET], row, &offset))
        return SEINE_OK;
    const seine_status status = seine_raw_notes_place(m->notes, ((const seine_str *)rows->columns[TOPIC].values)[at],
                                                      ((const int32_t *)rows->columns[PARTITION].values)[partition],
                                                      ((const int64_t *)rows->columns[OFFSET].values)[offset]);
    return status == SEINE_OK ? SEINE_OK : seine_no_memory(error, "raw records");
}

static seine_status put_lines(void *context, const seine_rows *rows, seine_error *error) {
    making *m = context;
    const seine_vec *payloads = &rows->columns[PAYLOAD], *bytes = &rows->columns[BYTES];
    for (size_t i = 0; i < rows->count; i++) {
        char reason[SEINE_RAW_REASON_BYTES];
        size_t at;
        const bool is_text = seine_vec_at(payloads, i, &at);
        seine_str value = is_text ? ((const seine_str *)payloads->values)[at] : (seine_str){NULL, 0};
        if (is_text && value.data == NULL) value.data = ""; /* empty, which is not nothing */
        const bool is_binary = !is_text && seine_vec_at(bytes, i, &at);
        const bool is_value = seine_raw_is_value(is_binary ? (seine_str){"", 0} : value, !is_binary, reason);
        SEINE_TRY(note_place(m, rows, i, error));
        if (!is_value && seine_raw_notes_fault(m->notes, m->rows + 1, reason, value) != SEINE_OK)
            return seine_no_memory(error, "raw records");
        if (!is_value) value = SEINE_STR("null");
        if (m->rows == 0) m->is_array = seine_str_strip(value).data[0] != '{';
        SEINE_TRY(put_line(m, value, error));
    }
    return SEINE_OK;
}

seine_status seine_raw_text_make(seine_engine *engine, const seine_table_schema *raw, const char *path, const char *to,
                                 seine_raw_notes *notes, seine_error *error) {
    const size_t columns[COLUMNS] = {SEINE_RAW_PAYLOAD, SEINE_RAW_BYTES, SEINE_RAW_TOPIC, SEINE_RAW_PARTITION,
                                     SEINE_RAW_OFFSET};
    making m SEINE_OWNED(end_making) = {.notes = notes};
    seine_buf_init(&m.line, SEINE_PARSE_RECORD_BYTES);
    SEINE_TRY(seine_file_writer_open(to, &m.writer, error));
    const seine_scan scan = {
        .engine = engine, .schema = raw, .columns = columns, .column_count = COLUMNS, .files = &path, .file_count = 1};
    SEINE_TRY(seine_scan_run(&scan, put_lines, &m, error));
    const char *end = m.is_array ? "]\n" : "\n";
    if (m.rows > 0) SEINE_TRY(seine_file_writer_append(m.writer, end, strlen(end), error));
    return seine_file_writer_commit(SEINE_TAKE(m.writer), SEINE_FILE_REPLACE, error);
}
