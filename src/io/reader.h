/**
 * @file io/reader.h
 * Archives as text: zip (every member ending in .csv, .json, .jsonl or .ndjson, save the resource forks that macOS
 * adds: __MACOSX/, ._NAME), zstd, gzip or plain, told apart by their first bytes. Streams and frames may follow each
 * other, and NULs behind the last one are padding. What is something else (bzip2, 7-zip, tar, UTF-16, a web page …) is
 * named, with what to do.
 *
 * Memory is bounded whatever the bytes: SEINE_READER_WINDOW_BYTES for zstd, fixed buffers otherwise. What comes out is
 * bounded too (seine_reader_limits), so that a small file cannot fill a disk or a machine.
 */
#ifndef SEINE_IO_READER_H
#define SEINE_IO_READER_H

#include "base/buf.h"
#include "base/try.h"
#include "io/standard_input.h"

typedef struct seine_reader seine_reader; /**< one thread at a time */

#define SEINE_READER_WINDOW_LOG 28 /**< longest zstd window: 256 MiB, `zstd --long=28` */
#define SEINE_READER_MEMBERS 65536 /**< most members of a zip */

/** How much may come out of one file. */
typedef struct seine_reader_limits {
    uint64_t plain_bytes; /**< all members together */
    uint64_t ratio;       /**< bytes of text for one packed byte … */
    uint64_t ratio_from;  /**< … once more than so many bytes came out */
} seine_reader_limits;
/** 1 TiB; 1,000 to 1 from 64 MiB on. Positions as text pack about 5 to 30 to 1. */
seine_reader_limits seine_reader_limits_default(void);
/** Holds from the next read on. */
void seine_reader_limit(seine_reader *reader, const seine_reader_limits *limits);

/**
 * Opens a file for reading as text; its bytes say what it is, not its name. @return OK, E_NOT_FOUND, E_IO, E_NOMEM,
 * E_FORMAT (empty, or neither text nor an archive), E_UNSUPPORTED (something else; named).
 */
SEINE_MUST_USE seine_status seine_reader_open(const char *path, seine_reader **reader, seine_error *error);
/** The same for bytes that lie under another name: @p name is what messages say. */
SEINE_MUST_USE seine_status seine_reader_open_as(const char *path, const char *name, seine_reader **reader,
                                                 seine_error *error);
/** The same where XML is meant, which otherwise is named as what a server says instead of a file. */
SEINE_MUST_USE seine_status seine_reader_open_xml(const char *path, const char *name, seine_reader **reader,
                                                  seine_error *error);
/** The same for bytes in memory, not empty, which stay there until the reader is closed. */
SEINE_MUST_USE seine_status seine_reader_open_memory(seine_str bytes, const char *name, seine_reader **reader,
                                                     seine_error *error);
/** Opens standard input (`-`), zstd, gzip or plain, of which @p head has been read already (NULL = nothing). */
SEINE_MUST_USE seine_status seine_reader_open_stdin(const seine_standard_input *head, seine_reader **reader,
                                                    seine_error *error);
/**
 * Moves to the first or next member. A file that is not a zip has one, named like the file. @return OK (*name NULL = no
 * more), E_FORMAT (a zip without any .csv member names what it has), E_UNSUPPORTED (packed by a method that is not read
 * here, or encrypted), E_LIMIT (too many members), E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_reader_member(seine_reader *reader, const char **name, seine_error *error);
/** @return the member of a zip being read or refused, if the zip has others to read beside it; else NULL. Borrowed. */
const char *seine_reader_one_of_several(const seine_reader *reader);
/**
 * Reads text of the member, filling @p bytes unless it ends. *size 0 = end of the member, its check sum was right.
 * @return OK, E_FORMAT (truncated or corrupt), E_UNSUPPORTED (its text is none), E_LIMIT (more comes out than may; a
 * zstd window that is too long), E_NOMEM (also of the library's own: never taken for damage), E_IO.
 */
SEINE_MUST_USE seine_status seine_reader_read(seine_reader *reader, void *bytes, size_t capacity, size_t *size,
                                              seine_error *error);
/** Compressed bytes taken so far and in all (0 = unknown), for progress. */
void seine_reader_position(const seine_reader *reader, uint64_t *done, uint64_t *total);
void seine_reader_close(seine_reader *reader);
SEINE_OWNED_POINTER(seine_reader, seine_reader_close);

/**
 * Copies a file and tells its SHA-256: @p to (temporary name, not yet durable; see seine_file_publish) or NULL to only
 * hash.
 * @return OK, E_NOT_FOUND, E_IO, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_file_hash(const char *from, const char *to, char sha256[65], uint64_t *bytes,
                                            seine_error *error);

#endif
