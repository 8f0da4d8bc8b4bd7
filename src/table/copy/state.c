/*
 * The catalog's rows on their way: source → a database without a name, on this machine → target. In between they are
 * one moment of the source, which nobody waits for, and become the rows of the target.
 */
#include "base/try.h"
#include "io/clock.h"
#include "table/copy/internal.h"

#define ROWS_AT_ONCE 200

static seine_status no_memory(seine_error *error) { return seine_no_memory(error, "copying a catalog"); }

/* ---- rows of the ledger ---- */

/* Each database has its own: seals are made by the rows, leases hold for a lake; seine_table: copy_tables. */
static bool is_own(const char *table) {
    static const char *const own[] = {"seine_seal", "seine_lease", "seine_table"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strcmp(table, own[i]) == 0) return true;
    return false;
}

/* A table of the ledger: "SELECT a, b FROM t" and "INSERT INTO t(a, b) VALUES(?1, ?2)" in pieces. */
typedef struct ledger_table {
    const char *name, *columns, *marks;
    size_t count;
} ledger_table;

typedef struct rows_copy {
    seine_arena arena;
    seine_db *from, *to;
    seine_arena_list tables; /* ledger_table */
    const char *insert;
    size_t columns;   /* of it */
    seine_arena held; /* of rows that wait to be inserted together: a server answers once for all of them */
    seine_db_statement rows[ROWS_AT_ONCE];
    size_t row_count;
    seine_dict known;         /* names in seine_table of `from` */
    seine_arena_list unknown; /* const char *: names in seine_table of `to` that should not be there */
    bool has_type;            /* `to` has */
} rows_copy;

