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
#include "refresh/look_ahead.h"
#include "refresh/ship_states.h"
#include "refresh/state_pack.h"
#include "refresh/state_window.h"
#include "refresh/step_frame.h"

#include <stdlib.h>

#define DEFAULT_BATCH_ROWS ((size_t)131072)
#define ROWS_MAX ((size_t)1 << 30)
#define TRIED_SHARE 2               /* a trial feeds at most this part of a day's movers: one in two */
#define ASKED_FIXES ((size_t)16384) /* when these show that it would feed more, no others are asked */

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
    seine_buf ships; /* states of the mover's ships after a day */
    seine_look_ahead ahead;
    /* The day at work. */
    const seine_bucket_day *day;
    bool has_next;          /* and silver has fixes of the day behind it */
    bool is_trial, is_same; /* and the table has the rows that it made, now */
    bool is_split;          /* the trial's rows were more than one batch */
    /* Of a day without a changed fix: who is fed nevertheless. */
    uint32_t *chosen;
    size_t chosen_count, chosen_capacity;
    size_t asked_fixes, chosen_fixes; /* whether they are told something else, and those that are */
    seine_state_row *rows;            /* its rows, or the heads */
    size_t row_count, row_capacity;
    bool is_dirty;
    bool has_last;
    uint32_t last; /* mover of the silver rows so far */
} worker;

static seine_status put_row(worker *w, seine_state_row row, seine_error *error) {
    if (SEINE_ARRAY_ROOM(w->rows, w->row_count, w->row_capacity, 1, ROWS_MAX) != SEINE_OK)
        return seine_no_memory(error, "computing states");
    w->rows[w->row_count++] = row;
    return SEINE_OK;
}

/* ---- feeding ---- */

static seine_status touch(worker *w, int32_t day, const seine_bucket_mover *m, seine_error *error) {
    if (w->task->is_recomputed || w->job->events == NULL) return SEINE_OK;
    return seine_found_events_touch(w->result, (seine_touched){day, m->name, m->causes}, error);
}

/* Whoever is followed is for what it was fed for first, too. */
static void note_causes(seine_bucket_mover *m, unsigned causes) {
    m->causes = m->running ? m->causes | causes : causes;
}

/* Feeds the rows of one state; @p before = NULL: from the first one. frame.packed is the state behind them. */
static seine_status feed_rows(worker *w, const seine_str *before, const seine_track_group *rows, seine_error *error) {
    SEINE_TRY(seine_step_frame_load(&w->frame, before, error));
    if (w->has_columns) w->frame.amended = (seine_amended_rows){&w->batch, rows, w->frame.columns};
    SEINE_TRY(seine_step_frame_feed(&w->frame, w->window.movers[rows->mover].name, rows, w->day->day, error));
    return seine_step_frame_pack(&w->frame, error);
}

static seine_status keep_ship(worker *w, seine_ship_state one, seine_error *error) {
    if (seine_ship_states_put(&w->ships, one) == SEINE_OK) return SEINE_OK;
    return seine_no_memory(error, "computing states");
}

/* Keeps the states of ships before @p ship as they are; *old is the first one left. */
static seine_status keep_before(worker *w, uint32_t ship, seine_str *states, seine_ship_state *old,
                                seine_error *error) {
    while (old->ship != 0 && old->ship < ship) {
        SEINE_TRY(keep_ship(w, *old, error));
        SEINE_TRY(seine_ship_states_next(states, old, error));
    }
    return SEINE_OK;
}

/* Feeds the rows of each ship; the others stay as they are. w->ships are the states behind them. */
static seine_status feed_ships(worker *w, seine_str before, const seine_track_group *group, seine_error *error) {
    const uint32_t *ships = w->batch.ship;
    seine_ship_state old = {0};
    seine_buf_clear(&w->ships);
    SEINE_TRY(seine_ship_states_next(&before, &old, error));
    for (seine_track_group rows = *group; rows.begin < group->end; rows.begin = rows.end) {
        const uint32_t ship = ships[rows.begin];
        for (rows.end = rows.begin + 1; rows.end < group->end && ships[rows.end] == ship; rows.end++) {}
        SEINE_TRY(keep_before(w, ship, &before, &old, error));
        const bool is_known = old.ship == ship;
        SEINE_TRY(feed_rows(w, is_known ? &old.packed : NULL, &rows, error));
        SEINE_TRY(keep_ship(w, (seine_ship_state){ship, seine_buf_str(&w->frame.packed)}, error));
        if (is_known) SEINE_TRY(seine_ship_states_next(&before, &old, error));
    }
    return keep_before(w, UINT32_MAX, &before, &old, error);
}

