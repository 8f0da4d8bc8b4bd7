/*
 * Reading Avro container files. Blocks are unpacked one at a time; a record becomes a tree of values. Every length is
 * checked against the bytes that are there before it is used, so damaged or hostile files end in SEINE_E_FORMAT.
 */
#include "table/avro/type.h"

#include "base/array.h"
#include "base/number.h"
#include "base/try.h"
#include "io/codec.h"

#include <stdlib.h>

#define BLOCK_MAX_BYTES ((size_t)256 * 1024 * 1024)
#define NODES_MAX ((size_t)1000 * 1000) /* of one record */
#define DEPTH_MAX 32
#define HEADER_MAX 64 /* entries */

/* Bytes being taken from the front; `bad` sticks, so that a sequence of takes is checked once. */
typedef struct cursor {
    const uint8_t *at;
    size_t left;
    bool bad;
} cursor;

/* What decoding one record needs. */
typedef struct decoder {
    cursor in;
    seine_arena *arena;
    size_t nodes_left;
    bool no_memory;
} decoder;

struct seine_avro_file {
    const char *name;
    seine_arena arena; /* schema and header */
    seine_avro_meta header[HEADER_MAX];
    size_t header_count;
    const seine_avro_type *type;
    bool deflated;
    uint8_t sync[SEINE_AVRO_SYNC_BYTES];
    cursor rest;     /* blocks not yet opened */
    seine_buf block; /* the open block, unpacked */
    cursor records;  /* in the open block */
    int64_t records_left;
};

static seine_str take(cursor *c, size_t size) {
    if (c->bad || size > c->left) {
        c->bad = true;
        return (seine_str){NULL, 0};
    }
    const seine_str bytes = {(const char *)c->at, size};
    c->at += size;
    c->left -= size;
    return bytes;
}

static int64_t take_long(cursor *c) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (c->bad || c->left == 0) break;
        const uint8_t byte = *c->at++;
        c->left--;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
    }
    c->bad = true;
    return 0;
}

static seine_str take_text(cursor *c) {
    const int64_t size = take_long(c);
    if (size < 0 || (uint64_t)size > c->left) c->bad = true;
    return take(c, c->bad ? 0 : (size_t)size);
}

/* ---- values ---- */

static bool decode(decoder *d, const seine_avro_type *type, seine_avro_value *value, int depth);

static void decode_scalar(cursor *c, const seine_avro_type *type, seine_avro_value *value) {
    seine_str bytes;
    switch (type->kind) {
    case SEINE_AVRO_BOOLEAN:
        bytes = take(c, 1);
        value->integer = bytes.size == 1 && bytes.data[0] != 0;
        break;
    case SEINE_AVRO_INT:
    case SEINE_AVRO_LONG:
    case SEINE_AVRO_ENUM: value->integer = take_long(c); break;
    case SEINE_AVRO_FLOAT:
        bytes = take(c, 4);
        float narrow = 0;
        if (bytes.size == 4) memcpy(&narrow, bytes.data, 4);
        value->real = (double)narrow;
        break;
    case SEINE_AVRO_DOUBLE:
        bytes = take(c, 8);
        if (bytes.size == 8) memcpy(&value->real, bytes.data, 8);
        break;
    case SEINE_AVRO_FIXED: value->bytes = take(c, type->size); break;
    case SEINE_AVRO_BYTES:
    case SEINE_AVRO_STRING: value->bytes = take_text(c); break;
    default: break;
    }
}

static bool decode_record(decoder *d, const seine_avro_type *type, seine_avro_value *value, int depth) {
    if (type->count > d->nodes_left) return false;
    d->nodes_left -= type->count;
    value->items = SEINE_ARENA_ARRAY(d->arena, seine_avro_value, type->count);
    d->no_memory = value->items == NULL;
    if (d->no_memory) return false;
    value->count = type->count;
    for (size_t i = 0; i < type->count; i++)
        if (!decode(d, type->members[i].type, &value->items[i], depth)) return false;
    return true;
}

