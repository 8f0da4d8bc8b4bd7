/** @file table/avro/type.h  Avro schemas as the reader walks them; shared by the files of this folder only. */
#ifndef SEINE_TABLE_AVRO_TYPE_H
#define SEINE_TABLE_AVRO_TYPE_H

#include "table/avro/avro.h"

#define SEINE_AVRO_NO_ID (-1)

typedef struct seine_avro_member {
    seine_str name;
    int id; /**< "field-id", else SEINE_AVRO_NO_ID */
    const seine_avro_type *type;
} seine_avro_member;

struct seine_avro_type {
    seine_avro_kind kind;
    seine_str name;                   /**< last part of the full name; RECORD, ENUM, FIXED */
    size_t size;                      /**< FIXED */
    const seine_avro_member *members; /**< RECORD fields, UNION branches */
    size_t count;
    const seine_avro_type *item; /**< ARRAY, MAP */
};

/** Parses a schema; everything is allocated in @p arena. @return OK, E_FORMAT, E_NOMEM. */
SEINE_MUST_USE seine_status seine_avro_type_parse(seine_str schema_json, const char *name, seine_arena *arena,
                                                  const seine_avro_type **type, seine_error *error);

#define SEINE_AVRO_SYNC_BYTES 16
/** What stands between the blocks of a file; lives as long as the file. */
const uint8_t *seine_avro_sync(const seine_avro_file *file);
/** seine_avro_begin with the sync marker of another file. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_avro_begin_as(seine_avro_writer *writer, const uint8_t sync[SEINE_AVRO_SYNC_BYTES],
                                                seine_str schema_json, const seine_avro_meta *meta, size_t meta_count,
                                                seine_error *error);

#endif
