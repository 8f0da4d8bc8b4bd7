/** @file parquet/thrift.h  Writes Thrift's compact protocol, in which Parquet keeps its headers and footer. */
#ifndef SEINE_PARQUET_THRIFT_H
#define SEINE_PARQUET_THRIFT_H

#include "base/buf.h"

typedef enum seine_thrift_type {
    SEINE_THRIFT_TRUE = 1,
    SEINE_THRIFT_FALSE = 2,
    SEINE_THRIFT_I32 = 5,
    SEINE_THRIFT_I64 = 6,
    SEINE_THRIFT_BINARY = 8,
    SEINE_THRIFT_LIST = 9,
    SEINE_THRIFT_STRUCT = 12
} seine_thrift_type;

#define SEINE_THRIFT_DEPTH 8

/** Field ids are told as their distance from the one before, so each open struct keeps its last id. */
typedef struct seine_thrift {
    seine_buf *out;
    int last[SEINE_THRIFT_DEPTH];
    int depth;
    seine_status status; /**< first failure; check once at the end */
} seine_thrift;

/** Starts with an open top struct; end it with seine_thrift_end. */
seine_thrift seine_thrift_to(seine_buf *out);
void seine_thrift_i32(seine_thrift *t, int field, int32_t value);
void seine_thrift_i64(seine_thrift *t, int field, int64_t value);
void seine_thrift_bool(seine_thrift *t, int field, bool value);
void seine_thrift_binary(seine_thrift *t, int field, const void *bytes, size_t size);
void seine_thrift_text(seine_thrift *t, int field, const char *text);
/** Opens a struct as a field; field 0: as an element of the list begun before. */
void seine_thrift_begin(seine_thrift *t, int field);
void seine_thrift_end(seine_thrift *t);
/** A struct without fields, as a union's chosen member. */
void seine_thrift_empty(seine_thrift *t, int field);
/** Begins a list; its elements follow by the functions below or seine_thrift_begin(t, 0). Lists need no end. */
void seine_thrift_list(seine_thrift *t, int field, seine_thrift_type element, size_t count);
void seine_thrift_element_i32(seine_thrift *t, int32_t value);
void seine_thrift_element_i64(seine_thrift *t, int64_t value);
void seine_thrift_element_bool(seine_thrift *t, bool value);
void seine_thrift_element_binary(seine_thrift *t, const void *bytes, size_t size);

#endif
