/* Building Avro container files in memory: header, then DEFLATE blocks of about BLOCK_BYTES each. */
#include "table/avro/type.h"

#include "base/try.h"
#include "io/clock.h"
#include "io/codec.h"

#define BLOCK_BYTES ((size_t)256 * 1024)
#define FILE_MAX_BYTES ((size_t)1024 * 1024 * 1024)

static void put(seine_avro_writer *w, seine_buf *to, const void *bytes, size_t size) {
    if (w->status == SEINE_OK) w->status = seine_buf_append(to, bytes, size);
}

static void put_long(seine_avro_writer *w, seine_buf *to, int64_t value) {
    uint8_t bytes[10];
    size_t size = 0;
    uint64_t rest = ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0); /* zig-zag */
    while (rest >= 0x80) {
        bytes[size++] = (uint8_t)(rest | 0x80);
        rest >>= 7;
    }
    bytes[size++] = (uint8_t)rest;
    put(w, to, bytes, size);
}

static void put_text(seine_avro_writer *w, seine_buf *to, seine_str text) {
    put_long(w, to, (int64_t)text.size);
    put(w, to, text.data, text.size);
}

static void put_header(seine_avro_writer *w, seine_str schema_json, const seine_avro_meta *meta, size_t count) {
    put(w, &w->file, "Obj\x01", 4);
    put_long(w, &w->file, (int64_t)count + 2);
    put_text(w, &w->file, SEINE_STR("avro.schema"));
    put_text(w, &w->file, schema_json);
    put_text(w, &w->file, SEINE_STR("avro.codec"));
    put_text(w, &w->file, SEINE_STR("deflate"));
    for (size_t i = 0; i < count; i++) {
        put_text(w, &w->file, seine_str_of(meta[i].key));
        put_text(w, &w->file, meta[i].value);
    }
    put_long(w, &w->file, 0);
    put(w, &w->file, w->sync, sizeof w->sync);
}

seine_status seine_avro_begin_as(seine_avro_writer *writer, const uint8_t sync[SEINE_AVRO_SYNC_BYTES],
                                 seine_str schema_json, const seine_avro_meta *meta, size_t meta_count,
                                 seine_error *error) {
    *writer = (seine_avro_writer){0};
    seine_buf_init(&writer->file, FILE_MAX_BYTES);
    seine_buf_init(&writer->block, FILE_MAX_BYTES);
    memcpy(writer->sync, sync, sizeof writer->sync);
    put_header(writer, schema_json, meta, meta_count);
    return writer->status == SEINE_OK ? SEINE_OK : seine_fail(error, writer->status, "writing an Avro header");
}

seine_status seine_avro_begin(seine_avro_writer *writer, seine_str schema_json, const seine_avro_meta *meta,
                              size_t meta_count, seine_error *error) {
    uint8_t sync[SEINE_AVRO_SYNC_BYTES];
    *writer = (seine_avro_writer){0};
    SEINE_TRY(seine_random_bytes(sync, sizeof sync, error));
    return seine_avro_begin_as(writer, sync, schema_json, meta, meta_count, error);
}

void seine_avro_put_long(seine_avro_writer *writer, int64_t value) { put_long(writer, &writer->block, value); }

void seine_avro_put_bool(seine_avro_writer *writer, bool value) {
    put(writer, &writer->block, value ? "\x01" : "\x00", 1);
}

void seine_avro_put_bytes(seine_avro_writer *writer, seine_str bytes) { put_text(writer, &writer->block, bytes); }

static void flush_block(seine_avro_writer *w) {
    if (w->records == 0 || w->status != SEINE_OK) return;
    seine_buf packed;
    seine_buf_init(&packed, FILE_MAX_BYTES);
    w->status = seine_deflate(w->block.data, w->block.size, &packed, NULL);
    put_long(w, &w->file, w->records);
    put_text(w, &w->file, seine_buf_str(&packed));
    put(w, &w->file, w->sync, sizeof w->sync);
    seine_buf_free(&packed);
    seine_buf_clear(&w->block);
    w->records = 0;
}

void seine_avro_end_record(seine_avro_writer *writer) {
    writer->records++;
    if (writer->block.size >= BLOCK_BYTES) flush_block(writer);
}

seine_status seine_avro_end(seine_avro_writer *writer, seine_error *error) {
    flush_block(writer);
    if (writer->status == SEINE_OK) return SEINE_OK;
    return seine_fail(error, writer->status, "writing an Avro file of %zu bytes", writer->file.size);
}

void seine_avro_free(seine_avro_writer *writer) {
    seine_buf_free(&writer->file);
    seine_buf_free(&writer->block);
}
