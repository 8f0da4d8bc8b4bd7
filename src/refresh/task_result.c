/* What came of a task: files that were written and left out, rows of events, and for whom they are. */
#include "base/array.h"
#include "base/try.h"
#include "refresh/found_events.h"
#include "refresh/task.h"
#include "table/file_json.h"
#include "table/file_ledger.h"

#include <math.h>

#define PARTITIONS_MAX ((size_t)1 << 24)
#define ROWS_MAX ((size_t)1 << 32)

/* ---- out ---- */

static void put_changes(seine_json_writer *w, const char *key, const char *lake, const seine_table *table,
                        const seine_changed_files *files) {
    if (table == NULL) return;
    seine_json_field_object(w, key);
    seine_json_field_array(w, "added");
    for (size_t i = 0; i < files->added_count; i++)
        seine_file_json_put(w, lake, seine_table_schema_of(table), &files->added[i]);
    seine_json_end_array(w);
    seine_json_field_array(w, "removed");
    for (size_t i = 0; i < files->removed_count; i++)
        seine_json_put_text(w, seine_str_of(seine_file_ledger_name(lake, files->removed[i])));
    seine_json_end_array(w);
    seine_json_end_object(w);
}

static void put_partitions(seine_json_writer *w, const seine_store *store) {
    seine_json_field_array(w, "partitions");
    for (size_t i = 0; i < store->content_count; i++) {
        const seine_partition_row *row = &store->contents[i];
        seine_json_begin_object(w);
        seine_partition_json_put(w, row->partition);
        seine_json_field_int(w, "rows", row->rows);
        seine_hash_json_put(w, "content", row->content);
        seine_json_end_object(w);
    }
    seine_json_end_array(w);
}

/* JSON has no number without end: such a one is a text. */
static void put_cell(seine_json_writer *w, seine_type type, const seine_cell *cell) {
    if (cell->is_null)
        seine_json_put_null(w);
    else if (seine_type_is_text(type))
        seine_json_put_text(w, cell->as.text);
    else if (type != SEINE_TYPE_DOUBLE)
        seine_json_put_int(w, cell->as.integer);
    else if (isfinite(cell->as.number))
        seine_json_put_number(w, cell->as.number);
    else
        seine_json_put_text(w, seine_str_of(cell->as.number > 0 ? "inf" : cell->as.number < 0 ? "-inf" : "nan"));
}

static void put_events(seine_json_writer *w, const seine_table_schema *schema, const seine_bucket_result *result) {
    seine_json_field_array(w, "events");
    for (size_t i = 0; i < result->event_count; i++) {
        seine_json_begin_array(w);
        for (size_t c = 0; c < schema->column_count; c++) put_cell(w, schema->columns[c].type, &result->events[i][c]);
        seine_json_end_array(w);
    }
    seine_json_end_array(w);
    seine_json_field_array(w, "touched");
    for (size_t i = 0; i < result->touched_count; i++) {
        const seine_touched *touched = &result->touched[i];
        seine_json_begin_array(w);
        seine_json_put_int(w, touched->day);
        seine_json_put_text(w, touched->mover);
        seine_json_put_int(w, touched->causes);
        seine_json_end_array(w);
    }
    seine_json_end_array(w);
}

void seine_task_result_put(seine_json_writer *w, const char *lake, const seine_store *store,
                           const seine_bucket_result *result) {
    const seine_refresh_plan *plan = store->plan;
    put_changes(w, "states", lake, plan->tables[SEINE_PLAN_STATE], &store->states);
    put_changes(w, "heads", lake, plan->tables[SEINE_PLAN_HEAD], &store->heads);
    put_changes(w, "rows", lake, plan->tables[SEINE_PLAN_COLUMNS], &store->columns);
    put_partitions(w, store);
    if (plan->tables[SEINE_PLAN_EVENTS] != NULL)
        put_events(w, seine_table_schema_of(plan->tables[SEINE_PLAN_EVENTS]), result);
    seine_json_field_int(w, "unchanged", (int64_t)store->unchanged);
    seine_json_field_int(w, "fixes_read", (int64_t)result->fixes_read);
    seine_json_field_int(w, "fixes_fed", (int64_t)result->fixes_fed);
    seine_json_field_int(w, "movers_fed", (int64_t)result->movers_fed);
    seine_json_field_int(w, "deadline_us", result->deadline_us);
}

