#include "ingest/raw/read.h"

#include "base/json.h"
#include "base/time.h"
#include "base/try.h"
#include "ingest/raw/columns.h"
#include "ingest/topic_name.h"
#include "table/scan.h"

#include <inttypes.h>
#include <stdlib.h>

/* ---- which files ---- */

/* Of a text only the first letters are there. A source of an API has no topic in its name. */
static bool may_hold(const seine_data_file *file, const char *text) {
    seine_topic_name name;
    int64_t least, most;
    if (file->stats == NULL) return true;
    const seine_column_stats *topic = &file->stats[SEINE_RAW_TOPIC];
    if (!seine_topic_name_parse(seine_str_of(text), &name)) return topic->null_count != 0;
    if (topic->null_count == file->rows) return false; /* of an API */
    if (topic->has_bounds &&
        (topic->lower_size > name.topic.size || memcmp(topic->lower, name.topic.data, topic->lower_size) != 0))
        return false;
    if (seine_stats_range(&file->stats[SEINE_RAW_PARTITION], &least, &most) &&
        (least > name.partition || most < name.partition))
        return false;
    return !seine_stats_range(&file->stats[SEINE_RAW_OFFSET], &least, &most) || most >= name.first;
}

typedef struct placed_file {
    int64_t first, rows;
    const char *path;
} placed_file;

static int by_first(const void *a, const void *b) {
    const placed_file *x = a, *y = b;
    return x->first != y->first ? (x->first > y->first) - (x->first < y->first) : strcmp(x->path, y->path);
}

seine_status seine_raw_source_find(seine_table *table, const seine_source *source, seine_arena *arena,
                                   seine_raw_source *found, seine_error *error) {
    const seine_live_file *files = NULL;
    size_t count = 0;
    SEINE_TRY(seine_table_files(table, &files, &count, error));
    placed_file *placed = SEINE_ARENA_ARRAY(arena, placed_file, count + 1);
    *found = (seine_raw_source){.paths = SEINE_ARENA_ARRAY(arena, const char *, count + 1),
                                .file_rows = SEINE_ARENA_ARRAY(arena, int64_t, count + 1),
                                .name = source->name,
                                .rows = source->rows};
    if (placed == NULL || found->paths == NULL || found->file_rows == NULL) return seine_no_memory(error, source->name);
    for (size_t i = 0; i < count; i++) {
        const seine_data_file *file = &files[i].file;
        if (file->partition[0].value != seine_time_day(source->ingested_at_us) || !may_hold(file, source->name))
            continue;
        const char *path = seine_arena_copy(arena, file->path, strlen(file->path));
        if (path == NULL) return seine_no_memory(error, source->name);
        int64_t first = 0, last;
        (void)seine_stats_range(file->stats != NULL ? &file->stats[SEINE_RAW_ROW] : NULL, &first, &last);
        placed[found->count++] = (placed_file){first, file->rows, path};
    }
    qsort(placed, found->count, sizeof *placed, by_first);
    for (size_t i = 0; i < found->count; i++) {
        found->paths[i] = placed[i].path;
        found->file_rows[i] = placed[i].rows;
    }
    return SEINE_OK;
}

typedef struct first_row {
    const char *name;
    bool is_of;
} first_row;

static seine_status look_at_first(void *context, const seine_rows *rows, seine_error *error) {
    first_row *first = context;
    (void)error;
    first->is_of = seine_str_equal(((const seine_str *)rows->columns[0].values)[0], seine_str_of(first->name));
    return SEINE_OK;
}

seine_status seine_raw_source_sift(seine_engine *engine, const seine_table_schema *raw, seine_raw_source *source,
                                   seine_error *error) {
    const size_t column = SEINE_RAW_SOURCE;
    size_t kept = 0;
    for (size_t f = 0; f < source->count; f++) {
        first_row first = {.name = source->name};
        const seine_scan scan = {.engine = engine,
                                 .schema = raw,
                                 .columns = &column,
                                 .column_count = 1,
                                 .files = &source->paths[f],
                                 .file_count = 1};
        SEINE_TRY(seine_scan_first(&scan, look_at_first, &first, error));
        if (!first.is_of) continue;
        source->file_rows[kept] = source->file_rows[f];
        source->paths[kept++] = source->paths[f];
    }
    source->count = kept;
    return SEINE_OK;
}

/* ---- their records ---- */

enum { SOURCE, ROW, PAYLOAD, HASH, RECEIVED, BYTES, TOPIC, PARTITION, OFFSET, HEADERS, COLUMNS };
static const size_t columns[COLUMNS] = {SEINE_RAW_SOURCE,   SEINE_RAW_ROW,    SEINE_RAW_PAYLOAD, SEINE_RAW_HASH,
                                        SEINE_RAW_RECEIVED, SEINE_RAW_BYTES,  SEINE_RAW_TOPIC,   SEINE_RAW_PARTITION,
                                        SEINE_RAW_OFFSET,   SEINE_RAW_HEADERS};

