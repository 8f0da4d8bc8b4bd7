/*
 * Arrow to columns. The producer vouches for the sizes of its buffers, as the interface cannot tell them; everything
 * that can be checked (counts, offsets that go backwards, codes beyond the dictionary) is.
 */
#include "base/try.h"
#include "columns/arrow/arrow.h"

#include <stdlib.h>

typedef struct import {
    seine_arena *arena;
    seine_error *error;
    const char *name; /* column being read */
    size_t count;     /* rows */
} import;

static seine_status fail_nomem(const import *in) {
    return seine_fail(in->error, SEINE_E_NOMEM, "column %s: out of memory importing from Arrow", in->name);
}

static seine_status fail_format(const import *in, const char *why) {
    return seine_fail(in->error, SEINE_E_FORMAT, "column %s: malformed Arrow array: %s", in->name, why);
}

static bool bit_at(const uint8_t *bits, size_t i) { return (bits[i / 8] >> i % 8 & 1) != 0; }

/* Bits to bytes. @return NULL when out of memory. */
static uint8_t *spread_bits(const import *in, const void *bits, size_t offset, size_t count) {
    uint8_t *bytes = seine_arena_alloc(in->arena, count);
    for (size_t i = 0; bytes != NULL && i < count; i++) bytes[i] = bit_at(bits, offset + i);
    return bytes;
}

static seine_status read_validity(const import *in, const struct ArrowArray *array, seine_vec *vec) {
    if (array->null_count == 0 || array->buffers[0] == NULL) return SEINE_OK;
    vec->valid = spread_bits(in, array->buffers[0], (size_t)array->offset, in->count);
    return vec->valid != NULL ? SEINE_OK : fail_nomem(in);
}

static seine_status read_fixed(const import *in, const struct ArrowArray *array, size_t width, seine_vec *vec) {
    static const uint64_t NOTHING = 0;
    if (in->count > 0 && array->buffers[1] == NULL) return fail_format(in, "no values");
    vec->values =
        in->count > 0 ? (const uint8_t *)array->buffers[1] + (size_t)array->offset * width : (const uint8_t *)&NOTHING;
    return SEINE_OK;
}

static seine_status read_booleans(const import *in, const struct ArrowArray *array, seine_vec *vec) {
    if (in->count > 0 && array->buffers[1] == NULL) return fail_format(in, "no values");
    vec->values = spread_bits(in, array->buffers[1], (size_t)array->offset, in->count);
    return vec->values != NULL ? SEINE_OK : fail_nomem(in);
}

static int64_t offset_at(const void *offsets, bool large, size_t i) {
    return large ? ((const int64_t *)offsets)[i] : ((const int32_t *)offsets)[i];
}

/* Texts of an array of its own length, for columns and dictionaries alike. */
static seine_status read_texts(const import *in, const struct ArrowArray *array, size_t count, bool large,
                               const void **values) {
    seine_str *texts = SEINE_ARENA_ARRAY(in->arena, seine_str, count);
    if (texts == NULL) return fail_nomem(in);
    *values = texts;
    if (count == 0) return SEINE_OK;
    const void *offsets = array->buffers[1];
    const char *data = array->buffers[2] != NULL ? array->buffers[2] : "";
    if (offsets == NULL) return fail_format(in, "no offsets");
    for (size_t i = 0; i < count; i++) {
        const size_t at = (size_t)array->offset + i;
        const int64_t from = offset_at(offsets, large, at);
        const int64_t to = offset_at(offsets, large, at + 1);
        if (from < 0 || to < from) return fail_format(in, "offsets go backwards");
        texts[i] = (seine_str){data + from, (size_t)(to - from)};
    }
    return SEINE_OK;
}

/* Index types of dictionaries: signed c s i l, unsigned C S I L. @return the code, or -1. */
static int64_t code_at(const void *codes, char format, size_t i) {
    switch (format) {
    case 'c': return ((const int8_t *)codes)[i];
    case 'C': return ((const uint8_t *)codes)[i];
    case 's': return ((const int16_t *)codes)[i];
    case 'S': return ((const uint16_t *)codes)[i];
    case 'i': return ((const int32_t *)codes)[i];
    case 'I': return ((const uint32_t *)codes)[i];
    case 'l':
    case 'L': return ((const int64_t *)codes)[i];
    default: return -1;
    }
}

static seine_status read_codes(const import *in, const struct ArrowArray *array, char format, seine_vec *vec) {
    uint32_t *codes = SEINE_ARENA_ARRAY(in->arena, uint32_t, in->count);
    if (codes == NULL) return fail_nomem(in);
    if (in->count > 0 && array->buffers[1] == NULL) return fail_format(in, "no codes");
    const uint8_t *valid = array->null_count != 0 ? array->buffers[0] : NULL;
    for (size_t i = 0; i < in->count; i++) {
        const size_t at = (size_t)array->offset + i;
        codes[i] = SEINE_CODE_NULL;
        if (valid != NULL && !bit_at(valid, at)) continue;
        const int64_t code = code_at(array->buffers[1], format, at);
        if (code < 0 || (uint64_t)code >= vec->dict_count) return fail_format(in, "a code beyond the dictionary");
        const uint8_t *entry_valid = array->dictionary->null_count != 0 ? array->dictionary->buffers[0] : NULL;
        const size_t entry = (size_t)array->dictionary->offset + (size_t)code;
        if (entry_valid == NULL || bit_at(entry_valid, entry)) codes[i] = (uint32_t)code;
    }
    vec->codes = codes;
    return SEINE_OK;
}

