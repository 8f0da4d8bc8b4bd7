/*
 * Seals: per ledger table the number of its rows and the sum of their hashes, kept in seine_seal by the transaction
 * that changes the rows. SQLite tells of every change before it is made, whatever statement makes it; so no writer has
 * to think of it, and the cost is that of the rows that change. Sums are order-free and can be taken from again.
 *
 *     change of a row → sums in memory → seine_db_commit: added to seine_seal → COMMIT
 *     any other COMMIT while there are sums in memory is refused by SQLite itself
 *
 * Rows of iceberg_tables: db/pointer_seal.c.
 */
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include "base/try.h"
#include "table/db/sqlite/sqlite.h"

#include <stdio.h>
#include <stdlib.h>

#define TABLE_COLUMNS 3 /* of iceberg_tables that name the row: catalog_name, table_namespace, table_name */

/* ---- hash of a row ---- */

static void put_value(seine_row_hash *row, sqlite3_value *value) {
    if (value == NULL) {
        row->failed = true;
        return;
    }
    const int type = sqlite3_value_type(value);
    if (type == SQLITE_INTEGER) {
        const int64_t number = sqlite3_value_int64(value);
        seine_row_hash_add(row, (uint64_t)type, &number, sizeof number);
    } else if (type == SQLITE_NULL) {
        seine_row_hash_add(row, (uint64_t)type, NULL, 0);
    } else {
        const void *bytes = sqlite3_value_blob(value);
        const size_t size = (size_t)sqlite3_value_bytes(value);
        row->failed = row->failed || (bytes == NULL && size > 0); /* out of memory */
        seine_row_hash_add(row, (uint64_t)type, bytes != NULL ? bytes : "", bytes != NULL ? size : 0);
    }
}

/* ---- what changed ---- */

/* Whether rows of the table are sealed: leases come and go by themselves, the seals are summed up already. */
static bool is_sealed(const char *table) {
    return strncmp(table, "seine_", 6) == 0 && strcmp(table, "seine_seal") != 0 && strcmp(table, "seine_lease") != 0;
}

static seine_seal *seal_of(seine_seals *seals, const char *table) {
    for (size_t i = 0; i < seals->count; i++)
        if (strcmp(seals->seals[i].table, table) == 0) return &seals->seals[i];
    if (seals->count == SEINE_SEALS_MAX || strlen(table) >= sizeof seals->seals[0].table) return NULL;
    seine_seal *seal = &seals->seals[seals->count++];
    *seal = (seine_seal){.rows = 0};
    (void)snprintf(seal->table, sizeof seal->table, "%s", table);
    return seal;
}

typedef int (*value_fn)(sqlite3 *, int, sqlite3_value **);

static seine_row_hash row_of(sqlite3 *handle, value_fn take) {
    seine_row_hash row = {.count = 0};
    const int count = sqlite3_preupdate_count(handle);
    for (int i = 0; i < count; i++) {
        sqlite3_value *value = NULL;
        if (take(handle, i, &value) != SQLITE_OK) row.failed = true;
        put_value(&row, value);
    }
    return row;
}

static void count_row(seine_seals *seals, const char *table, const seine_row_hash *row, bool is_new) {
    seine_seal *seal = seal_of(seals, table);
    if (seal == NULL || row->failed) {
        seals->failed = true;
        return;
    }
    const seine_hash128 hash = seine_row_hash_end(row);
    seal->rows += is_new ? 1 : -1;
    seal->sum = is_new ? seine_hash128_add(seal->sum, hash) : seine_hash128_sub(seal->sum, hash);
}

/* Which row of iceberg_tables: "seine.silver.ais". Those of rows that are renamed keep their old name and are missed.
 */
static void note_table(seine_seals *seals, sqlite3 *handle, int operation) {
    const value_fn take = operation == SQLITE_DELETE ? sqlite3_preupdate_old : sqlite3_preupdate_new;
    const char *names[TABLE_COLUMNS];
    for (int i = 0; i < TABLE_COLUMNS; i++) {
        sqlite3_value *value = NULL;
        names[i] = take(handle, i, &value) == SQLITE_OK ? (const char *)sqlite3_value_text(value) : NULL;
        if (names[i] == NULL) seals->failed = true;
        if (names[i] == NULL) return;
    }
    const seine_row_hash row =
        operation == SQLITE_DELETE ? (seine_row_hash){.count = 0} : row_of(handle, sqlite3_preupdate_new);
    static const seine_pointer_operation operations[] = {SEINE_POINTER_PUT, SEINE_POINTER_SWAP, SEINE_POINTER_DROP};
    const seine_pointer_operation meant = operations[operation == SQLITE_INSERT   ? 0
                                                     : operation == SQLITE_UPDATE ? 1
                                                                                  : 2];
    if (row.failed || !seine_pointer_seals_add(&seals->pointers, meant, names, seine_row_hash_end(&row)))
        seals->failed = true;
}

