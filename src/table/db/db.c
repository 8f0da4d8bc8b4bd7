/* The catalog's SQLite: opened, closed, looked at. */
#include "table/db/internal.h"

#include "io/clock.h"
#include "io/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BUSY_TIMEOUT_MS 5000

static seine_status open_handle(const char *path, int flags, seine_db **db, seine_error *error) {
    *db = NULL;
    seine_db *made = calloc(1, sizeof *made);
    if (made == NULL) return seine_fail(error, SEINE_E_NOMEM, "catalog %s: out of memory", path);
    const int code = sqlite3_open_v2(path, &made->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK) {
        const seine_status status = seine_fail(error, seine_db_status_of(code), "cannot open catalog %s: %s", path,
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

seine_status seine_db_begin(seine_db *db, seine_error *error) { return seine_db_insist(db, "BEGIN IMMEDIATE", error); }

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
