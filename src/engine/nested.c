/*
 * Lists, structs and maps as JSON text. The statement is cast first, so that every leaf has a type of Seine's columns;
 * the shape, and which leaves are numbers, come from the type before that cast. A map is an object with its keys as
 * text; a struct without names is an array; of a union it is the value of its member.
 */
#include "base/json.h"
#include "base/number.h"
#include "base/time.h"
#include "engine/internal.h"

#include <stdio.h>

bool seine_nested_is(duckdb_type type) {
    return type == DUCKDB_TYPE_LIST || type == DUCKDB_TYPE_ARRAY || type == DUCKDB_TYPE_STRUCT ||
           type == DUCKDB_TYPE_MAP || type == DUCKDB_TYPE_UNION;
}

static bool has_names(duckdb_logical_type type) {
    char *name = duckdb_struct_type_child_count(type) > 0 ? duckdb_struct_type_child_name(type, 0) : NULL;
    const bool has = name != NULL && name[0] != '\0';
    duckdb_free(name);
    return has;
}

/* ---- the type to cast to ---------------------------------------------------------------------------------------- */

/* `name TYPE` of a struct or union, behind those before it. */
static seine_status put_member(seine_buf *sql, const char *name, duckdb_logical_type type, idx_t i) {
    if (i > 0) SEINE_TRY(seine_buf_append(sql, ", ", 2));
    SEINE_TRY(seine_sql_name(sql, name));
    SEINE_TRY(seine_buf_append(sql, " ", 1));
    return seine_nested_put_type(sql, type);
}

static seine_status put_struct_type(seine_buf *sql, duckdb_logical_type type) {
    const bool is_named = has_names(type);
    SEINE_TRY(seine_buf_append_str(sql, "STRUCT("));
    for (idx_t i = 0; i < duckdb_struct_type_child_count(type); i++) {
        duckdb_logical_type child SEINE_OWNED(duckdb_destroy_logical_type) = duckdb_struct_type_child_type(type, i);
        char *name SEINE_OWNED(seine_engine_text_free) = duckdb_struct_type_child_name(type, i);
        char made[32];
        (void)snprintf(made, sizeof made, "v%zu", (size_t)i);
        SEINE_TRY(put_member(sql, is_named ? name : made, child, i));
    }
    return seine_buf_append(sql, ")", 1);
}

static seine_status put_list_type(seine_buf *sql, duckdb_logical_type type, bool is_array) {
    duckdb_logical_type child SEINE_OWNED(duckdb_destroy_logical_type) =
        is_array ? duckdb_array_type_child_type(type) : duckdb_list_type_child_type(type);
    SEINE_TRY(seine_nested_put_type(sql, child));
    return is_array ? seine_buf_printf(sql, "[%zu]", (size_t)duckdb_array_type_array_size(type))
                    : seine_buf_append(sql, "[]", 2);
}

static seine_status put_map_type(seine_buf *sql, duckdb_logical_type type) {
    duckdb_logical_type value SEINE_OWNED(duckdb_destroy_logical_type) = duckdb_map_type_value_type(type);
    SEINE_TRY(seine_buf_append_str(sql, "MAP(VARCHAR, "));
    SEINE_TRY(seine_nested_put_type(sql, value));
    return seine_buf_append(sql, ")", 1);
}

static seine_status put_union_type(seine_buf *sql, duckdb_logical_type type) {
    SEINE_TRY(seine_buf_append_str(sql, "UNION("));
    for (idx_t i = 0; i < duckdb_union_type_member_count(type); i++) {
        duckdb_logical_type member SEINE_OWNED(duckdb_destroy_logical_type) = duckdb_union_type_member_type(type, i);
        char *name SEINE_OWNED(seine_engine_text_free) = duckdb_union_type_member_name(type, i);
        SEINE_TRY(put_member(sql, name, member, i));
    }
    return seine_buf_append(sql, ")", 1);
}

seine_status seine_nested_put_type(seine_buf *sql, duckdb_logical_type type) {
    const duckdb_type id = duckdb_get_type_id(type);
    switch (id) {
    case DUCKDB_TYPE_STRUCT: return put_struct_type(sql, type);
    case DUCKDB_TYPE_MAP: return put_map_type(sql, type);
    case DUCKDB_TYPE_UNION: return put_union_type(sql, type);
    case DUCKDB_TYPE_ARRAY: return put_list_type(sql, type, true);
    case DUCKDB_TYPE_LIST: return put_list_type(sql, type, false);
    default: return seine_buf_append_str(sql, seine_engine_leaf_type(id));
    }
}

/* ---- texts of times --------------------------------------------------------------------------------------------- */

