/** @file table/manifest/manifest.h  Manifests and manifest lists (ICEBERG.md sections 5 and 6). */
#ifndef SEINE_TABLE_MANIFEST_MANIFEST_H
#define SEINE_TABLE_MANIFEST_MANIFEST_H

#include "table/avro/avro.h"
#include "table/metadata/metadata.h"

#define SEINE_MANIFEST_MAX_BYTES ((size_t)1024 * 1024 * 1024)

typedef enum seine_entry_status {
    SEINE_ENTRY_EXISTING = 0,
    SEINE_ENTRY_ADDED = 1,
    SEINE_ENTRY_DELETED = 2
} seine_entry_status;

/** One row of a manifest. A count of -1 in its stats means unknown. */
typedef struct seine_manifest_entry {
    seine_entry_status status;
    seine_live_file live;
    const char *location; /**< URI of the data file as written */
} seine_manifest_entry;

/** Range of one partition field over the files of a manifest. {NULL, 0} = no bound. */
typedef struct seine_field_summary {
    bool contains_null;
    int contains_nan; /**< 0, 1, -1 = unknown */
    seine_str lower, upper;
} seine_field_summary;

/** One row of a manifest list. Counts of -1 are unknown (version 1). */
typedef struct seine_manifest_row {
    const char *location; /**< URI as written */
    int64_t length;
    int spec_id;
    int content; /**< 0 data, 1 deletes */
    int64_t sequence_number, min_sequence_number, added_snapshot_id;
    int64_t added_files, existing_files, deleted_files;
    int64_t added_rows, existing_rows, deleted_rows;
    const seine_field_summary *summaries;
    size_t summary_count;
    bool has_summaries;
} seine_manifest_row;

/** What stays the same for every manifest of one commit of one table. */
typedef struct seine_manifest_writer {
    const seine_table_schema *schema;
    const seine_metadata *metadata;
    int64_t snapshot_id, sequence_number; /**< of the snapshot being made */
} seine_manifest_writer;

/**
 * Appends a manifest with @p entries to @p out and fills @p row, all but its location; row's summaries are in @p arena.
 * ADDED entries get null sequence numbers, the others keep theirs.
 * @return OK, E_NOMEM, E_LIMIT, E_IO.
 */
SEINE_MUST_USE seine_status seine_manifest_write(const seine_manifest_writer *writer,
                                                 const seine_manifest_entry *entries, size_t count, seine_arena *arena,
                                                 seine_buf *out, seine_manifest_row *row, seine_error *error);
/** Appends a manifest list. */
SEINE_MUST_USE seine_status seine_manifest_list_write(const seine_manifest_writer *writer,
                                                      const seine_manifest_row *rows, size_t count, seine_buf *out,
                                                      seine_error *error);

/** Reads a manifest list held in memory. @return OK, E_FORMAT, E_UNSUPPORTED, E_NOMEM. */
SEINE_MUST_USE seine_status seine_manifest_list_read(seine_str bytes, const char *name, seine_arena *arena,
                                                     seine_manifest_row **rows, size_t *count, seine_error *error);
/**
 * Reads a manifest held in memory: all entries, sequence numbers and snapshot ids inherited from @p row where they are
 * null. Everything is allocated in @p arena. Entries which stand for delete files, or are encrypted or not Parquet, are
 * refused. @p known: the schema of the manifest before it, of the same arena; NULL = none.
 * @return OK, E_FORMAT, E_UNSUPPORTED, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_manifest_read(seine_str bytes, const char *name, const seine_table_schema *schema,
                                                const seine_manifest_row *row, int sort_order_id,
                                                seine_avro_schema *known, seine_arena *arena,
                                                seine_manifest_entry **entries, size_t *count, seine_error *error);

#endif
