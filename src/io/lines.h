/** @file io/lines.h  Lines of text as they come, from a file or a pipe. */
#ifndef SEINE_IO_LINES_H
#define SEINE_IO_LINES_H

#include "base/progress.h"
#include "base/str.h"
#include "seine/status.h"

/** Takes a line without its end, borrowed for the call; a failure ends the reading. */
typedef seine_status (*seine_line_fn)(void *context, seine_str line, seine_error *error);

/**
 * Gives every line that is not empty to @p take, as soon as it has come; the last one may have no end. @p path NULL or
 * "-": standard input. @p progress: whose stop ends it, also while it waits. @return OK, E_NOT_FOUND, E_LIMIT (a line
 * of more than @p most_bytes), E_INTERRUPTED, E_IO, E_NOMEM, what @p take returned.
 */
SEINE_MUST_USE seine_status seine_lines_read(const char *path, size_t most_bytes, const seine_progress *progress,
                                             seine_line_fn take, void *context, seine_error *error);

#endif