/* Names become part of statements. */
static bool is_plain(const char *name) {
    return name[0] != '\0' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static seine_status add_column(void *context, const seine_db_value *columns, seine_error *error) {
    rows_copy *r = context;
    const char *name = columns[0].text, *column = columns[1].text;
    if (is_own(name)) return SEINE_OK;
    if (!is_plain(name) || !is_plain(column))
        return seine_fail(error, SEINE_E_FORMAT,
                          "the catalog has a table %s with a column %s, which is none of Seine's", name, column);
    ledger_table *table = (ledger_table *)r->tables.items + (r->tables.count > 0 ? r->tables.count - 1 : 0);
    if (r->tables.count == 0 || strcmp(table->name, name) != 0) {
        table = seine_arena_list_add(&r->tables, &r->arena, sizeof *table);
        if (table == NULL) return no_memory(error);
        table->name = seine_arena_copy(&r->arena, name, strlen(name));
        table->columns = table->marks = "";
    }
    const char *comma = table->count > 0 ? ", " : "";
    table->count++;
    table->columns = seine_arena_printf(&r->arena, "%s%s%s", table->columns, comma, column);
    table->marks = seine_arena_printf(&r->arena, "%s%s?%zu", table->marks, comma, table->count);
    return table->name != NULL && table->columns != NULL && table->marks != NULL ? SEINE_OK : no_memory(error);
}

static seine_status flush(rows_copy *r, seine_error *error) {
    const seine_status status = r->row_count > 0 ? seine_db_change_all(r->to, r->rows, r->row_count, error) : SEINE_OK;
    r->row_count = 0;
    seine_arena_free(&r->held);
    return status;
}

static seine_status insert_row(void *context, const seine_db_value *columns, seine_error *error) {
    rows_copy *r = context;
    seine_db_value *values = SEINE_ARENA_ARRAY(&r->held, seine_db_value, r->columns);
    if (values == NULL) return no_memory(error);
    for (size_t i = 0; i < r->columns; i++) {
        values[i] = columns[i];
        if (columns[i].kind != SEINE_DB_TEXT) continue;
        values[i].text = seine_arena_copy(&r->held, columns[i].text, strlen(columns[i].text));
        if (values[i].text == NULL) return no_memory(error);
    }
    r->rows[r->row_count++] = (seine_db_statement){.sql = r->insert, .params = values, .count = r->columns};
    return r->row_count == ROWS_AT_ONCE ? flush(r, error) : SEINE_OK;
}

static seine_status copy_ledger_table(rows_copy *r, const ledger_table *table, seine_error *error) {
    const char *empty = seine_arena_printf(&r->arena, "DELETE FROM %s", table->name);
    const char *select = seine_arena_printf(&r->arena, "SELECT %s FROM %s", table->columns, table->name);
    r->insert =
        seine_arena_printf(&r->arena, "INSERT INTO %s(%s) VALUES(%s)", table->name, table->columns, table->marks);
    r->columns = table->count;
    if (empty == NULL || select == NULL || r->insert == NULL) return no_memory(error);
    SEINE_TRY(seine_db_run(r->to, empty, error)); /* a new one has its own steps of migration */
    SEINE_TRY(seine_db_query(r->from, select, NULL, 0, insert_row, r, error));
    return flush(r, error);
}

/* ---- rows of the standard tables ---- */

static seine_status note_known(void *context, const seine_db_value *columns, seine_error *error) {
    rows_copy *r = context;
    uint32_t code;
    return seine_dict_intern(&r->known, seine_str_of(columns[0].text), &code) == SEINE_OK ? SEINE_OK : no_memory(error);
}

/* Inserting a row makes it one of Seine's; one that another program put there is not. */
static seine_status note_unknown(rows_copy *r, const char *space, const char *table, seine_error *error) {
    const char *was = seine_arena_printf(&r->arena, "%s.%s.%s", seine_db_catalog_name(r->from), space, table);
    const char *is = seine_arena_printf(&r->arena, "%s.%s.%s", seine_db_catalog_name(r->to), space, table);
    if (was == NULL || is == NULL) return no_memory(error);
    if (seine_dict_find(&r->known, seine_str_of(was)) != SEINE_CODE_NULL) return SEINE_OK;
    const char **added = seine_arena_list_add(&r->unknown, &r->arena, sizeof *added);
    if (added != NULL) *added = is;
    return added != NULL ? SEINE_OK : no_memory(error);
}

static seine_status insert_table(void *context, const seine_db_value *c, seine_error *error) {
    rows_copy *r = context;
    const bool is_view = c[4].kind == SEINE_DB_TEXT && strcmp(c[4].text, "VIEW") == 0;
    const seine_db_value row[] = {seine_db_text(seine_db_catalog_name(r->to)), c[0], c[1], c[2], c[3], c[4]};
    if (is_view && !r->has_type)
        return seine_fail(error, SEINE_E_UNSUPPORTED,
                          "view %s.%s cannot be copied: iceberg_tables of the other database has no iceberg_type",
                          c[0].text, c[1].text);
    SEINE_TRY(note_unknown(r, c[0].text, c[1].text, error));
    return seine_db_change(r->to,
                           r->has_type ? "INSERT INTO iceberg_tables(catalog_name, table_namespace, table_name,"
                                         " metadata_location, previous_metadata_location, iceberg_type)"
                                         " VALUES(?1, ?2, ?3, ?4, ?5, ?6)"
                                       : "INSERT INTO iceberg_tables(catalog_name, table_namespace, table_name,"
                                         " metadata_location, previous_metadata_location)"
                                         " VALUES(?1, ?2, ?3, ?4, ?5)",
                           row, r->has_type ? 6 : 5, NULL, error);
}

static seine_status insert_namespace(void *context, const seine_db_value *c, seine_error *error) {
    const rows_copy *r = context;
    const seine_db_value row[] = {seine_db_text(seine_db_catalog_name(r->to)), c[0], c[1], c[2]};
    return seine_db_change(r->to,
                           "INSERT INTO iceberg_namespace_properties(catalog_name, namespace, property_key,"
                           " property_value) VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                           row, 4, NULL, error);
}

static seine_status copy_tables(rows_copy *r, bool from_has_type, seine_error *error) {
    const char *const own[] = {seine_db_catalog_name(r->from)};
    const char *select = from_has_type ? "SELECT table_namespace, table_name, metadata_location,"
                                         " previous_metadata_location, iceberg_type FROM iceberg_tables"
                                         " WHERE catalog_name = ?1 AND metadata_location IS NOT NULL"
                                       : "SELECT table_namespace, table_name, metadata_location,"
                                         " previous_metadata_location, NULL FROM iceberg_tables"
                                         " WHERE catalog_name = ?1 AND metadata_location IS NOT NULL";
    SEINE_TRY(seine_db_query(r->from,
                             "SELECT namespace, property_key, property_value FROM iceberg_namespace_properties"
                             " WHERE catalog_name = ?1",
                             own, 1, insert_namespace, r, error));
    SEINE_TRY(seine_db_query(r->from, "SELECT name FROM seine_table", NULL, 0, note_known, r, error));
    SEINE_TRY(seine_db_query(r->from, select, own, 1, insert_table, r, error));
    SEINE_TRY(seine_db_note_pointers(r->to, error));
    const char *const *unknown = r->unknown.items;
    for (size_t i = 0; i < r->unknown.count; i++) {
        const seine_db_value name = seine_db_text(unknown[i]);
        SEINE_TRY(seine_db_change(r->to, "DELETE FROM seine_table WHERE name = ?1", &name, 1, NULL, error));
    }
    return SEINE_OK;
}

/* All rows of a lake, into the empty tables of the open transaction of @p to. */
static seine_status copy_rows(seine_db *from, bool from_has_type, seine_db *to, bool to_has_type, seine_error *error) {
    rows_copy r = {.from = from, .to = to, .has_type = to_has_type};
    seine_status status = seine_db_ledger(from, add_column, &r, error);
    const ledger_table *tables = r.tables.items;
    for (size_t i = 0; i < r.tables.count && status == SEINE_OK; i++) status = copy_ledger_table(&r, &tables[i], error);
    if (status == SEINE_OK) status = copy_tables(&r, from_has_type, error);
    seine_dict_free(&r.known);
    seine_arena_free(&r.held);
    seine_arena_free(&r.arena);
    return status;
}

/* ---- from the source ---- */

static seine_status read_count(void *context, const seine_db_value *columns, seine_error *error) {
    (void)error;
    *(size_t *)context = (size_t)columns[0].integer;
    return SEINE_OK;
}

static seine_status take_rows(seine_copy *copy, seine_catalog *source, seine_error *error) {
    bool has_type = false;
    const char *const own[] = {seine_db_catalog_name(source->db)};
    SEINE_TRY(seine_db_begin(copy->state, error));
    SEINE_TRY(seine_catalog_tables_make(copy->state, &has_type, error));
    SEINE_TRY(copy_rows(source->db, source->has_type, copy->state, has_type, error));
    SEINE_TRY(seine_db_commit(copy->state, error));
    if (seine_db_is_remote(source->address)) return SEINE_OK; /* there they are other lakes' */
    return seine_db_query(source->db, "SELECT count(*) FROM iceberg_tables WHERE catalog_name <> ?1", own, 1,
                          read_count, &copy->report->others, error);
}

typedef struct table_reader {
    seine_copy *copy;
    seine_arena_list tables;
} table_reader;

static seine_status read_table(void *context, const seine_db_value *c, seine_error *error) {
    table_reader *r = context;
    seine_arena *arena = &r->copy->arena;
    seine_copied_table *table = seine_arena_list_add(&r->tables, arena, sizeof *table);
    if (table == NULL) return no_memory(error);
    *table = (seine_copied_table){.space = seine_arena_copy(arena, c[0].text, strlen(c[0].text)),
                                  .name = seine_arena_copy(arena, c[1].text, strlen(c[1].text)),
                                  .full_name = seine_arena_printf(arena, "%s.%s", c[0].text, c[1].text),
                                  .location = seine_arena_copy(arena, c[2].text, strlen(c[2].text))};
    const bool has_previous = c[3].kind == SEINE_DB_TEXT;
    if (has_previous) table->previous = seine_arena_copy(arena, c[3].text, strlen(c[3].text));
    const bool has_names = table->space != NULL && table->name != NULL && table->full_name != NULL;
    const bool has_places = table->location != NULL && (table->previous != NULL || !has_previous);
    return has_names && has_places ? SEINE_OK : no_memory(error);
}

/* What the plan asks for, in memory: tables, and the files that the ledger knows. */
static seine_status list_state(seine_copy *copy, seine_error *error) {
    table_reader reader = {.copy = copy};
    seine_catalog state = {.lake = copy->from, .db = copy->state, .format = SEINE_LAKE_FORMAT};
    SEINE_TRY(seine_db_query(copy->state,
                             "SELECT table_namespace, table_name, metadata_location, previous_metadata_location"
                             " FROM iceberg_tables ORDER BY 1, 2",
                             NULL, 0, read_table, &reader, error));
    copy->tables = reader.tables.items;
    copy->report->tables = copy->table_count = reader.tables.count;
    SEINE_TRY(seine_ledger_files(&state, &copy->arena, &copy->rows, &copy->row_count, error));
    for (size_t i = 0; i < copy->row_count; i++) {
        uint32_t code;
        if (seine_dict_intern(&copy->row_names, seine_str_of(copy->rows[i].path), &code) != SEINE_OK)
            return no_memory(error);
    }
    return SEINE_OK;
}

seine_status seine_copy_read_state(seine_copy *copy, seine_catalog *source, seine_error *error) {
    SEINE_TRY(seine_db_open("", true, &copy->state, error));
    SEINE_TRY(seine_catalog_read_begin(source, error));
    const seine_status status = take_rows(copy, source, error);
    seine_catalog_read_end(source);
    return status == SEINE_OK ? list_state(copy, error) : status;
}

/* ---- to the target ---- */

static seine_status turn_table(const seine_copy *copy, const seine_copied_table *table, seine_error *error) {
    const seine_db_value row[] = {seine_db_text(table->location),
                                  table->previous != NULL ? seine_db_text(table->previous) : seine_db_null(),
                                  seine_db_text(table->space), seine_db_text(table->name)};
    return seine_db_change(copy->state,
                           "UPDATE iceberg_tables SET metadata_location = ?1, previous_metadata_location = ?2"
                           " WHERE table_namespace = ?3 AND table_name = ?4",
                           row, sizeof row / sizeof row[0], NULL, error);
}

/* A file that was written anew has other bytes, and one that no snapshot needs is not in the target. */
static seine_status turn_file(const seine_copy *copy, const seine_file_row *known, seine_error *error) {
    const seine_copied_file *files = copy->files.items;
    const seine_db_value name = seine_db_text(known->path);
    const uint32_t code = seine_dict_find(&copy->names, seine_str_of(known->path));
    if (seine_file_is_absolute(known->path)) return SEINE_OK;
    if (code == SEINE_CODE_NULL)
        return seine_db_change(copy->state, "DELETE FROM seine_file WHERE path = ?1", &name, 1, NULL, error);
    if (!files[code].is_kept) return SEINE_OK;
    const seine_db_value row[] = {name, seine_db_int(files[code].bytes), seine_db_text(files[code].sum)};
    return seine_db_change(copy->state, "UPDATE seine_file SET bytes = ?2, checksum = ?3 WHERE path = ?1", row, 3, NULL,
                           error);
}

seine_status seine_copy_turn_state(seine_copy *copy, seine_error *error) {
    char id[37];
    SEINE_TRY(seine_db_begin(copy->state, error));
    for (size_t i = 0; i < copy->table_count; i++) SEINE_TRY(turn_table(copy, &copy->tables[i], error));
    for (size_t i = 0; i < copy->row_count; i++) SEINE_TRY(turn_file(copy, &copy->rows[i], error));
    SEINE_TRY(seine_db_run(
        copy->state, "DELETE FROM seine_setting WHERE key IN ('path', 'former_path', '" SEINE_LAKE_ID_SETTING "')",
        error));
    SEINE_TRY(seine_new_catalog_setting(copy->state, "path", copy->to, error));
    SEINE_TRY(seine_uuid4(id, error)); /* it is another lake */
    SEINE_TRY(seine_new_catalog_setting(copy->state, SEINE_LAKE_ID_SETTING, id, error));
    return seine_db_commit(copy->state, error);
}

seine_status seine_copy_fill(void *context, seine_db *db, bool has_type, seine_error *error) {
    const seine_copy *copy = context;
    return copy_rows(copy->state, true, db, has_type, error);
}
