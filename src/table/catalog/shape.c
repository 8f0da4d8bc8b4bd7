/*
 * Tables that come with models, change and go with them. The first metadata file is durable before the catalog's row
 * names it, and the row is compared and swapped as in a commit, with the rows that fill it; a crash in between leaves
 * an orphan.
 */
#include "base/try.h"
#include "io/clock.h"
#include "io/file.h"
#include "table/catalog/shape.h"

#include <stdlib.h>

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
    const seine_db_value row[] = {seine_db_text(seine_db_catalog_name(catalog->db)), seine_db_text(space),
                                  seine_db_text(name), seine_db_text(location),
                                  former != NULL ? seine_db_text(former) : seine_db_null()};
    if (former != NULL)
        return seine_db_change(catalog->db,
                               "UPDATE iceberg_tables SET metadata_location = ?4, previous_metadata_location = ?5"
                               " WHERE catalog_name = ?1 AND table_namespace = ?2 AND table_name = ?3"
                               " AND metadata_location = ?5",
                               row, 5, changed, error);
    const char *sql = catalog->has_type ? "INSERT INTO iceberg_tables(catalog_name, table_namespace, table_name,"
                                          " metadata_location, previous_metadata_location, iceberg_type)"
                                          " VALUES(?1, ?2, ?3, ?4, ?5, 'TABLE') ON CONFLICT DO NOTHING"
                                        : "INSERT INTO iceberg_tables(catalog_name, table_namespace, table_name,"
                                          " metadata_location, previous_metadata_location) VALUES(?1, ?2, ?3, ?4, ?5)"
                                          " ON CONFLICT DO NOTHING";
    return seine_db_change(catalog->db, sql, row, 5, changed, error);
}

struct seine_shape {
    seine_arena arena;
    seine_catalog *catalog;
    const char *full_name, *space, *name, *job;
    const char *former;          /* location of the table it replaces; NULL = none */
    const char *path, *location; /* of its first metadata file */
    seine_buf json;
    bool stays;
};

static seine_status forget(seine_catalog *catalog, const char *table_name, const char *job, seine_error *error) {
    const seine_db_value table = seine_db_text(table_name), of_job = seine_db_text(job);
    SEINE_TRY(
        seine_db_change(catalog->db, "DELETE FROM seine_partition WHERE table_name = ?1", &table, 1, NULL, error));
    SEINE_TRY(seine_db_change(catalog->db, "DELETE FROM seine_job WHERE job = ?1", &of_job, 1, NULL, error));
    return seine_db_change(catalog->db, "DELETE FROM seine_job_timing WHERE job = ?1", &of_job, 1, NULL, error);
}

/* Its first file is known from now on, and those of the table it replaces no more: they are orphans. */
static seine_status write_files(seine_catalog *catalog, const seine_shape *shape, seine_error *error) {
    seine_arena arena = {0};
    const char *folder = seine_arena_printf(&arena, "%s/%s/%s", catalog->lake, shape->space, shape->name);
    seine_status status =
        folder != NULL ? seine_file_rows_drop_below(catalog, folder, error) : seine_no_memory(error, "catalog");
    if (status == SEINE_OK) status = seine_file_row_put(catalog->db, catalog->lake, shape->path, &shape->json, error);
    seine_arena_free(&arena);
    return status;
}

/* Everything in one transaction: the pointer, and what the ledger knew about the table that was there before. */
seine_status seine_shape_write(seine_catalog *catalog, const seine_shape *shape, seine_error *error) {
    int64_t changed = 0;
    const seine_db_value exists[] = {seine_db_text(seine_db_catalog_name(catalog->db)), seine_db_text(shape->space)};
    seine_status status = swap_row(catalog, shape->space, shape->name, shape->location, shape->former, &changed, error);
    if (status == SEINE_OK && changed != 1)
        status =
            seine_fail(error, SEINE_E_CONFLICT, "table %s was changed by somebody else meanwhile", shape->full_name);
    if (status == SEINE_OK)
        status = seine_db_change(catalog->db,
                                 "INSERT INTO iceberg_namespace_properties(catalog_name, namespace, property_key,"
                                 " property_value) VALUES(?1, ?2, 'exists', 'true') ON CONFLICT DO NOTHING",
                                 exists, 2, NULL, error);
    if (status == SEINE_OK) status = forget(catalog, shape->full_name, shape->job, error);
    return status == SEINE_OK ? write_files(catalog, shape, error) : status;
}

void seine_shape_committed(seine_shape *shape, seine_status status) {
    if (status == SEINE_OK || status == SEINE_E_UNKNOWN) shape->stays = true;
    if (status == SEINE_OK) seine_best_effort(seine_hint_write(NULL, shape->path, NULL));
}

