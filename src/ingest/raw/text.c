/*
 * Objects follow each other, a line each. A file whose first record is no object is an array, because no file may begin
 * with anything else (decode/json_records.h).
 */
#include "ingest/raw/text.h"

#include "base/try.h"
#include "io/file.h"

typedef struct making {
    seine_file_writer *writer; /* NULL: to memory */
    seine_buf *memory;
    seine_raw_notes *notes;
    bool has_places; /* of each record is noted where it was and when it came */
    seine_buf line;
    uint64_t rows;
    bool is_array;
} making;

static void end_making(making *m) {
    seine_file_writer_abort_owned(&m->writer);
    seine_buf_free(&m->line);
}

static seine_status put(making *m, const void *bytes, size_t size, seine_error *error) {
    if (m->writer != NULL) return seine_file_writer_append(m->writer, bytes, size, error);
    return seine_buf_append(m->memory, bytes, size) == SEINE_OK ? SEINE_OK : seine_no_memory(error, "raw records");
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
    return put(m, m->line.data, m->line.size, error);
}

static seine_status put_record(void *context, const seine_raw_record *record, seine_error *error) {
    making *m = context;
    char reason[SEINE_RAW_REASON_BYTES];
    seine_str value = record->payload;
    const bool is_value = seine_raw_is_value(value, record->is_text || value.data == NULL, reason);
    seine_status status = m->has_places ? seine_raw_notes_place(m->notes, record) : SEINE_OK;
    if (status == SEINE_OK && !is_value)
        status = seine_raw_notes_fault(m->notes, m->rows + 1, reason, record->is_text ? value : (seine_str){NULL, 0});
    if (status != SEINE_OK) return seine_no_memory(error, "raw records");
    if (!is_value) value = SEINE_STR("null");
    if (m->rows == 0) m->is_array = seine_str_strip(value).data[0] != '{';
    return put_line(m, value, error);
}

static seine_status put_end(making *m, seine_error *error) {
    const char *end = m->is_array ? "]\n" : "\n";
    return m->rows > 0 ? put(m, end, strlen(end), error) : SEINE_OK;
}

seine_status seine_raw_text_make(seine_engine *engine, const seine_table_schema *raw, const seine_raw_source *source,
                                 const char *to, seine_raw_notes *notes, seine_error *error) {
    making m SEINE_OWNED(end_making) = {.notes = notes, .has_places = source->name != NULL};
    seine_buf_init(&m.line, SEINE_PARSE_RECORD_BYTES);
    SEINE_TRY(seine_file_writer_open(to, &m.writer, error));
    SEINE_TRY(seine_raw_read(engine, raw, source, put_record, &m, error));
    SEINE_TRY(put_end(&m, error));
    return seine_file_writer_commit(SEINE_TAKE(m.writer), SEINE_FILE_REPLACE, error);
}

seine_status seine_raw_text_of_run(const seine_record_run *run, int64_t received_us, seine_buf *text,
                                   seine_raw_notes *notes, seine_error *error) {
    making m SEINE_OWNED(end_making) = {.notes = notes, .memory = text, .has_places = true};
    size_t bytes = 2;
    for (size_t i = 0; i < run->count; i++) bytes += run->records[i].payload.size + 2;
    seine_buf_init(&m.line, SEINE_PARSE_RECORD_BYTES);
    if (seine_buf_reserve(text, bytes) != SEINE_OK) return seine_no_memory(error, "raw records");
    for (size_t i = 0; i < run->count; i++) {
        const seine_raw_record record = {.payload = run->records[i].payload,
                                         .is_text = seine_str_is_utf8(run->records[i].payload),
                                         .received_us = received_us,
                                         .topic = run->topic != NULL ? seine_str_of(run->topic) : (seine_str){NULL, 0},
                                         .partition = run->partition,
                                         .offset = run->records[i].offset};
        SEINE_TRY(put_record(&m, &record, error));
    }
    return put_end(&m, error);
}
