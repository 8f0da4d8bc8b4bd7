/* Reference tables: what was read of their files against the ledger, and the validity of their rows. */
#include "base/try.h"
#include "ingest/reference/merge.h"
#include "table/cells.h"
#include "verify/internal.h"

#include <inttypes.h>

static seine_status check_content(seine_verification *v, const seine_table_schema *schema, const seine_cells *rows,
                                  seine_error *error) {
    seine_partition_row *ledger = NULL;
    size_t count = 0;
    seine_hash128 content;
    if (seine_reference_content(schema, rows, &content) != SEINE_OK) return seine_no_memory(error, schema->name);
    SEINE_TRY(seine_ledger_partitions(v->catalog, schema->name, &v->arena, &ledger, &count, error));
    const int64_t said = count > 0 ? ledger[0].rows : 0;
    const seine_hash128 sum = count > 0 ? ledger[0].content : (seine_hash128){0};
    if (said != (int64_t)rows->count || !seine_hash128_equal(sum, content))
        seine_verify_finding(v, "%s: %zu rows whose content is not that of the %" PRId64 " rows of the ledger",
                             schema->name, rows->count, said);
    return SEINE_OK;
}

static bool has_same_key(const seine_table_schema *schema, size_t key_count, const seine_cell *a, const seine_cell *b) {
    for (size_t i = 0; i < key_count; i++)
        if (!seine_cell_equal(schema->columns[i].type, &a[i], &b[i])) return false;
    return true;
}

/* Rows are ordered by key, then valid_from: two of one key overlap only when neighbours do. */
static void check_validity(seine_verification *v, const seine_reference_merge *order, seine_cells *rows) {
    const seine_table_schema *schema = order->schema;
    const size_t from = seine_schema_column(schema, "valid_from"), to = seine_schema_column(schema, "valid_to");
    const size_t file_row = seine_schema_column(schema, "source_row");
    seine_reference_sort(order, rows);
    for (size_t i = 1; i < rows->count; i++) {
        const seine_cell *before = rows->rows[i - 1], *row = rows->rows[i];
        if (!has_same_key(schema, order->key_count, before, row)) continue;
        if (before[to].is_null || row[from].is_null || before[to].as.integer > row[from].as.integer)
            seine_verify_finding(v, "%s: two rows of one key hold at once, from rows %" PRId64 " and %" PRId64,
                                 schema->name, before[file_row].as.integer, row[file_row].as.integer);
    }
}

static seine_status check_table(seine_verification *v, seine_reference_kind kind, seine_error *error) {
    const seine_live_file *files = NULL;
    size_t count = 0;
    const seine_reference_merge order = seine_reference_merge_of(kind);
    const seine_table_schema *schema = order.schema;
    if (seine_verify_table(v, schema->name) == NULL) return SEINE_OK;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_cells rows SEINE_OWNED(seine_cells_free) = {0};
    SEINE_TRY(seine_verify_files(v, schema->name, &files, &count, error));
    const char **paths = SEINE_ARENA_ARRAY(&arena, const char *, count);
    if (paths == NULL) return seine_no_memory(error, schema->name);
    for (size_t i = 0; i < count; i++) paths[i] = files[i].file.path;
    SEINE_TRY(seine_cells_read(v->engine, schema, paths, count, &arena, &rows, error));
    SEINE_TRY(check_content(v, schema, &rows, error));
    check_validity(v, &order, &rows);
    return SEINE_OK;
}

seine_status seine_verify_references(seine_verification *v, seine_error *error) {
    for (int i = 0; i < SEINE_REFERENCE_KINDS; i++) SEINE_TRY(check_table(v, (seine_reference_kind)i, error));
    return SEINE_OK;
}
