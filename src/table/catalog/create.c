/*
 * Making a lake: the tables' first metadata files, then the catalog, which appears under its name in one step and
 * complete. A crash before that step leaves no lake, and the next attempt starts afresh.
 */
#include "base/try.h"
#include "base/url.h"
#include "io/clock.h"
#include "io/store/store.h"
#include "table/catalog/schema.h"
#include "table/migrate.h"
#include "table/table.h"

#include <stdio.h>
#include <stdlib.h>

#define BUCKETS_MAX 1024

/* A lake being made. */
typedef struct creation {
    seine_arena arena;
    const char *lake, *db_path;
    const char *address; /* where else the catalog is to be, as given; NULL = in the lake */
    const char *file;    /* catalog.url of the lake, when it says so */
    bool made_lake;
    int buckets;
    const seine_table_schema *schemas;
    const char **paths; /* metadata file of each schema; NULL = not written */
    seine_buf *bytes;   /* of each */
    size_t schema_count;
} creation;

static seine_status no_memory(seine_error *error) {
    return seine_fail(error, SEINE_E_NOMEM, "making a lake: out of memory");
}

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
    if (path == NULL) return no_memory(error);
    char *location = NULL;
    status = seine_file_uri_of_path(folder, arena, &location, error);
    if (status == SEINE_OK) status = seine_file_make_parent(path, error);
    if (status != SEINE_OK) return status;
    const int64_t now_ms = seine_clock_now_us() / 1000;
    status = seine_metadata_create(schema, buckets, location, table_uuid, now_ms, json, error);
    *written = path;
    return status == SEINE_OK ? seine_file_write(path, json->data, json->size, SEINE_FILE_NEW, error) : status;
}

static seine_status insert_table(creation *c, seine_db *db, size_t index, seine_error *error) {
    char *location = NULL;
    const char *table;
    const char *space = split_name(&c->arena, c->schemas[index].name, &table);
    if (space == NULL) return no_memory(error);
    SEINE_TRY(seine_file_uri_of_path(c->paths[index], &c->arena, &location, error));
    const seine_db_value row[] = {seine_db_text(SEINE_CATALOG_NAME), seine_db_text(space), seine_db_text(table),
                                  seine_db_text(location)};
    SEINE_TRY(seine_db_change(db,
                              "INSERT INTO iceberg_tables(catalog_name, table_namespace, table_name, metadata_location,"
                              " previous_metadata_location, iceberg_type) VALUES(?1, ?2, ?3, ?4, NULL, 'TABLE')",
                              row, 4, NULL, error));
    return seine_db_change(db,
                           "INSERT OR IGNORE INTO iceberg_namespace_properties(catalog_name, namespace, property_key,"
                           " property_value) VALUES(?1, ?2, 'exists', 'true')",
                           row, 2, NULL, error);
}

static seine_status fill_database(creation *c, seine_db *db, seine_error *error) {
    char width[16];
    (void)snprintf(width, sizeof width, "%d", c->buckets);
    seine_status status = seine_db_begin(db, error);
    if (status == SEINE_OK) status = seine_db_run(db, CATALOG_SCHEMA, error);
    if (status == SEINE_OK) status = seine_migrate_new(db, error);
    const seine_db_value setting[] = {seine_db_text("buckets"), seine_db_text(width)};
    if (status == SEINE_OK)
        status = seine_db_change(db, "INSERT INTO seine_setting(key, value) VALUES(?1, ?2)", setting, 2, NULL, error);
    for (size_t i = 0; i < c->schema_count && status == SEINE_OK; i++) {
        status = insert_table(c, db, i, error);
        if (status == SEINE_OK) status = seine_file_row_put(db, c->lake, c->paths[i], &c->bytes[i], error);
    }
    if (status == SEINE_OK) status = seine_db_commit(db, error);
    /* Here and for good, while nobody else can have it open: switching later could meet a lock. */
    return status == SEINE_OK ? seine_db_run(db, "PRAGMA journal_mode=WAL", error) : status;
}

static seine_status write_database(creation *c, seine_error *error) {
    char *temp = seine_file_temp_name(&c->arena, c->db_path);
    if (temp == NULL) return no_memory(error);
    seine_db *db = NULL;
    seine_status status = seine_db_open(temp, true, &db, error);
    if (status == SEINE_OK) status = fill_database(c, db, error);
    seine_db_close(db);
    if (status == SEINE_OK) {
        status = seine_file_publish(temp, c->db_path, SEINE_FILE_NEW, error);
        if (status != SEINE_E_EXISTS) return status;
        return seine_fail(error, status, "%s is a lake already", c->lake);
    }
    static const char *const endings[] = {"", "-journal", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const char *path = seine_arena_printf(&c->arena, "%s%s", temp, endings[i]);
        if (path != NULL) seine_best_effort(seine_file_remove(path, NULL));
    }
    return status;
}

/* Removes what a failed attempt made; folders go only when they are empty. */
static void undo(creation *c) {
    for (size_t i = 0; i < c->schema_count; i++) {
        if (c->paths[i] == NULL) continue;
        char *path = seine_arena_copy(&c->arena, c->paths[i], strlen(c->paths[i]));
        const int most = seine_is_address(c->lake) ? 1 : 4; /* file, metadata, table, namespace */
        for (int up = 0; path != NULL && up < most; up++) {
            seine_best_effort(seine_file_remove(path, NULL));
            *strrchr(path, '/') = 0;
        }
    }
    if (c->made_lake) seine_best_effort(seine_file_remove(c->lake, NULL));
}

