/*
 * Chooses between runs of dictionary codes and dense values for one column of one row group.
 *
 *     CONSTANT ──────────────► one run
 *     DICT ──► runs of codes ─► few distinct? ──yes──► runs          no ──► dense
 *     PLAIN number ──► hash neighbours, give up early when it does not pay ──► runs or dense
 *     PLAIN text ────► the same through an interning dictionary
 *     booleans ──────► dense always: they are bits already
 */
#include "parquet/storage.h"

#include "base/array.h"
#include "base/try.h"

#include <assert.h>
#include <stdlib.h>

#define SCRATCH_MAX ((size_t)1 << 34)
#define ROWS_MAX ((size_t)1 << 30) /* of a row group */
#define DISTINCT_MAX 65536         /* of plain numbers and texts; given dictionaries may be larger */
#define FIRST_SLOTS 4096
#define CHECK_EVERY 8192 /* runs between two looks at whether the dictionary pays */

void seine_parquet_scratch_init(seine_parquet_scratch *scratch) {
    memset(scratch, 0, sizeof *scratch);
    seine_buf_init(&scratch->dict, SCRATCH_MAX);
    seine_buf_init(&scratch->values, SCRATCH_MAX);
    seine_buf_init(&scratch->valid, SCRATCH_MAX);
}

void seine_parquet_scratch_free(seine_parquet_scratch *scratch) {
    free(scratch->runs);
    seine_buf_free(&scratch->dict);
    seine_buf_free(&scratch->values);
    seine_buf_free(&scratch->valid);
    free(scratch->remap);
    free(scratch->slots);
    memset(scratch, 0, sizeof *scratch);
}

static seine_status grow_runs(seine_parquet_scratch *scratch, size_t rows) {
    return SEINE_ARRAY_ROOM(scratch->runs, 0, scratch->run_capacity, rows, ROWS_MAX);
}

/* Grows an array of zeroes; what is in it is forgotten. */
static seine_status grow_zeroed(uint32_t **array, size_t *capacity, size_t count) {
    if (*capacity >= count) return SEINE_OK;
    uint32_t *zeroes = calloc(count, sizeof *zeroes);
    if (zeroes == NULL) return SEINE_E_NOMEM;
    free(*array);
    *array = zeroes;
    *capacity = count;
    return SEINE_OK;
}

static void finish_runs(seine_parquet_scratch *scratch, size_t run_count, size_t dict_count,
                        seine_parquet_storage *storage) {
    storage->by_runs = true;
    storage->runs = scratch->runs;
    storage->run_count = run_count;
    storage->dict = scratch->dict.data;
    storage->dict_count = dict_count;
}

/* ---- runs ---- */

/*
 * Where the run of equal values ends that begins at row (run_end_1 for flags, _4 and _8 for values of that size). Most
 * runs are very short or very long: one value is looked at alone, then as many at a time as a compiler can compare.
 */
#define RUN_STEP 16
#define DEFINE_RUN_END(name, type)                                                           \
    static size_t name(const type *values, size_t row, size_t rows) {                        \
        const type value = values[row];                                                      \
        size_t end = row + 1;                                                                \
        for (const size_t few = rows - end < 8 ? rows : end + 8; end < few; end++)           \
            if (values[end] != value) return end;                                            \
        for (; rows - end >= RUN_STEP; end += RUN_STEP) {                                    \
            type differ = 0;                                                                 \
            for (size_t i = 0; i < RUN_STEP; i++) differ |= (type)(values[end + i] ^ value); \
            if (differ != 0) break;                                                          \
        }                                                                                    \
        while (end < rows && values[end] == value) end++;                                    \
        return end;                                                                          \
    }
DEFINE_RUN_END(run_end_1, uint8_t)
DEFINE_RUN_END(run_end_4, uint32_t)
DEFINE_RUN_END(run_end_8, uint64_t)

/* Where the rows with a value end that begin at row. */
static size_t valid_end(const uint8_t *valid, size_t row, size_t rows) {
    const uint8_t *null = valid != NULL ? memchr(valid + row, 0, rows - row) : NULL;
    return null != NULL ? (size_t)(null - valid) : rows;
}

/* ---- dense ---- */

