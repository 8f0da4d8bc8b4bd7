/* How a new lake's catalog comes to be where it belongs (new_catalog.h). */
#include "table/catalog/new_catalog.h"

#include "base/try.h"
#include "io/clock.h"
#include "io/store/store.h"
#include "table/catalog/schema.h"
#include "table/migrate.h"

#include <string.h>
#include <strings.h>

static seine_status no_memory(seine_error *error) { return seine_no_memory(error, "making a lake"); }

/* ---- tables ---- */

seine_status seine_new_catalog_setting(seine_db *db, const char *key, const char *value, seine_error *error) {
    const seine_db_value row[] = {seine_db_text(key), seine_db_text(value)};
    return seine_db_change(db, "INSERT INTO seine_setting(key, value) VALUES(?1, ?2)", row, 2, NULL, error);
}

static seine_status ensure_table(seine_db *db, const char *name, const char *sql, seine_error *error) {
    bool is_there = false;
    SEINE_TRY(seine_db_has(db, name, NULL, &is_there, error));
    return is_there ? SEINE_OK : seine_db_run(db, sql, error);
}

/* The standard tables may be there already, of either form. */
seine_status seine_catalog_tables_make(seine_db *db, bool *has_type, seine_error *error) {
    bool has_location = false;
    SEINE_TRY(ensure_table(db, "iceberg_tables", TABLES_SCHEMA, error));
    SEINE_TRY(ensure_table(db, "iceberg_namespace_properties", NAMESPACES_SCHEMA, error));
    SEINE_TRY(seine_db_has(db, "iceberg_tables", "iceberg_type", has_type, error));
    SEINE_TRY(seine_db_has(db, "iceberg_tables", "metadata_location", &has_location, error));
    if (!has_location)
        return seine_fail(error, SEINE_E_CONFLICT,
                          "the database has a table iceberg_tables that is no Iceberg catalog's");
    SEINE_TRY(seine_db_make_ledger(db, error));
    SEINE_TRY(seine_db_run(db, LEDGER_SCHEMA, error));
    return seine_migrate_new(db, error);
}

static seine_status fill_database(const seine_new_catalog *c, seine_db *db, seine_error *error) {
    bool has_type = false;
    SEINE_TRY(seine_catalog_tables_make(db, &has_type, error));
    return c->fill(c->context, db, has_type, error);
}

/* ---- where ---- */

/* Other programs' forms of an address are no paths: as one, their password would be kept in the lake and shown. */
static bool is_path(const char *address) {
    static const char *const marks[] = {"://", "jdbc:", "password="};
    for (const char *at = address; *at != '\0'; at++)
        for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
            if (strncasecmp(at, marks[i], strlen(marks[i])) == 0) return false;
    return true;
}

seine_status seine_new_catalog_check(const char *lake, const char *address, seine_error *error) {
    if (address != NULL && !seine_db_is_remote(address) && !is_path(address))
        return seine_fail(error, SEINE_E_USAGE,
                          "a catalog outside of the lake is postgresql://USER@HOST:PORT/DATABASE or a file of this "
                          "machine: the one given is an address of another form");
    if (address == NULL && seine_is_address(lake))
        return seine_fail(error, SEINE_E_USAGE,
                          "%s: a catalog cannot lie in a bucket: say where it is to be, by --catalog or SEINE_CATALOG",
                          lake);
    return SEINE_OK;
}

/* The lake that a database says it is of. */
typedef struct owner {
    seine_arena *arena;
    const char *path; /* NULL = it does not tell */
} owner;

static seine_status read_path(void *context, const seine_db_value *columns, seine_error *error) {
    owner *o = context;
    const char *path = columns[0].kind == SEINE_DB_TEXT ? columns[0].text : "";
    o->path = seine_arena_copy(o->arena, path, strlen(path));
    return o->path != NULL ? SEINE_OK : no_memory(error);
}

