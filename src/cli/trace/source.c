/*
 * Rows of bronze archives. An archive is read again only where it can matter: the winner's up to its row, and those
 * that have rows in the same partition which did not win. Lines of CSV without the mover's id are counted, not decoded.
 * Archives in Parquet are no text: of these only the winner is told.
 */
#include "base/mmsi.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/trace/trace.h"
#include "decode/field.h"
#include "decode/fix_decoder.h"
#include "decode/json/records.h"
#include "ingest/ingest.h"
#include "io/file.h"
#include "io/reader.h"
#include "ingest/raw/text.h"
#include "table/scan.h"
#include "table/source.h"

#include <stdio.h>
#include <stdlib.h>

#define CHUNK_BYTES ((size_t)1 << 20)
#define TEXT_MAX_BYTES ((size_t)1 << 30)

/* ---- one archive ------------------------------------------------------------------------------------------------ */

/* An archive being read. */
typedef struct scan {
    seine_trace *trace;
    const seine_source *source;
    seine_reader *reader;
    seine_buf text, scratch, line;
    seine_fix_decoder decoder;
    seine_csv_header header;
    seine_json_cutter cutter;
    bool has_begun;           /* what the member is, is known; of CSV its header too */
    bool is_json, is_records; /* is_records: each line is one, whatever is in it */
    bool has_plain_id;        /* a line that does not hold the id as it is tells nothing of the mover */
    char delimiter;
    int64_t rows, last_row; /* so far; the last one of interest */
} scan;

static void begin_scan(seine_trace *trace, const seine_source *source, int64_t last_row, scan *s) {
    *s = (scan){.trace = trace, .source = source, .last_row = last_row};
    s->has_plain_id = seine_trace_id_is_plain(trace->mover);
    seine_buf_init(&s->text, TEXT_MAX_BYTES);
    seine_buf_init(&s->scratch, TEXT_MAX_BYTES);
    seine_buf_init(&s->line, TEXT_MAX_BYTES);
    seine_fix_decoder_init(&s->decoder, trace->dataset, INT64_MAX);
    s->decoder.earliest_us = INT64_MIN; /* what is refused is known from the table of rejects */
}

static seine_status open_scan(seine_trace *trace, const seine_source *source, int64_t last_row, scan *s,
                              seine_error *error) {
    begin_scan(trace, source, last_row, s);
    const char *path = seine_source_bytes_path(seine_catalog_path(trace->catalog), source, trace->arena);
    if (path == NULL) return seine_no_memory(error, "trace");
    return seine_reader_open_as(path, source->name, &s->reader, error);
}

static void close_scan(scan *s) {
    seine_reader_close(s->reader);
    seine_fix_decoder_free(&s->decoder);
    seine_buf_free(&s->text);
    seine_buf_free(&s->scratch);
    seine_buf_free(&s->line);
}

static seine_status add_line(seine_trace *trace, seine_trace_line line, seine_str raw, seine_error *error) {
    for (const seine_trace_line *other = trace->lines; other != NULL; other = other->next)
        if (other->row == line.row && strcmp(other->source_name, line.source_name) == 0) return SEINE_OK;
    seine_trace_line *kept = SEINE_ARENA_ARRAY(trace->arena, seine_trace_line, 1);
    if (raw.data != NULL) line.raw = seine_arena_copy(trace->arena, raw.data, raw.size);
    if (kept == NULL || (raw.data != NULL && line.raw == NULL)) return seine_no_memory(error, "trace");
    *kept = line;
    *trace->last_line = kept;
    trace->last_line = &kept->next;
    return SEINE_OK;
}

static bool is_winner(const seine_trace *trace, const seine_source *source, int64_t row) {
    const char *file = seine_trace_text(trace->silver, "source_file"),
               *place = seine_trace_text(trace->silver, "source_row");
    return file != NULL && place != NULL && strcmp(file, source->name) == 0 && strtoll(place, NULL, 10) == row;
}

