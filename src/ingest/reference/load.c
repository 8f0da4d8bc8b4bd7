/*
 *     file ─▶ records ─┬─ good ──▶ rows sorted by key ─┐
 *                      └─ refused ─▶ ref.rejects       ├─ merge ─▶ one new file ─┐
 *     table as it is ─▶ rows ──────────────────────────┘                         ├─▶ commit, if anything differs
 *     rejects as they are, those of this file apart ─▶ one new file ─────────────┘
 *
 * Records of a topic come the same way, each a text of its own; the positions of their partitions move with the commit.
 */
#include "ingest/reference/reference.h"

#include "base/array.h"
#include "base/dict.h"
#include "base/number.h"
#include "base/try.h"
#include "columns/content.h"
#include "ingest/record_positions.h"
#include "ingest/reference/file.h"
#include "ingest/reference/merge.h"
#include "ingest/remarks.h"
#include "ingest/topic_name.h"
#include "io/clock.h"
#include "io/file.h"
#include "io/reader.h"
#include "table/run.h"
#include "table/source.h"

#include <stdio.h>
#include <stdlib.h>

#define REJECTS "ref.rejects"
#define ATTEMPTS 5
#define RAW_MAX_BYTES ((size_t)65536)
#define STOP_EVERY 4096

/* Columns of ref.rejects. */
enum { REJECT_REF, REJECT_FILE, REJECT_ROW, REJECT_REASON, REJECT_RAW, REJECT_LOADED, REJECT_COLUMNS };
/* Columns behind what the file says. */
enum { FROM, TO, CONTENT, FILE_NAME, FILE_ROW, LOADED };

typedef struct load {
    const seine_reference_options *options;
    seine_reference_report *report;
    const char *path, *name;
    char sha256[65];
    uint64_t bytes;
    const seine_table_schema *schema;
    size_t cells;      /* of a row, said by the file */
    size_t key_count;  /* of these, name the row */
    seine_dict keys;   /* of the rows of the file */
    seine_arena arena; /* rows of the file */
    seine_cells fresh, rejects;
    seine_buf scratch;
    int64_t now_us, begun_us;
    seine_catalog *catalog;
    seine_engine *engine;
    const seine_record_run *runs; /* of a topic, in the place of a file; NULL = a file */
    size_t run_count;
    const char *job;           /* whose positions move */
    int32_t partition;         /* of the records that are read */
    int64_t duplicates;        /* records of runs whose key a later one of them has */
    seine_arena_list refusals; /* seine_record_refusal of runs, in arena */
} load;

/* Names of the columns of a record. */
typedef struct record_names {
    const seine_str *items;
    size_t count;
} record_names;

/* What one attempt to commit works with. */
typedef struct attempt {
    load *l;
    seine_arena arena;
    seine_table *table, *rejects;
    seine_cells old, old_rejects, all_rejects;
    seine_reference_merge merge;
    seine_data_file file, reject_file;
    bool has_file, has_reject_file, is_changed, are_rejects_changed;
    seine_hash128 content;
} attempt;

/* ---- the file ---- */

/* What stands behind the cells that the record says. */
static seine_status fill_tail(load *l, const seine_reference_record *record, seine_cell *row) {
    seine_cell *tail = row + l->cells;
    seine_hash128 hash;
    char hex[33];
    SEINE_TRY(seine_content_of_cells(l->schema, row, l->cells, &l->scratch, &hash));
    seine_hash128_hex(hash, hex);
    const char *content = seine_arena_copy(&l->arena, hex, 32);
    if (content == NULL) return SEINE_E_NOMEM;
    tail[FROM] = l->options->has_valid_from ? seine_cell_integer(l->options->valid_from_us) : seine_cell_null();
    tail[TO] = seine_cell_null();
    tail[CONTENT] = seine_cell_text((seine_str){content, 32});
    tail[FILE_NAME] = seine_cell_text(seine_str_of(l->name));
    tail[FILE_ROW] = seine_cell_integer(record->row);
    tail[LOADED] = seine_cell_integer(l->now_us);
    return SEINE_OK;
}

static seine_status take_good(load *l, const seine_reference_record *record, seine_cell *row) {
    SEINE_TRY(fill_tail(l, record, row));
    return seine_cells_add(&l->fresh, row);
}

