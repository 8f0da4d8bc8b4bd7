/* Statements of SQLite, and its result codes sorted by what the caller does about them. */
#include "table/db/sqlite/sqlite.h"

#include "io/clock.h"
#include "io/file.h"

#include <time.h>

#define WAIT_NS 20000000

seine_status seine_sqlite_status_of(int code) {
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return SEINE_E_BUSY;
    case SQLITE_NOMEM: return SEINE_E_NOMEM;
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL: return SEINE_E_IO;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return SEINE_E_FORMAT;
    case SQLITE_CONSTRAINT: return SEINE_E_EXISTS;
    default: return SEINE_E_INTERNAL;
    }
}

/* The lake's folder, which is what the user gave. */
static seine_status deny(const seine_sqlite *db, seine_error *error) {
    const char *path = sqlite3_db_filename(db->handle, "main");
    const char *name = path != NULL ? seine_file_name(path) : NULL;
    const int folder = name != NULL && name > path + 1 ? (int)(name - path) - 1 : 0;
    return seine_fail(error, SEINE_E_IO, "no permission to write %.*s", folder, path != NULL ? path : "");
}

seine_status seine_sqlite_fail(const seine_sqlite *db, int code, seine_error *error) {
    const char *path = sqlite3_db_filename(db->handle, "main");
    const seine_status status = seine_sqlite_status_of(code);
    if ((code & 0xff) == SQLITE_READONLY && code != SQLITE_READONLY_DBMOVED) return deny(db, error);
    return seine_fail(error, status, "catalog %s%s: %s", path != NULL ? path : "",
                      status == SEINE_E_BUSY ? " is locked by somebody else" : "", sqlite3_errmsg(db->handle));
}

seine_status seine_sqlite_run(seine_db *base, const char *sql, seine_error *error) {
    seine_sqlite *db = seine_sqlite_of(base);
    const int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? SEINE_OK : seine_sqlite_fail(db, code, error);
}

/* SQLite waits by itself in each try; this is for how many there are, and for locks that it reports at once. */
seine_status seine_sqlite_insist(seine_sqlite *db, const char *sql, seine_error *error) {
    const int64_t end_us = seine_clock_monotonic_us() + SEINE_DB_WAIT_SECONDS * INT64_C(1000000);
    for (;;) {
        const int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
        if (code == SQLITE_OK) return SEINE_OK;
        if (seine_sqlite_status_of(code) != SEINE_E_BUSY || seine_clock_monotonic_us() >= end_us)
            return seine_sqlite_fail(db, code, error);
        (void)nanosleep(&(struct timespec){.tv_nsec = WAIT_NS}, NULL);
    }
}

bool seine_sqlite_in_transaction(const seine_db *db) {
    return sqlite3_get_autocommit(((const seine_sqlite *)db)->handle) == 0;
}

/* ---- compiled statements ---- */

/* A commit runs the same few statements row by row, and compiling one takes longer than a row. One that runs is out of
 * the collection, so that it may be run again meanwhile. */
static sqlite3_stmt *take_kept(seine_sqlite *db, const char *sql) {
    for (size_t i = 0; i < SEINE_STATEMENTS_KEPT; i++) {
        sqlite3_stmt *statement = db->kept[i];
        if (statement == NULL || strcmp(sqlite3_sql(statement), sql) != 0) continue;
        db->kept[i] = NULL;
        return statement;
    }
    return NULL;
}

static size_t find_place(seine_sqlite *db) {
    for (size_t i = 0; i < SEINE_STATEMENTS_KEPT; i++)
        if (db->kept[i] == NULL) return i;
    return db->next_given_up++ % SEINE_STATEMENTS_KEPT;
}

/* One that failed is not kept. */
static void put_back(seine_sqlite *db, sqlite3_stmt *statement, bool is_kept) {
    if (is_kept && sqlite3_reset(statement) == SQLITE_OK) {
        const size_t place = find_place(db);
        sqlite3_stmt *former = db->kept[place];
        (void)sqlite3_clear_bindings(statement); /* they belong to the caller */
        db->kept[place] = statement;
        statement = former;
    }
    (void)sqlite3_finalize(statement);
}

