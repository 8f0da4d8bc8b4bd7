/*
 * Columns to Arrow. Every array owns its buffers through private_data; a release frees what the array still has, so
 * half-built arrays and children that the consumer moved away are released by the same code.
 */
#include "base/try.h"
#include "columns/arrow/arrow.h"

#include <stdlib.h>

#define MOST_BUFFERS 3

typedef struct owned_array {
    const void *buffers[MOST_BUFFERS];
    void *memory[MOST_BUFFERS];
} owned_array;

/* ---- release --------------------------------------------------------------------------------------------------- */

static void release_array(struct ArrowArray *array) {
    for (int64_t i = 0; i < array->n_children; i++) {
        struct ArrowArray *child = array->children[i];
        if (child != NULL && child->release != NULL) child->release(child);
        free(child);
    }
    free((void *)array->children);
    if (array->dictionary != NULL && array->dictionary->release != NULL) array->dictionary->release(array->dictionary);
    free(array->dictionary);
    owned_array *owned = array->private_data;
    for (int i = 0; i < MOST_BUFFERS; i++) free(owned->memory[i]);
    free(owned);
    *array = (struct ArrowArray){0};
}

static void release_schema(struct ArrowSchema *schema) {
    for (int64_t i = 0; i < schema->n_children; i++) {
        struct ArrowSchema *child = schema->children[i];
        if (child != NULL && child->release != NULL) child->release(child);
        free(child);
    }
    free((void *)schema->children);
    if (schema->dictionary != NULL && schema->dictionary->release != NULL) {
        schema->dictionary->release(schema->dictionary);
    }
    free(schema->dictionary);
    free(schema->private_data); /* the name */
    *schema = (struct ArrowSchema){0};
}

/* ---- parts ----------------------------------------------------------------------------------------------------- */

static seine_status new_array(struct ArrowArray *array, size_t length, int64_t buffers) {
    owned_array *owned = calloc(1, sizeof *owned);
    if (owned == NULL) return SEINE_E_NOMEM;
    *array = (struct ArrowArray){
        .length = (int64_t)length,
        .n_buffers = buffers,
        .buffers = owned->buffers,
        .release = release_array,
        .private_data = owned,
    };
    return SEINE_OK;
}

/* Zeroed bytes as buffer number index; never NULL when it succeeds, also for no bytes. */
static void *new_buffer(struct ArrowArray *array, int index, size_t bytes) {
    owned_array *owned = array->private_data;
    owned->memory[index] = calloc(1, bytes + 8);
    owned->buffers[index] = owned->memory[index];
    return owned->memory[index];
}

static bool is_null(const seine_vec *vec, size_t row) {
    size_t at;
    return !seine_vec_at(vec, row, &at);
}

static void set_bit(uint8_t *bits, size_t i) { bits[i / 8] = (uint8_t)(bits[i / 8] | 1u << i % 8); }

/* The validity buffer, left out when nothing is null. */
static seine_status put_validity(const seine_vec *vec, size_t count, struct ArrowArray *array) {
    size_t nulls = 0;
    for (size_t row = 0; row < count; row++) nulls += is_null(vec, row);
    array->null_count = (int64_t)nulls;
    if (nulls == 0) return SEINE_OK;
    uint8_t *bits = new_buffer(array, 0, (count + 7) / 8);
    if (bits == NULL) return SEINE_E_NOMEM;
    for (size_t row = 0; row < count; row++) {
        if (!is_null(vec, row)) set_bit(bits, row);
    }
    return SEINE_OK;
}

static seine_status put_fixed(const seine_vec *vec, size_t count, struct ArrowArray *array) {
    const size_t width = seine_type_size(vec->type);
    uint8_t *values = new_buffer(array, 1, count * width);
    if (values == NULL) return SEINE_E_NOMEM;
    if (vec->kind == SEINE_VEC_PLAIN) {
        if (count > 0) memcpy(values, vec->values, count * width);
        return SEINE_OK;
    }
    for (size_t row = 0; row < count; row++) {
        size_t at;
        if (seine_vec_at(vec, row, &at)) memcpy(values + row * width, (const uint8_t *)vec->values + at * width, width);
    }
    return SEINE_OK;
}

static seine_status put_booleans(const seine_vec *vec, size_t count, struct ArrowArray *array) {
    uint8_t *bits = new_buffer(array, 1, (count + 7) / 8);
    if (bits == NULL) return SEINE_E_NOMEM;
    for (size_t row = 0; row < count; row++) {
        size_t at;
        if (seine_vec_at(vec, row, &at) && ((const uint8_t *)vec->values)[at] != 0) set_bit(bits, row);
    }
    return SEINE_OK;
}

static seine_status put_texts(const seine_vec *vec, size_t count, struct ArrowArray *array) {
    const seine_str *texts = vec->values;
    size_t bytes = 0, at;
    for (size_t row = 0; row < count; row++) {
        if (seine_vec_at(vec, row, &at)) bytes += texts[at].size;
        if (bytes > INT32_MAX) return SEINE_E_LIMIT;
    }
    int32_t *offsets = new_buffer(array, 1, (count + 1) * sizeof *offsets);
    char *data = new_buffer(array, 2, bytes);
    if (offsets == NULL || data == NULL) return SEINE_E_NOMEM;
    size_t used = 0;
    for (size_t row = 0; row < count; row++) {
        offsets[row] = (int32_t)used;
        if (!seine_vec_at(vec, row, &at)) continue;
        if (texts[at].size > 0) memcpy(data + used, texts[at].data, texts[at].size);
        used += texts[at].size;
    }
    offsets[count] = (int32_t)used;
    return SEINE_OK;
}