/* Makes room for one more item; arrays come in blocks whose total is not told beforehand. */
static bool grow(decoder *d, seine_avro_value *value, size_t *capacity, bool has_keys) {
    if (d->nodes_left == 0) return false;
    d->nodes_left--;
    size_t items = *capacity, keys = *capacity;
    seine_status status = SEINE_ARENA_ROOM(d->arena, value->items, value->count, items, 1, (size_t)NODES_MAX);
    if (status == SEINE_OK && has_keys)
        status = SEINE_ARENA_ROOM(d->arena, value->keys, value->count, keys, 1, (size_t)NODES_MAX);
    d->no_memory = status != SEINE_OK;
    *capacity = has_keys && keys < items ? keys : items;
    return status == SEINE_OK;
}

static bool decode_items(decoder *d, const seine_avro_type *type, seine_avro_value *value, int depth) {
    const bool has_keys = type->kind == SEINE_AVRO_MAP;
    size_t capacity = 0;
    for (;;) {
        int64_t items = take_long(&d->in);
        if (d->in.bad) return false;
        if (items == 0) return true;
        if (items < 0) { /* a negative count is followed by the block's size in bytes */
            if (items == INT64_MIN || take_long(&d->in) < 0) return false;
            items = -items;
        }
        for (; items > 0; items--) {
            if (!grow(d, value, &capacity, has_keys)) return false;
            const size_t i = value->count++;
            if (has_keys) value->keys[i] = take_text(&d->in);
            if (!decode(d, type->item, &value->items[i], depth)) return false;
        }
    }
}

static bool decode(decoder *d, const seine_avro_type *type, seine_avro_value *value, int depth) {
    if (depth == DEPTH_MAX) return false; /* a record that holds itself */
    *value = (seine_avro_value){.type = type};
    if (type->kind == SEINE_AVRO_RECORD) return decode_record(d, type, value, depth + 1);
    if (type->kind == SEINE_AVRO_ARRAY || type->kind == SEINE_AVRO_MAP) return decode_items(d, type, value, depth + 1);
    if (type->kind == SEINE_AVRO_UNION) {
        const int64_t branch = take_long(&d->in);
        if (d->in.bad || branch < 0 || (uint64_t)branch >= type->count) return false;
        return decode(d, type->members[branch].type, value, depth + 1);
    }
    decode_scalar(&d->in, type, value);
    return !d->in.bad;
}

/* ---- file ---- */

static seine_status damaged(const seine_avro_file *file, const char *what, seine_error *error) {
    return seine_fail(error, SEINE_E_FORMAT, "%s: damaged Avro file: %s", file->name, what);
}

static seine_status read_header(seine_avro_file *file, seine_error *error) {
    if (file->rest.left < 4 || memcmp(file->rest.at, "Obj\x01", 4) != 0)
        return seine_fail(error, SEINE_E_FORMAT, "%s: not an Avro file", file->name);
    (void)take(&file->rest, 4);
    for (;;) {
        int64_t entries = take_long(&file->rest);
        if (entries < 0 && entries != INT64_MIN) {
            (void)take_long(&file->rest);
            entries = -entries;
        }
        if (entries == 0 || file->rest.bad) break;
        for (; entries > 0 && !file->rest.bad; entries--) {
            if (file->header_count == HEADER_MAX) return damaged(file, "too many header entries", error);
            const seine_str key = take_text(&file->rest);
            const seine_str value = take_text(&file->rest);
            char *copy = seine_arena_copy(&file->arena, key.data, key.size);
            if (copy == NULL) return seine_no_memory(error, file->name);
            file->header[file->header_count++] = (seine_avro_meta){copy, value};
        }
    }
    const seine_str sync = take(&file->rest, sizeof file->sync);
    if (file->rest.bad) return damaged(file, "header", error);
    memcpy(file->sync, sync.data, sync.size);
    return SEINE_OK;
}