static bool is_wanted(const scan *s, const seine_fix *fix) {
    return fix->ts_us == s->trace->ts_us &&
           seine_str_equal(s->decoder.movers.entries[fix->mover], seine_str_of(s->trace->mover));
}

/* Keeps a row that tells the position; @p raw {NULL, 0} = its text is not known. */
static seine_status keep_row(scan *s, int64_t row, seine_str raw, seine_error *error) {
    const bool won = is_winner(s->trace, s->source, row);
    const seine_trace_line line = {.source = s->source,
                                   .source_name = s->source->name,
                                   .row = row,
                                   .fate = won ? SEINE_TRACE_SILVER : SEINE_TRACE_DUPLICATE};
    return add_line(s->trace, line, raw, error);
}

/* Decodes a line and keeps it when it tells a position of the mover at the time. */
static seine_status check_line(scan *s, seine_str raw, seine_error *error) {
    seine_fix_batch batch SEINE_OWNED(seine_fix_batch_free) = {0};
    seine_buf_clear(&s->line);
    seine_status status = seine_buf_append(&s->line, raw.data, raw.size);
    if (status == SEINE_OK) status = seine_buf_append_str(&s->line, "\n");
    if (status == SEINE_OK) status = seine_fix_decode(&s->decoder, &s->header, seine_buf_str(&s->line), &batch);
    if (status != SEINE_OK) return seine_fail(error, status, "trace: %s", seine_status_text(status));
    if (batch.count != 1 || !is_wanted(s, &batch.fixes[0])) return SEINE_OK;
    return keep_row(s, s->rows, raw, error);
}

/* Lines of text without quotes. */
static seine_status take_plain(scan *s, seine_str text, seine_error *error) {
    const size_t id_size = s->has_plain_id ? strlen(s->trace->mover) : 0; /* nothing is found everywhere */
    const char *at = text.data, *end = text.data + text.size;
    const char *id = memmem(at, text.size, s->trace->mover, id_size);
    while (at < end && s->rows < s->last_row) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL) stop = end;
        size_t size = (size_t)(stop - at);
        if (size > 0 && at[size - 1] == '\r') size--;
        if (size > 0) s->rows++;
        if (size > 0 && id != NULL && id < stop) SEINE_TRY(check_line(s, (seine_str){at, size}, error));
        at = stop < end ? stop + 1 : end;
        if (id != NULL && id < at) id = memmem(at, (size_t)(end - at), s->trace->mover, id_size);
    }
    return SEINE_OK;
}

static seine_status take_quoted(scan *s, seine_str text, seine_error *error) {
    const size_t id_size = s->has_plain_id ? strlen(s->trace->mover) : 0;
    seine_csv_record record;
    while (s->rows < s->last_row) {
        if (seine_csv_next(&text, s->delimiter, &s->scratch, &record) != SEINE_OK)
            return seine_no_memory(error, "trace");
        if (record.raw.data == NULL) return SEINE_OK;
        s->rows++;
        if (memmem(record.raw.data, record.raw.size, s->trace->mover, id_size) == NULL) continue;
        SEINE_TRY(check_line(s, record.raw, error));
    }
    return SEINE_OK;
}

/* ---- JSON ---- */

/* The next object of text that stands in none, and what is behind it; {NULL, 0} = there is no whole one. */
static seine_str next_object(seine_str *rest) {
    size_t begin = 0, depth = 0;
    bool in_text = false;
    for (size_t i = 0; i < rest->size; i++) {
        const char c = rest->data[i];
        if (in_text) {
            if (c == '\\') i++;
            in_text = c != '"';
        } else if (c == '"') {
            in_text = true;
        } else if (c == '{' && depth++ == 0) {
            begin = i;
        } else if (c == '}' && depth > 0 && --depth == 0) {
            const seine_str object = {rest->data + begin, i + 1 - begin};
            *rest = (seine_str){rest->data + i + 1, rest->size - i - 1};
            return object;
        }
    }
    return (seine_str){NULL, 0};
}

