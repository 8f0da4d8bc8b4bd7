/* Avro schema JSON → types. Named types may be referred to by name, also by the record that is being defined. */
#include "table/avro/type.h"

#include "base/json.h"
#include "base/try.h"

#define NAMED_MAX 256
#define DEPTH_MAX 32

typedef struct schema_parser {
    seine_arena *arena;
    const char *file;
    seine_error *error;
    const seine_avro_type *named[NAMED_MAX];
    size_t named_count;
} schema_parser;

static seine_status parse(schema_parser *p, seine_json_value json, int depth, const seine_avro_type **type);

static seine_status refuse(const schema_parser *p, const char *why, seine_str what) {
    return seine_fail(p->error, SEINE_E_FORMAT, "%s: Avro schema: %s: %.*s", p->file, why,
                      (int)(what.size < 80 ? what.size : 80), what.size > 0 ? what.data : "");
}

static seine_status copy_text(schema_parser *p, seine_str text, seine_str *copy) {
    *copy = (seine_str){seine_arena_copy(p->arena, text.data, text.size), text.size};
    return copy->data != NULL ? SEINE_OK : seine_no_memory(p->error, p->file);
}

/* Namespaces are ignored: Iceberg's names are unique without them. */
static seine_str last_part(seine_str name) {
    for (size_t i = name.size; i > 0; i--)
        if (name.data[i - 1] == '.') return (seine_str){name.data + i, name.size - i};
    return name;
}

static bool primitive_kind(seine_str name, seine_avro_kind *kind) {
    static const char *const names[] = {"null", "boolean", "int", "long", "float", "double", "bytes", "string"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!seine_str_equal(name, seine_str_of(names[i]))) continue;
        *kind = (seine_avro_kind)i;
        return true;
    }
    return false;
}

static seine_status parse_name(schema_parser *p, seine_str name, const seine_avro_type **type) {
    seine_avro_kind kind;
    if (primitive_kind(name, &kind)) {
        seine_avro_type *made = seine_arena_alloc(p->arena, sizeof *made);
        if (made == NULL) return seine_no_memory(p->error, p->file);
        made->kind = kind;
        *type = made;
        return SEINE_OK;
    }
    const seine_str last = last_part(name);
    for (size_t i = 0; i < p->named_count; i++) {
        if (!seine_str_equal(p->named[i]->name, last)) continue;
        *type = p->named[i];
        return SEINE_OK;
    }
    return refuse(p, "unknown type", name);
}

static seine_status parse_union(schema_parser *p, seine_json_value json, int depth, const seine_avro_type **type) {
    const size_t count = seine_json_count(json);
    seine_avro_type *made = seine_arena_alloc(p->arena, sizeof *made);
    seine_avro_member *members = SEINE_ARENA_ARRAY(p->arena, seine_avro_member, count);
    if (made == NULL || members == NULL) return seine_no_memory(p->error, p->file);
    seine_json_iter it = {0};
    for (size_t i = 0; i < count && seine_json_next(json, &it); i++) {
        SEINE_TRY(parse(p, it.value, depth, &members[i].type));
    }
    *made = (seine_avro_type){.kind = SEINE_AVRO_UNION, .members = members, .count = count};
    *type = made;
    return SEINE_OK;
}

static seine_status parse_members(schema_parser *p, seine_json_value fields, int depth, seine_avro_type *record) {
    const size_t count = seine_json_count(fields);
    seine_avro_member *members = SEINE_ARENA_ARRAY(p->arena, seine_avro_member, count);
    if (members == NULL) return seine_no_memory(p->error, p->file);
    seine_json_iter it = {0};
    for (size_t i = 0; i < count && seine_json_next(fields, &it); i++) {
        SEINE_TRY(copy_text(p, seine_json_text(seine_json_get(it.value, "name")), &members[i].name));
        const int64_t id = seine_json_int(seine_json_get(it.value, "field-id"), SEINE_AVRO_NO_ID);
        members[i].id = id >= 0 && id <= INT32_MAX ? (int)id : SEINE_AVRO_NO_ID;
        SEINE_TRY(parse(p, seine_json_get(it.value, "type"), depth, &members[i].type));
    }
    record->members = members;
    record->count = count;
    return SEINE_OK;
}

