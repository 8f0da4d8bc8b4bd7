/*
 * Fixes from memory and from silver files under one set of codes. Each partition has its own dictionaries, so that
 * partitions can be merged side by side and memory is bounded by the largest of them.
 */
#include "ingest/merged_rows.h"

#include "base/array.h"
#include "base/time.h"
#include "base/try.h"
#include "table/scan.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define TUPLE_BYTES_MAX ((size_t)1 << 20)
#define FIXES_MAX ((size_t)1 << 40) /* memory ends before */

typedef struct reading {
    const seine_dataset *dataset;
    const seine_known_sources *sources;
    seine_merged_rows *merged;
    seine_buf *tuple;
    seine_str last_mover, last_source; /* values of the row before, to skip look-ups */
    uint32_t last_mover_code, last_source_code, last_tuple_code;
} reading;

static seine_status add(seine_merged_rows *merged, const seine_fix *fix) {
    if (SEINE_ARRAY_ROOM(merged->fixes, merged->count, merged->capacity, 1, FIXES_MAX) != SEINE_OK)
        return SEINE_E_NOMEM;
    merged->fixes[merged->count++] = *fix;
    return SEINE_OK;
}

/* ---- from memory ---- */

static seine_status add_memory(const seine_row_pool *pool, const seine_partition_keys *keys,
                               seine_merged_rows *merged) {
    for (size_t i = 0; i < keys->count; i++) {
        seine_fix fix = *keys->keys[i].fix;
        SEINE_TRY(seine_dict_intern(&merged->movers, pool->movers.entries[fix.mover], &fix.mover));
        SEINE_TRY(seine_dict_intern(&merged->tuples, pool->tuples.entries[fix.statics], &fix.statics));
        SEINE_TRY(add(merged, &fix));
    }
    return SEINE_OK;
}

/* ---- from files ---- */

static seine_status resolve(reading *r, seine_str mover, seine_str source, seine_error *error) {
    if (!seine_str_equal(mover, r->last_mover)) {
        SEINE_TRY(seine_dict_intern(&r->merged->movers, mover, &r->last_mover_code));
        r->last_mover = r->merged->movers.entries[r->last_mover_code];
    }
    if (!seine_str_equal(source, r->last_source)) {
        /* Rows in silver belong to the source of that name which is live, or to one that this run adds. */
        r->last_source_code = seine_known_sources_find(r->sources, source, SEINE_SOURCE_LIVE);
        if (r->last_source_code == SEINE_NO_SOURCE)
            return seine_fail(error, SEINE_E_FORMAT,
                              "silver.%s names the source '%.*s', which is not a live source of the ledger",
                              r->dataset->name, SEINE_STR_ARG(source));
        r->last_source = seine_str_of(r->sources->items[r->last_source_code].row.name);
    }
    return SEINE_OK;
}

static double number_at(const seine_vec *vec, size_t row) {
    return vec->valid != NULL && vec->valid[row] == 0 ? (double)NAN : ((const double *)vec->values)[row];
}

/* A vessel's statics seldom change from row to row, and only a change is worth its code. */
static seine_status resolve_statics(reading *r, const seine_rows *rows, size_t row, uint32_t *code) {
    if (row == 0 || !seine_statics_repeat(r->dataset, rows, row)) {
        seine_statics tuple;
        seine_statics_of_row(r->dataset, rows, row, &tuple);
        seine_buf_clear(r->tuple);
        SEINE_TRY(seine_statics_encode(r->dataset, &tuple, r->tuple));
        SEINE_TRY(seine_dict_intern(&r->merged->tuples, seine_buf_str(r->tuple), &r->last_tuple_code));
    }
    *code = r->last_tuple_code;
    return SEINE_OK;
}

