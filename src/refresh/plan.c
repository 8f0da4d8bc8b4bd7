/*
 * What is stale. The ledger says which content each silver partition has, and from which content, parameters and
 * versions the job's rows were made; where the two differ the partition is stale.
 */
#include "refresh/plan.h"

#include "base/time.h"
#include "base/try.h"
#include "refresh/batch.h"

#include <stdlib.h>

#define SETTLE_TRIES 20

/* ---- fingerprints ---- */

static seine_hash128 fingerprint_of(const seine_job_run *run, seine_hash128 content) {
    const seine_hash128 parts[] = {run->parameters, content};
    return seine_hash128_of(parts, sizeof parts);
}

/* Of the fixes and of what rows are made from beside them, a half each, so that it shows which of the two changed. */
static seine_hash128 fingerprint_of_both(const seine_job_run *run, seine_hash128 content, seine_hash128 beside) {
    return (seine_hash128){fingerprint_of(run, content).low, fingerprint_of(run, beside).high};
}

seine_job_row seine_refresh_plan_parameters_row(const seine_job_run *run) {
    seine_job_row row = {.fingerprint = run->parameters};
    for (size_t i = 0; i < SEINE_PARTITION_FIELDS_MAX; i++) row.partition[i].is_null = true;
    return row;
}

char *seine_refresh_plan_open_job(const seine_detector_job *job, seine_arena *arena) {
    return seine_arena_printf(arena, "%s/open", job->name);
}

seine_job_row seine_refresh_plan_open_row(size_t bucket, int64_t watermark_us, int64_t deadline_us) {
    seine_job_row row = {.fingerprint = {(uint64_t)watermark_us, (uint64_t)deadline_us}};
    for (size_t i = 1; i < SEINE_PARTITION_FIELDS_MAX; i++) row.partition[i].is_null = true;
    row.partition[0].value = (int32_t)bucket;
    return row;
}

static int compare_partition(const seine_partition_value *a, const seine_partition_value *b) {
    for (size_t i = 0; i < SEINE_PARTITION_FIELDS_MAX; i++) {
        if (a[i].is_null != b[i].is_null) return a[i].is_null ? -1 : 1;
        if (!a[i].is_null && a[i].value != b[i].value) return a[i].value < b[i].value ? -1 : 1;
    }
    return 0;
}

static int compare_jobs(const void *a, const void *b) {
    return compare_partition(((const seine_job_row *)a)->partition, ((const seine_job_row *)b)->partition);
}

static int compare_contents(const void *a, const void *b) {
    return compare_partition(((const seine_partition_row *)a)->partition, ((const seine_partition_row *)b)->partition);
}

/* ---- reading as of one moment ---- */

typedef struct ledger_view {
    seine_partition_row *contents;
    size_t content_count;
    seine_job_row *jobs, *open;
    size_t job_count, open_count;
    seine_source *sources;
    size_t source_count;
} ledger_view;

static void close_tables(seine_refresh_plan *plan) {
    for (size_t i = 0; i < SEINE_PLAN_TABLES; i++) {
        if (plan->tables[i] != NULL) seine_table_close(plan->tables[i]);
        plan->tables[i] = NULL;
    }
}

/* Those that the job has, as of one moment; a lake made before there was such a job gets them empty. */
static seine_status load_tables(seine_catalog *catalog, seine_refresh_plan *plan, seine_error *error) {
    const seine_detector_job *job = plan->run->job;
    const char *const names[SEINE_PLAN_TABLES] = {job->silver, job->events, job->history,
                                                  job->state,  job->head,   job->columns};
    const char *wanted[SEINE_PLAN_TABLES];
    seine_table *tables[SEINE_PLAN_TABLES];
    size_t count = 0;
    for (size_t i = 0; i < SEINE_PLAN_TABLES; i++)
        if (names[i] != NULL) wanted[count++] = names[i];
    SEINE_TRY(seine_tables_load_or_empty(catalog, wanted, count, tables, error));
    for (size_t i = 0, k = 0; i < SEINE_PLAN_TABLES; i++) plan->tables[i] = names[i] != NULL ? tables[k++] : NULL;
    return SEINE_OK;
}