/* Dense values of any kind of vec. */
static seine_status store_dense(seine_parquet_scratch *scratch, const seine_vec *vec, seine_parquet_storage *storage) {
    const size_t size = seine_type_size(storage->type);
    storage->by_runs = false;
    if (vec->kind == SEINE_VEC_PLAIN && (vec->valid == NULL || storage->null_count == 0)) {
        storage->values = vec->values;
        storage->valid = NULL;
        return SEINE_OK;
    }
    seine_buf_clear(&scratch->values);
    seine_buf_clear(&scratch->valid);
    SEINE_TRY(seine_buf_reserve(&scratch->values, storage->rows * size));
    SEINE_TRY(seine_buf_reserve(&scratch->valid, storage->rows));
    uint8_t *to = scratch->values.data, *valid = scratch->valid.data;
    const uint8_t *from = vec->values;
    for (size_t row = 0; row < storage->rows; row++) {
        size_t index = row;
        if (vec->kind == SEINE_VEC_PLAIN) {
            valid[row] = vec->valid[row] != 0;
        } else if (vec->kind == SEINE_VEC_DICT) {
            index = vec->codes[row];
            valid[row] = index != SEINE_CODE_NULL;
        } else {
            index = 0;
            valid[row] = !vec->is_null;
        }
        if (!valid[row]) continue;
        memcpy(to, from + index * size, size);
        to += size;
    }
    storage->values = scratch->values.data;
    storage->valid = storage->null_count > 0 ? valid : NULL;
    return SEINE_OK;
}

/* ---- given dictionaries ---- */

static seine_status store_constant(seine_parquet_scratch *scratch, const seine_vec *vec,
                                   seine_parquet_storage *storage) {
    const size_t size = seine_type_size(storage->type);
    storage->null_count = vec->is_null ? storage->rows : 0;
    seine_buf_clear(&scratch->dict);
    SEINE_TRY(seine_buf_append(&scratch->dict, vec->values, vec->is_null ? 0 : size));
    SEINE_TRY(grow_runs(scratch, 1));
    scratch->runs[0] = (seine_run){vec->is_null ? SEINE_CODE_NULL : 0, (uint32_t)storage->rows};
    finish_runs(scratch, 1, vec->is_null ? 0 : 1, storage);
    return SEINE_OK;
}

/* Runs of the caller's codes. */
static size_t find_runs(const uint32_t *codes, size_t rows, seine_run *runs) {
    size_t count = 0;
    for (size_t row = 0; row < rows;) {
        const size_t end = run_end_4(codes, row, rows);
        runs[count++] = (seine_run){codes[row], (uint32_t)(end - row)};
        row = end;
    }
    return count;
}

/* Renames the codes of the runs by first use and collects the values used. remap is left all zero. */
static seine_status remap_runs(seine_parquet_scratch *scratch, const seine_vec *vec, size_t run_count,
                               size_t *dict_count, size_t *nulls) {
    const size_t size = seine_type_size(vec->type);
    SEINE_TRY(grow_zeroed(&scratch->remap, &scratch->remap_capacity, vec->dict_count));
    SEINE_TRY(seine_buf_reserve(&scratch->dict, run_count * size));
    uint32_t *remap = scratch->remap;
    uint8_t *dict = scratch->dict.data;
    seine_run *runs = scratch->runs;
    uint32_t used = 0;
    size_t i = 0;
    for (; i < run_count; i++) {
        const uint32_t code = runs[i].code;
        if (code == SEINE_CODE_NULL) { /* one beyond the largest code */
            *nulls += runs[i].count;
            continue;
        }
        if (code >= vec->dict_count) break;
        if (remap[code] == 0) {
            memcpy(dict + used * size, (const uint8_t *)vec->values + code * size, size);
            remap[code] = ++used;
        }
        runs[i].code = remap[code] - 1;
    }
    for (size_t run = 0, row = 0; run < run_count; row += runs[run++].count)
        if (vec->codes[row] < vec->dict_count) remap[vec->codes[row]] = 0;
    *dict_count = used;
    return i == run_count ? SEINE_OK : SEINE_E_INTERNAL;
}

