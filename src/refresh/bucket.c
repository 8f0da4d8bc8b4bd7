/*
 * One bucket of a detector job. Per day:
 *
 *     stored rows ──┐
 *     silver ──▶ batch ──▶ hash per mover ──▶ changed or running? ──▶ state before ──▶ step ──▶ state row, events
 *                                                                      │ run row (fed before)
 *                                                                      │ head (older than the day)
 *                                                                      └ newest older stored row, walking back
 *
 * A mover runs from its first changed day until its new state equals the stored one.
 */
#include "refresh/bucket.h"

#include "base/array.h"
#include "base/try.h"
#include "refresh/found_events.h"
#include "refresh/state_pack.h"
#include "refresh/state_window.h"
#include "refresh/step_frame.h"

#include <stdlib.h>

#define DEFAULT_BATCH_ROWS ((size_t)131072)
#define ROWS_MAX ((size_t)1 << 30)

typedef struct worker {
    const seine_bucket_task *task;
    const seine_bucket_io *io;
    seine_bucket_result *result;
    const seine_detector_job *job;
    bool has_columns;
    size_t batch_rows;
    seine_track_batch batch;
    seine_state_window window;
    seine_step_frame frame;
    /* The day at work. */
    const seine_bucket_day *day;
    seine_state_row *rows; /* its rows, or the heads */
    size_t row_count, row_capacity;
    bool is_dirty;
    bool has_last;
    uint32_t last; /* mover of the silver rows so far */
} worker;

static seine_status no_memory(seine_error *error) {
    return seine_fail(error, SEINE_E_NOMEM, "out of memory while computing states");
}

static seine_status put_row(worker *w, seine_state_row row, seine_error *error) {
    if (SEINE_ARRAY_ROOM(w->rows, w->row_count, w->row_capacity, 1, ROWS_MAX) != SEINE_OK) return no_memory(error);
    w->rows[w->row_count++] = row;
    return SEINE_OK;
}

/* ---- feeding ---- */

static seine_status touch(worker *w, seine_str mover, seine_error *error) {
    if (w->task->is_recomputed || w->job->events == NULL) return SEINE_OK;
    return seine_found_events_touch(w->result, w->day->day, mover, error);
}

static seine_status feed_group(worker *w, const seine_track_group *group, seine_hash128 fixes, seine_error *error) {
    seine_bucket_mover *m = &w->window.movers[group->mover];
    const seine_str before = seine_buf_str(&m->run.state);
    seine_status status = seine_step_frame_load(&w->frame, m->run.exists ? &before : NULL, error);
    if (status == SEINE_OK) status = seine_step_frame_feed(&w->frame, m->name, group, w->day->day, error);
    if (status == SEINE_OK) status = seine_step_frame_pack(&w->frame, error);
    if (status == SEINE_OK) status = touch(w, m->name, error);
    if (status != SEINE_OK) return status;
    const seine_state_row *stored = seine_state_window_stored(&w->window, m);
    const seine_str after = seine_buf_str(&w->frame.packed);
    const bool is_same = stored != NULL && seine_str_equal(stored->state, after);
    if (!is_same || !seine_hash128_equal(stored->fixes, fixes)) w->is_dirty = true;
    m->ran = true;
    m->running = !is_same;
    w->result->fixes_fed += group->end - group->begin;
    const char *copy = seine_arena_copy(&w->window.day_arena, after.data, after.size);
    if (copy == NULL) return no_memory(error);
    const seine_state_row row = {m->name, w->day->day, fixes, {copy, after.size}};
    status = seine_state_window_keep(m, &row, error);
    return status == SEINE_OK ? put_row(w, row, error) : status;
}

/* Rows of the whole batch, when the job makes any. */
static seine_status put_rows(worker *w, seine_error *error) {
    if (!w->has_columns || w->batch.count == 0) return SEINE_OK;
    const seine_fed_rows fed = {&w->batch, w->window.names.entries, w->frame.columns};
    return w->io->put_rows(w->io->context, w->day->day, &fed, error);
}

/* Of all that the mover's row of the day is made from beside the state before it. */
static seine_hash128 hash_of(const worker *w, const seine_track_group *group) {
    return seine_hash128_add(seine_track_batch_hash(&w->batch, group), w->day->references);
}