/* The file, and the table's folder when nothing but empty folders is left in it: but without a lease others may be
 * about to write there. */
static void undo(seine_shape *shape) {
    seine_file_entry *entries = NULL;
    size_t count = 1;
    const char *folder = seine_arena_printf(&shape->arena, "%s/%s/%s", shape->catalog->lake, shape->space, shape->name);
    seine_best_effort(seine_file_remove(shape->path, NULL));
    if (shape->catalog->leases != NULL && folder != NULL &&
        seine_file_list(folder, true, &shape->arena, &entries, &count, NULL) == SEINE_OK && count == 0)
        seine_best_effort(seine_file_remove_tree(folder, NULL));
}

void seine_shape_end(seine_shape *shape) {
    if (shape == NULL) return;
    if (shape->path != NULL && !shape->stays) undo(shape);
    seine_buf_free(&shape->json);
    seine_arena_free(&shape->arena);
    free(shape);
}

static seine_status make_shape(seine_shape *shape, const seine_table_schema *schema, const char *job,
                               const char *former, seine_error *error) {
    seine_catalog *catalog = shape->catalog;
    const char *dot = strchr(schema->name, '.');
    seine_buf_init(&shape->json, SEINE_METADATA_MAX_BYTES);
    shape->full_name = seine_arena_copy(&shape->arena, schema->name, strlen(schema->name));
    shape->space = seine_arena_copy(&shape->arena, schema->name, (size_t)(dot - schema->name));
    shape->name = seine_arena_copy(&shape->arena, dot + 1, strlen(dot + 1));
    shape->job = seine_arena_copy(&shape->arena, job, strlen(job));
    if (former != NULL) shape->former = seine_arena_copy(&shape->arena, former, strlen(former));
    if (shape->full_name == NULL || shape->space == NULL || shape->name == NULL || shape->job == NULL ||
        (former != NULL && shape->former == NULL))
        return seine_no_memory(error, "catalog");
    char *location = NULL;
    seine_status status = seine_catalog_upgrade(catalog, error);
    if (status == SEINE_OK)
        status = seine_first_metadata_write(catalog->lake, catalog->buckets, schema, &shape->arena, &shape->path,
                                            &shape->json, error);
    if (status == SEINE_OK) status = seine_file_uri_of_path(shape->path, &shape->arena, &location, error);
    shape->location = location;
    return status;
}

static seine_status new_shape(seine_catalog *catalog, const seine_table_schema *schema, const char *job,
                              const char *former, seine_shape **shape, seine_error *error) {
    seine_shape *made = calloc(1, sizeof *made);
    if (made == NULL) return seine_no_memory(error, "catalog");
    made->catalog = catalog;
    const seine_status status = make_shape(made, schema, job, former, error);
    if (status == SEINE_OK)
        *shape = made;
    else
        seine_shape_end(made);
    return status;
}

static seine_status find_table(seine_catalog *catalog, const char *name, seine_arena *arena, const char **location,
                               seine_error *error) {
    seine_pointer *pointers = NULL;
    size_t count = 0;
    *location = NULL;
    const seine_status status = seine_catalog_pointers(catalog, arena, &pointers, &count, error);
    for (size_t i = 0; i < count && status == SEINE_OK; i++)
        if (strcmp(pointers[i].name, name) == 0) *location = pointers[i].location;
    return status;
}

seine_status seine_shape_begin(seine_catalog *catalog, const seine_table_schema *schema, const char *job,
                               seine_shape **shape, seine_error *error) {
    seine_arena arena = {0};
    const char *former = NULL;
    seine_table *table = NULL;
    *shape = NULL;
    seine_status status = find_table(catalog, schema->name, &arena, &former, error);
    if (status == SEINE_OK && former != NULL)
        status = seine_table_load(catalog, schema->name, (seine_at){0}, &table, error);
    const bool is_same = table != NULL && table->is_writable && same_columns(table->schema, schema);
    if (status == SEINE_OK && !is_same) status = new_shape(catalog, schema, job, former, shape, error);
    seine_table_close(table);
    seine_arena_free(&arena);
    return status;
}

seine_status seine_shape_anew(seine_catalog *catalog, const seine_table_schema *schema, const char *former,
                              seine_shape **shape, seine_error *error) {
    return new_shape(catalog, schema, schema->name, former, shape, error);
}

seine_status seine_shape_open(const seine_shape *shape, seine_table **table, seine_error *error) {
    return seine_table_load_pointer(shape->full_name, shape->location, table, error);
}