/* Whether the database has a ledger, and whose. */
static seine_status find_owner(const seine_new_catalog *c, seine_db *db, bool *is_taken, owner *found,
                               seine_error *error) {
    int64_t format = 0;
    *found = (owner){.arena = c->arena};
    SEINE_TRY(seine_db_format(db, &format, error));
    *is_taken = format > 0;
    if (!*is_taken) return SEINE_OK;
    return seine_db_query(db, "SELECT value FROM seine_setting WHERE key = 'path'", NULL, 0, read_path, found, error);
}

static seine_status is_there(const seine_new_catalog *c, seine_error *error) {
    return seine_fail(error, SEINE_E_EXISTS, "%s is a lake already", c->lake);
}

/* The database has a lake of the name: this very one, whose making was interrupted, or another. */
static seine_status check_remote(const seine_new_catalog *c, seine_db *db, seine_error *error) {
    bool is_taken = false;
    owner found;
    SEINE_TRY(find_owner(c, db, &is_taken, &found, error));
    if (!is_taken) return SEINE_OK;
    if (found.path != NULL && strcmp(found.path, c->lake) == 0) return is_there(c, error);
    return seine_fail(error, SEINE_E_CONFLICT,
                      "the database has a lake %s already, in %s; give this one another name: --catalog"
                      " 'postgresql://…?catalog_name=NAME'",
                      seine_db_catalog_name(db), found.path != NULL ? found.path : "another place");
}

/* A file is there under the name: of this lake, or whatever else. What may be another program's is not even opened:
 * that would change it. */
static seine_status check_file(const seine_new_catalog *c, seine_error *error) {
    seine_db *db = NULL;
    bool is_taken = false;
    owner found = {.path = NULL};
    seine_status status = c->goes_on ? seine_db_open(c->db_path, false, &db, NULL) : SEINE_E_EXISTS;
    if (status == SEINE_OK) status = find_owner(c, db, &is_taken, &found, NULL);
    seine_db_close(db);
    if (status == SEINE_E_NOMEM) return no_memory(error);
    if (status == SEINE_OK && found.path != NULL && strcmp(found.path, c->lake) == 0) return is_there(c, error);
    return seine_fail(error, SEINE_E_USAGE, "%s is there already: name another file with --catalog", c->db_path);
}

seine_status seine_new_catalog_place(seine_new_catalog *c, seine_error *error) {
    char *absolute = NULL;
    c->file = seine_file_join(c->arena, c->lake, c->address != NULL ? SEINE_CATALOG_ADDRESS_FILE : SEINE_CATALOG_FILE);
    if (c->file == NULL) return no_memory(error);
    if (c->address != NULL && seine_db_is_remote(c->address)) {
        seine_db *db = NULL;
        SEINE_TRY(seine_db_open(c->address, false, &db, error));
        const seine_status status = check_remote(c, db, error);
        seine_db_close(db);
        return status;
    }
    c->db_path = c->file;
    if (c->address == NULL) return SEINE_OK;
    SEINE_TRY(seine_file_absolute(c->address, c->arena, &absolute, error));
    c->db_path = absolute;
    if (seine_file_exists(absolute)) return check_file(c, error);
    return seine_file_make_parent(absolute, error);
}

/* ---- a file ---- */

static seine_status fill_file(const seine_new_catalog *c, seine_db *db, seine_error *error) {
    SEINE_TRY(seine_db_begin(db, error));
    SEINE_TRY(fill_database(c, db, error));
    SEINE_TRY(seine_db_commit(db, error));
    return seine_db_finish(db, error);
}

