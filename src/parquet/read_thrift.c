/*
 * The compact protocol, reading (thrift-compact-protocol.md of Apache Thrift). Nothing in it tells the length of a
 * struct, so passing over one means walking it; that is what most of a footer costs.
 */
#include "parquet/read_thrift.h"

#define TYPE_BYTE 3
#define TYPE_I16 4
#define TYPE_DOUBLE 7
#define DEPTH_MAX 16

static void fail(seine_bytes *in) {
    in->failed = true;
    in->at = in->end;
}

uint64_t seine_bytes_varint(seine_bytes *in) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && in->at < in->end; shift += 7) {
        const uint8_t byte = *in->at++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) return value;
    }
    fail(in);
    return 0;
}

int64_t seine_bytes_zigzag(seine_bytes *in) {
    const uint64_t value = seine_bytes_varint(in);
    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

const uint8_t *seine_bytes_take(seine_bytes *in, size_t size) {
    if (size > seine_bytes_left(in)) {
        fail(in);
        return NULL;
    }
    const uint8_t *taken = in->at;
    in->at += size;
    return taken;
}

static uint8_t take_byte(seine_bytes *in) {
    const uint8_t *byte = seine_bytes_take(in, 1);
    return byte != NULL ? *byte : 0;
}

bool seine_thrift_next(seine_bytes *in, seine_thrift_field *field) {
    const uint8_t header = take_byte(in);
    field->type = header & 0x0F;
    if (field->type == 0) return false;
    const int64_t id = header >> 4 != 0 ? field->id + (header >> 4) : seine_bytes_zigzag(in);
    if (id < 0 || id > INT16_MAX) fail(in);
    field->id = in->failed ? 0 : (int)id;
    return !in->failed;
}

int64_t seine_thrift_take_int(seine_bytes *in, const seine_thrift_field *field) {
    if (field->type == SEINE_THRIFT_I32 || field->type == SEINE_THRIFT_I64) return seine_bytes_zigzag(in);
    fail(in);
    return 0;
}

static seine_str take_text(seine_bytes *in) {
    const uint64_t size = seine_bytes_varint(in);
    const uint8_t *bytes = size <= SIZE_MAX ? seine_bytes_take(in, (size_t)size) : NULL;
    return bytes != NULL ? (seine_str){(const char *)bytes, (size_t)size} : (seine_str){NULL, 0};
}

seine_str seine_thrift_take_binary(seine_bytes *in, const seine_thrift_field *field) {
    if (field->type == SEINE_THRIFT_BINARY) return take_text(in);
    fail(in);
    return (seine_str){NULL, 0};
}

static size_t take_list_head(seine_bytes *in, int *element) {
    const uint8_t header = take_byte(in);
    const uint64_t count = header >> 4 != 15 ? header >> 4 : seine_bytes_varint(in);
    *element = header & 0x0F;
    if (count <= seine_bytes_left(in)) return (size_t)count;
    fail(in);
    return 0;
}

size_t seine_thrift_take_list(seine_bytes *in, const seine_thrift_field *field, seine_thrift_type element) {
    int found = 0;
    const size_t count = field->type == SEINE_THRIFT_LIST ? take_list_head(in, &found) : 0;
    /* Writers tell booleans as either of their two types. */
    if (found == SEINE_THRIFT_FALSE) found = SEINE_THRIFT_TRUE;
    if (found == (int)element) return count;
    fail(in);
    return 0;
}

bool seine_thrift_take_struct(seine_bytes *in, const seine_thrift_field *field) {
    if (field->type != SEINE_THRIFT_STRUCT) fail(in);
    return !in->failed;
}

static void skip_value(seine_bytes *in, int type, int depth);

static void skip_list(seine_bytes *in, int depth) {
    int element = 0;
    const size_t count = take_list_head(in, &element);
    if (element == SEINE_THRIFT_TRUE || element == SEINE_THRIFT_FALSE) element = TYPE_BYTE;
    for (size_t i = 0; i < count && !in->failed; i++) skip_value(in, element, depth);
}

static void skip_struct(seine_bytes *in, int depth) {
    seine_thrift_field field = {0, 0};
    while (seine_thrift_next(in, &field)) skip_value(in, field.type, depth);
}

static void skip_value(seine_bytes *in, int type, int depth) {
    if (depth == 0) {
        fail(in);
        return;
    }
    switch (type) {
    case SEINE_THRIFT_TRUE:
    case SEINE_THRIFT_FALSE: break; /* the type is the value */
    case TYPE_BYTE: (void)take_byte(in); break;
    case TYPE_I16:
    case SEINE_THRIFT_I32:
    case SEINE_THRIFT_I64: (void)seine_bytes_varint(in); break;
    case TYPE_DOUBLE: (void)seine_bytes_take(in, 8); break;
    case SEINE_THRIFT_BINARY: (void)take_text(in); break;
    case SEINE_THRIFT_LIST: skip_list(in, depth - 1); break;
    case SEINE_THRIFT_STRUCT: skip_struct(in, depth - 1); break;
    default: fail(in); break; /* Parquet has no sets and no maps */
    }
}

void seine_thrift_skip(seine_bytes *in, const seine_thrift_field *field) { skip_value(in, field->type, DEPTH_MAX); }
