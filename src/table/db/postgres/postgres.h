/** @file table/db/postgres/postgres.h  What the files of this folder share. */
#ifndef SEINE_TABLE_DB_POSTGRES_POSTGRES_H
#define SEINE_TABLE_DB_POSTGRES_POSTGRES_H

#include "table/db/internal.h"

#include <libpq-fe.h>

#define SEINE_POSTGRES_DIGITS_(number) #number
#define SEINE_POSTGRES_DIGITS(number) SEINE_POSTGRES_DIGITS_(number) /**< a number in a statement */

/** By which an answer is waited for longer than the server may take for it: what it says of that is clearer. */
#define SEINE_POSTGRES_LATER_US INT64_C(2000000)

/** A statement that the server knows already. */
typedef struct seine_prepared {
    char *sql; /**< as the caller writes it */
    char name[16];
    bool changes_pointers; /**< returns the rows of iceberg_tables that it changed */
} seine_prepared;

typedef struct seine_postgres {
    seine_db db;
    PGconn *handle;
    seine_arena arena;
    const char *address; /**< as it may be shown */
    const char *name;    /**< catalog_name */
    const char *schema;  /**< of the ledger */
    bool is_read_only;
    bool has_hosts;      /**< as the address's parts */
    int64_t connect_us;  /**< as the address's parts */
    int64_t patience_us; /**< for which an answer is waited */
    int64_t least_us;    /**< of the statement_timeout: what seine_db_set_patience said; 0 = that of the session */
    seine_status lost;   /**< why the connection was given up: E_AWAY no answer, E_INTERRUPTED; OK = it was not */
    seine_prepared *prepared;
    size_t prepared_count, prepared_capacity;
    bool is_stale;                /**< the last statement was (seine_postgres_is_stale) */
    unsigned prepared_number;     /**< the name of the next one: no name is used twice in a session */
    seine_pointer_seals pointers; /**< changed by the open transaction */
} seine_postgres;

static inline seine_postgres *seine_postgres_of(seine_db *db) { return (seine_postgres *)db; }

/** What an address says. Strings in the arena it was read with. */
typedef struct seine_postgres_address_parts {
    const char *name;                /**< catalog_name */
    const char *kept;                /**< seine_db_address */
    const char **keywords, **values; /**< for libpq, each ended by NULL; with the password, if the address has one */
    bool has_hosts;                  /**< a list of them */
    int64_t connect_us;              /**< for which a connection is waited */
} seine_postgres_address_parts;
SEINE_MUST_USE seine_status seine_postgres_parse(const char *address, seine_arena *arena,
                                                 seine_postgres_address_parts *parts, seine_error *error);

/** The statement as PostgreSQL writes it. NULL = out of memory; free() it. */
char *seine_postgres_sql(const char *sql, bool *changes_pointers);

/** Whether a statement was not run, because what it was prepared for has got other columns since. */
bool seine_postgres_is_stale(const PGresult *result);
/** Tells what a result, or the connection when @p result is NULL, says of its failure. */
seine_status seine_postgres_fail(const seine_postgres *db, const PGresult *result, seine_error *error);
/* Waiting (wait.c). Whatever it is, it ends: an answer that does not come in time, or that is waited for when the user
 * asks to stop, is given up with the connection. */

/** Connects as an address says (seine_postgres_address_parts); again, when the connection broke.
 * @return OK, E_AWAY, E_IO (what is set is wrong), E_INTERRUPTED, E_NOMEM. */
SEINE_MUST_USE seine_status seine_postgres_connect(seine_postgres *db, const char *const *keywords,
                                                   const char *const *values, seine_error *error);
SEINE_MUST_USE seine_status seine_postgres_connect_again(seine_postgres *db, seine_error *error);
/** Runs statements. @return the first failure of them, else the last result; NULL: no answer came. PQclear it. */
PGresult *seine_postgres_exec(seine_postgres *db, const char *sql);
PGresult *seine_postgres_prepare(seine_postgres *db, const char *name, const char *sql);
PGresult *seine_postgres_exec_prepared(seine_postgres *db, const char *name, const char *const *values, size_t count);
/** Sends a prepared statement of a pipeline. @return whether it was taken. */
bool seine_postgres_send(seine_postgres *db, const char *name, const char *const *values, size_t count);
/** Waits for the next result of a pipeline; NULL: the end of one statement's, or no answer came (db->lost). PQclear it.
 */
PGresult *seine_postgres_next(seine_postgres *db);
/** Whether the server said yes. */
bool seine_postgres_is_good(const PGresult *result);

/** Makes a connection that broke anew; never while a transaction was open. */
SEINE_MUST_USE seine_status seine_postgres_revive(seine_postgres *db, seine_error *error);
/** Tells the session where the ledger is, and whether it may write there. */
SEINE_MUST_USE seine_status seine_postgres_greet(seine_postgres *db, seine_error *error);
void seine_postgres_forget_prepared(seine_postgres *db);
/** The hash of a row of a result. */
seine_status seine_postgres_hash_row(const PGresult *result, int row, seine_hash128 *hash, seine_error *error);

/* The calls of db.h. */
bool seine_postgres_in_transaction(const seine_db *db);
seine_status seine_postgres_run(seine_db *db, const char *sql, seine_error *error);
seine_status seine_postgres_change(seine_db *db, const char *sql, const seine_db_value *params, size_t count,
                                   int64_t *changed, seine_error *error);
seine_status seine_postgres_change_all(seine_db *db, seine_db_statement *statements, size_t count, seine_error *error);
seine_status seine_postgres_query(seine_db *db, const char *sql, const char *const *params, size_t count,
                                  seine_db_row_fn row, void *context, seine_error *error);
seine_status seine_postgres_row_hash(seine_db *db, const char *sql, const char *const *params, size_t count,
                                     bool *found, seine_hash128 *hash, seine_error *error);
seine_status seine_postgres_make_ledger(seine_db *db, seine_error *error);
seine_status seine_postgres_commit(seine_db *db, seine_error *error);
seine_status seine_postgres_note_pointers(seine_db *db, seine_error *error);
seine_status seine_postgres_seal_all(seine_db *db, seine_error *error);
seine_status seine_postgres_check_seals(seine_db *db, seine_db_finding_fn report, void *context, seine_error *error);

#endif
