/* Tables, their columns and snapshots: told from the metadata, without a statement. */
#include "base/try.h"
#include "serve/call.h"
#include "serve/params.h"
#include "serve/routes.h"
#include "serve/server.h"

#include <stdio.h>

static const seine_param tables_params[] = {P_AS_OF};
static const seine_param table_params[] = {
    {.name = "name", .kind = SEINE_PARAM_TEXT, .in_path = true, .most = 100, .doc = "such as silver.ais"}, P_AS_OF};

static const seine_snapshot *snapshot_of(const seine_view_table *table) {
    size_t count = 0;
    const seine_snapshot *snapshots = seine_table_snapshots(table->table, &count);
    for (size_t i = 0; i < count; i++)
        if (snapshots[i].id == table->snapshot_id) return &snapshots[i];
    return NULL;
}

static void put_partition(seine_json_writer *w, const seine_table_schema *schema) {
    seine_json_field_array(w, "partition");
    for (size_t i = 0; i < schema->partition_count; i++) seine_json_put_string(w, schema->partition[i].name);
    seine_json_end_array(w);
}

static void put_inputs(const seine_call *call, seine_json_writer *w, const char *table) {
    size_t count = 0;
    const char *const *inputs = seine_server_inputs(call->server, table, &count);
    seine_json_field_array(w, "inputs");
    for (size_t i = 0; i < count; i++) seine_json_put_string(w, inputs[i]);
    seine_json_end_array(w);
}

/* Ids of snapshots are text: they have more digits than a double of JavaScript can hold. */
static void put_id(seine_json_writer *w, int64_t id) {
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", (long long)id);
    seine_json_name(w, "snapshot_id");
    if (id == -1)
        seine_json_put_null(w);
    else
        seine_json_put_string(w, text);
}

static void put_summary(const seine_call *call, seine_json_writer *w, const seine_view_table *table) {
    const seine_snapshot *snapshot = snapshot_of(table);
    seine_json_field_text(w, "name", table->name);
    seine_json_field_text(w, "doc", table->schema->doc != NULL ? table->schema->doc : "");
    seine_json_field_int(w, "rows", table->snapshot_id != -1 ? seine_table_rows(table->table) : 0);
    put_id(w, table->snapshot_id);
    seine_json_name(w, "committed_at");
    if (snapshot != NULL)
        seine_json_put_time(w, snapshot->time_ms * 1000);
    else
        seine_json_put_null(w);
    put_partition(w, table->schema);
    put_inputs(call, w, table->name);
}

static void put_columns(seine_json_writer *w, const seine_table_schema *schema) {
    seine_json_field_array(w, "columns");
    for (size_t i = 0; i < schema->column_count; i++) {
        const seine_column *column = &schema->columns[i];
        seine_json_begin_object(w);
        seine_json_field_text(w, "name", column->name);
        seine_json_field_text(w, "type", seine_type_name(column->type));
        seine_json_field_text(w, "unit", column->unit != NULL ? column->unit : "");
        seine_json_field_bool(w, "required", column->required);
        seine_json_field_text(w, "doc", column->doc != NULL ? column->doc : "");
        seine_json_end_object(w);
    }
    seine_json_end_array(w);
}

/* Newest first, up to the one of the view. */
static void put_snapshots(seine_json_writer *w, const seine_view_table *table) {
    size_t count = 0;
    const seine_snapshot *snapshots = seine_table_snapshots(table->table, &count);
    bool is_reached = false;
    seine_json_field_array(w, "snapshots");
    for (size_t i = count; i > 0; i--) {
        const seine_snapshot *s = &snapshots[i - 1];
        is_reached = is_reached || s->id == table->snapshot_id;
        if (!is_reached) continue;
        seine_json_begin_object(w);
        put_id(w, s->id);
        seine_json_name(w, "committed_at");
        seine_json_put_time(w, s->time_ms * 1000);
        seine_json_field_text(w, "operation", s->operation != NULL ? s->operation : "");
        seine_json_field_int(w, "rows", s->total_records);
        seine_json_field_int(w, "added_rows", s->added_records);
        seine_json_field_int(w, "deleted_rows", s->deleted_records);
        seine_json_end_object(w);
    }
    seine_json_end_array(w);
}

