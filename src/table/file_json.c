#include "table/file_json.h"

#include "io/file.h"
#include "table/file_ledger.h"

#include <string.h>

#define SPLITS_MAX ((size_t)1 << 16)
#define STATS_FIELDS 5

/* ---- parts ---- */

void seine_hash_json_put(seine_json_writer *w, const char *key, seine_hash128 hash) {
    char hex[33];
    seine_hash128_hex(hash, hex);
    seine_json_field_text(w, key, hex);
}

bool seine_hash_json_read(seine_json_value object, const char *key, seine_hash128 *hash) {
    return seine_hash128_parse(seine_json_text(seine_json_get(object, key)), hash);
}

void seine_partition_value_json_put(seine_json_writer *w, seine_partition_value value) {
    if (value.is_null)
        seine_json_put_null(w);
    else
        seine_json_put_int(w, value.value);
}

bool seine_partition_value_json_read(seine_json_value value, seine_partition_value *out) {
    const int64_t number = seine_json_int(value, INT64_MAX);
    *out = (seine_partition_value){.is_null = seine_json_kind_of(value) == SEINE_JSON_NULL};
    if (out->is_null) return true;
    out->value = (int32_t)number;
    return number >= INT32_MIN && number <= INT32_MAX;
}

void seine_partition_json_put(seine_json_writer *w, const seine_partition_value *partition) {
    seine_json_field_array(w, "partition");
    for (size_t i = 0; i < SEINE_PARTITION_FIELDS_MAX; i++) seine_partition_value_json_put(w, partition[i]);
    seine_json_end_array(w);
}

bool seine_partition_json_read(seine_json_value object, seine_partition_value *partition) {
    const seine_json_value array = seine_json_get(object, "partition");
    if (seine_json_kind_of(array) != SEINE_JSON_ARRAY || seine_json_count(array) != SEINE_PARTITION_FIELDS_MAX)
        return false;
    for (size_t i = 0; i < SEINE_PARTITION_FIELDS_MAX; i++)
        if (!seine_partition_value_json_read(seine_json_at(array, i), &partition[i])) return false;
    return true;
}

/* No part of it leads up, and it is not absolute. */
static bool is_below(seine_str path) {
    if (path.size == 0 || path.data[0] == '/' || memchr(path.data, '\0', path.size) != NULL) return false;
    if (path.size > 3 && memmem(path.data, path.size, "://", 3) != NULL) return false;
    for (size_t first = 0, last; first <= path.size; first = last + 1) {
        for (last = first; last < path.size && path.data[last] != '/';) last++;
        const size_t size = last - first;
        if (size == 0 || (path.data[first] == '.' && (size == 1 || (size == 2 && path.data[first + 1] == '.'))))
            return false;
    }
    return true;
}

seine_status seine_file_json_path(seine_json_value value, const char *lake, seine_arena *arena, const char **path,
                                  seine_error *error) {
    const seine_str text = seine_json_text(value);
    if (!is_below(text))
        return seine_fail(error, SEINE_E_FORMAT, "'%.*s' is not the path of a file in the lake", SEINE_STR_ARG(text));
    *path = seine_arena_printf(arena, "%s/%.*s", lake, SEINE_STR_ARG(text));
    return *path != NULL ? SEINE_OK : seine_no_memory(error, "reading files");
}

/* ---- counts and bounds ---- */

static void put_stats(seine_json_writer *w, const seine_column_stats *stats) {
    seine_json_begin_array(w);
    seine_json_put_int(w, stats->size_bytes);
    seine_json_put_int(w, stats->value_count);
    seine_json_put_int(w, stats->null_count);
    if (stats->has_bounds) {
        seine_json_put_hex(w, (seine_str){(const char *)stats->lower, stats->lower_size});
        seine_json_put_hex(w, (seine_str){(const char *)stats->upper, stats->upper_size});
    }
    seine_json_end_array(w);
}

static bool read_bound(seine_json_value value, uint8_t bound[64], uint8_t *size) {
    const seine_str hex = seine_json_text(value);
    if (hex.data == NULL || hex.size % 2 != 0 || hex.size > 2 * 64) return false;
    for (size_t i = 0; i < hex.size; i += 2) {
        const int high = seine_hex_digit(hex.data[i]), low = seine_hex_digit(hex.data[i + 1]);
        if (high < 0 || low < 0) return false;
        bound[i / 2] = (uint8_t)(high << 4 | low);
    }
    *size = (uint8_t)(hex.size / 2);
    return true;
}

static bool read_stats(seine_json_value array, seine_column_stats *stats) {
    const size_t count = seine_json_count(array);
    if (seine_json_kind_of(array) != SEINE_JSON_ARRAY || (count != 3 && count != STATS_FIELDS)) return false;
    *stats = (seine_column_stats){.size_bytes = seine_json_int(seine_json_at(array, 0), -1),
                                  .value_count = seine_json_int(seine_json_at(array, 1), -1),
                                  .null_count = seine_json_int(seine_json_at(array, 2), -1),
                                  .has_bounds = count == STATS_FIELDS};
    if (stats->size_bytes < 0 || stats->value_count < 0 || stats->null_count < 0) return false;
    return !stats->has_bounds || (read_bound(seine_json_at(array, 3), stats->lower, &stats->lower_size) &&
                                  read_bound(seine_json_at(array, 4), stats->upper, &stats->upper_size));
}

