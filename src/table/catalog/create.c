/* Making a lake: the tables' first metadata files, then the catalog that names them (new_catalog.h). A crash before
 * that leaves no lake, and the next attempt starts afresh. */
#include "base/try.h"
#include "io/clock.h"
#include "io/store/store.h"
#include "table/catalog/new_catalog.h"
#include "table/dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_MAX 1024

/* A lake being made. */
typedef struct creation {
    seine_arena arena;
    seine_new_catalog catalog;
    bool made_lake;
    int buckets;
    const seine_table_schema *schemas;
    const char **paths; /* metadata file of each schema; NULL = not written */
    seine_buf *bytes;   /* of each */
    size_t schema_count;
} creation;

/* Namespace and table of "silver.ais". */
static const char *split_name(seine_arena *arena, const char *name, const char **table) {
    const char *dot = strchr(name, '.');
    *table = dot + 1;
    return seine_arena_copy(arena, name, (size_t)(dot - name));
}

seine_status seine_first_metadata_write(const char *lake, int buckets, const seine_table_schema *schema,
                                        seine_arena *arena, const char **written, seine_buf *json, seine_error *error) {
    char table_uuid[37], file_uuid[37];
    seine_status status = seine_uuid4(table_uuid, error);
    if (status == SEINE_OK) status = seine_uuid4(file_uuid, error);
    if (status != SEINE_OK) return status;
    const char *table;
    const char *space = split_name(arena, schema->name, &table);
    const char *folder = space != NULL ? seine_arena_printf(arena, "%s/%s/%s", lake, space, table) : NULL;
    const char *path =
        folder != NULL ? seine_arena_printf(arena, "%s/metadata/00000-%s.metadata.json", folder, file_uuid) : NULL;
    if (path == NULL) return seine_no_memory(error, "making a lake");
    char *location = NULL;
    status = seine_file_uri_of_path(folder, arena, &location, error);
    if (status == SEINE_OK) status = seine_file_make_parent(path, error);
    if (status != SEINE_OK) return status;
    const int64_t now_ms = seine_clock_now_us() / 1000;
    status = seine_metadata_create(schema, buckets, location, table_uuid, now_ms, json, error);
    *written = path;
    return status == SEINE_OK ? seine_file_write(path, json->data, json->size, SEINE_FILE_NEW, error) : status;
}

static seine_status insert_table(creation *c, seine_db *db, bool has_type, size_t index, seine_error *error) {
    char *location = NULL;
    const char *table;
    const char *space = split_name(&c->arena, c->schemas[index].name, &table);
    if (space == NULL) return seine_no_memory(error, "making a lake");
    SEINE_TRY(seine_file_uri_of_path(c->paths[index], &c->arena, &location, error));
    const seine_db_value row[] = {seine_db_text(seine_db_catalog_name(db)), seine_db_text(space), seine_db_text(table),
                                  seine_db_text(location)};
    SEINE_TRY(seine_db_change(db,
                              has_type ? "INSERT INTO iceberg_tables(catalog_name, table_namespace, table_name,"
                                         " metadata_location, iceberg_type) VALUES(?1, ?2, ?3, ?4, 'TABLE')"
                                       : "INSERT INTO iceberg_tables(catalog_name, table_namespace, table_name,"
                                         " metadata_location) VALUES(?1, ?2, ?3, ?4)",
                              row, 4, NULL, error));
    return seine_db_change(
        db,
        "INSERT INTO iceberg_namespace_properties(catalog_name, namespace, property_key, property_value)"
        " VALUES(?1, ?2, 'exists', 'true') ON CONFLICT DO NOTHING",
        row, 2, NULL, error);
}

static seine_status fill(void *context, seine_db *db, bool has_type, seine_error *error) {
    creation *c = context;
    char width[16], id[37];
    (void)snprintf(width, sizeof width, "%d", c->buckets);
    SEINE_TRY(seine_uuid4(id, error));
    SEINE_TRY(seine_new_catalog_setting(db, "buckets", width, error));
    SEINE_TRY(seine_new_catalog_setting(db, SEINE_LAKE_ID_SETTING, id, error));
    SEINE_TRY(seine_new_catalog_setting(db, SEINE_SETTING_BY_SEGMENT, "1", error));
    if (c->catalog.address != NULL) SEINE_TRY(seine_new_catalog_setting(db, "path", c->catalog.lake, error));
    for (size_t i = 0; i < c->schema_count; i++) {
        SEINE_TRY(insert_table(c, db, has_type, i, error));
        SEINE_TRY(seine_file_row_put(db, c->catalog.lake, c->paths[i], &c->bytes[i], error));
    }
    return SEINE_OK;
}

