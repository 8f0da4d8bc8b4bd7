#include "ingest/raw/records.h"

#include "base/array.h"
#include "base/time.h"
#include "base/try.h"
#include "columns/raw_table.h"
#include "decode/json_text.h"
#include "io/file.h"
#include "table/new_file.h"
#include "table/scan.h"

#include <stdio.h>
#include <stdlib.h>

#define RECORDS_MAX ((size_t)1 << 26)
#define GROUP_BYTES ((size_t)8 << 20) /* payloads of a row group: larger pages are read by the engine only, slowly */
#define HASH_TEXT 32
#define DAY_US (INT64_C(86400) * 1000000)

bool seine_raw_is(const seine_session *session, const seine_source *source) {
    char folder[SEINE_DATASET_NAME_MAX + 32];
    const int size = snprintf(folder, sizeof folder, "bronze/%s_raw/", session->dataset->name);
    return strncmp(source->bronze_path, folder, (size_t)size) == 0;
}

/* ---- records of a body ---- */

typedef struct record_list {
    seine_str *items;
    size_t count, capacity;
    seine_arena *arena;
} record_list;

static bool add_record(record_list *list, seine_str record) {
    if (SEINE_ARENA_ROOM(list->arena, list->items, list->count, list->capacity, 1, RECORDS_MAX) != SEINE_OK)
        return false;
    list->items[list->count++] = record;
    return true;
}

/* The next value, and the comma of an array behind it. *ended: there is none. @return false: it is no JSON. */
static bool next_value(seine_json_scan *scan, bool is_array, seine_json_token *value, bool *ended) {
    seine_json_skip_blanks(scan);
    *ended = scan->p == scan->end || (is_array && *scan->p == ']');
    if (*ended) return true;
    if (!seine_json_take_value(scan, is_array, value)) return false;
    seine_json_skip_blanks(scan);
    const bool is_more = scan->p < scan->end && *scan->p == ',';
    scan->p += is_array && is_more;
    return !is_array || is_more || (scan->p < scan->end && *scan->p == ']');
}

/* *are_apart: all of the body was values, of an array or one after the other. */
static seine_status split(seine_str body, record_list *list, bool *are_apart) {
    seine_json_scan scan = {.p = body.data, .end = body.data + body.size, .checks_texts = true};
    seine_json_token value;
    bool ended = false;
    *are_apart = false;
    seine_json_skip_blanks(&scan);
    const bool is_array = scan.p < scan.end && *scan.p == '[';
    scan.p += is_array;
    while (next_value(&scan, is_array, &value, &ended)) {
        if (ended) {
            if (is_array && scan.p == scan.end) return SEINE_OK; /* it was cut */
            scan.p += is_array;
            seine_json_skip_blanks(&scan);
            *are_apart = scan.p == scan.end;
            return SEINE_OK;
        }
        if (!add_record(list, value.raw)) return SEINE_E_NOMEM;
    }
    return SEINE_OK;
}

/* ---- what the lake has ---- */

static bool has_source(const seine_session *session, seine_str name) {
    return seine_known_sources_find(&session->sources, name, SEINE_SOURCE_LIVE) != SEINE_NO_SOURCE ||
           seine_known_sources_find(&session->sources, name, SEINE_SOURCE_QUARANTINED) != SEINE_NO_SOURCE;
}

/* Of sources that were taken out the records may come again. */
static seine_status take_known(void *context, const seine_rows *rows, seine_error *error) {
    seine_session *session = context;
    const seine_str *sources = rows->columns[0].values, *hashes = rows->columns[1].values;
    bool is_there = false;
    for (size_t i = 0; i < rows->count; i++) {
        uint32_t code;
        if (i == 0 || !seine_str_equal(sources[i], sources[i - 1])) is_there = has_source(session, sources[i]);
        if (is_there && seine_dict_intern(&session->raw.known, hashes[i], &code) != SEINE_OK)
            return seine_no_memory(error, "raw records");
    }
    return SEINE_OK;
}

