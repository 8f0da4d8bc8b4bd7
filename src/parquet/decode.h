/**
 * @file parquet/decode.h
 * The encodings of encode.h, back. Bytes may be damaged: nothing beyond them is read. A page is never decoded
 * as a whole: values are picked by their place in it.
 *
 * @p picks: places of wanted values, strictly ascending, each below the number of @p values in the page; @p out has
 * room for as many. Every function returns OK or E_FORMAT.
 */
#ifndef SEINE_PARQUET_DECODE_H
#define SEINE_PARQUET_DECODE_H

#include "parquet/encode.h"
#include "parquet/read_thrift.h"

typedef struct seine_picks {
    const uint32_t *at;
    size_t count;
} seine_picks;

/** Takes the definition levels in front of a page: 1 = a value, 0 = null, for each of @p rows. */
SEINE_MUST_USE seine_status seine_decode_levels(seine_bytes *in, uint8_t *valid, size_t rows);

/** RLE_DICTIONARY: the codes of the picked values. */
SEINE_MUST_USE seine_status seine_decode_codes(seine_bytes in, size_t values, seine_picks picks, uint32_t *out);
/** RLE_DICTIONARY: the places of the values whose code is wanted; others than @p code_count codes are E_FORMAT. */
SEINE_MUST_USE seine_status seine_decode_find_codes(seine_bytes in, size_t values, const uint8_t *is_wanted,
                                                    size_t code_count, uint32_t *places, size_t *count);
/** PLAIN of texts: the places of those equal to @p text. */
SEINE_MUST_USE seine_status seine_decode_find_texts(seine_bytes in, size_t values, seine_str text, uint32_t *places,
                                                    size_t *count);

/** DELTA_BINARY_PACKED into int64_t (@p size 8) or int32_t (@p size 4). */
SEINE_MUST_USE seine_status seine_decode_delta(seine_bytes in, size_t size, size_t values, seine_picks picks,
                                               void *out);
/** BYTE_STREAM_SPLIT of 8-byte values. */
SEINE_MUST_USE seine_status seine_decode_split(seine_bytes in, size_t values, seine_picks picks, uint64_t *out);
/** PLAIN of numbers of @p size bytes, of booleans, of byte strings (which point into the page). */
SEINE_MUST_USE seine_status seine_decode_numbers(seine_bytes in, size_t size, size_t values, seine_picks picks,
                                                 void *out);
SEINE_MUST_USE seine_status seine_decode_bits(seine_bytes in, size_t values, seine_picks picks, uint8_t *out);
SEINE_MUST_USE seine_status seine_decode_texts(seine_bytes in, size_t values, seine_picks picks, seine_str *out);

#endif
