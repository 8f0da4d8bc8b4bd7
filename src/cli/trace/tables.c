/*
 * Rows of tables that a position is part of. Which rows these are follows from a table's columns, so that tables of
 * later models are followed too; tables which are not there are passed over.
 */
#include "base/number.h"
#include "base/quote.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/output/internal.h"
#include "cli/trace/trace.h"
#include "table/dataset.h"

#include <ctype.h>
#include <stdlib.h>

#define SQL_MAX_BYTES ((size_t)64 << 20)

/* ---- reading rows with their place ------------------------------------------------------------------------------ */

/* Columns of silver. */
static const char *id_of(const seine_trace *trace) { return trace->dataset->columns[SEINE_DATASET_ID].name; }
static const char *time_of(const seine_trace *trace) { return trace->dataset->columns[SEINE_DATASET_TIME].name; }

/* A search in one table. */
typedef struct search {
    seine_trace *trace;
    seine_table *table;
    const char *where, *role; /* where: NULL = memory is short */
    const char *params[2];
    size_t param_count;
    const int32_t *day;      /* only files of this day partition; NULL = all */
    const int32_t *bucket;   /* only files of this bucket; NULL = all */
    seine_trace_hit **first; /* set to the first hit instead of listing it; NULL = list */
} search;

static bool is_wanted(const search *s, const seine_data_file *file) {
    const seine_partition_value day = file->partition[0], bucket = file->partition[1];
    if (s->day != NULL && !day.is_null && day.value != *s->day) return false;
    return s->bucket == NULL || bucket.is_null || bucket.value == *s->bucket;
}

/* The statement; *count files are read. */
static seine_status put_sql(const search *s, const seine_live_file *files, size_t file_count, seine_buf *sql,
                            size_t *count) {
    SEINE_TRY(seine_buf_append_str(
        sql, "SELECT * EXCLUDE (filename, file_row_number), filename, file_row_number FROM read_parquet(["));
    for (size_t i = 0; i < file_count; i++) {
        if (!is_wanted(s, &files[i].file)) continue;
        if ((*count)++ > 0) SEINE_TRY(seine_buf_append(sql, ", ", 2));
        SEINE_TRY(seine_sql_text(sql, files[i].file.path));
    }
    return seine_buf_printf(sql,
                            "], filename = true, file_row_number = true, hive_partitioning = false,"
                            " union_by_name = true) WHERE %s ORDER BY ALL",
                            s->where);
}

static seine_status take_fields(const search *s, const seine_query *query, const seine_rows *rows, size_t row,
                                seine_trace_hit *hit) {
    seine_arena *arena = s->trace->arena;
    hit->field_count = rows->column_count - 2; /* without place in the files */
    hit->fields = SEINE_ARENA_ARRAY(arena, seine_trace_field, hit->field_count);
    if (hit->fields == NULL) return SEINE_E_NOMEM;
    seine_buf cell SEINE_OWNED(seine_buf_free);
    seine_buf_init(&cell, SQL_MAX_BYTES);
    for (size_t i = 0; i < hit->field_count; i++) {
        const char *name = seine_query_column_name(query, i);
        seine_trace_field *field = &hit->fields[i];
        *field = (seine_trace_field){.name = seine_arena_copy(arena, name, strlen(name)),
                                     .is_number = seine_output_is_number(seine_query_column_type(query, i))};
        if (field->name == NULL) return SEINE_E_NOMEM;
        if (seine_output_is_null(&rows->columns[i], row)) continue;
        seine_buf_clear(&cell);
        SEINE_TRY(seine_output_cell(&cell, &rows->columns[i], row));
        field->text = seine_arena_copy(arena, cell.data, cell.size);
        if (field->text == NULL) return SEINE_E_NOMEM;
    }
    return SEINE_OK;
}

static seine_status find_run(seine_trace *trace, seine_trace_hit *hit, seine_error *error) {
    seine_run_row *runs = NULL;
    size_t count = 0;
    for (const seine_trace_hit *other = trace->hits; other != NULL; other = other->next)
        if (other != hit && other->snapshot_id == hit->snapshot_id && other->run != NULL) {
            hit->run = other->run;
            return SEINE_OK;
        }
    SEINE_TRY(seine_runs_of_snapshot(trace->catalog, hit->snapshot_id, trace->arena, &runs, &count, error));
    if (count > 0) hit->run = &runs[0];
    return SEINE_OK;
}

static seine_status find_snapshot(const search *s, seine_trace_hit *hit, seine_error *error) {
    const seine_live_file *files = NULL;
    size_t count = 0;
    SEINE_TRY(seine_table_files(s->table, &files, &count, error));
    for (size_t i = 0; i < count; i++)
        if (strcmp(files[i].file.path, hit->path) == 0) hit->snapshot_id = files[i].snapshot_id;
    return SEINE_OK;
}