static void before_change(void *context, sqlite3 *handle, int operation, const char *database, const char *table,
                          sqlite3_int64 old_row, sqlite3_int64 new_row) {
    (void)database, (void)old_row, (void)new_row;
    seine_seals *seals = context;
    if (strcmp(table, "iceberg_tables") == 0) note_table(seals, handle, operation);
    if (!is_sealed(table)) return;
    if (operation != SQLITE_INSERT) {
        const seine_row_hash row = row_of(handle, sqlite3_preupdate_old);
        count_row(seals, table, &row, false);
    }
    if (operation != SQLITE_DELETE) {
        const seine_row_hash row = row_of(handle, sqlite3_preupdate_new);
        count_row(seals, table, &row, true);
    }
}

static void forget(seine_seals *seals) {
    seine_pointer_seals_clear(&seals->pointers);
    seals->count = 0;
    seals->failed = false;
}

static void after_rollback(void *context) { forget(context); }

static int before_commit(void *context) {
    const seine_seals *seals = context;
    return seals->count > 0 || seals->pointers.first != NULL || seals->failed;
}

void seine_seals_begin(seine_sqlite *db) {
    forget(&db->seals);
    (void)sqlite3_preupdate_hook(db->handle, before_change, &db->seals);
    (void)sqlite3_rollback_hook(db->handle, after_rollback, &db->seals);
    (void)sqlite3_commit_hook(db->handle, before_commit, &db->seals);
}

void seine_seals_end(seine_sqlite *db) { forget(&db->seals); }

/* ---- writing them down ---- */

typedef struct stored_seal {
    int64_t rows;
    seine_hash128 sum;
} stored_seal;

static seine_status read_seal(void *context, const seine_db_value *columns, seine_error *error) {
    stored_seal *seal = context;
    seal->rows = columns[0].integer;
    if (columns[1].kind == SEINE_DB_TEXT && seine_hash128_parse(seine_str_of(columns[1].text), &seal->sum))
        return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT, "catalog: a seal is damaged; run seine verify");
}

static seine_status write_seal(seine_db *db, const seine_seal *seal, seine_error *error) {
    stored_seal stored = {0};
    const char *table = seal->table;
    SEINE_TRY(seine_db_query(db, "SELECT rows, sum FROM seine_seal WHERE table_name = ?1", &table, 1, read_seal,
                             &stored, error));
    char hex[33];
    seine_hash128_hex(seine_hash128_add(stored.sum, seal->sum), hex);
    const seine_db_value row[] = {seine_db_text(table), seine_db_int(stored.rows + seal->rows), seine_db_text(hex)};
    return seine_db_change(db,
                           "INSERT INTO seine_seal(table_name, rows, sum) VALUES(?1, ?2, ?3)"
                           " ON CONFLICT (table_name) DO UPDATE SET rows = excluded.rows, sum = excluded.sum",
                           row, 3, NULL, error);
}

seine_status seine_sqlite_note_pointers(seine_db *base, seine_error *error) {
    seine_sqlite *db = seine_sqlite_of(base);
    SEINE_TRY(seine_pointer_seals_write(base, &db->seals.pointers, error));
    seine_pointer_seals_clear(&db->seals.pointers);
    return SEINE_OK;
}

/* A catalog of before there were seals has no table for them. */
static seine_status write_seals(seine_sqlite *db, seine_error *error) {
    bool has_seals = false;
    if (db->seals.failed)
        return seine_fail(error, SEINE_E_NOMEM, "catalog: the changed rows of the ledger could not be summed up");
    SEINE_TRY(seine_db_has(&db->db, "seine_seal", NULL, &has_seals, error));
    if (!has_seals) return SEINE_OK;
    SEINE_TRY(seine_sqlite_note_pointers(&db->db, error));
    for (size_t i = 0; i < db->seals.count; i++) SEINE_TRY(write_seal(&db->db, &db->seals.seals[i], error));
    return SEINE_OK;
}

seine_status seine_sqlite_commit(seine_db *base, seine_error *error) {
    seine_sqlite *db = seine_sqlite_of(base);
    if (before_commit(&db->seals)) SEINE_TRY(write_seals(db, error));
    forget(&db->seals);
    return seine_sqlite_insist(db, "COMMIT", error);
}

/* ---- summing up whole tables ---- */

static seine_status sum_table(seine_sqlite *db, const char *table, seine_seal *seal, seine_error *error) {
    sqlite3_stmt *statement = NULL;
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", table);
    *seal = (seine_seal){.rows = 0};
    (void)snprintf(seal->table, sizeof seal->table, "%s", table);
    if (sql == NULL) return seine_fail(error, SEINE_E_NOMEM, "catalog: out of memory");
    int code = sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL);
    sqlite3_free(sql);
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    bool failed = false;
    for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
        seine_row_hash row = {.count = 0};
        for (int i = 0; i < sqlite3_column_count(statement); i++) put_value(&row, sqlite3_column_value(statement, i));
        seal->sum = seine_hash128_add(seal->sum, seine_row_hash_end(&row));
        seal->rows++;
        failed = failed || row.failed;
    }
    seine_status status = code == SQLITE_DONE ? SEINE_OK : seine_sqlite_fail(db, code, error);
    if (status == SEINE_OK && failed) status = seine_fail(error, SEINE_E_NOMEM, "catalog: out of memory");
    (void)sqlite3_finalize(statement);
    return status;
}

