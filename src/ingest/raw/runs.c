#include "ingest/raw/runs.h"

#include "base/threads.h"
#include "base/time.h"
#include "base/try.h"
#include "ingest/raw/columns.h"
#include "ingest/raw/records.h"
#include "ingest/raw/text.h"

#define RUNS_AT_ONCE ((size_t)64)    /* each has an open file */
#define TEXT_BYTES ((size_t)1 << 32) /* of a run, whose records are in memory */

/* ---- the file ---- */

/* Columns of a run of records, in the arena. */
typedef struct run_columns {
    seine_str *payload, *hash, *bytes, *key, *headers; /* headers NULL: none has any */
    seine_str *url;                                    /* NULL: all are of one */
    uint8_t *has_payload, *has_bytes, *has_key, *has_sent, *has_headers;
    int64_t *offset, *sent;
} run_columns;

static bool make_columns(run_columns *c, size_t count, seine_arena *arena) {
    c->payload = SEINE_ARENA_ARRAY(arena, seine_str, count);
    c->hash = SEINE_ARENA_ARRAY(arena, seine_str, count);
    c->bytes = SEINE_ARENA_ARRAY(arena, seine_str, count);
    c->key = SEINE_ARENA_ARRAY(arena, seine_str, count);
    c->has_payload = SEINE_ARENA_ARRAY(arena, uint8_t, count * 4);
    c->offset = SEINE_ARENA_ARRAY(arena, int64_t, count);
    c->sent = SEINE_ARENA_ARRAY(arena, int64_t, count);
    if (c->payload == NULL || c->hash == NULL || c->bytes == NULL || c->key == NULL || c->has_payload == NULL ||
        c->offset == NULL || c->sent == NULL)
        return false;
    c->has_bytes = c->has_payload + count;
    c->has_key = c->has_bytes + count;
    c->has_sent = c->has_key + count;
    return true;
}

static bool set_record(run_columns *c, size_t i, const seine_record *record, seine_arena *arena) {
    char *hash = seine_arena_alloc(arena, SEINE_RAW_HASH_TEXT + 1);
    const bool has_value = record->payload.data != NULL, is_text = has_value && seine_str_is_utf8(record->payload);
    if (hash == NULL) return false;
    seine_hash128_hex(seine_hash128_of(record->payload.data, record->payload.size), hash);
    c->hash[i] = (seine_str){hash, SEINE_RAW_HASH_TEXT};
    c->has_payload[i] = is_text;
    c->has_bytes[i] = has_value && !is_text;
    c->payload[i] = is_text ? record->payload : (seine_str){"", 0};
    c->bytes[i] = c->has_bytes[i] ? record->payload : (seine_str){"", 0};
    c->has_key[i] = record->key.data != NULL;
    c->key[i] = c->has_key[i] ? record->key : (seine_str){"", 0};
    c->offset[i] = record->offset;
    c->has_sent[i] = record->sent_us != INT64_MIN;
    c->sent[i] = c->has_sent[i] ? record->sent_us : 0;
    return true;
}

/* Each record of an API may be of a page of its own. */
static bool set_urls(run_columns *c, const seine_record_run *run, seine_arena *arena) {
    c->url = run->topic == NULL ? SEINE_ARENA_ARRAY(arena, seine_str, run->count) : NULL;
    for (size_t i = 0; c->url != NULL && i < run->count; i++) c->url[i] = run->records[i].url;
    return run->topic != NULL || c->url != NULL;
}

/* Most topics have none: nothing is made for them. */
static bool set_headers(run_columns *c, const seine_record_run *run, seine_arena *arena) {
    size_t first = 0;
    c->headers = NULL;
    while (first < run->count && run->records[first].headers.size == 0) first++;
    if (first == run->count) return true;
    c->headers = SEINE_ARENA_ARRAY(arena, seine_str, run->count);
    c->has_headers = SEINE_ARENA_ARRAY(arena, uint8_t, run->count);
    if (c->headers == NULL || c->has_headers == NULL) return false;
    for (size_t i = 0; i < run->count; i++) {
        const seine_str headers = run->records[i].headers;
        c->has_headers[i] = headers.size > 0;
        c->headers[i] = headers.size > 0 ? headers : (seine_str){"", 0};
    }
    return true;
}

