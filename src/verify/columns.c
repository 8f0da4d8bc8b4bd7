/* Rows with columns: what lies in their files against what the ledger says of each partition. */
#include "refresh/enrichment.h"
#include "verify/internal.h"

#include "base/time.h"
#include "columns/content.h"

#include <inttypes.h>

/* One partition being read. */
typedef struct check {
    seine_verification *v;
    const seine_detector_job *job;
    const seine_table_schema *schema;
    const seine_partition_row *ledger;
} check;

static seine_status read_rows(const check *c, const char *const *paths, size_t count, seine_partition_row *row,
                              seine_error *error) {
    size_t *columns = SEINE_ARENA_ARRAY(&c->v->arena, size_t, c->schema->column_count);
    if (columns == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory while verifying");
    for (size_t i = 0; i < c->schema->column_count; i++) columns[i] = i;
    seine_query *query = NULL;
    seine_status status =
        seine_scan_start(c->v->engine, c->schema, columns, c->schema->column_count, paths, count, NULL, &query, error);
    while (status == SEINE_OK) {
        seine_rows rows = {0};
        status = seine_query_next(query, &rows, error);
        if (status != SEINE_OK || rows.count == 0) break;
        seine_content_add_words(&row->content, &rows);
        row->rows += (int64_t)rows.count;
    }
    if (query != NULL) seine_query_end(query);
    return status;
}

static bool is_of(const seine_live_file *file, const seine_partition_row *row) {
    return file->file.partition[0].value == row->partition[0].value &&
           file->file.partition[1].value == row->partition[1].value;
}

static seine_status check_partition(const check *c, const seine_live_file *files, size_t count, size_t *used,
                                    seine_error *error) {
    const char **paths = SEINE_ARENA_ARRAY(&c->v->arena, const char *, count);
    if (paths == NULL) return seine_fail(error, SEINE_E_NOMEM, "out of memory while verifying");
    size_t path_count = 0;
    for (size_t i = 0; i < count; i++)
        if (is_of(&files[i], c->ledger)) paths[path_count++] = files[i].file.path;
    *used += path_count;
    seine_partition_row read = {.rows = 0};
    const seine_status status = path_count > 0 ? read_rows(c, paths, path_count, &read, error) : SEINE_OK;
    if (status != SEINE_OK) return status;
    if (read.rows == c->ledger->rows && seine_hash128_equal(read.content, c->ledger->content)) return SEINE_OK;
    char day[16];
    (void)seine_date_format(c->ledger->partition[0].value, day);
    seine_verify_finding(
        c->v, "%s day %s bucket %d: %" PRId64 " rows whose content is not that of the %" PRId64 " rows of the ledger",
        c->job->columns, day, (int)c->ledger->partition[1].value, read.rows, c->ledger->rows);
    return SEINE_OK;
}

seine_status seine_verify_columns(seine_verification *v, seine_error *error) {
    check c = {.v = v, .job = &seine_job_ais_enriched, .schema = seine_schema_find(seine_job_ais_enriched.columns)};
    const seine_live_file *files = NULL;
    seine_partition_row *rows = NULL;
    size_t file_count = 0, row_count = 0, used = 0;
    seine_status status = seine_verify_files(v, c.job->columns, &files, &file_count, error);
    if (status == SEINE_OK)
        status = seine_ledger_partitions(v->catalog, c.job->columns, &v->arena, &rows, &row_count, error);
    for (size_t i = 0; i < row_count && status == SEINE_OK; i++) {
        if (seine_progress_stopped(v->options->progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "stopped");
        seine_progress_report(v->options->progress, c.job->step->name, i, row_count);
        c.ledger = &rows[i];
        status = check_partition(&c, files, file_count, &used, error);
    }
    if (status == SEINE_OK && used != file_count)
        seine_verify_finding(v, "%s has %zu files of partitions that the ledger does not know", c.job->columns,
                             file_count - used);
    return status;
}
