/*
 * Event rows before and after a run are merged by event id. Rows equal but for the version keep it; that is how a run
 * that recomputes everything leaves no trace where nothing changed.
 */
#include "refresh/events.h"

#include <stdlib.h>

seine_event_columns seine_event_columns_of(const seine_detector_job *job) {
    const seine_table_schema *schema = seine_job_schema(job, job->events);
    return (seine_event_columns){schema,
                                 seine_schema_column(schema, "event_id"),
                                 seine_schema_column(schema, job->mover),
                                 seine_schema_column(schema, "start_ts"),
                                 seine_schema_column(schema, "version"),
                                 seine_schema_column(schema, "produced_day")};
}

static int compare_text(const seine_cell *a, const seine_cell *b) { return seine_str_compare(a->as.text, b->as.text); }

static int compare_integer(const seine_cell *a, const seine_cell *b) {
    if (a->is_null || b->is_null) return (int)b->is_null - (int)a->is_null;
    return (a->as.integer > b->as.integer) - (a->as.integer < b->as.integer);
}

/* Ids of one set differ in practice; the day makes the order total all the same. */
static int compare_by_id(const void *a, const void *b, void *context) {
    const seine_event_columns *columns = context;
    const seine_cell *left = *(seine_cell *const *)a, *right = *(seine_cell *const *)b;
    const int order = compare_text(&left[columns->id], &right[columns->id]);
    return order != 0 ? order : compare_integer(&left[columns->produced_day], &right[columns->produced_day]);
}

static int compare_by_start(const void *a, const void *b, void *context) {
    const seine_event_columns *columns = context;
    const seine_cell *left = *(seine_cell *const *)a, *right = *(seine_cell *const *)b;
    int order = compare_integer(&left[columns->produced_day], &right[columns->produced_day]);
    if (order == 0) order = compare_text(&left[columns->mover], &right[columns->mover]);
    if (order == 0) order = compare_integer(&left[columns->start], &right[columns->start]);
    return order != 0 ? order : compare_by_id(a, b, context);
}

static void sort_rows(seine_event_rows rows, int (*compare)(const void *, const void *, void *),
                      const seine_event_columns *columns) {
    seine_event_columns context = *columns;
    if (rows.count > 1) qsort_r(rows.rows, rows.count, sizeof *rows.rows, compare, &context);
}

void seine_events_sort(const seine_event_columns *columns, seine_event_rows rows) {
    sort_rows(rows, compare_by_start, columns);
}

static bool is_same_event(const seine_event_columns *columns, const seine_cell *a, const seine_cell *b) {
    for (size_t i = 0; i < columns->schema->column_count; i++)
        if (i != columns->version && !seine_cell_equal(columns->schema->columns[i].type, &a[i], &b[i])) return false;
    return true;
}

static seine_status retract(const seine_event_columns *columns, const seine_cell *old, int64_t version,
                            seine_arena *arena, seine_event_changes *out) {
    const size_t count = columns->schema->column_count;
    seine_cell *row = SEINE_ARENA_ARRAY(arena, seine_cell, count);
    if (row == NULL) return SEINE_E_NOMEM;
    memcpy(row, old, count * sizeof *row);
    row[columns->version] = seine_cell_integer(version);
    const seine_cell day = row[columns->produced_day];
    out->changes[out->count++] = (seine_event_change){"retract", row, day, day};
    out->retracted++;
    return SEINE_OK;
}

/* Gives the new row its version and logs it unless it equals the old one (NULL: there was none). */
static void renew(const seine_event_columns *columns, const seine_cell *old, seine_cell *new, int64_t next,
                  seine_event_changes *out) {
    const seine_cell day = new[columns->produced_day];
    if (old != NULL && is_same_event(columns, old, new)) {
        new[columns->version] = old[columns->version];
        return;
    }
    new[columns->version] = seine_cell_integer(next);
    if (old != NULL) {
        out->changes[out->count++] = (seine_event_change){"update", new, old[columns->produced_day], day};
        out->updated++;
    } else {
        out->changes[out->count++] = (seine_event_change){"new", new, day, day};
        out->added++;
    }
}

seine_status seine_events_compare(const seine_event_columns *columns, seine_event_rows before, seine_event_rows after,
                                  int64_t version, seine_arena *arena, seine_event_changes *out) {
    sort_rows(before, compare_by_id, columns);
    sort_rows(after, compare_by_id, columns);
    *out = (seine_event_changes){.changes = SEINE_ARENA_ARRAY(arena, seine_event_change, before.count + after.count)};
    if (out->changes == NULL) return SEINE_E_NOMEM;
    size_t b = 0, a = 0;
    while (b < before.count || a < after.count) {
        const seine_cell *old = b < before.count ? before.rows[b] : NULL;
        seine_cell *new = a < after.count ? after.rows[a] : NULL;
        const int order = old == NULL ? 1 : new == NULL ? -1 : compare_text(&old[columns->id], &new[columns->id]);
        if (order > 0) old = NULL;
        const int64_t next =
            old != NULL && old[columns->version].as.integer >= version ? old[columns->version].as.integer + 1 : version;
        if (order < 0) {
            if (retract(columns, old, next, arena, out) != SEINE_OK) return SEINE_E_NOMEM;
        } else {
            renew(columns, old, new, next, out);
        }
        b += order <= 0;
        a += order >= 0;
    }
    return SEINE_OK;
}

int seine_touched_compare(const void *a, const void *b) {
    const seine_touched *left = a, *right = b;
    if (left->day != right->day) return left->day < right->day ? -1 : 1;
    return seine_str_compare(left->mover, right->mover);
}

static const seine_touched *find_touched(const seine_touched *touched, size_t count, int32_t day, seine_str mover) {
    const seine_touched key = {day, mover, 0};
    return count > 0 ? bsearch(&key, touched, count, sizeof key, seine_touched_compare) : NULL;
}

bool seine_touched_has(const seine_touched *touched, size_t count, int32_t day, seine_str mover) {
    return find_touched(touched, count, day, mover) != NULL;
}

unsigned seine_touched_causes(const seine_touched *touched, size_t count, int32_t day, seine_str mover) {
    const seine_touched *found = find_touched(touched, count, day, mover);
    return found != NULL ? found->causes : 0;
}