/* Which of the mover's fixes of the day rows of the day before are made with. */
static seine_looked looked_of(const worker *w, const seine_bucket_mover *m, const seine_state_row *stored) {
    if (m->looked_day == w->day->day) return m->looked;
    return stored != NULL ? stored->looked : (seine_looked){0};
}

/* What a group's row of the day is made from beside the state before it. */
typedef struct made_from {
    seine_hash128 fixes, references;
} made_from;

static seine_status feed_group(worker *w, const seine_track_group *group, const made_from *from, seine_error *error) {
    seine_bucket_mover *m = &w->window.movers[group->mover];
    const seine_str before = m->run.exists ? seine_buf_str(&m->run.state) : (seine_str){NULL, 0};
    if (w->job->ship != NULL)
        SEINE_TRY(feed_ships(w, before, group, error));
    else
        SEINE_TRY(feed_rows(w, m->run.exists ? &before : NULL, group, error));
    SEINE_TRY(touch(w, w->day->day, m, error));
    const seine_state_row *stored = seine_state_window_stored(&w->window, m);
    const seine_str after = seine_buf_str(w->job->ship != NULL ? &w->ships : &w->frame.packed);
    m->ran = true;
    m->running = stored == NULL || !seine_str_equal(stored->state, after);
    w->result->fixes_fed += group->end - group->begin;
    const char *copy = seine_arena_copy(&w->window.day_arena, after.data, after.size);
    if (copy == NULL) return seine_no_memory(error, "computing states");
    const seine_state_row row = {m->name,         w->day->day, from->fixes, {copy, after.size}, looked_of(w, m, stored),
                                 from->references};
    if (stored == NULL || !seine_state_row_equal(stored, &row)) w->is_dirty = true;
    SEINE_TRY(seine_state_window_keep(m, &row, error));
    return put_row(w, row, error);
}

/* Whether movers may stop before the day behind: it is not fed anyway, and no events of it were to be found again. */
static bool is_next_kept(const worker *w) {
    return w->job->events == NULL && !w->day[1].is_stale && !w->day[1].is_amended && !w->day[1].is_retold;
}

/* Rows of the whole batch, when the job makes any. */
static seine_status put_rows(worker *w, seine_error *error) {
    if (!w->has_columns || w->batch.count == 0) return SEINE_OK;
    if (w->job->amending != NULL && w->has_next)
        SEINE_TRY(
            seine_look_ahead_run(&w->ahead, w->day->day + 1, is_next_kept(w), &w->batch, w->frame.columns, error));
    const seine_fed_rows fed = {&w->batch, w->window.names.entries, w->frame.columns};
    const seine_bucket_io *io = w->io;
    return (w->is_trial ? io->try_rows : io->put_rows)(io->context, w->day->day, &fed, error);
}

static bool is_chosen(const worker *w, const seine_bucket_mover *m) { return m->chosen_day == w->day->day; }

/* Rows of a day are made of all of its movers, but in a trial. */
static bool is_whole(const worker *w) { return w->has_columns && !w->is_trial; }

/* What reference tables tell a mover by its id, or a code below 0. */
static int32_t told_by_id(const worker *w, seine_str mover) {
    const seine_job_run *run = w->task->run;
    return run->references->told(run->config, mover, w->day->day);
}

static seine_hash128 hash_told(int32_t code) {
    return code < 0 ? (seine_hash128){0, 0} : seine_hash128_of(&code, sizeof code);
}