static seine_status take_hit(const search *s, const seine_query *query, const seine_rows *rows, size_t row,
                             seine_error *error) {
    seine_trace *trace = s->trace;
    const seine_str path = ((const seine_str *)rows->columns[rows->column_count - 2].values)[row];
    const char *table = seine_table_name(s->table);
    seine_trace_hit *hit = SEINE_ARENA_ARRAY(trace->arena, seine_trace_hit, 1);
    if (hit == NULL) return seine_no_memory(error, "trace");
    *hit = (seine_trace_hit){.table = seine_arena_copy(trace->arena, table, strlen(table)),
                             .role = s->role,
                             .path = seine_arena_copy(trace->arena, path.data, path.size),
                             .file_row = ((const int64_t *)rows->columns[rows->column_count - 1].values)[row]};
    if (hit->table == NULL || hit->path == NULL || take_fields(s, query, rows, row, hit) != SEINE_OK)
        return seine_no_memory(error, "trace");
    SEINE_TRY(find_snapshot(s, hit, error));
    SEINE_TRY(find_run(trace, hit, error));
    if (s->first != NULL) {
        *s->first = hit;
        return SEINE_OK;
    }
    *trace->last_hit = hit;
    trace->last_hit = &hit->next;
    return SEINE_OK;
}

static seine_status run_search(const search *s, seine_error *error) {
    const seine_live_file *files = NULL;
    size_t file_count = 0, wanted = 0;
    if (s->where == NULL) return seine_no_memory(error, "trace");
    SEINE_TRY(seine_table_files(s->table, &files, &file_count, error));
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, SQL_MAX_BYTES);
    const seine_status status = put_sql(s, files, file_count, &sql, &wanted);
    if (status != SEINE_OK) return seine_fail(error, status, "trace: %s", seine_status_text(status));
    const char *text = seine_buf_text(&sql);
    if (text == NULL) return seine_no_memory(error, "trace");
    if (wanted == 0) return SEINE_OK;
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    SEINE_TRY(seine_query_start(s->trace->engine, text, s->params, s->param_count, &query, error));
    for (seine_rows rows = {.count = 1}; rows.count > 0;) {
        SEINE_TRY(seine_query_next(query, &rows, error));
        for (size_t row = 0; row < rows.count; row++) SEINE_TRY(take_hit(s, query, &rows, row, error));
    }
    return SEINE_OK;
}

/* ---- silver ----------------------------------------------------------------------------------------------------- */

const char *seine_trace_text(const seine_trace_hit *hit, const char *name) {
    for (size_t i = 0; i < hit->field_count; i++)
        if (strcmp(hit->fields[i].name, name) == 0) return hit->fields[i].text;
    return NULL;
}

/* Times of the mover's positions of the day next to the one asked for. */
static seine_status find_neighbours(seine_trace *trace, seine_table *table, const int32_t *day, const int32_t *bucket,
                                    seine_error *error) {
    char when[40];
    seine_time_format(trace->ts_us, when);
    seine_trace_hit *before = NULL, *after = NULL;
    search s = {.trace = trace,
                .table = table,
                .role = "",
                .params = {trace->mover, when},
                .param_count = 2,
                .day = day,
                .bucket = bucket,
                .first = &before};
    const char *id = id_of(trace), *ts = time_of(trace);
    s.where = seine_arena_printf(
        trace->arena, "%s = $1 AND %s < CAST($2 AS TIMESTAMPTZ) QUALIFY row_number() OVER (ORDER BY %s DESC) = 1", id,
        ts, ts);
    SEINE_TRY(run_search(&s, error));
    s.where = seine_arena_printf(trace->arena,
                                 "%s = $1 AND %s > CAST($2 AS TIMESTAMPTZ) QUALIFY row_number() OVER (ORDER BY %s) = 1",
                                 id, ts, ts);
    s.first = &after;
    SEINE_TRY(run_search(&s, error));
    trace->before_us = INT64_MIN;
    trace->after_us = INT64_MAX;
    const char *earlier = before != NULL ? seine_trace_text(before, ts) : NULL;
    const char *later = after != NULL ? seine_trace_text(after, ts) : NULL;
    if (earlier != NULL) (void)seine_time_parse(seine_str_of(earlier), &trace->before_us);
    if (later != NULL) (void)seine_time_parse(seine_str_of(later), &trace->after_us);
    return SEINE_OK;
}