static seine_status finish(const seine_json_writer *w, seine_error *error) {
    return w->status == SEINE_OK ? SEINE_OK : seine_fail(error, w->status, "out of memory");
}

static seine_status get_tables(seine_call *call, seine_error *error) {
    seine_json_writer w = seine_json_writer_to(&call->body);
    seine_json_begin_object(&w);
    seine_json_field_array(&w, "tables");
    for (size_t i = 0; i < call->view->table_count; i++) {
        seine_json_begin_object(&w);
        put_summary(call, &w, &call->view->tables[i]);
        seine_json_end_object(&w);
    }
    seine_json_end_array(&w);
    seine_json_end_object(&w);
    return finish(&w, error);
}

/* The name comes from the user: it is only ever compared with those of the view. */
static seine_status find_table(seine_call *call, const seine_view_table **table, seine_error *error) {
    const seine_str name = seine_call_input(call, "name")->text;
    for (size_t i = 0; i < call->view->table_count; i++) {
        *table = &call->view->tables[i];
        if (seine_str_equal(seine_str_of((*table)->name), name)) return SEINE_OK;
    }
    call->hint = "the tables are listed at /api/v1/tables";
    return seine_fail(error, SEINE_E_NOT_FOUND, "the lake has no such table");
}

static seine_status get_table(seine_call *call, seine_error *error) {
    const seine_view_table *table = NULL;
    SEINE_TRY(find_table(call, &table, error));
    seine_json_writer w = seine_json_writer_to(&call->body);
    seine_json_begin_object(&w);
    put_summary(call, &w, table);
    put_columns(&w, table->schema);
    put_snapshots(&w, table);
    seine_json_end_object(&w);
    return finish(&w, error);
}

static seine_status get_snapshots(seine_call *call, seine_error *error) {
    const seine_view_table *table = NULL;
    SEINE_TRY(find_table(call, &table, error));
    seine_json_writer w = seine_json_writer_to(&call->body);
    seine_json_begin_object(&w);
    put_snapshots(&w, table);
    seine_json_end_object(&w);
    return finish(&w, error);
}

#define SUMMARY_MEMBERS                                                                                   \
    "\"name\":{\"type\":\"string\"},\"doc\":{\"type\":\"string\"},\"rows\":{\"type\":\"integer\"},"       \
    "\"snapshot_id\":{\"type\":[\"string\",\"null\"]},\"committed_at\":{\"type\":[\"string\",\"null\"]}," \
    "\"partition\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"                                 \
    "\"inputs\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"
#define SNAPSHOT_MEMBERS                                                                \
    "\"snapshots\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{" \
    "\"snapshot_id\":{\"type\":\"string\"},\"committed_at\":{\"type\":\"string\"},"     \
    "\"operation\":{\"type\":\"string\"},\"rows\":{\"type\":\"integer\"},"              \
    "\"added_rows\":{\"type\":\"integer\"},\"deleted_rows\":{\"type\":\"integer\"}}}}"

const seine_route seine_table_routes[SEINE_TABLE_ROUTES] = {
    {.pattern = "/api/v1/tables",
     .name = "tables",
     .summary = "The tables of the lake",
     SEINE_PARAMS(tables_params),
     .formats = SEINE_FORMATS_JSON,
     .tables = {"*"},
     .members =
         "{\"tables\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{" SUMMARY_MEMBERS "}}}}",
     .run = get_tables},
    {.pattern = "/api/v1/tables/{name}",
     .name = "table",
     .summary = "One table: columns and snapshots",
     SEINE_PARAMS(table_params),
     .formats = SEINE_FORMATS_JSON,
     .tables = {"*"},
     .members = "{" SUMMARY_MEMBERS ",\"columns\":{\"type\":\"array\"}," SNAPSHOT_MEMBERS "}",
     .run = get_table},
    {.pattern = "/api/v1/tables/{name}/snapshots",
     .name = "table_snapshots",
     .summary = "Snapshots of one table, newest first",
     SEINE_PARAMS(table_params),
     .formats = SEINE_FORMATS_JSON,
     .tables = {"*"},
     .members = "{" SNAPSHOT_MEMBERS "}",
     .run = get_snapshots},
};
