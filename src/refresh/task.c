/* Tasks: what a plan says of each bucket, out and in. Results are in task_result.c. */
#include "refresh/task.h"

#include "base/try.h"
#include "refresh/batch.h"
#include "table/file_json.h"
#include "table/file_ledger.h"

#include <string.h>

/* ---- settings ---- */

/* Where each is kept; the shore rule, a flag, stands apart. */
typedef struct setting {
    const char *name;
    int64_t *value;
} setting;
#define SETTINGS 6

static void list_settings(seine_detector_settings *s, setting list[SETTINGS]) {
    const setting all[SETTINGS] = {{"min_gap_us", &s->gaps.min_gap_us},
                                   {"history_us", &s->gaps.history_us},
                                   {"weather_max_age_us", &s->weather_max_age_us},
                                   {"max_gap_us", &s->segments.max_gap_us},
                                   {"max_milliknots", &s->segments.max_milliknots},
                                   {"gate_milliknots", &s->segments.gate_milliknots}};
    memcpy(list, all, sizeof all);
}

static void put_settings(seine_json_writer *w, const seine_detector_settings *settings) {
    seine_detector_settings copy = *settings;
    setting list[SETTINGS];
    list_settings(&copy, list);
    seine_json_field_object(w, "settings");
    for (size_t i = 0; i < SETTINGS; i++) seine_json_field_int(w, list[i].name, *list[i].value);
    seine_json_field_bool(w, "shore_rule", copy.gaps.shore_rule);
    seine_json_end_object(w);
}

void seine_task_settings(seine_json_value task, seine_detector_settings *settings) {
    const seine_json_value given = seine_json_get(task, "settings");
    setting list[SETTINGS];
    list_settings(settings, list);
    for (size_t i = 0; i < SETTINGS; i++)
        *list[i].value = seine_json_int(seine_json_get(given, list[i].name), *list[i].value);
    settings->gaps.shore_rule = seine_json_bool(seine_json_get(given, "shore_rule"), settings->gaps.shore_rule);
}

/* ---- out ---- */

/* That of a partition which is in none, as one of a foreign lake might be, is told with the first. */
static size_t bucket_of(const seine_refresh_plan *plan, const seine_job_row *row) {
    const seine_partition_value bucket = row->partition[1];
    if (bucket.is_null || bucket.value < 0 || (size_t)bucket.value >= plan->bucket_count) return 0;
    return (size_t)bucket.value;
}

static bool has_row(const seine_refresh_plan *plan, const seine_job_row *rows, size_t count, size_t bucket) {
    for (size_t i = 0; i < count; i++)
        if (bucket_of(plan, &rows[i]) == bucket) return true;
    return false;
}

bool seine_task_is_any(const seine_refresh_plan *plan, size_t bucket) {
    return plan->buckets[bucket].is_needed || has_row(plan, plan->changed, plan->changed_count, bucket) ||
           has_row(plan, plan->vanished, plan->vanished_count, bucket);
}

static void put_rows(seine_json_writer *w, const char *key, const seine_refresh_plan *plan, const seine_job_row *rows,
                     size_t count, size_t bucket) {
    seine_json_field_array(w, key);
    for (size_t i = 0; i < count; i++) {
        if (bucket_of(plan, &rows[i]) != bucket) continue;
        seine_json_begin_object(w);
        seine_partition_json_put(w, rows[i].partition);
        seine_hash_json_put(w, "fingerprint", rows[i].fingerprint);
        seine_json_end_object(w);
    }
    seine_json_end_array(w);
}

static void put_files(seine_json_writer *w, const char *key, const char *lake, const char *const *files, size_t count) {
    seine_json_field_array(w, key);
    for (size_t i = 0; i < count; i++) seine_json_put_text(w, seine_str_of(seine_file_ledger_name(lake, files[i])));
    seine_json_end_array(w);
}

static void put_absent(seine_json_writer *w, const seine_refresh_plan *plan, const seine_refresh_plan_day *day) {
    seine_json_field_array(w, "absent");
    for (size_t i = 0; day->absent != NULL && i < seine_fix_columns(plan->run->job); i++)
        if (day->absent[i]) seine_json_put_int(w, (int64_t)i);
    seine_json_end_array(w);
}

