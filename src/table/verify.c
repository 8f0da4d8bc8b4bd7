/* Checking a table against what it says about itself: lists, manifests, data files, counts, bounds. */
#include "base/dict.h"
#include "base/time.h"
#include "base/try.h"
#include "io/file.h"
#include "table/table.h"

#include <stdio.h>

/* One check of a table. */
typedef struct verifier {
    const seine_table *table;
    void (*report)(void *context, const char *text);
    void *context;
    size_t findings;
    seine_arena arena; /* paths */
    seine_dict files;  /* data files looked at */
    /* Of the manifest being walked: */
    bool has_row;
    seine_manifest_row row;              /* its location in the arena */
    int64_t seen_files[3], seen_rows[3]; /* by seine_entry_status */
} verifier;

static void find(verifier *v, const char *format, ...) SEINE_PRINTF(2, 3);

static void find(verifier *v, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    const int head = snprintf(text, sizeof text, "%s: ", v->table->name);
    (void)vsnprintf(text + head, sizeof text - (size_t)head, format, arguments);
    va_end(arguments);
    v->findings++;
    if (v->report != NULL) v->report(v->context, text);
}

/* ---- one data file ---- */

static int64_t bound_number(seine_type type, const uint8_t *bytes) {
    uint64_t value = 0;
    const size_t size = type == SEINE_TYPE_DATE ? 4 : 8;
    for (size_t i = 0; i < size; i++) value |= (uint64_t)bytes[i] << (8 * i);
    return size == 4 ? (int32_t)value : (int64_t)value;
}

/* The partition value of a time or date; bucket has no order to check. */
static int64_t transformed(seine_transform transform, seine_type type, const uint8_t *bound) {
    const int64_t number = bound_number(type, bound);
    const int32_t day = type == SEINE_TYPE_DATE ? (int32_t)number : seine_time_day(number);
    return transform == SEINE_TRANSFORM_MONTH ? seine_month_of_day(day) : day;
}

static void check_partition(verifier *v, const seine_data_file *file) {
    const seine_table_schema *schema = v->table->schema;
    for (size_t i = 0; file->stats != NULL && i < schema->partition_count; i++) {
        const seine_partition_field *field = &schema->partition[i];
        size_t column = 0;
        while (column < schema->column_count && schema->columns[column].id != field->source_id) column++;
        if (column == schema->column_count || field->transform == SEINE_TRANSFORM_BUCKET) continue;
        const seine_type type = schema->columns[column].type;
        const seine_column_stats *stats = &file->stats[column];
        if ((type != SEINE_TYPE_DATE && type != SEINE_TYPE_TIMESTAMPTZ) || !stats->has_bounds) continue;
        const int64_t low = transformed(field->transform, type, stats->lower);
        const int64_t high = transformed(field->transform, type, stats->upper);
        if (file->partition[i].is_null || low != file->partition[i].value || high != file->partition[i].value)
            find(v, "file %s: %s lies outside its partition", file->path, schema->columns[column].name);
    }
}

static void check_bounds(verifier *v, const seine_data_file *file) {
    const seine_table_schema *schema = v->table->schema;
    bool sane = true;
    for (size_t i = 0; file->stats != NULL && i < schema->column_count; i++) {
        const char *problem = seine_bounds_problem(schema->columns[i].type, &file->stats[i]);
        /* Others may write bounds of bytes; we only never do. */
        if (problem == NULL || schema->columns[i].type == SEINE_TYPE_BINARY) continue;
        find(v, "file %s column %s: %s", file->path, schema->columns[i].name, problem);
        sane = false;
    }
    if (sane) check_partition(v, file);
}

static seine_status check_data_file(verifier *v, const seine_live_file *live, seine_error *error) {
    const seine_data_file *file = &live->file;
    const uint32_t before = v->files.count;
    uint32_t code;
    seine_status status = seine_dict_intern(&v->files, seine_str_of(file->path), &code);
    if (status != SEINE_OK) return seine_fail(error, status, "table %s: too many files", v->table->name);
    if (v->files.count == before) return SEINE_OK; /* an older snapshot's file, looked at already */
    seine_file_info info;
    SEINE_TRY(seine_file_stat(file->path, &info, error));
    if (info.kind != SEINE_FILE_PLAIN)
        find(v, "file %s is missing", file->path);
    else if ((int64_t)info.size != file->size_bytes)
        find(v, "file %s has %llu bytes, not %lld", file->path, (unsigned long long)info.size,
             (long long)file->size_bytes);
    if (live->sequence_number > v->table->metadata.last_sequence_number)
        find(v, "file %s has a sequence number from the future", file->path);
    check_bounds(v, file);
    return SEINE_OK;
}

