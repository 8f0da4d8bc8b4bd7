/* Reading table metadata, versions 1 and 2, whoever wrote it. */
#include "table/metadata/metadata.h"

#include "base/number.h"
#include "base/try.h"

#include <stdlib.h>

#define LOG_MAX_DEFAULT 100

static seine_status wrong(const char *name, const char *what, seine_error *error) {
    return seine_fail(error, SEINE_E_FORMAT, "%s: table metadata: %s", name, what);
}

static const char *copy(seine_arena *arena, seine_str text) { return seine_arena_copy(arena, text.data, text.size); }

/* The object of an array whose id_key is id. */
static seine_json_value find_by_id(seine_json_value array, const char *id_key, int64_t id) {
    seine_json_iter it = {0};
    while (seine_json_kind_of(array) == SEINE_JSON_ARRAY && seine_json_next(array, &it))
        if (seine_json_int(seine_json_get(it.value, id_key), -1) == id) return it.value;
    return NULL;
}

static int64_t summary_int(seine_json_value summary, const char *key, int64_t fallback) {
    int64_t value;
    return seine_integer_parse(seine_json_text(seine_json_get(summary, key)), &value) ? value : fallback;
}

/* A snapshot and the place of its list, while they are being sorted. */
typedef struct read_snapshot {
    seine_snapshot snapshot;
    const char *list;
} read_snapshot;

static seine_status read_snapshot_object(seine_json_value json, const char *name, seine_arena *arena,
                                         read_snapshot *read, seine_error *error) {
    const seine_json_value summary = seine_json_get(json, "summary");
    seine_str operation = seine_json_text(seine_json_get(summary, "operation"));
    if (operation.size == 0) operation = SEINE_STR("unknown"); /* version 1 */
    read->snapshot = (seine_snapshot){
        .id = seine_json_int(seine_json_get(json, "snapshot-id"), -1),
        .parent_id = seine_json_int(seine_json_get(json, "parent-snapshot-id"), -1),
        .sequence_number = seine_json_int(seine_json_get(json, "sequence-number"), 0),
        .time_ms = seine_json_int(seine_json_get(json, "timestamp-ms"), 0),
        .operation = copy(arena, operation),
        .added_files = summary_int(summary, "added-data-files", 0),
        .deleted_files = summary_int(summary, "deleted-data-files", 0),
        .added_records = summary_int(summary, "added-records", 0),
        .deleted_records = summary_int(summary, "deleted-records", 0),
        .total_records = summary_int(summary, "total-records", -1),
        .total_files = summary_int(summary, "total-data-files", -1),
    };
    const seine_str list = seine_json_text(seine_json_get(json, "manifest-list"));
    read->list = list.size > 0 ? copy(arena, list) : NULL;
    if (read->snapshot.operation == NULL || (list.size > 0 && read->list == NULL)) return seine_no_memory(error, name);
    if (read->snapshot.id < 0) return wrong(name, "a snapshot has no valid id", error);
    return SEINE_OK;
}

