/*
 * Thrift compact protocol (thrift-compact-protocol.md of Apache Thrift), writing only. Integers are zigzag varints; a
 * field header is one byte (distance << 4 | type) while the distance of ids is 1-15, as in every struct of Parquet.
 */
#include "parquet/thrift.h"

#include <assert.h>

static void put(seine_thrift *t, const void *bytes, size_t size) {
    if (t->status == SEINE_OK && size > 0) t->status = seine_buf_append(t->out, bytes, size);
}

static void put_varint(seine_thrift *t, uint64_t value) {
    uint8_t bytes[10];
    size_t size = 0;
    while (value >= 0x80) {
        bytes[size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    bytes[size++] = (uint8_t)value;
    put(t, bytes, size);
}

static void put_zigzag(seine_thrift *t, int64_t value) {
    put_varint(t, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

static void put_field(seine_thrift *t, int field, int type) {
    const int distance = field - t->last[t->depth];
    assert(distance >= 1 && distance <= 15);
    const uint8_t header = (uint8_t)(distance << 4 | type);
    t->last[t->depth] = field;
    put(t, &header, 1);
}

seine_thrift seine_thrift_to(seine_buf *out) { return (seine_thrift){.out = out, .status = SEINE_OK}; }

void seine_thrift_i32(seine_thrift *t, int field, int32_t value) {
    put_field(t, field, SEINE_THRIFT_I32);
    put_zigzag(t, value);
}

void seine_thrift_i64(seine_thrift *t, int field, int64_t value) {
    put_field(t, field, SEINE_THRIFT_I64);
    put_zigzag(t, value);
}

void seine_thrift_bool(seine_thrift *t, int field, bool value) {
    put_field(t, field, value ? SEINE_THRIFT_TRUE : SEINE_THRIFT_FALSE);
}

void seine_thrift_binary(seine_thrift *t, int field, const void *bytes, size_t size) {
    put_field(t, field, SEINE_THRIFT_BINARY);
    seine_thrift_element_binary(t, bytes, size);
}

void seine_thrift_text(seine_thrift *t, int field, const char *text) {
    seine_thrift_binary(t, field, text, strlen(text));
}

void seine_thrift_begin(seine_thrift *t, int field) {
    if (field > 0) put_field(t, field, SEINE_THRIFT_STRUCT);
    assert(t->depth + 1 < SEINE_THRIFT_DEPTH);
    t->last[++t->depth] = 0;
}

void seine_thrift_end(seine_thrift *t) {
    const uint8_t stop = 0;
    put(t, &stop, 1);
    if (t->depth > 0) t->depth--;
}

void seine_thrift_empty(seine_thrift *t, int field) {
    seine_thrift_begin(t, field);
    seine_thrift_end(t);
}

void seine_thrift_list(seine_thrift *t, int field, seine_thrift_type element, size_t count) {
    put_field(t, field, SEINE_THRIFT_LIST);
    const uint8_t header = (uint8_t)((count < 15 ? count : 15) << 4 | (unsigned)element);
    put(t, &header, 1);
    if (count >= 15) put_varint(t, count);
}

void seine_thrift_element_i32(seine_thrift *t, int32_t value) { put_zigzag(t, value); }

void seine_thrift_element_i64(seine_thrift *t, int64_t value) { put_zigzag(t, value); }

void seine_thrift_element_bool(seine_thrift *t, bool value) {
    const uint8_t byte = value ? SEINE_THRIFT_TRUE : SEINE_THRIFT_FALSE;
    put(t, &byte, 1);
}

void seine_thrift_element_binary(seine_thrift *t, const void *bytes, size_t size) {
    put_varint(t, size);
    put(t, bytes, size);
}