/* Removes what a failed attempt made; folders go only when they are empty. */
static void undo(creation *c) {
    for (size_t i = 0; i < c->schema_count; i++) {
        if (c->paths[i] == NULL) continue;
        char *path = seine_arena_copy(&c->arena, c->paths[i], strlen(c->paths[i]));
        const int most = seine_is_address(c->catalog.lake) ? 1 : 4; /* file, metadata, table, namespace */
        for (int up = 0; path != NULL && up < most; up++) {
            seine_best_effort(seine_file_remove(path, NULL));
            *strrchr(path, '/') = 0;
        }
    }
    if (c->made_lake) seine_best_effort(seine_file_remove(c->catalog.lake, NULL));
}

/* What an interrupted attempt left on a server is completed as if this attempt had come that far. */
static seine_status find_place(creation *c, seine_error *error) {
    seine_error why = {0};
    const seine_status status = seine_new_catalog_place(&c->catalog, &why);
    return status == SEINE_OK || status == SEINE_E_EXISTS ? SEINE_OK : seine_fail(error, status, "%s", why.text);
}

static seine_status prepare(creation *c, const char *lake, seine_error *error) {
    seine_file_info info;
    char *absolute = NULL;
    SEINE_TRY(seine_new_catalog_check(lake, c->catalog.address, error));
    seine_status status = seine_file_absolute(lake, &c->arena, &absolute, error);
    if (status == SEINE_OK) status = seine_place_check(absolute, error); /* before anything is made */
    if (status == SEINE_OK) status = seine_file_stat(lake, &info, error);
    if (status == SEINE_OK) status = seine_file_make_folders(lake, error);
    if (status != SEINE_OK) return status;
    c->made_lake = info.kind == SEINE_FILE_NONE;
    char *real = NULL;
    SEINE_TRY(seine_file_real(lake, &c->arena, &real, error));
    c->catalog.lake = real;
    const char *file = NULL, *address = NULL;
    SEINE_TRY(seine_catalog_find(real, &c->arena, &file, &address, error));
    if (file != NULL) return seine_fail(error, SEINE_E_EXISTS, "%s is a lake already", real);
    SEINE_TRY(find_place(c, error));
    c->schemas = seine_schemas(&c->schema_count);
    c->paths = SEINE_ARENA_ARRAY(&c->arena, const char *, c->schema_count);
    c->bytes = SEINE_ARENA_ARRAY(&c->arena, seine_buf, c->schema_count);
    if (c->paths == NULL || c->bytes == NULL) return seine_no_memory(error, "making a lake");
    for (size_t i = 0; i < c->schema_count; i++) seine_buf_init(&c->bytes[i], SEINE_METADATA_MAX_BYTES);
    return seine_place_check(c->catalog.lake, error); /* again: a symbolic link may lead to such a name */
}

/* What comes after the catalog: the hints, and the log through which others read (table/db/db.h), which an opened
 * catalog leaves behind. An attempt that ended between is completed by the next one, which finds a lake. */
static void complete(const char *lake) {
    seine_catalog *catalog = NULL;
    if (seine_catalog_open(lake, &catalog, NULL) != SEINE_OK) return;
    seine_hints_repair(catalog, NULL, 0);
    seine_catalog_close(catalog);
}

/* Tables, then the catalog that names them. */
static seine_status make(creation *c, seine_error *error) {
    seine_status status = SEINE_OK;
    for (size_t i = 0; i < c->schema_count && status == SEINE_OK; i++)
        status = seine_first_metadata_write(c->catalog.lake, c->buckets, &c->schemas[i], &c->arena, &c->paths[i],
                                            &c->bytes[i], error);
    if (status == SEINE_OK) status = seine_new_catalog_appear(&c->catalog, error);
    if (status != SEINE_OK && !c->catalog.may_be_there) undo(c);
    return status;
}

seine_status seine_catalog_create(const char *lake, int buckets, seine_error *error) {
    return seine_catalog_create_in(lake, NULL, buckets, error);
}

seine_status seine_catalog_create_in(const char *lake, const char *address, int buckets, seine_error *error) {
    if (buckets < 1 || buckets > BUCKETS_MAX)
        return seine_fail(error, SEINE_E_USAGE, "buckets must be between 1 and %d, not %d", BUCKETS_MAX, buckets);
    creation c = {.buckets = buckets, .catalog = {.address = address, .fill = fill}};
    c.catalog.arena = &c.arena;
    c.catalog.context = &c;
    seine_status status = prepare(&c, lake, error);
    if (status == SEINE_OK)
        status = make(&c, error);
    else if (c.made_lake)
        seine_best_effort(seine_file_remove(lake, NULL));
    if (status == SEINE_OK || status == SEINE_E_EXISTS) complete(lake);
    for (size_t i = 0; c.bytes != NULL && i < c.schema_count; i++) seine_buf_free(&c.bytes[i]);
    seine_arena_free(&c.arena);
    return status;
}
