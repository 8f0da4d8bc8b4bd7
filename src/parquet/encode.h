/**
 * @file parquet/encode.h
 * Parquet's value encodings (Encodings.md of Apache Parquet). All append to a buffer; all are little-endian.
 */
#ifndef SEINE_PARQUET_ENCODE_H
#define SEINE_PARQUET_ENCODE_H

#include "base/buf.h"

/** Numbers of the format. */
typedef enum seine_parquet_encoding {
    SEINE_PARQUET_PLAIN = 0,
    SEINE_PARQUET_RLE = 3,
    SEINE_PARQUET_DELTA_BINARY_PACKED = 5,
    SEINE_PARQUET_RLE_DICTIONARY = 8,
    SEINE_PARQUET_BYTE_STREAM_SPLIT = 9
} seine_parquet_encoding;

#define SEINE_HYBRID_LITERALS 504 /* 63 groups of 8: their header fits one byte */

/** Encoder of the RLE / bit-packing hybrid: levels and dictionary codes, cost per run. */
typedef struct seine_hybrid {
    uint8_t *at;    /**< where the next byte goes */
    unsigned width; /**< bits of a value, 1-32 */
    size_t count;   /**< literals waiting */
    uint32_t literals[SEINE_HYBRID_LITERALS];
} seine_hybrid;

/** Begins in @p out with room for @p values values. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_hybrid_begin(seine_hybrid *h, seine_buf *out, unsigned width, size_t values);
/** Appends @p count times @p value. Neighbouring calls with equal values are right but larger. */
void seine_hybrid_put(seine_hybrid *h, uint32_t value, size_t count);
/** Ends; @p out of begin holds the bytes. */
void seine_hybrid_end(seine_hybrid *h, seine_buf *out);

/** Bits needed for values up to @p most; 1 for 0. */
unsigned seine_bit_width(uint32_t most);

/** DELTA_BINARY_PACKED of int64_t (@p size 8) or int32_t (@p size 4) values; a count of 0 is fine. */
SEINE_MUST_USE seine_status seine_encode_delta(seine_buf *out, const void *values, size_t size, size_t count);
/** BYTE_STREAM_SPLIT of 8-byte values. */
SEINE_MUST_USE seine_status seine_encode_split(seine_buf *out, const void *values, size_t count);
/** PLAIN of booleans (uint8_t 0/1): bits, lowest first. */
SEINE_MUST_USE seine_status seine_encode_bits(seine_buf *out, const uint8_t *values, size_t count);
/** PLAIN of byte strings: 4-byte length, bytes. */
SEINE_MUST_USE seine_status seine_encode_strings(seine_buf *out, const seine_str *values, size_t count);

#endif
