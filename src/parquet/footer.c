/*
 * Page indexes and footer (parquet.thrift of Apache Parquet; field numbers are its). The schema's field ids and logical
 * types are what Iceberg readers resolve columns by (ICEBERG section 4).
 */
#include "parquet/footer.h"

#include "base/json.h"
#include "base/try.h"
#include "parquet/format.h"
#include "parquet/thrift.h"

#define FOOTER_MAX ((size_t)1 << 30)

enum { LOGICAL_STRING = 1, LOGICAL_DATE = 6, LOGICAL_TIMESTAMP = 8 };
enum { FORMAT_VERSION = 2 };

/* ---- page indexes ---- */

static bool can_index(const seine_parquet_chunk *chunk) { return !chunk->bounds.unknown && !chunk->bounds.upper_open; }

/* Whether the bounds of the pages that have values ascend. */
static bool ascends(const seine_parquet_chunk *chunk) {
    const seine_bounds *last = NULL;
    for (size_t i = 0; i < chunk->page_count; i++) {
        const seine_bounds *now = &chunk->pages[i].bounds;
        if (!now->any) continue;
        const seine_type type = chunk->column->type;
        if (last != NULL && (seine_bound_compare(type, &last->lower, &now->lower) > 0 ||
                             seine_bound_compare(type, &last->upper, &now->upper) > 0))
            return false;
        last = now;
    }
    return true;
}

static void column_index(seine_thrift *t, const seine_parquet_chunk *chunk) {
    const size_t count = chunk->page_count;
    seine_thrift_list(t, 1, SEINE_THRIFT_TRUE, count);
    for (size_t i = 0; i < count; i++) seine_thrift_element_bool(t, !chunk->pages[i].bounds.any);
    seine_thrift_list(t, 2, SEINE_THRIFT_BINARY, count);
    for (size_t i = 0; i < count; i++)
        seine_thrift_element_binary(t, chunk->pages[i].bounds.lower.bytes, chunk->pages[i].bounds.lower.size);
    seine_thrift_list(t, 3, SEINE_THRIFT_BINARY, count);
    for (size_t i = 0; i < count; i++)
        seine_thrift_element_binary(t, chunk->pages[i].bounds.upper.bytes, chunk->pages[i].bounds.upper.size);
    seine_thrift_i32(t, 4, ascends(chunk) ? 1 : 0);
    seine_thrift_list(t, 5, SEINE_THRIFT_I64, count);
    for (size_t i = 0; i < count; i++) seine_thrift_element_i64(t, chunk->pages[i].null_count);
    seine_thrift_end(t);
}

static void offset_index(seine_thrift *t, const seine_parquet_chunk *chunk) {
    seine_thrift_list(t, 1, SEINE_THRIFT_STRUCT, chunk->page_count);
    for (size_t i = 0; i < chunk->page_count; i++) {
        seine_thrift_begin(t, 0);
        seine_thrift_i64(t, 1, chunk->pages[i].offset);
        seine_thrift_i32(t, 2, chunk->pages[i].size_bytes);
        seine_thrift_i64(t, 3, chunk->pages[i].first_row);
        seine_thrift_end(t);
    }
    seine_thrift_end(t);
}

/* Appends the indexes of every chunk to @p out, which will stand at file offset @p base. */
static seine_status put_indexes(seine_buf *out, int64_t base, size_t column_count, seine_parquet_group *groups,
                                size_t group_count) {
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < group_count * column_count; i++) {
            seine_parquet_chunk *chunk = &groups[i / column_count].chunks[i % column_count];
            const size_t start = out->size;
            if (pass == 0 && !can_index(chunk)) continue;
            seine_thrift t = seine_thrift_to(out);
            if (pass == 0)
                column_index(&t, chunk);
            else
                offset_index(&t, chunk);
            if (t.status != SEINE_OK) return t.status;
            int64_t *offset = pass == 0 ? &chunk->column_index_offset : &chunk->offset_index_offset;
            int32_t *bytes = pass == 0 ? &chunk->column_index_bytes : &chunk->offset_index_bytes;
            *offset = base + (int64_t)start;
            *bytes = (int32_t)(out->size - start);
        }
    return SEINE_OK;
}

/* ---- schema ---- */