static seine_status find_type(seine_avro_file *file, seine_str schema, seine_avro_schema *known, seine_arena *arena,
                              seine_error *error) {
    if (known == NULL) return seine_avro_type_parse(schema, file->name, &file->arena, &file->type, error);
    if (known->text.size == 0 || !seine_str_equal(known->text, schema)) {
        const char *text = seine_arena_copy(arena, schema.data, schema.size);
        if (text == NULL) return seine_no_memory(error, file->name);
        known->text.size = 0;
        SEINE_TRY(seine_avro_type_parse(schema, file->name, arena, &known->type, error));
        known->text = (seine_str){text, schema.size};
    }
    file->type = known->type;
    return SEINE_OK;
}

static seine_status read_schema(seine_avro_file *file, seine_avro_schema *known, seine_arena *arena,
                                seine_error *error) {
    const seine_str codec = seine_avro_header(file, "avro.codec");
    file->deflated = seine_str_equal(codec, SEINE_STR("deflate"));
    if (!file->deflated && codec.size > 0 && !seine_str_equal(codec, SEINE_STR("null")))
        return seine_fail(error, SEINE_E_UNSUPPORTED,
                          "%s: blocks are compressed with %.*s; null and deflate are read here", file->name,
                          (int)(codec.size < 40 ? codec.size : 40), codec.data);
    const seine_str schema = seine_avro_header(file, "avro.schema");
    SEINE_TRY(find_type(file, schema, known, arena, error));
    if (file->type->kind != SEINE_AVRO_RECORD) return damaged(file, "the root type is not a record", error);
    return SEINE_OK;
}

seine_status seine_avro_open(seine_str bytes, const char *name, seine_avro_file **file, seine_error *error) {
    return seine_avro_open_known(bytes, name, NULL, NULL, file, error);
}

seine_status seine_avro_open_known(seine_str bytes, const char *name, seine_avro_schema *known, seine_arena *arena,
                                   seine_avro_file **file, seine_error *error) {
    *file = NULL;
    seine_avro_file *made SEINE_OWNED(seine_avro_close_owned) = calloc(1, sizeof *made);
    if (made == NULL) return seine_no_memory(error, name);
    seine_buf_init(&made->block, BLOCK_MAX_BYTES);
    made->rest = (cursor){(const uint8_t *)bytes.data, bytes.size, false};
    made->name = seine_arena_copy(&made->arena, name, strlen(name));
    if (made->name == NULL) return seine_no_memory(error, name);
    SEINE_TRY(read_header(made, error));
    SEINE_TRY(read_schema(made, known, arena, error));
    *file = SEINE_TAKE(made);
    return SEINE_OK;
}

void seine_avro_close(seine_avro_file *file) {
    if (file == NULL) return;
    seine_buf_free(&file->block);
    seine_arena_free(&file->arena);
    free(file);
}

seine_str seine_avro_header(const seine_avro_file *file, const char *key) {
    for (size_t i = 0; i < file->header_count; i++)
        if (strcmp(file->header[i].key, key) == 0) return file->header[i].value;
    return (seine_str){NULL, 0};
}

const uint8_t *seine_avro_sync(const seine_avro_file *file) { return file->sync; }

const seine_avro_meta *seine_avro_headers(const seine_avro_file *file, size_t *count) {
    *count = file->header_count;
    return file->header;
}

/* A record of Iceberg's takes at least one byte; a larger count would be a loop without end. */
static seine_status check_count(const seine_avro_file *file, seine_error *error) {
    if ((uint64_t)file->records_left > file->records.left) return damaged(file, "number of records", error);
    return SEINE_OK;
}