static seine_status parse_named(schema_parser *p, seine_json_value json, int depth, seine_avro_type *made) {
    SEINE_TRY(copy_text(p, last_part(seine_json_text(seine_json_get(json, "name"))), &made->name));
    if (made->name.size == 0) return refuse(p, "a named type lacks its name", SEINE_STR(""));
    if (p->named_count == NAMED_MAX) return refuse(p, "too many named types", made->name);
    p->named[p->named_count++] = made; /* before the fields: they may refer to it */
    if (made->kind == SEINE_AVRO_FIXED) {
        const int64_t size = seine_json_int(seine_json_get(json, "size"), -1);
        if (size < 0 || size > INT32_MAX) return refuse(p, "a fixed type without a size", made->name);
        made->size = (size_t)size;
    }
    if (made->kind == SEINE_AVRO_RECORD) return parse_members(p, seine_json_get(json, "fields"), depth, made);
    return SEINE_OK;
}

static seine_status parse_object(schema_parser *p, seine_json_value json, int depth, const seine_avro_type **type) {
    static const struct {
        const char *name;
        seine_avro_kind kind;
    } complex_types[] = {{"record", SEINE_AVRO_RECORD},
                         {"enum", SEINE_AVRO_ENUM},
                         {"fixed", SEINE_AVRO_FIXED},
                         {"array", SEINE_AVRO_ARRAY},
                         {"map", SEINE_AVRO_MAP}};
    const seine_json_value inner = seine_json_get(json, "type");
    const seine_str name = seine_json_text(inner);
    seine_avro_kind kind = SEINE_AVRO_NULL;
    for (size_t i = 0; i < sizeof complex_types / sizeof complex_types[0]; i++)
        if (seine_str_equal(name, seine_str_of(complex_types[i].name))) kind = complex_types[i].kind;
    if (kind == SEINE_AVRO_NULL) return parse(p, inner, depth, type); /* {"type": "int", "logicalType": "date"} */
    seine_avro_type *made = seine_arena_alloc(p->arena, sizeof *made);
    if (made == NULL) return seine_no_memory(p->error, p->file);
    made->kind = kind;
    *type = made;
    if (kind == SEINE_AVRO_ARRAY) return parse(p, seine_json_get(json, "items"), depth, &made->item);
    if (kind == SEINE_AVRO_MAP) return parse(p, seine_json_get(json, "values"), depth, &made->item);
    return parse_named(p, json, depth, made);
}

static seine_status parse(schema_parser *p, seine_json_value json, int depth, const seine_avro_type **type) {
    if (depth == DEPTH_MAX) return refuse(p, "nested too deep", SEINE_STR(""));
    switch (seine_json_kind_of(json)) {
    case SEINE_JSON_TEXT: return parse_name(p, seine_json_text(json), type);
    case SEINE_JSON_ARRAY: return parse_union(p, json, depth + 1, type);
    case SEINE_JSON_OBJECT: return parse_object(p, json, depth + 1, type);
    default: return refuse(p, "a type is missing", SEINE_STR(""));
    }
}

seine_status seine_avro_type_parse(seine_str schema_json, const char *name, seine_arena *arena,
                                   const seine_avro_type **type, seine_error *error) {
    schema_parser parser = {.arena = arena, .file = name, .error = error};
    seine_json *json SEINE_OWNED(seine_json_free_owned) = NULL;
    SEINE_TRY(seine_json_parse(schema_json, name, &json, error));
    return parse(&parser, seine_json_root(json), 0, type);
}
