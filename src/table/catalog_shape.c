/*
 * Tables that come with models, and change with them. The first metadata file is durable before the catalog's row names
 * it, and the row is compared and swapped as in a commit; a crash in between leaves an orphan.
 */
#include "io/file.h"
#include "table/table.h"

static seine_status no_memory(seine_error *error) { return seine_fail(error, SEINE_E_NOMEM, "catalog: out of memory"); }

static bool same_columns(const seine_table_schema *a, const seine_table_schema *b) {
    if (a->column_count != b->column_count || a->partition_count != b->partition_count) return false;
    for (size_t i = 0; i < a->column_count; i++) {
        const seine_column *x = &a->columns[i], *y = &b->columns[i];
        if (x->id != y->id || x->type != y->type || x->required != y->required || strcmp(x->name, y->name) != 0)
            return false;
    }
    for (size_t i = 0; i < a->partition_count; i++)
        if (a->partition[i].source_id != b->partition[i].source_id ||
            a->partition[i].transform != b->partition[i].transform)
            return false;
    return true;
}

static seine_status swap_row(seine_catalog *catalog, const char *space, const char *name, const char *location,
                             const char *former, int64_t *changed, seine_error *error) {
    const seine_db_value row[] = {seine_db_text(SEINE_CATALOG_NAME), seine_db_text(space), seine_db_text(name),
                                  seine_db_text(location), former != NULL ? seine_db_text(former) : seine_db_null()};
    if (former != NULL)
        return seine_db_change(catalog->db,
                               "UPDATE iceberg_tables SET metadata_location = ?4, previous_metadata_location = ?5"
                               " WHERE catalog_name = ?1 AND table_namespace = ?2 AND table_name = ?3"
                               " AND metadata_location = ?5",
                               row, 5, changed, error);
    const char *sql = catalog->has_type
                          ? "INSERT OR IGNORE INTO iceberg_tables(catalog_name, table_namespace, table_name,"
                            " metadata_location, previous_metadata_location, iceberg_type)"
                            " VALUES(?1, ?2, ?3, ?4, ?5, 'TABLE')"
                          : "INSERT OR IGNORE INTO iceberg_tables(catalog_name, table_namespace, table_name,"
                            " metadata_location, previous_metadata_location) VALUES(?1, ?2, ?3, ?4, ?5)";
    return seine_db_change(catalog->db, sql, row, 5, changed, error);
}

/* Everything in one transaction: the pointer, and what the ledger knew about the table that was there before. */
static seine_status write_rows(seine_catalog *catalog, const char *space, const char *name, const char *location,
                               const char *former, const char *full_name, const char *job, seine_error *error) {
    int64_t changed = 0;
    const seine_db_value exists[] = {seine_db_text(SEINE_CATALOG_NAME), seine_db_text(space)};
    const seine_db_value table = seine_db_text(full_name), of_job = seine_db_text(job);
    seine_status status = swap_row(catalog, space, name, location, former, &changed, error);
    if (status == SEINE_OK && changed != 1)
        status = seine_fail(error, SEINE_E_CONFLICT, "table %s was changed by somebody else meanwhile", full_name);
    if (status == SEINE_OK)
        status = seine_db_change(catalog->db,
                                 "INSERT OR IGNORE INTO iceberg_namespace_properties(catalog_name, namespace,"
                                 " property_key, property_value) VALUES(?1, ?2, 'exists', 'true')",
                                 exists, 2, NULL, error);
    if (status == SEINE_OK)
        status =
            seine_db_change(catalog->db, "DELETE FROM seine_partition WHERE table_name = ?1", &table, 1, NULL, error);
    if (status == SEINE_OK)
        status = seine_db_change(catalog->db, "DELETE FROM seine_job WHERE job = ?1", &of_job, 1, NULL, error);
    return status;
}

