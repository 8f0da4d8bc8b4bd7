/* Rows with columns: what lies in their files against what the ledger says of each partition. */
#include "verify/internal.h"

#include "base/time.h"
#include "base/try.h"
#include "columns/content.h"

#include <inttypes.h>
#include <stdlib.h>

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
    if (columns == NULL) return seine_no_memory(error, "verifying");
    for (size_t i = 0; i < c->schema->column_count; i++) columns[i] = i;
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    SEINE_TRY(
        seine_scan_start(c->v->engine, c->schema, columns, c->schema->column_count, paths, count, NULL, &query, error));
    for (;;) {
        seine_rows rows = {0};
        SEINE_TRY(seine_query_next(query, &rows, error));
        if (rows.count == 0) return SEINE_OK;
        seine_content_add_words(&row->content, &rows, 0, rows.count);
        row->rows += (int64_t)rows.count;
    }
}

static int order_of(const seine_live_file *file, const seine_partition_row *row) {
    seine_partition_row place = {.rows = 0};
    memcpy(place.partition, file->file.partition, sizeof place.partition);
    return seine_verify_by_partition(&place, row);
}

/* Files and rows come by partition, so that @p at only goes on. */
static seine_status check_partition(const check *c, const seine_live_file *files, const char *const *paths,
                                    size_t count, size_t *at, size_t *used, seine_error *error) {
    uint64_t *steps = &c->v->report->steps;
    size_t path_count = 0;
    for (; *at < count && order_of(&files[*at], c->ledger) < 0; (*at)++) (*steps)++;
    paths += *at;
    for (; *at < count && order_of(&files[*at], c->ledger) == 0; (*at)++) path_count++;
    *steps += path_count + 1;
    *used += path_count;
    seine_partition_row read = {.rows = 0};
    if (path_count > 0) SEINE_TRY(read_rows(c, paths, path_count, &read, error));
    if (read.rows == c->ledger->rows && seine_hash128_equal(read.content, c->ledger->content)) return SEINE_OK;
    char day[16];
    (void)seine_date_format(c->ledger->partition[0].value, day);
    seine_verify_finding(
        c->v, "%s day %s bucket %d: %" PRId64 " rows whose content is not that of the %" PRId64 " rows of the ledger",
        c->job->columns, day, (int)c->ledger->partition[1].value, read.rows, c->ledger->rows);
    return SEINE_OK;
}

static seine_status check_job(seine_verification *v, const seine_detector_job *job, seine_error *error) {
    check c = {.v = v, .job = job, .schema = seine_job_schema(job, job->columns)};
    const seine_live_file *files = NULL;
    seine_partition_row *rows = NULL;
    size_t file_count = 0, row_count = 0, used = 0, at = 0;
    SEINE_TRY(seine_verify_files(v, c.job->columns, &files, &file_count, error));
    SEINE_TRY(seine_ledger_partitions(v->catalog, c.job->columns, &v->arena, &rows, &row_count, error));
    const char **paths = SEINE_ARENA_ARRAY(&v->arena, const char *, file_count);
    if (paths == NULL) return seine_no_memory(error, "verifying");
    for (size_t i = 0; i < file_count; i++) paths[i] = files[i].file.path;
    if (row_count > 0) qsort(rows, row_count, sizeof *rows, seine_verify_by_partition);
    for (size_t i = 0; i < row_count; i++) {
        if (seine_progress_stopped(v->options->progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "stopped");
        seine_progress_report(v->options->progress, c.job->step->name, i, row_count);
        c.ledger = &rows[i];
        SEINE_TRY(check_partition(&c, files, paths, file_count, &at, &used, error));
    }
    if (used != file_count)
        seine_verify_finding(v, "%s has %zu files of partitions that the ledger does not know", c.job->columns,
                             file_count - used);
    return SEINE_OK;
}

/* One that was never refreshed is not there yet. */
seine_status seine_verify_columns(seine_verification *v, seine_error *error) {
    for (size_t i = 0; i < v->registry.count; i++) {
        const seine_detector_job *job = &v->registry.jobs[i].job;
        if (job->columns != NULL && seine_verify_table(v, job->columns) != NULL) SEINE_TRY(check_job(v, job, error));
    }
    return SEINE_OK;
}
