/**
 * @file cli/terminal.h
 * What a terminal gets to see. Names, headers and messages of other people's data may hold sequences that move the
 * cursor, recolour or reverse text; on a terminal every control character of text is shown, not sent. Files, pipes and
 * data formats get the bytes as they are.
 */
#ifndef SEINE_CLI_TERMINAL_H
#define SEINE_CLI_TERMINAL_H

#include "base/buf.h"

/** From now on what is printed to stdout and stderr is escaped where they are terminals. To be called once. */
void seine_terminal_guard(void);
/** Whether standard output is a terminal. */
bool seine_terminal_is_output(void);
/**
 * Appends text with control characters (C0 but tab and line end, DEL, C1), marks of direction and bytes that are no
 * UTF-8 as \x1b or \u202e. @return OK, E_NOMEM, E_LIMIT.
 */
SEINE_MUST_USE seine_status seine_terminal_escape(seine_buf *out, seine_str text);
/** Writes bytes of a data format to standard output as they are. @return OK, E_IO. */
SEINE_MUST_USE seine_status seine_terminal_data(const void *bytes, size_t size, seine_error *error);
/** Writes the product's own control sequence to standard error, when that is a terminal. */
void seine_terminal_control(const char *text);

#endif
