/** @file ingest/reference/file.h  A reference file of any form as records. */
#ifndef SEINE_INGEST_REFERENCE_FILE_H
#define SEINE_INGEST_REFERENCE_FILE_H

#include "base/progress.h"
#include "base/try.h"
#include "decode/reference/reference.h"

typedef struct seine_reference_file seine_reference_file; /**< one thread */

/**
 * Opens a file by its first bytes: Parquet through the engine, everything else as text. Columns of Parquet come as the
 * texts that SQL casts them to. @return OK, E_NOT_FOUND, E_FORMAT, E_USAGE (a folder), E_INTERRUPTED, E_LIMIT (above
 * 2 GiB of text), E_NOMEM, E_IO.
 */
SEINE_MUST_USE seine_status seine_reference_file_open(const char *path, const seine_progress *progress,
                                                      seine_reference_file **file, seine_error *error);
const seine_str *seine_reference_file_columns(const seine_reference_file *file, size_t *count);
/** The next record, valid until the next call; row 0 = the end. @return OK, E_FORMAT, E_NOMEM, E_IO. */
SEINE_MUST_USE seine_status seine_reference_file_next(seine_reference_file *file, seine_reference_record *record,
                                                      seine_error *error);
void seine_reference_file_close(seine_reference_file *file);
SEINE_OWNED_POINTER(seine_reference_file, seine_reference_file_close);

#endif
