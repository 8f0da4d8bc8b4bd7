/* Making table metadata: the first version of a table, and each version from the one before it. */
#include "table/metadata/metadata.h"

#include "base/try.h"

#include <stdio.h>

static void put_key(seine_json_writer *w, const char *key) { seine_json_key(w, seine_str_of(key)); }

static void put_text(seine_json_writer *w, const char *key, const char *value) {
    put_key(w, key);
    seine_json_put_text(w, seine_str_of(value));
}

static void put_int(seine_json_writer *w, const char *key, int64_t value) {
    put_key(w, key);
    seine_json_put_int(w, value);
}

static void put_empty_array(seine_json_writer *w, const char *key) {
    put_key(w, key);
    seine_json_begin_array(w);
    seine_json_end_array(w);
}

static seine_status finish(const seine_json_writer *w, seine_error *error) {
    return w->status == SEINE_OK ? SEINE_OK : seine_fail(error, w->status, "making table metadata");
}

/* ---- a new table ---- */

static void put_schema(seine_json_writer *w, const seine_table_schema *schema, int64_t id) {
    seine_json_begin_object(w);
    put_text(w, "type", "struct");
    put_int(w, "schema-id", id);
    put_key(w, "fields");
    seine_json_begin_array(w);
    for (size_t i = 0; i < schema->column_count; i++) {
        const seine_column *column = &schema->columns[i];
        char doc[256];
        const bool has_unit = column->unit[0] != 0;
        (void)snprintf(doc, sizeof doc, "%s%s%s%s", column->doc, has_unit ? " (" : "", column->unit,
                       has_unit ? ")" : "");
        seine_json_begin_object(w);
        put_int(w, "id", column->id);
        put_text(w, "name", column->name);
        put_key(w, "required");
        seine_json_put_bool(w, column->required);
        put_text(w, "type", seine_type_name(column->type));
        put_text(w, "doc", doc);
        seine_json_end_object(w);
    }
    seine_json_end_array(w);
    seine_json_end_object(w);
}

static void put_spec(seine_json_writer *w, const seine_table_schema *schema, int buckets) {
    static const char *const names[] = {"identity", "day", "month", "bucket"};
    seine_json_begin_object(w);
    put_int(w, "spec-id", 0);
    put_key(w, "fields");
    seine_json_begin_array(w);
    for (size_t i = 0; i < schema->partition_count; i++) {
        const seine_partition_field *field = &schema->partition[i];
        char transform[32];
        (void)snprintf(transform, sizeof transform, "%s", names[field->transform]);
        if (field->transform == SEINE_TRANSFORM_BUCKET)
            (void)snprintf(transform, sizeof transform, "bucket[%d]", buckets);
        seine_json_begin_object(w);
        put_int(w, "source-id", field->source_id);
        put_int(w, "field-id", field->field_id);
        put_text(w, "name", field->name);
        put_text(w, "transform", transform);
        seine_json_end_object(w);
    }
    seine_json_end_array(w);
    seine_json_end_object(w);
}

/* Order 1, or the unsorted order 0. */
static int put_sort_order(seine_json_writer *w, const seine_table_schema *schema) {
    const int id = schema->sort_ids[0] != 0 ? 1 : 0;
    seine_json_begin_object(w);
    put_int(w, "order-id", id);
    put_key(w, "fields");
    seine_json_begin_array(w);
    for (size_t i = 0; i < SEINE_SORT_COLUMNS_MAX && schema->sort_ids[i] != 0; i++) {
        seine_json_begin_object(w);
        put_text(w, "transform", "identity");
        put_int(w, "source-id", schema->sort_ids[i]);
        put_text(w, "direction", "asc");
        put_text(w, "null-order", "nulls-first");
        seine_json_end_object(w);
    }
    seine_json_end_array(w);
    seine_json_end_object(w);
    return id;
}