static void logical_type(seine_thrift *t, seine_type type) {
    if (type == SEINE_TYPE_STRING) {
        seine_thrift_begin(t, 10);
        seine_thrift_empty(t, LOGICAL_STRING);
        seine_thrift_end(t);
    } else if (type == SEINE_TYPE_DATE) {
        seine_thrift_begin(t, 10);
        seine_thrift_empty(t, LOGICAL_DATE);
        seine_thrift_end(t);
    } else if (type == SEINE_TYPE_TIMESTAMPTZ) {
        seine_thrift_begin(t, 10);
        seine_thrift_begin(t, LOGICAL_TIMESTAMP);
        seine_thrift_bool(t, 1, true); /* isAdjustedToUTC */
        seine_thrift_begin(t, 2);
        seine_thrift_empty(t, 2); /* MICROS */
        seine_thrift_end(t);
        seine_thrift_end(t);
        seine_thrift_end(t);
    }
}

/* How many columns stand before those of the group. */
static size_t flat_columns(const seine_table_schema *schema, const seine_parquet_extra *extra) {
    return schema->column_count - (extra != NULL ? extra->group_columns : 0);
}

/* An optional struct of required members has the definition levels of an optional column. */
static void group_element(seine_thrift *t, const seine_parquet_extra *extra) {
    seine_thrift_begin(t, 0);
    seine_thrift_i32(t, 3, SEINE_REPETITION_OPTIONAL);
    seine_thrift_text(t, 4, extra->group);
    seine_thrift_i32(t, 5, (int32_t)extra->group_columns);
    seine_thrift_end(t);
}

static void schema_element(seine_thrift *t, const seine_column *column, bool is_member) {
    seine_thrift_begin(t, 0);
    seine_thrift_i32(t, 1, seine_physical_type(column->type));
    seine_thrift_i32(t, 3, column->required || is_member ? SEINE_REPETITION_REQUIRED : SEINE_REPETITION_OPTIONAL);
    seine_thrift_text(t, 4, column->name);
    const int converted = seine_converted_type(column->type);
    if (converted != SEINE_CONVERTED_NONE) seine_thrift_i32(t, 6, converted);
    seine_thrift_i32(t, 9, column->id);
    logical_type(t, column->type);
    seine_thrift_end(t);
}

/* The Iceberg schema as JSON, as the reference writer leaves it in the key-value metadata. */
static seine_status iceberg_schema(const seine_table_schema *schema, seine_buf *out) {
    seine_json_writer w = seine_json_writer_to(out);
    seine_json_begin_object(&w);
    seine_json_key(&w, SEINE_STR("type"));
    seine_json_put_text(&w, SEINE_STR("struct"));
    seine_json_key(&w, SEINE_STR("schema-id"));
    seine_json_put_int(&w, 0);
    seine_json_key(&w, SEINE_STR("fields"));
    seine_json_begin_array(&w);
    for (size_t i = 0; i < schema->column_count; i++) {
        const seine_column *column = &schema->columns[i];
        seine_json_begin_object(&w);
        seine_json_key(&w, SEINE_STR("id"));
        seine_json_put_int(&w, column->id);
        seine_json_key(&w, SEINE_STR("name"));
        seine_json_put_text(&w, seine_str_of(column->name));
        seine_json_key(&w, SEINE_STR("required"));
        seine_json_put_bool(&w, column->required);
        seine_json_key(&w, SEINE_STR("type"));
        seine_json_put_text(&w, seine_str_of(seine_type_name(column->type)));
        seine_json_end_object(&w);
    }
    seine_json_end_array(&w);
    seine_json_end_object(&w);
    return w.status;
}

/* ---- row groups ---- */

static void statistics(seine_thrift *t, const seine_parquet_chunk *chunk) {
    const seine_bounds *bounds = &chunk->bounds;
    const bool lower = bounds->any && !bounds->unknown;
    const bool upper = lower && !bounds->upper_open;
    seine_thrift_begin(t, 12);
    seine_thrift_i64(t, 3, chunk->null_count);
    if (upper) seine_thrift_binary(t, 5, bounds->upper.bytes, bounds->upper.size);
    if (lower) seine_thrift_binary(t, 6, bounds->lower.bytes, bounds->lower.size);
    if (upper) seine_thrift_bool(t, 7, bounds->upper.exact);
    if (lower) seine_thrift_bool(t, 8, bounds->lower.exact);
    seine_thrift_end(t);
}