void seine_sqlite_forget_statements(seine_sqlite *db) {
    for (size_t i = 0; i < SEINE_STATEMENTS_KEPT; i++) {
        (void)sqlite3_finalize(db->kept[i]);
        db->kept[i] = NULL;
    }
}

/* ---- running them ---- */

static int bind(sqlite3_stmt *statement, int at, const seine_db_value *value) {
    switch (value->kind) {
    case SEINE_DB_INT: return sqlite3_bind_int64(statement, at, value->integer);
    case SEINE_DB_TEXT: return sqlite3_bind_text(statement, at, value->text, -1, SQLITE_STATIC);
    default: return sqlite3_bind_null(statement, at);
    }
}

static int prepare(seine_sqlite *db, const char *sql, const seine_db_value *params, size_t count,
                   sqlite3_stmt **statement) {
    *statement = take_kept(db, sql);
    int code = *statement != NULL ? SQLITE_OK
                                  : sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL);
    for (size_t i = 0; i < count && code == SQLITE_OK; i++) code = bind(*statement, (int)i + 1, &params[i]);
    return code;
}

seine_status seine_sqlite_change(seine_db *base, const char *sql, const seine_db_value *params, size_t count,
                                 int64_t *changed, seine_error *error) {
    seine_sqlite *db = seine_sqlite_of(base);
    sqlite3_stmt *statement = NULL;
    int code = prepare(db, sql, params, count, &statement);
    while (code == SQLITE_OK || code == SQLITE_ROW) code = sqlite3_step(statement);
    const seine_status status = code == SQLITE_DONE ? SEINE_OK : seine_sqlite_fail(db, code, error);
    if (changed != NULL) *changed = sqlite3_changes(db->handle);
    /* A statement that failed half-way took its changes back, but their sums are there: only a rollback is left. */
    if (status != SEINE_OK && seine_sqlite_in_transaction(base)) db->seals.failed = true;
    put_back(db, statement, status == SEINE_OK);
    return status;
}

/* @return SQLITE_OK or SQLITE_NOMEM. */
static int read_columns(sqlite3_stmt *statement, seine_db_value columns[SEINE_DB_COLUMNS_MAX]) {
    const int count = sqlite3_column_count(statement);
    for (int i = 0; i < count && i < SEINE_DB_COLUMNS_MAX; i++) {
        const int type = sqlite3_column_type(statement, i);
        if (type == SQLITE_NULL)
            columns[i] = seine_db_null();
        else if (type == SQLITE_INTEGER)
            columns[i] = seine_db_int(sqlite3_column_int64(statement, i));
        else
            columns[i] = seine_db_text((const char *)sqlite3_column_text(statement, i));
        if (columns[i].kind != SEINE_DB_TEXT || columns[i].text != NULL) continue;
        if ((sqlite3_errcode(sqlite3_db_handle(statement)) & 0xff) == SQLITE_NOMEM) return SQLITE_NOMEM;
        columns[i].text = ""; /* bytes that are none */
    }
    return SQLITE_OK;
}

seine_status seine_sqlite_query(seine_db *base, const char *sql, const char *const *params, size_t count,
                                seine_db_row_fn row, void *context, seine_error *error) {
    seine_sqlite *db = seine_sqlite_of(base);
    sqlite3_stmt *statement = NULL;
    int code = prepare(db, sql, NULL, 0, &statement);
    if (code == SQLITE_OK && sqlite3_column_count(statement) > SEINE_DB_COLUMNS_MAX) code = SQLITE_TOOBIG;
    for (size_t i = 0; i < count && code == SQLITE_OK; i++)
        code = sqlite3_bind_text(statement, (int)i + 1, params[i], -1, SQLITE_STATIC);
    seine_status status = SEINE_OK;
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    while (code == SQLITE_ROW && status == SEINE_OK) {
        seine_db_value columns[SEINE_DB_COLUMNS_MAX];
        code = read_columns(statement, columns);
        if (code == SQLITE_OK) status = row(context, columns, error);
        if (code == SQLITE_OK && status == SEINE_OK) code = sqlite3_step(statement);
    }
    if (status == SEINE_OK && code != SQLITE_DONE) status = seine_sqlite_fail(db, code, error);
    put_back(db, statement, status == SEINE_OK);
    return status;
}