/* ---- a file ---- */

void seine_file_json_put(seine_json_writer *w, const char *lake, const seine_table_schema *schema,
                         const seine_data_file *file) {
    seine_json_begin_object(w);
    seine_json_field_text(w, "path", seine_file_ledger_name(lake, file->path));
    seine_json_field_int(w, "bytes", file->size_bytes);
    seine_json_field_int(w, "rows", file->rows);
    if (file->has_checksum) seine_hash_json_put(w, "checksum", file->checksum);
    seine_partition_json_put(w, file->partition);
    seine_json_field_array(w, "splits");
    for (size_t i = 0; i < file->split_count; i++) seine_json_put_int(w, file->split_offsets[i]);
    seine_json_end_array(w);
    seine_json_field_bool(w, "sorted", file->is_sorted);
    if (file->stats != NULL) {
        seine_json_field_array(w, "columns");
        for (size_t i = 0; i < schema->column_count; i++) put_stats(w, &file->stats[i]);
        seine_json_end_array(w);
    }
    seine_json_end_object(w);
}

static seine_status read_splits(seine_json_value array, seine_arena *arena, seine_data_file *file, seine_error *error) {
    const size_t count = seine_json_count(array);
    if (count > SPLITS_MAX) return seine_fail(error, SEINE_E_FORMAT, "%s has %zu row groups", file->path, count);
    int64_t *splits = SEINE_ARENA_ARRAY(arena, int64_t, count);
    if (splits == NULL) return seine_no_memory(error, "reading files");
    seine_json_iter it = {0};
    while (seine_json_next(array, &it)) splits[file->split_count++] = seine_json_int(it.value, -1);
    file->split_offsets = splits;
    return SEINE_OK;
}

static seine_status read_columns(seine_json_value array, const seine_table_schema *schema, seine_arena *arena,
                                 seine_data_file *file, seine_error *error) {
    if (array == NULL) return SEINE_OK;
    seine_column_stats *stats = SEINE_ARENA_ARRAY(arena, seine_column_stats, schema->column_count);
    if (stats == NULL) return seine_no_memory(error, "reading files");
    if (seine_json_count(array) != schema->column_count)
        return seine_fail(error, SEINE_E_FORMAT, "%s: columns of %zu are told, the table has %zu", file->path,
                          seine_json_count(array), schema->column_count);
    seine_json_iter it = {0};
    while (seine_json_next(array, &it))
        if (!read_stats(it.value, &stats[it.index]))
            return seine_fail(error, SEINE_E_FORMAT, "%s: column %s has no counts and bounds", file->path,
                              schema->columns[it.index].name);
    file->stats = stats;
    return SEINE_OK;
}

static bool is_in_folder(const char *path, const char *folder) {
    const size_t size = strlen(folder);
    return strncmp(path, folder, size) == 0 && path[size] == '/';
}

/* Whoever tells of a file may be mistaken: it is looked at. */
static seine_status check_there(const seine_data_file *file, seine_error *error) {
    seine_file_info info;
    SEINE_TRY(seine_file_stat(file->path, &info, error));
    if (info.kind == SEINE_FILE_NONE)
        return seine_fail(error, SEINE_E_NOT_FOUND, "%s is not there any more", file->path);
    if (info.kind == SEINE_FILE_PLAIN && (int64_t)info.size == file->size_bytes) return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT, "%s is not there with %lld bytes", file->path,
                      (long long)file->size_bytes);
}

seine_status seine_file_json_read(seine_json_value value, const char *lake, const seine_table *table,
                                  seine_arena *arena, seine_data_file *file, seine_error *error) {
    *file = (seine_data_file){.size_bytes = seine_json_int(seine_json_get(value, "bytes"), -1),
                              .rows = seine_json_int(seine_json_get(value, "rows"), -1),
                              .is_sorted = seine_json_bool(seine_json_get(value, "sorted"), false)};
    SEINE_TRY(seine_file_json_path(seine_json_get(value, "path"), lake, arena, &file->path, error));
    if (!is_in_folder(file->path, seine_table_folder(table)))
        return seine_fail(error, SEINE_E_FORMAT, "%s is not a file of %s", file->path, seine_table_name(table));
    if (file->size_bytes < 0 || file->rows < 0 || !seine_partition_json_read(value, file->partition))
        return seine_fail(error, SEINE_E_FORMAT, "%s: its bytes, rows and partition are not told", file->path);
    file->has_checksum = seine_hash_json_read(value, "checksum", &file->checksum);
    SEINE_TRY(read_splits(seine_json_get(value, "splits"), arena, file, error));
    SEINE_TRY(read_columns(seine_json_get(value, "columns"), seine_table_schema_of(table), arena, file, error));
    return check_there(file, error);
}
