/*
 * Gold against its inputs: each day of a model is made again by the statement that a refresh would run, and its rows
 * go by beside the stored ones, a batch of each in memory:
 *
 *     inputs ─▶ statement ─▶ rows ──┐
 *                                   ├─▶ counts, contents, the first row that differs
 *     files of the day ────▶ rows ──┘
 */
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "columns/content.h"
#include "verify/internal.h"
#include "table/job_timing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ROW_MAX_BYTES ((size_t)64 << 20)
#define VALUE_SIZE 80
#define KEY_SIZE 400

/* Rows that come one by one. */
typedef struct cursor {
    seine_query *query; /* NULL: no rows */
    seine_rows rows;    /* the batch at hand; count 0: the end */
    size_t at;          /* the row in it */
    bool is_over;
    int64_t count; /* rows that came */
    seine_hash128 content;
} cursor;

/* Where two rows part. */
typedef struct difference {
    int64_t row; /* from 1; 0 = nowhere so far */
    char key[KEY_SIZE];
    const char *column; /* NULL: one side has no such row */
    char made[VALUE_SIZE], stored[VALUE_SIZE];
} difference;

typedef struct comparison {
    seine_verification *v;
    const seine_model *model;
    const seine_model_table *table;
    const seine_model_part *part; /* NULL: nothing is stored */
    seine_partition_value day;
    cursor made, stored;
    seine_buf scratch;
    difference difference;
} comparison;

/* ---- values as text ---- */

static void value_text(const seine_vec *vec, size_t row, char text[VALUE_SIZE]) {
    const void *at = vec->values;
    if (vec->valid != NULL && !vec->valid[row]) {
        (void)snprintf(text, VALUE_SIZE, "null");
        return;
    }
    switch (vec->type) {
    case SEINE_TYPE_BOOLEAN:
        (void)snprintf(text, VALUE_SIZE, "%s", ((const uint8_t *)at)[row] ? "true" : "false");
        break;
    case SEINE_TYPE_INT: (void)snprintf(text, VALUE_SIZE, "%" PRId32, ((const int32_t *)at)[row]); break;
    case SEINE_TYPE_DATE: (void)seine_query_date_text(((const int32_t *)at)[row], text); break;
    case SEINE_TYPE_TIMESTAMPTZ: (void)seine_query_time_text(((const int64_t *)at)[row], text); break;
    case SEINE_TYPE_DOUBLE: (void)seine_number_text(((const double *)at)[row], text); break;
    case SEINE_TYPE_STRING: {
        const seine_str value = ((const seine_str *)at)[row];
        (void)snprintf(text, VALUE_SIZE, "\"%.*s\"", value.size < 60 ? (int)value.size : 60, value.data);
        break;
    }
    case SEINE_TYPE_BINARY: (void)snprintf(text, VALUE_SIZE, "%zu bytes", ((const seine_str *)at)[row].size); break;
    default: (void)snprintf(text, VALUE_SIZE, "%" PRId64, ((const int64_t *)at)[row]); break;
    }
}

/* The columns by which the table is sorted: "mmsi "366000001", hour_ts 2025-01-01T03:00:00Z". */
static void key_text(const seine_table_schema *schema, const cursor *c, char key[KEY_SIZE]) {
    size_t used = 0;
    key[0] = '\0';
    for (size_t i = 0; i < SEINE_SORT_COLUMNS_MAX && schema->sort_ids[i] != 0; i++) {
        const size_t column = (size_t)schema->sort_ids[i] - 1;
        char value[VALUE_SIZE];
        value_text(&c->rows.columns[column], c->at, value);
        const int size =
            snprintf(key + used, KEY_SIZE - used, "%s%s %s", i > 0 ? ", " : "", schema->columns[column].name, value);
        used += size > 0 && (size_t)size < KEY_SIZE - used ? (size_t)size : 0;
    }
}

/* ---- two streams side by side ---- */