/* Records come again within the look-back; those before it are not looked at, or a pull would cost what the lake has.
 */
static seine_status load_known(seine_session *session, seine_table *table, seine_error *error) {
    const size_t columns[] = {SEINE_RAW_SOURCE, SEINE_RAW_HASH};
    const seine_live_file *files = NULL;
    size_t file_count = 0, path_count = 0;
    if (session->raw.is_loaded) return SEINE_OK;
    const int64_t look_back_us = session->options.api.look_back_us;
    const int32_t from = seine_time_day(session->now_us - (look_back_us > 0 ? look_back_us : 0) - DAY_US);
    SEINE_TRY(seine_table_files(table, &files, &file_count, error));
    const char **paths SEINE_OWNED(seine_free_owned) = malloc((file_count + 1) * sizeof *paths);
    if (paths == NULL) return seine_no_memory(error, "raw records");
    for (size_t i = 0; i < file_count; i++)
        if (files[i].file.partition[0].value >= from) paths[path_count++] = files[i].file.path;
    SEINE_TRY(seine_session_engine(session, error));
    const seine_scan scan = {.engine = session->engine,
                             .schema = session->dataset->raw,
                             .columns = columns,
                             .column_count = 2,
                             .files = paths,
                             .file_count = path_count};
    SEINE_TRY(seine_scan_run(&scan, take_known, session, error));
    session->raw.is_loaded = true;
    return SEINE_OK;
}

/* Keeps the records of a list that nobody had, with the texts of their hashes. */
static seine_status keep_fresh(seine_session *session, record_list *list, seine_str **hashes) {
    const size_t count = list->count;
    *hashes = SEINE_ARENA_ARRAY(list->arena, seine_str, count);
    if (*hashes == NULL) return SEINE_E_NOMEM;
    list->count = 0;
    for (size_t i = 0; i < count; i++) {
        char text[HASH_TEXT + 1];
        uint32_t code;
        const uint32_t before = session->raw.known.count;
        seine_hash128_hex(seine_hash128_of(list->items[i].data, list->items[i].size), text);
        SEINE_TRY(seine_dict_intern(&session->raw.known, (seine_str){text, HASH_TEXT}, &code));
        if (session->raw.known.count == before) continue;
        (*hashes)[list->count] = session->raw.known.entries[code];
        list->items[list->count++] = list->items[i];
    }
    return SEINE_OK;
}

/* ---- the table ---- */

seine_status seine_raw_table_of(seine_session *session, seine_table **table, seine_error *error) {
    if (session->raw.table == NULL)
        SEINE_TRY(
            seine_table_load(session->catalog, session->dataset->raw->name, (seine_at){0}, &session->raw.table, error));
    *table = session->raw.table;
    return SEINE_OK;
}

/* Lakes of before there were streams have a narrower one, others none until the first record comes. */
static seine_status make_table(seine_session *session, seine_table **table, seine_error *error) {
    const seine_table_schema *raw = session->dataset->raw;
    seine_commit *commit SEINE_OWNED(seine_commit_abort_owned) = NULL;
    if (session->raw.table == NULL) SEINE_TRY(seine_catalog_ensure_table(session->catalog, raw, error));
    SEINE_TRY(seine_raw_table_of(session, table, error));
    if (seine_table_schema_of(*table)->column_count == raw->column_count) return SEINE_OK;
    SEINE_TRY(seine_commit_begin(session->catalog, NULL, &commit, error));
    SEINE_TRY(seine_commit_evolve(commit, *table, raw, error));
    SEINE_TRY(seine_commit_run(SEINE_TAKE(commit), error));
    seine_raw_forget_table(&session->raw);
    return seine_raw_table_of(session, table, error);
}

/* ---- the file ---- */

