/*
 * Making a lake: the tables' first metadata files, then the catalog, which appears under its name in one step and
 * complete. A crash before that step leaves no lake, and the next attempt starts afresh.
 */
#include "base/try.h"
#include "io/clock.h"
#include "io/store/store.h"
#include "table/catalog/schema.h"
#include "table/migrate.h"
#include "table/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BUCKETS_MAX 1024

/* A lake being made. */
typedef struct creation {
    seine_arena arena;
    const char *lake, *file; /* folder, and what makes it a lake */
    const char *address;     /* of a database elsewhere; NULL = in the folder */
    const char *db_path;     /* of a database that is a file: in the folder, or where the address says */
    const char *other;       /* folder of the lake that the database has */
    bool made_lake, is_committed;
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

static seine_status put_setting(seine_db *db, const char *key, const char *value, seine_error *error) {
    const seine_db_value row[] = {seine_db_text(key), seine_db_text(value)};
    return seine_db_change(db, "INSERT INTO seine_setting(key, value) VALUES(?1, ?2)", row, 2, NULL, error);
}

static seine_status ensure_table(seine_db *db, const char *name, const char *sql, seine_error *error) {
    bool is_there = false;
    SEINE_TRY(seine_db_has(db, name, NULL, &is_there, error));
    return is_there ? SEINE_OK : seine_db_run(db, sql, error);
}

/* Inside a transaction. The standard tables may be there already, of either form. */
static seine_status fill_database(creation *c, seine_db *db, seine_error *error) {
    char width[16], id[37];
    bool has_type = false, has_location = false;
    (void)snprintf(width, sizeof width, "%d", c->buckets);
    SEINE_TRY(ensure_table(db, "iceberg_tables", TABLES_SCHEMA, error));
    SEINE_TRY(ensure_table(db, "iceberg_namespace_properties", NAMESPACES_SCHEMA, error));
    SEINE_TRY(seine_db_has(db, "iceberg_tables", "iceberg_type", &has_type, error));
    SEINE_TRY(seine_db_has(db, "iceberg_tables", "metadata_location", &has_location, error));
    if (!has_location)
        return seine_fail(error, SEINE_E_CONFLICT,
                          "the database has a table iceberg_tables that is no Iceberg catalog's");
    SEINE_TRY(seine_db_make_ledger(db, error));
    SEINE_TRY(seine_db_run(db, LEDGER_SCHEMA, error));
    SEINE_TRY(seine_migrate_new(db, error));
    SEINE_TRY(put_setting(db, "buckets", width, error));
    SEINE_TRY(seine_uuid4(id, error));
    SEINE_TRY(put_setting(db, SEINE_LAKE_ID_SETTING, id, error));
    if (c->address != NULL) SEINE_TRY(put_setting(db, "path", c->lake, error));
    for (size_t i = 0; i < c->schema_count; i++) {
        SEINE_TRY(insert_table(c, db, has_type, i, error));
        SEINE_TRY(seine_file_row_put(db, c->lake, c->paths[i], &c->bytes[i], error));
    }
    return SEINE_OK;
}

/* ---- in the folder ---- */

static seine_status fill_file(creation *c, seine_db *db, seine_error *error) {
    SEINE_TRY(seine_db_begin(db, error));
    SEINE_TRY(fill_database(c, db, error));
    SEINE_TRY(seine_db_commit(db, error));
    return seine_db_finish(db, error);
}

/* Of a file that is not in the folder: with this one there is a lake. */
static seine_status write_address(creation *c, seine_error *error) {
    const char *line = seine_arena_printf(&c->arena, "%s\n", c->db_path);
    if (line == NULL) return seine_no_memory(error, "making a lake");
    const seine_status status = seine_file_write(c->file, line, strlen(line), SEINE_FILE_NEW, error);
    /* A store that gives no answer may have taken it all the same: then there is a lake, which keeps its files. */
    c->is_committed = status != SEINE_OK && status != SEINE_E_EXISTS && seine_is_address(c->file);
    if (status != SEINE_OK && !c->is_committed) seine_best_effort(seine_file_remove(c->db_path, NULL));
    return status == SEINE_E_EXISTS ? seine_fail(error, status, "%s is a lake already", c->lake) : status;
}

static seine_status write_file(creation *c, seine_error *error) {
    char *temp = seine_file_temp_name(&c->arena, c->db_path);
    if (temp == NULL) return seine_no_memory(error, "making a lake");
    seine_db *db = NULL;
    seine_status status = seine_db_open(temp, true, &db, error);
    if (status == SEINE_OK) status = fill_file(c, db, error);
    seine_db_close(db);
    if (status == SEINE_OK) {
        status = seine_file_publish(temp, c->db_path, SEINE_FILE_NEW, error);
        if (status == SEINE_OK && c->db_path != c->file) return write_address(c, error);
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

/* ---- elsewhere ---- */

static seine_status read_path(void *context, const seine_db_value *columns, seine_error *error) {
    creation *c = context;
    const char *path = columns[0].kind == SEINE_DB_TEXT ? columns[0].text : "";
    c->other = seine_arena_copy(&c->arena, path, strlen(path));
    return c->other != NULL ? SEINE_OK : seine_no_memory(error, "making a lake");
}

/* The database has a lake of the name: this very one, whose making was interrupted, or another. */
static seine_status check_other(creation *c, seine_db *db, seine_error *error) {
    int64_t format = 0;
    SEINE_TRY(seine_db_format(db, &format, error));
    if (format == 0) return SEINE_OK;
    SEINE_TRY(seine_db_query(db, "SELECT value FROM seine_setting WHERE key = 'path'", NULL, 0, read_path, c, error));
    if (c->other != NULL && strcmp(c->other, c->lake) == 0)
        return seine_fail(error, SEINE_E_EXISTS, "%s is a lake already", c->lake);
    return seine_fail(error, SEINE_E_CONFLICT,
                      "the database has a lake %s already, in %s; give this one another name: --catalog"
                      " 'postgresql://…?catalog_name=NAME'",
                      seine_db_catalog_name(db), c->other != NULL ? c->other : "another place");
}

static seine_status fill_remote(creation *c, seine_db *db, seine_error *error) {
    char id[37];
    SEINE_TRY(seine_uuid4(id, error));
    SEINE_TRY(seine_db_begin(db, error));
    seine_error why = {0};
    seine_status status = fill_database(c, db, &why);
    if (status == SEINE_OK) status = seine_transaction_end(db, c->address, id, &why);
    /* Whoever made it meanwhile, and tables of the lake's name that are another program's. */
    if (status == SEINE_E_EXISTS) status = SEINE_E_CONFLICT;
    seine_db_roll_back(db);
    c->is_committed = status == SEINE_OK || status == SEINE_E_UNKNOWN;
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "%s", why.text);
}

/* The file comes last: with it the folder is a lake. */
static seine_status write_remote(creation *c, seine_error *error) {
    seine_db *db = NULL;
    const char *kept = NULL, *line = NULL;
    SEINE_TRY(seine_db_address(c->address, &c->arena, &kept, error));
    line = seine_arena_printf(&c->arena, "%s\n", kept);
    if (line == NULL) return seine_no_memory(error, "making a lake");
    SEINE_TRY(seine_db_open(c->address, false, &db, error));
    const seine_status there = check_other(c, db, error);
    seine_status status = there == SEINE_OK ? fill_remote(c, db, error) : there;
    seine_db_close(db);
    if (status != SEINE_OK && status != SEINE_E_EXISTS) return status;
    status = seine_file_write(c->file, line, strlen(line), SEINE_FILE_NEW, error);
    return status == SEINE_OK ? there : status;
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

/* Where the catalog will be: in the lake, in a file of this machine, or in a database of a server. */
static seine_status find_place(creation *c, seine_error *error) {
    char *absolute = NULL;
    c->file = seine_file_join(&c->arena, c->lake, c->address != NULL ? SEINE_CATALOG_ADDRESS_FILE : SEINE_CATALOG_FILE);
    if (c->file == NULL) return seine_no_memory(error, "making a lake");
    if (c->address != NULL && seine_db_is_remote(c->address)) return SEINE_OK;
    if (c->address == NULL) {
        c->db_path = c->file;
        return SEINE_OK;
    }
    SEINE_TRY(seine_file_absolute(c->address, &c->arena, &absolute, error));
    c->db_path = absolute;
    if (seine_file_exists(absolute)) /* not of this lake */
        return seine_fail(error, SEINE_E_USAGE, "%s is there already: name another file with --catalog", absolute);
    return seine_file_make_parent(absolute, error);
}

/* Other programs' forms of an address are no paths: as one, their password would be kept in the lake and shown. */
static bool is_path(const char *address) {
    static const char *const marks[] = {"://", "jdbc:", "password="};
    for (const char *at = address; *at != '\0'; at++)
        for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
            if (strncasecmp(at, marks[i], strlen(marks[i])) == 0) return false;
    return true;
}

static seine_status prepare(creation *c, const char *lake, seine_error *error) {
    seine_file_info info;
    char *absolute = NULL;
    if (c->address != NULL && !seine_db_is_remote(c->address) && !is_path(c->address))
        return seine_fail(error, SEINE_E_USAGE,
                          "a catalog outside of the lake is postgresql://USER@HOST:PORT/DATABASE or a file of this "
                          "machine: the one given is an address of another form");
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
    if (c->paths == NULL || c->bytes == NULL) return seine_no_memory(error, "making a lake");
    for (size_t i = 0; i < c->schema_count; i++) seine_buf_init(&c->bytes[i], SEINE_METADATA_MAX_BYTES);
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

/* Tables, then the catalog that names them. */
static seine_status make(creation *c, seine_error *error) {
    seine_status status = SEINE_OK;
    for (size_t i = 0; i < c->schema_count && status == SEINE_OK; i++)
        status = seine_first_metadata_write(c->lake, c->buckets, &c->schemas[i], &c->arena, &c->paths[i], &c->bytes[i],
                                            error);
    if (status == SEINE_OK) status = c->db_path == NULL ? write_remote(c, error) : write_file(c, error);
    if (status != SEINE_OK && !c->is_committed) undo(c);
    return status;
}

seine_status seine_catalog_create(const char *lake, int buckets, seine_error *error) {
    return seine_catalog_create_in(lake, NULL, buckets, error);
}

seine_status seine_catalog_create_in(const char *lake, const char *address, int buckets, seine_error *error) {
    if (buckets < 1 || buckets > BUCKETS_MAX)
        return seine_fail(error, SEINE_E_USAGE, "buckets must be between 1 and %d, not %d", BUCKETS_MAX, buckets);
    creation c = {.buckets = buckets, .address = address};
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
