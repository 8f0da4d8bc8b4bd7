/* Protocol buffers of a vector tile: few enough messages to be written by hand. */
#include "base/try.h"
#include "serve/mvt.h"

#define PART_MAX_BYTES ((size_t)64 * 1024 * 1024)
#define WIRE_VARINT 0U
#define WIRE_DOUBLE 1U
#define WIRE_BYTES 2U
#define COMMAND_MOVE 1U
#define COMMAND_LINE 2U
#define COMMAND_CLOSE 7U

static void note(seine_mvt *layer, seine_status status) {
    if (layer->status == SEINE_OK) layer->status = status;
}

static seine_status put_varint(seine_buf *out, uint64_t value) {
    uint8_t bytes[10];
    size_t count = 0;
    do {
        bytes[count++] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>= 7;
    } while (value > 0);
    return seine_buf_append(out, bytes, count);
}

static seine_status put_tag(seine_buf *out, uint32_t field, uint32_t wire) {
    return put_varint(out, field << 3 | wire);
}

static seine_status put_bytes(seine_buf *out, uint32_t field, const void *bytes, size_t size) {
    SEINE_TRY(put_tag(out, field, WIRE_BYTES));
    SEINE_TRY(put_varint(out, size));
    return seine_buf_append(out, bytes, size);
}

static uint32_t zigzag(int32_t value) { return (uint32_t)value << 1 ^ (uint32_t)(value >> 31); }

void seine_mvt_begin(seine_mvt *layer, const char *name, seine_buf *tile) {
    *layer = (seine_mvt){.tile = tile, .name = name};
    seine_buf *const parts[] = {&layer->features, &layer->tags, &layer->geometry, &layer->scratch, &layer->line};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) seine_buf_init(parts[i], PART_MAX_BYTES);
}

void seine_mvt_feature(seine_mvt *layer, seine_mvt_kind kind) {
    seine_buf_clear(&layer->tags);
    seine_buf_clear(&layer->geometry);
    layer->kind = kind;
    layer->x = layer->y = 0;
}

/* ---- tags ---- */

static void put_pair(seine_mvt *layer, const char *key) {
    size_t index = 0;
    uint32_t code = 0;
    while (index < layer->key_count && strcmp(layer->keys[index], key) != 0) index++;
    if (index == SEINE_MVT_KEYS_MAX) {
        note(layer, SEINE_E_LIMIT);
        return;
    }
    if (index == layer->key_count) layer->keys[layer->key_count++] = key;
    note(layer, seine_dict_intern(&layer->values, seine_buf_str(&layer->scratch), &code));
    note(layer, put_varint(&layer->tags, index));
    note(layer, put_varint(&layer->tags, code));
}

void seine_mvt_tag_text(seine_mvt *layer, const char *key, seine_str value) {
    seine_buf_clear(&layer->scratch);
    note(layer, put_bytes(&layer->scratch, 1, value.data, value.size));
    put_pair(layer, key);
}

void seine_mvt_tag_int(seine_mvt *layer, const char *key, int64_t value) {
    seine_buf_clear(&layer->scratch);
    note(layer, put_tag(&layer->scratch, 4, WIRE_VARINT));
    note(layer, put_varint(&layer->scratch, (uint64_t)value));
    put_pair(layer, key);
}

void seine_mvt_tag_number(seine_mvt *layer, const char *key, double value) {
    uint64_t bits;
    uint8_t bytes[8];
    memcpy(&bits, &value, sizeof bits);
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(bits >> (8 * i));
    seine_buf_clear(&layer->scratch);
    note(layer, put_tag(&layer->scratch, 3, WIRE_DOUBLE));
    note(layer, seine_buf_append(&layer->scratch, bytes, sizeof bytes));
    put_pair(layer, key);
}

void seine_mvt_tag_flag(seine_mvt *layer, const char *key, bool value) {
    seine_buf_clear(&layer->scratch);
    note(layer, put_tag(&layer->scratch, 7, WIRE_VARINT));
    note(layer, put_varint(&layer->scratch, value));
    put_pair(layer, key);
}

/* ---- geometry ---- */

/* The count of a line_to stands before its positions, so they wait until it is known. */
static void flush_line(seine_mvt *layer) {
    if (layer->line_count == 0) return;
    note(layer, put_varint(&layer->geometry, COMMAND_LINE | layer->line_count << 3));
    note(layer, seine_buf_append(&layer->geometry, layer->line.data, layer->line.size));
    seine_buf_clear(&layer->line);
    layer->line_count = 0;
}

static void put_step(seine_mvt *layer, seine_buf *out, int32_t x, int32_t y) {
    note(layer, put_varint(out, zigzag(x - layer->x)));
    note(layer, put_varint(out, zigzag(y - layer->y)));
    layer->x = x;
    layer->y = y;
}

void seine_mvt_move(seine_mvt *layer, int32_t x, int32_t y) {
    flush_line(layer);
    note(layer, put_varint(&layer->geometry, COMMAND_MOVE | 1U << 3));
    put_step(layer, &layer->geometry, x, y);
}

void seine_mvt_line(seine_mvt *layer, int32_t x, int32_t y) {
    put_step(layer, &layer->line, x, y);
    layer->line_count++;
}

void seine_mvt_close(seine_mvt *layer) {
    flush_line(layer);
    note(layer, put_varint(&layer->geometry, COMMAND_CLOSE | 1U << 3));
}

void seine_mvt_feature_end(seine_mvt *layer) {
    flush_line(layer);
    if (layer->geometry.size == 0) return; /* nothing of it lies in the tile */
    seine_buf *feature = &layer->scratch;
    seine_buf_clear(feature);
    note(layer, put_bytes(feature, 2, layer->tags.data, layer->tags.size));
    note(layer, put_tag(feature, 3, WIRE_VARINT));
    note(layer, put_varint(feature, (uint64_t)layer->kind));
    note(layer, put_bytes(feature, 4, layer->geometry.data, layer->geometry.size));
    note(layer, put_bytes(&layer->features, 2, feature->data, feature->size));
    layer->feature_count++;
}

static void put_layer(seine_mvt *layer, seine_buf *out) {
    note(layer, put_tag(out, 15, WIRE_VARINT));
    note(layer, put_varint(out, 2));
    note(layer, put_bytes(out, 1, layer->name, strlen(layer->name)));
    note(layer, seine_buf_append(out, layer->features.data, layer->features.size));
    for (size_t i = 0; i < layer->key_count; i++)
        note(layer, put_bytes(out, 3, layer->keys[i], strlen(layer->keys[i])));
    for (uint32_t i = 0; i < layer->values.count; i++)
        note(layer, put_bytes(out, 4, layer->values.entries[i].data, layer->values.entries[i].size));
    note(layer, put_tag(out, 5, WIRE_VARINT));
    note(layer, put_varint(out, SEINE_MVT_EXTENT));
}

seine_status seine_mvt_end(seine_mvt *layer) {
    if (layer->feature_count > 0 && layer->status == SEINE_OK) {
        seine_buf whole SEINE_OWNED(seine_buf_free);
        seine_buf_init(&whole, 2 * PART_MAX_BYTES);
        put_layer(layer, &whole);
        note(layer, put_bytes(layer->tile, 3, whole.data, whole.size));
    }
    seine_dict_free(&layer->values);
    seine_buf *const parts[] = {&layer->features, &layer->tags, &layer->geometry, &layer->scratch, &layer->line};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) seine_buf_free(parts[i]);
    return layer->status;
}