seine_status seine_trace_silver(seine_trace *trace, seine_error *error) {
    char when[40];
    seine_time_format(trace->ts_us, when);
    const int32_t day = seine_time_day(trace->ts_us);
    const int32_t bucket = seine_bucket_of(seine_str_of(trace->mover), seine_catalog_buckets(trace->catalog));
    seine_table *table SEINE_OWNED(seine_table_close_owned) = NULL;
    SEINE_TRY(
        seine_table_load(trace->catalog, seine_dataset_silver(trace->dataset)->name, (seine_at){0}, &table, error));
    const search s = {.trace = trace,
                      .table = table,
                      .where = seine_arena_printf(trace->arena, "%s = $1 AND %s = CAST($2 AS TIMESTAMPTZ)",
                                                  id_of(trace), time_of(trace)),
                      .role = "position",
                      .params = {trace->mover, when},
                      .param_count = 2,
                      .day = &day,
                      .bucket = &bucket,
                      .first = &trace->silver};
    SEINE_TRY(run_search(&s, error));
    return trace->silver == NULL ? find_neighbours(trace, table, &day, &bucket, error) : SEINE_OK;
}

/* ---- what it went into ------------------------------------------------------------------------------------------ */

/* Rows of tables that have these columns, beside the id where it is needed; ID in a condition stands for its name. The
 * first rule of a group that fits a table is taken, but for events, where both do. */
typedef struct rule {
    bool needs_id;
    const char *needs[3];
    const char *where, *role;
    enum { BY_TIME, BY_HOUR, BY_DAY, BY_MOVER } by;
} rule;

#define PAIR "(uid_a = $1 OR uid_b = $1)"
static const rule event_rules[] = {
    {true, {"start_ts", "end_ts"}, "ID = $1 AND start_ts = CAST($2 AS TIMESTAMPTZ)", "start", BY_TIME},
    {true, {"start_ts", "end_ts"}, "ID = $1 AND end_ts = CAST($2 AS TIMESTAMPTZ)", "end", BY_TIME},
    {true,
     {"event_start", "event_end"},
     "ID = $1 AND CAST($2 AS TIMESTAMPTZ) BETWEEN event_start AND event_end",
     "within",
     BY_TIME},
};
static const rule gold_rules[] = {
    {true, {"hour_ts"}, "ID = $1 AND hour_ts = CAST($2 AS TIMESTAMPTZ)", "hour", BY_HOUR},
    {true, {"dt", "ts", "region_id"}, "ID = $1 AND ts = CAST($2 AS TIMESTAMPTZ)", "region", BY_TIME},
    {true, {"dt"}, "ID = $1 AND dt = CAST($2 AS DATE)", "day", BY_DAY},
    {false, {"uid_a", "uid_b", "dt"}, PAIR " AND dt = CAST($2 AS DATE)", "day", BY_DAY},
    {false, {"uid_a", "uid_b", "day_date"}, PAIR " AND day_date = CAST($2 AS DATE)", "day", BY_DAY},
    {false, {"uid_a", "uid_b"}, PAIR, NULL, BY_MOVER},
    {true,
     {"start_ts", "end_ts"},
     "ID = $1 AND CAST($2 AS TIMESTAMPTZ) BETWEEN start_ts AND end_ts",
     "within",
     BY_TIME},
    {true, {NULL}, "ID = $1", NULL, BY_MOVER},
};

static bool fits(const rule *r, const char *id, const seine_table_schema *schema) {
    if (r->needs_id && seine_schema_column(schema, id) == SIZE_MAX) return false;
    for (size_t i = 0; i < 3 && r->needs[i] != NULL; i++)
        if (seine_schema_column(schema, r->needs[i]) == SIZE_MAX) return false;
    return true;
}

static bool is_by_day(const seine_table_schema *schema) {
    if (schema->partition_count == 0) return false;
    const seine_transform transform = schema->partition[0].transform;
    return transform == SEINE_TRANSFORM_DAY || transform == SEINE_TRANSFORM_IDENTITY;
}

static seine_status apply(seine_trace *trace, seine_table *table, const rule *r, seine_error *error) {
    const int32_t day = seine_time_day(trace->ts_us);
    const int64_t in_hour = seine_floor_mod(trace->ts_us, SEINE_HOUR_US);
    char text[40];
    if (r->by == BY_DAY)
        seine_date_format(day, text);
    else
        seine_time_format(r->by == BY_HOUR ? trace->ts_us - in_hour : trace->ts_us, text);
    const bool prunes = (r->by == BY_DAY || r->by == BY_HOUR) && is_by_day(seine_table_schema_of(table));
    const char *of_all =
        seine_dataset_is_of_ships(trace->dataset) ? "vessel" : "mover"; /* ships have had their word before */
    const search s = {.trace = trace,
                      .table = table,
                      .where = !r->needs_id ? r->where
                                            : seine_arena_printf(trace->arena, "%s%s", id_of(trace), r->where + 2),
                      .role = r->role != NULL ? r->role : of_all,
                      .params = {trace->mover, text},
                      .param_count = r->by == BY_MOVER ? 1 : 2,
                      .day = prunes ? &day : NULL};
    return run_search(&s, error);
}