/* The next object that tells the position when it is read alone. */
static seine_status next_wanted(scan *s, seine_str *rest, seine_str *object, seine_error *error) {
    for (;;) {
        seine_fix_batch batch SEINE_OWNED(seine_fix_batch_free) = {0};
        *object = next_object(rest);
        if (object->data == NULL) return SEINE_OK;
        const seine_status status = seine_fix_decode_json(&s->decoder, *object, &batch);
        if (status != SEINE_OK) return seine_fail(error, status, "trace: %s", seine_status_text(status));
        if (batch.count == 1 && is_wanted(s, &batch.fixes[0])) return SEINE_OK;
    }
}

/* Whole records: which rows tell the position, and, found once more one by one, as which text. */
static seine_status take_json(scan *s, seine_str text, seine_error *error) {
    seine_fix_batch batch SEINE_OWNED(seine_fix_batch_free) = {0};
    const seine_status status =
        (s->is_records ? seine_fix_decode_json_lines : seine_fix_decode_json)(&s->decoder, text, &batch);
    if (status != SEINE_OK) return seine_fail(error, status, "trace: %s", seine_status_text(status));
    for (size_t i = 0; i < batch.count; i++) {
        const int64_t row = s->rows + batch.fixes[i].row;
        if (!is_wanted(s, &batch.fixes[i]) || row > s->last_row) continue;
        seine_str object;
        SEINE_TRY(next_wanted(s, &text, &object, error));
        SEINE_TRY(keep_row(s, row, object, error));
    }
    s->rows += batch.rows;
    return SEINE_OK;
}

/* ---- either ---- */

/* What a member is: as ingest finds it out. */
static void look_at_text(scan *s) {
    if (s->text.size >= 3 && memcmp(s->text.data, "\xEF\xBB\xBF", 3) == 0) {
        memmove(s->text.data, s->text.data + 3, s->text.size - 3);
        s->text.size -= 3;
    }
    const seine_str text = seine_str_strip(seine_buf_str(&s->text));
    s->is_json = text.size > 0 && (text.data[0] == '[' || text.data[0] == '{');
    s->cutter = (seine_json_cutter){0};
    if (!s->is_json) s->delimiter = seine_csv_header_delimiter(s->decoder.dataset, seine_buf_str(&s->text));
}

/* Takes whole records. */
static seine_status take_text(scan *s, seine_str text, seine_error *error) {
    if (s->is_json) {
        s->has_begun = true;
        return take_json(s, text, error);
    }
    if (!s->has_begun && text.size > 0) {
        seine_csv_record record;
        SEINE_TRY(seine_csv_next(&text, s->delimiter, &s->scratch, &record));
        SEINE_TRY(seine_csv_header_read(s->decoder.dataset, s->delimiter, &record, s->source->name, &s->header, error));
        s->has_begun = true;
    }
    const bool is_plain = text.size == 0 || memchr(text.data, '"', text.size) == NULL;
    return is_plain ? take_plain(s, text, error) : take_quoted(s, text, error);
}

/* One more chunk of the member; *ended when it was the last. */
static seine_status take_chunk(scan *s, bool *ended, seine_error *error) {
    size_t got = 0;
    const seine_status status = seine_buf_reserve(&s->text, CHUNK_BYTES);
    if (status != SEINE_OK) return seine_fail(error, status, "%s: a line is too long", s->source->name);
    SEINE_TRY(seine_reader_read(s->reader, s->text.data + s->text.size, CHUNK_BYTES, &got, error));
    s->text.size += got;
    *ended = got == 0;
    if (!s->has_begun) look_at_text(s);
    size_t whole = s->text.size;
    if (s->is_json)
        SEINE_TRY(seine_json_whole(&s->cutter, seine_buf_str(&s->text), *ended, s->source->name, &whole, error));
    else if (!*ended)
        whole = seine_csv_whole(seine_buf_str(&s->text), s->delimiter);
    SEINE_TRY(take_text(s, (seine_str){(const char *)s->text.data, whole}, error));
    if (whole > 0) memmove(s->text.data, s->text.data + whole, s->text.size - whole);
    s->text.size -= whole;
    if (!seine_progress_stopped(s->trace->progress)) return SEINE_OK;
    return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
}

