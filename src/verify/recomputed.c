/* Events, rows with columns and states against a computation from the first day. */
#include "verify/internal.h"

#include "base/time.h"
#include "base/try.h"
#include "refresh/events.h"
#include "refresh/plan.h"
#include "refresh/store.h"
#include "table/cells.h"

#include <stdlib.h>

/* A bucket's storage that reads silver, knows no states, and compares what is to be written with what is stored. */
typedef struct comparing_store {
    seine_verification *v;
    seine_store real;
    seine_bucket_io io;
    seine_row_file *rows;        /* of a job with columns: only hashed */
    size_t partitions;           /* of its table that were computed */
    seine_hash128 states, heads; /* sums over the rows put */
    int64_t state_rows, head_rows;
} comparing_store;

static seine_status real_fixes(void *context, int32_t day, const seine_str *only, size_t count, seine_rows_sink sink,
                               void *sink_context, seine_error *error) {
    comparing_store *store = context;
    return store->io.fixes(store->io.context, day, only, count, sink, sink_context, error);
}

static seine_status no_states(void *context, int32_t first, int32_t last, const seine_str *only, size_t count,
                              seine_state_sink sink, void *sink_context, seine_error *error) {
    (void)context, (void)first, (void)last, (void)only, (void)count, (void)sink, (void)sink_context, (void)error;
    return SEINE_OK;
}

static seine_status no_head(void *context, seine_state_sink sink, void *sink_context, seine_error *error) {
    (void)context, (void)sink, (void)sink_context, (void)error;
    return SEINE_OK;
}

/* Order-free, like the hash of fixes. */
static void add_row(const seine_state_row *row, seine_hash128 *sum) {
    const seine_hash128 parts[] = {seine_hash128_of(row->mover.data, row->mover.size),
                                   row->fixes,
                                   seine_hash128_of(row->state.data, row->state.size),
                                   row->looked.fixes,
                                   row->references,
                                   {(uint64_t)row->day, ((uint64_t)row->looked.count << 1) + row->looked.is_open}};
    *sum = seine_hash128_add(*sum, seine_hash128_of(parts, sizeof parts));
}

static seine_status sum_states(void *context, int32_t day, const seine_state_row *rows, size_t count,
                               seine_error *error) {
    (void)day, (void)error;
    comparing_store *store = context;
    store->state_rows += (int64_t)count;
    for (size_t i = 0; i < count; i++) add_row(&rows[i], &store->states);
    return SEINE_OK;
}

static seine_status sum_heads(void *context, const seine_state_row *rows, size_t count, seine_error *error) {
    (void)error;
    comparing_store *store = context;
    store->head_rows += (int64_t)count;
    for (size_t i = 0; i < count; i++) add_row(&rows[i], &store->heads);
    return SEINE_OK;
}

static seine_status hash_rows(void *context, int32_t day, const seine_fed_rows *rows, seine_error *error) {
    (void)day;
    comparing_store *store = context;
    const seine_refresh_plan *plan = store->real.plan;
    if (store->rows == NULL)
        SEINE_TRY(seine_row_file_new(plan->run, plan->tables[SEINE_PLAN_COLUMNS], NULL, &store->rows, error));
    return seine_row_file_put(store->rows, NULL, rows, error);
}

static const seine_partition_row *ledger_row(const seine_refresh_plan *plan, int32_t day, int32_t bucket) {
    const seine_partition_row wanted = {.partition = {{.value = day}, {.value = bucket}}};
    return plan->column_count == 0
               ? NULL
               : bsearch(&wanted, plan->columns, plan->column_count, sizeof wanted, seine_verify_by_partition);
}

static seine_status compare_rows(void *context, int32_t day, seine_error *error) {
    comparing_store *store = context;
    seine_row_file_end end;
    char text[16];
    if (store->rows == NULL) return SEINE_OK;
    SEINE_TRY(seine_row_file_finish(store->rows, &store->v->arena, &end, error));
    if (end.rows == 0) return SEINE_OK;
    const seine_partition_row *row = ledger_row(store->real.plan, day, store->real.bucket);
    store->partitions++;
    if (row != NULL && row->rows == end.rows && seine_hash128_equal(row->content, end.content)) return SEINE_OK;
    (void)seine_date_format(day, text);
    seine_verify_finding(store->v, "%s day %s bucket %d: not what silver gives from the first day",
                         store->real.plan->run->job->columns, text, (int)store->real.bucket);
    return SEINE_OK;
}