static bool is_text_format(const char *format) {
    return format[0] != '\0' && format[1] == '\0' && strchr("uUzZ", format[0]) != NULL;
}

static seine_type text_type(const char *format) {
    return format[0] == 'u' || format[0] == 'U' ? SEINE_TYPE_STRING : SEINE_TYPE_BINARY;
}

static bool is_large(const char *format) { return format[0] == 'U' || format[0] == 'Z'; }

static seine_status fail_type(const import *in, const char *format) {
    return seine_fail(in->error, SEINE_E_UNSUPPORTED, "column %s: Arrow type \"%s\" is not supported", in->name,
                      format);
}

static seine_status read_dictionary(const import *in, const struct ArrowSchema *schema, const struct ArrowArray *array,
                                    seine_vec *vec) {
    const struct ArrowArray *entries = array->dictionary;
    const char *format = schema->dictionary->format;
    if (!is_text_format(format) || schema->format[1] != '\0') return fail_type(in, format);
    if (entries == NULL || entries->length < 0 || entries->length >= SEINE_CODE_NULL || entries->n_buffers != 3) {
        return fail_format(in, "its dictionary");
    }
    vec->kind = SEINE_VEC_DICT;
    vec->type = text_type(format);
    vec->dict_count = (size_t)entries->length;
    SEINE_TRY(read_texts(in, entries, vec->dict_count, is_large(format), &vec->values));
    return read_codes(in, array, schema->format[0], vec);
}

static bool fixed_type(const char *format, seine_type *type, size_t *width) {
    static const struct {
        const char *format;
        seine_type type;
        size_t width;
    } TYPES[] = {
        {"i", SEINE_TYPE_INT, 4}, {"l", SEINE_TYPE_LONG, 8}, {"g", SEINE_TYPE_DOUBLE, 8}, {"tdD", SEINE_TYPE_DATE, 4}};
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
        if (strcmp(format, TYPES[i].format) != 0) continue;
        *type = TYPES[i].type;
        *width = TYPES[i].width;
        return true;
    }
    *type = SEINE_TYPE_TIMESTAMPTZ;
    *width = 8;
    return strncmp(format, "tsu:", 4) == 0; /* whatever the zone, the value is UTC */
}

static seine_status import_column(const import *in, const struct ArrowSchema *schema, const struct ArrowArray *array,
                                  seine_vec *vec) {
    const char *format = schema->format;
    *vec = (seine_vec){.kind = SEINE_VEC_PLAIN};
    if (array->offset < 0 || array->length < 0 || (size_t)array->length < in->count || array->n_buffers < 2) {
        return fail_format(in, "its length, offset or buffers");
    }
    if (schema->dictionary != NULL) return read_dictionary(in, schema, array, vec);
    SEINE_TRY(read_validity(in, array, vec));
    size_t width = 0;
    if (fixed_type(format, &vec->type, &width)) return read_fixed(in, array, width, vec);
    if (strcmp(format, "b") == 0) {
        vec->type = SEINE_TYPE_BOOLEAN;
        return read_booleans(in, array, vec);
    }
    if (!is_text_format(format)) return fail_type(in, format);
    if (array->n_buffers != 3) return fail_format(in, "its buffers");
    vec->type = text_type(format);
    return read_texts(in, array, in->count, is_large(format), &vec->values);
}

/* A batch is a struct array; its own offset and length apply to every column. */
static seine_status check_batch(const struct ArrowSchema *schema, const struct ArrowArray *array, seine_error *error) {
    if (strcmp(schema->format, "+s") != 0) {
        return seine_fail(error, SEINE_E_FORMAT, "not an Arrow record batch but type \"%s\"", schema->format);
    }
    if (schema->n_children != array->n_children || array->length < 0 || array->offset < 0) {
        return seine_fail(error, SEINE_E_FORMAT, "malformed Arrow record batch: %lld columns for %lld in the schema",
                          (long long)array->n_children, (long long)schema->n_children);
    }
    if (array->null_count != 0 && array->n_buffers > 0 && array->buffers[0] != NULL) {
        return seine_fail(error, SEINE_E_FORMAT, "an Arrow record batch with rows that are null as a whole");
    }
    return SEINE_OK;
}

seine_status seine_arrow_import(const struct ArrowSchema *schema, const struct ArrowArray *array, seine_arena *arena,
                                seine_rows *rows, const char ***names, seine_error *error) {
    SEINE_TRY(check_batch(schema, array, error));
    const size_t columns = (size_t)schema->n_children;
    *rows = (seine_rows){
        .count = (size_t)array->length,
        .column_count = columns,
        .columns = SEINE_ARENA_ARRAY(arena, seine_vec, columns),
    };
    *names = SEINE_ARENA_ARRAY(arena, const char *, columns);
import in = {.arena = arena, .error = error, .name = "", .count = rows->count };
    if (rows->columns == NULL || *names == NULL) return fail_nomem(&in);
    for (size_t i = 0; i < columns; i++) {
        const char *name = schema->children[i]->name != NULL ? schema->children[i]->name : "";
        in.name = (*names)[i] = seine_arena_copy(arena, name, strlen(name));
        if (in.name == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory importing from Arrow");
        struct ArrowArray child = *array->children[i]; /* a view shifted by the batch's own offset */
        child.offset += array->offset;
        child.length -= array->offset;
        SEINE_TRY(import_column(&in, schema->children[i], &child, &rows->columns[i]));
    }
    return SEINE_OK;
}
