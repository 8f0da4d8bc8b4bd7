/** @file io/log_file.h  A log of lines on this machine, turned over by its size. Its bytes are not synced. */
#ifndef SEINE_IO_LOG_FILE_H
#define SEINE_IO_LOG_FILE_H

#include "base/str.h"
#include "base/try.h"

typedef struct seine_log_file {
    const char *path; /**< NULL = none is kept; its folder must exist */
    uint64_t most_bytes;
    size_t keep; /**< former ones: PATH.1 is the youngest */
} seine_log_file;

/**
 * Appends @p line and its end in one write; when the file has no room for it, the file becomes a former one first. By
 * one process at a time. @return OK, E_NOT_FOUND (no such folder), E_NOMEM, E_IO.
 */
SEINE_MUST_USE seine_status seine_log_file_append(const seine_log_file *log, seine_str line, seine_error *error);

#endif
