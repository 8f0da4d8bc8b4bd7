/* A catalog in PostgreSQL: connected to, left, looked at. */
#include "base/try.h"
#include "table/db/postgres/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const seine_db_kind kind;

static void be_quiet(void *context, const char *message) { (void)context, (void)message; }

static void close_connection(seine_db *base) {
    seine_postgres *db = seine_postgres_of(base);
    PQfinish(db->handle); /* rolls back */
    seine_postgres_forget_prepared(db);
    free(db->prepared);
    seine_pointer_seals_clear(&db->pointers);
    seine_arena_free(&db->arena);
    free(db);
}

static seine_status connect_to(seine_postgres *db, const char *address, seine_error *error) {
    seine_postgres_address_parts parts;
    SEINE_TRY(seine_postgres_parse(address, &db->arena, &parts, error));
    db->address = parts.kept;
    db->name = parts.name;
    db->has_hosts = parts.has_hosts;
    db->connect_us = db->patience_us = parts.connect_us;
    db->schema = seine_arena_printf(&db->arena, "seine_%s", parts.name);
    if (db->schema == NULL) return seine_fail(error, SEINE_E_NOMEM, "catalog: out of memory");
    SEINE_TRY(seine_postgres_connect(db, parts.keywords, parts.values, error));
    (void)PQsetNoticeProcessor(db->handle, be_quiet, NULL);
    return seine_postgres_greet(db, error);
}

seine_status seine_postgres_open(const char *address, seine_db **db, seine_error *error) {
    seine_postgres *made = calloc(1, sizeof *made);
    if (made == NULL) return seine_fail(error, SEINE_E_NOMEM, "catalog: out of memory");
    made->db.kind = &kind;
    seine_pointer_seals_clear(&made->pointers);
    const seine_status status = connect_to(made, address, error);
    if (status == SEINE_OK)
        *db = &made->db;
    else
        close_connection(&made->db);
    return status;
}

static bool is_read_only(const seine_db *db) { return ((const seine_postgres *)db)->is_read_only; }

static const char *catalog_name(const seine_db *db) { return ((const seine_postgres *)db)->name; }

/* The next session has it of the beginning; this one's server is told, too, when it is asked next. */
static void set_patience(seine_db *base, int seconds) {
    seine_postgres *db = seine_postgres_of(base);
    char sql[64];
    db->least_us = seconds * INT64_C(1000000);
    db->patience_us = db->least_us + SEINE_POSTGRES_LATER_US;
    (void)snprintf(sql, sizeof sql, "SET statement_timeout = '%ds'", seconds);
    seine_best_effort(seine_postgres_run(base, sql, NULL));
}

static seine_status finish(seine_db *db, seine_error *error) {
    (void)db, (void)error;
    return SEINE_OK;
}

/* ---- transactions ---- */

/* Once more when the connection broke while nothing depended on it. */
static seine_status begin_with(seine_db *base, const char *sql, seine_error *error) {
    seine_postgres *db = seine_postgres_of(base);
    seine_pointer_seals_clear(&db->pointers);
    seine_status status = seine_postgres_run(base, sql, error);
    if (status == SEINE_E_AWAY && db->lost == SEINE_OK && PQstatus(db->handle) == CONNECTION_BAD)
        status = seine_postgres_run(base, sql, error);
    if (status != SEINE_OK) seine_db_roll_back(base);
    return status;
}

static seine_status begin(seine_db *db, seine_error *error) {
    bool has_ledger = false;
    SEINE_TRY(seine_db_has(db, "seine_writer", NULL, &has_ledger, error));
    /* Whoever hangs with the lock, or whose machine went, loses it: the others wait for no longer. */
    static const char first[] =
        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = '" SEINE_POSTGRES_DIGITS(
            SEINE_DB_WAIT_SECONDS) "s';"
                                   " SET LOCAL idle_in_transaction_session_timeout = '" SEINE_POSTGRES_DIGITS(
                                       SEINE_DB_WAIT_SECONDS) "s'";
    if (!has_ledger) return begin_with(db, first, error);
    SEINE_TRY(begin_with(db, first, error));
    const seine_status status = seine_postgres_run(db, "LOCK TABLE seine_writer IN EXCLUSIVE MODE", error);
    if (status != SEINE_OK) seine_db_roll_back(db);
    return status;
}

static seine_status take_moment(void *context, const seine_db_value *columns, seine_error *error) {
    (void)context, (void)columns, (void)error;
    return SEINE_OK;
}

