/**
 * @file ingest/raw/notes.h
 * What is known of the records of a raw file beside their text: which of them are no text, and why, and where in
 * a topic each was. Refused rows tell it.
 */
#ifndef SEINE_INGEST_RAW_NOTES_H
#define SEINE_INGEST_RAW_NOTES_H

#include "ingest/parser.h"
#include "ingest/raw/read.h"

#define SEINE_RAW_REASON_BYTES 200

/** A record that is no text. */
typedef struct seine_raw_fault {
    uint64_t row; /**< first is 1 */
    seine_str reason, raw;
} seine_raw_fault;

/** Of a record. */
typedef struct seine_raw_place {
    int64_t offset; /**< in its topic */
    int64_t received_us;
} seine_raw_place;

/** Zeroed = nothing is known; free with seine_raw_notes_free. */
typedef struct seine_raw_notes {
    seine_arena arena;
    const char *topic; /**< NULL: of an API. All records are of one partition */
    int32_t partition;
    seine_raw_place *places; /**< of each record, unless the file is a source by itself */
    size_t place_count, place_capacity;
    uint64_t before;         /**< rows of the source before the first of these */
    seine_raw_fault *faults; /**< by row */
    size_t fault_count, fault_capacity;
    size_t raw_bytes; /**< of the faults' texts */
} seine_raw_notes;
void seine_raw_notes_free(seine_raw_notes *notes);

/** Notes that record @p row is none. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_raw_notes_fault(seine_raw_notes *notes, uint64_t row, const char *reason,
                                                  seine_str raw);
/** Notes where the next record was, and when it came. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_raw_notes_place(seine_raw_notes *notes, const seine_raw_record *record);
/** Takes out of a block the fixes that are more than @p max_future_us later than their records came: they were refused
 * when these came. */
void seine_raw_notes_judge(const seine_raw_notes *notes, seine_parsed_block *block, int64_t max_future_us);
/** Refused rows of decoded blocks of the file tell what is known of them. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_raw_notes_apply(const seine_raw_notes *notes, seine_parsed_block *blocks,
                                                  size_t count);

#endif
