#include "ingest/source_reader.h"

#include "base/time.h"
#include "base/try.h"
#include "ingest/raw/records.h"
#include "ingest/remarks.h"
#include "ingest/source_text.h"
#include "table/source.h"

#include <inttypes.h>

void seine_source_count_block(seine_source *row, const seine_fix_batch *batch) {
    row->rows += batch->rows;
    row->rejects += (int64_t)batch->reject_count;
    int32_t first = INT32_MIN, last = INT32_MAX;
    if (row->has_declared_day && !seine_source_declared_days(row->dataset, row->name, &first, &last))
        first = last = row->declared_day; /* taken in under another name */
    for (size_t i = 0; i < batch->count; i++) {
        const int64_t ts_us = batch->fixes[i].ts_us;
        if (row->has_declared_day && (seine_time_day(ts_us) < first || seine_time_day(ts_us) > last)) continue;
        if (ts_us > row->greatest_us) row->greatest_us = ts_us;
    }
}

seine_status seine_source_check_rows(const char *name, const seine_parsed_block *blocks, size_t count,
                                     seine_error *error) {
    if (count == 0 || blocks[count - 1].first_row + blocks[count - 1].batch.rows <= SEINE_SOURCE_ROWS_MAX)
        return SEINE_OK;
    return seine_fail(error, SEINE_E_LIMIT, "%s: more than %" PRIu64 " rows; split the file", name,
                      SEINE_SOURCE_ROWS_MAX);
}

/* Where a refused record was, and why it is: for whoever is told before the commit. */
static seine_status keep_refusals(seine_source_reader *reader, const seine_parsed_block *block) {
    seine_session *session = reader->session;
    const seine_raw_notes *notes = &reader->notes;
    for (size_t i = 0; i < block->batch.reject_count; i++) {
        const seine_reject *reject = &block->batch.rejects[i];
        const uint64_t row = block->first_row + reject->row - notes->before;
        seine_record_refusal *refusal = seine_arena_list_add(&session->refusals, &session->arena, sizeof *refusal);
        const char *reason =
            seine_arena_copy(&session->arena, block->batch.text.data + reject->reason, reject->reason_size);
        if (refusal == NULL || reason == NULL) return SEINE_E_NOMEM;
        if (row < 1 || row > notes->place_count) return SEINE_E_INTERNAL;
        *refusal =
            (seine_record_refusal){notes->partition, notes->places[row - 1].offset, {reason, reject->reason_size}};
    }
    return SEINE_OK;
}

/* What a new source is asked for once: its rejects, its remarks. */
static seine_status take_rest(seine_source_reader *reader, seine_parsed_block *blocks, size_t count,
                              seine_error *error) {
    seine_session *session = reader->session;
    seine_known_source *entry = &session->sources.items[reader->source];
    if (seine_raw_notes_apply(&reader->notes, blocks, count) != SEINE_OK)
        return seine_no_memory(error, entry->row.name);
    for (size_t b = 0; b < count && session->keeps_refusals; b++)
        if (keep_refusals(reader, &blocks[b]) != SEINE_OK) return seine_no_memory(error, entry->row.name);
    SEINE_TRY(seine_reject_files_write(&session->rejects, session->catalog, &entry->row, blocks, count, error));
    for (size_t b = 0; b < count; b++) seine_source_count_block(&entry->row, &blocks[b].batch);
    if (seine_remarks_take(&entry->remarks, reader->parser, blocks, count, &session->arena) != SEINE_OK)
        return seine_no_memory(error, entry->row.name);
    return SEINE_OK;
}

/* Takes over the parser's blocks. */
static seine_status take_blocks(seine_source_reader *reader, seine_error *error) {
    size_t count;
    seine_parsed_block *blocks = seine_parser_take(reader->parser, &count);
    for (size_t b = 0; b < count; b++) blocks[b].first_row += reader->notes.before;
    const seine_known_source *entry = &reader->session->sources.items[reader->source];
    seine_status status = seine_source_check_rows(entry->row.name, blocks, count, error);
    if (status == SEINE_OK && entry->path != NULL) status = take_rest(reader, blocks, count, error);
    for (size_t b = 0; b < count; b++) {
        seine_fix_batch *batch = &blocks[b].batch;
        if (entry->path == NULL)
            seine_raw_notes_judge(&reader->notes, &blocks[b], reader->session->options.max_future_us);
        if (status == SEINE_OK && batch->count > 0 &&
            seine_row_pool_put(&reader->session->pool, reader->source, &blocks[b]) != SEINE_OK)
            status = seine_no_memory(error, entry->row.name);
        seine_fix_batch_free(batch);
    }
    return status;
}

/* One read again has been judged by the clock and the span of its own ingest, whatever this command's are: the greatest
 * time that was taken then is the limit now. It is not known of rows beside declared days; the days it feeds are given.
 */
