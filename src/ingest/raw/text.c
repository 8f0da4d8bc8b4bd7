#include "ingest/raw/text.h"

#include "base/try.h"
#include "io/file.h"

#include <stdio.h>

/* ---- lines ---- */

/* What cannot be decoded at all. @return whether it can. */
static bool is_text(const seine_raw_record *record, char reason[SEINE_RAW_REASON_BYTES]) {
    const seine_str payload = record->payload;
    const char *why = payload.data == NULL ? "a tombstone: the record has no payload"
                      : !record->is_text   ? "it is no UTF-8"
                      : payload.size == 0  ? "the record is empty"
                                           : NULL;
    reason[0] = '\0';
    if (why != NULL)
        (void)snprintf(reason, SEINE_RAW_REASON_BYTES, "json: %s", why);
    else if (payload.size > SEINE_RAW_RECORD_BYTES)
        (void)snprintf(reason, SEINE_RAW_REASON_BYTES, "json: a record of %zu bytes, at most %zu are read",
                       payload.size, SEINE_RAW_RECORD_BYTES);
    return reason[0] == '\0';
}

seine_status seine_raw_line(const seine_raw_record *record, seine_buf *text, char reason[SEINE_RAW_REASON_BYTES]) {
    const seine_str value = is_text(record, reason) ? record->payload : SEINE_STR("null");
    SEINE_TRY(seine_buf_reserve(text, value.size + 1));
    uint8_t *at = text->data + text->size, *end = at + value.size;
    memcpy(at, value.data, value.size);
    *end = '\n';
    text->size += value.size + 1;
    /* between the parts of a value, or it is none */
    for (; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++) *at = ' ';
    return SEINE_OK;
}

/* Appends a record to the text, and what is to be known of it to the notes: also where it was and when it came, if that
 * is not the same for all. */
static seine_status put_record(const seine_raw_record *record, uint64_t row, bool has_place, seine_buf *text,
                               seine_raw_notes *notes) {
    char reason[SEINE_RAW_REASON_BYTES];
    if (has_place) SEINE_TRY(seine_raw_notes_place(notes, record));
    SEINE_TRY(seine_raw_line(record, text, reason));
    if (reason[0] == '\0') return SEINE_OK;
    return seine_raw_notes_fault(notes, row, reason, record->is_text ? record->payload : (seine_str){NULL, 0});
}

/* ---- of a source ---- */

typedef struct making {
    seine_file_writer *writer;
    seine_raw_notes *notes;
    bool has_places;
    seine_buf line;
    uint64_t rows;
} making;

static void end_making(making *m) {
    seine_file_writer_abort_owned(&m->writer);
    seine_buf_free(&m->line);
}

static seine_status take_record(void *context, const seine_raw_record *record, seine_error *error) {
    making *m = context;
    seine_buf_clear(&m->line);
    if (put_record(record, ++m->rows, m->has_places, &m->line, m->notes) != SEINE_OK)
        return seine_no_memory(error, "raw records");
    return seine_file_writer_append(m->writer, m->line.data, m->line.size, error);
}

seine_status seine_raw_text_make(seine_engine *engine, const seine_table_schema *raw, const seine_raw_source *source,
                                 const char *to, seine_raw_notes *notes, seine_error *error) {
    making m SEINE_OWNED(end_making) = {.notes = notes, .has_places = source->name != NULL};
    seine_buf_init(&m.line, SEINE_PARSE_RECORD_BYTES);
    SEINE_TRY(seine_file_writer_open(to, &m.writer, error));
    SEINE_TRY(seine_raw_read(engine, raw, source, take_record, &m, error));
    return seine_file_writer_commit(SEINE_TAKE(m.writer), SEINE_FILE_REPLACE, error);
}

/* ---- of a run ---- */

seine_status seine_raw_text_of_run(const seine_record_run *run, int64_t received_us, seine_buf *text,
                                   seine_raw_notes *notes, seine_error *error) {
    size_t bytes = 0;
    for (size_t i = 0; i < run->count; i++) bytes += run->records[i].payload.size + sizeof "null";
    if (seine_buf_reserve(text, bytes) != SEINE_OK) return seine_no_memory(error, "raw records");
    for (size_t i = 0; i < run->count; i++) {
        const seine_raw_record record = {.payload = run->records[i].payload,
                                         .is_text = seine_str_is_utf8(run->records[i].payload),
                                         .received_us = received_us,
                                         .topic = run->topic != NULL ? seine_str_of(run->topic) : (seine_str){NULL, 0},
                                         .partition = run->partition,
                                         .offset = run->records[i].offset};
        if (put_record(&record, i + 1, true, text, notes) != SEINE_OK) return seine_no_memory(error, "raw records");
    }
    return SEINE_OK;
}