/* Reads members until the last row of interest; with last_row 0 until the header is known. */
static seine_status read_scan(scan *s, seine_error *error) {
    const char *member = NULL;
    uint64_t done = 0, total = 0;
    for (;;) {
        SEINE_TRY(seine_reader_member(s->reader, &member, error));
        if (member == NULL) return SEINE_OK;
        bool ended = false;
        s->has_begun = false;
        while (!ended && (s->rows < s->last_row || !s->has_begun)) {
            SEINE_TRY(take_chunk(s, &ended, error));
            seine_reader_position(s->reader, &done, &total);
            seine_progress_report(s->trace->progress, s->source->name, done, total);
        }
        if (s->rows >= s->last_row) return SEINE_OK;
    }
}

static bool is_parquet(const seine_source *source) {
    return seine_str_ends_with_nocase(seine_str_of(source->name), SEINE_STR(".parquet"));
}

/* Of what is no text: the winner, whose row is known. */
static seine_status keep_winner(seine_trace *trace, const seine_source *source, seine_error *error) {
    const char *row = seine_trace_text(trace->silver, "source_row");
    const seine_trace_line line = {.source = source,
                                   .source_name = source->name,
                                   .row = row != NULL ? strtoll(row, NULL, 10) : 0,
                                   .fate = SEINE_TRACE_SILVER};
    return is_winner(trace, source, line.row) ? add_line(trace, line, (seine_str){NULL, 0}, error) : SEINE_OK;
}

/* Records of an API lie in a table. */
static bool is_raw(const seine_trace *trace, const seine_source *source) {
    const char *name = trace->dataset->raw != NULL ? trace->dataset->raw->name : "";
    const char *dot = strchr(name, '.');
    const size_t size = strlen(name);
    return dot != NULL && strncmp(source->bronze_path, name, (size_t)(dot - name)) == 0 &&
           strncmp(source->bronze_path + (dot - name) + 1, dot + 1, size - (size_t)(dot - name) - 1) == 0 &&
           source->bronze_path[size] == '/';
}

static seine_status take_payload(void *context, const seine_raw_record *record, seine_error *error) {
    char reason[SEINE_RAW_REASON_BYTES];
    scan *s = context;
    seine_buf_clear(&s->text);
    if (seine_raw_line(record, &s->text, reason) != SEINE_OK) return seine_no_memory(error, "trace");
    return take_text(s, seine_buf_str(&s->text), error);
}

static seine_status scan_raw(seine_trace *trace, const seine_source *source, int64_t last_row, seine_error *error) {
    const seine_table_schema *raw = trace->dataset->raw;
    scan s SEINE_OWNED(close_scan) = {0};
    const char *path = NULL;
    seine_raw_source records = {.paths = &path, .count = 1};
    if (seine_source_is_of_records(source)) {
        seine_table *table SEINE_OWNED(seine_table_close_owned) = NULL;
        SEINE_TRY(seine_table_load(trace->catalog, raw->name, (seine_at){0}, &table, error));
        SEINE_TRY(seine_raw_source_find(table, source, trace->arena, &records, error));
    } else if ((path = seine_source_bytes_path(seine_catalog_path(trace->catalog), source, trace->arena)) == NULL)
        return seine_no_memory(error, "trace");
    begin_scan(trace, source, last_row, &s);
    s.is_json = s.is_records = s.has_begun = true;
    return seine_raw_read(trace->engine, raw, &records, take_payload, &s, error);
}

