/** @file table/contracts.h  docs/data_contracts.md, made from the table of tables. */
#ifndef SEINE_TABLE_CONTRACTS_H
#define SEINE_TABLE_CONTRACTS_H

#include "base/buf.h"

/** Appends the whole page. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_contracts_page(seine_buf *out);

#endif
