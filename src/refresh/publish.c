/*
 *     old files of touched days and open ──▶ rows ──┬─ kept ─────────────────┐
 *                                                   └─ replaced ─┐           ├──▶ partitions where a row differs
 *     bucket results ─────────────────────────────▶ new rows ────┴─ compare ─┴──▶ log
 */
#include "refresh/publish.h"

#include "base/time.h"
#include "base/try.h"

#include <stdlib.h>

/* Columns of the log before those of the event. Behind them a job's own has the cause. */
enum { LOG_OP, LOG_RECORDED_AT, LOG_EVENT };

/* What one call works with. Rows live in the publication's arena or in the results. */
typedef struct work {
    seine_engine *engine;
    const seine_refresh_plan *plan;
    seine_publication *out;
    seine_event_columns columns;
    int64_t now_us;
    seine_touched *touched;
    size_t touched_count;
    seine_cells before, after, kept;
} work;

static seine_status gather(work *w, const seine_bucket_result *results, seine_error *error) {
    size_t count = 0;
    for (size_t b = 0; b < w->plan->bucket_count; b++) count += results[b].touched_count;
    w->touched = SEINE_ARENA_ARRAY(&w->out->arena, seine_touched, count);
    if (w->touched == NULL) return seine_no_memory(error, "comparing events");
    for (size_t b = 0; b < w->plan->bucket_count; b++) {
        for (size_t i = 0; i < results[b].touched_count; i++) w->touched[w->touched_count++] = results[b].touched[i];
        for (size_t i = 0; i < results[b].event_count; i++)
            if (seine_cells_add(&w->after, results[b].events[i]) != SEINE_OK)
                return seine_no_memory(error, "comparing events");
    }
    if (count > 0) qsort(w->touched, count, sizeof *w->touched, seine_touched_compare);
    return SEINE_OK;
}

static bool has_touched_day(const work *w, int32_t day) {
    size_t first = 0, last = w->touched_count;
    while (first < last) {
        const size_t middle = (first + last) / 2;
        if (w->touched[middle].day < day)
            first = middle + 1;
        else
            last = middle;
    }
    return first < w->touched_count && w->touched[first].day == day;
}

static bool is_replaced(const work *w, const seine_cell *row) {
    const seine_cell day = row[w->columns.produced_day];
    const seine_str mover = row[w->columns.mover].as.text;
    if (w->plan->is_recomputed) return true;
    if (!day.is_null) return seine_touched_has(w->touched, w->touched_count, (int32_t)day.as.integer, mover);
    return w->plan->buckets[seine_bucket_of(mover, (int)w->plan->bucket_count)].is_needed;
}

static seine_status read_old(work *w, seine_error *error) {
    const seine_live_file *files = NULL;
    size_t count = 0, wanted = 0;
    SEINE_TRY(seine_table_files(w->plan->tables[SEINE_PLAN_EVENTS], &files, &count, error));
    const char **paths = SEINE_ARENA_ARRAY(&w->out->arena, const char *, count);
    if (paths == NULL) return seine_no_memory(error, "comparing events");
    for (size_t i = 0; i < count; i++) {
        const seine_partition_value day = files[i].file.partition[0];
        if (w->plan->is_recomputed || day.is_null || has_touched_day(w, day.value))
            paths[wanted++] = files[i].file.path;
    }
    seine_cells rows SEINE_OWNED(seine_cells_free) = {0};
    SEINE_TRY(seine_cells_read(w->engine, w->columns.schema, paths, wanted, &w->out->arena, &rows, error));
    for (size_t i = 0; i < rows.count; i++)
        if (seine_cells_add(is_replaced(w, rows.rows[i]) ? &w->before : &w->kept, rows.rows[i]) != SEINE_OK)
            return seine_no_memory(error, "comparing events");
    return SEINE_OK;
}

/* ---- events by partition ---- */

static bool same_day(const seine_cell *a, const seine_cell *b) { return seine_cell_equal(SEINE_TYPE_DATE, a, b); }

static int compare_days(const void *a, const void *b) {
    const seine_cell *l = a, *r = b;
    if (l->is_null || r->is_null) return (int)r->is_null - (int)l->is_null;
    return (l->as.integer > r->as.integer) - (l->as.integer < r->as.integer);
}

static seine_status remove_partition(work *w, const seine_cell *day, seine_error *error) {
    const seine_live_file *files = NULL;
    size_t count = 0;
    SEINE_TRY(seine_table_files(w->plan->tables[SEINE_PLAN_EVENTS], &files, &count, error));
    for (size_t i = 0; i < count; i++) {
        const seine_partition_value value = files[i].file.partition[0];
        if (value.is_null != day->is_null || (!value.is_null && value.value != day->as.integer)) continue;
        if (seine_changed_files_remove(&w->out->events, files[i].file.path) != SEINE_OK)
            return seine_no_memory(error, "comparing events");
    }
    return SEINE_OK;
}

static seine_status write_partition(work *w, const seine_cell *day, seine_cell *const *rows, size_t count,
                                    seine_error *error) {
    SEINE_TRY(remove_partition(w, day, error));
    if (count == 0) return SEINE_OK;
    const seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX] = {
        {day->is_null, day->is_null ? 0 : (int32_t)day->as.integer}};
    seine_data_file file = {0};
    SEINE_TRY(
        seine_cells_write(w->plan->tables[SEINE_PLAN_EVENTS], partition, rows, count, &w->out->arena, &file, error));
    return seine_changed_files_add(&w->out->events, &file) == SEINE_OK ? SEINE_OK
                                                                       : seine_no_memory(error, "comparing events");
}