static void put_day(seine_json_writer *w, const char *lake, const seine_refresh_plan *plan,
                    const seine_refresh_plan_day *day) {
    seine_json_begin_object(w);
    seine_json_field_int(w, "day", day->day.day);
    if (day->day.is_stale) seine_json_field_bool(w, "stale", true);
    if (day->day.is_amended) seine_json_field_bool(w, "amended", true);
    if (day->day.is_retold) seine_json_field_bool(w, "retold", true);
    put_files(w, "silver", lake, day->silver, day->silver_count);
    put_files(w, "states", lake, day->states, day->state_count);
    put_absent(w, plan, day);
    seine_json_end_object(w);
}

static void put_tables(seine_json_writer *w, const seine_refresh_plan *plan) {
    seine_json_field_object(w, "tables");
    for (size_t i = 0; i < SEINE_PLAN_TABLES; i++)
        if (i != SEINE_PLAN_SILVER && plan->tables[i] != NULL)
            seine_json_field_int(w, seine_table_name(plan->tables[i]), seine_table_snapshot_id(plan->tables[i]));
    seine_json_end_object(w);
}

static void put_head(seine_json_writer *w, const seine_task_head *head, const seine_refresh_plan *plan) {
    seine_json_field_text(w, "task", SEINE_TASK_DETECTOR);
    seine_json_field_text(w, "job", plan->run->job->name);
    seine_json_field_text(w, "plan", head->plan);
    seine_json_field_int(w, "number", (int64_t)head->number);
    seine_json_field_int(w, "of", (int64_t)head->count);
    put_settings(w, head->settings);
    seine_hash_json_put(w, "parameters", plan->run->parameters);
    seine_hash_json_put(w, "references", head->references);
    put_tables(w, plan);
    seine_json_field_object(w, "silver");
    seine_json_field_text(w, "table", plan->run->job->silver);
    seine_json_field_int(w, "snapshot", plan->silver_snapshot_id);
    seine_json_field_int(w, "partitions", (int64_t)plan->partitions);
    seine_hash_json_put(w, "content", plan->silver_content);
    seine_json_end_object(w);
    seine_json_field_object(w, "sources");
    seine_json_field_int(w, "count", plan->sources.count);
    seine_hash_json_put(w, "content", plan->sources.content);
    seine_json_end_object(w);
    seine_json_field_bool(w, "recomputed", plan->is_recomputed);
    seine_json_field_bool(w, "first", plan->is_first);
    seine_json_field_int(w, "watermark_us", plan->watermark_us);
}

void seine_task_put(seine_json_writer *w, const char *lake, const seine_task_head *head, const seine_refresh_plan *plan,
                    size_t bucket) {
    const seine_refresh_plan_bucket *of = &plan->buckets[bucket];
    seine_json_begin_object(w);
    put_head(w, head, plan);
    seine_json_field_int(w, "bucket", (int64_t)bucket);
    seine_json_field_bool(w, "needed", of->is_needed);
    put_rows(w, "changed", plan, plan->changed, plan->changed_count, bucket);
    put_rows(w, "vanished", plan, plan->vanished, plan->vanished_count, bucket);
    put_files(w, "heads", lake, of->heads, of->head_count);
    seine_json_field_array(w, "days");
    for (size_t i = 0; i < of->day_count; i++) put_day(w, lake, plan, &of->days[i]);
    seine_json_end_array(w);
    seine_json_end_object(w);
}

/* ---- in ---- */

/* What one call works with. */
typedef struct reading {
    seine_refresh_plan *plan;
    const char *lake;
    seine_error *error;
} reading;

static seine_status no_memory(const reading *r) { return seine_no_memory(r->error, "reading tasks"); }

static seine_status wrong(const reading *r, const char *what) {
    return seine_fail(r->error, SEINE_E_FORMAT, "a task of %s: %s", r->plan->run->job->name, what);
}

bool seine_task_references(seine_json_value task, seine_hash128 *references) {
    return seine_hash_json_read(task, "references", references);
}

bool seine_task_bucket(seine_json_value task, size_t buckets, size_t *bucket) {
    const int64_t number = seine_json_int(seine_json_get(task, "bucket"), -1);
    *bucket = (size_t)number;
    return number >= 0 && (size_t)number < buckets;
}

static seine_status read_files(const reading *r, seine_json_value array, const char ***files, size_t *count) {
    seine_json_iter it = {0};
    *files = SEINE_ARENA_ARRAY(&r->plan->arena, const char *, seine_json_count(array));
    if (*files == NULL) return no_memory(r);
    while (seine_json_next(array, &it))
        SEINE_TRY(seine_file_json_path(it.value, r->lake, &r->plan->arena, &(*files)[(*count)++], r->error));
    return SEINE_OK;
}

