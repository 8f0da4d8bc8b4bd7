/** @file table/db/db.h  The catalog's database behind a few calls. Only this folder knows SQLite. */
#ifndef SEINE_TABLE_DB_DB_H
#define SEINE_TABLE_DB_DB_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"
#include "seine/status.h"

#include <stdint.h>

typedef struct seine_db seine_db; /**< one connection; one thread at a time */

/** A parameter or column. */
typedef struct seine_db_value {
    enum { SEINE_DB_NULL, SEINE_DB_INT, SEINE_DB_TEXT } kind;
    int64_t integer;
    const char *text;
} seine_db_value;

static inline seine_db_value seine_db_null(void) { return (seine_db_value){.kind = SEINE_DB_NULL}; }
static inline seine_db_value seine_db_int(int64_t v) { return (seine_db_value){.kind = SEINE_DB_INT, .integer = v}; }
static inline seine_db_value seine_db_text(const char *v) { return (seine_db_value){.kind = SEINE_DB_TEXT, .text = v}; }

/**
 * Opens a database file, which must exist unless @p create. Waits up to 5 s for locks. Read permission is enough to
 * read: the log files of writers stay beside it for that (docs/operating.md), and where there are none nobody has
 * written since, so the file is read as one that does not change. @return OK, E_IO, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_db_open(const char *path, bool create, seine_db **db, seine_error *error);
void seine_db_close(seine_db *db);
/** @return whether it can be read only. */
bool seine_db_is_read_only(const seine_db *db);

/**
 * Runs statements without parameters.
 * @return OK, E_BUSY (locked), E_IO (cannot be read or written, disk full), E_FORMAT (not a database, damaged),
 * E_NOMEM, E_EXISTS (a unique row is there), E_INTERNAL.
 */
SEINE_MUST_USE seine_status seine_db_run(seine_db *db, const char *sql, seine_error *error);
/** Runs one statement with parameters ?1 …; *changed (may be NULL) receives the number of rows it changed. Statuses as
 * above. */
SEINE_MUST_USE seine_status seine_db_change(seine_db *db, const char *sql, const seine_db_value *params, size_t count,
                                            int64_t *changed, seine_error *error);
/** Called per row; columns are valid during the call. */
typedef seine_status (*seine_db_row_fn)(void *context, const seine_db_value *columns, seine_error *error);
/** Runs a query with text parameters. Statuses as above, or the first failure of @p row. */
SEINE_MUST_USE seine_status seine_db_query(seine_db *db, const char *sql, const char *const *params, size_t count,
                                           seine_db_row_fn row, void *context, seine_error *error);
/**
 * Begins a transaction that writes, at once the only one. A locked database is waited for, SEINE_DB_WAIT_SECONDS in
 * all: what was made for the transaction is worth more than the wait. @return OK, E_BUSY (locked all the time), E_IO …
 */
#define SEINE_DB_WAIT_SECONDS 60
SEINE_MUST_USE seine_status seine_db_begin(seine_db *db, seine_error *error);
/**
 * A number that changes when another connection has committed. Cheap: the statement is kept. @return OK, E_BUSY, E_IO …
 */
SEINE_MUST_USE seine_status seine_db_version(seine_db *db, int64_t *version, seine_error *error);
/**
 * Ends a transaction in which rows of the ledger (tables seine_…) or of iceberg_tables were changed: their seals
 * (seal.c) are changed with them. A plain COMMIT of such a transaction fails. A reader that stands in the way is
 * waited for as long as seine_db_begin waits. @return as seine_db_run; after a failure the transaction may still be
 * open.
 */
SEINE_MUST_USE seine_status seine_db_commit(seine_db *db, seine_error *error);
/** Seals every ledger table anew, inside an open transaction that changed the shape of some. */
SEINE_MUST_USE seine_status seine_db_seal_all(seine_db *db, seine_error *error);

/** Called once per thing that is wrong. */
typedef void (*seine_db_finding_fn)(void *context, const char *text);
typedef struct seine_db_finding {
    seine_db_finding_fn report;
    void *context;
} seine_db_finding;
/** Checks the database's pages (SQLite's integrity check). */
SEINE_MUST_USE seine_status seine_db_check_pages(seine_db *db, seine_db_finding_fn report, void *context,
                                                 seine_error *error);
/** Checks every row of the ledger against the seals. */
SEINE_MUST_USE seine_status seine_db_check_seals(seine_db *db, seine_db_finding_fn report, void *context,
                                                 seine_error *error);
/** Hash of the first row of a query, over all its columns, as seals have it. */
SEINE_MUST_USE seine_status seine_db_row_hash(seine_db *db, const char *sql, const char *const *params, size_t count,
                                              bool *found, seine_hash128 *hash, seine_error *error);

/** @return whether a transaction is open. */
bool seine_db_in_transaction(const seine_db *db);

#endif