static void encoding_stats(seine_thrift *t, const seine_parquet_chunk *chunk) {
    const bool dict = chunk->dict_offset > 0;
    seine_thrift_list(t, 13, SEINE_THRIFT_STRUCT, dict ? 2 : 1);
    for (int pass = dict ? 0 : 1; pass < 2; pass++) {
        seine_thrift_begin(t, 0);
        seine_thrift_i32(t, 1, pass == 0 ? SEINE_PAGE_DICTIONARY : SEINE_PAGE_DATA);
        seine_thrift_i32(t, 2, (int32_t)(pass == 0 ? SEINE_PARQUET_PLAIN : chunk->encoding));
        seine_thrift_i32(t, 3, pass == 0 ? 1 : (int32_t)chunk->page_count);
        seine_thrift_end(t);
    }
}

static void chunk_metadata(seine_thrift *t, const seine_parquet_chunk *chunk, const char *group) {
    const bool dict = chunk->dict_offset > 0;
    seine_thrift_begin(t, 3);
    seine_thrift_i32(t, 1, seine_physical_type(chunk->column->type));
    seine_thrift_list(t, 2, SEINE_THRIFT_I32, dict ? 3 : 2);
    seine_thrift_element_i32(t, SEINE_PARQUET_RLE);
    seine_thrift_element_i32(t, (int32_t)chunk->encoding);
    if (dict) seine_thrift_element_i32(t, SEINE_PARQUET_PLAIN);
    seine_thrift_list(t, 3, SEINE_THRIFT_BINARY, group != NULL ? 2 : 1);
    if (group != NULL) seine_thrift_element_binary(t, group, strlen(group));
    seine_thrift_element_binary(t, chunk->column->name, strlen(chunk->column->name));
    seine_thrift_i32(t, 4, chunk->codec);
    seine_thrift_i64(t, 5, chunk->rows);
    seine_thrift_i64(t, 6, chunk->plain_bytes);
    seine_thrift_i64(t, 7, chunk->size_bytes);
    seine_thrift_i64(t, 9, chunk->data_offset);
    if (dict) seine_thrift_i64(t, 11, chunk->dict_offset);
    statistics(t, chunk);
    encoding_stats(t, chunk);
    seine_thrift_end(t);
}

static void column_chunk(seine_thrift *t, const seine_parquet_chunk *chunk, const char *group) {
    seine_thrift_begin(t, 0);
    seine_thrift_i64(t, 2, 0); /* no copy of the metadata elsewhere */
    chunk_metadata(t, chunk, group);
    seine_thrift_i64(t, 4, chunk->offset_index_offset);
    seine_thrift_i32(t, 5, chunk->offset_index_bytes);
    if (chunk->column_index_offset > 0) {
        seine_thrift_i64(t, 6, chunk->column_index_offset);
        seine_thrift_i32(t, 7, chunk->column_index_bytes);
    }
    seine_thrift_end(t);
}

static size_t column_of_id(const seine_table_schema *schema, int id) {
    size_t i = 0;
    while (i < schema->column_count && schema->columns[i].id != id) i++;
    return i;
}

static void sorting_columns(seine_thrift *t, const seine_table_schema *schema) {
    size_t count = 0;
    while (count < SEINE_SORT_COLUMNS_MAX && schema->sort_ids[count] != 0) count++;
    if (count == 0) return;
    seine_thrift_list(t, 4, SEINE_THRIFT_STRUCT, count);
    for (size_t i = 0; i < count; i++) {
        seine_thrift_begin(t, 0);
        seine_thrift_i32(t, 1, (int32_t)column_of_id(schema, schema->sort_ids[i]));
        seine_thrift_bool(t, 2, false); /* descending */
        seine_thrift_bool(t, 3, true);  /* nulls first */
        seine_thrift_end(t);
    }
}

