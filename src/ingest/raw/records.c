#include "ingest/raw/records.h"

#include "base/array.h"
#include "base/time.h"
#include "base/try.h"
#include "decode/json/records.h"
#include "ingest/raw/columns.h"
#include "table/scan.h"

#include <stdio.h>
#include <stdlib.h>

#define RECORDS_MAX ((size_t)1 << 26)
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

/* *are_apart: all of the body was values, of an array or one after the other. */
static seine_status split(seine_str body, record_list *list, bool *are_apart) {
    seine_json_walk walk = {.object = {.scan = {.checks_texts = true}}};
    seine_str record;
    seine_json_walk_begin(&walk, body);
    while (seine_json_walk_next(&walk, &record))
        if (!add_record(list, record)) return SEINE_E_NOMEM;
    *are_apart = walk.object.scan.fault == SEINE_JSON_SOUND;
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

/* Keeps the records of a list that nobody had. */
static seine_status keep_fresh(seine_session *session, record_list *list) {
    const size_t count = list->count;
    list->count = 0;
    for (size_t i = 0; i < count; i++) {
        char text[SEINE_RAW_HASH_TEXT + 1];
        uint32_t code;
        const uint32_t before = session->raw.known.count;
        seine_hash128_hex(seine_hash128_of(list->items[i].data, list->items[i].size), text);
        SEINE_TRY(seine_dict_intern(&session->raw.known, (seine_str){text, SEINE_RAW_HASH_TEXT}, &code));
        if (session->raw.known.count > before) list->items[list->count++] = list->items[i];
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

seine_status seine_raw_table_make(seine_session *session, seine_table **table, seine_error *error) {
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

/* ---- public ---- */

seine_status seine_raw_fresh(seine_session *session, seine_str body, const char *url, seine_arena *arena, size_t *taken,
                             const seine_str **fresh, size_t *count, seine_error *error) {
    seine_table *table = NULL;
    record_list list = {.arena = arena};
    bool are_apart = false;
    *taken = *count = 0;
    if (split(body, &list, &are_apart) != SEINE_OK) return seine_no_memory(error, url);
    if (!are_apart || list.count == 0) return SEINE_OK;
    *taken = list.count;
    SEINE_TRY(seine_raw_table_make(session, &table, error));
    SEINE_TRY(load_known(session, table, error));
    if (keep_fresh(session, &list) != SEINE_OK) return seine_no_memory(error, url);
    *fresh = list.items;
    *count = list.count;
    return SEINE_OK;
}