/* What reference tables may tell the fixes of a group; by id they are told, once for all. */
static seine_hash128 take_references(const worker *w, const seine_track_group *group) {
    const seine_job_run *run = w->task->run;
    if (run->references == NULL) return (seine_hash128){0, 0};
    if (run->references->seen != NULL) {
        const seine_track track = seine_track_batch_track(&w->batch, w->job, group);
        return run->references->seen(run->config, &track);
    }
    const int32_t code = told_by_id(w, w->window.movers[group->mover].name);
    int32_t *codes = w->batch.inputs[run->references->input].values;
    for (size_t row = group->begin; code >= 0 && row < group->end; row++) codes[row] = code;
    return hash_told(code);
}

/* @return whether the group is to be fed. */
static bool compare_group(worker *w, const seine_track_group *group, made_from *from) {
    seine_bucket_mover *m = &w->window.movers[group->mover];
    const seine_state_row *stored = seine_state_window_stored(&w->window, m);
    /* On days that are only followed through nothing changed, and every mover taken has a row. */
    from->fixes = w->day->is_stale ? seine_track_batch_hash(&w->batch, group) : stored->fixes;
    from->references = take_references(w, group);
    const bool has_fixes = stored != NULL && seine_hash128_equal(stored->fixes, from->fixes);
    const bool has_references = stored == NULL || seine_hash128_equal(stored->references, from->references);
    if (!has_fixes || !has_references || is_whole(w) || m->running || is_chosen(w, m)) {
        note_causes(m, (has_fixes ? 0 : SEINE_CAUSE_FIXES) | (has_references ? 0 : SEINE_CAUSE_REFERENCES));
        return true;
    }
    return false;
}

static seine_status feed_batch(worker *w, seine_error *error) {
    const size_t count = w->batch.group_count;
    made_from *from SEINE_OWNED(seine_free_owned) = malloc((count + 1) * sizeof *from);
    bool *needed SEINE_OWNED(seine_free_owned) = malloc((count + 1) * sizeof *needed);
    if (from == NULL || needed == NULL) return seine_no_memory(error, "computing states");
    SEINE_TRY(seine_step_frame_reserve(&w->frame, error));
    if (w->job->ship != NULL && seine_track_batch_order(&w->batch) != SEINE_OK)
        return seine_no_memory(error, "computing states");
    for (size_t i = 0; i < count; i++) {
        const seine_track_group *group = &w->batch.groups[i];
        needed[i] = compare_group(w, group, &from[i]);
        if (needed[i]) SEINE_TRY(seine_state_window_want(&w->window, group->mover, error));
    }
    SEINE_TRY(seine_state_window_resolve(&w->window, error));
    for (size_t i = 0; i < count; i++)
        if (needed[i]) SEINE_TRY(feed_group(w, &w->batch.groups[i], &from[i], error));
    return put_rows(w, error);
}

/* ---- reading a day ---- */

static seine_status begin_mover(worker *w, seine_str name, seine_error *error) {
    if (w->has_last && seine_str_compare(w->window.movers[w->last].name, name) > 0)
        return seine_fail(error, SEINE_E_FORMAT, "%s is not sorted: %.*s stands behind %.*s", w->job->silver,
                          SEINE_STR_ARG(name), SEINE_STR_ARG(w->window.movers[w->last].name));
    if (w->batch.count >= w->batch_rows) {
        SEINE_TRY(feed_batch(w, error));
        seine_track_batch_clear(&w->batch);
        w->is_split = true;
    }
    SEINE_TRY(seine_state_window_mover(&w->window, name, &w->last, error));
    w->has_last = true;
    w->window.movers[w->last].seen_day = w->day->day;
    return SEINE_OK;
}

static seine_status take_fixes(void *context, const seine_rows *rows, seine_error *error) {
    worker *w = context;
    const seine_str *names = rows->columns[SEINE_FIX_MOVER].values;
    w->result->fixes_read += rows->count;
    for (size_t first = 0, last; first < rows->count; first = last) {
        bool is_none = false;
        last = first + 1;
        while (last < rows->count && seine_str_equal(names[last], names[first])) last++;
        if (w->job->ship != NULL) last = seine_fix_ships_end(rows, first, last, &is_none);
        if (is_none) continue;
        if (!w->has_last || !seine_str_equal(w->window.movers[w->last].name, names[first]))
            SEINE_TRY(begin_mover(w, names[first], error));
        const seine_bucket_mover *m = &w->window.movers[w->last];
        const bool is_taken = w->day->is_stale || is_whole(w) || is_chosen(w, m);
        if (is_taken && seine_track_batch_add(&w->batch, w->job, w->last, rows, first, last) != SEINE_OK)
            return seine_no_memory(error, "computing states");
    }
    return SEINE_OK;
}