static bool stays_dictionary(const seine_vec *vec) {
    return vec->kind == SEINE_VEC_DICT && seine_type_is_text(vec->type);
}

static seine_status put_codes(const seine_vec *vec, size_t count, struct ArrowArray *array) {
    if (vec->dict_count > INT32_MAX) return SEINE_E_LIMIT;
    int32_t *codes = new_buffer(array, 1, count * sizeof *codes);
    if (codes == NULL) return SEINE_E_NOMEM;
    for (size_t row = 0; row < count; row++) codes[row] = is_null(vec, row) ? 0 : (int32_t)vec->codes[row];
    array->dictionary = calloc(1, sizeof *array->dictionary);
    if (array->dictionary == NULL) return SEINE_E_NOMEM;
    SEINE_TRY(new_array(array->dictionary, vec->dict_count, 3));
    const seine_vec entries = {.type = vec->type, .kind = SEINE_VEC_PLAIN, .values = vec->values};
    return put_texts(&entries, vec->dict_count, array->dictionary);
}

static seine_status export_column(const seine_vec *vec, size_t count, struct ArrowArray *array) {
    const bool coded = stays_dictionary(vec);
    SEINE_TRY(new_array(array, count, seine_type_is_text(vec->type) && !coded ? 3 : 2));
    SEINE_TRY(put_validity(vec, count, array));
    if (coded) return put_codes(vec, count, array);
    if (seine_type_is_text(vec->type)) return put_texts(vec, count, array);
    return vec->type == SEINE_TYPE_BOOLEAN ? put_booleans(vec, count, array) : put_fixed(vec, count, array);
}

/* ---- schema ---------------------------------------------------------------------------------------------------- */

static const char *format_of(seine_type type) {
    switch (type) {
    case SEINE_TYPE_BOOLEAN: return "b";
    case SEINE_TYPE_INT: return "i";
    case SEINE_TYPE_LONG: return "l";
    case SEINE_TYPE_DOUBLE: return "g";
    case SEINE_TYPE_DATE: return "tdD";
    case SEINE_TYPE_TIMESTAMPTZ: return "tsu:UTC";
    case SEINE_TYPE_STRING: return "u";
    case SEINE_TYPE_BINARY: break;
    }
    return "z";
}

static seine_status new_schema(struct ArrowSchema *schema, const char *format, const char *name, int64_t flags) {
    const size_t size = strlen(name) + 1;
    char *copy = malloc(size);
    if (copy == NULL) return SEINE_E_NOMEM;
    memcpy(copy, name, size);
    *schema = (struct ArrowSchema){
        .format = format, .name = copy, .flags = flags, .release = release_schema, .private_data = copy};
    return SEINE_OK;
}

static seine_status export_schema(const seine_vec *vec, const char *name, struct ArrowSchema *schema) {
    const bool coded = stays_dictionary(vec);
    SEINE_TRY(new_schema(schema, coded ? "i" : format_of(vec->type), name, ARROW_FLAG_NULLABLE));
    if (!coded) return SEINE_OK;
    schema->dictionary = calloc(1, sizeof *schema->dictionary);
    if (schema->dictionary == NULL) return SEINE_E_NOMEM;
    return new_schema(schema->dictionary, format_of(vec->type), "", 0);
}

/* ---- the batch ------------------------------------------------------------------------------------------------- */

static seine_status make_parents(const seine_rows *rows, struct ArrowSchema *schema, struct ArrowArray *array) {
    SEINE_TRY(new_schema(schema, "+s", "", 0));
    SEINE_TRY(new_array(array, rows->count, 1));
    schema->children = calloc(rows->column_count + 1, sizeof *schema->children);
    array->children = calloc(rows->column_count + 1, sizeof *array->children);
    return schema->children != NULL && array->children != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

static seine_status export_child(const seine_rows *rows, size_t i, const char *name, struct ArrowSchema *schema,
                                 struct ArrowArray *array) {
    schema->children[i] = calloc(1, sizeof **schema->children);
    if (schema->children[i] == NULL) return SEINE_E_NOMEM;
    schema->n_children++;
    array->children[i] = calloc(1, sizeof **array->children);
    if (array->children[i] == NULL) return SEINE_E_NOMEM;
    array->n_children++;
    SEINE_TRY(export_schema(&rows->columns[i], name, schema->children[i]));
    return export_column(&rows->columns[i], rows->count, array->children[i]);
}

seine_status seine_arrow_export(const seine_rows *rows, const char *const *names, struct ArrowSchema *schema,
                                struct ArrowArray *array, seine_error *error) {
    struct ArrowSchema new_schema_struct = {0};
    struct ArrowArray new_array_struct = {0};
    seine_status status = make_parents(rows, &new_schema_struct, &new_array_struct);
    size_t i = 0;
    for (; status == SEINE_OK && i < rows->column_count; i++) {
        status = export_child(rows, i, names[i], &new_schema_struct, &new_array_struct);
    }
    if (status == SEINE_OK) {
        *schema = new_schema_struct;
        *array = new_array_struct;
        return SEINE_OK;
    }
    if (new_schema_struct.release != NULL) release_schema(&new_schema_struct);
    if (new_array_struct.release != NULL) release_array(&new_array_struct);
    if (status == SEINE_E_LIMIT) {
        return seine_fail(error, status, "column %s holds more text than Arrow's 32-bit offsets reach", names[i - 1]);
    }
    return seine_fail(error, status, "out of memory exporting %zu rows to Arrow", rows->count);
}