static seine_status feed_batch(worker *w, seine_error *error) {
    const size_t count = w->batch.group_count;
    seine_hash128 *hashes = malloc((count + 1) * sizeof *hashes);
    bool *needed = malloc((count + 1) * sizeof *needed);
    seine_status status =
        hashes != NULL && needed != NULL ? seine_step_frame_reserve(&w->frame, error) : no_memory(error);
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        const seine_track_group *group = &w->batch.groups[i];
        const seine_bucket_mover *m = &w->window.movers[group->mover];
        const seine_state_row *stored = seine_state_window_stored(&w->window, m);
        /* On days that are only followed through nothing changed, and every mover taken has a row. */
        hashes[i] = w->day->is_stale ? hash_of(w, group) : stored->fixes;
        needed[i] = w->has_columns || m->running || stored == NULL || !seine_hash128_equal(stored->fixes, hashes[i]);
        if (needed[i]) status = seine_state_window_want(&w->window, group->mover, error);
    }
    if (status == SEINE_OK) status = seine_state_window_resolve(&w->window, error);
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        if (needed[i]) status = feed_group(w, &w->batch.groups[i], hashes[i], error);
    }
    if (status == SEINE_OK) status = put_rows(w, error);
    free(hashes);
    free(needed);
    seine_track_batch_clear(&w->batch);
    return status;
}

/* ---- reading a day ---- */

static seine_status begin_mover(worker *w, seine_str name, seine_error *error) {
    if (w->has_last && seine_str_compare(w->window.movers[w->last].name, name) > 0)
        return seine_fail(error, SEINE_E_FORMAT, "%s is not sorted: %.*s stands behind %.*s", w->job->silver,
                          SEINE_STR_ARG(name), SEINE_STR_ARG(w->window.movers[w->last].name));
    seine_status status = SEINE_OK;
    if (w->batch.count >= w->batch_rows) status = feed_batch(w, error);
    if (status == SEINE_OK) status = seine_state_window_mover(&w->window, name, &w->last, error);
    if (status != SEINE_OK) return status;
    w->has_last = true;
    w->window.movers[w->last].seen_day = w->day->day;
    return SEINE_OK;
}

static seine_status take_fixes(void *context, const seine_rows *rows, seine_error *error) {
    worker *w = context;
    const seine_str *names = rows->columns[SEINE_FIX_MOVER].values;
    w->result->fixes_read += rows->count;
    for (size_t first = 0, last; first < rows->count; first = last) {
        last = first + 1;
        while (last < rows->count && seine_str_equal(names[last], names[first])) last++;
        seine_status status = SEINE_OK;
        if (!w->has_last || !seine_str_equal(w->window.movers[w->last].name, names[first]))
            status = begin_mover(w, names[first], error);
        if (status != SEINE_OK) return status;
        const seine_bucket_mover *m = &w->window.movers[w->last];
        const bool is_taken = w->day->is_stale || w->has_columns || (m->running && m->stored_day == w->day->day);
        if (is_taken && seine_track_batch_add(&w->batch, w->job, w->last, rows, first, last) != SEINE_OK)
            return no_memory(error);
    }
    return SEINE_OK;
}

/* Movers whose last fix of the day was taken away: no row, no events, and the days after are followed. */
static seine_status drop_vanished(worker *w, seine_error *error) {
    const size_t count = w->window.stored_count;
    bool *gone = calloc(count + 1, sizeof *gone);
    if (gone == NULL) return no_memory(error);
    seine_status status = SEINE_OK;
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        const uint32_t code = seine_dict_find(&w->window.names, w->window.stored[i].mover);
        const seine_bucket_mover *m = &w->window.movers[code];
        gone[i] = m->seen_day != w->day->day && (w->day->is_stale || m->running);
        if (gone[i]) status = seine_state_window_want(&w->window, code, error);
    }
    if (status == SEINE_OK) status = seine_state_window_resolve(&w->window, error);
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        if (!gone[i]) continue;
        seine_bucket_mover *m = seine_state_window_owner(&w->window, i);
        m->ran = m->running = true;
        w->is_dirty = true;
        m->stored_day = INT32_MIN; /* its row is not kept */
        status = touch(w, m->name, error);
    }
    free(gone);
    return status;
}

static int compare_rows(const void *a, const void *b) {
    const seine_state_row *left = a, *right = b;
    return seine_str_compare(left->mover, right->mover);
}

static seine_status write_rows(worker *w, seine_error *error) {
    if (!w->is_dirty) return SEINE_OK;
    for (size_t i = 0; i < w->window.stored_count; i++) {
        const seine_bucket_mover *m = seine_state_window_owner(&w->window, i);
        const bool was_fed = m->ran && m->run.exists && m->run.day == w->day->day;
        if (m->stored_day != w->day->day || was_fed) continue;
        SEINE_TRY(put_row(w, w->window.stored[i], error));
    }
    if (w->row_count > 0) qsort(w->rows, w->row_count, sizeof *w->rows, compare_rows);
    return w->io->put_states(w->io->context, w->day->day, w->rows, w->row_count, error);
}

/* Movers being followed that have a stored row on this day, which is not stale: they have fixes there. */
static size_t list_followed(const worker *w, seine_str *only) {
    size_t count = 0;
    for (size_t i = 0; i < w->window.stored_count; i++) {
        const seine_bucket_mover *m = seine_state_window_owner(&w->window, i);
        if (m->running) only[count++] = m->name;
    }
    return count;
}

