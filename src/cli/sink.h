/** @file cli/sink.h  Where the bytes of a command go: a file that appears whole at the end, or standard output. */
#ifndef SEINE_CLI_SINK_H
#define SEINE_CLI_SINK_H

#include "io/file.h"

typedef struct seine_sink {
    seine_file_writer *file; /**< NULL = standard output */
} seine_sink;

/** @param path NULL or "-" = standard output. @return OK, E_NOT_FOUND (no such folder), E_NOMEM, E_IO. */
SEINE_MUST_USE seine_status seine_sink_open(seine_sink *sink, const char *path, seine_error *error);
/** Appends bytes; a seine_bytes_fn of a seine_sink. @return OK, E_IO. */
SEINE_MUST_USE seine_status seine_sink_write(void *sink, const void *bytes, size_t size, seine_error *error);
/** Ends well or, with @p so_far other than OK, leaves nothing behind. @return @p so_far; E_EXISTS, E_IO. */
SEINE_MUST_USE seine_status seine_sink_close(seine_sink *sink, seine_status so_far, seine_file_mode mode,
                                             seine_error *error);

#endif
