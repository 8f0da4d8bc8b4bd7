/** @file parquet/format.h  Numbers of the format (parquet.thrift of Apache Parquet), as Seine uses them. */
#ifndef SEINE_PARQUET_FORMAT_H
#define SEINE_PARQUET_FORMAT_H

#include "columns/schema.h"

enum {
    SEINE_PHYSICAL_BOOLEAN = 0,
    SEINE_PHYSICAL_INT32 = 1,
    SEINE_PHYSICAL_INT64 = 2,
    SEINE_PHYSICAL_DOUBLE = 5,
    SEINE_PHYSICAL_BYTES = 6
};
enum { SEINE_CONVERTED_NONE = -1, SEINE_CONVERTED_UTF8 = 0, SEINE_CONVERTED_DATE = 6, SEINE_CONVERTED_MICROS = 10 };
enum { SEINE_REPETITION_REQUIRED = 0, SEINE_REPETITION_OPTIONAL = 1 };
enum { SEINE_PARQUET_UNCOMPRESSED = 0, SEINE_PARQUET_ZSTD = 6, SEINE_PAGE_DATA = 0, SEINE_PAGE_DICTIONARY = 2 };

/** Every file of this program begins its created_by with it. */
#define SEINE_PARQUET_CREATED_BY "seine version "

static inline int seine_physical_type(seine_type type) {
    static const uint8_t types[] = {SEINE_PHYSICAL_BOOLEAN, SEINE_PHYSICAL_INT32, SEINE_PHYSICAL_INT64,
                                    SEINE_PHYSICAL_DOUBLE,  SEINE_PHYSICAL_INT32, SEINE_PHYSICAL_INT64,
                                    SEINE_PHYSICAL_BYTES,   SEINE_PHYSICAL_BYTES};
    return types[type];
}

static inline int seine_converted_type(seine_type type) {
    if (type == SEINE_TYPE_STRING) return SEINE_CONVERTED_UTF8;
    if (type == SEINE_TYPE_DATE) return SEINE_CONVERTED_DATE;
    return type == SEINE_TYPE_TIMESTAMPTZ ? SEINE_CONVERTED_MICROS : SEINE_CONVERTED_NONE;
}

#endif
