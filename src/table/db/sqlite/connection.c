/* A catalog in a file of SQLite: opened, closed, looked at. */
#include "table/db/sqlite/sqlite.h"

#include "base/try.h"
#include "io/clock.h"
#include "io/file.h"

#include <stdio.h>
#include <stdlib.h>

#define BUSY_TIMEOUT_MS 5000

static const seine_db_kind kind;

static void close_connection(seine_db *base) {
    seine_sqlite *db = seine_sqlite_of(base);
    (void)sqlite3_finalize(db->version);
    seine_sqlite_forget_statements(db);
    (void)sqlite3_close(db->handle); /* rolls back */
    seine_seals_end(db);
    free(db);
}

static seine_status open_handle(const char *path, int flags, seine_sqlite **db, seine_error *error) {
    *db = NULL;
    seine_sqlite *made = calloc(1, sizeof *made);
    if (made == NULL) return seine_fail(error, SEINE_E_NOMEM, "catalog %s: out of memory", path);
    made->db.kind = &kind;
    seine_pointer_seals_clear(&made->seals.pointers);
    const int code = sqlite3_open_v2(path, &made->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK) {
        const seine_status status = seine_fail(error, seine_sqlite_status_of(code), "cannot open catalog %s: %s", path,
                                               made->handle != NULL ? sqlite3_errmsg(made->handle) : "out of memory");
        close_connection(&made->db);
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
static seine_status open_still(const char *path, seine_sqlite **db, seine_error *error) {
    seine_arena arena = {0};
    seine_file_info log;
    const char *wal = seine_arena_printf(&arena, "%s-wal", path), *uri = immutable_uri(path, &arena);
    seine_status status = wal == NULL || uri == NULL ? SEINE_E_NOMEM : seine_file_stat(wal, &log, error);
    if (status == SEINE_OK && log.kind != SEINE_FILE_NONE && log.size > 0) status = SEINE_E_IO;
    if (status == SEINE_OK) status = open_handle(uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, db, error);
    seine_arena_free(&arena);
    return status;
}

static seine_status open_file(const char *path, bool create, seine_sqlite **db, seine_error *error) {
    SEINE_TRY(open_handle(path, SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0), db, error));
    if (create) return SEINE_OK;
    int keep = 1;
    (void)sqlite3_file_control((*db)->handle, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
    const int code = sqlite3_exec((*db)->handle, "SELECT 1 FROM sqlite_master LIMIT 1", NULL, NULL, NULL);
    if ((code & 0xff) != SQLITE_CANTOPEN && (code & 0xff) != SQLITE_READONLY)
        return SEINE_OK; /* told by the first use */
    seine_sqlite *still = NULL;
    if (open_still(path, &still, NULL) != SEINE_OK) return SEINE_OK;
    close_connection(&(*db)->db);
    *db = still;
    return SEINE_OK;
}

static bool is_read_only(const seine_db *db) {
    return sqlite3_db_readonly(((const seine_sqlite *)db)->handle, "main") == 1;
}

/* Writers share a log; what is committed is on the disk. */
seine_status seine_sqlite_open(const char *path, bool create, seine_db **db, seine_error *error) {
    seine_sqlite *made = NULL;
    SEINE_TRY(open_file(path, create, &made, error));
    seine_status status = SEINE_OK;
    if (!create && !is_read_only(&made->db))
        status = seine_sqlite_run(&made->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", error);
    if (status == SEINE_OK)
        *db = &made->db;
    else
        close_connection(&made->db);
    return status;
}

static const char *catalog_name(const seine_db *db) {
    (void)db;
    return SEINE_DB_CATALOG_NAME;
}

/* A file answers. */
static void set_patience(seine_db *db, int seconds) { (void)db, (void)seconds; }

/* Switching to a log later could meet a lock. */
static seine_status finish(seine_db *db, seine_error *error) {
    return seine_sqlite_run(db, "PRAGMA journal_mode=WAL", error);
}

/* The file is the lake's own. */
static seine_status make_ledger(seine_db *db, seine_error *error) {
    (void)db, (void)error;
    return SEINE_OK;
}

/* Whoever opens the file has the same clock. */
static seine_status now(seine_db *db, int64_t *now_us, seine_error *error) {
    (void)db, (void)error;
    *now_us = seine_clock_now_us();
    return SEINE_OK;
}

/* ---- transactions ---- */

static seine_status begin(seine_db *db, seine_error *error) {
    return seine_sqlite_insist(seine_sqlite_of(db), "BEGIN IMMEDIATE", error);
}

static seine_status take_moment(void *context, const seine_db_value *columns, seine_error *error) {
    (void)context, (void)columns, (void)error;
    return SEINE_OK;
}

/* BEGIN alone takes no snapshot: the first reading does. */
static seine_status begin_read(seine_db *db, seine_error *error) {
    SEINE_TRY(seine_sqlite_run(db, "BEGIN", error));
    return seine_sqlite_query(db, "SELECT key FROM seine_setting LIMIT 1", NULL, 0, take_moment, NULL, error);
}

static void roll_back(seine_db *db) { seine_best_effort(seine_sqlite_run(db, "ROLLBACK", NULL)); }

/* ---- what it is ---- */

static seine_status version(seine_db *base, int64_t *number, seine_error *error) {
    seine_sqlite *db = seine_sqlite_of(base);
    int code = SQLITE_OK;
    if (db->version == NULL)
        code = sqlite3_prepare_v3(db->handle, "PRAGMA data_version", -1, SQLITE_PREPARE_PERSISTENT, &db->version, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(db->version);
    if (code == SQLITE_ROW) *number = sqlite3_column_int64(db->version, 0);
    const seine_status status = code == SQLITE_ROW ? SEINE_OK : seine_sqlite_fail(db, code, error);
    if (db->version != NULL) (void)sqlite3_reset(db->version);
    return status;
}

static seine_status read_number(void *context, const seine_db_value *columns, seine_error *error) {
    (void)error;
    *(int64_t *)context = columns[0].integer;
    return SEINE_OK;
}

static seine_status format(seine_db *db, int64_t *number, seine_error *error) {
    return seine_sqlite_query(db, "PRAGMA user_version", NULL, 0, read_number, number, error);
}

static seine_status set_format(seine_db *db, int number, seine_error *error) {
    char sql[40];
    (void)snprintf(sql, sizeof sql, "PRAGMA user_version=%d", number);
    return seine_sqlite_run(db, sql, error);
}

static seine_status has(seine_db *db, const char *table, const char *column, bool *found, seine_error *error) {
    int64_t count = 0;
    const char *const names[] = {table, column};
    const char *sql = column != NULL ? "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2"
                                     : "SELECT count(*) FROM sqlite_master WHERE name = ?1";
    const seine_status status = seine_sqlite_query(db, sql, names, column != NULL ? 2 : 1, read_number, &count, error);
    *found = count > 0;
    return status;
}

static seine_status ledger(seine_db *db, seine_db_row_fn row, void *context, seine_error *error) {
    return seine_sqlite_query(db,
                              "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c"
                              " WHERE t.type = 'table' AND t.name LIKE 'seine!_%' ESCAPE '!' ORDER BY t.name, c.cid",
                              NULL, 0, row, context, error);
}

static seine_status report_problem(void *context, const seine_db_value *columns, seine_error *error) {
    (void)error;
    const seine_db_finding *to = context;
    if (columns[0].kind == SEINE_DB_TEXT && strcmp(columns[0].text, "ok") == 0) return SEINE_OK;
    to->report(to->context, columns[0].kind == SEINE_DB_TEXT ? columns[0].text : "catalog.db is damaged");
    return SEINE_OK;
}

static seine_status check_pages(seine_db *db, seine_db_finding_fn report, void *context, seine_error *error) {
    seine_db_finding to = {report, context};
    return seine_sqlite_query(db, "PRAGMA integrity_check(10)", NULL, 0, report_problem, &to, error);
}

static const seine_db_kind kind = {
    .label = "catalog.db",
    .close = close_connection,
    .catalog_name = catalog_name,
    .is_read_only = is_read_only,
    .set_patience = set_patience,
    .finish = finish,
    .make_ledger = make_ledger,
    .now = now,
    .run = seine_sqlite_run,
    .change = seine_sqlite_change,
    .query = seine_sqlite_query,
    .has = has,
    .ledger = ledger,
    .version = version,
    .format = format,
    .set_format = set_format,
    .begin = begin,
    .begin_read = begin_read,
    .commit = seine_sqlite_commit,
    .roll_back = roll_back,
    .in_transaction = seine_sqlite_in_transaction,
    .note_pointers = seine_sqlite_note_pointers,
    .seal_all = seine_sqlite_seal_all,
    .check_pages = check_pages,
    .check_seals = seine_sqlite_check_seals,
    .row_hash = seine_sqlite_row_hash,
};
