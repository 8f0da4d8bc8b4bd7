/**
 * @file io/reader.h
 * Archives as text: zip (every member ending in .csv, save attributes under __MACOSX/), zstd, gzip or plain, told apart
 * by their first bytes.
 */
#ifndef SEINE_IO_READER_H
#define SEINE_IO_READER_H

#include "base/buf.h"

typedef struct seine_reader seine_reader; /**< one thread at a time */

/**
 * Opens a file for reading as text. @return OK, E_NOT_FOUND, E_IO, E_NOMEM, E_FORMAT (empty, or its name says zip, zst
 * or gz and its bytes do not, or a zip without any .csv member).
 */
SEINE_MUST_USE seine_status seine_reader_open(const char *path, seine_reader **reader, seine_error *error);
/** The same for bytes that lie under another name: @p name is what messages say and whose ending is checked. */
SEINE_MUST_USE seine_status seine_reader_open_as(const char *path, const char *name, seine_reader **reader,
                                                 seine_error *error);
/** Opens standard input (`-`), zstd, gzip or plain. */
SEINE_MUST_USE seine_status seine_reader_open_stdin(seine_reader **reader, seine_error *error);
/**
 * Moves to the first or next member. A file that is not a zip has one, named like the file. @return OK (*name NULL = no
 * more), E_FORMAT.
 */
SEINE_MUST_USE seine_status seine_reader_member(seine_reader *reader, const char **name, seine_error *error);
/**
 * Reads text of the member, filling @p bytes unless it ends. *size 0 = end of the member, its check sum was right.
 * @return OK, E_FORMAT (truncated or corrupt), E_IO.
 */
SEINE_MUST_USE seine_status seine_reader_read(seine_reader *reader, void *bytes, size_t capacity, size_t *size,
                                              seine_error *error);
/** Compressed bytes taken so far and in all (0 = unknown), for progress. */
void seine_reader_position(const seine_reader *reader, uint64_t *done, uint64_t *total);
void seine_reader_close(seine_reader *reader);

/**
 * Copies a file and tells its SHA-256: @p to (temporary name, not yet durable; see seine_file_publish) or NULL to only
 * hash.
 * @return OK, E_NOT_FOUND, E_IO, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_file_hash(const char *from, const char *to, char sha256[65], uint64_t *bytes,
                                            seine_error *error);

#endif
