/*
 * Rows of bronze archives. An archive is read again only where it can matter: the winner's up to its row, and those
 * that have rows in the same partition which did not win. Lines without the vessel's id are counted, not decoded.
 */
#include "base/mmsi.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/trace/trace.h"
#include "decode/fix_decoder.h"
#include "ingest/ingest.h"
#include "io/file.h"
#include "io/reader.h"
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
    bool has_header;
    char delimiter;
    int64_t rows, last_row; /* so far; the last one of interest */
} scan;

static seine_status open_scan(seine_trace *trace, const seine_source *source, int64_t last_row, scan *s,
                              seine_error *error) {
    *s = (scan){.trace = trace, .source = source, .last_row = last_row};
    seine_buf_init(&s->text, TEXT_MAX_BYTES);
    seine_buf_init(&s->scratch, TEXT_MAX_BYTES);
    seine_buf_init(&s->line, TEXT_MAX_BYTES);
    seine_fix_decoder_init(&s->decoder, seine_dataset_ais(), INT64_MAX);
    s->decoder.earliest_us = INT64_MIN; /* what is refused is known from the table of rejects */
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
    line.raw = seine_arena_copy(trace->arena, raw.data, raw.size);
    if (kept == NULL || line.raw == NULL) return seine_no_memory(error, "trace");
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

/* Decodes a line that holds the id and keeps it when it tells a position of the vessel at the time. */
static seine_status check_line(scan *s, seine_str raw, seine_error *error) {
    seine_trace *trace = s->trace;
    seine_fix_batch batch SEINE_OWNED(seine_fix_batch_free) = {0};
    seine_buf_clear(&s->line);
    seine_status status = seine_buf_append(&s->line, raw.data, raw.size);
    if (status == SEINE_OK) status = seine_buf_append_str(&s->line, "\n");
    if (status == SEINE_OK) status = seine_fix_decode(&s->decoder, &s->header, seine_buf_str(&s->line), &batch);
    if (status != SEINE_OK) return seine_fail(error, status, "trace: %s", seine_status_text(status));
    if (batch.count != 1 || batch.fixes[0].ts_us != trace->ts_us ||
        !seine_str_equal(s->decoder.movers.entries[batch.fixes[0].mover], seine_str_of(trace->mmsi)))
        return SEINE_OK;
    const bool won = is_winner(trace, s->source, s->rows);
    const seine_trace_line line = {.source = s->source,
                                   .source_name = s->source->name,
                                   .row = s->rows,
                                   .fate = won ? SEINE_TRACE_SILVER : SEINE_TRACE_DUPLICATE};
    return add_line(trace, line, raw, error);
}

/* Lines of text without quotes. */
static seine_status take_plain(scan *s, seine_str text, seine_error *error) {
    const size_t id_size = strlen(s->trace->mmsi);
    const char *at = text.data, *end = text.data + text.size;
    const char *id = memmem(at, text.size, s->trace->mmsi, id_size);
    while (at < end && s->rows < s->last_row) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL) stop = end;
        size_t size = (size_t)(stop - at);
        if (size > 0 && at[size - 1] == '\r') size--;
        if (size > 0) s->rows++;
        if (size > 0 && id != NULL && id < stop) SEINE_TRY(check_line(s, (seine_str){at, size}, error));
        at = stop < end ? stop + 1 : end;
        if (id != NULL && id < at) id = memmem(at, (size_t)(end - at), s->trace->mmsi, id_size);
    }
    return SEINE_OK;
}

static seine_status take_quoted(scan *s, seine_str text, seine_error *error) {
    const size_t id_size = strlen(s->trace->mmsi);
    seine_csv_record record;
    while (s->rows < s->last_row) {
        if (seine_csv_next(&text, s->delimiter, &s->scratch, &record) != SEINE_OK)
            return seine_no_memory(error, "trace");
        if (record.raw.data == NULL) return SEINE_OK;
        s->rows++;
        if (memmem(record.raw.data, record.raw.size, s->trace->mmsi, id_size) == NULL) continue;
        SEINE_TRY(check_line(s, record.raw, error));
    }
    return SEINE_OK;
}