/* Of records of a topic with one key the later one is the later word. */
static seine_status replace_twin(load *l, size_t twin, const seine_reference_record *record, seine_cell *row) {
    SEINE_TRY(fill_tail(l, record, row));
    l->fresh.rows[twin] = row;
    l->duplicates++;
    return SEINE_OK;
}

static seine_status keep_refusal(load *l, int64_t offset, const char *reason) {
    if (l->runs == NULL) return SEINE_OK;
    seine_record_refusal *refusal = seine_arena_list_add(&l->refusals, &l->arena, sizeof *refusal);
    if (refusal == NULL) return SEINE_E_NOMEM;
    *refusal = (seine_record_refusal){l->partition, offset, seine_str_of(reason)};
    return SEINE_OK;
}

static seine_status take_refused(load *l, int64_t row, int64_t line, const char *reason, seine_str raw) {
    seine_cell *cells = SEINE_ARENA_ARRAY(&l->arena, seine_cell, REJECT_COLUMNS);
    if (cells == NULL) return SEINE_E_NOMEM;
    cells[REJECT_REF] = seine_cell_text(seine_str_of(seine_reference_kind_name(l->options->kind)));
    cells[REJECT_FILE] = seine_cell_text(seine_str_of(l->name));
    cells[REJECT_ROW] = seine_cell_integer(row);
    cells[REJECT_REASON] = seine_cell_text(seine_str_of(reason));
    cells[REJECT_RAW] = seine_cell_text(raw);
    cells[REJECT_LOADED] = seine_cell_integer(l->now_us);
    l->report->refused++;
    SEINE_TRY(keep_refusal(l, row, reason));
    if (l->options->refused != NULL) l->options->refused(l->options->context, row, line, reason);
    return seine_cells_add(&l->rejects, cells);
}