/* Reads the day's fixes, all or those of @p only, feeds them, and takes care of what is no more. */
static seine_status feed_day(worker *w, const seine_str *only, size_t only_count, seine_error *error) {
    const seine_bucket_io *io = w->io;
    const int32_t day = w->day->day;
    seine_status status = SEINE_OK;
    w->has_last = false;
    if (w->day->has_silver)
        status = io->fixes(io->context, day, only, w->has_columns ? 0 : only_count, take_fixes, w, error);
    if (status == SEINE_OK) status = feed_batch(w, error);
    if (status == SEINE_OK && w->has_columns) status = io->end_rows(io->context, day, error);
    if (status == SEINE_OK) status = drop_vanished(w, error);
    return status;
}

static seine_status run_day(worker *w, seine_error *error) {
    const seine_bucket_day *day = w->day;
    seine_status status = seine_state_window_move(&w->window, day->day, day->has_states, error);
    seine_str *only = malloc((w->window.stored_count + 1) * sizeof *only);
    size_t only_count = 0;
    if (status == SEINE_OK && only == NULL) status = no_memory(error);
    if (status == SEINE_OK && !day->is_stale) only_count = list_followed(w, only);
    if (status == SEINE_OK && (day->is_stale || only_count > 0)) status = feed_day(w, only, only_count, error);
    if (status == SEINE_OK) status = write_rows(w, error);
    free(only);
    return status;
}

static seine_status run_days(worker *w, seine_error *error) {
    for (size_t i = 0; i < w->task->day_count; i++) {
        w->day = &w->task->days[i];
        if (seine_progress_stopped(w->task->progress))
            return seine_fail(error, SEINE_E_INTERRUPTED, "stopped; nothing was changed");
        if (!w->day->is_stale && !seine_state_window_follows(&w->window, w->day->day)) continue;
        SEINE_TRY(run_day(w, error));
        if (w->day->is_stale && w->task->stale_day_done != NULL) w->task->stale_day_done(w->task->context);
        w->row_count = 0;
        w->is_dirty = false;
    }
    return SEINE_OK;
}

/* ---- after the last day ---- */

static seine_status write_heads(worker *w, seine_error *error) {
    bool is_dirty = false;
    for (size_t i = 0; i < w->window.mover_count; i++) {
        if (w->window.movers[i].ran) w->result->movers_fed++;
        if (seine_state_window_renew_head(&w->window.movers[i])) is_dirty = true;
    }
    if (!is_dirty) return SEINE_OK;
    for (size_t i = 0; i < w->window.mover_count; i++) {
        const seine_status status =
            w->window.movers[i].has_head ? put_row(w, w->window.movers[i].head, error) : SEINE_OK;
        if (status != SEINE_OK) return status;
    }
    if (w->row_count > 0) qsort(w->rows, w->row_count, sizeof *w->rows, compare_rows);
    return w->io->put_head(w->io->context, w->rows, w->row_count, error);
}

static seine_status put_all_open(worker *w, seine_error *error) {
    seine_status status = SEINE_OK;
    if (w->task->watermark_us == INT64_MIN || w->job->step->advance == NULL) return status;
    for (size_t i = 0; i < w->window.mover_count && status == SEINE_OK; i++) {
        const seine_bucket_mover *m = &w->window.movers[i];
        if (!m->has_head) continue;
        status = seine_step_frame_load(&w->frame, &m->head.state, error);
        if (status == SEINE_OK) status = seine_step_frame_put_open(&w->frame, m->name, w->task->watermark_us, error);
    }
    return status;
}

seine_status seine_bucket_run(const seine_bucket_task *task, const seine_bucket_io *io, seine_bucket_result *result,
                              seine_error *error) {
    const seine_detector_job *job = task->run->job;
    seine_status status = seine_step_frame_check(job, error);
    if (status != SEINE_OK) return status;
    worker w = {
        .task = task,
        .io = io,
        .result = result,
        .job = job,
        .has_columns = job->columns != NULL,
        .batch_rows = task->batch_rows > 0 ? task->batch_rows : DEFAULT_BATCH_ROWS,
        .window = {.io = io, .first_day = task->day_count > 0 ? task->days[0].day : 0, .names_arena = &result->arena},
        .frame = {.run = task->run, .batch = &w.batch, .result = result}};
    seine_buf_init(&w.frame.step_bytes, SEINE_STATE_BYTES_MAX);
    seine_buf_init(&w.frame.packed, SEINE_STATE_BYTES_MAX);
    status = seine_state_window_open(&w.window, error);
    if (status == SEINE_OK) status = run_days(&w, error);
    if (status == SEINE_OK) status = write_heads(&w, error);
    if (status == SEINE_OK) status = put_all_open(&w, error);
    if (status == SEINE_OK) seine_found_events_sort(result);
    seine_state_window_free(&w.window);
    seine_step_frame_free(&w.frame);
    seine_track_batch_free(&w.batch);
    free(w.rows);
    return status;
}
