/* Silver against the ledger: what lies in its files, partition by partition, and what each source gave. */
#include "verify/internal.h"

#include "base/array.h"
#include "base/time.h"
#include "base/try.h"
#include "columns/content.h"
#include "table/scan.h"

#include <inttypes.h>
#include <stdlib.h>

#define SOURCES_MAX ((size_t)1 << 24)

/* One partition being read. */
typedef struct partition_check {
    seine_verification *v;
    const seine_dataset *dataset;
    int32_t day, bucket;
    seine_buf scratch, mover; /* mover: id of the row before */
    int64_t time_us;
    bool has_row, is_unsorted, is_misplaced;
    seine_partition_row row;
} partition_check;

static seine_status check_rows(partition_check *check, const seine_rows *rows) {
    const seine_str *movers = rows->columns[SEINE_DATASET_ID].values;
    const int64_t *times = rows->columns[SEINE_DATASET_TIME].values;
    const int buckets = seine_catalog_buckets(check->v->catalog);
    for (size_t i = 0; i < rows->count; i++) {
        const int order = check->has_row ? seine_str_compare(seine_buf_str(&check->mover), movers[i]) : -1;
        if (order > 0 || (order == 0 && check->time_us >= times[i])) check->is_unsorted = true;
        check->time_us = times[i];
        if (seine_time_day(times[i]) != check->day) check->is_misplaced = true;
        if (order == 0) continue;
        if (seine_bucket_of(movers[i], buckets) != check->bucket) check->is_misplaced = true;
        seine_buf_clear(&check->mover);
        SEINE_TRY(seine_buf_append(&check->mover, movers[i].data, movers[i].size));
        check->has_row = true;
    }
    check->row.rows += (int64_t)rows->count;
    check->v->report->steps += rows->count;
    return seine_content_add_fixes(&check->row.content, check->dataset, rows, &check->scratch);
}

static seine_status take_rows(void *context, const seine_rows *rows, seine_error *error) {
    return check_rows(context, rows) == SEINE_OK ? SEINE_OK : seine_no_memory(error, "verifying");
}

/* One file is read by the engine, which is not the program that wrote it; several are merged. */
static seine_status read_partition(partition_check *check, const char *const *paths, size_t count, seine_error *error) {
    const seine_verification *v = check->v;
    const seine_table_schema *schema = seine_dataset_silver(check->dataset);
    const size_t column_count = check->dataset->column_count;
    size_t columns[SEINE_DATASET_COLUMNS_MAX];
    for (size_t c = 0; c < column_count; c++) columns[c] = c;
    if (count > 1) {
        const seine_scan scan = {.engine = v->engine,
                                 .schema = schema,
                                 .columns = columns,
                                 .column_count = column_count,
                                 .files = paths,
                                 .file_count = count,
                                 .merges = true};
        return seine_scan_run(&scan, take_rows, check, error);
    }
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    SEINE_TRY(seine_scan_start(v->engine, schema, columns, column_count, paths, count, NULL, &query, error));
    for (;;) {
        seine_rows rows = {0};
        SEINE_TRY(seine_query_next(query, &rows, error));
        if (rows.count == 0) return SEINE_OK;
        SEINE_TRY(take_rows(check, &rows, error));
    }
}

static void check_end(partition_check *check) {
    seine_buf_free(&check->scratch);
    seine_buf_free(&check->mover);
}

static seine_status check_partition(seine_verification *v, const seine_dataset *dataset, const seine_live_file *files,
                                    size_t count, seine_partition_row *row, seine_error *error) {
    const char *table = seine_dataset_silver(dataset)->name;
    partition_check check SEINE_OWNED(check_end) = {.v = v,
                                                    .dataset = dataset,
                                                    .day = files[0].file.partition[0].value,
                                                    .bucket = files[0].file.partition[1].value};
    seine_buf_init(&check.scratch, (size_t)1 << 28);
    seine_buf_init(&check.mover, (size_t)1 << 24);
    memcpy(check.row.partition, files[0].file.partition, sizeof check.row.partition);
    const char **paths SEINE_OWNED(seine_free_owned) = malloc(count * sizeof *paths);
    if (paths == NULL) return seine_no_memory(error, "verifying");
    for (size_t i = 0; i < count; i++) paths[i] = files[i].file.path;
    SEINE_TRY(read_partition(&check, paths, count, error));
    char day[16];
    (void)seine_date_format(check.day, day);
    if (check.is_unsorted)
        seine_verify_finding(v, "%s day %s bucket %d: not sorted by %s, %s or not unique", table, day,
                             (int)check.bucket, dataset->columns[SEINE_DATASET_ID].name,
                             dataset->columns[SEINE_DATASET_TIME].name);
    if (check.is_misplaced)
        seine_verify_finding(v, "%s day %s bucket %d: rows of other partitions", table, day, (int)check.bucket);
    *row = check.row;
    return SEINE_OK;
}

