/**
 * @file decode/csv.h
 * Records and fields of CSV text (RFC 4180), from memory. Pure; safe on any bytes. Fields are parted by a delimiter,
 * which is a comma unless somebody chose another byte.
 *
 * A quote opens a quoted field only at the start of a field; inside it, two quotes are one, and line ends are data. It
 * is closed by a quote with a delimiter, a line end or the end of the text behind it. A record ends with LF or CR LF,
 * or with the end of the text. Lines without a byte between their ends are not records.
 *
 * A stray quote swallows nothing. A quote is a plain character, and the record ends at its line end, when
 *   - the next single quote is no closing one, or there is none within SEINE_CSV_RECORD_BYTES;
 *   - the field goes over line ends, and one of the further lines has as many fields as the whole record (where it is
 *     the first field: as the first line): then these lines are records of their own, and the closing quote is as
 *     stray as the opening one.
 */
#ifndef SEINE_DECODE_CSV_H
#define SEINE_DECODE_CSV_H

#include "base/buf.h"

#define SEINE_CSV_FIELDS 128         /**< more fields are counted, not kept */
#define SEINE_CSV_RECORD_BYTES 65536 /**< longest quoted field with a line end */

/** One record. Fields are borrowed from the text, or from scratch where quotes had to be taken out. */
typedef struct seine_csv_record {
    seine_str raw; /**< without its line end */
    size_t field_count;
    seine_str field[SEINE_CSV_FIELDS];
} seine_csv_record;

/**
 * Takes the next record from @p text (which is moved on). @p scratch is cleared and holds unquoted fields until the
 * next call.
 * @return OK (record->raw.data is NULL at the end of the text), E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_csv_next(seine_str *text, char delimiter, seine_buf *scratch,
                                           seine_csv_record *record);

/** How many bytes of @p text are whole records, when more text may follow; 0 = not even one. */
size_t seine_csv_whole(seine_str text, char delimiter);

/** The delimiter of text that begins with a header: of comma, semicolon, tab and bar the one that makes most fields of
 * its first record; a comma when there is none. */
char seine_csv_delimiter(seine_str text);

#endif
