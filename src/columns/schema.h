/**
 * @file columns/schema.h
 * The one place that says which tables exist and what their columns are. docs/data_contracts.md is made from it.
 */
#ifndef SEINE_COLUMNS_SCHEMA_H
#define SEINE_COLUMNS_SCHEMA_H

#include "base/str.h"

#include <stdint.h>

typedef enum seine_type {
    SEINE_TYPE_BOOLEAN,     /* uint8_t 0/1 in memory */
    SEINE_TYPE_INT,         /* int32_t */
    SEINE_TYPE_LONG,        /* int64_t */
    SEINE_TYPE_DOUBLE,      /* double */
    SEINE_TYPE_DATE,        /* int32_t days since 1970-01-01 */
    SEINE_TYPE_TIMESTAMPTZ, /* int64_t microseconds UTC */
    SEINE_TYPE_STRING,      /* seine_str, UTF-8 */
    SEINE_TYPE_BINARY       /* seine_str, any bytes */
} seine_type;

/** Iceberg's name of the type ("timestamptz") and its SQL name in the embedded engine ("TIMESTAMPTZ"). */
const char *seine_type_name(seine_type type);
const char *seine_type_sql(seine_type type);
/** Bytes of a value in memory. */
size_t seine_type_size(seine_type type);
static inline bool seine_type_is_text(seine_type type) {
    return type == SEINE_TYPE_STRING || type == SEINE_TYPE_BINARY;
}

typedef struct seine_column {
    int id; /**< Iceberg field id, unique in the table, never reused */
    const char *name;
    seine_type type;
    bool required;
    bool lineage;     /**< says where a row came from; not part of content hashes */
    const char *unit; /**< "" when none */
    const char *doc;
} seine_column;

typedef enum seine_transform {
    SEINE_TRANSFORM_IDENTITY,
    SEINE_TRANSFORM_DAY,
    SEINE_TRANSFORM_MONTH,
    SEINE_TRANSFORM_BUCKET
} seine_transform;

typedef struct seine_partition_field {
    int source_id;             /**< seine_column.id */
    int field_id;              /**< 1000, 1001 … */
    const char *name;          /**< e.g. "ts_day" */
    seine_transform transform; /**< BUCKET's width is the lake's `buckets` setting, fixed at creation */
} seine_partition_field;

#define SEINE_PARTITION_FIELDS_MAX 3
#define SEINE_SORT_COLUMNS_MAX 4

typedef struct seine_table_schema {
    const char *name; /**< "silver.ais": namespace, dot, table */
    const char *doc;  /**< what one row is */
    const seine_column *columns;
    size_t column_count;
    seine_partition_field partition[SEINE_PARTITION_FIELDS_MAX];
    size_t partition_count;
    int sort_ids[SEINE_SORT_COLUMNS_MAX]; /**< ascending, nulls first; 0 ends */
} seine_table_schema;

/** All tables, in the order of DESIGN section 4. */
const seine_table_schema *seine_schemas(size_t *count);
/** Whether it is of a reference table, whose rows hold from one time to another. */
bool seine_schema_is_reference(const seine_table_schema *schema);
/** @return the schema of "silver.ais" and so on, or NULL. */
const seine_table_schema *seine_schema_find(const char *name);
/** @return index in schema->columns, or SIZE_MAX. */
size_t seine_schema_column(const seine_table_schema *schema, const char *name);

#endif