/* ---- tables that come and go alone ---- */

seine_status seine_shapes_begin(seine_catalog *catalog, seine_error *error) {
    SEINE_TRY(seine_db_begin(catalog->db, error));
    return seine_leases_hold(catalog, error);
}

seine_status seine_shapes_end(seine_catalog *catalog, seine_status status, seine_error *error) {
    char id[37];
    if (status == SEINE_OK) status = seine_uuid4(id, error);
    if (status == SEINE_OK) status = seine_transaction_end(catalog->db, catalog->address, id, error);
    if (status != SEINE_OK) seine_db_roll_back(catalog->db);
    return status;
}

static seine_status put_table(seine_catalog *catalog, const seine_table_schema *schema, seine_error *error) {
    seine_shape *shape = NULL;
    seine_status status = new_shape(catalog, schema, schema->name, NULL, &shape, error);
    if (status == SEINE_OK) {
        status = seine_shapes_begin(catalog, error);
        if (status == SEINE_OK) status = seine_shape_write(catalog, shape, error);
        status = seine_shapes_end(catalog, status, error);
    }
    if (shape != NULL) seine_shape_committed(shape, status);
    seine_shape_end(shape);
    return status;
}

seine_status seine_catalog_ensure_table(seine_catalog *catalog, const seine_table_schema *schema, seine_error *error) {
    seine_arena arena = {0};
    const char *location = NULL;
    seine_status status = find_table(catalog, schema->name, &arena, &location, error);
    if (status == SEINE_OK && location == NULL) {
        status = put_table(catalog, schema, error);
        if (status == SEINE_E_CONFLICT) status = SEINE_OK; /* somebody else added it just now */
    }
    seine_arena_free(&arena);
    return status;
}

seine_status seine_catalog_has_table(seine_catalog *catalog, const char *name, bool *has, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const char *location = NULL;
    SEINE_TRY(find_table(catalog, name, &arena, &location, error));
    *has = location != NULL;
    return SEINE_OK;
}

seine_status seine_catalog_ensure_tables(seine_catalog *catalog, seine_error *error) {
    size_t count;
    const seine_table_schema *schemas = seine_schemas(&count);
    for (size_t i = 0; i < count; i++) SEINE_TRY(seine_catalog_ensure_table(catalog, &schemas[i], error));
    return SEINE_OK;
}

seine_status seine_shape_take_out(seine_catalog *catalog, const char *name, const char *location, const char *folder,
                                  seine_arena *arena, seine_error *error) {
    int64_t changed = 0;
    const char *dot = strchr(name, '.');
    const char *space = seine_arena_copy(arena, name, (size_t)(dot - name));
    if (space == NULL) return seine_no_memory(error, "catalog");
    const seine_db_value row[] = {seine_db_text(seine_db_catalog_name(catalog->db)), seine_db_text(space),
                                  seine_db_text(dot + 1), seine_db_text(location)};
    seine_status status = seine_db_change(catalog->db,
                                          "DELETE FROM iceberg_tables WHERE catalog_name = ?1 AND table_namespace = ?2"
                                          " AND table_name = ?3 AND metadata_location = ?4",
                                          row, 4, &changed, error);
    if (status == SEINE_OK && changed != 1)
        status = seine_fail(error, SEINE_E_CONFLICT, "table %s was changed by somebody else meanwhile", name);
    if (status == SEINE_OK) status = forget(catalog, name, name, error);
    return status == SEINE_OK ? seine_file_rows_drop_below(catalog, folder, error) : status;
}

seine_status seine_catalog_drop_table(seine_catalog *catalog, const char *name, seine_error *error) {
    seine_arena arena = {0};
    const char *location = NULL;
    seine_table *table = NULL;
    seine_status status = find_table(catalog, name, &arena, &location, error);
    if (status == SEINE_OK && location == NULL)
        status = seine_fail(error, SEINE_E_NOT_FOUND, "lake %s has no table %s", catalog->lake, name);
    if (status == SEINE_OK) status = seine_catalog_upgrade(catalog, error);
    if (status == SEINE_OK) status = seine_table_load_pointer(name, location, &table, error);
    if (status == SEINE_OK) {
        status = seine_shapes_begin(catalog, error);
        if (status == SEINE_OK) status = seine_shape_take_out(catalog, name, location, table->folder, &arena, error);
        status = seine_shapes_end(catalog, status, error);
    }
    /* What stays after a crash is a folder that nothing names. */
    if (status == SEINE_OK) seine_best_effort(seine_file_remove_tree(table->folder, NULL));
    seine_table_close(table);
    seine_arena_free(&arena);
    return status;
}
