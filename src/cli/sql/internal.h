/** @file cli/sql/internal.h  Parts of the shell of `seine sql`; not for commands. */
#ifndef SEINE_CLI_SQL_INTERNAL_H
#define SEINE_CLI_SQL_INTERNAL_H

#include "cli/sql/sql.h"

/** Lines with history and completion, by libedit. */
typedef struct seine_shell_lines seine_shell_lines;

/** @return OK, E_NOMEM. Without a place for a history file there is none. */
SEINE_MUST_USE seine_status seine_shell_lines_open(const seine_sql *sql, seine_shell_lines **lines, seine_error *error);
void seine_shell_lines_close(seine_shell_lines *lines);
/** @return the next line with its end, borrowed until the next call; NULL at the end and after Ctrl-C. */
const char *seine_shell_lines_next(seine_shell_lines *lines, bool goes_on);
/** Keeps what was typed, in the file too, which only its owner may read. */
void seine_shell_lines_keep(seine_shell_lines *lines, const char *text);

/** Names of the dot commands, ended by NULL. */
extern const char *const seine_shell_commands[];

/** Shows text page by page when it has more lines than the screen. Fits seine_output_show. */
SEINE_MUST_USE seine_status seine_shell_show(void *context, seine_str text, seine_error *error);

/** Size in bytes of the first statement of @p text with its semicolon; 0 = it is not complete. */
size_t seine_shell_statement_size(const char *text);

#endif