/* Where the catalog will be, in the lake or elsewhere on this machine. */
static seine_status find_place(creation *c, seine_error *error) {
    char *absolute = NULL;
    if (c->address == NULL) {
        c->db_path = seine_file_join(&c->arena, c->lake, SEINE_CATALOG_FILE);
        return c->db_path != NULL ? SEINE_OK : no_memory(error);
    }
    if (seine_url_scheme(c->address) > 0)
        return seine_fail(error, SEINE_E_USAGE,
                          "a catalog outside of the lake is a file of this machine, not an address");
    SEINE_TRY(seine_file_absolute(c->address, &c->arena, &absolute, error));
    c->db_path = absolute;
    c->file = seine_file_join(&c->arena, c->lake, SEINE_CATALOG_ADDRESS_FILE);
    return c->file != NULL ? seine_file_make_parent(absolute, error) : no_memory(error);
}

/* The lake's file comes last: with it there is a lake. */
static seine_status write_file(creation *c, seine_error *error) {
    if (c->file == NULL) return SEINE_OK;
    const char *line = seine_arena_printf(&c->arena, "%s\n", c->db_path);
    if (line == NULL) return no_memory(error);
    const seine_status status = seine_file_write(c->file, line, strlen(line), SEINE_FILE_NEW, error);
    if (status != SEINE_OK) seine_best_effort(seine_file_remove(c->db_path, NULL));
    return status == SEINE_E_EXISTS ? seine_fail(error, status, "%s is a lake already", c->lake) : status;
}

static seine_status prepare(creation *c, const char *lake, seine_error *error) {
    seine_file_info info;
    char *absolute = NULL;
    if (c->address == NULL && seine_is_address(lake))
        return seine_fail(error, SEINE_E_USAGE,
                          "%s: a catalog cannot lie in a bucket: say where it is to be, by --catalog or SEINE_CATALOG",
                          lake);
    seine_status status = seine_file_absolute(lake, &c->arena, &absolute, error);
    if (status == SEINE_OK) status = seine_place_check(absolute, error); /* before anything is made */
    if (status == SEINE_OK) status = seine_file_stat(lake, &info, error);
    if (status == SEINE_OK) status = seine_file_make_folders(lake, error);
    if (status != SEINE_OK) return status;
    c->made_lake = info.kind == SEINE_FILE_NONE;
    char *real = NULL;
    SEINE_TRY(seine_file_real(lake, &c->arena, &real, error));
    c->lake = real;
    const char *file = NULL, *address = NULL;
    SEINE_TRY(seine_catalog_find(c->lake, &c->arena, &file, &address, error));
    if (file != NULL) return seine_fail(error, SEINE_E_EXISTS, "%s is a lake already", c->lake);
    SEINE_TRY(find_place(c, error));
    c->schemas = seine_schemas(&c->schema_count);
    c->paths = SEINE_ARENA_ARRAY(&c->arena, const char *, c->schema_count);
    c->bytes = SEINE_ARENA_ARRAY(&c->arena, seine_buf, c->schema_count);
    if (c->paths == NULL || c->bytes == NULL) return no_memory(error);
    for (size_t i = 0; i < c->schema_count; i++) seine_buf_init(&c->bytes[i], SEINE_METADATA_MAX_BYTES);
    if (seine_file_exists(c->db_path)) /* not of this lake */
        return seine_fail(error, SEINE_E_USAGE, "%s is there already: name another file with --catalog", c->db_path);
    return seine_place_check(c->lake, error); /* again: a symbolic link may lead to such a name */
}

/* What comes after the catalog: the hints, and the log through which others read (table/db/db.h), which an opened
 * catalog leaves behind. An attempt that ended between is completed by the next one, which finds a lake. */
static void complete(const char *lake) {
    seine_catalog *catalog = NULL;
    if (seine_catalog_open(lake, &catalog, NULL) != SEINE_OK) return;
    seine_hints_repair(catalog);
    seine_catalog_close(catalog);
}

seine_status seine_catalog_create(const char *lake, int buckets, seine_error *error) {
    return seine_catalog_create_in(lake, NULL, buckets, error);
}

seine_status seine_catalog_create_in(const char *lake, const char *address, int buckets, seine_error *error) {
    if (buckets < 1 || buckets > BUCKETS_MAX)
        return seine_fail(error, SEINE_E_USAGE, "buckets must be between 1 and %d, not %d", BUCKETS_MAX, buckets);
    creation c = {.buckets = buckets, .address = address};
    seine_status status = prepare(&c, lake, error);
    const bool is_ours = status == SEINE_OK;
    if (!is_ours && c.made_lake) seine_best_effort(seine_file_remove(lake, NULL));
    for (size_t i = 0; i < c.schema_count && status == SEINE_OK; i++)
        status = seine_first_metadata_write(c.lake, buckets, &c.schemas[i], &c.arena, &c.paths[i], &c.bytes[i], error);
    if (status == SEINE_OK) status = write_database(&c, error);
    if (status == SEINE_OK) status = write_file(&c, error);
    if (status != SEINE_OK && is_ours) undo(&c);
    if (status == SEINE_OK || status == SEINE_E_EXISTS) complete(lake);
    for (size_t i = 0; c.bytes != NULL && i < c.schema_count; i++) seine_buf_free(&c.bytes[i]);
    seine_arena_free(&c.arena);
    return status;
}