/* Takes the stored rows away from the sums: nothing may be left. */
static seine_status subtract(seine_hash128 *sum, int64_t *rows, const seine_state_row *row) {
    seine_hash128 one = {0, 0};
    add_row(row, &one);
    *sum = seine_hash128_sub(*sum, one);
    (*rows)--;
    return SEINE_OK;
}

static seine_status subtract_state(void *context, const seine_state_row *row, seine_error *error) {
    (void)error;
    comparing_store *store = context;
    return subtract(&store->states, &store->state_rows, row);
}

static seine_status subtract_head(void *context, const seine_state_row *row, seine_error *error) {
    (void)error;
    comparing_store *store = context;
    return subtract(&store->heads, &store->head_rows, row);
}

static void store_end(comparing_store *store) {
    seine_row_file_free(store->rows);
    seine_store_free(&store->real);
}

static seine_status recompute_bucket(seine_verification *v, const seine_refresh_plan *plan, size_t b,
                                     seine_bucket_result *result, size_t *partitions, seine_error *error) {
    const seine_refresh_plan_bucket *bucket = &plan->buckets[b];
    seine_bucket_day *days = SEINE_ARENA_ARRAY(&v->arena, seine_bucket_day, bucket->day_count);
    if (days == NULL) return seine_no_memory(error, "verifying");
    for (size_t i = 0; i < bucket->day_count; i++)
        days[i] = (seine_bucket_day){.day = bucket->days[i].day.day,
                                     .is_stale = bucket->days[i].day.has_silver,
                                     .has_silver = bucket->days[i].day.has_silver};
    comparing_store store SEINE_OWNED(store_end) = {.v = v,
                                                    .real = {.engine = v->engine, .plan = plan, .bucket = (int32_t)b}};
    store.io = seine_store_io(&store.real);
    /* All is made anew: nothing is tried. */
    const seine_bucket_io io = {.context = &store,
                                .fixes = real_fixes,
                                .states = no_states,
                                .head = no_head,
                                .put_states = sum_states,
                                .put_head = sum_heads,
                                .put_rows = hash_rows,
                                .end_rows = compare_rows};
    const seine_bucket_task work = {.run = plan->run,
                                    .days = days,
                                    .day_count = bucket->day_count,
                                    .watermark_us = plan->watermark_us,
                                    .is_recomputed = true,
                                    .progress = v->options->progress};
    SEINE_TRY(seine_bucket_run(&work, &io, result, error));
    for (size_t i = 0; i < bucket->day_count; i++)
        SEINE_TRY(store.io.states(&store.real, bucket->days[i].day.day, bucket->days[i].day.day, NULL, 0,
                                  subtract_state, &store, error));
    SEINE_TRY(store.io.head(&store.real, subtract_head, &store, error));
    const seine_hash128 nothing = {0, 0};
    if (store.state_rows != 0 || !seine_hash128_equal(store.states, nothing))
        seine_verify_finding(v, "%s bucket %zu: not what silver gives from the first day", plan->run->job->state, b);
    if (store.head_rows != 0 || !seine_hash128_equal(store.heads, nothing))
        seine_verify_finding(v, "%s bucket %zu: not what silver gives from the first day", plan->run->job->head, b);
    *partitions += store.partitions;
    return SEINE_OK;
}