static size_t put_infinity(bool is_negative, char text[40]) {
    return (size_t)snprintf(text, 40, "%s", is_negative ? "-infinity" : "infinity");
}

size_t seine_query_date_text(int32_t day, char text[40]) {
    const bool is_infinite = day == INT32_MAX || day == -INT32_MAX;
    return is_infinite ? put_infinity(day < 0, text) : seine_date_format(day, text);
}

size_t seine_query_time_text(int64_t time_us, char text[40]) {
    const bool is_infinite = time_us == INT64_MAX || time_us == -INT64_MAX;
    return is_infinite ? put_infinity(time_us < 0, text) : seine_time_format(time_us, text);
}

/* ---- values ----------------------------------------------------------------------------------------------------- */

static seine_str text_of(duckdb_vector vector, idx_t row) {
    duckdb_string_t *strings = duckdb_vector_get_data(vector);
    return (seine_str){duckdb_string_t_data(&strings[row]), duckdb_string_t_length(strings[row])};
}

static bool is_number(duckdb_type type) {
    return type == DUCKDB_TYPE_DECIMAL || type == DUCKDB_TYPE_HUGEINT || type == DUCKDB_TYPE_UHUGEINT ||
           type == DUCKDB_TYPE_UBIGINT || type == DUCKDB_TYPE_BIGNUM;
}

static void put_hex(seine_json_writer *w, seine_str bytes) {
    seine_buf hex SEINE_OWNED(seine_buf_free);
    seine_buf_init(&hex, SEINE_SQL_MAX);
    for (size_t i = 0; w->status == SEINE_OK && i < bytes.size; i++)
        w->status = seine_buf_printf(&hex, "%02x", (unsigned char)bytes.data[i]);
    seine_json_put_text(w, seine_buf_str(&hex));
}

bool seine_nested_is_json(duckdb_logical_type type) {
    if (duckdb_get_type_id(type) != DUCKDB_TYPE_VARCHAR) return false;
    char *alias SEINE_OWNED(seine_engine_text_free) = duckdb_logical_type_get_alias(type);
    return alias != NULL && strcmp(alias, "JSON") == 0;
}

/* A leaf of type VARCHAR, or of one that was cast to it. */
static void put_text(seine_json_writer *w, duckdb_logical_type type, seine_str text) {
    double number;
    if (duckdb_get_type_id(type) == DUCKDB_TYPE_FLOAT)
        seine_number_parse(text, &number) ? seine_json_put_number(w, number) : seine_json_put_null(w); /* nan, inf */
    else if (is_number(duckdb_get_type_id(type)))
        seine_json_put_digits(w, text);
    else if (seine_nested_is_json(type))
        seine_json_put_json(w, text);
    else
        seine_json_put_text(w, text);
}

static void put_leaf(seine_json_writer *w, duckdb_logical_type type, duckdb_vector vector, idx_t row) {
    char text[40];
    const void *data = duckdb_vector_get_data(vector);
    duckdb_logical_type cast = duckdb_vector_get_column_type(vector);
    const duckdb_type id = duckdb_get_type_id(cast);
    duckdb_destroy_logical_type(&cast);
    switch (id) {
    case DUCKDB_TYPE_BOOLEAN: seine_json_put_bool(w, ((const bool *)data)[row]); return;
    case DUCKDB_TYPE_INTEGER: seine_json_put_int(w, ((const int32_t *)data)[row]); return;
    case DUCKDB_TYPE_BIGINT: seine_json_put_int(w, ((const int64_t *)data)[row]); return;
    case DUCKDB_TYPE_DOUBLE: seine_json_put_number(w, ((const double *)data)[row]); return;
    case DUCKDB_TYPE_DATE:
        seine_json_put_text(w, (seine_str){text, seine_query_date_text(((const int32_t *)data)[row], text)});
        return;
    case DUCKDB_TYPE_TIMESTAMP_TZ:
        seine_json_put_text(w, (seine_str){text, seine_query_time_text(((const int64_t *)data)[row], text)});
        return;
    case DUCKDB_TYPE_BLOB: put_hex(w, text_of(vector, row)); return;
    case DUCKDB_TYPE_VARCHAR: put_text(w, type, text_of(vector, row)); return;
    default: seine_json_put_null(w); return; /* the type NULL has no other value */
    }
}

static void put_value(seine_json_writer *w, duckdb_logical_type type, duckdb_vector vector, idx_t row);

static void put_entries(seine_json_writer *w, duckdb_logical_type child, duckdb_vector values, idx_t first,
                        idx_t count) {
    seine_json_begin_array(w);
    for (idx_t i = 0; i < count; i++) put_value(w, child, values, first + i);
    seine_json_end_array(w);
}

