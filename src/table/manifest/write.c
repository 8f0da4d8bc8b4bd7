/* Writing manifests and manifest lists. The order of the puts is the order of the fields in schema.h. */
#include "table/manifest/manifest.h"
#include "base/try.h"
#include "table/manifest/schema.h"

#include <stdio.h>

typedef enum branch { NOTHING = 0, SOMETHING = 1 } branch; /* of ["null", T] */

static void put_optional_long(seine_avro_writer *w, bool present, int64_t value) {
    seine_avro_put_long(w, present ? SOMETHING : NOTHING);
    if (present) seine_avro_put_long(w, value);
}

static void put_optional_bytes(seine_avro_writer *w, seine_str bytes) {
    seine_avro_put_long(w, bytes.data != NULL ? SOMETHING : NOTHING);
    if (bytes.data != NULL) seine_avro_put_bytes(w, bytes);
}

/* ---- column statistics ---- */

typedef enum stat_map { COLUMN_SIZES, VALUE_COUNTS, NULL_COUNTS, LOWER_BOUNDS, UPPER_BOUNDS } stat_map;

/* The value of one column in one of the five maps. @return whether there is one. */
static bool stat_of(const seine_column_stats *stats, stat_map map, int64_t *number, seine_str *bytes) {
    switch (map) {
    case COLUMN_SIZES: *number = stats->size_bytes; return stats->size_bytes >= 0;
    case VALUE_COUNTS: *number = stats->value_count; return stats->value_count >= 0;
    case NULL_COUNTS: *number = stats->null_count; return stats->null_count >= 0;
    case LOWER_BOUNDS: *bytes = (seine_str){(const char *)stats->lower, stats->lower_size}; return stats->has_bounds;
    default: *bytes = (seine_str){(const char *)stats->upper, stats->upper_size}; return stats->has_bounds;
    }
}

static void put_stats(seine_avro_writer *w, const seine_table_schema *schema, const seine_column_stats *stats,
                      stat_map map) {
    int64_t number = 0, present = 0;
    seine_str bytes = {NULL, 0};
    for (size_t i = 0; stats != NULL && i < schema->column_count; i++)
        if (stat_of(&stats[i], map, &number, &bytes)) present++;
    seine_avro_put_long(w, present > 0 ? SOMETHING : NOTHING);
    if (present == 0) return;
    seine_avro_put_long(w, present);
    for (size_t i = 0; i < schema->column_count; i++) {
        if (!stat_of(&stats[i], map, &number, &bytes)) continue;
        seine_avro_put_long(w, schema->columns[i].id);
        if (map == LOWER_BOUNDS || map == UPPER_BOUNDS)
            seine_avro_put_bytes(w, bytes);
        else
            seine_avro_put_long(w, number);
    }
    seine_avro_put_long(w, 0);
}

/* ---- entries ---- */

static void put_partition(seine_avro_writer *w, const seine_table_schema *schema,
                          const seine_partition_value *partition) {
    for (size_t i = 0; i < schema->partition_count; i++)
        put_optional_long(w, !partition[i].is_null, partition[i].value);
}

static void put_data_file(seine_avro_writer *w, const seine_manifest_writer *writer,
                          const seine_manifest_entry *entry) {
    const seine_data_file *file = &entry->live.file;
    seine_avro_put_long(w, 0); /* content: data */
    seine_avro_put_bytes(w, seine_str_of(entry->location));
    seine_avro_put_bytes(w, SEINE_STR("PARQUET"));
    put_partition(w, writer->schema, file->partition);
    seine_avro_put_long(w, file->rows);
    seine_avro_put_long(w, file->size_bytes);
    put_stats(w, writer->schema, file->stats, COLUMN_SIZES);
    put_stats(w, writer->schema, file->stats, VALUE_COUNTS);
    put_stats(w, writer->schema, file->stats, NULL_COUNTS);
    seine_avro_put_long(w, NOTHING); /* NaN counts are not collected */
    put_stats(w, writer->schema, file->stats, LOWER_BOUNDS);
    put_stats(w, writer->schema, file->stats, UPPER_BOUNDS);
    seine_avro_put_long(w, NOTHING); /* key_metadata */
    seine_avro_put_long(w, file->split_count > 0 ? SOMETHING : NOTHING);
    if (file->split_count > 0) {
        seine_avro_put_long(w, (int64_t)file->split_count);
        for (size_t i = 0; i < file->split_count; i++) seine_avro_put_long(w, file->split_offsets[i]);
        seine_avro_put_long(w, 0);
    }
    seine_avro_put_long(w, NOTHING); /* equality_ids */
    put_optional_long(w, file->is_sorted, writer->metadata->sort_order_id);
}

