/**
 * @file table/file_json.h
 * Data files as plain data, for what is written in one process and committed in another: a JSON object that says of a
 * file all that its table has to know, with its path below the lake, which may lie elsewhere there.
 */
#ifndef SEINE_TABLE_FILE_JSON_H
#define SEINE_TABLE_FILE_JSON_H

#include "base/json.h"
#include "table/catalog/catalog.h"

/** As a value: path, bytes, rows, checksum, partition, splits, sorted, and of each column its counts and bounds. */
void seine_file_json_put(seine_json_writer *w, const char *lake, const seine_table_schema *schema,
                         const seine_data_file *file);
/**
 * A file of @p table from such an object; texts in @p arena. It must lie in the table's folder and be there with its
 * size. @return OK, E_FORMAT with what is wrong, E_NOT_FOUND it is gone, E_NOMEM, E_IO.
 */
SEINE_MUST_USE seine_status seine_file_json_read(seine_json_value value, const char *lake, const seine_table *table,
                                                 seine_arena *arena, seine_data_file *file, seine_error *error);

/** A path below the lake: what was written by seine_file_ledger_name. @return OK, E_FORMAT (none, one that leaves the
 * lake), E_NOMEM. */
SEINE_MUST_USE seine_status seine_file_json_path(seine_json_value value, const char *lake, seine_arena *arena,
                                                 const char **path, seine_error *error);

/** A hash as 32 hex digits. */
void seine_hash_json_put(seine_json_writer *w, const char *key, seine_hash128 hash);
/** @return whether the member is there and is one. */
bool seine_hash_json_read(seine_json_value object, const char *key, seine_hash128 *hash);

/** One value of a partition: a whole number, or null. */
void seine_partition_value_json_put(seine_json_writer *w, seine_partition_value value);
/** @return whether it is one. */
bool seine_partition_value_json_read(seine_json_value value, seine_partition_value *out);
/** A partition as an array of all SEINE_PARTITION_FIELDS_MAX values, with its key. */
void seine_partition_json_put(seine_json_writer *w, const seine_partition_value *partition);
/** @return whether the object has one. */
bool seine_partition_json_read(seine_json_value object, seine_partition_value *partition);

#endif
