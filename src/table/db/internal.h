/** @file table/db/internal.h  What each database does for db.h, and what both have of seals. */
#ifndef SEINE_TABLE_DB_INTERNAL_H
#define SEINE_TABLE_DB_INTERNAL_H

#include "table/db/db.h"

/** The calls of db.h of the same names. */
typedef struct seine_db_kind {
    const char *label;
    void (*close)(seine_db *db);
    const char *(*catalog_name)(const seine_db *db);
    bool (*is_read_only)(const seine_db *db);
    void (*set_patience)(seine_db *db, int seconds);
    seine_status (*finish)(seine_db *db, seine_error *error);
    seine_status (*make_ledger)(seine_db *db, seine_error *error);
    seine_status (*now)(seine_db *db, int64_t *now_us, seine_error *error);
    seine_status (*run)(seine_db *db, const char *sql, seine_error *error);
    seine_status (*change)(seine_db *db, const char *sql, const seine_db_value *params, size_t count, int64_t *changed,
                           seine_error *error);
    seine_status (*change_all)(seine_db *db, seine_db_statement *statements, size_t count,
                               seine_error *error); /* NULL: one after the other */
    seine_status (*query)(seine_db *db, const char *sql, const char *const *params, size_t count, seine_db_row_fn row,
                          void *context, seine_error *error);
    seine_status (*has)(seine_db *db, const char *table, const char *column, bool *has, seine_error *error);
    seine_status (*ledger)(seine_db *db, seine_db_row_fn row, void *context, seine_error *error);
    seine_status (*version)(seine_db *db, int64_t *version, seine_error *error);
    seine_status (*format)(seine_db *db, int64_t *format, seine_error *error);
    seine_status (*set_format)(seine_db *db, int format, seine_error *error);
    seine_status (*begin)(seine_db *db, seine_error *error);
    seine_status (*begin_read)(seine_db *db, seine_error *error);
    seine_status (*commit)(seine_db *db, seine_error *error);
    void (*roll_back)(seine_db *db);
    bool (*in_transaction)(const seine_db *db);
    seine_status (*note_pointers)(seine_db *db, seine_error *error);
    seine_status (*seal_all)(seine_db *db, seine_error *error);
    seine_status (*check_pages)(seine_db *db, seine_db_finding_fn report, void *context, seine_error *error);
    seine_status (*check_seals)(seine_db *db, seine_db_finding_fn report, void *context, seine_error *error);
    seine_status (*row_hash)(seine_db *db, const char *sql, const char *const *params, size_t count, bool *found,
                             seine_hash128 *hash, seine_error *error);
} seine_db_kind;

/** The first member of each database's own struct. */
struct seine_db {
    const seine_db_kind *kind;
};

SEINE_MUST_USE seine_status seine_sqlite_open(const char *path, bool create, seine_db **db, seine_error *error);
SEINE_MUST_USE seine_status seine_postgres_open(const char *address, seine_db **db, seine_error *error);
/** seine_db_address of an address of PostgreSQL. */
SEINE_MUST_USE seine_status seine_postgres_address(const char *address, seine_arena *arena, const char **kept,
                                                   seine_error *error);

#define SEINE_DB_COLUMNS_MAX 32 /**< of a row that is read */

/* ---- the hash of a row ---- */

/** Filled value by value. */
typedef struct seine_row_hash {
    struct {
        seine_hash128 value;
        uint64_t kind;
    } parts[SEINE_DB_COLUMNS_MAX];
    size_t count;
    bool failed; /**< more columns than that, or out of memory */
} seine_row_hash;
void seine_row_hash_add(seine_row_hash *row, uint64_t kind, const void *bytes, size_t size);
seine_hash128 seine_row_hash_end(const seine_row_hash *row);

/* ---- changed rows of iceberg_tables ---- */

typedef enum seine_pointer_operation {
    SEINE_POINTER_PUT,
    SEINE_POINTER_SWAP,
    SEINE_POINTER_DROP
} seine_pointer_operation;
typedef struct seine_pointer_seal {
    struct seine_pointer_seal *next;
    seine_pointer_operation operation;
    char *name; /**< "seine.silver.ais" */
    seine_hash128 hash;
} seine_pointer_seal;
/** Those of a transaction, in order. */
typedef struct seine_pointer_seals {
    seine_pointer_seal *first, **last;
} seine_pointer_seals;
void seine_pointer_seals_clear(seine_pointer_seals *seals);
/** @return false when out of memory. */
bool seine_pointer_seals_add(seine_pointer_seals *seals, seine_pointer_operation operation, const char *const names[3],
                             seine_hash128 hash);
/** Writes them into seine_table, inside the open transaction. */
SEINE_MUST_USE seine_status seine_pointer_seals_write(seine_db *db, const seine_pointer_seals *seals,
                                                      seine_error *error);

#endif