/* Of a file that is not in the folder: with this one there is a lake. */
static seine_status write_address(seine_new_catalog *c, seine_error *error) {
    const char *line = seine_arena_printf(c->arena, "%s\n", c->db_path);
    if (line == NULL) return no_memory(error);
    const seine_status status = seine_file_write(c->file, line, strlen(line), SEINE_FILE_NEW, error);
    /* A store that gives no answer may have taken it all the same: then there is a lake, which keeps its files. */
    c->may_be_there = status != SEINE_OK && status != SEINE_E_EXISTS && seine_is_address(c->file);
    if (status != SEINE_OK && !c->may_be_there) seine_best_effort(seine_file_remove(c->db_path, NULL));
    return status == SEINE_E_EXISTS ? is_there(c, error) : status;
}

static seine_status write_file(seine_new_catalog *c, seine_error *error) {
    char *temp = seine_file_temp_name(c->arena, c->db_path);
    if (temp == NULL) return no_memory(error);
    seine_db *db = NULL;
    seine_status status = seine_db_open(temp, true, &db, error);
    if (status == SEINE_OK) status = fill_file(c, db, error);
    seine_db_close(db);
    if (status == SEINE_OK) {
        status = seine_file_publish(temp, c->db_path, NULL, SEINE_FILE_NEW, error);
        if (status == SEINE_OK && c->db_path != c->file) return write_address(c, error);
        return status == SEINE_E_EXISTS ? is_there(c, error) : status;
    }
    static const char *const endings[] = {"", "-journal", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const char *path = seine_arena_printf(c->arena, "%s%s", temp, endings[i]);
        if (path != NULL) seine_best_effort(seine_file_remove(path, NULL));
    }
    return status;
}

/* ---- a server ---- */

static seine_status fill_remote(seine_new_catalog *c, seine_db *db, seine_error *error) {
    char id[37];
    SEINE_TRY(seine_uuid4(id, error));
    SEINE_TRY(seine_db_begin(db, error));
    seine_error why = {0};
    seine_status status = fill_database(c, db, &why);
    if (status == SEINE_OK) status = seine_transaction_end(db, c->address, id, &why);
    /* Whoever made it meanwhile, and tables of the lake's name that are another program's. */
    if (status == SEINE_E_EXISTS) status = SEINE_E_CONFLICT;
    seine_db_roll_back(db);
    c->may_be_there = status == SEINE_OK || status == SEINE_E_UNKNOWN;
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "%s", why.text);
}

seine_status seine_new_catalog_rehearse(seine_new_catalog *c, seine_error *error) {
    seine_db *db = NULL;
    bool has_type = false;
    if (c->db_path != NULL) return SEINE_OK;
    SEINE_TRY(seine_db_open(c->address, false, &db, error));
    seine_status status = seine_db_begin(db, error);
    if (status == SEINE_OK) status = seine_catalog_tables_make(db, &has_type, error);
    seine_db_roll_back(db);
    seine_db_close(db);
    return status;
}

/* The file comes last: with it the folder is a lake. */
static seine_status write_remote(seine_new_catalog *c, seine_error *error) {
    seine_db *db = NULL;
    const char *kept = NULL, *line = NULL;
    SEINE_TRY(seine_db_address(c->address, c->arena, &kept, error));
    line = seine_arena_printf(c->arena, "%s\n", kept);
    if (line == NULL) return no_memory(error);
    SEINE_TRY(seine_db_open(c->address, false, &db, error));
    const seine_status there = check_remote(c, db, error);
    seine_status status = there == SEINE_OK ? fill_remote(c, db, error) : there;
    seine_db_close(db);
    if (status != SEINE_OK && status != SEINE_E_EXISTS) return status;
    status = seine_file_write(c->file, line, strlen(line), SEINE_FILE_NEW, error);
    return status == SEINE_OK ? there : status;
}

seine_status seine_new_catalog_appear(seine_new_catalog *c, seine_error *error) {
    if (c->db_path == NULL) return write_remote(c, error);
    if (c->db_path == c->file || !c->goes_on || !seine_file_exists(c->db_path)) return write_file(c, error);
    SEINE_TRY(write_address(c, error));
    return is_there(c, error);
}