static void put_list(seine_json_writer *w, duckdb_logical_type type, duckdb_vector vector, idx_t row) {
    const duckdb_list_entry entry = ((const duckdb_list_entry *)duckdb_vector_get_data(vector))[row];
    duckdb_logical_type child = duckdb_list_type_child_type(type);
    put_entries(w, child, duckdb_list_vector_get_child(vector), entry.offset, entry.length);
    duckdb_destroy_logical_type(&child);
}

static void put_array(seine_json_writer *w, duckdb_logical_type type, duckdb_vector vector, idx_t row) {
    const idx_t size = duckdb_array_type_array_size(type);
    duckdb_logical_type child = duckdb_array_type_child_type(type);
    put_entries(w, child, duckdb_array_vector_get_child(vector), row * size, size);
    duckdb_destroy_logical_type(&child);
}

static void put_map(seine_json_writer *w, duckdb_logical_type type, duckdb_vector vector, idx_t row) {
    const duckdb_list_entry entry = ((const duckdb_list_entry *)duckdb_vector_get_data(vector))[row];
    duckdb_vector pairs = duckdb_list_vector_get_child(vector);
    duckdb_vector keys = duckdb_struct_vector_get_child(pairs, 0), values = duckdb_struct_vector_get_child(pairs, 1);
    duckdb_logical_type child = duckdb_map_type_value_type(type);
    seine_json_begin_object(w);
    for (idx_t i = 0; i < entry.length; i++) {
        seine_json_key(w, text_of(keys, entry.offset + i));
        put_value(w, child, values, entry.offset + i);
    }
    seine_json_end_object(w);
    duckdb_destroy_logical_type(&child);
}

static void put_struct(seine_json_writer *w, duckdb_logical_type type, duckdb_vector vector, idx_t row) {
    const bool is_named = has_names(type);
    is_named ? seine_json_begin_object(w) : seine_json_begin_array(w);
    for (idx_t i = 0; i < duckdb_struct_type_child_count(type); i++) {
        duckdb_logical_type child = duckdb_struct_type_child_type(type, i);
        char *name = duckdb_struct_type_child_name(type, i);
        if (is_named) seine_json_key(w, seine_str_of(name));
        put_value(w, child, duckdb_struct_vector_get_child(vector, i), row);
        duckdb_free(name);
        duckdb_destroy_logical_type(&child);
    }
    is_named ? seine_json_end_object(w) : seine_json_end_array(w);
}

/* The engine lays a union out as a struct of the number of the member that counts, and then the members. */
static void put_union(seine_json_writer *w, duckdb_logical_type type, duckdb_vector vector, idx_t row) {
    const uint8_t *tags = duckdb_vector_get_data(duckdb_struct_vector_get_child(vector, 0));
    duckdb_logical_type member = duckdb_union_type_member_type(type, tags[row]);
    put_value(w, member, duckdb_struct_vector_get_child(vector, (idx_t)tags[row] + 1), row);
    duckdb_destroy_logical_type(&member);
}

static void put_value(seine_json_writer *w, duckdb_logical_type type, duckdb_vector vector, idx_t row) {
    uint64_t *valid = duckdb_vector_get_validity(vector);
    if (valid != NULL && !duckdb_validity_row_is_valid(valid, row)) {
        seine_json_put_null(w);
        return;
    }
    switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_LIST: put_list(w, type, vector, row); return;
    case DUCKDB_TYPE_ARRAY: put_array(w, type, vector, row); return;
    case DUCKDB_TYPE_MAP: put_map(w, type, vector, row); return;
    case DUCKDB_TYPE_STRUCT: put_struct(w, type, vector, row); return;
    case DUCKDB_TYPE_UNION: put_union(w, type, vector, row); return;
    default: put_leaf(w, type, vector, row); return;
    }
}

seine_status seine_nested_texts(duckdb_logical_type type, duckdb_vector vector, const uint8_t *valid, size_t rows,
                                seine_buf *json, seine_str *texts) {
    seine_buf_clear(json);
    for (size_t row = 0; row < rows; row++) {
        const size_t begin = json->size;
        texts[row] = (seine_str){NULL, 0};
        if (valid != NULL && !valid[row]) continue;
        seine_json_writer w = seine_json_writer_to(json);
        put_value(&w, type, vector, row);
        if (w.status != SEINE_OK) return w.status;
        texts[row].size = json->size - begin;
    }
    const char *at = (const char *)json->data; /* it does not move any more */
    for (size_t row = 0; row < rows; row++) {
        if (texts[row].size > 0) texts[row].data = at;
        at += texts[row].size;
    }
    return SEINE_OK;
}