/* Text of the record, as long as rejects keep it, without cutting a character. */
static seine_status keep_raw(load *l, seine_str text, seine_str *raw) {
    if (text.size > RAW_MAX_BYTES) text.size = RAW_MAX_BYTES;
    while (!seine_str_is_utf8(text)) text.size--;
    *raw = (seine_str){seine_arena_copy(&l->arena, text.data, text.size), text.size};
    return raw->data != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

static seine_status raw_of(load *l, record_names names, const seine_reference_record *record, seine_str *raw) {
    seine_buf_clear(&l->scratch);
    const seine_status status = seine_reference_raw(record, names.items, names.count, &l->scratch);
    if (status != SEINE_OK && status != SEINE_E_LIMIT) return status;
    return keep_raw(l, seine_buf_str(&l->scratch), raw);
}

/* Which good row has this key already; SIZE_MAX = none, and the key is kept as that of the next one. */
static seine_status find_twin(load *l, const seine_cell *cells, size_t *twin) {
    seine_hash128 hash;
    uint32_t code = 0;
    *twin = SIZE_MAX;
    SEINE_TRY(seine_content_of_cells(l->schema, cells, l->key_count, &l->scratch, &hash));
    const uint32_t known = l->keys.count;
    SEINE_TRY(seine_dict_intern(&l->keys, (seine_str){(const char *)&hash, sizeof hash}, &code));
    if (code < known) *twin = code; /* codes count as rows do */
    return SEINE_OK;
}

static seine_status take_record(load *l, record_names names, const seine_reference_columns *columns,
                                const seine_reference_record *record) {
    const char *reason = NULL;
    size_t twin = SIZE_MAX;
    seine_str raw = {NULL, 0};
    seine_cell *cells = SEINE_ARENA_ARRAY(&l->arena, seine_cell, l->schema->column_count);
    if (cells == NULL) return SEINE_E_NOMEM;
    SEINE_TRY(seine_reference_row(l->options->kind, columns, record, &l->arena, cells, &reason));
    if (reason == NULL) SEINE_TRY(find_twin(l, cells, &twin));
    if (twin != SIZE_MAX && l->runs != NULL) return replace_twin(l, twin, record, cells);
    if (twin != SIZE_MAX) {
        const int64_t row = l->fresh.rows[twin][l->cells + FILE_ROW].as.integer;
        reason = seine_reference_twin(l->options->kind, row, cells, &l->arena);
        if (reason == NULL) return SEINE_E_NOMEM;
    }
    if (reason == NULL) return take_good(l, record, cells);
    SEINE_TRY(raw_of(l, names, record, &raw));
    return take_refused(l, record->row, record->line, reason, raw);
}

static seine_status name_columns(load *l, record_names names, const seine_reference_columns *columns) {
    for (size_t i = 0; i < SEINE_REFERENCE_FIELDS; i++) {
        if (columns->of[i] == SIZE_MAX && columns->fixed[i].data == NULL) continue;
        const seine_str name = columns->of[i] == SIZE_MAX ? columns->fixed[i] : names.items[columns->of[i]];
        l->report->columns[i] = seine_arena_copy(&l->report->arena, name.data, name.size);
        if (l->report->columns[i] == NULL) return SEINE_E_NOMEM;
    }
    return SEINE_OK;
}

static seine_status read_records(load *l, seine_reference_file *file, seine_error *error) {
    record_names names;
    seine_reference_columns columns;
    seine_reference_record record;
    names.items = seine_reference_file_columns(file, &names.count);
    SEINE_TRY(seine_reference_guess(l->options->kind, l->name, names.items, names.count, l->options->columns,
                                    l->options->column_count, &columns, error));
    if (name_columns(l, names, &columns) != SEINE_OK) return seine_no_memory(error, l->name);
    for (;;) {
        SEINE_TRY(seine_reference_file_next(file, &record, error));
        if (record.row == 0) break;
        l->report->rows = record.row;
        if (take_record(l, names, &columns, &record) != SEINE_OK) return seine_no_memory(error, l->name);
        if (record.row % STOP_EVERY != 0) continue;
        seine_progress_report(l->options->progress, "reading rows", (uint64_t)record.row, 0);
        if (seine_progress_stopped(l->options->progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
    }
    if (l->fresh.count > 0) return SEINE_OK;
    if (l->report->rows == 0) return seine_fail(error, SEINE_E_FORMAT, "%s: has no rows", l->name);
    const seine_cell *first = l->rejects.rows[0];
    return seine_fail(error, SEINE_E_FORMAT, "%s: %s, and none is good; row %lld: %.*s", l->name,
                      seine_count(l->report->rows, "row").text, (long long)first[REJECT_ROW].as.integer,
                      SEINE_STR_ARG(first[REJECT_REASON].as.text));
}

static seine_status read_file(load *l, seine_error *error) {
    seine_reference_file *file SEINE_OWNED(seine_reference_file_close_owned) = NULL;
    seine_reference_merge order = seine_reference_merge_of(l->options->kind);
    SEINE_TRY(seine_reference_file_open(l->path, l->options->progress, &file, error));
    SEINE_TRY(seine_file_hash(l->path, NULL, l->sha256, &l->bytes, error));
    SEINE_TRY(read_records(l, file, error));
    seine_reference_sort(&order, &l->fresh);
    return SEINE_OK;
}

/* ---- records of a topic ---- */

/* One that cannot be read at all: why, without the name that stands for its text. */
static seine_status refuse_payload(load *l, const seine_record *record, const char *why) {
    seine_str raw = {NULL, 0};
    const char *colon = strstr(why, ": ");
    const char *reason = seine_arena_printf(&l->arena, "record: %s", colon != NULL ? colon + 2 : why);
    if (reason == NULL) return SEINE_E_NOMEM;
    if (record->payload.data != NULL && seine_str_is_utf8(record->payload))
        SEINE_TRY(keep_raw(l, record->payload, &raw));
    l->report->rows++;
    return take_refused(l, record->offset, 0, reason, raw);
}

/* A JSON object, or an array of them; each says by its own names what is what. */
static seine_status read_payload(load *l, const seine_record *record, seine_error *why) {
    seine_reference_text *text SEINE_OWNED(seine_reference_text_close_owned) = NULL;
    record_names names;
    seine_reference_columns columns;
    seine_reference_record one;
    SEINE_TRY(seine_reference_text_open(record->payload, "record.json", &text, why));
    names.items = seine_reference_text_columns(text, &names.count);
    SEINE_TRY(seine_reference_guess(l->options->kind, "record", names.items, names.count, NULL, 0, &columns, why));
    for (;;) {
        SEINE_TRY(seine_reference_text_next(text, &one, why));
        if (one.row == 0) return SEINE_OK;
        one.row = record->offset;
        one.line = 0;
        l->report->rows++;
        SEINE_TRY(take_record(l, names, &columns, &one));
    }
}

static seine_status take_payload(load *l, const seine_record *record, seine_error *error) {
    seine_error why = {SEINE_OK, "no payload"};
    seine_status status = SEINE_E_FORMAT;
    if (record->payload.size > 0) status = read_payload(l, record, &why);
    if (status == SEINE_E_FORMAT || status == SEINE_E_LIMIT) status = refuse_payload(l, record, why.text);
    return status == SEINE_OK ? SEINE_OK : seine_no_memory(error, l->name);
}

/* A run is called as a source of its records would be: its refused ones stay among the others. */
static seine_status read_run(load *l, const seine_record_run *run, seine_error *error) {
    if (run->count == 0) return SEINE_OK;
    l->partition = run->partition;
    l->name = seine_topic_name_make(run, &l->arena);
    if (l->name == NULL) return seine_no_memory(error, run->topic);
    for (size_t i = 0; i < run->count; i++) {
        SEINE_TRY(take_payload(l, &run->records[i], error));
        if (i % STOP_EVERY == 0 && seine_progress_stopped(l->options->progress))
            return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
    }
    return SEINE_OK;
}

static seine_status read_runs(load *l, const seine_record_options *options, seine_error *error) {
    seine_reference_merge order = seine_reference_merge_of(l->options->kind);
    for (size_t i = 0; i < l->run_count; i++) SEINE_TRY(read_run(l, &l->runs[i], error));
    l->name = l->runs[0].topic;
    const bool has_good = l->fresh.count > 0;
    if (!has_good && options->refuse_if_only > 0 && l->report->rows >= options->refuse_if_only)
        return seine_fail(error, SEINE_E_FORMAT,
                          "the topic does not fit %s: all of its first %lld records were refused, one with: %.*s",
                          l->schema->name, (long long)l->report->rows,
                          SEINE_STR_ARG(l->rejects.rows[0][REJECT_REASON].as.text));
    if (has_good) seine_reference_sort(&order, &l->fresh);
    if (l->refusals.count == 0 || options->refused == NULL) return SEINE_OK;
    return options->refused(options->context, l->refusals.items, l->refusals.count, error);
}

/* ---- the tables as they are ---- */

static seine_status list_paths(attempt *a, seine_table *table, const char ***paths, size_t *count, seine_error *error) {
    const seine_live_file *files = NULL;
    SEINE_TRY(seine_table_files(table, &files, count, error));
    *paths = SEINE_ARENA_ARRAY(&a->arena, const char *, *count);
    if (*paths == NULL) return seine_no_memory(error, a->l->name);
    for (size_t i = 0; i < *count; i++) (*paths)[i] = files[i].file.path;
    return SEINE_OK;
}

static seine_status read_table(attempt *a, seine_table *table, seine_cells *rows, seine_error *error) {
    const char **paths = NULL;
    size_t count = 0;
    SEINE_TRY(list_paths(a, table, &paths, &count, error));
    return seine_cells_read(a->l->engine, seine_table_schema_of(table), paths, count, &a->arena, rows, error);
}

static seine_status read_tables(attempt *a, seine_error *error) {
    load *l = a->l;
    const char *const names[] = {l->schema->name, REJECTS};
    seine_table *tables[2] = {NULL, NULL};
    const seine_status status = seine_tables_load(l->catalog, names, 2, tables, error);
    a->table = tables[0];
    a->rejects = tables[1];
    SEINE_TRY(status);
    SEINE_TRY(read_table(a, a->table, &a->old, error));
    SEINE_TRY(read_table(a, a->rejects, &a->old_rejects, error));
    a->merge = seine_reference_merge_of(l->options->kind);
    a->merge.has_from = l->options->has_valid_from;
    a->merge.from_us = l->options->valid_from_us;
    a->merge.is_whole = l->options->replace;
    /* Other writers may have put several files there. */
    seine_reference_sort(&a->merge, &a->old);
    return SEINE_OK;
}

/* ---- what they become ---- */

static bool is_same_reject(const seine_cell *x, const seine_cell *y) {
    for (size_t i = 0; i < REJECT_LOADED; i++) {
        const seine_type type = i == REJECT_ROW ? SEINE_TYPE_LONG : SEINE_TYPE_STRING;
        if (!seine_cell_equal(type, &x[i], &y[i])) return false;
    }
    return true;
}

static int compare_rejects(const void *a, const void *b) {
    const seine_cell *const *left = a, *const *right = b;
    const seine_cell *x = *left, *y = *right;
    int order = seine_str_compare(x[REJECT_REF].as.text, y[REJECT_REF].as.text);
    if (order == 0) order = seine_str_compare(x[REJECT_FILE].as.text, y[REJECT_FILE].as.text);
    if (order != 0) return order;
    return (x[REJECT_ROW].as.integer > y[REJECT_ROW].as.integer) -
           (x[REJECT_ROW].as.integer < y[REJECT_ROW].as.integer);
}

/* Refused rows of a file are those of its last load. */
static seine_status merge_rejects(attempt *a) {
    load *l = a->l;
    const seine_str kind = seine_str_of(seine_reference_kind_name(l->options->kind)), name = seine_str_of(l->name);
    size_t former = 0;
    if (a->old_rejects.count > 0)
        qsort(a->old_rejects.rows, a->old_rejects.count, sizeof *a->old_rejects.rows, compare_rejects);
    for (size_t i = 0; i < a->old_rejects.count; i++) {
        seine_cell *row = a->old_rejects.rows[i];
        if (!seine_str_equal(row[REJECT_REF].as.text, kind) || !seine_str_equal(row[REJECT_FILE].as.text, name)) {
            SEINE_TRY(seine_cells_add(&a->all_rejects, row));
            continue;
        }
        if (former >= l->rejects.count || !is_same_reject(row, l->rejects.rows[former])) a->are_rejects_changed = true;
        former++;
    }
    if (former != l->rejects.count) a->are_rejects_changed = true;
    for (size_t i = 0; i < l->rejects.count; i++) SEINE_TRY(seine_cells_add(&a->all_rejects, l->rejects.rows[i]));
    if (a->all_rejects.count > 0)
        qsort(a->all_rejects.rows, a->all_rejects.count, sizeof *a->all_rejects.rows, compare_rejects);
    return SEINE_OK;
}

static void fill_report(const attempt *a) {
    const size_t to = a->l->cells + TO;
    seine_reference_report *report = a->l->report;
    report->added = a->merge.added;
    report->ended = a->merge.ended;
    report->removed = a->merge.removed;
    report->total = (int64_t)a->merge.out.count;
    report->in_force = 0;
    for (size_t i = 0; i < a->merge.out.count; i++) report->in_force += a->merge.out.rows[i][to].is_null;
    report->is_changed = a->is_changed || a->are_rejects_changed;
}

static seine_status merge(attempt *a, seine_error *error) {
    if (seine_reference_merge_rows(&a->merge, &a->old, &a->l->fresh, &a->arena) != SEINE_OK ||
        seine_reference_content(a->l->schema, &a->merge.out, &a->content) != SEINE_OK || merge_rejects(a) != SEINE_OK)
        return seine_no_memory(error, a->l->name);
    a->is_changed = a->merge.added + a->merge.ended + a->merge.removed > 0;
    fill_report(a);
    return SEINE_OK;
}

/* ---- commit ---- */

static const seine_partition_value whole[SEINE_PARTITION_FIELDS_MAX] = {{.is_null = true}};

static seine_status write_files(attempt *a, seine_error *error) {
    if (a->is_changed && a->merge.out.count > 0) {
        SEINE_TRY(
            seine_cells_write(a->table, whole, a->merge.out.rows, a->merge.out.count, &a->arena, &a->file, error));
        a->has_file = true;
    }
    if (a->are_rejects_changed && a->all_rejects.count > 0) {
        SEINE_TRY(seine_cells_write(a->rejects, whole, a->all_rejects.rows, a->all_rejects.count, &a->arena,
                                    &a->reject_file, error));
        a->has_reject_file = true;
    }
    return SEINE_OK;
}

static seine_status commit_table(attempt *a, seine_commit *commit, seine_table *table, const seine_data_file *file,
                                 seine_error *error) {
    const char **paths = NULL;
    size_t count = 0;
    SEINE_TRY(list_paths(a, table, &paths, &count, error));
    return seine_commit_files(commit, table, file, file != NULL ? 1 : 0, paths, count, error);
}

static seine_status make_manifest(const load *l, seine_run_manifest **run, seine_error *error) {
    const seine_reference_report *report = l->report;
    const seine_source source = {.dataset = "ref",
                                 .name = l->name,
                                 .sha256 = l->sha256,
                                 .bytes = (int64_t)l->bytes,
                                 .rows = report->rows,
                                 .rejects = report->refused,
                                 .state = SEINE_SOURCE_LIVE};
    SEINE_TRY(seine_run_begin(l->runs != NULL ? "stream" : "ref load", NULL, l->now_us, l->begun_us, run, error));
    seine_run_setting_text(*run, "ref", seine_reference_kind_name(l->options->kind));
    seine_run_setting_flag(*run, "replace", l->options->replace);
    if (l->options->has_valid_from) seine_run_setting_int(*run, "valid_from_us", l->options->valid_from_us);
    for (size_t i = 0; i < SEINE_REFERENCE_FIELDS; i++)
        if (report->columns[i] != NULL)
            seine_run_setting_text(*run, seine_reference_field(l->options->kind, i), report->columns[i]);
    if (l->runs == NULL)
        seine_run_input_source(*run, &source);
    else
        seine_run_setting_text(*run, "topic", l->name);
    seine_run_count(*run, "rows", report->rows);
    seine_run_count(*run, "rejects", report->refused);
    seine_run_count(*run, "added", report->added);
    seine_run_count(*run, "ended", report->ended);
    seine_run_count(*run, "removed", report->removed);
    return SEINE_OK;
}

static seine_status fill_commit(attempt *a, seine_commit *commit, seine_error *error) {
    const seine_partition_row row = {
        .partition = {{.is_null = true}}, .content = a->content, .rows = (int64_t)a->merge.out.count};
    if (a->is_changed) {
        SEINE_TRY(commit_table(a, commit, a->table, a->has_file ? &a->file : NULL, error));
        SEINE_TRY(seine_ledger_put_partition(commit, a->l->schema->name, &row, error));
    }
    if (a->l->runs != NULL)
        SEINE_TRY(seine_record_positions_move(a->l->catalog, a->l->job, a->l->runs, a->l->run_count, commit, &a->arena,
                                              error));
    if (!a->are_rejects_changed) return SEINE_OK;
    return commit_table(a, commit, a->rejects, a->has_reject_file ? &a->reject_file : NULL, error);
}

static seine_status commit_all(attempt *a, seine_error *error) {
    seine_run_manifest *run SEINE_OWNED(seine_run_free_owned) = NULL;
    seine_commit *commit SEINE_OWNED(seine_commit_abort_owned) = NULL;
    SEINE_TRY(make_manifest(a->l, &run, error));
    SEINE_TRY(seine_commit_begin(a->l->catalog, seine_run_id(run), &commit, error));
    SEINE_TRY(fill_commit(a, commit, error));
    SEINE_TRY(seine_run_join(run, commit, error));
    return seine_commit_run(SEINE_TAKE(commit), error);
}

static void discard(const seine_data_file *file) {
    seine_best_effort(seine_file_remove(file->path, NULL)); /* what stays is an orphan */
}

static void end_attempt(attempt *a) {
    seine_table_close(a->table);
    seine_table_close(a->rejects);
    seine_cells_free(&a->old);
    seine_cells_free(&a->old_rejects);
    seine_cells_free(&a->all_rejects);
    seine_cells_free(&a->merge.out);
    seine_arena_free(&a->arena);
}

static seine_status try_once(load *l, seine_error *error) {
    attempt a SEINE_OWNED(end_attempt) = {.l = l};
    SEINE_TRY(read_tables(&a, error));
    SEINE_TRY(merge(&a, error));
    if (!l->report->is_changed && l->runs == NULL) return SEINE_OK;
    seine_status status = write_files(&a, error);
    if (status == SEINE_OK) status = commit_all(&a, error);
    /* After an unknown outcome the files may be live. */
    const bool is_undone = status != SEINE_OK && status != SEINE_E_UNKNOWN;
    if (is_undone && a.has_file) discard(&a.file);
    if (is_undone && a.has_reject_file) discard(&a.reject_file);
    return status;
}

/* ---- public ---- */

static void keep_failure(const load *l, const seine_error *why) {
    seine_run_manifest *run = NULL;
    if (why == NULL || make_manifest(l, &run, NULL) != SEINE_OK) return;
    seine_run_failed(run, l->catalog, why);
    seine_run_free(run);
}

/* Puts what was read into the tables. */
static seine_status merge_in(load *l, seine_error *error) {
    const seine_engine_options engine = {.threads = 1};
    SEINE_TRY(seine_catalog_ensure_table(l->catalog, l->schema, error));
    SEINE_TRY(seine_catalog_ensure_table(l->catalog, seine_schema_find(REJECTS), error));
    SEINE_TRY(seine_engine_open(&engine, &l->engine, error));
    for (int tries = 1;; tries++) {
        const seine_status status = try_once(l, error);
        if (status != SEINE_E_CONFLICT || tries == ATTEMPTS) return status;
    }
}

static seine_status run_load(load *l, seine_error *error) {
    seine_status status = read_file(l, error);
    if (status == SEINE_OK) status = merge_in(l, error);
    if (status != SEINE_OK) keep_failure(l, error);
    return status;
}

static void end_load(load *l) {
    seine_engine_close(l->engine);
    seine_catalog_close(l->catalog);
    seine_cells_free(&l->fresh);
    seine_cells_free(&l->rejects);
    seine_dict_free(&l->keys);
    seine_buf_free(&l->scratch);
    seine_arena_free(&l->arena);
}

static void begin_load(load *l, const seine_reference_options *options, seine_reference_report *report) {
    *l = (load){.options = options,
                .report = report,
                .schema = seine_schema_find(seine_reference_table(options->kind)),
                .cells = seine_reference_cells(options->kind),
                .key_count = seine_reference_key_count(options->kind),
                .now_us = seine_clock_now_us(),
                .begun_us = seine_clock_monotonic_us()};
    *report = (seine_reference_report){.is_changed = false};
    seine_buf_init(&l->scratch, SEINE_REFERENCE_ROW_BYTES);
}

seine_status seine_reference_load(const char *lake, const char *path, const seine_reference_options *options,
                                  seine_reference_report *report, seine_error *error) {
    load l SEINE_OWNED(end_load) = {.path = NULL};
    seine_lease *lease SEINE_OWNED(seine_lease_release_owned) = NULL;
    begin_load(&l, options, report);
    l.path = path;
    l.name = options->name != NULL ? options->name : seine_file_name(path);
    const char *fault = seine_source_name_fault(l.name);
    if (fault != NULL) return seine_fail(error, SEINE_E_USAGE, "%s: %s", l.name, fault);
    SEINE_TRY(seine_catalog_open(lake, &l.catalog, error));
    SEINE_TRY(seine_lease_take(l.catalog, SEINE_LEASE_REFERENCE, &lease, error));
    return run_load(&l, error);
}

/* What became of the records. */
static void fill_counts(const load *l, seine_record_report *counts) {
    *counts = (seine_record_report){.read = l->report->rows,
                                    .silver = (int64_t)l->fresh.count,
                                    .duplicates = l->duplicates,
                                    .rejects = l->report->refused};
    for (size_t i = 0; i < l->rejects.count; i++)
        seine_remarks_count(counts->words, l->rejects.rows[i][REJECT_REASON].as.text, 1);
    if (l->rejects.count > 0)
        (void)snprintf(counts->first_reject, sizeof counts->first_reject, "%.*s",
                       SEINE_STR_ARG(l->rejects.rows[0][REJECT_REASON].as.text));
}

seine_status seine_reference_take_runs(const char *lake, seine_reference_kind kind, const seine_record_run *runs,
                                       size_t count, const seine_record_options *options, seine_record_report *counts,
                                       seine_error *error) {
    load l SEINE_OWNED(end_load) = {.path = NULL};
    seine_lease *lease SEINE_OWNED(seine_lease_release_owned) = NULL;
    seine_reference_report report SEINE_OWNED(seine_reference_report_free) = {.is_changed = false};
    const seine_reference_options reference = {.kind = kind, .progress = options->ingest.progress};
    *counts = (seine_record_report){0};
    begin_load(&l, &reference, &report);
    l.runs = runs;
    l.run_count = count;
    l.job = options->job;
    SEINE_TRY(seine_catalog_open(lake, &l.catalog, error));
    SEINE_TRY(seine_lease_take_as(l.catalog, SEINE_LEASE_REFERENCE, options->ingest.holder, &lease, error));
    SEINE_TRY(read_runs(&l, options, error));
    SEINE_TRY(merge_in(&l, error));
    fill_counts(&l, counts);
    return SEINE_OK;
}

void seine_reference_report_free(seine_reference_report *report) {
    seine_arena_free(&report->arena);
    *report = (seine_reference_report){.is_changed = false};
}
