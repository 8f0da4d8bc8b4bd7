/*
 * Objects follow each other, a line each. A file whose first record is no object is an array, because no file may begin
 * with anything else (decode/json_records.h).
 */
#include "ingest/raw/text.h"

#include "base/try.h"
#include "io/file.h"

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

static seine_status put_record(void *context, const seine_raw_record *record, seine_error *error) {
    making *m = context;
    char reason[SEINE_RAW_REASON_BYTES];
    seine_str value = record->payload;
    const bool is_value = seine_raw_is_value(value, record->is_text || value.data == NULL, reason);
    seine_status status = record->topic.data != NULL ? seine_raw_notes_place(m->notes, record) : SEINE_OK;
    if (status == SEINE_OK && !is_value)
        status = seine_raw_notes_fault(m->notes, m->rows + 1, reason, record->is_text ? value : (seine_str){NULL, 0});
    if (status != SEINE_OK) return seine_no_memory(error, "raw records");
    if (!is_value) value = SEINE_STR("null");
    if (m->rows == 0) m->is_array = seine_str_strip(value).data[0] != '{';
    return put_line(m, value, error);
}

seine_status seine_raw_text_make(seine_engine *engine, const seine_table_schema *raw, const seine_raw_source *source,
                                 const char *to, seine_raw_notes *notes, seine_error *error) {
    making m SEINE_OWNED(end_making) = {.notes = notes};
    seine_buf_init(&m.line, SEINE_PARSE_RECORD_BYTES);
    SEINE_TRY(seine_file_writer_open(to, &m.writer, error));
    SEINE_TRY(seine_raw_read(engine, raw, source, put_record, &m, error));
    const char *end = m.is_array ? "]\n" : "\n";
    if (m.rows > 0) SEINE_TRY(seine_file_writer_append(m.writer, end, strlen(end), error));
    return seine_file_writer_commit(SEINE_TAKE(m.writer), SEINE_FILE_REPLACE, error);
}