typedef struct table_names {
    char names[SEINE_SEALS_MAX][sizeof((seine_seal *)0)->table];
    size_t count;
} table_names;

static seine_status read_name(void *context, const seine_db_value *columns, seine_error *error) {
    table_names *names = context;
    const char *name = columns[0].text;
    if (!is_sealed(name)) return SEINE_OK;
    if (names->count == SEINE_SEALS_MAX || strlen(name) >= sizeof names->names[0])
        return seine_fail(error, SEINE_E_FORMAT, "catalog: more ledger tables than %d, or a longer name: %s",
                          SEINE_SEALS_MAX, name);
    (void)snprintf(names->names[names->count++], sizeof names->names[0], "%s", name);
    return SEINE_OK;
}

static seine_status list_sealed(seine_db *db, table_names *names, seine_error *error) {
    names->count = 0;
    return seine_db_query(db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'seine!_%' ESCAPE '!'",
                          NULL, 0, read_name, names, error);
}

seine_status seine_sqlite_seal_all(seine_db *db, seine_error *error) {
    table_names names;
    seine_status status = list_sealed(db, &names, error);
    if (status == SEINE_OK) status = seine_db_run(db, "DELETE FROM seine_seal", error);
    forget(&seine_sqlite_of(db)->seals); /* what changed so far is among the rows summed up here */
    for (size_t i = 0; i < names.count && status == SEINE_OK; i++) {
        seine_seal seal;
        status = sum_table(seine_sqlite_of(db), names.names[i], &seal, error);
        if (status == SEINE_OK) status = write_seal(db, &seal, error);
    }
    return status;
}

/* ---- checking ---- */

static seine_status check_table(seine_db *db, const char *table, seine_db_finding_fn report, void *context,
                                seine_error *error) {
    stored_seal stored = {.rows = -1};
    seine_seal seal;
    char text[200];
    seine_status status = seine_db_query(db, "SELECT rows, sum FROM seine_seal WHERE table_name = ?1", &table, 1,
                                         read_seal, &stored, error);
    if (status == SEINE_E_FORMAT) stored.rows = -1; /* damaged: as good as none */
    if (status == SEINE_OK || status == SEINE_E_FORMAT) status = sum_table(seine_sqlite_of(db), table, &seal, error);
    if (status != SEINE_OK) return status;
    if (stored.rows == seal.rows && seine_hash128_equal(stored.sum, seal.sum)) return SEINE_OK;
    (void)snprintf(text, sizeof text,
                   "catalog.db: the %lld rows of %s are not those that were written (%lld rows): changed by something"
                   " other than Seine",
                   (long long)seal.rows, table, (long long)(stored.rows < 0 ? 0 : stored.rows));
    report(context, text);
    return SEINE_OK;
}

/* Seals of tables that are not there. */
typedef struct seal_check {
    const table_names *names;
    seine_db_finding_fn report;
    void *context;
} seal_check;

static seine_status check_seal(void *context, const seine_db_value *columns, seine_error *error) {
    (void)error;
    const seal_check *check = context;
    const char *table = columns[0].kind == SEINE_DB_TEXT ? columns[0].text : "?";
    for (size_t i = 0; i < check->names->count; i++)
        if (strcmp(check->names->names[i], table) == 0) return SEINE_OK;
    char text[200];
    (void)snprintf(text, sizeof text, "catalog.db: its ledger has no table %s", table);
    check->report(check->context, text);
    return SEINE_OK;
}

seine_status seine_sqlite_check_seals(seine_db *db, seine_db_finding_fn report, void *context, seine_error *error) {
    table_names names;
    SEINE_TRY(list_sealed(db, &names, error));
    for (size_t i = 0; i < names.count; i++) SEINE_TRY(check_table(db, names.names[i], report, context, error));
    const seal_check check = {&names, report, context};
    return seine_db_query(db, "SELECT table_name FROM seine_seal", NULL, 0, check_seal, (void *)(uintptr_t)&check,
                          error);
}

/* ---- pointers ---- */

seine_status seine_sqlite_row_hash(seine_db *base, const char *sql, const char *const *params, size_t count,
                                   bool *found, seine_hash128 *hash, seine_error *error) {
    seine_sqlite *db = seine_sqlite_of(base);
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL);
    for (size_t i = 0; i < count && code == SQLITE_OK; i++)
        code = sqlite3_bind_text(statement, (int)i + 1, params[i], -1, SQLITE_STATIC);
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    seine_row_hash row = {.count = 0};
    *found = code == SQLITE_ROW;
    for (int i = 0; *found && i < sqlite3_column_count(statement); i++)
        put_value(&row, sqlite3_column_value(statement, i));
    *hash = seine_row_hash_end(&row);
    seine_status status = code == SQLITE_ROW || code == SQLITE_DONE ? SEINE_OK : seine_sqlite_fail(db, code, error);
    if (status == SEINE_OK && row.failed) status = seine_fail(error, SEINE_E_NOMEM, "catalog: out of memory");
    (void)sqlite3_finalize(statement);
    return status;
}