/* Writes the partitions in which a change took place. */
static seine_status write_events(work *w, const seine_event_changes *changes, seine_error *error) {
    seine_cell *days = SEINE_ARENA_ARRAY(&w->out->arena, seine_cell, 2 * changes->count);
    if (days == NULL) return seine_no_memory(error, "comparing events");
    for (size_t i = 0; i < changes->count; i++) {
        days[2 * i] = changes->changes[i].old_day;
        days[2 * i + 1] = changes->changes[i].new_day;
    }
    if (changes->count > 0) qsort(days, 2 * changes->count, sizeof *days, compare_days);
    for (size_t i = 0; i < w->after.count; i++)
        if (seine_cells_add(&w->kept, w->after.rows[i]) != SEINE_OK) return seine_no_memory(error, "comparing events");
    seine_events_sort(&w->columns, (seine_event_rows){w->kept.rows, w->kept.count});
    size_t first = 0, last;
    for (size_t d = 0; d < 2 * changes->count; d++) {
        if (d > 0 && same_day(&days[d], &days[d - 1])) continue;
        while (first < w->kept.count && compare_days(&w->kept.rows[first][w->columns.produced_day], &days[d]) < 0)
            first++;
        for (last = first; last < w->kept.count; last++)
            if (!same_day(&w->kept.rows[last][w->columns.produced_day], &days[d])) break;
        SEINE_TRY(write_partition(w, &days[d], w->kept.rows + first, last - first, error));
        first = last;
    }
    return SEINE_OK;
}

static int32_t touched_day(const seine_cell *day) {
    return day->is_null ? SEINE_TOUCHED_OPEN : (int32_t)day->as.integer;
}

/* @return why a row is another one, in a word for each cause; NULL when out of memory. */
static const char *cause_of(const work *w, const seine_event_change *change) {
    const seine_job_references *references = w->plan->run->references;
    const seine_str mover = change->row[w->columns.mover].as.text;
    if (w->plan->is_recomputed) return w->plan->is_first ? "fixes" : "parameters";
    const int32_t days[] = {touched_day(&change->old_day), touched_day(&change->new_day)};
    unsigned causes = 0;
    for (size_t i = 0; i < 2; i++) causes |= seine_touched_causes(w->touched, w->touched_count, days[i], mover);
    if (causes == 0) return "watermark";
    if ((causes & SEINE_CAUSE_REFERENCES) == 0) return "fixes";
    if ((causes & SEINE_CAUSE_FIXES) == 0) return references->tables;
    return seine_arena_printf(&w->out->arena, "fixes, %s", references->tables);
}

static seine_status write_log(work *w, const seine_event_changes *changes, seine_error *error) {
    if (changes->count == 0) return SEINE_OK;
    const size_t width = w->columns.schema->column_count;
    const size_t log_width = seine_job_schema(w->plan->run->job, w->plan->run->job->history)->column_count;
    seine_cells rows SEINE_OWNED(seine_cells_free) = {0};
    for (size_t i = 0; i < changes->count; i++) {
        seine_cell *row = SEINE_ARENA_ARRAY(&w->out->arena, seine_cell, log_width);
        if (row == NULL || seine_cells_add(&rows, row) != SEINE_OK) return seine_no_memory(error, "comparing events");
        row[LOG_OP] = seine_cell_text(seine_str_of(changes->changes[i].op));
        row[LOG_RECORDED_AT] = seine_cell_integer(w->now_us);
        memcpy(row + LOG_EVENT, changes->changes[i].row, width * sizeof *row);
        if (log_width == LOG_EVENT + width) continue;
        const char *cause = cause_of(w, &changes->changes[i]);
        if (cause == NULL) return seine_no_memory(error, "comparing events");
        row[LOG_EVENT + width] = seine_cell_text(seine_str_of(cause));
    }
    const seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX] = {
        {.value = seine_month_of_day(seine_time_day(w->now_us))}};
    seine_data_file file = {0};
    SEINE_TRY(seine_cells_write(w->plan->tables[SEINE_PLAN_HISTORY], partition, rows.rows, rows.count, &w->out->arena,
                                &file, error));
    return seine_changed_files_add(&w->out->history, &file) == SEINE_OK ? SEINE_OK
                                                                        : seine_no_memory(error, "comparing events");
}

static void work_end(work *w) {
    seine_cells_free(&w->before);
    seine_cells_free(&w->after);
    seine_cells_free(&w->kept);
}

seine_status seine_publish_events(seine_engine *engine, const seine_refresh_plan *plan,
                                  const seine_bucket_result *results, int64_t now_us, seine_publication *publication,
                                  seine_error *error) {
    work w SEINE_OWNED(work_end) = {.engine = engine,
                                    .plan = plan,
                                    .out = publication,
                                    .now_us = now_us,
                                    .columns = seine_event_columns_of(plan->run->job)};
    seine_event_changes changes = {0};
    int64_t version = 0;
    SEINE_TRY(gather(&w, results, error));
    SEINE_TRY(read_old(&w, error));
    SEINE_TRY(seine_table_next_version(plan->tables[SEINE_PLAN_HISTORY],
                                       seine_job_schema(plan->run->job, plan->run->job->history), w.now_us, &version,
                                       error));
    if (seine_events_compare(&w.columns, (seine_event_rows){w.before.rows, w.before.count},
                             (seine_event_rows){w.after.rows, w.after.count}, version, &publication->arena,
                             &changes) != SEINE_OK)
        return seine_no_memory(error, "comparing events");
    SEINE_TRY(write_events(&w, &changes, error));
    SEINE_TRY(write_log(&w, &changes, error));
    publication->added = changes.added;
    publication->updated = changes.updated;
    publication->retracted = changes.retracted;
    return SEINE_OK;
}

void seine_publication_free(seine_publication *publication) {
    seine_changed_files_free(&publication->events);
    seine_changed_files_free(&publication->history);
    seine_arena_free(&publication->arena);
}