static bool has_prefix(const char *name, const char *prefix) { return strncmp(name, prefix, strlen(prefix)) == 0; }

static seine_status follow_table(seine_trace *trace, const char *name, seine_error *error) {
    const bool is_event =
        has_prefix(name, "events.") && !seine_str_ends_with_nocase(seine_str_of(name), SEINE_STR("_history"));
    if (!is_event && !has_prefix(name, "gold.")) return SEINE_OK;
    seine_table *table SEINE_OWNED(seine_table_close_owned) = NULL;
    const seine_status status = seine_table_load(trace->catalog, name, (seine_at){0}, &table, error);
    if (status == SEINE_E_UNSUPPORTED) return SEINE_OK; /* somebody else's */
    SEINE_TRY(status);
    const rule *rules = is_event ? event_rules : gold_rules;
    const size_t count = is_event ? sizeof event_rules / sizeof *rules : sizeof gold_rules / sizeof *rules;
    for (size_t i = 0; i < count; i++) {
        if (!fits(&rules[i], id_of(trace), seine_table_schema_of(table))) continue;
        SEINE_TRY(apply(trace, table, &rules[i], error));
        if (!is_event) break;
    }
    return SEINE_OK;
}

/* How much of a table's name, behind its space, is that of a dataset; 0 = it is not one of its tables. */
static size_t share_of(const char *table, const char *dataset) {
    const char *name = strchr(table, '.');
    const size_t size = strlen(dataset);
    const bool is =
        name != NULL && strncmp(name + 1, dataset, size) == 0 && (name[1 + size] == '\0' || name[1 + size] == '_');
    return is ? size : 0;
}

/* Whether a table is of another dataset by its name: ids may be called alike. Of two names the longer one counts. */
static bool is_of_other(const char *table, const seine_trace *trace, const seine_dataset_row *rows, size_t count) {
    const size_t own = share_of(table, trace->dataset->name), of_ships = share_of(table, seine_dataset_ais()->name);
    size_t longest = of_ships;
    for (size_t i = 0; i < count; i++) {
        const size_t share = share_of(table, rows[i].name);
        if (share > longest) longest = share;
    }
    return longest > own;
}

seine_status seine_trace_derived(seine_trace *trace, seine_error *error) {
    const char **names = NULL;
    seine_dataset_row *rows = NULL;
    size_t count = 0, row_count = 0;
    SEINE_TRY(seine_catalog_tables(trace->catalog, trace->arena, &names, &count, error));
    SEINE_TRY(seine_lake_datasets(trace->catalog, trace->arena, &rows, &row_count, error));
    for (size_t i = 0; i < count; i++)
        if (!is_of_other(names[i], trace, rows, row_count)) SEINE_TRY(follow_table(trace, names[i], error));
    return SEINE_OK;
}

/* ---- rejects ---------------------------------------------------------------------------------------------------- */

bool seine_trace_id_is_plain(const char *id) {
    for (; *id != '\0'; id++)
        if (!isalnum((unsigned char)*id) && strchr(" -_.:", *id) == NULL) return false;
    return true;
}

seine_status seine_trace_rejects(seine_trace *trace, seine_trace_reject_fn take, seine_error *error) {
    seine_table *table SEINE_OWNED(seine_table_close_owned) = NULL;
    SEINE_TRY(
        seine_table_load(trace->catalog, seine_dataset_rejects(trace->dataset)->name, (seine_at){0}, &table, error));
    seine_trace_hit **listed = trace->last_hit;
    const bool is_plain = seine_trace_id_is_plain(trace->mover);
    const search s = {.trace = trace,
                      .table = table,
                      .where = is_plain ? "contains(raw, $1) AND source_row IS NOT NULL" : "source_row IS NOT NULL",
                      .role = "reject",
                      .params = {trace->mover},
                      .param_count = is_plain ? 1 : 0};
    SEINE_TRY(run_search(&s, error));
    seine_trace_hit *found = *listed; /* taken off the list again */
    *listed = NULL;
    trace->last_hit = listed;
    for (; found != NULL; found = found->next) {
        int64_t ingested_us = 0, row = 0;
        (void)seine_time_parse(seine_str_of(seine_trace_text(found, "ingested_at")), &ingested_us);
        (void)seine_integer_parse(seine_str_of(seine_trace_text(found, "source_row")), &row);
        SEINE_TRY(take(trace, seine_trace_text(found, "source_file"), ingested_us, row,
                       seine_trace_text(found, "reason"), seine_trace_text(found, "raw"), error));
    }
    return SEINE_OK;
}