/* Its first file is known from now on, and those of the table it replaces no more: they are orphans. */
static seine_status write_files(seine_catalog *catalog, const char *space, const char *name, const char *path,
                                const seine_buf *json, seine_arena *arena, seine_error *error) {
    const char *folder = seine_arena_printf(arena, "%s/%s/%s", catalog->lake, space, name);
    if (folder == NULL) return no_memory(error);
    const seine_status status = seine_file_rows_drop_below(catalog, folder, error);
    return status == SEINE_OK ? seine_file_row_put(catalog->db, catalog->lake, path, json, error) : status;
}

static seine_status put_table(seine_catalog *catalog, const seine_table_schema *schema, const char *former,
                              const char *job, seine_arena *arena, seine_error *error) {
    const char *path = NULL;
    char *location = NULL;
    seine_buf json;
    seine_buf_init(&json, SEINE_METADATA_MAX_BYTES);
    const char *dot = strchr(schema->name, '.');
    const char *space = seine_arena_copy(arena, schema->name, (size_t)(dot - schema->name));
    seine_status status = space != NULL ? seine_catalog_upgrade(catalog, error) : no_memory(error);
    if (status == SEINE_OK)
        status = seine_first_metadata_write(catalog->lake, catalog->buckets, schema, arena, &path, &json, error);
    if (status == SEINE_OK) status = seine_file_uri_of_path(path, arena, &location, error);
    if (status == SEINE_OK) status = seine_db_begin(catalog->db, error);
    const bool has_begun = status == SEINE_OK;
    if (status == SEINE_OK) status = write_rows(catalog, space, dot + 1, location, former, schema->name, job, error);
    if (status == SEINE_OK) status = write_files(catalog, space, dot + 1, path, &json, arena, error);
    if (status == SEINE_OK) status = seine_db_commit(catalog->db, error);
    seine_buf_free(&json);
    if (status == SEINE_OK)
        seine_best_effort(seine_hint_write(path, NULL));
    else if (has_begun && seine_db_in_transaction(catalog->db))
        seine_best_effort(seine_db_run(catalog->db, "ROLLBACK", NULL));
    return status;
}

seine_status seine_catalog_shape_table(seine_catalog *catalog, const seine_table_schema *schema, const char *job,
                                       seine_error *error) {
    seine_arena arena = {0};
    seine_pointer *pointers = NULL;
    size_t count = 0;
    const char *former = NULL;
    seine_table *table = NULL;
    seine_status status = seine_catalog_pointers(catalog, &arena, &pointers, &count, error);
    for (size_t i = 0; i < count && status == SEINE_OK; i++)
        if (strcmp(pointers[i].name, schema->name) == 0) former = pointers[i].location;
    if (status == SEINE_OK && former != NULL)
        status = seine_table_load(catalog, schema->name, (seine_at){0}, &table, error);
    const bool is_same = table != NULL && table->is_writable && same_columns(table->schema, schema);
    if (status == SEINE_OK && !is_same) status = put_table(catalog, schema, former, job, &arena, error);
    seine_table_close(table);
    seine_arena_free(&arena);
    return status;
}

seine_status seine_catalog_ensure_table(seine_catalog *catalog, const char *name, seine_error *error) {
    seine_arena arena = {0};
    const char **names = NULL;
    size_t count = 0;
    bool is_there = false;
    seine_status status = seine_catalog_tables(catalog, &arena, &names, &count, error);
    for (size_t i = 0; i < count && status == SEINE_OK; i++)
        if (strcmp(names[i], name) == 0) is_there = true;
    if (status == SEINE_OK && !is_there) {
        status = put_table(catalog, seine_schema_find(name), NULL, name, &arena, error);
        if (status == SEINE_E_CONFLICT) status = SEINE_OK; /* somebody else added it just now */
    }
    seine_arena_free(&arena);
    return status;
}

seine_status seine_catalog_ensure_tables(seine_catalog *catalog, seine_error *error) {
    size_t count;
    const seine_table_schema *schemas = seine_schemas(&count);
    seine_status status = SEINE_OK;
    for (size_t i = 0; i < count && status == SEINE_OK; i++)
        status = seine_catalog_ensure_table(catalog, schemas[i].name, error);
    return status;
}
