/**
 * @file cli/detect/fixes.h
 * Files of a dataset as the messages of a run: read, decoded, refused and cleared of duplicates by the parts of
 * `seine ingest` (parser, row_pool, winner), so that a detector sees here what it sees in silver of a lake that took
 * the same files.
 */
#ifndef SEINE_CLI_DETECT_FIXES_H
#define SEINE_CLI_DETECT_FIXES_H

#include "cli/detect/detect.h"
#include "engine/engine.h"
#include "ingest/row_pool.h"

/** Rows that were refused for one reason. */
typedef struct seine_detect_refusal {
    seine_str reason; /**< its first word */
    int64_t rows;
    const char *file; /**< of the first such row, its number in it, and all that was said of it */
    uint64_t row;
    seine_str text;
    seine_str raw; /**< the row, as it stands */
} seine_detect_refusal;

/** Zeroed is ready; close it in every case. */
typedef struct seine_detect_fixes {
    const seine_dataset *dataset;
    const seine_fix **rows; /**< the fix of each message: by day, mover and time */
    seine_row_pool pool;    /**< holds the fixes, and what their codes mean */
    seine_known_sources sources;
    seine_detect_refusal *refusals; /**< in the order in which reasons were met first */
    size_t refusal_count, refusal_capacity;
    int64_t watermark_us; /**< up to which nothing more came (table/ledger.h) */
    int64_t row_count, duplicates;
    /* private */
    seine_fix_decoder *decoders;
    seine_engine *engine;
    seine_arena arena;
} seine_detect_fixes;

/**
 * Reads files of fixes->dataset into the empty table detect->messages, which gets a row for each fix that stays. Times
 * further ahead of @p now_us than an hour are refused. @p row_bytes: what the run needs beside each row.
 * @return OK; E_FORMAT (a file is damaged, is not of the dataset, or has no valid row); E_LIMIT (more than @p memory
 * holds, or than the reader allows); E_NOT_FOUND, E_UNSUPPORTED, E_USAGE (a folder), E_IO, E_NOMEM, E_INTERRUPTED.
 */
SEINE_MUST_USE seine_status seine_detect_fixes_read(seine_detect_fixes *fixes, const char *const *paths, size_t count,
                                                    int64_t now_us, size_t row_bytes, seine_detect_memory *memory,
                                                    seine_detect *detect, seine_error *error);
void seine_detect_fixes_close(seine_detect_fixes *fixes);

/**
 * Whether a further field of messages has a column: one of that name in the lake or in files, or of another name that
 * archives of ships have for it. The speed is the first measure whose unit becomes knots.
 */
bool seine_detect_fixes_have(const seine_dataset *dataset, const char *field);

/** Appends the fix of a message as a JSON object: the columns of its dataset in their order, the time as text. */
SEINE_MUST_USE seine_status seine_detect_fixes_put(const seine_detect_fixes *fixes, uint32_t row, seine_buf *text);

#endif