/* For readers of files without field ids: each column is found by its name. */
static seine_status name_mapping(const seine_table_schema *schema, seine_buf *out) {
    seine_json_writer w = seine_json_writer_to(out);
    seine_json_begin_array(&w);
    for (size_t i = 0; i < schema->column_count; i++) {
        seine_json_begin_object(&w);
        put_int(&w, "field-id", schema->columns[i].id);
        put_key(&w, "names");
        seine_json_begin_array(&w);
        seine_json_put_text(&w, seine_str_of(schema->columns[i].name));
        seine_json_end_array(&w);
        seine_json_end_object(&w);
    }
    seine_json_end_array(&w);
    return w.status;
}

#define NAME_MAPPING "schema.name-mapping.default"

static void put_name_mapping(seine_json_writer *w, const seine_table_schema *schema) {
    seine_buf mapping SEINE_OWNED(seine_buf_free);
    seine_buf_init(&mapping, SEINE_METADATA_MAX_BYTES);
    const seine_status status = name_mapping(schema, &mapping);
    if (status != SEINE_OK) w->status = status;
    put_key(w, NAME_MAPPING);
    seine_json_put_text(w, seine_buf_str(&mapping));
}

static void put_properties(seine_json_writer *w, const seine_table_schema *schema) {
    static const char *const fixed[][2] = {
        {"write.format.default", "parquet"},
        {"write.parquet.compression-codec", "zstd"},
        {"write.metadata.delete-after-commit.enabled", "true"},
        {"write.metadata.previous-versions-max", "100"},
        {"write.metadata.metrics.default", "truncate(16)"},
    };
    put_key(w, "properties");
    seine_json_begin_object(w);
    put_text(w, "comment", schema->doc);
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) put_text(w, fixed[i][0], fixed[i][1]);
    put_name_mapping(w, schema);
    seine_json_end_object(w);
}

static int largest_id(const seine_table_schema *schema) {
    int most = 0;
    for (size_t i = 0; i < schema->column_count; i++)
        if (schema->columns[i].id > most) most = schema->columns[i].id;
    return most;
}

seine_status seine_metadata_create(const seine_table_schema *schema, int buckets, const char *location,
                                   const char *uuid, int64_t now_ms, seine_buf *out, seine_error *error) {
    seine_json_writer writer = seine_json_writer_to(out);
    seine_json_writer *w = &writer;
    seine_json_begin_object(w);
    put_int(w, "format-version", 2);
    put_text(w, "table-uuid", uuid);
    put_text(w, "location", location);
    put_int(w, "last-sequence-number", 0);
    put_int(w, "last-updated-ms", now_ms);
    put_int(w, "last-column-id", largest_id(schema));
    put_key(w, "schemas");
    seine_json_begin_array(w);
    put_schema(w, schema, 0);
    seine_json_end_array(w);
    put_int(w, "current-schema-id", 0);
    put_key(w, "partition-specs");
    seine_json_begin_array(w);
    put_spec(w, schema, buckets);
    seine_json_end_array(w);
    put_int(w, "default-spec-id", 0);
    put_int(w, "last-partition-id", 999 + (int64_t)schema->partition_count);
    put_key(w, "sort-orders");
    seine_json_begin_array(w);
    const int order = put_sort_order(w, schema);
    seine_json_end_array(w);
    put_int(w, "default-sort-order-id", order);
    put_properties(w, schema);
    put_int(w, "current-snapshot-id", -1);
    put_key(w, "refs");
    seine_json_begin_object(w);
    seine_json_end_object(w);
    put_empty_array(w, "snapshots");
    put_empty_array(w, "snapshot-log");
    put_empty_array(w, "metadata-log");
    put_empty_array(w, "statistics");
    put_empty_array(w, "partition-statistics");
    seine_json_end_object(w);
    return finish(w, error);
}

/* ---- the next version ---- */

static bool is_among(seine_str key, const char *const *keys, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (seine_str_equal(key, seine_str_of(keys[i]))) return true;
    return false;
}

static bool is_replaced(seine_str key, const seine_metadata_change *change) {
    static const char *const always[] = {
        "last-sequence-number", "last-updated-ms", "current-snapshot-id", "refs", "snapshots",
        "snapshot-log",         "metadata-log"};
    static const char *const with_schema[] = {"schemas", "current-schema-id", "last-column-id", "properties"};
    return is_among(key, always, sizeof always / sizeof *always) ||
           (change->schema != NULL && is_among(key, with_schema, sizeof with_schema / sizeof *with_schema));
}

