/* Loading a state of a table: pointer → metadata → snapshot → manifest list → manifests → live files. */
#include "base/array.h"
#include "base/try.h"
#include "io/file.h"
#include "table/table.h"

#include <stdlib.h>

#define FILES_MAX ((size_t)1 << 28) /* that are live at once */

static seine_status no_memory(const char *name, seine_error *error) {
    return seine_fail(error, SEINE_E_NOMEM, "table %s: out of memory", name);
}

/* Reads a file of the table by its location. *path (in arena) may be NULL when not wanted. */
static seine_status read_location(const char *location, seine_arena *arena, size_t max, seine_buf *bytes,
                                  const char **path, seine_error *error) {
    char *found = NULL;
    const seine_status status = seine_file_path_of_uri(seine_str_of(location), arena, &found, error);
    if (status != SEINE_OK) return status;
    if (path != NULL) *path = found;
    seine_buf_init(bytes, max);
    return seine_file_read(found, bytes, error);
}

/* ---- metadata ---- */

seine_status seine_pointer_metadata(const seine_pointer *pointer, seine_arena *arena, seine_buf *text,
                                    const char **path, seine_error *error) {
    *text = (seine_buf){0};
    if (seine_str_ends_with_nocase(seine_str_of(pointer->location), SEINE_STR(".gz.metadata.json")))
        return seine_fail(error, SEINE_E_UNSUPPORTED, "table %s: compressed metadata is not read: %s", pointer->name,
                          pointer->location);
    return read_location(pointer->location, arena, SEINE_METADATA_MAX_BYTES, text, path, error);
}

static seine_status read_metadata(seine_table *table, seine_error *error) {
    seine_buf bytes = {0};
    seine_status status = seine_pointer_metadata(&(seine_pointer){table->name, table->pointer}, &table->arena, &bytes,
                                                 &table->metadata_path, error);
    if (status == SEINE_OK)
        status =
            seine_metadata_parse(seine_buf_str(&bytes), table->metadata_path, &table->arena, &table->metadata, error);
    seine_buf_free(&bytes);
    if (status != SEINE_OK) return status;
    char *folder = NULL;
    status = seine_file_path_of_uri(seine_str_of(table->metadata.location), &table->arena, &folder, error);
    table->folder = folder;
    return status;
}

static seine_status find_by_time(const seine_table *table, int64_t time_us, int64_t *id, seine_error *error) {
    const seine_metadata *m = &table->metadata;
    bool found = false;
    int64_t best_ms = INT64_MIN;
    for (size_t i = 0; i < m->turn_count; i++) {
        /* Compared in microseconds' own unit: a turn at 1 ms is at or before 1.999 ms. */
        if (m->turns[i].time_ms > INT64_MAX / 1000 || m->turns[i].time_ms * 1000 > time_us) continue;
        if (m->turns[i].time_ms < best_ms) continue;
        best_ms = m->turns[i].time_ms;
        *id = m->turns[i].snapshot_id;
        found = true;
    }
    if (found) return SEINE_OK;
    return seine_fail(error, SEINE_E_NOT_FOUND, "table %s has no snapshot at or before that time", table->name);
}

static seine_status choose_snapshot(seine_table *table, seine_at at, seine_error *error) {
    const seine_metadata *m = &table->metadata;
    int64_t id = m->current_snapshot_id;
    if (at.snapshot_id != 0) {
        id = at.snapshot_id;
    } else if (at.time_us != 0) {
        SEINE_TRY(find_by_time(table, at.time_us, &id, error));
    }
    table->snapshot_id = id;
    table->is_past = id != m->current_snapshot_id;
    if (id == -1) return SEINE_OK;
    const size_t index = seine_metadata_snapshot(m, id);
    if (index == SIZE_MAX)
        return seine_fail(error, SEINE_E_NOT_FOUND, "table %s has no snapshot %lld (expired?)", table->name,
                          (long long)id);
    table->list = m->lists[index];
    table->rows = m->snapshots[index].total_records;
    if (table->list == NULL)
        return seine_fail(error, SEINE_E_UNSUPPORTED, "table %s: snapshot %lld has no manifest list", table->name,
                          (long long)id);
    return SEINE_OK;
}

static seine_status fill(seine_table *table, const char *name, const char *pointer, seine_at at, seine_error *error) {
    table->name = seine_arena_copy(&table->arena, name, strlen(name));
    table->pointer = seine_arena_copy(&table->arena, pointer, strlen(pointer));
    if (table->name == NULL || table->pointer == NULL) return no_memory(name, error);
    seine_status status = read_metadata(table, error);
    if (status == SEINE_OK)
        status = seine_metadata_schema(&table->metadata, table->name, &table->arena, &table->schema,
                                       &table->is_writable, error);
    table->is_writable = table->is_writable && table->metadata.format_version == 2;
    if (status == SEINE_OK) status = choose_snapshot(table, at, error);
    if (status != SEINE_OK || table->rows >= 0) return status;
    status = seine_table_list(table, error); /* a writer that keeps no totals */
    table->rows = 0;
    for (size_t i = 0; i < table->file_count && status == SEINE_OK; i++) table->rows += table->files[i].file.rows;
    return status;
}

