/**
 * @file parquet/bounds.h
 * Least and greatest value of a page, a chunk and a file, as bytes that Parquet and Iceberg share: numbers
 * little-endian, text cut to 16 code points with the upper one rounded up. Bounds of whole files are merged from bounds
 * of pages; cutting and rounding keep the order, so this gives the same as cutting the file's own extremes.
 */
#ifndef SEINE_PARQUET_BOUNDS_H
#define SEINE_PARQUET_BOUNDS_H

#include "columns/schema.h"

#define SEINE_BOUND_BYTES 64
#define SEINE_BOUND_CODE_POINTS 16

typedef struct seine_bound {
    uint8_t bytes[SEINE_BOUND_BYTES];
    uint8_t size;
    bool exact; /**< not cut */
} seine_bound;

typedef struct seine_bounds {
    bool any;        /**< some value that is not null */
    bool unknown;    /**< nothing can be told: binary, or a NaN among the values (readers order NaN differently) */
    bool upper_open; /**< text whose upper bound cannot be rounded up */
    seine_bound lower, upper;
} seine_bounds;

/** Bounds of @p count values of the C type of @p type. Zeros become -0.0 below and +0.0 above. */
seine_bounds seine_bounds_of(seine_type type, const void *values, size_t count);
/** Widens @p into by @p more. */
void seine_bounds_merge(seine_type type, seine_bounds *into, const seine_bounds *more);
/** Order of two bounds of one type: < 0, 0, > 0. */
int seine_bound_compare(seine_type type, const seine_bound *a, const seine_bound *b);
/** Lower and upper bound of a text by ICEBERG section 5. @return false when no upper bound can be told. */
void seine_bound_text_lower(seine_str text, seine_bound *bound);
bool seine_bound_text_upper(seine_str text, seine_bound *bound);

#endif