static seine_status open_block(seine_avro_file *file, seine_error *error) {
    const int64_t records = take_long(&file->rest);
    const seine_str packed = take_text(&file->rest);
    const seine_str sync = take(&file->rest, sizeof file->sync);
    if (file->rest.bad || records < 0) return damaged(file, "block", error);
    if (memcmp(sync.data, file->sync, sync.size) != 0) return damaged(file, "sync marker", error);
    file->records_left = records;
    if (!file->deflated) {
        file->records = (cursor){(const uint8_t *)packed.data, packed.size, false};
        return check_count(file, error);
    }
    seine_buf_clear(&file->block);
    const seine_status status = seine_inflate(packed.data, packed.size, &file->block, BLOCK_MAX_BYTES, error);
    if (status == SEINE_E_NOMEM) return status;
    if (status != SEINE_OK) return damaged(file, "a block does not unpack", error);
    file->records = (cursor){file->block.data, file->block.size, false};
    return check_count(file, error);
}

seine_status seine_avro_next(seine_avro_file *file, seine_arena *arena, const seine_avro_value **record,
                             seine_error *error) {
    *record = NULL;
    while (file->records_left == 0) {
        if (file->rest.left == 0) return SEINE_OK;
        SEINE_TRY(open_block(file, error));
    }
    seine_avro_value *value = seine_arena_alloc(arena, sizeof *value);
    if (value == NULL) return seine_no_memory(error, file->name);
    decoder d = {.in = file->records, .arena = arena, .nodes_left = NODES_MAX};
    if (!decode(&d, file->type, value, 0)) {
        if (d.no_memory) return seine_no_memory(error, file->name);
        return damaged(file, "record", error);
    }
    file->records = d.in;
    file->records_left--;
    *record = value;
    return SEINE_OK;
}

/* ---- getters ---- */

seine_avro_kind seine_avro_kind_of(const seine_avro_value *value) {
    return value == NULL ? SEINE_AVRO_NULL : value->type->kind;
}

const seine_avro_value *seine_avro_field(const seine_avro_value *record, int id, const char *name) {
    if (seine_avro_kind_of(record) != SEINE_AVRO_RECORD) return NULL;
    const seine_avro_type *type = record->type;
    for (size_t i = 0; i < type->count; i++)
        if (type->members[i].id == id) return &record->items[i];
    const seine_str wanted = seine_str_of(name);
    for (size_t i = 0; i < type->count; i++) /* writers that lose the ids (ICEBERG.md section 10) */
        if (type->members[i].id == SEINE_AVRO_NO_ID && seine_str_equal(type->members[i].name, wanted))
            return &record->items[i];
    return NULL;
}

int64_t seine_avro_int(const seine_avro_value *value, int64_t fallback) {
    switch (seine_avro_kind_of(value)) {
    case SEINE_AVRO_BOOLEAN:
    case SEINE_AVRO_INT:
    case SEINE_AVRO_LONG: return value->integer;
    default: return fallback;
    }
}

seine_str seine_avro_bytes(const seine_avro_value *value) {
    switch (seine_avro_kind_of(value)) {
    case SEINE_AVRO_BYTES:
    case SEINE_AVRO_STRING:
    case SEINE_AVRO_FIXED: return value->bytes;
    default: return (seine_str){NULL, 0};
    }
}

bool seine_avro_map_at(const seine_avro_value *map, size_t index, int64_t *key, const seine_avro_value **value) {
    const seine_avro_kind kind = seine_avro_kind_of(map);
    if (kind == SEINE_AVRO_MAP) {
        *value = &map->items[index];
        return seine_integer_parse(map->keys[index], key);
    }
    if (kind != SEINE_AVRO_ARRAY) return false;
    const seine_avro_value *pair = &map->items[index];
    if (seine_avro_kind_of(pair) != SEINE_AVRO_RECORD || pair->count != 2) return false;
    const size_t first = seine_str_equal(pair->type->members[0].name, SEINE_STR("value")) ? 1 : 0;
    *key = seine_avro_int(&pair->items[first], -1);
    *value = &pair->items[1 - first];
    return *key >= 0;
}