/* A message about a file says of which table it is, too. */
static seine_status blame(const char *name, seine_status status, const seine_error *why, seine_error *error) {
    if (strncmp(why->text, "table ", 6) == 0) return seine_fail(error, status, "%s", why->text);
    return seine_fail(error, status, "table %s cannot be read: %s", name, why->text);
}

static seine_status load_pointer(const char *name, const char *pointer, seine_at at, seine_table **table,
                                 seine_error *error) {
    seine_error why = {SEINE_OK, ""};
    seine_table *made = calloc(1, sizeof *made);
    if (made == NULL) return no_memory(name, error);
    const seine_status status = fill(made, name, pointer, at, &why);
    if (status == SEINE_OK) {
        *table = made;
        return SEINE_OK;
    }
    seine_table_close(made);
    return blame(name, status, &why, error);
}

static const char *find_pointer(const seine_pointer *pointers, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(pointers[i].name, name) == 0) return pointers[i].location;
    return NULL;
}

static seine_status make_empty(const seine_table_schema *schema, seine_table **table, seine_error *error) {
    seine_table *made = calloc(1, sizeof *made);
    if (made == NULL) return no_memory(schema->name, error);
    made->name = schema->name;
    made->pointer = made->metadata_path = made->folder = "";
    made->schema = schema;
    made->snapshot_id = made->metadata.current_snapshot_id = -1;
    made->is_listed = true;
    *table = made;
    return SEINE_OK;
}

static seine_status load_all(seine_catalog *catalog, const char *const *names, size_t count, seine_at at, bool or_empty,
                             seine_table **tables, seine_error *error) {
    seine_arena arena = {0};
    seine_pointer *pointers = NULL;
    size_t pointer_count = 0;
    for (size_t i = 0; i < count; i++) tables[i] = NULL;
    seine_status status = seine_catalog_pointers(catalog, &arena, &pointers, &pointer_count, error);
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        const char *pointer = find_pointer(pointers, pointer_count, names[i]);
        const seine_table_schema *schema = or_empty ? seine_schema_find(names[i]) : NULL;
        status = pointer == NULL && schema != NULL ? make_empty(schema, &tables[i], error)
                 : pointer != NULL
                     ? load_pointer(names[i], pointer, at, &tables[i], error)
                     : seine_fail(error, SEINE_E_NOT_FOUND, "lake %s has no table %s", catalog->lake, names[i]);
    }
    for (size_t i = 0; i < count && status != SEINE_OK; i++) {
        seine_table_close(tables[i]);
        tables[i] = NULL;
    }
    seine_arena_free(&arena);
    return status;
}

seine_status seine_table_open(const seine_pointer *pointer, seine_at at, seine_table **table, seine_error *error) {
    *table = NULL;
    SEINE_TRY(load_pointer(pointer->name, pointer->location, at, table, error));
    seine_metadata_drop_json(&(*table)->metadata);
    (*table)->is_writable = false;
    return SEINE_OK;
}

seine_status seine_table_load_pointer(const char *name, const char *pointer, seine_table **table, seine_error *error) {
    *table = NULL;
    return load_pointer(name, pointer, (seine_at){0}, table, error);
}

const char *seine_table_pointer(const seine_table *table) { return table->pointer; }

seine_status seine_table_load(seine_catalog *catalog, const char *name, seine_at at, seine_table **table,
                              seine_error *error) {
    return load_all(catalog, &name, 1, at, false, table, error);
}

seine_status seine_tables_load(seine_catalog *catalog, const char *const *names, size_t count, seine_table **tables,
                               seine_error *error) {
    return load_all(catalog, names, count, (seine_at){0}, false, tables, error);
}

seine_status seine_tables_load_or_empty(seine_catalog *catalog, const char *const *names, size_t count,
                                        seine_table **tables, seine_error *error) {
    return load_all(catalog, names, count, (seine_at){0}, true, tables, error);
}

void seine_table_close(seine_table *table) {
    if (table == NULL) return;
    seine_metadata_free(&table->metadata);
    seine_arena_free(&table->arena);
    free(table);
}

const seine_table_schema *seine_table_schema_of(const seine_table *table) { return table->schema; }

const char *seine_table_name(const seine_table *table) { return table->name; }

const char *seine_table_metadata_path(const seine_table *table) { return table->metadata_path; }

const char *seine_table_folder(const seine_table *table) { return table->folder; }

int64_t seine_table_snapshot_id(const seine_table *table) { return table->snapshot_id; }

