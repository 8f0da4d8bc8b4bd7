/* SQLite, and its result codes sorted by what the caller does about them. */
#include "table/db_internal.h"

#include "io/clock.h"
#include "io/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BUSY_TIMEOUT_MS 5000
#define COLUMNS_MAX 32
#define WAIT_NS 20000000

static seine_status status_of(int code) {
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
static seine_status deny(const seine_db *db, seine_error *error) {
    const char *path = sqlite3_db_filename(db->handle, "main");
    const char *name = path != NULL ? seine_file_name(path) : NULL;
    const int folder = name != NULL && name > path + 1 ? (int)(name - path) - 1 : 0;
    return seine_fail(error, SEINE_E_IO, "no permission to write %.*s", folder, path != NULL ? path : "");
}

seine_status seine_db_fail(const seine_db *db, int code, seine_error *error) {
    const char *path = sqlite3_db_filename(db->handle, "main");
    const seine_status status = status_of(code);
    if ((code & 0xff) == SQLITE_READONLY && code != SQLITE_READONLY_DBMOVED) return deny(db, error);
    return seine_fail(error, status, "catalog %s%s: %s", path != NULL ? path : "",
                      status == SEINE_E_BUSY ? " is locked by somebody else" : "", sqlite3_errmsg(db->handle));
}

static seine_status open_handle(const char *path, int flags, seine_db **db, seine_error *error) {
    *db = NULL;
    seine_db *made = calloc(1, sizeof *made);
    if (made == NULL) return seine_fail(error, SEINE_E_NOMEM, "catalog %s: out of memory", path);
    const int code = sqlite3_open_v2(path, &made->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK) {
        const seine_status status = seine_fail(error, status_of(code), "cannot open catalog %s: %s", path,
                                               made->handle != NULL ? sqlite3_errmsg(made->handle) : "out of memory");
        seine_db_close(made);
        return status;
    }
    (void)sqlite3_extended_result_codes(made->handle, 1);
    (void)sqlite3_busy_timeout(made->handle, BUSY_TIMEOUT_MS);
    seine_seals_begin(made);
    *db = made;
    return SEINE_OK;
}

/* `file:PATH?immutable=1`; NULL = out of memory. */
static char *immutable_uri(const char *path, seine_arena *arena) {
    char *uri = seine_arena_alloc(arena, 3 * strlen(path) + 32);
    if (uri == NULL) return NULL;
    char *out = uri + sprintf(uri, "file:");
    for (; *path != '\0'; path++) {
        if (strchr("?#%", *path) != NULL)
            out += sprintf(out, "%%%02X", (unsigned)(unsigned char)*path);
        else
            *out++ = *path;
    }
    (void)strcpy(out, "?immutable=1");
    return uri;
}

/* Neither the log nor its index can be made here. Without a log that holds anything the file is all there is. */
static seine_status open_still(const char *path, seine_db **db, seine_error *error) {
    seine_arena arena = {0};
    seine_file_info log;
    const char *wal = seine_arena_printf(&arena, "%s-wal", path), *uri = immutable_uri(path, &arena);
    seine_status status = wal == NULL || uri == NULL ? SEINE_E_NOMEM : seine_file_stat(wal, &log, error);
    if (status == SEINE_OK && log.kind != SEINE_FILE_NONE && log.size > 0) status = SEINE_E_IO;
    if (status == SEINE_OK) status = open_handle(uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, db, error);
    seine_arena_free(&arena);
    return status;
}

seine_status seine_db_open(const char *path, bool create, seine_db **db, seine_error *error) {
    seine_status status = open_handle(path, SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0), db, error);
    if (status != SEINE_OK || create) return status;
    int keep = 1;
    (void)sqlite3_file_control((*db)->handle, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
    const int code = sqlite3_exec((*db)->handle, "SELECT 1 FROM sqlite_master LIMIT 1", NULL, NULL, NULL);
    if ((code & 0xff) != SQLITE_CANTOPEN && (code & 0xff) != SQLITE_READONLY)
        return SEINE_OK; /* told by the first use */
    seine_db *still = NULL;
    if (open_still(path, &still, NULL) != SEINE_OK) return SEINE_OK;
    seine_db_close(*db);
    *db = still;
    return SEINE_OK;
}

bool seine_db_is_read_only(const seine_db *db) { return sqlite3_db_readonly(db->handle, "main") == 1; }

void seine_db_close(seine_db *db) {
    if (db == NULL) return;
    (void)sqlite3_finalize(db->version);
    (void)sqlite3_close(db->handle); /* rolls back */
    seine_seals_end(db);
    free(db);
}

seine_status seine_db_run(seine_db *db, const char *sql, seine_error *error) {
    const int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? SEINE_OK : seine_db_fail(db, code, error);
}

/* SQLite waits by itself in each try; this is for how many there are, and for locks that it reports at once. */
seine_status seine_db_insist(seine_db *db, const char *sql, seine_error *error) {
    const int64_t end_us = seine_clock_monotonic_us() + SEINE_DB_WAIT_SECONDS * INT64_C(1000000);
    for (;;) {
        const int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
        if (code == SQLITE_OK) return SEINE_OK;
        if (status_of(code) != SEINE_E_BUSY || seine_clock_monotonic_us() >= end_us)
            return seine_db_fail(db, code, error);
        (void)nanosleep(&(struct timespec){.tv_nsec = WAIT_NS}, NULL);
    }
}

seine_status seine_db_begin(seine_db *db, seine_error *error) { return seine_db_insist(db, "BEGIN IMMEDIATE", error); }

static int bind(sqlite3_stmt *statement, int at, const seine_db_value *value) {
    switch (value->kind) {
    case SEINE_DB_INT: return sqlite3_bind_int64(statement, at, value->integer);
    case SEINE_DB_TEXT: return sqlite3_bind_text(statement, at, value->text, -1, SQLITE_STATIC);
    default: return sqlite3_bind_null(statement, at);
    }
}

static int prepare(seine_db *db, const char *sql, const seine_db_value *params, size_t count,
                   sqlite3_stmt **statement) {
    int code = sqlite3_prepare_v2(db->handle, sql, -1, statement, NULL);
    for (size_t i = 0; i < count && code == SQLITE_OK; i++) code = bind(*statement, (int)i + 1, &params[i]);
    return code;
}

seine_status seine_db_change(seine_db *db, const char *sql, const seine_db_value *params, size_t count,
                             int64_t *changed, seine_error *error) {
    sqlite3_stmt *statement = NULL;
    int code = prepare(db, sql, params, count, &statement);
    while (code == SQLITE_OK || code == SQLITE_ROW) code = sqlite3_step(statement);
    const seine_status status = code == SQLITE_DONE ? SEINE_OK : seine_db_fail(db, code, error);
    if (changed != NULL) *changed = sqlite3_changes(db->handle);
    /* A statement that failed half-way took its changes back, but their sums are there: only a rollback is left. */
    if (status != SEINE_OK && seine_db_in_transaction(db)) db->seals.failed = true;
    (void)sqlite3_finalize(statement);
    return status;
}

/* @return SQLITE_OK or SQLITE_NOMEM. */
static int read_columns(sqlite3_stmt *statement, seine_db_value columns[COLUMNS_MAX]) {
    const int count = sqlite3_column_count(statement);
    for (int i = 0; i < count && i < COLUMNS_MAX; i++) {
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

seine_status seine_db_query(seine_db *db, const char *sql, const char *const *params, size_t count, seine_db_row_fn row,
                            void *context, seine_error *error) {
    sqlite3_stmt *statement = NULL;
    int code = prepare(db, sql, NULL, 0, &statement);
    if (code == SQLITE_OK && sqlite3_column_count(statement) > COLUMNS_MAX) code = SQLITE_TOOBIG;
    for (size_t i = 0; i < count && code == SQLITE_OK; i++)
        code = sqlite3_bind_text(statement, (int)i + 1, params[i], -1, SQLITE_STATIC);
    seine_status status = SEINE_OK;
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    while (code == SQLITE_ROW && status == SEINE_OK) {
        seine_db_value columns[COLUMNS_MAX];
        code = read_columns(statement, columns);
        if (code == SQLITE_OK) status = row(context, columns, error);
        if (code == SQLITE_OK && status == SEINE_OK) code = sqlite3_step(statement);
    }
    if (status == SEINE_OK && code != SQLITE_DONE) status = seine_db_fail(db, code, error);
    (void)sqlite3_finalize(statement);
    return status;
}

seine_status seine_db_version(seine_db *db, int64_t *version, seine_error *error) {
    int code = SQLITE_OK;
    if (db->version == NULL)
        code = sqlite3_prepare_v3(db->handle, "PRAGMA data_version", -1, SQLITE_PREPARE_PERSISTENT, &db->version, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(db->version);
    if (code == SQLITE_ROW) *version = sqlite3_column_int64(db->version, 0);
    const seine_status status = code == SQLITE_ROW ? SEINE_OK : seine_db_fail(db, code, error);
    if (db->version != NULL) (void)sqlite3_reset(db->version);
    return status;
}

static seine_status report_problem(void *context, const seine_db_value *columns, seine_error *error) {
    (void)error;
    const seine_db_finding *to = context;
    if (columns[0].kind == SEINE_DB_TEXT && strcmp(columns[0].text, "ok") == 0) return SEINE_OK;
    to->report(to->context, columns[0].kind == SEINE_DB_TEXT ? columns[0].text : "catalog.db is damaged");
    return SEINE_OK;
}

seine_status seine_db_check_pages(seine_db *db, seine_db_finding_fn report, void *context, seine_error *error) {
    seine_db_finding to = {report, context};
    return seine_db_query(db, "PRAGMA integrity_check(10)", NULL, 0, report_problem, &to, error);
}

bool seine_db_in_transaction(const seine_db *db) { return sqlite3_get_autocommit(db->handle) == 0; }
