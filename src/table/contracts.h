/** @file table/contracts.h  docs/data_contracts.md, made from the table of tables. */
#ifndef SEINE_TABLE_CONTRACTS_H
#define SEINE_TABLE_CONTRACTS_H

#include "base/buf.h"
#include "base/json.h"
#include "columns/schema.h"

/** Appends the section of one table. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_contracts_table(const seine_table_schema *schema, seine_buf *out);
/** Writes the columns of a table as the JSON field `columns` of the object that is open; failures are the writer's. */
void seine_contracts_columns_json(const seine_table_schema *schema, seine_json_writer *json);
/** Appends the page of the built-in tables; those of models come behind it. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_contracts_page(seine_buf *out);

#endif