/* Columns of a file; of an API only payload and hash are there. */
typedef struct raw_columns {
    seine_str source, url;
    int64_t received_us, before; /* rows of the source in other files */
    size_t count;
    const seine_str *payload, *hash;
    const uint8_t *has_payload; /* NULL: all have one, and nothing of what follows is there */
    const seine_str *bytes, *key;
    const uint8_t *has_bytes, *has_key, *has_sent;
    const int64_t *offset, *sent;
    seine_str topic;
    int32_t partition;
} raw_columns;

/* How many rows from number @p at on are one row group. */
static size_t group_rows(const raw_columns *c, size_t at) {
    size_t rows = 0, bytes = 0;
    while (at + rows < c->count && rows < SEINE_ROW_GROUP_ROWS && (rows == 0 || bytes < GROUP_BYTES)) {
        bytes += c->payload[at + rows].size + (c->has_payload != NULL ? c->bytes[at + rows].size : 0);
        rows++;
    }
    return rows;
}

static seine_vec constant(seine_type type, const void *value, bool is_null) {
    return (seine_vec){.type = type, .kind = SEINE_VEC_CONSTANT, .values = value, .is_null = is_null};
}

static void fill_columns(const raw_columns *c, size_t at, const int64_t *numbers, seine_vec columns[]) {
    static const seine_str nothing = {"", 0};
    static const int64_t no_number = 0;
    const bool is_topic = c->has_payload != NULL;
    columns[SEINE_RAW_SOURCE] = constant(SEINE_TYPE_STRING, &c->source, false);
    columns[SEINE_RAW_ROW] = (seine_vec){.type = SEINE_TYPE_LONG, .values = numbers};
    columns[SEINE_RAW_PAYLOAD] = (seine_vec){
        .type = SEINE_TYPE_STRING, .values = c->payload + at, .valid = is_topic ? c->has_payload + at : NULL};
    columns[SEINE_RAW_HASH] = (seine_vec){.type = SEINE_TYPE_STRING, .values = c->hash + at};
    columns[SEINE_RAW_RECEIVED] = constant(SEINE_TYPE_TIMESTAMPTZ, &c->received_us, false);
    columns[SEINE_RAW_URL] = constant(SEINE_TYPE_STRING, &c->url, false);
    columns[SEINE_RAW_TOPIC] = constant(SEINE_TYPE_STRING, &c->topic, !is_topic);
    columns[SEINE_RAW_PARTITION] = constant(SEINE_TYPE_INT, &c->partition, !is_topic);
    columns[SEINE_RAW_BYTES] = columns[SEINE_RAW_KEY] = constant(SEINE_TYPE_BINARY, &nothing, true);
    columns[SEINE_RAW_OFFSET] = constant(SEINE_TYPE_LONG, &no_number, true);
    columns[SEINE_RAW_SENT] = constant(SEINE_TYPE_TIMESTAMPTZ, &no_number, true);
    if (!is_topic) return;
    columns[SEINE_RAW_BYTES] =
        (seine_vec){.type = SEINE_TYPE_BINARY, .values = c->bytes + at, .valid = c->has_bytes + at};
    columns[SEINE_RAW_KEY] = (seine_vec){.type = SEINE_TYPE_BINARY, .values = c->key + at, .valid = c->has_key + at};
    columns[SEINE_RAW_OFFSET] = (seine_vec){.type = SEINE_TYPE_LONG, .values = c->offset + at};
    columns[SEINE_RAW_SENT] =
        (seine_vec){.type = SEINE_TYPE_TIMESTAMPTZ, .values = c->sent + at, .valid = c->has_sent + at};
}

