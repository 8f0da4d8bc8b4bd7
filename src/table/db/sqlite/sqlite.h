/** @file table/db/sqlite/sqlite.h  What the files of this folder share. */
#ifndef SEINE_TABLE_DB_SQLITE_SQLITE_H
#define SEINE_TABLE_DB_SQLITE_SQLITE_H

#include "table/db/internal.h"

#include <sqlite3.h>
#include <string.h>

#define SEINE_SEALS_MAX 64 /**< ledger tables */
#define SEINE_STATEMENTS_KEPT 32

/** What a transaction changed of a ledger table so far. */
typedef struct seine_seal {
    char table[64];
    int64_t rows;
    seine_hash128 sum;
} seine_seal;

typedef struct seine_seals {
    seine_seal seals[SEINE_SEALS_MAX];
    size_t count;
    seine_pointer_seals pointers;
    bool failed; /**< a row could not be read: the transaction cannot be committed */
} seine_seals;

typedef struct seine_sqlite {
    seine_db db;
    sqlite3 *handle;
    sqlite3_stmt *version;                     /**< of seine_db_version; NULL until it is asked for */
    sqlite3_stmt *kept[SEINE_STATEMENTS_KEPT]; /**< compiled and not running; NULL = none */
    size_t next_given_up;                      /**< which one makes room when there is none */
    seine_seals seals;
} seine_sqlite;

static inline seine_sqlite *seine_sqlite_of(seine_db *db) { return (seine_sqlite *)db; }

/** What a result code of SQLite means to the caller. */
seine_status seine_sqlite_status_of(int code);
seine_status seine_sqlite_fail(const seine_sqlite *db, int code, seine_error *error);
/** Runs one statement; a locked database is waited for as seine_db_begin does. */
seine_status seine_sqlite_insist(seine_sqlite *db, const char *sql, seine_error *error);
/** Gives up the statements that are kept. */
void seine_sqlite_forget_statements(seine_sqlite *db);
/** Begins to watch the changes of a connection. */
void seine_seals_begin(seine_sqlite *db);
void seine_seals_end(seine_sqlite *db);

/* The calls of db.h. */
seine_status seine_sqlite_run(seine_db *db, const char *sql, seine_error *error);
seine_status seine_sqlite_change(seine_db *db, const char *sql, const seine_db_value *params, size_t count,
                                 int64_t *changed, seine_error *error);
seine_status seine_sqlite_query(seine_db *db, const char *sql, const char *const *params, size_t count,
                                seine_db_row_fn row, void *context, seine_error *error);
bool seine_sqlite_in_transaction(const seine_db *db);
seine_status seine_sqlite_commit(seine_db *db, seine_error *error);
seine_status seine_sqlite_note_pointers(seine_db *db, seine_error *error);
seine_status seine_sqlite_seal_all(seine_db *db, seine_error *error);
seine_status seine_sqlite_check_seals(seine_db *db, seine_db_finding_fn report, void *context, seine_error *error);
seine_status seine_sqlite_row_hash(seine_db *db, const char *sql, const char *const *params, size_t count, bool *found,
                                   seine_hash128 *hash, seine_error *error);

#endif
