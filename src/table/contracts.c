/* The page that tells people what the tables hold. `seine table contracts` prints it; a test fails when it drifts. */
#include "table/contracts.h"

#include "base/try.h"
#include "columns/schema.h"

static const char head[] =
    "# Data contracts\n\n"
    "Made by `seine table contracts` from `src/columns/schema.c` and the headers of `models/`; do not edit.\n\n"
    "All tables are Apache Iceberg, format version 2, with Parquet files (field ids; zstd, but for small ones that\n"
    "are soon merged). Times are UTC.\n"
    "Required columns are never null. Lineage columns say where a row came from and when; they are not part of\n"
    "content hashes.\n"
    "Ids are never reused: a column may be added, never changed in type or meaning. How columns are named:\n"
    "[vocabulary.md](vocabulary.md).\n";

static const char *source_name(const seine_table_schema *schema, int id) {
    for (size_t i = 0; i < schema->column_count; i++)
        if (schema->columns[i].id == id) return schema->columns[i].name;
    return "?";
}

static seine_status put_partition(const seine_table_schema *schema, seine_buf *out) {
    static const char *const opening[] = {"`", "day(`", "month(`", "bucket(`"};
    static const char *const closing[] = {"`", "`)", "`)", "`)"};
    if (schema->partition_count == 0) return seine_buf_append_str(out, "Not partitioned");
    SEINE_TRY(seine_buf_append_str(out, "Partitioned by "));
    for (size_t i = 0; i < schema->partition_count; i++) {
        const seine_partition_field *field = &schema->partition[i];
        SEINE_TRY(seine_buf_printf(out, "%s%s%s%s as `%s`", i > 0 ? ", " : "", opening[field->transform],
                                   source_name(schema, field->source_id), closing[field->transform], field->name));
    }
    return SEINE_OK;
}

static seine_status put_order(const seine_table_schema *schema, seine_buf *out) {
    SEINE_TRY(seine_buf_append_str(out, "; files sorted by "));
    for (size_t i = 0; i < SEINE_SORT_COLUMNS_MAX && schema->sort_ids[i] != 0; i++)
        SEINE_TRY(seine_buf_printf(out, "%s`%s`", i > 0 ? ", " : "", source_name(schema, schema->sort_ids[i])));
    return seine_buf_append_str(out, ".\n\n");
}

static seine_status put_column(const seine_column *column, seine_buf *out) {
    return seine_buf_printf(out, "| %d | `%s` | %s | %s | %s | %s%s |\n", column->id, column->name,
                            seine_type_name(column->type), column->required ? "yes" : "", column->unit, column->doc,
                            column->lineage ? " (lineage)" : "");
}

seine_status seine_contracts_table(const seine_table_schema *schema, seine_buf *out) {
    SEINE_TRY(seine_buf_printf(out, "\n## %s\n\nOne row is %s.\n", schema->name, schema->doc));
    SEINE_TRY(put_partition(schema, out));
    SEINE_TRY(put_order(schema, out));
    SEINE_TRY(
        seine_buf_append_str(out, "| id | column | type | required | unit | meaning |\n|---|---|---|---|---|---|\n"));
    for (size_t i = 0; i < schema->column_count; i++) SEINE_TRY(put_column(&schema->columns[i], out));
    return SEINE_OK;
}

void seine_contracts_columns_json(const seine_table_schema *schema, seine_json_writer *json) {
    seine_json_field_array(json, "columns");
    for (size_t i = 0; i < schema->column_count; i++) {
        const seine_column *column = &schema->columns[i];
        seine_json_begin_object(json);
        seine_json_field_int(json, "id", column->id);
        seine_json_field_text(json, "name", column->name);
        seine_json_field_text(json, "type", seine_type_name(column->type));
        seine_json_field_bool(json, "required", column->required);
        seine_json_field_text(json, "unit", column->unit);
        seine_json_field_text(json, "doc", column->doc);
        seine_json_end_object(json);
    }
    seine_json_end_array(json);
}

seine_status seine_contracts_page(seine_buf *out) {
    size_t count;
    const seine_table_schema *schemas = seine_schemas(&count);
    SEINE_TRY(seine_buf_append_str(out, head));
    for (size_t i = 0; i < count; i++) SEINE_TRY(seine_contracts_table(&schemas[i], out));
    return SEINE_OK;
}