static seine_status advance(comparison *c, cursor *at, seine_error *error) {
    if (at->query == NULL || at->is_over || ++at->at < at->rows.count) return SEINE_OK;
    if (seine_progress_stopped(c->v->options->progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "stopped");
    at->at = 0;
    SEINE_TRY(seine_query_next(at->query, &at->rows, error));
    at->is_over = at->rows.count == 0;
    at->count += (int64_t)at->rows.count;
    c->v->report->steps += at->rows.count;
    seine_status status = seine_content_add_rows(&at->content, &c->model->schema, &at->rows, &c->scratch);
    if (status == SEINE_E_LIMIT) return seine_fail(error, status, "%s: a row is too large", c->model->file);
    return status == SEINE_OK ? SEINE_OK : seine_no_memory(error, c->model->file);
}

static bool has_row(const cursor *c) { return c->at < c->rows.count; }

/* Equal as content hashes have it: numbers by their bits. Batches of a query are plain. */
static bool is_same_cell(const cursor *a, const cursor *b, size_t column) {
    const seine_vec *x = &a->rows.columns[column], *y = &b->rows.columns[column];
    const bool has_x = x->valid == NULL || x->valid[a->at], has_y = y->valid == NULL || y->valid[b->at];
    if (!has_x || !has_y) return has_x == has_y;
    switch (x->type) {
    case SEINE_TYPE_STRING:
    case SEINE_TYPE_BINARY:
        return seine_str_equal(((const seine_str *)x->values)[a->at], ((const seine_str *)y->values)[b->at]);
    case SEINE_TYPE_BOOLEAN: return ((const uint8_t *)x->values)[a->at] == ((const uint8_t *)y->values)[b->at];
    case SEINE_TYPE_INT:
    case SEINE_TYPE_DATE: return ((const int32_t *)x->values)[a->at] == ((const int32_t *)y->values)[b->at];
    default: return memcmp((const int64_t *)x->values + a->at, (const int64_t *)y->values + b->at, 8) == 0;
    }
}

/* Rows come in the table's order from both sides, so that the first pair that differs tells where. */
static void compare_pair(comparison *c, int64_t row) {
    const seine_table_schema *schema = &c->model->schema;
    difference *d = &c->difference;
    for (size_t i = 0; i < schema->column_count; i++) {
        if (schema->columns[i].lineage || is_same_cell(&c->made, &c->stored, i)) continue;
        d->row = row;
        d->column = schema->columns[i].name;
        key_text(schema, &c->stored, d->key);
        value_text(&c->made.rows.columns[i], c->made.at, d->made);
        value_text(&c->stored.rows.columns[i], c->stored.at, d->stored);
        return;
    }
}

static seine_status walk(comparison *c, seine_error *error) {
    for (int64_t row = 1;; row++) {
        SEINE_TRY(advance(c, &c->made, error));
        SEINE_TRY(advance(c, &c->stored, error));
        const bool has_made = has_row(&c->made), has_stored = has_row(&c->stored);
        if (!has_made && !has_stored) return SEINE_OK;
        if (c->difference.row > 0) continue; /* the rest is only counted and hashed */
        if (has_made && has_stored) {
            compare_pair(c, row);
        } else {
            c->difference.row = row;
            key_text(&c->model->schema, has_made ? &c->made : &c->stored, c->difference.key);
        }
    }
}

static seine_status begin_stored(comparison *c, seine_engine *engine, seine_error *error) {
    if (c->part == NULL || c->part->file_count == 0) return SEINE_OK;
    const seine_table_schema *schema = c->table->schema;
    size_t *columns SEINE_OWNED(seine_free_owned) = malloc(schema->column_count * sizeof *columns);
    if (columns == NULL) return seine_no_memory(error, c->model->file);
    for (size_t i = 0; i < schema->column_count; i++) columns[i] = i;
    return seine_scan_start(engine, schema, columns, schema->column_count, c->part->files, c->part->file_count, NULL,
                            &c->stored.query, error);
}

/* ---- one day ---- */

static void tell_difference(const comparison *c) {
    const difference *d = &c->difference;
    char day[16], what[64], where[2 * VALUE_SIZE + 160] = "";
    if (c->made.count == c->stored.count)
        (void)snprintf(what, sizeof what, "not those that its inputs give");
    else
        (void)snprintf(what, sizeof what, "its inputs give %" PRId64, c->made.count);
    if (d->column != NULL)
        (void)snprintf(where, sizeof where, "%s is %s, should be %s", d->column, d->stored, d->made);
    else if (d->row > 0)
        (void)snprintf(where, sizeof where, "%s", d->row > c->stored.count ? "is missing" : "should not be there");
    seine_verify_finding(c->v, "%s %s: %" PRId64 " rows, %s; the first that differs is row %" PRId64 " (%s): %s",
                         c->table->name, seine_model_day_text(c->model, c->day, day), c->stored.count, what, d->row,
                         d->key, where);
}

/* Sums of rows do not know an order: rows that are sorted alike may come in another one. */
static void judge(const comparison *c) {
    const int64_t rows = c->part != NULL ? c->part->rows : 0;
    const seine_hash128 content = c->part != NULL ? c->part->content : (seine_hash128){0, 0};
    char day[16];
    if (c->made.count != c->stored.count || !seine_hash128_equal(c->made.content, c->stored.content))
        tell_difference(c);
    else if (rows != c->made.count || !seine_hash128_equal(content, c->made.content))
        seine_verify_finding(c->v,
                             "%s %s: %" PRId64 " rows whose content is not that of the %" PRId64 " rows of the ledger",
                             c->table->name, seine_model_day_text(c->model, c->day, day), c->stored.count, rows);
}

/* What rows or SQL can bring about, though they did not when the day was made. */
static bool is_of_the_day(seine_status status) {
    return status == SEINE_E_FORMAT || status == SEINE_E_LIMIT || status == SEINE_E_UNSUPPORTED ||
           status == SEINE_E_INTERNAL;
}

static void comparison_end(comparison *c) {
    seine_query_end(c->made.query);
    seine_query_end(c->stored.query);
    seine_buf_free(&c->scratch);
}

/* Runs the model for the day and compares its rows with what is stored. */
static seine_status make_again(comparison fresh, seine_model_stage *stage, int64_t ran_at_us, seine_error *error) {
    comparison c SEINE_OWNED(comparison_end) = fresh;
    int64_t wanted = 0;
    seine_buf_init(&c.scratch, ROW_MAX_BYTES);
    SEINE_TRY(seine_model_stage_run(stage, c.model, c.day, ran_at_us, &wanted, &c.made.query, error));
    SEINE_TRY(begin_stored(&c, stage->room->engine, error));
    SEINE_TRY(walk(&c, error));
    judge(&c);
    return SEINE_OK;
}

static seine_status compare_day(seine_verification *v, seine_model_stage *stage, const seine_model *model,
                                const seine_model_table *table, seine_partition_value day, int64_t ran_at_us,
                                seine_error *error) {
    const comparison fresh = {
        .v = v, .model = model, .table = table, .day = day, .part = seine_model_part_find(table, day)};
    seine_error why = {SEINE_OK, ""};
    char text[16];
    seine_status status = make_again(fresh, stage, ran_at_us, &why);
    stage->is_tight = status == SEINE_E_NOMEM && !seine_progress_stopped(v->options->progress);
    if (stage->is_tight) status = make_again(fresh, stage, ran_at_us, &why);
    stage->is_tight = false;
    if (status == SEINE_OK) return SEINE_OK;
    if (!is_of_the_day(status)) return seine_fail(error, status, "%s", why.text);
    seine_verify_finding(v, "%s %s cannot be made again: %s", table->name, seine_model_day_text(model, day, text),
                         why.text);
    return SEINE_OK;
}

/* ---- one model ---- */

/* Rows of days that no input has. Units and parts are by day, null first. */
static void find_strays(seine_verification *v, const seine_model *model, const seine_model_table *table,
                        const seine_model_unit *units, size_t count) {
    char text[16];
    size_t u = 0;
    for (size_t i = 0; i < table->count; i++) {
        while (u < count && seine_partition_value_compare(units[u].day, table->parts[i].day) < 0) u++;
        v->report->steps++;
        if (u < count && seine_partition_value_compare(units[u].day, table->parts[i].day) == 0) continue;
        if (table->parts[i].rows > 0)
            seine_verify_finding(v, "%s %s: %" PRId64 " rows of a day that its inputs do not have", table->name,
                                 seine_model_day_text(model, table->parts[i].day, text), table->parts[i].rows);
    }
}

/* A model with other columns than the table is another model, and the next refresh makes the table anew. */
static bool has_columns(const seine_table_schema *schema, const seine_model *model) {
    if (schema->column_count != model->schema.column_count) return false;
    for (size_t i = 0; i < schema->column_count; i++)
        if (strcmp(schema->columns[i].name, model->schema.columns[i].name) != 0 ||
            schema->columns[i].type != model->schema.columns[i].type)
            return false;
    return true;
}

seine_status seine_verify_remade(seine_verification *v, seine_model_stage *stage, const seine_model *model,
                                 const seine_model_unit *units, size_t count, size_t *stale, seine_error *error) {
    const seine_model_table *table = seine_model_lake_find(stage->lake, model->schema.name);
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_job_timing *timings = NULL;
    size_t timing_count = 0, t = 0;
    const bool is_same_shape = has_columns(table->schema, model);
    *stale = 0;
    SEINE_TRY(seine_ledger_timings(v->catalog, table->name, &arena, &timings, &timing_count, error));
    find_strays(v, model, table, units, count);
    for (size_t i = 0; i < count; i++) {
        v->report->steps++;
        seine_progress_report(v->options->progress, table->name, i, count);
        while (t < timing_count && seine_partition_value_compare(timings[t].partition, units[i].day) < 0) t++;
        const bool has_run = t < timing_count && seine_partition_value_compare(timings[t].partition, units[i].day) == 0;
        const bool is_stale = units[i].is_stale || !is_same_shape;
        *stale += is_stale;
        if (is_stale) continue;
        SEINE_TRY(compare_day(v, stage, model, table, units[i].day, has_run ? timings[t].ran_at_us : 0, error));
    }
    return SEINE_OK;
}