static seine_status read_columns(seine_catalog *catalog, seine_refresh_plan *plan, seine_error *error) {
    const char *columns = plan->run->job->columns;
    if (columns == NULL) return SEINE_OK;
    return seine_ledger_partitions(catalog, columns, &plan->arena, &plan->columns, &plan->column_count, error);
}

static seine_status read_ledger(seine_catalog *catalog, seine_refresh_plan *plan, ledger_view *view,
                                seine_error *error) {
    const seine_detector_job *job = plan->run->job;
    seine_arena *arena = &plan->arena;
    const char *open_job = seine_refresh_plan_open_job(job, arena);
    if (open_job == NULL) return seine_no_memory(error, "planning");
    SEINE_TRY(seine_ledger_partitions(catalog, job->silver, arena, &view->contents, &view->content_count, error));
    SEINE_TRY(seine_ledger_jobs(catalog, job->name, arena, &view->jobs, &view->job_count, error));
    SEINE_TRY(seine_ledger_jobs(catalog, open_job, arena, &view->open, &view->open_count, error));
    SEINE_TRY(seine_ledger_sources(catalog, job->dataset, arena, &view->sources, &view->source_count, error));
    return read_columns(catalog, plan, error);
}

/*
 * Tables and ledger are read by several statements. An ingest that commits between them would pair new content hashes
 * with old files, and its change would never be seen; so the view counts only when silver is the same before and after.
 */
static seine_status read_view(seine_catalog *catalog, seine_refresh_plan *plan, ledger_view *view, seine_error *error) {
    const seine_detector_job *job = plan->run->job;
    for (int i = 0; i < SETTLE_TRIES; i++) {
        bool is_settled = false;
        close_tables(plan);
        SEINE_TRY(load_tables(catalog, plan, error));
        SEINE_TRY(read_ledger(catalog, plan, view, error));
        SEINE_TRY(seine_tables_are_current(catalog, &plan->tables[SEINE_PLAN_SILVER], 1, &is_settled, error));
        if (is_settled) return SEINE_OK;
    }
    return seine_fail(error, SEINE_E_BUSY, "%s kept changing while it was read; try again", job->silver);
}

/* Who has committed between the two has moved the states as well, which the commit of the plan sees. */
seine_status seine_refresh_plan_tables(seine_catalog *catalog, seine_refresh_plan *plan, seine_error *error) {
    SEINE_TRY(load_tables(catalog, plan, error));
    return read_columns(catalog, plan, error);
}

/* ---- files by bucket and day ---- */

/* A live file and the day and bucket it belongs to. */
typedef struct placed_file {
    int32_t bucket, day;
    bool is_state;
    bool *absent; /* columns of batch.h that are all null */
    seine_job_place place;
    const char *path;
} placed_file;

static int compare_placed(const void *a, const void *b) {
    const placed_file *l = a, *r = b;
    if (l->bucket != r->bucket) return l->bucket < r->bucket ? -1 : 1;
    if (l->day != r->day) return l->day < r->day ? -1 : 1;
    if (l->is_state != r->is_state) return l->is_state ? 1 : -1;
    return strcmp(l->path, r->path);
}

/* State files hold one day each; the partition says the month only, so the day is told by the bounds. */
static bool day_of_state_file(const seine_live_file *live, size_t column, int32_t *day) {
    const seine_column_stats *stats = live->file.stats;
    int64_t least, most;
    if (!seine_stats_range(stats != NULL ? &stats[column] : NULL, &least, &most) || least != most) return false;
    *day = (int32_t)least;
    return true;
}

/* Payload columns that the job does not have, or that have no value in a silver file, as its counts tell. */
static void find_absent(const seine_detector_job *job, const seine_table_schema *schema, const seine_data_file *file,
                        bool *absent) {
    for (size_t i = SEINE_FIX_SHIP; i < seine_fix_columns(job); i++) {
        const char *name = seine_fix_column(job, i);
        absent[i] = name == NULL;
        if (name == NULL || file->stats == NULL) continue;
        const seine_column_stats *stats = &file->stats[seine_schema_column(schema, name)];
        absent[i] = stats->value_count == file->rows && stats->null_count == file->rows;
    }
}