static void put_entry(seine_avro_writer *w, const seine_manifest_writer *writer, const seine_manifest_entry *entry) {
    const bool added = entry->status == SEINE_ENTRY_ADDED;
    const int64_t snapshot = entry->status == SEINE_ENTRY_EXISTING ? entry->live.snapshot_id : writer->snapshot_id;
    seine_avro_put_long(w, entry->status);
    put_optional_long(w, true, snapshot);
    put_optional_long(w, !added, entry->live.sequence_number);
    put_optional_long(w, !added, entry->live.file_sequence_number);
    put_data_file(w, writer, entry);
    seine_avro_end_record(w);
}

/* ---- header ---- */

static seine_status json_text(seine_json_value value, seine_buf *out) {
    seine_json_writer w = seine_json_writer_to(out);
    seine_json_put_value(&w, value);
    return w.status;
}

static seine_status begin_manifest(const seine_manifest_writer *writer, seine_avro_writer *avro, seine_error *error) {
    const seine_metadata *metadata = writer->metadata;
    seine_buf schema SEINE_OWNED(seine_buf_free);
    seine_buf_init(&schema, SEINE_METADATA_MAX_BYTES);
    seine_buf table_schema SEINE_OWNED(seine_buf_free);
    seine_buf_init(&table_schema, SEINE_METADATA_MAX_BYTES);
    seine_buf spec SEINE_OWNED(seine_buf_free);
    seine_buf_init(&spec, SEINE_METADATA_MAX_BYTES);
    char schema_id[16], spec_id[16];
    (void)snprintf(schema_id, sizeof schema_id, "%d", metadata->schema_id);
    (void)snprintf(spec_id, sizeof spec_id, "%d", metadata->spec_id);
    seine_status status = seine_manifest_schema(writer->schema, &schema);
    if (status == SEINE_OK) status = json_text(metadata->schema, &table_schema);
    if (status == SEINE_OK) status = json_text(metadata->spec_fields, &spec);
    if (status != SEINE_OK) return seine_fail(error, status, "making a manifest header");
    const seine_avro_meta meta[] = {
        {"schema", seine_buf_str(&table_schema)}, {"schema-id", seine_str_of(schema_id)},
        {"partition-spec", seine_buf_str(&spec)}, {"partition-spec-id", seine_str_of(spec_id)},
        {"format-version", SEINE_STR("2")},       {"content", SEINE_STR("data")},
    };
    return seine_avro_begin(avro, seine_buf_str(&schema), meta, sizeof meta / sizeof meta[0], error);
}

/* ---- the row that describes a manifest ---- */

static void count_entry(seine_manifest_row *row, const seine_manifest_entry *entry, int64_t own_sequence) {
    const int64_t rows = entry->live.file.rows;
    int64_t sequence = entry->live.sequence_number;
    if (entry->status == SEINE_ENTRY_ADDED) {
        row->added_files++;
        row->added_rows += rows;
        sequence = own_sequence;
    } else if (entry->status == SEINE_ENTRY_EXISTING) {
        row->existing_files++;
        row->existing_rows += rows;
    } else {
        row->deleted_files++;
        row->deleted_rows += rows;
        return; /* only live entries count for the lowest sequence number */
    }
    if (sequence < row->min_sequence_number) row->min_sequence_number = sequence;
}

