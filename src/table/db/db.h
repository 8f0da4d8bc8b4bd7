/** @file table/db/db.h  The catalog's database behind a few calls. Only this folder knows SQLite and PostgreSQL. */
#ifndef SEINE_TABLE_DB_DB_H
#define SEINE_TABLE_DB_DB_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"
#include "seine/status.h"

#include <stdint.h>

/**
 * One connection; one thread at a time. Statements are of the SQL that both databases know, as SQLite writes it: ?1, ?2
 * for parameters, INTEGER for whole numbers of 64 bits, TEXT for texts that are ordered by their bytes, WITHOUT ROWID.
 */
typedef struct seine_db seine_db;

/** A parameter or column. */
typedef struct seine_db_value {
    enum { SEINE_DB_NULL, SEINE_DB_INT, SEINE_DB_TEXT } kind;
    int64_t integer;
    const char *text;
} seine_db_value;

static inline seine_db_value seine_db_null(void) { return (seine_db_value){.kind = SEINE_DB_NULL}; }
static inline seine_db_value seine_db_int(int64_t v) { return (seine_db_value){.kind = SEINE_DB_INT, .integer = v}; }
static inline seine_db_value seine_db_text(const char *v) { return (seine_db_value){.kind = SEINE_DB_TEXT, .text = v}; }

/* ---- addresses ---- */

#define SEINE_DB_CATALOG_NAME "seine" /**< catalog_name of a lake's tables unless its address says another */

/** @return whether @p address is one of PostgreSQL (postgresql://, postgres://), not the path of a file. */
bool seine_db_is_remote(const char *address);
/**
 * An address as it may be kept and shown: without passwords, with user, host, port and database spelled out. A path
 * comes back as it is. @p kept in @p arena. @return OK, E_USAGE (no address of PostgreSQL, a catalog name that cannot
 * be one), E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_db_address(const char *address, seine_arena *arena, const char **kept,
                                             seine_error *error);

/* ---- connections ---- */

/**
 * Opens a database.
 *
 * A path is a SQLite file, which must exist unless @p create. Waits up to 5 s for locks. Read permission is enough to
 * read: the log files of writers stay beside it for that (docs/operating.md), and where there are none nobody has
 * written since, so the file is read as one that does not change.
 *
 * postgresql://USER@HOST:PORT/DATABASE?catalog_name=NAME&… is a database of PostgreSQL, in which the ledger of the lake
 * NAME (default seine: a letter, letters, digits, '_') is the schema seine_NAME and the standard tables are the ones
 * that the search path leads to, or the first schema of it when there are none. Other parameters are libpq's. A
 * connection that broke outside of a transaction is made anew by the next call. Nothing is waited for without end.
 * @return OK, E_USAGE (the address), E_AWAY (does not answer), E_IO (wrong password, …), E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_db_open(const char *address, bool create, seine_db **db, seine_error *error);
void seine_db_close(seine_db *db);
/**
 * From here on an answer of a server that takes longer is none: the call fails with E_AWAY and the connection is given
 * up; the next call makes it anew. Else it is the session's statement_timeout, and SEINE_DB_ANSWER_SECONDS where that
 * is not set. A stop of the user (io/store/stores.h) ends a wait with E_INTERRUPTED after a second. Nothing for a file.
 */
#define SEINE_DB_ANSWER_SECONDS 600
void seine_db_set_patience(seine_db *db, int seconds);
/** @return whether it can be read only. */
bool seine_db_is_read_only(const seine_db *db);
/** @return catalog_name of the lake's rows in iceberg_tables; lives as long as the connection. */
const char *seine_db_catalog_name(const seine_db *db);
/** @return what findings call it: "catalog.db", "catalog". */
const char *seine_db_label(const seine_db *db);
/** A new database is complete: from here on others open it. @return as seine_db_run. */
SEINE_MUST_USE seine_status seine_db_finish(seine_db *db, seine_error *error);
/** Makes the place for the lake's ledger, inside the open transaction that fills it. @return OK, E_EXISTS, E_IO … */
SEINE_MUST_USE seine_status seine_db_make_ledger(seine_db *db, seine_error *error);
/** The moment by the database's clock, which all connections share. @return OK, E_IO … */
SEINE_MUST_USE seine_status seine_db_now(seine_db *db, int64_t *now_us, seine_error *error);

/* ---- statements ---- */

/**
 * Runs statements without parameters.
 * @return OK, E_BUSY (locked, a serialisation failure, a deadlock or a table that got another column meanwhile: the
 * transaction may be run again), E_INTERRUPTED (see seine_db_set_patience), E_AWAY (the server
 * does not answer, or the connection broke), E_IO (cannot be read or written, no permission, disk full), E_FORMAT (not
 * a catalog, damaged), E_NOMEM, E_EXISTS (a unique row is there), E_INTERNAL.
 */
SEINE_MUST_USE seine_status seine_db_run(seine_db *db, const char *sql, seine_error *error);
/** Runs one statement with parameters ?1 …; *changed (may be NULL) receives the number of rows it changed. Statuses as
 * above. */