static void bound_by(const seine_column_stats *stats, double *least, double *most) {
    if (!stats->has_bounds || stats->lower_size != sizeof *least || stats->upper_size != sizeof *most) return;
    memcpy(least, stats->lower, sizeof *least);
    memcpy(most, stats->upper, sizeof *most);
}

/* Where the fixes of a silver file are. */
static seine_job_place place_of(const seine_detector_job *job, const seine_table_schema *schema,
                                const seine_data_file *file) {
    seine_job_place place = {file->partition[0].value, file->partition[1].value, -90, 90, -180, 180};
    if (file->stats == NULL) return place;
    bound_by(&file->stats[seine_schema_column(schema, job->lat)], &place.lat_least_deg, &place.lat_most_deg);
    bound_by(&file->stats[seine_schema_column(schema, job->lon)], &place.lon_least_deg, &place.lon_most_deg);
    return place;
}

static void widen(seine_job_place *place, const seine_job_place *other) {
    if (other->lat_least_deg < place->lat_least_deg) place->lat_least_deg = other->lat_least_deg;
    if (other->lat_most_deg > place->lat_most_deg) place->lat_most_deg = other->lat_most_deg;
    if (other->lon_least_deg < place->lon_least_deg) place->lon_least_deg = other->lon_least_deg;
    if (other->lon_most_deg > place->lon_most_deg) place->lon_most_deg = other->lon_most_deg;
}

static seine_status place_files(seine_refresh_plan *plan, placed_file **out, size_t *count, seine_error *error) {
    const seine_live_file *silver = NULL, *states = NULL;
    size_t silver_count = 0, state_count = 0;
    SEINE_TRY(seine_table_files(plan->tables[SEINE_PLAN_SILVER], &silver, &silver_count, error));
    SEINE_TRY(seine_table_files(plan->tables[SEINE_PLAN_STATE], &states, &state_count, error));
    if (plan->tables[SEINE_PLAN_COLUMNS] != NULL) {
        const seine_live_file *columns = NULL; /* listed now, because workers read the list at the same time */
        size_t column_count = 0;
        SEINE_TRY(seine_table_files(plan->tables[SEINE_PLAN_COLUMNS], &columns, &column_count, error));
    }
    const size_t column = seine_schema_column(seine_table_schema_of(plan->tables[SEINE_PLAN_STATE]), "day");
    const seine_table_schema *schema = seine_table_schema_of(plan->tables[SEINE_PLAN_SILVER]);
    placed_file *placed = SEINE_ARENA_ARRAY(&plan->arena, placed_file, silver_count + state_count);
    plan->old_states = SEINE_ARENA_ARRAY(&plan->arena, const char *, state_count);
    const size_t width = seine_fix_columns(plan->run->job);
    bool *absent = SEINE_ARENA_ARRAY(&plan->arena, bool, silver_count *width);
    if (placed == NULL || plan->old_states == NULL || absent == NULL) return seine_no_memory(error, "planning");
    size_t n = 0;
    for (size_t i = 0; i < silver_count; i++) {
        find_absent(plan->run->job, schema, &silver[i].file, absent + i * width);
        placed[n++] = (placed_file){.bucket = silver[i].file.partition[1].value,
                                    .day = silver[i].file.partition[0].value,
                                    .absent = absent + i * width,
                                    .place = place_of(plan->run->job, schema, &silver[i].file),
                                    .path = silver[i].file.path};
    }
    for (size_t i = 0; i < state_count; i++) {
        plan->old_states[plan->old_state_count++] = states[i].file.path;
        int32_t day = 0;
        /* Somebody merged state files: they can be made again, so nothing here has to understand them. */
        if (!day_of_state_file(&states[i], column, &day)) plan->is_recomputed = true;
        placed[n++] = (placed_file){
            .bucket = states[i].file.partition[1].value, .day = day, .is_state = true, .path = states[i].file.path};
    }
    if (plan->is_recomputed) n = silver_count;
    if (n > 0) qsort(placed, n, sizeof *placed, compare_placed);
    *out = placed;
    *count = n;
    return SEINE_OK;
}