static seine_status scan_source(seine_trace *trace, const seine_source *source, int64_t last_row, seine_error *error) {
    if (is_raw(trace, source)) return scan_raw(trace, source, last_row, error);
    if (is_parquet(source)) return keep_winner(trace, source, error);
    scan s SEINE_OWNED(close_scan) = {0};
    SEINE_TRY(open_scan(trace, source, last_row, &s, error));
    return read_scan(&s, error);
}

/* ---- valid rows ------------------------------------------------------------------------------------------------- */

static const seine_source *find_source(const seine_trace *trace, const char *name, const char *sha256) {
    for (size_t i = 0; i < trace->source_count; i++)
        if (strcmp(trace->sources[i].name, name) == 0 && strcmp(trace->sources[i].sha256, sha256) == 0)
            return &trace->sources[i];
    return NULL;
}

/* The winner comes first, then what lost against it. */
static seine_status scan_feeding(seine_trace *trace, seine_error *error) {
    const int32_t day = seine_time_day(trace->ts_us);
    const int32_t bucket = seine_bucket_of(seine_str_of(trace->mover), seine_catalog_buckets(trace->catalog));
    const char *winner = seine_trace_text(trace->silver, "source_file"),
               *row = seine_trace_text(trace->silver, "source_row");
    seine_source_day *days = NULL;
    size_t count = 0;
    SEINE_TRY(seine_ledger_source_days(trace->catalog, trace->dataset->name, trace->arena, &days, &count, error));
    for (size_t i = 0; i < count; i++) {
        const seine_source_day *fed = &days[i];
        if (fed->day != day || fed->bucket != bucket) continue;
        const seine_source *source = find_source(trace, fed->source, fed->sha256);
        if (source == NULL || source->state != SEINE_SOURCE_LIVE) continue;
        const bool has_losers = fed->rows > fed->winners;
        const bool is_winning = winner != NULL && strcmp(winner, source->name) == 0;
        const int64_t last_row = has_losers || row == NULL ? INT64_MAX : strtoll(row, NULL, 10);
        if (has_losers || is_winning) SEINE_TRY(scan_source(trace, source, last_row, error));
    }
    return SEINE_OK;
}

/* ---- rejected rows ---------------------------------------------------------------------------------------------- */

/* Ledger row of a rejected row: the same name may have come in several times. */
static const seine_source *find_ingested(const seine_trace *trace, const char *name, int64_t ingested_at_us) {
    for (size_t i = 0; i < trace->source_count; i++)
        if (strcmp(trace->sources[i].name, name) == 0 && trace->sources[i].ingested_at_us == ingested_at_us)
            return &trace->sources[i];
    return NULL;
}

/* Whether a text of an archive is the mover's id. */
static seine_status is_id(scan *s, seine_str text, bool *is) {
    const seine_dataset *dataset = s->trace->dataset;
    seine_str value = seine_str_trim(text);
    if (dataset->id_kind == SEINE_ID_NUMBER) {
        value = seine_mmsi_canonical(value);
    } else {
        seine_buf_clear(&s->line);
        if (dataset->is_latin1) SEINE_TRY(seine_field_of_latin1(text, &s->line));
        (void)seine_field_text(&dataset->columns[SEINE_DATASET_ID], dataset->is_latin1 ? seine_buf_str(&s->line) : text,
                               &value);
    }
    *is = seine_str_equal(value, seine_str_of(s->trace->mover));
    return SEINE_OK;
}

