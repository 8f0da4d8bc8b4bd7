/**
 * @file decode/ais_column.h
 * What is known of each column of a position file: the names it goes by, the range its values may have, the words that
 * stand for its codes. One table; the decoder, messages to the user and docs/differences.md follow it. Pure.
 *
 * A value outside its range, or a text that no table knows, becomes null and is counted (seine_measure); the row stays.
 */
#ifndef SEINE_DECODE_AIS_COLUMN_H
#define SEINE_DECODE_AIS_COLUMN_H

#include "base/buf.h"
#include "columns/fix.h"

#define SEINE_AIS_NAMES_MAX 16

typedef enum seine_ais_kind {
    SEINE_AIS_KEY,    /**< id, time, position: a row without it is refused */
    SEINE_AIS_NUMBER, /**< a double */
    SEINE_AIS_CODE,   /**< a whole number, or a word of the column's table */
    SEINE_AIS_TEXT    /**< kept as it is */
} seine_ais_kind;

typedef struct seine_ais_column {
    int column; /**< index in silver.ais */
    seine_ais_kind kind;
    double least, most; /**< range of numbers and codes, both inclusive (ITU-R M.1371-5, what a message can carry) */
    double unknown;     /**< sent for "not available": null without being counted; NaN = none */
    const char *names[SEINE_AIS_NAMES_MAX]; /**< in order of preference; compared without case, blanks and _ */
} seine_ais_column;

/** Columns that files can have, keys first. @p count of them. */
const seine_ais_column *seine_ais_columns(size_t *count);
/** @return the descriptor of a column of silver.ais, or NULL (lineage). */
const seine_ais_column *seine_ais_column_of(int column);

/** How a number that a file sent is taken. */
typedef enum seine_ais_taken { SEINE_AIS_GOOD, SEINE_AIS_UNKNOWN, SEINE_AIS_FAULT } seine_ais_taken;

/**
 * Reads the text of a number or code column. @p value is NaN unless GOOD. Blank text is UNKNOWN.
 * A code may be a word: navigational status by ITU-R M.1371-5 table 45, ship types by its table 53.
 */
seine_ais_taken seine_ais_take(const seine_ais_column *column, seine_str text, double *value);

/**
 * NOAA's archives of 2015 to 2017 hold speeds and courses that went through a signed number on their way: a negative
 * speed is 102.4 too small, a negative course 409.6 (NOAA, AIS FAQ). @return the value as it was sent.
 */
double seine_ais_unwrapped(int column, double value);

/**
 * The column that a field of this unknown name may be meant for: a name with one letter more, less, other or swapped,
 * or a word known to be used for it. @p taken says which columns the file has already. @return NULL = none.
 */
const seine_ais_column *seine_ais_column_like(seine_str name, const bool taken[SEINE_AIS_COLUMNS]);

/** @return whether a field's name is one of the names: without case, blanks, points, hyphens and underscores. */
bool seine_ais_name_equal(seine_str name, const char *known);

#endif