/* Takes whole records. */
static seine_status take_text(scan *s, seine_str text, seine_error *error) {
    if (!s->has_header && text.size > 0) {
        seine_csv_record record;
        SEINE_TRY(seine_csv_next(&text, s->delimiter, &s->scratch, &record));
        SEINE_TRY(seine_csv_header_read(s->decoder.dataset, s->delimiter, &record, s->source->name, &s->header, error));
        s->has_header = true;
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
    if (!s->has_header) s->delimiter = seine_csv_header_delimiter(s->decoder.dataset, seine_buf_str(&s->text));
    const size_t whole = *ended ? s->text.size : seine_csv_whole(seine_buf_str(&s->text), s->delimiter);
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
        s->has_header = false;
        while (!ended && (s->rows < s->last_row || !s->has_header)) {
            SEINE_TRY(take_chunk(s, &ended, error));
            seine_reader_position(s->reader, &done, &total);
            seine_progress_report(s->trace->progress, s->source->name, done, total);
        }
        if (s->rows >= s->last_row) return SEINE_OK;
    }
}

static seine_status scan_source(seine_trace *trace, const seine_source *source, int64_t last_row, seine_error *error) {
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
    const int32_t bucket = seine_bucket_of(seine_str_of(trace->mmsi), seine_catalog_buckets(trace->catalog));
    const char *winner = seine_trace_text(trace->silver, "source_file"),
               *row = seine_trace_text(trace->silver, "source_row");
    seine_source_day *days = NULL;
    size_t count = 0;
    SEINE_TRY(seine_ledger_source_days(trace->catalog, SEINE_DATASET_AIS, trace->arena, &days, &count, error));
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

/* Whether the row tells this vessel and time, by the columns of its archive. */
static seine_status is_of(scan *s, const char *raw, bool *is, seine_error *error) {
    seine_csv_record record;
    seine_str text = seine_str_of(raw);
    int64_t ts_us = 0;
    *is = false;
    if (seine_csv_next(&text, s->delimiter, &s->scratch, &record) != SEINE_OK) return seine_no_memory(error, "trace");
    const int16_t id = s->header.field_of[SEINE_AIS_MMSI], time = s->header.field_of[SEINE_AIS_TS];
    if (id < 0 || time < 0 || (size_t)id >= record.field_count || (size_t)time >= record.field_count) return SEINE_OK;
    *is = seine_str_equal(seine_mmsi_canonical(seine_str_trim(record.field[id])), seine_str_of(s->trace->mmsi)) &&
          seine_time_parse(record.field[time], &ts_us) && ts_us == s->trace->ts_us;
    return SEINE_OK;
}

static seine_status take_reject(seine_trace *trace, const char *source_name, int64_t ingested_at_us, int64_t row,
                                const char *reason, const char *raw, seine_error *error) {
    const seine_source *source = find_ingested(trace, source_name, ingested_at_us);
    if (source == NULL || source->state == SEINE_SOURCE_QUARANTINED) return SEINE_OK;
    scan s SEINE_OWNED(close_scan) = {0};
    bool is = false;
    SEINE_TRY(open_scan(trace, source, 0, &s, error));
    SEINE_TRY(read_scan(&s, error));
    SEINE_TRY(is_of(&s, raw, &is, error));
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
    SEINE_TRY(seine_ledger_sources(trace->catalog, SEINE_DATASET_AIS, trace->arena, &trace->sources,
                                   &trace->source_count, error));
    SEINE_TRY(seine_trace_silver(trace, error));
    SEINE_TRY(seine_trace_lines(trace, error));
    if (trace->silver != NULL) SEINE_TRY(seine_trace_derived(trace, error));
    return SEINE_OK;
}
