/** @file table/db/postgres/postgres.h  What the files of this folder share. */
#ifndef SEINE_TABLE_DB_POSTGRES_POSTGRES_H
#define SEINE_TABLE_DB_POSTGRES_POSTGRES_H

#include "table/db/internal.h"

#include <libpq-fe.h>

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
    seine_prepared *prepared;
    size_t prepared_count, prepared_capacity;
    seine_pointer_seals pointers; /**< changed by the open transaction */
} seine_postgres;

static inline seine_postgres *seine_postgres_of(seine_db *db) { return (seine_postgres *)db; }

/** What an address says. Strings in the arena it was read with. */
typedef struct seine_postgres_address_parts {
    const char *name;                /**< catalog_name */
    const char *kept;                /**< seine_db_address */
    const char **keywords, **values; /**< for libpq, each ended by NULL; with the password, if the address has one */
} seine_postgres_address_parts;
SEINE_MUST_USE seine_status seine_postgres_parse(const char *address, seine_arena *arena,
                                                 seine_postgres_address_parts *parts, seine_error *error);

/** The statement as PostgreSQL writes it. NULL = out of memory; free() it. */
char *seine_postgres_sql(const char *sql, bool *changes_pointers);

/** Tells what a result, or the connection when @p result is NULL, says of its failure. */
seine_status seine_postgres_fail(const seine_postgres *db, const PGresult *result, seine_error *error);
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