SEINE_MUST_USE seine_status seine_db_change(seine_db *db, const char *sql, const seine_db_value *params, size_t count,
                                            int64_t *changed, seine_error *error);
/** One of several statements with parameters; changed receives the number of rows it changed. */
typedef struct seine_db_statement {
    const char *sql;
    const seine_db_value *params;
    size_t count;
    int64_t changed;
} seine_db_statement;
/** Runs statements, in an open transaction, as seine_db_change runs each, up to the first that fails. A server is told
 * all of them before its first answer is waited for. Statuses as above. */
SEINE_MUST_USE seine_status seine_db_change_all(seine_db *db, seine_db_statement *statements, size_t count,
                                                seine_error *error);
/** Called per row; columns are valid during the call. */
typedef seine_status (*seine_db_row_fn)(void *context, const seine_db_value *columns, seine_error *error);
/** Runs a query with text parameters. Statuses as above, or the first failure of @p row. */
SEINE_MUST_USE seine_status seine_db_query(seine_db *db, const char *sql, const char *const *params, size_t count,
                                           seine_db_row_fn row, void *context, seine_error *error);
/** Whether a table is there and, unless @p column is NULL, has that column. */
SEINE_MUST_USE seine_status seine_db_has(seine_db *db, const char *table, const char *column, bool *has,
                                         seine_error *error);
/** Gives every table of the ledger with each of its columns, both as texts: tables in any order, columns in theirs. */
SEINE_MUST_USE seine_status seine_db_ledger(seine_db *db, seine_db_row_fn row, void *context, seine_error *error);
/**
 * A number that changes when another connection has committed. Cheap: the statement is kept. @return OK, E_BUSY, E_IO …
 */
SEINE_MUST_USE seine_status seine_db_version(seine_db *db, int64_t *version, seine_error *error);
/** The format of the ledger (table/migrate.h), 0 = none. */
SEINE_MUST_USE seine_status seine_db_format(seine_db *db, int64_t *format, seine_error *error);
/** Sets it, inside an open transaction that has written the step's row of seine_migration. */
SEINE_MUST_USE seine_status seine_db_set_format(seine_db *db, int format, seine_error *error);

/* ---- transactions ---- */

/**
 * Begins a transaction that writes, at once the only one of the lake. A locked database is waited for,
 * SEINE_DB_WAIT_SECONDS in all: what was made for the transaction is worth more than the wait. @return OK, E_BUSY
 * (locked all the time), E_IO …
 */
#define SEINE_DB_WAIT_SECONDS 60
SEINE_MUST_USE seine_status seine_db_begin(seine_db *db, seine_error *error);
/** From here on all that is read is of this moment, until seine_db_roll_back; nothing can be written meanwhile. */
SEINE_MUST_USE seine_status seine_db_begin_read(seine_db *db, seine_error *error);
/**
 * Ends a transaction in which rows of the ledger (tables seine_…) or of iceberg_tables were changed: their seals are
 * changed with them (seal.c of either). A COMMIT by seine_db_run is wrong: SQLite refuses it, in
 * PostgreSQL the seals no longer hold. A reader that stands in the way is waited for as long as seine_db_begin waits.
 * @return as seine_db_run; after a failure the transaction may still be open: then it was not committed. Else, when
 * seine_db_in_transaction tells that it is over, the outcome is not known.
 */
SEINE_MUST_USE seine_status seine_db_commit(seine_db *db, seine_error *error);
/** Takes everything back, if a transaction is open. Never fails: what cannot be told goes with the connection. */
void seine_db_roll_back(seine_db *db);
/** @return whether a transaction is open. */
bool seine_db_in_transaction(const seine_db *db);

/* ---- seals ---- */

/**
 * Notes in seine_table, inside the open transaction, which rows of iceberg_tables it has changed so far, as
 * seine_db_commit does: for whoever changes those notes behind it.
 */
SEINE_MUST_USE seine_status seine_db_note_pointers(seine_db *db, seine_error *error);
/** Seals every ledger table anew, inside an open transaction that changed the shape of some. */
SEINE_MUST_USE seine_status seine_db_seal_all(seine_db *db, seine_error *error);
/** Called once per thing that is wrong. */
typedef void (*seine_db_finding_fn)(void *context, const char *text);
typedef struct seine_db_finding {
    seine_db_finding_fn report;
    void *context;
} seine_db_finding;
/** Checks the database's pages, where it has a check of its own (SQLite). */
SEINE_MUST_USE seine_status seine_db_check_pages(seine_db *db, seine_db_finding_fn report, void *context,
                                                 seine_error *error);
/** Checks every row of the ledger against the seals. */
SEINE_MUST_USE seine_status seine_db_check_seals(seine_db *db, seine_db_finding_fn report, void *context,
                                                 seine_error *error);
/** Hash of the first row of a query, over all its columns, as seine_table has it of rows of iceberg_tables. */
SEINE_MUST_USE seine_status seine_db_row_hash(seine_db *db, const char *sql, const char *const *params, size_t count,
                                              bool *found, seine_hash128 *hash, seine_error *error);

#endif