static seine_status add_row(reading *r, const seine_rows *rows, size_t row, seine_error *error) {
    const seine_vec *c = rows->columns, *lineage = c + seine_dataset_lineage_first(r->dataset);
    const seine_str mover = ((const seine_str *)c[SEINE_DATASET_ID].values)[row];
    const seine_str source = ((const seine_str *)lineage[0].values)[row];
    SEINE_TRY(resolve(r, mover, source, error));
    const int64_t number = ((const int64_t *)lineage[1].values)[row];
    if (number < 0 || (uint64_t)number > SEINE_SOURCE_ROWS_MAX)
        return seine_fail(error, SEINE_E_FORMAT, "silver.%s: source_row %" PRId64 " of '%.*s' cannot be",
                          r->dataset->name, number, SEINE_STR_ARG(source));
    seine_fix fix = {.ts_us = ((const int64_t *)c[SEINE_DATASET_TIME].values)[row],
                     .lat_deg = number_at(&c[SEINE_DATASET_LAT], row),
                     .lon_deg = number_at(&c[SEINE_DATASET_LON], row),
                     .measure = {(double)NAN, (double)NAN, (double)NAN},
                     .mover = r->last_mover_code,
                     .row = (uint32_t)number,
                     .source = r->last_source_code};
    for (size_t m = 0; m < r->dataset->measure_count; m++)
        fix.measure[m] = number_at(&c[SEINE_DATASET_MEASURES + m], row);
    SEINE_TRY(resolve_statics(r, rows, row, &fix.statics));
    return add(r->merged, &fix);
}

static seine_status add_rows(void *context, const seine_rows *rows, seine_error *error) {
    for (size_t i = 0; i < rows->count; i++) SEINE_TRY(add_row(context, rows, i, error));
    return SEINE_OK;
}

static seine_status add_files(const seine_merge_inputs *inputs, seine_merged_rows *merged, seine_error *error) {
    const seine_dataset *dataset = inputs->pool->dataset;
    const size_t count = seine_dataset_lineage_first(dataset) + 2; /* with source_file, source_row */
    size_t columns[SEINE_DATASET_COLUMNS_MAX];
    for (size_t c = 0; c < count; c++) columns[c] = c;
    seine_buf tuple SEINE_OWNED(seine_buf_free);
    seine_buf_init(&tuple, TUPLE_BYTES_MAX);
    reading r = {.dataset = dataset, .sources = inputs->sources, .merged = merged, .tuple = &tuple};
    const seine_scan scan = {.engine = inputs->engine,
                             .schema = seine_dataset_silver(dataset),
                             .columns = columns,
                             .column_count = count,
                             .files = inputs->files,
                             .file_count = inputs->file_count};
    return seine_scan_run(&scan, add_rows, &r, error);
}

/* ---- together ---- */

static seine_status make_keys(const seine_merge_inputs *inputs, seine_merged_rows *merged) {
    SEINE_TRY(
        seine_fix_words_make(inputs->pool->dataset, &merged->movers, &merged->tuples, inputs->sources, &merged->words));
    merged->keys = malloc((merged->count + 1) * sizeof *merged->keys);
    if (merged->keys == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < merged->count; i++) {
        const seine_fix *fix = &merged->fixes[i];
        const int64_t midnight_us = seine_time_day_start_us(seine_time_day(fix->ts_us));
        merged->keys[i] =
            (seine_fix_key){seine_fix_key_of(merged->words.mover_rank[fix->mover], fix->ts_us - midnight_us), fix};
    }
    return SEINE_OK;
}

static seine_status merge(const seine_merge_inputs *inputs, seine_merged_rows *merged, seine_error *error) {
    const seine_partition_keys *keys = inputs->keys;
    *merged = (seine_merged_rows){.capacity = inputs->file_rows + (keys != NULL ? keys->count : 0)};
    merged->fixes = malloc((merged->capacity + 1) * sizeof *merged->fixes);
    if (merged->fixes == NULL) return SEINE_E_NOMEM;
    if (keys != NULL) SEINE_TRY(add_memory(inputs->pool, keys, merged));
    SEINE_TRY(add_files(inputs, merged, error));
    return make_keys(inputs, merged);
}

seine_status seine_merged_rows_make(const seine_merge_inputs *inputs, seine_merged_rows *merged, seine_error *error) {
    const seine_status status = merge(inputs, merged, error);
    if (status == SEINE_OK) return SEINE_OK;
    seine_merged_rows_free(merged);
    if (status == SEINE_E_NOMEM) return seine_no_memory(error, "merging a partition");
    if (status == SEINE_E_LIMIT)
        return seine_fail(error, status, "a row of silver.%s is too long to be merged", inputs->pool->dataset->name);
    return status;
}

void seine_merged_rows_free(seine_merged_rows *merged) {
    free(merged->fixes);
    free(merged->keys);
    seine_dict_free(&merged->movers);
    seine_dict_free(&merged->tuples);
    seine_fix_words_free(&merged->words);
    *merged = (seine_merged_rows){0};
}