static seine_status read_absent(const reading *r, seine_json_value array, seine_refresh_plan_day *day) {
    const size_t width = seine_fix_columns(r->plan->run->job);
    seine_json_iter it = {0};
    day->absent = SEINE_ARENA_ARRAY(&r->plan->arena, bool, width);
    if (day->absent == NULL) return no_memory(r);
    while (seine_json_next(array, &it)) {
        const int64_t column = seine_json_int(it.value, -1);
        if (column < 0 || (size_t)column >= width) return wrong(r, "it has no such column");
        day->absent[column] = true;
    }
    for (size_t i = 0; i < width; i++) /* those that the job does not have */
        day->absent[i] = day->absent[i] || seine_fix_column(r->plan->run->job, i) == NULL;
    return SEINE_OK;
}

static seine_status read_day(const reading *r, seine_json_value value, seine_refresh_plan_day *day) {
    const int64_t number = seine_json_int(seine_json_get(value, "day"), INT64_MAX);
    if (number < INT32_MIN || number >= INT32_MAX) return wrong(r, "a day has no number");
    day->day = (seine_bucket_day){.day = (int32_t)number,
                                  .is_stale = seine_json_bool(seine_json_get(value, "stale"), false),
                                  .is_amended = seine_json_bool(seine_json_get(value, "amended"), false),
                                  .is_retold = seine_json_bool(seine_json_get(value, "retold"), false)};
    SEINE_TRY(read_files(r, seine_json_get(value, "silver"), &day->silver, &day->silver_count));
    SEINE_TRY(read_files(r, seine_json_get(value, "states"), &day->states, &day->state_count));
    day->day.has_silver = day->silver_count > 0;
    day->day.has_states = day->state_count > 0;
    return read_absent(r, seine_json_get(value, "absent"), day);
}

static seine_status read_bucket(const reading *r, seine_json_value task, seine_refresh_plan_bucket *bucket) {
    const seine_json_value days = seine_json_get(task, "days");
    const size_t count = seine_json_count(days);
    seine_json_iter it = {0};
    bucket->is_needed = seine_json_bool(seine_json_get(task, "needed"), false);
    bucket->days = SEINE_ARENA_ARRAY(&r->plan->arena, seine_refresh_plan_day, count);
    bucket->bucket_days = SEINE_ARENA_ARRAY(&r->plan->arena, seine_bucket_day, count);
    if (bucket->days == NULL || bucket->bucket_days == NULL) return no_memory(r);
    while (seine_json_next(days, &it)) {
        SEINE_TRY(read_day(r, it.value, &bucket->days[it.index]));
        bucket->bucket_days[it.index] = bucket->days[it.index].day;
        if (it.index > 0 && bucket->days[it.index - 1].day.day >= bucket->days[it.index].day.day)
            return wrong(r, "its days are not in order");
        bucket->day_count++;
    }
    return read_files(r, seine_json_get(task, "heads"), &bucket->heads, &bucket->head_count);
}

static seine_status read_rows(const reading *r, seine_json_value array, seine_job_row *rows, size_t *count) {
    seine_json_iter it = {0};
    while (seine_json_next(array, &it)) {
        seine_job_row *row = &rows[(*count)++];
        if (!seine_partition_json_read(it.value, row->partition) ||
            !seine_hash_json_read(it.value, "fingerprint", &row->fingerprint))
            return wrong(r, "a fingerprint is not one of a partition");
    }
    return SEINE_OK;
}

static seine_status read_head(const reading *r, seine_json_value task) {
    seine_refresh_plan *plan = r->plan;
    const seine_json_value silver = seine_json_get(task, "silver"), sources = seine_json_get(task, "sources");
    seine_hash128 parameters = {0, 0};
    plan->is_recomputed = seine_json_bool(seine_json_get(task, "recomputed"), false);
    plan->is_first = seine_json_bool(seine_json_get(task, "first"), false);
    plan->watermark_us = seine_json_int(seine_json_get(task, "watermark_us"), INT64_MIN);
    plan->silver_snapshot_id = seine_json_int(seine_json_get(silver, "snapshot"), -1);
    plan->partitions = (size_t)seine_json_int(seine_json_get(silver, "partitions"), 0);
    plan->sources.count = seine_json_int(seine_json_get(sources, "count"), 0);
    if (!seine_hash_json_read(task, "parameters", &parameters) ||
        !seine_hash_json_read(silver, "content", &plan->silver_content) ||
        !seine_hash_json_read(sources, "content", &plan->sources.content))
        return wrong(r, "it does not tell what it was planned from");
    if (seine_hash128_equal(parameters, plan->run->parameters)) return SEINE_OK;
    return seine_fail(r->error, SEINE_E_CONFLICT, "%s was planned with other parameters, or by another version",
                      plan->run->job->name);
}