/* A column is read when any file of the day has a value of it. */
static void add_silver(const seine_detector_job *job, seine_refresh_plan_day *day, const placed_file *placed,
                       const char **path) {
    if (day->silver_count == 0) {
        day->absent = placed->absent;
        day->place = placed->place;
        day->silver = path;
    }
    for (size_t i = 0; i < seine_fix_columns(job); i++) day->absent[i] = day->absent[i] && placed->absent[i];
    widen(&day->place, &placed->place);
    day->silver_count++;
    day->day.has_silver = true;
}

/* Makes the days of one bucket from its placed files. */
static seine_status make_days(seine_refresh_plan *plan, seine_refresh_plan_bucket *bucket, const placed_file *placed,
                              size_t count, seine_error *error) {
    bucket->days = SEINE_ARENA_ARRAY(&plan->arena, seine_refresh_plan_day, count);
    bucket->bucket_days = SEINE_ARENA_ARRAY(&plan->arena, seine_bucket_day, count);
    const char **paths = SEINE_ARENA_ARRAY(&plan->arena, const char *, count);
    if (bucket->days == NULL || bucket->bucket_days == NULL || paths == NULL) return seine_no_memory(error, "planning");
    for (size_t i = 0; i < count; i++) {
        paths[i] = placed[i].path;
        if (i == 0 || placed[i].day != placed[i - 1].day)
            bucket->days[bucket->day_count++] = (seine_refresh_plan_day){.day.day = placed[i].day};
        seine_refresh_plan_day *day = &bucket->days[bucket->day_count - 1];
        if (placed[i].is_state) {
            if (day->state_count++ == 0) day->states = &paths[i];
            day->day.has_states = true;
        } else {
            add_silver(plan->run->job, day, &placed[i], &paths[i]);
        }
    }
    return SEINE_OK;
}

static seine_status make_heads(seine_refresh_plan *plan, seine_error *error) {
    const seine_live_file *heads = NULL;
    size_t count = 0;
    SEINE_TRY(seine_table_files(plan->tables[SEINE_PLAN_HEAD], &heads, &count, error));
    plan->old_heads = SEINE_ARENA_ARRAY(&plan->arena, const char *, count);
    if (plan->old_heads == NULL) return seine_no_memory(error, "planning");
    for (size_t i = 0; i < count; i++) {
        plan->old_heads[plan->old_head_count++] = heads[i].file.path;
        const int32_t b = heads[i].file.partition[0].value;
        if (plan->is_recomputed || b < 0 || (size_t)b >= plan->bucket_count) continue;
        if (plan->buckets[b].head_count++ == 0) plan->buckets[b].heads = &plan->old_heads[i]; /* files come by bucket */
    }
    return SEINE_OK;
}

static seine_status make_buckets(seine_refresh_plan *plan, seine_error *error) {
    placed_file *placed = NULL;
    size_t count = 0;
    SEINE_TRY(place_files(plan, &placed, &count, error));
    plan->buckets = SEINE_ARENA_ARRAY(&plan->arena, seine_refresh_plan_bucket, plan->bucket_count);
    if (plan->buckets == NULL) return seine_no_memory(error, "planning");
    for (size_t first = 0, last; first < count; first = last) {
        const int32_t bucket = placed[first].bucket;
        for (last = first + 1; last < count && placed[last].bucket == bucket; last++) {}
        if (bucket < 0 || (size_t)bucket >= plan->bucket_count)
            return seine_fail(error, SEINE_E_FORMAT, "%s lies in bucket %d; the lake has %zu", placed[first].path,
                              (int)bucket, plan->bucket_count);
        SEINE_TRY(make_days(plan, &plan->buckets[bucket], placed + first, last - first, error));
    }
    return make_heads(plan, error);
}

/* ---- comparing ---- */