static bool same_partition(const seine_partition_value *a, const seine_partition_value *b) {
    return a[0].value == b[0].value && a[1].value == b[1].value;
}

int seine_verify_by_partition(const void *a, const void *b) {
    const seine_partition_row *l = a, *r = b;
    for (size_t i = 0; i < 2; i++)
        if (l->partition[i].value != r->partition[i].value)
            return l->partition[i].value < r->partition[i].value ? -1 : 1;
    return 0;
}

const seine_partition_row *seine_verify_silver_row(const seine_verify_silver_rows *silver,
                                                   const seine_partition_value *partition) {
    seine_partition_row wanted = {.rows = 0};
    memcpy(wanted.partition, partition, sizeof wanted.partition);
    return silver->count == 0 ? NULL
                              : bsearch(&wanted, silver->rows, silver->count, sizeof wanted, seine_verify_by_partition);
}

static seine_status compare_ledger(seine_verification *v, const seine_verify_silver_rows *silver, seine_error *error) {
    seine_partition_row *ledger = NULL;
    size_t count = 0;
    const char *table = seine_dataset_silver(silver->dataset)->name;
    SEINE_TRY(seine_ledger_partitions(v->catalog, table, &v->arena, &ledger, &count, error));
    if (count > 0) qsort(ledger, count, sizeof *ledger, seine_verify_by_partition);
    const seine_partition_row *read = silver->rows;
    size_t r = 0;
    for (size_t l = 0; l < count || r < silver->count;) {
        const int order = l == count ? 1 : r == silver->count ? -1 : seine_verify_by_partition(&ledger[l], &read[r]);
        const seine_partition_row *at = order <= 0 ? &ledger[l] : &read[r];
        char day[16];
        (void)seine_date_format(at->partition[0].value, day);
        const int bucket = at->partition[1].value;
        if (order < 0)
            seine_verify_finding(v, "%s day %s bucket %d: in the ledger, but has no file", table, day, bucket);
        else if (order > 0)
            seine_verify_finding(v, "%s day %s bucket %d: has files, but is not in the ledger", table, day, bucket);
        else if (ledger[l].rows != read[r].rows || !seine_hash128_equal(ledger[l].content, read[r].content))
            seine_verify_finding(v,
                                 "%s day %s bucket %d: %" PRId64 " rows whose content is not that of the %" PRId64
                                 " rows of the ledger",
                                 table, day, bucket, read[r].rows, ledger[l].rows);
        l += order <= 0;
        r += order >= 0;
        v->report->steps++;
    }
    return SEINE_OK;
}

