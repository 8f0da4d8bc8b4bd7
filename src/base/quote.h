/** @file base/quote.h  Names and texts as SQL and CSV write them. */
#ifndef SEINE_BASE_QUOTE_H
#define SEINE_BASE_QUOTE_H

#include "base/buf.h"

#define SEINE_SQL_NAME '"'
#define SEINE_SQL_TEXT '\''

/** Appends @p text between two @p quote, with those inside doubled. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_sql_quote(seine_buf *sql, seine_str text, char quote);
/** `"name"` */
SEINE_MUST_USE seine_status seine_sql_name(seine_buf *sql, const char *name);
/** `'text'` */
SEINE_MUST_USE seine_status seine_sql_text(seine_buf *sql, const char *text);
/** One field of CSV (RFC 4180): quoted only when it holds a comma, a quote, an end of line or a NUL. @return as above.
 */
SEINE_MUST_USE seine_status seine_csv_field(seine_buf *csv, seine_str text);

#endif
