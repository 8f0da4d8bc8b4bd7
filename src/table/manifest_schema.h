/** @file table/manifest_schema.h  The Avro schemas of manifests and manifest lists as text; ICEBERG.md sections 3, 5, 6. */
#ifndef SEINE_TABLE_MANIFEST_SCHEMA_H
#define SEINE_TABLE_MANIFEST_SCHEMA_H

#define REQUIRED_FIELD(name, type, id) "{\"name\":\"" name "\",\"type\":\"" type "\",\"field-id\":" #id "}"
#define OPTIONAL_FIELD(name, type, id)                                                                                 \
    "{\"name\":\"" name "\",\"type\":[\"null\"," type "],\"default\":null,\"field-id\":" #id "}"
#define LONG_TYPE "\"long\""
#define INT_TYPE "\"int\""
#define BYTES_TYPE "\"bytes\""
/* An int-keyed map is an array of key/value records. */
#define MAP_TYPE(key_id, value_id, value_type)                                                                         \
    "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"k" #key_id "_v" #value_id "\",\"fields\":["         \
    REQUIRED_FIELD("key", "int", key_id) "," REQUIRED_FIELD("value", value_type, value_id) "]},\"logicalType\":\"map\"}"
#define LIST_TYPE(element_type, element_id)                                                                            \
    "{\"type\":\"array\",\"items\":" element_type ",\"element-id\":" #element_id "}"

/* In front of and behind the fields of the partition record. */
#define ENTRY_SCHEMA_HEAD                                                                                              \
    "{\"type\":\"record\",\"name\":\"manifest_entry\",\"fields\":["                                                    \
    REQUIRED_FIELD("status", "int", 0) ","                                                                             \
    OPTIONAL_FIELD("snapshot_id", LONG_TYPE, 1) ","                                                                    \
    OPTIONAL_FIELD("sequence_number", LONG_TYPE, 3) ","                                                                \
    OPTIONAL_FIELD("file_sequence_number", LONG_TYPE, 4) ","                                                           \
    "{\"name\":\"data_file\",\"type\":{\"type\":\"record\",\"name\":\"r2\",\"fields\":["                               \
    REQUIRED_FIELD("content", "int", 134) ","                                                                          \
    REQUIRED_FIELD("file_path", "string", 100) ","                                                                     \
    REQUIRED_FIELD("file_format", "string", 101) ","                                                                   \
    "{\"name\":\"partition\",\"type\":{\"type\":\"record\",\"name\":\"r102\",\"fields\":["
#define ENTRY_SCHEMA_TAIL                                                                                              \
    "]},\"field-id\":102},"                                                                                            \
    REQUIRED_FIELD("record_count", "long", 103) ","                                                                    \
    REQUIRED_FIELD("file_size_in_bytes", "long", 104) ","                                                              \
    OPTIONAL_FIELD("column_sizes", MAP_TYPE(117, 118, "long"), 108) ","                                                \
    OPTIONAL_FIELD("value_counts", MAP_TYPE(119, 120, "long"), 109) ","                                                \
    OPTIONAL_FIELD("null_value_counts", MAP_TYPE(121, 122, "long"), 110) ","                                           \
    OPTIONAL_FIELD("nan_value_counts", MAP_TYPE(138, 139, "long"), 137) ","                                            \
    OPTIONAL_FIELD("lower_bounds", MAP_TYPE(126, 127, "bytes"), 125) ","                                               \
    OPTIONAL_FIELD("upper_bounds", MAP_TYPE(129, 130, "bytes"), 128) ","                                               \
    OPTIONAL_FIELD("key_metadata", BYTES_TYPE, 131) ","                                                                \
    OPTIONAL_FIELD("split_offsets", LIST_TYPE(LONG_TYPE, 133), 132) ","                                                \
    OPTIONAL_FIELD("equality_ids", LIST_TYPE(INT_TYPE, 136), 135) ","                                                  \
    OPTIONAL_FIELD("sort_order_id", INT_TYPE, 140)                                                                     \
    "]},\"field-id\":2}]}"

#define SUMMARY_TYPE                                                                                                   \
    "{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"r508\",\"fields\":["                                \
    REQUIRED_FIELD("contains_null", "boolean", 509) ","                                                                \
    OPTIONAL_FIELD("contains_nan", "\"boolean\"", 518) ","                                                             \
    OPTIONAL_FIELD("lower_bound", BYTES_TYPE, 510) ","                                                                 \
    OPTIONAL_FIELD("upper_bound", BYTES_TYPE, 511) "]},\"element-id\":508}"
#define LIST_SCHEMA                                                                                                    \
    "{\"type\":\"record\",\"name\":\"manifest_file\",\"fields\":["                                                     \
    REQUIRED_FIELD("manifest_path", "string", 500) ","                                                                 \
    REQUIRED_FIELD("manifest_length", "long", 501) ","                                                                 \
    REQUIRED_FIELD("partition_spec_id", "int", 502) ","                                                                \
    REQUIRED_FIELD("content", "int", 517) ","                                                                          \
    REQUIRED_FIELD("sequence_number", "long", 515) ","                                                                 \
    REQUIRED_FIELD("min_sequence_number", "long", 516) ","                                                             \
    REQUIRED_FIELD("added_snapshot_id", "long", 503) ","                                                               \
    REQUIRED_FIELD("added_files_count", "int", 504) ","                                                                \
    REQUIRED_FIELD("existing_files_count", "int", 505) ","                                                             \
    REQUIRED_FIELD("deleted_files_count", "int", 506) ","                                                              \
    REQUIRED_FIELD("added_rows_count", "long", 512) ","                                                                \
    REQUIRED_FIELD("existing_rows_count", "long", 513) ","                                                             \
    REQUIRED_FIELD("deleted_rows_count", "long", 514) ","                                                              \
    OPTIONAL_FIELD("partitions", SUMMARY_TYPE, 507) ","                                                                \
    OPTIONAL_FIELD("key_metadata", BYTES_TYPE, 519) "]}"

#endif
