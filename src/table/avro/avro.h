/**
 * @file table/avro/avro.h
 * Avro object container files, as far as Iceberg's manifests need them (ICEBERG.md section 3): written by hand,
 * because the C library of that name drops the attributes ("field-id" …) which Iceberg lives on.
 */
#ifndef SEINE_TABLE_AVRO_AVRO_H
#define SEINE_TABLE_AVRO_AVRO_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/try.h"

#include <stdint.h>

/** One entry of a file's header. */
typedef struct seine_avro_meta {
    const char *key;
    seine_str value;
} seine_avro_meta;

/* ---- writing ---- */

/** A file being built in memory. Values go in the order of the schema; the first failure sticks until the end. */
typedef struct seine_avro_writer {
    seine_buf file;   /**< the finished file after seine_avro_end */
    seine_buf block;  /**< records not yet in a block */
    int64_t records;  /**< in the block */
    uint8_t sync[16]; /**< SEINE_AVRO_SYNC_BYTES */
    seine_status status;
} seine_avro_writer;

/**
 * Starts a file with DEFLATE blocks. Free with seine_avro_free in every case.
 * @return OK, E_IO (no randomness), E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_avro_begin(seine_avro_writer *writer, seine_str schema_json,
                                             const seine_avro_meta *meta, size_t meta_count, seine_error *error);
void seine_avro_put_long(seine_avro_writer *writer, int64_t value); /**< int, long, and the branch of a union */
void seine_avro_put_bool(seine_avro_writer *writer, bool value);
void seine_avro_put_bytes(seine_avro_writer *writer, seine_str bytes); /**< bytes and string */
/** Closes a record of the root type; full blocks are compressed and go to the file. */
void seine_avro_end_record(seine_avro_writer *writer);
/** Closes the file. @return OK, or the first failure: E_NOMEM, E_LIMIT (a file above 1 GiB). */
SEINE_MUST_USE seine_status seine_avro_end(seine_avro_writer *writer, seine_error *error);
void seine_avro_free(seine_avro_writer *writer);

/* ---- reading ---- */

typedef enum seine_avro_kind {
    SEINE_AVRO_NULL,
    SEINE_AVRO_BOOLEAN,
    SEINE_AVRO_INT,
    SEINE_AVRO_LONG,
    SEINE_AVRO_FLOAT,
    SEINE_AVRO_DOUBLE,
    SEINE_AVRO_BYTES,
    SEINE_AVRO_STRING,
    SEINE_AVRO_FIXED,
    SEINE_AVRO_ENUM,
    SEINE_AVRO_RECORD,
    SEINE_AVRO_ARRAY,
    SEINE_AVRO_MAP,
    SEINE_AVRO_UNION
} seine_avro_kind;

typedef struct seine_avro_type seine_avro_type;
typedef struct seine_avro_file seine_avro_file;

/** A decoded value; unions are resolved to their branch. */
typedef struct seine_avro_value seine_avro_value;
struct seine_avro_value {
    const seine_avro_type *type;
    int64_t integer;         /**< BOOLEAN, INT, LONG, ENUM */
    double real;             /**< FLOAT, DOUBLE */
    seine_str bytes;         /**< BYTES, STRING, FIXED: borrowed from the file */
    seine_avro_value *items; /**< RECORD fields, ARRAY items, MAP values */
    seine_str *keys;         /**< MAP only */
    size_t count;
};

/**
 * Reads header and schema of a file held in memory; @p bytes must outlive it. @p name is for messages.
 * @return OK, E_FORMAT, E_UNSUPPORTED (a codec other than null and deflate, named), E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_avro_open(seine_str bytes, const char *name, seine_avro_file **file,
                                            seine_error *error);
/** A schema that was read: files of one table have the same one, and it takes longer to read than most of them. */
typedef struct seine_avro_schema {
    seine_str text; /**< size 0 = none yet */
    const seine_avro_type *type;
} seine_avro_schema;
/** As seine_avro_open; a schema with the text of @p known is not read again, another one becomes it, in @p arena. */
SEINE_MUST_USE seine_status seine_avro_open_known(seine_str bytes, const char *name, seine_avro_schema *known,
                                                  seine_arena *arena, seine_avro_file **file, seine_error *error);
void seine_avro_close(seine_avro_file *file);
SEINE_OWNED_POINTER(seine_avro_file, seine_avro_close);
/** @return a header entry, {NULL, 0} when absent. */
seine_str seine_avro_header(const seine_avro_file *file, const char *key);
/** @return all entries of the header in their order, borrowed from the file. */
const seine_avro_meta *seine_avro_headers(const seine_avro_file *file, size_t *count);
/**
 * Next record, its nodes in @p arena, its bytes valid until the next call; *record NULL = end. Hostile bytes are
 * refused, never trusted: sizes are bounded by the bytes present and one record by a million nodes.
 * @return OK, E_FORMAT, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_avro_next(seine_avro_file *file, seine_arena *arena, const seine_avro_value **record,
                                            seine_error *error);

/* Getters take NULL and other kinds and then give the fallback. */
seine_avro_kind seine_avro_kind_of(const seine_avro_value *value); /**< NULL pointer: SEINE_AVRO_NULL */
/** Field by Iceberg field id, else by name; NULL when the record has neither. */
const seine_avro_value *seine_avro_field(const seine_avro_value *record, int id, const char *name);
int64_t seine_avro_int(const seine_avro_value *value, int64_t fallback);
seine_str seine_avro_bytes(const seine_avro_value *value); /**< {NULL, 0} unless BYTES, STRING, FIXED */
/** Entry of an int-keyed map, in either of its spellings (array of key/value records, Avro map). @return whether it is
 * one. */
bool seine_avro_map_at(const seine_avro_value *map, size_t index, int64_t *key, const seine_avro_value **value);

/* ---- changing ---- */

/** Changes values of one record in place; new bytes may be allocated in @p arena, which lasts for this record. */
typedef seine_status (*seine_avro_edit_fn)(void *context, seine_avro_value *record, seine_arena *arena,
                                           seine_error *error);
/** seine_avro_field for a record that may be changed. */
seine_avro_value *seine_avro_field_of(seine_avro_value *record, int id, const char *name);
/**
 * Appends to @p out a file of the same schema, header entries and records, each after @p edit: whatever the file has
 * besides what is known here stays as it is. Blocks are written with DEFLATE, with the sync marker of the file: the
 * same changes of a file make the same bytes, and none those of a file that was written here.
 * @return as seine_avro_open and seine_avro_next, E_LIMIT, or the first failure of @p edit.
 */
SEINE_MUST_USE seine_status seine_avro_rewrite(seine_str bytes, const char *name, seine_avro_edit_fn edit,
                                               void *context, seine_buf *out, seine_error *error);

#endif