static seine_status write_groups(seine_parquet_writer *writer, const raw_columns *c, seine_error *error) {
    const size_t most = c->count < SEINE_ROW_GROUP_ROWS ? c->count : SEINE_ROW_GROUP_ROWS;
    int64_t *numbers SEINE_OWNED(seine_free_owned) = malloc((most + 1) * sizeof *numbers);
    if (numbers == NULL) return seine_no_memory(error, "raw records");
    for (size_t at = 0, rows; at < c->count; at += rows) {
        seine_vec columns[SEINE_RAW_COLUMNS];
        rows = group_rows(c, at);
        for (size_t i = 0; i < rows; i++) numbers[i] = c->before + (int64_t)(at + i) + 1;
        fill_columns(c, at, numbers, columns);
        SEINE_TRY(seine_parquet_write(writer, &(seine_rows){rows, SEINE_RAW_COLUMNS, columns}, error));
    }
    return SEINE_OK;
}

static seine_status write_file(seine_session *session, const seine_table *table, const raw_columns *c,
                               seine_data_file *file, seine_error *error) {
    const seine_partition_value day[SEINE_PARTITION_FIELDS_MAX] = {{.value = seine_time_day(c->received_us)}};
    seine_new_file made;
    seine_error why = {SEINE_OK, ""};
    SEINE_TRY(seine_new_file_open(table, session->dataset->raw, day, NULL, &session->arena, &made, error));
    const seine_status status = write_groups(made.writer, c, &why);
    *file = (seine_data_file){0};
    if (status != SEINE_OK && error != NULL) *error = why;
    return seine_new_file_end(&made, status, &session->arena, file, error);
}

/* ---- public ---- */

seine_status seine_raw_write(seine_session *session, seine_str body, const char *source, const char *url, size_t *taken,
                             size_t *fresh, seine_data_file *file, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_table *table = NULL;
    record_list list = {.arena = &arena};
    seine_str *hashes = NULL;
    bool are_apart = false;
    *taken = *fresh = 0;
    if (split(body, &list, &are_apart) != SEINE_OK) return seine_no_memory(error, url);
    if (!are_apart || list.count == 0) return SEINE_OK;
    *taken = list.count;
    SEINE_TRY(make_table(session, &table, error));
    SEINE_TRY(load_known(session, table, error));
    if (keep_fresh(session, &list, &hashes) != SEINE_OK) return seine_no_memory(error, url);
    *fresh = list.count;
    const raw_columns columns = {.source = seine_str_of(source),
                                 .url = seine_str_of(url),
                                 .received_us = session->now_us,
                                 .count = list.count,
                                 .payload = list.items,
                                 .hash = hashes};
    return *fresh > 0 ? write_file(session, table, &columns, file, error) : SEINE_OK;
}

/* Columns of a run of records, in the arena. */
typedef struct run_columns {
    seine_str *payload, *hash, *bytes, *key;
    uint8_t *has_payload, *has_bytes, *has_key, *has_sent;
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
    char *hash = seine_arena_alloc(arena, HASH_TEXT + 1);
    const bool has_value = record->payload.data != NULL, is_text = has_value && seine_str_is_utf8(record->payload);
    if (hash == NULL) return false;
    seine_hash128_hex(seine_hash128_of(record->payload.data, record->payload.size), hash);
    c->hash[i] = (seine_str){hash, HASH_TEXT};
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

seine_status seine_raw_write_run(seine_session *session, const seine_record_run *run, const seine_source *source,
                                 const char *url, seine_data_file *file, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_table *table = NULL;
    run_columns c;
    SEINE_TRY(make_table(session, &table, error));
    if (!make_columns(&c, run->count, &arena)) return seine_no_memory(error, source->name);
    for (size_t i = 0; i < run->count; i++)
        if (!set_record(&c, i, &run->records[i], &arena)) return seine_no_memory(error, source->name);
    const raw_columns columns = {.source = seine_str_of(source->name),
                                 .url = seine_str_of(url),
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
                                 .offset = c.offset,
                                 .sent = c.sent,
                                 .topic = seine_str_of(run->topic),
                                 .partition = run->partition};
    return write_file(session, table, &columns, file, error);
}