int64_t seine_table_rows(const seine_table *table) { return table->rows; }

const seine_snapshot *seine_table_snapshots(const seine_table *table, size_t *count) {
    *count = table->metadata.snapshot_count;
    return table->metadata.snapshots;
}

/* ---- manifests ---- */

static seine_status read_rows(const char *list, seine_arena *arena, seine_manifest_row **rows, size_t *count,
                              seine_error *error) {
    seine_buf bytes = {0};
    const char *path = NULL;
    *count = 0;
    seine_status status = read_location(list, arena, SEINE_MANIFEST_MAX_BYTES, &bytes, &path, error);
    if (status == SEINE_OK) status = seine_manifest_list_read(seine_buf_str(&bytes), path, arena, rows, count, error);
    seine_buf_free(&bytes);
    return status;
}

static seine_status read_entries(const seine_table *table, const seine_manifest_row *row, seine_avro_schema *known,
                                 seine_arena *arena, seine_manifest_entry **entries, size_t *count,
                                 seine_error *error) {
    *count = 0;
    const bool is_dead = row->added_files == 0 && row->existing_files == 0;
    if (row->content != 0 && is_dead) return SEINE_OK;
    if (row->content != 0)
        return seine_fail(error, SEINE_E_UNSUPPORTED,
                          "table %s has delete files (merge on read), which are not applied here", table->name);
    seine_buf bytes = {0};
    const char *path = NULL;
    seine_status status = read_location(row->location, arena, SEINE_MANIFEST_MAX_BYTES, &bytes, &path, error);
    if (status == SEINE_OK)
        status = seine_manifest_read(seine_buf_str(&bytes), path, table->schema, row, table->metadata.sort_order_id,
                                     known, arena, entries, count, error);
    seine_buf_free(&bytes);
    return status;
}

static seine_status walk_row(const seine_table *table, const seine_manifest_row *row, seine_walk_fn visit,
                             void *context, seine_error *error) {
    seine_arena arena = {0};
    seine_manifest_entry *entries = NULL;
    size_t count = 0;
    seine_status status = visit(context, row, NULL, error);
    if (status == SEINE_OK) status = read_entries(table, row, NULL, &arena, &entries, &count, error);
    for (size_t i = 0; i < count && status == SEINE_OK; i++) status = visit(context, row, &entries[i], error);
    seine_arena_free(&arena);
    return status;
}

seine_status seine_table_walk(const seine_table *table, size_t index, seine_dict *seen, seine_walk_fn visit,
                              void *context, seine_error *error) {
    seine_arena arena = {0};
    seine_manifest_row *rows = NULL;
    size_t count = 0;
    const char *list = table->metadata.lists[index];
    seine_status status = list != NULL ? read_rows(list, &arena, &rows, &count, error) : SEINE_OK;
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        const uint32_t before = seen->count;
        uint32_t code;
        status = seine_dict_intern(seen, seine_str_of(rows[i].location), &code);
        if (status != SEINE_OK) status = seine_fail(error, status, "table %s: too many manifests", table->name);
        if (status == SEINE_OK && seen->count > before) status = walk_row(table, &rows[i], visit, context, error);
    }
    seine_arena_free(&arena);
    return status;
}

/* A live file with the manifest it stands in, while the files are being sorted. */
typedef struct listed_file {
    seine_live_file live;
    const char *location;
    uint32_t manifest;
} listed_file;

static int by_partition(const void *left, const void *right) {
    const seine_data_file *a = &((const listed_file *)left)->live.file;
    const seine_data_file *b = &((const listed_file *)right)->live.file;
    for (size_t i = 0; i < SEINE_PARTITION_FIELDS_MAX; i++) {
        const seine_partition_value x = a->partition[i], y = b->partition[i];
        if (x.is_null != y.is_null) return x.is_null ? -1 : 1;
        if (x.value != y.value) return x.value < y.value ? -1 : 1;
    }
    return strcmp(a->path, b->path);
}

typedef struct file_list {
    listed_file *files;
    size_t count, capacity;
    seine_avro_schema schema; /* of the manifest before, in the table's arena */
} file_list;

static seine_status make_room(const seine_table *table, file_list *list, size_t count, seine_error *error) {
    if (SEINE_ARRAY_ROOM(list->files, list->count, list->capacity, count, FILES_MAX) == SEINE_OK) return SEINE_OK;
    return no_memory(table->name, error);
}

static seine_status add_live(seine_table *table, uint32_t manifest, file_list *list, seine_error *error) {
    seine_manifest_entry *entries = NULL;
    size_t count = 0;
    const seine_manifest_row *row = &table->manifests[manifest];
    if (row->added_files == 0 && row->existing_files == 0) return SEINE_OK;
    SEINE_TRY(read_entries(table, row, &list->schema, &table->arena, &entries, &count, error));
    SEINE_TRY(make_room(table, list, count, error));
    for (size_t i = 0; i < count; i++)
        if (entries[i].status != SEINE_ENTRY_DELETED)
            list->files[list->count++] = (listed_file){entries[i].live, entries[i].location, manifest};
    return SEINE_OK;
}

