/*
 * Field ids, record names and order as the reference implementation writes them: some readers resolve by id, some by
 * name. An int-keyed map is an array of key/value records.
 */
#include "table/manifest/schema.h"

#include "base/json.h"

#include <stdio.h>

/* One field of a manifest schema. */
typedef struct avro_field {
    const char *name, *type; /* type: "map", "list" or an Avro primitive */
    int id;
    bool optional;
    int key_id, value_id; /* map: of key and value; list: value_id is the element's */
    const char *inner;    /* type of the map's values or the list's elements */
} avro_field;

static const avro_field entry_fields[] = {
    {"status", "int", 0, false, 0, 0, NULL},
    {"snapshot_id", "long", 1, true, 0, 0, NULL},
    {"sequence_number", "long", 3, true, 0, 0, NULL},
    {"file_sequence_number", "long", 4, true, 0, 0, NULL},
};
static const avro_field file_head[] = {
    {"content", "int", 134, false, 0, 0, NULL},
    {"file_path", "string", 100, false, 0, 0, NULL},
    {"file_format", "string", 101, false, 0, 0, NULL},
};
static const avro_field file_tail[] = {
    {"record_count", "long", 103, false, 0, 0, NULL},          {"file_size_in_bytes", "long", 104, false, 0, 0, NULL},
    {"column_sizes", "map", 108, true, 117, 118, "long"},      {"value_counts", "map", 109, true, 119, 120, "long"},
    {"null_value_counts", "map", 110, true, 121, 122, "long"}, {"nan_value_counts", "map", 137, true, 138, 139, "long"},
    {"lower_bounds", "map", 125, true, 126, 127, "bytes"},     {"upper_bounds", "map", 128, true, 129, 130, "bytes"},
    {"key_metadata", "bytes", 131, true, 0, 0, NULL},          {"split_offsets", "list", 132, true, 0, 133, "long"},
    {"equality_ids", "list", 135, true, 0, 136, "int"},        {"sort_order_id", "int", 140, true, 0, 0, NULL},
};
static const avro_field list_head[] = {
    {"manifest_path", "string", 500, false, 0, 0, NULL},     {"manifest_length", "long", 501, false, 0, 0, NULL},
    {"partition_spec_id", "int", 502, false, 0, 0, NULL},    {"content", "int", 517, false, 0, 0, NULL},
    {"sequence_number", "long", 515, false, 0, 0, NULL},     {"min_sequence_number", "long", 516, false, 0, 0, NULL},
    {"added_snapshot_id", "long", 503, false, 0, 0, NULL},   {"added_files_count", "int", 504, false, 0, 0, NULL},
    {"existing_files_count", "int", 505, false, 0, 0, NULL}, {"deleted_files_count", "int", 506, false, 0, 0, NULL},
    {"added_rows_count", "long", 512, false, 0, 0, NULL},    {"existing_rows_count", "long", 513, false, 0, 0, NULL},
    {"deleted_rows_count", "long", 514, false, 0, 0, NULL},
};
static const avro_field summary_fields[] = {
    {"contains_null", "boolean", 509, false, 0, 0, NULL},
    {"contains_nan", "boolean", 518, true, 0, 0, NULL},
    {"lower_bound", "bytes", 510, true, 0, 0, NULL},
    {"upper_bound", "bytes", 511, true, 0, 0, NULL},
};
static const avro_field list_tail[] = {{"key_metadata", "bytes", 519, true, 0, 0, NULL}};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void put_text(seine_json_writer *w, const char *key, const char *value) {
    seine_json_key(w, seine_str_of(key));
    seine_json_put_text(w, seine_str_of(value));
}

static void put_int(seine_json_writer *w, const char *key, int64_t value) {
    seine_json_key(w, seine_str_of(key));
    seine_json_put_int(w, value);
}

static void put_primitive(seine_json_writer *w, const char *name, const char *type, int id) {
    seine_json_begin_object(w);
    put_text(w, "name", name);
    put_text(w, "type", type);
    put_int(w, "field-id", id);
    seine_json_end_object(w);
}

/* `{"name":…,"type":`; end_field closes it. An optional type is a union with null. */
static void begin_field(seine_json_writer *w, const char *name, bool optional) {
    seine_json_begin_object(w);
    put_text(w, "name", name);
    seine_json_key(w, SEINE_STR("type"));
    if (!optional) return;
    seine_json_begin_array(w);
    seine_json_put_text(w, SEINE_STR("null"));
}

