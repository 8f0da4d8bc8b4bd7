/**
 * @file table/catalog/new_catalog.h
 * The catalog of a lake that is being made: in its folder, in a file of this machine, or in a database of a server. It
 * appears in one step and complete, when every file that it names is there:
 *
 *     in the folder   catalog.db under a temporary name → its own
 *     in a file       the file under a temporary name → its own → catalog.url, which makes the lake
 *     on a server     one transaction → catalog.url, which makes the lake
 *
 * An attempt that ended between the last two is completed by the next one; of a file, by one that goes on.
 */
#ifndef SEINE_TABLE_CATALOG_NEW_CATALOG_H
#define SEINE_TABLE_CATALOG_NEW_CATALOG_H

#include "table/table.h"

typedef struct seine_new_catalog {
    seine_arena *arena;
    const char *lake;    /**< where it lies: real path, or address */
    const char *address; /**< of the database; NULL = in the folder */
    bool goes_on;        /**< an attempt before this one has meant the same file, and may have made it */
    /** Fills the tables, which are there, inside the transaction that made them. @p has_type: seine_catalog.has_type.
     */
    seine_status (*fill)(void *context, seine_db *db, bool has_type, seine_error *error);
    void *context;
    /* Filled by seine_new_catalog_place. */
    const char *file;    /**< what makes the lake */
    const char *db_path; /**< of a database that is a file; NULL = on a server */
    bool may_be_there;   /**< after a failure of seine_new_catalog_appear: there may be a lake all the same */
} seine_new_catalog;

/** Whether a lake at @p lake can have its catalog there, NULL = in its folder. @return OK, E_USAGE. */
SEINE_MUST_USE seine_status seine_new_catalog_check(const char *lake, const char *address, seine_error *error);
/**
 * Finds where it will be, and looks whether something is there already. Makes the folder of a file.
 * @return OK: free; E_EXISTS: the catalog of this very lake, whose making was interrupted; E_CONFLICT, E_USAGE:
 *         something else; E_IO …
 */
SEINE_MUST_USE seine_status seine_new_catalog_place(seine_new_catalog *catalog, seine_error *error);
/** Whether the server lets it be made, without making it. @return OK, as seine_new_catalog_appear. */
SEINE_MUST_USE seine_status seine_new_catalog_rehearse(seine_new_catalog *catalog, seine_error *error);
/**
 * Makes it. Where this lake's is there already it is only made the lake's.
 * @return OK; E_EXISTS: it was there; E_CONFLICT: another lake has its place; E_UNKNOWN, E_IO …
 */
SEINE_MUST_USE seine_status seine_new_catalog_appear(seine_new_catalog *catalog, seine_error *error);
/** A row of seine_setting, inside fill. */
SEINE_MUST_USE seine_status seine_new_catalog_setting(seine_db *db, const char *key, const char *value,
                                                      seine_error *error);
/** The standard tables and the ledger's, empty, inside an open transaction. *has_type as seine_catalog.has_type. */
SEINE_MUST_USE seine_status seine_catalog_tables_make(seine_db *db, bool *has_type, seine_error *error);

#endif
