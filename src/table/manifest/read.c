/*
 * Reading manifests and manifest lists, whoever wrote them: fields by id, else by name; statistics optional; version 1
 * without sequence numbers. Deletes that we could not apply are refused, never ignored.
 */
#include "io/file.h"
#include "base/array.h"
#include "base/try.h"
#include "table/manifest/manifest.h"

static seine_status wrong(const char *name, const char *what, seine_error *error) {
    return seine_fail(error, SEINE_E_FORMAT, "%s: %s", name, what);
}

static int64_t int_field(const seine_avro_value *record, int id, const char *name, int64_t fallback) {
    return seine_avro_int(seine_avro_field(record, id, name), fallback);
}

static bool copy_bytes(seine_arena *arena, const seine_avro_value *value, seine_str *copy) {
    const seine_str bytes = seine_avro_bytes(value);
    *copy = (seine_str){NULL, 0};
    if (seine_avro_kind_of(value) == SEINE_AVRO_NULL) return true;
    *copy = (seine_str){seine_arena_copy(arena, bytes.data, bytes.size), bytes.size};
    return copy->data != NULL;
}

/* ---- manifest list ---- */

static bool read_summaries(const seine_avro_value *record, seine_arena *arena, seine_manifest_row *row) {
    const seine_avro_value *array = seine_avro_field(record, 507, "partitions");
    row->has_summaries = seine_avro_kind_of(array) == SEINE_AVRO_ARRAY;
    if (!row->has_summaries) return true;
    seine_field_summary *summaries = SEINE_ARENA_ARRAY(arena, seine_field_summary, array->count);
    if (summaries == NULL) return false;
    for (size_t i = 0; i < array->count; i++) {
        const seine_avro_value *item = &array->items[i];
        summaries[i].contains_null = int_field(item, 509, "contains_null", 1) != 0;
        summaries[i].contains_nan = (int)int_field(item, 518, "contains_nan", -1);
        if (!copy_bytes(arena, seine_avro_field(item, 510, "lower_bound"), &summaries[i].lower) ||
            !copy_bytes(arena, seine_avro_field(item, 511, "upper_bound"), &summaries[i].upper))
            return false;
    }
    row->summaries = summaries;
    row->summary_count = array->count;
    return true;
}

static seine_status read_row(const seine_avro_value *record, const char *name, seine_arena *arena,
                             seine_manifest_row *row, seine_error *error) {
    seine_str location;
    if (!copy_bytes(arena, seine_avro_field(record, 500, "manifest_path"), &location))
        return seine_no_memory(error, name);
    if (location.size == 0) return wrong(name, "a manifest without a path", error);
    row->location = location.data;
    row->length = int_field(record, 501, "manifest_length", -1);
    row->spec_id = (int)int_field(record, 502, "partition_spec_id", 0);
    row->content = (int)int_field(record, 517, "content", 0);
    row->sequence_number = int_field(record, 515, "sequence_number", 0);
    row->min_sequence_number = int_field(record, 516, "min_sequence_number", 0);
    row->added_snapshot_id = int_field(record, 503, "added_snapshot_id", -1);
    row->added_files = int_field(record, 504, "added_files_count", -1);
    row->existing_files = int_field(record, 505, "existing_files_count", -1);
    row->deleted_files = int_field(record, 506, "deleted_files_count", -1);
    row->added_rows = int_field(record, 512, "added_rows_count", -1);
    row->existing_rows = int_field(record, 513, "existing_rows_count", -1);
    row->deleted_rows = int_field(record, 514, "deleted_rows_count", -1);
    if (seine_avro_kind_of(seine_avro_field(record, 519, "key_metadata")) != SEINE_AVRO_NULL)
        return seine_fail(error, SEINE_E_UNSUPPORTED, "%s: encrypted manifests are not read", name);
    return read_summaries(record, arena, row) ? SEINE_OK : seine_no_memory(error, name);
}

seine_status seine_manifest_list_read(seine_str bytes, const char *name, seine_arena *arena, seine_manifest_row **rows,
                                      size_t *count, seine_error *error) {
    seine_avro_file *file SEINE_OWNED(seine_avro_close_owned) = NULL;
    seine_arena_list items = {0};
    SEINE_TRY(seine_avro_open(bytes, name, &file, error));
    for (;;) {
        seine_arena scratch SEINE_OWNED(seine_arena_free) = {0};
        const seine_avro_value *record = NULL;
        SEINE_TRY(seine_avro_next(file, &scratch, &record, error));
        if (record == NULL) break;
        seine_manifest_row *row = seine_arena_list_add(&items, arena, sizeof *row);
        if (row == NULL) return seine_no_memory(error, name);
        SEINE_TRY(read_row(record, name, arena, row, error));
    }
    *rows = items.items;
    *count = items.count;
    return SEINE_OK;
}

