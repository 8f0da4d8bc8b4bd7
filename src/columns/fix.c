/*
 * Packing and unpacking of statics tuples. Their bytes are hashed (columns/content.h), so they are part of the lake's
 * format.
 */
#include "columns/fix.h"

#include "base/try.h"

static seine_type static_type(const seine_dataset *dataset, size_t index) {
    return dataset->columns[seine_dataset_statics_first(dataset) + index].type;
}

/* Null is the byte 0; a value is the byte 1 and its little-endian bytes, text with a 4-byte length before it. */
seine_status seine_statics_encode(const seine_dataset *dataset, const seine_statics *tuple, seine_buf *bytes) {
    const size_t count = seine_dataset_statics_count(dataset);
    for (size_t i = 0; i < count; i++) {
        const seine_static *value = &tuple->column[i];
        const uint8_t present = value->is_null ? 0 : 1;
        const uint32_t size = (uint32_t)value->text.size;
        SEINE_TRY(seine_buf_append(bytes, &present, 1));
        if (value->is_null) continue;
        switch (static_type(dataset, i)) {
        case SEINE_TYPE_BOOLEAN:
        case SEINE_TYPE_INT: SEINE_TRY(seine_buf_append(bytes, &(int32_t){(int32_t)value->integer}, 4)); break;
        case SEINE_TYPE_LONG: SEINE_TRY(seine_buf_append(bytes, &value->integer, 8)); break;
        case SEINE_TYPE_DOUBLE: SEINE_TRY(seine_buf_append(bytes, &value->number, 8)); break;
        default:
            SEINE_TRY(seine_buf_append(bytes, &size, 4));
            SEINE_TRY(seine_buf_append(bytes, value->text.data, size));
        }
    }
    return SEINE_OK;
}

void seine_statics_decode(const seine_dataset *dataset, seine_str bytes, seine_statics *tuple) {
    const size_t count = seine_dataset_statics_count(dataset);
    const char *at = bytes.data;
    for (size_t i = 0; i < count; i++) {
        seine_static *value = &tuple->column[i];
        *value = (seine_static){.is_null = *at++ == 0};
        if (value->is_null) continue;
        switch (static_type(dataset, i)) {
        case SEINE_TYPE_BOOLEAN:
        case SEINE_TYPE_INT: {
            int32_t small;
            memcpy(&small, at, 4);
            value->integer = small;
            at += 4;
            break;
        }
        case SEINE_TYPE_LONG:
            memcpy(&value->integer, at, 8);
            at += 8;
            break;
        case SEINE_TYPE_DOUBLE:
            memcpy(&value->number, at, 8);
            at += 8;
            break;
        default: {
            uint32_t size;
            memcpy(&size, at, 4);
            value->text = (seine_str){at + 4, size};
            at += 4 + size;
        }
        }
    }
}

/* One column of all tuples as dictionary codes; equal values share a code. */
static seine_status take_column_apart(const seine_dataset *dataset, const seine_dict *tuples, seine_dict *values,
                                      size_t column, seine_statics_columns *out) {
    const seine_type type = static_type(dataset, column);
    for (uint32_t t = 0; t < tuples->count; t++) {
        seine_statics tuple;
        seine_statics_decode(dataset, tuples->entries[t], &tuple);
        const seine_static *value = &tuple.column[column];
        if (value->is_null) {
            out->codes[column][t] = SEINE_CODE_NULL;
            continue;
        }
        const uint8_t flag = value->integer != 0;
        seine_str key = value->text;
        const int32_t small = (int32_t)value->integer;
        if (type == SEINE_TYPE_INT) key = (seine_str){(const char *)&small, 4};
        if (type == SEINE_TYPE_LONG) key = (seine_str){(const char *)&value->integer, 8};
        if (type == SEINE_TYPE_DOUBLE) key = (seine_str){(const char *)&value->number, 8};
        if (type == SEINE_TYPE_BOOLEAN) key = (seine_str){(const char *)&flag, 1};
        SEINE_TRY(seine_dict_intern(values, key, &out->codes[column][t]));
    }
    return SEINE_OK;
}

/* Copies the distinct values of a column into typed memory of the arena. */
static seine_status keep_values(seine_type type, const seine_dict *values, size_t column, seine_statics_columns *out) {
    const size_t width = seine_type_size(type);
    char *memory = seine_arena_alloc(&out->arena, width * values->count);
    if (memory == NULL) return SEINE_E_NOMEM;
    for (uint32_t v = 0; v < values->count; v++) {
        if (type != SEINE_TYPE_STRING) {
            memcpy(memory + width * v, values->entries[v].data, width);
            continue;
        }
        const char *copy = seine_arena_copy(&out->arena, values->entries[v].data, values->entries[v].size);
        if (copy == NULL) return SEINE_E_NOMEM;
        const seine_str text = {copy, values->entries[v].size};
        memcpy(memory + width * v, &text, sizeof text);
    }
    out->values[column] = memory;
    out->value_count[column] = values->count;
    return SEINE_OK;
}