static void row_group(seine_thrift *t, const seine_table_schema *schema, const seine_parquet_extra *extra,
                      const seine_parquet_group *group) {
    int64_t plain_bytes = 0, size_bytes = 0;
    for (size_t i = 0; i < schema->column_count; i++) {
        plain_bytes += group->chunks[i].plain_bytes;
        size_bytes += group->chunks[i].size_bytes;
    }
    seine_thrift_begin(t, 0);
    seine_thrift_list(t, 1, SEINE_THRIFT_STRUCT, schema->column_count);
    for (size_t i = 0; i < schema->column_count; i++)
        column_chunk(t, &group->chunks[i], i >= flat_columns(schema, extra) ? extra->group : NULL);
    seine_thrift_i64(t, 2, plain_bytes);
    seine_thrift_i64(t, 3, group->rows);
    sorting_columns(t, schema);
    seine_thrift_i64(t, 5, group->offset);
    seine_thrift_i64(t, 6, size_bytes);
    seine_thrift_end(t);
}

static void schema_elements(seine_thrift *t, const seine_table_schema *schema, const seine_parquet_extra *extra) {
    const size_t flat = flat_columns(schema, extra), groups = flat < schema->column_count ? 1 : 0;
    seine_thrift_list(t, 2, SEINE_THRIFT_STRUCT, schema->column_count + groups + 1);
    seine_thrift_begin(t, 0);
    seine_thrift_text(t, 4, "table");
    seine_thrift_i32(t, 5, (int32_t)(flat + groups));
    seine_thrift_end(t);
    for (size_t i = 0; i < schema->column_count; i++) {
        if (i == flat) group_element(t, extra);
        schema_element(t, &schema->columns[i], i >= flat);
    }
}

static seine_status put_footer(seine_buf *out, const seine_table_schema *schema, const seine_parquet_extra *extra,
                               const seine_parquet_group *groups, size_t group_count, const seine_buf *json) {
    int64_t rows = 0;
    for (size_t i = 0; i < group_count; i++) rows += groups[i].rows;
    seine_thrift t = seine_thrift_to(out);
    seine_thrift_i32(&t, 1, FORMAT_VERSION);
    schema_elements(&t, schema, extra);
    seine_thrift_i64(&t, 3, rows);
    seine_thrift_list(&t, 4, SEINE_THRIFT_STRUCT, group_count);
    for (size_t i = 0; i < group_count; i++) row_group(&t, schema, extra, &groups[i]);
    seine_thrift_list(&t, 5, SEINE_THRIFT_STRUCT, 1);
    seine_thrift_begin(&t, 0);
    seine_thrift_text(&t, 1, extra != NULL ? extra->key : "iceberg.schema");
    seine_thrift_binary(&t, 2, json->data, json->size);
    seine_thrift_end(&t);
    /* "version" must stand between name and number, or Java readers distrust the statistics. */
    seine_thrift_text(&t, 6, SEINE_PARQUET_CREATED_BY SEINE_VERSION);
    seine_thrift_list(&t, 7, SEINE_THRIFT_STRUCT, schema->column_count);
    for (size_t i = 0; i < schema->column_count; i++) {
        seine_thrift_begin(&t, 0);
        seine_thrift_empty(&t, 1); /* TYPE_ORDER */
        seine_thrift_end(&t);
    }
    seine_thrift_end(&t);
    return t.status;
}

/* All that stands behind the pages: indexes, footer, its size. */
static seine_status put_end(seine_buf *out, int64_t base, const seine_table_schema *schema,
                            const seine_parquet_extra *extra, seine_parquet_group *groups, size_t group_count) {
    seine_buf json SEINE_OWNED(seine_buf_free);
    seine_buf_init(&json, FOOTER_MAX);
    SEINE_TRY(put_indexes(out, base, schema->column_count, groups, group_count));
    const size_t start = out->size;
    SEINE_TRY(extra != NULL ? seine_buf_append_str(&json, extra->value) : iceberg_schema(schema, &json));
    SEINE_TRY(put_footer(out, schema, extra, groups, group_count, &json));
    const uint32_t size = (uint32_t)(out->size - start);
    SEINE_TRY(seine_buf_append(out, &size, 4));
    return seine_buf_append(out, "PAR1", 4);
}

seine_status seine_parquet_footer_write(seine_file_writer *file, const seine_table_schema *schema,
                                        const seine_parquet_extra *extra, seine_parquet_group *groups,
                                        size_t group_count, seine_error *error) {
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, FOOTER_MAX);
    const seine_status status =
        put_end(&out, (int64_t)seine_file_writer_size(file), schema, extra, groups, group_count);
    if (status != SEINE_OK) return seine_fail(error, status, "Parquet footer: %s", seine_status_text(status));
    return seine_file_writer_append(file, out.data, out.size, error);
}