/* ---- manifest ---- */

/* What reading the entries of one manifest needs. */
typedef struct entry_reader {
    const char *name;
    const seine_table_schema *schema;
    const seine_manifest_row *row;
    int sort_order_id;
    seine_arena *arena;
    seine_error *error;
} entry_reader;

static size_t column_of(const seine_table_schema *schema, int64_t id) {
    for (size_t i = 0; i < schema->column_count; i++)
        if (schema->columns[i].id == id) return i;
    return SIZE_MAX;
}

typedef enum stat_kind { SIZES, VALUES, NULLS, LOWER, UPPER } stat_kind;

static bool set_bound(uint8_t bound[64], uint8_t *size, seine_str bytes) {
    if (bytes.data == NULL || bytes.size > 64) return false;
    memcpy(bound, bytes.data, bytes.size);
    *size = (uint8_t)bytes.size;
    return true;
}

/* *bounds counts the bounds that are there: a pair counts, a single one is left out. */
static void set_stat(seine_column_stats *stats, uint8_t *bounds, stat_kind kind, const seine_avro_value *value) {
    const seine_str bytes = seine_avro_bytes(value);
    switch (kind) {
    case SIZES: stats->size_bytes = seine_avro_int(value, -1); break;
    case VALUES: stats->value_count = seine_avro_int(value, -1); break;
    case NULLS: stats->null_count = seine_avro_int(value, -1); break;
    case LOWER:
        if (set_bound(stats->lower, &stats->lower_size, bytes)) *bounds |= 1;
        break;
    case UPPER:
        if (set_bound(stats->upper, &stats->upper_size, bytes)) *bounds |= 2;
        break;
    }
    stats->has_bounds = *bounds == 3;
}

static const seine_avro_value *stat_map(const seine_avro_value *file, stat_kind kind) {
    static const struct {
        int id;
        const char *name;
    } maps[] = {{108, "column_sizes"},
                {109, "value_counts"},
                {110, "null_value_counts"},
                {125, "lower_bounds"},
                {128, "upper_bounds"}};
    const seine_avro_value *map = seine_avro_field(file, maps[kind].id, maps[kind].name);
    const seine_avro_kind is = seine_avro_kind_of(map);
    return is == SEINE_AVRO_ARRAY || is == SEINE_AVRO_MAP ? map : NULL;
}

/* Statistics in schema order; NULL when the file has none at all. */
static seine_status read_stats(const entry_reader *r, const seine_avro_value *file, seine_data_file *data) {
    bool any = false;
    for (int kind = SIZES; kind <= UPPER; kind++) any = any || stat_map(file, (stat_kind)kind) != NULL;
    if (!any) return SEINE_OK;
    seine_column_stats *stats = SEINE_ARENA_ARRAY(r->arena, seine_column_stats, r->schema->column_count);
    uint8_t *bounds = SEINE_ARENA_ARRAY(r->arena, uint8_t, r->schema->column_count);
    if (stats == NULL || bounds == NULL) return seine_no_memory(r->error, r->name);
    for (size_t i = 0; i < r->schema->column_count; i++)
        stats[i].size_bytes = stats[i].value_count = stats[i].null_count = -1;
    for (int kind = SIZES; kind <= UPPER; kind++) {
        const seine_avro_value *map = stat_map(file, (stat_kind)kind);
        for (size_t i = 0; map != NULL && i < map->count; i++) {
            int64_t id;
            const seine_avro_value *value;
            if (!seine_avro_map_at(map, i, &id, &value)) continue;
            const size_t column = column_of(r->schema, id);
            if (column != SIZE_MAX) set_stat(&stats[column], &bounds[column], (stat_kind)kind, value);
        }
    }
    data->stats = stats;
    return SEINE_OK;
}

static seine_status read_splits(const entry_reader *r, const seine_avro_value *file, seine_data_file *data) {
    const seine_avro_value *array = seine_avro_field(file, 132, "split_offsets");
    if (seine_avro_kind_of(array) != SEINE_AVRO_ARRAY) return SEINE_OK;
    int64_t *offsets = SEINE_ARENA_ARRAY(r->arena, int64_t, array->count);
    if (offsets == NULL) return seine_no_memory(r->error, r->name);
    for (size_t i = 0; i < array->count; i++) offsets[i] = seine_avro_int(&array->items[i], 0);
    data->split_offsets = offsets;
    data->split_count = array->count;
    return SEINE_OK;
}