static seine_status store_dict(seine_parquet_scratch *scratch, const seine_vec *vec, seine_parquet_storage *storage) {
    SEINE_TRY(grow_runs(scratch, storage->rows));
    seine_buf_clear(&scratch->dict);
    const size_t run_count = find_runs(vec->codes, storage->rows, scratch->runs);
    size_t dict_count = 0;
    storage->null_count = 0;
    SEINE_TRY(remap_runs(scratch, vec, run_count, &dict_count, &storage->null_count));
    finish_runs(scratch, run_count, dict_count, storage);
    /* Nearly unique values are smaller without a dictionary. */
    if (storage->type == SEINE_TYPE_BOOLEAN || dict_count > (storage->rows - storage->null_count) / 4 * 3 + 64)
        return store_dense(scratch, vec, storage);
    return SEINE_OK;
}

/* ---- dictionaries found in plain numbers ---- */

static uint64_t bits_at(const void *values, size_t size, size_t row) {
    if (size == 8) return ((const uint64_t *)values)[row];
    return ((const uint32_t *)values)[row];
}

static size_t slot_of(uint64_t bits, unsigned shift) {
    return (size_t)(((bits ^ bits >> 32) * UINT64_C(0x9E3779B97F4A7C15)) >> shift);
}

typedef struct number_table {
    uint32_t *slots;
    size_t slot_count, most_slots;
    unsigned shift;
    uint8_t *dict; /* distinct values, `size` bytes each */
    size_t size;
    uint32_t count;
} number_table;

static void put_slot(number_table *table, uint64_t bits, uint32_t code) {
    size_t slot = slot_of(bits, table->shift);
    while (table->slots[slot] != 0) slot = (slot + 1) & (table->slot_count - 1);
    table->slots[slot] = code + 1;
}

static void rehash(number_table *table, size_t slot_count) {
    table->slot_count = slot_count;
    table->shift = 64 - (unsigned)__builtin_ctzll(slot_count);
    memset(table->slots, 0, slot_count * sizeof *table->slots);
    for (uint32_t code = 0; code < table->count; code++) put_slot(table, bits_at(table->dict, table->size, code), code);
}

static uint32_t intern_number(number_table *table, uint64_t bits) {
    size_t slot = slot_of(bits, table->shift);
    while (table->slots[slot] != 0) {
        const uint32_t code = table->slots[slot] - 1;
        if (bits_at(table->dict, table->size, code) == bits) return code;
        slot = (slot + 1) & (table->slot_count - 1);
    }
    table->slots[slot] = table->count + 1;
    memcpy(table->dict + table->count * table->size, &bits, table->size); /* little-endian */
    table->count++;
    if (table->count * 2 > table->slot_count && table->slot_count < table->most_slots)
        rehash(table, table->slot_count * 2);
    return table->count - 1;
}

/* As many as values may ever need. Files of a few rows are common: emptying them must not cost more than the rows. */
static size_t slots_of(size_t distinct) {
    size_t slots = 64;
    while (slots < distinct * 2) slots *= 2;
    return slots;
}

/* Whole numbers pack well without a dictionary, so theirs must be smaller to pay. */
static bool pays(seine_type type, size_t distinct, size_t values) {
    return distinct <= values / (type == SEINE_TYPE_DOUBLE ? 3 : 8) + 16;
}

/* @return the number of runs, or 0 when a dictionary does not pay. */
static size_t intern_numbers(const seine_vec *vec, size_t rows, number_table *table, seine_run *runs) {
    size_t count = 0;
    for (size_t row = 0, end, known_to = 0; row < rows; row = end) {
        uint32_t code = SEINE_CODE_NULL;
        if (row >= known_to) known_to = valid_end(vec->valid, row, rows);
        if (row == known_to) {
            end = run_end_1(vec->valid, row, rows);
        } else {
            end = table->size == 8 ? run_end_8(vec->values, row, known_to) : run_end_4(vec->values, row, known_to);
            code = intern_number(table, bits_at(vec->values, table->size, row));
        }
        runs[count++] = (seine_run){code, (uint32_t)(end - row)};
        if (table->count >= DISTINCT_MAX) return 0;
        if (count % CHECK_EVERY == 0 && !pays(vec->type, table->count, end)) return 0;
    }
    return pays(vec->type, table->count, rows) ? count : 0;
}

