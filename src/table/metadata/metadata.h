/** @file table/metadata/metadata.h  The table metadata file (ICEBERG.md section 2): read, made, and carried on to the
 * next version. */
#ifndef SEINE_TABLE_METADATA_METADATA_H
#define SEINE_TABLE_METADATA_METADATA_H

#include "base/json.h"
#include "table/catalog/catalog.h"

#define SEINE_METADATA_MAX_BYTES ((size_t)256 * 1024 * 1024)

/** One entry of "snapshot-log". */
typedef struct seine_snapshot_turn {
    int64_t time_ms, snapshot_id;
} seine_snapshot_turn;

/** A parsed metadata file. Texts live in the arena given to seine_metadata_parse, JSON values in json. */
typedef struct seine_metadata {
    seine_json *json;
    int format_version;   /**< 1 or 2 */
    const char *location; /**< URI as written */
    int64_t last_sequence_number, last_updated_ms;
    int64_t current_snapshot_id;  /**< -1 = none */
    seine_json_value schema;      /**< the current one */
    seine_json_value spec_fields; /**< of the default partition spec */
    int schema_id, spec_id, sort_order_id;
    seine_snapshot *snapshots; /**< oldest first */
    const char **lists;        /**< manifest list of each snapshot as written; NULL = it has none */
    size_t snapshot_count;
    seine_snapshot_turn *turns;
    size_t turn_count;
} seine_metadata;

/**
 * Parses a metadata file of format version 1 or 2. Free with seine_metadata_free, also after a failure.
 * @return OK, E_FORMAT, E_UNSUPPORTED (format version above 2), E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_metadata_parse(seine_str text, const char *name, seine_arena *arena,
                                                 seine_metadata *metadata, seine_error *error);
void seine_metadata_free(seine_metadata *metadata);
/** Gives up the JSON values: no next version can be made, and the schema is no longer read from it. */
void seine_metadata_drop_json(seine_metadata *metadata);
/** @return index of the snapshot, or SIZE_MAX. */
size_t seine_metadata_snapshot(const seine_metadata *metadata, int64_t id);
/** "table-uuid", {NULL, 0} when absent. */
seine_str seine_metadata_uuid(const seine_metadata *metadata);
/** A table property, {NULL, 0} when absent. */
seine_str seine_metadata_property(const seine_metadata *metadata, const char *key);
/** Longest metadata-log the table's properties allow, at least 1. */
size_t seine_metadata_log_max(const seine_metadata *metadata);

/**
 * The table schema that the metadata describes: the built-in one of that name when its columns are all there, else one
 * made in
 * @p arena from the metadata. *writable tells whether all partition fields are of kinds we can write.
 * @return OK, E_FORMAT (a built-in table lacks a column), E_UNSUPPORTED (a column type we do not have), E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_metadata_schema(const seine_metadata *metadata, const char *name, seine_arena *arena,
                                                  const seine_table_schema **schema, bool *writable,
                                                  seine_error *error);

/** Appends the metadata of a new, empty table. */
SEINE_MUST_USE seine_status seine_metadata_create(const seine_table_schema *schema, int buckets, const char *location,
                                                  const char *uuid, int64_t now_ms, seine_buf *out, seine_error *error);

/** A key and value of a snapshot summary. */
typedef struct seine_summary_entry {
    const char *key, *value;
} seine_summary_entry;

/** What the next version of a table changes. */
typedef struct seine_metadata_change {
    int64_t now_ms;            /**< not before the base's last_updated_ms */
    const char *base_location; /**< of the base's file; goes into metadata-log */
    int64_t snapshot_id;       /**< the snapshot to add; 0 = none */
    const char *list;          /**< its manifest list */
    const seine_summary_entry *summary;
    size_t summary_count;
    const int64_t *removed; /**< snapshots to forget */
    size_t removed_count;
    const seine_table_schema
        *schema; /**< columns from now on, the former ones among them by their ids; NULL = the same */
} seine_metadata_change;

/** Appends the metadata that follows @p base; whatever it does not know is carried on. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_metadata_next(const seine_metadata *base, const seine_metadata_change *change,
                                                seine_buf *out, seine_error *error);
/** The entries of the base's metadata-log that seine_metadata_next leaves out: locations in @p arena. */
SEINE_MUST_USE seine_status seine_metadata_dropped(const seine_metadata *base, seine_arena *arena,
                                                   const char ***locations, size_t *count, seine_error *error);

#endif