/* Former schemas stay: snapshots name them. */
static void put_evolved(seine_json_writer *w, const seine_metadata *base, const seine_table_schema *schema) {
    const seine_json_value root = seine_json_root(base->json);
    int64_t id = base->schema_id;
    put_key(w, "schemas");
    seine_json_begin_array(w);
    seine_json_iter it = {0};
    while (seine_json_next(seine_json_get(root, "schemas"), &it)) {
        const int64_t former = seine_json_int(seine_json_get(it.value, "schema-id"), 0);
        if (former > id) id = former;
        seine_json_put_value(w, it.value);
    }
    put_schema(w, schema, id + 1);
    seine_json_end_array(w);
    put_int(w, "current-schema-id", id + 1);
    const int64_t last = seine_json_int(seine_json_get(root, "last-column-id"), 0), largest = largest_id(schema);
    put_int(w, "last-column-id", last > largest ? last : largest);
    put_key(w, "properties");
    seine_json_begin_object(w);
    seine_json_iter property = {0};
    while (seine_json_next(seine_json_get(root, "properties"), &property)) {
        if (seine_str_equal(property.key, SEINE_STR(NAME_MAPPING))) continue;
        seine_json_key(w, property.key);
        seine_json_put_value(w, property.value);
    }
    put_name_mapping(w, schema);
    seine_json_end_object(w);
}

static bool is_removed(const seine_metadata_change *change, int64_t snapshot_id) {
    for (size_t i = 0; i < change->removed_count; i++)
        if (change->removed[i] == snapshot_id) return true;
    return false;
}

static void put_new_snapshot(seine_json_writer *w, const seine_metadata *base, const seine_metadata_change *change) {
    seine_json_begin_object(w);
    put_int(w, "sequence-number", base->last_sequence_number + 1);
    put_int(w, "snapshot-id", change->snapshot_id);
    if (base->current_snapshot_id != -1) put_int(w, "parent-snapshot-id", base->current_snapshot_id);
    put_int(w, "timestamp-ms", change->now_ms);
    put_key(w, "summary");
    seine_json_begin_object(w);
    for (size_t i = 0; i < change->summary_count; i++) put_text(w, change->summary[i].key, change->summary[i].value);
    seine_json_end_object(w);
    put_text(w, "manifest-list", change->list);
    put_int(w, "schema-id", base->schema_id);
    seine_json_end_object(w);
}

static void put_snapshots(seine_json_writer *w, const seine_metadata *base, const seine_metadata_change *change) {
    const seine_json_value old = seine_json_get(seine_json_root(base->json), "snapshots");
    put_key(w, "snapshots");
    seine_json_begin_array(w);
    seine_json_iter it = {0};
    while (seine_json_next(old, &it))
        if (!is_removed(change, seine_json_int(seine_json_get(it.value, "snapshot-id"), -1)))
            seine_json_put_value(w, it.value);
    if (change->snapshot_id != 0) put_new_snapshot(w, base, change);
    seine_json_end_array(w);
}

/* The log must stay a whole history back to its first entry, so everything before a forgotten snapshot goes too. */
static void put_turns(seine_json_writer *w, const seine_metadata *base, const seine_metadata_change *change) {
    size_t first = 0;
    for (size_t i = 0; i < base->turn_count; i++)
        if (is_removed(change, base->turns[i].snapshot_id)) first = i + 1;
    put_key(w, "snapshot-log");
    seine_json_begin_array(w);
    for (size_t i = first; i < base->turn_count; i++) {
        seine_json_begin_object(w);
        put_int(w, "timestamp-ms", base->turns[i].time_ms);
        put_int(w, "snapshot-id", base->turns[i].snapshot_id);
        seine_json_end_object(w);
    }
    if (change->snapshot_id != 0) {
        seine_json_begin_object(w);
        put_int(w, "timestamp-ms", change->now_ms);
        put_int(w, "snapshot-id", change->snapshot_id);
        seine_json_end_object(w);
    }
    seine_json_end_array(w);
}