/* The day of a partition in its bucket, or NULL. */
static seine_refresh_plan_day *day_of(const seine_refresh_plan *plan, const seine_partition_value *partition) {
    if (partition[1].value < 0 || (size_t)partition[1].value >= plan->bucket_count) return NULL;
    const seine_refresh_plan_bucket *bucket = &plan->buckets[partition[1].value];
    size_t first = 0, last = bucket->day_count;
    while (first < last) {
        const size_t middle = (first + last) / 2;
        if (bucket->days[middle].day.day < partition[0].value)
            first = middle + 1;
        else
            last = middle;
    }
    return first < bucket->day_count && bucket->days[first].day.day == partition[0].value ? &bucket->days[first] : NULL;
}

/* @p is_beside: only what rows are made from beside the fixes is other than it was. */
static void mark_stale(seine_refresh_plan *plan, const seine_partition_value *partition, bool is_beside) {
    seine_refresh_plan_day *day = day_of(plan, partition);
    if (day == NULL) return;
    if (!is_beside)
        day->day.is_stale = true;
    else if (plan->run->job->amending != NULL)
        day->day.is_amended = true;
    else
        day->day.is_retold = true;
    plan->buckets[partition[1].value].is_needed = true;
}

/* The fixes of the day behind a partition. */
static seine_hash128 next_content(const ledger_view *view, const seine_partition_row *content) {
    seine_partition_row key = {0};
    memcpy(key.partition, content->partition, sizeof key.partition);
    key.partition[0].value++;
    const seine_partition_row *next = bsearch(&key, view->contents, view->content_count, sizeof key, compare_contents);
    return next != NULL ? next->content : (seine_hash128){0, 0};
}

/* What the partition's rows of the job are made from. Where nothing is told beside the fixes it is theirs alone. */
static seine_hash128 current_fingerprint(const seine_refresh_plan *plan, const ledger_view *view,
                                         const seine_partition_row *content) {
    const seine_job_run *run = plan->run;
    const seine_hash128 nothing = {0, 0};
    if (run->job->amending != NULL) return fingerprint_of_both(run, content->content, next_content(view, content));
    if (run->references == NULL) return fingerprint_of(run, content->content);
    const seine_job_place anywhere = {content->partition[0].value, content->partition[1].value, -90, 90, -180, 180};
    const seine_refresh_plan_day *day = day_of(plan, content->partition);
    const seine_hash128 told = run->references->at(run->config, day != NULL ? &day->place : &anywhere);
    if (seine_hash128_equal(told, nothing)) return fingerprint_of(run, content->content);
    return fingerprint_of_both(run, content->content, told);
}

/* Partitions that silver has. */
static void find_changed(seine_refresh_plan *plan, const ledger_view *view) {
    const bool has_both = plan->run->job->amending != NULL || plan->run->references != NULL;
    for (size_t i = 0; i < view->content_count; i++) {
        seine_job_row row = {.fingerprint = current_fingerprint(plan, view, &view->contents[i])};
        memcpy(row.partition, view->contents[i].partition, sizeof row.partition);
        const seine_job_row *known =
            view->job_count > 0 ? bsearch(&row, view->jobs, view->job_count, sizeof row, compare_jobs) : NULL;
        if (plan->is_recomputed) known = NULL;
        if (known != NULL && seine_hash128_equal(known->fingerprint, row.fingerprint)) continue;
        plan->changed[plan->changed_count++] = row;
        mark_stale(plan, row.partition, has_both && known != NULL && known->fingerprint.low == row.fingerprint.low);
    }
}

/* Those that it had. */
static void find_vanished(seine_refresh_plan *plan, const ledger_view *view) {
    const seine_job_row parameters = seine_refresh_plan_parameters_row(plan->run);
    for (size_t i = 0; i < view->job_count; i++) {
        seine_partition_row key = {0};
        memcpy(key.partition, view->jobs[i].partition, sizeof key.partition);
        if (compare_jobs(&view->jobs[i], &parameters) == 0) continue;
        if (view->content_count > 0 &&
            bsearch(&key, view->contents, view->content_count, sizeof key, compare_contents) != NULL)
            continue;
        plan->vanished[plan->vanished_count++] = view->jobs[i];
        mark_stale(plan, key.partition, false);
    }
}