static seine_status store_numbers(seine_parquet_scratch *scratch, const seine_vec *vec,
                                  seine_parquet_storage *storage) {
    const size_t size = seine_type_size(storage->type);
    SEINE_TRY(grow_runs(scratch, storage->rows));
    const size_t distinct = storage->rows < DISTINCT_MAX ? storage->rows : DISTINCT_MAX, slots = slots_of(distinct);
    SEINE_TRY(grow_zeroed(&scratch->slots, &scratch->slot_capacity, slots));
    seine_buf_clear(&scratch->dict);
    SEINE_TRY(seine_buf_reserve(&scratch->dict, distinct * size));
    number_table table = {.slots = scratch->slots, .most_slots = slots, .dict = scratch->dict.data, .size = size};
    rehash(&table, slots < FIRST_SLOTS ? slots : FIRST_SLOTS);
    const size_t run_count = intern_numbers(vec, storage->rows, &table, scratch->runs);
    if (run_count == 0) return store_dense(scratch, vec, storage);
    finish_runs(scratch, run_count, table.count, storage);
    return SEINE_OK;
}

/* ---- dictionaries found in plain texts ---- */

/* @return OK with *count 0 when a dictionary does not pay. */
static seine_status intern_texts(const seine_vec *vec, size_t rows, seine_dict *dict, seine_run *runs, size_t *count) {
    const seine_str *values = vec->values;
    size_t runs_made = 0;
    *count = 0;
    for (size_t row = 0; row < rows; row++) {
        uint32_t code = SEINE_CODE_NULL;
        if (vec->valid == NULL || vec->valid[row]) {
            SEINE_TRY(seine_dict_intern(dict, values[row], &code));
        }
        if (runs_made > 0 && runs[runs_made - 1].code == code)
            runs[runs_made - 1].count++;
        else
            runs[runs_made++] = (seine_run){code, 1};
        const bool look = (row + 1) % CHECK_EVERY == 0 || row + 1 == rows;
        if (look && (dict->count > DISTINCT_MAX || dict->count > (row + 1) / 2 + 16)) return SEINE_OK;
    }
    *count = runs_made;
    return SEINE_OK;
}

static seine_status store_texts(seine_parquet_scratch *scratch, const seine_vec *vec, seine_parquet_storage *storage) {
    seine_dict dict SEINE_OWNED(seine_dict_free) = {0};
    size_t run_count = 0;
    SEINE_TRY(grow_runs(scratch, storage->rows));
    SEINE_TRY(intern_texts(vec, storage->rows, &dict, scratch->runs, &run_count));
    if (run_count == 0) return store_dense(scratch, vec, storage);
    /* The dictionary points at the caller's bytes, which live long enough; the interned copies do not. */
    seine_buf_clear(&scratch->dict);
    SEINE_TRY(seine_buf_reserve(&scratch->dict, dict.count * sizeof(seine_str) + 1));
    seine_str *own = (seine_str *)(void *)scratch->dict.data;
    size_t row = 0;
    uint32_t known = 0;
    for (size_t i = 0; i < run_count; row += scratch->runs[i++].count)
        if (scratch->runs[i].code == known) own[known++] = ((const seine_str *)vec->values)[row];
    finish_runs(scratch, run_count, dict.count, storage);
    return SEINE_OK;
}

static size_t count_nulls(const uint8_t *valid, size_t rows) {
    size_t nulls = 0;
    for (size_t row = 0; valid != NULL && row < rows; row++) nulls += valid[row] == 0;
    return nulls;
}

seine_status seine_parquet_storage_column(seine_parquet_scratch *scratch, const seine_vec *vec, size_t rows,
                                          seine_parquet_storage *storage) {
    assert(rows > 0);
    *storage = (seine_parquet_storage){.type = vec->type, .rows = rows};
    if (vec->kind == SEINE_VEC_CONSTANT) {
        const seine_status status = store_constant(scratch, vec, storage);
        const bool bits = vec->type == SEINE_TYPE_BOOLEAN && !vec->is_null;
        return status == SEINE_OK && bits ? store_dense(scratch, vec, storage) : status;
    }
    if (vec->kind == SEINE_VEC_DICT) return store_dict(scratch, vec, storage);
    storage->null_count = count_nulls(vec->valid, rows);
    if (storage->type == SEINE_TYPE_BOOLEAN) return store_dense(scratch, vec, storage);
    return seine_type_is_text(storage->type) ? store_texts(scratch, vec, storage)
                                             : store_numbers(scratch, vec, storage);
}