/* ---- in ---- */

typedef struct reading {
    const char *lake;
    seine_store *store;
    seine_bucket_result *result;
    seine_error *error;
} reading;

static seine_status no_memory(const reading *r) { return seine_no_memory(r->error, "reading results"); }

static seine_status wrong(const reading *r, const char *what) {
    return seine_fail(r->error, SEINE_E_FORMAT, "a result of %s: %s", r->store->plan->run->job->name, what);
}

static seine_status read_changes(const reading *r, seine_json_value value, const seine_table *table,
                                 seine_changed_files *files) {
    seine_arena *arena = &r->store->arena;
    seine_json_iter added = {0}, removed = {0};
    if (table == NULL) return SEINE_OK;
    if (seine_json_kind_of(value) != SEINE_JSON_OBJECT) return wrong(r, "it does not tell its files");
    while (seine_json_next(seine_json_get(value, "added"), &added)) {
        seine_data_file file;
        SEINE_TRY(seine_file_json_read(added.value, r->lake, table, arena, &file, r->error));
        if (SEINE_ARRAY_ROOM(files->added, files->added_count, files->added_capacity, 1, SEINE_CHANGED_FILES_MAX) !=
            SEINE_OK)
            return no_memory(r);
        files->added[files->added_count++] = file; /* it stays, also when it is not committed now */
    }
    while (seine_json_next(seine_json_get(value, "removed"), &removed)) {
        const char *path = NULL;
        SEINE_TRY(seine_file_json_path(removed.value, r->lake, arena, &path, r->error));
        if (seine_changed_files_remove(files, path) != SEINE_OK) return no_memory(r);
    }
    return SEINE_OK;
}

static seine_status read_partitions(const reading *r, seine_json_value array) {
    seine_store *store = r->store;
    seine_json_iter it = {0};
    while (seine_json_next(array, &it)) {
        seine_partition_row row = {.rows = seine_json_int(seine_json_get(it.value, "rows"), -1)};
        if (row.rows < 0 || !seine_hash_json_read(it.value, "content", &row.content) ||
            !seine_partition_json_read(it.value, row.partition))
            return wrong(r, "a partition has no rows and content");
        if (SEINE_ARRAY_ROOM(store->contents, store->content_count, store->content_capacity, 1, PARTITIONS_MAX) !=
            SEINE_OK)
            return no_memory(r);
        store->contents[store->content_count++] = row;
    }
    return SEINE_OK;
}

static bool read_number(seine_json_value value, double *number) {
    const seine_str text = seine_json_text(value);
    if (seine_str_equal(text, seine_str_of("inf"))) *number = INFINITY;
    if (seine_str_equal(text, seine_str_of("-inf"))) *number = -INFINITY;
    if (seine_str_equal(text, seine_str_of("nan"))) *number = NAN;
    if (text.data != NULL) return !isfinite(*number);
    *number = seine_json_number(value, 0);
    return seine_json_kind_of(value) == SEINE_JSON_REAL || seine_json_kind_of(value) == SEINE_JSON_INT;
}

static seine_status read_cell(const reading *r, const seine_column *column, seine_json_value value, seine_cell *cell) {
    *cell = (seine_cell){.is_null = seine_json_kind_of(value) == SEINE_JSON_NULL};
    if (cell->is_null) return SEINE_OK;
    if (column->type == SEINE_TYPE_DOUBLE)
        return read_number(value, &cell->as.number) ? SEINE_OK : wrong(r, "a cell is no number");
    if (!seine_type_is_text(column->type)) {
        cell->as.integer = seine_json_int(value, 0);
        return seine_json_kind_of(value) == SEINE_JSON_INT ? SEINE_OK : wrong(r, "a cell is no whole number");
    }
    const seine_str text = seine_json_text(value);
    if (text.data == NULL) return wrong(r, "a cell is no text");
    cell->as.text = (seine_str){seine_arena_copy(&r->result->arena, text.data, text.size), text.size};
    return cell->as.text.data != NULL ? SEINE_OK : no_memory(r);
}