static seine_status keep_list(seine_table *table, const file_list *list, seine_error *error) {
    const size_t count = list->count;
    table->files = SEINE_ARENA_ARRAY(&table->arena, seine_live_file, count);
    table->locations = SEINE_ARENA_ARRAY(&table->arena, const char *, count);
    table->manifest_of = SEINE_ARENA_ARRAY(&table->arena, uint32_t, count);
    if (table->files == NULL || table->locations == NULL || table->manifest_of == NULL)
        return no_memory(table->name, error);
    for (size_t i = 0; i < count; i++) {
        table->files[i] = list->files[i].live;
        table->locations[i] = list->files[i].location;
        table->manifest_of[i] = list->files[i].manifest;
    }
    table->file_count = count;
    table->is_listed = true;
    return SEINE_OK;
}

/* Takes over what another state of the table, a listed one, has read of the manifests that both have. *is_known: per
 * manifest. */
static seine_status add_known(seine_table *table, const seine_table *other, bool *is_known, file_list *list,
                              seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_dict places SEINE_OWNED(seine_dict_free) = {0};
    const size_t none = table->manifest_count;
    uint32_t code;
    for (size_t m = 0; m < table->manifest_count; m++)
        if (seine_dict_intern(&places, seine_str_of(table->manifests[m].location), &code) != SEINE_OK || code != m)
            return seine_fail(error, SEINE_E_FORMAT, "table %s: a manifest is listed twice", table->name);
    size_t *place = SEINE_ARENA_ARRAY(&arena, size_t, other->manifest_count);
    if (place == NULL) return no_memory(table->name, error);
    for (size_t m = 0; m < other->manifest_count; m++) {
        const uint32_t found = seine_dict_find(&places, seine_str_of(other->manifests[m].location));
        place[m] = found != SEINE_CODE_NULL ? found : none;
        if (place[m] != none) is_known[found] = true;
    }
    SEINE_TRY(make_room(table, list, other->file_count, error));
    for (size_t i = 0; i < other->file_count; i++) {
        const size_t manifest = place[other->manifest_of[i]];
        if (manifest == none) continue;
        list->files[list->count++] = (listed_file){other->files[i], other->locations[i], (uint32_t)manifest};
    }
    return SEINE_OK;
}

static seine_status list_all(seine_table *table, const seine_table *other, file_list *list, seine_error *error) {
    if (table->list != NULL)
        SEINE_TRY(read_rows(table->list, &table->arena, &table->manifests, &table->manifest_count, error));
    bool *is_known = SEINE_ARENA_ARRAY(&table->arena, bool, table->manifest_count);
    if (is_known == NULL) return no_memory(table->name, error);
    if (other != NULL) SEINE_TRY(add_known(table, other, is_known, list, error));
    for (size_t m = 0; m < table->manifest_count; m++)
        if (!is_known[m]) SEINE_TRY(add_live(table, (uint32_t)m, list, error));
    if (list->count > 0) qsort(list->files, list->count, sizeof *list->files, by_partition);
    return keep_list(table, list, error);
}

seine_status seine_table_list_beside(seine_table *table, const seine_table *other, seine_error *error) {
    if (table->is_listed) return SEINE_OK;
    file_list list = {0};
    seine_error why = {SEINE_OK, ""};
    const seine_status status = list_all(table, other, &list, &why);
    free(list.files);
    return status == SEINE_OK ? SEINE_OK : blame(table->name, status, &why, error);
}

seine_status seine_table_list(seine_table *table, seine_error *error) {
    return seine_table_list_beside(table, NULL, error);
}

seine_status seine_table_files(seine_table *table, const seine_live_file **files, size_t *count, seine_error *error) {
    *files = NULL;
    *count = 0;
    SEINE_TRY(seine_table_list(table, error));
    *files = table->files;
    *count = table->file_count;
    return SEINE_OK;
}

seine_status seine_tables_are_current(seine_catalog *catalog, seine_table *const *tables, size_t count,
                                      bool *are_current, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_pointer *pointers = NULL;
    size_t pointer_count = 0;
    SEINE_TRY(seine_catalog_pointers(catalog, &arena, &pointers, &pointer_count, error));
    *are_current = true;
    for (size_t i = 0; i < count; i++) {
        if (tables[i] == NULL) continue;
        const char *pointer = find_pointer(pointers, pointer_count, tables[i]->name);
        if (strcmp(tables[i]->pointer, pointer != NULL ? pointer : "") != 0) *are_current = false;
    }
    return SEINE_OK;
}