static seine_status make_columns(const seine_dataset *dataset, const seine_dict *tuples,
                                 seine_statics_columns *columns) {
    const size_t count = seine_dataset_statics_count(dataset);
    columns->hashes = SEINE_ARENA_ARRAY(&columns->arena, seine_hash128, tuples->count);
    if (columns->hashes == NULL) return SEINE_E_NOMEM;
    for (uint32_t t = 0; t < tuples->count; t++)
        columns->hashes[t] = seine_hash128_of(tuples->entries[t].data, tuples->entries[t].size);
    for (size_t c = 0; c < count; c++) {
        seine_dict values SEINE_OWNED(seine_dict_free) = {0};
        columns->codes[c] = SEINE_ARENA_ARRAY(&columns->arena, uint32_t, tuples->count);
        if (columns->codes[c] == NULL) return SEINE_E_NOMEM;
        SEINE_TRY(take_column_apart(dataset, tuples, &values, c, columns));
        SEINE_TRY(keep_values(static_type(dataset, c), &values, c, columns));
    }
    return SEINE_OK;
}

seine_status seine_statics_columns_make(const seine_dataset *dataset, const seine_dict *tuples,
                                        seine_statics_columns *columns) {
    *columns = (seine_statics_columns){0};
    const seine_status status = make_columns(dataset, tuples, columns);
    if (status != SEINE_OK) seine_statics_columns_free(columns);
    return status;
}

void seine_statics_columns_free(seine_statics_columns *columns) {
    seine_arena_free(&columns->arena);
    *columns = (seine_statics_columns){0};
}

void seine_statics_of_row(const seine_dataset *dataset, const seine_rows *rows, size_t row, seine_statics *tuple) {
    const size_t first = seine_dataset_statics_first(dataset), count = seine_dataset_statics_count(dataset);
    for (size_t i = 0; i < count; i++) {
        const seine_vec *vec = &rows->columns[first + i];
        seine_static *value = &tuple->column[i];
        size_t at;
        *value = (seine_static){.is_null = !seine_vec_at(vec, row, &at)};
        if (value->is_null) continue;
        switch (static_type(dataset, i)) {
        case SEINE_TYPE_BOOLEAN: value->integer = ((const uint8_t *)vec->values)[at]; break;
        case SEINE_TYPE_INT: value->integer = ((const int32_t *)vec->values)[at]; break;
        case SEINE_TYPE_LONG: value->integer = ((const int64_t *)vec->values)[at]; break;
        case SEINE_TYPE_DOUBLE: value->number = ((const double *)vec->values)[at]; break;
        default: value->text = ((const seine_str *)vec->values)[at];
        }
    }
}

/* Values of the same bits; of a dictionary's texts usually one and the same. */
static bool is_same(seine_type type, const void *values, size_t a, size_t b) {
    switch (type) {
    case SEINE_TYPE_BOOLEAN: return ((const uint8_t *)values)[a] == ((const uint8_t *)values)[b];
    case SEINE_TYPE_INT: return ((const int32_t *)values)[a] == ((const int32_t *)values)[b];
    case SEINE_TYPE_LONG: return ((const int64_t *)values)[a] == ((const int64_t *)values)[b];
    case SEINE_TYPE_DOUBLE: return memcmp((const double *)values + a, (const double *)values + b, sizeof(double)) == 0;
    default: {
        const seine_str x = ((const seine_str *)values)[a], y = ((const seine_str *)values)[b];
        return x.size == y.size && (x.data == y.data || seine_str_equal(x, y));
    }
    }
}

bool seine_statics_repeat(const seine_dataset *dataset, const seine_rows *rows, size_t row) {
    const size_t first = seine_dataset_statics_first(dataset), count = seine_dataset_statics_count(dataset);
    for (size_t i = 0; i < count; i++) {
        const seine_vec *vec = &rows->columns[first + i];
        size_t now, before;
        const bool is_value = seine_vec_at(vec, row, &now);
        if (is_value != seine_vec_at(vec, row - 1, &before)) return false;
        if (is_value && now != before && !is_same(static_type(dataset, i), vec->values, now, before)) return false;
    }
    return true;
}
