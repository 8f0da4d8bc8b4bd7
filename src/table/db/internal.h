/** @file table/db/internal.h  What db.c and seal.c share. */
#ifndef SEINE_TABLE_DB_INTERNAL_H
#define SEINE_TABLE_DB_INTERNAL_H

#include "base/hash.h"
#include "table/db/db.h"

#include <sqlite3.h>
#include <string.h>

#define SEINE_SEALS_MAX 64 /**< ledger tables */

/** What a transaction changed of a ledger table so far. */
typedef struct seine_seal {
    char table[64];
    int64_t rows;
    seine_hash128 sum;
} seine_seal;

/** A changed row of iceberg_tables. */
typedef struct seine_pointer_seal seine_pointer_seal;
struct seine_pointer_seal {
    seine_pointer_seal *next;
    int operation; /**< SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE */
    char *name;    /**< "seine.silver.ais" */
    seine_hash128 hash;
};

typedef struct seine_seals {
    seine_seal seals[SEINE_SEALS_MAX];
    size_t count;
    seine_pointer_seal *pointers, **last;
    bool failed; /**< a row could not be read: the transaction cannot be committed */
} seine_seals;

struct seine_db {
    sqlite3 *handle;
    sqlite3_stmt *version; /**< of seine_db_version; NULL until it is asked for */
    seine_seals seals;
};

/** What a result code of SQLite means to the caller. */
seine_status seine_db_status_of(int code);
seine_status seine_db_fail(const seine_db *db, int code, seine_error *error);
/** Runs one statement; a locked database is waited for as seine_db_begin does. */
seine_status seine_db_insist(seine_db *db, const char *sql, seine_error *error);
/** Begins to watch the changes of a connection. */
void seine_seals_begin(seine_db *db);
void seine_seals_end(seine_db *db);

#endif