/* Movers whose last fix of the day was taken away: no row, no events, and the days after are followed. */
static seine_status drop_vanished(worker *w, seine_error *error) {
    const size_t count = w->window.stored_count;
    bool *gone SEINE_OWNED(seine_free_owned) = calloc(count + 1, sizeof *gone);
    if (gone == NULL) return seine_no_memory(error, "computing states");
    for (size_t i = 0; i < count; i++) {
        const uint32_t code = seine_dict_find(&w->window.names, w->window.stored[i].mover);
        const seine_bucket_mover *m = &w->window.movers[code];
        gone[i] = m->seen_day != w->day->day && (w->day->is_stale || m->running);
        if (gone[i]) SEINE_TRY(seine_state_window_want(&w->window, code, error));
    }
    SEINE_TRY(seine_state_window_resolve(&w->window, error));
    for (size_t i = 0; i < count; i++) {
        if (!gone[i]) continue;
        seine_bucket_mover *m = seine_state_window_owner(&w->window, i);
        note_causes(m, SEINE_CAUSE_FIXES);
        m->ran = m->running = true;
        w->is_dirty = true;
        m->stored_day = INT32_MIN; /* its row is not kept */
        m->looked_day = w->day->day + 1;
        m->looked = (seine_looked){0};
        SEINE_TRY(touch(w, w->day->day, m, error));
    }
    return SEINE_OK;
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

/* ---- a day without a changed fix ---- */

static seine_status choose(worker *w, seine_bucket_mover *m, seine_error *error) {
    if (m->stored_day != w->day->day || is_chosen(w, m)) return SEINE_OK; /* it has no fixes there, or is known */
    if (SEINE_ARRAY_ROOM(w->chosen, w->chosen_count, w->chosen_capacity, 1, ROWS_MAX) != SEINE_OK)
        return seine_no_memory(error, "computing states");
    m->chosen_day = w->day->day;
    w->chosen[w->chosen_count++] = (uint32_t)(m - w->window.movers);
    return SEINE_OK;
}

typedef struct choosing {
    worker *w;
    seine_status status;
    seine_error *error;
} choosing;

static void choose_changed(void *context, seine_str mover) {
    choosing *c = context;
    const uint32_t code = seine_dict_find(&c->w->window.names, mover);
    if (c->status == SEINE_OK && code != SEINE_CODE_NULL)
        c->status = choose(c->w, &c->w->window.movers[code], c->error);
}

/* Of a batch of the day's fixes: movers to whom reference tables tell something else than they did. */
static seine_status choose_of_batch(worker *w, seine_error *error) {
    for (size_t i = 0; i < w->batch.group_count; i++) {
        const seine_track_group *group = &w->batch.groups[i];
        seine_bucket_mover *m = &w->window.movers[group->mover];
        const seine_state_row *stored = seine_state_window_stored(&w->window, m);
        w->asked_fixes += group->end - group->begin;
        if (stored == NULL || seine_hash128_equal(stored->references, take_references(w, group))) continue;
        w->chosen_fixes += group->end - group->begin;
        SEINE_TRY(choose(w, m, error));
    }
    seine_track_batch_clear(&w->batch);
    return SEINE_OK;
}

/* Then the day is made as a whole, by a job with columns; of another all are asked. */
static bool has_too_many_chosen(const worker *w) {
    return w->has_columns && (w->chosen_fixes > w->batch_rows ||
                              (w->asked_fixes >= ASKED_FIXES && w->chosen_fixes > w->asked_fixes / TRIED_SHARE));
}

static seine_status take_retold(void *context, const seine_rows *rows, seine_error *error) {
    worker *w = context;
    const seine_str *names = rows->columns[SEINE_FIX_MOVER].values;
    uint32_t code = SEINE_CODE_NULL;
    for (size_t first = 0, last; first < rows->count; first = last) {
        for (last = first + 1; last < rows->count && seine_str_equal(names[last], names[first]);) last++;
        code = seine_dict_find(&w->window.names, names[first]);
        if (code == SEINE_CODE_NULL) continue; /* it has no stored row */
        const size_t groups = w->batch.group_count;
        const bool is_next = groups > 0 && w->batch.groups[groups - 1].mover != code;
        if (is_next && w->batch.count >= ASKED_FIXES) SEINE_TRY(choose_of_batch(w, error));
        if (has_too_many_chosen(w)) return SEINE_E_FULL; /* no more is asked */
        if (seine_track_batch_add(&w->batch, w->job, code, rows, first, last) != SEINE_OK)
            return seine_no_memory(error, "computing states");
    }
    return SEINE_OK;
}

/* By id the fixes need not be read. */
static seine_status choose_retold(worker *w, seine_error *error) {
    if (w->task->run->references->seen != NULL) {
        const seine_status read = w->io->fixes(w->io->context, w->day->day, NULL, 0, take_retold, w, error);
        return read == SEINE_OK || read == SEINE_E_FULL ? choose_of_batch(w, error) : read;
    }
    for (size_t i = 0; i < w->window.stored_count; i++) {
        const seine_state_row *stored = &w->window.stored[i];
        if (!seine_hash128_equal(stored->references, hash_told(told_by_id(w, stored->mover))))
            SEINE_TRY(choose(w, seine_state_window_owner(&w->window, i), error));
    }
    return SEINE_OK;
}

/* Movers that are followed, those to whom something else is told, and those whose rows of the day could become others
 * by fixes of the next day. */
static seine_status choose_movers(worker *w, seine_error *error) {
    choosing c = {w, SEINE_OK, error};
    for (size_t i = 0; i < w->window.stored_count; i++) {
        seine_bucket_mover *m = seine_state_window_owner(&w->window, i);
        if (m->running) SEINE_TRY(choose(w, m, error));
    }
    if (w->day->is_retold && w->day->has_silver) SEINE_TRY(choose_retold(w, error));
    if (!w->day->is_amended) return SEINE_OK;
    SEINE_TRY(seine_look_ahead_changed(&w->ahead, w->day->day + 1, w->has_next, choose_changed, &c, error));
    return c.status;
}

/* The day's rows are those of the trial, and of all others those that are there. */
static seine_status put_among(worker *w, seine_error *error) {
    const seine_fed_rows fed = {&w->batch, w->window.names.entries, w->frame.columns};
    w->is_same = true;
    return w->io->put_among(w->io->context, w->day->day, &fed, error);
}

/* Reads the day's fixes, all or those of the chosen, feeds them, and takes care of what is no more. */
static seine_status feed_day(worker *w, seine_error *error) {
    const seine_bucket_io *io = w->io;
    const int32_t day = w->day->day;
    seine_str *only SEINE_OWNED(seine_free_owned) = malloc((w->chosen_count + 1) * sizeof *only);
    if (only == NULL) return seine_no_memory(error, "computing states");
    for (size_t i = 0; i < w->chosen_count; i++) only[i] = w->window.movers[w->chosen[i]].name;
    qsort(only, w->chosen_count, sizeof *only, seine_str_order);
    w->has_last = w->is_split = false;
    if (w->day->has_silver)
        SEINE_TRY(io->fixes(io->context, day, only, is_whole(w) ? 0 : w->chosen_count, take_fixes, w, error));
    SEINE_TRY(feed_batch(w, error));
    if (w->is_trial) {
        SEINE_TRY(io->end_trial(io->context, day, only, w->chosen_count, &w->is_same, error));
        if (!w->is_same && !w->is_split) SEINE_TRY(put_among(w, error));
    }
    seine_track_batch_clear(&w->batch);
    if (w->is_trial) return SEINE_OK;
    if (w->has_columns) SEINE_TRY(io->end_rows(io->context, day, error));
    return drop_vanished(w, error);
}

/* What a trial changes of a mover. */
typedef struct before_trial {
    seine_state_row run;
    bool has_run, ran, running;
    int32_t looked_day; /* of the trial: that of the day behind */
    seine_looked looked;
} before_trial;

static seine_status remember(worker *w, before_trial *before, seine_error *error) {
    for (size_t i = 0; i < w->chosen_count; i++) {
        const seine_bucket_mover *m = &w->window.movers[w->chosen[i]];
        const char *copy = seine_arena_copy(&w->window.day_arena, m->run.state.data, m->run.state.size);
        if (copy == NULL) return seine_no_memory(error, "computing states");
        before[i] = (before_trial){
            .run = {m->name, m->run.day, m->run.fixes, {copy, m->run.state.size}, m->run.looked, m->run.references},
            .has_run = m->run.exists,
            .ran = m->ran,
            .running = m->running,
            .looked_day = m->looked_day,
            .looked = m->looked};
    }
    return SEINE_OK;
}

static seine_status take_back(worker *w, const before_trial *before, seine_error *error) {
    for (size_t i = 0; i < w->chosen_count; i++) {
        seine_bucket_mover *m = &w->window.movers[w->chosen[i]];
        SEINE_TRY(seine_state_window_keep(m, &before[i].run, error));
        m->run.exists = before[i].has_run;
        m->ran = before[i].ran;
        m->running = before[i].running;
        m->looked_day = before[i].looked_day;
        m->looked = before[i].looked;
    }
    w->row_count = 0;
    w->is_dirty = false;
    return SEINE_OK;
}

/* Feeds the chosen, if there are any. w->is_same: their rows are in the table, and all is done; else nothing is. */
static seine_status try_day(worker *w, seine_error *error) {
    before_trial *before SEINE_OWNED(seine_free_owned) = malloc((w->chosen_count + 1) * sizeof *before);
    if (before == NULL) return seine_no_memory(error, "computing states");
    if (w->chosen_count == 0) return w->io->end_trial(w->io->context, w->day->day, NULL, 0, &w->is_same, error);
    SEINE_TRY(remember(w, before, error));
    w->is_trial = true;
    SEINE_TRY(feed_day(w, error));
    w->is_trial = false;
    return w->is_same ? SEINE_OK : take_back(w, before, error);
}

/* Of many a trial costs as much as the day. How many fixes are told something else is known. */
static bool should_try(const worker *w) {
    if (!w->has_columns || w->job->events != NULL) return false;
    if (w->day->is_retold) return !has_too_many_chosen(w) && w->chosen_count < w->window.stored_count;
    return w->chosen_count <= w->window.stored_count / TRIED_SHARE;
}

static seine_status run_day(worker *w, seine_error *error) {
    const seine_bucket_day *day = w->day;
    SEINE_TRY(seine_state_window_move(&w->window, day->day, day->has_states, error));
    w->chosen_count = w->chosen_fixes = w->asked_fixes = 0;
    w->is_same = false;
    if (!day->is_stale) {
        SEINE_TRY(choose_movers(w, error));
        if (w->chosen_count == 0 && !day->is_amended && !(day->is_retold && w->has_columns)) return SEINE_OK;
        if (should_try(w)) SEINE_TRY(try_day(w, error));
    }
    if (!w->is_same) SEINE_TRY(feed_day(w, error));
    return write_rows(w, error);
}

static seine_status run_days(worker *w, seine_error *error) {
    for (size_t i = 0; i < w->task->day_count; i++) {
        w->day = &w->task->days[i];
        w->has_next = i + 1 < w->task->day_count && w->day[1].day == w->day->day + 1 && w->day[1].has_silver;
        if (seine_progress_stopped(w->task->progress))
            return seine_fail(error, SEINE_E_INTERRUPTED, "stopped; nothing was changed");
        const bool is_due = w->day->is_stale || w->day->is_amended || w->day->is_retold;
        if (!is_due && !seine_state_window_follows(&w->window, w->day->day)) continue;
        SEINE_TRY(run_day(w, error));
        if (is_due && w->task->stale_day_done != NULL) w->task->stale_day_done(w->task->context);
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
    for (size_t i = 0; i < w->window.mover_count; i++)
        if (w->window.movers[i].has_head) SEINE_TRY(put_row(w, w->window.movers[i].head, error));
    if (w->row_count > 0) qsort(w->rows, w->row_count, sizeof *w->rows, compare_rows);
    return w->io->put_head(w->io->context, w->rows, w->row_count, error);
}

/* Of the mover at work, after its open events. */
static void note_deadline(worker *w) {
    const seine_step *step = w->job->step;
    const int64_t watermark_us = w->task->watermark_us;
    const int64_t deadline_us = step->deadline != NULL
                                    ? step->deadline(w->task->run->config, &w->frame.state, watermark_us)
                                    : watermark_us + (watermark_us < INT64_MAX);
    if (deadline_us < w->result->deadline_us) w->result->deadline_us = deadline_us;
}

static seine_status put_open(worker *w, const seine_bucket_mover *m, const seine_str *state, seine_error *error) {
    SEINE_TRY(seine_step_frame_load(&w->frame, state, error));
    SEINE_TRY(seine_step_frame_put_open(&w->frame, m->name, w->task->watermark_us, error));
    note_deadline(w);
    return SEINE_OK;
}

static seine_status put_open_of_ships(worker *w, const seine_bucket_mover *m, seine_error *error) {
    seine_str states = m->head.state;
    seine_ship_state one = {0};
    SEINE_TRY(seine_ship_states_next(&states, &one, error));
    while (one.ship != 0) {
        SEINE_TRY(put_open(w, m, &one.packed, error));
        SEINE_TRY(seine_ship_states_next(&states, &one, error));
    }
    return SEINE_OK;
}

/* Why open events of those that ran may be others; of all others time has passed. */
static seine_status touch_open(worker *w, seine_error *error) {
    for (size_t i = 0; i < w->window.mover_count; i++)
        if (w->window.movers[i].ran) SEINE_TRY(touch(w, SEINE_TOUCHED_OPEN, &w->window.movers[i], error));
    return SEINE_OK;
}

static seine_status put_all_open(worker *w, seine_error *error) {
    w->result->deadline_us = INT64_MAX;
    if (w->task->watermark_us == INT64_MIN || !seine_job_has_open(w->job)) return SEINE_OK;
    for (size_t i = 0; i < w->window.mover_count; i++) {
        const seine_bucket_mover *m = &w->window.movers[i];
        if (!m->has_head) continue;
        if (w->job->ship != NULL)
            SEINE_TRY(put_open_of_ships(w, m, error));
        else
            SEINE_TRY(put_open(w, m, &m->head.state, error));
    }
    return SEINE_OK;
}

static void worker_end(worker *w) {
    seine_look_ahead_free(&w->ahead);
    seine_state_window_free(&w->window);
    seine_step_frame_free(&w->frame);
    seine_track_batch_free(&w->batch);
    seine_buf_free(&w->ships);
    free(w->rows);
    free(w->chosen);
}

seine_status seine_bucket_run(const seine_bucket_task *task, const seine_bucket_io *io, seine_bucket_result *result,
                              seine_error *error) {
    const seine_detector_job *job = task->run->job;
    SEINE_TRY(seine_step_frame_check(job, error));
    if (task->run->references != NULL && job->amending != NULL)
        return seine_fail(error, SEINE_E_INTERNAL, "%s: what its rows are amended by cannot be told of references",
                          job->name);
    worker w SEINE_OWNED(worker_end) = {
        .task = task,
        .io = io,
        .result = result,
        .job = job,
        .has_columns = job->columns != NULL,
        .batch_rows = task->batch_rows > 0 ? task->batch_rows : DEFAULT_BATCH_ROWS,
        .window = {.io = io, .first_day = task->day_count > 0 ? task->days[0].day : 0, .names_arena = &result->arena},
        .frame = {.run = task->run, .batch = &w.batch, .result = result},
        .ahead = {.run = task->run, .io = io, .window = &w.window}};
    w.ahead.batch_rows = w.batch_rows;
    seine_look_ahead_init(&w.ahead);
    seine_buf_init(&w.frame.step_bytes, SEINE_STATE_BYTES_MAX);
    seine_buf_init(&w.frame.packed, SEINE_STATE_BYTES_MAX);
    seine_buf_init(&w.ships, SEINE_STATE_BYTES_MAX);
    SEINE_TRY(seine_state_window_open(&w.window, error));
    SEINE_TRY(run_days(&w, error));
    SEINE_TRY(write_heads(&w, error));
    SEINE_TRY(put_all_open(&w, error));
    SEINE_TRY(touch_open(&w, error));
    seine_found_events_sort(result);
    return SEINE_OK;
}