static seine_status compare_fingerprints(seine_refresh_plan *plan, ledger_view *view, seine_error *error) {
    plan->changed = SEINE_ARENA_ARRAY(&plan->arena, seine_job_row, view->content_count);
    plan->vanished = SEINE_ARENA_ARRAY(&plan->arena, seine_job_row, view->job_count);
    if (plan->changed == NULL || plan->vanished == NULL) return seine_no_memory(error, "planning");
    if (view->job_count > 0) qsort(view->jobs, view->job_count, sizeof *view->jobs, compare_jobs);
    if (view->content_count > 0) qsort(view->contents, view->content_count, sizeof *view->contents, compare_contents);
    plan->partitions = view->content_count;
    find_changed(plan, view);
    find_vanished(plan, view);
    plan->stale = plan->changed_count + plan->vanished_count;
    return SEINE_OK;
}

static bool has_parameters(const seine_refresh_plan *plan, const ledger_view *view) {
    const seine_job_row parameters = seine_refresh_plan_parameters_row(plan->run);
    for (size_t i = 0; i < view->job_count; i++)
        if (compare_jobs(&view->jobs[i], &parameters) == 0)
            return seine_hash128_equal(view->jobs[i].fingerprint, parameters.fingerprint);
    return false;
}

/* A watermark moves past movers whose deadline it passes, forwards or back. */
static bool is_open_due(const seine_refresh_plan *plan, const ledger_view *view, size_t bucket) {
    const seine_job_row wanted = seine_refresh_plan_open_row(bucket, 0, 0);
    for (size_t i = 0; i < view->open_count; i++) {
        if (compare_partition(view->open[i].partition, wanted.partition) != 0) continue;
        const int64_t since_us = (int64_t)view->open[i].fingerprint.low,
                      until_us = (int64_t)view->open[i].fingerprint.high;
        return plan->watermark_us < since_us || plan->watermark_us >= until_us;
    }
    return plan->watermark_us != INT64_MIN;
}

static void compare_open(seine_refresh_plan *plan, const ledger_view *view) {
    plan->watermark_us = seine_watermark_of(view->sources, view->source_count);
    plan->sources = seine_source_set_of(view->sources, view->source_count);
    plan->silver_snapshot_id = seine_table_snapshot_id(plan->tables[SEINE_PLAN_SILVER]);
    for (size_t i = 0; i < view->content_count; i++)
        plan->silver_content = seine_hash128_add(plan->silver_content, view->contents[i].content);
    for (size_t b = 0; b < plan->bucket_count; b++) {
        seine_refresh_plan_bucket *bucket = &plan->buckets[b];
        const bool is_used = bucket->day_count > 0 || bucket->head_count > 0;
        const bool is_due = is_used && seine_job_has_open(plan->run->job) && is_open_due(plan, view, b);
        plan->is_open_stale = plan->is_open_stale || is_due;
        if (is_due || (is_used && plan->is_recomputed)) bucket->is_needed = true;
        for (size_t i = 0; i < bucket->day_count; i++) bucket->bucket_days[i] = bucket->days[i].day;
    }
}

seine_status seine_refresh_plan_make(seine_catalog *catalog, const seine_job_run *run, seine_refresh_plan *plan,
                                     seine_error *error) {
    ledger_view view = {0};
    plan->run = run;
    plan->bucket_count = (size_t)seine_catalog_buckets(catalog);
    SEINE_TRY(read_view(catalog, plan, &view, error));
    plan->is_recomputed = !has_parameters(plan, &view);
    plan->is_first = view.job_count == 0;
    SEINE_TRY(make_buckets(plan, error));
    SEINE_TRY(compare_fingerprints(plan, &view, error));
    compare_open(plan, &view);
    return SEINE_OK;
}

bool seine_refresh_plan_is_empty(const seine_refresh_plan *plan) { return plan->stale == 0 && !plan->is_open_stale; }

void seine_refresh_plan_free(seine_refresh_plan *plan) {
    close_tables(plan);
    seine_arena_free(&plan->arena);
    *plan = (seine_refresh_plan){0};
}
