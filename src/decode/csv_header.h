/**
 * @file decode/csv_header.h
 * Which field of a CSV file is which column of a dataset. Pure.
 */
#ifndef SEINE_DECODE_CSV_HEADER_H
#define SEINE_DECODE_CSV_HEADER_H

#include "columns/dataset.h"
#include "decode/csv.h"

/** How the quick path reads a field (decode/fix_decoder.c). */
typedef enum seine_csv_step {
    SEINE_CSV_SKIP,
    SEINE_CSV_ID_NUMBER,
    SEINE_CSV_ID_TEXT,
    SEINE_CSV_TIME_ISO,
    SEINE_CSV_TIME,
    SEINE_CSV_NUMBER, /**< as it stands */
    SEINE_CSV_VALUE,  /**< a number that takes more than that */
    SEINE_CSV_CAREFUL /**< not by the quick path */
} seine_csv_step;

typedef struct seine_csv_header {
    const seine_dataset *dataset;
    char delimiter;
    size_t field_count;
    int16_t column_of[SEINE_CSV_FIELDS];         /**< index in silver, -1 = ignored */
    int16_t field_of[SEINE_DATASET_COLUMNS_MAX]; /**< -1 = the file does not have it */
    uint8_t step_of[SEINE_CSV_FIELDS];           /**< seine_csv_step */
    size_t tail;   /**< fields [tail, field_count) hold statics only, the ones before it none; field_count when mixed */
    bool may_wrap; /**< the time is called by the first of its names: seine_dataset_column.wrap holds */
} seine_csv_header;

/** The delimiter of a file of this dataset that begins with @p text: what the dataset says, or seine_csv_delimiter. */
char seine_csv_header_delimiter(const seine_dataset *dataset, seine_str text);

/**
 * Reads a header record, which was split by @p delimiter. Needs id, time and every column whose absence a rule refuses.
 * @param name of the file, for messages.
 * @return OK, E_FORMAT (names what is missing and lists the columns seen), E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_csv_header_read(const seine_dataset *dataset, char delimiter,
                                                  const seine_csv_record *record, const char *name,
                                                  seine_csv_header *header, seine_error *error);

/**
 * @return the column that an ignored field gives once more, by its first name: another field of one of its names was
 * taken, which is @p used. NULL = none.
 */
const char *seine_csv_header_twice(const seine_csv_record *record, const seine_csv_header *header, size_t field,
                                   size_t *used);
/**
 * The first name of the column that an ignored field may be meant for: a name with one letter more, less, other or
 * swapped, or a word known to be used for it. @return NULL = none.
 */
const char *seine_csv_header_offer(const seine_csv_record *record, const seine_csv_header *header, size_t field);

#endif
