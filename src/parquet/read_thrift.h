/**
 * @file parquet/read_thrift.h
 * Reads Thrift's compact protocol from bytes that may be damaged. The first bad byte ends the input: everything read
 * after it is 0, so one look at `failed` at the end is enough.
 */
#ifndef SEINE_PARQUET_READ_THRIFT_H
#define SEINE_PARQUET_READ_THRIFT_H

#include "parquet/thrift.h"

/** Borrowed bytes, and where the next one is. */
typedef struct seine_bytes {
    const uint8_t *at, *end;
    bool failed;
} seine_bytes;

/** A field of the open struct. Start each struct with {0, 0}. */
typedef struct seine_thrift_field {
    int id, type;
} seine_thrift_field;

static inline seine_bytes seine_bytes_of(const void *bytes, size_t size) {
    return (seine_bytes){bytes, (const uint8_t *)bytes + size, false};
}
static inline size_t seine_bytes_left(const seine_bytes *in) { return (size_t)(in->end - in->at); }

/** Also the integers in front of Parquet's encodings. */
uint64_t seine_bytes_varint(seine_bytes *in);
int64_t seine_bytes_zigzag(seine_bytes *in);
/** The next @p size bytes; NULL and failed when there are fewer. */
const uint8_t *seine_bytes_take(seine_bytes *in, size_t size);

/** Moves to the next field. @return false at the end of the struct or of the input. */
bool seine_thrift_next(seine_bytes *in, seine_thrift_field *field);
/** Values of the field moved to; another type than asked for is a failure. */
int64_t seine_thrift_take_int(seine_bytes *in, const seine_thrift_field *field);
seine_str seine_thrift_take_binary(seine_bytes *in, const seine_thrift_field *field);
/** Begins a list of elements of the type. @return how many; each takes at least one byte of what is left. */
size_t seine_thrift_take_list(seine_bytes *in, const seine_thrift_field *field, seine_thrift_type element);
/** Whether the field is a struct, whose fields come next; if not, that is a failure. */
bool seine_thrift_take_struct(seine_bytes *in, const seine_thrift_field *field);
/** Passes over the field's value. */
void seine_thrift_skip(seine_bytes *in, const seine_thrift_field *field);

#endif
