/** @file engine/parquet_select.h  A query over a Parquet file of others, whose columns are not known before. */
#ifndef SEINE_ENGINE_PARQUET_SELECT_H
#define SEINE_ENGINE_PARQUET_SELECT_H

#include "engine/engine.h"

/** Appends what is selected of a column, without a name; @p type is the engine's word for its type, JSON for lists,
 * structs and maps, too. @return OK, E_NOMEM, E_LIMIT. */
typedef seine_status (*seine_parquet_put_column)(void *context, const char *name, const char *type, seine_buf *sql);

/**
 * Appends `SELECT <what put says> AS "name", … FROM read_parquet('path')`, the columns in their order.
 * @param has_folders columns of hive folders (date=…/) in @p path are columns, too.
 * @return OK; E_LIMIT more columns than fit @p sql; E_NOMEM; what the engine says of the file.
 */
SEINE_MUST_USE seine_status seine_parquet_select(seine_engine *engine, const char *path, bool has_folders,
                                                 seine_parquet_put_column put, void *context, seine_buf *sql,
                                                 seine_error *error);

#endif