static seine_status compare_events(seine_verification *v, const seine_refresh_plan *plan,
                                   const seine_bucket_result *results, seine_error *error) {
    const seine_event_columns columns = seine_event_columns_of(plan->run->job);
    const seine_live_file *files = NULL;
    size_t count = 0;
    seine_cells stored SEINE_OWNED(seine_cells_free) = {0}, computed SEINE_OWNED(seine_cells_free) = {0};
    SEINE_TRY(seine_table_files(plan->tables[SEINE_PLAN_EVENTS], &files, &count, error));
    const char **paths = SEINE_ARENA_ARRAY(&v->arena, const char *, count);
    if (paths == NULL) return seine_no_memory(error, "verifying");
    for (size_t i = 0; i < count; i++) paths[i] = files[i].file.path;
    SEINE_TRY(seine_cells_read(v->engine, columns.schema, paths, count, &v->arena, &stored, error));
    for (size_t b = 0; b < plan->bucket_count; b++)
        for (size_t i = 0; i < results[b].event_count; i++) SEINE_TRY(seine_cells_add(&computed, results[b].events[i]));
    seine_event_changes changes = {0};
    SEINE_TRY(seine_events_compare(&columns, (seine_event_rows){stored.rows, stored.count},
                                   (seine_event_rows){computed.rows, computed.count}, 0, &v->arena, &changes));
    for (size_t i = 0; i < changes.count; i++) {
        const seine_str id = changes.changes[i].row[columns.id].as.text;
        const seine_str mover = changes.changes[i].row[columns.mover].as.text;
        const char *what = strcmp(changes.changes[i].op, "new") == 0      ? "is missing"
                           : strcmp(changes.changes[i].op, "update") == 0 ? "has other values"
                                                                          : "should not be there";
        seine_verify_finding(v, "%s: event %.*s of %.*s %s when computed from the first day", plan->run->job->events,
                             SEINE_STR_ARG(id), SEINE_STR_ARG(mover), what);
    }
    return SEINE_OK;
}

/* Everything from the first day, against what is stored. */
static seine_status recompute_all(seine_verification *v, const seine_refresh_plan *plan, seine_bucket_result *results,
                                  seine_error *error) {
    size_t partitions = 0;
    for (size_t b = 0; b < plan->bucket_count; b++) {
        if (seine_progress_stopped(v->options->progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "stopped");
        seine_progress_report(v->options->progress, plan->run->job->step->name, b, plan->bucket_count);
        SEINE_TRY(recompute_bucket(v, plan, b, &results[b], &partitions, error));
    }
    if (plan->run->job->events != NULL) return compare_events(v, plan, results, error);
    if (partitions != plan->column_count)
        seine_verify_finding(v, "%s has %zu partitions, silver gives %zu", plan->run->job->columns, plan->column_count,
                             partitions);
    return SEINE_OK;
}

/* @return why the tables of a job need not be what silver gives now, which is no damage; NULL = they must be. */
static const char *stale_why(const seine_refresh_plan *plan) {
    if (plan->is_recomputed && plan->partitions > 0)
        return "was not made yet, or with other parameters or by another version";
    if (seine_refresh_plan_is_empty(plan)) return NULL;
    return plan->stale > 0 ? "is behind what it is made from" : "is behind silver, which ends at another time now";
}

static seine_status recompute_job(seine_verification *v, const seine_job_run *run, seine_error *error) {
    const char *table = seine_job_table(run->job);
    seine_refresh_plan plan SEINE_OWNED(seine_refresh_plan_free) = {0};
    SEINE_TRY(seine_refresh_plan_make(v->catalog, run, &plan, error));
    const char *why = stale_why(&plan);
    if (plan.column_count > 0) qsort(plan.columns, plan.column_count, sizeof *plan.columns, seine_verify_by_partition);
    if (why != NULL)
        return seine_verify_remark(v, table, why) == SEINE_OK ? SEINE_OK : seine_no_memory(error, "verifying");
    seine_bucket_result *results SEINE_OWNED(seine_free_owned) = calloc(plan.bucket_count, sizeof *results);
    if (results == NULL) return seine_no_memory(error, "verifying");
    const seine_status status = recompute_all(v, &plan, results, error);
    for (size_t b = 0; b < plan.bucket_count; b++) seine_bucket_result_free(&results[b]);
    return status;
}

seine_status seine_verify_recomputed(seine_verification *v, seine_error *error) {
    for (size_t i = 0; i < v->registry.count; i++) {
        seine_job_run run;
        if (seine_verify_table(v, v->registry.jobs[i].job.state) == NULL) continue; /* never refreshed */
        SEINE_TRY(seine_registry_run(&v->registry, i, v->catalog, v->engine, &run, error));
        SEINE_TRY(recompute_job(v, &run, error));
    }
    return SEINE_OK;
}