static void read_partition(const entry_reader *r, const seine_avro_value *file, seine_data_file *data) {
    const seine_avro_value *tuple = seine_avro_field(file, 102, "partition");
    for (size_t i = 0; i < r->schema->partition_count; i++) {
        const seine_partition_field *field = &r->schema->partition[i];
        const seine_avro_value *value = seine_avro_field(tuple, field->field_id, field->name);
        const int64_t number = seine_avro_int(value, INT64_MIN);
        data->partition[i].is_null = number < INT32_MIN || number > INT32_MAX;
        data->partition[i].value = data->partition[i].is_null ? 0 : (int32_t)number;
    }
}

static seine_status check_file(const entry_reader *r, const seine_avro_value *file) {
    if (seine_avro_kind_of(file) != SEINE_AVRO_RECORD) return wrong(r->name, "an entry without a data file", r->error);
    if (int_field(file, 134, "content", 0) != 0)
        return seine_fail(r->error, SEINE_E_UNSUPPORTED, "%s: delete files are not applied here", r->name);
    if (seine_avro_kind_of(seine_avro_field(file, 131, "key_metadata")) != SEINE_AVRO_NULL)
        return seine_fail(r->error, SEINE_E_UNSUPPORTED, "%s: encrypted data files are not read", r->name);
    const seine_str format = seine_avro_bytes(seine_avro_field(file, 101, "file_format"));
    if (!seine_str_equal_nocase(format, SEINE_STR("PARQUET")))
        return seine_fail(r->error, SEINE_E_UNSUPPORTED, "%s: data files of format %.*s are not read", r->name,
                          (int)(format.size < 40 ? format.size : 40), format.size > 0 ? format.data : "");
    return SEINE_OK;
}

static seine_status read_data_file(const entry_reader *r, const seine_avro_value *file, seine_manifest_entry *entry) {
    SEINE_TRY(check_file(r, file));
    seine_data_file *data = &entry->live.file;
    seine_str location;
    if (!copy_bytes(r->arena, seine_avro_field(file, 100, "file_path"), &location))
        return seine_no_memory(r->error, r->name);
    if (location.size == 0) return wrong(r->name, "a data file without a path", r->error);
    entry->location = location.data;
    char *path = NULL;
    SEINE_TRY(seine_file_path_of_uri(location, r->arena, &path, r->error));
    data->path = path;
    data->rows = int_field(file, 103, "record_count", -1);
    data->size_bytes = int_field(file, 104, "file_size_in_bytes", -1);
    if (data->rows < 0 || data->size_bytes < 0) return wrong(r->name, "a data file without size or rows", r->error);
    data->is_sorted = r->sort_order_id > 0 && int_field(file, 140, "sort_order_id", 0) == r->sort_order_id;
    read_partition(r, file, data);
    SEINE_TRY(read_splits(r, file, data));
    return read_stats(r, file, data);
}

static seine_status read_entry(const entry_reader *r, const seine_avro_value *record, seine_manifest_entry *entry) {
    const int64_t status = int_field(record, 0, "status", -1);
    if (status < SEINE_ENTRY_EXISTING || status > SEINE_ENTRY_DELETED)
        return wrong(r->name, "an entry of unknown status", r->error);
    entry->status = (seine_entry_status)status;
    entry->live.snapshot_id = int_field(record, 1, "snapshot_id", r->row->added_snapshot_id);
    const int64_t inherited = r->row->sequence_number;
    const int64_t sequence = int_field(record, 3, "sequence_number", -1);
    const int64_t file_sequence = int_field(record, 4, "file_sequence_number", -1);
    entry->live.sequence_number = sequence >= 0 ? sequence : inherited;
    entry->live.file_sequence_number = file_sequence >= 0 ? file_sequence : inherited;
    return read_data_file(r, seine_avro_field(record, 2, "data_file"), entry);
}

seine_status seine_manifest_read(seine_str bytes, const char *name, const seine_table_schema *schema,
                                 const seine_manifest_row *row, int sort_order_id, seine_avro_schema *known,
                                 seine_arena *arena, seine_manifest_entry **entries, size_t *count,
                                 seine_error *error) {
    const entry_reader reader = {name, schema, row, sort_order_id, arena, error};
    seine_avro_file *file SEINE_OWNED(seine_avro_close_owned) = NULL;
    seine_arena_list items = {0};
    SEINE_TRY(seine_avro_open_known(bytes, name, known, arena, &file, error));
    for (;;) {
        seine_arena scratch SEINE_OWNED(seine_arena_free) = {0};
        const seine_avro_value *record = NULL;
        SEINE_TRY(seine_avro_next(file, &scratch, &record, error));
        if (record == NULL) break;
        seine_manifest_entry *entry = seine_arena_list_add(&items, arena, sizeof *entry);
        if (entry == NULL) return seine_no_memory(error, name);
        SEINE_TRY(read_entry(&reader, record, entry));
    }
    *entries = items.items;
    *count = items.count;
    return SEINE_OK;
}
