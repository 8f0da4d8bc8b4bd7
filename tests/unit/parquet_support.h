/* A table of every type, filled at random in every kind of vec, and what each of its cells should be. */
#ifndef TESTS_UNIT_PARQUET_SUPPORT_H
#define TESTS_UNIT_PARQUET_SUPPORT_H

#include "base/arena.h"
#include "engine_support.h"

#define EVERY_COLUMNS 13

static const seine_column every_column[EVERY_COLUMNS] = {
    {1, "b", SEINE_TYPE_BOOLEAN, false, false, "", ""}, {2, "br", SEINE_TYPE_BOOLEAN, true, false, "", ""},
    {3, "i", SEINE_TYPE_INT, false, false, "", ""},     {4, "ir", SEINE_TYPE_INT, true, false, "", ""},
    {5, "l", SEINE_TYPE_LONG, false, false, "", ""},    {6, "lr", SEINE_TYPE_LONG, true, false, "", ""},
    {7, "d", SEINE_TYPE_DOUBLE, false, false, "", ""},  {8, "dr", SEINE_TYPE_DOUBLE, true, false, "", ""},
    {9, "day", SEINE_TYPE_DATE, false, false, "", ""},  {10, "ts", SEINE_TYPE_TIMESTAMPTZ, false, false, "", ""},
    {11, "s", SEINE_TYPE_STRING, false, false, "", ""}, {12, "sr", SEINE_TYPE_STRING, true, false, "", ""},
    {13, "x", SEINE_TYPE_BINARY, false, false, "", ""},
};
static const seine_table_schema every_schema = {"t.every", "", every_column, EVERY_COLUMNS, {{0}}, 0, {4}};

static inline size_t value_size(seine_type type) {
    switch (type) {
    case SEINE_TYPE_BOOLEAN: return 1;
    case SEINE_TYPE_INT:
    case SEINE_TYPE_DATE: return 4;
    case SEINE_TYPE_STRING:
    case SEINE_TYPE_BINARY: return sizeof(seine_str);
    default: return 8;
    }
}

/** xorshift64: the same numbers for the same seed everywhere. */
static inline uint64_t random_next(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    return *seed ^= *seed << 17;
}

/* How values follow each other. */
enum { FEW_DISTINCT, ALL_BITS, RISING, LONG_RUNS, SHAPES };

static inline seine_str random_text(uint64_t *seed, bool unique, seine_arena *arena) {
    static const char *const words[] = {"",
                                        "A",
                                        "\xC3\x85LESUND",
                                        "ABCDEFGHIJKLMNOP",
                                        "EVER GIVEN OF PANAMA CITY",
                                        "ABCDEFGHIJKLMNO\xF4\x8F\xBF\xBFtail",
                                        "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E"};
    const char *word = words[random_next(seed) % 7];
    const unsigned long long number = unique ? random_next(seed) : 0;
    return seine_str_of(unique ? seine_arena_printf(arena, "%s%llu", word, number) : word);
}

static inline void random_value(seine_type type, int shape, size_t row, uint64_t *seed, seine_arena *arena, void *to) {
    uint64_t r = random_next(seed);
    if (shape == FEW_DISTINCT) r %= 7;
    if (shape == RISING) r = row * 60000000 + r % 9;
    if (shape == LONG_RUNS) r %= 1000;
    switch (type) {
    case SEINE_TYPE_BOOLEAN: *(uint8_t *)to = r & 1; break;
    case SEINE_TYPE_INT: *(int32_t *)to = (int32_t)(uint32_t)r; break;
    case SEINE_TYPE_LONG: *(int64_t *)to = (int64_t)r; break;
    case SEINE_TYPE_DATE: *(int32_t *)to = (int32_t)(r % 100000) - 30000; break;
    case SEINE_TYPE_TIMESTAMPTZ: *(int64_t *)to = (int64_t)(r % 4000000000000000) - 1000000000000000; break;
    case SEINE_TYPE_DOUBLE: *(double *)to = r % 3 == 0 ? -0.0 : (double)(int64_t)r * 1e-7; break;
    case SEINE_TYPE_STRING:
    case SEINE_TYPE_BINARY: *(seine_str *)to = random_text(seed, shape == ALL_BITS, arena); break;
    }
}

static inline void *random_values(seine_type type, size_t count, uint64_t *seed, seine_arena *arena) {
    const size_t size = value_size(type);
    const int shape = (int)(random_next(seed) % SHAPES);
    uint8_t *values = seine_arena_alloc(arena, (count + 1) * size);
    for (size_t row = 0; row < count; row++) {
        if (shape == LONG_RUNS && row > 0 && random_next(seed) % 50 > 0)
            memcpy(values + row * size, values + (row - 1) * size, size);
        else
            random_value(type, shape, row, seed, arena, values + row * size);
    }
    return values;
}

/** A vec of a random kind; required columns get no nulls. */
static inline seine_vec random_vec(const seine_column *column, size_t rows, uint64_t *seed, seine_arena *arena) {
    static const unsigned null_shares[] = {0, 2, 50, 100};
    const unsigned nulls = column->required ? 0 : null_shares[random_next(seed) % 4];
    seine_vec vec = {.type = column->type, .kind = (seine_vec_kind)(random_next(seed) % 3)};
    if (vec.kind == SEINE_VEC_CONSTANT) {
        vec.values = random_values(column->type, 1, seed, arena);
        vec.is_null = nulls > 50;
    } else if (vec.kind == SEINE_VEC_PLAIN) {
        vec.values = random_values(column->type, rows, seed, arena);
        uint8_t *valid = seine_arena_alloc(arena, rows);
        for (size_t row = 0; row < rows; row++) valid[row] = random_next(seed) % 100 >= nulls;
        vec.valid = nulls > 0 || random_next(seed) % 2 == 0 ? valid : NULL;
    } else {
        const size_t sizes[] = {1, 2, 9, 1000, rows * 2};
        vec.dict_count = sizes[random_next(seed) % 5];
        vec.values = random_values(column->type, vec.dict_count, seed, arena);
        uint32_t *codes = SEINE_ARENA_ARRAY(arena, uint32_t, rows);
        const bool runs = random_next(seed) % 2 == 0;
        for (size_t row = 0; row < rows; row++) {
            codes[row] =
                random_next(seed) % 100 < nulls ? SEINE_CODE_NULL : (uint32_t)(random_next(seed) % vec.dict_count);
            if (runs && row > 0 && random_next(seed) % 20 > 0) codes[row] = codes[row - 1];
        }
        vec.codes = codes;
    }
    return vec;
}

/** Address of a cell, NULL when it is null. */
static inline const void *cell(const seine_vec *vec, size_t row) {
    size_t index = row;
    if (vec->kind == SEINE_VEC_CONSTANT) {
        if (vec->is_null) return NULL;
        index = 0;
    } else if (vec->kind == SEINE_VEC_DICT) {
        if (vec->codes[row] == SEINE_CODE_NULL) return NULL;
        index = vec->codes[row];
    } else if (vec->valid != NULL && !vec->valid[row]) {
        return NULL;
    }
    return (const uint8_t *)vec->values + index * value_size(vec->type);
}

/** Bit-wise for numbers. */
static inline bool same_cell(seine_type type, const void *a, const void *b) {
    if (a == NULL || b == NULL) return a == b;
    if (type == SEINE_TYPE_STRING || type == SEINE_TYPE_BINARY)
        return seine_str_equal(*(const seine_str *)a, *(const seine_str *)b);
    return memcmp(a, b, value_size(type)) == 0;
}

#endif
