/* Iceberg schema and partition spec ↔ our table of tables. */
#include "table/metadata/metadata.h"

#include "base/number.h"
#include "base/try.h"

#include <stdio.h>

static bool type_of(seine_str name, seine_type *type) {
    for (int t = SEINE_TYPE_BOOLEAN; t <= SEINE_TYPE_BINARY; t++) {
        if (!seine_str_equal(name, seine_str_of(seine_type_name((seine_type)t)))) continue;
        *type = (seine_type)t;
        return true;
    }
    return false;
}

static seine_json_value field_of(seine_json_value schema, int id) {
    seine_json_iter it = {0};
    while (seine_json_next(seine_json_get(schema, "fields"), &it))
        if (seine_json_int(seine_json_get(it.value, "id"), -1) == id) return it.value;
    return NULL;
}

/* Somebody else may have added columns, which are ignored, but not dropped, renamed or retyped ours. */
static seine_status check_built_in(const seine_metadata *m, const seine_table_schema *schema, seine_error *error) {
    for (size_t i = 0; i < schema->column_count; i++) {
        const seine_column *column = &schema->columns[i];
        const seine_json_value field = field_of(m->schema, column->id);
        seine_type type = SEINE_TYPE_BINARY;
        if (!seine_str_equal(seine_json_text(seine_json_get(field, "name")), seine_str_of(column->name)) ||
            !type_of(seine_json_text(seine_json_get(field, "type")), &type) || type != column->type)
            return seine_fail(error, SEINE_E_FORMAT, "table %s: column %d %s %s was dropped, renamed or retyped",
                              schema->name, column->id, column->name, seine_type_name(column->type));
    }
    return SEINE_OK;
}

static seine_status make_columns(const seine_metadata *m, const char *name, seine_arena *arena,
                                 seine_table_schema *schema, seine_error *error) {
    const seine_json_value fields = seine_json_get(m->schema, "fields");
    const size_t count = seine_json_count(fields);
    seine_column *columns = SEINE_ARENA_ARRAY(arena, seine_column, count);
    if (columns == NULL) return seine_fail(error, SEINE_E_NOMEM, "table %s: out of memory", name);
    seine_json_iter it = {0};
    for (size_t i = 0; i < count && seine_json_next(fields, &it); i++) {
        const seine_str column = seine_json_text(seine_json_get(it.value, "name"));
        const seine_str type = seine_json_text(seine_json_get(it.value, "type"));
        if (!type_of(type, &columns[i].type))
            return seine_fail(error, SEINE_E_UNSUPPORTED, "table %s: column %.*s has type %.*s, which is not read here",
                              name, SEINE_STR_ARG(column), type.size > 0 ? (int)type.size : 6,
                              type.size > 0 ? type.data : "nested");
        columns[i].id = (int)seine_json_int(seine_json_get(it.value, "id"), -1);
        columns[i].name = seine_arena_copy(arena, column.data, column.size);
        columns[i].required = seine_json_bool(seine_json_get(it.value, "required"), false);
        columns[i].unit = "";
        const seine_str doc = seine_json_text(seine_json_get(it.value, "doc"));
        columns[i].doc = seine_arena_copy(arena, doc.data, doc.size);
        if (columns[i].name == NULL || columns[i].doc == NULL)
            return seine_fail(error, SEINE_E_NOMEM, "table %s: out of memory", name);
    }
    schema->columns = columns;
    schema->column_count = count;
    return SEINE_OK;
}

/* Kinds of partition values that fit seine_partition_value; `bucket[16]` counts as BUCKET. */
static bool transform_of(const seine_metadata *m, seine_str text, int source_id, seine_transform *transform) {
    const bool is_date =
        seine_str_equal(seine_json_text(seine_json_get(field_of(m->schema, source_id), "type")), SEINE_STR("date"));
    if (seine_str_equal(text, SEINE_STR("day")))
        *transform = SEINE_TRANSFORM_DAY;
    else if (seine_str_equal(text, SEINE_STR("month")))
        *transform = SEINE_TRANSFORM_MONTH;
    else if (text.size > 7 && memcmp(text.data, "bucket[", 7) == 0)
        *transform = SEINE_TRANSFORM_BUCKET;
    else if (seine_str_equal(text, SEINE_STR("identity")) && is_date)
        *transform = SEINE_TRANSFORM_IDENTITY;
    else
        return false;
    return true;
}

/* Fields of other kinds are left out: such a table can be read without pruning, and not be written. */
static seine_status make_partition(const seine_metadata *m, const char *name, seine_arena *arena,
                                   seine_table_schema *schema, bool *writable, seine_error *error) {
    seine_json_iter it = {0};
    while (seine_json_next(m->spec_fields, &it)) {
        const int source_id = (int)seine_json_int(seine_json_get(it.value, "source-id"), -1);
        const seine_str field_name = seine_json_text(seine_json_get(it.value, "name"));
        seine_transform transform;
        if (schema->partition_count == SEINE_PARTITION_FIELDS_MAX ||
            !transform_of(m, seine_json_text(seine_json_get(it.value, "transform")), source_id, &transform)) {
            *writable = false;
            continue;
        }
        char *copy = seine_arena_copy(arena, field_name.data, field_name.size);
        if (copy == NULL) return seine_fail(error, SEINE_E_NOMEM, "table %s: out of memory", name);
        /* Version 1 numbers the fields by their place. */
        const int64_t implied = 1000 + (int64_t)schema->partition_count;
        schema->partition[schema->partition_count++] = (seine_partition_field){
            .source_id = source_id,
            .field_id = (int)seine_json_int(seine_json_get(it.value, "field-id"), implied),
            .name = copy,
            .transform = transform,
        };
    }
    return SEINE_OK;
}

static bool same_partition(const seine_table_schema *a, const seine_table_schema *b) {
    if (a->partition_count != b->partition_count) return false;
    for (size_t i = 0; i < a->partition_count; i++) {
        const seine_partition_field *x = &a->partition[i], *y = &b->partition[i];
        if (x->source_id != y->source_id || x->field_id != y->field_id || x->transform != y->transform ||
            strcmp(x->name, y->name) != 0)
            return false;
    }
    return true;
}

seine_status seine_metadata_schema(const seine_metadata *metadata, const char *name, seine_arena *arena,
                                   const seine_table_schema **schema, bool *writable, seine_error *error) {
    seine_table_schema *made = seine_arena_alloc(arena, sizeof *made);
    if (made == NULL) return seine_fail(error, SEINE_E_NOMEM, "table %s: out of memory", name);
    *writable = true;
    const seine_json_value properties = seine_json_get(seine_json_root(metadata->json), "properties");
    const seine_str comment = seine_json_text(seine_json_get(properties, "comment"));
    *made = (seine_table_schema){.name = name, .doc = seine_arena_copy(arena, comment.data, comment.size)};
    if (made->doc == NULL) return seine_fail(error, SEINE_E_NOMEM, "table %s: out of memory", name);
    SEINE_TRY(make_partition(metadata, name, arena, made, writable, error));
    const seine_table_schema *built_in = seine_schema_find(name);
    if (built_in == NULL) {
        *schema = made;
        return make_columns(metadata, name, arena, made, error);
    }
    *writable = *writable && same_partition(built_in, made);
    *schema = built_in;
    return check_built_in(metadata, built_in, error);
}