/* BEGIN alone takes no snapshot: the first reading does. */
static seine_status begin_read(seine_db *db, seine_error *error) {
    SEINE_TRY(begin_with(db, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", error));
    const seine_status status =
        seine_postgres_query(db, "SELECT key FROM seine_setting LIMIT 1", NULL, 0, take_moment, NULL, error);
    if (status != SEINE_OK) seine_db_roll_back(db);
    return status;
}

/* What was lost with the connection is rolled back by the server. */
static void roll_back(seine_db *db) {
    seine_pointer_seals_clear(&seine_postgres_of(db)->pointers);
    if (PQstatus(seine_postgres_of(db)->handle) == CONNECTION_OK)
        seine_best_effort(seine_postgres_run(db, "ROLLBACK", NULL));
}

/* ---- what it is ---- */

static seine_status read_number(void *context, const seine_db_value *columns, seine_error *error) {
    (void)error;
    *(int64_t *)context = columns[0].integer;
    return SEINE_OK;
}

/* Which transactions are over and which are not yet: another state of it follows every commit, whoever committed. A
 * standby does not know that of each; there it is how far it has followed. */
static seine_status version(seine_db *db, int64_t *number, seine_error *error) {
    return seine_postgres_query(db,
                                "SELECT hashtextextended(pg_current_snapshot()::text || CASE WHEN pg_is_in_recovery()"
                                " THEN coalesce(pg_last_wal_replay_lsn()::text, '') ELSE '' END, 0)",
                                NULL, 0, read_number, number, error);
}

static seine_status now(seine_db *db, int64_t *now_us, seine_error *error) {
    return seine_postgres_query(db, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint", NULL, 0,
                                read_number, now_us, error);
}

/* A table of the ledger is looked for there alone. */
static seine_status has(seine_db *base, const char *table, const char *column, bool *found, seine_error *error) {
    char name[160];
    int64_t count = 0;
    const char *const names[] = {name, column};
    const bool is_ours = strncmp(table, "seine_", 6) == 0;
    (void)snprintf(name, sizeof name, "%s%s%s", is_ours ? seine_postgres_of(base)->schema : "", is_ours ? "." : "",
                   table);
    const char *sql = column != NULL ? "SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass(?1)"
                                       " AND attname = ?2 AND NOT attisdropped"
                                     : "SELECT count(to_regclass(?1))";
    const seine_status status =
        seine_postgres_query(base, sql, names, column != NULL ? 2 : 1, read_number, &count, error);
    *found = count > 0;
    return status;
}

/* The steps that were taken tell it. */
static seine_status format(seine_db *db, int64_t *number, seine_error *error) {
    bool is_there = false;
    *number = 0;
    SEINE_TRY(has(db, "seine_migration", NULL, &is_there, error));
    if (!is_there) return SEINE_OK;
    return seine_postgres_query(db, "SELECT coalesce(max(format), 0) FROM seine_migration", NULL, 0, read_number,
                                number, error);
}

static seine_status set_format(seine_db *db, int number, seine_error *error) {
    (void)db, (void)number, (void)error;
    return SEINE_OK;
}

/* Nobody's rows stand in the table that writers lock. */
static seine_status ledger(seine_db *db, seine_db_row_fn row, void *context, seine_error *error) {
    const char *schema = seine_postgres_of(db)->schema;
    return seine_postgres_query(db,
                                "SELECT t.relname, c.attname FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid"
                                " WHERE t.relnamespace = to_regnamespace(?1) AND t.relkind = 'r' AND c.attnum > 0"
                                " AND NOT c.attisdropped AND t.relname <> 'seine_writer' ORDER BY t.relname, c.attnum",
                                &schema, 1, row, context, error);
}

/* The server has checksums of its own for its pages, where they are turned on. */
static seine_status check_pages(seine_db *db, seine_db_finding_fn report, void *context, seine_error *error) {
    (void)db, (void)report, (void)context, (void)error;
    return SEINE_OK;
}

static const seine_db_kind kind = {
    .label = "catalog",
    .close = close_connection,
    .catalog_name = catalog_name,
    .is_read_only = is_read_only,
    .set_patience = set_patience,
    .finish = finish,
    .make_ledger = seine_postgres_make_ledger,
    .now = now,
    .run = seine_postgres_run,
    .change = seine_postgres_change,
    .change_all = seine_postgres_change_all,
    .query = seine_postgres_query,
    .has = has,
    .ledger = ledger,
    .version = version,
    .format = format,
    .set_format = set_format,
    .begin = begin,
    .begin_read = begin_read,
    .commit = seine_postgres_commit,
    .roll_back = roll_back,
    .in_transaction = seine_postgres_in_transaction,
    .note_pointers = seine_postgres_note_pointers,
    .seal_all = seine_postgres_seal_all,
    .check_pages = check_pages,
    .check_seals = seine_postgres_check_seals,
    .row_hash = seine_postgres_row_hash,
};
