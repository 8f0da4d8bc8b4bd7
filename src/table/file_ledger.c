/* What lies below the tables, file by file, and the tables themselves. */
#include "table/file_ledger.h"

#include "base/array.h"
#include "base/try.h"
#include "table/commit.h"
#include "table/migrate.h"

const char *seine_file_ledger_name(const char *lake, const char *path) {
    const size_t size = strlen(lake);
    return strncmp(path, lake, size) == 0 && path[size] == '/' ? path + size + 1 : path;
}

/* ---- files ---- */

seine_status seine_ledger_put_file(seine_commit *commit, const char *path, int64_t bytes, seine_hash128 checksum,
                                   seine_error *error) {
    char hex[33];
    seine_hash128_hex(checksum, hex);
    const seine_db_value row[] = {seine_db_text(seine_file_ledger_name(commit->catalog->lake, path)),
                                  seine_db_int(bytes), seine_db_text(hex)};
    return seine_commit_queue(commit, SEINE_FILE_INSERT, row, sizeof row / sizeof row[0], error);
}

seine_status seine_ledger_drop_file(seine_commit *commit, const char *path, seine_error *error) {
    const seine_db_value row[] = {seine_db_text(seine_file_ledger_name(commit->catalog->lake, path))};
    return seine_commit_queue(commit, "DELETE FROM seine_file WHERE path = ?1", row, 1, error);
}

seine_status seine_file_rows_drop_below(seine_catalog *catalog, const char *folder, seine_error *error) {
    seine_arena arena = {0};
    const char *name = seine_file_ledger_name(catalog->lake, folder);
    /* '0' follows '/': every path below the folder lies between the two. */
    const char *first = seine_arena_printf(&arena, "%s/", name), *end = seine_arena_printf(&arena, "%s0", name);
    const seine_db_value row[] = {seine_db_text(first), seine_db_text(end)};
    const seine_status status =
        first == NULL || end == NULL
            ? seine_no_memory(error, "ledger")
            : seine_db_change(catalog->db, "DELETE FROM seine_file WHERE path >= ?1 AND path < ?2", row, 2, NULL,
                              error);
    seine_arena_free(&arena);
    return status;
}

seine_status seine_file_row_put(seine_db *db, const char *lake, const char *path, const seine_buf *bytes,
                                seine_error *error) {
    char hex[33];
    seine_hash128_hex(seine_hash128_of(bytes->data, bytes->size), hex);
    const seine_db_value row[] = {seine_db_text(seine_file_ledger_name(lake, path)), seine_db_int((int64_t)bytes->size),
                                  seine_db_text(hex)};
    return seine_db_change(db, SEINE_FILE_INSERT, row, sizeof row / sizeof row[0], NULL, error);
}

typedef struct reader {
    seine_arena *arena;
    seine_arena_list rows;
    const char *catalog_name; /* of tables */
} reader;

static seine_status read_file(void *context, const seine_db_value *c, seine_error *error) {
    reader *r = context;
    seine_file_row *row = seine_arena_list_add(&r->rows, r->arena, sizeof *row);
    if (row == NULL) return seine_no_memory(error, "ledger");
    const char *path = c[0].kind == SEINE_DB_TEXT ? c[0].text : "";
    row->path = seine_arena_copy(r->arena, path, strlen(path));
    row->bytes = c[1].integer;
    if (row->path == NULL) return seine_no_memory(error, "ledger");
    if (c[2].kind == SEINE_DB_TEXT && seine_hash128_parse(seine_str_of(c[2].text), &row->checksum)) return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT, "ledger: the checksum of %s is damaged", row->path);
}

seine_status seine_ledger_files(seine_catalog *catalog, seine_arena *arena, seine_file_row **rows, size_t *count,
                                seine_error *error) {
    reader r = {.arena = arena};
    seine_status status = SEINE_OK;
    if (catalog->format >= SEINE_FORMAT_SEALED)
        status = seine_db_query(catalog->db, "SELECT path, bytes, checksum FROM seine_file ORDER BY path", NULL, 0,
                                read_file, &r, error);
    *rows = r.rows.items;
    *count = r.rows.count;
    return status;
}

static seine_status note_one(void *context, const seine_db_value *columns, seine_error *error) {
    (void)columns, (void)error;
    *(bool *)context = true;
    return SEINE_OK;
}

seine_status seine_ledger_has_file(seine_catalog *catalog, const char *name, bool *is_there, seine_error *error) {
    *is_there = false;
    return seine_db_query(catalog->db, "SELECT 1 FROM seine_file WHERE path = ?1", &name, 1, note_one, is_there, error);
}

/* ---- tables ---- */

typedef struct table_row {
    const char *space, *name; /* "silver", "ais" */
    seine_hash128 hash;
} table_row;

static seine_status read_table(void *context, const seine_db_value *c, seine_error *error) {
    reader *r = context;
    const char *name = c[0].kind == SEINE_DB_TEXT ? c[0].text : "";
    const size_t skipped = strlen(r->catalog_name) + 1;
    const char *dot = strrchr(name, '.');
    if (strncmp(name, r->catalog_name, skipped - 1) != 0 || name[skipped - 1] != '.' || dot < name + skipped)
        return SEINE_OK; /* of another catalog */
    table_row *row = seine_arena_list_add(&r->rows, r->arena, sizeof *row);
    if (row == NULL) return seine_no_memory(error, "ledger");
    row->space = seine_arena_copy(r->arena, name + skipped, (size_t)(dot - name) - skipped);
    row->name = seine_arena_copy(r->arena, dot + 1, strlen(dot + 1));
    if (row->space == NULL || row->name == NULL) return seine_no_memory(error, "ledger");
    if (c[1].kind == SEINE_DB_TEXT && seine_hash128_parse(seine_str_of(c[1].text), &row->hash)) return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT, "ledger: the hash of table %s is damaged", name);
}

static seine_status look_up(seine_catalog *catalog, seine_arena *arena, const table_row *row, seine_known_table *known,
                            seine_error *error) {
    seine_hash128 hash = {0, 0};
    const char *const params[] = {seine_db_catalog_name(catalog->db), row->space, row->name};
    known->name = seine_arena_printf(arena, "%s.%s", row->space, row->name);
    if (known->name == NULL) return seine_no_memory(error, "ledger");
    const seine_status status = seine_db_row_hash(catalog->db,
                                                  "SELECT * FROM iceberg_tables WHERE catalog_name = ?1"
                                                  " AND table_namespace = ?2 AND table_name = ?3",
                                                  params, 3, &known->is_there, &hash, error);
    known->is_same = known->is_there && seine_hash128_equal(hash, row->hash);
    return status;
}

seine_status seine_ledger_tables(seine_catalog *catalog, seine_arena *arena, seine_known_table **tables, size_t *count,
                                 seine_error *error) {
    reader r = {.arena = arena, .catalog_name = seine_db_catalog_name(catalog->db)};
    *tables = NULL;
    *count = 0;
    if (catalog->format < SEINE_FORMAT_SEALED) return SEINE_OK;
    seine_status status =
        seine_db_query(catalog->db, "SELECT name, hash FROM seine_table ORDER BY name", NULL, 0, read_table, &r, error);
    if (status == SEINE_OK) *tables = SEINE_ARENA_ARRAY(arena, seine_known_table, r.rows.count + 1);
    if (status == SEINE_OK && *tables == NULL) return seine_no_memory(error, "ledger");
    const table_row *rows = r.rows.items;
    for (; status == SEINE_OK && *count < r.rows.count; (*count)++)
        status = look_up(catalog, arena, &rows[*count], &(*tables)[*count], error);
    return status;
}