static seine_status read_events(const reading *r, seine_json_value array, const seine_table_schema *schema) {
    seine_bucket_result *result = r->result;
    seine_json_iter it = {0};
    while (seine_json_next(array, &it)) {
        seine_cell *cells = SEINE_ARENA_ARRAY(&result->arena, seine_cell, schema->column_count);
        if (cells == NULL ||
            SEINE_ARRAY_ROOM(result->events, result->event_count, result->event_capacity, 1, ROWS_MAX) != SEINE_OK)
            return no_memory(r);
        if (seine_json_count(it.value) != schema->column_count) return wrong(r, "an event has other columns");
        seine_json_iter cell = {0};
        while (seine_json_next(it.value, &cell))
            SEINE_TRY(read_cell(r, &schema->columns[cell.index], cell.value, &cells[cell.index]));
        result->events[result->event_count++] = cells;
    }
    return SEINE_OK;
}

static seine_status read_touched(const reading *r, seine_json_value array) {
    seine_json_iter it = {0};
    while (seine_json_next(array, &it)) {
        const seine_str mover = seine_json_text(seine_json_at(it.value, 1));
        const int64_t day = seine_json_int(seine_json_at(it.value, 0), INT64_MAX),
                      causes = seine_json_int(seine_json_at(it.value, 2), -1);
        if (mover.data == NULL || day < INT32_MIN || day > INT32_MAX || causes < 0 || causes > UINT8_MAX)
            return wrong(r, "whose events are replaced is not told");
        const seine_str copy = {seine_arena_copy(&r->result->arena, mover.data, mover.size), mover.size};
        if (copy.data == NULL) return no_memory(r);
        SEINE_TRY(seine_found_events_touch(r->result, (seine_touched){(int32_t)day, copy, (unsigned)causes}, r->error));
    }
    seine_found_events_sort(r->result);
    return SEINE_OK;
}

seine_status seine_task_result_read(seine_json_value value, const char *lake, seine_store *store,
                                    seine_bucket_result *result, seine_error *error) {
    const reading r = {lake, store, result, error};
    seine_table *const *tables = store->plan->tables;
    SEINE_TRY(read_changes(&r, seine_json_get(value, "states"), tables[SEINE_PLAN_STATE], &store->states));
    SEINE_TRY(read_changes(&r, seine_json_get(value, "heads"), tables[SEINE_PLAN_HEAD], &store->heads));
    SEINE_TRY(read_changes(&r, seine_json_get(value, "rows"), tables[SEINE_PLAN_COLUMNS], &store->columns));
    SEINE_TRY(read_partitions(&r, seine_json_get(value, "partitions")));
    if (tables[SEINE_PLAN_EVENTS] != NULL)
        SEINE_TRY(read_events(&r, seine_json_get(value, "events"), seine_table_schema_of(tables[SEINE_PLAN_EVENTS])));
    SEINE_TRY(read_touched(&r, seine_json_get(value, "touched")));
    store->unchanged = (size_t)seine_json_int(seine_json_get(value, "unchanged"), 0);
    result->fixes_read = (uint64_t)seine_json_int(seine_json_get(value, "fixes_read"), 0);
    result->fixes_fed = (uint64_t)seine_json_int(seine_json_get(value, "fixes_fed"), 0);
    result->movers_fed = (uint64_t)seine_json_int(seine_json_get(value, "movers_fed"), 0);
    result->deadline_us = seine_json_int(seine_json_get(value, "deadline_us"), INT64_MAX);
    return SEINE_OK;
}
