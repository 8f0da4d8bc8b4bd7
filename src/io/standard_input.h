/**
 * @file io/standard_input.h
 * Standard input (`-`) that may be no text: what has to be read from its end, or as a whole, goes to a file first.
 *
 *     begin ─ its first bytes ─┬─ text: seine_reader_open_stdin, after these bytes
 *                              └─ Parquet, GPX: all of it in a temporary file
 */
#ifndef SEINE_IO_STANDARD_INPUT_H
#define SEINE_IO_STANDARD_INPUT_H

#include "base/arena.h"
#include "base/progress.h"
#include "base/str.h"
#include "seine/status.h"

#define SEINE_STANDARD_INPUT_NAME "standard input"
#define SEINE_STANDARD_INPUT_HEAD ((size_t)4096)

typedef enum seine_standard_input_form {
    SEINE_STANDARD_INPUT_TEXT, /**< or an archive of one */
    SEINE_STANDARD_INPUT_PARQUET,
    SEINE_STANDARD_INPUT_GPX
} seine_standard_input_form;

typedef struct seine_standard_input {
    seine_standard_input_form form;
    size_t size;
    char head[SEINE_STANDARD_INPUT_HEAD]; /**< the first bytes; all of them when there are fewer */
} seine_standard_input;

/** Reads the first bytes and looks at them. Once in a process. @return OK, E_IO. */
SEINE_MUST_USE seine_status seine_standard_input_begin(seine_standard_input *input, seine_error *error);

/**
 * All of it as a file in the scratch folder of the process, at @p most_bytes of it, which the caller removes. @return
 * OK; E_LIMIT (more; nothing is left), E_INTERRUPTED, E_IO, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_standard_input_keep(const seine_standard_input *input, uint64_t most_bytes,
                                                      const seine_progress *progress, seine_arena *arena,
                                                      const char **path, seine_error *error);
/** What a caller allows who has no reason for less. */
#define SEINE_STANDARD_INPUT_MOST ((uint64_t)16 << 30)

#endif
