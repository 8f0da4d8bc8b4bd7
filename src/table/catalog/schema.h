/** @file table/catalog/schema.h  The catalog's database as its first format had it: the two standard tables (ICEBERG.md
 * section 7) and Seine's own beside them. What came later is a step of table/migrate.h. */
#ifndef SEINE_TABLE_CATALOG_SCHEMA_H
#define SEINE_TABLE_CATALOG_SCHEMA_H

/* Each is made where there is none: "IF NOT EXISTS" looks into the first schema of a search path only, and would put a
 * second one before that which other programs use. */
#define TABLES_SCHEMA                                                                                               \
    "CREATE TABLE iceberg_tables("                                                                                  \
    " catalog_name VARCHAR(255) NOT NULL, table_namespace VARCHAR(255) NOT NULL, table_name VARCHAR(255) NOT NULL," \
    " metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000), iceberg_type VARCHAR(5),"          \
    " PRIMARY KEY (catalog_name, table_namespace, table_name))"
#define NAMESPACES_SCHEMA                                                                              \
    "CREATE TABLE iceberg_namespace_properties("                                                       \
    " catalog_name VARCHAR(255) NOT NULL, namespace VARCHAR(255) NOT NULL, property_key VARCHAR(255)," \
    " property_value VARCHAR(1000), PRIMARY KEY (catalog_name, namespace, property_key))"

/* Settings fixed at creation, such as buckets; ids of recent commits, which tell the outcome of one whose answer was
 * lost; key holds p0, p1, p2 as text, because NULLs are never equal in a primary key. */
#define LEDGER_SCHEMA                                                                                                  \
    "CREATE TABLE seine_setting(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"                             \
    "CREATE TABLE seine_commit(id TEXT PRIMARY KEY, committed_at_us INTEGER NOT NULL) WITHOUT ROWID;"                  \
    "CREATE TABLE seine_source("                                                                                       \
    " dataset TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, rows INTEGER NOT NULL," \
    " rejects INTEGER NOT NULL, ingested_at_us INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,"           \
    " bronze_path TEXT NOT NULL, url TEXT NOT NULL, declared_day INTEGER, greatest_us INTEGER,"                        \
    " PRIMARY KEY (dataset, name, sha256)) WITHOUT ROWID;"                                                             \
    "CREATE TABLE seine_source_day("                                                                                   \
    " dataset TEXT NOT NULL, source TEXT NOT NULL, sha256 TEXT NOT NULL, day INTEGER NOT NULL,"                        \
    " bucket INTEGER NOT NULL, rows INTEGER NOT NULL, winners INTEGER NOT NULL,"                                       \
    " PRIMARY KEY (dataset, source, sha256, day, bucket)) WITHOUT ROWID;"                                              \
    "CREATE TABLE seine_partition("                                                                                    \
    " table_name TEXT NOT NULL, key TEXT NOT NULL, p0 INTEGER, p1 INTEGER, p2 INTEGER, content TEXT NOT NULL,"         \
    " rows INTEGER NOT NULL, PRIMARY KEY (table_name, key)) WITHOUT ROWID;"                                            \
    "CREATE TABLE seine_job("                                                                                          \
    " job TEXT NOT NULL, key TEXT NOT NULL, p0 INTEGER, p1 INTEGER, p2 INTEGER, fingerprint TEXT NOT NULL,"            \
    " PRIMARY KEY (job, key)) WITHOUT ROWID;"                                                                          \
    "CREATE TABLE seine_progress("                                                                                     \
    " job TEXT NOT NULL, source TEXT NOT NULL, source_partition TEXT NOT NULL, position TEXT NOT NULL,"                \
    " PRIMARY KEY (job, source, source_partition)) WITHOUT ROWID;"                                                     \
    "CREATE TABLE seine_run("                                                                                          \
    " id TEXT PRIMARY KEY, command TEXT NOT NULL, started_us INTEGER NOT NULL, manifest TEXT NOT NULL) WITHOUT ROWID;" \
    "CREATE TABLE seine_lease("                                                                                        \
    " name TEXT PRIMARY KEY, owner TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,"                           \
    " taken_at_us INTEGER NOT NULL, expires_at_us INTEGER NOT NULL) WITHOUT ROWID;"

#endif