static int by_age(const void *left, const void *right) {
    const seine_snapshot *a = &((const read_snapshot *)left)->snapshot;
    const seine_snapshot *b = &((const read_snapshot *)right)->snapshot;
    if (a->sequence_number != b->sequence_number) return a->sequence_number < b->sequence_number ? -1 : 1;
    if (a->time_ms != b->time_ms) return a->time_ms < b->time_ms ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

static seine_status read_snapshots(seine_json_value root, const char *name, seine_arena *arena, seine_metadata *m,
                                   seine_error *error) {
    const seine_json_value array = seine_json_get(root, "snapshots");
    if (seine_json_kind_of(array) != SEINE_JSON_ARRAY) return SEINE_OK;
    const size_t count = seine_json_count(array);
    read_snapshot *read = SEINE_ARENA_ARRAY(arena, read_snapshot, count);
    m->snapshots = SEINE_ARENA_ARRAY(arena, seine_snapshot, count);
    m->lists = SEINE_ARENA_ARRAY(arena, const char *, count);
    if (read == NULL || m->snapshots == NULL || m->lists == NULL) return seine_no_memory(error, name);
    seine_json_iter it = {0};
    for (size_t i = 0; i < count && seine_json_next(array, &it); i++)
        SEINE_TRY(read_snapshot_object(it.value, name, arena, &read[i], error));
    if (count > 0) qsort(read, count, sizeof *read, by_age);
    for (size_t i = 0; i < count; i++) {
        m->snapshots[i] = read[i].snapshot;
        m->lists[i] = read[i].list;
    }
    m->snapshot_count = count;
    return SEINE_OK;
}

static seine_status read_turns(seine_json_value root, const char *name, seine_arena *arena, seine_metadata *m,
                               seine_error *error) {
    const seine_json_value array = seine_json_get(root, "snapshot-log");
    if (seine_json_kind_of(array) != SEINE_JSON_ARRAY) return SEINE_OK;
    const size_t count = seine_json_count(array);
    m->turns = SEINE_ARENA_ARRAY(arena, seine_snapshot_turn, count);
    if (m->turns == NULL) return seine_no_memory(error, name);
    seine_json_iter it = {0};
    while (m->turn_count < count && seine_json_next(array, &it))
        m->turns[m->turn_count++] = (seine_snapshot_turn){
            .time_ms = seine_json_int(seine_json_get(it.value, "timestamp-ms"), 0),
            .snapshot_id = seine_json_int(seine_json_get(it.value, "snapshot-id"), -1),
        };
    return SEINE_OK;
}

/* Current schema and default spec; version 1 may hold them without lists. */
static seine_status read_shape(seine_json_value root, const char *name, seine_metadata *m, seine_error *error) {
    const seine_json_value schemas = seine_json_get(root, "schemas");
    m->schema_id = (int)seine_json_int(seine_json_get(root, "current-schema-id"), 0);
    m->schema = find_by_id(schemas, "schema-id", m->schema_id);
    if (schemas == NULL) m->schema = seine_json_get(root, "schema");
    if (seine_json_kind_of(seine_json_get(m->schema, "fields")) != SEINE_JSON_ARRAY)
        return wrong(name, "the current schema is missing", error);
    const seine_json_value specs = seine_json_get(root, "partition-specs");
    m->spec_id = (int)seine_json_int(seine_json_get(root, "default-spec-id"), 0);
    m->spec_fields = seine_json_get(find_by_id(specs, "spec-id", m->spec_id), "fields");
    if (specs == NULL) m->spec_fields = seine_json_get(root, "partition-spec");
    if (seine_json_kind_of(m->spec_fields) != SEINE_JSON_ARRAY)
        return wrong(name, "the default partition spec is missing", error);
    m->sort_order_id = (int)seine_json_int(seine_json_get(root, "default-sort-order-id"), 0);
    return SEINE_OK;
}

static seine_status read_head(seine_json_value root, const char *name, seine_arena *arena, seine_metadata *m,
                              seine_error *error) {
    if (seine_json_kind_of(root) != SEINE_JSON_OBJECT) return wrong(name, "not a JSON object", error);
    const int64_t version = seine_json_int(seine_json_get(root, "format-version"), 0);
    if (version > 2)
        return seine_fail(error, SEINE_E_UNSUPPORTED, "%s: Iceberg format version %lld; versions 1 and 2 are read",
                          name, (long long)version);
    if (version < 1) return wrong(name, "format-version is missing", error);
    m->format_version = (int)version;
    const seine_str location = seine_json_text(seine_json_get(root, "location"));
    if (location.size == 0) return wrong(name, "location is missing", error);
    m->location = copy(arena, location);
    if (m->location == NULL) return seine_no_memory(error, name);
    m->last_sequence_number = seine_json_int(seine_json_get(root, "last-sequence-number"), 0);
    m->last_updated_ms = seine_json_int(seine_json_get(root, "last-updated-ms"), 0);
    m->current_snapshot_id = seine_json_int(seine_json_get(root, "current-snapshot-id"), -1);
    return SEINE_OK;
}

seine_status seine_metadata_parse(seine_str text, const char *name, seine_arena *arena, seine_metadata *metadata,
                                  seine_error *error) {
    *metadata = (seine_metadata){0};
    SEINE_TRY(seine_json_parse(text, name, &metadata->json, error));
    const seine_json_value root = seine_json_root(metadata->json);
    SEINE_TRY(read_head(root, name, arena, metadata, error));
    SEINE_TRY(read_shape(root, name, metadata, error));
    SEINE_TRY(read_snapshots(root, name, arena, metadata, error));
    SEINE_TRY(read_turns(root, name, arena, metadata, error));
    if (metadata->current_snapshot_id != -1 &&
        seine_metadata_snapshot(metadata, metadata->current_snapshot_id) == SIZE_MAX)
        return wrong(name, "the current snapshot is not among the snapshots", error);
    return SEINE_OK;
}

void seine_metadata_free(seine_metadata *metadata) {
    seine_json_free(metadata->json);
    *metadata = (seine_metadata){0};
}

void seine_metadata_drop_json(seine_metadata *metadata) {
    seine_json_free(metadata->json);
    metadata->json = NULL;
    metadata->schema = NULL;
    metadata->spec_fields = NULL;
}

size_t seine_metadata_snapshot(const seine_metadata *metadata, int64_t id) {
    for (size_t i = 0; i < metadata->snapshot_count; i++)
        if (metadata->snapshots[i].id == id) return i;
    return SIZE_MAX;
}

seine_str seine_metadata_uuid(const seine_metadata *metadata) {
    return seine_json_text(seine_json_get(seine_json_root(metadata->json), "table-uuid"));
}

seine_str seine_metadata_property(const seine_metadata *metadata, const char *key) {
    return seine_json_text(seine_json_get(seine_json_get(seine_json_root(metadata->json), "properties"), key));
}

size_t seine_metadata_log_max(const seine_metadata *metadata) {
    int64_t most;
    const seine_str text = seine_metadata_property(metadata, "write.metadata.previous-versions-max");
    if (!seine_integer_parse(text, &most)) return LOG_MAX_DEFAULT;
    return most < 1 ? 1 : (size_t)most;
}
