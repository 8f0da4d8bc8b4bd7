/**
 * @file decode/field.h
 * Texts of files as values of a dataset's columns (columns/dataset.h). Pure; safe on any bytes.
 */
#ifndef SEINE_DECODE_FIELD_H
#define SEINE_DECODE_FIELD_H

#include "base/buf.h"
#include "columns/dataset.h"

/** What a text is to its column. Each is a bit, those of no value the same as SEINE_REFUSE_…. */
typedef enum seine_field {
    SEINE_FIELD_GOOD = 0,
    SEINE_FIELD_NULL = SEINE_REFUSE_MISSING, /**< blank, or a text or number that stands for "not available" */
    SEINE_FIELD_FAULT = SEINE_REFUSE_FAULT,  /**< no value */
    SEINE_FIELD_RANGE = SEINE_REFUSE_RANGE   /**< a number outside the limits */
} seine_field;

/**
 * Reads an INT, DOUBLE or BOOLEAN (0 or 1; true, false, yes, no, 1, 0 without case). Words come first; a number is then
 * scaled, cut if the column truncates, and held against the limits; an INT against those of int32_t too.
 * @param decimal '.' or ','; the other one is no part of a number.
 * @param value NaN unless GOOD.
 */
seine_field seine_field_number(const seine_dataset_column *column, char decimal, seine_str text, double *value);

/**
 * Reads a STRING: trimmed if the column trims, then its words. An empty text is NULL. @return GOOD or NULL; @p value
 * is borrowed from @p text or the dataset.
 */
seine_field seine_field_text(const seine_dataset_column *column, seine_str text, seine_str *value);

/**
 * Reads degrees, minutes and seconds as people write them: 48°51'30"N, 48 51.5 N, 48-51.5N, S 33 51.2, -48:51:30,
 * 48.8583. The last number may have a fraction; minutes and seconds are below 60. Exactly one letter, of the right
 * axis, or a sign tells the half of the globe; only degrees alone may go without.
 */
seine_field seine_field_degrees(const seine_dataset_column *column, bool is_latitude, seine_str text, double *value);

/**
 * Reads a time of the dataset's kind. UNIX times without an exponent are exact to the microsecond; what is smaller is
 * cut. @return whether it was a time in years 1 to 9999.
 */
bool seine_field_time(const seine_dataset *dataset, char decimal, seine_str text, int64_t *time_us);

/** @return whether a field's name is one of a column: without case, blanks, points, hyphens and underscores. */
bool seine_field_name_equal(seine_str name, const char *known);

#define SEINE_FIELD_WORD_MAX 160 /**< letters and digits that are compared */
/** Letters and digits in small letters, ended by NUL. @return how many; more than the room holds are cut. */
size_t seine_field_plain_word(seine_str text, char word[SEINE_FIELD_WORD_MAX]);

/** Appends ISO 8859-1 text as UTF-8. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_field_of_latin1(seine_str text, seine_buf *out);
/** @return whether any byte is beyond ASCII. */
bool seine_field_is_beyond_ascii(seine_str text);

#endif