/* What the job writes is as it was, but for what the commit that is planned will change. */
static seine_status check_tables(const reading *r, seine_json_value task) {
    const seine_json_value tables = seine_json_get(task, "tables");
    for (size_t i = 0; i < SEINE_PLAN_TABLES; i++) {
        const seine_table *table = r->plan->tables[i];
        if (i == SEINE_PLAN_SILVER || table == NULL) continue;
        const seine_json_value snapshot = seine_json_get(tables, seine_table_name(table));
        if (snapshot == NULL) return wrong(r, "it does not tell of all tables of its job");
        if (seine_json_int(snapshot, 0) != seine_table_snapshot_id(table))
            return seine_fail(r->error, SEINE_E_CONFLICT, "%s has changed since %s was planned",
                              seine_table_name(table), r->plan->run->job->name);
    }
    return SEINE_OK;
}

static seine_status list_old(seine_table *table, seine_arena *arena, const char ***files, size_t *count,
                             seine_error *error) {
    const seine_live_file *live = NULL;
    SEINE_TRY(seine_table_files(table, &live, count, error));
    *files = SEINE_ARENA_ARRAY(arena, const char *, *count);
    if (*files == NULL) return seine_no_memory(error, "reading tasks");
    for (size_t i = 0; i < *count; i++) (*files)[i] = live[i].file.path;
    return SEINE_OK;
}

static seine_status make_room(const reading *r, const seine_json_value *tasks, size_t count) {
    seine_refresh_plan *plan = r->plan;
    size_t changed = 0, vanished = 0;
    for (size_t i = 0; i < count; i++) {
        changed += seine_json_count(seine_json_get(tasks[i], "changed"));
        vanished += seine_json_count(seine_json_get(tasks[i], "vanished"));
    }
    plan->stale = changed + vanished;
    plan->changed = SEINE_ARENA_ARRAY(&plan->arena, seine_job_row, changed);
    plan->vanished = SEINE_ARENA_ARRAY(&plan->arena, seine_job_row, vanished);
    plan->buckets = SEINE_ARENA_ARRAY(&plan->arena, seine_refresh_plan_bucket, plan->bucket_count);
    return plan->changed != NULL && plan->vanished != NULL && plan->buckets != NULL ? SEINE_OK : no_memory(r);
}

seine_status seine_task_read(const seine_json_value *tasks, size_t count, seine_catalog *catalog,
                             const seine_job_run *run, seine_refresh_plan *plan, seine_error *error) {
    const reading r = {plan, seine_catalog_path(catalog), error};
    plan->run = run;
    plan->bucket_count = (size_t)seine_catalog_buckets(catalog);
    SEINE_TRY(read_head(&r, tasks[0]));
    SEINE_TRY(seine_refresh_plan_tables(catalog, plan, error));
    SEINE_TRY(check_tables(&r, tasks[0]));
    SEINE_TRY(make_room(&r, tasks, count));
    for (size_t i = 0; i < count; i++) {
        size_t bucket = 0;
        if (!seine_task_bucket(tasks[i], plan->bucket_count, &bucket)) return wrong(&r, "the lake has no such bucket");
        SEINE_TRY(read_bucket(&r, tasks[i], &plan->buckets[bucket]));
        SEINE_TRY(read_rows(&r, seine_json_get(tasks[i], "changed"), plan->changed, &plan->changed_count));
        SEINE_TRY(read_rows(&r, seine_json_get(tasks[i], "vanished"), plan->vanished, &plan->vanished_count));
    }
    SEINE_TRY(list_old(plan->tables[SEINE_PLAN_HEAD], &plan->arena, &plan->old_heads, &plan->old_head_count, error));
    return list_old(plan->tables[SEINE_PLAN_STATE], &plan->arena, &plan->old_states, &plan->old_state_count, error);
}