/* How many entries of the old log stay, when one is added at its end. */
static size_t log_kept(const seine_metadata *base, seine_json_value log) {
    const size_t most = seine_metadata_log_max(base) - 1, count = seine_json_count(log);
    return count < most ? count : most;
}

static void put_metadata_log(seine_json_writer *w, const seine_metadata *base, const seine_metadata_change *change) {
    const seine_json_value log = seine_json_get(seine_json_root(base->json), "metadata-log");
    const size_t first = seine_json_count(log) - log_kept(base, log);
    put_key(w, "metadata-log");
    seine_json_begin_array(w);
    seine_json_iter it = {0};
    for (size_t i = 0; seine_json_next(log, &it); i++)
        if (i >= first) seine_json_put_value(w, it.value);
    seine_json_begin_object(w);
    put_int(w, "timestamp-ms", base->last_updated_ms);
    put_text(w, "metadata-file", change->base_location);
    seine_json_end_object(w);
    seine_json_end_array(w);
}

/* `main` follows the new snapshot and keeps its retention settings; other branches and tags stay. */
static void put_refs(seine_json_writer *w, const seine_metadata *base, int64_t current) {
    const seine_json_value old = seine_json_get(seine_json_root(base->json), "refs");
    put_key(w, "refs");
    seine_json_begin_object(w);
    seine_json_iter it = {0};
    while (seine_json_next(old, &it)) {
        if (seine_str_equal(it.key, SEINE_STR("main"))) continue;
        seine_json_key(w, it.key);
        seine_json_put_value(w, it.value);
    }
    if (current != -1) {
        put_key(w, "main");
        seine_json_begin_object(w);
        put_int(w, "snapshot-id", current);
        put_text(w, "type", "branch");
        seine_json_iter part = {0};
        while (seine_json_next(seine_json_get(old, "main"), &part)) {
            if (seine_str_equal(part.key, SEINE_STR("snapshot-id")) || seine_str_equal(part.key, SEINE_STR("type")))
                continue;
            seine_json_key(w, part.key);
            seine_json_put_value(w, part.value);
        }
        seine_json_end_object(w);
    }
    seine_json_end_object(w);
}

seine_status seine_metadata_next(const seine_metadata *base, const seine_metadata_change *change, seine_buf *out,
                                 seine_error *error) {
    seine_json_writer writer = seine_json_writer_to(out);
    seine_json_writer *w = &writer;
    const bool adds = change->snapshot_id != 0;
    const int64_t current = adds ? change->snapshot_id : base->current_snapshot_id;
    seine_json_begin_object(w);
    seine_json_iter it = {0};
    while (seine_json_next(seine_json_root(base->json), &it)) {
        if (is_replaced(it.key, change)) continue;
        seine_json_key(w, it.key);
        seine_json_put_value(w, it.value);
    }
    if (change->schema != NULL) put_evolved(w, base, change->schema);
    put_int(w, "last-sequence-number", base->last_sequence_number + (adds ? 1 : 0));
    put_int(w, "last-updated-ms", change->now_ms);
    put_int(w, "current-snapshot-id", current);
    put_refs(w, base, current);
    put_snapshots(w, base, change);
    put_turns(w, base, change);
    put_metadata_log(w, base, change);
    seine_json_end_object(w);
    return finish(w, error);
}

seine_status seine_metadata_dropped(const seine_metadata *base, seine_arena *arena, const char ***locations,
                                    size_t *count, seine_error *error) {
    const seine_json_value log = seine_json_get(seine_json_root(base->json), "metadata-log");
    const size_t dropped = seine_json_count(log) - log_kept(base, log);
    *count = 0;
    *locations = SEINE_ARENA_ARRAY(arena, const char *, dropped);
    if (*locations == NULL) return seine_no_memory(error, "listing old metadata");
    seine_json_iter it = {0};
    while (*count < dropped && seine_json_next(log, &it)) {
        const seine_str file = seine_json_text(seine_json_get(it.value, "metadata-file"));
        const char *copy = seine_arena_copy(arena, file.data, file.size);
        if (copy == NULL) return seine_no_memory(error, "listing old metadata");
        (*locations)[(*count)++] = copy;
    }
    return SEINE_OK;
}
