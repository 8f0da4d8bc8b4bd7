/*
 * Changing single values of an Avro file. A record is read with the file's own schema, edited, and written with the
 * same schema, so that fields and header entries nobody here knows about survive.
 */
#include "table/avro/type.h"

#include "base/try.h"

#include <stdlib.h>

static void put_raw(seine_avro_writer *w, const void *bytes, size_t size) {
    if (w->status == SEINE_OK) w->status = seine_buf_append(&w->block, bytes, size);
}

/* The reader widened it, so nothing is lost. */
static void put_float(seine_avro_writer *w, double value) {
    const float narrow = (float)value;
    put_raw(w, &narrow, sizeof narrow);
}

static void put_value(seine_avro_writer *w, const seine_avro_type *type, const seine_avro_value *value);

/* A value knows the branch it came from; types are not shared within one union. */
static void put_union(seine_avro_writer *w, const seine_avro_type *type, const seine_avro_value *value) {
    for (size_t i = 0; i < type->count; i++) {
        if (type->members[i].type != value->type) continue;
        seine_avro_put_long(w, (int64_t)i);
        put_value(w, value->type, value);
        return;
    }
    w->status = SEINE_E_INTERNAL;
}

static void put_record(seine_avro_writer *w, const seine_avro_type *type, const seine_avro_value *value) {
    for (size_t i = 0; i < type->count; i++) put_value(w, type->members[i].type, &value->items[i]);
}

static void put_items(seine_avro_writer *w, const seine_avro_type *type, const seine_avro_value *value) {
    if (value->count > 0) seine_avro_put_long(w, (int64_t)value->count);
    for (size_t i = 0; i < value->count; i++) {
        if (type->kind == SEINE_AVRO_MAP) seine_avro_put_bytes(w, value->keys[i]);
        put_value(w, type->item, &value->items[i]);
    }
    seine_avro_put_long(w, 0);
}

static void put_value(seine_avro_writer *w, const seine_avro_type *type, const seine_avro_value *value) {
    switch (type->kind) {
    case SEINE_AVRO_NULL: break;
    case SEINE_AVRO_BOOLEAN: seine_avro_put_bool(w, value->integer != 0); break;
    case SEINE_AVRO_INT:
    case SEINE_AVRO_LONG:
    case SEINE_AVRO_ENUM: seine_avro_put_long(w, value->integer); break;
    case SEINE_AVRO_FLOAT: put_float(w, value->real); break;
    case SEINE_AVRO_DOUBLE: put_raw(w, &value->real, sizeof value->real); break;
    case SEINE_AVRO_BYTES:
    case SEINE_AVRO_STRING: seine_avro_put_bytes(w, value->bytes); break;
    case SEINE_AVRO_FIXED: put_raw(w, value->bytes.data, value->bytes.size); break;
    case SEINE_AVRO_RECORD: put_record(w, type, value); break;
    case SEINE_AVRO_ARRAY:
    case SEINE_AVRO_MAP: put_items(w, type, value); break;
    case SEINE_AVRO_UNION: put_union(w, type, value); break;
    }
}

/* Schema and codec are written by seine_avro_begin_as itself. */
static seine_status begin(const seine_avro_file *file, seine_avro_writer *w, seine_error *error) {
    size_t count, kept = 0;
    const seine_avro_meta *all = seine_avro_headers(file, &count);
    seine_avro_meta *meta SEINE_OWNED(seine_free_owned) = calloc(count + 1, sizeof *meta);
    if (meta == NULL) return seine_no_memory(error, "changing an Avro file");
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i].key, "avro.schema") != 0 && strcmp(all[i].key, "avro.codec") != 0) meta[kept++] = all[i];
    return seine_avro_begin_as(w, seine_avro_sync(file), seine_avro_header(file, "avro.schema"), meta, kept, error);
}

/* Reads, edits and writes one record; *is_end = there was none. */
static seine_status next(seine_avro_file *file, seine_avro_writer *w, seine_avro_edit_fn edit, void *context,
                         bool *is_end, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_avro_value *record = NULL;
    SEINE_TRY(seine_avro_next(file, &arena, &record, error));
    *is_end = record == NULL;
    if (*is_end) return SEINE_OK;
    seine_avro_value edited = *record; /* its items are ours in the arena */
    SEINE_TRY(edit(context, &edited, &arena, error));
    put_value(w, edited.type, &edited);
    seine_avro_end_record(w);
    return SEINE_OK;
}

seine_avro_value *seine_avro_field_of(seine_avro_value *record, int id, const char *name) {
    const seine_avro_value *found = seine_avro_field(record, id, name);
    return found != NULL ? &record->items[found - record->items] : NULL;
}

seine_status seine_avro_rewrite(seine_str bytes, const char *name, seine_avro_edit_fn edit, void *context,
                                seine_buf *out, seine_error *error) {
    seine_avro_file *file SEINE_OWNED(seine_avro_close_owned) = NULL;
    seine_avro_writer writer SEINE_OWNED(seine_avro_free) = {0};
    SEINE_TRY(seine_avro_open(bytes, name, &file, error));
    SEINE_TRY(begin(file, &writer, error));
    for (bool is_end = false; !is_end;) SEINE_TRY(next(file, &writer, edit, context, &is_end, error));
    SEINE_TRY(seine_avro_end(&writer, error));
    const seine_status status = seine_buf_append(out, writer.file.data, writer.file.size);
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "%s: changing %zu bytes", name, writer.file.size);
}