static seine_status verify_silver(seine_verification *v, seine_verify_silver_rows *silver, seine_error *error) {
    const seine_live_file *files = NULL;
    size_t count = 0;
    SEINE_TRY(seine_verify_files(v, seine_dataset_silver(silver->dataset)->name, &files, &count, error));
    seine_verify_report *report = v->report;
    silver->rows = SEINE_ARENA_ARRAY(&report->arena, seine_partition_row, count);
    if (silver->rows == NULL) return seine_no_memory(error, "verifying");
    for (size_t first = 0, last; first < count; first = last) {
        if (seine_progress_stopped(v->options->progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "stopped");
        seine_progress_report(v->options->progress, "silver", first, count);
        for (last = first + 1; last < count; last++)
            if (!same_partition(files[last].file.partition, files[first].file.partition)) break;
        report->steps += last - first;
        SEINE_TRY(
            check_partition(v, silver->dataset, files + first, last - first, &silver->rows[silver->count++], error));
    }
    report->partitions += silver->count;
    for (size_t i = 0; i < silver->count; i++) report->silver_rows += silver->rows[i].rows;
    if (silver->count > 0) qsort(silver->rows, silver->count, sizeof *silver->rows, seine_verify_by_partition);
    return compare_ledger(v, silver, error);
}

seine_status seine_verify_silver(seine_verification *v, seine_error *error) {
    seine_verify_report *report = v->report;
    report->silver = SEINE_ARENA_ARRAY(&report->arena, seine_verify_silver_rows, v->dataset_count);
    if (report->silver == NULL) return seine_no_memory(error, "verifying");
    for (size_t i = 0; i < v->dataset_count; i++) {
        seine_verify_silver_rows *silver = &report->silver[report->silver_count++];
        *silver = (seine_verify_silver_rows){.dataset = v->datasets[i]};
        SEINE_TRY(verify_silver(v, silver, error));
    }
    return SEINE_OK;
}

/* ---- sources ---- */

/* Rows of one source in a table. */
typedef struct source_count {
    const char *name;
    int64_t ingested_at_us, rows;
} source_count;

typedef struct source_counts {
    source_count *counts; /* by name, then time, once all are read */
    size_t count, capacity, at;
} source_counts;

static int compare_counts(const void *a, const void *b) {
    const source_count *l = a, *r = b;
    const int order = strcmp(l->name, r->name);
    if (order != 0) return order;
    return (l->ingested_at_us > r->ingested_at_us) - (l->ingested_at_us < r->ingested_at_us);
}

static seine_status count_by_source(seine_verification *v, const char *sql, source_counts *out, seine_error *error) {
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    SEINE_TRY(seine_query_start(v->engine, sql, NULL, 0, &query, error));
    for (seine_rows rows = {.count = 1}; rows.count > 0;) {
        SEINE_TRY(seine_query_next(query, &rows, error));
        if (SEINE_ARENA_ROOM(&v->arena, out->counts, out->count, out->capacity, rows.count, SOURCES_MAX) != SEINE_OK)
            return seine_no_memory(error, "verifying");
        for (size_t i = 0; i < rows.count; i++) {
            const seine_str name = ((const seine_str *)rows.columns[0].values)[i];
            const char *copy = seine_arena_copy(&v->arena, name.data, name.size);
            if (copy == NULL) return seine_no_memory(error, "verifying");
            out->counts[out->count++] = (source_count){copy, ((const int64_t *)rows.columns[1].values)[i],
                                                       ((const int64_t *)rows.columns[2].values)[i]};
        }
    }
    if (out->count > 0) qsort(out->counts, out->count, sizeof *out->counts, compare_counts);
    return SEINE_OK;
}

/* Takes out the count of a source, so that what is left over belongs to nobody. Each pair is there once (GROUP BY), and
 * sources come in the same order. */
static int64_t take_count(seine_verification *v, source_counts *counts, const seine_source *source) {
    const source_count wanted = {source->name, source->ingested_at_us, 0};
    for (; counts->at < counts->count; counts->at++) {
        source_count *at = &counts->counts[counts->at];
        const int order = compare_counts(at, &wanted);
        v->report->steps++;
        if (order > 0) break;
        if (order < 0) continue;
        const int64_t rows = at->rows;
        at->rows = 0;
        return rows;
    }
    return 0;
}

static void check_source(seine_verification *v, const seine_source *source, source_counts *silver,
                         source_counts *rejects) {
    const int64_t in_silver = take_count(v, silver, source), in_rejects = take_count(v, rejects, source);
    v->report->sources++;
    if (source->rows != source->silver + source->duplicates + source->rejects)
        seine_verify_finding(v,
                             "source %s: %" PRId64 " rows are not %" PRId64 " in silver + %" PRId64
                             " duplicates + %" PRId64 " rejects",
                             source->name, source->rows, source->silver, source->duplicates, source->rejects);
    if (in_silver != source->silver)
        seine_verify_finding(v, "source %s: silver has %" PRId64 " of its rows, the ledger says %" PRId64, source->name,
                             in_silver, source->silver);
    if (in_rejects != source->rejects)
        seine_verify_finding(v, "source %s: %" PRId64 " of its rows are among the rejects, the ledger says %" PRId64,
                             source->name, in_rejects, source->rejects);
}

/* "SELECT … FROM table condition GROUP BY ALL", counted by source. */
static seine_status count_table(seine_verification *v, const char *table, const char *condition, source_counts *out,
                                seine_error *error) {
    const char *sql = seine_arena_printf(&v->arena, "SELECT source_file, ingested_at, count(*) FROM %s %s GROUP BY ALL",
                                         table, condition);
    if (sql == NULL) return seine_no_memory(error, "verifying");
    SEINE_TRY(seine_verify_view(v, table, error));
    return count_by_source(v, sql, out, error);
}

static seine_status verify_sources(seine_verification *v, const seine_dataset *dataset, seine_error *error) {
    seine_source *sources = NULL;
    size_t count = 0;
    source_counts silver = {0}, rejects = {0};
    const char *table = seine_dataset_silver(dataset)->name;
    SEINE_TRY(count_table(v, table, "", &silver, error));
    SEINE_TRY(count_table(v, seine_dataset_rejects(dataset)->name, "WHERE source_row IS NOT NULL", &rejects, error));
    SEINE_TRY(seine_ledger_sources(v->catalog, dataset->name, &v->arena, &sources, &count, error));
    for (size_t i = 0; i < count; i++)
        if (sources[i].state == SEINE_SOURCE_LIVE) check_source(v, &sources[i], &silver, &rejects);
    for (size_t i = 0; i < silver.count; i++)
        if (silver.counts[i].rows > 0)
            seine_verify_finding(v, "%s: %" PRId64 " rows of %s, which is not a live source", table,
                                 silver.counts[i].rows, silver.counts[i].name);
    return SEINE_OK;
}

seine_status seine_verify_sources(seine_verification *v, seine_error *error) {
    for (size_t i = 0; i < v->dataset_count; i++) SEINE_TRY(verify_sources(v, v->datasets[i], error));
    return SEINE_OK;
}