/* Whether the row tells this mover and time, by the columns of its archive. */
static seine_status is_of(scan *s, const char *raw, bool *is, seine_error *error) {
    const seine_dataset *dataset = s->trace->dataset;
    seine_csv_record record;
    seine_str text = seine_str_of(raw);
    int64_t ts_us = 0;
    *is = false;
    if (seine_csv_next(&text, s->delimiter, &s->scratch, &record) != SEINE_OK) return seine_no_memory(error, "trace");
    const int16_t id = s->header.field_of[SEINE_DATASET_ID], time = s->header.field_of[SEINE_DATASET_TIME];
    if (id < 0 || time < 0 || (size_t)id >= record.field_count || (size_t)time >= record.field_count) return SEINE_OK;
    if (!seine_field_time(dataset, dataset->csv_decimal, record.field[time], &ts_us) || ts_us != s->trace->ts_us)
        return SEINE_OK;
    return is_id(s, record.field[id], is) == SEINE_OK ? SEINE_OK : seine_no_memory(error, "trace");
}

/* The same of a record in JSON: with no rule to refuse it, and whatever its place is. */
static seine_status is_json_of(seine_trace *trace, const char *raw, bool *is, seine_error *error) {
    seine_dataset lenient = *trace->dataset;
    seine_fix_batch batch SEINE_OWNED(seine_fix_batch_free) = {0};
    seine_fix_decoder decoder SEINE_OWNED(seine_fix_decoder_free);
    lenient.rule_count = 0;
    lenient.needs_position = false;
    seine_fix_decoder_init(&decoder, &lenient, INT64_MAX);
    decoder.earliest_us = INT64_MIN;
    const seine_status status = seine_fix_decode_json(&decoder, seine_str_of(raw), &batch);
    if (status != SEINE_OK) return seine_fail(error, status, "trace: %s", seine_status_text(status));
    *is = batch.count == 1 && batch.fixes[0].ts_us == trace->ts_us &&
          seine_str_equal(decoder.movers.entries[batch.fixes[0].mover], seine_str_of(trace->mover));
    return SEINE_OK;
}

/* In CSV the header tells which field is which, so the archive is opened. */
static seine_status is_csv_of(seine_trace *trace, const seine_source *source, const char *raw, bool *is,
                              seine_error *error) {
    scan s SEINE_OWNED(close_scan) = {0};
    SEINE_TRY(open_scan(trace, source, 0, &s, error));
    SEINE_TRY(read_scan(&s, error));
    return is_of(&s, raw, is, error);
}

static seine_status take_reject(seine_trace *trace, const char *source_name, int64_t ingested_at_us, int64_t row,
                                const char *reason, const char *raw, seine_error *error) {
    const seine_source *source = find_ingested(trace, source_name, ingested_at_us);
    if (source == NULL || source->state == SEINE_SOURCE_QUARANTINED) return SEINE_OK;
    bool is = false;
    SEINE_TRY(raw[strspn(raw, " \t\r\n")] == '{' ? is_json_of(trace, raw, &is, error)
                                                 : is_csv_of(trace, source, raw, &is, error));
    if (!is) return SEINE_OK;
    const seine_trace_line line = {
        .source = source, .source_name = source->name, .row = row, .fate = SEINE_TRACE_REJECTED, .reason = reason};
    return add_line(trace, line, seine_str_of(raw), error);
}

seine_status seine_trace_lines(seine_trace *trace, seine_error *error) {
    SEINE_TRY(seine_trace_rejects(trace, take_reject, error));
    if (trace->silver != NULL) SEINE_TRY(scan_feeding(trace, error));
    return SEINE_OK;
}

seine_status seine_trace_follow(seine_trace *trace, seine_error *error) {
    trace->last_hit = &trace->hits;
    trace->last_line = &trace->lines;
    SEINE_TRY(seine_ledger_sources(trace->catalog, trace->dataset->name, trace->arena, &trace->sources,
                                   &trace->source_count, error));
    SEINE_TRY(seine_trace_silver(trace, error));
    SEINE_TRY(seine_trace_lines(trace, error));
    if (trace->silver != NULL) SEINE_TRY(seine_trace_derived(trace, error));
    return SEINE_OK;
}