static int64_t latest_of(const seine_session *session, const seine_known_source *entry) {
    const int64_t latest_us = entry->row.ingested_at_us + session->options.max_future_us;
    if (entry->row.greatest_us == INT64_MIN) return latest_us;
    const bool is_known = !entry->row.has_declared_day || entry->row.greatest_us > latest_us;
    return is_known ? entry->row.greatest_us : latest_us;
}

static void set_span(seine_session *session, int64_t earliest_us, int64_t latest_us) {
    for (int d = 0; d < session->options.threads; d++) {
        session->decoders[d].latest_us = latest_us;
        session->decoders[d].earliest_us = earliest_us;
    }
}

seine_parse_setup seine_source_setup(seine_session *session, const char *file, const char *name) {
    set_span(session, session->options.valid_from_us, session->now_us + session->options.max_future_us);
    return (seine_parse_setup){.file = file,
                               .name = name,
                               .decoders = session->decoders,
                               .threads = session->options.threads,
                               .arena = &session->arena,
                               .max_ratio = session->options.max_ratio,
                               .progress = session->options.progress};
}

/* One that is read again. */
static seine_parse_setup setup_again(seine_session *session, const seine_known_source *entry) {
    seine_parse_setup setup = seine_source_setup(session, entry->row.name, entry->row.name);
    set_span(session, INT64_MIN, latest_of(session, entry));
    setup.max_ratio = UINT64_MAX;
    return setup;
}

static void begin(seine_session *session, uint32_t source, seine_source_reader *reader) {
    seine_known_source *entry = &session->sources.items[source];
    entry->reject_from = session->rejects.count;
    *reader = (seine_source_reader){.session = session, .source = source};
    if (entry->path != NULL) reader->notes.before = (uint64_t)entry->before.rows;
}

/* @p path: of its bytes, unless they were made a text. */
static seine_status open_parser(seine_source_reader *reader, const char *path, const seine_day_set *days,
                                seine_error *error) {
    seine_session *session = reader->session;
    const seine_known_source *entry = &session->sources.items[reader->source];
    seine_parse_setup setup =
        entry->path != NULL ? seine_source_setup(session, entry->path, entry->row.name) : setup_again(session, entry);
    reader->parser = seine_read_ahead_parser(&session->ahead, path, session->options.progress);
    if (reader->parser != NULL) return SEINE_OK;
    setup.path = reader->text != NULL ? reader->text : path;
    setup.memory = seine_buf_str(&reader->records);
    if (reader->text != NULL) setup.file = reader->text;
    setup.days = days;
    setup.is_records = reader->is_records;
    return seine_parser_open(&setup, &reader->parser, error);
}

seine_status seine_source_reader_open(seine_session *session, uint32_t source, const char *path,
                                      const seine_day_set *days, seine_source_reader *reader, seine_error *error) {
    const seine_known_source *entry = &session->sources.items[source];
    begin(session, source, reader);
    reader->is_records = seine_raw_is(session, &entry->row);
    seine_raw_source raw = {.paths = &path, .count = 1};
    if (path == NULL) {
        seine_table *table = NULL;
        SEINE_TRY(seine_raw_table_of(session, &table, error));
        SEINE_TRY(seine_raw_source_find(table, &entry->row, &session->arena, &raw, error));
    }
    const seine_source_text maker = {.dataset = session->dataset,
                                     .raw = reader->is_records ? &raw : NULL,
                                     .lake = session->lake,
                                     .engine = &session->engine,
                                     .arena = &session->arena,
                                     .notes = &reader->notes,
                                     .progress = session->options.progress};
    SEINE_TRY(seine_source_text_make(&maker, entry->row.name, path, &reader->text, error));
    return open_parser(reader, path, days, error);
}

seine_status seine_source_reader_open_run(seine_session *session, seine_raw_run *run, seine_source_reader *reader,
                                          seine_error *error) {
    begin(session, run->source, reader);
    reader->is_records = true;
    run->notes.before = reader->notes.before;
    reader->notes = run->notes;
    reader->records = run->text;
    run->notes = (seine_raw_notes){.topic = NULL};
    run->text = (seine_buf){.data = NULL};
    return open_parser(reader, NULL, NULL, error);
}

seine_status seine_source_reader_run(seine_source_reader *reader, bool *ended, bool *is_lake, seine_error *error) {
    const uint64_t budget = seine_session_budget(reader->session), held = reader->session->pool.held_bytes;
    SEINE_TRY(seine_parser_run(reader->parser, budget > held ? budget - held : 1, ended, error));
    seine_status status = take_blocks(reader, error);
    if (status == SEINE_E_IO || status == SEINE_E_AWAY) *is_lake = true; /* its rejects could not be written */
    return status;
}

void seine_source_reader_close(seine_source_reader *reader) {
    seine_parser_close(reader->parser);
    seine_uncommitted_remove(reader->text);
    seine_buf_free(&reader->records);
    seine_raw_notes_free(&reader->notes);
}
