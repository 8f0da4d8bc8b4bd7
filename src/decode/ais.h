/**
 * @file decode/ais.h
 * NOAA day archives (CSV of both generations) into packed fixes. Pure; safe on any bytes; SPEC 1.2.3, 1.3.2, DESIGN
 * section 4.
 *
 * A row is refused, with its reason and its text, when it is ragged, when its id is missing or not digits, its time
 * missing, unparsable or too far ahead, its position missing or outside the globe, or when it is longer than
 * SEINE_CSV_RECORD_BYTES. The first word of a reason is one of: ragged, id, time, future, position, length.
 *
 * A measure outside its physical range, or a text where a code or number is meant, becomes null and is counted
 * (seine_measure); the row stays. decode/ais_column.h says what each column may hold.
 */
#ifndef SEINE_DECODE_AIS_H
#define SEINE_DECODE_AIS_H

#include "columns/fix.h"
#include "decode/csv.h"

/** Which field is which column. */
typedef struct seine_ais_header {
    size_t field_count;
    int16_t column_of[SEINE_CSV_FIELDS]; /**< index in silver.ais, -1 = ignored */
    int16_t field_of[SEINE_AIS_COLUMNS]; /**< -1 = the file does not have it */
    size_t tail;  /**< fields [tail, field_count) hold statics only, the ones before it none; field_count when mixed */
    bool is_noaa; /**< NOAA's names up to 2024: rows of 2015 to 2017 have wrapped speeds and courses */
} seine_ais_header;

/**
 * Reads a header record. Needs an id, a time, a latitude and a longitude column.
 * @return OK, E_FORMAT (names what is missing and lists the columns seen).
 */
SEINE_MUST_USE seine_status seine_ais_header_read(const seine_csv_record *record, const char *name,
                                                  seine_ais_header *header, seine_error *error);

/**
 * @return the column that an ignored field gives once more, by its first name: another field of one of its names was
 * taken, which is @p used. NULL = none.
 */
const char *seine_ais_header_twice(const seine_csv_record *record, const seine_ais_header *header, size_t field,
                                   size_t *used);
/** @return the first name of the column that an ignored field may be meant for (decode/ais_column.h), or NULL. */
const char *seine_ais_header_offer(const seine_csv_record *record, const seine_ais_header *header, size_t field);

/** Values of a column that became null because they are no values of it. */
typedef struct seine_measure {
    uint32_t rows;
    uint32_t text, text_size; /**< place of the first such value in seine_fix_batch.text */
} seine_measure;

/** A refused row. */
typedef struct seine_reject {
    uint32_t row;                                /**< data row in the block, first is 1 */
    uint32_t reason, reason_size, raw, raw_size; /**< places in seine_fix_batch.text */
} seine_reject;

/** What one block of text became. Owned; free with seine_fix_batch_free. */
typedef struct seine_fix_batch {
    seine_fix *fixes; /**< row counts from 1 within the block; source is 0; codes are the decoder's */
    size_t count, capacity;
    seine_reject *rejects;
    size_t reject_count, reject_capacity;
    seine_buf text;
    uint32_t rows; /**< data rows seen, refused ones too */
    seine_measure measures[SEINE_DATASET_COLUMNS_MAX];
} seine_fix_batch;
void seine_fix_batch_free(seine_fix_batch *batch);

/** What the text of all statics of a row came to. */
typedef struct seine_ais_tail {
    uint32_t tuple;
    uint32_t faults; /**< bit c: the value of column c became null and is to be counted */
} seine_ais_tail;

/** What the rows of a vessel had last: the next ones mostly repeat it. */
typedef struct seine_ais_vessel {
    uint64_t id;      /**< its number + 1; 0 = none */
    const char *tail; /**< in decoder->tails; NULL = none yet */
    uint32_t tail_size, tuple, mover;
} seine_ais_vessel;

/** Dictionaries and scratch memory of one worker. */
typedef struct seine_ais_decoder {
    seine_dict movers; /**< vessel ids */
    seine_dict tuples; /**< canonical statics, columns/fix.h */
    seine_dict tails;  /**< raw text of statics as met in rows → known_tails */
    seine_ais_tail *known_tails;
    size_t tail_capacity;
    const seine_ais_header *tails_of; /**< the header the tails were read with */
    seine_ais_vessel *vessels;        /**< by a hash of the id; one of another id is replaced */
    seine_ais_vessel *vessel;         /**< of the row that is read */
    seine_buf scratch, canonical, clean, key;
    int64_t latest_us;   /**< later times are refused */
    int64_t earliest_us; /**< earlier times are refused */
    int64_t date_us;     /**< midnight of date_text: the day of the row before */
    char date_text[10];
} seine_ais_decoder;
/** The first time that a fix of this dataset can have: before 1990 there was no AIS. */
#define SEINE_AIS_VALID_FROM_US (INT64_C(631152000) * 1000000)
/** @p latest_us: run's clock plus max_future. earliest_us is SEINE_AIS_VALID_FROM_US; the caller may change it. */
void seine_ais_decoder_init(seine_ais_decoder *decoder, int64_t latest_us);
void seine_ais_decoder_free(seine_ais_decoder *decoder);

/**
 * Decodes whole records. Fills a zeroed @p batch. @return OK, E_NOMEM, E_LIMIT.
 */
SEINE_MUST_USE seine_status seine_ais_decode(seine_ais_decoder *decoder, const seine_ais_header *header,
                                             seine_str block, seine_fix_batch *batch);

#endif
