/*
 * Packing and unpacking of statics tuples. Their bytes are hashed (columns/content.h), so they are part of the lake's
 * format.
 */
#include "columns/fix.h"

#include "base/try.h"
static seine_type static_type(size_t index) {
    switch (SEINE_STATICS_FIRST + index) {
    case SEINE_AIS_VESSEL_TYPE:
    case SEINE_AIS_STATUS:
    case SEINE_AIS_CARGO: return SEINE_TYPE_INT;
    case SEINE_AIS_LENGTH:
    case SEINE_AIS_WIDTH:
    case SEINE_AIS_DRAFT:
    case SEINE_AIS_SHORE:
    case SEINE_AIS_PORT: return SEINE_TYPE_DOUBLE;
    default: return SEINE_TYPE_STRING;
    }
}

/* Null is the byte 0; a value is the byte 1 and its little-endian bytes, text with a 4-byte length before it. */
seine_status seine_statics_encode(const seine_statics *tuple, seine_buf *bytes) {
    for (size_t i = 0; i < SEINE_STATICS_COUNT; i++) {
        const seine_static *value = &tuple->column[i];
        const uint8_t present = value->is_null ? 0 : 1;
        const uint32_t size = (uint32_t)value->text.size;
        SEINE_TRY(seine_buf_append(bytes, &present, 1));
        if (value->is_null) continue;
        switch (static_type(i)) {
        case SEINE_TYPE_INT: SEINE_TRY(seine_buf_append(bytes, &value->integer, 4)); break;
        case SEINE_TYPE_DOUBLE: SEINE_TRY(seine_buf_append(bytes, &value->number, 8)); break;
        default:
            SEINE_TRY(seine_buf_append(bytes, &size, 4));
            SEINE_TRY(seine_buf_append(bytes, value->text.data, size));
        }
    }
    return SEINE_OK;
}

void seine_statics_decode(seine_str bytes, seine_statics *tuple) {
    const char *at = bytes.data;
    for (size_t i = 0; i < SEINE_STATICS_COUNT; i++) {
        seine_static *value = &tuple->column[i];
        *value = (seine_static){.is_null = *at++ == 0};
        if (value->is_null) continue;
        switch (static_type(i)) {
        case SEINE_TYPE_INT:
            memcpy(&value->integer, at, 4);
            at += 4;
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
static seine_status take_column_apart(const seine_dict *tuples, seine_dict *values, size_t column,
                                      seine_statics_columns *out) {
    for (uint32_t t = 0; t < tuples->count; t++) {
        seine_statics tuple;
        seine_statics_decode(tuples->entries[t], &tuple);
        const seine_static *value = &tuple.column[column];
        if (value->is_null) {
            out->codes[column][t] = SEINE_CODE_NULL;
            continue;
        }
        seine_str key = value->text;
        if (static_type(column) == SEINE_TYPE_INT) key = (seine_str){(const char *)&value->integer, 4};
        if (static_type(column) == SEINE_TYPE_DOUBLE) key = (seine_str){(const char *)&value->number, 8};
        SEINE_TRY(seine_dict_intern(values, key, &out->codes[column][t]));
    }
    return SEINE_OK;
}

/* Copies the distinct values of a column into typed memory of the arena. */
static seine_status keep_values(const seine_dict *values, size_t column, seine_statics_columns *out) {
    const seine_type type = static_type(column);
    const size_t width = type == SEINE_TYPE_INT ? 4 : type == SEINE_TYPE_DOUBLE ? 8 : sizeof(seine_str);
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

static seine_status make_columns(const seine_dict *tuples, seine_statics_columns *columns) {
    columns->hashes = SEINE_ARENA_ARRAY(&columns->arena, seine_hash128, tuples->count);
    if (columns->hashes == NULL) return SEINE_E_NOMEM;
    for (uint32_t t = 0; t < tuples->count; t++)
        columns->hashes[t] = seine_hash128_of(tuples->entries[t].data, tuples->entries[t].size);
    for (size_t c = 0; c < SEINE_STATICS_COUNT; c++) {
        seine_dict values SEINE_OWNED(seine_dict_free) = {0};
        columns->codes[c] = SEINE_ARENA_ARRAY(&columns->arena, uint32_t, tuples->count);
        if (columns->codes[c] == NULL) return SEINE_E_NOMEM;
        SEINE_TRY(take_column_apart(tuples, &values, c, columns));
        SEINE_TRY(keep_values(&values, c, columns));
    }
    return SEINE_OK;
}

seine_status seine_statics_columns_make(const seine_dict *tuples, seine_statics_columns *columns) {
    *columns = (seine_statics_columns){0};
    const seine_status status = make_columns(tuples, columns);
    if (status != SEINE_OK) seine_statics_columns_free(columns);
    return status;
}

void seine_statics_columns_free(seine_statics_columns *columns) {
    seine_arena_free(&columns->arena);
    *columns = (seine_statics_columns){0};
}

void seine_statics_of_row(const seine_rows *rows, size_t row, seine_statics *tuple) {
    for (size_t i = 0; i < SEINE_STATICS_COUNT; i++) {
        const seine_vec *vec = &rows->columns[SEINE_STATICS_FIRST + i];
        seine_static *value = &tuple->column[i];
        size_t at;
        *value = (seine_static){.is_null = !seine_vec_at(vec, row, &at)};
        if (value->is_null) continue;
        switch (static_type(i)) {
        case SEINE_TYPE_INT: value->integer = ((const int32_t *)vec->values)[at]; break;
        case SEINE_TYPE_DOUBLE: value->number = ((const double *)vec->values)[at]; break;
        default: value->text = ((const seine_str *)vec->values)[at];
        }
    }
}

/* Values of the same bits; of a dictionary's texts usually one and the same. */
static bool is_same(seine_type type, const void *values, size_t a, size_t b) {
    switch (type) {
    case SEINE_TYPE_INT: return ((const int32_t *)values)[a] == ((const int32_t *)values)[b];
    case SEINE_TYPE_DOUBLE: return memcmp((const double *)values + a, (const double *)values + b, sizeof(double)) == 0;
    default: {
        const seine_str x = ((const seine_str *)values)[a], y = ((const seine_str *)values)[b];
        return x.size == y.size && (x.data == y.data || seine_str_equal(x, y));
    }
    }
}

bool seine_statics_repeat(const seine_rows *rows, size_t row) {
    for (size_t i = 0; i < SEINE_STATICS_COUNT; i++) {
        const seine_vec *vec = &rows->columns[SEINE_STATICS_FIRST + i];
        size_t now, before;
        const bool is_value = seine_vec_at(vec, row, &now);
        if (is_value != seine_vec_at(vec, row - 1, &before)) return false;
        if (is_value && now != before && !is_same(static_type(i), vec->values, now, before)) return false;
    }
    return true;
}