static seine_status write_rows(const seine_session *session, seine_raw_run *r, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_record_run *run = r->run;
    const seine_source *source = &session->sources.items[r->source].row;
    run_columns c = {0};
    if (!make_columns(&c, run->count, &arena) || !set_headers(&c, run, &arena) || !set_urls(&c, run, &arena))
        return seine_no_memory(error, source->name);
    for (size_t i = 0; i < run->count; i++)
        if (!set_record(&c, i, &run->records[i], &arena)) return seine_no_memory(error, source->name);
    const seine_raw_columns columns = {.source = seine_str_of(source->name),
                                       .url = seine_str_of(r->url),
                                       .urls = c.url,
                                       .received_us = session->now_us,
                                       .before = source->rows,
                                       .count = run->count,
                                       .payload = c.payload,
                                       .hash = c.hash,
                                       .has_payload = c.has_payload,
                                       .bytes = c.bytes,
                                       .key = c.key,
                                       .has_bytes = c.has_bytes,
                                       .has_key = c.has_key,
                                       .has_sent = c.has_sent,
                                       .headers = c.headers,
                                       .has_headers = c.has_headers,
                                       .offset = c.offset,
                                       .sent = c.sent,
                                       .topic = run->topic != NULL ? seine_str_of(run->topic) : (seine_str){NULL, 0},
                                       .partition = run->partition};
    return seine_raw_columns_write(r->made.writer, &columns, error);
}

/* ---- all of them ---- */

/* What the arena of the session is needed for. */
static seine_status open_all(seine_session *session, seine_raw_run *runs, size_t count, seine_error *error) {
    const seine_partition_value day[SEINE_PARTITION_FIELDS_MAX] = {{.value = seine_time_day(session->now_us)}};
    seine_table *table = NULL;
    SEINE_TRY(seine_raw_table_make(session, &table, error));
    for (size_t i = 0; i < count; i++) {
        seine_buf_init(&runs[i].text, TEXT_BYTES);
        SEINE_TRY(seine_new_file_open(table, session->dataset->raw, day, NULL, &session->arena, &runs[i].made, error));
    }
    return SEINE_OK;
}

typedef struct writing {
    const seine_session *session;
    seine_raw_run *runs;
    size_t count;
} writing;

/* Files first, they take longer. */
static seine_status write_one(void *context, size_t member, size_t index, seine_error *error) {
    const writing *w = context;
    seine_raw_run *r = &w->runs[index % w->count];
    (void)member;
    if (index < w->count) return write_rows(w->session, r, error);
    return seine_raw_text_of_run(r->run, w->session->now_us, &r->text, &r->notes, error);
}

/* Files that were written wait in the session for their commit. */
static seine_status end_all(seine_session *session, seine_raw_run *runs, size_t count, seine_status status,
                            seine_error *error) {
    for (size_t i = 0; i < count; i++) {
        const seine_status ended = seine_new_file_end(&runs[i].made, status, &session->arena, &runs[i].file,
                                                      status == SEINE_OK ? error : NULL);
        if (status != SEINE_OK) continue;
        status = ended;
        if (status != SEINE_OK || seine_raw_keep(&session->raw, &runs[i].file, runs[i].source) == SEINE_OK) continue;
        seine_uncommitted_remove(runs[i].file.path);
        status = seine_no_memory(error, runs[i].url);
    }
    return status;
}

/* As many as are open at once. */
static seine_status write_slice(seine_session *session, seine_raw_run *runs, size_t count, seine_error *error) {
    writing w = {session, runs, count};
    const seine_thread_tasks tasks = {.task = write_one, .context = &w, .count = 2 * count};
    seine_status status = open_all(session, runs, count, error);
    if (status == SEINE_OK) status = seine_threads_each((size_t)session->options.threads, &tasks, error);
    return end_all(session, runs, count, status, error);
}

seine_status seine_raw_runs_write(seine_session *session, seine_raw_run *runs, size_t count, seine_error *error) {
    for (size_t first = 0; first < count; first += RUNS_AT_ONCE) {
        const size_t left = count - first;
        SEINE_TRY(write_slice(session, runs + first, left < RUNS_AT_ONCE ? left : RUNS_AT_ONCE, error));
    }
    return SEINE_OK;
}

void seine_raw_runs_free(seine_raw_run *runs, size_t count) {
    for (size_t i = 0; i < count; i++) {
        seine_buf_free(&runs[i].text);
        seine_raw_notes_free(&runs[i].notes);
    }
}