static void end_field(seine_json_writer *w, int id, bool optional) {
    if (optional) {
        seine_json_end_array(w);
        seine_json_key(w, SEINE_STR("default"));
        seine_json_put_null(w);
    }
    put_int(w, "field-id", id);
    seine_json_end_object(w);
}

/* `{"type":"record","name":…,"fields":[`; end_record closes it. */
static void begin_record(seine_json_writer *w, const char *name) {
    seine_json_begin_object(w);
    put_text(w, "type", "record");
    put_text(w, "name", name);
    seine_json_key(w, SEINE_STR("fields"));
    seine_json_begin_array(w);
}

static void end_record(seine_json_writer *w) {
    seine_json_end_array(w);
    seine_json_end_object(w);
}

static void begin_array_type(seine_json_writer *w) {
    seine_json_begin_object(w);
    put_text(w, "type", "array");
    seine_json_key(w, SEINE_STR("items"));
}

static void put_map(seine_json_writer *w, const avro_field *field) {
    char name[32];
    (void)snprintf(name, sizeof name, "k%d_v%d", field->key_id, field->value_id);
    begin_array_type(w);
    begin_record(w, name);
    put_primitive(w, "key", "int", field->key_id);
    put_primitive(w, "value", field->inner, field->value_id);
    end_record(w);
    put_text(w, "logicalType", "map");
    seine_json_end_object(w);
}

static void put_list(seine_json_writer *w, const avro_field *field) {
    begin_array_type(w);
    seine_json_put_text(w, seine_str_of(field->inner));
    put_int(w, "element-id", field->value_id);
    seine_json_end_object(w);
}

static void put_fields(seine_json_writer *w, const avro_field *fields, size_t count) {
    for (size_t i = 0; i < count; i++) {
        begin_field(w, fields[i].name, fields[i].optional);
        if (strcmp(fields[i].type, "map") == 0)
            put_map(w, &fields[i]);
        else if (strcmp(fields[i].type, "list") == 0)
            put_list(w, &fields[i]);
        else
            seine_json_put_text(w, seine_str_of(fields[i].type));
        end_field(w, fields[i].id, fields[i].optional);
    }
}

static void put_partition(seine_json_writer *w, const seine_table_schema *schema) {
    begin_field(w, "partition", false);
    begin_record(w, "r102");
    for (size_t i = 0; i < schema->partition_count; i++) {
        const seine_partition_field *field = &schema->partition[i];
        begin_field(w, field->name, true);
        if (field->transform == SEINE_TRANSFORM_DAY || field->transform == SEINE_TRANSFORM_IDENTITY) {
            seine_json_begin_object(w);
            put_text(w, "type", "int");
            put_text(w, "logicalType", "date");
            seine_json_end_object(w);
        } else {
            seine_json_put_text(w, SEINE_STR("int"));
        }
        end_field(w, field->field_id, true);
    }
    end_record(w);
    end_field(w, 102, false);
}

seine_status seine_manifest_schema(const seine_table_schema *schema, seine_buf *out) {
    seine_json_writer writer = seine_json_writer_to(out);
    seine_json_writer *w = &writer;
    begin_record(w, "manifest_entry");
    put_fields(w, entry_fields, COUNT(entry_fields));
    begin_field(w, "data_file", false);
    begin_record(w, "r2");
    put_fields(w, file_head, COUNT(file_head));
    put_partition(w, schema);
    put_fields(w, file_tail, COUNT(file_tail));
    end_record(w);
    end_field(w, 2, false);
    end_record(w);
    return writer.status;
}

seine_status seine_manifest_list_schema(seine_buf *out) {
    seine_json_writer writer = seine_json_writer_to(out);
    seine_json_writer *w = &writer;
    begin_record(w, "manifest_file");
    put_fields(w, list_head, COUNT(list_head));
    begin_field(w, "partitions", true);
    begin_array_type(w);
    begin_record(w, "r508");
    put_fields(w, summary_fields, COUNT(summary_fields));
    end_record(w);
    put_int(w, "element-id", 508);
    seine_json_end_object(w);
    end_field(w, 507, true);
    put_fields(w, list_tail, COUNT(list_tail));
    end_record(w);
    return writer.status;
}
