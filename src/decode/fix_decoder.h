/**
 * @file decode/fix_decoder.h
 * Text of files into packed fixes, as their dataset says. Pure; safe on any bytes; SPEC 1.2.3, 1.3.2, DESIGN section 4.
 *
 * A row is refused, with its reason and its text, when it is ragged or longer than SEINE_CSV_RECORD_BYTES, when its id
 * is missing or none, its time missing, unparsable, too early or too far ahead, or when a rule of the dataset says so;
 * the first of these in this order. The first word of a reason is one of: ragged, length, json, id, time, future, or
 * the rule's.
 *
 * Any other value that is none, or outside its limits, becomes null and is counted (seine_fix_measure); the row stays.
 */
#ifndef SEINE_DECODE_FIX_DECODER_H
#define SEINE_DECODE_FIX_DECODER_H

#include "columns/fix.h"
#include "decode/csv_header.h"
#include "decode/json/plan.h"

/** Values of a column that became null because they are no values of it. */
typedef struct seine_fix_measure {
    uint32_t rows;
    uint32_t text, text_size; /**< place of the first such value in seine_fix_batch.text */
} seine_fix_measure;

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
    uint32_t rows;                                         /**< data rows seen, refused ones too */
    seine_fix_measure measures[SEINE_DATASET_COLUMNS_MAX]; /**< by index in silver */
} seine_fix_batch;
void seine_fix_batch_free(seine_fix_batch *batch);

/** Latitude, longitude and measures: the numbers that a fix holds itself. */
#define SEINE_FIX_NUMBERS (2 + SEINE_DATASET_MEASURES_MAX)

/** What the numbers of a fix may be, from their columns and the rules. */
typedef struct seine_fix_limits {
    double least[SEINE_FIX_NUMBERS], most[SEINE_FIX_NUMBERS], unknown[SEINE_FIX_NUMBERS];
    double surely[SEINE_FIX_NUMBERS];    /**< from least up to this there is no unknown one */
    bool may_be_null[SEINE_FIX_NUMBERS]; /**< no rule refuses a missing one */
} seine_fix_limits;

/** What the texts of all statics of a row came to. */
typedef struct seine_fix_tail {
    uint64_t faults; /**< bit c: the value of column c became null and is to be counted */
    uint32_t tuple;  /**< when no rule refuses it */
    uint32_t rule;   /**< the first rule that refuses it; SEINE_FIX_NO_RULE = none */
} seine_fix_tail;
#define SEINE_FIX_NO_RULE UINT32_MAX

/** What the rows of a mover had last: the next ones mostly repeat it. */
typedef struct seine_fix_mover {
    uint64_t id;      /**< its number, or a hash of its text, + 1; 0 = none */
    const char *tail; /**< in decoder->tails; NULL = none yet */
    uint32_t tail_size, tuple, mover;
} seine_fix_mover;

/** Dictionaries and scratch memory of one worker. */
typedef struct seine_fix_decoder {
    const seine_dataset *dataset;
    seine_dict movers;   /**< ids */
    seine_dict tuples;   /**< canonical statics, columns/fix.h */
    int64_t latest_us;   /**< later times are refused */
    int64_t earliest_us; /**< earlier times are refused */
    /* private */
    seine_dict tails; /* texts of statics as met in rows → known_tails */
    seine_fix_tail *known_tails;
    size_t tail_capacity;
    const void *tails_of;   /* what the tails were read with: a header, or the decoder itself for JSON */
    seine_fix_mover *last;  /* by a hash of the id; one of another id is replaced */
    seine_fix_mover *mover; /* of the row that is read */
    seine_buf scratch, canonical, clean, key, utf8;
    seine_fix_limits limits;
    seine_json_plan json;       /* of what keys mean; empty until there are some */
    uint32_t first_static_rule; /* SEINE_FIX_NO_RULE = none */
    int64_t date_us;            /* where the day of the row before begins, which is date_text */
    char date_text[10];
} seine_fix_decoder;

/** @p latest_us: run's clock plus max_future. earliest_us is the dataset's; the caller may change it. */
void seine_fix_decoder_init(seine_fix_decoder *decoder, const seine_dataset *dataset, int64_t latest_us);
void seine_fix_decoder_free(seine_fix_decoder *decoder);

/** Decodes whole records of CSV. Fills a zeroed @p batch. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_fix_decode(seine_fix_decoder *decoder, const seine_csv_header *header,
                                             seine_str block, seine_fix_batch *batch);

#endif
