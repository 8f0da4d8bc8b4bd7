/* The bytes of rows. Whatever has several bit patterns for one value (NaN, zero) has one here. */
#include "base/try.h"
#include "columns/content.h"

#include <math.h>

/* ---- fixes ---- */

static double canonical(double value) { return isnan(value) ? (double)NAN : value + 0.0; }

seine_hash128 seine_content_of_fix(const seine_fix *fix, seine_hash128 mover, seine_hash128 statics) {
    struct {
        uint64_t mover_low, mover_high;
        int64_t ts_us;
        double number[2 + SEINE_DATASET_MEASURES_MAX];
        uint64_t statics_low, statics_high;
    } row = {mover.low,
             mover.high,
             fix->ts_us,
             {canonical(fix->lat_deg), canonical(fix->lon_deg), canonical(fix->measure[0]), canonical(fix->measure[1]),
              canonical(fix->measure[2])},
             statics.low,
             statics.high};
    return seine_hash128_of(&row, sizeof row);
}

static double number_at(const seine_vec *vec, size_t row) {
    size_t at;
    return seine_vec_at(vec, row, &at) ? ((const double *)vec->values)[at] : (double)NAN;
}

static seine_fix fix_of_row(const seine_dataset *dataset, const seine_vec *column, size_t row) {
    size_t time_at; /* never null */
    (void)seine_vec_at(&column[SEINE_DATASET_TIME], row, &time_at);
    seine_fix fix = {.ts_us = ((const int64_t *)column[SEINE_DATASET_TIME].values)[time_at],
                     .lat_deg = number_at(&column[SEINE_DATASET_LAT], row),
                     .lon_deg = number_at(&column[SEINE_DATASET_LON], row)};
    for (size_t m = 0; m < SEINE_DATASET_MEASURES_MAX; m++)
        fix.measure[m] = m < dataset->measure_count ? number_at(&column[SEINE_DATASET_MEASURES + m], row) : (double)NAN;
    return fix;
}

seine_status seine_content_add_fixes(seine_hash128 *sum, const seine_dataset *dataset, const seine_rows *rows,
                                     seine_buf *scratch) {
    const seine_vec *id = &rows->columns[SEINE_DATASET_ID];
    for (size_t r = 0; r < rows->count; r++) {
        seine_statics tuple;
        size_t at; /* never null */
        seine_statics_of_row(dataset, rows, r, &tuple);
        seine_buf_clear(scratch);
        SEINE_TRY(seine_statics_encode(dataset, &tuple, scratch));
        (void)seine_vec_at(id, r, &at);
        const seine_str mover = ((const seine_str *)id->values)[at];
        const seine_fix fix = fix_of_row(dataset, rows->columns, r);
        const seine_hash128 statics = seine_hash128_of(scratch->data, scratch->size);
        *sum = seine_hash128_add(*sum, seine_content_of_fix(&fix, seine_hash128_of(mover.data, mover.size), statics));
    }
    return SEINE_OK;
}

/* ---- words ---- */

/* A null text is 0, others never are; null numbers are NaN of one kind, null integers a value that none has. */
static uint64_t word_of_text(seine_str text) { return seine_hash64(text.data, text.size) | 1; }

static uint64_t word_of_number(double number) {
    const double one_nan = NAN;
    uint64_t bits;
    memcpy(&bits, isnan(number) ? &one_nan : &number, sizeof bits);
    return bits;
}

static uint64_t word_of(const seine_vec *vec, size_t row) {
    size_t at;
    const bool is_value = seine_vec_at(vec, row, &at);
    switch (vec->type) {
    case SEINE_TYPE_STRING:
    case SEINE_TYPE_BINARY: return is_value ? word_of_text(((const seine_str *)vec->values)[at]) : 0;
    case SEINE_TYPE_DOUBLE: return word_of_number(is_value ? ((const double *)vec->values)[at] : (double)NAN);
    case SEINE_TYPE_BOOLEAN: return is_value ? ((const uint8_t *)vec->values)[at] : (uint64_t)INT64_MIN;
    case SEINE_TYPE_INT:
    case SEINE_TYPE_DATE: return is_value ? (uint64_t)((const int32_t *)vec->values)[at] : (uint64_t)INT64_MIN;
    default: return is_value ? (uint64_t)((const int64_t *)vec->values)[at] : (uint64_t)INT64_MIN;
    }
}

void seine_content_add_words(seine_hash128 *sum, const seine_rows *rows, size_t first, size_t last) {
    uint64_t words[SEINE_CONTENT_WORDS] = {0};
    for (size_t row = first; row < last; row++) {
        for (size_t c = 0; c < rows->column_count; c++) {
            const seine_vec *vec = &rows->columns[c];
            const bool repeats = row > first && vec->kind == SEINE_VEC_DICT && vec->codes[row] == vec->codes[row - 1];
            if (!repeats) words[c] = word_of(vec, row);
        }
        *sum = seine_hash128_add(*sum, seine_hash128_of(words, rows->column_count * sizeof *words));
    }
}

/* ---- cells ---- */

/* @p value is where the value lies, typed by @p type; numbers have @p width bytes. */
static seine_status put(seine_buf *out, bool is_value, seine_type type, const void *value, size_t width) {
    const uint8_t is_valid = is_value;
    SEINE_TRY(seine_buf_append(out, &is_valid, 1));
    if (!is_value) return SEINE_OK;
    if (!seine_type_is_text(type)) return seine_buf_append(out, value, width);
    const seine_str *text = value;
    const uint64_t size = text->size;
    SEINE_TRY(seine_buf_append(out, &size, sizeof size));
    return seine_buf_append(out, text->data, text->size);
}

seine_status seine_content_add_rows(seine_hash128 *sum, const seine_table_schema *schema, const seine_rows *rows,
                                    seine_buf *scratch) {
    for (size_t r = 0; r < rows->count; r++) {
        seine_buf_clear(scratch);
        for (size_t c = 0; c < rows->column_count; c++) {
            const seine_vec *vec = &rows->columns[c];
            const size_t width = seine_type_size(vec->type);
            size_t at;
            if (schema->columns[c].lineage) continue;
            const bool is_value = seine_vec_at(vec, r, &at);
            const seine_status status =
                put(scratch, is_value, vec->type, is_value ? (const char *)vec->values + at * width : NULL, width);
            if (status != SEINE_OK) return status;
        }
        *sum = seine_hash128_add(*sum, seine_hash128_of(scratch->data, scratch->size));
    }
    return SEINE_OK;
}

seine_status seine_content_of_cells(const seine_table_schema *schema, const seine_cell *row, size_t count,
                                    seine_buf *scratch, seine_hash128 *hash) {
    seine_buf_clear(scratch);
    for (size_t c = 0; c < count; c++) {
        if (schema->columns[c].lineage) continue;
        SEINE_TRY(put(scratch, !row[c].is_null, schema->columns[c].type, &row[c].as, 8));
    }
    *hash = seine_hash128_of(scratch->data, scratch->size);
    return SEINE_OK;
}