/* ---- manifests ---- */

static void check_count(verifier *v, const char *what, int64_t said, int64_t seen) {
    if (said >= 0 && said != seen)
        find(v, "manifest %s: its list says %lld %s, it has %lld", v->row.location, (long long)said, what,
             (long long)seen);
}

static void end_manifest(verifier *v) {
    if (!v->has_row) return;
    check_count(v, "added files", v->row.added_files, v->seen_files[SEINE_ENTRY_ADDED]);
    check_count(v, "existing files", v->row.existing_files, v->seen_files[SEINE_ENTRY_EXISTING]);
    check_count(v, "added rows", v->row.added_rows, v->seen_rows[SEINE_ENTRY_ADDED]);
    check_count(v, "existing rows", v->row.existing_rows, v->seen_rows[SEINE_ENTRY_EXISTING]);
    v->has_row = false;
}

static seine_status begin_manifest(verifier *v, const seine_manifest_row *row, seine_error *error) {
    char *path = NULL;
    seine_file_info info;
    end_manifest(v);
    memset(v->seen_files, 0, sizeof v->seen_files);
    memset(v->seen_rows, 0, sizeof v->seen_rows);
    seine_status status = seine_file_path_of_uri(seine_str_of(row->location), &v->arena, &path, error);
    v->row = *row;
    v->row.location = path;
    v->has_row = status == SEINE_OK;
    if (status == SEINE_OK) status = seine_file_stat(path, &info, error);
    if (status == SEINE_OK && info.kind == SEINE_FILE_PLAIN && row->length >= 0 && (int64_t)info.size != row->length)
        find(v, "manifest %s has %llu bytes, its list says %lld", path, (unsigned long long)info.size,
             (long long)row->length);
    return status;
}

static seine_status visit(void *context, const seine_manifest_row *row, const seine_manifest_entry *entry,
                          seine_error *error) {
    verifier *v = context;
    if (entry == NULL) return begin_manifest(v, row, error);
    v->seen_files[entry->status]++;
    v->seen_rows[entry->status] += entry->live.file.rows;
    return entry->status == SEINE_ENTRY_DELETED ? SEINE_OK : check_data_file(v, &entry->live, error);
}

/* What cannot be read is a finding; only a lack of memory ends the check. */
static seine_status check_snapshot(verifier *v, size_t index, seine_dict *seen, seine_error *error) {
    seine_error local = {0};
    const seine_status status = seine_table_walk(v->table, index, seen, visit, v, &local);
    if (status == SEINE_E_NOMEM || status == SEINE_E_LIMIT) return seine_fail(error, status, "%s", local.text);
    if (status == SEINE_OK) {
        end_manifest(v);
    } else {
        v->has_row = false; /* its counts are not complete */
        find(v, "snapshot %lld: %s", (long long)v->table->metadata.snapshots[index].id, local.text);
    }
    return SEINE_OK;
}

/* A file live twice would be counted twice by every reader. */
static seine_status check_live(verifier *v, seine_error *error) {
    const seine_table *table = v->table;
    int64_t rows = 0;
    seine_dict live = {0};
    seine_status status = SEINE_OK;
    for (size_t i = 0; i < table->file_count && status == SEINE_OK; i++) {
        uint32_t code;
        rows += table->files[i].file.rows;
        status = seine_dict_intern(&live, seine_str_of(table->files[i].file.path), &code);
        if (status == SEINE_OK && live.count <= i) {
            find(v, "file %s is live twice", table->files[i].file.path);
            break;
        }
    }
    seine_dict_free(&live);
    if (status != SEINE_OK) return seine_fail(error, status, "table %s: too many files", table->name);
    if (v->findings == 0 && rows != table->rows)
        find(v, "its snapshot says %lld rows, its files have %lld", (long long)table->rows, (long long)rows);
    return SEINE_OK;
}

seine_status seine_table_verify(seine_table *table, void (*report)(void *context, const char *text), void *context,
                                size_t *findings, seine_error *error) {
    verifier v = {.table = table, .report = report, .context = context};
    seine_dict seen = {0};
    seine_status status = SEINE_OK;
    for (size_t i = 0; i < table->metadata.snapshot_count && status == SEINE_OK; i++)
        status = check_snapshot(&v, i, &seen, error);
    if (status == SEINE_OK && v.findings == 0) status = seine_table_list(table, error);
    if (status == SEINE_OK && v.findings == 0) status = check_live(&v, error);
    *findings = v.findings;
    seine_dict_free(&seen);
    seine_dict_free(&v.files);
    seine_arena_free(&v.arena);
    return status;
}