typedef struct reading {
    const seine_table_schema *raw;
    const seine_raw_source *source;
    seine_raw_record_sink sink;
    void *context;
    int64_t rows;
} reading;

/* A text that may be null; empty is not nothing. */
static seine_str text_at(const seine_vec *vec, size_t row) {
    size_t at;
    if (!seine_vec_at(vec, row, &at)) return (seine_str){NULL, 0};
    const seine_str text = ((const seine_str *)vec->values)[at];
    return text.data != NULL ? text : (seine_str){"", 0};
}

static int64_t number_at(const seine_vec *vec, size_t row) {
    size_t at;
    if (!seine_vec_at(vec, row, &at)) return 0;
    return vec->type == SEINE_TYPE_INT ? ((const int32_t *)vec->values)[at] : ((const int64_t *)vec->values)[at];
}

/* As src/stream writes them. */
static bool are_headers(seine_str text) {
    seine_json *json SEINE_OWNED(seine_json_free_owned) = NULL;
    if (text.data == NULL) return true;
    if (seine_json_parse(text, "headers", &json, NULL) != SEINE_OK) return false;
    const seine_json_value list = seine_json_root(json);
    bool are_good = seine_json_kind_of(list) == SEINE_JSON_ARRAY && seine_json_count(list) > 0;
    for (seine_json_iter it = {0}; are_good && seine_json_next(list, &it);)
        are_good = seine_json_kind_of(it.value) == SEINE_JSON_OBJECT && seine_json_count(it.value) == 2;
    return are_good;
}

static seine_status check_record(const reading *r, const seine_raw_record *record, seine_str hash, seine_error *error) {
    char text[SEINE_RAW_HASH_TEXT + 1];
    if (record->row != r->rows + 1)
        return seine_fail(error, SEINE_E_FORMAT, "%s: source %s has row %" PRId64 " where row %" PRId64 " should be",
                          r->raw->name, r->source->name, record->row, r->rows + 1);
    seine_hash128_hex(seine_hash128_of(record->payload.data, record->payload.size), text);
    if (seine_str_equal(hash, (seine_str){text, SEINE_RAW_HASH_TEXT})) return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT, "%s: source %s, row %" PRId64 ": its payload is not that of its hash",
                      r->raw->name, r->source->name, record->row);
}

static seine_status take_rows(void *context, const seine_rows *rows, seine_error *error) {
    reading *r = context;
    const char *name = r->source->name;
    for (size_t i = 0; i < rows->count; i++) {
        if (name != NULL && !seine_str_equal(text_at(&rows->columns[SOURCE], i), seine_str_of(name))) continue;
        const seine_str text = text_at(&rows->columns[PAYLOAD], i);
        const seine_raw_record record = {.row = number_at(&rows->columns[ROW], i),
                                         .payload = text.data != NULL ? text : text_at(&rows->columns[BYTES], i),
                                         .is_text = text.data != NULL,
                                         .received_us = number_at(&rows->columns[RECEIVED], i),
                                         .topic = text_at(&rows->columns[TOPIC], i),
                                         .partition = (int32_t)number_at(&rows->columns[PARTITION], i),
                                         .offset = number_at(&rows->columns[OFFSET], i)};
        if (name != NULL) SEINE_TRY(check_record(r, &record, text_at(&rows->columns[HASH], i), error));
        if (name != NULL && !are_headers(text_at(&rows->columns[HEADERS], i)))
            return seine_fail(error, SEINE_E_FORMAT,
                              "%s: source %s, row %" PRId64 ": its headers are not what was written", r->raw->name,
                              name, record.row);
        r->rows++;
        SEINE_TRY(r->sink(r->context, &record, error));
    }
    return SEINE_OK;
}

seine_status seine_raw_read(seine_engine *engine, const seine_table_schema *raw, const seine_raw_source *source,
                            seine_raw_record_sink sink, void *context, seine_error *error) {
    reading r = {raw, source, sink, context, 0};
    const bool is_all = source->name == NULL;
    for (size_t f = 0; f < source->count && (is_all || r.rows < source->rows); f++) {
        const seine_scan scan = {.engine = engine,
                                 .schema = raw,
                                 .columns = columns,
                                 .column_count = COLUMNS,
                                 .files = &source->paths[f],
                                 .file_count = 1};
        SEINE_TRY(seine_scan_run(&scan, take_rows, &r, error));
    }
    if (is_all || r.rows == source->rows) return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT, "%s: source %s has %" PRId64 " rows, the ledger says %" PRId64, raw->name,
                      source->name, r.rows, source->rows);
}
