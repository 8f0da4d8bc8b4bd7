/**
 * @file decode/csv_objects.h
 * Rows of CSV text as JSON objects. Pure; safe on any bytes.
 *
 * The first record names the columns. CSV has no types: empty fields are null; timestamps, positions, distances,
 * speeds, counts and versions are numbers when they read as such (with or without start_, end_ in front); is_closed is
 * a boolean; all else is text.
 */
#ifndef SEINE_DECODE_CSV_OBJECTS_H
#define SEINE_DECODE_CSV_OBJECTS_H

#include "base/json.h"
#include "decode/csv.h"

/** A text, and the row at which it is. Zeroed is ready; close it in every case. */
typedef struct seine_csv_objects {
    const char *name; /**< of the text, for errors; borrowed */
    size_t count;     /**< of columns */
    seine_str column[SEINE_CSV_FIELDS];
    size_t row; /**< number of the record, first is 1 */
    seine_csv_record record;
    /* private */
    seine_str rest;
    seine_str key[SEINE_CSV_FIELDS]; /* as JSON, with what stands before it */
    uint8_t kind[SEINE_CSV_FIELDS];
    seine_arena arena;
    seine_buf scratch;
} seine_csv_objects;

/**
 * Begins with the header. @p text and @p name must outlive it.
 * @return OK, E_FORMAT (no header, more than SEINE_CSV_FIELDS columns), E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_csv_objects_open(seine_csv_objects *rows, seine_str text, const char *name,
                                                   seine_error *error);
/** The next row. @return OK (record.raw.data NULL: there is none), E_FORMAT (another number of fields), E_NOMEM. */
SEINE_MUST_USE seine_status seine_csv_objects_next(seine_csv_objects *rows, seine_error *error);
/** Appends a field of the row as JSON. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_csv_objects_value(const seine_csv_objects *rows, size_t field, seine_buf *json);
/** Appends the row as one object. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_csv_objects_put(const seine_csv_objects *rows, seine_buf *json);
/** Goes to a record that was there before, by its text; its number is not known then. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_csv_objects_again(seine_csv_objects *rows, seine_str raw);
void seine_csv_objects_close(seine_csv_objects *rows);

#endif