static seine_status int_bytes(seine_arena *arena, int32_t value, seine_str *bytes) {
    const uint32_t v = (uint32_t)value;
    const uint8_t little[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
    bytes->data = seine_arena_copy(arena, little, sizeof little);
    bytes->size = sizeof little;
    return bytes->data != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

static seine_status summarise_field(const seine_manifest_entry *entries, size_t count, size_t field, seine_arena *arena,
                                    seine_field_summary *summary) {
    int32_t least = INT32_MAX, most = INT32_MIN;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        const seine_partition_value value = entries[i].live.file.partition[field];
        if (value.is_null) {
            summary->contains_null = true;
            continue;
        }
        any = true;
        if (value.value < least) least = value.value;
        if (value.value > most) most = value.value;
    }
    if (!any) return SEINE_OK;
    SEINE_TRY(int_bytes(arena, least, &summary->lower));
    return int_bytes(arena, most, &summary->upper);
}

static seine_status describe(const seine_manifest_writer *writer, const seine_manifest_entry *entries, size_t count,
                             seine_arena *arena, seine_manifest_row *row) {
    *row = (seine_manifest_row){
        .spec_id = writer->metadata->spec_id,
        .sequence_number = writer->sequence_number,
        .min_sequence_number = writer->sequence_number,
        .added_snapshot_id = writer->snapshot_id,
        .has_summaries = true,
        .summary_count = writer->schema->partition_count,
    };
    for (size_t i = 0; i < count; i++) count_entry(row, &entries[i], writer->sequence_number);
    seine_field_summary *summaries = SEINE_ARENA_ARRAY(arena, seine_field_summary, row->summary_count);
    if (summaries == NULL) return SEINE_E_NOMEM;
    row->summaries = summaries;
    for (size_t i = 0; i < row->summary_count; i++) SEINE_TRY(summarise_field(entries, count, i, arena, &summaries[i]));
    return SEINE_OK;
}

/* Hands the finished file over. */
static seine_status end_file(seine_avro_writer *avro, seine_buf *out, seine_error *error) {
    SEINE_TRY(seine_avro_end(avro, error));
    const seine_status status = seine_buf_append(out, avro->file.data, avro->file.size);
    return status == SEINE_OK ? SEINE_OK
                              : seine_fail(error, status, "writing a manifest of %zu bytes", avro->file.size);
}

seine_status seine_manifest_write(const seine_manifest_writer *writer, const seine_manifest_entry *entries,
                                  size_t count, seine_arena *arena, seine_buf *out, seine_manifest_row *row,
                                  seine_error *error) {
    seine_avro_writer avro SEINE_OWNED(seine_avro_free) = {0};
    SEINE_TRY(begin_manifest(writer, &avro, error));
    for (size_t i = 0; i < count; i++) put_entry(&avro, writer, &entries[i]);
    const size_t before = out->size;
    SEINE_TRY(end_file(&avro, out, error));
    const seine_status status = describe(writer, entries, count, arena, row);
    if (status != SEINE_OK) return seine_fail(error, status, "describing a manifest");
    row->length = (int64_t)(out->size - before);
    return SEINE_OK;
}

/* ---- manifest list ---- */

static void put_summaries(seine_avro_writer *w, const seine_manifest_row *row) {
    seine_avro_put_long(w, row->has_summaries ? SOMETHING : NOTHING);
    if (!row->has_summaries) return;
    if (row->summary_count > 0) seine_avro_put_long(w, (int64_t)row->summary_count);
    for (size_t i = 0; i < row->summary_count; i++) {
        const seine_field_summary *summary = &row->summaries[i];
        seine_avro_put_bool(w, summary->contains_null);
        seine_avro_put_long(w, summary->contains_nan >= 0 ? SOMETHING : NOTHING);
        if (summary->contains_nan >= 0) seine_avro_put_bool(w, summary->contains_nan != 0);
        put_optional_bytes(w, summary->lower);
        put_optional_bytes(w, summary->upper);
    }
    seine_avro_put_long(w, 0);
}

static void put_row(seine_avro_writer *w, const seine_manifest_row *row) {
    seine_avro_put_bytes(w, seine_str_of(row->location));
    const int64_t numbers[] = {
        row->length,
        row->spec_id,
        row->content,
        row->sequence_number,
        row->min_sequence_number,
        row->added_snapshot_id,
        row->added_files,
        row->existing_files,
        row->deleted_files,
        row->added_rows,
        row->existing_rows,
        row->deleted_rows,
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) seine_avro_put_long(w, numbers[i]);
    put_summaries(w, row);
    seine_avro_put_long(w, NOTHING); /* key_metadata */
    seine_avro_end_record(w);
}

seine_status seine_manifest_list_write(const seine_manifest_writer *writer, const seine_manifest_row *rows,
                                       size_t count, seine_buf *out, seine_error *error) {
    char snapshot[24], parent[24] = "null", sequence[24];
    (void)snprintf(snapshot, sizeof snapshot, "%lld", (long long)writer->snapshot_id);
    (void)snprintf(sequence, sizeof sequence, "%lld", (long long)writer->sequence_number);
    if (writer->metadata->current_snapshot_id != -1)
        (void)snprintf(parent, sizeof parent, "%lld", (long long)writer->metadata->current_snapshot_id);
    const seine_avro_meta meta[] = {
        {"snapshot-id", seine_str_of(snapshot)},
        {"parent-snapshot-id", seine_str_of(parent)},
        {"sequence-number", seine_str_of(sequence)},
        {"format-version", SEINE_STR("2")},
    };
    seine_avro_writer avro SEINE_OWNED(seine_avro_free) = {0};
    seine_buf schema SEINE_OWNED(seine_buf_free);
    seine_buf_init(&schema, SEINE_METADATA_MAX_BYTES);
    const seine_status status = seine_manifest_list_schema(&schema);
    if (status != SEINE_OK) return seine_fail(error, status, "making a manifest list header");
    SEINE_TRY(seine_avro_begin(&avro, seine_buf_str(&schema), meta, sizeof meta / sizeof meta[0], error));
    for (size_t i = 0; i < count; i++) put_row(&avro, &rows[i]);
    return end_file(&avro, out, error);
}
